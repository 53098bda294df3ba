/* Time filters: which versions of a series need not be read.
 *
 * A version is left out when its event-time bounds show that no row of it can
 * pass the statement's own filter, and when leaving it out cannot be seen in
 * any other way:
 *  - the filter is that of the SELECT which the series feeds, alone or in
 *    plain joins, and the comparison is one of its AND-ed parts;
 *  - all versions have the same columns and types, so that the union of some
 *    has those of the union of all (the node's attributes say so);
 *  - a literal is read as a time by the rules below, or does not count.
 * DuckDB may read a literal a little otherwise than we do: it cuts it to the
 * column's type, DATE for instance.  A literal with a time of day therefore
 * counts as one day wider. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "query/query_internal.h"

#define DAY_US ((int64_t)86400 * 1000000)
#define DATE_BYTES 10 /* 2026-01-31 */

/* Rows outside of these do not pass. */
typedef struct bounds {
    int64_t low_us;
    int64_t high_us;
    bool any;
} bounds;

static const char *text_of(const json_t *node, const char *name)
{
    const char *text = tarn__json_text(node, name);
    return text == NULL ? "" : text;
}

static bool is_time_column(
    const json_t *expr, const tarn__ref *ref, const char *time_column)
{
    const json_t *names = json_object_get(expr, "column_names");
    size_t count = json_array_size(names);
    if (strcmp(text_of(expr, "class"), "COLUMN_REF") != 0 || count == 0 ||
        count > 2 || (count == 1 && ref->joined))
        return false;
    const char *last = json_string_value(json_array_get(names, count - 1));
    const char *first = json_string_value(json_array_get(names, 0));
    return tarn__eq_nocase(last, time_column) &&
        (count == 1 || tarn__eq_nocase(first, ref->called));
}

/* The literal's time and how far off DuckDB's reading may be. */
static bool literal_time(const json_t *expr, int64_t *us, int64_t *slack_us)
{
    static const char *const types[] = {
        "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", NULL};
    const char *text = tarn__constant_text(expr);
    if (strcmp(text_of(expr, "class"), "CAST") == 0) {
        const json_t *type = json_object_get(expr, "cast_type");
        bool known = false;
        for (const char *const *t = types; *t != NULL; t++)
            known = known || strcmp(text_of(type, "id"), *t) == 0;
        if (!known || json_is_true(json_object_get(expr, "try_cast")))
            return false;
    }
    if (text == NULL || !tarn__time_parse(text, us))
        return false;
    *slack_us = strlen(text) == DATE_BYTES ? 0 : DAY_US;
    return *us > INT64_MIN / 2 && *us < INT64_MAX / 2;
}

static void at_least(bounds *b, int64_t us)
{
    b->any = true;
    if (us > b->low_us)
        b->low_us = us;
}

static void at_most(bounds *b, int64_t us)
{
    b->any = true;
    if (us < b->high_us)
        b->high_us = us;
}

static void comparison(const json_t *expr, const tarn__ref *ref,
    const char *time_column, bounds *b)
{
    const char *type = text_of(expr, "type");
    const json_t *left = json_object_get(expr, "left");
    const json_t *right = json_object_get(expr, "right");
    bool column_left = is_time_column(left, ref, time_column);
    int64_t us;
    int64_t slack;
    if (!column_left && !is_time_column(right, ref, time_column))
        return;
    if (!literal_time(column_left ? right : left, &us, &slack))
        return;
    bool equal = strcmp(type, "COMPARE_EQUAL") == 0;
    bool greater = strcmp(type, "COMPARE_GREATERTHAN") == 0 ||
        strcmp(type, "COMPARE_GREATERTHANOREQUALTO") == 0;
    bool less = strcmp(type, "COMPARE_LESSTHAN") == 0 ||
        strcmp(type, "COMPARE_LESSTHANOREQUALTO") == 0;
    if (equal || (column_left ? greater : less))
        at_least(b, us - slack);
    if (equal || (column_left ? less : greater))
        at_most(b, us + slack);
}

static void collect(const json_t *expr, const tarn__ref *ref,
    const char *time_column, bounds *b)
{
    const char *cls = text_of(expr, "class");
    int64_t us;
    int64_t slack;
    if (strcmp(text_of(expr, "type"), "CONJUNCTION_AND") == 0) {
        size_t i;
        const json_t *child;
        json_array_foreach(json_object_get(expr, "children"), i, child)
        {
            collect(child, ref, time_column, b);
        }
    } else if (strcmp(cls, "COMPARISON") == 0) {
        comparison(expr, ref, time_column, b);
    } else if (strcmp(text_of(expr, "type"), "COMPARE_BETWEEN") == 0 &&
        is_time_column(json_object_get(expr, "input"), ref, time_column)) {
        if (literal_time(json_object_get(expr, "lower"), &us, &slack))
            at_least(b, us - slack);
        if (literal_time(json_object_get(expr, "upper"), &us, &slack))
            at_most(b, us + slack);
    }
}

static bool outside(const tarn__item *item, const bounds *b)
{
    return item->has_bounds &&
        (item->max_time_us < b->low_us || item->min_time_us > b->high_us);
}

static tarn_status tell(tarn__session *s, tarn__ref *ref,
    const char *time_column, size_t kept, size_t count, tarn_error *err)
{
    const char *fmt = "%s: %zu of %zu versions";
    int len = snprintf(NULL, 0, fmt, time_column, kept, count);
    char *text = tarn__arena_alloc(&s->arena, (size_t)len + 1);
    if (text == NULL)
        return tarn__no_memory(err);
    snprintf(text, (size_t)len + 1, fmt, time_column, kept, count);
    ref->pushed = text;
    return TARN_OK;
}

bool tarn__series_uniform(const json_t *attrs)
{
    return tarn__json_text(attrs, "schema") != NULL &&
        !json_is_true(json_object_get(attrs, "mixed"));
}

tarn_status tarn__prune(tarn__session *s, tarn__ref *ref, const json_t *attrs,
    tarn__content *content, tarn_error *err)
{
    const char *time_column = tarn__json_text(attrs, "time_column");
    bounds b = {INT64_MIN, INT64_MAX, false};
    if (ref == NULL || ref->where == NULL || time_column == NULL ||
        !tarn__series_uniform(attrs))
        return TARN_OK;
    collect(ref->where, ref, time_column, &b);
    if (!b.any)
        return TARN_OK;
    size_t kept = 0;
    for (size_t i = 0; i < content->count; i++)
        if (!outside(&content->items[i], &b))
            content->items[kept++] = content->items[i];
    size_t count = content->count;
    /* One stays in any case: it has the columns. */
    content->count = kept == 0 && count > 0 ? 1 : kept;
    return tell(s, ref, time_column, kept, count, err);
}

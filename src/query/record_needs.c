/* What a statement needs of its record tables.
 *
 * Names are not resolved here: DuckDB does that.  A column counts as needed when
 * its name is mentioned anywhere in the statement, and all of a table's columns
 * do when a star, a natural join, a position or the table's own name as a value
 * could mean them. */
#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "query/record.h"

static const char *text_of(const json_t *node, const char *name)
{
    const char *text = tarn__json_text(node, name);
    return text == NULL ? "" : text;
}

static tarn_status mention(json_t *set, const char *name, tarn_error *err)
{
    char small[128];
    size_t len = name == NULL ? 0 : strlen(name);
    char *copy = len < sizeof(small) ? small : tarn__malloc(len + 1);
    if (copy == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < len; i++)
        copy[i] = (char)tolower((unsigned char)name[i]);
    copy[len] = '\0';
    int failed = json_object_set_new(set, copy, json_true());
    if (copy != small)
        tarn__free(copy);
    return failed != 0 ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status mention_all(
    json_t *set, const json_t *names, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t i;
    const json_t *name;
    json_array_foreach(names, i, name)
    {
        if (st == TARN_OK && json_is_string(name))
            st = mention(set, json_string_value(name), err);
    }
    return st;
}

/* Every column that is mentioned below a node; `alone`: those without a
 * qualifier. */
static tarn_status collect(
    json_t *set, json_t *alone, const json_t *node, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t i;
    const char *key;
    json_t *child;
    if (json_is_array(node)) {
        json_array_foreach((json_t *)node, i, child)
        {
            if (st == TARN_OK)
                st = collect(set, alone, child, err);
        }
        return st;
    }
    if (!json_is_object(node))
        return TARN_OK;
    const json_t *names = json_object_get(node, "column_names");
    st = mention_all(set, names, err);
    if (st == TARN_OK && json_array_size(names) == 1)
        st = mention_all(alone, names, err);
    if (st == TARN_OK)
        st = mention_all(set, json_object_get(node, "using_columns"), err);
    json_object_foreach((json_t *)node, key, child)
    {
        if (st == TARN_OK)
            st = collect(set, alone, child, err);
    }
    return st;
}

/* Does this part of a SELECT, its subqueries apart, mean all columns? */
static bool has_star(const json_t *node)
{
    static const char *const apart[] = {
        "subquery", "cte_map", "from_table", NULL};
    size_t i;
    const char *key;
    json_t *child;
    if (json_is_array(node)) {
        json_array_foreach((json_t *)node, i, child)
        {
            if (has_star(child))
                return true;
        }
        return false;
    }
    if (!json_is_object(node))
        return false;
    const char *cls = text_of(node, "class");
    if (strcmp(cls, "STAR") == 0 || strcmp(cls, "POSITIONAL_REFERENCE") == 0)
        return true;
    json_object_foreach((json_t *)node, key, child)
    {
        bool skip = false;
        for (const char *const *a = apart; *a != NULL; a++)
            skip = skip || strcmp(key, *a) == 0;
        if (!skip && has_star(child))
            return true;
    }
    return false;
}

static bool has_natural_join(const json_t *from)
{
    if (strcmp(text_of(from, "type"), "JOIN") != 0)
        return false;
    return strcmp(text_of(from, "ref_type"), "NATURAL") == 0 ||
        has_natural_join(json_object_get(from, "left")) ||
        has_natural_join(json_object_get(from, "right"));
}

static tarn_status is_value(
    const json_t *alone, const char *name, bool *out, tarn_error *err)
{
    json_t *one = json_object();
    tarn_status st =
        one == NULL ? tarn__no_memory(err) : mention(one, name, err);
    const char *key;
    json_t *value;
    json_object_foreach(one, key, value)
    {
        *out = *out || json_object_get(alone, key) != NULL;
    }
    json_decref(one);
    return st;
}

tarn_status tarn__needs_find(tarn__session *session, tarn__guard *guard,
    const json_t *tree, tarn_error *err)
{
    json_t *alone = json_object();
    json_decref(session->mentioned);
    session->mentioned = json_object();
    tarn_status st = alone == NULL || session->mentioned == NULL
        ? tarn__no_memory(err)
        : collect(session->mentioned, alone, tree, err);
    for (size_t i = 0; st == TARN_OK && i < guard->ref_count; i++) {
        tarn__ref *ref = &guard->refs[i];
        ref->starred = ref->select == NULL || has_star(ref->select) ||
            has_natural_join(json_object_get(ref->select, "from_table"));
        st = is_value(alone, ref->text, &ref->starred, err);
        if (st == TARN_OK && *ref->alias != '\0')
            st = is_value(alone, ref->alias, &ref->starred, err);
    }
    json_decref(alone);
    return st;
}

/* --- limits --- */

static bool count_of(const json_t *expr, int64_t *out)
{
    const json_t *value =
        json_object_get(json_object_get(expr, "value"), "value");
    *out = 0;
    if (expr == NULL || json_is_null(expr))
        return true;
    if (strcmp(text_of(expr, "class"), "CONSTANT") != 0 ||
        !json_is_integer(value))
        return false;
    *out = json_integer_value(value);
    return *out >= 0 && *out < INT64_MAX / 2;
}

static bool empty(const json_t *select, const char *name)
{
    const json_t *part = json_object_get(select, name);
    return part == NULL || json_is_null(part) ||
        (json_is_array(part) && json_array_size(part) == 0);
}

/* A filter that is not noted as the reference's (a sample is taken first) is one
 * that nothing below it knows. */
static bool hidden_filter(const tarn__ref *ref)
{
    return json_is_object(json_object_get(ref->select, "where_clause")) &&
        ref->where == NULL;
}

int64_t tarn__needs_limit(const tarn__ref *ref)
{
    const json_t *select = ref->select;
    const json_t *modifiers = json_object_get(select, "modifiers");
    const json_t *only = json_array_get(modifiers, 0);
    size_t i;
    const json_t *item;
    int64_t limit;
    int64_t offset;
    if (select == NULL || hidden_filter(ref) ||
        json_object_get(select, "from_table") != ref->node ||
        json_array_size(modifiers) != 1 ||
        strcmp(text_of(only, "type"), "LIMIT_MODIFIER") != 0 ||
        !empty(select, "group_expressions") || !empty(select, "group_sets") ||
        !empty(select, "having") || !empty(select, "qualify") ||
        !empty(select, "sample") || !empty(ref->node, "sample") ||
        json_is_null(json_object_get(only, "limit")) ||
        json_object_get(only, "limit") == NULL)
        return -1;
    json_array_foreach(json_object_get(select, "select_list"), i, item)
    {
        const char *cls = text_of(item, "class");
        if (strcmp(cls, "COLUMN_REF") != 0 && strcmp(cls, "CONSTANT") != 0 &&
            (strcmp(cls, "STAR") != 0 ||
                json_is_true(json_object_get(item, "columns")) ||
                !empty(item, "replace_list")))
            return -1;
    }
    return count_of(json_object_get(only, "limit"), &limit) &&
            count_of(json_object_get(only, "offset"), &offset)
        ? limit + offset
        : -1;
}

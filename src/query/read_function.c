/* FROM read_csv('/path', ...): DuckDB's readers over lake paths. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "query/query_internal.h"

/* The name of a named argument, or NULL. */
static const char *argument_name(const json_t *arg)
{
    const char *type = tarn__json_text(arg, "type");
    const char *alias = tarn__json_text(arg, "alias");
    const json_t *left = json_object_get(arg, "left");
    const json_t *names = json_object_get(left, "column_names");
    if (type != NULL && strcmp(type, "COMPARE_EQUAL") == 0 &&
        json_array_size(names) == 1)
        return json_string_value(json_array_get(names, 0));
    return alias != NULL && *alias != '\0' ? alias : NULL;
}

static tarn_status check_options(const tarn__read_function *function,
    const json_t *children, json_t *given, tarn_error *err)
{
    for (size_t i = 1; i < json_array_size(children); i++) {
        const char *name = argument_name(json_array_get(children, i));
        if (name == NULL)
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: one path, then named options", function->name);
        char lower[64] = "";
        size_t len = strlen(name);
        for (size_t k = 0; k < len && k < sizeof(lower) - 1; k++) {
            char c = name[k];
            lower[k] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        }
        if (len >= sizeof(lower) || !tarn__read_option_allowed(function, lower))
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: option %s is not one that a query may give",
                function->name, name);
        if (json_object_set_new(given, lower, json_true()) != 0)
            return tarn__no_memory(err);
    }
    return TARN_OK;
}

static tarn_status add_path(tarn__session *s, tarn__ref *ref,
    const json_t *constant, tarn__sources *sources, tarn_error *err)
{
    tarn__name name;
    const char *text = tarn__constant_text(constant);
    if (text == NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: its path is no plain text (give '/path', or a list of such)",
            ref->text);
    if (tarn__name_is_host(text))
        return tarn__sources_of_host(s, text, sources, err);
    tarn_status st = tarn__name_resolve(s, text, NULL, &name, err);
    if (st != TARN_OK)
        return st;
    ref->version = tarn_snapshot_version(name.snap);
    return tarn__sources_of_name(s, &name, NULL, sources, err);
}

static tarn_status add_paths(tarn__session *s, tarn__ref *ref,
    const json_t *arg, tarn__sources *sources, tarn_error *err)
{
    const char *function = tarn__json_text(arg, "function_name");
    const char *alias = tarn__json_text(arg, "alias");
    if (arg == NULL || (alias != NULL && *alias != '\0'))
        return tarn__fail(
            err, TARN_BAD_INPUT, "%s: without a path (give one)", ref->text);
    if (function == NULL || strcmp(function, "list_value") != 0)
        return add_path(s, ref, arg, sources, err);
    size_t i;
    const json_t *item;
    tarn_status st = TARN_OK;
    json_array_foreach(json_object_get(arg, "children"), i, item)
    {
        if (st == TARN_OK)
            st = add_path(s, ref, item, sources, err);
    }
    return st;
}

/* All files as one set: the function says what they hold. */
static tarn_status one_set(tarn__session *s, const tarn__sources *sources,
    tarn__source_set *out, tarn_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < sources->count; i++)
        count += sources->sets[i].count;
    *out = (tarn__source_set){.format = TARN__FORMAT_NONE};
    out->files =
        tarn__arena_alloc(&s->arena, (count + 1) * sizeof(*out->files));
    if (out->files == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < sources->count; i++) {
        const tarn__source_set *set = &sources->sets[i];
        if (set->count > 0)
            memcpy(out->files + out->count, set->files,
                set->count * sizeof(*set->files));
        out->count += set->count;
        out->unpacked = out->unpacked || set->unpacked;
    }
    return TARN_OK;
}

static tarn_status call_sql(const tarn__read_function *function,
    const tarn__source_set *set, const json_t *given, tarn_buf *sql,
    tarn_error *err)
{
    bool plain = strcmp(function->format, "parquet") != 0 &&
        (set->unpacked || json_object_get(given, "compression") == NULL);
    bool by_name = set->count > 1 &&
        strstr(function->name, "objects") == NULL &&
        json_object_get(given, "union_by_name") == NULL;
    tarn_status st =
        tarn__buf_printf(sql, err, "SELECT * FROM %s(", function->name);
    if (st == TARN_OK)
        st = tarn__path_list_sql(set, sql, err);
    if (st == TARN_OK && plain)
        st = tarn__buf_printf(sql, err, ", compression='%s'",
            strcmp(function->format, "csv") == 0 ? "none" : "uncompressed");
    if (st == TARN_OK && by_name)
        st = tarn__buf_str(sql, ", union_by_name=true", err);
    return st == TARN_OK ? tarn__buf_str(sql, ", hive_partitioning=false)", err)
                         : st;
}

/* The user's own options behind ours.  What was unpacked is no longer what
 * `compression` speaks of. */
static tarn_status add_options(
    json_t *node, const json_t *children, bool unpacked, tarn_error *err)
{
    json_t *select = json_object_get(json_object_get(node, "subquery"), "node");
    json_t *function =
        json_object_get(json_object_get(select, "from_table"), "function");
    json_t *args = json_object_get(function, "children");
    for (size_t i = 1; i < json_array_size(children); i++)
        if (!(unpacked &&
                tarn__eq_nocase(argument_name(json_array_get(children, i)),
                    "compression")) &&
            json_array_append(args, json_array_get(children, i)) != 0)
            return tarn__no_memory(err);
    return TARN_OK;
}

static tarn_status replace(tarn__session *s, tarn__ref *ref,
    const tarn__read_function *function, const json_t *children, json_t *given,
    tarn_error *err)
{
    tarn__sources sources = {0};
    tarn__source_set set;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = check_options(function, children, given, err);
    if (st == TARN_OK)
        st = add_paths(s, ref, json_array_get(children, 0), &sources, err);
    if (st == TARN_OK)
        st = one_set(s, &sources, &set, err);
    if (st == TARN_OK)
        st = call_sql(function, &set, given, &sql, err);
    if (st == TARN_OK)
        st = tarn__graft(s, ref->node, sql.ptr,
            *ref->alias == '\0' ? ref->text : ref->alias, err);
    if (st == TARN_OK)
        st = add_options(ref->node, children, set.unpacked, err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__read_replace(
    tarn__session *s, tarn__ref *ref, tarn_error *err)
{
    const tarn__read_function *function = tarn__read_function_find(ref->text);
    json_t *children = json_incref(
        json_object_get(json_object_get(ref->node, "function"), "children"));
    json_t *given = json_object();
    tarn_status st = given == NULL
        ? tarn__no_memory(err)
        : replace(s, ref, function, children, given, err);
    json_decref(given);
    json_decref(children);
    return st;
}

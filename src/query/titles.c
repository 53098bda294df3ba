/* Names of columns that the statement leaves unnamed.
 *
 * DuckDB names such a column by its expression as text, and by then a parameter
 * in it has become its value, a path in a subquery the files that it stands for,
 * and a member of a record's JSON a column of ours: these columns are given the
 * name that they would have had. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "query/query_internal.h"

#define SELECT "SELECT "

typedef bool is_kind(const json_t *node, const char *name);

static bool is_class(const json_t *node, const char *name)
{
    const char *cls = tarn__json_text(node, "class");
    return cls != NULL && strcmp(cls, name) == 0;
}

/* What record_paths.c may put a column for: doc->>'$.a', doc->'a', address.city
 * inside an expression. */
static bool may_be_member(const json_t *node, const char *unused)
{
    const char *function = tarn__json_text(node, "function_name");
    (void)unused;
    return is_class(node, "LAMBDA") ||
        (is_class(node, "COLUMN_REF") &&
            json_array_size(json_object_get(node, "column_names")) > 1) ||
        (is_class(node, "FUNCTION") && function != NULL &&
            (strcmp(function, "->>") == 0 ||
                tarn__starts_with(function, "json_extract")));
}

/* What stands in a subquery belongs to its columns; it is one for us. */
static bool holds(const json_t *node, is_kind *is, const char *name)
{
    size_t i;
    const char *key;
    const json_t *child;
    bool found = false;
    if (json_is_array(node)) {
        json_array_foreach(node, i, child)
        {
            found = found || holds(child, is, name);
        }
        return found;
    }
    if (!json_is_object(node) || is(node, name))
        return json_is_object(node);
    if (is_class(node, "SUBQUERY"))
        return holds(json_object_get(node, "child"), is, name);
    json_object_foreach((json_t *)node, key, child)
    {
        found = found || holds(child, is, name);
    }
    return found;
}

/* An alias on COLUMNS(...) or unnest(...) would be that of many columns. */
static bool wants_title(const json_t *item)
{
    const char *alias = tarn__json_text(item, "alias");
    const char *function = tarn__json_text(item, "function_name");
    return (alias == NULL || *alias == '\0') && !is_class(item, "COLUMN_REF") &&
        (holds(item, is_class, "PARAMETER") ||
            holds(item, is_class, "SUBQUERY") ||
            holds(item, may_be_member, NULL)) &&
        !holds(item, is_class, "STAR") &&
        (function == NULL || !tarn__eq_nocase(function, "unnest"));
}

static tarn_status title(
    tarn__session *s, json_t *shell, json_t *item, tarn_error *err)
{
    char *sql = NULL;
    json_t *list =
        json_object_get(json_object_get(shell, "node"), "select_list");
    if (json_array_set(list, 0, item) != 0)
        return tarn__no_memory(err);
    /* What cannot go there and back alone keeps the name that it gets. */
    tarn_status st = tarn__duck_unparse(s->duck, shell, &sql, NULL);
    if (st == TARN_NO_MEMORY)
        return tarn__no_memory(err);
    int failed = 0;
    if (st == TARN_OK && tarn__starts_with(sql, SELECT))
        failed = json_object_set_new(
            item, "alias", json_string(sql + strlen(SELECT)));
    tarn__free(sql);
    return failed != 0 ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status walk(
    tarn__session *s, json_t *shell, json_t *node, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t i;
    const char *key;
    json_t *child;
    if (json_is_array(node)) {
        json_array_foreach(node, i, child)
        {
            if (st == TARN_OK)
                st = walk(s, shell, child, err);
        }
        return st;
    }
    if (!json_is_object(node))
        return TARN_OK;
    json_array_foreach(json_object_get(node, "select_list"), i, child)
    {
        if (st == TARN_OK && wants_title(child))
            st = title(s, shell, child, err);
    }
    json_object_foreach(node, key, child)
    {
        if (st == TARN_OK)
            st = walk(s, shell, child, err);
    }
    return st;
}

tarn_status tarn__titles_keep(tarn__session *s, json_t *tree, tarn_error *err)
{
    json_t *shell = NULL;
    tarn_status st = tarn__duck_parse(s->duck, "SELECT 1", &shell, err);
    if (st == TARN_OK)
        st = walk(s, shell, json_object_get(tree, "node"), err);
    json_decref(shell);
    return st;
}

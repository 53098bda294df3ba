/* PIVOT without IN: the values are those that there are.
 *
 * DuckDB's parser makes several statements of it and gives no tree for them.
 * We do what it does, in three steps: each such column gets `IN tarn__pivot_N`
 * in the text (what comes out is judged by DuckDB's parser and by the guard
 * like everything else); after the guard an ENUM type of that name is made of
 * the column's values; the statement then runs as it stands. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "duck/lex.h"
#include "query/query_internal.h"

#define MARK "tarn__pivot_"
#define PIVOTS_MAX 1000

/* --- the text --- */

static bool any_word(const char *at, const char *const *words)
{
    for (; *words != NULL; words++)
        if (tarn__sql_word(at, *words))
            return true;
    return false;
}

/* From `at` to the first byte outside brackets where a listed word, or one of
 * the listed bytes, stands. */
static const char *find_outside(
    const char *at, const char *const *words, const char *bytes)
{
    int depth = 0;
    for (at = tarn__sql_space(at); *at != '\0';
         at = tarn__sql_space(tarn__sql_token(at))) {
        if (depth == 0 && (strchr(bytes, *at) != NULL || any_word(at, words)))
            return at;
        if (strchr("([{", *at) != NULL)
            depth++;
        else if (strchr(")]}", *at) != NULL && --depth < 0)
            return at;
    }
    return at;
}

/* One column behind ON, from `at` to `end`. */
static tarn_status mark_item(const char *at, const char *end, size_t *count,
    tarn_buf *out, tarn_error *err)
{
    static const char *const in[] = {"IN", NULL};
    size_t len = (size_t)(end - at);
    if (find_outside(at, in, "") < end)
        return tarn__buf_append(out, at, len, err);
    if (++*count > PIVOTS_MAX)
        return tarn__fail(
            err, TARN_BAD_INPUT, "SQL: more than %d PIVOTs", PIVOTS_MAX);
    tarn_status st = tarn__buf_char(out, '(', err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, at, len, err);
    return st == TARN_OK
        ? tarn__buf_printf(out, err, "\n) IN " MARK "%zu ", *count)
        : st;
}

/* The columns behind ON; *rest is what stands after them. */
static tarn_status mark_items(const char *at, const char **rest, size_t *count,
    tarn_buf *out, tarn_error *err)
{
    static const char *const after[] = {"USING", "GROUP", "ORDER", "LIMIT",
        "OFFSET", "UNION", "EXCEPT", "INTERSECT", NULL};
    tarn_status st = TARN_OK;
    for (;;) {
        const char *end = find_outside(at, after, ",;");
        st = mark_item(at, end, count, out, err);
        if (st != TARN_OK || *end != ',') {
            *rest = end;
            return st;
        }
        st = tarn__buf_str(out, ", ", err);
        if (st != TARN_OK)
            return st;
        at = end + 1;
    }
}

static tarn_status mark_all(
    const char *sql, size_t *count, tarn_buf *out, tarn_error *err)
{
    static const char *const on[] = {"ON", NULL};
    tarn_status st = TARN_OK;
    const char *done = sql; /* copied up to here */
    const char *at = tarn__sql_space(sql);
    while (st == TARN_OK && *at != '\0') {
        bool pivot =
            tarn__sql_word(at, "PIVOT") || tarn__sql_word(at, "PIVOT_WIDER");
        at = tarn__sql_space(tarn__sql_token(at));
        const char *found = pivot ? find_outside(at, on, ";") : at;
        if (!pivot || !tarn__sql_word(found, "ON"))
            continue;
        const char *items = tarn__sql_token(found);
        st = tarn__buf_append(out, done, (size_t)(items - done), err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, ' ', err);
        if (st == TARN_OK)
            st = mark_items(items, &done, count, out, err);
        at = tarn__sql_space(done);
    }
    return st == TARN_OK ? tarn__buf_str(out, done, err) : st;
}

/* --- the tree --- */

static const char *mark_of(const json_t *pivot)
{
    const char *name = tarn__json_text(pivot, "pivot_enum");
    return name != NULL && tarn__starts_with(name, MARK) ? name : NULL;
}

static size_t count_marks(const json_t *node)
{
    size_t count = 0;
    size_t i;
    const char *key;
    json_t *child;
    if (json_is_array(node)) {
        json_array_foreach(node, i, child) count += count_marks(child);
    } else if (json_is_object(node)) {
        count += mark_of(node) != NULL ? 1 : 0;
        json_object_foreach((json_t *)node, key, child) count +=
            count_marks(child);
    }
    return count;
}

tarn_status tarn__statement_parse(
    tarn__session *s, const char *sql, json_t **tree, tarn_error *err)
{
    tarn_buf marked = TARN_BUF_INIT;
    size_t count = 0;
    tarn_error first = TARN_ERROR_INIT;
    tarn_status st = tarn__duck_parse(s->duck, sql, tree, &first);
    if (st == TARN_BAD_INPUT) {
        tarn_status again = mark_all(sql, &count, &marked, NULL);
        if (again == TARN_OK && count > 0)
            again = tarn__duck_parse(s->duck, marked.ptr, tree, NULL);
        /* A mark anywhere else would be another statement than was meant. */
        if (again == TARN_OK && count > 0 && count_marks(*tree) == count) {
            st = TARN_OK;
        } else {
            json_decref(*tree);
            *tree = NULL;
        }
    }
    if (st != TARN_OK && err != NULL)
        *err = first;
    tarn_buf_reset(&marked);
    return st;
}

/* SELECT DISTINCT CAST(x AS VARCHAR) FROM source WHERE x IS NOT NULL ORDER BY 1
 * with the common table expressions that the PIVOT sees. */
static tarn_status values_tree(tarn__session *s, const json_t *source,
    const json_t *expr, const json_t *ctes, json_t **tree, tarn_error *err)
{
    tarn_status st = tarn__duck_parse(s->duck,
        "SELECT DISTINCT CAST(x AS VARCHAR) FROM t WHERE x IS NOT NULL "
        "ORDER BY 1",
        tree, err);
    if (st != TARN_OK)
        return st;
    json_t *node = json_object_get(*tree, "node");
    json_t *cast = json_array_get(json_object_get(node, "select_list"), 0);
    json_t *tested =
        json_object_get(json_object_get(node, "where_clause"), "children");
    json_t *map = json_pack("{s:o?}", "map", json_deep_copy(ctes));
    int failed = json_object_set_new(cast, "child", json_deep_copy(expr));
    failed |= json_array_set_new(tested, 0, json_deep_copy(expr));
    failed |= json_object_set_new(node, "from_table", json_deep_copy(source));
    failed |= json_object_set_new(node, "cte_map", map);
    return failed != 0 ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status make_type(tarn__session *s, const json_t *source,
    const json_t *pivot, const json_t *ctes, tarn_error *err)
{
    const json_t *exprs = json_object_get(pivot, "pivot_expressions");
    json_t *tree = NULL;
    char *sql = NULL;
    if (json_array_size(exprs) != 1)
        return tarn__fail(err, TARN_BAD_INPUT,
            "PIVOT: several columns at once need IN with their values");
    tarn_status st =
        values_tree(s, source, json_array_get(exprs, 0), ctes, &tree, err);
    if (st == TARN_OK)
        st = tarn__duck_unparse(s->duck, tree, &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_execf(s->duck, err, "CREATE TYPE \"%s\" AS ENUM (%s)",
            mark_of(pivot), sql);
    tarn__free(sql);
    json_decref(tree);
    return st;
}

static tarn_status fill(
    tarn__session *s, json_t *node, json_t *ctes, tarn_error *err);

static tarn_status fill_array(
    tarn__session *s, json_t *array, json_t *ctes, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t i;
    json_t *child;
    json_array_foreach(array, i, child)
    {
        if (st == TARN_OK)
            st = fill(s, child, ctes, err);
    }
    return st;
}

/* The node's own common table expressions, each seeing those before it;
 * they stay in `ctes`. */
static tarn_status fill_ctes(
    tarn__session *s, const json_t *map, json_t *ctes, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t i;
    json_t *entry;
    json_array_foreach(map, i, entry)
    {
        if (st == TARN_OK)
            st = fill(s, json_object_get(entry, "value"), ctes, err);
        if (st == TARN_OK && json_array_append(ctes, entry) != 0)
            st = tarn__no_memory(err);
    }
    return st;
}

static tarn_status fill_object(
    tarn__session *s, json_t *node, json_t *ctes, tarn_error *err)
{
    tarn_status st = fill_ctes(
        s, json_object_get(json_object_get(node, "cte_map"), "map"), ctes, err);
    const char *key;
    json_t *child;
    json_object_foreach(node, key, child)
    {
        if (st == TARN_OK && strcmp(key, "cte_map") != 0)
            st = fill(s, child, ctes, err);
    }
    size_t i;
    json_array_foreach(json_object_get(node, "pivots"), i, child)
    {
        if (st == TARN_OK && mark_of(child) != NULL)
            st =
                make_type(s, json_object_get(node, "source"), child, ctes, err);
    }
    return st;
}

static tarn_status fill(
    tarn__session *s, json_t *node, json_t *ctes, tarn_error *err)
{
    if (json_is_array(node))
        return fill_array(s, node, ctes, err);
    if (!json_is_object(node))
        return TARN_OK;
    size_t outer = json_array_size(ctes);
    tarn_status st = fill_object(s, node, ctes, err);
    while (json_array_size(ctes) > outer)
        json_array_remove(ctes, json_array_size(ctes) - 1);
    return st;
}

tarn_status tarn__pivots_fill(tarn__session *s, json_t *tree, tarn_error *err)
{
    if (count_marks(tree) == 0)
        return TARN_OK;
    json_t *ctes = json_array();
    tarn_status st =
        ctes == NULL ? tarn__no_memory(err) : fill(s, tree, ctes, err);
    json_decref(ctes);
    return st;
}

/* What a statement may say.
 *
 * The walk goes over the whole parse tree and knows every kind of node that
 * may stand in it; one that it does not know is refused.  After it:
 *  G1 every place that names data is a reference in `refs`, or names a common
 *     table expression that is in scope there;
 *  G2 every function is one that functions.c lists;
 *  G3 no parameter is left: each is the constant that the caller gave.
 * References are replaced by what the session made for them (relation.c), so
 * DuckDB is never asked to find a table, a file or an attached database by a
 * name that the user wrote.  The name of a common table expression could be
 * taken for a file's if the two of us saw its scope differently: names that
 * can be a file's are refused for them. */
#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "query/query_internal.h"

#define DEPTH_MAX 1000

/* Names of common table expressions that can be seen. */
typedef struct scope {
    const char *name;
    const struct scope *outer;
} scope;

static tarn_status walk(
    tarn__guard *g, json_t *node, const scope *in, tarn_error *err);

static bool one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static const char *text_of(const json_t *node, const char *name)
{
    const char *text = tarn__json_text(node, name);
    return text == NULL ? "" : text;
}

static bool in_scope(const scope *in, const char *name)
{
    for (; in != NULL; in = in->outer)
        if (tarn__eq_nocase(in->name, name))
            return true;
    return false;
}

/* In lower case, in the arena; NULL when memory is out. */
static char *lower(tarn__guard *g, const char *name)
{
    char *copy = tarn__arena_strdup(&g->arena, name);
    for (char *p = copy; p != NULL && *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    return copy;
}

static tarn_status remember(json_t *set, const char *name, tarn_error *err)
{
    if (name == NULL || *name == '\0')
        return TARN_OK;
    return json_object_set_new(set, name, json_true()) != 0
        ? tarn__no_memory(err)
        : TARN_OK;
}

/* --- parameters --- */

/* Only what is written as a number is: 00501 is none, and nan neither. */
static json_t *number_constant(const json_t *node, const char *value)
{
    int64_t whole;
    double number;
    size_t sign = *value == '-' ? 1 : 0;
    bool zeros =
        value[sign] == '0' && value[sign + 1] != '\0' && value[sign + 1] != '.';
    if (zeros || value[sign] < '0' || value[sign] > '9' ||
        value[strspn(value, "-+.eE0123456789")] != '\0')
        return NULL;
    if (tarn__parse_i64(value, &whole))
        return json_pack("{s:s, s:s, s:s, s:{s:{s:s}, s:b, s:I}}", "class",
            "CONSTANT", "type", "VALUE_CONSTANT", "alias",
            text_of(node, "alias"), "value", "type", "id", "BIGINT", "is_null",
            0, "value", (json_int_t)whole);
    if (!tarn__parse_double(value, &number))
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:{s:{s:s}, s:b, s:f}}", "class",
        "CONSTANT", "type", "VALUE_CONSTANT", "alias", text_of(node, "alias"),
        "value", "type", "id", "DOUBLE", "is_null", 0, "value", number);
}

static json_t *text_constant(const json_t *node, const char *value)
{
    /* A text of the tree that begins with U+0001 has it twice (duck/README). */
    const char *mark = *value == '\x01' ? "\x01" : "";
    return json_pack("{s:s, s:s, s:s, s:{s:{s:s}, s:b, s:s+}}", "class",
        "CONSTANT", "type", "VALUE_CONSTANT", "alias", text_of(node, "alias"),
        "value", "type", "id", "VARCHAR", "is_null", 0, "value", mark, value);
}

static tarn_status put_constant(
    const tarn__guard *g, json_t *node, const char *value, tarn_error *err)
{
    if (!tarn__utf8_valid(tarn_str(value)))
        return tarn__fail(
            err, TARN_BAD_INPUT, "parameter: its value is not UTF-8");
    json_t *constant = g->numbers ? number_constant(node, value) : NULL;
    if (constant == NULL)
        constant = text_constant(node, value);
    if (constant == NULL)
        return tarn__no_memory(err);
    json_object_clear(node);
    int failed = json_object_update(node, constant);
    json_decref(constant);
    return failed != 0 ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status put_parameter(tarn__guard *g, json_t *node, tarn_error *err)
{
    const char *name = text_of(node, "identifier");
    for (size_t i = 0; i < g->param_count; i++) {
        if (!tarn__eq_nocase(g->params[i].name, name))
            continue;
        g->param_used[i] = true;
        return put_constant(g, node, g->params[i].value, err);
    }
    return tarn__fail(err, TARN_BAD_INPUT,
        "parameter $%s: has no value (give one with --param %s=VALUE)", name,
        name);
}

static tarn_status check_params_used(const tarn__guard *g, tarn_error *err)
{
    for (size_t i = 0; i < g->param_count; i++)
        if (!g->param_used[i])
            return tarn__fail(err, TARN_BAD_INPUT,
                "parameter %s: the statement has no $%s", g->params[i].name,
                g->params[i].name);
    return TARN_OK;
}

/* --- expressions --- */

static tarn_status check_function(
    tarn__guard *g, const json_t *node, tarn_error *err)
{
    const char *written = text_of(node, "function_name");
    const char *schema = text_of(node, "schema");
    const char *catalog = text_of(node, "catalog");
    const char *name = lower(g, written);
    if (name == NULL)
        return tarn__no_memory(err);
    bool ours = (*schema == '\0' || tarn__eq_nocase(schema, "main")) &&
        (*catalog == '\0' || tarn__eq_nocase(catalog, "system"));
    if (ours && tarn__function_allowed(name))
        return TARN_OK;
    return tarn__fail(err, TARN_BAD_INPUT,
        "function %s%s%s: not one that a query may call", schema,
        *schema == '\0' ? "" : ".", written);
}

/* x.y: x may be the name of a relation. */
static tarn_status note_column(
    tarn__guard *g, const json_t *node, tarn_error *err)
{
    const json_t *names = json_object_get(node, "column_names");
    if (json_array_size(names) < 2)
        return TARN_OK;
    return remember(
        g->qualifiers, json_string_value(json_array_get(names, 0)), err);
}

static tarn_status note_star(
    tarn__guard *g, const json_t *node, tarn_error *err)
{
    tarn_status st =
        remember(g->qualifiers, text_of(node, "relation_name"), err);
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(node, "qualified_exclude_list"), i, item)
    {
        if (st == TARN_OK)
            st = remember(g->qualifiers, text_of(item, "table"), err);
    }
    json_array_foreach(json_object_get(node, "rename_list"), i, item)
    {
        if (st == TARN_OK)
            st = remember(g->qualifiers,
                text_of(json_object_get(item, "key"), "table"), err);
    }
    return st;
}

static tarn_status check_expression(
    tarn__guard *g, json_t *node, const char *cls, tarn_error *err)
{
    static const char *const plain[] = {"BETWEEN", "CASE", "CAST", "COLLATE",
        "COMPARISON", "CONJUNCTION", "CONSTANT", "DEFAULT", "LAMBDA",
        "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "SUBQUERY", "TYPE",
        NULL};
    if (strcmp(cls, "COLUMN_REF") == 0)
        return note_column(g, node, err);
    if (strcmp(cls, "STAR") == 0)
        return note_star(g, node, err);
    if (strcmp(cls, "FUNCTION") == 0 || strcmp(cls, "WINDOW") == 0)
        return check_function(g, node, err);
    if (one_of(cls, plain))
        return TARN_OK;
    return tarn__fail(err, TARN_BAD_INPUT,
        "SQL: an expression of kind %s is not known here", cls);
}

/* --- relations --- */

static tarn_status add_ref(tarn__guard *g, tarn__ref_kind kind, json_t *node,
    const char *text, tarn_error *err)
{
    tarn_status st = tarn__grow((void **)&g->refs, &g->ref_cap,
        g->ref_count + 1, sizeof(*g->refs), err);
    if (st != TARN_OK)
        return st;
    /* Copies: the node is emptied when it is replaced. */
    const char *schema =
        tarn__arena_strdup(&g->arena, text_of(node, "schema_name"));
    const char *copy = tarn__arena_strdup(&g->arena, text);
    const char *alias = tarn__arena_strdup(&g->arena, text_of(node, "alias"));
    if (schema == NULL || copy == NULL || alias == NULL)
        return tarn__no_memory(err);
    g->refs[g->ref_count++] = (tarn__ref){.kind = kind,
        .node = node,
        .schema = schema,
        .text = copy,
        .alias = alias,
        .shown = copy,
        .pushed = "",
        .route = "tree",
        .version = -1};
    return TARN_OK;
}

static tarn_status no_table(
    const char *catalog, const char *schema, const char *name, tarn_error *err)
{
    return tarn__fail(err, TARN_NOT_FOUND,
        "%s%s%s%s%s: no such table (a path begins with '/' and stands in "
        "quotes)",
        catalog, *catalog == '\0' ? "" : ".", schema,
        *schema == '\0' ? "" : ".", name);
}

static tarn_status base_table(
    tarn__guard *g, json_t *node, const scope *in, tarn_error *err)
{
    const char *catalog = text_of(node, "catalog_name");
    const char *schema = text_of(node, "schema_name");
    const char *name = text_of(node, "table_name");
    tarn_status st = remember(g->aliases, text_of(node, "alias"), err);
    if (st != TARN_OK)
        return st;
    bool recurring = tarn__eq_nocase(schema, "recurring");
    if (*catalog != '\0')
        return no_table(catalog, schema, name, err);
    if ((*schema == '\0' || recurring) && in_scope(in, name)) {
        if (json_is_object(json_object_get(node, "at_clause")))
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: a common table expression has no versions", name);
        return remember(g->aliases, name, err);
    }
    if (*schema != '\0' && !tarn__eq_nocase(schema, "lake"))
        return no_table(catalog, schema, name, err);
    /* The version that an AT clause names may be a parameter. */
    json_t *at = json_object_get(node, "at_clause");
    st = json_is_object(at) ? walk(g, json_object_get(at, "expr"), in, err)
                            : TARN_OK;
    return st == TARN_OK ? add_ref(g, TARN__REF_TABLE, node, name, err) : st;
}

static tarn_status walk_children(tarn__guard *g, json_t *node, const scope *in,
    const char *const *except, tarn_error *err)
{
    const char *key;
    json_t *child;
    tarn_status st = TARN_OK;
    json_object_foreach(node, key, child)
    {
        if (st == TARN_OK && (except == NULL || !one_of(key, except)))
            st = walk(g, child, in, err);
    }
    return st;
}

static tarn_status table_function(
    tarn__guard *g, json_t *node, const scope *in, tarn_error *err)
{
    static const char *const call[] = {"function", NULL};
    json_t *function = json_object_get(node, "function");
    const char *written = text_of(function, "function_name");
    const char *name = lower(g, written);
    if (name == NULL)
        return tarn__no_memory(err);
    if (strcmp(text_of(function, "class"), "FUNCTION") != 0)
        return tarn__fail(
            err, TARN_BAD_INPUT, "SQL: FROM calls what is no function");
    bool reads = tarn__read_function_find(name) != NULL;
    const char *schema = text_of(function, "schema");
    const char *catalog = text_of(function, "catalog");
    if ((*schema != '\0' && !tarn__eq_nocase(schema, "main")) ||
        (*catalog != '\0' && !tarn__eq_nocase(catalog, "system")) ||
        (!reads && !tarn__table_function_allowed(name)))
        return tarn__fail(err, TARN_BAD_INPUT,
            "table function %s%s%s: not one that a query may call", schema,
            *schema == '\0' ? "" : ".", written);
    tarn_status st = remember(g->aliases, text_of(node, "alias"), err);
    if (st == TARN_OK)
        st = walk_children(g, function, in, NULL, err);
    if (st == TARN_OK)
        st = walk_children(g, node, in, call, err);
    if (st == TARN_OK && reads)
        st = add_ref(g, TARN__REF_READ, node, name, err);
    return st;
}

/* SHOW TABLES as a table of ours: it does not come back from the tree as what it
 * was (duck/README). */
static tarn_status show_tables(tarn__guard *g, json_t *node, tarn_error *err)
{
    json_t *table = json_pack("{s:s, s:s, s:s, s:s, s:s, s:[]}", "type",
        "BASE_TABLE", "alias", text_of(node, "alias"), "catalog_name", "",
        "schema_name", "lake", "table_name", "tables", "column_name_alias");
    if (table == NULL)
        return tarn__no_memory(err);
    json_object_clear(node);
    int failed = json_object_update(node, table);
    json_decref(table);
    return failed != 0 ? tarn__no_memory(err)
                       : add_ref(g, TARN__REF_TABLE, node, "tables", err);
}

/* DESCRIBE and SUMMARIZE hold a query; SHOW TABLES holds a name. */
static tarn_status show_ref(
    tarn__guard *g, json_t *node, const scope *in, tarn_error *err)
{
    const char *name = text_of(node, "table_name");
    if (json_is_object(json_object_get(node, "query")))
        return walk_children(g, node, in, NULL, err);
    if (strcmp(name, "\"tables\"") == 0)
        return show_tables(g, node, err);
    return tarn__fail(err, TARN_BAD_INPUT,
        "SHOW %s: not one that a query may show (SHOW TABLES lists the lake's "
        "tables)",
        name);
}

/* --- queries --- */

static bool could_be_file(const char *name)
{
    return strpbrk(name, "./\\:*?[") != NULL;
}

/* Push a name; *in is what is seen from then on. */
static tarn_status see(
    tarn__guard *g, const scope **in, const char *name, tarn_error *err)
{
    scope *s = tarn__arena_alloc(&g->arena, sizeof(*s));
    char *copy = tarn__arena_strdup(&g->arena, name);
    if (s == NULL || copy == NULL)
        return tarn__no_memory(err);
    if (could_be_file(name))
        return tarn__fail(err, TARN_BAD_INPUT,
            "WITH \"%s\": this could be the name of a file (take a plain name)",
            name);
    *s = (scope){copy, *in};
    *in = s;
    return remember(g->aliases, copy, err);
}

/* What of a query that has a name stands before the name can be seen: DuckDB
 * takes it there for a table of its own catalogue. */
static const char *before_name(const char *type)
{
    if (strcmp(type, "RECURSIVE_CTE_NODE") == 0)
        return "left";
    return strcmp(type, "CTE_NODE") == 0 ? "query" : NULL;
}

/* A SELECT or a set operation: its common table expressions in order, each
 * seeing those before it, then the rest of it. */
static tarn_status query_node(
    tarn__guard *g, json_t *node, const scope *in, tarn_error *err)
{
    const char *first = before_name(text_of(node, "type"));
    const char *const done[] = {"cte_map", first, NULL};
    const json_t *map =
        json_object_get(json_object_get(node, "cte_map"), "map");
    size_t i;
    json_t *entry;
    tarn_status st = TARN_OK;
    json_array_foreach(map, i, entry)
    {
        if (st == TARN_OK)
            st = walk(g, json_object_get(entry, "value"), in, err);
        if (st == TARN_OK)
            st = see(g, &in, text_of(entry, "key"), err);
    }
    if (st == TARN_OK && first != NULL) {
        st = walk(g, json_object_get(node, first), in, err);
        if (st == TARN_OK)
            st = see(g, &in, text_of(node, "cte_name"), err);
    }
    return st == TARN_OK ? walk_children(g, node, in, done, err) : st;
}

/* A row that the filter drops may be left out of a plain join before, on
 * whatever side: what it met is dropped with it.  Not so where the join looks
 * for the nearest row, or for the row at the same place. */
static bool plain_join(const json_t *node)
{
    static const char *const types[] = {
        "", "REGULAR", "CROSS", "NATURAL", NULL};
    return strcmp(text_of(node, "type"), "JOIN") == 0 &&
        one_of(text_of(node, "ref_type"), types);
}

static void set_where(
    tarn__guard *g, json_t *from, json_t *where, bool joined, size_t first)
{
    /* A sample is taken before the filter. */
    if (json_is_object(json_object_get(from, "sample")))
        return;
    if (plain_join(from)) {
        set_where(g, json_object_get(from, "left"), where, true, first);
        set_where(g, json_object_get(from, "right"), where, true, first);
        return;
    }
    for (size_t i = first; i < g->ref_count; i++)
        if (g->refs[i].node == from) {
            g->refs[i].where = where;
            g->refs[i].joined = joined;
        }
}

/* The filter of a SELECT can be pushed to the references that feed it. */
static void note_where(tarn__guard *g, json_t *node, size_t first)
{
    json_t *where = json_object_get(node, "where_clause");
    if (json_is_object(where) &&
        !json_is_object(json_object_get(node, "sample")))
        set_where(g, json_object_get(node, "from_table"), where, false, first);
}

/* Which references a SELECT reads itself, not in a subquery. */
static void note_select(
    tarn__guard *g, const json_t *from, json_t *select, size_t first)
{
    if (strcmp(text_of(from, "type"), "JOIN") == 0) {
        note_select(g, json_object_get(from, "left"), select, first);
        note_select(g, json_object_get(from, "right"), select, first);
        return;
    }
    for (size_t i = first; i < g->ref_count; i++)
        if (g->refs[i].node == from)
            g->refs[i].select = select;
}

static tarn_status walk_typed(tarn__guard *g, json_t *node, const char *type,
    const scope *in, tarn_error *err)
{
    static const char *const plain[] = {"EMPTY", "EMPTY_FROM", "SUBQUERY",
        "JOIN", "EXPRESSION_LIST", "PIVOT", "ORDER_MODIFIER", "LIMIT_MODIFIER",
        "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT",
        "ASCENDING", "DESCENDING", NULL};
    size_t first = g->ref_count;
    if (strcmp(type, "BASE_TABLE") == 0)
        return base_table(g, node, in, err);
    if (strcmp(type, "TABLE_FUNCTION") == 0)
        return table_function(g, node, in, err);
    if (strcmp(type, "SHOW_REF") == 0)
        return show_ref(g, node, in, err);
    if (strcmp(type, "SELECT_NODE") == 0 ||
        strcmp(type, "SET_OPERATION_NODE") == 0 ||
        strcmp(type, "RECURSIVE_CTE_NODE") == 0 ||
        strcmp(type, "CTE_NODE") == 0) {
        tarn_status st = query_node(g, node, in, err);
        if (st == TARN_OK && strcmp(type, "SELECT_NODE") == 0) {
            note_where(g, node, first);
            note_select(g, json_object_get(node, "from_table"), node, first);
        }
        return st;
    }
    if (!one_of(type, plain) && !tarn__ends_with(type, "_TYPE_INFO"))
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: a part of kind %s is not known here", type);
    tarn_status st = remember(g->aliases, text_of(node, "alias"), err);
    return st == TARN_OK ? walk_children(g, node, in, NULL, err) : st;
}

static tarn_status walk_object(
    tarn__guard *g, json_t *node, const scope *in, tarn_error *err)
{
    const char *cls = tarn__json_text(node, "class");
    const char *type = tarn__json_text(node, "type");
    if (cls != NULL && strcmp(cls, "PARAMETER") == 0)
        return put_parameter(g, node, err);
    if (cls == NULL && type != NULL)
        return walk_typed(g, node, type, in, err);
    tarn_status st =
        cls == NULL ? TARN_OK : check_expression(g, node, cls, err);
    return st == TARN_OK ? walk_children(g, node, in, NULL, err) : st;
}

static tarn_status walk(
    tarn__guard *g, json_t *node, const scope *in, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (++g->depth > DEPTH_MAX)
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: nested more than %d levels deep", DEPTH_MAX);
    if (json_is_object(node)) {
        st = walk_object(g, node, in, err);
    } else if (json_is_array(node)) {
        size_t i;
        json_t *item;
        json_array_foreach(node, i, item)
        {
            if (st == TARN_OK)
                st = walk(g, item, in, err);
        }
    }
    g->depth--;
    return st;
}

static tarn_status prepare(tarn__guard *g, const tarn_param *params,
    size_t param_count, tarn_error *err)
{
    *g = (tarn__guard){.params = params,
        .param_count = param_count,
        .numbers = g->numbers,
        .arena = TARN__ARENA_INIT};
    g->qualifiers = json_object();
    g->aliases = json_object();
    g->param_used = tarn__arena_alloc(&g->arena, param_count + 1);
    if (g->qualifiers == NULL || g->aliases == NULL || g->param_used == NULL)
        return tarn__no_memory(err);
    memset(g->param_used, 0, param_count + 1);
    return TARN_OK;
}

tarn_status tarn__guard_run(tarn__guard *guard, json_t *tree,
    const tarn_param *params, size_t param_count, tarn_error *err)
{
    tarn_status st = prepare(guard, params, param_count, err);
    json_t *node = json_object_get(tree, "node");
    if (st == TARN_OK && !json_is_object(node))
        st = tarn__fail(err, TARN_BAD_INPUT, "SQL: not a statement that reads");
    if (st == TARN_OK)
        st = walk(guard, node, NULL, err);
    if (st == TARN_OK)
        st = check_params_used(guard, err);
    if (st == TARN_OK &&
        json_object_set_new(tree, "named_param_map", json_array()) != 0)
        st = tarn__no_memory(err);
    return st;
}

void tarn__guard_reset(tarn__guard *guard)
{
    json_decref(guard->qualifiers);
    json_decref(guard->aliases);
    tarn__free(guard->refs);
    tarn__arena_reset(&guard->arena);
    *guard = (tarn__guard){0};
}

bool tarn__guard_same(const tarn__guard *a, const tarn__guard *b)
{
    if (a->ref_count != b->ref_count)
        return false;
    for (size_t i = 0; i < a->ref_count; i++)
        if (a->refs[i].kind != b->refs[i].kind ||
            strcmp(a->refs[i].schema, b->refs[i].schema) != 0 ||
            strcmp(a->refs[i].text, b->refs[i].text) != 0)
            return false;
    return true;
}

const char *tarn__constant_text(const json_t *expr)
{
    if (strcmp(text_of(expr, "class"), "CAST") == 0)
        expr = json_object_get(expr, "child");
    if (strcmp(text_of(expr, "class"), "CONSTANT") != 0)
        return NULL;
    const json_t *value = json_object_get(expr, "value");
    if (json_is_true(json_object_get(value, "is_null")))
        return NULL;
    return json_string_value(json_object_get(value, "value"));
}

/* A byte that chooses how parameters are written, and any text as a query, in
 * which \1 is a value: what an engine gets is one statement, and where DuckDB's
 * parser reads the query it is the same one, its tables named anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "duck/duck.h"
#include "duck/lex.h"
#include "flow/driver/engine_internal.h"
#include "flow/flow_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *const one[] = {"main"};
static const char *const two[] = {"eu", "us"};
static const char *const odd[] = {"eu", "A b"};
static const tarn_driver_input inputs[] = {{"sales", "", one, 1},
    {"p", "", two, 2}, {"q", "", odd, 2}, {"eu", "", one, 1},
    {"order", "", one, 1}};
static const char names[] = "{\"df_sales\":\"sales\",\"df_db.main\":\"p.us\"}";
static const char values[] =
    "[\"it's\",-5,{\"date\":\"2024-02-01\"},0.5,true,null,\"/*\"]";

/* --- the query --- */

/* Its text with $1, $2 ... where \1 stands; their values and places. */
static bool make_query(
    const uint8_t *bytes, size_t len, tarn_buf *text, tarn__sql_query *out)
{
    json_t *all = json_loads(values, 0, NULL);
    json_t *given = json_array();
    json_t *places = json_array();
    bool fine = all != NULL && given != NULL && places != NULL;
    for (size_t i = 0; fine && i < len && bytes[i] != '\0'; i++) {
        size_t n = json_array_size(given);
        if (bytes[i] != 1) {
            fine = tarn__buf_char(text, (char)bytes[i], NULL) == TARN_OK;
            continue;
        }
        /* Check refuses one that is glued to something. */
        (void)json_array_append_new(
            places, json_integer((json_int_t)text->len + 1));
        (void)json_array_append(
            given, json_array_get(all, n % json_array_size(all)));
        fine = tarn__buf_printf(text, NULL, " $%zu ", n + 1) == TARN_OK;
    }
    json_decref(all);
    *out = (tarn__sql_query){
        "main", text->ptr == NULL ? "" : text->ptr, given, places};
    return fine;
}

/* Check refuses a query with a parameter of its own. */
static bool has_own_parameter(const char *query, size_t given)
{
    tarn__query_text text;
    size_t marks = 0;
    for (const char *p = query; (p = strchr(p, '$')) != NULL; p++)
        marks++;
    if (marks == given && strchr(query, '?') == NULL)
        return false;
    if (tarn__query_read(TARN__SQL_ENGINE, query, &text, NULL) != TARN_OK)
        return true;
    bool own = text.own_parameter;
    tarn__query_reset(&text);
    return own;
}

/* One statement: no `;` outside of quotes, and nothing that is left open which
 * the query closes. */
static size_t count_values(const char *sql, tarn__paramstyle style)
{
    size_t count = 0;
    for (const char *p = tarn__sql_space(sql); *p != '\0';
         p = tarn__sql_space(tarn__sql_token(p))) {
        if (*p == ';')
            abort();
        count += style == TARN__PARAMS_QMARK && *p == '?' ? 1 : 0;
        count += style == TARN__PARAMS_DOLLAR && *p == '$' && p[1] >= '1' &&
                p[1] <= '9'
            ? 1
            : 0;
    }
    return count;
}

/* --- the same statement --- */

static bool is_text(const json_t *value, const char *text)
{
    return json_is_string(value) &&
        strcasecmp(json_string_value(value), text) == 0;
}

/* The table that a step's table is in the engine; NULL: it is none. */
static const char *engine_name(const tarn__engine_tables *tables,
    const json_t *first, const json_t *second)
{
    for (size_t i = 0; i < tables->count; i++) {
        const tarn__engine_table *t = &tables->items[i];
        const char *table = inputs[t->input].tables[t->table];
        char step[100];
        if (t->step == NULL)
            continue;
        (void)snprintf(step, sizeof(step), "%s", t->step);
        char *dot = strchr(step, '.');
        if (dot != NULL) {
            *dot = '\0';
            table = dot + 1;
        }
        if (is_text(first, step) && is_text(second, table))
            return t->name;
    }
    return NULL;
}

static void put_lower(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    char *copy = text == NULL ? NULL : strdup(text);
    if (copy == NULL)
        return;
    for (char *p = copy; *p != '\0'; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    (void)json_object_set_new(object, key, json_string(copy));
    free(copy);
}

static void rename_parts(const tarn__engine_tables *tables, json_t *node)
{
    json_t *parts = json_object_get(node, "column_names");
    const char *name = json_array_size(parts) < 3
        ? NULL
        : engine_name(
              tables, json_array_get(parts, 0), json_array_get(parts, 1));
    if (name != NULL) {
        (void)json_array_remove(parts, 0);
        (void)json_array_set_new(parts, 0, json_string(name));
    }
    const json_t *schema = json_object_get(node, "schema_name");
    name = schema == NULL || json_object_get(node, "catalog_name") != NULL
        ? NULL
        : engine_name(tables, schema, json_object_get(node, "table_name"));
    if (name != NULL) {
        (void)json_object_set_new(node, "table_name", json_string(name));
        (void)json_object_del(node, "schema_name");
    }
}

/* Tables as the engine has them (`tables` NULL: they are), places gone. */
static void normalize(const tarn__engine_tables *tables, json_t *node)
{
    const char *key;
    json_t *child;
    size_t i;
    if (tables != NULL)
        rename_parts(tables, node);
    put_lower(node, "table_name");
    (void)json_object_del(node, "query_location");
    /* Of functions and types: no step has any. */
    (void)json_object_del(node, "schema");
    (void)json_object_del(node, "catalog");
    json_array_foreach(json_object_get(node, "column_names"), i, child)
    {
        json_t *holder = json_pack("{s:O}", "x", child);
        put_lower(holder, "x");
        (void)json_array_set(json_object_get(node, "column_names"), i,
            json_object_get(holder, "x"));
        json_decref(holder);
    }
    json_object_foreach(node, key, child)
    {
        normalize(tables, child);
    }
    json_array_foreach(node, i, child)
    {
        normalize(tables, child);
    }
}

static tarn__duck *duck(void)
{
    static tarn__duck *opened;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.external_access = false;
    options.threads = 1;
    if (opened == NULL && tarn__duck_open(&options, &opened, NULL) != TARN_OK)
        abort();
    return opened;
}

static void compare(
    const tarn__engine_tables *tables, const char *query, const char *sent)
{
    json_t *wanted = NULL;
    json_t *got = NULL;
    if (tarn__duck_parse(duck(), query, &wanted, NULL) == TARN_OK) {
        if (tarn__duck_parse(duck(), sent, &got, NULL) != TARN_OK)
            abort();
        normalize(tables, wanted);
        normalize(NULL, got);
        if (!json_equal(wanted, got))
            abort();
    }
    json_decref(wanted);
    json_decref(got);
}

/* Does a step of several tables stand for one? */
static bool names_several(const json_t *node)
{
    const char *key;
    json_t *child;
    size_t i;
    const json_t *table = json_object_get(node, "table_name");
    bool found = json_object_get(node, "schema_name") == NULL &&
        (is_text(table, "p") || is_text(table, "q"));
    json_object_foreach((json_t *)(uintptr_t)node, key, child)
    {
        found = found || names_several(child);
    }
    json_array_foreach(node, i, child)
    {
        found = found || names_several(child);
    }
    return found;
}

/* What DuckDB reads is refused for that alone. */
static void must_name_several(const char *query)
{
    json_t *tree = NULL;
    if (tarn__duck_parse(duck(), query, &tree, NULL) == TARN_OK &&
        !names_several(tree))
        abort();
    json_decref(tree);
}

/* --- */

static void check(const tarn_driver_call *call, tarn__engine_tables *tables,
    const tarn__sql_query *query, tarn__paramstyle style)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__engine_sql(call, tables, query, style, &sql, &err) != TARN_OK) {
        if (strstr(err.message, "name one, such as") != NULL)
            must_name_several(query->query);
    } else {
        const char *sent = sql.ptr == NULL ? "" : sql.ptr;
        if (count_values(sent, style) < json_array_size(query->values) &&
            style != TARN__PARAMS_LITERAL)
            abort();
        if (style == TARN__PARAMS_DOLLAR)
            compare(tables, query->query, sent);
        for (size_t i = 0; i < tables->count; i++)
            if (tables->items[i].spelled != NULL && i % 2 == 0)
                tables->items[i].real = tarn__strdup("tarn_x");
        (void)!tarn__engine_sql_with(tables, '"', &sql, NULL);
        (void)count_values(sql.ptr == NULL ? "" : sql.ptr, style);
    }
    tarn_buf_reset(&sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const tarn__paramstyle styles[] = {
        TARN__PARAMS_DOLLAR, TARN__PARAMS_QMARK, TARN__PARAMS_LITERAL};
    const tarn_driver_call call = {.step_id = "fuzz",
        .inputs = inputs,
        .input_count = sizeof(inputs) / sizeof(inputs[0])};
    tarn__engine_tables tables = {NULL, 0, 0};
    tarn__sql_query query;
    tarn_buf text = TARN_BUF_INIT;
    json_t *others = json_loads(names, 0, NULL);
    if (len == 0)
        goto end;
    if (make_query(bytes + 1, len - 1, &text, &query) &&
        !has_own_parameter(query.query, json_array_size(query.values)) &&
        tarn__engine_tables_of(&call, others, &tables, NULL) == TARN_OK)
        check(&call, &tables, &query, styles[bytes[0] % 3]);
    json_decref((json_t *)(uintptr_t)query.values);
    json_decref((json_t *)(uintptr_t)query.places);
end:
    tarn__engine_tables_free(&tables);
    tarn_buf_reset(&text);
    json_decref(others);
    return 0;
}

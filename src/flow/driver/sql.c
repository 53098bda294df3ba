/* sql: one query, or one a table, over the step's inputs. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/driver/sql.h"

tarn__duck_value tarn__sql_value(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_STRING:
        return (tarn__duck_value){.type = TARN_TEXT,
            .bytes = {json_string_value(json), json_string_length(json)}};
    case JSON_INTEGER:
        return (tarn__duck_value){
            .type = TARN_INT64, .i64 = json_integer_value(json)};
    case JSON_REAL:
        return (tarn__duck_value){
            .type = TARN_DOUBLE, .f64 = json_real_value(json)};
    case JSON_TRUE:
    case JSON_FALSE:
        return (tarn__duck_value){.type = TARN_BOOL, .i64 = json_is_true(json)};
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
    default:
        return (tarn__duck_value){.type = TARN_NULL};
    }
}

static tarn_status make(tarn__exchange *x, const tarn_driver_result *result,
    const tarn__sql_query *t, int64_t *rows, tarn_error *err)
{
    size_t count = json_array_size(t->values);
    int64_t made = 0;
    tarn__duck_value *values = tarn__calloc(count + 1, sizeof(*values));
    if (values == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++)
        values[i] = tarn__sql_value(json_array_get(t->values, i));
    tarn_status st = tarn__exchange_make(
        x, result, t->name, t->query, values, count, &made, err);
    tarn__free(values);
    *rows += made;
    return st;
}

tarn_status tarn__sql_count_inputs(
    tarn__exchange *x, const tarn_driver_call *call, tarn_error *err)
{
    int64_t all = 0;
    tarn_status st = TARN_OK;
    for (size_t i = 0; i < call->input_count; i++)
        for (size_t t = 0; st == TARN_OK && t < call->inputs[i].table_count;
             t++) {
            tarn_buf sql = TARN_BUF_INIT;
            int64_t rows = 0;
            bool found;
            st = tarn__buf_str(&sql, "SELECT count(*) FROM ", err);
            if (st == TARN_OK)
                st = tarn__exchange_input(call, i, t, &sql, err);
            if (st == TARN_OK)
                st = tarn__duck_int64(
                    tarn__exchange_duck(x), sql.ptr, &rows, &found, err);
            tarn_buf_reset(&sql);
            all += rows;
        }
    if (st == TARN_OK)
        tarn__call_metric(call, "rows_read", (double)all);
    return st;
}

/* All are judged before the first is run, and run where no file is. */
static tarn_status admit_all(tarn__exchange *x, const json_t *config,
    const tarn__sql_query *tables, size_t count, tarn_error *err)
{
    const json_t *names = json_object_get(config, "names");
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = tarn__exchange_admit(x, tables[i].query, names, err);
    return st == TARN_OK ? tarn__exchange_lock(x, err) : st;
}

tarn_status tarn__sql_queries(const tarn_driver_call *call,
    const json_t *config, tarn__sql_query **out, size_t *count, tarn_error *err)
{
    json_t *queries = json_object_get(config, "queries");
    const json_t *values = json_object_get(config, "queries_values");
    const json_t *places = json_object_get(config, "queries_places");
    const char *name;
    json_t *query;
    tarn__sql_query *tables =
        tarn__calloc(json_object_size(queries) + 1, sizeof(*tables));
    *out = tables;
    *count = 0;
    if (tables == NULL)
        return tarn__no_memory(err);
    json_object_foreach(queries, name, query)
    {
        if (!json_is_string(query))
            return tarn__fail(err, TARN_BAD_INPUT,
                "step %s: config.queries.%s is no text", call->step_id, name);
        tables[(*count)++] = (tarn__sql_query){name, json_string_value(query),
            json_object_get(values, name), json_object_get(places, name)};
    }
    if (*count > 0)
        return TARN_OK;
    tables[0] =
        (tarn__sql_query){"main", NULL, json_object_get(config, "query_values"),
            json_object_get(config, "query_places")};
    *count = 1;
    return tarn__config_need(call, config, "query", &tables[0].query, err);
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    json_t *config = NULL;
    tarn__sql_query *tables = NULL;
    size_t count = 0;
    int64_t rows = 0;
    tarn__exchange *x = NULL;
    tarn_status st = tarn__config_open(call, &config, err);
    if (st == TARN_OK)
        st = tarn__sql_queries(call, config, &tables, &count, err);
    if (st == TARN_OK)
        st = tarn__exchange_open(call, &x, err);
    if (st == TARN_OK)
        st = tarn__sql_count_inputs(x, call, err);
    if (st == TARN_OK)
        st = admit_all(x, config, tables, count, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = make(x, result, &tables[i], &rows, err);
    if (st == TARN_OK)
        st = tarn__exchange_finish(x, err);
    if (st == TARN_OK)
        tarn__call_metric(call, "rows_processed", (double)rows);
    tarn__exchange_free(x);
    tarn__free(tables);
    json_decref(config);
    return st;
}

static const char schema[] =
    "{\"type\":\"object\",\"x-one-of\":[[\"query\",\"queries\"]],"
    "\"properties\":{"
    "\"query\":{\"type\":\"string\",\"x-sql\":\"duckdb\"},"
    "\"queries\":{\"type\":\"object\",\"additionalProperties\":true,"
    "\"x-sql\":\"duckdb\"}}}";

const tarn_driver tarn__driver_sql = {.abi = TARN_DRIVER_ABI,
    .name = "sql",
    .version = "1.0.0",
    .modes = TARN_STEP_READ | TARN_STEP_TRANSFORM,
    .config_schema = schema,
    .run = run};

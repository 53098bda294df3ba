/* Prepared statements and their values. */
#include "base/error.h"
#include "duck/duck_internal.h"

static duckdb_state bind_at(
    duckdb_prepared_statement stmt, idx_t index, const tarn__duck_value *v)
{
    switch (v->type) {
    case TARN_NULL:
        return duckdb_bind_null(stmt, index);
    case TARN_BOOL:
        return duckdb_bind_boolean(stmt, index, v->i64 != 0);
    case TARN_INT64:
        return duckdb_bind_int64(stmt, index, v->i64);
    case TARN_DOUBLE:
        return duckdb_bind_double(stmt, index, v->f64);
    case TARN_TEXT:
    case TARN_JSON:
        return duckdb_bind_varchar_length(
            stmt, index, v->bytes.ptr, v->bytes.len);
    case TARN_BLOB:
        return duckdb_bind_blob(stmt, index, v->bytes.ptr, v->bytes.len);
    case TARN_TIME:
        return duckdb_bind_timestamp(stmt, index, (duckdb_timestamp){v->i64});
    }
    return DuckDBError;
}

static tarn_status bind(tarn__duck *duck, duckdb_prepared_statement stmt,
    const tarn__duck_value *v, idx_t index, tarn_error *err)
{
    if (v->name != NULL &&
        duckdb_bind_parameter_index(stmt, &index, v->name) != DuckDBSuccess)
        return tarn__fail(err, TARN_BAD_INPUT,
            "parameter %s: the statement has no $%s", v->name, v->name);
    if (bind_at(stmt, index, v) == DuckDBSuccess)
        return TARN_OK;
    const char *message = duckdb_prepare_error(stmt);
    if (message != NULL)
        return tarn__duck_fail(duck, message, err);
    return tarn__fail(err, TARN_BAD_INPUT,
        "parameter %llu: text that is not UTF-8", (unsigned long long)index);
}

tarn_status tarn__duck_prepare(tarn__duck *duck, const char *sql,
    const tarn__duck_value *values, size_t count,
    duckdb_prepared_statement *out, tarn_error *err)
{
    *out = NULL;
    tarn__duck_begin(duck);
    duckdb_prepared_statement stmt = NULL;
    tarn_status st = TARN_OK;
    if (duckdb_prepare(duck->con, sql, &stmt) != DuckDBSuccess)
        st = tarn__duck_fail(duck, duckdb_prepare_error(stmt), err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = bind(duck, stmt, &values[i], i + 1, err);
    if (st != TARN_OK)
        duckdb_destroy_prepare(&stmt); /* there even after a failure */
    *out = stmt;
    return st;
}

tarn_status tarn__duck_check(tarn__duck *duck, const char *sql, tarn_error *err)
{
    duckdb_prepared_statement stmt;
    tarn_status st = tarn__duck_prepare(duck, sql, NULL, 0, &stmt, err);
    if (st == TARN_OK)
        duckdb_destroy_prepare(&stmt);
    return st;
}

/* Statements whose rows nobody wants. */
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "duck/duck_internal.h"

tarn_status tarn__duck_exec(tarn__duck *duck, const char *sql, tarn_error *err)
{
    tarn__duck_begin(duck);
    duckdb_result result;
    tarn_status st = TARN_OK;
    if (duckdb_query(duck->con, sql, &result) != DuckDBSuccess)
        st = tarn__duck_fail(duck, duckdb_result_error(&result), err);
    duckdb_destroy_result(&result);
    return st;
}

/* NULL when memory is out. */
static char *format(const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    char *text = n < 0 ? NULL : tarn__malloc((size_t)n + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return text;
}

tarn_status tarn__duck_execf(
    tarn__duck *duck, tarn_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *sql = format(fmt, args);
    va_end(args);
    if (sql == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__duck_exec(duck, sql, err);
    tarn__free(sql);
    return st;
}

tarn_status tarn__duck_exec_values(tarn__duck *duck, const char *sql,
    const tarn__duck_value *values, size_t count, int64_t *changed,
    tarn_error *err)
{
    if (changed != NULL)
        *changed = 0;
    duckdb_prepared_statement stmt;
    tarn_status st = tarn__duck_prepare(duck, sql, values, count, &stmt, err);
    if (st != TARN_OK)
        return st;
    duckdb_result result;
    if (duckdb_execute_prepared(stmt, &result) != DuckDBSuccess)
        st = tarn__duck_fail(duck, duckdb_result_error(&result), err);
    else if (changed != NULL)
        *changed = (int64_t)duckdb_rows_changed(&result);
    duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&stmt);
    return st;
}

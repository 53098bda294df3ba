/* Running one statement whose rows are streamed. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "duck/duck_internal.h"

/* 1.5's number, which the header does not have: all others that cannot be
 * read (VARIANT, or values with one of these inside) are cast to JSON. */
#define TYPE_GEOMETRY 40

tarn_status tarn__duck_start(tarn__duck_result *r, tarn_error *err)
{
    duckdb_pending_result pending = NULL;
    tarn_status st = TARN_OK;
    if (duckdb_pending_prepared_streaming(r->stmt, &pending) != DuckDBSuccess)
        st = tarn__duck_fail(r->duck, duckdb_pending_error(pending), err);
    else if (duckdb_execute_pending(pending, &r->result) != DuckDBSuccess)
        st = tarn__duck_fail(r->duck, duckdb_result_error(&r->result), err);
    duckdb_destroy_pending(&pending);
    return st;
}

static tarn_status init_column(
    tarn__duck_result *r, size_t col, tarn_error *err)
{
    tarn__duck_column *column = &r->columns[col];
    const char *name = duckdb_column_name(&r->result, col);
    column->name = tarn__arena_strdup(&r->arena, name == NULL ? "" : name);
    column->node = tarn__arena_alloc(&r->arena, sizeof(*column->node));
    if (column->name == NULL || column->node == NULL)
        return tarn__no_memory(err);
    duckdb_logical_type type = duckdb_column_logical_type(&r->result, col);
    if (type == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__vnode_init(column->node, type, &r->arena, err);
    duckdb_destroy_logical_type(&type);
    column->type = tarn__vnode_type(column->node);
    column->number = tarn__vnode_number(column->node);
    column->text = (tarn_buf)TARN_BUF_INIT;
    return st;
}

static tarn_status init_columns(tarn__duck_result *r, tarn_error *err)
{
    size_t count = duckdb_column_count(&r->result);
    if (duckdb_result_return_type(r->result) == DUCKDB_RESULT_TYPE_NOTHING)
        count = 0;
    r->columns = tarn__calloc(count, sizeof(*r->columns));
    if (r->columns == NULL)
        return tarn__no_memory(err);
    r->column_count = count;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = init_column(r, i, err);
    return st;
}

static bool readable(const tarn__duck_result *r)
{
    for (size_t i = 0; i < r->column_count; i++)
        if (!tarn__vnode_readable(r->columns[i].node))
            return false;
    return true;
}

/* c0 AS "name", CAST(c1 AS JSON) AS "other" */
static tarn_status select_list(
    const tarn__duck_result *r, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < r->column_count; i++) {
        const tarn__duck_column *c = &r->columns[i];
        const char *comma = i > 0 ? ", " : "";
        if (tarn__vnode_readable(c->node))
            st = tarn__buf_printf(out, err, "%sc%zu AS ", comma, i);
        else
            st = tarn__buf_printf(out, err, "%sCAST(c%zu AS %s) AS ", comma, i,
                (int)c->node->id == TYPE_GEOMETRY ? "VARCHAR" : "JSON");
        if (st == TARN_OK)
            st = tarn__duck_quote_name(out, tarn_str(c->name), err);
    }
    return st;
}

/* The statement with the columns that cannot be read cast to ones that can. */
static tarn_status wrap(
    const tarn__duck_result *r, const char *sql, tarn_buf *out, tarn_error *err)
{
    size_t len = strlen(sql);
    while (len > 0 && strchr("; \t\r\n", sql[len - 1]) != NULL)
        len--;
    tarn_status st = tarn__buf_str(out, "SELECT ", err);
    if (st == TARN_OK)
        st = select_list(r, out, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err, " FROM (%.*s\n) AS t(", (int)len, sql);
    for (size_t i = 0; st == TARN_OK && i < r->column_count; i++)
        st = tarn__buf_printf(out, err, "%sc%zu", i > 0 ? ", " : "", i);
    return st == TARN_OK ? tarn__buf_char(out, ')', err) : st;
}

static tarn_status start(tarn__duck *duck, const char *sql,
    const tarn__duck_value *values, size_t count, bool *select,
    tarn__duck_result **out, tarn_error *err)
{
    *out = NULL;
    tarn__duck_result *r = tarn__calloc(1, sizeof(*r));
    if (r == NULL)
        return tarn__no_memory(err);
    r->duck = duck;
    tarn_status st =
        tarn__duck_prepare(duck, sql, values, count, &r->stmt, err);
    if (st == TARN_OK) {
        *select = duckdb_prepared_statement_type(r->stmt) ==
            DUCKDB_STATEMENT_TYPE_SELECT;
        st = tarn__duck_start(r, err);
    }
    if (st == TARN_OK)
        st = init_columns(r, err);
    if (st == TARN_OK)
        *out = r;
    else
        tarn__duck_result_free(r);
    return st;
}

static tarn_status restart(tarn__duck_result **r, const char *sql,
    const tarn__duck_value *values, size_t count, tarn_error *err)
{
    tarn_buf wrapped = TARN_BUF_INIT;
    bool select = false;
    tarn__duck *duck = (*r)->duck;
    tarn_status st = wrap(*r, sql, &wrapped, err);
    tarn__duck_result_free(*r);
    *r = NULL;
    if (st == TARN_OK)
        st = start(duck, wrapped.ptr, values, count, &select, r, err);
    tarn_buf_reset(&wrapped);
    return st;
}

static tarn_status refuse(const tarn__duck_result *r, tarn_error *err)
{
    for (size_t i = 0; i < r->column_count; i++)
        if (!tarn__vnode_readable(r->columns[i].node))
            return tarn__fail(err, TARN_BAD_INPUT,
                "column %s: its type cannot be read (cast it to VARCHAR)",
                r->columns[i].name);
    return TARN_OK;
}

tarn_status tarn__duck_query(tarn__duck *duck, const char *sql,
    const tarn__duck_value *values, size_t count, tarn__duck_result **out,
    tarn_error *err)
{
    bool select = false;
    tarn_status st = start(duck, sql, values, count, &select, out, err);
    if (st != TARN_OK || readable(*out))
        return st;
    if (select)
        st = restart(out, sql, values, count, err);
    if (st == TARN_OK)
        st = refuse(*out, err);
    if (st != TARN_OK) {
        tarn__duck_result_free(*out);
        *out = NULL;
    }
    return st;
}

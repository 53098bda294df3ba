/* Queries of track and others: {names} become bound parameters. */
#include "flow/driver/query.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"

#define MAX_PARAMETERS 65535

tarn_status tarn__query_connect(const char *engine, const char *connection,
    const char *base_dir, tarn__db **out, tarn_error *err)
{
    json_t *json = NULL;
    *out = NULL;
    tarn_status st =
        tarn__json_parse(tarn_str(connection), "connection", &json, err);
    if (st == TARN_OK)
        st = tarn__db_connect(engine, json, base_dir, false, out, err);
    json_decref(json);
    return st;
}

/* --- names --- */

typedef struct binding {
    tarn_buf sql;
    tarn__cell *cells;
    size_t count;
    size_t cap;
} binding;

static const tarn__query_value *find(
    const tarn__query_value *values, size_t count, tarn_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (tarn__slice_is(name, values[i].name))
            return &values[i];
    return NULL;
}

static tarn_status add(
    const tarn__db *db, binding *b, tarn__cell cell, tarn_error *err)
{
    if (b->count == MAX_PARAMETERS)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: more than %d parameters in a query (ask in smaller batches)",
            db->where, MAX_PARAMETERS);
    tarn_status st = tarn__grow(
        (void **)&b->cells, &b->cap, b->count + 1, sizeof(*b->cells), err);
    if (st != TARN_OK)
        return st;
    b->cells[b->count++] = cell;
    return db->cls->dollar ? tarn__buf_printf(&b->sql, err, "$%zu", b->count)
                           : tarn__buf_char(&b->sql, '?', err);
}

static tarn_status add_value(const tarn__db *db, binding *b,
    const tarn__query_value *value, tarn_error *err)
{
    if (value->count == 0)
        return tarn__buf_str(&b->sql, "NULL", err);
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < value->count; i++) {
        tarn__cell cell = {.type = TARN_NULL};
        if (value->texts[i] != NULL)
            cell = (tarn__cell){TARN_TEXT, 0, 0, tarn_str(value->texts[i])};
        if (i > 0)
            st = tarn__buf_str(&b->sql, ", ", err);
        if (st == TARN_OK)
            st = add(db, b, cell, err);
    }
    return st;
}

static tarn_status bind_names(const tarn__db *db, const char *sql,
    const tarn__query_value *values, size_t count, binding *b, tarn_error *err)
{
    tarn__db_parameter parameter;
    size_t at = 0;
    size_t done = 0;
    tarn_status st = TARN_OK;
    while (st == TARN_OK &&
        tarn__db_parameter_next(db->cls, sql, true, &at, &parameter)) {
        const tarn__query_value *value = find(values, count, parameter.name);
        if (value == NULL)
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: the query names {%.*s}, which has no value", db->where,
                (int)parameter.name.len, parameter.name.ptr);
        st = tarn__buf_append(&b->sql, sql + done, parameter.at - done, err);
        if (st == TARN_OK)
            st = add_value(db, b, value, err);
        done = at;
    }
    return st == TARN_OK ? tarn__buf_str(&b->sql, sql + done, err) : st;
}

/* --- rows --- */

static tarn_status next(void *self, tarn__cell *cells, tarn_error *err)
{
    return tarn__db_next(self, cells, err);
}

static void free_rows(void *self)
{
    tarn__db_stream_free(self);
}

static tarn_status make_rows(
    tarn__db_stream *stream, tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {next, free_rows};
    tarn__column *columns =
        tarn__calloc(stream->column_count, sizeof(*columns));
    if (columns == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < stream->column_count; i++)
        columns[i] =
            (tarn__column){stream->columns[i].name, stream->columns[i].type};
    tarn_status st = tarn__rows_create(
        &cls, stream, columns, stream->column_count, out, err);
    tarn__free(columns);
    return st;
}

tarn_status tarn__query_run(tarn__db *db, const char *sql,
    const tarn__query_value *values, size_t count, tarn_rows **out,
    tarn_error *err)
{
    binding b = {.sql = TARN_BUF_INIT};
    tarn__db_stream *stream = NULL;
    *out = NULL;
    tarn_status st = bind_names(db, sql, values, count, &b, err);
    if (st == TARN_OK)
        st = tarn__db_query(db, b.sql.ptr, b.cells, b.count, &stream, err);
    if (st == TARN_OK)
        st = make_rows(stream, out, err);
    if (st != TARN_OK)
        tarn__db_stream_free(stream);
    tarn_buf_reset(&b.sql);
    tarn__free(b.cells);
    return st;
}

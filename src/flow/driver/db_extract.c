/* Rows of a database into a step's DuckDB file, streamed.
 *
 * E1  The statement is one SELECT that the server plans: its values, the
 *     cursor among them, are bound (B1).
 * E2  A value arrives as it was, or its loss is told: values that no type of
 *     DuckDB's holds are NULL and counted in the event `values_null`.
 * E3  Rows pass through a part of the call's memory; from the first long ones
 *     on, DuckDB gets all of it: it takes 2,048 rows of a column at a time. */
#include "flow/driver/builtin.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "duck/feed.h"
#include "flow/driver/db_cursor.h"
#include "flow/driver/query.h"
#include "flow/driver/step.h"
#include "flow/exchange.h"

/* Rows are handed to DuckDB when their texts have so many bytes. */
#define CHUNK_BYTES ((size_t)4 << 20)
/* Of each column that is written, DuckDB holds two blocks. */
#define FEW_COLUMNS 64

typedef struct extraction {
    tarn__driver_step step;
    tarn__db *db;
    tarn__db_stream *stream;
    tarn_driver_call streaming; /* the call, with E3's memory */
    tarn__exchange *exchange;
    tarn_buf sql;
    tarn__cell *given; /* config's query_values */
    size_t given_count;
    tarn__cell *values; /* as the statement takes them */
    size_t value_count;
    char *cursor; /* the text of the last value */
    tarn__cell *row;
    tarn__column *columns;
    int64_t rows;
    int64_t bytes; /* of their texts */
    int64_t told;
} extraction;

/* --- the statement --- */

static tarn_status take_given(extraction *x, tarn_error *err)
{
    json_t *list = json_object_get(x->step.config, "query_values");
    size_t count = json_array_size(list);
    x->given = tarn__calloc(count + 1, sizeof(*x->given));
    if (x->given == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const json_t *v = json_array_get(list, i);
        tarn__cell *cell = &x->given[i];
        if (json_is_string(v)) {
            cell->type = TARN_TEXT;
            cell->bytes =
                (tarn_slice){json_string_value(v), json_string_length(v)};
        } else if (json_is_integer(v) || json_is_boolean(v)) {
            cell->type = json_is_boolean(v) ? TARN_BOOL : TARN_INT64;
            cell->i64 =
                json_is_boolean(v) ? json_is_true(v) : json_integer_value(v);
        } else if (json_is_real(v)) {
            cell->type = TARN_DOUBLE;
            cell->f64 = json_real_value(v);
        } else if (!json_is_null(v)) {
            return tarn__fail(err, TARN_BAD_INPUT,
                "config.query_values[%zu]: no single value", i);
        }
    }
    x->given_count = count;
    return TARN_OK;
}

static tarn_status from_table(extraction *x, const char *table, tarn_error *err)
{
    json_t *columns = json_object_get(x->step.config, "columns");
    tarn_status st = tarn__buf_str(&x->sql, "SELECT ", err);
    for (size_t i = 0; st == TARN_OK && i < json_array_size(columns); i++) {
        const char *name = json_string_value(json_array_get(columns, i));
        if (name == NULL)
            return tarn__fail(err, TARN_BAD_INPUT,
                "config.columns[%zu]: no name of a column", i);
        if (i > 0)
            st = tarn__buf_str(&x->sql, ", ", err);
        if (st == TARN_OK)
            st = tarn__db_quote(x->db, &x->sql, name, err);
    }
    if (st == TARN_OK)
        st = tarn__buf_str(
            &x->sql, json_array_size(columns) > 0 ? " FROM " : "* FROM ", err);
    return st == TARN_OK
        ? tarn__db_quote_table(x->db, &x->sql,
              tarn__json_text(x->step.config, "schema"), table, err)
        : st;
}

/* Without the semicolons at its end. */
static size_t query_len(const char *query)
{
    size_t len = strlen(query);
    while (len > 0 && strchr("; \t\r\n", query[len - 1]) != NULL)
        len--;
    return len;
}

/* The query's own parameters get the engine's numbers before it is wrapped. */
static tarn_status from_query(extraction *x, const char *query, tarn_error *err)
{
    char *text = tarn__strndup(query, query_len(query));
    if (text == NULL)
        return tarn__no_memory(err);
    bool wrapped =
        x->step.call->cursor_column != NULL && x->step.call->cursor != NULL;
    tarn_status st = TARN_OK;
    if (wrapped)
        st = tarn__buf_str(&x->sql, "SELECT * FROM (", err);
    if (st == TARN_OK)
        st = tarn__db_number(x->db, text, x->given, x->given_count, &x->sql,
            &x->values, &x->value_count, err);
    /* A comment may end the query. */
    if (st == TARN_OK && wrapped)
        st = tarn__buf_str(&x->sql, "\n) AS tarn_q", err);
    tarn__free(text);
    return st;
}

static tarn_status add_limit(extraction *x, tarn_error *err)
{
    int64_t limit = -1;
    int64_t offset = 0;
    bool has_limit = tarn__json_i64(x->step.config, "limit", &limit);
    bool has_offset = tarn__json_i64(x->step.config, "offset", &offset);
    if ((has_limit && limit < 0) || offset < 0)
        return tarn__fail(
            err, TARN_BAD_INPUT, "config: limit and offset are at least 0");
    if (!has_limit && !has_offset)
        return TARN_OK;
    return tarn__buf_printf(&x->sql, err, " LIMIT %lld OFFSET %lld",
        has_limit ? (long long)limit : (long long)INT64_MAX, (long long)offset);
}

static tarn_status build(extraction *x, tarn_error *err)
{
    const json_t *config = x->step.config;
    const char *query = tarn__json_text(config, "query");
    const char *table = tarn__json_text(config, "table");
    if ((query == NULL) == (table == NULL))
        return tarn__fail(err, TARN_BAD_INPUT,
            "config: %s (give `query` or `table`)",
            query == NULL ? "nothing to read"
                          : "query and table exclude "
                            "each other");
    if (query != NULL &&
        (json_object_get(config, "columns") != NULL ||
            json_object_get(config, "limit") != NULL ||
            json_object_get(config, "offset") != NULL))
        return tarn__fail(err, TARN_BAD_INPUT,
            "config: columns, limit and offset go with `table` (write them "
            "into the query)");
    /* What a limit cuts off would be below the new cursor. */
    if (x->step.call->cursor_column != NULL &&
        (json_object_get(config, "limit") != NULL ||
            json_object_get(config, "offset") != NULL))
        return tarn__fail(err, TARN_BAD_INPUT,
            "config: limit and offset would lose rows of an incremental step "
            "(leave them out)");
    tarn_status st = take_given(x, err);
    if (st == TARN_OK)
        st = query != NULL ? from_query(x, query, err)
                           : from_table(x, table, err);
    if (st == TARN_OK)
        st = tarn__db_cursor_add(x->db, x->step.call, &x->sql, &x->values,
            &x->value_count, &x->cursor, err);
    return st == TARN_OK && table != NULL ? add_limit(x, err) : st;
}

/* --- rows --- */

/* Its bytes outside of the chunk's own. */
static size_t put(
    tarn__feed_chunk *chunk, size_t col, size_t row, const tarn__cell *cell)
{
    switch (cell->type) {
    case TARN_NULL:
        tarn__feed_null(chunk, col, row);
        return 0;
    case TARN_BOOL:
        tarn__feed_bool(chunk, col, row, cell->i64 != 0);
        return 0;
    case TARN_INT64:
    case TARN_TIME:
        tarn__feed_i64(chunk, col, row, cell->i64);
        return 0;
    case TARN_DOUBLE:
        tarn__feed_double(chunk, col, row, cell->f64);
        return 0;
    case TARN_TEXT:
    case TARN_BLOB:
    case TARN_JSON:
        tarn__feed_text(chunk, col, row, cell->bytes);
        return cell->bytes.len;
    }
    return 0;
}

static tarn_status open_feed(void *ctx, void **worker, tarn_error *err)
{
    (void)err;
    *worker = ctx;
    return TARN_OK;
}

/* E3. */
static tarn_status use_all_memory(extraction *x, tarn_error *err)
{
    if (x->streaming.memory_bytes == x->step.call->memory_bytes)
        return TARN_OK;
    x->streaming.memory_bytes = x->step.call->memory_bytes;
    return tarn__duck_set_memory(
        tarn__exchange_duck(x->exchange), x->streaming.memory_bytes, err);
}

static tarn_status fill(void *worker, tarn__feed_chunk *chunk, size_t max,
    size_t *count, tarn_error *err)
{
    extraction *x = worker;
    const tarn_driver_call *call = x->step.call;
    tarn_status st = tarn__step_alive(call, err);
    size_t bytes = 0;
    *count = 0;
    while (st == TARN_OK && *count < max && bytes < CHUNK_BYTES) {
        st = tarn__db_next(x->stream, x->row, err);
        if (st != TARN_ROW)
            break;
        for (size_t i = 0; i < x->stream->column_count; i++)
            bytes += put(chunk, i, *count, &x->row[i]);
        ++*count;
        st = TARN_OK;
    }
    x->rows += (int64_t)*count;
    x->bytes += (int64_t)bytes;
    if (st == TARN_OK && bytes >= CHUNK_BYTES)
        st = use_all_memory(x, err);
    if (call->progress != NULL && (x->rows >= x->told + 10000 || *count == 0)) {
        x->told = x->rows;
        call->progress(call->ctx, x->rows);
    }
    return st;
}

static void close_feed(void *worker)
{
    (void)worker;
}

/* CAST("3" AS DATE) AS "born" */
static tarn_status add_expression(
    tarn_buf *sql, const tarn__db_column *column, size_t i, tarn_error *err)
{
    const char *mark = column->cast == NULL ? NULL : strstr(column->cast, "%s");
    tarn_status st = tarn__buf_str(sql, i > 0 ? ", " : "", err);
    if (st == TARN_OK && mark != NULL)
        st = tarn__buf_append(
            sql, column->cast, (size_t)(mark - column->cast), err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err, "\"%zu\"", i);
    if (st == TARN_OK && mark != NULL)
        st = tarn__buf_str(sql, mark + 2, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, " AS ", err);
    return st == TARN_OK
        ? tarn__duck_quote_name(sql, tarn_str(column->name), err)
        : st;
}

static tarn_status make_table(
    extraction *x, const tarn_driver_result *result, tarn_error *err)
{
    tarn__db_stream *stream = x->stream;
    tarn_buf sql = TARN_BUF_INIT;
    int64_t made;
    char(*names)[24] = tarn__calloc(stream->column_count, sizeof(*names));
    x->columns = tarn__calloc(stream->column_count, sizeof(*x->columns));
    x->row = tarn__calloc(stream->column_count, sizeof(*x->row));
    tarn_status st = names == NULL || x->columns == NULL || x->row == NULL
        ? tarn__no_memory(err)
        : tarn__buf_str(&sql, "SELECT ", err);
    for (size_t i = 0; st == TARN_OK && i < stream->column_count; i++) {
        (void)snprintf(names[i], sizeof names[i], "%zu", i);
        x->columns[i] = (tarn__column){names[i], stream->columns[i].type};
        st = add_expression(&sql, &stream->columns[i], i, err);
    }
    tarn__feed feed = {.name = "tarn_rows",
        .columns = x->columns,
        .column_count = stream->column_count,
        .threads = 1,
        .ctx = x,
        .open = open_feed,
        .fill = fill,
        .close = close_feed};
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, " FROM tarn_rows()", err);
    if (st == TARN_OK)
        st = tarn__duck_feed(tarn__exchange_duck(x->exchange), &feed, err);
    if (st == TARN_OK)
        st = tarn__exchange_make(
            x->exchange, result, "main", sql.ptr, NULL, 0, &made, err);
    tarn_buf_reset(&sql);
    tarn__free(names);
    return st;
}

static tarn_status tell_nulled(const extraction *x, tarn_error *err)
{
    const tarn_driver_call *call = x->step.call;
    tarn_buf fields = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < x->stream->column_count; i++) {
        const tarn__db_column *c = &x->stream->columns[i];
        if (c->nulled == 0 || call->event == NULL)
            continue;
        tarn__buf_clear(&fields);
        st = tarn__buf_str(&fields, "{\"column\":", err);
        if (st == TARN_OK)
            st = tarn__json_quote(&fields, tarn_str(c->name), err);
        if (st == TARN_OK)
            st = tarn__buf_printf(
                &fields, err, ",\"count\":%lld}", (long long)c->nulled);
        if (st == TARN_OK)
            call->event(call->ctx, "values_null", fields.ptr);
    }
    tarn_buf_reset(&fields);
    return st;
}

/* --- all of it --- */

static tarn_status read_rows(
    extraction *x, const tarn_driver_result *result, tarn_error *err)
{
    const tarn_driver_call *call = x->step.call;
    tarn_status st = tarn__db_query(
        x->db, x->sql.ptr, x->values, x->value_count, &x->stream, err);
    tarn__db_order order = TARN__DB_ORDER_OWN;
    if (st == TARN_OK && call->cursor_column != NULL)
        st = tarn__db_cursor_order(x->stream, call->cursor_column, &order, err);
    x->streaming = *call;
    if (st == TARN_OK && x->stream->column_count <= FEW_COLUMNS)
        x->streaming.memory_bytes = tarn__exchange_streaming(call);
    if (st == TARN_OK)
        st = tarn__exchange_open(&x->streaming, &x->exchange, err);
    if (st == TARN_OK)
        st = make_table(x, result, err);
    if (st == TARN_OK)
        st = tell_nulled(x, err);
    if (st == TARN_OK)
        st = tarn__step_tell_cursor(
            call, x->exchange, order == TARN__DB_ORDER_NUMBER, result, err);
    if (st == TARN_OK)
        tarn__call_metric(call, "rows_read", (double)x->rows);
    return st == TARN_OK ? tarn__exchange_finish(x->exchange, err) : st;
}

static void clean_up(extraction *x)
{
    tarn__db_stream_free(x->stream);
    tarn__exchange_free(x->exchange);
    tarn__db_close(x->db);
    tarn_buf_reset(&x->sql);
    tarn__free(x->cursor);
    tarn__free(x->given);
    tarn__free(x->values);
    tarn__free(x->row);
    tarn__free(x->columns);
    tarn__step_close(&x->step);
}

/* A file of SQLite's may be named in the step itself. */
static tarn_status connect_step(
    extraction *x, const char *engine, tarn_error *err)
{
    json_t *path = json_object_get(x->step.config, "path");
    json_t *connection = x->step.connection;
    if (path != NULL && strcmp(engine, "sqlite") == 0)
        connection = x->step.config;
    return tarn__db_connect(
        engine, connection, x->step.call->base_dir, false, &x->db, err);
}

static tarn_status extract(const char *engine, const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    extraction x = {.sql = TARN_BUF_INIT};
    tarn__step_watch *watch = NULL;
    tarn_status st = tarn__step_open(&x.step, call, err);
    if (st == TARN_OK)
        st = connect_step(&x, engine, err);
    if (st == TARN_OK) {
        int64_t batch = 10000;
        (void)tarn__json_i64(x.step.config, "batch_size", &batch);
        x.db->batch_rows = batch > 0 && batch < 10000000 ? (size_t)batch : 1;
        st = build(&x, err);
    }
    if (st == TARN_OK)
        st = tarn__step_watch_start(
            call, tarn__step_cancel_db, x.db, &watch, err);
    if (st == TARN_OK)
        st = read_rows(&x, result, err);
    tarn__step_watch_stop(watch);
    /* What a cancelled statement says is not why it ended. */
    if (st != TARN_OK && st != TARN_INTERRUPTED &&
        tarn__step_alive(call, NULL) != TARN_OK)
        st = tarn__step_alive(call, err);
    if (st == TARN_NO_MEMORY && x.rows > 0)
        st = tarn__fail(err, TARN_NO_MEMORY,
            "step %s: no memory for its rows: their texts have %lld KiB each, "
            "and DuckDB takes 2,048 of a column at a time (give more --memory, "
            "or leave out the column of the long ones)",
            call->step_id, (long long)(x.bytes / x.rows / 1024));
    clean_up(&x);
    return st;
}

static tarn_status test(const char *engine, const char *connection,
    const char *base_dir, tarn_error *err)
{
    tarn__db *db;
    tarn_status st =
        tarn__query_connect(engine, connection, base_dir, &db, err);
    if (st == TARN_OK)
        st = tarn__db_exec(db, "SELECT 1", err);
    tarn__db_close(db);
    return st;
}

#define SCHEMA(family, required, more)                                  \
    "{\"type\":\"object\",\"x-connection\":\"" family                   \
    "\",\"x-connection-required\":" required                            \
    ",\"x-incremental\":true,\"x-one-of\":[[\"query\",\"table\"]],"     \
    "\"properties\":{" more                                             \
    "\"query\":{\"type\":\"string\",\"x-sql\":\"" family "\"},"         \
    "\"table\":{\"type\":\"string\"},\"schema\":{\"type\":\"string\"}," \
    "\"columns\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}," \
    "\"limit\":{\"type\":\"integer\",\"minimum\":0},"                   \
    "\"offset\":{\"type\":\"integer\",\"minimum\":0},"                  \
    "\"batch_size\":{\"type\":\"integer\",\"minimum\":1,"               \
    "\"maximum\":1000000,\"default\":10000}}}"

#define EXTRACTOR(engine, required, more)                                   \
    static tarn_status extract_##engine(const tarn_driver_call *call,       \
        const tarn_driver_result *result, tarn_error *err)                  \
    {                                                                       \
        return extract(#engine, call, result, err);                         \
    }                                                                       \
    static tarn_status test_##engine(                                       \
        const char *connection, const char *base_dir, tarn_error *err)      \
    {                                                                       \
        return test(#engine, connection, base_dir, err);                    \
    }                                                                       \
    const tarn_driver tarn__driver_##engine##_extractor = {TARN_DRIVER_ABI, \
        #engine ".extractor", "1", TARN_STEP_READ,                          \
        SCHEMA(#engine, required, more), extract_##engine, test_##engine}

EXTRACTOR(mysql, "true", "");
EXTRACTOR(postgres, "true", "");
EXTRACTOR(sqlite, "false", "\"path\":{\"type\":\"string\"},");

/* http.writer: rows as JSON, some of them a request.
 *
 * A request that may have reached the server is not sent again, unless the
 * configuration says that this does no harm. */
#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/driver/http_call.h"
#include "flow/exchange.h"

typedef struct target {
    tarn__http_call http;
    tarn__exchange *exchange;
    tarn_buf url;
    tarn_buf body;
    int64_t batch;
    int64_t pending;
    int64_t rows;
} target;

static tarn_status send(target *t, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (t->pending == 0)
        return TARN_OK;
    if (t->batch > 1)
        st = tarn__buf_char(&t->body, ']', err);
    if (st == TARN_OK)
        st = tarn__http_call_do(&t->http, t->url.ptr,
            tarn__config_text(t->http.step.config, "method", "POST"), &t->body,
            true, err);
    if (st != TARN_OK)
        tarn__error_prefix(err, "after %lld rows", (long long)t->rows);
    t->rows += t->pending;
    t->pending = 0;
    tarn__buf_clear(&t->body);
    return st;
}

static tarn_status add_row(target *t, tarn_slice json, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (t->batch > 1)
        st = tarn__buf_char(&t->body, t->pending == 0 ? '[' : ',', err);
    if (st == TARN_OK)
        st = tarn__buf_append(&t->body, json.ptr, json.len, err);
    t->pending++;
    return st == TARN_OK && t->pending == t->batch ? send(t, err) : st;
}

static tarn_status send_rows(target *t, tarn_error *err)
{
    const tarn_driver_call *call = t->http.step.call;
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_buf source = TARN_BUF_INIT;
    tarn_status st = tarn__exchange_single(call, &source, err);
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err,
            "SELECT CAST(to_json(r) AS VARCHAR) FROM %s AS r", source.ptr);
    if (st == TARN_OK)
        st = tarn__duck_query(
            tarn__exchange_duck(t->exchange), sql.ptr, NULL, 0, &rows, err);
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, &cell, err)) == TARN_ROW) {
        st = add_row(t, cell.bytes, err);
        if (st == TARN_OK && call->progress != NULL)
            call->progress(call->ctx, t->rows);
    }
    if (st == TARN_OK)
        st = send(t, err);
    tarn__duck_result_free(rows);
    tarn_buf_reset(&sql);
    tarn_buf_reset(&source);
    return st;
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    target t = {.url = TARN_BUF_INIT, .body = TARN_BUF_INIT, .batch = 100};
    (void)result;
    tarn_status st = tarn__http_call_open(&t.http, call, err);
    if (st == TARN_OK)
        st = tarn__http_call_add_header(
            &t.http, "Content-Type", "application/json", err);
    if (st == TARN_OK) {
        (void)tarn__json_i64(t.http.step.config, "batch_size", &t.batch);
        st = tarn__http_call_url(&t.http,
            json_object_get(t.http.step.config, "params"), &t.url, err);
    }
    if (st == TARN_OK)
        st = tarn__exchange_open(call, &t.exchange, err);
    if (st == TARN_OK)
        st = send_rows(&t, err);
    if (st == TARN_OK) {
        tarn__call_metric(call, "rows_written", (double)t.rows);
        tarn__call_metric(call, "requests", (double)t.http.requests);
    }
    tarn__exchange_free(t.exchange);
    tarn_buf_reset(&t.url);
    tarn_buf_reset(&t.body);
    tarn__http_call_close(&t.http);
    return st;
}

static const char schema[] =
    "{\"type\":\"object\",\"x-connection\":\"http\",\"properties\":{"
    "\"url\":{\"type\":\"string\"},"
    "\"method\":{\"enum\":[\"POST\",\"PUT\",\"PATCH\"],\"default\":\"POST\"},"
    "\"headers\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"params\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"batch_size\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100000,"
    "\"default\":100},"
    "\"repeatable\":{\"type\":\"boolean\",\"default\":false}"
    "," TARN__HTTP_PATIENCE_SCHEMA "}}";

const tarn_driver tarn__driver_http_writer = {
    TARN_DRIVER_ABI, "http.writer", "1", TARN_STEP_WRITE, schema, run, NULL};

/* graphql.extractor: a GraphQL query, page after page.
 *
 * The invariants of http.c; and an answer with `errors` is a failure, whatever
 * data it has besides. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/driver/http_call.h"
#include "flow/driver/json_rows.h"

typedef struct source {
    tarn__http_call http;
    tarn__json_rows rows;
    json_t *variables;
    int64_t pages;
} source;

static tarn_status take_error(void *ctx, tarn_slice value, tarn_error *err)
{
    source *s = ctx;
    char *message = NULL;
    tarn_status st = tarn__json_path_text(value, "message", &message, err);
    if (st == TARN_OK)
        st = tarn__fail(err, TARN_BAD_INPUT, "%s: the service says: %s",
            s->http.what, message == NULL ? "errors" : message);
    tarn__free(message);
    return st;
}

static tarn_status take_row(void *ctx, tarn_slice value, tarn_error *err)
{
    source *s = ctx;
    return tarn__json_rows_add(&s->rows, value, err);
}

static tarn_status ask(source *s, const char *query, tarn_error *err)
{
    tarn_buf body = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&body, "{\"query\":", err);
    if (st == TARN_OK)
        st = tarn__json_quote(&body, tarn_str(query), err);
    if (st == TARN_OK)
        st = tarn__buf_str(&body, ",\"variables\":", err);
    if (st == TARN_OK)
        st = tarn__json_dump(s->variables, &body, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&body, '}', err);
    if (st == TARN_OK)
        st = tarn__http_call_do(
            &s->http, s->http.url, "POST", &body, false, err);
    tarn_buf_reset(&body);
    return st;
}

static tarn_status read_page(source *s, const char *query, tarn_error *err)
{
    const char *path =
        tarn__config_text(s->http.step.config, "data_path", "data");
    const tarn_driver_call *call = s->http.step.call;
    bool found = false;
    tarn_status st = ask(s, query, err);
    tarn_slice answer = tarn__buf_slice(&s->http.answer);
    if (st == TARN_OK)
        st = tarn__json_path_each(answer, "errors", &found, take_error, s, err);
    if (st == TARN_OK)
        st = tarn__json_path_each(answer, path, &found, take_row, s, err);
    if (st == TARN_OK && !found)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: the answer has nothing at %s (check data_path)", s->http.what,
            path);
    s->pages++;
    if (st == TARN_OK && call->progress != NULL)
        call->progress(call->ctx, s->rows.count);
    return st;
}

/* {"endCursor": ..., "hasNextPage": ...} at paging.path */
static tarn_status turn_page(
    source *s, const json_t *paging, bool *more, tarn_error *err)
{
    const char *path = tarn__config_text(paging, "path", "data.pageInfo");
    tarn_slice answer = tarn__buf_slice(&s->http.answer);
    int64_t max = 0;
    char *next = NULL;
    char *cursor = NULL;
    *more = false;
    if (paging == NULL)
        return TARN_OK;
    char *next_path = tarn__sprintf("%s.%s", path,
        tarn__config_text(paging, "has_next_field", "hasNextPage"));
    char *cursor_path = tarn__sprintf(
        "%s.%s", path, tarn__config_text(paging, "cursor_field", "endCursor"));
    tarn_status st = next_path == NULL || cursor_path == NULL
        ? tarn__no_memory(err)
        : tarn__json_path_text(answer, next_path, &next, err);
    if (st == TARN_OK)
        st = tarn__json_path_text(answer, cursor_path, &cursor, err);
    if (st == TARN_OK && next == NULL)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: the answer has no %s (check paging.path)", s->http.what,
            next_path);
    *more = st == TARN_OK && strcmp(next, "true") == 0;
    if (*more && cursor == NULL)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: there are more pages, and the cursor is missing",
            s->http.what);
    else if (*more)
        st = tarn__http_call_turn(&s->http, cursor, err);
    (void)tarn__json_i64(paging, "max_pages", &max);
    if (st == TARN_OK && *more && max > 0 && s->pages >= max) {
        const tarn_driver_call *call = s->http.step.call;
        *more = false;
        if (call->event != NULL)
            call->event(call->ctx, "pages_limit", NULL);
    }
    if (st == TARN_OK && *more &&
        json_object_set_new(s->variables,
            tarn__config_text(paging, "variable", "after"),
            json_string(cursor)) != 0)
        st = tarn__no_memory(err);
    tarn__free(cursor);
    tarn__free(next);
    tarn__free(next_path);
    tarn__free(cursor_path);
    return st;
}

static tarn_status read_pages(source *s, tarn_error *err)
{
    const json_t *config = s->http.step.config;
    const json_t *variables = json_object_get(config, "variables");
    const char *since = tarn__json_text(config, "cursor_variable");
    const tarn_driver_call *call = s->http.step.call;
    const char *query;
    bool more = true;
    tarn_status st = tarn__config_need(call, config, "query", &query, err);
    s->variables =
        variables == NULL ? json_object() : json_deep_copy(variables);
    if (st == TARN_OK && s->variables == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK && since != NULL && call->cursor != NULL &&
        json_object_set_new(s->variables, since, json_string(call->cursor)) !=
            0)
        st = tarn__no_memory(err);
    while (st == TARN_OK && more) {
        st = read_page(s, query, err);
        if (st == TARN_OK)
            st = turn_page(s, json_object_get(config, "paging"), &more, err);
    }
    return st;
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    source s = {.rows = {.file = TARN__FILE_INIT, .pending = TARN_BUF_INIT}};
    tarn_status st = tarn__http_call_open(&s.http, call, err);
    if (st == TARN_OK)
        st = tarn__http_call_add_header(
            &s.http, "Content-Type", "application/json", err);
    if (st == TARN_OK)
        st = tarn__json_rows_open(&s.rows, call, err);
    if (st == TARN_OK)
        st = read_pages(&s, err);
    if (st == TARN_OK)
        st = tarn__json_rows_finish(&s.rows, call, result,
            json_object_get(s.http.step.config, "columns"), err);
    if (st == TARN_OK)
        tarn__call_metric(call, "requests", (double)s.http.requests);
    tarn__json_rows_close(&s.rows);
    json_decref(s.variables);
    tarn__http_call_close(&s.http);
    return st;
}

static const char schema[] =
    "{\"type\":\"object\",\"x-connection\":\"http\",\"x-incremental\":true,"
    "\"required\":[\"query\"],\"properties\":{"
    "\"url\":{\"type\":\"string\"},"
    "\"query\":{\"type\":\"string\",\"x-sql\":\"graphql\"},"
    "\"variables\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"headers\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"data_path\":{\"type\":\"string\"},"
    "\"paging\":{\"type\":\"object\",\"properties\":{"
    "\"kind\":{\"enum\":[\"cursor\"]},\"path\":{\"type\":\"string\"},"
    "\"cursor_field\":{\"type\":\"string\"},"
    "\"has_next_field\":{\"type\":\"string\"},"
    "\"variable\":{\"type\":\"string\"},"
    "\"max_pages\":{\"type\":\"integer\",\"minimum\":0}}},"
    "\"columns\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"cursor_variable\":{\"type\":\"string\"}," TARN__HTTP_PATIENCE_SCHEMA
    "}}";

const tarn_driver tarn__driver_graphql_extractor = {TARN_DRIVER_ABI,
    "graphql.extractor", "1", TARN_STEP_READ, schema, run, NULL};

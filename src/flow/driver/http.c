/* http.extractor: JSON over HTTP, page after page.
 *
 * G1  A page is asked for once, unless its answer was none.
 * G2  A page that fails fails the step: what came before is no result.
 * G3  A server that does not look at the offset is noticed.  Rows that are alike
 *     make pages that are; only when one far behind all others is the same too
 *     are they no pages. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/driver/http_call.h"
#include "flow/driver/json_rows.h"

typedef enum kind { SINGLE, CURSOR, OFFSET, PAGE, LINK } kind;

typedef struct source {
    tarn__http_call http;
    tarn__json_rows rows;
    const json_t *paging;
    kind kind;
    json_t *params;
    json_t *body; /* an object that pages change; NULL */
    tarn_buf url;
    char *cursor;
    int64_t limit; /* rows of a page, 0: unknown */
    int64_t at;    /* OFFSET, PAGE */
    int64_t pages;
    int64_t page_rows;
    uint64_t page[2]; /* a digest of its rows */
    uint64_t last[2]; /* of the page before */
    bool far;         /* one far behind all others was asked for */
} source;

/* So far behind no page has a row; servers take it for 32 bits. */
#define FAR 1000000000

/* --- the place of a page --- */

static tarn_status take_kind(source *s, tarn_error *err)
{
    const char *const words[] = {NULL, "cursor", "offset", "page", "link"};
    const char *word;
    s->paging = json_object_get(s->http.step.config, "paging");
    if (s->paging == NULL)
        return TARN_OK;
    word = tarn__config_text(s->paging, "kind", "");
    for (int k = CURSOR; k <= LINK; k++)
        if (strcmp(words[k], word) == 0)
            s->kind = (kind)k;
    if (s->kind == SINGLE)
        return tarn__fail(err, TARN_BAD_INPUT,
            "config.paging.kind: %s (cursor, offset, page or link)", word);
    if (s->kind == CURSOR && tarn__json_text(s->paging, "cursor_path") == NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "config.paging: cursor_path is missing (where the answer has the "
            "next page's cursor)");
    (void)tarn__json_i64(s->paging, "limit", &s->limit);
    if (s->kind == OFFSET && s->limit <= 0)
        s->limit = 100;
    if (s->kind == PAGE)
        s->at = 1;
    (void)tarn__json_i64(s->paging, "start", &s->at);
    return TARN_OK;
}

/* A parameter of the address, or a member of the body. */
static tarn_status set(
    source *s, const char *name, json_t *value, tarn_error *err)
{
    bool in_body =
        strcmp(tarn__config_text(s->paging, "in", "params"), "body") == 0;
    if (in_body && s->body == NULL) {
        json_decref(value);
        return tarn__fail(err, TARN_BAD_INPUT,
            "config.paging.in: body, but there is no body that is a mapping");
    }
    return json_object_set_new(in_body ? s->body : s->params, name, value) == 0
        ? TARN_OK
        : tarn__no_memory(err);
}

static tarn_status set_page(source *s, tarn_error *err)
{
    const char *name = tarn__json_text(s->paging, "param");
    const char *limit_name = tarn__json_text(s->paging, "limit_param");
    tarn_status st = TARN_OK;
    if (s->kind == OFFSET || s->kind == PAGE) {
        if (name == NULL)
            name = s->kind == OFFSET ? "offset" : "page";
        st = set(s, name, json_integer(s->at), err);
        if (st == TARN_OK && s->kind == OFFSET && limit_name == NULL)
            limit_name = "limit";
    }
    if (st == TARN_OK && s->limit > 0 && limit_name != NULL)
        st = set(s, limit_name, json_integer(s->limit), err);
    if (st == TARN_OK && s->kind == CURSOR && s->cursor != NULL)
        st =
            set(s, name == NULL ? "cursor" : name, json_string(s->cursor), err);
    return st;
}

static tarn_status follow_link(source *s, bool *more, tarn_error *err)
{
    const char *path = tarn__json_text(s->paging, "next_path");
    tarn_slice link = tarn__http_next_link(s->http.link);
    char *text = NULL;
    char *url = NULL;
    tarn_status st = TARN_OK;
    if (path != NULL) {
        st = tarn__json_path_text(
            tarn__buf_slice(&s->http.answer), path, &text, err);
        link = text == NULL ? (tarn_slice){NULL, 0} : tarn_str(text);
    } else if (s->http.link_cut)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: its Link header has more than %d bytes (give next_path, if "
            "the answer has the address, too)",
            s->http.what, TARN__HTTP_LINK_BYTES);
    *more = st == TARN_OK && link.ptr != NULL && link.len > 0;
    if (*more && s->pages == 1)
        st = tarn__http_call_turn(&s->http, s->url.ptr, err);
    if (st == TARN_OK && *more)
        st = tarn__http_call_follow(&s->http, s->url.ptr, link, &url, err);
    if (st == TARN_OK && *more)
        st = tarn__http_call_turn(&s->http, url, err);
    if (st == TARN_OK && *more) {
        tarn__buf_clear(&s->url);
        st = tarn__buf_str(&s->url, url, err);
    }
    tarn__free(text);
    tarn__free(url);
    return st;
}

static tarn_status next_cursor(source *s, bool *more, tarn_error *err)
{
    char *cursor;
    const char *more_path = tarn__json_text(s->paging, "more_path");
    char *word = NULL;
    tarn_slice answer = tarn__buf_slice(&s->http.answer);
    tarn_status st = tarn__json_path_text(
        answer, tarn__json_text(s->paging, "cursor_path"), &cursor, err);
    if (st == TARN_OK && more_path != NULL)
        st = tarn__json_path_text(answer, more_path, &word, err);
    *more = st == TARN_OK && cursor != NULL &&
        (more_path == NULL || (word != NULL && strcmp(word, "true") == 0));
    tarn__free(word);
    if (*more)
        st = tarn__http_call_turn(&s->http, cursor, err);
    tarn__free(s->cursor);
    s->cursor = cursor;
    return st;
}

/* --- pages --- */

static void note_row(source *s, tarn_slice row)
{
    tarn__hash128 h = tarn__sip128(s->page, row);
    s->page[0] = h.a;
    s->page[1] = h.b;
    s->page_rows++;
}

static tarn_status take_row(void *ctx, tarn_slice value, tarn_error *err)
{
    source *s = ctx;
    note_row(s, value);
    return tarn__json_rows_add(&s->rows, value, err);
}

static tarn_status look_at_row(void *ctx, tarn_slice value, tarn_error *err)
{
    (void)err;
    note_row(ctx, value);
    return TARN_OK;
}

/* Ask for the page, and take its rows. */
static tarn_status ask(source *s,
    tarn_status (*take)(void *ctx, tarn_slice value, tarn_error *err),
    tarn_error *err)
{
    const json_t *config = s->http.step.config;
    const char *path = tarn__config_text(config, "data_path", "");
    const json_t *given = json_object_get(config, "body");
    tarn_buf body = TARN_BUF_INIT;
    bool found = false;
    tarn_status st = set_page(s, err);
    if (st == TARN_OK && (s->kind != LINK || s->pages == 0)) {
        tarn__buf_clear(&s->url);
        st = tarn__http_call_url(&s->http, s->params, &s->url, err);
    }
    if (st == TARN_OK && s->body != NULL)
        st = tarn__json_dump(s->body, &body, err);
    else if (st == TARN_OK && json_is_string(given))
        st = tarn__buf_str(&body, json_string_value(given), err);
    else if (st == TARN_OK && given != NULL)
        st = tarn__json_dump(given, &body, err);
    if (st == TARN_OK)
        st = tarn__http_call_do(&s->http, s->url.ptr,
            tarn__json_text(config, "method"), given == NULL ? NULL : &body,
            false, err);
    tarn_buf_reset(&body);
    s->page_rows = 0;
    s->page[0] = s->page[1] = 0;
    bool empty = st == TARN_OK && s->http.answer.len == 0;
    if (st == TARN_OK && !empty)
        st = tarn__json_path_each(
            tarn__buf_slice(&s->http.answer), path, &found, take, s, err);
    if (st == TARN_OK && !found && !empty)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: the answer has nothing at %s (check data_path)", s->http.what,
            path);
    return st;
}

/* --- the next one --- */

/* G3. */
static tarn_status notice_same(source *s, tarn_error *err)
{
    bool same = s->pages > 1 && memcmp(s->page, s->last, sizeof s->page) == 0;
    int64_t at = s->at;
    int64_t rows = s->page_rows;
    tarn_error refused = TARN_ERROR_INIT;
    memcpy(s->last, s->page, sizeof s->last);
    if (!same || s->far || at > FAR)
        return TARN_OK;
    s->far = true;
    s->at = FAR;
    tarn_status st = ask(s, look_at_row, &refused);
    s->at = at;
    s->page_rows = rows;
    if (st == TARN_NO_MEMORY || st == TARN_INTERRUPTED) {
        if (err != NULL)
            *err = refused;
        return st;
    }
    return st != TARN_OK || memcmp(s->page, s->last, sizeof s->page) != 0
        ? TARN_OK
        : tarn__fail(err, TARN_BAD_INPUT,
              "%s: every page is the same one (check paging.param and "
              "paging.in: the server does not look at it)",
              s->http.what);
}

static tarn_status turn_page(source *s, bool *more, tarn_error *err)
{
    int64_t max = 0;
    *more = false;
    (void)tarn__json_i64(s->paging, "max_pages", &max);
    if (s->kind == SINGLE || s->http.answer.len == 0)
        return TARN_OK;
    tarn_status st = TARN_OK;
    if (s->kind == LINK)
        st = follow_link(s, more, err);
    else if (s->kind == CURSOR)
        st = next_cursor(s, more, err);
    else
        *more = s->page_rows > 0 && s->page_rows >= s->limit;
    if (*more && (s->kind == OFFSET || s->kind == PAGE))
        st = notice_same(s, err);
    s->at += s->kind == OFFSET ? s->page_rows : 1;
    if (st == TARN_OK && *more && max > 0 && s->pages >= max) {
        const tarn_driver_call *call = s->http.step.call;
        *more = false;
        if (call->event != NULL)
            call->event(call->ctx, "pages_limit", NULL);
    }
    return st;
}

/* --- all pages --- */

static tarn_status read_pages(source *s, tarn_error *err)
{
    const tarn_driver_call *call = s->http.step.call;
    bool more = true;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && more) {
        st = ask(s, take_row, err);
        s->pages++;
        if (st == TARN_OK && call->progress != NULL)
            call->progress(call->ctx, s->rows.count);
        if (st == TARN_OK)
            st = turn_page(s, &more, err);
    }
    return st;
}

/* --- all of it --- */

static tarn_status prepare(source *s, tarn_error *err)
{
    const tarn_driver_call *call = s->http.step.call;
    const json_t *config = s->http.step.config;
    const json_t *params = json_object_get(config, "params");
    const json_t *body = json_object_get(config, "body");
    const char *since = tarn__json_text(config, "cursor_param");
    s->params = params == NULL ? json_object() : json_deep_copy(params);
    s->body = json_is_object(body) ? json_deep_copy(body) : NULL;
    if (s->params == NULL || (json_is_object(body) && s->body == NULL))
        return tarn__no_memory(err);
    tarn_status st = take_kind(s, err);
    if (st == TARN_OK && since != NULL && call->cursor != NULL &&
        json_object_set_new(s->params, since, json_string(call->cursor)) != 0)
        st = tarn__no_memory(err);
    return st == TARN_OK ? tarn__json_rows_open(&s->rows, call, err) : st;
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    source s = {.rows = {.file = TARN__FILE_INIT, .pending = TARN_BUF_INIT},
        .url = TARN_BUF_INIT};
    tarn_status st = tarn__http_call_open(&s.http, call, err);
    if (st == TARN_OK)
        st = prepare(&s, err);
    if (st == TARN_OK)
        st = read_pages(&s, err);
    if (st == TARN_OK)
        st = tarn__json_rows_finish(&s.rows, call, result,
            json_object_get(s.http.step.config, "columns"), err);
    if (st == TARN_OK)
        tarn__call_metric(call, "requests", (double)s.http.requests);
    tarn__json_rows_close(&s.rows);
    tarn_buf_reset(&s.url);
    tarn__free(s.cursor);
    json_decref(s.params);
    json_decref(s.body);
    tarn__http_call_close(&s.http);
    return st;
}

static const char schema[] =
    "{\"type\":\"object\",\"x-connection\":\"http\",\"x-incremental\":true,"
    "\"properties\":{"
    "\"url\":{\"type\":\"string\"},\"method\":{\"type\":\"string\"},"
    "\"headers\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"params\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"body\":{},\"data_path\":{\"type\":\"string\"},"
    "\"paging\":{\"type\":\"object\",\"required\":[\"kind\"],\"properties\":{"
    "\"kind\":{\"enum\":[\"cursor\",\"offset\",\"page\",\"link\"]},"
    "\"param\":{\"type\":\"string\"},\"in\":{\"enum\":[\"params\",\"body\"]},"
    "\"cursor_path\":{\"type\":\"string\"},"
    "\"more_path\":{\"type\":\"string\"},\"next_path\":{\"type\":\"string\"},"
    "\"limit\":{\"type\":\"integer\",\"minimum\":1},"
    "\"limit_param\":{\"type\":\"string\"},"
    "\"start\":{\"type\":\"integer\"},"
    "\"max_pages\":{\"type\":\"integer\",\"minimum\":0}}},"
    "\"columns\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"cursor_param\":{\"type\":\"string\"}," TARN__HTTP_PATIENCE_SCHEMA "}}";

const tarn_driver tarn__driver_http_extractor = {
    TARN_DRIVER_ABI, "http.extractor", "1", TARN_STEP_READ, schema, run, NULL};

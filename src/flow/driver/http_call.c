/* One step's requests. */
#include "flow/driver/http_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "flow/driver/config.h"
#include "flow/exchange.h"
#include "os/process.h"

#define LARGEST_ANSWER ((size_t)256 << 20)

/* --- configuration --- */

tarn_status tarn__http_call_add_header(
    tarn__http_call *c, const char *name, const char *value, tarn_error *err)
{
    size_t cap = c->header_count;
    if (strpbrk(name, ":\r\n ") != NULL || strpbrk(value, "\r\n") != NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "config.headers: %s is no header (name and value on one line)",
            name);
    /* One more for the NULL at the end. */
    tarn_status st = tarn__grow((void **)&c->headers, &cap, c->header_count + 2,
        sizeof(*c->headers), err);
    if (st != TARN_OK)
        return st;
    c->headers[c->header_count + 1] = NULL;
    c->headers[c->header_count] = tarn__sprintf("%s: %s", name, value);
    return c->headers[c->header_count++] == NULL ? tarn__no_memory(err)
                                                 : TARN_OK;
}

static tarn_status add_headers(
    tarn__http_call *c, json_t *headers, tarn_error *err)
{
    const char *name;
    json_t *value;
    tarn_status st = TARN_OK;
    json_object_foreach(headers, name, value)
    {
        if (st == TARN_OK && json_is_string(value))
            st = tarn__http_call_add_header(
                c, name, json_string_value(value), err);
    }
    return st;
}

/* The configuration's address, or where it leads from the connection's. */
static tarn_status take_url(tarn__http_call *c, tarn_error *err)
{
    const char *own = tarn__json_text(c->step.config, "url");
    const char *base = tarn__json_text(c->step.connection, "url");
    if (own == NULL && base == NULL)
        return tarn__fail(err, TARN_BAD_INPUT, "config: no address (give url)");
    bool whole = own != NULL && strstr(own, "://") != NULL;
    if (own != NULL && !whole && base == NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "config.url: %s: no address of http or https", own);
    if (whole || base == NULL)
        c->url = tarn__strdup(own);
    else
        c->url = tarn__sprintf("%.*s%s%s",
            (int)(strlen(base) - (tarn__ends_with(base, "/") ? 1 : 0)), base,
            own == NULL || *own == '/' ? "" : "/", own == NULL ? "" : own);
    return c->url == NULL ? tarn__no_memory(err) : TARN_OK;
}

/* Without login and parameters, which may be secret. */
static tarn_status name_it(tarn__http_call *c, tarn_error *err)
{
    const char *host = strstr(c->url, "://");
    host = host == NULL ? c->url : host + 3;
    size_t len = strcspn(host, "?#");
    size_t authority = strcspn(host, "/?#");
    const char *login = memchr(host, '@', authority);
    if (login != NULL) {
        len -= (size_t)(login + 1 - host);
        host = login + 1;
    }
    c->what =
        tarn__sprintf("step %s: %.*s", c->step.call->step_id, (int)len, host);
    return c->what == NULL ? tarn__no_memory(err) : TARN_OK;
}

/* A number a second, or "100/m". */
static tarn_status take_rate(tarn__http_call *c, tarn_error *err)
{
    const json_t *rate = json_object_get(c->step.config, "rate_limit");
    double count = json_number_value(rate);
    double seconds = 1;
    const char *text = json_string_value(rate);
    if (rate == NULL)
        return TARN_OK;
    if (text != NULL) {
        const char *slash = strchr(text, '/');
        char number[32] = "";
        size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
        if (len < sizeof number)
            memcpy(number, text, len);
        if (!tarn__parse_double(number, &count))
            count = 0;
        if (slash != NULL && slash[1] == 'm')
            seconds = 60;
        else if (slash != NULL && slash[1] == 'h')
            seconds = 3600;
    }
    if (count <= 0)
        return tarn__fail(err, TARN_BAD_INPUT,
            "config.rate_limit: no rate (requests a second, or \"100/m\")");
    c->interval_us = (int64_t)(seconds * 1e6 / count);
    return TARN_OK;
}

static bool duration(const json_t *value, int64_t *us)
{
    const char *text = json_string_value(value);
    if (text != NULL)
        return tarn__parse_duration(text, us);
    *us = (int64_t)(json_number_value(value) * 1e6);
    return json_is_number(value);
}

static bool stop(void *ctx, size_t finished, size_t count)
{
    (void)finished;
    (void)count;
    return tarn__call_cancelled(ctx);
}

static tarn_status take_options(tarn__http_call *c, tarn_error *err)
{
    const json_t *config = c->step.config;
    const json_t *retry = json_object_get(config, "retry");
    const json_t *backoff = json_object_get(retry, "backoff");
    const json_t *timeout = json_object_get(config, "timeout");
    int64_t attempts = 0;
    (void)tarn__json_i64(retry, "attempts", &attempts);
    if (attempts < 0 || attempts > 100)
        return tarn__fail(
            err, TARN_BAD_INPUT, "config.retry.attempts: 1 to 100");
    c->options.tries = (int)attempts;
    if (backoff != NULL && !duration(backoff, &c->options.backoff_us))
        return tarn__fail(err, TARN_BAD_INPUT,
            "config.retry.backoff: no duration (such as 2s)");
    if (timeout != NULL && !duration(timeout, &c->options.timeout_us))
        return tarn__fail(
            err, TARN_BAD_INPUT, "config.timeout: no duration (such as 30s)");
    c->options.stop = stop;
    memcpy(&c->options.ctx, &c->step.call, sizeof(void *));
    return take_rate(c, err);
}

tarn_status tarn__http_call_open(
    tarn__http_call *c, const tarn_driver_call *call, tarn_error *err)
{
    *c = (tarn__http_call){.answer = TARN_BUF_MAX(LARGEST_ANSWER)};
    const char *token;
    if (call->memory_bytes / 4 < LARGEST_ANSWER)
        c->answer.max = (size_t)(call->memory_bytes / 4);
    tarn_status st = tarn__step_open(&c->step, call, err);
    if (st == TARN_OK)
        st = take_url(c, err);
    if (st == TARN_OK)
        st = name_it(c, err);
    if (st == TARN_OK)
        st =
            add_headers(c, json_object_get(c->step.connection, "headers"), err);
    if (st == TARN_OK)
        st = add_headers(c, json_object_get(c->step.config, "headers"), err);
    token = tarn__json_text(c->step.connection, "token");
    if (st == TARN_OK && token != NULL) {
        char *bearer = tarn__sprintf("Bearer %s", token);
        st = bearer == NULL
            ? tarn__no_memory(err)
            : tarn__http_call_add_header(c, "Authorization", bearer, err);
        tarn__free(bearer);
    }
    return st == TARN_OK ? take_options(c, err) : st;
}

void tarn__http_call_close(tarn__http_call *c)
{
    for (size_t i = 0; i < c->header_count; i++)
        tarn__free(c->headers[i]);
    tarn__free(c->headers);
    tarn__free(c->url);
    tarn__free(c->what);
    tarn__free(c->mark);
    tarn_buf_reset(&c->answer);
    tarn__step_close(&c->step);
}

/* --- addresses --- */

static tarn_status add_param(
    tarn_buf *query, const char *name, const json_t *value, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    if (json_is_string(value))
        return tarn__http_pair(query, name, json_string_value(value), err);
    if (json_is_null(value))
        return TARN_OK;
    tarn_status st = tarn__json_dump(value, &text, err);
    if (st == TARN_OK)
        st = tarn__http_pair(query, name, text.ptr, err);
    tarn_buf_reset(&text);
    return st;
}

tarn_status tarn__http_call_url(const tarn__http_call *c, const json_t *params,
    tarn_buf *out, tarn_error *err)
{
    tarn_buf query = TARN_BUF_INIT;
    const char *name;
    json_t *value;
    json_t *list;
    memcpy(&list, &params, sizeof list);
    tarn_status st = tarn__buf_str(out, c->url, err);
    json_object_foreach(list, name, value)
    {
        const json_t *item;
        size_t i;
        if (st == TARN_OK && !json_is_array(value))
            st = add_param(&query, name, value, err);
        json_array_foreach(value, i, item)
        {
            if (st == TARN_OK)
                st = add_param(&query, name, item, err);
        }
    }
    if (st == TARN_OK && query.len > 0)
        st = tarn__buf_char(out, strchr(c->url, '?') == NULL ? '?' : '&', err);
    if (st == TARN_OK && query.len > 0)
        st = tarn__buf_str(out, query.ptr, err);
    tarn_buf_reset(&query);
    return st;
}

/* --- asking --- */

static tarn_status begin(void *ctx, tarn_error *err)
{
    tarn__http_call *c = ctx;
    tarn__buf_clear(&c->answer);
    c->requests++;
    return tarn__step_alive(c->step.call, err);
}

static tarn_status take(void *ctx, const char *ptr, size_t len, tarn_error *err)
{
    tarn__http_call *c = ctx;
    tarn_status st = tarn__buf_append(&c->answer, ptr, len, err);
    if (st == TARN_BAD_INPUT)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: an answer of more than %zu MiB (ask for smaller pages)",
            c->what, c->answer.max >> 20);
    return st;
}

static tarn_status finish_any(void *ctx, const char **again, tarn_error *err)
{
    (void)ctx;
    (void)again;
    (void)err;
    return TARN_OK;
}

static tarn_status finish_json(void *ctx, const char **again, tarn_error *err)
{
    tarn__http_call *c = ctx;
    tarn__json_scan s = tarn__json_scan_of(tarn__buf_slice(&c->answer));
    tarn__json_scan_value value;
    if (tarn__json_scan_next(&s, &value) && tarn__json_scan_end(&s))
        return TARN_OK;
    if (c->request->status == 204 && c->answer.len == 0)
        return TARN_OK;
    if (s.ended || c->answer.len == 0) {
        *again = "the answer is cut";
        return TARN_OK;
    }
    tarn_slice said = {
        c->answer.ptr, tarn__utf8_cut(tarn__buf_slice(&c->answer), 80)};
    if (!tarn__utf8_valid(said))
        return tarn__fail(
            err, TARN_BAD_INPUT, "%s: the answer is no JSON in UTF-8", c->what);
    return tarn__fail(err, TARN_BAD_INPUT, "%s: the answer is no JSON: %.*s",
        c->what, (int)said.len, said.ptr);
}

/* No more requests than the rate allows. */
static tarn_status keep_rate(tarn__http_call *c, tarn_error *err)
{
    tarn_status st = TARN_OK;
    int64_t now = tarn__monotonic_us();
    while (st == TARN_OK && now < c->next_us) {
        int64_t wait = c->next_us - now;
        tarn__sleep_us(wait > 100000 ? 100000 : wait);
        st = tarn__step_alive(c->step.call, err);
        now = tarn__monotonic_us();
    }
    c->next_us = now + c->interval_us;
    return st;
}

tarn_status tarn__http_call_do(tarn__http_call *c, const char *url,
    const char *method, const tarn_buf *body, bool any, tarn_error *err)
{
    tarn__http_request r = {
        .what = c->what,
        .url = url,
        .method = method,
        .headers = (const char *const *)(const void *)c->headers,
        .body = body == NULL ? NULL : body->ptr,
        .body_len = body == NULL ? 0 : body->len,
        .user = tarn__json_text(c->step.connection, "user"),
        .secret = tarn__json_text(c->step.connection, "password"),
        .login_mend = "check the headers, or the connection's user, password "
                      "and token",
        .once = any && !tarn__config_bool(c->step.config, "repeatable", false),
        .ctx = c,
        .begin = begin,
        .take = take,
        .finish = any ? finish_any : finish_json,
    };
    c->request = &r;
    tarn_status st = keep_rate(c, err);
    if (st == TARN_OK)
        st = tarn__http_run(&c->options, &r, 1, err);
    c->request = NULL;
    if (st == TARN_INTERRUPTED)
        return tarn__step_alive(c->step.call, err);
    memcpy(c->link, r.link, sizeof c->link);
    c->link_cut = r.link_cut;
    return st;
}

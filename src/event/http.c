/* Requests that may be tried again.
 *
 * H1  A part has its name only when the whole answer is in it: the status is
 *     200, the transfer complete, and the last line too.
 * H2  429 and 5xx, and what goes wrong on the way, are tried again, after what
 *     Retry-After says or after 1, 2, 4 ... 60 s; all else is final. */
#include <stdio.h>
#include <string.h>

/* Its checks of types are macros that call the functions by their names. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/time.h"
#include "event/fetch.h"
#include "os/dynlib.h"

/* What is used of libcurl, which is loaded at the first request. */
#define CURL_FUNCTIONS(X)                                             \
    X(curl_global_init)                                               \
    X(curl_global_cleanup)                                            \
    X(curl_easy_init) X(curl_easy_setopt) X(curl_easy_getinfo)        \
        X(curl_easy_cleanup) X(curl_easy_strerror) X(curl_multi_init) \
            X(curl_multi_cleanup) X(curl_multi_add_handle)            \
                X(curl_multi_remove_handle) X(curl_multi_perform)     \
                    X(curl_multi_info_read) X(curl_multi_poll)

typedef struct curl_api {
    CURL_FUNCTIONS(TARN__DYNLIB_FIELD)
} curl_api;

#define TRIES 5
#define POLL_MS 200
#define MAX_WAIT_US 3600000000

typedef struct transfer {
    tarn__event_request *request;
    const curl_api *curl;
    CURL *easy;
    tarn__file file;
    bool open;
    char *part;     /* the file while it is not whole */
    char said[200]; /* the start of an answer that is no success */
    size_t said_len;
    tarn_buf tail; /* the last line */
    int tries;
    int64_t not_before_us;
    bool running;
    bool failed;
    tarn_error error;
} transfer;

typedef struct fetching {
    const tarn_event_fetch_options *options;
    curl_api curl;
    CURLM *multi;
    transfer *transfers;
    size_t count;
    size_t running;
    size_t finished;
} fetching;

static tarn_status load_curl(curl_api *curl, tarn_error *err)
{
    static const char *const files[] = {
        "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib", NULL};
    static const char *const names[] = {CURL_FUNCTIONS(TARN__DYNLIB_NAME)};
    static const tarn__dynlib lib = {
        "libcurl", "libcurl4", files, names, sizeof names / sizeof *names};
    return tarn__dynlib_load(&lib, curl, err);
}

/* What RFC 3986 calls unreserved stands for itself. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
}

tarn_status tarn__event_http_pair(
    tarn_buf *out, const char *name, const char *value, tarn_error *err)
{
    tarn_status st =
        tarn__buf_printf(out, err, "%s%s=", out->len > 0 ? "&" : "", name);
    for (; st == TARN_OK && *value != '\0'; value++)
        st = is_plain(*value)
            ? tarn__buf_char(out, *value, err)
            : tarn__buf_printf(out, err, "%%%02X", (unsigned char)*value);
    return st;
}

void tarn__event_request_reset(tarn__event_request *request)
{
    tarn__free(request->url);
    tarn__free(request->form);
    tarn__free(request->path);
    memset(request, 0, sizeof(*request));
}

/* --- one answer --- */

static long status_of(const transfer *t)
{
    long status = 0;
    (void)t->curl->curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* Keep what stands after the last line end. */
static tarn_status keep_tail(transfer *t, const char *ptr, size_t len)
{
    const char *end = memrchr(ptr, '\n', len);
    if (end != NULL) {
        tarn__buf_clear(&t->tail);
        len -= (size_t)(end + 1 - ptr);
        ptr = end + 1;
    }
    return tarn__buf_append(&t->tail, ptr, len, &t->error);
}

static size_t take_body(char *ptr, size_t size, size_t count, void *arg)
{
    transfer *t = arg;
    size_t len = size * count;
    if (status_of(t) != 200) {
        size_t room = sizeof t->said - 1 - t->said_len;
        size_t n = len < room ? len : room;
        memcpy(t->said + t->said_len, ptr, n);
        t->said_len += n;
        t->said[t->said_len] = '\0';
        return len;
    }
    tarn_status st = tarn__file_write(&t->file, ptr, len, &t->error);
    if (st == TARN_OK && t->request->lines)
        st = keep_tail(t, ptr, len);
    return st == TARN_OK ? len : 0;
}

/* The last line has no line end: is it whole all the same? */
static bool is_cut(const transfer *t)
{
    tarn__json_scan s = tarn__json_scan_of(tarn__buf_slice(&t->tail));
    tarn__json_scan_value value;
    tarn__json_scan_space(&s);
    if (!t->request->lines || s.at == s.end)
        return false;
    return !tarn__json_scan_next(&s, &value) || !tarn__json_scan_end(&s);
}

static tarn_status set_up(const fetching *f, transfer *t, tarn_error *err)
{
    const tarn_event_fetch_options *o = f->options;
    CURL *c = t->easy;
    bool ok =
        f->curl.curl_easy_setopt(c, CURLOPT_URL, t->request->url) == CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") ==
            CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip") ==
            CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L) == CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 120L) == CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) ==
            CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK &&
        f->curl.curl_easy_setopt(c, CURLOPT_PRIVATE, t) == CURLE_OK;
    if (ok && t->request->form != NULL)
        ok = f->curl.curl_easy_setopt(
                 c, CURLOPT_POSTFIELDS, t->request->form) == CURLE_OK;
    if (ok && o->user != NULL)
        ok = f->curl.curl_easy_setopt(c, CURLOPT_USERNAME, o->user) ==
                CURLE_OK &&
            f->curl.curl_easy_setopt(c, CURLOPT_PASSWORD,
                o->secret == NULL ? "" : o->secret) == CURLE_OK;
    return ok ? TARN_OK : tarn__no_memory(err);
}

static tarn_status start(fetching *f, transfer *t, tarn_error *err)
{
    t->said_len = 0;
    t->said[0] = '\0';
    t->error = (tarn_error)TARN_ERROR_INIT;
    tarn__buf_clear(&t->tail);
    tarn_status st =
        tarn__file_open(&t->file, t->part, TARN__OPEN_TRUNCATE, err);
    if (st != TARN_OK)
        return st;
    t->open = true;
    t->easy = f->curl.curl_easy_init();
    st = t->easy == NULL ? tarn__no_memory(err) : set_up(f, t, err);
    if (st == TARN_OK &&
        f->curl.curl_multi_add_handle(f->multi, t->easy) != CURLM_OK)
        st = tarn__no_memory(err);
    if (st != TARN_OK)
        return st;
    t->running = true;
    t->tries++;
    f->running++;
    return TARN_OK;
}

static void stop(fetching *f, transfer *t)
{
    if (t->running) {
        (void)f->curl.curl_multi_remove_handle(f->multi, t->easy);
        f->running--;
    }
    t->running = false;
    f->curl.curl_easy_cleanup(t->easy);
    t->easy = NULL;
    tarn__file_close(&t->file);
    t->open = false;
}

/* --- what an answer means --- */

/* Final: `error` says why. */
static void give_up(fetching *f, transfer *t)
{
    t->failed = true;
    f->finished++;
}

static void try_again(
    fetching *f, transfer *t, int64_t wait_us, const char *why)
{
    uint8_t noise = 0;
    if (t->tries >= TRIES) {
        (void)(tarn__fail(&t->error, TARN_IO,
                   "%s: %s, %d times (run it again later: what was fetched "
                   "stays)",
                   t->request->what, why, t->tries) == TARN_OK);
        give_up(f, t);
        return;
    }
    if (wait_us < 0) {
        int64_t seconds = (int64_t)1 << (t->tries - 1);
        wait_us = (seconds > 60 ? 60 : seconds) * 1000000;
        if (tarn__random(&noise, 1))
            wait_us += wait_us / 10 * noise / 255;
    }
    t->not_before_us = tarn__monotonic_us() + wait_us;
}

static void settle_status(
    fetching *f, transfer *t, long status, int64_t retry_after_us)
{
    char why[300];
    for (size_t i = 0; i < t->said_len; i++)
        if ((unsigned char)t->said[i] < 0x20)
            t->said[i] = ' ';
    while (t->said_len > 0 && t->said[t->said_len - 1] == ' ')
        t->said[--t->said_len] = '\0';
    (void)snprintf(why, sizeof why, "the server says %ld%s%s", status,
        t->said_len > 0 ? ": " : "", t->said);
    if (status == 429 || status >= 500) {
        try_again(f, t, retry_after_us, why);
        return;
    }
    if (status == 401 || status == 403)
        (void)(tarn__fail(&t->error, TARN_FAILED,
                   "%s: %s (check TARN_EVENTS_USER and TARN_EVENTS_SECRET)",
                   t->request->what, why) == TARN_OK);
    else
        (void)(tarn__fail(&t->error,
                   status == 400 ? TARN_BAD_INPUT : TARN_FAILED, "%s: %s",
                   t->request->what, why) == TARN_OK);
    give_up(f, t);
}

/* H1. */
static void settle(fetching *f, transfer *t, CURLcode code)
{
    long status = status_of(t);
    curl_off_t after = 0;
    (void)f->curl.curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
    int64_t wait_us = after > 0 ? (int64_t)after * 1000000 : -1;
    if (wait_us > MAX_WAIT_US)
        wait_us = MAX_WAIT_US;
    bool cut = code == CURLE_OK && status == 200 && is_cut(t);
    stop(f, t);
    if (t->error.code != TARN_OK) {
        give_up(f, t);
    } else if (code != CURLE_OK) {
        try_again(f, t, -1, f->curl.curl_easy_strerror(code));
    } else if (status != 200) {
        settle_status(f, t, status, wait_us);
    } else if (cut) {
        try_again(f, t, -1, "the answer is cut inside a line");
    } else if (tarn__rename(t->part, t->request->path, &t->error) != TARN_OK) {
        give_up(f, t);
    } else {
        t->request->done = true;
        f->finished++;
    }
}

/* --- all of them --- */

static tarn_status start_more(fetching *f, tarn_error *err)
{
    size_t workers = f->options->workers > 0 ? (size_t)f->options->workers : 3;
    int64_t now = tarn__monotonic_us();
    for (size_t i = 0; i < f->count && f->running < workers; i++) {
        transfer *t = &f->transfers[i];
        if (t->request->done || t->failed || t->running ||
            now < t->not_before_us)
            continue;
        tarn_status st = start(f, t, err);
        if (st != TARN_OK)
            return st;
    }
    return TARN_OK;
}

static tarn_status turn(fetching *f, tarn_error *err)
{
    int running;
    int left;
    CURLMsg *message;
    tarn_status st = start_more(f, err);
    if (st != TARN_OK)
        return st;
    if (f->curl.curl_multi_perform(f->multi, &running) != CURLM_OK)
        return tarn__no_memory(err);
    while ((message = f->curl.curl_multi_info_read(f->multi, &left)) != NULL) {
        char *private = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        (void)f->curl.curl_easy_getinfo(
            message->easy_handle, CURLINFO_PRIVATE, &private);
        settle(f, (transfer *)(void *)private, code);
    }
    if (f->options->progress != NULL &&
        f->options->progress(f->options->arg, "files", f->finished, f->count))
        return tarn__fail(err, TARN_INTERRUPTED,
            "interrupted (what was fetched stays, nothing is loaded)");
    if (f->finished < f->count &&
        f->curl.curl_multi_poll(f->multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
        return tarn__no_memory(err);
    return TARN_OK;
}

static tarn_status prepare(
    fetching *f, tarn__event_request *requests, tarn_error *err)
{
    f->transfers = tarn__calloc(f->count, sizeof(*f->transfers));
    f->multi = f->curl.curl_multi_init();
    if (f->transfers == NULL || f->multi == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < f->count; i++) {
        transfer *t = &f->transfers[i];
        t->request = &requests[i];
        t->curl = &f->curl;
        t->file = (tarn__file)TARN__FILE_INIT;
        t->tail = (tarn_buf)TARN_BUF_MAX(TARN_EVENT_MAX_LINE_BYTES);
        t->part = tarn__sprintf("%s.part", requests[i].path);
        if (t->part == NULL)
            return tarn__no_memory(err);
        f->finished += requests[i].done;
    }
    return TARN_OK;
}

static void clean_up(fetching *f)
{
    for (size_t i = 0; f->transfers != NULL && i < f->count; i++) {
        transfer *t = &f->transfers[i];
        if (t->easy != NULL || t->open)
            stop(f, t);
        tarn_buf_reset(&t->tail);
        tarn__free(t->part);
    }
    if (f->multi != NULL)
        (void)f->curl.curl_multi_cleanup(f->multi);
    tarn__free(f->transfers);
}

tarn_status tarn__event_http(const tarn_event_fetch_options *options,
    tarn__event_request *requests, size_t count, tarn_error *err)
{
    fetching f = {.options = options, .count = count};
    tarn_status st = load_curl(&f.curl, err);
    if (st != TARN_OK)
        return st;
    if (f.curl.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return tarn__no_memory(err);
    st = prepare(&f, requests, err);
    while (st == TARN_OK && f.finished < count)
        st = turn(&f, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        if (!f.transfers[i].failed)
            continue;
        st = f.transfers[i].error.code;
        if (err != NULL)
            *err = f.transfers[i].error;
    }
    clean_up(&f);
    f.curl.curl_global_cleanup();
    return st;
}

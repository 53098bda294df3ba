/* HTTP through libcurl. */
#include "os/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Its checks of types are macros that call the functions by their names. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/id.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "os/dynlib.h"

#define TRIES 5
#define LONGEST_REFUSAL ((size_t)1 << 20)
#define POLL_MS 200
#define BACKOFF_US INT64_C(1000000)
#define LONGEST_BACKOFF_US INT64_C(60000000)
#define LONGEST_WAIT_US INT64_C(3600000000)

/* What is used of libcurl. */
#define CURL_FUNCTIONS(X)       \
    X(curl_global_init)         \
    X(curl_global_cleanup)      \
    X(curl_easy_init)           \
    X(curl_easy_setopt)         \
    X(curl_easy_getinfo)        \
    X(curl_easy_cleanup)        \
    X(curl_easy_strerror)       \
    X(curl_slist_append)        \
    X(curl_slist_free_all)      \
    X(curl_multi_init)          \
    X(curl_multi_cleanup)       \
    X(curl_multi_add_handle)    \
    X(curl_multi_remove_handle) \
    X(curl_multi_perform)       \
    X(curl_multi_info_read)     \
    X(curl_multi_poll)

typedef struct curl_api {
    CURL_FUNCTIONS(TARN__DYNLIB_FIELD)
} curl_api;

typedef struct transfer {
    tarn__http_request *request;
    const curl_api *curl;
    CURL *easy;
    struct curl_slist *headers;
    bool begun;
    char said[200]; /* the start of an answer that is no success */
    size_t said_len;
    size_t said_all; /* bytes of it */
    int tries;
    int64_t not_before_us;
    bool running;
    bool failed;
    tarn_error error;
} transfer;

typedef struct fetching {
    const tarn__http_options *options;
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

/* --- texts --- */

/* What RFC 3986 calls unreserved stands for itself. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
}

tarn_status tarn__http_escape(tarn_buf *out, const char *text, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (; st == TARN_OK && *text != '\0'; text++)
        st = is_plain(*text)
            ? tarn__buf_char(out, *text, err)
            : tarn__buf_printf(out, err, "%%%02X", (unsigned char)*text);
    return st;
}

tarn_status tarn__http_pair(
    tarn_buf *out, const char *name, const char *value, tarn_error *err)
{
    tarn_status st = out->len > 0 ? tarn__buf_char(out, '&', err) : TARN_OK;
    if (st == TARN_OK)
        st = tarn__http_escape(out, name, err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, '=', err);
    return st == TARN_OK ? tarn__http_escape(out, value, err) : st;
}

/* --- one answer --- */

static int status_of(const transfer *t)
{
    long status = 0;
    (void)t->curl->curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

static bool is_success(int status)
{
    return status >= 200 && status < 300;
}

static size_t take_body(char *ptr, size_t size, size_t count, void *arg)
{
    transfer *t = arg;
    size_t len = size * count;
    if (!is_success(status_of(t))) {
        size_t room = sizeof t->said - 1 - t->said_len;
        size_t n = len < room ? len : room;
        memcpy(t->said + t->said_len, ptr, n);
        t->said_len += n;
        t->said[t->said_len] = '\0';
        t->said_all += len;
        return t->said_all <= LONGEST_REFUSAL ? len : 0;
    }
    tarn_status st = t->request->take(t->request->ctx, ptr, len, &t->error);
    return st == TARN_OK ? len : 0;
}

static size_t take_header(char *ptr, size_t size, size_t count, void *arg)
{
    transfer *t = arg;
    char *link = t->request->link;
    size_t len = size * count;
    size_t n = len;
    size_t at = strlen(link);
    while (n > 0 && (unsigned char)ptr[n - 1] <= ' ')
        n--;
    if (n >= 5 && strncmp(ptr, "HTTP/", 5) == 0) {
        link[0] = '\0'; /* another answer begins */
        t->request->link_cut = false;
    }
    if (n < 5 || strncasecmp(ptr, "Link:", 5) != 0)
        return len;
    ptr += 5;
    n -= 5;
    for (; n > 0 && *ptr == ' '; n--)
        ptr++;
    if (at + n + 3 <= TARN__HTTP_LINK_BYTES)
        (void)snprintf(link + at, TARN__HTTP_LINK_BYTES - at, "%s%.*s",
            at > 0 ? ", " : "", (int)n, ptr);
    else
        t->request->link_cut = true;
    return len;
}

/* --- asking --- */

static bool set_waiting(const fetching *f, CURL *c)
{
    const curl_api *a = &f->curl;
    int64_t us = f->options->timeout_us;
    if (us > 0)
        return a->curl_easy_setopt(c, CURLOPT_TIMEOUT_MS,
                   (long)(us / 1000 > 0 ? us / 1000 : 1)) == CURLE_OK;
    return a->curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 120L) == CURLE_OK;
}

static bool set_request(const fetching *f, transfer *t)
{
    const curl_api *a = &f->curl;
    const tarn__http_request *r = t->request;
    CURL *c = t->easy;
    bool ok = true;
    for (size_t i = 0; ok && r->headers != NULL && r->headers[i] != NULL; i++) {
        struct curl_slist *list =
            a->curl_slist_append(t->headers, r->headers[i]);
        ok = list != NULL;
        t->headers = ok ? list : t->headers;
    }
    if (ok && t->headers != NULL)
        ok = a->curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
    if (ok && r->body != NULL)
        ok = a->curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                 (curl_off_t)r->body_len) == CURLE_OK &&
            a->curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body) == CURLE_OK;
    if (ok && r->method != NULL)
        ok = a->curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method) ==
            CURLE_OK;
    if (ok && r->user != NULL)
        ok = a->curl_easy_setopt(c, CURLOPT_USERNAME, r->user) == CURLE_OK &&
            a->curl_easy_setopt(c, CURLOPT_PASSWORD,
                r->secret == NULL ? "" : r->secret) == CURLE_OK;
    return ok;
}

static tarn_status set_up(const fetching *f, transfer *t, tarn_error *err)
{
    const curl_api *a = &f->curl;
    CURL *c = t->easy;
    bool ok =
        a->curl_easy_setopt(c, CURLOPT_URL, t->request->url) == CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") ==
            CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L) == CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header) ==
            CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_HEADERDATA, t) == CURLE_OK &&
        a->curl_easy_setopt(c, CURLOPT_PRIVATE, t) == CURLE_OK;
    return ok && set_waiting(f, c) && set_request(f, t) ? TARN_OK
                                                        : tarn__no_memory(err);
}

static tarn_status start(fetching *f, transfer *t, tarn_error *err)
{
    t->said_len = 0;
    t->said[0] = '\0';
    t->said_all = 0;
    t->request->link[0] = '\0';
    t->request->link_cut = false;
    t->error = (tarn_error)TARN_ERROR_INIT;
    tarn_status st = t->request->begin(t->request->ctx, err);
    if (st != TARN_OK)
        return st;
    t->begun = true;
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
    if (t->easy != NULL)
        f->curl.curl_easy_cleanup(t->easy);
    t->easy = NULL;
    if (t->headers != NULL)
        f->curl.curl_slist_free_all(t->headers);
    t->headers = NULL;
}

static void abandon(transfer *t)
{
    if (t->begun && t->request->abandon != NULL)
        t->request->abandon(t->request->ctx);
    t->begun = false;
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
    const tarn__http_options *o = f->options;
    uint8_t noise = 0;
    if (t->tries >= (o->tries > 0 ? o->tries : TRIES)) {
        (void)(tarn__fail(&t->error, TARN_IO, "%s: %s, %d times%s%s%s",
                   t->request->what, why, t->tries,
                   o->later_mend == NULL ? "" : " (",
                   o->later_mend == NULL ? "" : o->later_mend,
                   o->later_mend == NULL ? "" : ")") == TARN_OK);
        give_up(f, t);
        return;
    }
    if (wait_us < 0) {
        wait_us = o->backoff_us > 0 ? o->backoff_us : BACKOFF_US;
        for (int i = 1; i < t->tries && wait_us < LONGEST_BACKOFF_US; i++)
            wait_us *= 2;
        if (wait_us > LONGEST_BACKOFF_US)
            wait_us = LONGEST_BACKOFF_US;
        if (tarn__random(&noise, 1))
            wait_us += wait_us / 10 * noise / 255;
    }
    t->not_before_us = tarn__monotonic_us() + wait_us;
}

static void settle_status(
    fetching *f, transfer *t, int status, int64_t retry_after_us)
{
    char why[300];
    const tarn__http_request *r = t->request;
    for (size_t i = 0; i < t->said_len; i++)
        if ((unsigned char)t->said[i] < 0x20)
            t->said[i] = ' ';
    t->said_len =
        tarn__utf8_cut((tarn_slice){t->said, t->said_len}, t->said_len);
    while (t->said_len > 0 && t->said[t->said_len - 1] == ' ')
        t->said_len--;
    t->said[t->said_len] = '\0';
    (void)snprintf(why, sizeof why, "the server says %d%s%s", status,
        t->said_len > 0 ? ": " : "", t->said);
    bool busy = status == 429 || status == 503;
    if (busy || (!r->once && (status == 408 || status >= 500))) {
        try_again(f, t, retry_after_us, why);
        return;
    }
    const char *mend = (status == 401 || status == 403) ? r->login_mend
        : status >= 300 && status < 400
        ? "it is elsewhere: give the address that it is at"
        : NULL;
    (void)(tarn__fail(&t->error, status == 400 ? TARN_BAD_INPUT : TARN_FAILED,
               "%s: %s%s%s%s", r->what, why, mend == NULL ? "" : " (",
               mend == NULL ? "" : mend, mend == NULL ? "" : ")") == TARN_OK);
    give_up(f, t);
}

/* Nothing can have reached the server. */
static bool never_there(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
}

/* H1. */
static void settle(fetching *f, transfer *t, CURLcode code)
{
    tarn__http_request *r = t->request;
    curl_off_t after = 0;
    const char *again = NULL;
    int status = status_of(t);
    (void)f->curl.curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
    if (after > LONGEST_WAIT_US / 1000000)
        after = LONGEST_WAIT_US / 1000000;
    int64_t wait_us = after > 0 ? (int64_t)after * 1000000 : -1;
    /* A refusal's status is known, and its text heard long enough. */
    if (code == CURLE_WRITE_ERROR && t->said_all > LONGEST_REFUSAL)
        code = CURLE_OK;
    r->status = status;
    stop(f, t);
    if (t->error.code == TARN_OK && code == CURLE_OK && is_success(status)) {
        t->begun = false;
        if (r->finish(r->ctx, &again, &t->error) == TARN_OK && again == NULL) {
            r->done = true;
            f->finished++;
            return;
        }
    }
    abandon(t);
    if (t->error.code != TARN_OK) {
        give_up(f, t);
    } else if (again != NULL) {
        try_again(f, t, -1, again);
    } else if (code == CURLE_OK) {
        settle_status(f, t, status, wait_us);
    } else if (r->once && !never_there(code)) {
        (void)(tarn__fail(&t->error, TARN_UNKNOWN,
                   "%s: %s: it may have been done or not", r->what,
                   f->curl.curl_easy_strerror(code)) == TARN_OK);
        give_up(f, t);
    } else if (code == CURLE_URL_MALFORMAT ||
        code == CURLE_UNSUPPORTED_PROTOCOL) {
        (void)(tarn__fail(&t->error, TARN_BAD_INPUT,
                   "%s: no address of http or https", r->what) == TARN_OK);
        give_up(f, t);
    } else {
        try_again(f, t, -1, f->curl.curl_easy_strerror(code));
    }
}

/* --- all of them --- */

static tarn_status start_more(fetching *f, tarn_error *err)
{
    size_t workers = f->options->workers > 0 ? f->options->workers : 1;
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
    const tarn__http_options *o = f->options;
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
    if (o->stop != NULL && o->stop(o->ctx, f->finished, f->count))
        return tarn__fail(err, TARN_INTERRUPTED, "interrupted");
    if (f->finished < f->count &&
        f->curl.curl_multi_poll(f->multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
        return tarn__no_memory(err);
    return TARN_OK;
}

static tarn_status prepare(
    fetching *f, tarn__http_request *requests, tarn_error *err)
{
    f->transfers = tarn__calloc(f->count, sizeof(*f->transfers));
    f->multi = f->curl.curl_multi_init();
    if (f->transfers == NULL || f->multi == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < f->count; i++) {
        f->transfers[i].request = &requests[i];
        f->transfers[i].curl = &f->curl;
        f->finished += requests[i].done;
    }
    return TARN_OK;
}

static void clean_up(fetching *f)
{
    for (size_t i = 0; f->transfers != NULL && i < f->count; i++) {
        stop(f, &f->transfers[i]);
        abandon(&f->transfers[i]);
    }
    if (f->multi != NULL)
        (void)f->curl.curl_multi_cleanup(f->multi);
    tarn__free(f->transfers);
}

tarn_status tarn__http_run(const tarn__http_options *options,
    tarn__http_request *requests, size_t count, tarn_error *err)
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

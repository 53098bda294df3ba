/* Answers that become files, whole or not at all.
 *
 * A part has its name only when the whole answer is in it, the last line too
 * (os/http.h: H1), and on the disk: another run trusts the name. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "event/fetch.h"
#include "os/durable.h"
#include "os/http.h"

typedef struct part {
    tarn__event_request *request;
    tarn__file file;
    char *path;    /* while it is not whole */
    tarn_buf tail; /* the last line */
} part;

static tarn_status begin(void *ctx, tarn_error *err)
{
    part *p = ctx;
    tarn__buf_clear(&p->tail);
    return tarn__file_open(&p->file, p->path, TARN__OPEN_TRUNCATE, err);
}

/* Keep what stands after the last line end. */
static tarn_status keep_tail(
    part *p, const char *ptr, size_t len, tarn_error *err)
{
    const char *end = memrchr(ptr, '\n', len);
    if (end != NULL) {
        tarn__buf_clear(&p->tail);
        len -= (size_t)(end + 1 - ptr);
        ptr = end + 1;
    }
    return tarn__buf_append(&p->tail, ptr, len, err);
}

static tarn_status take(void *ctx, const char *ptr, size_t len, tarn_error *err)
{
    part *p = ctx;
    tarn_status st = tarn__file_write(&p->file, ptr, len, err);
    return st == TARN_OK && p->request->lines ? keep_tail(p, ptr, len, err)
                                              : st;
}

/* The last line has no line end: is it whole all the same? */
static bool is_cut(const part *p)
{
    tarn__json_scan s = tarn__json_scan_of(tarn__buf_slice(&p->tail));
    tarn__json_scan_value value;
    tarn__json_scan_space(&s);
    if (!p->request->lines || s.at == s.end)
        return false;
    return !tarn__json_scan_next(&s, &value) || !tarn__json_scan_end(&s);
}

static tarn_status finish(void *ctx, const char **again, tarn_error *err)
{
    part *p = ctx;
    if (is_cut(p)) {
        tarn__file_close(&p->file);
        *again = "the answer is cut inside a line";
        return TARN_OK;
    }
    return tarn__replace_with(&p->file, p->request->path, err);
}

static void abandon(void *ctx)
{
    part *p = ctx;
    tarn__file_close(&p->file);
}

void tarn__event_request_reset(tarn__event_request *request)
{
    tarn__free(request->url);
    tarn__free(request->form);
    tarn__free(request->path);
    memset(request, 0, sizeof(*request));
}

static bool stop(void *ctx, size_t finished, size_t count)
{
    const tarn_event_fetch_options *o = ctx;
    return o->progress != NULL && o->progress(o->arg, "files", finished, count);
}

static tarn_status prepare(const tarn_event_fetch_options *options,
    tarn__event_request *request, part *p, tarn__http_request *http,
    tarn_error *err)
{
    p->request = request;
    p->file = (tarn__file)TARN__FILE_INIT;
    p->tail = (tarn_buf)TARN_BUF_MAX(TARN_EVENT_MAX_LINE_BYTES);
    p->path = tarn__sprintf("%s.part", request->path);
    *http = (tarn__http_request){
        .what = request->what,
        .url = request->url,
        .body = request->form,
        .body_len = request->form == NULL ? 0 : strlen(request->form),
        .user = options->user,
        .secret = options->secret,
        .login_mend = "check TARN_EVENTS_USER and TARN_EVENTS_SECRET",
        .done = request->done,
        .ctx = p,
        .begin = begin,
        .take = take,
        .finish = finish,
        .abandon = abandon,
    };
    return p->path == NULL ? tarn__no_memory(err) : TARN_OK;
}

tarn_status tarn__event_http(const tarn_event_fetch_options *options,
    tarn__event_request *requests, size_t count, tarn_error *err)
{
    part *parts = tarn__calloc(count, sizeof(*parts));
    tarn__http_request *http = tarn__calloc(count, sizeof(*http));
    tarn_event_fetch_options progress = *options;
    const tarn__http_options how = {
        .workers = options->workers > 0 ? (size_t)options->workers : 3,
        .later_mend = "run it again later: what was fetched stays",
        .ctx = &progress,
        .stop = stop,
    };
    tarn_status st =
        parts == NULL || http == NULL ? tarn__no_memory(err) : TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = prepare(options, &requests[i], &parts[i], &http[i], err);
    if (st == TARN_OK)
        st = tarn__http_run(&how, http, count, err);
    if (st == TARN_INTERRUPTED)
        st = tarn__fail(err, TARN_INTERRUPTED,
            "interrupted (what was fetched stays, nothing is loaded)");
    for (size_t i = 0; parts != NULL && i < count; i++) {
        requests[i].done = http != NULL && http[i].done;
        tarn__free(parts[i].path);
        tarn_buf_reset(&parts[i].tail);
    }
    tarn__free(parts);
    tarn__free(http);
    return st;
}

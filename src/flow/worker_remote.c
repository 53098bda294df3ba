/* Steps in workers: a pool of processes, each with one step at a time. */
#include "flow/worker.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/worker_internal.h"
#include "os/file.h"

#define READ_BYTES 65536
#define TICK_US 50000
/* However long it took: a machine that stands still, or this process, does not
 * make a worker silent. */
#define WAIT_MOST_US (2 * TICK_US)
#define LOST_US 20000000  /* silent for so long: it is lost */
#define CANCEL_US 2000000 /* to stop a step when told to */
#define HASHED_PER_US 20  /* bytes, at the least, before it answers */
#define GRACE_US 2000000
#define TRIES 3

/* --- processes --- */

static void worker_free(tarn__worker *w, bool well)
{
    if (w == NULL)
        return;
    if (well) {
        tarn__child_close_in(&w->child);
        (void)tarn__child_ended(&w->child, LOST_US);
    }
    /* Also one that is lost may remove its files. */
    tarn__child_stop(&w->child, GRACE_US);
    tarn_buf_reset(&w->in);
    tarn__free(w);
}

static tarn_status lost(tarn__worker *w, const char *why, tarn_error *err)
{
    w->lost = true;
    return tarn__fail(err, TARN_IO, "worker: %s%s%s", why,
        w->said[0] == '\0' ? "" : ": ", w->said);
}

/* The last line that it says on standard error is for the message if it is
 * lost. */
static tarn_status hear_errors(tarn__worker *w, tarn_error *err)
{
    char text[256];
    size_t got = 0;
    tarn_status st = tarn__child_read(
        &w->child, &w->child.err, text, sizeof(text), &got, err);
    for (size_t i = 0; st == TARN_OK && i < got; i++) {
        if (text[i] == '\n') {
            w->line_ended = true;
            continue;
        }
        if (w->line_ended)
            w->said_len = 0;
        w->line_ended = false;
        if (w->said_len + 1 < sizeof(w->said))
            w->said[w->said_len++] = text[i];
        w->said[w->said_len] = '\0';
    }
    return st;
}

/* Take in what is there; *got 0 and no failure: nothing came in time. */
static tarn_status hear(
    tarn__worker *w, tarn__child_ready ready, size_t *got, tarn_error *err)
{
    tarn_status st = TARN_OK;
    *got = 0;
    if (ready.err)
        st = hear_errors(w, err);
    if (st != TARN_OK || !ready.out)
        return st;
    if (w->at > 0) {
        memmove(w->in.ptr, w->in.ptr + w->at, w->in.len - w->at);
        w->in.len -= w->at;
        w->at = 0;
    }
    st = tarn__buf_reserve(&w->in, READ_BYTES, err);
    if (st == TARN_OK)
        st = tarn__child_read(&w->child, &w->child.out, w->in.ptr + w->in.len,
            READ_BYTES, got, err);
    if (st != TARN_OK)
        return st;
    if (*got == 0) {
        (void)tarn__child_ended(&w->child, GRACE_US);
        /* Whatever it has started may hold it open and say nothing. */
        if (tarn__child_wait_ready(&w->child, false, 0).err)
            (void)!hear_errors(w, NULL);
        return lost(w, "it ended", err);
    }
    w->in.len += *got;
    return TARN_OK;
}

/* Wait for it a moment, and hear it; *us is how long that was. */
static tarn_status wait_for(tarn__worker *w, bool in, tarn__child_ready *ready,
    size_t *got, int64_t *us, tarn_error *err)
{
    int64_t begin = tarn__monotonic_us();
    *ready = tarn__child_wait_ready(&w->child, in, TICK_US);
    tarn_status st = hear(w, *ready, got, err);
    *us = tarn__monotonic_us() - begin;
    *us = *us < WAIT_MOST_US ? *us : WAIT_MOST_US;
    return st;
}

/* All of the bytes; what it says meanwhile is kept.  That it says something
 * does not mean that it listens; and what has begun cannot be taken back. */
static tarn_status send_bytes(void *ctx, tarn_slice bytes, tarn_error *err)
{
    tarn__worker *w = ctx;
    tarn_status st = TARN_OK;
    size_t done = 0;
    size_t got;
    int64_t us;
    int64_t silence = 0;
    tarn__child_ready ready;
    while (st == TARN_OK && done < bytes.len) {
        if (w->child.in < 0)
            return lost(w, "it does not listen", err);
        st = wait_for(w, true, &ready, &got, &us, err);
        silence += us;
        if (st == TARN_OK && ready.in) {
            size_t some = 0;
            st = tarn__child_write(
                &w->child, bytes.ptr + done, bytes.len - done, &some, err);
            done += some;
            silence = some > 0 ? 0 : silence;
        }
        if (st == TARN_OK &&
            (silence > LOST_US ||
                (silence > CANCEL_US && tarn__call_cancelled(w->call))))
            st = lost(w, "it takes nothing any more", err);
    }
    return st;
}

static tarn_status say(
    tarn__worker *w, char type, json_t *object, tarn_error *err)
{
    tarn_buf out = TARN_BUF_INIT;
    tarn_status st = tarn__frame_add_object(&out, type, object, err);
    if (st == TARN_OK)
        st = send_bytes(w, tarn__buf_slice(&out), err);
    tarn_buf_reset(&out);
    return st;
}

/* Is it lost? */
static tarn_status judge(tarn__worker *w, tarn_error *err)
{
    if (w->cancelled && w->stopping_us > CANCEL_US)
        return lost(w, "it does not stop", err);
    if (w->waited_us > w->patience_us)
        return lost(
            w, w->answer_due ? "it does not answer" : "it is silent", err);
    return TARN_OK;
}

static void begin_waiting(tarn__worker *w, bool answer_due, int64_t patience_us)
{
    w->waited_us = 0;
    w->answer_due = answer_due;
    w->patience_us = patience_us;
}

tarn_status tarn__worker_next(
    tarn__worker *w, tarn__frame *frame, tarn_error *err)
{
    size_t used = 0;
    size_t got;
    int64_t us;
    tarn__child_ready ready;
    for (;;) {
        tarn_slice rest = {
            w->in.ptr == NULL ? "" : w->in.ptr + w->at, w->in.len - w->at};
        tarn_status st = tarn__frame_parse(rest, frame, &used, err);
        w->at += used;
        if (st == TARN_ROW && frame->type != TARN__FRAME_BEAT)
            return TARN_OK;
        if (st == TARN_ROW)
            continue;
        if (st != TARN_OK) {
            w->lost = true;
            return st;
        }
        st = wait_for(w, false, &ready, &got, &us, err);
        if (st != TARN_OK)
            return st;
        w->waited_us = got > 0 && !w->answer_due ? 0 : w->waited_us + us;
        w->stopping_us += us;
        if (!w->cancelled && tarn__call_cancelled(w->call)) {
            w->cancelled = true;
            w->stopping_us = 0;
            st = say(w, TARN__FRAME_CANCEL, json_object(), err);
        }
        if (st == TARN_OK)
            st = judge(w, err);
        if (st != TARN_OK)
            return st;
    }
}

static tarn_status greet(tarn__worker *w, tarn_error *err)
{
    tarn__frame frame;
    json_t *hello = NULL;
    int64_t protocol = 0;
    tarn_status st = tarn__worker_next(w, &frame, err);
    if (st == TARN_OK)
        st = tarn__frame_object(&frame, &hello, err);
    if (st == TARN_OK &&
        (frame.type != TARN__FRAME_HELLO ||
            !tarn__json_i64(hello, "protocol", &protocol) ||
            protocol != TARN__WORKER_PROTOCOL))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "worker: speaks another protocol than %d (install the same tarn "
            "there)",
            TARN__WORKER_PROTOCOL);
    json_decref(hello);
    return st;
}

static tarn_status worker_start(const char *command,
    const tarn_driver_call *call, tarn__worker **out, tarn_error *err)
{
    char *self = NULL;
    *out = NULL;
    char *line = tarn__sprintf("exec %s", command == NULL ? "" : command);
    tarn_status st = line == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK && command == NULL)
        st = tarn__realpath("/proc/self/exe", &self, err);
    tarn__worker *w = st == TARN_OK ? tarn__calloc(1, sizeof(*w)) : NULL;
    if (st == TARN_OK && w == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK) {
        const char *const own[] = {self, "worker", NULL};
        const char *const shell[] = {"/bin/sh", "-c", line, NULL};
        const tarn__child_options options = {
            .argv = command == NULL ? own : shell};
        w->in = (tarn_buf)TARN_BUF_INIT;
        w->child = (tarn__child)TARN__CHILD_INIT;
        w->call = call;
        begin_waiting(w, false, LOST_US);
        st = tarn__child_start(&w->child, &options, err);
        if (st == TARN_OK)
            st = greet(w, err);
        if (st == TARN_OK)
            *out = w;
        else
            worker_free(w, false);
    }
    tarn__free(line);
    tarn__free(self);
    return st;
}

/* --- the pool --- */

tarn_status tarn__remote_open(
    const char *target, tarn__remote **out, tarn_error *err)
{
    *out = NULL;
    if (target == NULL || strcmp(target, "local") == 0 ||
        strncmp(target, "adbc:", 5) == 0)
        return TARN_OK;
    bool named = strncmp(target, "worker:", 7) == 0 && target[7] != '\0';
    if (!named && strcmp(target, "worker") != 0)
        return tarn__fail(err, TARN_INVALID,
            "--target %s: there is no such target (it is local, worker, "
            "worker:CMD or adbc:NAME)",
            target);
    tarn__remote *remote = tarn__calloc(1, sizeof(*remote));
    if (remote == NULL)
        return tarn__no_memory(err);
    tarn__mutex_init(&remote->lock);
    if (named && (remote->command = tarn__strdup(target + 7)) == NULL) {
        tarn__remote_close(remote);
        return tarn__no_memory(err);
    }
    *out = remote;
    return TARN_OK;
}

void tarn__remote_close(tarn__remote *remote)
{
    if (remote == NULL)
        return;
    while (remote->idle != NULL) {
        tarn__worker *w = remote->idle;
        remote->idle = w->next;
        worker_free(w, true);
    }
    tarn__mutex_free(&remote->lock);
    tarn__free(remote->command);
    tarn__free(remote);
}

static tarn_status take_worker(tarn__remote *remote,
    const tarn_driver_call *call, tarn__worker **out, tarn_error *err)
{
    tarn__mutex_lock(&remote->lock);
    tarn__worker *w = remote->idle;
    if (w != NULL)
        remote->idle = w->next;
    tarn__mutex_unlock(&remote->lock);
    *out = w;
    if (w != NULL) {
        begin_waiting(w, false, LOST_US);
        w->cancelled = false;
        w->call = call;
        return TARN_OK;
    }
    return worker_start(remote->command, call, out, err);
}

static void give_back(tarn__remote *remote, tarn__worker *w)
{
    tarn__mutex_lock(&remote->lock);
    w->next = remote->idle;
    remote->idle = w;
    tarn__mutex_unlock(&remote->lock);
}

/* --- files to it --- */

/* How much of a file of so many bytes it has. */
static tarn_status ask_at(
    tarn__worker *w, uint64_t bytes, uint64_t *at, tarn_error *err)
{
    tarn__frame frame;
    json_t *answer = NULL;
    int64_t n = 0;
    begin_waiting(w, true, LOST_US + (int64_t)(bytes / HASHED_PER_US));
    tarn_status st = tarn__worker_next(w, &frame, err);
    begin_waiting(w, false, LOST_US);
    if (st == TARN_OK)
        st = tarn__frame_object(&frame, &answer, err);
    if (st == TARN_OK &&
        (frame.type != TARN__FRAME_AT || !tarn__json_i64(answer, "at", &n) ||
            n < 0))
        st = lost(w, "it does not say what it has", err);
    json_decref(answer);
    *at = (uint64_t)n;
    return st;
}

/* What it has of the file already is not sent again. */
tarn_status tarn__worker_send(
    tarn__worker *w, const char *path, char sha[TARN__SHA_HEX], tarn_error *err)
{
    const tarn__frame_sink sink = {w, send_bytes};
    tarn__stat stat;
    uint64_t at = 0;
    tarn_status st = tarn__stat_path(path, true, &stat, err);
    if (st == TARN_OK)
        st = tarn__file_sha(path, sha, err);
    for (int i = 0; st == TARN_OK && i < 2; i++) {
        st = say(w, TARN__FRAME_HAVE,
            json_pack(
                "{s:s, s:I}", "sha", sha, "size", (json_int_t)stat.size_bytes),
            err);
        if (st == TARN_OK)
            st = ask_at(w, 0, &at, err);
        if (st != TARN_OK || (at == stat.size_bytes && at > 0))
            return st;
        if (at > stat.size_bytes)
            at = 0;
        st = tarn__frame_send_file(&sink, path, at, err);
        if (st == TARN_OK)
            st = ask_at(w, stat.size_bytes, &at, err);
        if (st == TARN_OK && at == stat.size_bytes)
            return TARN_OK;
    }
    return st == TARN_OK ? lost(w, "a file does not arrive", err) : st;
}

tarn_status tarn__worker_say_step(
    tarn__worker *w, json_t *step, tarn_error *err)
{
    return say(w, TARN__FRAME_STEP, step, err);
}

/* --- calls --- */

/* What lies here is worked on here. */
static bool stays(const tarn_driver *driver)
{
    return strncmp(driver->name, "lake.", 5) == 0 ||
        strncmp(driver->name, "sqlite.", 7) == 0 ||
        strncmp(driver->name, "program.", 8) == 0 ||
        tarn__driver_find(driver->name) != driver;
}

static void tell_lost(const tarn_driver_call *call, const char *why)
{
    json_t *fields = json_pack("{s:s}", "error", why);
    tarn_buf text = TARN_BUF_INIT;
    if (fields != NULL && tarn__json_dump(fields, &text, NULL) == TARN_OK &&
        call->event != NULL)
        call->event(call->ctx, "worker_lost", text.ptr);
    tarn_buf_reset(&text);
    json_decref(fields);
}

tarn_status tarn__remote_call(tarn__remote *remote, const tarn_driver *driver,
    const tarn_driver_call *call, const tarn_driver_result *result,
    tarn_error *err)
{
    tarn_error own = TARN_ERROR_INIT;
    tarn_status st = TARN_OK;
    if (stays(driver))
        return driver->run(call, result, err);
    for (int i = 0; i < TRIES; i++) {
        tarn__worker *w;
        st = take_worker(remote, call, &w, &own);
        bool gone = st == TARN_IO;
        if (st == TARN_OK) {
            st = tarn__worker_run(w, driver, call, result, &own);
            gone = w->lost;
            if (gone)
                worker_free(w, false);
            else
                give_back(remote, w);
        }
        if (st != TARN_OK && tarn__call_cancelled(call))
            return tarn__fail(
                err, TARN_INTERRUPTED, "step %s: cancelled", call->step_id);
        if (!gone)
            break;
        tell_lost(call, own.message);
    }
    if (st != TARN_OK && err != NULL)
        *err = own;
    return st;
}

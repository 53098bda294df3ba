/* tarn worker: takes a run's steps, one at a time, and gives back their files.
 *
 *   dir/blobs/<sha>       a file that came in whole; <sha>.part one on its way
 *   dir/<scratch>/step/   of the step that runs: files/, temp/, output.duckdb
 *   dir/in-use            flock, shared by all workers that have this folder
 */
#include <string.h>
#include <tarn/flow.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/worker_server.h"
#include "os/process.h"
#include "os/vanish.h"

#define BEAT_US 1000000
#define READ_BYTES 65536

/* --- saying --- */

tarn_status tarn__server_send(void *ctx, tarn_slice bytes, tarn_error *err)
{
    tarn__server *s = ctx;
    tarn__mutex_lock(&s->out_lock);
    tarn_status st = tarn__file_write(&s->out, bytes.ptr, bytes.len, err);
    tarn__mutex_unlock(&s->out_lock);
    if (st != TARN_OK) {
        atomic_store(&s->broken, true);
        atomic_store(&s->cancelled, true);
    }
    return st;
}

tarn_status tarn__server_say(
    tarn__server *s, char type, json_t *object, tarn_error *err)
{
    tarn_buf out = TARN_BUF_INIT;
    tarn_status st = tarn__frame_add_object(&out, type, object, err);
    if (st == TARN_OK)
        st = tarn__server_send(s, tarn__buf_slice(&out), err);
    tarn_buf_reset(&out);
    return st;
}

void tarn__server_tell(tarn__server *s, char type, json_t *object)
{
    (void)!tarn__server_say(s, type, object, NULL);
}

/* --- listening --- */

static tarn_status on_frame(
    tarn__server *s, const tarn__frame *frame, tarn_error *err)
{
    switch (frame->type) {
    case TARN__FRAME_HELLO:
        return TARN_OK;
    case TARN__FRAME_HAVE:
        return tarn__server_have(s, frame, err);
    case TARN__FRAME_DATA:
        return tarn__server_data(s, frame, err);
    case TARN__FRAME_END:
        return tarn__server_end(s, err);
    case TARN__FRAME_STEP:
        return tarn__server_start(s, frame, err);
    case TARN__FRAME_CANCEL:
        atomic_store(&s->cancelled, true);
        return TARN_OK;
    default:
        return tarn__fail(err, TARN_CORRUPT,
            "worker: a frame %c, which is not said to a worker", frame->type);
    }
}

static tarn_status take_frames(tarn__server *s, tarn_error *err)
{
    tarn__frame frame;
    size_t used;
    tarn_status st;
    for (;;) {
        tarn_slice rest = {s->bytes.ptr + s->at, s->bytes.len - s->at};
        st = tarn__frame_parse(rest, &frame, &used, err);
        if (st != TARN_ROW)
            break;
        st = on_frame(s, &frame, err);
        if (st != TARN_OK)
            return st;
        s->at += used;
    }
    if (st == TARN_OK && s->at > 0) {
        memmove(s->bytes.ptr, s->bytes.ptr + s->at, s->bytes.len - s->at);
        s->bytes.len -= s->at;
        s->at = 0;
    }
    return st;
}

static tarn_status listen(tarn__server *s, tarn_error *err)
{
    size_t got = 1;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && got > 0 && !atomic_load(&s->broken)) {
        if (tarn__interrupted())
            return tarn__fail(err, TARN_INTERRUPTED, "worker: interrupted");
        if (!tarn__file_ready(&s->in, BEAT_US)) {
            tarn__server_tell(s, TARN__FRAME_BEAT, json_object());
            continue;
        }
        st = tarn__buf_reserve(&s->bytes, READ_BYTES, err);
        if (st == TARN_OK)
            st = tarn__file_read(
                &s->in, s->bytes.ptr + s->bytes.len, READ_BYTES, &got, err);
        if (st == TARN_OK) {
            s->bytes.len += got;
            st = take_frames(s, err);
        }
    }
    return st;
}

/* Its own folder lies in DIR, under a name that no other worker has, in whatever
 * container that runs; what is left of those that were killed goes. */
static tarn_status make_folders(
    tarn__server *s, const char *dir, tarn_error *err)
{
    const char *temp = tarn__env("TMPDIR");
    s->keeps = dir != NULL;
    const char *above = dir != NULL ? dir : temp == NULL ? "/tmp" : temp;
    char *own = NULL;
    tarn_status st = dir == NULL ? TARN_OK : tarn__mkdirs(dir, err);
    if (st == TARN_OK && dir != NULL)
        (void)!tarn__scratch_sweep(dir, NULL, NULL);
    if (st == TARN_OK)
        st = tarn__scratch_open(&s->scratch, above, err);
    if (st == TARN_OK)
        st = tarn__vanish_add(s->scratch.path, err);
    if (st == TARN_OK)
        st = tarn__realpath(s->scratch.path, &own, err);
    if (st == TARN_OK)
        st = tarn__realpath(dir == NULL ? own : dir, &s->dir, err);
    if (st == TARN_OK && (s->step_dir = tarn__path_join(own, "step")) == NULL)
        st = tarn__no_memory(err);
    tarn__free(own);
    return st;
}

static tarn_status prepare(tarn__server *s, const char *dir, tarn_error *err)
{
    tarn_status st = make_folders(s, dir, err);
    if (st != TARN_OK)
        return st;
    char *blobs = tarn__path_join(s->dir, "blobs");
    char *in_use = tarn__path_join(s->dir, "in-use");
    if (blobs == NULL || in_use == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn__lock_take(&s->in_use, in_use, true, -1, err);
    if (st == TARN_OK && !tarn__path_is_dir(blobs))
        st = tarn__mkdir(blobs, err);
    if (st == TARN_EXISTS)
        st = TARN_OK;
    tarn__free(blobs);
    tarn__free(in_use);
    return st;
}

/* A run that ended well needs nothing of this any more; the last worker of a
 * folder sweeps it. */
static void clean(tarn__server *s, bool well)
{
    char *lock = s->dir == NULL ? NULL : tarn__path_join(s->dir, "in-use");
    char *blobs = s->dir == NULL ? NULL : tarn__path_join(s->dir, "blobs");
    tarn__lock_release(&s->in_use);
    if (well && lock != NULL && blobs != NULL &&
        tarn__lock_take(&s->in_use, lock, false, 0, NULL) == TARN_OK) {
        (void)!tarn__remove_tree(blobs, NULL);
        tarn__lock_release(&s->in_use);
    }
    if (s->scratch.path != NULL) {
        tarn__vanish_forget(s->scratch.path);
        tarn__scratch_close(&s->scratch);
    }
    tarn__free(lock);
    tarn__free(blobs);
}

tarn_status tarn_flow_worker(int in, int out, const char *dir, tarn_error *err)
{
    tarn__server s = {.in = {in, NULL},
        .out = {out, NULL},
        .bytes = TARN_BUF_INIT,
        .part = TARN__FILE_INIT,
        .in_use = TARN__LOCK_INIT,
        .part_lock = TARN__LOCK_INIT,
        .scratch = TARN__SCRATCH_INIT};
    tarn__mutex_init(&s.out_lock);
    tarn_status st = prepare(&s, dir, err);
    if (st == TARN_OK)
        st = tarn__server_say(&s, TARN__FRAME_HELLO,
            json_pack("{s:i, s:s}", "protocol", TARN__WORKER_PROTOCOL,
                "version", tarn_version()),
            err);
    if (st == TARN_OK)
        st = listen(&s, err);
    atomic_store(&s.cancelled, true);
    tarn__server_join(&s);
    tarn__server_forget(&s);
    clean(&s, st == TARN_OK && !atomic_load(&s.broken));
    tarn_buf_reset(&s.bytes);
    tarn__free(s.step_dir);
    tarn__free(s.dir);
    tarn__mutex_free(&s.out_lock);
    return st;
}

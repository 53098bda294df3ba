/* tarn worker: takes a run's steps, one at a time, and gives back their files.
 *
 *   dir/blobs/<sha>       a file that came in whole; <sha>.part one on its way
 *   dir/step-<pid>/       of the step that runs: files/, temp/, output.duckdb
 *   dir/in-use            flock, shared by all workers that have this folder
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <tarn/flow.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/registry.h"
#include "flow/frame.h"
#include "os/file.h"
#include "os/process.h"
#include "os/scratch.h"
#include "os/threads.h"
#include "os/vanish.h"

#define BEAT_US 1000000
#define READ_BYTES 65536

typedef struct server {
    tarn__file in;
    tarn__file out;
    tarn__mutex out_lock;
    tarn_buf bytes; /* read, not yet parsed from `at` on */
    size_t at;
    char *dir;
    char *step_dir;
    bool keeps; /* dir was given, and may outlast this process */
    tarn__lock in_use;
    tarn__scratch scratch; /* when `dir` is ours */
    char *coming;          /* the .part that comes in; NULL: none */
    char *whole;           /* its name when it is whole */
    tarn__lock part_lock;
    tarn__file part;
    uint64_t part_at;
    /* the step */
    pthread_t thread;
    bool running;     /* the thread is to be joined */
    atomic_bool done; /* all but telling so */
    atomic_bool cancelled;
    json_t *step;
    atomic_bool broken; /* the run does not listen any more */
} server;

/* --- saying --- */

static tarn_status send_bytes(void *ctx, tarn_slice bytes, tarn_error *err)
{
    server *s = ctx;
    tarn__mutex_lock(&s->out_lock);
    tarn_status st = tarn__file_write(&s->out, bytes.ptr, bytes.len, err);
    tarn__mutex_unlock(&s->out_lock);
    if (st != TARN_OK) {
        atomic_store(&s->broken, true);
        atomic_store(&s->cancelled, true);
    }
    return st;
}

static tarn_status say(server *s, char type, json_t *object, tarn_error *err)
{
    tarn_buf out = TARN_BUF_INIT;
    tarn_status st = tarn__frame_add_object(&out, type, object, err);
    if (st == TARN_OK)
        st = send_bytes(s, tarn__buf_slice(&out), err);
    tarn_buf_reset(&out);
    return st;
}

/* For what nobody waits for: a run that is gone is noticed by all. */
static void tell(server *s, char type, json_t *object)
{
    (void)!say(s, type, object, NULL);
}

/* --- the step's calls --- */

static void on_metric(void *ctx, const char *name, double value)
{
    tell(ctx, TARN__FRAME_METRIC,
        json_pack("{s:s, s:f}", "name", name, "value", value));
}

static void on_event(void *ctx, const char *name, const char *fields)
{
    json_t *object = NULL;
    if (fields != NULL &&
        tarn__json_parse(tarn_str(fields), "event", &object, NULL) != TARN_OK)
        object = NULL;
    tell(ctx, TARN__FRAME_EVENT,
        json_pack("{s:s, s:o?}", "name", name, "fields", object));
}

static void on_progress(void *ctx, int64_t rows)
{
    tell(ctx, TARN__FRAME_PROGRESS,
        json_pack("{s:I}", "rows", (json_int_t)rows));
}

static bool on_cancelled(void *ctx)
{
    return atomic_load(&((server *)ctx)->cancelled);
}

static tarn_status on_table(
    void *ctx, const char *name, int64_t rows, tarn_error *err)
{
    return say(ctx, TARN__FRAME_TABLE,
        json_pack("{s:s, s:I}", "name", name, "rows", (json_int_t)rows), err);
}

static tarn_status on_cursor(void *ctx, const char *value, tarn_error *err)
{
    return say(
        ctx, TARN__FRAME_CURSOR, json_pack("{s:s?}", "value", value), err);
}

/* --- the step's files --- */

static bool is_sha(const char *text)
{
    return text != NULL && strlen(text) == TARN__SHA_HEX - 1 &&
        strspn(text, "0123456789abcdef") == TARN__SHA_HEX - 1;
}

static char *blob_path(const server *s, const char *sha, const char *suffix)
{
    return tarn__sprintf("%s/blobs/%s%s", s->dir, sha, suffix);
}

static bool is_inner(const char *path)
{
    return tarn__frame_inner(path) && *path != '\0';
}

static tarn_status place(const server *s, const json_t *file, tarn_error *err)
{
    const char *sha = tarn__json_text(file, "sha");
    const char *path = tarn__json_text(file, "path");
    if (!is_sha(sha) || !is_inner(path))
        return tarn__fail(
            err, TARN_BAD_INPUT, "worker: a file that has no proper place");
    char *from = blob_path(s, sha, "");
    char *to = tarn__path_join(s->step_dir, path);
    tarn_status st =
        from == NULL || to == NULL ? tarn__no_memory(err) : TARN_OK;
    char *dir = st == TARN_OK
        ? tarn__strndup(to, (size_t)(tarn__path_base(to) - to))
        : NULL;
    if (st == TARN_OK)
        st = dir == NULL ? tarn__no_memory(err) : tarn__mkdirs(dir, err);
    if (st == TARN_OK)
        st = tarn__link(from, to, err);
    tarn__free(dir);
    tarn__free(to);
    tarn__free(from);
    return st;
}

static tarn_status place_all(const server *s, tarn_error *err)
{
    size_t i;
    json_t *file;
    char *temp = tarn__path_join(s->step_dir, "temp");
    tarn_status st = temp == NULL ? tarn__no_memory(err)
                                  : tarn__remove_tree(s->step_dir, err);
    if (st == TARN_OK)
        st = tarn__mkdirs(temp, err);
    json_array_foreach(json_object_get(s->step, "files"), i, file)
    {
        if (st == TARN_OK)
            st = place(s, file, err);
    }
    tarn__free(temp);
    return st;
}

static tarn_status send_file(server *s, const char *kind, const char *path,
    const char *name, tarn_error *err)
{
    const tarn__frame_sink sink = {s, send_bytes};
    tarn_status st = say(s, TARN__FRAME_FILE,
        json_pack("{s:s, s:s}", "kind", kind, "path", name), err);
    return st == TARN_OK ? tarn__frame_send_file(&sink, path, 0, err) : st;
}

/* A file, or every file below a folder; `name` is relative to what is sent. */
static tarn_status send_tree(
    server *s, const char *path, const char *name, tarn_error *err)
{
    tarn__dir *dir;
    tarn__dirent entry;
    if (!tarn__path_is_dir(path))
        return send_file(s, "file", path, name, err);
    tarn_status st = *name == '\0'
        ? say(s, TARN__FRAME_FILE,
              json_pack("{s:s, s:s}", "kind", "folder", "path", name), err)
        : TARN_OK;
    if (st == TARN_OK)
        st = tarn__dir_open(path, &dir, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        char *child = tarn__path_join(path, entry.name);
        char *inner = *name == '\0' ? tarn__strdup(entry.name)
                                    : tarn__path_join(name, entry.name);
        st = child == NULL || inner == NULL ? tarn__no_memory(err)
                                            : send_tree(s, child, inner, err);
        tarn__free(child);
        tarn__free(inner);
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(dir);
    return st;
}

static tarn_status send_results(
    server *s, const tarn_driver_call *call, tarn_error *err)
{
    const char *send = tarn__json_text(s->step, "send");
    if (call->output != NULL)
        return send_file(s, "output", call->output, "output.duckdb", err);
    if (!is_inner(send))
        return TARN_OK;
    char *path = tarn__path_join(s->step_dir, send);
    tarn_status st =
        path == NULL ? tarn__no_memory(err) : send_tree(s, path, "", err);
    tarn__free(path);
    return st;
}

/* --- the step --- */

static tarn_status inputs_of(server *s, tarn_driver_input **out, size_t *count,
    tarn__arena *arena, tarn_error *err)
{
    size_t i;
    size_t t;
    json_t *input;
    json_t *table;
    const json_t *list = json_object_get(s->step, "inputs");
    *count = 0;
    *out =
        tarn__arena_alloc(arena, (json_array_size(list) + 1) * sizeof(**out));
    if (*out == NULL)
        return tarn__no_memory(err);
    json_array_foreach(list, i, input)
    {
        const char *sha = tarn__json_text(input, "sha");
        const char *id = tarn__json_text(input, "id");
        json_t *tables = json_object_get(input, "tables");
        if (!is_sha(sha) || id == NULL)
            return tarn__fail(
                err, TARN_BAD_INPUT, "worker: an input without its file");
        char *path = blob_path(s, sha, "");
        const char *copy =
            path == NULL ? NULL : tarn__arena_strdup(arena, path);
        tarn__free(path);
        const char **names = tarn__arena_alloc(
            arena, (json_array_size(tables) + 1) * sizeof(*names));
        if (copy == NULL || names == NULL)
            return tarn__no_memory(err);
        json_array_foreach(tables, t, table)
        {
            names[t] = json_string_value(table);
            if (names[t] == NULL)
                return tarn__fail(
                    err, TARN_BAD_INPUT, "worker: a table without a name");
        }
        (*out)[(*count)++] =
            (tarn_driver_input){id, copy, names, json_array_size(tables)};
    }
    return TARN_OK;
}

static tarn_status find_driver(
    const server *s, const tarn_driver **out, tarn_error *err)
{
    const char *name = tarn__json_text(s->step, "component");
    const char *version = tarn__json_text(s->step, "version");
    *out = name == NULL ? NULL : tarn__driver_find(name);
    if (*out == NULL || version == NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "worker: has no component %s (install the same tarn there)",
            name == NULL ? "" : name);
    if (strcmp((*out)->version, version) != 0)
        return tarn__fail(err, TARN_BAD_INPUT,
            "worker: has version %s of %s, not %s (install the same tarn "
            "there)",
            (*out)->version, name, version);
    return TARN_OK;
}

typedef struct texts {
    tarn_buf config;
    tarn_buf connection;
    char *temp;
    char *output;
    tarn__arena arena;
} texts;

static void texts_reset(texts *t)
{
    tarn_buf_reset(&t->config);
    tarn_buf_reset(&t->connection);
    tarn__free(t->temp);
    tarn__free(t->output);
    tarn__arena_reset(&t->arena);
}

static tarn_status make_call(
    server *s, tarn_driver_call *call, texts *t, tarn_error *err)
{
    const json_t *connection = json_object_get(s->step, "connection");
    tarn_driver_input *inputs;
    int64_t number = 0;
    bool output = json_is_true(json_object_get(s->step, "output"));
    t->temp = tarn__path_join(s->step_dir, "temp");
    if (output)
        t->output = tarn__path_join(s->step_dir, "output.duckdb");
    if (t->temp == NULL || (output && t->output == NULL))
        return tarn__no_memory(err);
    *call = (tarn_driver_call){.abi = TARN_DRIVER_ABI,
        .step_id = tarn__json_text(s->step, "step"),
        .output = t->output,
        .base_dir = s->step_dir,
        .temp_dir = t->temp,
        .cursor_column = tarn__json_text(s->step, "cursor_column"),
        .cursor = tarn__json_text(s->step, "cursor"),
        .ctx = s,
        .metric = on_metric,
        .event = on_event,
        .progress = on_progress,
        .cancelled = on_cancelled};
    (void)tarn__json_i64(s->step, "mode", &number);
    call->mode = (tarn_step_mode)number;
    number = 0;
    (void)tarn__json_i64(s->step, "memory", &number);
    call->memory_bytes = number > 0 ? (uint64_t)number : 0;
    number = 1;
    (void)tarn__json_i64(s->step, "threads", &number);
    call->threads = number > 0 && number < 1024 ? (int)number : 1;
    tarn_status st =
        tarn__json_dump(json_object_get(s->step, "config"), &t->config, err);
    if (st == TARN_OK && json_is_object(connection))
        st = tarn__json_dump(connection, &t->connection, err);
    call->config = t->config.ptr;
    call->connection = t->connection.ptr;
    if (st == TARN_OK)
        st = inputs_of(s, &inputs, &call->input_count, &t->arena, err);
    if (st == TARN_OK)
        call->inputs = inputs;
    return st;
}

/* What the run knows nothing of does not stand in a message. */
static json_t *message_of(const server *s, const char *message)
{
    tarn_buf out = TARN_BUF_INIT;
    char *here = tarn__path_join(s->step_dir, "files");
    tarn_status st = here == NULL ? TARN_NO_MEMORY : TARN_OK;
    while (st == TARN_OK && *message != '\0') {
        const char *at = strstr(message, here);
        size_t len = at == NULL ? strlen(message) : (size_t)(at - message);
        st = tarn__buf_append(&out, message, len, NULL);
        message += len + (at == NULL ? 0 : strlen(here));
    }
    json_t *text = json_stringn(out.ptr == NULL ? "" : out.ptr, out.len);
    tarn_buf_reset(&out);
    tarn__free(here);
    return text;
}

static void *step_main(void *arg)
{
    server *s = arg;
    const tarn_driver *driver;
    tarn_error err = TARN_ERROR_INIT;
    tarn_driver_call call;
    texts t = {.config = TARN_BUF_INIT,
        .connection = TARN_BUF_INIT,
        .arena = TARN__ARENA_INIT};
    const tarn_driver_result result = {s, on_table, on_cursor};
    tarn_status st = find_driver(s, &driver, &err);
    if (st == TARN_OK)
        st = place_all(s, &err);
    if (st == TARN_OK)
        st = make_call(s, &call, &t, &err);
    if (st == TARN_OK)
        st = driver->run(&call, &result, &err);
    if (st == TARN_OK)
        st = send_results(s, &call, &err);
    (void)!tarn__remove_tree(s->step_dir, NULL);
    texts_reset(&t);
    /* Before it is told: the next step may come right after that. */
    atomic_store(&s->done, true);
    tell(s, TARN__FRAME_RESULT,
        json_pack("{s:i, s:o}", "status", (int)st, "message",
            message_of(s, err.message)));
    return NULL;
}

static void join_step(server *s)
{
    if (s->running)
        pthread_join(s->thread, NULL);
    s->running = false;
    json_decref(s->step);
    s->step = NULL;
}

static tarn_status start_step(
    server *s, const tarn__frame *frame, tarn_error *err)
{
    if (s->running && !atomic_load(&s->done))
        return tarn__fail(
            err, TARN_CORRUPT, "worker: a second step while one runs");
    join_step(s);
    tarn_status st = tarn__frame_object(frame, &s->step, err);
    if (st == TARN_OK && tarn__json_text(s->step, "step") == NULL)
        st = tarn__fail(err, TARN_CORRUPT, "worker: a step without a name");
    if (st != TARN_OK)
        return st;
    atomic_store(&s->done, false);
    atomic_store(&s->cancelled, false);
    int failed = pthread_create(&s->thread, NULL, step_main, s);
    if (failed != 0)
        return tarn__fail_os(err, failed, "worker: no thread for a step");
    s->running = true;
    return TARN_OK;
}

/* --- files that come in --- */

/* Two workers in one folder do not write one file: the second has another. */
static tarn_status open_part(server *s, tarn_error *err)
{
    char *lock = tarn__sprintf("%s.lock", s->coming);
    if (lock == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__lock_take(&s->part_lock, lock, false, 0, NULL);
    tarn__free(lock);
    if (st != TARN_OK) {
        tarn__free(s->coming);
        s->coming = tarn__scratch_name(&s->scratch, ".part");
        if (s->coming == NULL)
            return tarn__no_memory(err);
    }
    return tarn__file_open(&s->part, s->coming, TARN__OPEN_READ_WRITE, err);
}

static void forget_part(server *s)
{
    tarn__file_close(&s->part);
    tarn__lock_release(&s->part_lock);
    tarn__free(s->coming);
    tarn__free(s->whole);
    s->coming = s->whole = NULL;
}

static tarn_status on_have(server *s, const tarn__frame *frame, tarn_error *err)
{
    json_t *ask;
    tarn__stat stat = {0};
    forget_part(s);
    tarn_status st = tarn__frame_object(frame, &ask, err);
    const char *sha = tarn__json_text(ask, "sha");
    if (st == TARN_OK && !is_sha(sha))
        st = tarn__fail(err, TARN_CORRUPT, "worker: a file without its hash");
    if (st == TARN_OK) {
        s->whole = blob_path(s, sha, "");
        s->coming = blob_path(s, sha, ".part");
        if (s->whole == NULL || s->coming == NULL)
            st = tarn__no_memory(err);
    }
    json_decref(ask);
    if (st == TARN_OK && tarn__path_exists(s->whole)) {
        st = tarn__stat_path(s->whole, true, &stat, err);
    } else if (st == TARN_OK) {
        st = open_part(s, err);
        if (st == TARN_OK)
            st = tarn__file_stat(&s->part, &stat, err);
    }
    s->part_at = stat.size_bytes;
    return st == TARN_OK
        ? say(s, TARN__FRAME_AT,
              json_pack("{s:I}", "at", (json_int_t)stat.size_bytes), err)
        : st;
}

static tarn_status on_data(server *s, const tarn__frame *frame, tarn_error *err)
{
    if (s->part.fd < 0)
        return tarn__fail(err, TARN_CORRUPT, "worker: bytes of no file");
    tarn_status st = tarn__file_write_at(
        &s->part, s->part_at, frame->payload.ptr, frame->payload.len, err);
    s->part_at += frame->payload.len;
    return st;
}

/* It gets its name when it hashes to it; else it is sent once more. */
static tarn_status on_end(server *s, tarn_error *err)
{
    char hex[TARN__SHA_HEX] = "";
    if (s->part.fd < 0)
        return tarn__fail(err, TARN_CORRUPT, "worker: the end of no file");
    /* What stays for other workers has its name only with its bytes on the
     * disk: they ask for the name alone. */
    tarn_status st = s->keeps ? tarn__file_sync(&s->part, err) : TARN_OK;
    tarn__file_close(&s->part);
    if (st == TARN_OK)
        st = tarn__file_sha(s->coming, hex, err);
    bool same = st == TARN_OK && tarn__ends_with(s->whole, hex);
    if (st == TARN_OK)
        st = same ? tarn__rename(s->coming, s->whole, err)
                  : tarn__unlink(s->coming, err);
    forget_part(s);
    return st == TARN_OK
        ? say(s, TARN__FRAME_AT,
              json_pack("{s:I}", "at", (json_int_t)(same ? s->part_at : 0)),
              err)
        : st;
}

/* --- listening --- */

static tarn_status on_frame(
    server *s, const tarn__frame *frame, tarn_error *err)
{
    switch (frame->type) {
    case TARN__FRAME_HELLO:
        return TARN_OK;
    case TARN__FRAME_HAVE:
        return on_have(s, frame, err);
    case TARN__FRAME_DATA:
        return on_data(s, frame, err);
    case TARN__FRAME_END:
        return on_end(s, err);
    case TARN__FRAME_STEP:
        return start_step(s, frame, err);
    case TARN__FRAME_CANCEL:
        atomic_store(&s->cancelled, true);
        return TARN_OK;
    default:
        return tarn__fail(err, TARN_CORRUPT,
            "worker: a frame %c, which is not said to a worker", frame->type);
    }
}

static tarn_status take_frames(server *s, tarn_error *err)
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

static tarn_status listen(server *s, tarn_error *err)
{
    size_t got = 1;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && got > 0 && !atomic_load(&s->broken)) {
        if (tarn__interrupted())
            return tarn__fail(err, TARN_INTERRUPTED, "worker: interrupted");
        if (!tarn__file_ready(&s->in, BEAT_US)) {
            tell(s, TARN__FRAME_BEAT, json_object());
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
static tarn_status make_folders(server *s, const char *dir, tarn_error *err)
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

static tarn_status prepare(server *s, const char *dir, tarn_error *err)
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
static void clean(server *s, bool well)
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
    server s = {.in = {in, NULL},
        .out = {out, NULL},
        .bytes = TARN_BUF_INIT,
        .part = TARN__FILE_INIT,
        .in_use = TARN__LOCK_INIT,
        .part_lock = TARN__LOCK_INIT,
        .scratch = TARN__SCRATCH_INIT};
    tarn__mutex_init(&s.out_lock);
    tarn_status st = prepare(&s, dir, err);
    if (st == TARN_OK)
        st = say(&s, TARN__FRAME_HELLO,
            json_pack("{s:i, s:s}", "protocol", TARN__WORKER_PROTOCOL,
                "version", tarn_version()),
            err);
    if (st == TARN_OK)
        st = listen(&s, err);
    atomic_store(&s.cancelled, true);
    join_step(&s);
    forget_part(&s);
    clean(&s, st == TARN_OK && !atomic_load(&s.broken));
    tarn_buf_reset(&s.bytes);
    tarn__free(s.step_dir);
    tarn__free(s.dir);
    tarn__mutex_free(&s.out_lock);
    return st;
}

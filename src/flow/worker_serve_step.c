/* tarn worker: a step, from the files it needs to those it gives back. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/registry.h"
#include "flow/worker_server.h"

/* --- the step's calls --- */

static void on_metric(void *ctx, const char *name, double value)
{
    tarn__server_tell(ctx, TARN__FRAME_METRIC,
        json_pack("{s:s, s:f}", "name", name, "value", value));
}

static void on_event(void *ctx, const char *name, const char *fields)
{
    json_t *object = NULL;
    if (fields != NULL &&
        tarn__json_parse(tarn_str(fields), "event", &object, NULL) != TARN_OK)
        object = NULL;
    tarn__server_tell(ctx, TARN__FRAME_EVENT,
        json_pack("{s:s, s:o?}", "name", name, "fields", object));
}

static void on_progress(void *ctx, int64_t rows)
{
    tarn__server_tell(ctx, TARN__FRAME_PROGRESS,
        json_pack("{s:I}", "rows", (json_int_t)rows));
}

static bool on_cancelled(void *ctx)
{
    return atomic_load(&((tarn__server *)ctx)->cancelled);
}

static tarn_status on_table(
    void *ctx, const char *name, int64_t rows, tarn_error *err)
{
    return tarn__server_say(ctx, TARN__FRAME_TABLE,
        json_pack("{s:s, s:I}", "name", name, "rows", (json_int_t)rows), err);
}

static tarn_status on_cursor(void *ctx, const char *value, tarn_error *err)
{
    return tarn__server_say(
        ctx, TARN__FRAME_CURSOR, json_pack("{s:s?}", "value", value), err);
}

/* --- the step's files --- */

static bool is_inner(const char *path)
{
    return tarn__frame_inner(path) && *path != '\0';
}

static tarn_status place(
    const tarn__server *s, const json_t *file, tarn_error *err)
{
    const char *sha = tarn__json_text(file, "sha");
    const char *path = tarn__json_text(file, "path");
    if (!tarn__is_sha(sha) || !is_inner(path))
        return tarn__fail(
            err, TARN_BAD_INPUT, "worker: a file that has no proper place");
    char *from = tarn__server_blob(s, sha, "");
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

static tarn_status place_all(const tarn__server *s, tarn_error *err)
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

static tarn_status send_file(tarn__server *s, const char *kind,
    const char *path, const char *name, tarn_error *err)
{
    const tarn__frame_sink sink = {s, tarn__server_send};
    tarn_status st = tarn__server_say(s, TARN__FRAME_FILE,
        json_pack("{s:s, s:s}", "kind", kind, "path", name), err);
    return st == TARN_OK ? tarn__frame_send_file(&sink, path, 0, err) : st;
}

/* A file, or every file below a folder; `name` is relative to what is sent. */
static tarn_status send_tree(
    tarn__server *s, const char *path, const char *name, tarn_error *err)
{
    tarn__dir *dir;
    tarn__dirent entry;
    if (!tarn__path_is_dir(path))
        return send_file(s, "file", path, name, err);
    tarn_status st = *name == '\0'
        ? tarn__server_say(s, TARN__FRAME_FILE,
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
    tarn__server *s, const tarn_driver_call *call, tarn_error *err)
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

static tarn_status inputs_of(tarn__server *s, tarn_driver_input **out,
    size_t *count, tarn__arena *arena, tarn_error *err)
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
        if (!tarn__is_sha(sha) || id == NULL)
            return tarn__fail(
                err, TARN_BAD_INPUT, "worker: an input without its file");
        char *path = tarn__server_blob(s, sha, "");
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
    const tarn__server *s, const tarn_driver **out, tarn_error *err)
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
    tarn__server *s, tarn_driver_call *call, texts *t, tarn_error *err)
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
static json_t *message_of(const tarn__server *s, const char *message)
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
    tarn__server *s = arg;
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
    tarn__server_tell(s, TARN__FRAME_RESULT,
        json_pack("{s:i, s:o}", "status", (int)st, "message",
            message_of(s, err.message)));
    return NULL;
}

void tarn__server_join(tarn__server *s)
{
    if (s->running)
        pthread_join(s->thread, NULL);
    s->running = false;
    json_decref(s->step);
    s->step = NULL;
}

tarn_status tarn__server_start(
    tarn__server *s, const tarn__frame *frame, tarn_error *err)
{
    if (s->running && !atomic_load(&s->done))
        return tarn__fail(
            err, TARN_CORRUPT, "worker: a second step while one runs");
    tarn__server_join(s);
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

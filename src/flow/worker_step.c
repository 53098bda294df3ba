/* A step's call as frames: its files there, its results back.
 *
 * A path of the configuration is absolute here and below files/ there; the
 * driver sees no difference, and its messages come back without that folder. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "flow/driver/write_file.h"
#include "flow/host_files.h"
#include "flow/worker_internal.h"
#include "os/file.h"

#define PATH_PARTS_MAX 1000

/* Kept until the result is there: a worker that is lost has told of nothing. */
typedef struct told {
    json_t *tables;
    json_t *metrics;
    json_t *cursor; /* NULL: none */
} told;

typedef struct exchange {
    tarn__worker *w;
    const tarn_driver *driver;
    const tarn_driver_call *call;
    json_t *config;
    char *path; /* absolute, of what is read or written; NULL: none */
    char *temp; /* where what is written comes in */
    told told;
    /* the file that comes in */
    tarn__file file;
    char *file_path;
    bool folder;
} exchange;

/* --- there --- */

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

static bool reads_files(const tarn_driver *driver)
{
    static const char *const names[] = {"file.extractor", NULL};
    return is_one_of(driver->name, names);
}

static bool writes_files(const tarn_driver *driver)
{
    static const char *const names[] = {
        "csv.writer", "json.writer", "parquet.writer", NULL};
    return is_one_of(driver->name, names);
}

/* Without "." and "..", as a path is that is looked up part by part. */
static tarn_status clean(const char *path, char **out, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    *out = NULL;
    while (st == TARN_OK && *path != '\0') {
        size_t len = strcspn(path, "/");
        if (len == 2 && strncmp(path, "..", 2) == 0) {
            while (text.len > 0 && text.ptr[text.len - 1] != '/')
                text.len--;
            text.len -= text.len > 0;
        } else if (len > 0 && !(len == 1 && *path == '.')) {
            st = tarn__buf_printf(&text, err, "/%.*s", (int)len, path);
        }
        path += len + (path[len] == '/');
    }
    if (st == TARN_OK && (*out = tarn__buf_take(&text)) == NULL)
        st = tarn__no_memory(err);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status rewrite_path(exchange *x, tarn_error *err)
{
    const char *path;
    char *full = NULL;
    if (!reads_files(x->driver) && !writes_files(x->driver))
        return TARN_OK;
    tarn_status st = tarn__config_need(x->call, x->config, "path", &path, err);
    if (st == TARN_OK)
        st = tarn__call_path(x->call, path, &full, err);
    if (st == TARN_OK)
        st = clean(full, &x->path, err);
    tarn__free(full);
    char *there = st == TARN_OK ? tarn__sprintf("files%s", x->path) : NULL;
    if (st == TARN_OK && there == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK &&
        json_object_set_new_nocheck(
            x->config, "path", json_string_nocheck(there)) != 0)
        st = tarn__no_memory(err);
    tarn__free(there);
    return st;
}

static tarn_status send_files(exchange *x, json_t *list, tarn_error *err)
{
    tarn__host_files files = TARN__HOST_FILES_INIT;
    char sha[TARN__SHA_HEX];
    if (!reads_files(x->driver))
        return TARN_OK;
    /* That there is none is the driver's to say; but it is not told of a part
     * of them as if that were all. */
    tarn_status st = tarn__host_files_find(x->path, &files, err);
    if (st == TARN_NOT_FOUND || st == TARN_BAD_INPUT) {
        tarn__host_files_reset(&files);
        st = TARN_OK;
    }
    for (size_t i = 0; st == TARN_OK && i < files.count; i++) {
        st = tarn__worker_send(x->w, files.items[i].path, sha, err);
        char *there = st == TARN_OK
            ? tarn__sprintf("files%s", files.items[i].path)
            : NULL;
        if (st == TARN_OK &&
            (there == NULL ||
                json_array_append_new(list,
                    json_pack("{s:s, s:s}", "sha", sha, "path", there)) != 0))
            st = tarn__no_memory(err);
        tarn__free(there);
    }
    tarn__host_files_reset(&files);
    return st;
}

static tarn_status send_inputs(exchange *x, json_t *list, tarn_error *err)
{
    const tarn_driver_call *call = x->call;
    char sha[TARN__SHA_HEX];
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < call->input_count; i++) {
        const tarn_driver_input *input = &call->inputs[i];
        json_t *tables = json_array();
        st = tarn__worker_send(x->w, input->duckdb_path, sha, err);
        for (size_t t = 0; t < input->table_count; t++)
            (void)json_array_append_new(tables, json_string(input->tables[t]));
        json_t *one = json_pack(
            "{s:s, s:s, s:o}", "id", input->id, "sha", sha, "tables", tables);
        if (st == TARN_OK && json_array_append_new(list, one) != 0)
            st = tarn__no_memory(err);
        else if (st != TARN_OK)
            json_decref(one);
    }
    return st;
}

static tarn_status send_step(exchange *x, tarn_error *err)
{
    const tarn_driver_call *call = x->call;
    json_t *files = json_array();
    json_t *inputs = json_array();
    json_t *connection = NULL;
    tarn_status st = send_files(x, files, err);
    if (st == TARN_OK)
        st = send_inputs(x, inputs, err);
    if (st == TARN_OK && call->connection != NULL)
        st = tarn__json_parse(
            tarn_str(call->connection), "connection", &connection, err);
    if (st != TARN_OK) {
        json_decref(files);
        json_decref(inputs);
        return st;
    }
    json_t *step = json_pack("{s:s, s:i, s:s, s:s, s:O, s:o?, s:o, s:o, s:b, "
                             "s:I, s:i, s:s?, s:s?}",
        "step", call->step_id, "mode", (int)call->mode, "component",
        x->driver->name, "version", x->driver->version, "config", x->config,
        "connection", connection, "files", files, "inputs", inputs, "output",
        call->output != NULL, "memory", (json_int_t)call->memory_bytes,
        "threads", call->threads, "cursor_column", call->cursor_column,
        "cursor", call->cursor);
    if (step != NULL && writes_files(x->driver))
        (void)json_object_set(step, "send", json_object_get(x->config, "path"));
    return tarn__worker_say_step(x->w, step, err);
}

/* --- back --- */

static tarn_status make_parent(const char *path, tarn_error *err)
{
    char *dir = tarn__strndup(path, (size_t)(tarn__path_base(path) - path));
    if (dir == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__path_is_dir(dir) ? TARN_OK : tarn__mkdirs(dir, err);
    tarn__free(dir);
    return st;
}

static tarn_status file_begins(
    exchange *x, const json_t *about, tarn_error *err)
{
    const char *kind = tarn__json_text(about, "kind");
    const char *path = tarn__json_text(about, "path");
    tarn_status st = TARN_OK;
    tarn__free(x->file_path);
    x->file_path = NULL;
    if (kind != NULL && strcmp(kind, "output") == 0 &&
        x->call->output != NULL) {
        x->file_path = tarn__strdup(x->call->output);
    } else if (tarn__frame_inner(path) && writes_files(x->driver)) {
        if (x->temp == NULL)
            st = tarn__out_begin(x->call, x->path, &x->temp, err);
        if (st == TARN_OK && strcmp(kind == NULL ? "" : kind, "folder") == 0) {
            x->folder = true;
            return tarn__mkdirs(x->temp, err);
        }
        if (st == TARN_OK)
            x->file_path = *path == '\0' ? tarn__strdup(x->temp)
                                         : tarn__path_join(x->temp, path);
    } else {
        return tarn__fail(
            err, TARN_CORRUPT, "worker: sends a file that nobody wants");
    }
    if (st == TARN_OK && x->file_path == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = make_parent(x->file_path, err);
    return st == TARN_OK
        ? tarn__file_open(&x->file, x->file_path, TARN__OPEN_TRUNCATE, err)
        : st;
}

static tarn_status file_ends(exchange *x, const json_t *about, tarn_error *err)
{
    char hex[TARN__SHA_HEX];
    const char *sha = tarn__json_text(about, "sha");
    tarn__file_close(&x->file);
    if (x->file_path == NULL || sha == NULL)
        return tarn__fail(err, TARN_CORRUPT, "worker: ends no file");
    tarn_status st = tarn__file_sha(x->file_path, hex, err);
    if (st == TARN_OK && strcmp(hex, sha) != 0)
        st = tarn__fail(
            err, TARN_CORRUPT, "worker: a file was damaged on its way");
    return st;
}

static tarn_status data(exchange *x, const tarn__frame *frame, tarn_error *err)
{
    if (x->file.fd < 0)
        return tarn__fail(err, TARN_CORRUPT, "worker: bytes of no file");
    return tarn__file_write(
        &x->file, frame->payload.ptr, frame->payload.len, err);
}

static void tell_event(const exchange *x, const json_t *about)
{
    tarn_buf text = TARN_BUF_INIT;
    const char *name = tarn__json_text(about, "name");
    const json_t *fields = json_object_get(about, "fields");
    if (name == NULL || x->call->event == NULL)
        return;
    bool has = json_is_object(fields) &&
        tarn__json_dump(fields, &text, NULL) == TARN_OK;
    x->call->event(x->call->ctx, name, has ? text.ptr : NULL);
    tarn_buf_reset(&text);
}

/* What came with an object; *done at the result. */
static tarn_status heard(
    exchange *x, char type, json_t *about, bool *done, tarn_error *err)
{
    int64_t n = 0;
    switch (type) {
    case TARN__FRAME_METRIC:
        (void)json_array_append(x->told.metrics, about);
        return TARN_OK;
    case TARN__FRAME_TABLE:
        (void)json_array_append(x->told.tables, about);
        return TARN_OK;
    case TARN__FRAME_CURSOR:
        json_decref(x->told.cursor);
        x->told.cursor = json_incref(about);
        return TARN_OK;
    case TARN__FRAME_EVENT:
        tell_event(x, about);
        return TARN_OK;
    case TARN__FRAME_PROGRESS:
        if (tarn__json_i64(about, "rows", &n) && x->call->progress != NULL)
            x->call->progress(x->call->ctx, n);
        return TARN_OK;
    case TARN__FRAME_FILE:
        return file_begins(x, about, err);
    case TARN__FRAME_END:
        return file_ends(x, about, err);
    case TARN__FRAME_RESULT: {
        const char *message = tarn__json_text(about, "message");
        *done = true;
        if (!tarn__json_i64(about, "status", &n) || n < 0 ||
            n > TARN_INTERRUPTED || n == TARN_ROW)
            n = TARN_CORRUPT;
        return n == TARN_OK ? TARN_OK
                            : tarn__fail(err, (tarn_status)n, "%s",
                                  message == NULL ? "worker: failed" : message);
    }
    default:
        return tarn__fail(err, TARN_CORRUPT,
            "worker: says a frame %c, which is not for us", type);
    }
}

static tarn_status listen(exchange *x, tarn_error *err)
{
    tarn__frame frame;
    bool done = false;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && !done) {
        st = tarn__worker_next(x->w, &frame, err);
        if (st == TARN_OK && frame.type == TARN__FRAME_DATA) {
            st = data(x, &frame, err);
        } else if (st == TARN_OK) {
            json_t *about = NULL;
            st = tarn__frame_object(&frame, &about, err);
            if (st == TARN_OK)
                st = heard(x, frame.type, about, &done, err);
            json_decref(about);
        }
    }
    /* Whatever else it says now belongs to a step that is over. */
    if (!done)
        x->w->lost = true;
    return st;
}

static tarn_status deliver(
    exchange *x, const tarn_driver_result *result, tarn_error *err)
{
    size_t i;
    json_t *one;
    tarn_status st = TARN_OK;
    json_array_foreach(x->told.tables, i, one)
    {
        int64_t rows = 0;
        const char *name = tarn__json_text(one, "name");
        (void)tarn__json_i64(one, "rows", &rows);
        if (st == TARN_OK && name != NULL)
            st = result->add_table(result->ctx, name, rows, err);
    }
    if (st == TARN_OK && x->told.cursor != NULL)
        st = result->set_cursor(
            result->ctx, tarn__json_text(x->told.cursor, "value"), err);
    json_array_foreach(x->told.metrics, i, one)
    {
        const char *name = tarn__json_text(one, "name");
        if (st == TARN_OK && name != NULL)
            tarn__call_metric(x->call, name,
                json_number_value(json_object_get(one, "value")));
    }
    return st;
}

static void reset(exchange *x)
{
    tarn__file_close(&x->file);
    if (x->temp != NULL && tarn__path_exists(x->temp))
        (void)!tarn__remove_tree(x->temp, NULL);
    tarn__free(x->temp);
    tarn__free(x->path);
    tarn__free(x->file_path);
    json_decref(x->config);
    json_decref(x->told.tables);
    json_decref(x->told.metrics);
    json_decref(x->told.cursor);
}

tarn_status tarn__worker_run(tarn__worker *w, const tarn_driver *driver,
    const tarn_driver_call *call, const tarn_driver_result *result,
    tarn_error *err)
{
    exchange x = {.w = w,
        .driver = driver,
        .call = call,
        .told = {json_array(), json_array(), NULL},
        .file = TARN__FILE_INIT};
    tarn_status st = tarn__config_open(call, &x.config, err);
    if (st == TARN_OK)
        st = rewrite_path(&x, err);
    if (st == TARN_OK)
        st = send_step(&x, err);
    if (st == TARN_OK)
        st = listen(&x, err);
    if (st == TARN_OK && x.temp != NULL)
        st = tarn__out_place(x.temp, x.path, x.folder, NULL, err);
    if (st == TARN_OK)
        st = deliver(&x, result, err);
    reset(&x);
    return st;
}

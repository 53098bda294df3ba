/* artifacts/<step>/step.json: what a step that succeeded was, and made. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/host_files.h"
#include "flow/run_internal.h"
#include "os/file.h"

#define RECORD_MAX ((size_t)64 * 1024 * 1024)

/* --- files --- */

static tarn_status add_files(
    const tarn__step_run *s, const char *path, json_t *list, tarn_error *err)
{
    tarn__host_files files = TARN__HOST_FILES_INIT;
    char *full = *path == '/' ? tarn__strdup(path)
                              : tarn__path_join(s->run->flow->base_dir, path);
    if (full == NULL)
        return tarn__no_memory(err);
    /* That one is not there is the driver's to say; what cannot be looked at is
     * not taken for changed. */
    tarn_status st = tarn__host_files_find(full, &files, err);
    if (st != TARN_OK && st != TARN_NO_MEMORY && st != TARN_IO)
        st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < files.count; i++)
        if (json_array_append_new(list,
                json_pack("{s:s, s:I, s:I}", "path", files.items[i].path,
                    "size", (json_int_t)files.items[i].size_bytes, "mtime_us",
                    (json_int_t)files.items[i].mtime_us)) != 0)
            st = tarn__no_memory(err);
    tarn__host_files_reset(&files);
    tarn__free(full);
    return st;
}

static tarn_status path_in(const char *text, char **out, tarn_error *err)
{
    json_t *object = NULL;
    *out = NULL;
    if (text == NULL)
        return TARN_OK;
    tarn_status st = tarn__json_parse(tarn_str(text), "config", &object, err);
    const char *path = tarn__json_text(object, "path");
    if (st == TARN_OK && path != NULL && (*out = tarn__strdup(path)) == NULL)
        st = tarn__no_memory(err);
    json_decref(object);
    return st;
}

/* config.path of what reads files, and a connection's path (sqlite). */
tarn_status tarn__trace_inputs(
    const tarn__step_run *s, json_t **out, tarn_error *err)
{
    char *paths[2] = {NULL, NULL};
    tarn_status st = TARN_OK;
    *out = json_array();
    if (*out == NULL)
        return tarn__no_memory(err);
    if (strcmp(s->step->driver->name, "file.extractor") == 0)
        st = path_in(s->config, &paths[0], err);
    if (st == TARN_OK && s->step->mode == TARN_STEP_READ)
        st = path_in(s->connection, &paths[1], err);
    for (size_t i = 0; i < 2; i++) {
        if (st == TARN_OK && paths[i] != NULL)
            st = add_files(s, paths[i], *out, err);
        tarn__free(paths[i]);
    }
    if (st != TARN_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return st;
}

/* --- writing --- */

static char *record_path(const tarn__step_run *s)
{
    return tarn__run_path(
        s->run->folder.dir, "artifacts", s->file_name, "/step.json");
}

static json_t *record_of(const tarn__step_run *s)
{
    json_t *tables = json_array();
    for (size_t i = 0; i < s->made.count; i++)
        (void)json_array_append_new(tables,
            json_pack("{s:s, s:I}", "name", s->made.tables[i].name, "rows",
                (json_int_t)s->made.tables[i].rows));
    return json_pack("{s:s, s:s?, s:s?, s:I, s:f, s:i, s:o, s:O?}",
        "fingerprint", s->step->fingerprint, "cursor_from", s->cursor_from,
        "cursor", s->made.cursor, "rows", (json_int_t)s->rows, "seconds",
        s->seconds, "attempts", s->attempts, "tables", tables, "inputs",
        s->inputs);
}

tarn_status tarn__trace_write(const tarn__step_run *s, tarn_error *err)
{
    json_t *record = record_of(s);
    char *path = record_path(s);
    tarn_status st = record == NULL || path == NULL
        ? tarn__no_memory(err)
        : tarn__run_write_json(path, NULL, record, err);
    json_decref(record);
    tarn__free(path);
    return st;
}

/* --- reading --- */

static bool same_text(const json_t *record, const char *name, const char *text)
{
    const char *stored = tarn__json_text(record, name);
    return stored == NULL || text == NULL ? stored == text
                                          : strcmp(stored, text) == 0;
}

/* What it made is there still. */
static tarn_status output_there(
    const tarn__step_run *s, bool *there, tarn_error *err)
{
    static const char *const files[] = {
        "csv.writer", "json.writer", "parquet.writer"};
    char *path = NULL;
    tarn_status st = TARN_OK;
    *there = true;
    if (s->step->mode != TARN_STEP_WRITE) {
        path =
            tarn__run_path(s->run->folder.dir, "data", s->file_name, ".duckdb");
        if (path == NULL)
            return tarn__no_memory(err);
    }
    for (size_t i = 0; st == TARN_OK && path == NULL && i < 3; i++) {
        char *written = NULL;
        if (strcmp(s->step->driver->name, files[i]) != 0)
            continue;
        st = path_in(s->config, &written, err);
        if (st == TARN_OK && written != NULL) {
            path = *written == '/'
                ? tarn__strdup(written)
                : tarn__path_join(s->run->flow->base_dir, written);
            st = path == NULL ? tarn__no_memory(err) : TARN_OK;
        }
        tarn__free(written);
    }
    if (st == TARN_OK && path != NULL)
        st = tarn__path_look(path, there, err);
    tarn__free(path);
    return st;
}

static bool needs_unchanged(const tarn__step_run *s)
{
    for (size_t i = 0; i < s->step->need_count; i++)
        if (s->run->steps[s->step->needs[i].step].state != TARN__STEP_SKIPPED)
            return false;
    return true;
}

static tarn_status take(
    tarn__step_run *s, const json_t *record, tarn_error *err)
{
    size_t i;
    json_t *table;
    int64_t attempts = 1;
    tarn_status st = TARN_OK;
    tarn__made *made = &s->made;
    json_array_foreach(json_object_get(record, "tables"), i, table)
    {
        int64_t rows = 0;
        const char *name = tarn__json_text(table, "name");
        if (name == NULL || !tarn__json_i64(table, "rows", &rows))
            continue;
        if (st == TARN_OK)
            st = tarn__grow((void **)&made->tables, &made->cap, made->count + 1,
                sizeof(*made->tables), err);
        char *copy = st == TARN_OK ? tarn__strdup(name) : NULL;
        if (copy == NULL)
            return tarn__no_memory(err);
        made->tables[made->count++] = (tarn__made_table){copy, rows};
    }
    const char *cursor = tarn__json_text(record, "cursor");
    if (st == TARN_OK && cursor != NULL &&
        (made->cursor = tarn__strdup(cursor)) == NULL)
        st = tarn__no_memory(err);
    (void)tarn__json_i64(record, "rows", &s->rows);
    (void)tarn__json_i64(record, "attempts", &attempts);
    s->attempts = (int)attempts;
    s->seconds = json_number_value(json_object_get(record, "seconds"));
    return st;
}

static tarn_status unchanged(
    tarn__step_run *s, const json_t *record, bool *finished, tarn_error *err)
{
    tarn_status st = tarn__trace_inputs(s, &s->inputs, err);
    if (st != TARN_OK)
        return st;
    *finished = same_text(record, "fingerprint", s->step->fingerprint) &&
        (s->run->committed ||
            same_text(record, "cursor_from", s->cursor_from)) &&
        json_equal(json_object_get(record, "inputs"), s->inputs) != 0;
    if (*finished)
        st = output_there(s, finished, err);
    if (st == TARN_OK && *finished)
        st = take(s, record, err);
    return st;
}

tarn_status tarn__trace_read(tarn__step_run *s, bool *finished, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    json_t *record = NULL;
    *finished = false;
    if (!needs_unchanged(s))
        return TARN_OK;
    char *path = record_path(s);
    if (path == NULL)
        return tarn__no_memory(err);
    /* A step that is taken for unfinished runs again, and may write twice: only
     * what is not there, or was torn by a power cut, is no record. */
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = tarn__file_slurp(path, RECORD_MAX, &text, &why);
    if (st == TARN_OK)
        st = tarn__json_parse(tarn__buf_slice(&text), path, &record, &why);
    if (st == TARN_OK)
        st = unchanged(s, record, finished, err);
    else if (st == TARN_NOT_FOUND || st == TARN_BAD_INPUT)
        st = TARN_OK;
    else if (err != NULL)
        *err = why;
    json_decref(record);
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

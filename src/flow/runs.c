/* Runs as rows: lists, steps, events, metrics; and removing old ones. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/rows.h"
#include "base/time.h"
#include "flow/run_folder.h"
#include "flow/run_internal.h"
#include "os/file.h"

/* A run that says that it runs, and that nobody is at work on, was killed. */
static const char *status_of(
    const char *runs, const char *name, const json_t *status)
{
    const char *text = tarn__json_text(status, "status");
    if (text == NULL)
        text = "running";
    if (strcmp(text, "running") != 0)
        return text;
    char *dir = tarn__path_join(runs, name);
    bool busy = dir != NULL && tarn__run_busy(dir);
    tarn__free(dir);
    return busy ? "running" : "failed";
}

static tarn_status add_count(
    tarn__table *t, const json_t *object, const char *name, tarn_error *err)
{
    int64_t n;
    return tarn__json_i64(object, name, &n) ? tarn__table_i64(t, n, err)
                                            : tarn__table_null(t, err);
}

static tarn_status add_double(
    tarn__table *t, const json_t *object, const char *name, tarn_error *err)
{
    const json_t *n = json_object_get(object, name);
    return json_is_number(n) ? tarn__table_double(t, json_number_value(n), err)
                             : tarn__table_null(t, err);
}

static tarn_status add_time(
    tarn__table *t, const json_t *object, const char *name, tarn_error *err)
{
    int64_t us;
    const char *text = tarn__json_text(object, name);
    return text != NULL && tarn__time_parse(text, &us)
        ? tarn__table_i64(t, us, err)
        : tarn__table_null(t, err);
}

static tarn_status add_text(
    tarn__table *t, const json_t *object, const char *name, tarn_error *err)
{
    return tarn__table_text(t, tarn__json_text(object, name), err);
}

static tarn_status add_run(tarn__table *t, const char *runs, const char *name,
    const json_t *status, tarn_error *err)
{
    tarn_status st = tarn__table_text(t, name, err);
    if (st == TARN_OK)
        st = add_text(t, status, "flow", err);
    if (st == TARN_OK)
        st = tarn__table_text(t, status_of(runs, name, status), err);
    if (st == TARN_OK)
        st = add_time(t, status, "started", err);
    if (st == TARN_OK)
        st = add_double(t, status, "seconds", err);
    if (st == TARN_OK)
        st = add_count(t, status, "steps_completed", err);
    return st == TARN_OK ? add_count(t, status, "rows", err) : st;
}

static tarn_status finish(
    tarn__table *t, tarn_status st, tarn_rows **out, tarn_error *err)
{
    if (st == TARN_OK)
        st = tarn__table_rows(t, out, err);
    if (st != TARN_OK)
        tarn__table_free(t);
    return st;
}

tarn_status tarn_flow_runs(
    const char *runs_dir, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{"run", TARN_TEXT},
        {"flow", TARN_TEXT}, {"status", TARN_TEXT}, {"started", TARN_TIME},
        {"seconds", TARN_DOUBLE}, {"steps", TARN_INT64}, {"rows", TARN_INT64}};
    tarn__table *t;
    char **names = NULL;
    size_t count = 0;
    *out = NULL;
    tarn_status st = tarn__table_create(columns, 7, &t, err);
    if (st != TARN_OK)
        return st;
    st = tarn__run_names(runs_dir, &names, &count, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        json_t *status = NULL;
        /* A run that has only just begun, or was killed then, has none. */
        st = tarn__run_status(runs_dir, names[i], &status, NULL);
        if (st != TARN_NO_MEMORY)
            st = add_run(t, runs_dir, names[i], status, err);
        json_decref(status);
    }
    tarn__run_names_free(names, count);
    return finish(t, st, out, err);
}

static tarn_status add_step(tarn__table *t, const json_t *step, tarn_error *err)
{
    static const char *const texts[] = {"step", "component", "mode", "status"};
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < 4; i++)
        st = add_text(t, step, texts[i], err);
    if (st == TARN_OK)
        st = add_count(t, step, "rows", err);
    if (st == TARN_OK)
        st = add_double(t, step, "seconds", err);
    if (st == TARN_OK)
        st = add_count(t, step, "attempts", err);
    return st == TARN_OK ? add_text(t, step, "error", err) : st;
}

tarn_status tarn_flow_show(
    const char *runs_dir, const char *run, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{"step", TARN_TEXT},
        {"component", TARN_TEXT}, {"mode", TARN_TEXT}, {"status", TARN_TEXT},
        {"rows", TARN_INT64}, {"seconds", TARN_DOUBLE},
        {"attempts", TARN_INT64}, {"error", TARN_TEXT}};
    tarn__table *t;
    char *name = NULL;
    json_t *status = NULL;
    size_t i;
    json_t *step;
    *out = NULL;
    tarn_status st = tarn__run_find(runs_dir, run, NULL, &name, err);
    if (st == TARN_OK)
        st = tarn__run_status(runs_dir, name, &status, err);
    tarn__free(name);
    if (st == TARN_OK)
        st = tarn__table_create(columns, 8, &t, err);
    if (st != TARN_OK) {
        json_decref(status);
        return st;
    }
    json_array_foreach(json_object_get(status, "steps"), i, step)
    {
        if (st == TARN_OK)
            st = add_step(t, step, err);
    }
    json_decref(status);
    return finish(t, st, out, err);
}

/* --- logs --- */

typedef struct log_rows {
    tarn__file file;
    uint64_t at;
    tarn_buf line;
    tarn_buf fields;
    json_t *object; /* of the line; cells point into it */
    bool metrics;
} log_rows;

static void free_log(void *self)
{
    log_rows *l = self;
    tarn__file_close(&l->file);
    tarn_buf_reset(&l->line);
    tarn_buf_reset(&l->fields);
    json_decref(l->object);
    tarn__free(l);
}

/* The next whole line; *found false at the end.  A cut one is no line yet. */
static tarn_status next_line(log_rows *l, bool *found, tarn_error *err)
{
    char block[4096];
    size_t got = 1;
    tarn_status st = TARN_OK;
    tarn__buf_clear(&l->line);
    *found = false;
    while (st == TARN_OK && !*found && got > 0) {
        st = tarn__file_read_at(
            &l->file, l->at, block, sizeof(block), &got, err);
        const char *end = st == TARN_OK ? memchr(block, '\n', got) : NULL;
        size_t take = end == NULL ? got : (size_t)(end - block);
        if (st == TARN_OK)
            st = tarn__buf_append(&l->line, block, take, err);
        l->at += take + (end != NULL);
        *found = end != NULL;
    }
    return st;
}

static tarn__cell text_cell(const json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);
    if (!json_is_string(text))
        return (tarn__cell){.type = TARN_NULL};
    return (tarn__cell){.type = TARN_TEXT,
        .bytes = {json_string_value(text), json_string_length(text)}};
}

static tarn__cell time_cell(const json_t *object)
{
    int64_t us;
    const char *text = tarn__json_text(object, "ts");
    if (text == NULL || !tarn__time_parse(text, &us))
        return (tarn__cell){.type = TARN_NULL};
    return (tarn__cell){.type = TARN_TIME, .i64 = us};
}

/* Everything of an event but what has a column of its own. */
static tarn_status fields_cell(log_rows *l, tarn__cell *cell, tarn_error *err)
{
    static const char *const known[] = {"run", "ts", "event", "step"};
    json_t *rest = json_copy(l->object);
    if (rest == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < 4; i++)
        (void)json_object_del(rest, known[i]);
    tarn__buf_clear(&l->fields);
    tarn_status st = tarn__json_dump(rest, &l->fields, err);
    json_decref(rest);
    if (st == TARN_OK)
        *cell = (tarn__cell){
            .type = TARN_JSON, .bytes = tarn__buf_slice(&l->fields)};
    return st;
}

static tarn_status next_log(void *self, tarn__cell *cells, tarn_error *err)
{
    log_rows *l = self;
    bool found;
    tarn_status st = next_line(l, &found, err);
    if (st != TARN_OK || !found)
        return st;
    json_decref(l->object);
    l->object = NULL;
    st = tarn__json_parse(
        tarn__buf_slice(&l->line), l->file.path, &l->object, err);
    if (st != TARN_OK)
        return st;
    cells[0] = text_cell(l->object, "run");
    cells[1] = time_cell(l->object);
    if (!l->metrics) {
        cells[2] = text_cell(l->object, "event");
        cells[3] = text_cell(l->object, "step");
        st = fields_cell(l, &cells[4], err);
        return st == TARN_OK ? TARN_ROW : st;
    }
    cells[2] = text_cell(l->object, "step");
    cells[3] = text_cell(l->object, "metric");
    const json_t *value = json_object_get(l->object, "value");
    if (json_is_number(value))
        cells[4] =
            (tarn__cell){.type = TARN_DOUBLE, .f64 = json_number_value(value)};
    return TARN_ROW;
}

static tarn_status open_log(const char *runs_dir, const char *run, bool metrics,
    tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {next_log, free_log};
    static const tarn__column events[] = {{"run", TARN_TEXT}, {"ts", TARN_TIME},
        {"event", TARN_TEXT}, {"step", TARN_TEXT}, {"fields", TARN_JSON}};
    static const tarn__column measured[] = {{"run", TARN_TEXT},
        {"ts", TARN_TIME}, {"step", TARN_TEXT}, {"metric", TARN_TEXT},
        {"value", TARN_DOUBLE}};
    char *name = NULL;
    *out = NULL;
    tarn_status st = tarn__run_find(runs_dir, run, NULL, &name, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__sprintf(
        "%s/%s/logs/%s.jsonl", runs_dir, name, metrics ? "metrics" : "events");
    log_rows *l = tarn__calloc(1, sizeof(*l));
    tarn__free(name);
    if (path == NULL || l == NULL) {
        tarn__free(path);
        tarn__free(l);
        return tarn__no_memory(err);
    }
    l->metrics = metrics;
    l->line = l->fields = (tarn_buf)TARN_BUF_INIT;
    l->file = (tarn__file)TARN__FILE_INIT;
    st = tarn__file_open(&l->file, path, TARN__OPEN_READ, err);
    tarn__free(path);
    if (st == TARN_OK)
        st = tarn__rows_create(
            &cls, l, metrics ? measured : events, 5, out, err);
    if (st != TARN_OK)
        free_log(l);
    return st;
}

tarn_status tarn_flow_events(
    const char *runs_dir, const char *run, tarn_rows **out, tarn_error *err)
{
    return open_log(runs_dir, run, false, out, err);
}

tarn_status tarn_flow_metrics(
    const char *runs_dir, const char *run, tarn_rows **out, tarn_error *err)
{
    return open_log(runs_dir, run, true, out, err);
}

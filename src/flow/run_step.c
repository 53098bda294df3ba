/* One step: its call, as often as its retry policy says, and its seal. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "flow/driver/builtin.h"
#include "flow/driver/engine.h"
#include "flow/run_internal.h"
#include "flow/worker.h"
#include "os/file.h"
#include "os/process.h"

#define NAP_US 20000

char *tarn__run_mask(const tarn__run *run, const char *text)
{
    tarn_buf out = TARN_BUF_INIT;
    char *masked = NULL;
    if (tarn__flow_secrets_mask(run->secrets, tarn_str(text), &out, NULL) ==
        TARN_OK)
        masked = tarn__buf_take(&out);
    tarn_buf_reset(&out);
    return masked;
}

/* --- what a call tells of --- */

void tarn__made_init(tarn__made *made)
{
    *made = (tarn__made){0};
    tarn__mutex_init(&made->lock);
}

void tarn__made_clear(tarn__made *made)
{
    for (size_t i = 0; i < made->count; i++)
        tarn__free(made->tables[i].name);
    for (size_t i = 0; i < made->metric_count; i++)
        tarn__free(made->metrics[i].name);
    tarn__free(made->cursor);
    made->cursor = NULL;
    made->count = 0;
    made->metric_count = 0;
}

void tarn__made_free(tarn__made *made)
{
    tarn__made_clear(made);
    tarn__free(made->tables);
    tarn__free(made->metrics);
    tarn__mutex_free(&made->lock);
}

static tarn_status add_table(
    void *ctx, const char *name, int64_t rows, tarn_error *err)
{
    tarn__made *made = ctx;
    tarn__mutex_lock(&made->lock);
    tarn_status st = tarn__grow((void **)&made->tables, &made->cap,
        made->count + 1, sizeof(*made->tables), err);
    char *copy = st == TARN_OK ? tarn__strdup(name) : NULL;
    if (st == TARN_OK && copy == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        made->tables[made->count++] = (tarn__made_table){copy, rows};
    tarn__mutex_unlock(&made->lock);
    return st;
}

static tarn_status set_cursor(void *ctx, const char *value, tarn_error *err)
{
    tarn__made *made = ctx;
    char *copy = value == NULL ? NULL : tarn__strdup(value);
    if (value != NULL && copy == NULL)
        return tarn__no_memory(err);
    tarn__mutex_lock(&made->lock);
    tarn__free(made->cursor);
    made->cursor = copy;
    tarn__mutex_unlock(&made->lock);
    return TARN_OK;
}

static void metric(void *ctx, const char *name, double value)
{
    tarn__made *made = &((tarn__step_run *)ctx)->made;
    tarn__mutex_lock(&made->lock);
    tarn_status st = tarn__grow((void **)&made->metrics, &made->metric_cap,
        made->metric_count + 1, sizeof(*made->metrics), NULL);
    char *copy = st == TARN_OK ? tarn__strdup(name) : NULL;
    if (copy != NULL)
        made->metrics[made->metric_count++] = (tarn__metric){copy, value};
    tarn__mutex_unlock(&made->lock);
}

static void event(void *ctx, const char *name, const char *fields)
{
    tarn__step_run *s = ctx;
    json_t *object = NULL;
    if (fields != NULL &&
        tarn__json_parse(tarn_str(fields), "event", &object, NULL) != TARN_OK)
        object = NULL;
    if (!json_is_object(object)) {
        json_decref(object);
        object = NULL;
    }
    tarn__journal_event(s->run->journal, name, s->step->id, object);
}

static void progress(void *ctx, int64_t rows)
{
    atomic_store(&((tarn__step_run *)ctx)->progress, rows);
}

static bool late(tarn__step_run *s)
{
    int64_t deadline = atomic_load(&s->deadline_us);
    return deadline != 0 && tarn__monotonic_us() > deadline;
}

static bool cancelled(void *ctx)
{
    tarn__step_run *s = ctx;
    return atomic_load(&s->run->cancelled) || late(s);
}

static double metric_of(const tarn__made *made, const char *name)
{
    double sum = 0;
    for (size_t i = 0; i < made->metric_count; i++)
        if (strcmp(made->metrics[i].name, name) == 0)
            sum += made->metrics[i].value;
    return sum;
}

/* --- inputs --- */

typedef struct inputs {
    tarn_driver_input *items;
    size_t count;
    char **paths;
    tarn__arena arena;
} inputs;

/* The tables of a needed step that this one takes. */
static tarn_status take_tables(inputs *in, const tarn__step_run *from,
    const char *table, tarn_driver_input *input, tarn_error *err)
{
    const char **tables =
        tarn__arena_alloc(&in->arena, (from->made.count + 1) * sizeof(*tables));
    if (tables == NULL)
        return tarn__no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < from->made.count; i++)
        if (table == NULL || strcmp(from->made.tables[i].name, table) == 0)
            tables[n++] = from->made.tables[i].name;
    if (n == 0)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s.%s: the step made no such table (look at its queries)",
            from->step->id, table == NULL ? "main" : table);
    input->tables = tables;
    input->table_count = n;
    return TARN_OK;
}

/* A second table of a step that is an input already. */
static bool add_to(inputs *in, const char *id, const char *table,
    const tarn__step_run *from, tarn_error *err, tarn_status *st)
{
    for (size_t i = 0; i < in->count; i++) {
        tarn_driver_input *input = &in->items[i];
        if (strcmp(input->id, id) != 0)
            continue;
        tarn_driver_input more = *input;
        *st = take_tables(in, from, table, &more, err);
        const char **all = tarn__arena_alloc(
            &in->arena, (more.table_count + input->table_count) * sizeof(*all));
        if (*st == TARN_OK && all == NULL)
            *st = tarn__no_memory(err);
        if (*st != TARN_OK)
            return true;
        memcpy(all, input->tables, input->table_count * sizeof(*all));
        memcpy(all + input->table_count, more.tables,
            more.table_count * sizeof(*all));
        input->tables = all;
        input->table_count += more.table_count;
        return true;
    }
    return false;
}

static tarn_status collect(const tarn__step_run *s, inputs *in, tarn_error *err)
{
    const tarn__run *run = s->run;
    const tarn__flow_step *step = s->step;
    tarn_status st = TARN_OK;
    in->items = tarn__arena_alloc(
        &in->arena, (step->need_count + 1) * sizeof(*in->items));
    if (in->items == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; st == TARN_OK && i < step->need_count; i++) {
        const tarn__step_run *from = &run->steps[step->needs[i].step];
        const char *table = step->needs[i].table;
        /* Waiting for a writer is a need without an input. */
        if (from->step->mode == TARN_STEP_WRITE ||
            add_to(in, from->step->id, table, from, err, &st))
            continue;
        char *path =
            tarn__run_path(run->folder.dir, "data", from->file_name, ".duckdb");
        tarn_driver_input *input = &in->items[in->count];
        input->id = from->step->id;
        input->duckdb_path =
            path == NULL ? NULL : tarn__arena_strdup(&in->arena, path);
        tarn__free(path);
        if (input->duckdb_path == NULL)
            return tarn__no_memory(err);
        st = take_tables(in, from, table, input, err);
        in->count++;
    }
    return st;
}

/* --- one attempt --- */

typedef struct attempt {
    char *temp;   /* folder of the call */
    char *output; /* the file to make; NULL in a write step */
    char *ask;    /* cursor */
    inputs in;
} attempt;

static tarn_status attempt_begin(
    const tarn__step_run *s, attempt *a, tarn_error *err)
{
    const tarn__run *run = s->run;
    *a = (attempt){.in = {.arena = TARN__ARENA_INIT}};
    a->temp = tarn__run_path(run->folder.dir, "tmp", s->file_name, "");
    if (a->temp == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__remove_tree(a->temp, err);
    if (st == TARN_OK)
        st = tarn__mkdir(a->temp, err);
    if (st == TARN_OK && s->step->mode != TARN_STEP_WRITE) {
        a->output = tarn__path_join(a->temp, "output.duckdb");
        if (a->output == NULL)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK)
        st = tarn__cursor_ask(s, &a->ask, err);
    return st == TARN_OK ? collect(s, &a->in, err) : st;
}

static void attempt_end(attempt *a)
{
    if (a->temp != NULL)
        (void)!tarn__remove_tree(a->temp, NULL);
    tarn__free(a->temp);
    tarn__free(a->output);
    tarn__free(a->ask);
    tarn__arena_reset(&a->in.arena);
}

static bool needs_lake(const tarn__step_run *s)
{
    return strncmp(s->step->driver->name, "lake.", 5) == 0;
}

static tarn_status call_driver(
    tarn__step_run *s, const attempt *a, tarn_error *err)
{
    tarn__lake_call lake_call = {.lake = &s->run->lake};
    tarn_driver_call *call = &lake_call.call;
    *call = (tarn_driver_call){.abi = TARN_DRIVER_ABI,
        .step_id = s->step->id,
        .mode = s->step->mode,
        .config = s->config,
        .connection = s->connection,
        .inputs = a->in.items,
        .input_count = a->in.count,
        .output = a->output,
        .base_dir = s->run->flow->base_dir,
        .temp_dir = a->temp,
        .cursor_column = s->step->incremental.column,
        .cursor = a->ask,
        .ctx = s,
        .metric = metric,
        .event = event,
        .progress = progress,
        .cancelled = cancelled};
    tarn__run_share(s->run, s->index, &call->memory_bytes, &call->threads);
    const tarn_driver_result result = {&s->made, add_table, set_cursor};
    if (s->run->remote != NULL && !needs_lake(s))
        return tarn__remote_call(
            s->run->remote, s->step->driver, call, &result, err);
    if (s->run->engine != NULL && s->step->driver == &tarn__driver_sql &&
        s->step->mode == TARN_STEP_TRANSFORM)
        return tarn__engine_run(s->run->engine, call, &result, err);
    return s->step->driver->run(call, &result, err);
}

static tarn_status seal(
    const tarn__step_run *s, const attempt *a, tarn_error *err)
{
    if (a->output == NULL)
        return TARN_OK;
    char *path =
        tarn__run_path(s->run->folder.dir, "data", s->file_name, ".duckdb");
    if (path == NULL)
        return tarn__no_memory(err);
    const tarn_driver *driver = s->step->driver;
    bool checked = driver == &tarn__driver_sql || driver == &tarn__driver_file;
    tarn_status st = tarn__exchange_seal(
        a->output, path, s->made.tables, s->made.count, checked, err);
    tarn__free(path);
    return st;
}

static tarn_status try_once(tarn__step_run *s, tarn_error *err)
{
    attempt a;
    int64_t timeout = s->step->timeout_us;
    tarn__made_clear(&s->made);
    tarn_status st = attempt_begin(s, &a, err);
    atomic_store(
        &s->deadline_us, timeout > 0 ? tarn__monotonic_us() + timeout : 0);
    if (st == TARN_OK)
        st = call_driver(s, &a, err);
    if (st == TARN_OK)
        st = seal(s, &a, err);
    else if (late(s) && !atomic_load(&s->run->cancelled))
        st = tarn__fail(err, TARN_FAILED,
            "timed out after %.3g s (raise the step's timeout)",
            (double)timeout / 1e6);
    attempt_end(&a);
    return st;
}

/* --- the whole step --- */

static tarn_status write_cleaned(const tarn__step_run *s, tarn_error *err)
{
    const tarn__run *run = s->run;
    tarn_buf config = TARN_BUF_INIT;
    tarn_buf connection = TARN_BUF_INIT;
    json_t *object = NULL;
    json_t *resolved = NULL;
    char *dir = tarn__run_path(run->folder.dir, "artifacts", s->file_name, "");
    tarn_status st = dir == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK && !tarn__path_is_dir(dir))
        st = tarn__mkdir(dir, err);
    if (st == TARN_OK)
        st = tarn__flow_step_config(run->flow, s->index, true, &config, err);
    if (st == TARN_OK)
        st = tarn__flow_step_connection(
            run->flow, s->index, true, &connection, err);
    if (st == TARN_OK)
        st = tarn__json_parse(tarn__buf_slice(&config), "config", &object, err);
    if (st == TARN_OK && connection.len > 0)
        st = tarn__json_parse(
            tarn__buf_slice(&connection), "connection", &resolved, err);
    if (st == TARN_OK && resolved != NULL)
        (void)json_object_set_nocheck(object, "resolved_connection", resolved);
    char *path =
        dir == NULL ? NULL : tarn__path_join(dir, "cleaned_config.json");
    if (st == TARN_OK)
        st = path == NULL ? tarn__no_memory(err)
                          : tarn__run_write_json(path, NULL, object, err);
    json_decref(object);
    json_decref(resolved);
    tarn_buf_reset(&config);
    tarn_buf_reset(&connection);
    tarn__free(path);
    tarn__free(dir);
    return st;
}

static void tell_start(const tarn__step_run *s)
{
    tarn__journal_event(s->run->journal, "step_start", s->step->id,
        json_pack("{s:s, s:s}", "component", s->step->driver->name, "mode",
            s->step->mode == TARN_STEP_READ        ? "read"
                : s->step->mode == TARN_STEP_WRITE ? "write"
                                                   : "transform"));
}

/* Napping between attempts ends when the run does. */
static void nap(const tarn__run *run, int64_t us)
{
    int64_t until = tarn__monotonic_us() + us;
    while (!atomic_load(&run->cancelled) && tarn__monotonic_us() < until)
        tarn__sleep_us(NAP_US);
}

/* Where an error stands its step is named already. */
static const char *reason(const tarn__step_run *s, const char *message)
{
    size_t len = strlen(s->step->id);
    bool named = strncmp(message, "step ", 5) == 0 &&
        strncmp(message + 5, s->step->id, len) == 0 &&
        strncmp(message + 5 + len, ": ", 2) == 0;
    return named ? message + 5 + len + 2 : message;
}

static tarn_status try_all(tarn__step_run *s, tarn_error *err)
{
    int64_t backoff = s->step->retry_backoff_us;
    tarn_status st = TARN_OK;
    for (;;) {
        s->attempts++;
        st = try_once(s, err);
        if (st == TARN_OK || atomic_load(&s->run->cancelled) ||
            s->attempts >= s->step->retry_attempts)
            return st;
        tarn__journal_event(s->run->journal, "step_retry", s->step->id,
            json_pack("{s:i, s:s}", "attempt", s->attempts, "error",
                reason(s, err->message)));
        nap(s->run, backoff);
        backoff *= 2;
    }
}

static void count_rows(tarn__step_run *s)
{
    s->rows = 0;
    for (size_t i = 0; i < s->made.count; i++)
        s->rows += s->made.tables[i].rows;
    if (s->step->mode == TARN_STEP_WRITE)
        s->rows = (int64_t)metric_of(&s->made, "rows_written");
}

static void tell_success(tarn__step_run *s)
{
    tarn__journal *j = s->run->journal;
    for (size_t i = 0; i < s->made.metric_count; i++)
        tarn__journal_metric(
            j, s->step->id, s->made.metrics[i].name, s->made.metrics[i].value);
    tarn__journal_metric(j, s->step->id, "seconds", s->seconds);
    tarn__journal_event(j, "step_complete", s->step->id,
        json_pack("{s:I, s:i}", "rows", (json_int_t)s->rows, "attempts",
            s->attempts));
}

static void tell_failure(
    tarn__step_run *s, tarn_status st, const tarn_error *err)
{
    bool gone = atomic_load(&s->run->cancelled);
    s->failure = gone ? TARN_INTERRUPTED : st;
    s->error = tarn__run_mask(s->run, reason(s, err->message));
    if (gone)
        tarn__journal_event(
            s->run->journal, "step_cancelled", s->step->id, NULL);
    else
        tarn__journal_event(s->run->journal, "step_error", s->step->id,
            json_pack("{s:s, s:s, s:i}", "error", reason(s, err->message),
                "error_type", tarn_status_name(st), "attempts", s->attempts));
}

void tarn__step_execute(tarn__step_run *s)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t begin = tarn__monotonic_us();
    tell_start(s);
    tarn_status st = write_cleaned(s, &err);
    /* A resumed run has looked at them to see whether they changed. */
    json_decref(s->inputs);
    s->inputs = NULL;
    if (st == TARN_OK)
        st = tarn__trace_inputs(s, &s->inputs, &err);
    if (st == TARN_OK)
        st = try_all(s, &err);
    s->seconds = (double)(tarn__monotonic_us() - begin) / 1e6;
    if (st == TARN_OK) {
        count_rows(s);
        st = tarn__trace_write(s, &err);
    }
    if (st == TARN_OK)
        tell_success(s);
    else
        tell_failure(s, st, &err);
    tarn__mutex_lock(&s->run->lock);
    s->state = st == TARN_OK             ? TARN__STEP_SUCCESS
        : s->failure == TARN_INTERRUPTED ? TARN__STEP_CANCELLED
                                         : TARN__STEP_FAILED;
    tarn__cond_broadcast(&s->run->changed);
    tarn__mutex_unlock(&s->run->lock);
}

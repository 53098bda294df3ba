/* How a run begins: what it was given, its flow, its folder, its lake. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "flow/run_internal.h"
#include "os/file.h"

/* --- where runs are --- */

static tarn_status folder_above(const char *path, char **out, tarn_error *err)
{
    const char *base = path == NULL ? "" : tarn__path_base(path);
    *out = path == NULL || base == path
        ? tarn__strdup(".")
        : tarn__strndup(path, (size_t)(base - path));
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

tarn_status tarn_flow_runs_dir(const char *runs_dir, const char *lake_dir,
    const char *flow_path, char **out, tarn_error *err)
{
    char *above = NULL;
    tarn_status st = TARN_OK;
    *out = NULL;
    if (runs_dir == NULL && lake_dir == NULL)
        st = folder_above(flow_path, &above, err);
    if (st != TARN_OK)
        return st;
    if (runs_dir != NULL)
        *out = tarn__strdup(runs_dir);
    else if (lake_dir != NULL)
        *out = tarn__path_join(lake_dir, "runs");
    else
        *out = tarn__path_join(above, ".tarn/runs");
    tarn__free(above);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

/* A run's files name its paths in JSON, and DuckDB opens them. */
static tarn_status must_be_text(
    const char *what, const char *path, tarn_error *err)
{
    return path == NULL || tarn__utf8_valid(tarn_str(path))
        ? TARN_OK
        : tarn__fail(err, TARN_INVALID,
              "flow run: the path of the %s is not UTF-8 (rename what is in "
              "it)",
              what);
}

/* DuckDB and other processes see the paths: they are absolute. */
static tarn_status absolute_runs(
    const tarn__run *run, char **out, tarn_error *err)
{
    char *dir = NULL;
    const tarn_flow_run_options *o = run->options;
    *out = NULL;
    tarn_status st = tarn_flow_runs_dir(
        o->runs_dir, o->lake_dir, run->flow->path, &dir, err);
    if (st == TARN_OK)
        st = must_be_text("runs", dir, err);
    if (st == TARN_OK && !tarn__path_is_dir(dir))
        st = tarn__mkdirs(dir, err);
    if (st == TARN_OK)
        st = tarn__realpath(dir, out, err);
    tarn__free(dir);
    return st == TARN_OK ? must_be_text("runs", *out, err) : st;
}

/* --- beginning --- */

void tarn__run_note(const tarn__run *run, const char *line)
{
    if (run->options->note != NULL)
        run->options->note(run->options->note_arg, line);
}

/* Errors are the failure's own line. */
static tarn_status tell_warnings(
    tarn__run *run, const tarn_flow_diagnostics *d, tarn_error *err)
{
    for (size_t i = 0; i < tarn_flow_diagnostic_count(d); i++) {
        tarn_flow_diagnostic one = tarn_flow_diagnostic_get(d, i);
        if (one.error)
            continue;
        char *line = tarn__sprintf("warning: %s: %s%s%s", one.code,
            one.location, *one.location == '\0' ? "" : ": ", one.message);
        if (line == NULL)
            return tarn__no_memory(err);
        tarn__run_note(run, line);
        tarn__free(line);
    }
    return TARN_OK;
}

static tarn_status compile(tarn__run *run, const char *path, tarn_error *err)
{
    tarn_flow_diagnostics *d = NULL;
    tarn_status st = tarn__flow_compile_for(
        path, &run->given.options, run->engine_name, &run->flow, &d, err);
    tarn_status told = tell_warnings(run, d, st == TARN_OK ? err : NULL);
    tarn_flow_diagnostics_free(d);
    st = st == TARN_OK ? told : st;
    if (st == TARN_OK)
        st = tarn__flow_ready(run->flow, err);
    return st == TARN_OK
        ? tarn__flow_secrets_create(run->flow, &run->secrets, err)
        : st;
}

static tarn_status make_steps(tarn__run *run, tarn_error *err)
{
    size_t count = run->flow->step_count;
    run->steps = tarn__calloc(count + 1, sizeof(*run->steps));
    if (run->steps == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++)
        tarn__made_init(&run->steps[i].made);
    for (size_t i = 0; i < count; i++) {
        tarn__step_run *s = &run->steps[i];
        s->run = run;
        s->step = &run->flow->steps[i];
        s->index = i;
        s->file_name = tarn__run_file_name(s->step->id);
        if (s->file_name == NULL)
            return tarn__no_memory(err);
    }
    return TARN_OK;
}

tarn_status tarn__run_prepare(tarn__run *run, const char *path, tarn_error *err)
{
    tarn_status st = tarn__given_take(run, path, err);
    if (st == TARN_OK)
        st = compile(run, path, err);
    if (st == TARN_OK)
        st = must_be_text("flow", run->flow->path, err);
    if (st == TARN_OK)
        st = must_be_text("connections", run->given.options.connections, err);
    return st == TARN_OK ? make_steps(run, err) : st;
}

/* Secrets come into memory here, and into no file. */
tarn_status tarn__run_resolve(tarn__run *run, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < run->flow->step_count; i++) {
        tarn__step_run *s = &run->steps[i];
        tarn_buf text = TARN_BUF_INIT;
        st = tarn__flow_step_config(run->flow, i, false, &text, err);
        if (st == TARN_OK && (s->config = tarn__buf_take(&text)) == NULL)
            st = tarn__no_memory(err);
        tarn_buf_reset(&text);
        if (st == TARN_OK)
            st = tarn__flow_step_connection(run->flow, i, false, &text, err);
        if (st == TARN_OK && text.len > 0 &&
            (s->connection = tarn__buf_take(&text)) == NULL)
            st = tarn__no_memory(err);
        tarn_buf_reset(&text);
    }
    return st;
}

/* Where a secret param's value begins in an argument; NULL: it has none. */
static const char *secret_in(const tarn__run *run, const char *argument)
{
    static const char flag[] = "--param=";
    if (strncmp(argument, flag, sizeof(flag) - 1) == 0)
        argument += sizeof(flag) - 1;
    for (size_t i = 0; i < run->flow->param_count; i++) {
        const tarn__flow_param *param = &run->flow->params[i];
        size_t len = strlen(param->name);
        if (param->secret && strncmp(argument, param->name, len) == 0 &&
            argument[len] == '=' && argument[len + 1] != '@')
            return argument + len + 1;
    }
    return NULL;
}

/* The command as the lake's log has it: which params are secret, only the flow
 * says. */
static tarn_status mask_argv(tarn__run *run, tarn_error *err)
{
    const char *const *argv = run->options->argv;
    size_t count = 0;
    while (argv != NULL && argv[count] != NULL)
        count++;
    const char **masked =
        tarn__arena_alloc(&run->given.texts, (count + 1) * sizeof(*masked));
    if (masked == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const char *value = secret_in(run, argv[i]);
        char *text = value == NULL
            ? tarn__run_mask(run, argv[i])
            : tarn__sprintf("%.*s***", (int)(value - argv[i]), argv[i]);
        masked[i] =
            text == NULL ? NULL : tarn__arena_strdup(&run->given.texts, text);
        tarn__free(text);
        if (masked[i] == NULL)
            return tarn__no_memory(err);
    }
    masked[count] = NULL;
    run->lake.argv = argv == NULL ? NULL : masked;
    return TARN_OK;
}

static bool wants_lake(const tarn__run *run)
{
    for (size_t i = 0; i < run->flow->step_count; i++)
        if (strncmp(run->flow->steps[i].driver->name, "lake.", 5) == 0)
            return true;
    return false;
}

static tarn_status check_lake(const tarn__run *run, tarn_error *err)
{
    if (run->options->lake_dir != NULL || !wants_lake(run))
        return TARN_OK;
    return tarn__fail(err, TARN_NOT_FOUND,
        "flow %s: has a step for a lake, and there is none (name one with -C "
        "DIR or $TARN, or make one with tarn init DIR)",
        run->flow->name);
}

tarn_status tarn__run_open_lake(
    tarn__run *run, int64_t version, tarn_error *err)
{
    const tarn_flow_run_options *o = run->options;
    if (o->lake_dir == NULL ||
        (!wants_lake(run) && !tarn__run_has_cursors(run)))
        return TARN_OK;
    const tarn__run_lake_options options = {
        o->lake_dir, version, o->memory_bytes, o->threads, o->wait_us};
    run->lake.tenant = o->tenant;
    run->lake.message = o->message;
    run->lake.cancelled = &run->cancelled;
    tarn_status st = mask_argv(run, err);
    return st == TARN_OK ? tarn__run_lake_open(&run->lake, &options, err) : st;
}

/* Two runs of a flow that read from the same cursor would both take its rows. */
static tarn_status lock_path(const tarn__run *run, char **out, tarn_error *err)
{
    const char *lake = run->options->lake_dir;
    char *runs = lake == NULL ? tarn__strdup(run->folder.runs)
                              : tarn__path_join(lake, "runs");
    char *name = tarn__run_file_name(run->flow->name);
    tarn_status st =
        runs == NULL || name == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK && !tarn__path_is_dir(runs))
        st = tarn__mkdirs(runs, err);
    *out = st == TARN_OK ? tarn__sprintf("%s/%s.flow-lock", runs, name) : NULL;
    if (st == TARN_OK && *out == NULL)
        st = tarn__no_memory(err);
    tarn__free(name);
    tarn__free(runs);
    return st;
}

/* The lock lies where the cursors do, wherever the runs are. */
static tarn_status lock_flow(tarn__run *run, tarn_error *err)
{
    char *path;
    if (!tarn__run_has_cursors(run))
        return TARN_OK;
    tarn_status st = lock_path(run, &path, err);
    if (st == TARN_OK)
        st = tarn__lock_take(
            &run->flow_lock, path, false, run->options->wait_us, err);
    if (st == TARN_LOCKED)
        st = tarn__fail(err, TARN_LOCKED,
            "flow %s: another run of it is at work, and it is incremental "
            "(wait with --wait SECONDS)",
            run->flow->name);
    tarn__free(path);
    return st;
}

/* What the run was, before it ended early. */
static tarn_status look_back(
    tarn__run *run, int64_t *version, bool *success, tarn_error *err)
{
    json_t *status = NULL;
    *version = TARN_LATEST;
    *success = false;
    tarn_status st =
        tarn__run_status(run->folder.runs, run->folder.name, &status, NULL);
    if (st == TARN_NO_MEMORY)
        return tarn__no_memory(err);
    const char *started = tarn__json_text(status, "started");
    const char *was = tarn__json_text(status, "status");
    if (started != NULL)
        (void)tarn__time_parse(started, &run->started_us);
    (void)tarn__json_i64(status, "lake_version", version);
    *success = was != NULL && strcmp(was, "success") == 0;
    json_decref(status);
    return TARN_OK;
}

/* It is seen from when its status says what it was given: a run that is there
 * can be gone on with. */
static tarn_status make_folder(
    tarn__run *run, const char *runs, tarn_flow_result *result, tarn_error *err)
{
    tarn_status st = tarn__run_folder_make(
        &run->folder, runs, run->flow->name, run->started_us, err);
    if (st == TARN_OK)
        st = lock_flow(run, err);
    if (st == TARN_OK)
        st = tarn__run_write_status(run, "running", NULL, false, result, err);
    return st == TARN_OK ? tarn__run_folder_show(&run->folder, err) : st;
}

tarn_status tarn__run_begin(tarn__run *run, int64_t *version, bool *success,
    tarn_flow_result *result, tarn_error *err)
{
    char *runs = NULL;
    *version = TARN_LATEST;
    *success = false;
    run->started_us = tarn__now_us();
    run->begun_us = tarn__monotonic_us();
    run->resumed = run->given.run != NULL;
    tarn_status st = check_lake(run, err);
    if (st == TARN_OK)
        st = absolute_runs(run, &runs, err);
    if (st == TARN_OK)
        st = run->resumed ? tarn__run_folder_take(&run->folder, runs,
                                run->given.run, run->flow->name, err)
                          : make_folder(run, runs, result, err);
    tarn__free(runs);
    if (st == TARN_OK && run->resumed)
        st = look_back(run, version, success, err);
    return st == TARN_OK && run->resumed ? lock_flow(run, err) : st;
}

/* A run from its beginning to its end.
 *
 *            make or take the folder
 *                     |
 *   running --- steps, as far as they are not finished --- cancelled
 *      |                    |
 *   failed          the lake's commit, once
 *                           |
 *                        success
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "flow/driver/engine.h"
#include "flow/flow_internal.h"
#include "flow/run_internal.h"
#include "flow/worker.h"
#include "lake/txn.h"
#include "os/file.h"

/* --- going on --- */

static bool is_lake_writer(const tarn__step_run *s)
{
    return strcmp(s->step->driver->name, "lake.writer") == 0;
}

/* Finished steps whose configuration, needs and files are unchanged.  What
 * goes to the lake is put anew: it is in no commit yet. */
static tarn_status skip_finished(tarn__run *run, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < run->flow->step_count; i++) {
        tarn__step_run *s = &run->steps[i];
        bool finished = false;
        if (!run->committed && is_lake_writer(s))
            continue;
        st = tarn__trace_read(s, &finished, err);
        if (st == TARN_OK && finished) {
            s->state = TARN__STEP_SKIPPED;
            tarn__journal_event(run->journal, "step_skip", s->step->id, NULL);
        }
    }
    return st;
}

/* Without a lake tarn__cursors_read() has seen it. */
static tarn_status has_committed(tarn__run *run, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    if (run->lake.lake == NULL || !run->resumed)
        return TARN_OK;
    tarn_snapshot *head = NULL;
    tarn_status st =
        tarn_snapshot_open(run->lake.lake, TARN_LATEST, &head, err);
    if (st == TARN_OK)
        st = tarn_state_get(
            head, TARN__RUN_COMMITTED, run->folder.name, &value, err);
    run->committed = st == TARN_OK;
    tarn_snapshot_free(head);
    tarn_buf_reset(&value);
    return st == TARN_NOT_FOUND ? TARN_OK : st;
}

/* --- ending --- */

/* What the run changed, and that it has: a run that finds nothing new changes
 * nothing, and may be done again. */
static tarn_status fill(tarn__run *run, tarn_txn *txn, tarn_error *err)
{
    tarn_status st = tarn__cursors_put(run, txn, err);
    return st == TARN_OK && !tarn__txn_is_empty(txn)
        ? tarn_state_put(txn, TARN__RUN_COMMITTED, run->folder.name,
              tarn_str(run->flow->fingerprint), err)
        : st;
}

static tarn_status commit(
    tarn__run *run, tarn_flow_result *result, tarn_error *err)
{
    tarn_txn *txn;
    if (run->lake.lake == NULL)
        return tarn__cursors_write(run, err);
    tarn_status st = tarn__run_lake_txn(&run->lake, &txn, err);
    if (st != TARN_OK)
        return st;
    st = fill(run, txn, err);
    if (st == TARN_OK) {
        run->lake.txn = NULL;
        st = tarn_txn_commit(txn, &result->version, err);
    }
    tarn__mutex_unlock(&run->lake.lock);
    if (st == TARN_OK && result->version >= 0)
        tarn__journal_event(run->journal, "lake_commit", NULL,
            json_pack("{s:I}", "version", (json_int_t)result->version));
    else if (st == TARN_OK)
        tarn__run_note(run, "nothing changed, nothing committed");
    return st;
}

/* A flow that only reads the lake commits nothing. */
static bool writes_lake(const tarn__run *run)
{
    for (size_t i = 0; i < run->flow->step_count; i++)
        if (is_lake_writer(&run->steps[i]))
            return true;
    return tarn__run_has_cursors(run);
}

static tarn_status steps_and_commit(
    tarn__run *run, tarn_flow_result *result, tarn_error *err)
{
    tarn_status st = has_committed(run, err);
    if (st == TARN_OK && run->resumed)
        st = skip_finished(run, err);
    if (st == TARN_OK)
        st = tarn__run_schedule(run, err);
    if (st == TARN_OK && !run->committed && writes_lake(run))
        st = commit(run, result, err);
    return st;
}

static void finish(tarn__run *run, tarn_status st, tarn_flow_result *result,
    const tarn_error *err)
{
    const char *status = st == TARN_OK ? "success"
        : st == TARN_INTERRUPTED       ? "cancelled"
                                       : "failed";
    char *error = st == TARN_OK ? NULL : tarn__run_mask(run, err->message);
    (void)snprintf(result->status, sizeof(result->status), "%s", status);
    /* The lake's commit, or the failure, stands whatever happens here. */
    if (tarn__run_write_status(run, status, error, true, result, NULL) !=
        TARN_OK)
        tarn__run_note(run, "warning: status.json of the run is not written");
    if (st == TARN_OK) {
        tarn__journal *j = run->journal;
        tarn__journal_metric(j, NULL, "steps", (double)result->steps);
        tarn__journal_metric(j, NULL, "rows", (double)result->rows);
        tarn__journal_metric(j, NULL, "seconds", result->seconds);
    }
    tarn__journal_event(run->journal,
        st == TARN_OK                ? "run_complete"
            : st == TARN_INTERRUPTED ? "run_cancelled"
                                     : "run_error",
        NULL,
        st == TARN_OK
            ? json_pack("{s:I, s:I}", "steps", (json_int_t)result->steps,
                  "rows", (json_int_t)result->rows)
            : json_pack("{s:s}", "error", err->message));
    tarn__free(error);
}

static tarn_status write_manifest(const tarn__run *run, tarn_error *err)
{
    char *path = tarn__path_join(run->folder.dir, "manifest.yaml");
    tarn_status st = path == NULL
        ? tarn__no_memory(err)
        : tarn__run_replace(path, tarn_str(run->flow->manifest), err);
    tarn__free(path);
    return st;
}

/* The folder is there: from here on it tells what happens. */
static tarn_status work(
    tarn__run *run, int64_t version, tarn_flow_result *result, tarn_error *err)
{
    tarn_status st = tarn__journal_open(
        run->folder.dir, run->folder.name, run->secrets, &run->journal, err);
    if (st == TARN_OK)
        st = write_manifest(run, err);
    if (st != TARN_OK) {
        (void)!tarn__journal_close(run->journal, NULL);
        return st;
    }
    tarn__journal_event(run->journal, run->resumed ? "run_resume" : "run_start",
        NULL,
        json_pack("{s:s, s:s, s:I}", "flow", run->flow->name, "fingerprint",
            run->flow->fingerprint, "steps",
            (json_int_t)run->flow->step_count));
    tarn_error own = TARN_ERROR_INIT;
    st = tarn__run_open_lake(run, version, &own);
    if (st == TARN_OK)
        st = tarn__run_write_status(run, "running", NULL, false, result, &own);
    if (st == TARN_OK)
        st = tarn__cursors_read(run, &own);
    if (st == TARN_OK)
        st = tarn__run_resolve(run, &own);
    if (st == TARN_OK)
        st = steps_and_commit(run, result, &own);
    finish(run, st, result, &own);
    if (st == TARN_OK)
        return tarn__journal_close(run->journal, err);
    (void)!tarn__journal_close(run->journal, NULL);
    char *masked = tarn__run_mask(run, own.message);
    if (masked == NULL)
        return tarn__no_memory(err);
    st = st == TARN_INTERRUPTED
        ? tarn__fail(err, st, "%s", masked)
        : tarn__fail(err, TARN_FAILED, "run %s: %s", run->folder.name, masked);
    tarn__free(masked);
    return st;
}

/* --- a dry run --- */

static tarn_status plan(
    tarn__run *run, tarn_flow_result *result, tarn_error *err)
{
    (void)snprintf(result->status, sizeof(result->status), "dry-run");
    result->steps = (int64_t)run->flow->step_count;
    for (size_t i = 0; i < run->flow->step_count; i++) {
        const tarn__flow_step *s = &run->flow->steps[i];
        tarn_buf line = TARN_BUF_INIT;
        tarn_status st = tarn__buf_printf(
            &line, err, "would run %s: %s", s->id, s->driver->name);
        for (size_t n = 0; st == TARN_OK && n < s->need_count; n++)
            st =
                tarn__buf_printf(&line, err, "%s%s", n == 0 ? ", needs " : ", ",
                    run->flow->steps[s->needs[n].step].id);
        if (st == TARN_OK)
            tarn__run_note(run, line.ptr);
        tarn_buf_reset(&line);
        if (st != TARN_OK)
            return st;
    }
    return TARN_OK;
}

/* The run that is to go on has succeeded already. */
static tarn_status nothing_to_do(
    tarn__run *run, tarn_flow_result *result, tarn_error *err)
{
    json_t *status = NULL;
    tarn_status st =
        tarn__run_status(run->folder.runs, run->folder.name, &status, err);
    if (st != TARN_OK)
        return st;
    (void)snprintf(result->status, sizeof(result->status), "success");
    (void)tarn__json_i64(status, "steps_completed", &result->steps);
    (void)tarn__json_i64(status, "rows", &result->rows);
    result->seconds = json_number_value(json_object_get(status, "seconds"));
    json_decref(status);
    tarn__run_note(run, "the run has succeeded already: nothing to do");
    return TARN_OK;
}

static void free_run(tarn__run *run)
{
    tarn__run_lake_close(&run->lake);
    tarn__remote_close(run->remote);
    tarn__engine_close(run->engine);
    tarn__lock_release(&run->flow_lock);
    tarn__run_folder_reset(&run->folder);
    for (size_t i = 0; run->steps != NULL && i < run->flow->step_count; i++) {
        tarn__step_run *s = &run->steps[i];
        tarn__made_free(&s->made);
        json_decref(s->inputs);
        tarn__free(s->file_name);
        tarn__free(s->config);
        tarn__free(s->connection);
        tarn__free(s->cursor_from);
        tarn__free(s->error);
    }
    tarn__free(run->steps);
    tarn__given_reset(&run->given);
    tarn__flow_secrets_free(run->secrets);
    tarn__flow_free(run->flow);
    tarn__cond_free(&run->changed);
    tarn__mutex_free(&run->lock);
}

static tarn_status name_engine(tarn__run *run, tarn_error *err)
{
    const char *target = run->options->target;
    if (target == NULL || strncmp(target, "adbc:", 5) != 0)
        return TARN_OK;
    run->engine_name = target + 5;
    return *run->engine_name != '\0'
        ? TARN_OK
        : tarn__fail(err, TARN_INVALID,
              "--target adbc: names no connection (write adbc:NAME, of "
              "connections: {adbc: {NAME: ...}})");
}

/* Its driver is loaded before anything is made; steps connect. */
static tarn_status open_engine(tarn__run *run, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    json_t *fields = NULL;
    tarn_status st =
        tarn__connection_fill(run->flow->engine, false, &text, err);
    if (st == TARN_BAD_INPUT)
        tarn__error_prefix(err, "@adbc.%s", run->engine_name);
    if (st == TARN_OK)
        st = tarn__json_parse(
            tarn__buf_slice(&text), "connection", &fields, err);
    if (st == TARN_OK && !run->options->dry_run)
        st = tarn__engine_open(
            run->engine_name, fields, run->flow->base_dir, &run->engine, err);
    json_decref(fields);
    tarn_buf_reset(&text);
    return st;
}

tarn_status tarn_flow_run(const char *path,
    const tarn_flow_run_options *options, tarn_flow_result *result,
    tarn_error *err)
{
    static const tarn_flow_run_options defaults = TARN_FLOW_RUN_OPTIONS_INIT;
    tarn__run run = {.options = options == NULL ? &defaults : options,
        .given = {.texts = TARN__ARENA_INIT},
        .folder = TARN__RUN_FOLDER_INIT,
        .flow_lock = TARN__LOCK_INIT};
    int64_t version;
    bool success = false;
    *result = (tarn_flow_result){.version = -1};
    atomic_init(&run.cancelled, false);
    tarn__mutex_init(&run.lock);
    tarn__cond_init(&run.changed);
    tarn_status st = tarn__remote_open(run.options->target, &run.remote, err);
    if (st == TARN_OK)
        st = name_engine(&run, err);
    if (st == TARN_OK)
        st = tarn__run_prepare(&run, path, err);
    if (st == TARN_OK && run.engine_name != NULL)
        st = open_engine(&run, err);
    if (st == TARN_OK && run.options->dry_run) {
        st = plan(&run, result, err);
    } else if (st == TARN_OK) {
        st = tarn__run_begin(&run, &version, &success, result, err);
        if (st == TARN_OK)
            (void)snprintf(
                result->run, sizeof(result->run), "%s", run.folder.name);
        if (st == TARN_OK)
            st = success ? nothing_to_do(&run, result, err)
                         : work(&run, version, result, err);
    }
    free_run(&run);
    return st;
}

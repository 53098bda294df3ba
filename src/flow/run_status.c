/* status.json: what became of a run and of each of its steps. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "flow/run_internal.h"
#include "os/file.h"

static const char *const state_names[] = {
    "pending", "running", "success", "skipped", "failed", "cancelled"};
static const char *const mode_names[] = {"", "read", "transform", "", "write"};

/* Writers' rows, or where nothing is written what was extracted. */
int64_t tarn__run_rows(const tarn__run *run)
{
    int64_t written = 0;
    int64_t read = 0;
    bool writes = false;
    for (size_t i = 0; i < run->flow->step_count; i++) {
        const tarn__step_run *s = &run->steps[i];
        bool is_done =
            s->state == TARN__STEP_SUCCESS || s->state == TARN__STEP_SKIPPED;
        writes = writes || s->step->mode == TARN_STEP_WRITE;
        if (is_done && s->step->mode == TARN_STEP_WRITE)
            written += s->rows;
        if (is_done && s->step->mode == TARN_STEP_READ)
            read += s->rows;
    }
    return writes ? written : read;
}

static int64_t finished_steps(const tarn__run *run)
{
    int64_t count = 0;
    for (size_t i = 0; i < run->flow->step_count; i++)
        count += run->steps[i].state == TARN__STEP_SUCCESS ||
            run->steps[i].state == TARN__STEP_SKIPPED;
    return count;
}

static json_t *step_json(const tarn__step_run *s)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:i, s:s?}", "step",
        s->step->id, "component", s->step->driver->name, "mode",
        mode_names[s->step->mode], "status", state_names[s->state], "rows",
        (json_int_t)s->rows, "seconds", s->seconds, "attempts", s->attempts,
        "error", s->error);
}

/* Parameters that are no secrets. */
static json_t *params_json(const tarn__run *run)
{
    json_t *params = json_object();
    for (size_t i = 0; i < run->flow->param_count; i++)
        if (!run->flow->params[i].secret)
            (void)json_object_set_nocheck(params, run->flow->params[i].name,
                (json_t *)run->flow->params[i].value);
    return params;
}

static json_t *status_json(const tarn__run *run, const char *status,
    const char *error, const tarn_flow_result *result)
{
    char started[TARN__TIME_TEXT_BYTES];
    char ended[TARN__TIME_TEXT_BYTES];
    bool running = strcmp(status, "running") == 0;
    json_t *steps = json_array();
    for (size_t i = 0; i < run->flow->step_count; i++)
        (void)json_array_append_new(steps, step_json(&run->steps[i]));
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:s?, s:o, s:s, s:s, s:s?, s:f, s:I, s:I, s:I, "
        "s:s?, s:o}",
        "run", run->folder.name, "flow", run->flow->name, "file",
        run->flow->path, "status", status, "profile", run->flow->profile,
        "params", params_json(run), "fingerprint", run->flow->fingerprint,
        "started", tarn__time_format(run->started_us, started), "ended",
        running ? NULL : tarn__time_format(tarn__now_us(), ended), "seconds",
        result->seconds, "steps_total", (json_int_t)run->flow->step_count,
        "steps_completed", (json_int_t)result->steps, "rows",
        (json_int_t)result->rows, "error", error, "steps", steps);
    if (json != NULL && run->lake.snap != NULL)
        (void)json_object_set_new(json, "lake_version",
            json_integer(tarn_snapshot_version(run->lake.snap)));
    if (json != NULL && result->version >= 0)
        (void)json_object_set_new(
            json, "committed_version", json_integer(result->version));
    return json;
}

static tarn_status write(
    const tarn__run *run, const json_t *json, bool durable, tarn_error *err)
{
    char *path = tarn__path_join(run->folder.dir, "status.json");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st =
        tarn__run_write_json(path, durable ? run->folder.dir : NULL, json, err);
    tarn__free(path);
    return st;
}

tarn_status tarn__run_write_status(const tarn__run *run, const char *status,
    const char *error, bool durable, tarn_flow_result *result, tarn_error *err)
{
    result->steps = finished_steps(run);
    result->rows = tarn__run_rows(run);
    result->seconds = (double)(tarn__monotonic_us() - run->begun_us) / 1e6;
    json_t *json = status_json(run, status, error, result);
    tarn_status st =
        json == NULL ? tarn__no_memory(err) : tarn__given_json(run, json, err);
    if (st == TARN_OK)
        st = write(run, json, durable, err);
    json_decref(json);
    return st;
}

/**
 * Running flows, and looking at what runs left behind.
 *
 * A run leaves a folder: manifest.yaml, status.json, logs/events.jsonl,
 * logs/metrics.jsonl, artifacts/<step>/, and data/<step>.duckdb, which a resumed
 * run goes on from.  docs/FLOWS.md tells every name in them.
 */
#ifndef TARN_FLOW_RUN_H
#define TARN_FLOW_RUN_H

#include <tarn/flow.h>
#include <tarn/progress.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tarn_flow_run_options {
    tarn_flow_options flow;
    const char *lake_dir;  /* NULL: there is no lake */
    const char *runs_dir;  /* NULL: LAKE/runs, else .tarn/runs by the file */
    const char *target;    /* "local" (NULL), or "worker" and "worker:CMD" */
    const char *resume;    /* a run's name, or "last"; NULL: a new run */
    int jobs;              /* steps at a time; 0: as many as processors */
    bool dry_run;          /* check and plan; touch nothing */
    bool full;             /* stored cursors are not looked at */
    uint64_t memory_bytes; /* of all steps together; 0: 2 GB */
    int threads;           /* 0: as many as there are */
    int64_t wait_us;       /* for locks */
    const char *message;   /* of the lake's commit */
    const char *const *argv;
    const char *tenant; /* of lake.extractor's queries; NULL: the default */
    tarn_progress_fn progress; /* what is "STEP rows"; may be NULL */
    void *progress_arg;
    /* One line for people: a warning of check, what a dry run would do. */
    void (*note)(void *arg, const char *line);
    void *note_arg;
} tarn_flow_run_options;
/* clang-format off */
#define TARN_FLOW_RUN_OPTIONS_INIT                                        \
    {TARN_FLOW_OPTIONS_INIT, NULL, NULL, NULL, NULL, 0, false, false, 0,  \
        0, 10000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL}
/* clang-format on */

typedef struct tarn_flow_result {
    char run[256];   /* "" when nothing was begun */
    char status[16]; /* success, failed, cancelled; dry-run */
    int64_t steps;   /* that succeeded, resumed ones too; dry: all */
    int64_t rows;    /* of writers, without one of extractors */
    double seconds;
    int64_t version; /* of the lake's commit; -1: there was none */
} tarn_flow_result;

/**
 * Run a flow, or go on with a run that ended early.
 *
 * Steps that need nothing of each other run at the same time.  What goes to
 * the lake is committed once, when every step has succeeded; a run that is
 * killed at any moment, and resumed, leaves what an undisturbed one leaves.
 *
 * @param[out] result filled in every case.
 * @return TARN_OK; TARN_FAILED the run failed and its folder says why;
 *         TARN_INTERRUPTED it was cancelled; TARN_BAD_INPUT the flow has
 *         errors; TARN_NOT_FOUND no such file, or no such run to resume;
 *         TARN_LOCKED the run, or another one with the same cursors, is at work.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_run(const char *path,
    const tarn_flow_run_options *options, tarn_flow_result *result,
    tarn_error *err);

/** Where runs are: runs_dir, else the lake's, else beside `flow_path` (NULL:
 * the current folder).  Free with tarn_free(). */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_runs_dir(const char *runs_dir,
    const char *lake_dir, const char *flow_path, char **out, tarn_error *err);

/** Runs, newest first: run, flow, status, started, seconds, steps, rows. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_runs(
    const char *runs_dir, tarn_rows **out, tarn_error *err);
/** Events of a run ("last": the newest): run, ts, event, step, fields. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_events(
    const char *runs_dir, const char *run, tarn_rows **out, tarn_error *err);
/** Its metrics: run, ts, step, metric, value. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_metrics(
    const char *runs_dir, const char *run, tarn_rows **out, tarn_error *err);
/** Its steps: step, component, mode, status, rows, seconds, attempts, error. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_show(
    const char *runs_dir, const char *run, tarn_rows **out, tarn_error *err);
/** Remove runs that ended longer ago than keep_us: run, flow, started, bytes
 * of each.  Runs at work stay. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_gc(const char *runs_dir,
    int64_t keep_us, bool dry_run, tarn_rows **out, tarn_error *err);

/** Serve steps on two descriptors until the input ends (tarn worker). */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_worker(
    int in, int out, const char *dir, tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

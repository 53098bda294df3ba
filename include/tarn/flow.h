/**
 * Flows: pipelines in one YAML file, whose steps hand over DuckDB files.
 *
 * A flow is checked, which gives every diagnostic at once; compiled, which
 * gives a manifest that is the same, byte for byte, for files that mean the
 * same, and holds no secret; and run.  docs/FLOWS.md tells the file's form.
 */
#ifndef TARN_FLOW_H
#define TARN_FLOW_H

#include <tarn/progress.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tarn_flow_options {
    const char *profile;       /* NULL: none */
    const char *const *params; /* "name=value", or "name=@FILE" */
    size_t param_count;
    const char *connections; /* file; NULL: connections.yaml beside the flow,
                                when it is there */
} tarn_flow_options;
#define TARN_FLOW_OPTIONS_INIT \
    {                          \
        NULL, NULL, 0, NULL    \
    }

/** What check found, in the order of the file. */
typedef struct tarn_flow_diagnostics tarn_flow_diagnostics;

typedef struct tarn_flow_diagnostic {
    bool error;           /* else a warning */
    const char *code;     /* such as "unknown_need"; docs/FLOWS.md lists them */
    const char *location; /* such as "steps[2].config.path:14:9" */
    const char *message;  /* one line, with its mend */
} tarn_flow_diagnostic;

TARN_API size_t tarn_flow_diagnostic_count(const tarn_flow_diagnostics *d);
TARN_API size_t tarn_flow_error_count(const tarn_flow_diagnostics *d);
/** Borrowed until the diagnostics are freed. */
TARN_API tarn_flow_diagnostic tarn_flow_diagnostic_get(
    const tarn_flow_diagnostics *d, size_t index);
TARN_API void tarn_flow_diagnostics_free(tarn_flow_diagnostics *d);

/**
 * Find everything that is wrong with a flow file.
 *
 * @param[out] out the diagnostics, none when all is well; free with
 *                 tarn_flow_diagnostics_free().
 * @return TARN_OK also when there are errors among them; TARN_NOT_FOUND,
 *         TARN_IO the file cannot be read.
 *
 * Nothing is run and nothing is written.  Threads: any.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_check(const char *path,
    const tarn_flow_options *options, tarn_flow_diagnostics **out,
    tarn_error *err);

/**
 * Check and compile a flow file.
 *
 * @param[out] manifest    appended: canonical YAML.
 * @param[out] fingerprint appended: "sha256:" and 64 digits; it changes with
 *                         every parameter, query and component version, and
 *                         with no secret's value.
 * @param[out] diagnostics as tarn_flow_check(), warnings of a success too; may
 *                         be NULL.
 * @return TARN_BAD_INPUT the flow has errors.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_compile(const char *path,
    const tarn_flow_options *options, tarn_buf *manifest, tarn_buf *fingerprint,
    tarn_flow_diagnostics **diagnostics, tarn_error *err);

/** Write what tarn_flow_compile() gave to DIR/manifest.yaml and
 * DIR/fingerprint, each whole or not at all; the folder is made. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_save(const char *dir,
    tarn_slice manifest, tarn_slice fingerprint, tarn_error *err);

/** The built-in components as rows: component, version, modes, config. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_drivers(
    tarn_rows **out, tarn_error *err);

/**
 * The connections of a file as rows: connection, default, fields (JSON, secrets
 * masked); with `test` also status (ok, failed, skipped) and message, from the
 * component itself.
 *
 * @param path NULL: connections.yaml in the current folder.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_connections(
    const char *path, bool test, tarn_rows **out, tarn_error *err);

/* --- running ---
 *
 * A run leaves a folder: manifest.yaml, status.json, logs/events.jsonl,
 * logs/metrics.jsonl, artifacts/<step>/, and data/<step>.duckdb, which a resumed
 * run goes on from.  docs/FLOWS.md tells every name in them. */

typedef struct tarn_flow_run_options {
    tarn_flow_options flow;
    const char *lake_dir; /* NULL: there is no lake */
    const char *runs_dir; /* NULL: LAKE/runs, else .tarn/runs by the file */
    const char
        *target; /* "local" (NULL), "worker", "worker:CMD", "adbc:NAME" */
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
typedef struct tarn_flow_gc_options {
    const char *lake_dir; /* whose state forgets the runs too; NULL: none */
    int64_t keep_us;      /* runs that ended so recently stay */
    bool dry_run;
    int64_t wait_us;     /* for the lake's lock */
    const char *message; /* of its commit */
    const char *const *argv;
} tarn_flow_gc_options;
#define TARN_FLOW_GC_OPTIONS_INIT                                            \
    {                                                                        \
        NULL, INT64_C(30) * 24 * 3600 * 1000000, false, 10000000, NULL, NULL \
    }
/**
 * Remove old runs: run, flow, started, bytes of each.
 *
 * @param[out] version of the lake's commit; -1: it held nothing of them.
 *
 * Runs at work stay, and so does a flow's newest run while it has not
 * succeeded: it can be resumed.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_gc(const char *runs_dir,
    const tarn_flow_gc_options *options, int64_t *version, tarn_rows **out,
    tarn_error *err);

/** Serve steps on two descriptors until the input ends (tarn worker). */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_worker(
    int in, int out, const char *dir, tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

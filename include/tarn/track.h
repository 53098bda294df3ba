/**
 * Track: incremental extraction of a catalogue.
 *
 * A state is a folder with table/, column/, schema/ and database/, each of
 * *.json or *.jsonl files with one entity a line.  CURRENT is what this run
 * extracted: all tables with what happened to them, and the columns of those
 * that were extracted again.  PREVIOUS is the whole state before it; NULL, or a
 * folder without tables, means that there is none.  docs/TRACK.md has the
 * rules.
 *
 * Threads: any number of calls at a time.  Memory does not grow with the
 * tables: what is known of them lies in a scratch folder that is gone
 * afterwards, in every case.
 */
#ifndef TARN_TRACK_H
#define TARN_TRACK_H

#include <tarn/lake.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tarn_track_options {
    bool
        tolerant; /* leave bad lines out, telling on_bad; else TARN_BAD_INPUT */
    bool replace; /* OUT may be there */
    uint64_t chunk_size;  /* records a file; 0: 100000 */
    uint64_t batch_size;  /* tables a batch; 0: 25000 */
    int threads;          /* 0: as many as there are */
    const char *temp_dir; /* parent of scratch folders; NULL: ~/.tarn/tmp */
    /** A line that was left out; from any thread, one call at a time. */
    void (*on_bad)(
        void *arg, const char *file, uint64_t line, const char *reason);
    void *arg;
    tarn_progress_fn progress; /* from any thread, one call at a time */
    void *progress_arg;
    const char *mend; /* what a bad line's error proposes; NULL: --tolerant */
} tarn_track_options;
#define TARN_TRACK_OPTIONS_INIT                                   \
    {                                                             \
        false, false, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL \
    }

/** A table whose columns are to be extracted. */
typedef struct tarn_track_table {
    const char *id;     /* database.schema.table */
    const char *reason; /* created, updated or backfill */
    const char *name;   /* qualified */
} tarn_track_table;
/** In the order of CURRENT, one call at a time; other than TARN_OK ends the
 * work with that status. */
typedef tarn_status (*tarn_track_table_fn)(
    void *arg, const tarn_track_table *table, tarn_error *err);

typedef struct tarn_track_plan_counts {
    int64_t changed;   /* created or updated */
    int64_t backfill;  /* of the others, those that the previous state lacks */
    int64_t no_change; /* unchanged, those for backfill included */
    int64_t batches;
    int64_t bad; /* lines that were left out */
} tarn_track_plan_counts;

/**
 * Tell which tables' columns are to be extracted.
 *
 * @param batch_dir  NULL, or a folder for batch-0.json, ...: arrays of ids; it
 *                   is absent or empty, or replaced as a whole.
 * @return TARN_OK; TARN_NOT_FOUND: CURRENT has no tables; TARN_EXISTS:
 *         batch_dir is there; TARN_BAD_INPUT: a line is no record.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_track_plan(const char *current,
    const char *previous, const char *batch_dir,
    const tarn_track_options *options, tarn_track_table_fn fn, void *arg,
    tarn_track_plan_counts *counts, tarn_error *err);

/** The tables of CURRENT that PREVIOUS has not under this name and type,
 * whatever happened to them.  TARN_NOT_FOUND also: there is no previous
 * state. */
TARN_API TARN_MUST_CHECK tarn_status tarn_track_backfill(const char *current,
    const char *previous, const tarn_track_options *options,
    tarn_track_table_fn fn, void *arg, tarn_track_plan_counts *counts,
    tarn_error *err);

typedef struct tarn_track_merge_counts {
    int64_t columns_from_current;
    int64_t columns_carried;
    int64_t columns_total;
    int64_t excluded_extracted; /* their table was extracted again */
    int64_t excluded_removed;   /* their table is gone */
    int64_t duplicates;         /* records whose name comes again later */
    int64_t bad;
} tarn_track_merge_counts;

/**
 * Write the new current state: CURRENT, and the columns of PREVIOUS whose
 * tables were not extracted again.  Records keep their bytes; carried columns
 * say NO CHANGE where they said something.
 *
 * @param out  absent or empty, or, with `replace`, a folder that is replaced
 *             at one stroke; after a failure it is as it was.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_track_merge(const char *current,
    const char *previous, const char *out, const tarn_track_options *options,
    tarn_track_merge_counts *counts, tarn_error *err);

typedef struct tarn_track_diff_counts {
    bool is_incremental; /* there is a previous state */
    int64_t tables_created;
    int64_t tables_updated;
    int64_t tables_backfill;
    int64_t tables_deleted;
    int64_t columns_total;
    int64_t columns_deleted;
    int64_t schemas_total;
    int64_t databases_total;
    int64_t total_changed_entities; /* tables and columns of the above */
    int64_t duplicates;
    int64_t bad;
} tarn_track_diff_counts;

/** Write what this run changed: table/, column/, schema/, database/,
 * delete/table/, delete/column/ and metadata.json.  `out` as above. */
TARN_API TARN_MUST_CHECK tarn_status tarn_track_diff(const char *current,
    const char *previous, const char *out, const tarn_track_options *options,
    tarn_track_diff_counts *counts, tarn_error *err);

typedef struct tarn_track_run_options {
    bool full;               /* start over: as if there were no state */
    const char *run_id;      /* NULL: made of the time */
    const char *connections; /* file; NULL: connections.yaml beside the
                              * configuration */
    const char *message;     /* stands in the log; may be NULL */
    const char *const *argv; /* the command, secrets masked; may be NULL */
    int threads;             /* 0: as many as there are */
    const char *temp_dir; /* parent of the scratch folder; NULL: ~/.tarn/tmp */
    tarn_progress_fn progress; /* from any thread, maybe several at a time */
    void *progress_arg;
} tarn_track_run_options;
#define TARN_TRACK_RUN_OPTIONS_INIT                        \
    {                                                      \
        false, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL \
    }

typedef struct tarn_track_run_result {
    char run[128]; /* its id */
    bool is_incremental;
    int64_t tables_created;
    int64_t tables_updated;
    int64_t tables_deleted;
    int64_t tables_backfilled;
    int64_t columns_extracted;
    int64_t columns_carried;
    int64_t columns_total;
    int64_t columns_deleted;
    double seconds;
    int64_t version; /* of the commit */
} tarn_track_run_result;

/**
 * One extraction, end to end: what changed since the last run, or, without
 * one, everything.  State, diff and marker go into one commit below
 * /persistent-artifacts/apps/APPLICATION/connection/ID/ of the lake; nothing is
 * there before it, and a run that did not commit is as if it had not been.
 *
 * @param config  YAML file; docs/TRACK.md tells its form.
 * @return TARN_OK; TARN_LOCKED: another run of this connection is at work, named
 *         with its pid; TARN_EXISTS: there was a run of this id; TARN_BAD_INPUT:
 *         the configuration is wrong, or the source refuses a query;
 *         TARN_NOT_FOUND: no such file, or the source has no tables.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_track_run(tarn_lake *lake,
    const char *config, const tarn_track_run_options *options,
    tarn_track_run_result *result, tarn_error *err);

/** item, value: the marker, the last run and its counts, what the current state
 * holds. */
TARN_API TARN_MUST_CHECK tarn_status tarn_track_status(
    tarn_snapshot *snap, const char *config, tarn_rows **out, tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

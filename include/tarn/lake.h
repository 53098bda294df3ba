/**
 * The lake: open, transactions, snapshots, the log, upkeep.
 *
 *  1. A tarn_lake may be used from any thread, a tarn_snapshot too; a tarn_txn
 *     and a row stream by one thread at a time.
 *  2. Any number of processes read while one writes.  The lock is taken by a
 *     commit, kept while there is more to do, and given up when idle for 50 ms
 *     or when another waits.
 *  3. A handle that was inherited over fork() is refused with TARN_INVALID;
 *     freeing and closing it in the child does nothing.  A child may open the
 *     lake itself after exec(), or when its parent had opened none.
 *  4. TARN_IO, TARN_NO_MEMORY and TARN_CORRUPT may come from every function
 *     that takes an error.
 */
#ifndef TARN_LAKE_H
#define TARN_LAKE_H

#include <tarn/progress.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TARN_LATEST (-1)

typedef struct tarn_lake tarn_lake;
typedef struct tarn_txn tarn_txn;
typedef struct tarn_snapshot tarn_snapshot;

typedef struct tarn_lake_options {
    uint64_t memory_bytes; /* bound of the engines; 0: 2 GB */
    int threads;           /* 0: as many as there are */
    int64_t wait_us;       /* for the lock; -1: for ever; default 10 s */
    bool read_only; /* writes nothing but scratch: what a killed writer left
                     * undone is done in memory, for this handle */
    tarn_progress_fn progress; /* may be NULL */
    void *progress_arg;
    const char *log_level; /* "off", "info", "debug"; NULL: $TARN_LOG */
    const char *tenant; /* the log shows only its operations and the tree's, and
                         * of others' commits no data; NULL: everything */
} tarn_lake_options;
#define TARN_LAKE_OPTIONS_INIT                        \
    {                                                 \
        0, 0, 10000000, false, NULL, NULL, NULL, NULL \
    }

/** The format of the lakes that this library makes; it reads older ones. */
TARN_API int tarn_format_version(void);
/** Of "duckdb" or "rocksdb"; NULL when it is neither. */
TARN_API const char *tarn_engine_version(const char *engine);

/** Make a lake in `dir`, which may be missing or hold files that are not ours,
 * durably.  label may be NULL.  TARN_EXISTS: there is one, or a log of one that
 * has lost its tarn.json; TARN_LOCKED: another process is making one. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_init(
    const char *dir, const char *label, tarn_error *err);
/** The nearest folder from `start` upwards that holds tarn.json; free with
 * tarn_free().  TARN_NOT_FOUND: none. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_find(
    const char *start, char **dir, tarn_error *err);
/** Cheap: reads tarn.json; views are opened when they are needed.  TARN_NOT_FOUND:
 * no lake there; TARN_CORRUPT: tarn.json is torn; TARN_FAILED: a newer format. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_open(const char *dir,
    const tarn_lake_options *options, tarn_lake **out, tarn_error *err);
/** A lake in memory, gone when closed: for tests and scratch work. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_open_memory(
    tarn_lake **out, tarn_error *err);
/** Every transaction, snapshot and row stream must be freed before. */
TARN_API void tarn_lake_close(tarn_lake *lake);
TARN_API const char *tarn_lake_dir(const tarn_lake *lake); /* borrowed */

/** The newest version, but for one that another process is committing at this
 * moment.  TARN_LOCKED: a writer at work has more to make up for than the wait
 * of the options lasted. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_head(
    tarn_lake *lake, int64_t *version, tarn_error *err);
/** "42" or an ISO time -> a version that can be read: for a time the last
 * commit not after it; one without an offset is UTC.  TARN_NOT_FOUND: beyond the
 * head, below the gc horizon, or before the first commit; TARN_INVALID: neither
 * a version nor a time. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_resolve(tarn_lake *lake,
    const char *version_or_time, int64_t *version, tarn_error *err);

typedef struct tarn_txn_options {
    const char *message;     /* stands in the log; may be NULL */
    const char *const *argv; /* the command, secrets masked; NULL-ended */
    int64_t expect_version;  /* head must be this at commit; -1: any */
} tarn_txn_options;
#define TARN_TXN_OPTIONS_INIT \
    {                         \
        NULL, NULL, -1        \
    }

/**
 * Begin a transaction.  Nothing is locked until the commit; several may be open
 * in one process, from any thread, each used by one thread at a time.
 *
 * A step that was taken on an older head is taken again at commit, under the
 * lock: two writers of different paths never disturb each other, and two of
 * the same path behave as if one had come after the other.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_txn_begin(tarn_lake *lake,
    const tarn_txn_options *options, tarn_txn **out, tarn_error *err);
/** What the transaction sees: its base and its own writes.  Borrowed; valid
 * until commit or abort.  It pins nothing: when gc takes the base's history,
 * reads say TARN_NOT_FOUND, and the commit is taken on the head as ever. */
TARN_API tarn_snapshot *tarn_txn_snapshot(tarn_txn *txn);
/**
 * Make it durable.  Frees the transaction in every case.
 *
 * @param[out] version of the commit; -1 when there was nothing to commit. May
 *             be NULL.
 * @return TARN_OK: durable and visible; TARN_LOCKED, TARN_CONFLICT, or what a
 *         step says when taken again: nothing was committed; TARN_UNKNOWN: the
 *         commit point's folder could not be fsynced: *version is set, whether
 *         it stands is known at the next open, and the handle refuses further
 *         writes.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_txn_commit(
    tarn_txn *txn, int64_t *version, tarn_error *err);
TARN_API void tarn_txn_abort(tarn_txn *txn);

/**
 * Pin one version for reading.
 *
 * Later commits are not visible through it, and gc keeps what it needs while it
 * lives.  Where no pin can be written (a read-only medium) a file that gc takes
 * is a clear error, not a wrong answer.
 *
 * @param version  counted from 0, or TARN_LATEST.
 * @param[out] out free with tarn_snapshot_free() before the lake is closed.
 * @return TARN_OK; TARN_NOT_FOUND: beyond the head or below the gc horizon;
 *         TARN_LOCKED as tarn_lake_head().
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_snapshot_open(
    tarn_lake *lake, int64_t version, tarn_snapshot **out, tarn_error *err);
TARN_API int64_t tarn_snapshot_version(const tarn_snapshot *snap);
TARN_API void tarn_snapshot_free(tarn_snapshot *snap);

/** Commits, newest first: version, time, command, operations, message.
 * limit < 0: all. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_log(
    tarn_lake *lake, int64_t limit, tarn_rows **out, tarn_error *err);

/** Small named values: scope and name are UTF-8 and not empty, values any bytes
 * up to 65,535.  A put of what is there already changes nothing. */
TARN_API TARN_MUST_CHECK tarn_status tarn_state_put(tarn_txn *txn,
    const char *scope, const char *name, tarn_slice value, tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_state_rm(tarn_txn *txn,
    const char *scope, const char *name, tarn_error *err); /* NOT_FOUND */
TARN_API TARN_MUST_CHECK tarn_status tarn_state_get(tarn_snapshot *snap,
    const char *scope, const char *name, tarn_buf *value, tarn_error *err);
/** scope, name, value, version; scope NULL: all. */
TARN_API TARN_MUST_CHECK tarn_status tarn_state_ls(
    tarn_snapshot *snap, const char *scope, tarn_rows **out, tarn_error *err);

/** item, value: identity, head, views and their versions, sizes, lock. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_status(
    tarn_lake *lake, tarn_rows **out, tarn_error *err);
/** fault, where, what: a row a fault; fault is the invariant's name ("I2"),
 * "foreign" or "tree".  TARN_OK also when there are faults.  deep: objects are
 * read and hashed, records and edges looked for from all sides.  Cost: the log
 * read once, the key view built once beside it; deep some reads each. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_check(
    tarn_lake *lake, bool deep, tarn_rows **out, tarn_error *err);
/** what: "key", "column", "vector" or "all". */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_rebuild(
    tarn_lake *lake, const char *what, tarn_error *err);
/** Merge small log files; *version -1 when there was nothing to do. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_compact(
    tarn_lake *lake, int64_t *version, tarn_error *err);

/** What the log says of upkeep by this handle, tarn_lake_gc() and
 * tarn_lake_compact(), from now on: message and argv of the options, which are
 * borrowed until the next call or the close. */
TARN_API void tarn_lake_name_upkeep(
    tarn_lake *lake, const tarn_txn_options *options);

typedef struct tarn_gc_options {
    bool retain_forever;
    int64_t retain_us; /* history older than this goes */
    int64_t grace_us;  /* default one hour */
    bool dry_run;
} tarn_gc_options;
#define TARN_GC_OPTIONS_INIT       \
    {                              \
        true, 0, 3600000000, false \
    }
/** Remove what nobody needs: history below the age, as far as no snapshot pins
 * it, then log files and objects that have been unneeded for the grace.  Rows:
 * what ("operations", "log files", "objects"), count, bytes.  A dry run says
 * what a run would do.  *version of the commit, -1 when none.  Killed at any
 * moment, it leaves a sound lake, and the next run goes on. */
TARN_API TARN_MUST_CHECK tarn_status tarn_lake_gc(tarn_lake *lake,
    const tarn_gc_options *options, int64_t *version, tarn_rows **out,
    tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

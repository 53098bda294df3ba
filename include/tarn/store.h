/**
 * Stores: one DuckDB database file each, with a lifetime.
 *
 * A persistent store stays; an ephemeral one is gone when it is closed, when
 * the process ends (also by SIGINT and SIGTERM, unless the program handles
 * those itself), or, after a crash, when the next ephemeral store is made; one
 * in memory never has a file.  One process writes a file, or many read it.
 *
 * A handle that was inherited over fork() is refused; to close or free it there
 * does nothing.
 *
 * Threads: one at a time a store.  Memory is bounded by the options, and what
 * does not fit goes to a temporary folder of the store's own.
 */
#ifndef TARN_STORE_H
#define TARN_STORE_H

#include <tarn/arrow.h>
#include <tarn/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tarn_store tarn_store;

typedef struct tarn_store_options {
    uint64_t memory_bytes; /* 0: 2 GB */
    int threads;           /* 0: as many as there are */
    int64_t wait_us;       /* how long to wait for another process's lock */
    const char *temp_dir;  /* parent of temporary folders; NULL: ~/.tarn/tmp */
    bool no_host;          /* statements may not touch files of the host */
    bool unordered;        /* rows need not keep the order of insertion */
} tarn_store_options;
#define TARN_STORE_OPTIONS_INIT {0, 0, 0, NULL, false, false}

/**
 * Open the file, or make it and the folders above it.
 *
 * @param path NULL is TARN_INVALID (that is tarn_store_ephemeral()).
 * @return TARN_LOCKED another process has it open, named with its pid;
 *         TARN_CORRUPT it is no DuckDB file.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_open(const char *path,
    const tarn_store_options *options, tarn_store **out, tarn_error *err);
/** Never makes a file: TARN_NOT_FOUND when there is none. */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_open_existing(const char *path,
    bool read_only, const tarn_store_options *options, tarn_store **out,
    tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_store_ephemeral(
    const tarn_store_options *options, tarn_store **out, tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_store_memory(
    const tarn_store_options *options, tarn_store **out, tarn_error *err);

/** `~/.tarn/ID.db`.  An ID is letters, digits, '.', '-' and '_', and does not
 * begin with '.'. */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_default_path(
    const char *id, tarn_buf *out, tarn_error *err);

/** Borrowed; NULL for a store in memory. */
TARN_API const char *tarn_store_path(const tarn_store *store);
TARN_API bool tarn_store_is_read_only(const tarn_store *store);
TARN_API bool tarn_store_is_open(const tarn_store *store);

/**
 * Close the file: what was committed is checkpointed into it and no .wal
 * stays; an ephemeral store's files are gone.  Again: TARN_OK.  A failure is
 * reported once, and the store is closed all the same.  Rows and streams of
 * the store must be freed before.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_close(
    tarn_store *store, tarn_error *err);
/** Close it if it is open, and free the handle. */
TARN_API void tarn_store_free(tarn_store *store);

/**
 * Seal a persistent store and give it its final name: checkpoint, close, open
 * again read-only, compare the tables and their row counts, fsync, rename.
 * `path` is on the same file system, and replaced when it is there.  The store
 * is closed afterwards; on failure `path` is as it was.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_publish(
    tarn_store *store, const char *path, tarn_error *err);

/** A bound value: for $name, or without a name for the next `?`. */
typedef struct tarn_value {
    const char *name; /* NULL: positional */
    tarn_type type;   /* NULL, BOOL, INT64, DOUBLE, TEXT, BLOB or TIME */
    int64_t i64;      /* BOOL, INT64, TIME */
    double f64;
    tarn_slice bytes; /* TEXT, BLOB */
} tarn_value;

/** Run statements without values whose rows nobody wants. */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_exec(
    tarn_store *store, const char *sql, tarn_error *err);
/** Run one statement with values; *changed (may be NULL): rows changed. */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_exec_values(tarn_store *store,
    const char *sql, const tarn_value *values, size_t count, int64_t *changed,
    tarn_error *err);
/** Run one statement and stream its rows, in O(batch) memory.  The next
 * statement on this store ends the stream. */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_query(tarn_store *store,
    const char *sql, const tarn_value *values, size_t count, tarn_rows **out,
    tarn_error *err);
/** The same as an Arrow stream, filled in place; release it as Arrow says. */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_query_arrow(tarn_store *store,
    const char *sql, const tarn_value *values, size_t count,
    struct ArrowArrayStream *stream, tarn_error *err);
/** First column of the first row as text; *found false when there is no row or
 * it is NULL.  `out` is appended to. */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_scalar(tarn_store *store,
    const char *sql, const tarn_value *values, size_t count, tarn_buf *out,
    bool *found, tarn_error *err);

/** What the last failed statement was, and DuckDB's own words about it.
 * Borrowed until the next call; texts are "" when there was none. */
typedef struct tarn_store_failure {
    const char *query;
    const char *type;    /* such as "Binder" */
    const char *message; /* whole, several lines */
} tarn_store_failure;
TARN_API tarn_store_failure tarn_store_last_failure(const tarn_store *store);

/** Stop the statement that runs, from another thread. */
TARN_API void tarn_store_interrupt(tarn_store *store);

/** Append a quoted name, or a quoted text, as SQL wants it. */
TARN_API TARN_MUST_CHECK tarn_status tarn_store_quote_name(
    tarn_buf *out, const char *name, tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_store_quote_text(
    tarn_buf *out, const char *text, tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

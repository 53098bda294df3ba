/** SQL over a lake. */
#ifndef TARN_QUERY_H
#define TARN_QUERY_H

#include <tarn/arrow.h>
#include <tarn/tree.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tarn_param {
    const char *name;  /* of $name */
    const char *value; /* text; DuckDB casts it where it is used, and what
                          reads as a number is one where only that fits */
} tarn_param;

/** What `details` of a JSON error line holds.  Texts are owned; NULL when the
 * failure has none. */
typedef struct tarn_query_error {
    char *query;          /* as it was given */
    char *error_type;     /* DuckDB's, such as "Binder"; of a failure that is
                           * not DuckDB's the status' name */
    char *original_error; /* whole, several lines */
} tarn_query_error;
#define TARN_QUERY_ERROR_INIT \
    {                         \
        NULL, NULL, NULL      \
    }
TARN_API void tarn_query_error_reset(tarn_query_error *error);

typedef struct tarn_query_options {
    const char *tenant; /* NULL: "default" */
    const tarn_param *params;
    size_t param_count;
    bool allow_host;         /* host files as 'host:PATH' or './PATH' */
    bool explain;            /* table, route, pushed, version instead */
    tarn_query_error *error; /* NULL, or initialised: filled on failure, of
                                 the call and of its rows; must live as long */
    const char *route; /* NULL: the quickest.  "scan", "point", "column" or
                          "ids": record tables are read so where that can
                          answer, else by a scan; all answers are the same */
} tarn_query_options;
#define TARN_QUERY_OPTIONS_INIT                 \
    {                                           \
        NULL, NULL, 0, false, false, NULL, NULL \
    }

/**
 * Run one reading statement and stream its rows.
 *
 * Names in FROM are lake paths, always: `'/path'`, a glob, `'/path@42'`,
 * `'/path' AT (VERSION => 42)`, and record tables of the tenant by their names;
 * besides lake.log, lake.nodes, lake.edges, lake.runs, lake.run_events and
 * lake.tables; instead of SQL, LOOKUP and TRAVERSE statements.
 * The statement can read nothing else and change nothing (src/query/README.md).
 *
 * @param snap     what is read; must outlive the rows.
 * @param sql      one statement of DuckDB's dialect.
 * @param options  may be NULL; borrowed for the call, but options->error must
 *                 live as long as the rows.
 * @param[out] out the rows, NULL on failure; free with tarn_rows_free().
 * @return TARN_OK; TARN_NOT_FOUND a path, table or version is not there;
 *         TARN_BAD_INPUT bad SQL, a writing or a second statement;
 *         TARN_INTERRUPTED the lake's progress callback said so, here or while
 *         rows are read.  Nothing has run when it fails but in DuckDB itself.
 *
 * Threads: any, several queries at a time on one snapshot.  Memory: the lake's
 * bound for each query, beyond it scratch.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_query(tarn_snapshot *snap,
    const char *sql, const tarn_query_options *options, tarn_rows **out,
    tarn_error *err);
/** Rows of one table or series (`tarn cat`), in stored order.  The hashes of
 * what was read are verified after the last row: TARN_CORRUPT then. */
TARN_API TARN_MUST_CHECK tarn_status tarn_query_table(
    tarn_snapshot *snap, const char *path, tarn_rows **out, tarn_error *err);
/** The result as an Arrow stream, filled in place; release it as Arrow says. */
TARN_API TARN_MUST_CHECK tarn_status tarn_query_arrow(tarn_snapshot *snap,
    const char *sql, const tarn_query_options *options,
    struct ArrowArrayStream *stream, tarn_error *err);
/** The result as a Parquet file on the host (must not exist). */
TARN_API TARN_MUST_CHECK tarn_status tarn_query_parquet(tarn_snapshot *snap,
    const char *sql, const tarn_query_options *options, const char *host_path,
    tarn_error *err);

/**
 * Rows of the caller's own as a Parquet file: open, rows, finish.
 *
 * Cells come as text in the order of the columns, as a tarn_rows gives it;
 * ptr NULL is SQL NULL.  BOOL, INT64, DOUBLE, TIME and BLOB columns have that
 * type in the file, all others are text.  Rows are held in memory until the
 * end: it is for listings; tarn_query_parquet() streams.
 */
typedef struct tarn_parquet tarn_parquet;
TARN_API TARN_MUST_CHECK tarn_status tarn_parquet_open(const char *const *names,
    const tarn_type *types, size_t count, tarn_parquet **out, tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_parquet_row(
    tarn_parquet *parquet, const tarn_slice *cells, tarn_error *err);
/** Write the file (which must not exist).  Frees in every case. */
TARN_API TARN_MUST_CHECK tarn_status tarn_parquet_finish(
    tarn_parquet *parquet, const char *host_path, tarn_error *err);
TARN_API void tarn_parquet_abort(tarn_parquet *parquet);

#ifdef __cplusplus
}
#endif
#endif

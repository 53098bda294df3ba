/* A Delta Lake table, protocol (1,2), of one fixed flat schema: create, read,
 * commit, checkpoint, compact.  Knows nothing of lakes.  The caller holds the
 * lock when it writes.
 *
 *   DIR/_delta_log/00000000000000000042.json   one commit
 *   DIR/_delta_log/…checkpoint.parquet, _last_checkpoint
 *   DIR/data/<uuid>.parquet                    rows (paths "data/<uuid>.parquet")
 */
#ifndef TARN_DELTA_DELTA_H
#define TARN_DELTA_DELTA_H

#include "base/json.h"
#include "delta/parquet_writer.h"
#include "duck/duck.h"

typedef struct tarn__delta tarn__delta;

typedef struct tarn__delta_options {
    const tarn__pq_column *columns; /* static; the first is `version` */
    size_t column_count;
    const char *tmp_dir;   /* a folder of this process for staging */
    uint64_t memory_bytes; /* for the DuckDB session, opened when needed */
    int threads;
} tarn__delta_options;

/* A data file as a commit speaks of it. */
typedef struct tarn__delta_file {
    char *path; /* as in the log, relative to DIR */
    int64_t size_bytes;
    int64_t modified_ms;
    char *stats;                      /* JSON text or NULL */
    int64_t min_version, max_version; /* from stats; 0, INT64_MAX if unknown */
    bool data_change;
} tarn__delta_file;

typedef struct tarn__delta_commit {
    int64_t version;
    int64_t timestamp_ms; /* commitInfo.timestamp */
    char *operation;      /* commitInfo.operation */
    char *tarn;           /* commitInfo.tarn: JSON text, or NULL (foreign) */
    tarn__delta_file *adds;
    size_t add_count;
    char **removes; /* paths */
    size_t remove_count;
    uint8_t sha256[32]; /* of the log file */
} tarn__delta_commit;

/* What to write as one commit. */
typedef struct tarn__delta_write {
    int64_t timestamp_ms;
    const char *operation; /* "WRITE", "OPTIMIZE", "CREATE TABLE" ... */
    const char *tarn;      /* JSON text of our own fields */
    int64_t row_count;     /* for operationMetrics */
    const tarn__delta_file *adds;
    size_t add_count;
    const char *const *removes;
    size_t remove_count;
    bool data_change; /* of the removes */
} tarn__delta_write;

/* Make DIR/_delta_log, DIR/data and version 0 (protocol, metaData,
 * commitInfo), durably. `table_id` is a UUID's text. */
TARN_MUST_CHECK tarn_status tarn__delta_create(const char *dir,
    const tarn__delta_options *options, const char *table_id,
    const tarn__delta_write *first, tarn_error *err);
/* Cheap: opens no file, lists nothing. */
TARN_MUST_CHECK tarn_status tarn__delta_open(const char *dir,
    const tarn__delta_options *options, tarn__delta **out, tarn_error *err);
void tarn__delta_close(tarn__delta *delta);
/* Stage in another folder from now on. */
TARN_MUST_CHECK tarn_status tarn__delta_use_tmp(
    tarn__delta *delta, const char *tmp_dir, tarn_error *err);

/* The newest version.  hint >= 0 is a version known to have existed: probes
 * hint+1, ... (galloping); -1, or a hint that is not there, lists the folder.
 * TARN_CORRUPT: no log, or a gap above the newest checkpoint. */
TARN_MUST_CHECK tarn_status tarn__delta_head(
    tarn__delta *delta, int64_t hint, int64_t *version, tarn_error *err);
/* Read one commit's file.  Refuses (TARN_CORRUPT with file and line) what does
 * not parse; TARN_FAILED, naming it, for a protocol, reader feature or action
 * that we do not have. TARN_NOT_FOUND: no such file. */
TARN_MUST_CHECK tarn_status tarn__delta_read(tarn__delta *delta,
    int64_t version, tarn__delta_commit *out, tarn_error *err);
void tarn__delta_commit_reset(tarn__delta_commit *commit);
/* Only its hash (for I7) and its time. */
TARN_MUST_CHECK tarn_status tarn__delta_fingerprint(tarn__delta *delta,
    int64_t version, uint8_t sha256[32], int64_t *timestamp_ms,
    tarn_error *err);
/* The last version whose time is <= time_us, within [first, head] (binary
 * search).  TARN_NOT_FOUND: before the first. */
TARN_MUST_CHECK tarn_status tarn__delta_version_at(tarn__delta *delta,
    int64_t head, int64_t time_us, int64_t *version, tarn_error *err);
/* The oldest version that is still whole (its JSON and all after it exist). */
TARN_MUST_CHECK tarn_status tarn__delta_first(
    tarn__delta *delta, int64_t *version, tarn_error *err);

/* Files live at a version (newest checkpoint at or below it, and the tail).
 * Kept and advanced from call to call when versions rise. */
TARN_MUST_CHECK tarn_status tarn__delta_files(tarn__delta *delta,
    int64_t version, const tarn__delta_file **files, size_t *count,
    tarn_error *err); /* borrowed until the next call */

/* Rows of the files live at `head` whose version lies in [from, to], as
 * "SELECT <select> FROM rows WHERE version BETWEEN … [AND (where)]
 *  ORDER BY version, seq" (order false: none).  Skips files by statistics.
 * Sorting is for few or narrow rows; see tarn__delta_scan_open(). */
TARN_MUST_CHECK tarn_status tarn__delta_rows(tarn__delta *delta, int64_t head,
    int64_t from, int64_t to, const char *select, const char *where, bool order,
    tarn__duck_result **out, tarn_error *err);
/* Append the query of that, without an order. */
TARN_MUST_CHECK tarn_status tarn__delta_rows_sql(tarn__delta *delta,
    int64_t head, int64_t from, int64_t to, const char *select,
    const char *where, tarn_buf *sql, tarn_error *err);
/* The same rows in order of version and seq, however many: what is more than
 * the session can sort comes in parts, each sorted by itself (DuckDB sorts wide
 * rows in memory only).  `select` names as many columns as cells are given. */
typedef struct tarn__delta_scan tarn__delta_scan;
TARN_MUST_CHECK tarn_status tarn__delta_scan_open(tarn__delta *delta,
    int64_t head, int64_t from, int64_t to, const char *select,
    const char *where, tarn__delta_scan **out, tarn_error *err);
/* TARN_ROW with cells as tarn__duck_next() fills them, TARN_OK at the end. */
TARN_MUST_CHECK tarn_status tarn__delta_scan_next(
    tarn__delta_scan *scan, tarn__cell *cells, tarn_error *err);
void tarn__delta_scan_close(tarn__delta_scan *scan);
/* The FROM clause for the files live at a version: "read_parquet([…])" or, with
 * no file, an empty relation of the schema. */
TARN_MUST_CHECK tarn_status tarn__delta_relation(
    tarn__delta *delta, int64_t version, tarn_buf *sql, tarn_error *err);
/* A path as a literal that read_parquet() takes for one file, whatever
 * wildcards it holds. */
TARN_MUST_CHECK tarn_status tarn__quote_file(
    tarn_buf *sql, const char *path, tarn_error *err);
/* The session that the above use; opened at the first need. */
TARN_MUST_CHECK tarn_status tarn__delta_session(
    tarn__delta *delta, tarn__duck **out, tarn_error *err);

/* Start a data file of rows: DIR/data/<uuid>.parquet; fill through
 * tarn__pq_row(); finish with tarn__delta_file_finish(), which fsyncs file and
 * folder and fills *out (free with tarn__delta_file_reset()). */
TARN_MUST_CHECK tarn_status tarn__delta_file_open(
    tarn__delta *delta, char **path, tarn__pq_writer **writer, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__delta_file_finish(tarn__delta *delta,
    tarn__pq_writer *writer, char *path, int64_t modified_ms,
    tarn__delta_file *out, tarn_error *err); /* takes path and writer */
void tarn__delta_file_reset(tarn__delta_file *file);

/* The commit point: make <version>.json appear, with its mtime set.
 * TARN_CONFLICT: it exists already.  TARN_UNKNOWN: see tarn__create_durably().
 * sha256 (may be NULL) gets the hash of what was written. */
TARN_MUST_CHECK tarn_status tarn__delta_commit_write(tarn__delta *delta,
    int64_t version, const tarn__delta_write *write, uint8_t sha256[32],
    tarn_error *err);
/* Step 2: fsync the newest log file and the log folder. */
TARN_MUST_CHECK tarn_status tarn__delta_sync(
    tarn__delta *delta, int64_t version, tarn_error *err);

/* Is a checkpoint due at `head` (more than max(100, actions/10) since)?
 * Cheap. */
TARN_MUST_CHECK tarn_status tarn__delta_checkpoint_due(
    tarn__delta *delta, int64_t head, bool *due, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__delta_checkpoint(
    tarn__delta *delta, int64_t version, tarn_error *err);

/* Compaction of one slice: choose small files (under 64 MiB, tiers of like
 * size) of those live at `head`, write them sorted by `order_by` into one (or
 * several of at most 256 MiB) and give the files; the caller commits them with
 * data_change false.  all false: only when more than 1,000 small files live.
 * *add_count 0: nothing to do. Row memory is bounded by the session's limit. */
TARN_MUST_CHECK tarn_status tarn__delta_compact(tarn__delta *delta,
    int64_t head, bool all, const char *order_by, tarn__delta_file **adds,
    size_t *add_count, char ***removes, size_t *remove_count, tarn_error *err);
/* Keep the rows where `keep_sql` (over the relation `rows`, subqueries on it
 * included) holds: the files that hold others are written anew, data_change
 * true; for gc.  Nothing to do: *remove_count 0.  *add_count may be 0 beside
 * removes: no row of theirs was kept. */
TARN_MUST_CHECK tarn_status tarn__delta_rewrite(tarn__delta *delta,
    int64_t head, const char *keep_sql, const char *order_by,
    tarn__delta_file **adds, size_t *add_count, char ***removes,
    size_t *remove_count, tarn_error *err);
void tarn__delta_files_free(tarn__delta_file *files, size_t count);
void tarn__delta_paths_free(char **paths, size_t count);

/* Foreign commits: the first version in [from, head] without our own field;
 * -1: there is none.  For check. */
TARN_MUST_CHECK tarn_status tarn__delta_foreign(tarn__delta *delta,
    int64_t from, int64_t head, int64_t *first_foreign, tarn_error *err);

#endif

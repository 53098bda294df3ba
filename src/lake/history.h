/* The log as rows, for the rooms above. */
#ifndef TARN_LAKE_HISTORY_H
#define TARN_LAKE_HISTORY_H

#include "base/rows.h"
#include "lake/txn.h"

/* Operations of versions from..to in (version, seq) order, handed to fn one by
 * one (slices borrowed for the call); content is left out when !content.
 * `where` is SQL over the log's columns or NULL. */
TARN_MUST_CHECK tarn_status tarn__lake_ops(tarn_lake *lake, int64_t from,
    int64_t to, const char *where, bool content, tarn__op_fn fn, void *arg,
    tarn_error *err);
/* Which rows of the log the handle's tenant sees, for SQL WHERE. */
TARN_MUST_CHECK tarn_status tarn__lake_seen_sql(
    const tarn_lake *lake, tarn_buf *sql, tarn_error *err);
/* The log's rows up to a version, for SQL FROM: "(SELECT …)". */
TARN_MUST_CHECK tarn_status tarn__lake_log_relation(
    tarn_lake *lake, int64_t version, tarn_buf *sql, tarn_error *err);
/* "SELECT <select> FROM rows WHERE version BETWEEN from AND to AND (where)" over
 * the files of the log that may hold such rows. */
TARN_MUST_CHECK tarn_status tarn__lake_rows_sql(tarn_lake *lake, int64_t from,
    int64_t to, const char *select, const char *where, tarn_buf *sql,
    tarn_error *err);
/* The hash of a version's log file: with it a view tells timelines apart (I7). */
TARN_MUST_CHECK tarn_status tarn__lake_fingerprint(tarn_lake *lake,
    int64_t version, uint8_t sha256[TARN__SHA256_BYTES], tarn_error *err);
/* Does the snapshot see a transaction's own writes? */
bool tarn__snapshot_is_txn(const tarn_snapshot *snap);
bool tarn__lake_is_read_only(const tarn_lake *lake);
/* One commit's line of `tarn log`. Frees nothing of the caller's; texts are
 * owned by the struct. */
typedef struct tarn__commit_info {
    int64_t version;
    int64_t time_us;
    char *command;      /* argv joined, NULL unknown */
    char *message;      /* NULL none */
    int64_t operations; /* rows */
} tarn__commit_info;
TARN_MUST_CHECK tarn_status tarn__lake_commit_info(
    tarn_lake *lake, int64_t version, tarn__commit_info *out, tarn_error *err);
void tarn__commit_info_reset(tarn__commit_info *info);
/* version, time, command, operations, message: borrowed from `info`. */
#define TARN__COMMIT_COLUMN_COUNT 5
extern const tarn__column tarn__commit_columns[TARN__COMMIT_COLUMN_COUNT];
void tarn__commit_cells(
    const tarn__commit_info *info, tarn__cell cells[TARN__COMMIT_COLUMN_COUNT]);
/* TARN_NOT_FOUND: what to say of a version below the horizon. */
TARN_MUST_CHECK tarn_status tarn__below_horizon(
    int64_t version, int64_t horizon, tarn_error *err);
/* The oldest version that can be read (gc has removed those below). */
TARN_MUST_CHECK tarn_status tarn__lake_horizon(
    tarn_lake *lake, int64_t *version, tarn_error *err);

#endif

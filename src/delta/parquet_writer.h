/* A Parquet writer for flat tables: one row group at a time in memory, PLAIN
 * values behind RLE definition levels, optional ZSTD.  Written for the log,
 * whose one-row commits an engine's COPY makes three times as slow
 * (docs/BENCHMARKS.md).  Format: https://github.com/apache/parquet-format */
#ifndef TARN_DELTA_PARQUET_WRITER_H
#define TARN_DELTA_PARQUET_WRITER_H

#include <tarn/base.h>

typedef enum tarn__pq_type {
    TARN__PQ_INT64,
    TARN__PQ_INT32,
    TARN__PQ_STRING, /* UTF-8 */
    TARN__PQ_BINARY,
    TARN__PQ_TIMESTAMP /* microseconds, adjusted to UTC */
} tarn__pq_type;

typedef struct tarn__pq_column {
    const char *name; /* static */
    tarn__pq_type type;
    bool stats; /* take min, max and null count into the Delta statistics */
} tarn__pq_column;

typedef struct tarn__pq_cell {
    bool null;
    int64_t i64;
    tarn_slice bytes;
} tarn__pq_cell;

typedef struct tarn__pq_writer tarn__pq_writer;

/* Create `path` (must not exist).  A row group ends at about row_group_bytes of
 * values (0: 16 MiB).  `columns` must outlive the writer. */
TARN_MUST_CHECK tarn_status tarn__pq_open(const char *path,
    const tarn__pq_column *columns, size_t column_count,
    uint64_t row_group_bytes, tarn__pq_writer **out, tarn_error *err);
/* Add a row.  TARN_BAD_INPUT, nothing changed: text that is not UTF-8, a number
 * that an INT32 column does not hold, a value above 1 GiB.  After any other
 * failure only tarn__pq_abort() is left. */
TARN_MUST_CHECK tarn_status tarn__pq_row(
    tarn__pq_writer *w, const tarn__pq_cell *cells, tarn_error *err);
/* What the file would have if it ended now, less what compression saves in the
 * row group in the making. */
uint64_t tarn__pq_bytes(const tarn__pq_writer *w);
/* Footer and fsync.  *stats: Delta's JSON text (numRecords, minValues, ...);
 * strings cut at 32 characters as DESIGN 3 says.  Frees w in every case, and
 * removes the file on failure. */
TARN_MUST_CHECK tarn_status tarn__pq_finish(
    tarn__pq_writer *w, uint64_t *size_bytes, tarn_buf *stats, tarn_error *err);
void tarn__pq_abort(tarn__pq_writer *w); /* and removes the file */

#endif

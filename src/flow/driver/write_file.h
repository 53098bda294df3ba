/* A writer's file: whole or not at all. */
#ifndef TARN_FLOW_DRIVER_WRITE_FILE_H
#define TARN_FLOW_DRIVER_WRITE_FILE_H

#include "flow/driver/config.h"
#include "flow/exchange.h"

/* One column of what is written. */
typedef struct tarn__out_column {
    char *name;
    bool nested; /* STRUCT, LIST, MAP ... */
    bool number;
} tarn__out_column;

typedef struct tarn__out_file {
    const tarn_driver_call *call;
    json_t *config;
    tarn__exchange *x;
    tarn_buf input; /* the relation that is written, for FROM */
    tarn__out_column *columns;
    size_t column_count;
    char *path; /* absolute */
    char *temp; /* beside it; gone when the writing fails */
} tarn__out_file;

/* Read the configuration, attach the input, make the folders above the file.
 * `out` is reset by the caller in every case. */
TARN_MUST_CHECK tarn_status tarn__out_open(
    const tarn_driver_call *call, tarn__out_file *out, tarn_error *err);
/* COPY (query) TO the file (OPTIONS); then it gets its name, and the metrics
 * are told.  `folder`: it is one, of a partitioned table. */
TARN_MUST_CHECK tarn_status tarn__out_copy(tarn__out_file *out,
    const char *query, const char *options, bool folder, tarn_error *err);
/* Make what was written at `temp` durable, and give it its name; *bytes (may be
 * NULL): how much it is. */
TARN_MUST_CHECK tarn_status tarn__out_place(const char *temp, const char *path,
    bool folder, uint64_t *bytes, tarn_error *err);
void tarn__out_reset(tarn__out_file *out);
/* Append a query of `from` for a Parquet file: integers of 128 bits, which it
 * has not, as exact decimals. */
TARN_MUST_CHECK tarn_status tarn__parquet_query(tarn__exchange *x,
    const char *from, tarn_buf *sql, tarn_error *err);
/* "gzip", "zstd" or "none", by the name's ending. */
const char *tarn__out_compression(const tarn__out_file *out);

#endif

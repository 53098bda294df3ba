/* Between the files of the Parquet writer. */
#ifndef TARN_DELTA_PARQUET_INTERNAL_H
#define TARN_DELTA_PARQUET_INTERNAL_H

#include "delta/parquet_writer.h"
#include "delta/stats.h"

/* Numbers of the format. */
enum tarn__pq_codec { TARN__PQ_PLAIN_BYTES = 0, TARN__PQ_ZSTD = 6 };

/* What a footer says of one column in one row group. */
typedef struct tarn__pq_chunk {
    enum tarn__pq_codec codec;
    int64_t row_count; /* nulls included */
    int64_t offset;
    int64_t header_bytes;
    int64_t page_bytes;   /* before compression */
    int64_t stored_bytes; /* after */
    const tarn__bounds *bounds;
} tarn__pq_chunk;

/* Append the header of a data page. */
TARN_MUST_CHECK tarn_status tarn__pq_page_header(
    const tarn__pq_chunk *chunk, tarn_buf *out, tarn_error *err);
/* Append one RowGroup, as an element of the footer's list. */
TARN_MUST_CHECK tarn_status tarn__pq_row_group(const tarn__pq_column *columns,
    const tarn__pq_chunk *chunks, size_t column_count, size_t ordinal,
    tarn_buf *out, tarn_error *err);
/* Append the FileMetaData around row groups made so. */
TARN_MUST_CHECK tarn_status tarn__pq_footer(const tarn__pq_column *columns,
    size_t column_count, int64_t row_count, const tarn_buf *row_groups,
    size_t row_group_count, tarn_buf *out, tarn_error *err);

#endif

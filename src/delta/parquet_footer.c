/* The metadata of a Parquet file; field numbers are those of
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/
 * parquet.thrift */
#include <string.h>

#include "base/buf.h"
#include "delta/parquet_internal.h"
#include "delta/thrift.h"

enum physical { PHYSICAL_INT32 = 1, PHYSICAL_INT64 = 2, PHYSICAL_BYTES = 6 };
enum encoding { ENCODING_PLAIN = 0, ENCODING_RLE = 3 };
enum converted { CONVERTED_UTF8 = 0, CONVERTED_TIMESTAMP_MICROS = 10 };
enum logical { LOGICAL_STRING = 1, LOGICAL_TIMESTAMP = 8 };
enum repetition { REPETITION_OPTIONAL = 1 };
enum unit { UNIT_MICROS = 2 };

static enum physical physical_of(tarn__pq_type type)
{
    switch (type) {
    case TARN__PQ_INT32:
        return PHYSICAL_INT32;
    case TARN__PQ_INT64:
    case TARN__PQ_TIMESTAMP:
        return PHYSICAL_INT64;
    case TARN__PQ_STRING:
    case TARN__PQ_BINARY:
        break;
    }
    return PHYSICAL_BYTES;
}

tarn_status tarn__pq_page_header(
    const tarn__pq_chunk *chunk, tarn_buf *out, tarn_error *err)
{
    tarn__thrift t = tarn__thrift_on(out);
    tarn__thrift_i32(&t, 1, 0); /* DATA_PAGE */
    tarn__thrift_i32(&t, 2, (int32_t)chunk->page_bytes);
    tarn__thrift_i32(&t, 3, (int32_t)chunk->stored_bytes);
    tarn__thrift_begin(&t, 5);
    tarn__thrift_i32(&t, 1, (int32_t)chunk->row_count);
    tarn__thrift_i32(&t, 2, ENCODING_PLAIN);
    tarn__thrift_i32(&t, 3, ENCODING_RLE); /* definition levels */
    tarn__thrift_i32(&t, 4, ENCODING_RLE); /* repetition levels: none */
    tarn__thrift_end(&t);
    tarn__thrift_stop(&t);
    return tarn__thrift_status(&t, err);
}

/* Little-endian, as PLAIN has it. */
static void put_bound(
    tarn__thrift *t, int16_t field, tarn__pq_type type, int64_t v)
{
    char bytes[8];
    size_t len = physical_of(type) == PHYSICAL_INT32 ? 4 : 8;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)((uint64_t)v >> (8 * i));
    tarn__thrift_binary(t, field, (tarn_slice){bytes, len});
}

/* Text bounds only where they are a value: an engine may take them as such. */
static void put_statistics(
    tarn__thrift *t, const tarn__pq_column *column, const tarn__bounds *b)
{
    tarn__thrift_begin(t, 12);
    tarn__thrift_i64(t, 3, b->nulls);
    if (!b->any || column->type == TARN__PQ_BINARY) {
        /* none */
    } else if (column->type != TARN__PQ_STRING) {
        put_bound(t, 5, column->type, b->max);
        put_bound(t, 6, column->type, b->min);
    } else if (!b->min_text.cut && !b->max_text.cut) {
        tarn__thrift_binary(
            t, 5, (tarn_slice){b->max_text.bytes, b->max_text.len});
        tarn__thrift_binary(
            t, 6, (tarn_slice){b->min_text.bytes, b->min_text.len});
    }
    tarn__thrift_end(t);
}

static void put_chunk(
    tarn__thrift *t, const tarn__pq_column *column, const tarn__pq_chunk *chunk)
{
    tarn__thrift_elem_begin(t); /* ColumnChunk */
    tarn__thrift_i64(t, 2, 0);  /* file_offset: deprecated, readers skip it */
    tarn__thrift_begin(t, 3);   /* ColumnMetaData */
    tarn__thrift_i32(t, 1, (int32_t)physical_of(column->type));
    tarn__thrift_list(t, 2, TARN__THRIFT_I32, 2);
    tarn__thrift_elem_i32(t, ENCODING_PLAIN);
    tarn__thrift_elem_i32(t, ENCODING_RLE);
    tarn__thrift_list(t, 3, TARN__THRIFT_BINARY, 1);
    tarn__thrift_elem_binary(t, tarn_str(column->name));
    tarn__thrift_i32(t, 4, (int32_t)chunk->codec);
    tarn__thrift_i64(t, 5, chunk->row_count);
    tarn__thrift_i64(t, 6, chunk->header_bytes + chunk->page_bytes);
    tarn__thrift_i64(t, 7, chunk->header_bytes + chunk->stored_bytes);
    tarn__thrift_i64(t, 9, chunk->offset);
    put_statistics(t, column, chunk->bounds);
    tarn__thrift_end(t);
    tarn__thrift_end(t);
}

tarn_status tarn__pq_row_group(const tarn__pq_column *columns,
    const tarn__pq_chunk *chunks, size_t column_count, size_t ordinal,
    tarn_buf *out, tarn_error *err)
{
    int64_t page_bytes = 0;
    int64_t stored_bytes = 0;
    tarn__thrift t = tarn__thrift_on(out);
    tarn__thrift_list(&t, 1, TARN__THRIFT_STRUCT, column_count);
    for (size_t i = 0; i < column_count; i++) {
        put_chunk(&t, &columns[i], &chunks[i]);
        page_bytes += chunks[i].header_bytes + chunks[i].page_bytes;
        stored_bytes += chunks[i].header_bytes + chunks[i].stored_bytes;
    }
    tarn__thrift_i64(&t, 2, page_bytes);
    tarn__thrift_i64(&t, 3, chunks[0].row_count);
    tarn__thrift_i64(&t, 5, chunks[0].offset);
    tarn__thrift_i64(&t, 6, stored_bytes);
    if (ordinal <= INT16_MAX)
        tarn__thrift_i16(&t, 7, (int16_t)ordinal);
    tarn__thrift_stop(&t);
    return tarn__thrift_status(&t, err);
}

static void put_schema_column(tarn__thrift *t, const tarn__pq_column *column)
{
    tarn__thrift_elem_begin(t);
    tarn__thrift_i32(t, 1, (int32_t)physical_of(column->type));
    tarn__thrift_i32(t, 3, REPETITION_OPTIONAL);
    tarn__thrift_binary(t, 4, tarn_str(column->name));
    if (column->type == TARN__PQ_STRING) {
        tarn__thrift_i32(t, 6, CONVERTED_UTF8);
        tarn__thrift_begin(t, 10);
        tarn__thrift_empty(t, LOGICAL_STRING);
        tarn__thrift_end(t);
    } else if (column->type == TARN__PQ_TIMESTAMP) {
        tarn__thrift_i32(t, 6, CONVERTED_TIMESTAMP_MICROS);
        tarn__thrift_begin(t, 10);
        tarn__thrift_begin(t, LOGICAL_TIMESTAMP);
        tarn__thrift_bool(t, 1, true); /* adjusted to UTC */
        tarn__thrift_begin(t, 2);
        tarn__thrift_empty(t, UNIT_MICROS);
        tarn__thrift_end(t);
        tarn__thrift_end(t);
        tarn__thrift_end(t);
    }
    tarn__thrift_end(t);
}

static void put_schema(
    tarn__thrift *t, const tarn__pq_column *columns, size_t column_count)
{
    tarn__thrift_list(t, 2, TARN__THRIFT_STRUCT, column_count + 1);
    tarn__thrift_elem_begin(t);
    tarn__thrift_binary(t, 4, tarn_str("schema"));
    tarn__thrift_i32(t, 5, (int32_t)column_count);
    tarn__thrift_end(t);
    for (size_t i = 0; i < column_count; i++)
        put_schema_column(t, &columns[i]);
}

tarn_status tarn__pq_footer(const tarn__pq_column *columns, size_t column_count,
    int64_t row_count, const tarn_buf *row_groups, size_t row_group_count,
    tarn_buf *out, tarn_error *err)
{
    tarn__thrift t = tarn__thrift_on(out);
    tarn__thrift_i32(&t, 1, 1); /* version */
    put_schema(&t, columns, column_count);
    tarn__thrift_i64(&t, 3, row_count);
    tarn__thrift_list(&t, 4, TARN__THRIFT_STRUCT, row_group_count);
    tarn_status st = tarn__thrift_status(&t, err);
    if (st == TARN_OK && row_groups->len > 0)
        st = tarn__buf_append(out, row_groups->ptr, row_groups->len, err);
    if (st != TARN_OK)
        return st;

    char created_by[64] = "tarn version ";
    strncat(created_by, tarn_version(), 32);
    tarn__thrift_binary(&t, 6, tarn_str(created_by));
    tarn__thrift_list(&t, 7, TARN__THRIFT_STRUCT, column_count);
    for (size_t i = 0; i < column_count; i++) {
        tarn__thrift_elem_begin(&t);
        tarn__thrift_empty(&t, 1); /* ordered as the type is */
        tarn__thrift_end(&t);
    }
    tarn__thrift_stop(&t);
    return tarn__thrift_status(&t, err);
}

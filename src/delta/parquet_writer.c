/* P1 The file holds whole row groups only, and their pages in the order of
 *    the columns; offset is where the next byte goes.
 * P2 Nothing grows beyond a row group and a row: a row group is written out
 *    before the row that would take it over its bound.
 * P3 The file is gone, or whole, closed and fsynced, when the writer is. */
#include "delta/parquet_writer.h"

#include <inttypes.h>
#include <string.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "delta/parquet_internal.h"
#include "os/file.h"

#define ROW_GROUP_BYTES ((uint64_t)16 << 20)
#define ROW_GROUP_BYTES_MOST ((uint64_t)512 << 20)
#define ROW_GROUP_ROWS ((int64_t)122880)
#define CELL_BYTES_MOST ((size_t)1 << 30) /* page sizes are 31 bits */
#define COMPRESS_FROM_BYTES ((uint64_t)16 << 10)
#define OUT_BYTES ((size_t)256 << 10)
#define MAGIC "PAR1"

/* One column of the row group in the making. */
struct column {
    tarn_buf values; /* PLAIN; nulls take no room */
    tarn_buf levels; /* RLE runs of definition levels, the last not yet in */
    int64_t run;     /* length of that last run */
    bool run_of_values;
    tarn__bounds bounds; /* of the row group */
};

struct tarn__pq_writer {
    tarn__file file;
    const tarn__pq_column *columns;
    size_t column_count;
    uint64_t row_group_bytes;
    struct column *cells;   /* column_count */
    tarn__pq_chunk *chunks; /* column_count; of the row group going out */
    tarn__bounds *bounds;   /* column_count; of the file */
    uint64_t group_bytes;   /* values in the row group */
    int64_t group_rows;
    int64_t row_count;
    size_t group_count;
    tarn_buf row_groups; /* their footers */
    tarn_buf page;       /* one, before compression */
    tarn_buf packed;     /* and after */
    tarn_buf out;        /* bytes on their way to the file */
    uint64_t offset;
    ZSTD_CCtx *zstd; /* made when first needed */
};

/* Frees all; the file stays as it is. */
static void writer_free(tarn__pq_writer *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; w->cells != NULL && i < w->column_count; i++) {
        tarn_buf_reset(&w->cells[i].values);
        tarn_buf_reset(&w->cells[i].levels);
    }
    tarn__free(w->cells);
    tarn__free(w->chunks);
    tarn__free(w->bounds);
    tarn_buf_reset(&w->row_groups);
    tarn_buf_reset(&w->page);
    tarn_buf_reset(&w->packed);
    tarn_buf_reset(&w->out);
    (void)ZSTD_freeCCtx(w->zstd);
    tarn__file_close(&w->file);
    tarn__free(w);
}

tarn_status tarn__pq_open(const char *path, const tarn__pq_column *columns,
    size_t column_count, uint64_t row_group_bytes, tarn__pq_writer **out,
    tarn_error *err)
{
    static const tarn_buf empty = TARN_BUF_INIT;
    static const tarn__file closed = TARN__FILE_INIT;
    *out = NULL;
    tarn__pq_writer *w = tarn__calloc(1, sizeof(*w));
    if (w == NULL)
        return tarn__no_memory(err);
    w->file = closed;
    w->row_groups = w->page = w->packed = w->out = empty;
    w->columns = columns;
    w->column_count = column_count;
    w->row_group_bytes = row_group_bytes == 0    ? ROW_GROUP_BYTES
        : row_group_bytes < ROW_GROUP_BYTES_MOST ? row_group_bytes
                                                 : ROW_GROUP_BYTES_MOST;
    w->cells = tarn__calloc(column_count, sizeof(*w->cells));
    w->chunks = tarn__calloc(column_count, sizeof(*w->chunks));
    w->bounds = tarn__calloc(column_count, sizeof(*w->bounds));
    tarn_status st = TARN_OK;
    if (w->cells == NULL || w->chunks == NULL || w->bounds == NULL)
        st = tarn__no_memory(err);
    for (size_t i = 0; st == TARN_OK && i < column_count; i++)
        w->cells[i].values = w->cells[i].levels = empty;
    if (st == TARN_OK)
        st = tarn__buf_str(&w->out, MAGIC, err);
    if (st == TARN_OK)
        st = tarn__file_open(&w->file, path, TARN__OPEN_CREATE, err);
    if (st != TARN_OK) {
        writer_free(w);
        return st;
    }
    w->offset = w->out.len;
    *out = w;
    return TARN_OK;
}

static tarn_status put_le32(tarn_buf *buf, uint32_t v, tarn_error *err)
{
    const unsigned char bytes[4] = {(unsigned char)v, (unsigned char)(v >> 8),
        (unsigned char)(v >> 16), (unsigned char)(v >> 24)};
    return tarn__buf_append(buf, bytes, sizeof(bytes), err);
}

/* Close the open run of equal definition levels. */
static tarn_status end_run(struct column *c, tarn_error *err)
{
    if (c->run == 0)
        return TARN_OK;
    tarn_status st = tarn__buf_varint(&c->levels, (uint64_t)c->run << 1, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&c->levels, c->run_of_values ? 1 : 0, err);
    c->run = 0;
    return st;
}

static tarn_status put_level(struct column *c, bool value, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (c->run_of_values != value)
        st = end_run(c, err);
    c->run_of_values = value;
    c->run++;
    return st;
}

static tarn_status put_int(
    tarn_buf *values, size_t len, int64_t v, tarn_error *err)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)((uint64_t)v >> (8 * i));
    return tarn__buf_append(values, bytes, len, err);
}

static tarn_status put_cell(struct column *c, const tarn__pq_column *column,
    const tarn__pq_cell *cell, tarn_error *err)
{
    tarn_status st = put_level(c, !cell->null, err);
    if (st != TARN_OK)
        return st;
    if (cell->null) {
        tarn__bounds_null(&c->bounds);
        return TARN_OK;
    }
    switch (column->type) {
    case TARN__PQ_INT32:
        tarn__bounds_i64(&c->bounds, cell->i64);
        return put_int(&c->values, 4, cell->i64, err);
    case TARN__PQ_INT64:
    case TARN__PQ_TIMESTAMP:
        tarn__bounds_i64(&c->bounds, cell->i64);
        return put_int(&c->values, 8, cell->i64, err);
    case TARN__PQ_STRING:
        if (column->stats)
            tarn__bounds_text(&c->bounds, cell->bytes);
        break;
    case TARN__PQ_BINARY:
        break;
    }
    st = put_le32(&c->values, (uint32_t)cell->bytes.len, err);
    if (st == TARN_OK && cell->bytes.len > 0)
        st =
            tarn__buf_append(&c->values, cell->bytes.ptr, cell->bytes.len, err);
    return st;
}

/* What a cell takes in the values. */
static size_t cell_bytes(
    const tarn__pq_column *column, const tarn__pq_cell *cell)
{
    if (cell->null)
        return 0;
    if (column->type == TARN__PQ_INT32)
        return 4;
    if (column->type == TARN__PQ_STRING || column->type == TARN__PQ_BINARY)
        return 4 + cell->bytes.len;
    return 8;
}

/* One cell that readers would choke on makes the whole file unreadable. */
static tarn_status check_cell(const tarn__pq_writer *w,
    const tarn__pq_column *column, const tarn__pq_cell *cell, tarn_error *err)
{
    if (cell->null)
        return TARN_OK;
    bool bytes = false;
    if (column->type == TARN__PQ_STRING) {
        bytes = true;
        if (!tarn__utf8_valid(cell->bytes))
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: text of column %s is not UTF-8 (row %" PRId64 ")",
                w->file.path, column->name, w->row_count + 1);
    } else if (column->type == TARN__PQ_BINARY) {
        bytes = true;
    } else if (column->type == TARN__PQ_INT32 &&
        (cell->i64 < INT32_MIN || cell->i64 > INT32_MAX)) {
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: %" PRId64 " does not fit column %s (row %" PRId64 ")",
            w->file.path, cell->i64, column->name, w->row_count + 1);
    }
    if (bytes && cell->bytes.len > CELL_BYTES_MOST)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: a value of column %s has %zu bytes (at most %zu)",
            w->file.path, column->name, cell->bytes.len, CELL_BYTES_MOST);
    return TARN_OK;
}

static tarn_status spill(tarn__pq_writer *w, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (w->out.len > 0)
        st = tarn__file_write(&w->file, w->out.ptr, w->out.len, err);
    tarn__buf_clear(&w->out);
    return st;
}

static tarn_status emit(
    tarn__pq_writer *w, const void *ptr, size_t len, tarn_error *err)
{
    tarn_status st = TARN_OK;
    w->offset += len;
    if (w->out.len + len > OUT_BYTES)
        st = spill(w, err);
    if (st == TARN_OK && len > OUT_BYTES)
        return tarn__file_write(&w->file, ptr, len, err);
    return st == TARN_OK ? tarn__buf_append(&w->out, ptr, len, err) : st;
}

/* Levels and values into w->page. */
static tarn_status make_page(
    tarn__pq_writer *w, struct column *c, tarn_error *err)
{
    tarn__buf_clear(&w->page);
    tarn_status st = end_run(c, err);
    if (st == TARN_OK)
        st = put_le32(&w->page, (uint32_t)c->levels.len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(&w->page, c->levels.ptr, c->levels.len, err);
    if (st == TARN_OK && c->values.len > 0)
        st = tarn__buf_append(&w->page, c->values.ptr, c->values.len, err);
    return st;
}

/* w->page into w->packed; *smaller false when that does not pay. */
static tarn_status compress_page(
    tarn__pq_writer *w, bool *smaller, tarn_error *err)
{
    *smaller = false;
    if (w->zstd == NULL)
        w->zstd = ZSTD_createCCtx();
    if (w->zstd == NULL)
        return tarn__no_memory(err);
    tarn__buf_clear(&w->packed);
    size_t most = ZSTD_compressBound(w->page.len);
    tarn_status st = tarn__buf_reserve(&w->packed, most, err);
    if (st != TARN_OK)
        return st;
    size_t got = ZSTD_compressCCtx(
        w->zstd, w->packed.ptr, most, w->page.ptr, w->page.len, 1);
    if (ZSTD_isError(got))
        return tarn__fail(err, TARN_FAILED, "%s: %s (ZSTD)", w->file.path,
            ZSTD_getErrorName(got));
    w->packed.len = got;
    *smaller = got < w->page.len;
    return TARN_OK;
}

static tarn_status write_chunk(
    tarn__pq_writer *w, size_t col, bool compress, tarn_error *err)
{
    struct column *c = &w->cells[col];
    tarn__pq_chunk *chunk = &w->chunks[col];
    bool packed = false;
    tarn_status st = make_page(w, c, err);
    if (st == TARN_OK && compress)
        st = compress_page(w, &packed, err);
    if (st != TARN_OK)
        return st;
    const tarn_buf *body = packed ? &w->packed : &w->page;
    chunk->codec = packed ? TARN__PQ_ZSTD : TARN__PQ_PLAIN_BYTES;
    chunk->row_count = w->group_rows;
    chunk->page_bytes = (int64_t)w->page.len;
    chunk->stored_bytes = (int64_t)body->len;
    chunk->offset = (int64_t)w->offset;
    chunk->bounds = &c->bounds;
    size_t before = w->out.len;
    st = tarn__pq_page_header(chunk, &w->out, err);
    if (st != TARN_OK)
        return st;
    chunk->header_bytes = (int64_t)(w->out.len - before);
    w->offset += w->out.len - before;
    return emit(w, body->ptr, body->len, err);
}

static tarn_status write_row_group(tarn__pq_writer *w, tarn_error *err)
{
    static const tarn__bounds none = {.any = false};
    if (w->group_rows == 0)
        return TARN_OK;
    bool compress = w->group_bytes >= COMPRESS_FROM_BYTES;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < w->column_count; i++)
        st = write_chunk(w, i, compress, err);
    if (st == TARN_OK)
        st = tarn__pq_row_group(w->columns, w->chunks, w->column_count,
            w->group_count, &w->row_groups, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; i < w->column_count; i++) {
        struct column *c = &w->cells[i];
        tarn__bounds_merge(&w->bounds[i], &c->bounds);
        c->bounds = none;
        tarn__buf_clear(&c->values);
        tarn__buf_clear(&c->levels);
    }
    w->group_count++;
    w->group_bytes = 0;
    w->group_rows = 0;
    return TARN_OK;
}

tarn_status tarn__pq_row(
    tarn__pq_writer *w, const tarn__pq_cell *cells, tarn_error *err)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < w->column_count; i++) {
        tarn_status st = check_cell(w, &w->columns[i], &cells[i], err);
        if (st != TARN_OK)
            return st;
        bytes += cell_bytes(&w->columns[i], &cells[i]);
    }
    if (w->group_rows >= ROW_GROUP_ROWS ||
        (w->group_rows > 0 && w->group_bytes + bytes > w->row_group_bytes)) {
        tarn_status st = write_row_group(w, err);
        if (st != TARN_OK)
            return st;
    }
    for (size_t i = 0; i < w->column_count; i++) {
        tarn_status st = put_cell(&w->cells[i], &w->columns[i], &cells[i], err);
        if (st != TARN_OK)
            return st;
    }
    w->group_bytes += bytes;
    w->group_rows++;
    w->row_count++;
    return TARN_OK;
}

uint64_t tarn__pq_bytes(const tarn__pq_writer *w)
{
    return w->offset + w->group_bytes;
}

static tarn_status write_footer(tarn__pq_writer *w, tarn_error *err)
{
    tarn__buf_clear(&w->page);
    tarn_status st = tarn__pq_footer(w->columns, w->column_count, w->row_count,
        &w->row_groups, w->group_count, &w->page, err);
    if (st == TARN_OK && w->page.len > INT32_MAX)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: the footer has %zu bytes (write fewer rows to a file)",
            w->file.path, w->page.len);
    if (st == TARN_OK) {
        uint32_t len = (uint32_t)w->page.len;
        st = put_le32(&w->page, len, err);
    }
    if (st == TARN_OK)
        st = tarn__buf_str(&w->page, MAGIC, err);
    if (st == TARN_OK)
        st = emit(w, w->page.ptr, w->page.len, err);
    return st == TARN_OK ? spill(w, err) : st;
}

tarn_status tarn__pq_finish(
    tarn__pq_writer *w, uint64_t *size_bytes, tarn_buf *stats, tarn_error *err)
{
    *size_bytes = 0;
    tarn_status st = write_row_group(w, err);
    if (st == TARN_OK)
        st = write_footer(w, err);
    if (st == TARN_OK)
        st = tarn__stats_json(
            w->columns, w->column_count, w->bounds, w->row_count, stats, err);
    if (st == TARN_OK)
        st = tarn__file_sync(&w->file, err);
    if (st != TARN_OK) {
        tarn__pq_abort(w);
        return st;
    }
    *size_bytes = w->offset;
    writer_free(w);
    return TARN_OK;
}

void tarn__pq_abort(tarn__pq_writer *w)
{
    if (w == NULL)
        return;
    tarn_status st = tarn__unlink(w->file.path, NULL);
    (void)st; /* what stays is a file that no commit names */
    writer_free(w);
}

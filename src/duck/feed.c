/* Rows in bulk, made on several threads. */
#include "duck/feed.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "duck/feed_chunk.h"
#include "duck/vector.h"

typedef struct registration {
    const tarn__feed *feed;
    tarn__duck *duck;
} registration;

static void fail_init(
    const registration *reg, duckdb_init_info info, const tarn_error *err)
{
    tarn__duck_source_failed(reg->duck, err);
    duckdb_init_set_error(info, err->message);
}

duckdb_logical_type tarn__feed_column_type(
    const tarn__column *columns, const tarn__feed_type *types, size_t i)
{
    tarn__feed_type type = types == NULL ? TARN__FEED_AS_COLUMN : types[i];
    if (type == TARN__FEED_DATE)
        return duckdb_create_logical_type(DUCKDB_TYPE_DATE);
    if (type == TARN__FEED_TIMESTAMPTZ)
        return duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP_TZ);
    return columns[i].type == TARN_TIME
        ? duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP)
        : tarn__vcolumn_type(columns[i].type);
}

void tarn__feed_column_reset(tarn__feed_column *c, duckdb_vector vector)
{
    *c = (tarn__feed_column){vector, duckdb_vector_get_data(vector), NULL};
}

static void bind(duckdb_bind_info info)
{
    const registration *reg = duckdb_bind_get_extra_info(info);
    for (size_t i = 0; i < reg->feed->column_count; i++) {
        duckdb_logical_type type =
            tarn__feed_column_type(reg->feed->columns, reg->feed->types, i);
        duckdb_bind_add_result_column(info, reg->feed->columns[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
}

/* One scan of a feed that has a beginning. */
typedef struct feed_scan {
    const tarn__feed *feed;
    void *scan; /* the feed's own */
    size_t wanted_count;
} feed_scan;

static void free_scan(void *ptr)
{
    feed_scan *scan = ptr;
    if (scan->scan != NULL)
        scan->feed->end(scan->scan);
    tarn__free(scan);
}

static tarn_status begin(const tarn__feed *feed, duckdb_init_info info,
    feed_scan *scan, tarn_error *err)
{
    size_t count = (size_t)duckdb_init_get_column_count(info);
    size_t *wanted = tarn__calloc(count + 1, sizeof(*wanted));
    if (wanted == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++)
        wanted[i] = (size_t)duckdb_init_get_column_index(info, i);
    scan->wanted_count = count;
    tarn_status st = feed->begin(feed->ctx, wanted, count, &scan->scan, err);
    tarn__free(wanted);
    return st;
}

static void init(duckdb_init_info info)
{
    const registration *reg = duckdb_init_get_extra_info(info);
    tarn_error err = TARN_ERROR_INIT;
    duckdb_init_set_max_threads(
        info, (idx_t)(reg->feed->threads > 0 ? reg->feed->threads : 1));
    if (reg->feed->begin == NULL)
        return;
    feed_scan *scan = tarn__calloc(1, sizeof(*scan));
    tarn_status st = scan == NULL ? tarn__no_memory(&err) : TARN_OK;
    if (st == TARN_OK) {
        scan->feed = reg->feed;
        st = begin(reg->feed, info, scan, &err);
    }
    if (st == TARN_OK) {
        duckdb_init_set_init_data(info, scan, free_scan);
        return;
    }
    if (scan != NULL)
        free_scan(scan);
    fail_init(reg, info, &err);
}

static void free_chunk(void *ptr)
{
    tarn__feed_chunk *chunk = ptr;
    if (chunk->worker != NULL)
        chunk->feed->close(chunk->worker);
    tarn__free(chunk->columns);
    tarn__free(chunk);
}

static void init_local(duckdb_init_info info)
{
    const registration *reg = duckdb_init_get_extra_info(info);
    tarn_error err = TARN_ERROR_INIT;
    size_t count = (size_t)duckdb_init_get_column_count(info);
    if (count < reg->feed->column_count)
        count = reg->feed->column_count;
    tarn__feed_chunk *chunk = tarn__calloc(1, sizeof(*chunk));
    if (chunk != NULL)
        chunk->columns = tarn__calloc(count, sizeof(*chunk->columns));
    if (chunk == NULL || chunk->columns == NULL) {
        tarn__free(chunk);
        if (tarn__no_memory(&err) != TARN_OK)
            fail_init(reg, info, &err);
        return;
    }
    chunk->feed = reg->feed;
    chunk->duck = reg->duck;
    /* The scan of one with a beginning is not to be had here: see fill(). */
    if (reg->feed->begin == NULL &&
        reg->feed->open(reg->feed->ctx, &chunk->worker, &err) != TARN_OK) {
        free_chunk(chunk);
        fail_init(reg, info, &err);
        return;
    }
    duckdb_init_set_init_data(info, chunk, free_chunk);
}

static void fill(duckdb_function_info info, duckdb_data_chunk output)
{
    tarn__feed_chunk *chunk = duckdb_function_get_local_init_data(info);
    const feed_scan *scan =
        chunk->feed->begin == NULL ? NULL : duckdb_function_get_init_data(info);
    tarn_error err = TARN_ERROR_INIT;
    size_t count = 0;
    size_t columns =
        scan == NULL ? chunk->feed->column_count : scan->wanted_count;
    for (size_t i = 0; i < columns; i++)
        tarn__feed_column_reset(
            &chunk->columns[i], duckdb_data_chunk_get_vector(output, i));
    tarn_status st = TARN_OK;
    if (chunk->worker == NULL)
        st = chunk->feed->open(
            scan == NULL ? chunk->feed->ctx : scan->scan, &chunk->worker, &err);
    if (st == TARN_OK)
        st = chunk->feed->fill(
            chunk->worker, chunk, duckdb_vector_size(), &count, &err);
    if (st != TARN_OK) {
        tarn__duck_source_failed(chunk->duck, &err);
        duckdb_function_set_error(info, err.message);
        count = 0;
    }
    duckdb_data_chunk_set_size(output, count);
}

static tarn_status declare(duckdb_table_function function,
    const tarn__feed *feed, tarn__duck *duck, tarn_error *err)
{
    registration *reg = tarn__calloc(1, sizeof(*reg));
    if (reg == NULL)
        return tarn__no_memory(err);
    *reg = (registration){feed, duck};
    duckdb_table_function_set_name(function, feed->name);
    duckdb_table_function_set_extra_info(function, reg, tarn__free);
    duckdb_table_function_set_bind(function, bind);
    duckdb_table_function_set_init(function, init);
    duckdb_table_function_set_local_init(function, init_local);
    duckdb_table_function_set_function(function, fill);
    duckdb_table_function_supports_projection_pushdown(
        function, feed->begin != NULL);
    if (duckdb_register_table_function(duck->con, function) != DuckDBSuccess)
        return tarn__fail(
            err, TARN_FAILED, "DuckDB: does not take %s()", feed->name);
    return TARN_OK;
}

tarn_status tarn__duck_feed(
    tarn__duck *duck, const tarn__feed *feed, tarn_error *err)
{
    duckdb_table_function function = duckdb_create_table_function();
    if (function == NULL)
        return tarn__no_memory(err);
    tarn_status st = declare(function, feed, duck, err);
    duckdb_destroy_table_function(&function);
    return st;
}

void tarn__feed_text(
    tarn__feed_chunk *chunk, size_t col, size_t row, tarn_slice text)
{
    duckdb_string_t *at = (duckdb_string_t *)chunk->columns[col].data + row;
    if (text.len > sizeof(at->value.inlined.inlined)) {
        duckdb_vector_assign_string_element_len(
            chunk->columns[col].vector, row, text.ptr, text.len);
        return;
    }
    /* Short ones stand in the vector itself. */
    memset(at, 0, sizeof(*at));
    at->value.inlined.length = (uint32_t)text.len;
    if (text.len > 0)
        memcpy(at->value.inlined.inlined, text.ptr, text.len);
}

void tarn__feed_i64(tarn__feed_chunk *chunk, size_t col, size_t row, int64_t v)
{
    ((int64_t *)chunk->columns[col].data)[row] = v;
}

void tarn__feed_bool(tarn__feed_chunk *chunk, size_t col, size_t row, bool v)
{
    ((bool *)chunk->columns[col].data)[row] = v;
}

void tarn__feed_double(
    tarn__feed_chunk *chunk, size_t col, size_t row, double v)
{
    ((double *)chunk->columns[col].data)[row] = v;
}

void tarn__feed_date(tarn__feed_chunk *chunk, size_t col, size_t row, int32_t v)
{
    ((int32_t *)chunk->columns[col].data)[row] = v;
}

void tarn__feed_null(tarn__feed_chunk *chunk, size_t col, size_t row)
{
    tarn__feed_column *c = &chunk->columns[col];
    if (c->validity == NULL) {
        duckdb_vector_ensure_validity_writable(c->vector);
        c->validity = duckdb_vector_get_validity(c->vector);
    }
    duckdb_validity_set_row_invalid(c->validity, row);
}

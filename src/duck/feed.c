/* Rows in bulk, made on several threads. */
#include "duck/feed.h"

#include "base/error.h"
#include "base/memory.h"
#include "duck/vector.h"

typedef struct feed_column {
    duckdb_vector vector;
    void *data;
    uint64_t *validity; /* NULL until the first NULL of this chunk */
} feed_column;

struct tarn__feed_chunk {
    const tarn__feed *feed;
    tarn__duck *duck;
    void *worker;
    feed_column *columns;
};

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

static duckdb_logical_type type_of(tarn_type type)
{
    return type == TARN_TIME ? duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP)
                             : tarn__vcolumn_type(type);
}

static void bind(duckdb_bind_info info)
{
    const registration *reg = duckdb_bind_get_extra_info(info);
    for (size_t i = 0; i < reg->feed->column_count; i++) {
        duckdb_logical_type type = type_of(reg->feed->columns[i].type);
        duckdb_bind_add_result_column(info, reg->feed->columns[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
}

static void init(duckdb_init_info info)
{
    const registration *reg = duckdb_init_get_extra_info(info);
    duckdb_init_set_max_threads(
        info, (idx_t)(reg->feed->threads > 0 ? reg->feed->threads : 1));
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
    tarn__feed_chunk *chunk = tarn__calloc(1, sizeof(*chunk));
    if (chunk != NULL)
        chunk->columns =
            tarn__calloc(reg->feed->column_count, sizeof(*chunk->columns));
    if (chunk == NULL || chunk->columns == NULL) {
        tarn__free(chunk);
        if (tarn__no_memory(&err) != TARN_OK)
            fail_init(reg, info, &err);
        return;
    }
    chunk->feed = reg->feed;
    chunk->duck = reg->duck;
    if (reg->feed->open(reg->feed->ctx, &chunk->worker, &err) != TARN_OK) {
        free_chunk(chunk);
        fail_init(reg, info, &err);
        return;
    }
    duckdb_init_set_init_data(info, chunk, free_chunk);
}

static void fill(duckdb_function_info info, duckdb_data_chunk output)
{
    tarn__feed_chunk *chunk = duckdb_function_get_local_init_data(info);
    tarn_error err = TARN_ERROR_INIT;
    size_t count = 0;
    for (size_t i = 0; i < chunk->feed->column_count; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(output, i);
        chunk->columns[i] =
            (feed_column){vector, duckdb_vector_get_data(vector), NULL};
    }
    tarn_status st = chunk->feed->fill(
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
    duckdb_vector_assign_string_element_len(
        chunk->columns[col].vector, row, text.ptr, text.len);
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

void tarn__feed_null(tarn__feed_chunk *chunk, size_t col, size_t row)
{
    feed_column *c = &chunk->columns[col];
    if (c->validity == NULL) {
        duckdb_vector_ensure_validity_writable(c->vector);
        c->validity = duckdb_vector_get_validity(c->vector);
    }
    duckdb_validity_set_row_invalid(c->validity, row);
}

/* Rows into a table, a chunk at a time.
 *
 * A chunk's columns have the few types that cells have; DuckDB casts them to
 * the table's when it takes a chunk, so that a value out of range is an error
 * there. */
#include "duck/appender.h"

#include "base/error.h"
#include "base/memory.h"
#include "duck/vector.h"

struct tarn__appender {
    tarn__duck *duck;
    duckdb_appender appender;
    duckdb_data_chunk chunk;
    tarn__vcolumn *columns;
    size_t column_count;
    idx_t row_count;
    idx_t capacity;
};

static tarn_status failed(tarn__appender *app, tarn_error *err)
{
    duckdb_error_data data = duckdb_appender_error_data(app->appender);
    tarn_status st = tarn__duck_fail_data(app->duck, data, err);
    duckdb_destroy_error_data(&data);
    return st;
}

/* What is none of these goes in as text: DuckDB casts from it whatever it is. */
static tarn_type kind_for(duckdb_type type)
{
    return type == DUCKDB_TYPE_TIMESTAMP_NS ? TARN_TIME
                                            : tarn__scalar_type(type);
}

static void start_chunk(tarn__appender *app)
{
    duckdb_data_chunk_reset(app->chunk);
    app->row_count = 0;
    for (size_t i = 0; i < app->column_count; i++)
        tarn__vcolumn_reset(
            &app->columns[i], duckdb_data_chunk_get_vector(app->chunk, i));
}

static tarn_status make_chunk(tarn__appender *app, tarn_error *err)
{
    size_t count = duckdb_appender_column_count(app->appender);
    duckdb_logical_type *types =
        tarn__calloc(count, sizeof(duckdb_logical_type));
    app->columns = tarn__calloc(count, sizeof(*app->columns));
    tarn_status st = TARN_OK;
    if (types == NULL || app->columns == NULL)
        st = tarn__no_memory(err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        duckdb_logical_type type =
            duckdb_appender_column_type(app->appender, i);
        app->columns[i].kind = kind_for(duckdb_get_type_id(type));
        duckdb_destroy_logical_type(&type);
        types[i] = tarn__vcolumn_type(app->columns[i].kind);
        if (types[i] == NULL)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK) {
        app->chunk = duckdb_create_data_chunk(types, count);
        if (app->chunk == NULL)
            st = tarn__no_memory(err);
    }
    for (size_t i = 0; types != NULL && i < count; i++)
        duckdb_destroy_logical_type(&types[i]);
    tarn__free(types);
    app->column_count = count;
    return st;
}

static void free_appender(tarn__appender *app)
{
    duckdb_destroy_data_chunk(&app->chunk);
    duckdb_appender_destroy(&app->appender);
    tarn__free(app->columns);
    tarn__free(app);
}

tarn_status tarn__appender_open(
    tarn__duck *duck, const char *table, tarn__appender **out, tarn_error *err)
{
    *out = NULL;
    tarn__appender *app = tarn__calloc(1, sizeof(*app));
    if (app == NULL)
        return tarn__no_memory(err);
    app->duck = duck;
    tarn_status st = TARN_OK;
    if (duckdb_appender_create(duck->con, NULL, table, &app->appender) !=
        DuckDBSuccess)
        st = failed(app, err);
    if (st == TARN_OK)
        st = make_chunk(app, err);
    if (st != TARN_OK) {
        free_appender(app);
        return st;
    }
    app->capacity = duckdb_vector_size();
    start_chunk(app);
    *out = app;
    return TARN_OK;
}

static tarn_status flush_chunk(tarn__appender *app, tarn_error *err)
{
    if (app->row_count == 0)
        return TARN_OK;
    duckdb_data_chunk_set_size(app->chunk, app->row_count);
    if (duckdb_append_data_chunk(app->appender, app->chunk) != DuckDBSuccess) {
        tarn_status st = failed(app, err);
        /* Of a cast that fails DuckDB names the types, but not why. */
        tarn__error_prefix(
            err, "rows for a table: a value does not fit its column");
        return st;
    }
    start_chunk(app);
    return TARN_OK;
}

tarn_status tarn__appender_row(
    tarn__appender *app, const tarn__cell *cells, tarn_error *err)
{
    for (size_t i = 0; i < app->column_count; i++) {
        tarn_status st =
            tarn__vcolumn_put(&app->columns[i], app->row_count, &cells[i], err);
        if (st != TARN_OK) {
            tarn__error_prefix(err, "column %zu", i + 1);
            return st;
        }
    }
    if (++app->row_count < app->capacity)
        return TARN_OK;
    return flush_chunk(app, err);
}

tarn_status tarn__appender_close(tarn__appender *app, tarn_error *err)
{
    tarn_status st = flush_chunk(app, err);
    if (st == TARN_OK && duckdb_appender_close(app->appender) != DuckDBSuccess)
        st = failed(app, err);
    free_appender(app);
    return st;
}

/* C functions as scalar functions: rows in, STRUCTs out, a chunk at a time. */
#include "base/error.h"
#include "base/memory.h"
#include "duck/feed_chunk.h"
#include "duck/vector.h"

#define MAX_ARGS 8

typedef struct registration {
    const tarn__map *map;
    tarn__duck *duck;
} registration;

/* One argument's vector. */
typedef struct argument {
    const duckdb_string_t *data;
    uint64_t *validity;
} argument;

static tarn_slice value_of(const argument *arg, idx_t row)
{
    if (arg->validity != NULL &&
        (arg->validity[row / 64] >> (row % 64) & 1) == 0)
        return (tarn_slice){NULL, 0};
    const duckdb_string_t *s = &arg->data[row];
    return duckdb_string_is_inlined(*s)
        ? (tarn_slice){s->value.inlined.inlined, s->value.inlined.length}
        : (tarn_slice){s->value.pointer.ptr, s->value.pointer.length};
}

static tarn_status run_rows(const tarn__map *map, duckdb_data_chunk input,
    tarn__feed_chunk *chunk, tarn_error *err)
{
    argument in[MAX_ARGS];
    tarn_slice args[MAX_ARGS];
    idx_t count = duckdb_data_chunk_get_size(input);
    for (size_t i = 0; i < map->arg_count; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(input, i);
        in[i] = (argument){
            duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
    }
    tarn_status st = TARN_OK;
    for (idx_t row = 0; st == TARN_OK && row < count; row++) {
        for (size_t i = 0; i < map->arg_count; i++)
            args[i] = value_of(&in[i], row);
        st = map->call(chunk->worker, args, chunk, row, err);
    }
    return st;
}

static tarn_status run_chunk(const registration *reg, duckdb_data_chunk input,
    duckdb_vector output, tarn_error *err)
{
    const tarn__map *map = reg->map;
    tarn__feed_chunk chunk = {.duck = reg->duck};
    chunk.columns = tarn__calloc(map->column_count, sizeof(*chunk.columns));
    if (chunk.columns == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < map->column_count; i++)
        tarn__feed_column_reset(
            &chunk.columns[i], duckdb_struct_vector_get_child(output, i));
    tarn_status st = map->open(map->ctx, &chunk.worker, err);
    if (st == TARN_OK) {
        st = run_rows(map, input, &chunk, err);
        map->close(chunk.worker);
    }
    tarn__free(chunk.columns);
    return st;
}

static void call(
    duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    const registration *reg = duckdb_scalar_function_get_extra_info(info);
    tarn_error err = TARN_ERROR_INIT;
    if (run_chunk(reg, input, output, &err) == TARN_OK)
        return;
    tarn__duck_source_failed(reg->duck, &err);
    duckdb_scalar_function_set_error(info, err.message);
}

static tarn_status returns(
    duckdb_scalar_function function, const tarn__map *map, tarn_error *err)
{
    size_t n = map->column_count;
    duckdb_logical_type *types = tarn__calloc(n, sizeof(*types));
    const char **names = tarn__calloc(n, sizeof(*names));
    duckdb_logical_type type = NULL;
    bool whole = types != NULL && names != NULL;
    for (size_t i = 0; whole && i < n; i++) {
        types[i] = tarn__feed_column_type(map->columns, map->types, i);
        names[i] = map->columns[i].name;
        whole = types[i] != NULL;
    }
    if (whole)
        type = duckdb_create_struct_type(types, names, n);
    if (type != NULL)
        duckdb_scalar_function_set_return_type(function, type);
    bool made = type != NULL;
    duckdb_destroy_logical_type(&type);
    for (size_t i = 0; types != NULL && i < n; i++)
        duckdb_destroy_logical_type(&types[i]);
    tarn__free(types);
    tarn__free(names);
    return made ? TARN_OK : tarn__no_memory(err);
}

static tarn_status takes(
    duckdb_scalar_function function, const tarn__map *map, tarn_error *err)
{
    for (size_t i = 0; i < map->arg_count; i++) {
        bool blob = (map->blobs >> i & 1) != 0;
        duckdb_logical_type type =
            tarn__vcolumn_type(blob ? TARN_BLOB : TARN_TEXT);
        if (type == NULL)
            return tarn__no_memory(err);
        duckdb_scalar_function_add_parameter(function, type);
        duckdb_destroy_logical_type(&type);
    }
    return TARN_OK;
}

static tarn_status declare(duckdb_scalar_function function, tarn__duck *duck,
    const tarn__map *map, tarn_error *err)
{
    registration *reg = tarn__calloc(1, sizeof(*reg));
    if (reg == NULL)
        return tarn__no_memory(err);
    *reg = (registration){map, duck};
    duckdb_scalar_function_set_extra_info(function, reg, tarn__free);
    duckdb_scalar_function_set_name(function, map->name);
    duckdb_scalar_function_set_special_handling(function);
    duckdb_scalar_function_set_function(function, call);
    tarn_status st = takes(function, map, err);
    if (st == TARN_OK)
        st = returns(function, map, err);
    if (st == TARN_OK &&
        duckdb_register_scalar_function(duck->con, function) != DuckDBSuccess)
        st = tarn__fail(
            err, TARN_FAILED, "DuckDB: does not take %s()", map->name);
    return st;
}

tarn_status tarn__duck_map(
    tarn__duck *duck, const tarn__map *map, tarn_error *err)
{
    if (map->arg_count > MAX_ARGS)
        return tarn__fail(err, TARN_INVALID, "%s(): takes %zu arguments",
            map->name, map->arg_count);
    duckdb_scalar_function function = duckdb_create_scalar_function();
    if (function == NULL)
        return tarn__no_memory(err);
    tarn_status st = declare(function, duck, map, err);
    duckdb_destroy_scalar_function(&function);
    return st;
}

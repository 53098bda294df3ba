/* Row sources as table functions.
 *
 * DuckDB asks for the columns when it binds a statement (bind), once for every
 * run of a scan for a new state (init), and then for chunks (fill), from any
 * thread, one at a time.  A source gives columns and state together, so the
 * state that bind got is kept for the first init; others, as in a recursive
 * CTE, open the source again. */
#include "duck/table_function.h"

#include "base/error.h"
#include "base/memory.h"
#include "duck/vector.h"

#define MAX_COLUMNS 4096

typedef struct registration {
    tarn__source source; /* its name is not used after registration */
    void *ctx;
    tarn__duck *duck;
} registration;

typedef struct bound {
    const registration *reg;
    char **args;
    size_t arg_count;
    tarn_type *kinds;
    size_t column_count;
    tarn__mutex lock;
    void *first; /* a scan that nobody has taken yet; NULL: none */
} bound;

typedef struct scan {
    const registration *reg;
    void *state;
    tarn__cell *cells; /* all columns of the source */
    bool *wanted;
    size_t column_count;
    tarn__vcolumn *columns; /* those that DuckDB wants */
    size_t *index;          /* which of the source's each is */
    size_t wanted_count;
    bool done;
} scan;

static void free_bound(void *ptr)
{
    bound *b = ptr;
    if (b == NULL)
        return;
    if (b->first != NULL)
        b->reg->source.close(b->first);
    for (size_t i = 0; b->args != NULL && i < b->arg_count; i++)
        tarn__free(b->args[i]);
    tarn__free(b->args);
    tarn__free(b->kinds);
    tarn__mutex_free(&b->lock);
    tarn__free(b);
}

static void free_scan(void *ptr)
{
    scan *s = ptr;
    if (s == NULL)
        return;
    if (s->state != NULL)
        s->reg->source.close(s->state);
    tarn__free(s->cells);
    tarn__free(s->wanted);
    tarn__free(s->columns);
    tarn__free(s->index);
    tarn__free(s);
}

/* --- bind --- */

static tarn_status take_args(bound *b, duckdb_bind_info info, tarn_error *err)
{
    b->arg_count = duckdb_bind_get_parameter_count(info);
    b->args = tarn__calloc(b->arg_count + 1, sizeof(*b->args));
    if (b->args == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < b->arg_count; i++) {
        duckdb_value value = duckdb_bind_get_parameter(info, i);
        if (!duckdb_is_null_value(value)) {
            char *text = duckdb_get_varchar(value);
            b->args[i] = text == NULL ? NULL : tarn__strdup(text);
            duckdb_free(text);
            if (b->args[i] == NULL) {
                duckdb_destroy_value(&value);
                return tarn__no_memory(err);
            }
        }
        duckdb_destroy_value(&value);
    }
    return TARN_OK;
}

static tarn_status open_source(bound *b, tarn__column *columns, size_t *count,
    void **state, tarn_error *err)
{
    return b->reg->source.open(b->reg->ctx, (const char *const *)b->args, state,
        columns, MAX_COLUMNS, count, err);
}

static tarn_status add_columns(bound *b, duckdb_bind_info info,
    const tarn__column *columns, tarn_error *err)
{
    b->kinds = tarn__calloc(b->column_count, sizeof(*b->kinds));
    if (b->kinds == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < b->column_count; i++) {
        b->kinds[i] = columns[i].type;
        duckdb_logical_type type = tarn__vcolumn_type(columns[i].type);
        if (type == NULL)
            return tarn__no_memory(err);
        duckdb_bind_add_result_column(info, columns[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
    return TARN_OK;
}

static tarn_status bind_source(bound *b, duckdb_bind_info info, tarn_error *err)
{
    tarn__column *columns = tarn__calloc(MAX_COLUMNS, sizeof(*columns));
    if (columns == NULL)
        return tarn__no_memory(err);
    tarn_status st = take_args(b, info, err);
    if (st == TARN_OK)
        st = open_source(b, columns, &b->column_count, &b->first, err);
    if (st == TARN_OK)
        st = add_columns(b, info, columns, err);
    tarn__free(columns);
    return st;
}

static void bind(duckdb_bind_info info)
{
    const registration *reg = duckdb_bind_get_extra_info(info);
    tarn_error err = TARN_ERROR_INIT;
    bound *b = tarn__calloc(1, sizeof(*b));
    tarn_status st = b == NULL ? tarn__no_memory(&err) : TARN_OK;
    if (st == TARN_OK) {
        b->reg = reg;
        tarn__mutex_init(&b->lock);
        st = bind_source(b, info, &err);
    }
    if (st != TARN_OK) {
        tarn__duck_source_failed(reg->duck, &err);
        duckdb_bind_set_error(info, err.message);
        free_bound(b);
        return;
    }
    duckdb_bind_set_bind_data(info, b, free_bound);
}

/* --- init --- */

static tarn_status take_state(bound *b, void **state, tarn_error *err)
{
    tarn__mutex_lock(&b->lock);
    *state = b->first;
    b->first = NULL;
    tarn__mutex_unlock(&b->lock);
    if (*state != NULL)
        return TARN_OK;
    tarn__column *columns = tarn__calloc(MAX_COLUMNS, sizeof(*columns));
    if (columns == NULL)
        return tarn__no_memory(err);
    size_t count;
    tarn_status st = open_source(b, columns, &count, state, err);
    if (st == TARN_OK && count != b->column_count)
        st = tarn__fail(err, TARN_FAILED,
            "row source: has %zu columns, had %zu", count, b->column_count);
    tarn__free(columns);
    return st;
}

static tarn_status project(
    scan *s, const bound *b, duckdb_init_info info, tarn_error *err)
{
    size_t wanted = duckdb_init_get_column_count(info);
    s->column_count = b->column_count;
    s->wanted_count = wanted;
    s->cells = tarn__calloc(s->column_count, sizeof(*s->cells));
    s->wanted = tarn__calloc(s->column_count, sizeof(*s->wanted));
    s->columns = tarn__calloc(wanted, sizeof(*s->columns));
    s->index = tarn__calloc(wanted, sizeof(*s->index));
    if (s->cells == NULL || s->wanted == NULL || s->columns == NULL ||
        s->index == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < wanted; i++) {
        size_t index = duckdb_init_get_column_index(info, i);
        if (index >= s->column_count)
            return tarn__fail(err, TARN_FAILED,
                "row source: asked for column %zu of %zu", index,
                s->column_count);
        s->index[i] = index;
        s->columns[i].kind = b->kinds[index];
        s->wanted[index] = true;
    }
    return TARN_OK;
}

static void init(duckdb_init_info info)
{
    const registration *reg = duckdb_init_get_extra_info(info);
    bound *b = duckdb_init_get_bind_data(info);
    tarn_error err = TARN_ERROR_INIT;
    scan *s = tarn__calloc(1, sizeof(*s));
    tarn_status st = s == NULL ? tarn__no_memory(&err) : TARN_OK;
    if (st == TARN_OK) {
        s->reg = reg;
        st = take_state(b, &s->state, &err);
    }
    if (st == TARN_OK)
        st = project(s, b, info, &err);
    if (st != TARN_OK) {
        tarn__duck_source_failed(reg->duck, &err);
        duckdb_init_set_error(info, err.message);
        free_scan(s);
        return;
    }
    duckdb_init_set_max_threads(info, 1);
    duckdb_init_set_init_data(info, s, free_scan);
}

/* --- fill --- */

static tarn_status put_row(scan *s, idx_t row, tarn_error *err)
{
    for (size_t i = 0; i < s->wanted_count; i++) {
        tarn_status st =
            tarn__vcolumn_put(&s->columns[i], row, &s->cells[s->index[i]], err);
        if (st != TARN_OK)
            return st;
    }
    return TARN_OK;
}

static tarn_status fill_chunk(
    scan *s, duckdb_data_chunk chunk, idx_t *rows, tarn_error *err)
{
    idx_t capacity = duckdb_vector_size();
    for (size_t i = 0; i < s->wanted_count; i++)
        tarn__vcolumn_reset(
            &s->columns[i], duckdb_data_chunk_get_vector(chunk, i));
    for (*rows = 0; *rows < capacity && !s->done;) {
        for (size_t i = 0; i < s->column_count; i++)
            s->cells[i].type = TARN_NULL;
        tarn_status st =
            s->reg->source.next(s->state, s->wanted, s->cells, err);
        if (st == TARN_OK) {
            s->done = true;
            break;
        }
        if (st == TARN_ROW)
            st = put_row(s, *rows, err);
        if (st != TARN_OK)
            return st;
        ++*rows;
    }
    return TARN_OK;
}

static void fill(duckdb_function_info info, duckdb_data_chunk chunk)
{
    const registration *reg = duckdb_function_get_extra_info(info);
    scan *s = duckdb_function_get_init_data(info);
    tarn_error err = TARN_ERROR_INIT;
    idx_t rows = 0;
    if (fill_chunk(s, chunk, &rows, &err) != TARN_OK) {
        s->done = true;
        tarn__duck_source_failed(reg->duck, &err);
        duckdb_function_set_error(info, err.message);
        return;
    }
    duckdb_data_chunk_set_size(chunk, rows);
}

/* --- registration --- */

static void free_registration(void *ptr)
{
    tarn__free(ptr);
}

static tarn_status describe(
    duckdb_table_function function, const tarn__source *source, tarn_error *err)
{
    duckdb_table_function_set_name(function, source->name);
    duckdb_logical_type text = tarn__vcolumn_type(TARN_TEXT);
    if (text == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < source->arg_count; i++)
        duckdb_table_function_add_parameter(function, text);
    duckdb_destroy_logical_type(&text);
    duckdb_table_function_set_bind(function, bind);
    duckdb_table_function_set_init(function, init);
    duckdb_table_function_set_function(function, fill);
    duckdb_table_function_supports_projection_pushdown(function, true);
    return TARN_OK;
}

tarn_status tarn__duck_register(
    tarn__duck *duck, const tarn__source *source, void *ctx, tarn_error *err)
{
    registration *reg = tarn__calloc(1, sizeof(*reg));
    duckdb_table_function function = duckdb_create_table_function();
    tarn_status st = TARN_OK;
    if (reg == NULL || function == NULL) {
        tarn__free(reg);
        st = tarn__no_memory(err);
    } else {
        *reg = (registration){*source, ctx, duck};
        duckdb_table_function_set_extra_info(function, reg, free_registration);
        st = describe(function, source, err);
    }
    if (st == TARN_OK &&
        duckdb_register_table_function(duck->con, function) != DuckDBSuccess)
        st = tarn__fail(err, TARN_FAILED,
            "table function %s: DuckDB did not take it", source->name);
    duckdb_destroy_table_function(&function);
    return st;
}

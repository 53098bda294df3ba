#include "duck/vector.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/str.h"
#include "base/time.h"

duckdb_logical_type tarn__vcolumn_type(tarn_type kind)
{
    switch (kind) {
    case TARN_BOOL:
        return duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
    case TARN_INT64:
        return duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
    case TARN_DOUBLE:
        return duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE);
    case TARN_BLOB:
        return duckdb_create_logical_type(DUCKDB_TYPE_BLOB);
    case TARN_TIME:
        return duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP_TZ);
    default:
        break;
    }
    duckdb_logical_type type = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    if (kind == TARN_JSON && type != NULL)
        duckdb_logical_type_set_alias(type, "JSON");
    return type;
}

void tarn__vcolumn_reset(tarn__vcolumn *c, duckdb_vector vector)
{
    c->vector = vector;
    c->data = duckdb_vector_get_data(vector);
    c->validity = NULL;
}

static void put_null(tarn__vcolumn *c, idx_t row)
{
    if (c->validity == NULL) {
        duckdb_vector_ensure_validity_writable(c->vector);
        c->validity = duckdb_vector_get_validity(c->vector);
    }
    c->validity[row / 64] &= ~(UINT64_C(1) << (row % 64));
}

static tarn_status misfit(const tarn__cell *cell, tarn_error *err)
{
    static const char *const names[] = {"NULL", "a boolean", "an integer",
        "a number", "a text", "bytes", "a time", "JSON"};
    return tarn__fail(err, TARN_BAD_INPUT,
        "value: %s does not fit the column's type", names[cell->type]);
}

static tarn_status put_bytes(
    tarn__vcolumn *c, idx_t row, tarn_slice bytes, tarn_error *err)
{
    if (c->kind != TARN_BLOB && !tarn__utf8_valid(bytes))
        return tarn__fail(err, TARN_BAD_INPUT, "value: text is not UTF-8");
    duckdb_vector_assign_string_element_len(
        c->vector, row, bytes.ptr == NULL ? "" : bytes.ptr, bytes.len);
    return TARN_OK;
}

static tarn_status put_text(
    tarn__vcolumn *c, idx_t row, const tarn__cell *cell, tarn_error *err)
{
    char text[TARN__TIME_TEXT_BYTES];
    switch (cell->type) {
    case TARN_BOOL:
        return put_bytes(
            c, row, tarn_str(cell->i64 != 0 ? "true" : "false"), err);
    case TARN_INT64:
        snprintf(text, sizeof(text), "%" PRId64, cell->i64);
        return put_bytes(c, row, tarn_str(text), err);
    case TARN_DOUBLE:
        return put_bytes(
            c, row, tarn_str(tarn__format_double(cell->f64, text)), err);
    case TARN_TIME:
        return put_bytes(
            c, row, tarn_str(tarn__time_format(cell->i64, text)), err);
    default:
        return put_bytes(c, row, cell->bytes, err);
    }
}

tarn_status tarn__vcolumn_put(
    tarn__vcolumn *c, idx_t row, const tarn__cell *cell, tarn_error *err)
{
    if (cell->type == TARN_NULL) {
        put_null(c, row);
        return TARN_OK;
    }
    bool whole = cell->type == TARN_INT64 || cell->type == TARN_BOOL;
    bool text = cell->type == TARN_TEXT || cell->type == TARN_JSON ||
        cell->type == TARN_BLOB;
    switch (c->kind) {
    case TARN_BOOL:
        if (cell->type != TARN_BOOL)
            return misfit(cell, err);
        ((uint8_t *)c->data)[row] = cell->i64 != 0;
        return TARN_OK;
    case TARN_INT64:
        if (!whole)
            return misfit(cell, err);
        ((int64_t *)c->data)[row] = cell->i64;
        return TARN_OK;
    case TARN_DOUBLE:
        if (!whole && cell->type != TARN_DOUBLE)
            return misfit(cell, err);
        ((double *)c->data)[row] = whole ? (double)cell->i64 : cell->f64;
        return TARN_OK;
    case TARN_TIME:
        if (cell->type != TARN_TIME)
            return misfit(cell, err);
        ((int64_t *)c->data)[row] = cell->i64;
        return TARN_OK;
    case TARN_BLOB:
        return text ? put_bytes(c, row, cell->bytes, err) : misfit(cell, err);
    default:
        return put_text(c, row, cell, err);
    }
}

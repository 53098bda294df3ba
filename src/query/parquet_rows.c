/* Rows of the caller's own as a Parquet file. */
#include <math.h>
#include <string.h>
#include <tarn/query.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "duck/appender.h"

struct tarn_parquet {
    tarn__duck *duck;
    tarn__appender *appender;
    tarn_type *types;
    tarn__cell *cells;
    size_t count;
};

static const char *sql_type(tarn_type type)
{
    switch (type) {
    case TARN_BOOL:
        return "BOOLEAN";
    case TARN_INT64:
        return "BIGINT";
    case TARN_DOUBLE:
        return "DOUBLE";
    case TARN_TIME:
        return "TIMESTAMPTZ";
    case TARN_BLOB:
        return "BLOB";
    default:
        return "VARCHAR";
    }
}

static tarn_status create_table(
    tarn_parquet *p, const char *const *names, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&sql, "CREATE TABLE rows (", err);
    for (size_t i = 0; st == TARN_OK && i < p->count; i++) {
        if (i > 0)
            st = tarn__buf_str(&sql, ", ", err);
        if (st == TARN_OK)
            st = tarn__duck_quote_name(&sql, tarn_str(names[i]), err);
        if (st == TARN_OK)
            st = tarn__buf_printf(&sql, err, " %s", sql_type(p->types[i]));
    }
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, ")", err);
    if (st == TARN_OK)
        st = tarn__duck_exec(p->duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn_parquet_open(const char *const *names, const tarn_type *types,
    size_t count, tarn_parquet **out, tarn_error *err)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    *out = NULL;
    tarn_parquet *p = tarn__calloc(1, sizeof(*p));
    if (p == NULL)
        return tarn__no_memory(err);
    p->count = count;
    p->types = tarn__calloc(count, sizeof(*p->types));
    p->cells = tarn__calloc(count, sizeof(*p->cells));
    tarn_status st = p->types == NULL || p->cells == NULL
        ? tarn__no_memory(err)
        : tarn__duck_open(&options, &p->duck, err);
    if (st == TARN_OK) {
        memcpy(p->types, types, count * sizeof(*types));
        st = create_table(p, names, err);
    }
    if (st == TARN_OK)
        st = tarn__appender_open(p->duck, "rows", &p->appender, err);
    if (st != TARN_OK) {
        tarn_parquet_abort(p);
        return st;
    }
    *out = p;
    return TARN_OK;
}

static bool parse_double(const char *text, double *out)
{
    if (tarn__eq_nocase(text, "nan"))
        *out = NAN;
    else if (tarn__eq_nocase(text, "inf"))
        *out = INFINITY;
    else if (tarn__eq_nocase(text, "-inf"))
        *out = -INFINITY;
    else
        return tarn__parse_double(text, out);
    return true;
}

/* Text into a cell of the column's type; false when it is none. */
static bool parse_cell(tarn_type type, tarn_slice text, tarn__cell *cell)
{
    switch (type) {
    case TARN_BOOL:
        cell->type = TARN_BOOL;
        cell->i64 = tarn__slice_is(text, "true");
        return cell->i64 != 0 || tarn__slice_is(text, "false");
    case TARN_INT64:
        cell->type = TARN_INT64;
        return tarn__parse_i64(text.ptr, &cell->i64);
    case TARN_DOUBLE:
        cell->type = TARN_DOUBLE;
        return parse_double(text.ptr, &cell->f64);
    case TARN_TIME:
        cell->type = TARN_TIME;
        return tarn__time_parse(text.ptr, &cell->i64);
    default:
        cell->type = type == TARN_BLOB ? TARN_BLOB : TARN_TEXT;
        cell->bytes = text;
        return true;
    }
}

tarn_status tarn_parquet_row(
    tarn_parquet *p, const tarn_slice *cells, tarn_error *err)
{
    memset(p->cells, 0, p->count * sizeof(*p->cells));
    for (size_t i = 0; i < p->count; i++)
        if (cells[i].ptr != NULL &&
            !parse_cell(p->types[i], cells[i], &p->cells[i]))
            return tarn__fail(err, TARN_INVALID,
                "\"%s\": is no value of a column of type %s", cells[i].ptr,
                sql_type(p->types[i]));
    return tarn__appender_row(p->appender, p->cells, err);
}

tarn_status tarn_parquet_finish(
    tarn_parquet *p, const char *host_path, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__appender_close(p->appender, err);
    p->appender = NULL;
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "COPY rows TO ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(&sql, tarn_str(host_path), err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, " (FORMAT parquet)", err);
    if (st == TARN_OK)
        st = tarn__duck_exec(p->duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    tarn_parquet_abort(p);
    return st;
}

void tarn_parquet_abort(tarn_parquet *p)
{
    if (p == NULL)
        return;
    if (p->appender != NULL) {
        tarn_status unwanted = tarn__appender_close(p->appender, NULL);
        (void)unwanted;
    }
    tarn__duck_close(p->duck);
    tarn__free(p->types);
    tarn__free(p->cells);
    tarn__free(p);
}

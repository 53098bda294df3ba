/* Results as public rows, and scalars. */
#include "base/error.h"
#include "duck/duck_internal.h"

static tarn_status next_row(void *self, tarn__cell *cells, tarn_error *err)
{
    return tarn__duck_next(self, cells, err);
}

static void free_rows(void *self)
{
    tarn__duck_result_free(self);
}

static const tarn__rows_class duck_rows = {next_row, free_rows};

tarn_status tarn__duck_rows(
    tarn__duck_result *r, tarn_rows **out, tarn_error *err)
{
    return tarn__duck_rows_of(r, &duck_rows, r, out, err);
}

tarn_status tarn__duck_rows_of(const tarn__duck_result *r,
    const tarn__rows_class *cls, void *self, tarn_rows **out, tarn_error *err)
{
    *out = NULL;
    tarn__column *columns = tarn__calloc(r->column_count, sizeof(*columns));
    if (columns == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < r->column_count; i++)
        columns[i] = (tarn__column){r->columns[i].name, r->columns[i].type};
    tarn_status st =
        tarn__rows_create(cls, self, columns, r->column_count, out, err);
    tarn__free(columns);
    for (size_t i = 0; st == TARN_OK && i < r->column_count; i++)
        if (r->columns[i].number)
            tarn__rows_set_number(*out, i);
    return st;
}

/* The first row's cells: TARN_ROW, TARN_OK when there is none, or a failure.
 * The caller frees *r and *cells in every case. */
static tarn_status first_row(tarn__duck *duck, const char *sql,
    tarn__duck_result **r, tarn__cell **cells, tarn_error *err)
{
    *cells = NULL;
    tarn_status st = tarn__duck_query(duck, sql, NULL, 0, r, err);
    if (st != TARN_OK)
        return st;
    *cells = tarn__calloc((*r)->column_count + 1, sizeof(**cells));
    if (*cells == NULL)
        return tarn__no_memory(err);
    return tarn__duck_next(*r, *cells, err);
}

tarn_status tarn__duck_int64(tarn__duck *duck, const char *sql, int64_t *out,
    bool *found, tarn_error *err)
{
    *out = 0;
    *found = false;
    tarn__duck_result *r;
    tarn__cell *cells;
    tarn_status st = first_row(duck, sql, &r, &cells, err);
    if (st == TARN_ROW) {
        st = TARN_OK;
        if (cells[0].type == TARN_INT64 || cells[0].type == TARN_BOOL ||
            cells[0].type == TARN_TIME) {
            *out = cells[0].i64;
            *found = true;
        } else if (cells[0].type != TARN_NULL) {
            st = tarn__fail(err, TARN_BAD_INPUT,
                "column %s: not a 64-bit integer (cast it to BIGINT)",
                r->columns[0].name);
        }
    }
    tarn__free(cells);
    tarn__duck_result_free(r);
    return st;
}

tarn_status tarn__duck_text(
    tarn__duck *duck, const char *sql, char **out, tarn_error *err)
{
    *out = NULL;
    tarn__duck_result *r;
    tarn__cell *cells;
    tarn_status st = first_row(duck, sql, &r, &cells, err);
    if (st == TARN_ROW) {
        st = TARN_OK;
        if (cells[0].type == TARN_TEXT || cells[0].type == TARN_JSON ||
            cells[0].type == TARN_BLOB) {
            *out = tarn__strndup(cells[0].bytes.ptr, cells[0].bytes.len);
            if (*out == NULL)
                st = tarn__no_memory(err);
        } else if (cells[0].type != TARN_NULL) {
            st = tarn__fail(err, TARN_BAD_INPUT,
                "column %s: not a text (cast it to VARCHAR)",
                r->columns[0].name);
        }
    }
    tarn__free(cells);
    tarn__duck_result_free(r);
    return st;
}

#include "base/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"

#define CELL_TEXT_BYTES TARN__TIME_TEXT_BYTES

typedef struct column {
    char *name;
    tarn_type type;
    bool number; /* as tarn_rows_is_number() */
} column;

/* The text of a cell that has none of its own, made when asked for. */
typedef struct cell_text {
    char text[CELL_TEXT_BYTES];
} cell_text;

struct tarn_rows {
    const tarn__rows_class *cls;
    void *self;
    column *columns;
    tarn__cell *cells;
    cell_text *texts;
    size_t column_count;
};

static void free_shell(tarn_rows *rows)
{
    for (size_t i = 0; rows->columns != NULL && i < rows->column_count; i++)
        tarn__free(rows->columns[i].name);
    tarn__free(rows->columns);
    tarn__free(rows->cells);
    tarn__free(rows->texts);
    tarn__free(rows);
}

tarn_status tarn__rows_create(const tarn__rows_class *cls, void *self,
    const tarn__column *columns, size_t column_count, tarn_rows **out,
    tarn_error *err)
{
    *out = NULL;
    tarn_rows *rows = tarn__calloc(1, sizeof(*rows));
    if (rows == NULL)
        return tarn__no_memory(err);
    rows->column_count = column_count;
    rows->columns = tarn__calloc(column_count, sizeof(*rows->columns));
    rows->cells = tarn__calloc(column_count, sizeof(*rows->cells));
    rows->texts = tarn__calloc(column_count, sizeof(*rows->texts));
    if (rows->columns == NULL || rows->cells == NULL || rows->texts == NULL)
        goto fail;
    for (size_t i = 0; i < column_count; i++) {
        rows->columns[i].type = columns[i].type;
        rows->columns[i].number =
            columns[i].type == TARN_INT64 || columns[i].type == TARN_DOUBLE;
        rows->columns[i].name = tarn__strdup(columns[i].name);
        if (rows->columns[i].name == NULL)
            goto fail;
    }
    rows->cls = cls;
    rows->self = self;
    *out = rows;
    return TARN_OK;
fail:
    free_shell(rows);
    return tarn__no_memory(err);
}

size_t tarn_rows_column_count(const tarn_rows *rows)
{
    return rows->column_count;
}

const char *tarn_rows_column_name(const tarn_rows *rows, size_t col)
{
    return col < rows->column_count ? rows->columns[col].name : NULL;
}

tarn_type tarn_rows_column_type(const tarn_rows *rows, size_t col)
{
    return col < rows->column_count ? rows->columns[col].type : TARN_NULL;
}

bool tarn_rows_is_number(const tarn_rows *rows, size_t col)
{
    return col < rows->column_count && rows->columns[col].number;
}

void tarn__rows_set_number(tarn_rows *rows, size_t col)
{
    if (col < rows->column_count)
        rows->columns[col].number = true;
}

tarn_status tarn_rows_next(tarn_rows *rows, tarn_error *err)
{
    size_t bytes = rows->column_count * sizeof(*rows->cells);
    memset(rows->cells, 0, bytes);
    for (size_t i = 0; i < rows->column_count; i++)
        rows->texts[i].text[0] = '\0';
    tarn_status st = rows->cls->next(rows->self, rows->cells, err);
    if (st != TARN_ROW)
        memset(rows->cells, 0, bytes);
    return st;
}

/* A column that is not there reads as NULL. */
static const tarn__cell *cell_at(const tarn_rows *rows, size_t col)
{
    static const tarn__cell null_cell = {TARN_NULL, 0, 0, {NULL, 0}};
    return col < rows->column_count ? &rows->cells[col] : &null_cell;
}

bool tarn_rows_is_null(const tarn_rows *rows, size_t col)
{
    return cell_at(rows, col)->type == TARN_NULL;
}

/* Towards zero, at the ends of the range the ends. */
static int64_t truncate_double(double v)
{
    if (isnan(v))
        return 0;
    if (v >= 0x1p63)
        return INT64_MAX;
    if (v <= -0x1p63)
        return INT64_MIN;
    return (int64_t)v;
}

int64_t tarn_rows_int64(const tarn_rows *rows, size_t col)
{
    const tarn__cell *cell = cell_at(rows, col);
    switch (cell->type) {
    case TARN_BOOL:
    case TARN_INT64:
    case TARN_TIME:
        return cell->i64;
    case TARN_DOUBLE:
        return truncate_double(cell->f64);
    default:
        return 0;
    }
}

double tarn_rows_double(const tarn_rows *rows, size_t col)
{
    const tarn__cell *cell = cell_at(rows, col);
    return cell->type == TARN_DOUBLE ? cell->f64
                                     : (double)tarn_rows_int64(rows, col);
}

tarn_slice tarn_rows_bytes(tarn_rows *rows, size_t col)
{
    tarn_slice none = {NULL, 0};
    const tarn__cell *cell = cell_at(rows, col);
    if (cell->type == TARN_NULL)
        return none;
    if (cell->type == TARN_TEXT || cell->type == TARN_BLOB ||
        cell->type == TARN_JSON)
        return cell->bytes.ptr != NULL ? cell->bytes : tarn_str("");
    char *text = rows->texts[col].text;
    if (text[0] != '\0')
        return tarn_str(text);
    if (cell->type == TARN_BOOL)
        snprintf(text, CELL_TEXT_BYTES, "%s", cell->i64 ? "true" : "false");
    else if (cell->type == TARN_INT64)
        snprintf(text, CELL_TEXT_BYTES, "%" PRId64, cell->i64);
    else if (cell->type == TARN_DOUBLE)
        tarn__format_double(cell->f64, text);
    else
        tarn__time_format(cell->i64, text);
    return tarn_str(text);
}

const char *tarn_rows_text(tarn_rows *rows, size_t col)
{
    return tarn_rows_bytes(rows, col).ptr;
}

void tarn_rows_free(tarn_rows *rows)
{
    if (rows == NULL)
        return;
    if (rows->cls->free != NULL)
        rows->cls->free(rows->self);
    free_shell(rows);
}

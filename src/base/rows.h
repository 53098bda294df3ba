/* Making a tarn_rows: an implementation behind a table of functions. */
#ifndef TARN_BASE_ROWS_H
#define TARN_BASE_ROWS_H

#include <tarn/base.h>

/* One cell of the current row; `bytes` NUL-terminated, valid until next. */
typedef struct tarn__cell {
    tarn_type type;   /* TARN_NULL for SQL NULL */
    int64_t i64;      /* BOOL, INT64, TIME */
    double f64;       /* DOUBLE */
    tarn_slice bytes; /* TEXT, BLOB, JSON */
} tarn__cell;

typedef struct tarn__rows_class {
    /* Fill cells[column_count], all NULL before; TARN_ROW, TARN_OK at the end, or a failure. */
    tarn_status (*next)(void *self, tarn__cell *cells, tarn_error *err);
    void (*free)(void *self);
} tarn__rows_class;

typedef struct tarn__column {
    const char *name; /* copied */
    tarn_type type;
} tarn__column;

/* Takes over `self` on success only. */
TARN_MUST_CHECK tarn_status tarn__rows_create(const tarn__rows_class *cls,
    void *self, const tarn__column *columns, size_t column_count,
    tarn_rows **out, tarn_error *err);
/* Say that a TEXT column holds bare numbers: see tarn_rows_is_number(). */
void tarn__rows_set_number(tarn_rows *rows, size_t col);

/* Rows in memory, for small listings: add cells in order, row after row, each
 * with the function of its column's type; at least one column. */
typedef struct tarn__table tarn__table;
TARN_MUST_CHECK tarn_status tarn__table_create(const tarn__column *columns,
    size_t column_count, tarn__table **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__table_text(
    tarn__table *t, const char *s, tarn_error *err); /* NULL is SQL NULL */
TARN_MUST_CHECK tarn_status tarn__table_bytes(
    tarn__table *t, tarn_slice s, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__table_i64(
    tarn__table *t, int64_t v, tarn_error *err); /* for BOOL, INT64, TIME */
TARN_MUST_CHECK tarn_status tarn__table_double(
    tarn__table *t, double v, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__table_null(tarn__table *t, tarn_error *err);
void tarn__table_free(tarn__table *t);
/* Consumes the table on success. */
TARN_MUST_CHECK tarn_status tarn__table_rows(
    tarn__table *t, tarn_rows **out, tarn_error *err);

#endif

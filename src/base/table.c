#include <assert.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rows.h"

struct tarn__table {
    tarn__arena arena;     /* the cells' bytes and the column names */
    tarn__column *columns; /* in the arena */
    size_t column_count;
    tarn__cell *cells; /* row after row */
    size_t cell_count;
    size_t cell_cap;
    size_t next_cell; /* when read */
};

tarn_status tarn__table_create(const tarn__column *columns, size_t column_count,
    tarn__table **out, tarn_error *err)
{
    *out = NULL;
    assert(column_count > 0);
    tarn__table *t = tarn__calloc(1, sizeof(*t));
    if (t == NULL)
        return tarn__no_memory(err);
    t->column_count = column_count;
    t->columns =
        tarn__arena_alloc(&t->arena, column_count * sizeof(*t->columns));
    if (t->columns == NULL)
        goto fail;
    for (size_t i = 0; i < column_count; i++) {
        t->columns[i].type = columns[i].type;
        t->columns[i].name = tarn__arena_strdup(&t->arena, columns[i].name);
        if (t->columns[i].name == NULL)
            goto fail;
    }
    *out = t;
    return TARN_OK;
fail:
    tarn__table_free(t);
    return tarn__no_memory(err);
}

/* The type of the column that the next cell goes into. */
static tarn_type next_type(const tarn__table *t)
{
    return t->columns[t->cell_count % t->column_count].type;
}

static tarn_status add(tarn__table *t, tarn__cell cell, tarn_error *err)
{
    tarn_status st = tarn__grow((void **)&t->cells, &t->cell_cap,
        t->cell_count + 1, sizeof(*t->cells), err);
    if (st != TARN_OK)
        return st;
    t->cells[t->cell_count++] = cell;
    return TARN_OK;
}

tarn_status tarn__table_text(tarn__table *t, const char *s, tarn_error *err)
{
    if (s == NULL)
        return tarn__table_null(t, err);
    return tarn__table_bytes(t, tarn_str(s), err);
}

tarn_status tarn__table_bytes(tarn__table *t, tarn_slice s, tarn_error *err)
{
    tarn_type type = next_type(t);
    assert(type == TARN_TEXT || type == TARN_BLOB || type == TARN_JSON);
    tarn__cell cell = {type, 0, 0, tarn__arena_copy(&t->arena, s)};
    if (cell.bytes.ptr == NULL)
        return tarn__no_memory(err);
    return add(t, cell, err);
}

tarn_status tarn__table_i64(tarn__table *t, int64_t v, tarn_error *err)
{
    tarn_type type = next_type(t);
    assert(type == TARN_BOOL || type == TARN_INT64 || type == TARN_TIME);
    tarn__cell cell = {type, v, 0, {NULL, 0}};
    return add(t, cell, err);
}

tarn_status tarn__table_double(tarn__table *t, double v, tarn_error *err)
{
    assert(next_type(t) == TARN_DOUBLE);
    tarn__cell cell = {TARN_DOUBLE, 0, v, {NULL, 0}};
    return add(t, cell, err);
}

tarn_status tarn__table_null(tarn__table *t, tarn_error *err)
{
    tarn__cell cell = {TARN_NULL, 0, 0, {NULL, 0}};
    return add(t, cell, err);
}

void tarn__table_free(tarn__table *t)
{
    if (t == NULL)
        return;
    tarn__free(t->cells);
    tarn__arena_reset(&t->arena);
    tarn__free(t);
}

static tarn_status table_next(void *self, tarn__cell *cells, tarn_error *err)
{
    (void)err;
    tarn__table *t = self;
    if (t->next_cell == t->cell_count)
        return TARN_OK;
    for (size_t i = 0; i < t->column_count; i++)
        cells[i] = t->cells[t->next_cell++];
    return TARN_ROW;
}

static void table_free(void *self)
{
    tarn__table_free(self);
}

tarn_status tarn__table_rows(tarn__table *t, tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {table_next, table_free};
    assert(t->cell_count % t->column_count == 0);
    return tarn__rows_create(&cls, t, t->columns, t->column_count, out, err);
}

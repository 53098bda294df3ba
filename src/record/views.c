/* The lake's upkeep with the views of this room in it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/rows.h"
#include "record/column.h"

/* Rows of texts into a table. */
static tarn_status copy_rows(
    tarn_rows *rows, tarn__table *table, tarn_error *err)
{
    size_t columns = tarn_rows_column_count(rows);
    tarn_status st;
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW) {
        st = TARN_OK;
        for (size_t i = 0; st == TARN_OK && i < columns; i++)
            st = tarn__table_text(table, tarn_rows_text(rows, i), err);
        if (st != TARN_OK)
            break;
    }
    tarn_rows_free(rows);
    return st;
}

static tarn_status add_fault(
    void *arg, const char *where, const char *what, tarn_error *err)
{
    tarn__table *table = arg;
    tarn_status st = tarn__table_text(table, "I4", err);
    if (st == TARN_OK)
        st = tarn__table_text(table, where, err);
    return st == TARN_OK ? tarn__table_text(table, what, err) : st;
}

tarn_status tarn_views_check(
    tarn_lake *lake, bool deep, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {
        {"fault", TARN_TEXT}, {"where", TARN_TEXT}, {"what", TARN_TEXT}};
    tarn__table *table = NULL;
    tarn_rows *rows = NULL;
    *out = NULL;
    tarn_status st = tarn_lake_check(lake, deep, &rows, err);
    if (st != TARN_OK)
        return st;
    st = tarn__table_create(columns, 3, &table, err);
    if (st != TARN_OK) {
        tarn_rows_free(rows);
        return st;
    }
    st = copy_rows(rows, table, err);
    if (st == TARN_OK)
        st = tarn__colviews_check(lake, add_fault, table, err);
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    return st;
}

tarn_status tarn_views_rebuild(
    tarn_lake *lake, const char *what, tarn_error *err)
{
    bool column =
        what == NULL || strcmp(what, "all") == 0 || strcmp(what, "column") == 0;
    tarn_status st = tarn_lake_rebuild(lake, what, err);
    return st == TARN_OK && column ? tarn__colviews_rebuild(lake, err) : st;
}

static tarn_status add_version(
    void *arg, const char *tenant, int64_t version, tarn_error *err)
{
    tarn__table *table = arg;
    char text[24];
    char *item = tarn__sprintf("view_column %s", tenant);
    if (item == NULL)
        return tarn__no_memory(err);
    snprintf(text, sizeof(text), "%" PRId64, version);
    tarn_status st = tarn__table_text(table, item, err);
    tarn__free(item);
    return st == TARN_OK ? tarn__table_text(table, text, err) : st;
}

tarn_status tarn_views_status(tarn_lake *lake, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {
        {"item", TARN_TEXT}, {"value", TARN_TEXT}};
    tarn__table *table = NULL;
    tarn_rows *rows = NULL;
    *out = NULL;
    tarn_status st = tarn_lake_status(lake, &rows, err);
    if (st != TARN_OK)
        return st;
    st = tarn__table_create(columns, 2, &table, err);
    if (st != TARN_OK) {
        tarn_rows_free(rows);
        return st;
    }
    st = copy_rows(rows, table, err);
    if (st == TARN_OK)
        st = tarn__colviews_each(lake, add_version, table, err);
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    return st;
}

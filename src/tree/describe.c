/* tarn_tree_describe(): what a node is, its schema, its versions. */
#include <stdio.h>

#include "base/error.h"
#include "base/rows.h"
#include "base/time.h"
#include "tree/node.h"
#include "tree/rows_sql.h"

typedef struct describing {
    tarn_snapshot *snap;
    tarn__table *table;
    const tarn__node *node;
} describing;

static tarn_status add(describing *d, const char *section, const char *name,
    const char *value, tarn_error *err)
{
    tarn_status st = tarn__table_text(d->table, section, err);
    if (st == TARN_OK)
        st = tarn__table_text(d->table, name, err);
    return st == TARN_OK ? tarn__table_text(d->table, value, err) : st;
}

static tarn_status add_number(
    describing *d, const char *name, int64_t value, tarn_error *err)
{
    char text[32];

    if (value < 0)
        return TARN_OK; /* unknown */
    snprintf(text, sizeof text, "%lld", (long long)value);
    return add(d, "node", name, text, err);
}

static tarn_status add_time(
    describing *d, const char *name, int64_t us, tarn_error *err)
{
    char text[TARN__TIME_TEXT_BYTES];
    return add(d, "node", name, tarn__time_format(us, text), err);
}

static tarn_status add_basics(
    describing *d, const tarn_node *node, tarn_error *err)
{
    tarn_status st = add(d, "node", "path", node->path, err);
    if (st == TARN_OK)
        st = add(d, "node", "kind", tarn_kind_name(node->kind), err);
    if (st == TARN_OK)
        st = add(d, "node", "id", node->id, err);
    if (st == TARN_OK && node->target != NULL)
        st = add(d, "node", "target", node->target, err);
    if (st == TARN_OK)
        st = add_number(d, "version", node->version, err);
    if (st == TARN_OK)
        st = add_time(d, "created", node->created_us, err);
    if (st == TARN_OK)
        st = add_time(d, "modified", node->modified_us, err);
    if (st != TARN_OK || !tarn__kind_has_content(d->node->kind))
        return st;
    st = add_number(d, "size", node->size_bytes, err);
    if (st == TARN_OK)
        st = add_number(d, "versions", node->item_count, err);
    return st == TARN_OK ? add_number(d, "rows", node->row_count, err) : st;
}

static tarn_status add_schema(describing *d, tarn_error *err)
{
    tarn__duck *duck = NULL;
    tarn__duck_result *rows = NULL;
    tarn_buf sql = TARN_BUF_INIT;

    tarn_status st = tarn__tree_duck(tarn__snapshot_lake(d->snap), &duck, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "FROM ", err);
    if (st == TARN_OK)
        st = tarn__rows_sql(d->snap, &d->node->id, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, " LIMIT 0", err);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &rows, err);
    for (size_t i = 0; st == TARN_OK && i < tarn__duck_columns(rows); i++) {
        char *type = tarn__duck_column_sql_type(rows, i);
        st = type != NULL
            ? add(d, "column", tarn__duck_column_name(rows, i), type, err)
            : tarn__no_memory(err);
        tarn__free(type);
    }
    tarn__duck_result_free(rows);
    tarn__duck_close(duck);
    tarn_buf_reset(&sql);
    return st;
}

/* "412 bytes, 20 rows, 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z" */
static tarn_status add_item(
    describing *d, const tarn__item *item, tarn_error *err)
{
    char name[32], rows[48] = "", range[120] = "", value[240];
    char from[TARN__TIME_TEXT_BYTES], to[TARN__TIME_TEXT_BYTES];

    snprintf(name, sizeof name, "%lld", (long long)item->version);
    if (item->rows >= 0)
        snprintf(rows, sizeof rows, ", %lld rows", (long long)item->rows);
    if (item->has_bounds)
        snprintf(range, sizeof range, ", %s to %s",
            tarn__time_format(item->min_time_us, from),
            tarn__time_format(item->max_time_us, to));
    snprintf(value, sizeof value, "%llu bytes%s%s",
        (unsigned long long)item->size_bytes, rows, range);
    return add(d, "version", name, value, err);
}

static tarn_status add_items(describing *d, tarn_error *err)
{
    tarn__content list = TARN__CONTENT_INIT;
    char from[TARN__TIME_TEXT_BYTES], to[TARN__TIME_TEXT_BYTES];
    int64_t min_us = INT64_MAX, max_us = INT64_MIN;

    tarn_status st =
        tarn__tree_content(d->snap, &d->node->id, false, &list, err);
    for (size_t i = 0; st == TARN_OK && i < list.count; i++) {
        const tarn__item *item = &list.items[i];
        if (item->has_bounds && item->min_time_us < min_us)
            min_us = item->min_time_us;
        if (item->has_bounds && item->max_time_us > max_us)
            max_us = item->max_time_us;
    }
    if (st == TARN_OK && min_us <= max_us)
        st = add(d, "node", "min_time", tarn__time_format(min_us, from), err);
    if (st == TARN_OK && min_us <= max_us)
        st = add(d, "node", "max_time", tarn__time_format(max_us, to), err);
    for (size_t i = 0; st == TARN_OK && i < list.count; i++)
        st = add_item(d, &list.items[i], err);
    tarn__content_reset(&list);
    return st;
}

static tarn_status add_series(describing *d, tarn_error *err)
{
    char *column = NULL;
    tarn_status st = tarn__node_attr(d->node, "time_column", &column, err);

    if (st == TARN_OK && column != NULL)
        st = add(d, "node", "time_column", column, err);
    tarn__free(column);
    return st;
}

static tarn_status fill(describing *d, const char *path, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;
    tarn_node basics = TARN_NODE_INIT;

    tarn_status st = tarn_tree_stat(d->snap, path, true, &basics, err);
    if (st == TARN_OK)
        st = tarn__tree_resolve(d->snap, path, true, &node, &payload, err);
    d->node = &node;
    if (st == TARN_OK)
        st = add_basics(d, &basics, err);
    if (st == TARN_OK && node.kind == TARN__KIND_SERIES)
        st = add_series(d, err);
    if (st == TARN_OK && tarn__kind_has_content(node.kind))
        st = add_items(d, err);
    if (st == TARN_OK && tarn__kind_is_rows(node.kind) && basics.item_count > 0)
        st = add_schema(d, err);
    tarn_node_reset(&basics);
    tarn_buf_reset(&payload);
    return st;
}

tarn_status tarn_tree_describe(
    tarn_snapshot *snap, const char *path, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {
        {.name = "section", .type = TARN_TEXT},
        {.name = "name", .type = TARN_TEXT},
        {.name = "value", .type = TARN_TEXT}};
    describing d = {.snap = snap};

    *out = NULL;
    tarn_status st = tarn__table_create(columns, 3, &d.table, err);
    if (st == TARN_OK)
        st = fill(&d, path, err);
    if (st == TARN_OK)
        st = tarn__table_rows(d.table, out, err);
    if (st != TARN_OK)
        tarn__table_free(d.table);
    return st;
}

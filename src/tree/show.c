/* tarn_tree_show(): one commit's operations, with paths. */
#include "base/error.h"
#include "base/rows.h"
#include "base/str.h"
#include "lake/history.h"
#include "tree/node.h"

typedef struct show {
    tarn__table *table;
    tarn_snapshot *now;
    tarn_snapshot *before; /* NULL at version 0 and at gc's horizon */
} show;

/* Where the node stands after the commit; what it deleted stood before. */
static tarn_status path_of(const show *s, const tarn__op *op, tarn_buf *path,
    bool *found, tarn_error *err)
{
    tarn__id id;

    *found = false;
    if (!tarn__id_parse(op->key, &id))
        return TARN_OK;
    tarn_status st = tarn__node_path(s->now, &id, path, found, err);
    if (st != TARN_OK || *found || s->before == NULL)
        return st;
    tarn__buf_clear(path);
    return tarn__node_path(s->before, &id, path, found, err);
}

static tarn_status add_path(show *s, const tarn__op *op, tarn_error *err)
{
    tarn_buf path = TARN_BUF_INIT;
    bool found = false;
    tarn_status st = TARN_OK;

    if (tarn__slice_is(tarn_str(op->space), "tree"))
        st = path_of(s, op, &path, &found, err);
    if (st == TARN_OK)
        st = found ? tarn__table_bytes(s->table, tarn__buf_slice(&path), err)
                   : tarn__table_null(s->table, err);
    tarn_buf_reset(&path);
    return st;
}

static tarn_status add_op(void *arg, const tarn__op *op, tarn_error *err)
{
    show *s = arg;

    tarn_status st = tarn__table_text(s->table, op->space, err);
    if (st == TARN_OK)
        st = tarn__table_text(s->table, tarn__op_type_name(op->type), err);
    if (st == TARN_OK)
        st = tarn__table_bytes(s->table, op->kind, err);
    if (st == TARN_OK)
        st = tarn__table_bytes(s->table, op->key, err);
    if (st == TARN_OK)
        st = add_path(s, op, err);
    if (st == TARN_OK)
        st = op->size_bytes < 0
            ? tarn__table_null(s->table, err)
            : tarn__table_i64(s->table, op->size_bytes, err);
    return st;
}

static tarn_status fill(
    show *s, tarn_lake *lake, int64_t version, tarn_error *err)
{
    int64_t horizon;
    tarn_buf seen = TARN_BUF_INIT;

    tarn_status st = tarn_snapshot_open(lake, version, &s->now, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(lake, &horizon, err);
    if (st == TARN_OK && version > horizon)
        st = tarn_snapshot_open(lake, version - 1, &s->before, err);
    if (st == TARN_OK)
        st = tarn__lake_seen_sql(lake, &seen, err);
    if (st == TARN_OK)
        st = tarn__lake_ops(
            lake, version, version, seen.ptr, false, add_op, s, err);
    tarn_buf_reset(&seen);
    tarn_snapshot_free(s->now);
    tarn_snapshot_free(s->before);
    return st;
}

tarn_status tarn_tree_show(
    tarn_lake *lake, int64_t version, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{.name = "space", .type = TARN_TEXT},
        {.name = "op", .type = TARN_TEXT}, {.name = "kind", .type = TARN_TEXT},
        {.name = "key", .type = TARN_TEXT}, {.name = "path", .type = TARN_TEXT},
        {.name = "size", .type = TARN_INT64}};
    show s = {NULL, NULL, NULL};

    *out = NULL;
    tarn_status st = tarn__table_create(columns, 6, &s.table, err);
    if (st == TARN_OK)
        st = fill(&s, lake, version, err);
    if (st == TARN_OK)
        st = tarn__table_rows(s.table, out, err);
    if (st != TARN_OK)
        tarn__table_free(s.table);
    return st;
}

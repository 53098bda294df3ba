#include "tree/draft.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "tree/items.h"
#include "tree/node.h"

tarn__draft tarn__draft_of(const tarn__node *node)
{
    tarn__draft d;
    memset(&d, 0, sizeof(d));
    d.id = node->id;
    d.kind = node->kind;
    d.parent = node->parent;
    d.name = node->name;
    d.created_us = node->created_us;
    d.attrs = node->attrs;
    return d;
}

tarn_status tarn__draft_new(tarn_txn *txn, tarn__kind kind,
    const tarn__id *parent, tarn_slice name, tarn__draft *out, tarn_error *err)
{
    memset(out, 0, sizeof(*out));
    out->kind = kind;
    out->parent = *parent;
    out->name = name;
    out->created_us = tarn__txn_time(txn);
    return tarn__id_new(&out->id, err);
}

static tarn_status put_place(
    tarn_buf *meta, const tarn__id *parent, tarn_slice name, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];
    tarn_status st = tarn__buf_str(meta, "\"name\":", err);
    if (st == TARN_OK)
        st = tarn__json_quote(meta, name, err);
    if (st == TARN_OK)
        st = tarn__buf_str(meta, ",\"parent\":\"", err);
    if (st == TARN_OK)
        st = tarn__buf_str(meta, tarn__id_format(parent, text), err);
    return st == TARN_OK ? tarn__buf_char(meta, '"', err) : st;
}

/* {"name","parent","created_at","attrs","from" */
static tarn_status put_head(
    tarn_buf *meta, const tarn__draft *d, tarn_error *err)
{
    tarn_status st = tarn__buf_char(meta, '{', err);
    if (st == TARN_OK)
        st = put_place(meta, &d->parent, d->name, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(
            meta, err, ",\"created_at\":%lld", (long long)d->created_us);
    if (st == TARN_OK && d->attrs.len > 0)
        st = tarn__buf_str(meta, ",\"attrs\":", err);
    if (st == TARN_OK && d->attrs.len > 0)
        st = tarn__buf_append(meta, d->attrs.ptr, d->attrs.len, err);
    if (st == TARN_OK && d->moved) {
        st = tarn__buf_str(meta, ",\"from\":{", err);
        if (st == TARN_OK)
            st = put_place(meta, &d->from_parent, d->from_name, err);
        if (st == TARN_OK)
            st = tarn__buf_char(meta, '}', err);
    }
    return st;
}

typedef struct totals {
    uint64_t bytes;
    uint64_t items;
    int64_t rows;
    bool rolled;
    tarn__roll roll;
} totals;

static totals total_up(const tarn__piece *piece, const tarn__item *after)
{
    bool rolled = piece->roll.len == piece->size_bytes;
    totals t = {piece->size_bytes, 1, piece->rows, rolled, piece->roll};
    if (after == NULL)
        return t;
    t.bytes += after->total_bytes;
    t.items += after->total_items;
    t.rows = piece->rows < 0 || after->total_rows < 0
        ? -1
        : piece->rows + after->total_rows;
    t.rolled = rolled && tarn__item_rolled(after);
    t.roll = tarn__roll_join(after->roll, piece->roll);
    return t;
}

static tarn_status put_totals(
    tarn_buf *meta, const tarn__piece *piece, totals t, tarn_error *err)
{
    tarn_status st = tarn__buf_printf(meta, err,
        ",\"total_bytes\":%llu,\"total_items\":%llu",
        (unsigned long long)t.bytes, (unsigned long long)t.items);
    if (st == TARN_OK && piece->rows >= 0)
        st = tarn__buf_printf(
            meta, err, ",\"rows\":%lld", (long long)piece->rows);
    if (st == TARN_OK && t.rows >= 0)
        st = tarn__buf_printf(
            meta, err, ",\"total_rows\":%lld", (long long)t.rows);
    if (st == TARN_OK && t.rolled)
        st = tarn__buf_printf(meta, err, ",\"roll\":\"%016llx\"",
            (unsigned long long)t.roll.hash);
    return st;
}

static tarn_status add(tarn_txn *txn, const tarn__draft *d, tarn__op_type type,
    const tarn__piece *piece, const totals *t, tarn_error *err)
{
    char key[TARN__ID_TEXT_BYTES];
    char object[TARN__SHA256_HEX_BYTES];
    tarn_buf meta = TARN_BUF_INIT;
    tarn__op op = TARN__OP_INIT;
    op.space = "tree";
    op.type = type;
    op.kind = tarn_str(tarn__kind_name(d->kind));
    op.key = tarn_str(tarn__id_format(&d->id, key));
    tarn_status st = put_head(&meta, d, err);
    if (st == TARN_OK && piece != NULL) {
        st = put_totals(&meta, piece, *t, err);
        op.size_bytes = (int64_t)piece->size_bytes;
        op.has_bounds = piece->has_bounds;
        op.min_time_us = piece->min_time_us;
        op.max_time_us = piece->max_time_us;
        op.content = piece->bytes;
        if (!piece->is_object && op.content.ptr == NULL)
            op.content = tarn_str("");
        if (piece->is_object) {
            tarn__hex(piece->sha256, TARN__SHA256_BYTES, object);
            op.object = tarn_str(object);
            op.content = (tarn_slice){NULL, 0};
        }
    }
    if (st == TARN_OK)
        st = tarn__buf_char(&meta, '}', err);
    op.meta = tarn__buf_slice(&meta);
    if (st == TARN_OK)
        st = tarn__txn_add(txn, &op, err);
    tarn_buf_reset(&meta);
    return st;
}

tarn_status tarn__draft_put(
    tarn_txn *txn, const tarn__draft *draft, tarn_error *err)
{
    return add(txn, draft, TARN__OP_PUT, NULL, NULL, err);
}

tarn_status tarn__draft_content(tarn_txn *txn, const tarn__draft *draft,
    const tarn__piece *piece, tarn_error *err)
{
    totals t = total_up(piece, NULL);
    return add(txn, draft, TARN__OP_PUT, piece, &t, err);
}

tarn_status tarn__draft_append(tarn_txn *txn, const tarn__draft *draft,
    const tarn__piece *piece, const tarn__item *after, tarn_error *err)
{
    totals t = total_up(piece, after);
    return add(txn, draft, after == NULL ? TARN__OP_PUT : TARN__OP_APPEND,
        piece, &t, err);
}

tarn_status tarn__draft_delete(
    tarn_txn *txn, const tarn__draft *draft, tarn_error *err)
{
    return add(txn, draft, TARN__OP_DELETE, NULL, NULL, err);
}

tarn__piece tarn__piece_of(const tarn__item *item)
{
    tarn__piece p;
    memset(&p, 0, sizeof(p));
    p.is_object = item->is_object;
    memcpy(p.sha256, item->sha256, sizeof(p.sha256));
    p.size_bytes = item->size_bytes;
    p.bytes = item->content;
    p.rows = item->rows;
    p.has_bounds = item->has_bounds;
    p.min_time_us = item->min_time_us;
    p.max_time_us = item->max_time_us;
    return p;
}

bool tarn__piece_same(const tarn__piece *piece, const tarn__item *item)
{
    if (piece->size_bytes != item->size_bytes ||
        piece->is_object != item->is_object)
        return false;
    if (piece->is_object)
        return memcmp(piece->sha256, item->sha256, TARN__SHA256_BYTES) == 0;
    return memcmp(piece->bytes.ptr, item->content.ptr, piece->size_bytes) == 0;
}

static tarn_status copy_item(tarn_txn *txn, const tarn__draft *draft,
    tarn_snapshot *from, const tarn__id *source, const tarn__item *listed,
    tarn_error *err)
{
    tarn_buf hold = TARN_BUF_INIT;
    tarn__item item;
    tarn_status st = tarn__item_get(
        from, source, listed->version, listed->seq, &item, &hold, err);
    if (st == TARN_OK) {
        tarn__piece piece = tarn__piece_of(&item);
        totals t = {item.total_bytes, item.total_items, item.total_rows,
            tarn__item_rolled(&item), item.roll};
        st = add(txn, draft, item.reset ? TARN__OP_PUT : TARN__OP_APPEND,
            &piece, &t, err);
    }
    tarn_buf_reset(&hold);
    return st;
}

tarn_status tarn__draft_copy_content(tarn_txn *txn, const tarn__draft *draft,
    tarn_snapshot *from, const tarn__id *source, tarn_error *err)
{
    tarn__content list;
    tarn_status st = tarn__tree_content(from, source, false, &list, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; st == TARN_OK && i < list.count; i++)
        st = copy_item(txn, draft, from, source, &list.items[i], err);
    tarn__content_reset(&list);
    return st;
}

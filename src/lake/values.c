#include "lake/values.h"

#include <string.h>

#include "base/error.h"

enum { ITEM_RESET = 1, ITEM_OBJECT = 2, ITEM_PARQUET = 4, ITEM_BOUNDS = 8 };

tarn_status tarn__node_encode(
    tarn_buf *out, const tarn__node *node, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, (char)node->kind, err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, node->parent.bytes, 16, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)node->created_us, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)node->modified_us, err);
    if (st == TARN_OK)
        st = tarn__buf_varint(out, node->name.len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, node->name.ptr, node->name.len, err);
    if (st == TARN_OK)
        st = tarn__buf_varint(out, node->attrs.len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, node->attrs.ptr, node->attrs.len, err);
    return st;
}

bool tarn__node_decode(
    const tarn__id *id, tarn_slice payload, int64_t version, tarn__node *out)
{
    tarn__cursor c = tarn__cursor_of(payload);
    uint8_t kind;
    tarn_slice parent;
    uint64_t created, modified, len;

    memset(out, 0, sizeof *out);
    out->id = *id;
    out->version = version;
    if (!tarn__cursor_byte(&c, &kind) || kind < TARN__KIND_DIR ||
        kind > TARN__KIND_COMPUTED || !tarn__cursor_bytes(&c, 16, &parent) ||
        !tarn__cursor_be64(&c, &created) || !tarn__cursor_be64(&c, &modified) ||
        !tarn__cursor_varint(&c, &len) ||
        !tarn__cursor_bytes(&c, len, &out->name) ||
        !tarn__cursor_varint(&c, &len) ||
        !tarn__cursor_bytes(&c, len, &out->attrs))
        return false;
    out->kind = (tarn__kind)kind;
    memcpy(out->parent.bytes, parent.ptr, 16);
    out->created_us = (int64_t)created;
    out->modified_us = (int64_t)modified;
    return true;
}

bool tarn__entry_decode(tarn_slice payload, tarn__id *child, tarn__kind *kind)
{
    if (payload.len != 17 || payload.ptr[16] < TARN__KIND_DIR ||
        payload.ptr[16] > TARN__KIND_COMPUTED)
        return false;
    memcpy(child->bytes, payload.ptr, 16);
    *kind = (tarn__kind)payload.ptr[16];
    return true;
}

static tarn_status encode_head(
    tarn_buf *out, const tarn__item *item, tarn_error *err)
{
    int flags = (item->reset ? ITEM_RESET : 0) |
        (item->is_object ? ITEM_OBJECT : 0) |
        (item->parquet ? ITEM_PARQUET : 0) |
        (item->has_bounds ? ITEM_BOUNDS : 0);

    tarn_status st = tarn__buf_char(out, (char)flags, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)item->time_us, err);
    if (st == TARN_OK)
        st = tarn__buf_varint(out, item->size_bytes, err);
    if (st == TARN_OK && item->is_object)
        st = tarn__buf_append(out, item->sha256, sizeof item->sha256, err);
    if (st == TARN_OK && item->has_bounds)
        st = tarn__buf_be64(out, (uint64_t)item->min_time_us, err);
    if (st == TARN_OK && item->has_bounds)
        st = tarn__buf_be64(out, (uint64_t)item->max_time_us, err);
    return st;
}

tarn_status tarn__item_encode(
    tarn_buf *out, const tarn__item *item, tarn_error *err)
{
    tarn_status st = encode_head(out, item, err);
    if (st == TARN_OK)
        st = tarn__buf_varint(out, (uint64_t)item->rows + 1, err);
    if (st == TARN_OK)
        st = tarn__buf_varint(out, item->total_bytes, err);
    if (st == TARN_OK)
        st = tarn__buf_varint(out, item->total_items, err);
    if (st == TARN_OK)
        st = tarn__buf_varint(out, (uint64_t)item->total_rows + 1, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, item->roll.hash, err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, item->content.ptr, item->content.len, err);
    return st;
}

static bool decode_bounds(tarn__cursor *c, tarn__item *out)
{
    uint64_t min, max;

    if (!tarn__cursor_be64(c, &min) || !tarn__cursor_be64(c, &max))
        return false;
    out->min_time_us = (int64_t)min;
    out->max_time_us = (int64_t)max;
    return true;
}

static bool decode_key(tarn_slice key, tarn__item *out)
{
    if (key.len != 28)
        return false;
    out->version = (int64_t)~tarn__be64(key.ptr + 16);
    out->seq = (int32_t)~tarn__be32(key.ptr + 24);
    return true;
}

bool tarn__item_decode(tarn_slice key, tarn_slice payload, tarn__item *out)
{
    tarn__cursor c = tarn__cursor_of(payload);
    uint8_t flags;
    uint64_t time, rows, total_rows;
    tarn_slice sha;

    memset(out, 0, sizeof *out);
    if (!decode_key(key, out) || !tarn__cursor_byte(&c, &flags) ||
        !tarn__cursor_be64(&c, &time) ||
        !tarn__cursor_varint(&c, &out->size_bytes))
        return false;
    out->time_us = (int64_t)time;
    out->reset = (flags & ITEM_RESET) != 0;
    out->is_object = (flags & ITEM_OBJECT) != 0;
    out->parquet = (flags & ITEM_PARQUET) != 0;
    out->has_bounds = (flags & ITEM_BOUNDS) != 0;
    if (out->is_object) {
        if (!tarn__cursor_bytes(&c, sizeof out->sha256, &sha))
            return false;
        memcpy(out->sha256, sha.ptr, sha.len);
    }
    if (out->has_bounds && !decode_bounds(&c, out))
        return false;
    if (!tarn__cursor_varint(&c, &rows) ||
        !tarn__cursor_varint(&c, &out->total_bytes) ||
        !tarn__cursor_varint(&c, &out->total_items) ||
        !tarn__cursor_varint(&c, &total_rows) ||
        !tarn__cursor_be64(&c, &out->roll.hash))
        return false;
    out->rows = (int64_t)(rows - 1);
    out->total_rows = (int64_t)(total_rows - 1);
    out->roll.len = out->total_bytes;
    out->content.ptr = c.ptr;
    out->content.len = (size_t)(c.end - c.ptr);
    return out->is_object ? out->content.len == 0
                          : out->content.len == out->size_bytes;
}

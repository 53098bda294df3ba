/* Operations as bytes, for the spool of a transaction. */
#include <string.h>

#include "lake/lake_internal.h"

enum {
    HAS_TENANT = 1,
    HAS_OBJECT = 2,
    HAS_CONTENT = 4,
    HAS_META = 8,
    HAS_BOUNDS = 16
};

static const char *const spaces[] = {"tree", "record", "edge", "state"};

static tarn_status encode_slice(tarn_buf *out, tarn_slice s, tarn_error *err)
{
    tarn_status st = tarn__buf_varint(out, s.len, err);
    return st == TARN_OK ? tarn__buf_append(out, s.ptr, s.len, err) : st;
}

static int space_index(const char *space)
{
    for (int i = 0; i < 4; i++)
        if (strcmp(space, spaces[i]) == 0)
            return i;
    return 3;
}

tarn_status tarn__op_encode(tarn_buf *out, const tarn__op *op, tarn_error *err)
{
    int flags = (op->tenant.ptr != NULL ? HAS_TENANT : 0) |
        (op->object.ptr != NULL ? HAS_OBJECT : 0) |
        (op->content.ptr != NULL ? HAS_CONTENT : 0) |
        (op->meta.ptr != NULL ? HAS_META : 0) |
        (op->has_bounds ? HAS_BOUNDS : 0);
    const tarn_slice parts[] = {
        op->kind, op->key, op->tenant, op->object, op->content, op->meta};

    tarn_status st = tarn__buf_char(out, (char)flags, err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, (char)space_index(op->space), err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, (char)op->type, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)op->size_bytes, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)op->min_time_us, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)op->max_time_us, err);
    for (size_t i = 0; i < 6 && st == TARN_OK; i++)
        st = encode_slice(out, parts[i], err);
    return st;
}

static bool decode_slice(tarn__cursor *c, bool present, tarn_slice *out)
{
    uint64_t len;

    if (!tarn__cursor_varint(c, &len) || !tarn__cursor_bytes(c, len, out))
        return false;
    if (!present)
        *out = (tarn_slice){NULL, 0};
    return true;
}

bool tarn__op_decode(tarn_slice bytes, tarn__op *out)
{
    tarn__cursor c = tarn__cursor_of(bytes);
    uint8_t flags, space, type;
    uint64_t size, min, max;

    *out = (tarn__op)TARN__OP_INIT;
    if (!tarn__cursor_byte(&c, &flags) || !tarn__cursor_byte(&c, &space) ||
        space > 3 || !tarn__cursor_byte(&c, &type) || type > TARN__OP_DELETE ||
        !tarn__cursor_be64(&c, &size) || !tarn__cursor_be64(&c, &min) ||
        !tarn__cursor_be64(&c, &max))
        return false;
    out->space = spaces[space];
    out->type = (tarn__op_type)type;
    out->size_bytes = (int64_t)size;
    out->min_time_us = (int64_t)min;
    out->max_time_us = (int64_t)max;
    out->has_bounds = (flags & HAS_BOUNDS) != 0;
    return decode_slice(&c, true, &out->kind) &&
        decode_slice(&c, true, &out->key) &&
        decode_slice(&c, (flags & HAS_TENANT) != 0, &out->tenant) &&
        decode_slice(&c, (flags & HAS_OBJECT) != 0, &out->object) &&
        decode_slice(&c, (flags & HAS_CONTENT) != 0, &out->content) &&
        decode_slice(&c, (flags & HAS_META) != 0, &out->meta);
}

/* Seeds as bytes, and lists of them. */
#include "tree/seed.h"

#include <string.h>

#include "base/error.h"

#define MEMORY_BYTES ((size_t)16 << 20) /* of a list; beyond, in a file */

enum { UNSTAGED = 1, OBJECT = 2, BOUNDS = 4, TIME_COLUMN = 8, SOURCE = 16 };

static tarn_status put_slice(tarn_buf *out, tarn_slice s, tarn_error *err)
{
    tarn_status st = tarn__buf_varint(out, s.len, err);
    return st == TARN_OK ? tarn__buf_append(out, s.ptr, s.len, err) : st;
}

static bool get_slice(tarn__cursor *c, tarn_slice *out)
{
    uint64_t len;
    return tarn__cursor_varint(c, &len) && tarn__cursor_bytes(c, len, out);
}

static tarn_status put_content(
    tarn_buf *out, const tarn__seed *seed, tarn_error *err)
{
    const tarn__piece *p = &seed->piece;
    int flags = (seed->unstaged ? UNSTAGED : 0) | (p->is_object ? OBJECT : 0) |
        (p->has_bounds ? BOUNDS : 0) |
        (seed->time_column.ptr != NULL ? TIME_COLUMN : 0) |
        (seed->source.ptr != NULL ? SOURCE : 0);
    tarn_slice sha = {(const char *)p->sha256, TARN__SHA256_BYTES};
    tarn_status st = tarn__buf_char(out, (char)flags, err);
    if (st == TARN_OK)
        st = put_slice(out, p->is_object ? sha : p->bytes, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, p->size_bytes, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)p->rows, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, p->roll.hash, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, p->roll.len, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)p->min_time_us, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)p->max_time_us, err);
    if (st == TARN_OK)
        st = put_slice(out, seed->time_column, err);
    if (st == TARN_OK)
        st = put_slice(out, seed->source, err);
    return st == TARN_OK ? put_slice(out, seed->schema, err) : st;
}

tarn_status tarn__seed_encode(
    tarn_buf *out, const tarn__seed *seed, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, (char)seed->type, err);
    if (st == TARN_OK)
        st = put_slice(out, seed->name, err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, (char)seed->kind, err);
    if (st == TARN_OK && seed->type == TARN__SEED_LINK)
        st = put_slice(out, seed->target, err);
    if (st == TARN_OK && seed->type == TARN__SEED_CONTENT)
        st = put_content(out, seed, err);
    if (st == TARN_OK && seed->type == TARN__SEED_COPY)
        st = tarn__buf_append(
            out, seed->from.bytes, sizeof(seed->from.bytes), err);
    if (st == TARN_OK && seed->type == TARN__SEED_COPY)
        st = put_slice(out, seed->attrs, err);
    return st;
}

static bool get_content(tarn__cursor *c, tarn__seed *out)
{
    tarn__piece *p = &out->piece;
    uint8_t flags;
    uint64_t rows;
    uint64_t min;
    uint64_t max;
    tarn_slice bytes;
    if (!tarn__cursor_byte(c, &flags) || !get_slice(c, &bytes) ||
        !tarn__cursor_be64(c, &p->size_bytes) || !tarn__cursor_be64(c, &rows) ||
        !tarn__cursor_be64(c, &p->roll.hash) ||
        !tarn__cursor_be64(c, &p->roll.len) || !tarn__cursor_be64(c, &min) ||
        !tarn__cursor_be64(c, &max) || !get_slice(c, &out->time_column) ||
        !get_slice(c, &out->source) || !get_slice(c, &out->schema))
        return false;
    p->rows = (int64_t)rows;
    p->min_time_us = (int64_t)min;
    p->max_time_us = (int64_t)max;
    p->is_object = (flags & OBJECT) != 0;
    p->has_bounds = (flags & BOUNDS) != 0;
    out->unstaged = (flags & UNSTAGED) != 0;
    if ((flags & TIME_COLUMN) == 0)
        out->time_column.ptr = NULL;
    if ((flags & SOURCE) == 0)
        out->source.ptr = NULL;
    if (!p->is_object)
        p->bytes = bytes;
    else if (bytes.len == TARN__SHA256_BYTES)
        memcpy(p->sha256, bytes.ptr, bytes.len);
    return !p->is_object || bytes.len == TARN__SHA256_BYTES;
}

bool tarn__seed_decode(tarn_slice bytes, tarn__seed *out)
{
    tarn__cursor c = tarn__cursor_of(bytes);
    uint8_t type;
    uint8_t kind;
    tarn_slice from;
    memset(out, 0, sizeof(*out));
    if (!tarn__cursor_byte(&c, &type) || !get_slice(&c, &out->name) ||
        !tarn__cursor_byte(&c, &kind))
        return false;
    out->type = (tarn__seed_type)type;
    out->kind = (tarn__kind)kind;
    if (out->type == TARN__SEED_LINK)
        return get_slice(&c, &out->target);
    if (out->type == TARN__SEED_CONTENT)
        return get_content(&c, out);
    if (out->type != TARN__SEED_COPY)
        return true;
    if (!tarn__cursor_bytes(&c, sizeof(out->from.bytes), &from))
        return false;
    memcpy(out->from.bytes, from.ptr, from.len);
    return get_slice(&c, &out->attrs);
}

void tarn__seeds_init(tarn__seeds *seeds, tarn_lake *lake)
{
    tarn__spool_init(&seeds->spool, MEMORY_BYTES);
    seeds->lake = lake;
    seeds->record = (tarn_buf)TARN_BUF_INIT;
}

static tarn_status scratch_of(void *arg, tarn__scratch **out, tarn_error *err)
{
    return tarn__lake_scratch(arg, out, err);
}

tarn_status tarn__seeds_add(
    tarn__seeds *seeds, const tarn__seed *seed, tarn_error *err)
{
    tarn__buf_clear(&seeds->record);
    tarn_status st = tarn__seed_encode(&seeds->record, seed, err);
    if (st == TARN_OK)
        st = tarn__spool_add(&seeds->spool, tarn__buf_slice(&seeds->record),
            scratch_of, seeds->lake, err);
    return st;
}

tarn_status tarn__seeds_dir(
    tarn__seeds *seeds, tarn_slice name, tarn_error *err)
{
    tarn__seed seed;
    memset(&seed, 0, sizeof(seed));
    seed.type = TARN__SEED_DIR;
    seed.kind = TARN__KIND_DIR;
    seed.name = name;
    return tarn__seeds_add(seeds, &seed, err);
}

tarn_status tarn__seeds_leave(tarn__seeds *seeds, tarn_error *err)
{
    tarn__seed seed;
    memset(&seed, 0, sizeof(seed));
    seed.type = TARN__SEED_LEAVE;
    seed.kind = TARN__KIND_DIR;
    return tarn__seeds_add(seeds, &seed, err);
}

void tarn__seeds_reset(tarn__seeds *seeds)
{
    tarn__spool_reset(&seeds->spool);
    tarn_buf_reset(&seeds->record);
}

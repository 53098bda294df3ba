#include "lake/versioned.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"

tarn_status tarn__physical_key(
    tarn_buf *out, tarn_slice key, int64_t version, tarn_error *err)
{
    tarn_status st = tarn__buf_append(out, key.ptr, key.len, err);
    return st == TARN_OK ? tarn__buf_be64(out, ~(uint64_t)version, err) : st;
}

tarn_status tarn__tagged_value(
    tarn_buf *out, tarn_slice payload, tarn_error *err)
{
    if (payload.ptr == NULL)
        return tarn__buf_char(out, TARN__TAG_TOMBSTONE, err);
    tarn_status st = tarn__buf_char(out, TARN__TAG_LIVE, err);
    return st == TARN_OK ? tarn__buf_append(out, payload.ptr, payload.len, err)
                         : st;
}

void tarn__vcursor_seek(tarn__vcursor *c, tarn_slice physical)
{
    if (c->iter != NULL)
        tarn__rocks_iter_seek(c->iter, physical);
    else
        c->node = tarn__ordmap_seek(c->map, physical);
}

void tarn__vcursor_step(tarn__vcursor *c)
{
    if (c->iter != NULL)
        tarn__rocks_iter_next(c->iter);
    else
        c->node = tarn__ordnode_next(c->node);
}

bool tarn__vcursor_valid(const tarn__vcursor *c)
{
    return c->iter != NULL ? tarn__rocks_iter_valid(c->iter) : c->node != NULL;
}

tarn_slice tarn__vcursor_key(const tarn__vcursor *c)
{
    return c->iter != NULL ? tarn__rocks_iter_key(c->iter)
                           : tarn__ordnode_key(c->node);
}

tarn_slice tarn__vcursor_value(const tarn__vcursor *c)
{
    return c->iter != NULL ? tarn__rocks_iter_value(c->iter)
                           : tarn__ordnode_value(c->node);
}

tarn_status tarn__vcursor_status(const tarn__vcursor *c, tarn_error *err)
{
    return c->iter != NULL ? tarn__rocks_iter_status(c->iter, err) : TARN_OK;
}

static tarn_status broken(tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "views/key: an entry is malformed (tarn rebuild key)");
}

/* Splits a physical key; false when it is too short. */
static bool split(tarn_slice physical, tarn_slice *key, int64_t *version)
{
    if (physical.len < TARN__VERSION_BYTES)
        return false;
    key->ptr = physical.ptr;
    key->len = physical.len - TARN__VERSION_BYTES;
    *version = (int64_t)~tarn__be64(physical.ptr + key->len);
    return true;
}

static tarn_status copy_value(
    const tarn__vcursor *c, tarn_buf *value, tarn_error *err)
{
    tarn_slice v = tarn__vcursor_value(c);

    if (v.len == 0)
        return broken(err);
    tarn__buf_clear(value);
    return tarn__buf_append(value, v.ptr, v.len, err);
}

tarn_status tarn__vcursor_get(tarn__vcursor *c, tarn_slice key, int64_t at,
    tarn_buf *value, bool *found, int64_t *version, tarn_error *err)
{
    char small[256];
    tarn_buf large = TARN_BUF_INIT;
    tarn_slice physical = {small, key.len + TARN__VERSION_BYTES};
    tarn_slice have;
    int64_t v;

    *found = false;
    if (physical.len <= sizeof small) {
        uint64_t inverse = ~(uint64_t)at;
        memcpy(small, key.ptr, key.len);
        for (int i = 0; i < 8; i++)
            small[key.len + (size_t)i] =
                (char)(uint8_t)(inverse >> (56 - 8 * i));
    } else {
        tarn_status st = tarn__physical_key(&large, key, at, err);
        if (st != TARN_OK) {
            tarn_buf_reset(&large);
            return st;
        }
        physical = tarn__buf_slice(&large);
    }
    tarn__vcursor_seek(c, physical);
    tarn_buf_reset(&large);
    if (!tarn__vcursor_valid(c))
        return tarn__vcursor_status(c, err);
    if (!split(tarn__vcursor_key(c), &have, &v))
        return broken(err);
    if (!tarn__slice_eq(have, key))
        return TARN_OK;
    *found = true;
    if (version != NULL)
        *version = v;
    return copy_value(c, value, err);
}

static bool has_prefix(tarn_slice s, tarn_slice prefix)
{
    return s.len >= prefix.len && memcmp(s.ptr, prefix.ptr, prefix.len) == 0;
}

/* Steps over what is left of the entries of `key`; a long history is jumped. */
static tarn_status skip_key(tarn__vcursor *c, tarn_slice key, tarn_error *err)
{
    tarn_slice have;
    int64_t v;

    for (int i = 0; i < 8; i++) {
        tarn__vcursor_step(c);
        if (!tarn__vcursor_valid(c))
            return tarn__vcursor_status(c, err);
        if (!split(tarn__vcursor_key(c), &have, &v))
            return broken(err);
        if (!tarn__slice_eq(have, key))
            return TARN_OK;
    }
    return tarn__vcursor_seek_after(c, key, err);
}

tarn_status tarn__vcursor_seek_after(
    tarn__vcursor *c, tarn_slice key, tarn_error *err)
{
    /* ~0 stands for version 0's inverse, the last entry there can be. */
    tarn_buf last = TARN_BUF_INIT;
    tarn_status st = tarn__physical_key(&last, key, 0, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&last, '\0', err);
    if (st == TARN_OK)
        tarn__vcursor_seek(c, tarn__buf_slice(&last));
    tarn_buf_reset(&last);
    return st;
}

/* Past the entries of a key that are newer than the reader may see. `key` is
 * for scratch. */
static tarn_status seek_version(tarn__vcursor *c, tarn_slice have, int64_t at,
    tarn_buf *key, tarn_error *err)
{
    tarn__buf_clear(key);
    tarn_status st = tarn__physical_key(key, have, at, err);
    if (st == TARN_OK)
        tarn__vcursor_seek(c, tarn__buf_slice(key));
    return st;
}

tarn_status tarn__vcursor_next_key(tarn__vcursor *c, tarn_slice prefix,
    int64_t at, tarn_buf *key, tarn_buf *value, int64_t *version,
    tarn_error *err)
{
    tarn_slice have;
    int64_t v;
    tarn_status st;

    for (;;) {
        if (!tarn__vcursor_valid(c)) {
            st = tarn__vcursor_status(c, err);
            return st;
        }
        if (!split(tarn__vcursor_key(c), &have, &v))
            return broken(err);
        if (!has_prefix(have, prefix))
            return TARN_OK;
        if (v <= at)
            break;
        st = seek_version(c, have, at, key, err);
        if (st != TARN_OK)
            return st;
    }
    *version = v;
    tarn__buf_clear(key);
    st = tarn__buf_append(key, have.ptr, have.len, err);
    if (st == TARN_OK)
        st = copy_value(c, value, err);
    if (st == TARN_OK)
        st = skip_key(c, tarn__buf_slice(key), err);
    return st == TARN_OK ? TARN_ROW : st;
}

#include "lake/keys.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"

tarn_status tarn__key_part(tarn_buf *key, tarn_slice part, tarn_error *err)
{
    size_t start = 0;

    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] != '\0')
            continue;
        tarn_status st =
            tarn__buf_append(key, part.ptr + start, i - start, err);
        if (st == TARN_OK)
            st = tarn__buf_append(key, "\x00\xff", 2, err);
        if (st != TARN_OK)
            return st;
        start = i + 1;
    }
    tarn_status st = TARN_OK;
    if (part.len > start) /* ptr may be NULL otherwise */
        st = tarn__buf_append(key, part.ptr + start, part.len - start, err);
    return st == TARN_OK ? tarn__buf_append(key, "\x00\x01", 2, err) : st;
}

tarn_status tarn__key_part_read(
    tarn__cursor *c, tarn_buf *out, bool *ok, tarn_error *err)
{
    tarn_status st = TARN_OK;

    *ok = false;
    while (st == TARN_OK && c->end - c->ptr >= 2) {
        const char *zero = memchr(c->ptr, 0, (size_t)(c->end - c->ptr));
        if (zero == NULL || zero + 1 == c->end)
            return TARN_OK;
        st = tarn__buf_append(out, c->ptr, (size_t)(zero - c->ptr), err);
        c->ptr = zero + 2;
        if (zero[1] == '\x01') {
            *ok = st == TARN_OK;
            return st;
        }
        if (zero[1] != '\xff')
            return st;
        if (st == TARN_OK)
            st = tarn__buf_char(out, '\0', err);
    }
    return st;
}

tarn_status tarn__entry_key(
    tarn_buf *key, const tarn__id *parent, tarn_slice name, tarn_error *err)
{
    tarn_status st =
        tarn__buf_append(key, parent->bytes, sizeof parent->bytes, err);
    return st == TARN_OK ? tarn__key_part(key, name, err) : st;
}

tarn_status tarn__state_key(tarn_buf *key, tarn_slice tenant, tarn_slice scope,
    tarn_slice name, tarn_error *err)
{
    tarn_status st = tarn__key_part(key, tenant, err);
    if (st == TARN_OK)
        st = tarn__key_part(key, scope, err);
    return st == TARN_OK ? tarn__key_part(key, name, err) : st;
}

void tarn__item_key(
    const tarn__id *node, int64_t version, int32_t seq, char key[28])
{
    uint64_t v = ~(uint64_t)version;
    uint32_t s = ~(uint32_t)seq;

    memcpy(key, node->bytes, 16);
    for (int i = 0; i < 8; i++)
        key[16 + i] = (char)(uint8_t)(v >> (56 - 8 * i));
    for (int i = 0; i < 4; i++)
        key[24 + i] = (char)(uint8_t)(s >> (24 - 8 * i));
}

static const char *const kind_names[] = {
    NULL, "dir", "link", "file", "stream", "table", "series", "computed"};

const char *tarn__kind_name(tarn__kind kind)
{
    return kind_names[kind];
}

bool tarn__kind_parse(tarn_slice name, tarn__kind *out)
{
    for (int i = TARN__KIND_DIR; i <= TARN__KIND_COMPUTED; i++) {
        if (tarn__slice_is(name, kind_names[i])) {
            *out = (tarn__kind)i;
            return true;
        }
    }
    return false;
}

const tarn__id tarn__root_id = {{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80}};

/* Keys of edges. */
#include "lake/edge_key.h"

#include <string.h>

enum { ID_TEXT = TARN__ID_TEXT_BYTES - 1, ID = 16 };

tarn_status tarn__edge_op_key(tarn_buf *key, const tarn__id *src,
    tarn_slice rel, const tarn__id *dst, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];

    tarn_status st =
        tarn__buf_append(key, tarn__id_format(src, text), ID_TEXT, err);
    if (st == TARN_OK)
        st = tarn__buf_char(key, '/', err);
    if (st == TARN_OK)
        st = tarn__buf_append(key, rel.ptr, rel.len, err);
    if (st == TARN_OK)
        st = tarn__buf_char(key, '/', err);
    if (st == TARN_OK)
        st = tarn__buf_append(key, tarn__id_format(dst, text), ID_TEXT, err);
    return st;
}

bool tarn__edge_op_key_parse(
    tarn_slice key, tarn__id *src, tarn_slice *rel, tarn__id *dst)
{
    if (key.len < 2 * ID_TEXT + 3) /* a relation is not empty */
        return false;
    const char *last = key.ptr + key.len - ID_TEXT;

    *rel = (tarn_slice){key.ptr + ID_TEXT + 1, key.len - 2 * ID_TEXT - 2};
    return key.ptr[ID_TEXT] == '/' && last[-1] == '/' &&
        rel->len <= TARN__RELATION_MAX_BYTES &&
        tarn__id_parse((tarn_slice){key.ptr, ID_TEXT}, src) &&
        tarn__id_parse((tarn_slice){last, ID_TEXT}, dst);
}

tarn_status tarn__edge_key(tarn_buf *key, tarn_slice tenant,
    const tarn__id *near, tarn_slice rel, const tarn__id *far, tarn_error *err)
{
    tarn_status st = tarn__key_part(key, tenant, err);
    if (st == TARN_OK && near != NULL)
        st = tarn__buf_append(key, near->bytes, ID, err);
    if (st == TARN_OK && rel.ptr != NULL)
        st = tarn__key_part(key, rel, err);
    if (st == TARN_OK && far != NULL)
        st = tarn__buf_append(key, far->bytes, ID, err);
    return st;
}

tarn_status tarn__edge_key_parse(tarn_slice key, size_t skip, tarn__id *near,
    tarn_buf *rel, tarn__id *far, bool *ok, tarn_error *err)
{
    *ok = false;
    tarn__buf_clear(rel);
    if (key.len < skip + ID)
        return TARN_OK;
    memcpy(near->bytes, key.ptr + skip, ID);
    tarn__cursor c = {key.ptr + skip + ID, key.ptr + key.len};
    tarn_status st = tarn__key_part_read(&c, rel, ok, err);
    *ok = *ok && c.end - c.ptr == ID;
    if (*ok)
        memcpy(far->bytes, c.ptr, ID);
    return st;
}

bool tarn__edge_decode(
    tarn_slice payload, int64_t *created_us, tarn_slice *props)
{
    tarn__cursor c = tarn__cursor_of(payload);
    uint64_t created;

    if (!tarn__cursor_be64(&c, &created))
        return false;
    *created_us = (int64_t)created;
    *props =
        (tarn_slice){c.ptr == c.end ? NULL : c.ptr, (size_t)(c.end - c.ptr)};
    return true;
}

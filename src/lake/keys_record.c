/* Keys of records. */
#include "lake/keys.h"

tarn_status tarn__record_prefix(
    tarn_buf *key, tarn_slice tenant, tarn_slice table, tarn_error *err)
{
    tarn_status st = tarn__key_part(key, tenant, err);
    return st == TARN_OK ? tarn__key_part(key, table, err) : st;
}

tarn_status tarn__record_key(tarn_buf *key, tarn_slice tenant, tarn_slice table,
    const tarn__id *id, tarn_error *err)
{
    tarn_status st = tarn__record_prefix(key, tenant, table, err);
    return st == TARN_OK ? tarn__buf_append(key, id->bytes, 16, err) : st;
}

tarn_status tarn__table_of_id_key(
    tarn_buf *key, tarn_slice tenant, const tarn__id *id, tarn_error *err)
{
    tarn_status st = tarn__key_part(key, tenant, err);
    if (st == TARN_OK)
        st = tarn__buf_char(key, 'i', err);
    return st == TARN_OK ? tarn__buf_append(key, id->bytes, 16, err) : st;
}

tarn_status tarn__by_key_prefix(
    tarn_buf *key, tarn_slice tenant, tarn_slice value, tarn_error *err)
{
    tarn_status st = tarn__key_part(key, tenant, err);
    if (st == TARN_OK)
        st = tarn__buf_char(key, 'k', err);
    return st == TARN_OK ? tarn__key_part(key, value, err) : st;
}

tarn_status tarn__by_key_key(tarn_buf *key, tarn_slice tenant, tarn_slice value,
    tarn_slice table, const tarn__id *id, tarn_error *err)
{
    tarn_status st = tarn__by_key_prefix(key, tenant, value, err);
    if (st == TARN_OK)
        st = tarn__key_part(key, table, err);
    return st == TARN_OK ? tarn__buf_append(key, id->bytes, 16, err) : st;
}

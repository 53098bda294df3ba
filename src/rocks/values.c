/* Getting, putting, and batches of puts and deletes. */
#include <assert.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "rocks/rocks_internal.h"

struct tarn__rocks_batch {
    rocksdb_writebatch_t *writes;
    size_t bytes; /* of keys and values */
};

tarn_status tarn__rocks_get(tarn__rocks *db, size_t family, tarn_slice key,
    tarn_buf *value, bool *found, tarn_error *err)
{
    *found = false;
    assert(family < db->family_count);
    if (db->handles[family] == NULL)
        return TARN_OK;
    char *text = NULL;
    rocksdb_pinnableslice_t *pinned = rocksdb_get_pinned_cf(
        db->db, db->read, db->handles[family], key.ptr, key.len, &text);
    tarn_status st = tarn__rocks_check(&text, db->path, err);
    if (st != TARN_OK || pinned == NULL)
        return st;
    size_t len = 0;
    const char *ptr = rocksdb_pinnableslice_value(pinned, &len);
    st = tarn__buf_append(value, ptr, len, err);
    *found = st == TARN_OK;
    rocksdb_pinnableslice_destroy(pinned);
    return st;
}

tarn_status tarn__rocks_put(tarn__rocks *db, size_t family, tarn_slice key,
    tarn_slice value, tarn_error *err)
{
    assert(family < db->family_count);
    char *text = NULL;
    rocksdb_put_cf(db->db, db->write, db->handles[family], key.ptr, key.len,
        value.ptr, value.len, &text);
    atomic_fetch_add(&db->written_bytes, key.len + value.len);
    return tarn__rocks_check(&text, db->path, err);
}

tarn_status tarn__rocks_batch_create(tarn__rocks_batch **out, tarn_error *err)
{
    *out = tarn__calloc(1, sizeof **out);
    if (*out == NULL)
        return tarn__no_memory(err);
    (*out)->writes = rocksdb_writebatch_create();
    return TARN_OK;
}

void tarn__rocks_batch_put(tarn__rocks_batch *batch, tarn__rocks *db,
    size_t family, tarn_slice key, tarn_slice value)
{
    assert(family < db->family_count);
    rocksdb_writebatch_put_cf(batch->writes, db->handles[family], key.ptr,
        key.len, value.ptr, value.len);
    batch->bytes += key.len + value.len;
}

void tarn__rocks_batch_delete(
    tarn__rocks_batch *batch, tarn__rocks *db, size_t family, tarn_slice key)
{
    assert(family < db->family_count);
    rocksdb_writebatch_delete_cf(
        batch->writes, db->handles[family], key.ptr, key.len);
    batch->bytes += key.len;
}

size_t tarn__rocks_batch_count(const tarn__rocks_batch *batch)
{
    return (size_t)rocksdb_writebatch_count(batch->writes);
}

size_t tarn__rocks_batch_bytes(const tarn__rocks_batch *batch)
{
    return batch->bytes;
}

tarn_status tarn__rocks_batch_write(
    tarn__rocks *db, tarn__rocks_batch *batch, bool sync, tarn_error *err)
{
    char *text = NULL;
    rocksdb_write(
        db->db, sync ? db->write_sync : db->write, batch->writes, &text);
    tarn_status st = tarn__rocks_check(&text, db->path, err);
    if (st != TARN_OK)
        return st;
    atomic_fetch_add(&db->written_bytes, batch->bytes);
    rocksdb_writebatch_clear(batch->writes);
    batch->bytes = 0;
    return TARN_OK;
}

void tarn__rocks_batch_free(tarn__rocks_batch *batch)
{
    if (batch == NULL)
        return;
    rocksdb_writebatch_destroy(batch->writes);
    tarn__free(batch);
}

/* Iteration. */
#include <assert.h>

#include "base/error.h"
#include "base/memory.h"
#include "rocks/rocks_internal.h"

struct tarn__rocks_iter {
    tarn__rocks *db;
    rocksdb_iterator_t *it; /* NULL: the family is not there, so no rows */
    size_t prefix_bytes;    /* that a seek key must have; 0: any */
};

static tarn_status create(tarn__rocks *db, size_t family,
    const rocksdb_readoptions_t *options, tarn__rocks_iter **out,
    tarn_error *err)
{
    assert(family < db->family_count);
    tarn__rocks_iter *it = tarn__calloc(1, sizeof *it);
    *out = it;
    if (it == NULL)
        return tarn__no_memory(err);
    it->db = db;
    if (db->handles[family] != NULL)
        it->it =
            rocksdb_create_iterator_cf(db->db, options, db->handles[family]);
    atomic_fetch_add(&db->users, 1);
    return TARN_OK;
}

tarn_status tarn__rocks_iter_create(tarn__rocks *db, size_t family,
    bool same_prefix, tarn__rocks_iter **out, tarn_error *err)
{
    tarn_status st =
        create(db, family, same_prefix ? db->read_prefix : db->read, out, err);
    if (st == TARN_OK && same_prefix)
        (*out)->prefix_bytes = db->prefix_bytes[family];
    return st;
}

tarn_status tarn__rocks_iter_create_scan(
    tarn__rocks *db, size_t family, tarn__rocks_iter **out, tarn_error *err)
{
    return create(db, family, db->read_scan, out, err);
}

void tarn__rocks_iter_seek(tarn__rocks_iter *it, tarn_slice key)
{
    assert(key.len >= it->prefix_bytes); /* RocksDB aborts otherwise */
    if (it->it != NULL)
        rocksdb_iter_seek(it->it, key.ptr, key.len);
}

void tarn__rocks_iter_seek_back(tarn__rocks_iter *it, tarn_slice key)
{
    assert(key.len >= it->prefix_bytes); /* RocksDB aborts otherwise */
    if (it->it != NULL)
        rocksdb_iter_seek_for_prev(it->it, key.ptr, key.len);
}

void tarn__rocks_iter_first(tarn__rocks_iter *it)
{
    if (it->it != NULL)
        rocksdb_iter_seek_to_first(it->it);
}

void tarn__rocks_iter_next(tarn__rocks_iter *it)
{
    if (it->it != NULL)
        rocksdb_iter_next(it->it);
}

void tarn__rocks_iter_prev(tarn__rocks_iter *it)
{
    if (it->it != NULL)
        rocksdb_iter_prev(it->it);
}

bool tarn__rocks_iter_valid(const tarn__rocks_iter *it)
{
    return it->it != NULL && rocksdb_iter_valid(it->it);
}

tarn_slice tarn__rocks_iter_key(const tarn__rocks_iter *it)
{
    tarn_slice key = {NULL, 0};
    key.ptr = rocksdb_iter_key(it->it, &key.len);
    return key;
}

tarn_slice tarn__rocks_iter_value(const tarn__rocks_iter *it)
{
    tarn_slice value = {NULL, 0};
    value.ptr = rocksdb_iter_value(it->it, &value.len);
    return value;
}

tarn_status tarn__rocks_iter_status(const tarn__rocks_iter *it, tarn_error *err)
{
    char *text = NULL;
    if (it->it != NULL)
        rocksdb_iter_get_error(it->it, &text);
    return tarn__rocks_check(&text, it->db->path, err);
}

void tarn__rocks_iter_free(tarn__rocks_iter *it)
{
    if (it == NULL)
        return;
    if (it->it != NULL)
        rocksdb_iter_destroy(it->it);
    atomic_fetch_sub(&it->db->users, 1);
    tarn__free(it);
}

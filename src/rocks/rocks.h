/* RocksDB behind our errors and ownership.  The only includer of rocksdb/c.h is
 * this room.  Handles and iterators are destroyed before their database. */
#ifndef TARN_ROCKS_ROCKS_H
#define TARN_ROCKS_ROCKS_H

#include <tarn/base.h>

typedef struct tarn__rocks tarn__rocks;
typedef struct tarn__rocks_batch tarn__rocks_batch;
typedef struct tarn__rocks_iter tarn__rocks_iter;
typedef struct tarn__rocks_sst tarn__rocks_sst;

/* A column family.  prefix_bytes > 0: fixed-length prefix bloom filter. */
typedef struct tarn__rocks_family {
    const char *name; /* "default" for the first */
    size_t prefix_bytes;
} tarn__rocks_family;

typedef struct tarn__rocks_options {
    const tarn__rocks_family *families;
    size_t family_count;            /* families are addressed by index */
    uint64_t write_buffer_bytes;    /* per family; 0: 64 MB */
    uint64_t db_write_buffer_bytes; /* over all; 0: no limit */
    uint64_t block_cache_bytes;     /* 0: 32 MB */
    uint64_t max_wal_bytes;         /* 0: 16 MiB */
    bool no_wal;                    /* scratch databases */
    bool keep_files; /* file deletions disabled as soon as it is open; the open
                      * itself deletes what earlier writers left */
} tarn__rocks_options;

/* Open for writing, made when absent (families too).  A broken database is
 * TARN_CORRUPT; a second writer TARN_LOCKED. */
TARN_MUST_CHECK tarn_status tarn__rocks_open(const char *path,
    const tarn__rocks_options *options, tarn__rocks **out, tarn_error *err);
/* Open read-only: sees what had been written at this moment, unsynced WAL
 * included, and nothing later. max_open_files -1. */
TARN_MUST_CHECK tarn_status tarn__rocks_open_read(const char *path,
    const tarn__rocks_options *options, tarn__rocks **out, tarn_error *err);
void tarn__rocks_close(tarn__rocks *db);
/* Remove a database's files; absent is fine. */
TARN_MUST_CHECK tarn_status tarn__rocks_destroy(
    const char *path, tarn_error *err);

/* Appends nothing when absent: *found false.  Value is appended to `value`. */
TARN_MUST_CHECK tarn_status tarn__rocks_get(tarn__rocks *db, size_t family,
    tarn_slice key, tarn_buf *value, bool *found, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__rocks_put(tarn__rocks *db, size_t family,
    tarn_slice key, tarn_slice value, tarn_error *err);

TARN_MUST_CHECK tarn_status tarn__rocks_batch_create(
    tarn__rocks_batch **out, tarn_error *err);
void tarn__rocks_batch_put(tarn__rocks_batch *batch, tarn__rocks *db,
    size_t family, tarn_slice key, tarn_slice value);
void tarn__rocks_batch_delete(
    tarn__rocks_batch *batch, tarn__rocks *db, size_t family, tarn_slice key);
size_t tarn__rocks_batch_count(const tarn__rocks_batch *batch);
size_t tarn__rocks_batch_bytes(const tarn__rocks_batch *batch);
/* Atomic.  Empties the batch on success.  sync: fsync the WAL. */
TARN_MUST_CHECK tarn_status tarn__rocks_batch_write(
    tarn__rocks *db, tarn__rocks_batch *batch, bool sync, tarn_error *err);
void tarn__rocks_batch_free(tarn__rocks_batch *batch);

/* Iteration over one family, on an implicit snapshot of now.  same_prefix: the
 * caller promises to stay in the prefix of the seek key (uses the bloom), and
 * every seek key is at least prefix_bytes long. */
TARN_MUST_CHECK tarn_status tarn__rocks_iter_create(tarn__rocks *db,
    size_t family, bool same_prefix, tarn__rocks_iter **out, tarn_error *err);
/* For long ways: reads ahead, and leaves the cache to others. */
TARN_MUST_CHECK tarn_status tarn__rocks_iter_create_scan(
    tarn__rocks *db, size_t family, tarn__rocks_iter **out, tarn_error *err);
void tarn__rocks_iter_seek(tarn__rocks_iter *it, tarn_slice key);      /* >= */
void tarn__rocks_iter_seek_back(tarn__rocks_iter *it, tarn_slice key); /* <= */
void tarn__rocks_iter_first(tarn__rocks_iter *it);
void tarn__rocks_iter_next(tarn__rocks_iter *it);
void tarn__rocks_iter_prev(tarn__rocks_iter *it);
bool tarn__rocks_iter_valid(const tarn__rocks_iter *it);
/* Borrowed until the iterator moves. */
tarn_slice tarn__rocks_iter_key(const tarn__rocks_iter *it);
tarn_slice tarn__rocks_iter_value(const tarn__rocks_iter *it);
/* After !valid: TARN_OK at the end, else what went wrong. */
TARN_MUST_CHECK tarn_status tarn__rocks_iter_status(
    const tarn__rocks_iter *it, tarn_error *err);
void tarn__rocks_iter_free(tarn__rocks_iter *it);

/* Bulk load: keys strictly rising, then ingest (moves the files).  `path` is on
 * the database's file system; beyond 64 MiB it is followed by `path`.1, .2, ...
 * Nothing is left of them, whatever the outcome. */
TARN_MUST_CHECK tarn_status tarn__rocks_sst_create(tarn__rocks *db,
    size_t family, const char *path, tarn__rocks_sst **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__rocks_sst_put(
    tarn__rocks_sst *sst, tarn_slice key, tarn_slice value, tarn_error *err);
/* No put comes any more: the files are whole.  Without it ingesting does so. */
TARN_MUST_CHECK tarn_status tarn__rocks_sst_end(
    tarn__rocks_sst *sst, tarn_error *err);
/* Finish and ingest; frees the writer in every case. */
TARN_MUST_CHECK tarn_status tarn__rocks_sst_ingest(
    tarn__rocks_sst *sst, tarn_error *err);
void tarn__rocks_sst_abort(tarn__rocks_sst *sst);

/* Housekeeping of a writer. */
TARN_MUST_CHECK tarn_status tarn__rocks_flush(
    tarn__rocks *db, tarn_error *err); /* all families */
/* Rewrite a family whole: 1 s for 2 M rows of 190 bytes. */
TARN_MUST_CHECK tarn_status tarn__rocks_compact(
    tarn__rocks *db, size_t family, tarn_error *err);
/* Wait while RocksDB merges the family's level-0 files into the level below,
 * which it does by itself when there are 8; returns at once when there are
 * fewer.  Costs what those files cost, not what the family does. */
TARN_MUST_CHECK tarn_status tarn__rocks_settle(
    tarn__rocks *db, size_t family, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__rocks_keep_files(
    tarn__rocks *db, bool keep, tarn_error *err); /* false: delete obsolete */
uint64_t tarn__rocks_wal_bytes(tarn__rocks *db);  /* unflushed, estimate */
int tarn__rocks_level0_files(tarn__rocks *db, size_t family);
uint64_t tarn__rocks_disk_bytes(tarn__rocks *db); /* live SST files */
uint64_t tarn__rocks_estimated_keys(tarn__rocks *db, size_t family);

#endif

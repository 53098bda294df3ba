/* Between the files of this room. */
#ifndef TARN_ROCKS_INTERNAL_H
#define TARN_ROCKS_INTERNAL_H

#include <rocksdb/c.h>
#include <stdatomic.h>

#include "rocks/rocks.h"

/* Commands that live for some milliseconds leave a small file each: RocksDB
 * begins to merge a family's level 0 at this many. */
#define TARN__ROCKS_LEVEL0_TRIGGER 8

#define TARN__ROCKS_READAHEAD_BYTES ((size_t)256 << 10)

struct tarn__rocks {
    rocksdb_t *db;
    char *path;
    size_t family_count;
    rocksdb_column_family_handle_t **handles; /* NULL: not in this database */
    rocksdb_options_t **options;              /* a family's */
    size_t *prefix_bytes;                     /* a family's */
    rocksdb_readoptions_t *read;              /* total order */
    rocksdb_readoptions_t *read_prefix;       /* within the seek key's prefix */
    rocksdb_readoptions_t *read_scan;         /* total order, a long way */
    rocksdb_writeoptions_t *write;
    rocksdb_writeoptions_t *write_sync;
    bool no_wal;
    bool keeps_files;
    atomic_uint_fast64_t written_bytes; /* since the last flush of all */
    atomic_uint_fast64_t users;         /* iterators and SST writers */
};

/* Turn RocksDB's message into our error and free it.  TARN_OK when `*text` is
 * NULL.  `path` is the database's. */
TARN_MUST_CHECK tarn_status tarn__rocks_check(
    char **text, const char *path, tarn_error *err);

/* One options object for the database as a whole and one a family. */
TARN_MUST_CHECK tarn_status tarn__rocks_options_make(
    const tarn__rocks_options *options, const char *path, bool read_only,
    rocksdb_options_t **whole, rocksdb_options_t **families, tarn_error *err);

#endif

/* The versioned ordered map that every family of the key view is: physical keys
 * end in be64(~version), values begin with a tag.  One cursor over RocksDB or
 * over an ordered map in memory. */
#ifndef TARN_LAKE_VERSIONED_H
#define TARN_LAKE_VERSIONED_H

#include "base/ordmap.h"
#include "lake/keys.h"
#include "rocks/rocks.h"

#define TARN__VERSION_BYTES 8
enum { TARN__TAG_TOMBSTONE = 0, TARN__TAG_LIVE = 1 };

/* Append physical key / value to a buffer.  payload.ptr NULL: tombstone. */
TARN_MUST_CHECK tarn_status tarn__physical_key(
    tarn_buf *out, tarn_slice key, int64_t version, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__tagged_value(
    tarn_buf *out, tarn_slice payload, tarn_error *err);

/* Either iter or map is set. */
typedef struct tarn__vcursor {
    tarn__rocks_iter *iter;
    const tarn__ordmap *map;
    const tarn__ordnode *node;
} tarn__vcursor;

void tarn__vcursor_seek(tarn__vcursor *c, tarn_slice physical);
void tarn__vcursor_step(tarn__vcursor *c);
bool tarn__vcursor_valid(const tarn__vcursor *c);
tarn_slice tarn__vcursor_key(const tarn__vcursor *c);   /* physical */
tarn_slice tarn__vcursor_value(const tarn__vcursor *c); /* tagged */
TARN_MUST_CHECK tarn_status tarn__vcursor_status(
    const tarn__vcursor *c, tarn_error *err);

/* Newest entry of `key` at or below `at`: its tagged value replaces what
 * `value` held. *found false: none (a tombstone is found). */
TARN_MUST_CHECK tarn_status tarn__vcursor_get(tarn__vcursor *c, tarn_slice key,
    int64_t at, tarn_buf *value, bool *found, int64_t *version,
    tarn_error *err);

/* From the first logical key >= `from` (or > it) with `prefix` on: the newest
 * entry <= `at` of the next key, tombstones too, copied out. TARN_ROW or
 * TARN_OK. */
TARN_MUST_CHECK tarn_status tarn__vcursor_next_key(tarn__vcursor *c,
    tarn_slice prefix, int64_t at, tarn_buf *key, tarn_buf *value,
    int64_t *version, tarn_error *err);
/* Stand behind every entry of a logical key. */
TARN_MUST_CHECK tarn_status tarn__vcursor_seek_after(
    tarn__vcursor *c, tarn_slice key, tarn_error *err);

#endif

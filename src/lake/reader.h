/* Keyed state at one version: what a snapshot or a transaction sees. */
#ifndef TARN_LAKE_READER_H
#define TARN_LAKE_READER_H

#include <tarn/lake.h>

#include "lake/keys.h"
#include "object/object.h"

typedef struct tarn__scan tarn__scan;

/* Point read; the payload replaces what `payload` held.  version may be NULL. */
TARN_MUST_CHECK tarn_status tarn__read_get(tarn_snapshot *snap,
    tarn__family family, tarn_slice key, tarn_buf *payload, bool *found,
    int64_t *version, tarn_error *err);
/* Live entries whose logical key starts with `prefix`, in key order, from the
 * first key >= `from` on (from.ptr NULL: the start). */
TARN_MUST_CHECK tarn_status tarn__read_scan(tarn_snapshot *snap,
    tarn__family family, tarn_slice prefix, tarn_slice from, tarn__scan **out,
    tarn_error *err);
/* TARN_ROW / TARN_OK; slices are borrowed until the next call.  What the
 * snapshot's own transaction adds while the scan is open may show or not. */
TARN_MUST_CHECK tarn_status tarn__scan_next(tarn__scan *scan, tarn_slice *key,
    tarn_slice *payload, int64_t *version, tarn_error *err);
/* From here on entries whose key is >= `from`, forwards or backwards. */
TARN_MUST_CHECK tarn_status tarn__scan_seek(
    tarn__scan *scan, tarn_slice from, tarn_error *err);
void tarn__scan_free(tarn__scan *scan);

/* About how many entries a family has, older versions too; 0: who knows. */
uint64_t tarn__read_estimate(tarn_snapshot *snap, tarn__family family);

/* Objects of the lake that a snapshot belongs to.  An object staged by the
 * snapshot's own transaction is found too: *path (owned). In a memory lake
 * content of any size is inline. */
TARN_MUST_CHECK tarn_status tarn__read_object_path(
    tarn_snapshot *snap, tarn__object_id id, char **path, tarn_error *err);
/* Hash an object again: TARN_CORRUPT when it is not what its name says.  One
 * that is staged only is not looked at. */
TARN_MUST_CHECK tarn_status tarn__read_object_verify(
    tarn_snapshot *snap, tarn__object_id id, tarn_error *err);
tarn_lake *tarn__snapshot_lake(tarn_snapshot *snap);
bool tarn__lake_is_memory(const tarn_lake *lake);

#endif

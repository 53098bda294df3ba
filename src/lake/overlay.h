/* A transaction's own writes over its base: memory up to a bound, then a
 * scratch RocksDB.  One entry a logical key, the newest. */
#ifndef TARN_LAKE_OVERLAY_H
#define TARN_LAKE_OVERLAY_H

#include "lake/spool.h"
#include "lake/versioned.h"

/* The version that a transaction's own content items carry in their keys until
 * the commit gives them theirs. */
#define TARN__PENDING_VERSION (INT64_MAX - 1)

typedef struct tarn__overlay tarn__overlay;

/* In memory up to max_bytes. */
TARN_MUST_CHECK tarn_status tarn__overlay_create(size_t max_bytes,
    tarn__scratch_fn scratch, void *arg, tarn__overlay **out, tarn_error *err);
void tarn__overlay_free(tarn__overlay *overlay);
/* Forget everything. */
TARN_MUST_CHECK tarn_status tarn__overlay_clear(
    tarn__overlay *overlay, tarn_error *err);
/* A tarn__emit_fn. */
TARN_MUST_CHECK tarn_status tarn__overlay_emit(void *overlay,
    tarn__family family, tarn_slice key, tarn_slice payload, tarn_error *err);
/* The tagged value replaces what `value` held. */
TARN_MUST_CHECK tarn_status tarn__overlay_get(tarn__overlay *overlay,
    tarn__family family, tarn_slice key, tarn_buf *value, bool *found,
    tarn_error *err);
/* The first entry of the family with logical key >= `from` (> when `after`) and
 * with `prefix`: copies.  TARN_ROW or TARN_OK. */
TARN_MUST_CHECK tarn_status tarn__overlay_seek(tarn__overlay *overlay,
    tarn__family family, tarn_slice prefix, tarn_slice from, bool after,
    tarn_buf *key, tarn_buf *value, tarn_error *err);

#endif

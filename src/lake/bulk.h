/* Many entries at once and without copies: for scans of whole tables, on
 * several threads. */
#ifndef TARN_LAKE_BULK_H
#define TARN_LAKE_BULK_H

#include "lake/reader.h"

typedef struct tarn__bulk tarn__bulk;

/* Live entries whose logical key starts with `prefix` and is in [from, to), in
 * order of keys; an end with ptr NULL is open.  Several bulks of one snapshot
 * may be used by as many threads. */
TARN_MUST_CHECK tarn_status tarn__bulk_open(tarn_snapshot *snap,
    tarn__family family, tarn_slice prefix, tarn_slice from, tarn_slice to,
    tarn__bulk **out, tarn_error *err);
/* Takes one entry, whose bytes are borrowed for the call; TARN_ROW: go on,
 * TARN_OK: enough.  The view is held meanwhile: it must not read the lake. */
typedef tarn_status (*tarn__bulk_fn)(
    void *arg, tarn_slice key, tarn_slice payload, tarn_error *err);
/* Hands entries to fn until it has enough (TARN_ROW: there may be more) or
 * there are no more (TARN_OK). */
TARN_MUST_CHECK tarn_status tarn__bulk_next(
    tarn__bulk *bulk, tarn__bulk_fn fn, void *arg, tarn_error *err);
void tarn__bulk_free(tarn__bulk *bulk);

/* The last `len` bytes of the highest logical key with `prefix`, live or not: a
 * bound for those that come, where it is cheap to be had; else 0xff. */
TARN_MUST_CHECK tarn_status tarn__bulk_last(tarn_snapshot *snap,
    tarn__family family, tarn_slice prefix, uint8_t *tail, size_t len,
    tarn_error *err);

#endif

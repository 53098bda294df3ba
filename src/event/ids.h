/* The ids that were seen: 128-bit keyed hashes, in memory up to a bound. */
#ifndef TARN_EVENT_IDS_H
#define TARN_EVENT_IDS_H

#include "base/hash.h"

typedef struct tarn__event_ids tarn__event_ids;

TARN_MUST_CHECK tarn_status tarn__event_ids_create(
    uint64_t max_bytes, tarn__event_ids **out, tarn_error *err);
/* With this set's key; any thread. */
tarn__hash128 tarn__event_ids_hash(const tarn__event_ids *set, tarn_slice id);
/* *added false: it was there.  TARN_FAILED: the bound is reached. */
TARN_MUST_CHECK tarn_status tarn__event_ids_add(
    tarn__event_ids *set, tarn__hash128 hash, bool *added, tarn_error *err);
/* Say that `hash` is about to be added. */
void tarn__event_ids_prefetch(const tarn__event_ids *set, tarn__hash128 hash);
void tarn__event_ids_free(tarn__event_ids *set);

#endif

/* Byte strings in order of their keys, whatever their number: sorted in memory,
 * beyond a bound in runs of a scratch file, which are merged when read. */
#ifndef TARN_LAKE_SORTER_H
#define TARN_LAKE_SORTER_H

#include "lake/spool.h"

typedef struct tarn__sorter tarn__sorter;

/* `scratch` is asked for when the bound is crossed. */
TARN_MUST_CHECK tarn_status tarn__sorter_create(size_t max_bytes,
    tarn__scratch_fn scratch, void *arg, tarn__sorter **out, tarn_error *err);
void tarn__sorter_free(tarn__sorter *sorter);
/* Copies both.  Not after the first tarn__sorter_rewind() or _seal(). */
TARN_MUST_CHECK tarn_status tarn__sorter_add(
    tarn__sorter *sorter, tarn_slice key, tarn_slice value, tarn_error *err);
uint64_t tarn__sorter_count(const tarn__sorter *sorter);

/* Read from the start, as often as wanted. */
TARN_MUST_CHECK tarn_status tarn__sorter_rewind(
    tarn__sorter *sorter, tarn_error *err);
/* TARN_ROW, in order of keys as memcmp has them, equal ones in the order in
 * which they came; TARN_OK at the end.  Borrowed until the next call. */
TARN_MUST_CHECK tarn_status tarn__sorter_next(
    tarn__sorter *sorter, tarn_slice *key, tarn_slice *value, tarn_error *err);

/* The same for several readers at once, on any threads: of a sealed sorter,
 * which takes no entry any more and outlives them. */
typedef struct tarn__sorted tarn__sorted;
TARN_MUST_CHECK tarn_status tarn__sorter_seal(
    tarn__sorter *sorter, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__sorted_open(
    tarn__sorter *sorter, tarn__sorted **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__sorted_next(
    tarn__sorted *sorted, tarn_slice *key, tarn_slice *value, tarn_error *err);
void tarn__sorted_free(tarn__sorted *sorted);

#endif

/* Records written one after the other into chunk-0.json, chunk-1.json, ... */
#ifndef TARN_TRACK_CHUNKS_H
#define TARN_TRACK_CHUNKS_H

#include "track/runs.h"

typedef struct tarn__track_chunks tarn__track_chunks;

/* `dir` is there.  Files are made when a record comes. */
TARN_MUST_CHECK tarn_status tarn__track_chunks_create(const char *dir,
    uint64_t max_records, tarn__track_chunks **out, tarn_error *err);
/* `count` records, each with its line end; the nth ends at ends[n] of `bytes`.
 * places[n] is where it went: places rise. */
TARN_MUST_CHECK tarn_status tarn__track_chunks_add(tarn__track_chunks *chunks,
    const char *bytes, const size_t *ends, size_t count, uint64_t *places,
    tarn_error *err);
/* The largest place there is. */
uint64_t tarn__track_chunks_last(const tarn__track_chunks *chunks);
/* No more come. */
void tarn__track_chunks_finish(tarn__track_chunks *chunks);
/* After that: take out the records at the places that are the entries' first
 * keys. */
TARN_MUST_CHECK tarn_status tarn__track_chunks_drop(tarn__track_chunks *chunks,
    tarn__track_runs *places, int threads, tarn_error *err);
void tarn__track_chunks_free(tarn__track_chunks *chunks);

#endif

/* Records written one after the other into chunk-0.json, chunk-1.json, ... */
#ifndef TARN_TRACK_CHUNKS_H
#define TARN_TRACK_CHUNKS_H

#include "track/runs.h"

typedef struct tarn__track_chunks tarn__track_chunks;

/* Records in memory on their way into chunks. */
typedef struct tarn__track_batch {
    tarn_buf bytes; /* each with its line end */
    size_t *ends;   /* in them */
    size_t end_cap;
    uint64_t *places; /* where they go */
    size_t place_cap;
    size_t count;
} tarn__track_batch;
/* clang-format off */
#define TARN__TRACK_BATCH_INIT {TARN_BUF_INIT, NULL, 0, NULL, 0, 0}
/* clang-format on */
/* What was appended to `bytes` since the last one is a record. */
TARN_MUST_CHECK tarn_status tarn__track_batch_end(
    tarn__track_batch *batch, tarn_error *err);
void tarn__track_batch_clear(tarn__track_batch *batch);
void tarn__track_batch_reset(tarn__track_batch *batch);

/* `dir` is there.  Files are made when a record comes. */
TARN_MUST_CHECK tarn_status tarn__track_chunks_create(const char *dir,
    uint64_t max_records, tarn__track_chunks **out, tarn_error *err);
/* The batch's records come next: places rise.  One thread at a time. */
TARN_MUST_CHECK tarn_status tarn__track_chunks_place(
    tarn__track_chunks *chunks, tarn__track_batch *batch, tarn_error *err);
/* Write them there.  Any thread, in any order. */
TARN_MUST_CHECK tarn_status tarn__track_chunks_write(
    const tarn__track_chunks *chunks, const tarn__track_batch *batch,
    tarn_error *err);
/* The largest place there is. */
uint64_t tarn__track_chunks_last(const tarn__track_chunks *chunks);
/* When all are written: take out the records at the places that are the
 * entries' first keys. */
TARN_MUST_CHECK tarn_status tarn__track_chunks_drop(tarn__track_chunks *chunks,
    tarn__track_runs *places, int threads, tarn_error *err);
void tarn__track_chunks_free(tarn__track_chunks *chunks);

#endif

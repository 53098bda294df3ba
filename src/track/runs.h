/* Fixed-width entries on disk, sorted on demand in bounded memory: they are
 * dealt into parts by their first key, and a part at a time is sorted. */
#ifndef TARN_TRACK_RUNS_H
#define TARN_TRACK_RUNS_H

#include <tarn/base.h>

#include "os/scratch.h"

typedef struct tarn__track_entry {
    uint64_t a; /* sorted by a, b, v, then w */
    uint64_t b;
    uint64_t v;
    uint64_t w;
} tarn__track_entry;

typedef struct tarn__track_runs tarn__track_runs;

/* `max_a` is the largest first key, `expected` about how many entries come: a
 * part has some 40,000 of them when they are spread evenly. */
TARN_MUST_CHECK tarn_status tarn__track_runs_create(tarn__scratch *scratch,
    uint64_t max_a, uint64_t expected, tarn__track_runs **out, tarn_error *err);
/* One thread at a time. */
TARN_MUST_CHECK tarn_status tarn__track_runs_add(
    tarn__track_runs *runs, const tarn__track_entry *entry, tarn_error *err);
uint64_t tarn__track_runs_count(const tarn__track_runs *runs);
/* Every part in rising order, sorted: equal first keys are in one call.  The
 * calls come one at a time. */
TARN_MUST_CHECK tarn_status tarn__track_runs_fold(tarn__track_runs *runs,
    int threads,
    tarn_status (*fold)(void *ctx, const tarn__track_entry *entries,
        size_t count, tarn_error *err),
    void *ctx, tarn_error *err);
void tarn__track_runs_free(tarn__track_runs *runs);

#endif

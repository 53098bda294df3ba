/* Progress of long work: the caller's callback, called at most 10 times/s. */
#ifndef TARN_BASE_PROGRESS_H
#define TARN_BASE_PROGRESS_H

#include <tarn/progress.h>

typedef struct tarn__progress {
    tarn_progress_fn fn; /* NULL: silent */
    void *arg;
    int64_t last_us;
} tarn__progress;

/* Report, the last step (done = total) in any case; p may be NULL.  True when
 * the caller asked to stop (then fail TARN_INTERRUPTED). */
bool tarn__progress_step(
    tarn__progress *p, const char *what, uint64_t done, uint64_t total);

#endif

/** Progress callbacks for long work. */
#ifndef TARN_PROGRESS_H
#define TARN_PROGRESS_H

#include <tarn/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @param what   a short name of the work, such as "hash" or "rows".
 * @param done   units done so far; @param total 0 when unknown.
 * @return true to stop the work; the call then ends TARN_INTERRUPTED.
 */
typedef bool (*tarn_progress_fn)(
    void *arg, const char *what, uint64_t done, uint64_t total);

/**
 * Say that this process is to stop, or (false) that it may go on.
 *
 * Work that waits where it calls no progress function (for a lock, a store, a
 * flow's worker for what it is to do) then ends TARN_INTERRUPTED, and what is
 * free is still taken.  It holds for all handles until it is taken back.
 *
 * Threads: any, and from a signal handler.
 */
TARN_API void tarn_interrupt(bool stop);

#ifdef __cplusplus
}
#endif
#endif

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

#ifdef __cplusplus
}
#endif
#endif

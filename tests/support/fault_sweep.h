/*
 * Fail every allocation, or every I/O call, of a piece of work in turn.
 *
 * The work is done once to count its calls, then once for each call with that
 * call failing.  A long run (TARN_LONG) visits every point, a short one at
 * most SWEEP_POINTS, spread evenly, their exact places drawn with a seed that
 * is printed (TARN_SEED repeats it).
 */
#ifndef TARN_TEST_FAULT_SWEEP_H
#define TARN_TEST_FAULT_SWEEP_H

#include <tarn/base.h>

#include "support/sandbox.h"

#define SWEEP_POINTS 150

typedef enum sweep_kind {
    SWEEP_MEMORY, /* the allocation returns NULL */
    SWEEP_EIO,    /* the I/O call fails with EIO, the next ones do not */
    SWEEP_ENOSPC  /* it and all after it fail with ENOSPC */
} sweep_kind;

typedef struct sweep {
    /* Bring the world to where the work starts; never failed.  May be NULL. */
    void (*prepare)(void **state, void *ctx);
    /* The work, all of it: what it opened is closed when it returns. */
    tarn_status (*work)(void **state, void *ctx, tarn_error *err);
    /* What must hold then, whether it passed or not; nothing fails any more.
     * May be NULL. */
    void (*check)(void **state, void *ctx, tarn_status status);
    void *ctx;
} sweep;

/* Ends the test when the work does not pass unharmed, has no call of the kind,
 * or fails without a one-line message. */
void sweep_run(void **state, const sweep *sweep, sweep_kind kind);
/* With at most `most` points in a short run: for work that takes its time. */
void sweep_run_points(
    void **state, const sweep *sweep, sweep_kind kind, int64_t most);

#endif

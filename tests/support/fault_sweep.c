#include "support/fault_sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "os/fault.h"

static void arm(sweep_kind kind, int64_t nth)
{
    switch (kind) {
    case SWEEP_MEMORY:
        tarn__fault_alloc(nth, false);
        break;
    case SWEEP_EIO:
        tarn__fault_io(nth, EIO, false);
        break;
    case SWEEP_ENOSPC:
        tarn__fault_io(nth, ENOSPC, true);
        break;
    }
}

static int64_t calls(sweep_kind kind)
{
    return kind == SWEEP_MEMORY ? tarn__fault_alloc_count()
                                : tarn__fault_io_count();
}

/* The work with its nth call failing; returns how many calls it made. */
static int64_t run_point(
    void **state, const sweep *s, sweep_kind kind, int64_t nth, bool must_pass)
{
    tarn_error err = TARN_ERROR_INIT;
    if (s->prepare != NULL)
        s->prepare(state, s->ctx);
    arm(kind, nth);
    tarn_status status = s->work(state, s->ctx, &err);
    int64_t count = calls(kind);
    arm(kind, 0);
    if (status != TARN_OK) {
        if (must_pass)
            fail_msg("without a fault: %s", err.message);
        if (err.message[0] == '\0' || strchr(err.message, '\n') != NULL)
            fail_msg("fault %" PRId64 ": status %d, message \"%s\"", nth,
                (int)status, err.message);
    }
    if (s->check != NULL)
        s->check(state, s->ctx, status);
    return count;
}

static unsigned seed_of_run(void)
{
    const char *given = getenv("TARN_SEED");
    return given != NULL ? (unsigned)strtoul(given, NULL, 10)
                         : (unsigned)time(NULL);
}

void sweep_run(void **state, const sweep *s, sweep_kind kind)
{
    sweep_run_points(state, s, kind, SWEEP_POINTS);
}

void sweep_run_points(
    void **state, const sweep *s, sweep_kind kind, int64_t most)
{
    int64_t count = run_point(state, s, kind, INT64_MAX, true);
    assert_true(count > 0);
    int64_t points = count;
    unsigned seed = seed_of_run();
    if (getenv("TARN_LONG") == NULL && count > most) {
        points = most;
        printf("sweep: %" PRId64 " of %" PRId64 " points, TARN_SEED=%u\n",
            points, count, seed);
    }
    for (int64_t i = 0; i < points; i++) {
        /* One point out of each of as many equal stretches. */
        int64_t first = i * count / points;
        int64_t width = (i + 1) * count / points - first;
        int64_t nth = first + 1;
        if (width > 1)
            nth += (int64_t)rand_r(&seed) % width;
        (void)run_point(state, s, kind, nth, false);
    }
}

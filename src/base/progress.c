#include "base/progress.h"

#include "base/time.h"

#define INTERVAL_US 100000

bool tarn__progress_step(
    tarn__progress *p, const char *what, uint64_t done, uint64_t total)
{
    if (p == NULL || p->fn == NULL)
        return false;
    int64_t now = tarn__monotonic_us();
    bool last = total > 0 && done >= total;
    if (!last && p->last_us != 0 && now - p->last_us < INTERVAL_US)
        return false;
    p->last_us = now;
    return p->fn(p->arg, what, done, total);
}

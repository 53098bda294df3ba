/* Mutexes and conditions that cannot fail: misuse is a programming error. */
#include "os/threads.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

/* Keeps the result's check where assert() is compiled out. */
static void must(int rc)
{
    assert(rc == 0);
    (void)rc;
}

void tarn__mutex_init(tarn__mutex *m)
{
    must(pthread_mutex_init(m, NULL));
}

void tarn__mutex_lock(tarn__mutex *m)
{
    must(pthread_mutex_lock(m));
}

void tarn__mutex_unlock(tarn__mutex *m)
{
    must(pthread_mutex_unlock(m));
}

void tarn__mutex_free(tarn__mutex *m)
{
    must(pthread_mutex_destroy(m));
}

void tarn__cond_init(tarn__cond *c)
{
    must(pthread_cond_init(c, NULL));
}

void tarn__cond_wait(tarn__cond *c, tarn__mutex *m)
{
    must(pthread_cond_wait(c, m));
}

bool tarn__cond_wait_for(tarn__cond *c, tarn__mutex *m, int64_t us)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + us % 1000000 * 1000;
    until.tv_sec += (time_t)(us / 1000000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    int failed = pthread_cond_clockwait(c, m, CLOCK_MONOTONIC, &until);
    if (failed != ETIMEDOUT)
        must(failed);
    return failed == 0;
}

void tarn__cond_broadcast(tarn__cond *c)
{
    must(pthread_cond_broadcast(c));
}

void tarn__cond_free(tarn__cond *c)
{
    must(pthread_cond_destroy(c));
}

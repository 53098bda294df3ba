/* Mutexes and conditions that cannot fail: misuse is a programming error. */
#include "os/threads.h"

#include <assert.h>

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

void tarn__cond_broadcast(tarn__cond *c)
{
    must(pthread_cond_broadcast(c));
}

void tarn__cond_free(tarn__cond *c)
{
    must(pthread_cond_destroy(c));
}

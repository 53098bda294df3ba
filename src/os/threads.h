/* Threads: thin names over pthreads. */
#ifndef TARN_OS_THREADS_H
#define TARN_OS_THREADS_H

#include <pthread.h>
#include <tarn/base.h>

typedef pthread_mutex_t tarn__mutex;
void tarn__mutex_init(tarn__mutex *m);
void tarn__mutex_lock(tarn__mutex *m);
void tarn__mutex_unlock(tarn__mutex *m);
void tarn__mutex_free(tarn__mutex *m);

typedef pthread_cond_t tarn__cond;
void tarn__cond_init(tarn__cond *c);
/* Gives up the mutex while it waits; may wake without a reason. */
void tarn__cond_wait(tarn__cond *c, tarn__mutex *m);
void tarn__cond_broadcast(tarn__cond *c);
void tarn__cond_free(tarn__cond *c);

#endif

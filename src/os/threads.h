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

#endif

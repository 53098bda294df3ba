/* Threads: thin names over pthreads, and work on several. */
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
/* The same for so long at most, whatever becomes of the clock; false: nobody
 * woke it. */
bool tarn__cond_wait_for(tarn__cond *c, tarn__mutex *m, int64_t us);
void tarn__cond_broadcast(tarn__cond *c);
void tarn__cond_free(tarn__cond *c);

/* Do `work` on as many threads, this one among them; fewer when the system has
 * no more.  The first failure (by time) is the outcome; the others are told by
 * the work's own means. */
TARN_MUST_CHECK tarn_status tarn__parallel(int threads,
    tarn_status (*work)(void *ctx, tarn_error *err), void *ctx,
    tarn_error *err);

/* Numbered pieces of work, done in any order and settled in theirs. */
typedef struct tarn__turns {
    tarn__mutex lock;
    tarn__cond came;
    uint64_t next;
    bool failed;
    tarn_error error; /* of the first that failed */
} tarn__turns;
void tarn__turns_init(tarn__turns *t);
/* Wait until all pieces before `number` are settled; false: one has failed,
 * and nothing is settled any more. */
bool tarn__turns_wait(tarn__turns *t, uint64_t number);
void tarn__turns_pass(tarn__turns *t);
void tarn__turns_fail(tarn__turns *t, const tarn_error *err);
void tarn__turns_free(tarn__turns *t);

#endif

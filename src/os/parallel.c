/* Work on several threads. */
#include "base/error.h"
#include "base/memory.h"
#include "os/threads.h"

typedef struct crew {
    tarn_status (*work)(void *ctx, tarn_error *err);
    void *ctx;
    tarn__mutex lock;
    tarn_status st;
    tarn_error error;
} crew;

static void *work(void *arg)
{
    crew *c = arg;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = c->work(c->ctx, &err);
    tarn__mutex_lock(&c->lock);
    if (c->st == TARN_OK) {
        c->st = st;
        c->error = err;
    }
    tarn__mutex_unlock(&c->lock);
    return NULL;
}

tarn_status tarn__parallel(int threads,
    tarn_status (*fn)(void *ctx, tarn_error *err), void *ctx, tarn_error *err)
{
    crew c = {.work = fn, .ctx = ctx, .error = TARN_ERROR_INIT};
    pthread_t *others = NULL;
    int started = 0;
    if (threads > 1) {
        others = tarn__calloc((size_t)threads - 1, sizeof(*others));
        if (others == NULL)
            return tarn__no_memory(err);
    }
    tarn__mutex_init(&c.lock);
    while (started < threads - 1 &&
        pthread_create(&others[started], NULL, work, &c) == 0)
        started++;
    (void)work(&c);
    for (int i = 0; i < started; i++)
        (void)pthread_join(others[i], NULL);
    tarn__mutex_free(&c.lock);
    tarn__free(others);
    if (c.st != TARN_OK && err != NULL)
        *err = c.error;
    return c.st;
}

void tarn__turns_init(tarn__turns *t)
{
    *t = (tarn__turns){.error = TARN_ERROR_INIT};
    tarn__mutex_init(&t->lock);
    tarn__cond_init(&t->came);
}

bool tarn__turns_wait(tarn__turns *t, uint64_t number)
{
    tarn__mutex_lock(&t->lock);
    while (t->next != number && !t->failed)
        tarn__cond_wait(&t->came, &t->lock);
    bool go = !t->failed;
    tarn__mutex_unlock(&t->lock);
    return go;
}

void tarn__turns_pass(tarn__turns *t)
{
    tarn__mutex_lock(&t->lock);
    t->next++;
    tarn__cond_broadcast(&t->came);
    tarn__mutex_unlock(&t->lock);
}

void tarn__turns_fail(tarn__turns *t, const tarn_error *err)
{
    tarn__mutex_lock(&t->lock);
    if (!t->failed)
        t->error = *err;
    t->failed = true;
    tarn__cond_broadcast(&t->came);
    tarn__mutex_unlock(&t->lock);
}

void tarn__turns_free(tarn__turns *t)
{
    tarn__mutex_free(&t->lock);
    tarn__cond_free(&t->came);
}

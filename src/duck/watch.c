/* A thread that asks whether the work is still wanted while DuckDB has ours. */
#include "base/error.h"
#include "base/progress.h"
#include "duck/duck_internal.h"

#define PERIOD_US 100000

struct tarn__watch {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool end; /* under the mutex */
    atomic_bool stopped;
    tarn__duck *duck;
    const char *what;
    tarn__progress progress; /* a copy: the caller's is another thread's */
};

static void one_period(tarn__watch *w)
{
    while (!w->end && tarn__cond_wait_for(&w->changed, &w->mutex, PERIOD_US))
        continue;
}

static void *run(void *arg)
{
    tarn__watch *w = arg;
    pthread_mutex_lock(&w->mutex);
    for (one_period(w); !w->end; one_period(w)) {
        pthread_mutex_unlock(&w->mutex);
        /* Again and again: it may fall between two calls of DuckDB. */
        if (tarn__progress_step(&w->progress, w->what, 0, 0))
            atomic_store(&w->stopped, true);
        if (atomic_load(&w->stopped))
            tarn__duck_interrupt(w->duck);
        pthread_mutex_lock(&w->mutex);
    }
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

tarn_status tarn__duck_watch(tarn__duck *duck, const tarn__progress *progress,
    const char *what, tarn_error *err)
{
    if (progress == NULL || progress->fn == NULL)
        return TARN_OK;
    tarn__watch *w = tarn__calloc(1, sizeof(*w));
    if (w == NULL)
        return tarn__no_memory(err);
    w->duck = duck;
    w->what = what;
    w->progress = (tarn__progress){progress->fn, progress->arg, 0};
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->changed, NULL);
    int failed = pthread_create(&w->thread, NULL, run, w);
    if (failed != 0) {
        pthread_cond_destroy(&w->changed);
        pthread_mutex_destroy(&w->mutex);
        tarn__free(w);
        return tarn__fail_os(err, failed, "%s: no thread to watch it", what);
    }
    duck->watch = w;
    return TARN_OK;
}

bool tarn__duck_stopped(const tarn__duck *duck)
{
    return duck != NULL && duck->watch != NULL &&
        atomic_load(&duck->watch->stopped);
}

tarn_status tarn__watch_fail(const tarn__watch *watch, tarn_error *err)
{
    return tarn__fail(err, TARN_INTERRUPTED, "%s: interrupted", watch->what);
}

void tarn__watch_end(tarn__watch *watch)
{
    if (watch == NULL)
        return;
    pthread_mutex_lock(&watch->mutex);
    watch->end = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->mutex);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->mutex);
    tarn__free(watch);
}

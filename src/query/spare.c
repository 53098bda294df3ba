/* A DuckDB opened before it is asked for.
 *
 * Opening one costs 9 ms of one thread, most of what a short query takes.  From
 * the second query of a lake's handle on, another thread opens the next one's
 * while this one's is prepared.  A handle that asks once never has a spare. */
#include <pthread.h>

#include "base/error.h"
#include "query/query_internal.h"

typedef struct spare {
    tarn__mutex lock;
    int64_t taken;
    bool
        begun; /* the thread is to be joined; what it made is its own till then */
    pthread_t thread;
    tarn__duck_options options;
    char *temp_dir;
    tarn__duck *duck; /* NULL: it did not open */
} spare;

static tarn_status make_spare(void **out, tarn_error *err)
{
    spare *s = tarn__calloc(1, sizeof(*s));
    *out = s;
    if (s == NULL)
        return tarn__no_memory(err);
    tarn__mutex_init(&s->lock);
    return TARN_OK;
}

/* Whatever its thread made, given to the caller. */
static void end_thread(spare *s, tarn__duck **duck, char **temp_dir)
{
    *duck = NULL;
    *temp_dir = NULL;
    if (!s->begun)
        return;
    pthread_join(s->thread, NULL);
    s->begun = false;
    if (s->duck != NULL) {
        *duck = s->duck;
        *temp_dir = s->temp_dir;
    } else {
        tarn__free(s->temp_dir);
    }
    s->duck = NULL;
    s->temp_dir = NULL;
}

static void destroy_spare(void *ptr)
{
    spare *s = ptr;
    tarn__duck *duck;
    char *temp_dir;
    end_thread(s, &duck, &temp_dir);
    tarn__duck_close(duck);
    tarn__free(temp_dir);
    tarn__mutex_free(&s->lock);
    tarn__free(s);
}

/* glibc grows the heap of a thread by what is asked for, a few pages at a time, and
 * each step stops all that fault memory in: the scan of the query beside which this
 * runs.  So it is grown in large steps first.  What was given back stays mapped. */
static void grow_heap(void)
{
    enum { STEPS = 100, STEP_BYTES = 120000 }; /* larger ones are not of it */
    void *steps[STEPS];
    size_t count = 0;
    while (count < STEPS && (steps[count] = tarn__malloc(STEP_BYTES)) != NULL)
        count++;
    for (size_t i = 0; i < count; i++)
        tarn__free(steps[i]);
}

static void *open_spare(void *ptr)
{
    spare *s = ptr;
    grow_heap();
    if (tarn__duck_open(&s->options, &s->duck, NULL) != TARN_OK)
        s->duck = NULL;
    return NULL;
}

/* What is not begun is not missed. */
static void begin_thread(spare *s, tarn_lake *lake, tarn__scratch *scratch)
{
    char *temp_dir = tarn__scratch_name(scratch, ".spill");
    if (temp_dir == NULL)
        return;
    s->options = (tarn__duck_options)TARN__DUCK_OPTIONS_INIT;
    s->options.memory_bytes = tarn__lake_memory_bytes(lake);
    s->options.threads = tarn__lake_threads(lake);
    s->options.temp_dir = temp_dir;
    s->temp_dir = temp_dir;
    s->begun = pthread_create(&s->thread, NULL, open_spare, s) == 0;
    if (!s->begun) {
        tarn__free(temp_dir);
        s->temp_dir = NULL;
    }
}

tarn_status tarn__spare_take(tarn_lake *lake, tarn__scratch *scratch,
    tarn__duck **duck, char **temp_dir, tarn_error *err)
{
    void *kept = NULL;
    *duck = NULL;
    *temp_dir = NULL;
    tarn_status st = tarn__lake_kept(
        lake, TARN__SLOT_QUERY, make_spare, destroy_spare, &kept, err);
    if (st != TARN_OK)
        return st;
    spare *s = kept;
    tarn__mutex_lock(&s->lock);
    end_thread(s, duck, temp_dir);
    if (++s->taken > 1)
        begin_thread(s, lake, scratch);
    tarn__mutex_unlock(&s->lock);
    return TARN_OK;
}

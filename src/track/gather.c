/* Entries of records, kept by each thread until its block's turn. */
#include "track/gather.h"

#include "base/error.h"
#include "base/memory.h"

typedef struct worker {
    const tarn__track_gather *all;
    tarn__track_entry *entries;
    size_t count;
    size_t cap;
} worker;

static tarn_status open_worker(void *ctx, void **out, tarn_error *err)
{
    worker *w = tarn__calloc(1, sizeof(*w));
    if (w == NULL)
        return tarn__no_memory(err);
    w->all = ctx;
    *out = w;
    return TARN_OK;
}

static void close_worker(void *ptr)
{
    worker *w = ptr;
    if (w != NULL)
        tarn__free(w->entries);
    tarn__free(w);
}

static tarn_status take(
    void *ptr, const tarn__track_record *r, uint64_t at, tarn_error *err)
{
    worker *w = ptr;
    const tarn__track_entry e = w->all->entry(w->all->ctx, r, at);
    const tarn__track_entry *last =
        w->count > 0 ? &w->entries[w->count - 1] : NULL;
    if (w->all->once && last != NULL && last->a == e.a && last->b == e.b)
        return TARN_OK;
    tarn_status st = tarn__grow(
        (void **)&w->entries, &w->cap, w->count + 1, sizeof(*w->entries), err);
    if (st == TARN_OK)
        w->entries[w->count++] = e;
    return st;
}

static tarn_status hand_over(void *ptr, tarn_error *err)
{
    worker *w = ptr;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < w->count; i++)
        st = tarn__track_runs_add(w->all->runs, &w->entries[i], err);
    w->count = 0;
    return st;
}

tarn_status tarn__track_gather_run(
    const tarn__track_gather *gather, tarn_error *err)
{
    tarn__track_gather own = *gather;
    const tarn__track_scan scan = {.what = gather->what,
        .work = gather->work,
        .folder = gather->folder,
        .need = gather->need,
        .ctx = &own,
        .open = open_worker,
        .record = take,
        .settle = hand_over,
        .close = close_worker};
    return tarn__track_scan_run(&scan, err);
}

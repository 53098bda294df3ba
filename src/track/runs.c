/* Entries dealt into parts.
 *
 * One file holds all parts: whenever a part's buffer is full it is appended,
 * and the part remembers where.  Few entries never leave memory.
 */
#include "track/runs.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "os/threads.h"

#define BUFFER_ENTRIES 512
#define PART_ENTRIES 40000
#define MAX_PARTS 1024

typedef struct part {
    tarn__track_entry *buffer; /* NULL until the first entry */
    size_t buffered;
    uint64_t *extents; /* where full buffers went */
    size_t extent_count;
    size_t extent_cap;
} part;

struct tarn__track_runs {
    tarn__scratch *scratch;
    tarn__file file; /* -1: nothing was written */
    uint64_t written;
    uint64_t width; /* of first keys, a part; part = a / width */
    size_t part_count;
    uint64_t count;
    part *parts;
};

tarn_status tarn__track_runs_create(tarn__scratch *scratch, uint64_t max_a,
    uint64_t expected, tarn__track_runs **out, tarn_error *err)
{
    uint64_t parts = expected / PART_ENTRIES + 1;
    if (parts > MAX_PARTS)
        parts = MAX_PARTS;
    tarn__track_runs *r = tarn__calloc(1, sizeof(*r));
    *out = NULL;
    if (r == NULL)
        return tarn__no_memory(err);
    r->scratch = scratch;
    r->file = (tarn__file)TARN__FILE_INIT;
    r->part_count = (size_t)parts;
    r->width = max_a / parts;
    r->width += r->width < UINT64_MAX;
    r->parts = tarn__calloc(r->part_count, sizeof(*r->parts));
    if (r->parts == NULL) {
        tarn__free(r);
        return tarn__no_memory(err);
    }
    *out = r;
    return TARN_OK;
}

static tarn_status spill(tarn__track_runs *r, part *p, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (r->file.fd < 0) {
        char *path = tarn__scratch_name(r->scratch, ".runs");
        st = path == NULL
            ? tarn__no_memory(err)
            : tarn__file_open(&r->file, path, TARN__OPEN_READ_WRITE, err);
        tarn__free(path);
    }
    if (st == TARN_OK)
        st = tarn__grow((void **)&p->extents, &p->extent_cap,
            p->extent_count + 1, sizeof(*p->extents), err);
    if (st == TARN_OK)
        st = tarn__file_write_at(&r->file, r->written, p->buffer,
            sizeof(*p->buffer) * BUFFER_ENTRIES, err);
    if (st != TARN_OK)
        return st;
    p->extents[p->extent_count++] = r->written;
    r->written += sizeof(*p->buffer) * BUFFER_ENTRIES;
    p->buffered = 0;
    return TARN_OK;
}

tarn_status tarn__track_runs_add(
    tarn__track_runs *r, const tarn__track_entry *entry, tarn_error *err)
{
    size_t at = (size_t)(entry->a / r->width);
    part *p = &r->parts[at < r->part_count ? at : r->part_count - 1];
    if (p->buffer == NULL) {
        p->buffer = tarn__malloc(sizeof(*p->buffer) * BUFFER_ENTRIES);
        if (p->buffer == NULL)
            return tarn__no_memory(err);
    }
    if (p->buffered == BUFFER_ENTRIES) {
        tarn_status st = spill(r, p, err);
        if (st != TARN_OK)
            return st;
    }
    p->buffer[p->buffered++] = *entry;
    r->count++;
    return TARN_OK;
}

uint64_t tarn__track_runs_count(const tarn__track_runs *r)
{
    return r->count;
}

/* --- sorted, part by part --- */

typedef struct folding {
    tarn__track_runs *runs;
    tarn_status (*fold)(void *ctx, const tarn__track_entry *entries,
        size_t count, tarn_error *err);
    void *ctx;
    tarn__mutex lock;
    size_t next;
    tarn__turns turns;
} folding;

static int compare(const void *a, const void *b)
{
    const tarn__track_entry *x = a;
    const tarn__track_entry *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    if (x->v != y->v)
        return x->v < y->v ? -1 : 1;
    return x->w < y->w ? -1 : x->w > y->w;
}

static tarn_status load(const tarn__track_runs *r, const part *p,
    tarn__track_entry **entries, size_t *cap, size_t *count, tarn_error *err)
{
    *count = p->extent_count * BUFFER_ENTRIES + p->buffered;
    tarn_status st =
        tarn__grow((void **)entries, cap, *count, sizeof(**entries), err);
    tarn__file file = r->file;
    for (size_t i = 0; st == TARN_OK && i < p->extent_count; i++) {
        size_t want = sizeof(**entries) * BUFFER_ENTRIES;
        size_t got;
        st = tarn__file_read_at(&file, p->extents[i],
            *entries + i * BUFFER_ENTRIES, want, &got, err);
        if (st == TARN_OK && got < want)
            st = tarn__fail(err, TARN_IO, "%s: has lost its end", file.path);
    }
    if (st == TARN_OK && p->buffered > 0)
        memcpy(*entries + p->extent_count * BUFFER_ENTRIES, p->buffer,
            sizeof(**entries) * p->buffered);
    return st;
}

static bool next_part(folding *f, size_t *out)
{
    tarn__mutex_lock(&f->lock);
    *out = f->next++;
    tarn__mutex_unlock(&f->lock);
    return *out < f->runs->part_count;
}

static tarn_status fold_parts(void *ctx, tarn_error *err)
{
    folding *f = ctx;
    tarn__track_entry *entries = NULL;
    size_t cap = 0;
    size_t count;
    size_t at;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && next_part(f, &at)) {
        st = load(f->runs, &f->runs->parts[at], &entries, &cap, &count, err);
        if (st == TARN_OK && count > 0)
            qsort(entries, count, sizeof(*entries), compare);
        if (st == TARN_OK && !tarn__turns_wait(&f->turns, at)) {
            *err = f->turns.error;
            st = err->code;
            break;
        }
        if (st == TARN_OK && count > 0)
            st = f->fold(f->ctx, entries, count, err);
        if (st == TARN_OK)
            tarn__turns_pass(&f->turns);
    }
    if (st != TARN_OK)
        tarn__turns_fail(&f->turns, err);
    tarn__free(entries);
    return st;
}

tarn_status tarn__track_runs_fold(tarn__track_runs *runs, int threads,
    tarn_status (*fold)(void *ctx, const tarn__track_entry *entries,
        size_t count, tarn_error *err),
    void *ctx, tarn_error *err)
{
    folding f = {.runs = runs, .fold = fold, .ctx = ctx};
    if (runs->part_count < (size_t)threads)
        threads = (int)runs->part_count;
    tarn__mutex_init(&f.lock);
    tarn__turns_init(&f.turns);
    tarn_status st = tarn__parallel(threads, fold_parts, &f, err);
    tarn__turns_free(&f.turns);
    tarn__mutex_free(&f.lock);
    return st;
}

void tarn__track_runs_free(tarn__track_runs *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->part_count; i++) {
        tarn__free(r->parts[i].buffer);
        tarn__free(r->parts[i].extents);
    }
    if (r->file.fd >= 0) {
        tarn_status st = tarn__unlink(r->file.path, NULL);
        (void)st; /* it goes with the scratch folder */
    }
    tarn__file_close(&r->file);
    tarn__free(r->parts);
    tarn__free(r);
}

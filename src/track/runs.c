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
#define FEW_ENTRIES 16 /* sorted in place */

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

static bool is_before(const tarn__track_entry *x, const tarn__track_entry *y)
{
    if (x->a != y->a)
        return x->a < y->a;
    if (x->b != y->b)
        return x->b < y->b;
    return x->v != y->v ? x->v < y->v : x->w < y->w;
}

static int compare(const void *a, const void *b)
{
    return is_before(a, b) ? -1 : is_before(b, a);
}

static void sort_few(tarn__track_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const tarn__track_entry one = entries[i];
        size_t at = i;
        for (; at > 0 && is_before(&one, &entries[at - 1]); at--)
            entries[at] = entries[at - 1];
        entries[at] = one;
    }
}

/* A thread's room for one part. */
typedef struct sorter {
    tarn__track_entry *entries; /* as they came */
    size_t cap;
    size_t count;
    tarn__track_entry *sorted;
    size_t sorted_cap;
    uint32_t *starts; /* of buckets, in `sorted` */
    size_t start_cap;
} sorter;

static tarn_status make_room(sorter *s, size_t buckets, tarn_error *err)
{
    tarn_status st = tarn__grow(
        (void **)&s->sorted, &s->sorted_cap, s->count, sizeof(*s->sorted), err);
    return st == TARN_OK ? tarn__grow((void **)&s->starts, &s->start_cap,
                               buckets + 1, sizeof(*s->starts), err)
                         : st;
}

typedef struct buckets {
    uint64_t from; /* the part's least first key */
    int shift;
    size_t count;
} buckets;

static size_t bucket_of(const buckets *b, const tarn__track_entry *e)
{
    uint64_t at = (e->a - b->from) >> b->shift;
    return at < b->count ? (size_t)at : b->count - 1;
}

/* First keys are spread evenly over the part, as a rule: they are dealt into
 * buckets of about one entry, which are sorted one by one. */
static tarn_status sort(
    sorter *s, uint64_t from, uint64_t width, tarn_error *err)
{
    buckets b = {.from = from};
    while (b.shift < 63 && (width - 1) >> b.shift >= s->count)
        b.shift++;
    b.count = (size_t)((width - 1) >> b.shift) + 1;
    tarn_status st = make_room(s, b.count, err);
    if (st != TARN_OK)
        return st;
    uint32_t *starts = s->starts;
    memset(starts, 0, (b.count + 1) * sizeof(*starts));
    for (size_t i = 0; i < s->count; i++)
        starts[bucket_of(&b, &s->entries[i]) + 1]++;
    for (size_t i = 1; i < b.count; i++)
        starts[i + 1] += starts[i];
    /* Each start moves to its bucket's end, which is where the next begins. */
    for (size_t i = 0; i < s->count; i++)
        s->sorted[starts[bucket_of(&b, &s->entries[i])]++] = s->entries[i];
    for (size_t i = 0, begin = 0; i < b.count; begin = starts[i++]) {
        size_t count = starts[i] - begin;
        if (count > FEW_ENTRIES)
            qsort(s->sorted + begin, count, sizeof(*s->sorted), compare);
        else
            sort_few(s->sorted + begin, count);
    }
    return TARN_OK;
}

static void free_sorter(sorter *s)
{
    tarn__free(s->entries);
    tarn__free(s->sorted);
    tarn__free(s->starts);
}

static tarn_status load(
    const tarn__track_runs *r, const part *p, sorter *to, tarn_error *err)
{
    to->count = p->extent_count * BUFFER_ENTRIES + p->buffered;
    tarn_status st = tarn__grow(
        (void **)&to->entries, &to->cap, to->count, sizeof(*to->entries), err);
    tarn__file file = r->file;
    for (size_t i = 0; st == TARN_OK && i < p->extent_count; i++) {
        size_t want = sizeof(*to->entries) * BUFFER_ENTRIES;
        size_t got;
        st = tarn__file_read_at(&file, p->extents[i],
            to->entries + i * BUFFER_ENTRIES, want, &got, err);
        if (st == TARN_OK && got < want)
            st = tarn__fail(err, TARN_IO, "%s: has lost its end", file.path);
    }
    if (st == TARN_OK && p->buffered > 0)
        memcpy(to->entries + p->extent_count * BUFFER_ENTRIES, p->buffer,
            sizeof(*to->entries) * p->buffered);
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
    const tarn__track_runs *r = f->runs;
    sorter s = {.entries = NULL};
    size_t at;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && next_part(f, &at)) {
        st = load(r, &r->parts[at], &s, err);
        if (st == TARN_OK && s.count > 0)
            st = sort(&s, r->width * at, r->width, err);
        if (st == TARN_OK && !tarn__turns_wait(&f->turns, at)) {
            *err = f->turns.error;
            st = err->code;
            break;
        }
        if (st == TARN_OK && s.count > 0)
            st = f->fold(f->ctx, s.sorted, s.count, err);
        if (st == TARN_OK)
            tarn__turns_pass(&f->turns);
    }
    if (st != TARN_OK)
        tarn__turns_fail(&f->turns, err);
    free_sorter(&s);
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

/* Copying each name once.
 *
 * Records are written as they come; which of them had a successor is known at
 * the end, when their names are sorted, and those few are taken out again.
 */
#include "track/sink.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"

#define DEFAULT_CHUNK 100000
#define ADDED_BYTES ((size_t)256 << 10)
#define RECORD_BYTES 300 /* a guess, for the number of parts */
/* In place of a tally, of records that are not copied. */
#define WATCHED UINT64_MAX
#define NAMED (UINT64_MAX - 1)

typedef struct item {
    tarn__hash128 name;
    unsigned tally;
} item;

typedef struct worker {
    tarn__track_sink *sink;
    const tarn__track_copy *copy;
    tarn__track_look *look;
    tarn__track_batch batch;
    item *items; /* as many */
    size_t item_cap;
    tarn__track_entry *others; /* that are not copied */
    size_t other_count;
    size_t other_cap;
    int64_t tallies[TARN__TRACK_TALLIES];
} worker;

tarn_status tarn__track_sink_open(tarn__track_sink *s, tarn__track_scope *scope,
    const char *dir, const char *kind, uint64_t bytes, tarn_error *err)
{
    uint64_t chunk = scope->work.options->chunk_size;
    memset(s, 0, sizeof(*s));
    s->scope = scope;
    s->added = (tarn__track_batch)TARN__TRACK_BATCH_INIT;
    char *path = tarn__path_join(dir, kind);
    tarn_status st =
        path == NULL ? tarn__no_memory(err) : tarn__mkdirs(path, err);
    if (st == TARN_OK)
        st = tarn__track_chunks_create(
            path, chunk == 0 ? DEFAULT_CHUNK : chunk, &s->chunks, err);
    if (st == TARN_OK)
        st = tarn__track_runs_create(
            &scope->scratch, UINT64_MAX, bytes / RECORD_BYTES, &s->names, err);
    tarn__free(path);
    if (st != TARN_OK)
        tarn__track_sink_close(s);
    return st;
}

/* --- a thread's part --- */

typedef struct copying {
    tarn__track_sink *sink;
    const tarn__track_copy *copy;
} copying;

static tarn_status open_worker(void *ctx, void **out, tarn_error *err)
{
    copying *c = ctx;
    worker *w = tarn__calloc(1, sizeof(*w));
    if (w == NULL)
        return tarn__no_memory(err);
    w->sink = c->sink;
    w->copy = c->copy;
    w->batch = (tarn__track_batch)TARN__TRACK_BATCH_INIT;
    *out = w;
    return tarn__track_look_create(
        c->sink->scope->states, c->sink->scope->key, &w->look, err);
}

static void close_worker(void *ptr)
{
    worker *w = ptr;
    if (w == NULL)
        return;
    tarn__track_look_free(w->look);
    tarn__track_batch_reset(&w->batch);
    tarn__free(w->items);
    tarn__free(w->others);
    tarn__free(w);
}

/* The line as it is, or with another label where it has one. */
static tarn_status write_line(
    worker *w, const tarn__track_record *r, bool unchanged, tarn_error *err)
{
    tarn_slice line = r->line;
    tarn_status st = TARN_OK;
    if (unchanged && r->label_text.ptr != NULL &&
        r->label != TARN__TRACK_NO_CHANGE) {
        size_t before = (size_t)(r->label_text.ptr - line.ptr);
        size_t after = before + r->label_text.len;
        st = tarn__buf_append(&w->batch.bytes, line.ptr, before, err);
        if (st == TARN_OK)
            st = tarn__buf_str(&w->batch.bytes, "NO CHANGE", err);
        line = (tarn_slice){line.ptr + after, line.len - after};
    }
    if (st == TARN_OK)
        st = tarn__buf_append(&w->batch.bytes, line.ptr, line.len, err);
    return st == TARN_OK ? tarn__buf_char(&w->batch.bytes, '\n', err) : st;
}

static tarn_status keep(worker *w, const tarn__track_record *r,
    const tarn__track_choice *choice, tarn_error *err)
{
    size_t at = w->batch.count;
    tarn_status st = tarn__grow(
        (void **)&w->items, &w->item_cap, at + 1, sizeof(*w->items), err);
    if (st == TARN_OK)
        st = write_line(w, r, choice->act == TARN__TRACK_COPY_UNCHANGED, err);
    if (st == TARN_OK)
        st = tarn__track_batch_end(&w->batch, err);
    if (st != TARN_OK)
        return st;
    w->items[at].name = tarn__sip128(w->sink->scope->key, r->name);
    w->items[at].tally = choice->tally;
    return TARN_OK;
}

static tarn_status note(worker *w, const tarn__track_record *r, uint64_t at,
    uint64_t what, tarn_error *err)
{
    tarn_status st = tarn__grow((void **)&w->others, &w->other_cap,
        w->other_count + 1, sizeof(*w->others), err);
    if (st != TARN_OK)
        return st;
    tarn__hash128 name = tarn__sip128(w->sink->scope->key, r->name);
    w->others[w->other_count++] = (tarn__track_entry){name.a, name.b, at, what};
    return TARN_OK;
}

static tarn_status take(
    void *ptr, const tarn__track_record *r, uint64_t at, tarn_error *err)
{
    worker *w = ptr;
    tarn__track_choice choice = {TARN__TRACK_COPY, 0};
    if (w->copy->choose != NULL) {
        tarn_status st =
            w->copy->choose(w->sink->scope, w->look, r, at, &choice, err);
        if (st != TARN_OK)
            return st;
    }
    w->tallies[choice.tally]++;
    if (choice.act == TARN__TRACK_SKIP)
        return TARN_OK;
    if (choice.act == TARN__TRACK_WATCH)
        return note(w, r, at, WATCHED, err);
    if (choice.act == TARN__TRACK_NAME_ONLY)
        return note(w, r, at, NAMED, err);
    return keep(w, r, &choice, err);
}

static tarn_status hand_over(void *ptr, tarn_error *err)
{
    worker *w = ptr;
    tarn__track_sink *s = w->sink;
    tarn_status st = tarn__track_chunks_place(s->chunks, &w->batch, err);
    for (size_t i = 0; st == TARN_OK && i < w->batch.count; i++) {
        tarn__track_entry e = {w->items[i].name.a, w->items[i].name.b,
            w->batch.places[i], w->items[i].tally};
        st = tarn__track_runs_add(s->names, &e, err);
    }
    for (size_t i = 0; st == TARN_OK && i < w->other_count; i++)
        st = tarn__track_runs_add(s->names, &w->others[i], err);
    for (size_t i = 0; i < TARN__TRACK_TALLIES; i++) {
        s->tallies[i] += w->tallies[i];
        w->tallies[i] = 0;
    }
    w->other_count = 0;
    return st;
}

static tarn_status write_batch(void *ptr, tarn_error *err)
{
    worker *w = ptr;
    tarn_status st = tarn__track_chunks_write(w->sink->chunks, &w->batch, err);
    tarn__track_batch_clear(&w->batch);
    return st;
}

tarn_status tarn__track_sink_copy(
    tarn__track_sink *sink, const tarn__track_copy *copy, tarn_error *err)
{
    copying c = {sink, copy};
    tarn__track_scan scan = {.what = copy->what,
        .work = &sink->scope->work,
        .folder = copy->folder,
        .need = copy->need,
        .again = copy->again,
        .ctx = &c,
        .open = open_worker,
        .record = take,
        .settle = hand_over,
        .settled = write_batch,
        .close = close_worker};
    if (copy->folder->total > sink->watched_total)
        sink->watched_total = copy->folder->total;
    return tarn__track_scan_run(&scan, err);
}

tarn_status tarn__track_sink_flush(tarn__track_sink *s, tarn_error *err)
{
    tarn_status st = tarn__track_chunks_place(s->chunks, &s->added, err);
    if (st == TARN_OK)
        st = tarn__track_chunks_write(s->chunks, &s->added, err);
    tarn__track_batch_clear(&s->added);
    return st;
}

tarn_status tarn__track_sink_add(
    tarn__track_sink *s, tarn_slice line, tarn_error *err)
{
    tarn_status st = tarn__buf_append(&s->added.bytes, line.ptr, line.len, err);
    if (st == TARN_OK)
        st = tarn__track_batch_end(&s->added, err);
    return st == TARN_OK && s->added.bytes.len > ADDED_BYTES
        ? tarn__track_sink_flush(s, err)
        : st;
}

/* --- each name once --- */

static tarn_status drop(
    tarn__track_sink *s, const tarn__track_entry *e, tarn_error *err)
{
    if (s->drops == NULL) {
        tarn_status st = tarn__track_runs_create(&s->scope->scratch,
            tarn__track_chunks_last(s->chunks),
            tarn__track_runs_count(s->names), &s->drops, err);
        if (st != TARN_OK)
            return st;
    }
    s->duplicates++;
    s->tallies[e->w]--;
    tarn__track_entry place = {e->v, 0, 0, 0};
    return tarn__track_runs_add(s->drops, &place, err);
}

static tarn_status miss(
    tarn__track_sink *s, const tarn__track_entry *e, tarn_error *err)
{
    if (s->missing == NULL) {
        tarn_status st =
            tarn__track_runs_create(&s->scope->scratch, s->watched_total,
                tarn__track_runs_count(s->names), &s->missing, err);
        if (st != TARN_OK)
            return st;
    }
    tarn__track_entry place = {e->v, 0, 0, 0};
    return tarn__track_runs_add(s->missing, &place, err);
}

static tarn_status once(tarn__track_sink *s, const tarn__track_entry *entries,
    size_t count, tarn_error *err)
{
    const tarn__track_entry *copied = NULL;
    const tarn__track_entry *watched = NULL;
    bool named = false;
    for (size_t i = 0; i < count; i++) {
        named = named || entries[i].w == NAMED;
        if (entries[i].w == WATCHED)
            watched = &entries[i];
        if (entries[i].w >= NAMED)
            continue;
        if (copied != NULL) {
            tarn_status st = drop(s, copied, err);
            if (st != TARN_OK)
                return st;
        }
        copied = &entries[i];
    }
    return copied == NULL && !named ? miss(s, watched, err) : TARN_OK;
}

static tarn_status each_once(
    void *ctx, const tarn__track_entry *entries, size_t count, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t from = 0; st == TARN_OK && from < count;) {
        size_t to = from + 1;
        while (to < count && entries[to].a == entries[from].a &&
            entries[to].b == entries[from].b)
            to++;
        st = once(ctx, entries + from, to - from, err);
        from = to;
    }
    return st;
}

tarn_status tarn__track_sink_finish(tarn__track_sink *s, tarn_error *err)
{
    int threads = s->scope->work.threads;
    tarn_status st =
        tarn__track_runs_fold(s->names, threads, each_once, s, err);
    if (st == TARN_OK && s->drops != NULL)
        st = tarn__track_chunks_drop(s->chunks, s->drops, threads, err);
    tarn__track_runs_free(s->names);
    tarn__track_runs_free(s->drops);
    s->names = NULL;
    s->drops = NULL;
    return st;
}

void tarn__track_sink_close(tarn__track_sink *s)
{
    tarn__track_chunks_free(s->chunks);
    tarn__track_batch_reset(&s->added);
    tarn__track_runs_free(s->names);
    tarn__track_runs_free(s->drops);
    tarn__track_runs_free(s->missing);
    memset(s, 0, sizeof(*s));
}

tarn_status tarn__track_copy_kind(tarn__track_scope *scope, const char *source,
    const char *kind, const tarn__track_copy *copy, const char *dir,
    int64_t *count, int64_t *duplicates, tarn_error *err)
{
    tarn__track_folder folder;
    tarn__track_sink sink;
    tarn__track_copy how = {.need = TARN__TRACK_NAME};
    if (copy != NULL)
        how = *copy;
    *count = 0;
    tarn_status st = tarn__track_folder_read(source, kind, &folder, err);
    if (st != TARN_OK)
        return st;
    how.what = kind;
    how.folder = &folder;
    st = tarn__track_sink_open(&sink, scope, dir, kind, folder.total, err);
    if (st == TARN_OK) {
        st = tarn__track_sink_copy(&sink, &how, err);
        if (st == TARN_OK)
            st = tarn__track_sink_finish(&sink, err);
        *count = sink.tallies[0];
        *duplicates += sink.duplicates;
        tarn__track_sink_close(&sink);
    }
    tarn__track_folder_reset(&folder);
    return st;
}

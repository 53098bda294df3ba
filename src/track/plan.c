/* Which tables' columns are extracted, and in which batches. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "os/file.h"
#include "track/make.h"

#define DEFAULT_BATCH 25000
#define BATCH_BYTES ((size_t)256 << 10)

typedef struct planning {
    const tarn__track_scope *scope;
    bool backfill; /* the other question: what is new */
    tarn_track_table_fn fn;
    void *arg;
    tarn_track_plan_counts *counts;
    /* Batches; dir NULL: none are wanted. */
    const char *dir;
    uint64_t batch_size;
    uint64_t in_batch;
    tarn__file file;
    tarn_buf json;
} planning;

typedef struct row {
    const char *reason;
    size_t id; /* in the worker's texts */
    size_t name;
} row;

typedef struct worker {
    planning *all;
    tarn__track_look *look;
    tarn_buf texts;
    row *rows;
    size_t count;
    size_t cap;
    int64_t reasons[4];
    int64_t no_change;
} worker;

static tarn_status open_worker(void *ctx, void **out, tarn_error *err)
{
    worker *w = tarn__calloc(1, sizeof(*w));
    if (w == NULL)
        return tarn__no_memory(err);
    w->all = ctx;
    w->texts = (tarn_buf)TARN_BUF_INIT;
    *out = w;
    return tarn__track_look_create(
        w->all->scope->states, w->all->scope->key, &w->look, err);
}

static void close_worker(void *ptr)
{
    worker *w = ptr;
    if (w == NULL)
        return;
    tarn__track_look_free(w->look);
    tarn_buf_reset(&w->texts);
    tarn__free(w->rows);
    tarn__free(w);
}

static tarn_status add_row(
    worker *w, const tarn__track_record *r, const char *reason, tarn_error *err)
{
    tarn_status st = tarn__grow(
        (void **)&w->rows, &w->cap, w->count + 1, sizeof(*w->rows), err);
    row to = {.reason = reason, .id = w->texts.len};
    if (st == TARN_OK)
        st = tarn__track_id(r, &w->texts, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&w->texts, '\0', err);
    to.name = w->texts.len;
    if (st == TARN_OK)
        st = tarn__buf_append(&w->texts, r->name.ptr, r->name.len, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&w->texts, '\0', err);
    if (st == TARN_OK)
        w->rows[w->count++] = to;
    return st;
}

static tarn_status take(
    void *ptr, const tarn__track_record *r, uint64_t at, tarn_error *err)
{
    static const char *const reasons[] = {
        NULL, "created", "updated", "backfill"};
    worker *w = ptr;
    const tarn__track_state *state;
    tarn_status st = tarn__track_look_up(w->look, r->name, &state, err);
    if (st != TARN_OK || state->at != at)
        return st; /* another record of this name counts */
    tarn__track_reason reason = tarn__track_reason_of(w->all->scope, state);
    w->reasons[reason]++;
    w->no_change +=
        reason == TARN__TRACK_UNCHANGED || reason == TARN__TRACK_IS_BACKFILL;
    bool wanted =
        w->all->backfill ? !state->same : reason != TARN__TRACK_UNCHANGED;
    if (w->all->backfill && wanted)
        reason = TARN__TRACK_IS_BACKFILL;
    return wanted ? add_row(w, r, reasons[reason], err) : TARN_OK;
}

/* --- batches --- */

static tarn_status flush(planning *p, tarn_error *err)
{
    tarn_status st = tarn__file_write(&p->file, p->json.ptr, p->json.len, err);
    tarn__buf_clear(&p->json);
    return st;
}

static tarn_status end_batch(planning *p, tarn_error *err)
{
    if (p->file.fd < 0)
        return TARN_OK;
    tarn_status st = tarn__buf_str(&p->json, "]\n", err);
    if (st == TARN_OK)
        st = flush(p, err);
    tarn__file_close(&p->file);
    return st;
}

static tarn_status begin_batch(planning *p, tarn_error *err)
{
    char *path = tarn__sprintf(
        "%s/batch-%lld.json", p->dir, (long long)p->counts->batches);
    tarn_status st = path == NULL
        ? tarn__no_memory(err)
        : tarn__file_open(&p->file, path, TARN__OPEN_CREATE, err);
    tarn__free(path);
    p->counts->batches++;
    p->in_batch = 0;
    return st == TARN_OK ? tarn__buf_char(&p->json, '[', err) : st;
}

static tarn_status add_to_batch(planning *p, const char *id, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (p->dir == NULL)
        return TARN_OK;
    if (p->file.fd >= 0 && p->in_batch == p->batch_size)
        st = end_batch(p, err);
    if (st == TARN_OK && p->file.fd < 0)
        st = begin_batch(p, err);
    if (st == TARN_OK && p->in_batch > 0)
        st = tarn__buf_char(&p->json, ',', err);
    if (st == TARN_OK)
        st = tarn__json_quote(&p->json, tarn_str(id), err);
    p->in_batch++;
    return st == TARN_OK && p->json.len > BATCH_BYTES ? flush(p, err) : st;
}

static tarn_status hand_over(void *ptr, tarn_error *err)
{
    worker *w = ptr;
    planning *p = w->all;
    tarn_status st = TARN_OK;
    p->counts->changed +=
        w->reasons[TARN__TRACK_IS_CREATED] + w->reasons[TARN__TRACK_IS_UPDATED];
    p->counts->backfill += w->reasons[TARN__TRACK_IS_BACKFILL];
    p->counts->no_change += w->no_change;
    for (size_t i = 0; st == TARN_OK && i < w->count; i++) {
        const tarn_track_table table = {w->texts.ptr + w->rows[i].id,
            w->rows[i].reason, w->texts.ptr + w->rows[i].name};
        st = add_to_batch(p, table.id, err);
        if (st == TARN_OK && p->fn != NULL)
            st = p->fn(p->arg, &table, err);
    }
    memset(w->reasons, 0, sizeof w->reasons);
    w->no_change = 0;
    w->count = 0;
    tarn__buf_clear(&w->texts);
    return st;
}

static tarn_status scan_tables(
    planning *p, tarn__track_scope *scope, tarn_error *err)
{
    tarn__track_scan scan = {.what = "plan",
        .work = &scope->work,
        .folder = &scope->tables,
        .need = TARN__TRACK_NAME,
        .again = true,
        .ctx = p,
        .open = open_worker,
        .record = take,
        .settle = hand_over,
        .close = close_worker};
    tarn_status st = tarn__track_scan_run(&scan, err);
    if (st == TARN_OK)
        st = end_batch(p, err);
    tarn__file_close(&p->file);
    tarn_buf_reset(&p->json);
    return st;
}

static tarn_status answer(void *ctx, tarn__track_scope *scope,
    const tarn__track_making *making, const char *dir, tarn_error *err)
{
    planning *p = ctx;
    p->scope = scope;
    p->dir = dir;
    p->batch_size = scope->work.options->batch_size;
    if (p->batch_size == 0)
        p->batch_size = DEFAULT_BATCH;
    p->file = (tarn__file)TARN__FILE_INIT;
    p->json = (tarn_buf)TARN_BUF_INIT;
    p->counts->bad = scope->bad;
    if (p->backfill && !scope->has_previous)
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: holds no previous state (everything is new)",
            making->previous == NULL ? "-" : making->previous);
    return scan_tables(p, scope, err);
}

tarn_status tarn_track_plan(const char *current, const char *previous,
    const char *batch_dir, const tarn_track_options *options,
    tarn_track_table_fn fn, void *arg, tarn_track_plan_counts *counts,
    tarn_error *err)
{
    planning p = {.fn = fn, .arg = arg, .counts = counts};
    const tarn__track_making making = {.current = current,
        .previous = previous,
        .out = batch_dir,
        .options = options,
        .fill = answer,
        .ctx = &p};
    memset(counts, 0, sizeof(*counts));
    return tarn__track_make(&making, err);
}

tarn_status tarn_track_backfill(const char *current, const char *previous,
    const tarn_track_options *options, tarn_track_table_fn fn, void *arg,
    tarn_track_plan_counts *counts, tarn_error *err)
{
    planning p = {.backfill = true, .fn = fn, .arg = arg, .counts = counts};
    const tarn__track_making making = {.current = current,
        .previous = previous,
        .options = options,
        .fill = answer,
        .ctx = &p};
    memset(counts, 0, sizeof(*counts));
    return tarn__track_make(&making, err);
}

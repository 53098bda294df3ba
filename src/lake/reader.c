/* Point reads and scans of keyed state: a transaction's overlay first, then a
 * tail or memory lake's maps, then RocksDB. */
#include "lake/reader.h"

#include <string.h>

#include "base/str.h"
#include "lake/lake_internal.h"

/* The tagged value of a key in the view; view.lock's read side is held. */
static tarn_status get_from_view(tarn_snapshot *snap, tarn__family family,
    tarn_slice key, tarn_buf *value, bool *found, int64_t *version,
    tarn_error *err)
{
    tarn__view *view = &snap->lake->view;
    tarn_status st = TARN_OK;

    *found = false;
    if (view->maps[family] != NULL) {
        tarn__vcursor c = {NULL, view->maps[family], NULL};
        st = tarn__vcursor_get(
            &c, key, snap->version, value, found, version, err);
    }
    if (st != TARN_OK || *found || view->mode == TARN__VIEW_MEMORY)
        return st;
    pthread_mutex_lock(&snap->iters_mutex);
    tarn__view_iter *vi = &snap->iters[family];
    if (vi->view == NULL)
        tarn__view_iter_init(vi, view, family, true);
    st = tarn__view_iter_use(vi, err);
    if (st == TARN_OK) {
        tarn__vcursor c = {vi->it, NULL, NULL};
        st = tarn__vcursor_get(
            &c, key, snap->version, value, found, version, err);
    }
    pthread_mutex_unlock(&snap->iters_mutex);
    return st;
}

tarn_status tarn__read_get(tarn_snapshot *snap, tarn__family family,
    tarn_slice key, tarn_buf *payload, bool *found, int64_t *version,
    tarn_error *err)
{
    tarn_status st = TARN_OK;
    int64_t v = TARN__PENDING_VERSION;

    *found = false;
    tarn__buf_clear(payload);
    if (snap->txn != NULL)
        st = tarn__txn_settle(snap->txn, err);
    if (st == TARN_OK && snap->overlay != NULL)
        st = tarn__overlay_get(snap->overlay, family, key, payload, found, err);
    if (st == TARN_OK && !*found) {
        st = tarn__view_enter(snap->lake, snap->version, err);
        if (st != TARN_OK)
            return st;
        st = get_from_view(snap, family, key, payload, found, &v, err);
        tarn__view_leave(snap->lake);
    }
    if (st != TARN_OK) {
        *found = false;
        return st;
    }
    if (!*found || payload->ptr[0] == TARN__TAG_TOMBSTONE) {
        *found = false;
        tarn__buf_clear(payload);
        return TARN_OK;
    }
    payload->len--;
    memmove(payload->ptr, payload->ptr + 1, payload->len + 1);
    if (version != NULL)
        *version = v;
    return TARN_OK;
}

/* One source of a scan: its next entry, copied out. */
typedef struct source {
    bool done; /* no entry stands ready and none will come */
    bool ready;
    tarn_buf key, value;
    int64_t version;
} source;

enum { FROM_OVERLAY, FROM_MAP, FROM_ROCKS, SOURCE_COUNT };

struct tarn__scan {
    tarn_snapshot *snap;
    tarn__family family;
    tarn_buf prefix;
    tarn_buf from;
    bool has_from;
    source sources[SOURCE_COUNT];
    tarn__vcursor map_cursor;
    tarn__view_iter iter;
    uint64_t started;    /* bit per source: it stands somewhere */
    uint64_t generation; /* of the view that the sources stand on */
    bool given;          /* `key` is the last that came */
    tarn_buf key, value; /* given out */
    int64_t version;
};

/* No source stands anywhere yet. */
static void begin(tarn__scan *scan)
{
    for (int i = 0; i < SOURCE_COUNT; i++)
        scan->sources[i].ready = scan->sources[i].done = false;
    scan->sources[FROM_OVERLAY].done = scan->snap->overlay == NULL;
    scan->started = 0;
    scan->given = false;
}

static tarn_status set_from(tarn__scan *scan, tarn_slice from, tarn_error *err)
{
    scan->has_from = from.ptr != NULL &&
        tarn__slice_cmp(from, tarn__buf_slice(&scan->prefix)) > 0;
    tarn__buf_clear(&scan->from);
    return tarn__buf_append(&scan->from, from.ptr, from.len, err);
}

tarn_status tarn__read_scan(tarn_snapshot *snap, tarn__family family,
    tarn_slice prefix, tarn_slice from, tarn__scan **out, tarn_error *err)
{
    *out = NULL;
    tarn_status st =
        snap->txn != NULL ? tarn__txn_settle(snap->txn, err) : TARN_OK;
    if (st != TARN_OK)
        return st;
    tarn__scan *scan = tarn__calloc(1, sizeof *scan);
    if (scan == NULL)
        return tarn__no_memory(err);
    scan->snap = snap;
    scan->family = family;
    scan->prefix = scan->from = scan->key = scan->value =
        (tarn_buf)TARN_BUF_INIT;
    for (int i = 0; i < SOURCE_COUNT; i++)
        scan->sources[i].key = scan->sources[i].value = (tarn_buf)TARN_BUF_INIT;
    begin(scan);
    tarn__view_iter_init(&scan->iter, &snap->lake->view, family,
        prefix.len >= tarn__view_rocks.families[family].prefix_bytes &&
            tarn__view_rocks.families[family].prefix_bytes > 0);
    st = tarn__buf_append(&scan->prefix, prefix.ptr, prefix.len, err);
    if (st == TARN_OK)
        st = set_from(scan, from, err);
    if (st != TARN_OK) {
        tarn__scan_free(scan);
        return st;
    }
    *out = scan;
    return TARN_OK;
}

tarn_status tarn__scan_seek(tarn__scan *scan, tarn_slice from, tarn_error *err)
{
    begin(scan);
    return set_from(scan, from, err);
}

void tarn__scan_free(tarn__scan *scan)
{
    if (scan == NULL)
        return;
    tarn__view_iter_free(&scan->iter);
    for (int i = 0; i < SOURCE_COUNT; i++) {
        tarn_buf_reset(&scan->sources[i].key);
        tarn_buf_reset(&scan->sources[i].value);
    }
    tarn_buf_reset(&scan->prefix);
    tarn_buf_reset(&scan->from);
    tarn_buf_reset(&scan->key);
    tarn_buf_reset(&scan->value);
    tarn__free(scan);
}

static tarn_slice start_of(const tarn__scan *scan)
{
    return tarn__buf_slice(scan->has_from ? &scan->from : &scan->prefix);
}

static tarn_status fill_overlay(tarn__scan *scan, tarn_error *err)
{
    source *s = &scan->sources[FROM_OVERLAY];
    bool after = (scan->started & 1u << FROM_OVERLAY) != 0;
    tarn_buf last = TARN_BUF_INIT;
    tarn_slice from = start_of(scan);
    tarn_status st = TARN_OK;

    if (after) {
        st = tarn__buf_append(&last, s->key.ptr, s->key.len, err);
        from = tarn__buf_slice(&last);
    }
    if (st == TARN_OK)
        st = tarn__overlay_seek(scan->snap->overlay, scan->family,
            tarn__buf_slice(&scan->prefix), from, after, &s->key, &s->value,
            err);
    tarn_buf_reset(&last);
    s->version = TARN__PENDING_VERSION;
    return st;
}

/* Stand the cursor at the start, or behind the last key when what it stood on
 * is gone; then take the next key. */
static tarn_status fill_versioned(
    tarn__scan *scan, int which, tarn__vcursor *c, tarn_error *err)
{
    source *s = &scan->sources[which];
    bool started = (scan->started & 1u << which) != 0;
    tarn_status st = TARN_OK;

    if (!started && scan->given)
        st = tarn__vcursor_seek_after(c, tarn__buf_slice(&scan->key), err);
    else if (!started)
        tarn__vcursor_seek(c, start_of(scan));
    if (st != TARN_OK)
        return st;
    return tarn__vcursor_next_key(c, tarn__buf_slice(&scan->prefix),
        scan->snap->version, &s->key, &s->value, &s->version, err);
}

static tarn_status fill_map(tarn__scan *scan, tarn_error *err)
{
    tarn__view *view = &scan->snap->lake->view;

    if (view->maps[scan->family] == NULL)
        return TARN_OK;
    scan->map_cursor.map = view->maps[scan->family];
    return fill_versioned(scan, FROM_MAP, &scan->map_cursor, err);
}

static tarn_status fill_rocks(tarn__scan *scan, tarn_error *err)
{
    if (scan->snap->lake->view.mode == TARN__VIEW_MEMORY)
        return TARN_OK;
    tarn_status st = tarn__view_iter_use(&scan->iter, err);
    if (st != TARN_OK)
        return st;
    tarn__vcursor c = {scan->iter.it, NULL, NULL};
    return fill_versioned(scan, FROM_ROCKS, &c, err);
}

static tarn_status fill(tarn__scan *scan, int which, tarn_error *err)
{
    source *s = &scan->sources[which];
    tarn_status st = TARN_OK;

    if (which == FROM_OVERLAY)
        st = fill_overlay(scan, err);
    else if (which == FROM_MAP)
        st = fill_map(scan, err);
    else
        st = fill_rocks(scan, err);
    if (st != TARN_OK && st != TARN_ROW)
        return st;
    scan->started |= 1u << which;
    s->ready = st == TARN_ROW;
    s->done = st == TARN_OK;
    return TARN_OK;
}

/* Takes the smallest key that stands ready; the first source wins a tie and
 * the others' entries of that key are passed over. *which -1: the end. */
static void choose(tarn__scan *scan, int *which)
{
    *which = -1;
    for (int i = 0; i < SOURCE_COUNT; i++) {
        source *s = &scan->sources[i];
        if (!s->ready)
            continue;
        int order = *which < 0
            ? -1
            : tarn__slice_cmp(tarn__buf_slice(&s->key),
                  tarn__buf_slice(&scan->sources[*which].key));
        if (order < 0)
            *which = i;
        else if (order == 0)
            s->ready = false;
    }
    if (*which >= 0)
        scan->sources[*which].ready = false;
}

static tarn_status give(tarn__scan *scan, const source *s, tarn_error *err)
{
    tarn__buf_clear(&scan->key);
    tarn__buf_clear(&scan->value);
    tarn_status st = tarn__buf_append(&scan->key, s->key.ptr, s->key.len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(
            &scan->value, s->value.ptr + 1, s->value.len - 1, err);
    scan->version = s->version;
    scan->given = st == TARN_OK;
    return st;
}

/* The view was closed, opened anew or got another tail: what stood in a tail may
 * stand in RocksDB now, before its cursor.  Both begin behind the last key that
 * was given out. */
static void follow_view(tarn__scan *scan)
{
    uint64_t generation = scan->snap->lake->view.generation;

    if (generation == scan->generation)
        return;
    scan->generation = generation;
    for (int i = FROM_MAP; i <= FROM_ROCKS; i++) {
        scan->sources[i].ready = scan->sources[i].done = false;
        scan->started &= ~(uint64_t)(1u << i);
    }
}

static tarn_status next_entry(tarn__scan *scan, tarn_error *err)
{
    follow_view(scan);
    for (;;) {
        int which;
        for (int i = 0; i < SOURCE_COUNT; i++) {
            if (scan->sources[i].ready || scan->sources[i].done)
                continue;
            tarn_status st = fill(scan, i, err);
            if (st != TARN_OK)
                return st;
        }
        choose(scan, &which);
        if (which < 0)
            return TARN_OK;
        if (scan->sources[which].value.ptr[0] == TARN__TAG_TOMBSTONE)
            continue;
        tarn_status st = give(scan, &scan->sources[which], err);
        return st == TARN_OK ? TARN_ROW : st;
    }
}

tarn_status tarn__scan_next(tarn__scan *scan, tarn_slice *key,
    tarn_slice *payload, int64_t *version, tarn_error *err)
{
    tarn_status st =
        tarn__view_enter(scan->snap->lake, scan->snap->version, err);

    if (st != TARN_OK)
        return st;
    st = next_entry(scan, err);
    tarn__view_leave(scan->snap->lake);
    if (st != TARN_ROW)
        return st;
    *key = tarn__buf_slice(&scan->key);
    *payload = tarn__buf_slice(&scan->value);
    if (version != NULL)
        *version = scan->version;
    return TARN_ROW;
}

uint64_t tarn__read_estimate(tarn_snapshot *snap, tarn__family family)
{
    uint64_t count = 0;

    if (tarn__view_enter(snap->lake, snap->version, NULL) != TARN_OK)
        return 0;
    if (snap->lake->view.db != NULL)
        count = tarn__rocks_estimated_keys(snap->lake->view.db, family);
    tarn__view_leave(snap->lake);
    return count;
}

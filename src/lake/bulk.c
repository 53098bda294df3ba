/* Entries in bulk: the iterator's own bytes, where nothing lies over RocksDB;
 * else the scan that merges (reader.c). */
#include "lake/bulk.h"

#include <string.h>

#include "base/str.h"
#include "lake/lake_internal.h"

/* After so many entries of one key the rest is jumped over. */
#define STEPS_MOST 16

struct tarn__bulk {
    tarn_snapshot *snap;
    tarn__family family;
    tarn_buf prefix;
    tarn_buf from;
    tarn_buf to;
    bool has_from, has_to;
    bool ended;
    tarn__scan *scan; /* when something lies over RocksDB; else NULL */
    tarn__view_iter iter;
    bool placed;         /* the iterator stands at what comes next */
    uint64_t generation; /* of the view that it stands on */
    tarn_buf last;       /* the last logical key that was looked at */
    bool has_last;
};

static tarn_status copy_bounds(tarn__bulk *bulk, tarn_slice prefix,
    tarn_slice from, tarn_slice to, tarn_error *err)
{
    bulk->has_from = from.ptr != NULL && tarn__slice_cmp(from, prefix) > 0;
    bulk->has_to = to.ptr != NULL;
    tarn_status st =
        tarn__buf_append(&bulk->prefix, prefix.ptr, prefix.len, err);
    if (st == TARN_OK && bulk->has_from)
        st = tarn__buf_append(&bulk->from, from.ptr, from.len, err);
    if (st == TARN_OK && bulk->has_to)
        st = tarn__buf_append(&bulk->to, to.ptr, to.len, err);
    return st;
}

tarn_status tarn__bulk_open(tarn_snapshot *snap, tarn__family family,
    tarn_slice prefix, tarn_slice from, tarn_slice to, tarn__bulk **out,
    tarn_error *err)
{
    tarn__bulk *bulk = tarn__calloc(1, sizeof *bulk);

    *out = NULL;
    if (bulk == NULL)
        return tarn__no_memory(err);
    bulk->snap = snap;
    bulk->family = family;
    bulk->prefix = bulk->from = bulk->to = bulk->last = (tarn_buf)TARN_BUF_INIT;
    tarn__view_iter_init(&bulk->iter, &snap->lake->view, family, false);
    bulk->iter.scans = true;
    tarn_status st = copy_bounds(bulk, prefix, from, to, err);
    if (st != TARN_OK) {
        tarn__bulk_free(bulk);
        return st;
    }
    *out = bulk;
    return TARN_OK;
}

void tarn__bulk_free(tarn__bulk *bulk)
{
    if (bulk == NULL)
        return;
    tarn__scan_free(bulk->scan);
    tarn__view_iter_free(&bulk->iter);
    tarn_buf_reset(&bulk->prefix);
    tarn_buf_reset(&bulk->from);
    tarn_buf_reset(&bulk->to);
    tarn_buf_reset(&bulk->last);
    tarn__free(bulk);
}

static bool inside(const tarn__bulk *bulk, tarn_slice key)
{
    return key.len >= bulk->prefix.len &&
        memcmp(key.ptr, bulk->prefix.ptr, bulk->prefix.len) == 0 &&
        (!bulk->has_to || tarn__slice_cmp(key, tarn__buf_slice(&bulk->to)) < 0);
}

/* --- over RocksDB alone --- */

/* Does nothing lie over RocksDB?  Under the view's lock. */
static bool bare(const tarn__bulk *bulk)
{
    const tarn__view *view = &bulk->snap->lake->view;
    return bulk->snap->overlay == NULL && view->mode != TARN__VIEW_MEMORY &&
        view->maps[bulk->family] == NULL;
}

static tarn_status place(tarn__bulk *bulk, tarn__vcursor *c, tarn_error *err)
{
    const tarn__view *view = &bulk->snap->lake->view;

    if (bulk->placed && bulk->generation == view->generation)
        return TARN_OK;
    bulk->generation = view->generation;
    bulk->placed = true;
    if (bulk->has_last)
        return tarn__vcursor_seek_after(c, tarn__buf_slice(&bulk->last), err);
    tarn__vcursor_seek(
        c, tarn__buf_slice(bulk->has_from ? &bulk->from : &bulk->prefix));
    return TARN_OK;
}

static tarn_status note(tarn__bulk *bulk, tarn_slice key, tarn_error *err)
{
    tarn__buf_clear(&bulk->last);
    bulk->has_last = true;
    return tarn__buf_append(&bulk->last, key.ptr, key.len, err);
}

static tarn_status malformed(tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "views/key: an entry is malformed (tarn rebuild key)");
}

/* Past an older entry of the last key. */
static tarn_status step_over(
    tarn__bulk *bulk, tarn__vcursor *c, int *steps, tarn_error *err)
{
    if (++*steps <= STEPS_MOST) {
        tarn__vcursor_step(c);
        return TARN_OK;
    }
    *steps = 0;
    return tarn__vcursor_seek_after(c, tarn__buf_slice(&bulk->last), err);
}

static tarn_status give_bare(
    tarn__bulk *bulk, tarn__bulk_fn fn, void *arg, tarn_error *err)
{
    tarn_status st = tarn__view_iter_use(&bulk->iter, err);
    if (st != TARN_OK)
        return st;
    tarn__vcursor c = {bulk->iter.it, NULL, NULL};
    int steps = 0;
    st = place(bulk, &c, err);
    for (; st == TARN_OK && tarn__vcursor_valid(&c);) {
        tarn_slice key = tarn__vcursor_key(&c);
        if (key.len < TARN__VERSION_BYTES)
            return malformed(err);
        key.len -= TARN__VERSION_BYTES;
        int64_t version = (int64_t)~tarn__be64(key.ptr + key.len);
        if (!inside(bulk, key))
            break;
        if (bulk->has_last &&
            tarn__slice_eq(key, tarn__buf_slice(&bulk->last))) {
            st = step_over(bulk, &c, &steps, err);
            continue;
        }
        if (version > bulk->snap->version) {
            tarn__vcursor_step(&c);
            continue;
        }
        steps = 0;
        tarn_slice value = tarn__vcursor_value(&c);
        st = value.len == 0 ? malformed(err) : note(bulk, key, err);
        tarn_status more = TARN_ROW;
        if (st == TARN_OK && value.ptr[0] != TARN__TAG_TOMBSTONE)
            more =
                fn(arg, key, (tarn_slice){value.ptr + 1, value.len - 1}, err);
        if (st == TARN_OK)
            tarn__vcursor_step(&c);
        if (st == TARN_OK && more != TARN_ROW)
            return more == TARN_OK ? TARN_ROW : more;
    }
    if (st == TARN_OK)
        st = tarn__vcursor_status(&c, err);
    bulk->ended = st == TARN_OK;
    return st;
}

/* --- over several --- */

static tarn_status open_scan(tarn__bulk *bulk, tarn_error *err)
{
    tarn_slice from = {NULL, 0};

    if (bulk->has_last) {
        /* Its successor. */
        tarn_status st = tarn__buf_char(&bulk->last, '\0', err);
        if (st != TARN_OK)
            return st;
        from = tarn__buf_slice(&bulk->last);
    } else if (bulk->has_from) {
        from = tarn__buf_slice(&bulk->from);
    }
    return tarn__read_scan(bulk->snap, bulk->family,
        tarn__buf_slice(&bulk->prefix), from, &bulk->scan, err);
}

static tarn_status give_merged(
    tarn__bulk *bulk, tarn__bulk_fn fn, void *arg, tarn_error *err)
{
    tarn_slice key, payload;
    tarn_status st = TARN_OK;

    if (bulk->scan == NULL)
        st = open_scan(bulk, err);
    while (st == TARN_OK) {
        st = tarn__scan_next(bulk->scan, &key, &payload, NULL, err);
        if (st == TARN_OK || (st == TARN_ROW && !inside(bulk, key))) {
            bulk->ended = true;
            return TARN_OK;
        }
        if (st != TARN_ROW)
            return st;
        st = fn(arg, key, payload, err);
        if (st != TARN_ROW)
            return st == TARN_OK ? TARN_ROW : st;
        st = TARN_OK;
    }
    return st;
}

tarn_status tarn__bulk_next(
    tarn__bulk *bulk, tarn__bulk_fn fn, void *arg, tarn_error *err)
{
    if (bulk->ended)
        return TARN_OK;
    if (bulk->scan == NULL) {
        tarn_status st =
            tarn__view_enter(bulk->snap->lake, bulk->snap->version, err);
        if (st != TARN_OK)
            return st;
        bool alone = bare(bulk);
        if (alone)
            st = give_bare(bulk, fn, arg, err);
        tarn__view_leave(bulk->snap->lake);
        if (alone)
            return st;
    }
    return give_merged(bulk, fn, arg, err);
}

/* Stands the iterator at the last entry with the prefix. */
static tarn_status last_entry(tarn__view_iter *iter, tarn_slice prefix,
    uint8_t *tail, size_t len, tarn_error *err)
{
    tarn_buf past = TARN_BUF_INIT;
    tarn_status st = tarn__view_iter_use(iter, err);

    if (st == TARN_OK)
        st = tarn__buf_append(&past, prefix.ptr, prefix.len, err);
    for (size_t i = 0; st == TARN_OK && i < len + TARN__VERSION_BYTES + 1; i++)
        st = tarn__buf_char(&past, (char)0xff, err);
    if (st == TARN_OK) {
        tarn__rocks_iter_seek_back(iter->it, tarn__buf_slice(&past));
        if (tarn__rocks_iter_valid(iter->it)) {
            tarn_slice key = tarn__rocks_iter_key(iter->it);
            if (key.len == prefix.len + len + TARN__VERSION_BYTES &&
                memcmp(key.ptr, prefix.ptr, prefix.len) == 0)
                memcpy(tail, key.ptr + prefix.len, len);
        } else {
            st = tarn__rocks_iter_status(iter->it, err);
        }
    }
    tarn_buf_reset(&past);
    return st;
}

tarn_status tarn__bulk_last(tarn_snapshot *snap, tarn__family family,
    tarn_slice prefix, uint8_t *tail, size_t len, tarn_error *err)
{
    const tarn__view *view = &snap->lake->view;
    tarn__view_iter iter;

    memset(tail, 0xff, len);
    tarn_status st = tarn__view_enter(snap->lake, snap->version, err);
    if (st != TARN_OK)
        return st;
    if (snap->overlay == NULL && view->mode != TARN__VIEW_MEMORY &&
        view->maps[family] == NULL) {
        tarn__view_iter_init(&iter, &snap->lake->view, family, false);
        st = last_entry(&iter, prefix, tail, len, err);
        tarn__view_iter_free(&iter);
    }
    tarn__view_leave(snap->lake);
    return st;
}

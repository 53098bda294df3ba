#include "lake/view.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/lock.h"

#define FLUSH_WAL_BYTES ((uint64_t)256 << 10)
#define LEVEL0_FILES_MAX 8

static const tarn__rocks_family families[TARN__FAMILY_COUNT] = {
    [TARN__FAMILY_META] = {"default", 0},
    [TARN__FAMILY_NODE] = {"node", 16},
    [TARN__FAMILY_ENTRY] = {"entry", 16},
    [TARN__FAMILY_VERSION] = {"version", 16},
    [TARN__FAMILY_RECORD] = {"record", 0},
    [TARN__FAMILY_KEY] = {"key", 0},
    [TARN__FAMILY_EDGE] = {"edge", 0},
    [TARN__FAMILY_EDGE_IN] = {"edge_in", 0},
    [TARN__FAMILY_STATE] = {"state", 0},
};

static const tarn__applied nothing_applied = TARN__APPLIED_INIT;

const tarn__rocks_options tarn__view_rocks = {
    .families = families,
    .family_count = TARN__FAMILY_COUNT,
    .keep_files = true,
};

tarn_status tarn__view_init(tarn__view *view, bool memory, tarn_error *err)
{
    tarn_status st = TARN_OK;

    memset(view, 0, sizeof *view);
    view->rocks = &tarn__view_rocks;
    /* Readers come and go all the time: one that changes the mode must not
     * starve.  The read side is never taken twice by a thread. */
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    pthread_rwlockattr_setkind_np(
        &attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&view->lock, &attr);
    pthread_rwlockattr_destroy(&attr);
    pthread_mutex_init(&view->iters_lock, NULL);
    view->applied = nothing_applied;
    view->tail_version = -1;
    if (!memory)
        return TARN_OK;
    view->mode = TARN__VIEW_MEMORY;
    view->memory = true;
    for (int f = 0; f < TARN__FAMILY_COUNT && st == TARN_OK; f++)
        st = tarn__ordmap_create(&view->maps[f], err);
    if (st != TARN_OK)
        tarn__view_free(view);
    return st;
}

static void free_maps(tarn__view *view)
{
    for (int f = 0; f < TARN__FAMILY_COUNT; f++) {
        tarn__ordmap_free(view->maps[f]);
        view->maps[f] = NULL;
    }
    view->tail_version = -1;
}

/* Iterators go before their database (rocks/README.md). */
static void close_iterators(tarn__view *view)
{
    pthread_mutex_lock(&view->iters_lock);
    for (tarn__view_iter *i = view->iters; i != NULL; i = i->next) {
        tarn__rocks_iter_free(i->it);
        i->it = NULL;
    }
    pthread_mutex_unlock(&view->iters_lock);
}

static void close_db(tarn__view *view)
{
    close_iterators(view);
    tarn__rocks_close(view->db);
    view->db = NULL;
    view->applied = nothing_applied;
    view->generation++;
    if (!view->memory) {
        free_maps(view);
        view->mode = TARN__VIEW_CLOSED;
    }
}

void tarn__view_free(tarn__view *view)
{
    close_db(view);
    free_maps(view);
    pthread_rwlock_destroy(&view->lock);
    pthread_mutex_destroy(&view->iters_lock);
}

/* applied = be64(version) ‖ sha256 ‖ excess ‖ be64(horizon), one entry: written
 * whole. */
static const tarn_slice applied_key = {"applied", 7};
enum {
    EXCESS_AT = 8 + TARN__SHA256_BYTES,
    HORIZON_AT = EXCESS_AT + 1,
    APPLIED_BYTES = HORIZON_AT + 8
};

int64_t tarn__view_reach(const tarn__view *view)
{
    return view->tail_version > view->applied.version ? view->tail_version
                                                      : view->applied.version;
}

tarn_status tarn__applied_read(
    tarn__rocks *db, tarn__applied *out, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    bool found = false;

    *out = nothing_applied;
    tarn_status st = tarn__rocks_get(
        db, TARN__FAMILY_META, applied_key, &value, &found, err);
    if (st == TARN_OK && found && value.len == APPLIED_BYTES) {
        out->version = (int64_t)tarn__be64(value.ptr);
        memcpy(out->sha256, value.ptr + 8, sizeof out->sha256);
        out->excess = value.ptr[EXCESS_AT] != 0;
        out->horizon = (int64_t)tarn__be64(value.ptr + HORIZON_AT);
    }
    tarn_buf_reset(&value);
    return st;
}

static void put_be64(char *at, int64_t v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (char)(uint8_t)((uint64_t)v >> (56 - 8 * i));
}

void tarn__applied_put(
    tarn__rocks_batch *batch, tarn__rocks *db, const tarn__applied *applied)
{
    char value[APPLIED_BYTES];

    put_be64(value, applied->version);
    memcpy(value + 8, applied->sha256, sizeof applied->sha256);
    value[EXCESS_AT] = applied->excess ? 1 : 0;
    put_be64(value + HORIZON_AT, applied->horizon);
    tarn__rocks_batch_put(batch, db, TARN__FAMILY_META, applied_key,
        (tarn_slice){value, sizeof value});
}

tarn_status tarn__view_mark_excess(tarn__view *view, tarn_error *err)
{
    tarn__rocks_batch *batch = NULL;
    tarn__applied applied = view->applied;
    tarn_status st = tarn__rocks_batch_create(&batch, err);

    applied.excess = true;
    if (st == TARN_OK) {
        tarn__applied_put(batch, view->db, &applied);
        st = tarn__rocks_batch_write(view->db, batch, true, err);
    }
    tarn__rocks_batch_free(batch);
    if (st == TARN_OK)
        tarn__view_set_applied(view, &applied);
    return st;
}

void tarn__view_set_applied(tarn__view *view, const tarn__applied *applied)
{
    pthread_rwlock_wrlock(&view->lock);
    view->applied = *applied;
    pthread_rwlock_unlock(&view->lock);
}

/* Takes a database over, in the place of the one before. */
static tarn_status install(
    tarn__view *view, tarn__rocks *db, tarn__view_mode mode, tarn_error *err)
{
    tarn__applied applied;
    tarn_status st = tarn__applied_read(db, &applied, err);

    if (st != TARN_OK) {
        tarn__rocks_close(db);
        return st;
    }
    pthread_rwlock_wrlock(&view->lock);
    close_db(view);
    view->db = db;
    view->mode = mode;
    view->applied = applied;
    pthread_rwlock_unlock(&view->lock);
    return TARN_OK;
}

/* The gate, past a turnstile.  A writer that waits for the gate keeps the
 * turnstile, so that no more readers pass: else one after the other would keep
 * it out for ever. */
static tarn_status take_gate(
    tarn__lock *gate, const char *gate_path, bool shared, tarn_error *err)
{
    tarn__lock turn = TARN__LOCK_INIT;
    char *turn_path = tarn__sprintf("%s.turn", gate_path);

    if (turn_path == NULL)
        return tarn__no_memory(err);
    /* Without a turnstile things are less fair, no more. */
    tarn_status st = tarn__lock_take(&turn, turn_path, shared, -1, NULL);
    tarn__free(turn_path);
    if (st == TARN_INTERRUPTED)
        return tarn__fail(err, st, "interrupted");
    st = tarn__lock_take(gate, gate_path, shared, -1, err);
    tarn__lock_release(&turn);
    return st;
}

tarn_status tarn__view_open_read(
    tarn__view *view, const char *path, const char *gate_path, tarn_error *err)
{
    tarn__lock gate = TARN__LOCK_INIT;
    tarn__rocks *db = NULL;
    tarn_error why = TARN_ERROR_INIT;

    /* While a reader opens, no writer lets files go (DESIGN 3, Readers).  No
     * gate to be had: no writer has been here, or we may not write here, nor
     * lock.  Any other failure would let rows be missed. */
    tarn_status st = take_gate(&gate, gate_path, true, &why);
    if (st != TARN_OK && st != TARN_NOT_FOUND && why.origin_code != EROFS &&
        why.origin_code != EACCES) {
        if (err != NULL)
            *err = why;
        return st;
    }
    st = tarn__rocks_open_read(path, view->rocks, &db, err);
    tarn__lock_release(&gate);
    return st == TARN_OK ? install(view, db, TARN__VIEW_READ, err) : st;
}

tarn_status tarn__view_open_write(
    tarn__view *view, const char *path, const char *gate_path, tarn_error *err)
{
    tarn__lock gate = TARN__LOCK_INIT;
    tarn__rocks *db = NULL;

    /* A reader of this very process keeps files open, which is fine. */
    tarn_status st = take_gate(&gate, gate_path, false, err);
    if (st != TARN_OK)
        return st;
    st = tarn__rocks_open(path, view->rocks, &db, err);
    tarn__lock_release(&gate);
    return st == TARN_OK ? install(view, db, TARN__VIEW_WRITE, err) : st;
}

void tarn__view_release_files(tarn__view *view, const char *gate_path)
{
    tarn__lock gate = TARN__LOCK_INIT;

    if (tarn__lock_take(&gate, gate_path, false, 0, NULL) != TARN_OK)
        return;
    /* A failure leaves files behind, which the next release takes. */
    if (tarn__rocks_keep_files(view->db, false, NULL) == TARN_OK)
        (void)!tarn__rocks_keep_files(view->db, true, NULL);
    tarn__lock_release(&gate);
}

/* Housekeeping before a writer goes.  What fails here costs time later, not
 * truth: the view is derived, and `applied` stands. */
static void tidy(tarn__view *view, const char *gate_path)
{
    bool wrote = false;

    if (tarn__rocks_wal_bytes(view->db) > FLUSH_WAL_BYTES) {
        (void)!tarn__rocks_flush(view->db, NULL);
        wrote = true;
    }
    for (size_t f = 0; f < TARN__FAMILY_COUNT; f++) {
        if (tarn__rocks_level0_files(view->db, f) > LEVEL0_FILES_MAX) {
            (void)!tarn__rocks_settle(view->db, f, NULL);
            wrote = true;
        }
    }
    if (wrote)
        tarn__view_release_files(view, gate_path);
}

void tarn__view_close(tarn__view *view, const char *gate_path)
{
    if (view->memory)
        return;
    if (view->mode == TARN__VIEW_WRITE)
        tidy(view, gate_path);
    pthread_rwlock_wrlock(&view->lock);
    close_db(view);
    pthread_rwlock_unlock(&view->lock);
}

void tarn__view_iter_init(tarn__view_iter *vi, tarn__view *view,
    tarn__family family, bool same_prefix)
{
    *vi = (tarn__view_iter){
        .view = view, .family = family, .same_prefix = same_prefix};
    pthread_mutex_lock(&view->iters_lock);
    vi->next = view->iters;
    if (vi->next != NULL)
        vi->next->prev = vi;
    view->iters = vi;
    pthread_mutex_unlock(&view->iters_lock);
}

tarn_status tarn__view_iter_use(tarn__view_iter *vi, tarn_error *err)
{
    if (vi->it != NULL)
        return TARN_OK;
    if (vi->scans)
        return tarn__rocks_iter_create_scan(
            vi->view->db, vi->family, &vi->it, err);
    return tarn__rocks_iter_create(
        vi->view->db, vi->family, vi->same_prefix, &vi->it, err);
}

void tarn__view_iter_free(tarn__view_iter *vi)
{
    if (vi->view == NULL)
        return;
    pthread_mutex_lock(&vi->view->iters_lock);
    if (vi->prev != NULL)
        vi->prev->next = vi->next;
    else
        vi->view->iters = vi->next;
    if (vi->next != NULL)
        vi->next->prev = vi->prev;
    tarn__rocks_iter_free(vi->it);
    pthread_mutex_unlock(&vi->view->iters_lock);
    vi->view = NULL;
}

/* The view's clock for readers (DESIGN 3, Readers).
 *
 * A reader never answers below the head that it saw when it began, but for
 * exactly the version that a living writer is committing at that moment. */
#include "base/time.h"
#include "lake/lake_internal.h"
#include "os/file.h"
#include "os/process.h"

static tarn_status open_view(tarn_lake *lake, tarn_error *err)
{
    if (!tarn__path_exists(lake->at.key))
        return TARN_NOT_FOUND;
    return tarn__view_open_read(&lake->view, lake->at.key, lake->at.gate, err);
}

static tarn_status log_head(tarn_lake *lake, int64_t *head, tarn_error *err)
{
    int64_t hint = lake->view.applied.version;

    pthread_mutex_lock(&lake->delta_mutex);
    if (lake->head_seen > hint)
        hint = lake->head_seen;
    tarn_status st = tarn__delta_head(lake->delta, hint, head, err);
    if (st == TARN_OK)
        lake->head_seen = *head;
    pthread_mutex_unlock(&lake->delta_mutex);
    return st;
}

/* Does the open view answer for `head`, or for all but what is being
 * committed?  *version is what it answers for. */
static tarn_status answers(
    tarn_lake *lake, int64_t head, int64_t *version, bool *yes, tarn_error *err)
{
    tarn__holder holder;
    tarn__view *view = &lake->view;

    *yes = false;
    if (view->mode == TARN__VIEW_CLOSED)
        return TARN_OK;
    if (view->mode == TARN__VIEW_MEMORY) {
        *version = view->tail_version;
        *yes = *version >= head;
        return TARN_OK;
    }
    tarn_status st =
        tarn__applied_matches(lake, &view->applied, head, yes, err);
    if (st != TARN_OK || !*yes)
        return st;
    /* A gc that was killed; while it lives the view does as well. */
    if (view->applied.excess && !lake->options.read_only &&
        !tarn__lock_busy(lake->at.lock)) {
        *yes = false;
        return TARN_OK;
    }
    *version = tarn__view_reach(view);
    if (*version >= head)
        return TARN_OK;
    *yes = *version == head - 1 && tarn__holder_read(lake, &holder) &&
        holder.committing == head && tarn__lock_busy(lake->at.lock);
    return TARN_OK;
}

/* A medium that cannot be written to: the missing tail in memory. */
static tarn_status overlay_tail(tarn_lake *lake, int64_t head, tarn_error *err)
{
    bool matches;

    if (lake->view.mode != TARN__VIEW_CLOSED &&
        tarn__view_reach(&lake->view) >= head)
        return TARN_OK; /* another thread has been here */
    tarn_status st =
        tarn__applied_matches(lake, &lake->view.applied, head, &matches, err);
    return st == TARN_OK ? tarn__replay_tail(lake, head, !matches, err) : st;
}

/* What the view, reopened if need be, says.  *behind: the log's `head` is not
 * in it yet. */
static tarn_status look(tarn_lake *lake, int64_t *version, int64_t *head,
    bool *behind, tarn_error *err)
{
    bool yes = false;

    if (lake->view.mode == TARN__VIEW_WRITE) {
        /* We hold the lock: nobody else moves the head. */
        pthread_rwlock_rdlock(&lake->view.lock);
        *version = lake->view.applied.version;
        pthread_rwlock_unlock(&lake->view.lock);
        return TARN_OK;
    }
    tarn_status st = log_head(lake, head, err);
    if (st == TARN_OK)
        st = answers(lake, *head, version, &yes, err);
    if (st != TARN_OK || yes)
        return st;
    st = open_view(lake, err);
    if (st == TARN_OK)
        st = answers(lake, *head, version, &yes, err);
    else if (st == TARN_NOT_FOUND || st == TARN_CORRUPT)
        st = TARN_OK;
    *behind = !yes;
    return st;
}

/* One attempt.  TARN_LOCKED: someone else is at it, wait. */
static tarn_status attempt(tarn_lake *lake, int64_t *version, tarn_error *err)
{
    bool behind = false;
    int64_t head = -1;

    pthread_mutex_lock(&lake->open_mutex);
    tarn_status st = look(lake, version, &head, &behind, err);
    pthread_mutex_unlock(&lake->open_mutex);
    if (st != TARN_OK || !behind)
        return st;
    /* open_mutex is not held here: the writer's mutex comes before it. */
    st = lake->options.read_only ? TARN_IO : tarn__writer_take(lake, 0, err);
    if (st == TARN_OK) {
        *version = lake->writer.head;
        tarn__writer_give(lake);
        return TARN_OK;
    }
    if (st != TARN_IO)
        return st;
    pthread_mutex_lock(&lake->open_mutex);
    st = overlay_tail(lake, head, err);
    pthread_mutex_unlock(&lake->open_mutex);
    *version = head;
    return st;
}

tarn_status tarn__lake_catch_up(tarn_lake *lake, int64_t *head, tarn_error *err)
{
    int64_t deadline = tarn__monotonic_us() + lake->options.wait_us;
    int64_t pause_us = 200;

    if (lake->memory) {
        pthread_rwlock_rdlock(&lake->view.lock);
        *head = lake->memory_head;
        pthread_rwlock_unlock(&lake->view.lock);
        return TARN_OK;
    }
    for (;;) {
        tarn_status st = attempt(lake, head, err);
        if (st != TARN_LOCKED)
            return st;
        if (tarn__interrupted())
            return tarn__fail(err, TARN_INTERRUPTED, "interrupted");
        if (lake->options.wait_us >= 0 && tarn__monotonic_us() > deadline)
            return st;
        tarn__sleep_us(pause_us);
        pause_us = pause_us < 10000 ? pause_us * 2 : pause_us;
    }
}

/* The log has gone back under a reader. */
static tarn_status gone(int64_t version, tarn_error *err)
{
    return tarn__fail(err, TARN_NOT_FOUND,
        "version %lld: no longer there, the log was replaced (open the lake "
        "anew)",
        (long long)version);
}

tarn_status tarn__view_enter(tarn_lake *lake, int64_t version, tarn_error *err)
{
    tarn_status st = tarn__lake_usable(lake, false, err);
    int64_t head;

    while (st == TARN_OK) {
        pthread_rwlock_rdlock(&lake->view.lock);
        if (version < lake->view.applied.horizon) {
            st = tarn__below_horizon(version, lake->view.applied.horizon, err);
            pthread_rwlock_unlock(&lake->view.lock);
            return st;
        }
        if (lake->view.mode != TARN__VIEW_CLOSED &&
            (lake->memory || version == TARN__PENDING_VERSION ||
                tarn__view_reach(&lake->view) >= version))
            return TARN_OK;
        pthread_rwlock_unlock(&lake->view.lock);
        /* Given up by the writer, never opened, or opened anew and the tail not
         * yet laid over it. */
        st = tarn__lake_catch_up(lake, &head, err);
        if (st == TARN_OK && version != TARN__PENDING_VERSION && head < version)
            st = gone(version, err);
    }
    return st;
}

void tarn__view_leave(tarn_lake *lake)
{
    pthread_rwlock_unlock(&lake->view.lock);
}

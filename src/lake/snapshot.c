#include <stdio.h>

#include "lake/lake_internal.h"
#include "os/file.h"

void tarn__snapshot_init(tarn_snapshot *snap, tarn_lake *lake)
{
    *snap = (tarn_snapshot){.lake = lake, .pin = TARN__LOCK_INIT};
    pthread_mutex_init(&snap->iters_mutex, NULL);
}

static void drop_iterators(tarn_snapshot *snap)
{
    for (int f = 0; f < TARN__FAMILY_COUNT; f++)
        tarn__view_iter_free(&snap->iters[f]);
}

void tarn__snapshot_rebase(tarn_snapshot *snap, int64_t version)
{
    drop_iterators(snap);
    snap->version = version;
}

#define PIN_US 10000000

/* A shared flock on tmp/pins/<version>; gc may hold it for a moment.  Where none
 * can be written a file that goes under a reader is a clear error, not a wrong
 * answer. */
static void pin(tarn_snapshot *snap)
{
    char name[32];

    if (snap->lake->memory)
        return;
    snprintf(name, sizeof name, "%lld", (long long)snap->version);
    char *path = tarn__path_join(snap->lake->at.pins, name);
    if (path == NULL)
        return;
    (void)!tarn__lock_take(&snap->pin, path, true, PIN_US, NULL);
    tarn__free(path);
}

/* Gives the pin back; its file goes with the last that held it. */
static void unpin(tarn_snapshot *snap)
{
    tarn__lock last = TARN__LOCK_INIT;
    char *path = snap->pin.path;

    if (snap->pin.fd < 0)
        return;
    snap->pin.path = NULL;
    tarn__lock_release(&snap->pin);
    /* Under the lock: who has it open looks whether it is still named. */
    if (tarn__lock_take(&last, path, false, 0, NULL) == TARN_OK)
        (void)!tarn__unlink(path, NULL);
    tarn__lock_release(&last);
    tarn__free(path);
}

void tarn__snapshot_reset(tarn_snapshot *snap)
{
    drop_iterators(snap);
    pthread_mutex_destroy(&snap->iters_mutex);
    unpin(snap);
}

/* Pins the version, and makes sure that gc has seen the pin or we what gc did:
 * gc commits its horizon, then looks at the pins; we pin, then look at the
 * horizon. */
static tarn_status stand_on(
    tarn_snapshot *snap, int64_t version, int64_t head, tarn_error *err)
{
    for (;;) {
        int64_t horizon = 0;
        snap->version = version == TARN_LATEST ? head : version;
        pin(snap);
        tarn_status st = tarn__lake_catch_up(snap->lake, &head, err);
        if (st == TARN_OK && snap->version > head)
            return tarn__fail(err, TARN_NOT_FOUND,
                "version %lld: the newest is %lld (see tarn log)",
                (long long)snap->version, (long long)head);
        if (st == TARN_OK)
            st = tarn__lake_horizon(snap->lake, &horizon, err);
        if (st != TARN_OK || snap->version >= horizon)
            return st;
        if (version != TARN_LATEST)
            return tarn__below_horizon(version, horizon, err);
        unpin(snap);
    }
}

tarn_status tarn_snapshot_open(
    tarn_lake *lake, int64_t version, tarn_snapshot **out, tarn_error *err)
{
    int64_t head;

    *out = NULL;
    tarn_status st = tarn__lake_usable(lake, false, err);
    if (st == TARN_OK)
        st = tarn__lake_catch_up(lake, &head, err);
    if (st != TARN_OK)
        return st;
    if (version < 0 && version != TARN_LATEST)
        return tarn__fail(err, TARN_INVALID,
            "version %lld: not a version (give 0 or more)", (long long)version);
    tarn_snapshot *snap = tarn__calloc(1, sizeof *snap);
    if (snap == NULL)
        return tarn__no_memory(err);
    tarn__snapshot_init(snap, lake);
    st = stand_on(snap, version, head, err);
    if (st != TARN_OK) {
        tarn_snapshot_free(snap);
        return st;
    }
    *out = snap;
    return TARN_OK;
}

int64_t tarn_snapshot_version(const tarn_snapshot *snap)
{
    return snap->version;
}

void tarn_snapshot_free(tarn_snapshot *snap)
{
    if (snap == NULL || tarn__lake_forked(snap->lake))
        return;
    tarn__snapshot_reset(snap);
    tarn__free(snap);
}

tarn_lake *tarn__snapshot_lake(tarn_snapshot *snap)
{
    return snap->lake;
}

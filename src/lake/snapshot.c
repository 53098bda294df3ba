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

void tarn__snapshot_reset(tarn_snapshot *snap)
{
    drop_iterators(snap);
    pthread_mutex_destroy(&snap->iters_mutex);
    tarn__lock_release(&snap->pin);
}

void tarn__snapshot_rebase(tarn_snapshot *snap, int64_t version)
{
    drop_iterators(snap);
    snap->version = version;
}

/* A shared flock on tmp/pins/<version>.  Where none can be written a file that
 * goes under a reader is a clear error, not a wrong answer. */
static void pin(tarn_snapshot *snap)
{
    char name[32];

    if (snap->lake->memory || snap->lake->options.read_only)
        return;
    snprintf(name, sizeof name, "%lld", (long long)snap->version);
    char *path = tarn__path_join(snap->lake->at.pins, name);
    if (path == NULL)
        return;
    (void)!tarn__lock_take(&snap->pin, path, true, 0, NULL);
    tarn__free(path);
}

static tarn_status check_version(
    tarn_lake *lake, int64_t version, int64_t head, tarn_error *err)
{
    int64_t horizon;

    if (version > head)
        return tarn__fail(err, TARN_NOT_FOUND,
            "version %lld: the newest is %lld (see tarn log)",
            (long long)version, (long long)head);
    tarn_status st = tarn__lake_horizon(lake, &horizon, err);
    if (st == TARN_OK && version < horizon)
        return tarn__fail(err, TARN_NOT_FOUND,
            "version %lld: removed by gc, the oldest kept is %lld (see tarn "
            "log)",
            (long long)version, (long long)horizon);
    return st;
}

tarn_status tarn_snapshot_open(tarn_lake *lake, int64_t version,
    tarn_snapshot **out, tarn_error *err)
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
            "version %lld: not a version (give 0 or more)",
            (long long)version);
    tarn_snapshot *snap = tarn__calloc(1, sizeof *snap);
    if (snap == NULL)
        return tarn__no_memory(err);
    tarn__snapshot_init(snap, lake);
    snap->version = version == TARN_LATEST ? head : version;
    pin(snap);
    /* After the pin: what gc had taken before it, we see here. */
    if (version != TARN_LATEST)
        st = check_version(lake, version, head, err);
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
    if (snap == NULL)
        return;
    tarn__snapshot_reset(snap);
    tarn__free(snap);
}

tarn_lake *tarn__snapshot_lake(tarn_snapshot *snap)
{
    return snap->lake;
}

/* A transaction whose operations and reads are on disk, loaded as sorted files:
 * every allocation and every I/O call of ours fails in turn.  What has no bounds
 * to lower is swept in tests/fault. */
#include "support/fault_sweep.h"

#include "rig.h"

typedef struct place {
    const char *dir;
    bool committed; /* the work was told so */
    int64_t before;
} place;

static void fresh(void **state, void *ctx)
{
    place *p = ctx;
    shell("rm -rf %s", sandbox_path(state, "lake"));
    p->dir = lake_make(state);
    tarn_lake *lake = lake_open(p->dir);
    put(lake, "a", "1");
    put(lake, "a", "2");
    p->before = head_of(lake);
    p->committed = false;
    tarn_lake_close(lake);
}

static tarn_status open_quietly(
    const char *dir, tarn_lake **lake, tarn_error *err)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    options.threads = 1;
    options.memory_bytes = UINT64_C(400) << 20;
    options.wait_us = 100000;
    return tarn_lake_open(dir, &options, lake, err);
}

/* Not the rig's, which ends the test when it fails. */
static tarn_status stage(tarn_txn *txn, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    tarn__stager *stager = NULL;
    tarn__staged staged;
    static const char bytes[70000] = {'x'};
    tarn_status st = tarn__lake_scratch(tarn__txn_lake(txn), &scratch, err);

    if (st == TARN_OK)
        st = tarn__stager_open(scratch, false, &stager, err);
    if (st != TARN_OK)
        return st;
    st = tarn__stager_write(stager, bytes, sizeof bytes, err);
    if (st != TARN_OK) {
        tarn__stager_abort(stager);
        return st;
    }
    st = tarn__stager_finish(stager, &staged, err);
    if (st != TARN_OK)
        return st;
    st = tarn__txn_take_staged(txn, &staged, err);
    if (st != TARN_OK)
        tarn__staged_reset(&staged);
    return st;
}

static tarn_status write_it(tarn_lake *lake, place *p, tarn_error *err)
{
    tarn_txn *txn = NULL;
    tarn_status st = tarn_txn_begin(lake, NULL, &txn, err);

    if (st == TARN_OK)
        st = stage(txn, err);
    if (st == TARN_OK)
        st = tarn_state_put(txn, "s", "b", tarn_str("both"), err);
    if (st == TARN_OK)
        st = tarn_state_put(txn, "s", "c", tarn_str("both"), err);
    if (st == TARN_OK)
        st = tarn_state_rm(txn, "s", "a", err);
    if (st != TARN_OK) {
        tarn_txn_abort(txn);
        return st;
    }
    st = tarn_txn_commit(txn, NULL, err);
    p->committed = st == TARN_OK;
    return st;
}

static tarn_status spills_and_loads(void **state, void *ctx, tarn_error *err)
{
    place *p = ctx;
    tarn_lake *lake = NULL;

    (void)state;
    tarn_status st = open_quietly(p->dir, &lake, err);
    if (st == TARN_OK) {
        lake->bounds = (tarn__bounds){1, 1, 1};
        st = write_it(lake, p, err);
    }
    tarn_lake_close(lake);
    return st;
}

static void is_whole(void **state, void *ctx, tarn_status status)
{
    const place *p = ctx;
    tarn_lake *lake = lake_open(p->dir);
    tarn_snapshot *snap = pin_version(lake, TARN_LATEST);
    tarn_buf value = TARN_BUF_INIT;

    (void)state;
    bool there = tarn_state_get(snap, "s", "b", &value, NULL) == TARN_OK;
    tarn_buf_reset(&value);
    assert_true(there || !p->committed);
    assert_true(status != TARN_OK || there == p->committed);
    snap_has(snap, "c", there ? "both" : NULL);
    snap_has(snap, "a", there ? NULL : "2");
    tarn_snapshot_free(snap);
    is_sound(lake);
    put(lake, "after", "it goes on");
    tarn_lake_close(lake);
}

static void spilling(void **state, sweep_kind kind)
{
    place p = {0};
    const sweep s = {fresh, spills_and_loads, is_whole, &p};
    sweep_run_points(state, &s, kind, 6);
}

static void spilling_without_memory(void **state)
{
    spilling(state, SWEEP_MEMORY);
}

static void spilling_with_io_errors(void **state)
{
    spilling(state, SWEEP_EIO);
}

static void spilling_on_a_full_disk(void **state)
{
    spilling(state, SWEEP_ENOSPC);
}

int main(void)
{
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(spilling_without_memory),
        sandbox_test(spilling_with_io_errors),
        sandbox_test(spilling_on_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

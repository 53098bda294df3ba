/* All of the room at work, with every allocation of ours failing in turn. */
#include "support/fault_sweep.h"

#include "unit/rocks/rig.h"

static tarn_status iterate_once(tarn__rocks *db, tarn_error *err)
{
    tarn__rocks_iter *it;
    tarn_status st = tarn__rocks_iter_create(db, FIRST, false, &it, err);
    if (st != TARN_OK)
        return st;
    tarn__rocks_iter_first(it);
    st = tarn__rocks_iter_status(it, err);
    tarn__rocks_iter_free(it);
    return st;
}

static tarn_status write_batch(tarn__rocks *db, tarn_error *err)
{
    tarn__rocks_batch *batch;
    tarn_status st = tarn__rocks_batch_create(&batch, err);
    if (st != TARN_OK)
        return st;
    tarn__rocks_batch_put(batch, db, FIRST, tarn_str("a"), tarn_str("1"));
    st = tarn__rocks_batch_write(db, batch, false, err);
    tarn__rocks_batch_free(batch);
    return st;
}

static tarn_status load(void **state, tarn__rocks *db, tarn_error *err)
{
    tarn__rocks_sst *sst;
    tarn_status st = tarn__rocks_sst_create(
        db, PREFIXED, sandbox_path(state, "load.sst"), &sst, err);
    if (st != TARN_OK)
        return st;
    st = tarn__rocks_sst_put(sst, tarn_str("k"), tarn_str("v"), err);
    if (st == TARN_OK)
        return tarn__rocks_sst_ingest(sst, err);
    tarn__rocks_sst_abort(sst);
    return st;
}

static tarn_status read_back(void **state, tarn_error *err)
{
    tarn__rocks *db;
    tarn_status st =
        tarn__rocks_open_read(sandbox_path(state, "db"), &defaults, &db, err);
    if (st != TARN_OK)
        return st;
    tarn_buf value = TARN_BUF_INIT;
    bool found;
    st = tarn__rocks_get(db, FIRST, tarn_str("a"), &value, &found, err);
    if (st == TARN_OK)
        st = iterate_once(db, err);
    tarn_buf_reset(&value);
    tarn__rocks_close(db);
    return st;
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    tarn__rocks *db;
    (void)ctx;
    tarn_status st =
        tarn__rocks_open(sandbox_path(state, "db"), &defaults, &db, err);
    if (st != TARN_OK)
        return st;
    st = write_batch(db, err);
    if (st == TARN_OK)
        st = load(state, db, err);
    tarn__rocks_close(db);
    return st == TARN_OK ? read_back(state, err) : st;
}

/* The database opens, and the file that was to be loaded is gone. */
static void check(void **state, void *ctx, tarn_status status)
{
    (void)ctx;
    assert_false(sandbox_exists(state, "load.sst"));
    tarn__rocks *db = open_db(state);
    if (status == TARN_OK) {
        assert_value(db, FIRST, "a", "1");
        assert_value(db, PREFIXED, "k", "v");
    }
    tarn__rocks_close(db);
}

static void the_room_survives_every_failing_allocation(void **state)
{
    sweep s = {NULL, work, check, NULL};
    sweep_run(state, &s, SWEEP_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(the_room_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

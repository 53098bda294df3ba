/* Making a lake: any failure leaves a folder in which it can be made. */
#include "crash/support/run.h"
#include "support/fault_sweep.h"

#include <tarn/lake.h>

static void prepare(void **state, void *ctx)
{
    (void)ctx;
    run_remove_folder(sandbox_path(state, "lake"));
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    return tarn_lake_init(sandbox_path(state, "lake"), "label", err);
}

static void check(void **state, void *ctx, tarn_status status)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    tarn_rows *rows = NULL;
    const char *dir = sandbox_path(state, "lake");
    (void)ctx;
    /* What stands although its last sync failed is there already. */
    tarn_status st = tarn_lake_init(dir, NULL, &err);
    if (status == TARN_OK)
        assert_int_equal(TARN_EXISTS, st);
    else if (st != TARN_OK && st != TARN_EXISTS)
        fail_msg("init anew: %s", err.message);
    assert_int_equal(TARN_OK, tarn_lake_open(dir, NULL, &lake, &err));
    assert_int_equal(TARN_OK, tarn_lake_check(lake, true, &rows, &err));
    assert_int_equal(TARN_OK, tarn_rows_next(rows, &err));
    tarn_rows_free(rows);
    tarn_lake_close(lake);
}

static const sweep init_sweep = {prepare, work, check, NULL};

static void init_survives_any_failing_allocation(void **state)
{
    sweep_run_points(state, &init_sweep, SWEEP_MEMORY, 15);
}

static void init_survives_any_failing_call(void **state)
{
    sweep_run_points(state, &init_sweep, SWEEP_EIO, 15);
}

static void init_survives_a_full_disk(void **state)
{
    sweep_run_points(state, &init_sweep, SWEEP_ENOSPC, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(init_survives_any_failing_allocation),
        sandbox_test(init_survives_any_failing_call),
        sandbox_test(init_survives_a_full_disk),
    };
    sandbox_without_disk();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

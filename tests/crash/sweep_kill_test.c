/* A kill at every call that changes the disk (DESIGN 3, Commit; I1-I7). */
#include "crash/support/run.h"
#include "crash/support/sweep_main.h"

static void shim_sees_every_change_of_the_disk(void **state)
{
    const workload *w = sandbox_user(state);
    disk *d = disk_create();
    for (size_t i = 0; i < w->recording.count; i++)
        disk_apply(d, &w->recording.records[i]);
    const char *image = sandbox_path(state, "replayed");
    disk_write(d, DISK_KILLED, 0, image);
    disk_free(d);
    const char *bad = run_compare_folders(sandbox_path(state, "root"), image);
    if (bad != NULL)
        fail_msg("%s", bad);
    run_remove_folder(image);
}

static void killed_at_any_change_nothing_acknowledged_is_lost(void **state)
{
    const sweep_plan plan = {.cut = DISK_KILLED, .points = 60, .images = 1};
    sweep_must_pass(state, &plan);
}

static void what_is_acknowledged_before_it_is_done_is_found_out(void **state)
{
    const sweep_plan plan = {.cut = DISK_KILLED,
        .points = 100,
        .images = 1,
        .promise_early = true,
        .expect_failure = true};
    sweep_must_fail(state, &plan);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shim_sees_every_change_of_the_disk),
        cmocka_unit_test(killed_at_any_change_nothing_acknowledged_is_lost),
        cmocka_unit_test(what_is_acknowledged_before_it_is_done_is_found_out),
    };
    int code;
    if (sweep_role(argc, argv, &code))
        return code;
    return cmocka_run_group_tests(tests, sweep_setup, sweep_teardown);
}

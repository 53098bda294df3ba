/* A power cut at every call that changes the disk or makes a change last. */
#include "crash/support/sweep_main.h"

static void what_was_synced_keeps_every_promise(void **state)
{
    const sweep_plan plan = {.cut = DISK_SYNCED, .points = 30, .images = 1};
    sweep_must_pass(state, &plan);
}

static void so_does_what_a_journal_kept_besides(void **state)
{
    const sweep_plan plan = {.cut = DISK_JOURNAL, .points = 25, .images = 1};
    sweep_must_pass(state, &plan);
}

static void so_does_any_part_of_the_rest(void **state)
{
    const sweep_plan plan = {.cut = DISK_CHAOS, .points = 40, .images = 1};
    sweep_must_pass(state, &plan);
}

/* Names may last without earlier ones: of the first folder too. */
static void an_init_that_was_cut_is_done_anew(void **state)
{
    const sweep_plan plan = {
        .cut = DISK_CHAOS, .steps = "tarn init", .images = 2};
    sweep_must_pass(state, &plan);
}

/* The control builds: each leaves out one sync that a promise stands on. */
static void control(void **state, const char *without)
{
    const sweep_plan plan = {.cut = DISK_SYNCED,
        .points = 150,
        .images = 1,
        .without_syncs_of = without,
        .expect_failure = true};
    sweep_must_fail(state, &plan);
}

static void without_the_commit_points_sync_promises_break(void **state)
{
    control(state, "lake/log/_delta_log");
}

static void without_the_operations_sync_promises_break(void **state)
{
    control(state, "lake/log/data");
}

static void without_the_objects_sync_promises_break(void **state)
{
    control(state, "lake/objects");
}

static void without_the_staged_contents_sync_promises_break(void **state)
{
    control(state, "lake/tmp");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_synced_keeps_every_promise),
        cmocka_unit_test(so_does_any_part_of_the_rest),
        cmocka_unit_test(an_init_that_was_cut_is_done_anew),
        cmocka_unit_test(so_does_what_a_journal_kept_besides),
        cmocka_unit_test(without_the_commit_points_sync_promises_break),
        cmocka_unit_test(without_the_operations_sync_promises_break),
        cmocka_unit_test(without_the_objects_sync_promises_break),
        cmocka_unit_test(without_the_staged_contents_sync_promises_break),
    };
    int code;
    if (sweep_role(argc, argv, &code))
        return code;
    return cmocka_run_group_tests(tests, sweep_setup, sweep_teardown);
}

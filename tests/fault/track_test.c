/* Merging and diffing with each allocation and each I/O call failing: OUT is
 * whole or not there, and nothing is left beside it. */
#include <tarn/track.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fault_sweep.h"

#define T(name, state)                                                        \
    "{\"typeName\":\"Table\",\"attributes\":{\"qualifiedName\":\"c/d/s/" name \
    "\"},\"customAttributes\":{\"incremental_state\":\"" state "\"}}\n"
#define C(table, name)                                           \
    "{\"attributes\":{\"qualifiedName\":\"c/d/s/" table "/" name \
    "\",\"tableQualifiedName\":\"c/d/s/" table "\"}}\n"

static void prepare(void **state, void *ctx)
{
    char command[4200];
    (void)ctx;
    snprintf(command, sizeof command, "rm -rf '%s'/out* '%s'/tmp",
        sandbox_dir(state), sandbox_dir(state));
    assert_int_equal(system(command), 0);
    sandbox_write_text(state, "out3/mine", "");
    sandbox_write_text(state, "cur/table/0.json",
        T("a", "NO CHANGE") T("b", "UPDATED") T("n", "CREATED")
            T("a", "NO CHANGE"));
    sandbox_write_text(
        state, "cur/column/0.json", C("b", "x") C("n", "x") C("b", "x"));
    sandbox_write_text(state, "old/table/0.json",
        T("a", "CREATED") T("b", "CREATED") T("g", "CREATED"));
    sandbox_write_text(state, "old/column/0.json",
        C("a", "x") C("b", "x") C("b", "y") C("g", "x"));
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    tarn_track_options o = TARN_TRACK_OPTIONS_INIT;
    tarn_track_merge_counts m;
    tarn_track_diff_counts d;
    (void)ctx;
    o.threads = 1;
    o.temp_dir = sandbox_path(state, "tmp");
    tarn_status st = tarn_track_merge(sandbox_path(state, "cur"),
        sandbox_path(state, "old"), sandbox_path(state, "out1"), &o, &m, err);
    if (st == TARN_OK)
        st = tarn_track_diff(sandbox_path(state, "cur"),
            sandbox_path(state, "old"), sandbox_path(state, "out2"), &o, &d,
            err);
    o.replace = true;
    return st == TARN_OK ? tarn_track_merge(sandbox_path(state, "cur"),
                               sandbox_path(state, "old"),
                               sandbox_path(state, "out3"), &o, &m, err)
                         : st;
}

static void whole(void **state, const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/column/chunk-0.json", name);
    assert_string_equal(sandbox_read(state, path, NULL), text);
    snprintf(path, sizeof path, "%s/table/chunk-0.json", name);
    assert_true(sandbox_exists(state, path));
}

static void check(void **state, void *ctx, tarn_status status)
{
    (void)ctx;
    if (sandbox_exists(state, "out1"))
        whole(state, "out1", C("a", "x") C("n", "x") C("b", "x"));
    else
        assert_int_not_equal(status, TARN_OK);
    if (sandbox_exists(state, "out2"))
        whole(state, "out2", C("n", "x") C("b", "x"));
    else
        assert_int_not_equal(status, TARN_OK);
    if (sandbox_exists(state, "out3/mine"))
        assert_int_not_equal(status, TARN_OK);
    else
        whole(state, "out3", C("a", "x") C("n", "x") C("b", "x"));
}

static const sweep algebra = {
    .prepare = prepare, .work = work, .check = check, .ctx = NULL};

static void states_survive_every_failed_allocation(void **state)
{
    sweep_run(state, &algebra, SWEEP_MEMORY);
}

static void states_survive_every_failed_call(void **state)
{
    sweep_run(state, &algebra, SWEEP_EIO);
}

static void states_survive_a_full_disk(void **state)
{
    sweep_run(state, &algebra, SWEEP_ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(states_survive_every_failed_allocation),
        sandbox_test(states_survive_every_failed_call),
        sandbox_test(states_survive_a_full_disk),
    };
    sandbox_without_disk();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

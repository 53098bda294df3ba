/* Every I/O call and allocation of opening, reading and upkeep fails in turn. */
#include <stdio.h>

#include "crash/support/dump.h"
#include "fault/support/lake_sweep.h"

static tarn_status all_rows(tarn_rows *rows, tarn_error *err)
{
    tarn_status st;
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW)
        for (size_t c = 0; c < tarn_rows_column_count(rows); c++)
            (void)tarn_rows_text(rows, c);
    tarn_rows_free(rows);
    return st;
}

static tarn_status read_tree(tarn_snapshot *snap, tarn_error *err)
{
    static const char *const paths[] = {"/dir/link", "/large.bin", "/stream"};
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < 3; i++) {
        tarn_buf bytes = TARN_BUF_INIT;
        st = tarn_tree_read(snap, paths[i], 1 << 20, &bytes, err);
        tarn_buf_reset(&bytes);
    }
    return st;
}

static tarn_status read_listing(tarn_snapshot *snap, tarn_error *err)
{
    tarn_tree_list *list = NULL;
    const tarn_node *node;
    tarn_status st = tarn_tree_list_open(snap, "/**/*", NULL, &list, err);
    while (st == TARN_OK &&
        (st = tarn_tree_list_next(list, &node, err)) == TARN_ROW)
        st = TARN_OK;
    tarn_tree_list_free(list);
    return st;
}

static tarn_status read_work(tarn_lake *lake, const char *in, tarn_error *err)
{
    tarn_snapshot *snap = NULL;
    tarn_rows *rows = NULL;
    (void)in;
    tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = read_tree(snap, err);
    if (st == TARN_OK)
        st = read_listing(snap, err);
    if (st == TARN_OK)
        st = tarn_tree_describe(snap, "/series", &rows, err);
    if (st == TARN_OK)
        st = all_rows(rows, err);
    tarn_snapshot_free(snap);
    return st;
}

static tarn_status get_work(tarn_lake *lake, const char *in, tarn_error *err)
{
    char out[4096];
    tarn_snapshot *snap = NULL;
    (void)snprintf(out, sizeof out, "%s/../out", in);
    tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = tarn_tree_get(snap, "/*", out, NULL, NULL, err);
    tarn_snapshot_free(snap);
    return st;
}

static tarn_status past_work(tarn_lake *lake, const char *in, tarn_error *err)
{
    tarn_rows *rows = NULL;
    (void)in;
    tarn_status st = tarn_tree_diff(lake, 1, 4, NULL, &rows, err);
    if (st == TARN_OK)
        st = all_rows(rows, err);
    if (st == TARN_OK)
        st = tarn_lake_log(lake, -1, &rows, err);
    if (st == TARN_OK)
        st = all_rows(rows, err);
    if (st == TARN_OK)
        st = tarn_tree_show(lake, 2, &rows, err);
    return st == TARN_OK ? all_rows(rows, err) : st;
}

static tarn_status query_work(tarn_lake *lake, const char *in, tarn_error *err)
{
    tarn_snapshot *snap = NULL;
    tarn_rows *rows = NULL;
    (void)in;
    tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = tarn_query(snap,
            "SELECT s.v, t.v, n.path FROM '/series' s JOIN '/table' t USING "
            "(id), lake.nodes n ORDER BY ALL",
            NULL, &rows, err);
    if (st == TARN_OK)
        st = all_rows(rows, err);
    tarn_snapshot_free(snap);
    return st;
}

static tarn_status check_work(tarn_lake *lake, const char *in, tarn_error *err)
{
    tarn_rows *rows = NULL;
    (void)in;
    tarn_status st = tarn_lake_status(lake, &rows, err);
    if (st == TARN_OK)
        st = all_rows(rows, err);
    if (st == TARN_OK)
        st = tarn_lake_check(lake, true, &rows, err);
    return st == TARN_OK ? all_rows(rows, err) : st;
}

static tarn_status compact_work(
    tarn_lake *lake, const char *in, tarn_error *err)
{
    int64_t version;
    (void)in;
    return tarn_lake_compact(lake, &version, err);
}

static tarn_status rebuild_work(
    tarn_lake *lake, const char *in, tarn_error *err)
{
    (void)in;
    return tarn_lake_rebuild(lake, "all", err);
}

static tarn_status gc_work(tarn_lake *lake, const char *in, tarn_error *err)
{
    tarn_gc_options options = TARN_GC_OPTIONS_INIT;
    tarn_rows *rows = NULL;
    int64_t version;
    (void)in;
    options.retain_forever = false;
    options.retain_us = 0;
    options.grace_us = 0;
    tarn_status st = tarn_lake_gc(lake, &options, &version, &rows, err);
    return st == TARN_OK ? all_rows(rows, err) : st;
}

#define SWEEP_OF(name, sweep_of, body) \
    static void name(void **state)     \
    {                                  \
        sweep_of(state, body);         \
    }

SWEEP_OF(reading_survives_any_failure, lake_sweep_lake, read_work)
SWEEP_OF(a_replay_survives_any_failure, lake_sweep_without_views, read_work)
SWEEP_OF(get_survives_any_failure, lake_sweep_lake, get_work)
SWEEP_OF(history_survives_any_failure, lake_sweep_lake, past_work)
SWEEP_OF(sql_survives_any_failure, lake_sweep_lake, query_work)
SWEEP_OF(check_survives_any_failure, lake_sweep_lake, check_work)
SWEEP_OF(compaction_survives_any_failure, lake_sweep_lake, compact_work)
SWEEP_OF(rebuild_survives_any_failure, lake_sweep_lake, rebuild_work)
SWEEP_OF(gc_survives_any_failure, lake_sweep_lake, gc_work)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_survives_any_failure),
        cmocka_unit_test(a_replay_survives_any_failure),
        cmocka_unit_test(get_survives_any_failure),
        cmocka_unit_test(history_survives_any_failure),
        cmocka_unit_test(sql_survives_any_failure),
        cmocka_unit_test(check_survives_any_failure),
        cmocka_unit_test(compaction_survives_any_failure),
        cmocka_unit_test(rebuild_survives_any_failure),
        cmocka_unit_test(gc_survives_any_failure),
    };
    return cmocka_run_group_tests(tests, lake_sweep_setup, lake_sweep_teardown);
}

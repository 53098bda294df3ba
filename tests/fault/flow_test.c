/* Every allocation and every I/O call of a run of a flow fails in turn: the run
 * fails and says why, no output is half there, and resumed it gives the same
 * result, the lake's commit once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fault_sweep.h"

#include <tarn/flow.h>
#include <tarn/lake.h>

static const char flow[] =
    "name: f\n"
    "steps:\n"
    "  - {id: in, component: file.extractor, mode: read, config: {path: "
    "in.csv}}\n"
    "  - {id: even, component: sql, mode: transform, config: {query: "
    "\"SELECT n FROM input WHERE n % 2 = 0 ORDER BY n\"}}\n"
    "  - {id: out, component: csv.writer, mode: write, needs: [even], "
    "config: {path: out/even.csv}}\n"
    "  - {id: keep, component: lake.writer, mode: write, needs: [even], "
    "config: {path: /even, as: series}}\n";

static tarn_flow_result result;

static tarn_flow_run_options options_of(void **state)
{
    tarn_flow_run_options o = TARN_FLOW_RUN_OPTIONS_INIT;
    o.runs_dir = sandbox_path(state, "runs");
    o.lake_dir = sandbox_path(state, "lake");
    o.memory_bytes = 300000000;
    o.threads = 1;
    o.jobs = 1;
    return o;
}

static void remove_all(void **state, const char *name)
{
    char command[600];
    (void)snprintf(
        command, sizeof(command), "rm -rf '%s'", sandbox_path(state, name));
    assert_int_equal(system(command), 0);
}

static void prepare(void **state, void *ctx)
{
    (void)ctx;
    remove_all(state, "runs");
    remove_all(state, "out");
    remove_all(state, "lake");
    sandbox_write_text(state, "flow.yaml", flow);
    sandbox_write_text(state, "in.csv", "n\n4\n1\n2\n");
    assert_int_equal(
        tarn_lake_init(sandbox_path(state, "lake"), NULL, NULL), TARN_OK);
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    tarn_flow_run_options o = options_of(state);
    return tarn_flow_run(sandbox_path(state, "flow.yaml"), &o, &result, err);
}

static int64_t head_of(void **state)
{
    tarn_lake *lake;
    int64_t version = -1;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, &err) !=
            TARN_OK ||
        tarn_lake_head(lake, &version, &err) != TARN_OK)
        fail_msg("%s", err.message);
    tarn_lake_close(lake);
    return version;
}

static void check(void **state, void *ctx, tarn_status status)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_flow_run_options o = options_of(state);
    (void)ctx;
    if (sandbox_exists(state, "out/even.csv"))
        assert_string_equal(
            sandbox_read(state, "out/even.csv", NULL), "n\n2\n4\n");
    /* A folder is there or not; from its beginning on it can be gone on with. */
    char run[sizeof(result.run)];
    (void)snprintf(run, sizeof(run), "%s", result.run);
    o.resume = run[0] == '\0' ? NULL : run;
    if (status != TARN_OK &&
        tarn_flow_run(sandbox_path(state, "flow.yaml"), &o, &result, &err) !=
            TARN_OK)
        fail_msg("%s: %s", run, err.message);
    assert_string_equal(sandbox_read(state, "out/even.csv", NULL), "n\n2\n4\n");
    assert_int_equal(head_of(state), 1);
}

static void a_run_fails_whole(void **state)
{
    const sweep s = {prepare, work, check, NULL};
    sweep_run_points(state, &s, SWEEP_MEMORY, 8);
    sweep_run_points(state, &s, SWEEP_EIO, 8);
    sweep_run_points(state, &s, SWEEP_ENOSPC, 4);
}

/* --- in an engine --- */

/* DuckDB's own driver, which the process has loaded already. */
static const char connections[] =
    "connections: {adbc: {duck: {driver: libduckdb.so, entrypoint: "
    "duckdb_adbc_init}}}\n";
static const char engine_flow[] =
    "name: e\n"
    "params: {least: {type: integer, default: 2}, word: {default: w}}\n"
    "steps:\n"
    "  - {id: in, component: file.extractor, mode: read, config: {path: "
    "in.csv}}\n"
    "  - {id: two, component: sql, mode: transform, config: {queries: {big: "
    "\"SELECT n, ${params.word} AS w FROM input WHERE n >= ${params.least}\", "
    "none: \"SELECT n FROM input WHERE false\"}}}\n"
    "  - {id: out, component: csv.writer, mode: write, needs: [two.big], "
    "config: {path: out/big.csv}}\n";

static void prepare_engine(void **state, void *ctx)
{
    (void)ctx;
    remove_all(state, "runs");
    remove_all(state, "out");
    sandbox_write_text(state, "flow.yaml", engine_flow);
    sandbox_write_text(state, "connections.yaml", connections);
    sandbox_write_text(state, "in.csv", "n\n4\n1\n2\n");
}

static tarn_flow_run_options engine_options(void **state)
{
    tarn_flow_run_options o = options_of(state);
    o.lake_dir = NULL;
    o.target = "adbc:duck";
    return o;
}

static tarn_status work_engine(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    tarn_flow_run_options o = engine_options(state);
    return tarn_flow_run(sandbox_path(state, "flow.yaml"), &o, &result, err);
}

static void check_engine(void **state, void *ctx, tarn_status status)
{
    static const char want[] = "n,w\n4,w\n2,w\n";
    tarn_error err = TARN_ERROR_INIT;
    tarn_flow_run_options o = engine_options(state);
    char run[sizeof(result.run)];
    (void)ctx;
    if (sandbox_exists(state, "out/big.csv"))
        assert_string_equal(sandbox_read(state, "out/big.csv", NULL), want);
    (void)snprintf(run, sizeof(run), "%s", result.run);
    o.resume = run[0] == '\0' ? NULL : run;
    if (status != TARN_OK &&
        tarn_flow_run(sandbox_path(state, "flow.yaml"), &o, &result, &err) !=
            TARN_OK)
        fail_msg("%s: %s", run, err.message);
    assert_string_equal(sandbox_read(state, "out/big.csv", NULL), want);
}

static void a_run_in_an_engine_fails_whole(void **state)
{
    const sweep s = {prepare_engine, work_engine, check_engine, NULL};
    sweep_run_points(state, &s, SWEEP_MEMORY, 8);
    sweep_run_points(state, &s, SWEEP_EIO, 4);
}

/* --- gc --- */

#define OLD "20200101-000000-f-0001"

static void prepare_old(void **state, void *ctx)
{
    tarn_lake *lake;
    tarn_txn *txn;
    (void)ctx;
    remove_all(state, "runs");
    remove_all(state, "lake");
    sandbox_mkdir(state, "runs");
    sandbox_mkdir(state, "runs/" OLD);
    sandbox_write_text(state, "runs/" OLD "/status.json",
        "{\"flow\":\"f\",\"status\":\"success\",\"ended\":"
        "\"2020-01-01T00:00:01Z\"}");
    assert_int_equal(
        tarn_lake_init(sandbox_path(state, "lake"), NULL, NULL), TARN_OK);
    assert_int_equal(
        tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, NULL),
        TARN_OK);
    assert_int_equal(tarn_txn_begin(lake, NULL, &txn, NULL), TARN_OK);
    assert_int_equal(
        tarn_state_put(txn, "flow.runs", OLD, tarn_str("x"), NULL), TARN_OK);
    assert_int_equal(tarn_txn_commit(txn, NULL, NULL), TARN_OK);
    tarn_lake_close(lake);
}

static tarn_status sweep_runs(void **state, void *ctx, tarn_error *err)
{
    int64_t version;
    tarn_rows *rows;
    tarn_flow_gc_options o = TARN_FLOW_GC_OPTIONS_INIT;
    (void)ctx;
    o.lake_dir = sandbox_path(state, "lake");
    tarn_status st =
        tarn_flow_gc(sandbox_path(state, "runs"), &o, &version, &rows, err);
    tarn_rows_free(rows);
    return st;
}

static void check_old(void **state, void *ctx, tarn_status status)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake;
    tarn_snapshot *snap;
    tarn_buf value = TARN_BUF_INIT;
    (void)status;
    /* A run that seems to be at work stays: then nothing is half done. */
    if (sweep_runs(state, ctx, &err) != TARN_OK)
        fail_msg("%s", err.message);
    assert_false(sandbox_exists(state, "runs/" OLD));
    assert_false(sandbox_exists(state, "runs/.gone-" OLD));
    assert_int_equal(
        tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, NULL),
        TARN_OK);
    assert_int_equal(
        tarn_snapshot_open(lake, TARN_LATEST, &snap, NULL), TARN_OK);
    assert_int_equal(
        tarn_state_get(snap, "flow.runs", OLD, &value, NULL), TARN_NOT_FOUND);
    tarn_buf_reset(&value);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

static void gc_ends_what_it_began(void **state)
{
    const sweep s = {prepare_old, sweep_runs, check_old, NULL};
    sweep_run_points(state, &s, SWEEP_MEMORY, 8);
    sweep_run_points(state, &s, SWEEP_EIO, 8);
    sweep_run_points(state, &s, SWEEP_ENOSPC, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {sandbox_test(a_run_fails_whole),
        sandbox_test(a_run_in_an_engine_fails_whole),
        sandbox_test(gc_ends_what_it_began)};
    return cmocka_run_group_tests_name("flow faults", tests, NULL, NULL);
}

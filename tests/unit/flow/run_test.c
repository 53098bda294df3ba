/* Runs: folders, resuming, the lake's one commit. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/sandbox.h"

#include <tarn/flow.h>
#include <tarn/lake.h>
#include <tarn/store.h>
#include <tarn/tree.h>

#include "os/fault.h"

static const char sample[] =
    "name: sample\n"
    "steps:\n"
    "  - {id: in, component: file.extractor, mode: read, config: {path: "
    "in.csv}}\n"
    "  - {id: sum-up, component: sql, mode: transform, config: {query: "
    "\"SELECT sum(n) AS s FROM input\"}}\n"
    "  - {id: out, component: csv.writer, mode: write, config: {path: "
    "out.csv}}\n";

static const char into_lake[] =
    "name: into-lake\n"
    "steps:\n"
    "  - {id: in, component: file.extractor, mode: read, config: {path: "
    "in.csv}}\n"
    "  - {id: a, component: lake.writer, mode: write, needs: [in], config: "
    "{path: /a}}\n"
    "  - {id: b, component: lake.writer, mode: write, needs: [in], config: "
    "{path: /deep/b, as: series}}\n"
    "  - {id: last, component: csv.writer, mode: write, needs: [in], config: "
    "{path: last/out.csv}}\n";

static tarn_flow_run_options options_of(void **state)
{
    tarn_flow_run_options o = TARN_FLOW_RUN_OPTIONS_INIT;
    o.runs_dir = sandbox_path(state, "runs");
    o.memory_bytes = 300000000;
    o.threads = 1;
    o.jobs = 2;
    return o;
}

static tarn_status run_with(void **state, const tarn_flow_run_options *o,
    tarn_flow_result *result, tarn_error *err)
{
    *err = (tarn_error)TARN_ERROR_INIT;
    return tarn_flow_run(sandbox_path(state, "flow.yaml"), o, result, err);
}

static tarn_flow_result run_ok(void **state, const tarn_flow_run_options *o)
{
    tarn_flow_result result;
    tarn_error err;
    if (run_with(state, o, &result, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return result;
}

static void start(void **state, const char *flow)
{
    sandbox_write_text(state, "flow.yaml", flow);
    sandbox_write_text(state, "in.csv", "n\n1\n2\n3\n");
}

/* How often a word stands in a file of a run. */
static int count_in(
    void **state, const char *run, const char *file, const char *word)
{
    char name[400];
    int count = 0;
    (void)snprintf(name, sizeof(name), "runs/%s/%s", run, file);
    for (const char *p = sandbox_read(state, name, NULL);
         (p = strstr(p, word)) != NULL; p++)
        count++;
    return count;
}

static void a_run_leaves_its_folder(void **state)
{
    start(state, sample);
    tarn_flow_run_options o = options_of(state);
    tarn_flow_result r = run_ok(state, &o);
    assert_string_equal(r.status, "success");
    assert_int_equal(r.steps, 3);
    assert_int_equal(r.rows, 1);
    assert_int_equal(r.version, -1);
    assert_string_equal(sandbox_read(state, "out.csv", NULL), "s\n6\n");
    assert_int_equal(
        count_in(state, r.run, "logs/events.jsonl", "step_complete"), 3);
    assert_int_equal(
        count_in(state, r.run, "status.json", "\"status\":\"success\""), 4);
    assert_true(count_in(state, r.run, "manifest.yaml", "sum-up") > 0);
}

static void a_table_of_long_rows_goes_into_the_lake(void **state)
{
    sandbox_write_text(state, "flow.yaml",
        "name: long-rows\n"
        "steps:\n"
        "  - {id: make, component: file.extractor, mode: read, config: {path: "
        "in.csv}}\n"
        "  - {id: long, component: sql, mode: transform, config: {query: "
        "\"SELECT i, repeat('x', 1500000) AS t FROM input, range(60) r(i)\"}}\n"
        "  - {id: out, component: lake.writer, mode: write, config: {path: "
        "/long}}\n");
    sandbox_write_text(state, "in.csv", "n\n1\n");
    tarn_flow_run_options o = options_of(state);
    assert_int_equal(
        tarn_lake_init(sandbox_path(state, "lake"), NULL, NULL), TARN_OK);
    o.lake_dir = sandbox_path(state, "lake");
    tarn_flow_result r = run_ok(state, &o);
    assert_int_equal(r.rows, 60);
}

static void two_runs_have_two_folders_in_their_order(void **state)
{
    start(state, sample);
    tarn_flow_run_options o = options_of(state);
    tarn_flow_result one = run_ok(state, &o);
    tarn_flow_result two = run_ok(state, &o);
    assert_string_not_equal(one.run, two.run);
    /* Also in one second the later one has the later name, and is the last. */
    assert_true(strcmp(one.run, two.run) < 0);
    tarn_rows *rows;
    assert_int_equal(tarn_flow_runs(o.runs_dir, &rows, NULL), TARN_OK);
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    assert_string_equal(tarn_rows_text(rows, 0), two.run);
    tarn_rows_free(rows);
}

static void a_dry_run_makes_nothing(void **state)
{
    start(state, sample);
    tarn_flow_run_options o = options_of(state);
    o.dry_run = true;
    tarn_flow_result r = run_ok(state, &o);
    assert_string_equal(r.status, "dry-run");
    assert_string_equal(r.run, "");
    assert_false(sandbox_exists(state, "runs"));
    assert_false(sandbox_exists(state, "out.csv"));
}

static void a_failed_run_goes_on_with_what_is_left(void **state)
{
    tarn_flow_result r;
    tarn_error err;
    start(state, sample);
    sandbox_mkdir(state, "out.csv");
    tarn_flow_run_options o = options_of(state);
    assert_int_equal(run_with(state, &o, &r, &err), TARN_FAILED);
    assert_string_equal(r.status, "failed");
    assert_int_equal(r.steps, 2);
    assert_non_null(strstr(err.message, "step out: "));
    assert_int_equal(remove(sandbox_path(state, "out.csv")), 0);
    o.resume = r.run;
    tarn_flow_result again = run_ok(state, &o);
    assert_string_equal(again.run, r.run);
    assert_int_equal(again.steps, 3);
    assert_int_equal(
        count_in(state, r.run, "logs/events.jsonl", "step_skip"), 2);
}

/* Every I/O call of a run that goes on fails in turn: what had finished is not
 * done again, which for a writer that appends would be rows twice. */
static void no_failure_makes_a_finished_step_run_again(void **state)
{
    tarn_flow_result r;
    tarn_error err;
    start(state, sample);
    sandbox_mkdir(state, "out.csv");
    tarn_flow_run_options o = options_of(state);
    o.jobs = 1;
    assert_int_equal(run_with(state, &o, &r, &err), TARN_FAILED);
    char run[sizeof r.run];
    (void)snprintf(run, sizeof run, "%s", r.run);
    o.resume = run;
    bool hit = true;
    for (int64_t n = 1; hit; n++) {
        tarn__fault_io(n, EIO, false);
        (void)!run_with(state, &o, &r, &err);
        hit = tarn__fault_io_count() >= n;
        tarn__fault_io(0, 0, false);
        assert_true(n < 1000);
        assert_int_equal(1,
            count_in(state, run, "logs/events.jsonl",
                "\"event\":\"step_start\",\"step\":\"in\""));
    }
}

static void a_changed_query_runs_again_with_what_needs_it(void **state)
{
    tarn_flow_result r;
    tarn_error err;
    char changed[1000];
    start(state, sample);
    sandbox_mkdir(state, "out.csv");
    tarn_flow_run_options o = options_of(state);
    assert_int_equal(run_with(state, &o, &r, &err), TARN_FAILED);
    assert_int_equal(remove(sandbox_path(state, "out.csv")), 0);
    (void)snprintf(changed, sizeof(changed), "%s", sample);
    memcpy(strstr(changed, "sum(n)"), "max(n)", 6);
    sandbox_write_text(state, "flow.yaml", changed);
    o.resume = "last";
    run_ok(state, &o);
    assert_string_equal(sandbox_read(state, "out.csv", NULL), "s\n3\n");
    assert_int_equal(
        count_in(state, r.run, "logs/events.jsonl", "step_skip"), 1);
}

static void a_lost_data_file_is_made_again(void **state)
{
    tarn_flow_result r;
    tarn_error err;
    char path[400];
    start(state, sample);
    sandbox_mkdir(state, "out.csv");
    tarn_flow_run_options o = options_of(state);
    assert_int_equal(run_with(state, &o, &r, &err), TARN_FAILED);
    assert_int_equal(remove(sandbox_path(state, "out.csv")), 0);
    (void)snprintf(path, sizeof(path), "runs/%s/data/in.duckdb", r.run);
    assert_int_equal(remove(sandbox_path(state, path)), 0);
    o.resume = "last";
    run_ok(state, &o);
    assert_int_equal(
        count_in(state, r.run, "logs/events.jsonl", "step_skip"), 0);
}

static int64_t head_of(void **state)
{
    tarn_lake *lake;
    int64_t version = -1;
    assert_int_equal(
        tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, NULL),
        TARN_OK);
    assert_int_equal(tarn_lake_head(lake, &version, NULL), TARN_OK);
    tarn_lake_close(lake);
    return version;
}

static void writers_of_a_lake_commit_once(void **state)
{
    start(state, into_lake);
    assert_int_equal(
        tarn_lake_init(sandbox_path(state, "lake"), NULL, NULL), TARN_OK);
    tarn_flow_run_options o = options_of(state);
    o.lake_dir = sandbox_path(state, "lake");
    tarn_flow_result r = run_ok(state, &o);
    assert_int_equal(r.version, 1);
    assert_int_equal(r.rows, 9);
    assert_int_equal(head_of(state), 1);
}

static void a_failed_run_commits_nothing_and_a_resumed_one_once(void **state)
{
    tarn_flow_result r;
    tarn_error err;
    start(state, into_lake);
    sandbox_write_text(state, "last", "in the way");
    assert_int_equal(
        tarn_lake_init(sandbox_path(state, "lake"), NULL, NULL), TARN_OK);
    tarn_flow_run_options o = options_of(state);
    o.lake_dir = sandbox_path(state, "lake");
    assert_int_equal(run_with(state, &o, &r, &err), TARN_FAILED);
    assert_int_equal(head_of(state), 0);
    assert_int_equal(remove(sandbox_path(state, "last")), 0);
    o.resume = "last";
    assert_int_equal(run_ok(state, &o).version, 1);
    /* Killed behind the commit: the state says that it stands. */
    char path[400];
    (void)snprintf(path, sizeof(path), "runs/%s/status.json", r.run);
    assert_int_equal(remove(sandbox_path(state, path)), 0);
    assert_int_equal(run_ok(state, &o).version, -1);
    assert_int_equal(head_of(state), 1);
}

static bool stop_now(void *arg, const char *what, uint64_t done, uint64_t total)
{
    (void)what;
    (void)done;
    (void)total;
    return ++*(int *)arg > 1;
}

static void a_cancelled_run_says_so(void **state)
{
    tarn_flow_result r;
    tarn_error err;
    int ticks = 0;
    start(state,
        "name: long\nsteps:\n  - {id: x, component: sql, mode: read, config: "
        "{query: \"SELECT count(*) AS n FROM range(3000000) a(x), "
        "range(30000) b(y) WHERE hash(a.x + b.y) % 7 = 1\"}}\n");
    tarn_flow_run_options o = options_of(state);
    o.progress = stop_now;
    o.progress_arg = &ticks;
    assert_int_equal(run_with(state, &o, &r, &err), TARN_INTERRUPTED);
    assert_string_equal(r.status, "cancelled");
    assert_non_null(strstr(err.message, "--resume"));
}

static void any_id_is_a_name_of_files(void **state)
{
    start(state,
        "name: ids\nsteps:\n"
        "  - {id: order, component: sql, mode: read, config: {query: \"SELECT "
        "1 AS x\"}}\n"
        "  - {id: \"123\", component: sql, mode: transform, config: {query: "
        "\"SELECT x + 1 AS x FROM \\\"order\\\"\"}}\n"
        "  - {id: sub-total, component: sql, mode: transform, config: {query: "
        "\"SELECT x + 1 AS x FROM \\\"123\\\"\"}}\n"
        "  - {id: out, component: csv.writer, mode: write, config: {path: "
        "o.csv}}\n");
    tarn_flow_run_options o = options_of(state);
    run_ok(state, &o);
    assert_string_equal(sandbox_read(state, "o.csv", NULL), "x\n3\n");
}

static void runs_are_listed_and_removed(void **state)
{
    tarn_rows *rows;
    tarn_error err = TARN_ERROR_INIT;
    start(state, sample);
    tarn_flow_run_options o = options_of(state);
    tarn_flow_result r = run_ok(state, &o);
    assert_int_equal(tarn_flow_runs(o.runs_dir, &rows, &err), TARN_OK);
    assert_int_equal(tarn_rows_next(rows, &err), TARN_ROW);
    assert_string_equal(tarn_rows_text(rows, 0), r.run);
    assert_string_equal(tarn_rows_text(rows, 2), "success");
    assert_int_equal(tarn_rows_next(rows, &err), TARN_OK);
    tarn_rows_free(rows);
    tarn_flow_gc_options gc = TARN_FLOW_GC_OPTIONS_INIT;
    int64_t version;
    assert_int_equal(
        tarn_flow_gc(o.runs_dir, &gc, &version, &rows, &err), TARN_OK);
    assert_int_equal(tarn_rows_next(rows, &err), TARN_OK);
    tarn_rows_free(rows);
    gc.keep_us = 0;
    assert_int_equal(
        tarn_flow_gc(o.runs_dir, &gc, &version, &rows, &err), TARN_OK);
    assert_int_equal(tarn_rows_next(rows, &err), TARN_ROW);
    tarn_rows_free(rows);
    char path[300];
    (void)snprintf(path, sizeof(path), "runs/%s", r.run);
    assert_false(sandbox_exists(state, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_run_leaves_its_folder),
        sandbox_test(a_table_of_long_rows_goes_into_the_lake),
        sandbox_test(two_runs_have_two_folders_in_their_order),
        sandbox_test(a_dry_run_makes_nothing),
        sandbox_test(a_failed_run_goes_on_with_what_is_left),
        sandbox_test(no_failure_makes_a_finished_step_run_again),
        sandbox_test(a_changed_query_runs_again_with_what_needs_it),
        sandbox_test(a_lost_data_file_is_made_again),
        sandbox_test(writers_of_a_lake_commit_once),
        sandbox_test(a_failed_run_commits_nothing_and_a_resumed_one_once),
        sandbox_test(a_cancelled_run_says_so),
        sandbox_test(any_id_is_a_name_of_files),
        sandbox_test(runs_are_listed_and_removed),
    };
    return cmocka_run_group_tests_name("flow run", tests, NULL, NULL);
}

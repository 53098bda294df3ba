/* Every allocation and I/O call of a query fails in turn. */
#include "unit/query/fixture.h"

#include "support/fault_sweep.h"

static const char *const statements[] = {
    "SELECT t.a, s.a AS b, l.line FROM '/t', '/s.csv' AS s, '/l' AS l "
    "WHERE t.a = $p",
    "WITH x AS (FROM '/t') PIVOT x ON a USING count(*)",
    "SELECT (SELECT count(*) FROM lake.log) + (SELECT count(*) FROM "
    "lake.nodes) "
    "+ (SELECT count(*) FROM read_csv('/s.csv', header = true)) AS n",
    "FROM '/*' WHERE a IS NOT NULL",
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

static tarn_status one(
    tarn_snapshot *snap, const char *sql, bool bound, tarn_error *err)
{
    static const tarn_param params[] = {{"p", "1"}};
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    tarn_query_error details = TARN_QUERY_ERROR_INIT;
    tarn_rows *rows = NULL;
    options.params = params;
    options.param_count = bound ? 1 : 0;
    options.error = &details;
    tarn_status st = tarn_query(snap, sql, &options, &rows, err);
    if (st == TARN_OK)
        while ((st = tarn_rows_next(rows, err)) == TARN_ROW)
            continue;
    tarn_rows_free(rows);
    tarn_query_error_reset(&details);
    return st;
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    size_t which = *(const size_t *)ctx;
    tarn_snapshot *snap = NULL;
    tarn_status st =
        tarn_snapshot_open(sandbox_user(state), TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = one(snap, statements[which], which == 0, err);
    tarn_snapshot_free(snap);
    return st;
}

static void still_answers(void **state, void *ctx, tarn_status status)
{
    (void)ctx;
    (void)status;
    answers(state, "SELECT count(*) AS n FROM '/t'", "n\n1\n");
}

static void sweep_all(void **state, sweep_kind kind)
{
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    put(state, "/s.csv", TARN_KIND_STREAM, NULL, "a\n1\n", 4);
    put(state, "/s.csv", TARN_KIND_STREAM, NULL, "2\n", 2);
    put_text(state, "/l", "x\ny\n");
    for (size_t i = 0; i < STATEMENTS; i++) {
        const sweep s = {NULL, work, still_answers, &i};
        sweep_run_points(state, &s, kind, 8);
    }
}

static void a_failing_allocation_is_an_error(void **state)
{
    sweep_all(state, SWEEP_MEMORY);
}

static void a_failing_disk_is_an_error(void **state)
{
    sweep_all(state, SWEEP_EIO);
}

static void a_full_disk_is_an_error(void **state)
{
    sweep_all(state, SWEEP_ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(a_failing_allocation_is_an_error),
        lake_test(a_failing_disk_is_an_error),
        lake_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every allocation and every I/O call of a query fails in turn, while the column
 * view is made, caught up or gone round: an error or the right answer, and what
 * is left of the view is what a rebuild gives. */
#include <stdio.h>
#include <string.h>

#include "support/fault_sweep.h"

#include <tarn/query.h>
#include <tarn/record.h>

#include "os/file.h"

enum { MADE, CAUGHT_UP, POINTS_MOST = 10 };

static const char schema[] =
    "{\"name\":\"t\",\"version\":\"1.0.0\",\"type\":\"object\","
    "\"properties\":{\"key\":{\"type\":\"string\"},"
    "\"city\":{\"type\":\"string\"},\"at\":{\"type\":\"object\"}},"
    "\"x-tarn\":{\"indexed\":[\"city\",\"at.zip\"]}}";

static void ok(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s", err->message);
}

static void put(tarn_lake *lake, const char *table, const char *json)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    ok(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    ok(table == NULL
            ? tarn_schema_put(txn, tarn_str(json), NULL, &err)
            : tarn_record_put_json(txn, table, tarn_str(json), NULL, &err),
        &err);
    ok(tarn_txn_commit(txn, NULL, &err), &err);
}

static tarn_status ask(tarn_lake *lake, bool *right, tarn_error *err)
{
    tarn_snapshot *snap = NULL;
    tarn_rows *rows = NULL;
    *right = false;
    tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = tarn_query(snap,
            "SELECT string_agg(city, ',' ORDER BY city) || "
            "(SELECT key FROM t WHERE city = 'Voss') FROM t "
            "WHERE (doc->>'$.at.zip') IN ('1', '2')",
            NULL, &rows, err);
    if (st == TARN_OK)
        st = tarn_rows_next(rows, err);
    if (st == TARN_ROW) {
        const char *text = tarn_rows_text(rows, 0);
        *right = text != NULL && strcmp(text, "Bergen,Vossb") == 0;
        st = tarn_rows_next(rows, err);
    }
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    return st;
}

static const char *column_dir(void **state)
{
    return sandbox_path(state, "lake/views/column");
}

/* The lake, and its view as it was before the last three commits. */
static void make(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    bool right;
    const char *dir = sandbox_path(state, "lake");
    ok(tarn_lake_init(dir, NULL, &err), &err);
    ok(tarn_lake_open(dir, NULL, &lake, &err), &err);
    put(lake, NULL, schema);
    put(lake, "t", "{\"key\":\"a\",\"city\":\"Oslo\",\"at\":{\"zip\":\"1\"}}");
    ok(ask(lake, &right, &err), &err);
    size_t len;
    const char *bytes =
        sandbox_read(state, "lake/views/column/default.duckdb", &len);
    sandbox_write(state, "older", bytes, len);
    put(lake, "t",
        "{\"key\":\"a\",\"city\":\"Bergen\",\"at\":{\"zip\":\"1\"}}");
    put(lake, "t", "{\"key\":\"b\",\"city\":\"Voss\",\"at\":{\"zip\":\"2\"}}");
    put(lake, "t", "{\"key\":\"c\",\"city\":\"Bodo\",\"at\":{\"zip\":\"3\"}}");
    tarn_lake_close(lake);
}

static void prepare(void **state, void *ctx)
{
    tarn_error err = TARN_ERROR_INIT;
    if (!sandbox_exists(state, "lake"))
        make(state);
    ok(tarn__remove_tree(column_dir(state), &err), &err);
    size_t len;
    const char *bytes = sandbox_read(state, "older", &len);
    ok(tarn__mkdirs(column_dir(state), &err), &err);
    /* Else what a process left that was killed while it made the view. */
    sandbox_write(state,
        *(const int *)ctx == MADE ? "lake/views/column/default.new"
                                  : "lake/views/column/default.duckdb",
        bytes, len);
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    tarn_lake *lake = NULL;
    bool right = false;
    (void)ctx;
    tarn_status st =
        tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, err);
    if (st == TARN_OK)
        st = ask(lake, &right, err);
    tarn_lake_close(lake);
    if (st == TARN_OK && !right)
        fail_msg("a wrong answer");
    return st;
}

static void check(void **state, void *ctx, tarn_status status)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    tarn_rows *rows = NULL;
    (void)ctx;
    (void)status;
    ok(tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, &err), &err);
    ok(tarn_views_check(lake, false, &rows, &err), &err);
    if (tarn_rows_next(rows, &err) == TARN_ROW)
        fail_msg("%s: %s", tarn_rows_text(rows, 1), tarn_rows_text(rows, 2));
    tarn_rows_free(rows);
    tarn_lake_close(lake);
}

static void sweep_all(void **state, int what, sweep_kind kind)
{
    const sweep view = {
        .prepare = prepare, .work = work, .check = check, .ctx = &what};
    sweep_run_points(state, &view, kind, POINTS_MOST);
}

static void making_the_view_survives_every_failed_allocation(void **state)
{
    sweep_all(state, MADE, SWEEP_MEMORY);
}

static void making_the_view_survives_every_failed_call(void **state)
{
    sweep_all(state, MADE, SWEEP_EIO);
}

static void making_the_view_survives_a_full_disk(void **state)
{
    sweep_all(state, MADE, SWEEP_ENOSPC);
}

static void catching_up_survives_every_failed_allocation(void **state)
{
    sweep_all(state, CAUGHT_UP, SWEEP_MEMORY);
}

static void catching_up_survives_every_failed_call(void **state)
{
    sweep_all(state, CAUGHT_UP, SWEEP_EIO);
}

static void catching_up_survives_a_full_disk(void **state)
{
    sweep_all(state, CAUGHT_UP, SWEEP_ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(making_the_view_survives_every_failed_allocation),
        sandbox_test(making_the_view_survives_every_failed_call),
        sandbox_test(making_the_view_survives_a_full_disk),
        sandbox_test(catching_up_survives_every_failed_allocation),
        sandbox_test(catching_up_survives_every_failed_call),
        sandbox_test(catching_up_survives_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every I/O call and allocation of what is done to edges fails in turn. */
#include <string.h>

#include <tarn/edge.h>

#include "fault/support/lake_sweep.h"

static const tarn_slice none = {NULL, 0};

static tarn_status put(tarn_txn *txn, const char *json, tarn_error *err)
{
    return tarn_record_put_json(txn, "people", tarn_str(json), NULL, err);
}

static tarn_status people(tarn_txn *txn, tarn_error *err)
{
    tarn_status st = tarn_schema_put(txn,
        tarn_str("{\"name\":\"people\",\"version\":\"1.0.0\"}"), NULL, err);
    if (st == TARN_OK)
        st = put(txn, "{\"name\":\"a\"}", err);
    if (st == TARN_OK)
        st = put(txn, "{\"name\":\"b\"}", err);
    return st == TARN_OK ? put(txn, "{\"name\":\"c\"}", err) : st;
}

static tarn_status put_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    (void)in;
    tarn_status st = people(txn, err);
    if (st == TARN_OK)
        st =
            tarn_edge_put(txn, "a", "r", "b", tarn_str("{\"w\":1}"), NULL, err);
    if (st == TARN_OK)
        st = tarn_edge_put(txn, "people/b", "r", "c", none, NULL, err);
    if (st == TARN_OK)
        st = tarn_edge_put(txn, "a", "r", "b", none, NULL, err);
    return st == TARN_OK ? tarn_edge_rm(txn, "b", "r", "c", NULL, err) : st;
}

static tarn_status read_text(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    const char **at = arg;
    (void)err;
    *got = strlen(*at) < len ? strlen(*at) : len;
    memcpy(ptr, *at, *got);
    *at += *got;
    return TARN_OK;
}

static tarn_status lines_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    const char *lines =
        "{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\",\"props\":{\"w\":1}}\n"
        "{\"src\":\"b\",\"rel\":\"r\",\"dst\":\"c\"}\n"
        "{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\"}\n";
    (void)in;
    tarn_status st = people(txn, err);
    return st == TARN_OK
        ? tarn_edge_put_lines(txn, "lines", read_text, &lines, NULL, NULL, err)
        : st;
}

static tarn_status walk(tarn_txn *txn, const tarn_traverse_options *options,
    int want, tarn_error *err)
{
    tarn_rows *rows = NULL;
    tarn_status st =
        tarn_traverse(tarn_txn_snapshot(txn), "a", options, &rows, err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        want--;
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    if (st == TARN_OK)
        assert_int_equal(want, 0); /* a failure is said, not left out */
    return st;
}

static tarn_status walk_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_traverse_options options = TARN_TRAVERSE_OPTIONS_INIT;
    tarn_rows *rows = NULL;
    tarn_status st = lines_work(txn, in, err);
    if (st == TARN_OK)
        st = walk(txn, &options, 2, err);
    options.order = TARN_TRAVERSE_DFS;
    options.direction = TARN_EDGE_BOTH;
    if (st == TARN_OK)
        st = walk(txn, &options, 2, err);
    options.to = "c";
    if (st == TARN_OK)
        st = walk(txn, &options, 1, err);
    if (st == TARN_OK)
        st = tarn_edge_ls(tarn_txn_snapshot(txn), NULL, NULL, &rows, err);
    if (st == TARN_OK)
        while ((st = tarn_rows_next(rows, err)) == TARN_ROW)
            continue;
    tarn_rows_free(rows);
    return st;
}

static tarn_status hard_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    options.hard = true;
    tarn_status st = lines_work(txn, in, err);
    return st == TARN_OK ? tarn_record_rm(txn, "b", &options, err) : st;
}

#define SWEEP_OF(name, body)         \
    static void name(void **state)   \
    {                                \
        lake_sweep_txn(state, body); \
    }

SWEEP_OF(putting_edges_survives_any_failure, put_work)
SWEEP_OF(edge_lines_survive_any_failure, lines_work)
SWEEP_OF(walks_tell_any_failure, walk_work)
SWEEP_OF(a_hard_delete_survives_any_failure, hard_work)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(putting_edges_survives_any_failure),
        cmocka_unit_test(edge_lines_survive_any_failure),
        cmocka_unit_test(walks_tell_any_failure),
        cmocka_unit_test(a_hard_delete_survives_any_failure),
    };
    return cmocka_run_group_tests(tests, lake_sweep_setup, lake_sweep_teardown);
}

/* Every I/O call and allocation of what is done to schemas and records fails in
 * turn. */
#include <stdio.h>
#include <string.h>

#include <tarn/record.h>

#include "fault/support/lake_sweep.h"
#include "lake/lake_internal.h"

static const char schema[] =
    "{\"name\":\"people\",\"version\":\"1.0.0\",\"properties\":{"
    "\"name\":{\"type\":\"string\"},\"age\":{\"type\":\"integer\"}}}";

static tarn_status people(tarn_txn *txn, tarn_error *err)
{
    return tarn_schema_put(txn, tarn_str(schema), NULL, err);
}

static tarn_status put(tarn_txn *txn, const char *json, tarn_error *err)
{
    return tarn_record_put_json(txn, "people", tarn_str(json), NULL, err);
}

static tarn_status schema_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    static char big[140000];
    const int head = snprintf(big, sizeof big,
        "{\"name\":\"big\",\"version\":\"1.0.0\",\"title\":\"");
    (void)in;
    memset(big + head, 'x', sizeof big - (size_t)head - 3);
    memcpy(big + sizeof big - 3, "\"}", 3);
    tarn_status st = people(txn, err);
    if (st == TARN_OK)
        st = tarn_schema_put(txn, tarn_str(big), NULL, err);
    if (st == TARN_OK)
        st = put(txn, "{\"name\":\"a\"}", err);
    return st == TARN_OK ? tarn_schema_rm(txn, "big", NULL, err) : st;
}

static tarn_status write_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_record_options hard = TARN_RECORD_OPTIONS_INIT;
    static char large[70000];
    hard.hard = true;
    (void)in;
    memset(large, ' ', sizeof large);
    memcpy(large, "{\"name\":\"large\"", 15);
    memcpy(large + sizeof large - 2, "}", 2);
    tarn_status st = people(txn, err);
    if (st == TARN_OK)
        st = put(txn, "{\"name\":\"a\",\"age\":1}", err);
    if (st == TARN_OK)
        st = put(txn, "{\"name\":\"a\",\"age\":2}", err);
    if (st == TARN_OK)
        st = put(txn, "{\"age\":3}", err);
    if (st == TARN_OK)
        st = put(txn, large, err);
    if (st == TARN_OK)
        st = tarn_record_update(
            txn, "a", tarn_str("{\"age\":4,\"x\":[]}"), NULL, err);
    if (st == TARN_OK)
        st = tarn_record_rm(txn, "people/a", NULL, err);
    if (st == TARN_OK)
        st = put(txn, "{\"name\":\"b\"}", err);
    return st == TARN_OK ? tarn_record_rm(txn, "b", &hard, err) : st;
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

/* So many that they go in as sorted files, where the bound is lowered. */
static tarn_status put_many(
    tarn_txn *txn, int count, tarn_record_ids **ids, tarn_error *err)
{
    static char lines[200 * 1024];
    const char *at = lines;
    size_t len = 0;
    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(lines + len, sizeof lines - len,
            "{\"name\":\"n%d\",\"age\":%d}\n", i * 7 % count, i);
    return tarn_record_put_lines(
        txn, "people", "lines", read_text, &at, NULL, ids, err);
}

static tarn_status lines_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_record_ids *ids = NULL;
    char id[37];
    int64_t seen = 0;
    (void)in;
    tarn_status st = people(txn, err);
    if (st == TARN_OK)
        st = put(txn, "{\"name\":\"n3\",\"age\":-1}", err);
    if (st == TARN_OK)
        st = put_many(txn, 50, &ids, err);
    if (st == TARN_OK) {
        while ((st = tarn_record_ids_next(ids, id, err)) == TARN_ROW)
            seen++;
        if (st == TARN_OK)
            assert_int_equal(50, seen);
    }
    tarn_record_ids_free(ids);
    return st;
}

/* Beyond the bounds: as sorted files, from what the sorter has. */
static tarn_status bulk_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    (void)in;
    tarn__txn_lake(txn)->bounds.bulk_operations = 100;
    tarn__txn_lake(txn)->bounds.spool_bytes = 4096;
    tarn_status st = people(txn, err);
    return st == TARN_OK ? put_many(txn, 1200, NULL, err) : st;
}

/* With own reads behind them, so that they are written down first. */
static tarn_status bulk_read_work(
    tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_record record = TARN_RECORD_INIT;
    tarn_status st = bulk_work(txn, in, err);
    if (st == TARN_OK)
        st = tarn_record_get(tarn_txn_snapshot(txn), "n7", NULL, &record, err);
    tarn_record_reset(&record);
    return st;
}

static tarn_status read_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn_record record = TARN_RECORD_INIT;
    tarn_rows *rows = NULL;
    int64_t count = 0;
    int want = 3;
    tarn_status st = write_work(txn, in, err);
    if (st == TARN_OK)
        st = put(txn, "{\"name\":\"c\"}", err);
    if (st == TARN_OK)
        st = tarn_record_get(snap, "people/c", NULL, &record, err);
    if (st == TARN_OK)
        st = tarn_record_count(snap, "people", NULL, &count, err);
    if (st == TARN_OK)
        assert_int_equal(want, count);
    if (st == TARN_OK)
        st = tarn_record_ls(snap, "people", NULL, &rows, err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        want--;
        st = TARN_OK;
    }
    if (st == TARN_OK)
        assert_int_equal(0, want);
    tarn_rows_free(rows);
    rows = NULL;
    if (st == TARN_OK)
        st = tarn_schema_ls(snap, NULL, &rows, err);
    if (st == TARN_OK)
        while ((st = tarn_rows_next(rows, err)) == TARN_ROW)
            continue;
    tarn_rows_free(rows);
    tarn_record_reset(&record);
    return st;
}

#define SWEEP_OF(name, body)         \
    static void name(void **state)   \
    {                                \
        lake_sweep_txn(state, body); \
    }

SWEEP_OF(schemas_survive_any_failure, schema_work)
SWEEP_OF(writing_records_survives_any_failure, write_work)
SWEEP_OF(record_lines_survive_any_failure, lines_work)
SWEEP_OF(a_bulk_load_survives_any_failure, bulk_work)
SWEEP_OF(a_bulk_load_that_is_read_survives_any_failure, bulk_read_work)
SWEEP_OF(reading_records_tells_any_failure, read_work)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas_survive_any_failure),
        cmocka_unit_test(writing_records_survives_any_failure),
        cmocka_unit_test(record_lines_survive_any_failure),
        cmocka_unit_test(a_bulk_load_survives_any_failure),
        cmocka_unit_test(a_bulk_load_that_is_read_survives_any_failure),
        cmocka_unit_test(reading_records_tells_any_failure),
    };
    return cmocka_run_group_tests(tests, lake_sweep_setup, lake_sweep_teardown);
}

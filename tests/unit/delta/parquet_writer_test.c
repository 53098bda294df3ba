/* The Parquet writer, read back by DuckDB. */
#include <unistd.h>

#include "delta/parquet_writer.h"
#include "delta_test_support.h"
#include "os/fault.h"

static const tarn__pq_column all_types[] = {
    {"a", TARN__PQ_INT64, true},
    {"b", TARN__PQ_INT32, true},
    {"c", TARN__PQ_STRING, true},
    {"d", TARN__PQ_BINARY, false},
    {"e", TARN__PQ_TIMESTAMP, true},
};
#define ALL_TYPES (sizeof(all_types) / sizeof(all_types[0]))

static tarn__pq_writer *start(void **state, uint64_t row_group_bytes)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__pq_writer *w = NULL;
    ok(tarn__pq_open(sandbox_path(state, "f.parquet"), all_types, ALL_TYPES,
           row_group_bytes, &w, &err),
        &err);
    return w;
}

static void put(tarn__pq_writer *w, const tarn__pq_cell *cells)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__pq_row(w, cells, &err), &err);
}

/* Finishes and gives the statistics; the sandbox's until its end. */
static const char *finish(void **state, tarn__pq_writer *w)
{
    tarn_error err = TARN_ERROR_INIT;
    uint64_t size = 0;
    tarn_buf stats = TARN_BUF_INIT;
    ok(tarn__pq_finish(w, &size, &stats, &err), &err);
    size_t len = 0;
    (void)sandbox_read(state, "f.parquet", &len);
    assert_int_equal(len, size);
    (void)sandbox_write_text(state, "stats", stats.ptr);
    tarn_buf_reset(&stats);
    return sandbox_read(state, "stats", NULL);
}

/* The one text that SQL over the file F gives. */
static void assert_sql(void **state, const char *expected, const char *select)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.threads = 1;
    tarn__duck *duck = NULL;
    char *text = NULL;
    ok(tarn__duck_open(&options, &duck, &err), &err);
    ok(tarn__duck_execf(duck, &err, "CREATE VIEW f AS FROM read_parquet('%s')",
           sandbox_path(state, "f.parquet")),
        &err);
    char *cast = tarn__sprintf("SELECT CAST((%s) AS VARCHAR)", select);
    ok(tarn__duck_text(duck, cast, &text, &err), &err);
    tarn__free(cast);
    assert_string_equal(expected, text == NULL ? "NULL" : text);
    tarn__free(text);
    tarn__duck_close(duck);
}

static void types_and_values_come_back(void **state)
{
    tarn__pq_writer *w = start(state, 0);
    const tarn__pq_cell row[] = {test_int(INT64_MIN), test_int(INT32_MIN),
        test_text("h\xc3\xa9"), {.bytes = {"x\0y\xff", 4}},
        test_int(INT64_C(1700000000123456))};
    put(w, row);
    const tarn__pq_cell other[] = {test_int(INT64_MAX), test_int(INT32_MAX),
        test_text("z"), {.bytes = {"", 0}}, test_int(-1)};
    put(w, other);
    (void)finish(state, w);
    assert_sql(state, "BIGINT INTEGER VARCHAR BLOB TIMESTAMP WITH TIME ZONE",
        "SELECT string_agg(column_type, ' ') FROM (DESCRIBE f)");
    assert_sql(state,
        "-9223372036854775808 -2147483648 h\xc3\xa9 x\\x00y\\xFF "
        "1700000000123456",
        "SELECT a || ' ' || b || ' ' || c || ' ' || d::VARCHAR || ' ' || "
        "epoch_us(e) FROM f LIMIT 1");
    assert_sql(state, "9223372036854775807 2147483647 z 0 -1",
        "SELECT a || ' ' || b || ' ' || c || ' ' || octet_length(d) || ' ' || "
        "epoch_us(e) FROM f OFFSET 1");
}

static void nulls_and_empty_strings_differ(void **state)
{
    tarn__pq_writer *w = start(state, 0);
    const tarn__pq_cell none = {.null = true};
    const tarn__pq_cell nulls[] = {none, none, none, none, none};
    const tarn__pq_cell empty[] = {test_int(0), test_int(0), test_text(""),
        {.bytes = {"", 0}}, test_int(0)};
    for (int i = 0; i < 100; i++)
        put(w, i % 3 == 0 ? nulls : empty);
    (void)finish(state, w);
    assert_sql(state, "100 66 66 66 66 66",
        "SELECT concat_ws(' ', count(*), count(a), count(b), count(c), "
        "count(d), count(e)) FROM f");
    assert_sql(state, "66", "SELECT count(*) FROM f WHERE c = ''");
    assert_sql(state, "0", /* the nulls stand where they were put */
        "SELECT count(*) FROM (SELECT a, row_number() OVER () - 1 AS n "
        "FROM f) WHERE (a IS NULL) <> (n % 3 = 0)");
}

static void a_file_without_rows_reads(void **state)
{
    tarn__pq_writer *w = start(state, 0);
    const char *stats = finish(state, w);
    assert_string_equal("{\"numRecords\":0,\"minValues\":{},\"maxValues\":{},"
                        "\"nullCount\":{\"a\":0,\"b\":0,\"c\":0,\"e\":0}}",
        stats);
    assert_sql(state, "0", "SELECT count(*) FROM f");
}

/* Row i of a long file. */
static void put_numbered(tarn__pq_writer *w, int i, size_t content_bytes)
{
    char key[32];
    static char content[100000];
    memset(content, 'a' + i % 26, sizeof(content));
    (void)snprintf(key, sizeof(key), "key-%06d", i);
    const tarn__pq_cell cells[] = {test_int(i), test_int(-i), test_text(key),
        {.null = i % 5 == 0, .bytes = {content, content_bytes}},
        test_int(i * INT64_C(1000003))};
    put(w, cells);
}

static void row_groups_end_at_their_bytes(void **state)
{
    tarn__pq_writer *w = start(state, UINT64_C(1) << 20);
    for (int i = 0; i < 5000; i++)
        put_numbered(w, i, 1000);
    (void)finish(state, w);
    char sql[2048];
    (void)snprintf(sql, sizeof(sql),
        "SELECT (count(DISTINCT row_group_id) >= 4) || ' ' || "
        "(max(total_uncompressed_size) <= 1048576 + 65536) || ' ' || "
        "count(DISTINCT compression) FROM parquet_metadata('%s') "
        "WHERE path_in_schema = 'd'",
        sandbox_path(state, "f.parquet"));
    assert_sql(state, "true true 1", sql);
    assert_sql(state, "5000 12497500 -12497500 4000000",
        "SELECT concat_ws(' ', count(*), sum(a), sum(b), "
        "sum(octet_length(d))) FROM f");
    assert_sql(state, "0",
        "SELECT count(*) FROM f WHERE c <> format('key-{:06d}', a) "
        "OR epoch_us(e) <> a * 1000003 OR (d IS NULL) <> (a % 5 = 0) "
        "OR d <> encode(repeat(chr(97 + (a % 26)::INTEGER), 1000))");
}

static void one_row_may_be_larger_than_a_row_group(void **state)
{
    tarn__pq_writer *w = start(state, 1024);
    for (int i = 1; i < 4; i++)
        put_numbered(w, i, 100000);
    (void)finish(state, w);
    assert_sql(state, "3 300000",
        "SELECT concat_ws(' ', count(*), sum(octet_length(d))) FROM f");
}

static void small_groups_are_stored_large_ones_packed(void **state)
{
    char sql[1024];
    (void)snprintf(sql, sizeof(sql),
        "SELECT string_agg(DISTINCT compression) FROM parquet_metadata('%s') "
        "WHERE path_in_schema = 'd'",
        sandbox_path(state, "f.parquet"));
    tarn__pq_writer *w = start(state, 0);
    put_numbered(w, 1, 100);
    (void)finish(state, w);
    assert_sql(state, "UNCOMPRESSED", sql);
    assert_int_equal(0, unlink(sandbox_path(state, "f.parquet")));
    w = start(state, 0);
    put_numbered(w, 1, 100000);
    (void)finish(state, w);
    assert_sql(state, "ZSTD", sql);
}

static void row_groups_tell_their_bounds(void **state)
{
    tarn__pq_writer *w = start(state, 1); /* a row group a row */
    for (int i = 0; i < 3; i++)
        put_numbered(w, i, 100);
    (void)finish(state, w);
    char sql[1024];
    (void)snprintf(sql, sizeof(sql),
        "SELECT string_agg(stats_min_value || ' ' || stats_max_value || ' ' "
        "|| stats_null_count, ', ' ORDER BY row_group_id, column_id) "
        "FROM parquet_metadata('%s') WHERE path_in_schema IN ('a', 'c')",
        sandbox_path(state, "f.parquet"));
    assert_sql(state,
        "0 0 0, key-000000 key-000000 0, 1 1 0, key-000001 key-000001 0, "
        "2 2 0, key-000002 key-000002 0",
        sql);
    assert_sql(state, "2", "SELECT a FROM f WHERE c = 'key-000002'");
}

static void statistics_hold_bounds_of_marked_columns_only(void **state)
{
    tarn__pq_writer *w = start(state, 1); /* a row group a row */
    const tarn__pq_cell one[] = {test_int(7), test_int(-3), test_text("m"),
        {.bytes = {"x", 1}}, test_int(INT64_C(1700000000123456))};
    const tarn__pq_cell two[] = {test_int(5), {.null = true}, test_text("b"),
        {.null = true}, test_int(INT64_C(1700000000999001))};
    put(w, one);
    put(w, two);
    assert_string_equal("{\"numRecords\":2,"
                        "\"minValues\":{\"a\":5,\"b\":-3,\"c\":\"b\","
                        "\"e\":\"2023-11-14T22:13:20.123Z\"},"
                        "\"maxValues\":{\"a\":7,\"b\":-3,\"c\":\"m\","
                        "\"e\":\"2023-11-14T22:13:21.000Z\"},"
                        "\"nullCount\":{\"a\":0,\"b\":1,\"c\":0,\"e\":0}}",
        finish(state, w));
}

static void text_that_is_not_utf8_is_refused(void **state)
{
    tarn__pq_writer *w = start(state, 0);
    tarn_error err = TARN_ERROR_INIT;
    const tarn__pq_cell bad[] = {test_int(1), test_int(1), test_text("\xff"),
        test_text("x"), test_int(1)};
    assert_int_equal(TARN_BAD_INPUT, tarn__pq_row(w, bad, &err));
    assert_non_null(strstr(err.message, "column c"));
    const tarn__pq_cell good[] = {test_int(1), test_int(1), test_text("x"),
        test_text("\xff"), test_int(1)};
    put(w, good); /* and nothing of the bad row is in */
    (void)finish(state, w);
    assert_sql(state, "1 x \\xFF",
        "SELECT concat_ws(' ', count(*), any_value(c), "
        "any_value(d)::VARCHAR) FROM f");
}

static void a_number_beyond_an_int32_is_refused(void **state)
{
    tarn__pq_writer *w = start(state, 0);
    tarn_error err = TARN_ERROR_INIT;
    const tarn__pq_cell bad[] = {test_int(1), test_int((int64_t)INT32_MAX + 1),
        test_text("x"), test_text("x"), test_int(1)};
    assert_int_equal(TARN_BAD_INPUT, tarn__pq_row(w, bad, &err));
    tarn__pq_abort(w);
}

static void an_existing_file_is_not_overwritten(void **state)
{
    (void)sandbox_write_text(state, "f.parquet", "precious");
    tarn_error err = TARN_ERROR_INIT;
    tarn__pq_writer *w = NULL;
    assert_int_equal(TARN_EXISTS,
        tarn__pq_open(sandbox_path(state, "f.parquet"), all_types, ALL_TYPES, 0,
            &w, &err));
    assert_null(w);
    assert_string_equal("precious", sandbox_read(state, "f.parquet", NULL));
}

static void a_failed_finish_removes_the_file(void **state)
{
    tarn__pq_writer *w = start(state, 0);
    put_numbered(w, 1, 10);
    tarn_error err = TARN_ERROR_INIT;
    uint64_t size = 0;
    tarn_buf stats = TARN_BUF_INIT;
    tarn__fault_io(1, 5, false);
    assert_int_equal(TARN_IO, tarn__pq_finish(w, &size, &stats, &err));
    tarn__fault_io(0, 0, false);
    assert_false(sandbox_exists(state, "f.parquet"));
    tarn_buf_reset(&stats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(types_and_values_come_back),
        sandbox_test(nulls_and_empty_strings_differ),
        sandbox_test(a_file_without_rows_reads),
        sandbox_test(row_groups_end_at_their_bytes),
        sandbox_test(one_row_may_be_larger_than_a_row_group),
        sandbox_test(small_groups_are_stored_large_ones_packed),
        sandbox_test(row_groups_tell_their_bounds),
        sandbox_test(statistics_hold_bounds_of_marked_columns_only),
        sandbox_test(text_that_is_not_utf8_is_refused),
        sandbox_test(a_number_beyond_an_int32_is_refused),
        sandbox_test(an_existing_file_is_not_overwritten),
        sandbox_test(a_failed_finish_removes_the_file),
    };
    return cmocka_run_group_tests_name(
        "delta/parquet_writer", tests, NULL, NULL);
}

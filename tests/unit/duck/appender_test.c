/* Rows into tables. */
#include "duck/appender.h"

#include "duck_test_support.h"

static tarn__appender *appender(tarn__duck *duck, const char *table)
{
    tarn__appender *app;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__appender_open(duck, table, &app, &err), &err);
    return app;
}

static tarn__cell whole(int64_t v)
{
    return (tarn__cell){TARN_INT64, v, 0, {NULL, 0}};
}

static tarn__cell text(const char *s)
{
    return (tarn__cell){TARN_TEXT, 0, 0, tarn_str(s)};
}

static void put(tarn__appender *app, const tarn__cell *cells)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__appender_row(app, cells, &err), &err);
}

static void close_well(tarn__appender *app)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__appender_close(app, &err), &err);
}

static void every_row_of_many_chunks_arrives(void **state)
{
    run(*state, "CREATE TABLE t (i BIGINT, s TEXT)");
    tarn__appender *app = appender(*state, "t");
    char name[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "the name of number %d", i);
        tarn__cell cells[] = {whole(i), text(name)};
        if (i % 7 == 0)
            cells[1].type = TARN_NULL;
        put(app, cells);
    }
    close_well(app);
    assert_int(*state, 5000, "SELECT count(*) FROM t");
    assert_int(*state, 0,
        "SELECT count(*) FROM t WHERE s IS DISTINCT FROM CASE WHEN i % 7 > 0 "
        "THEN 'the name of number ' || i END");
}

static void cells_of_every_type_arrive(void **state)
{
    run(*state,
        "CREATE TABLE t (b BOOL, i BIGINT, d DOUBLE, s TEXT, x BLOB, "
        "t TIMESTAMP, z TIMESTAMPTZ, j JSON, n INT)");
    tarn__appender *app = appender(*state, "t");
    const tarn__cell cells[] = {
        {TARN_BOOL, 1, 0, {NULL, 0}},
        whole(INT64_MIN),
        {TARN_DOUBLE, 0, 0.1, {NULL, 0}},
        {TARN_TEXT, 0, 0, {"a\0\xc3\xa9", 4}},
        {TARN_BLOB, 0, 0, {"\0\xff", 2}},
        {TARN_TIME, 1, 0, {NULL, 0}},
        {TARN_TIME, 2, 0, {NULL, 0}},
        {TARN_JSON, 0, 0, {"{\"a\": 1}", 8}},
        {TARN_NULL, 0, 0, {NULL, 0}},
    };
    put(app, cells);
    close_well(app);
    assert_text(*state,
        "true|-9223372036854775808|0.1|4|\\x00\\xFF|1970-01-01 "
        "00:00:00.000001|1970-01-01 00:00:00.000002+00|1|true",
        "SELECT concat_ws('|', b, i, d, strlen(s), x::TEXT, t, z, j->'a', "
        "n IS NULL) FROM t");
}

static void narrow_columns_take_what_fits(void **state)
{
    run(*state,
        "CREATE TABLE t (a TINYINT, b UINTEGER, c UBIGINT, d DECIMAL(9, 2), "
        "e FLOAT, f DATE, g UUID, h HUGEINT, i TIMESTAMP_S, k ENUM('x', 'y'))");
    tarn__appender *app = appender(*state, "t");
    const tarn__cell cells[] = {whole(-128), whole(4294967295), whole(7),
        text("1.25"), whole(3), text("2026-02-03"),
        text("00000000-0000-0000-0000-000000000001"), whole(-1),
        {TARN_TIME, 5000000, 0, {NULL, 0}}, text("y")};
    put(app, cells);
    close_well(app);
    assert_text(*state,
        "-128|4294967295|7|1.25|3.0|2026-02-03|"
        "00000000-0000-0000-0000-000000000001|-1|1970-01-01 00:00:05|y",
        "SELECT concat_ws('|', *COLUMNS(*)) FROM t");
}

static void a_value_out_of_range_is_bad_input(void **state)
{
    run(*state, "CREATE TABLE t (a TINYINT)");
    tarn__appender *app = appender(*state, "t");
    tarn_error err = TARN_ERROR_INIT;
    const tarn__cell cell = whole(128);
    put(app, &cell);
    assert_int_equal(TARN_BAD_INPUT, tarn__appender_close(app, &err));
    assert_non_null(strstr(err.message, "does not fit its column"));
    assert_non_null(strstr(err.message, "TINYINT"));
    assert_int(*state, 0, "SELECT count(*) FROM t");
}

static void a_value_of_the_wrong_kind_is_bad_input(void **state)
{
    run(*state, "CREATE TABLE t (s TEXT, a INT)");
    tarn__appender *app = appender(*state, "t");
    tarn_error err = TARN_ERROR_INIT;
    const tarn__cell wrong[] = {text("x"), text("1")};
    assert_int_equal(TARN_BAD_INPUT, tarn__appender_row(app, wrong, &err));
    assert_string_equal(
        "column 2: value: a text does not fit the column's type", err.message);
    const tarn__cell bytes[] = {{TARN_TEXT, 0, 0, {"\xff", 1}}, whole(1)};
    assert_int_equal(TARN_BAD_INPUT, tarn__appender_row(app, bytes, &err));
    assert_non_null(strstr(err.message, "not UTF-8"));
    close_well(app);
    assert_int(*state, 0, "SELECT count(*) FROM t");
}

static void a_table_that_is_not_there_is_bad_input(void **state)
{
    tarn__appender *app;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(
        TARN_BAD_INPUT, tarn__appender_open(*state, "nix", &app, &err));
    assert_null(app);
    assert_non_null(strstr(err.message, "nix"));
}

static void a_constraint_is_checked(void **state)
{
    run(*state, "CREATE TABLE t (a INT NOT NULL)");
    tarn__appender *app = appender(*state, "t");
    tarn_error err = TARN_ERROR_INIT;
    const tarn__cell null = {TARN_NULL, 0, 0, {NULL, 0}};
    put(app, &null);
    assert_int_equal(TARN_BAD_INPUT, tarn__appender_close(app, &err));
    assert_non_null(strstr(err.message, "NOT NULL"));
}

static void temporary_tables_are_found(void **state)
{
    run(*state, "CREATE TEMP TABLE t (a INT)");
    tarn__appender *app = appender(*state, "t");
    const tarn__cell cell = whole(1);
    put(app, &cell);
    close_well(app);
    assert_int(*state, 1, "SELECT count(*) FROM t");
}

static void rows_belong_to_the_open_transaction(void **state)
{
    run(*state, "CREATE TABLE t (a INT); BEGIN");
    tarn__appender *app = appender(*state, "t");
    const tarn__cell cell = whole(1);
    put(app, &cell);
    close_well(app);
    assert_int(*state, 1, "SELECT count(*) FROM t");
    run(*state, "ROLLBACK");
    assert_int(*state, 0, "SELECT count(*) FROM t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        duck_test(every_row_of_many_chunks_arrives),
        duck_test(cells_of_every_type_arrive),
        duck_test(narrow_columns_take_what_fits),
        duck_test(a_value_out_of_range_is_bad_input),
        duck_test(a_value_of_the_wrong_kind_is_bad_input),
        duck_test(a_table_that_is_not_there_is_bad_input),
        duck_test(a_constraint_is_checked),
        duck_test(temporary_tables_are_found),
        duck_test(rows_belong_to_the_open_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

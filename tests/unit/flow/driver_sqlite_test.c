/* sqlite.extractor. */
#include <stdio.h>
#include <string.h>

#include "flow/driver/builtin.h"
#include "flow/driver/query.h"
#include "support/driver_call.h"
#include "support/sandbox.h"

#define SQLITE &tarn__driver_sqlite_extractor

static void sql(void **state, const char *const *statements)
{
    tarn__db *db;
    tarn_error err = TARN_ERROR_INIT;
    char connection[600];
    if (!sandbox_exists(state, "x.sqlite"))
        sandbox_write(state, "x.sqlite", "", 0);
    (void)snprintf(connection, sizeof connection, "{\"path\":\"%s\"}",
        sandbox_path(state, "x.sqlite"));
    assert_int_equal(
        TARN_OK, tarn__query_connect("sqlite", connection, NULL, &db, &err));
    for (; *statements != NULL; statements++)
        if (tarn__db_exec(db, *statements, &err) != TARN_OK)
            fail_msg("%s", err.message);
    tarn__db_close(db);
}

#define SQL(state, ...) sql(state, (const char *const[]){__VA_ARGS__, NULL})
#define WHERE "{'path':'x.sqlite'}"

static void a_column_has_the_type_of_its_values(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t (i, r, x, b, wide, mixed, n)",
        "INSERT INTO t VALUES (1, 1, 'a', X'00', 9007199254740993, 1, NULL)",
        "INSERT INTO t VALUES (9223372036854775807, 2.5, 'b', X'FF', 0.5, "
        "'one', NULL)");
    driver_call_init(&c, state);
    driver_call_good(&c, SQLITE, "{'table':'t'}", WHERE);
    assert_string_equal("BIGINT|DOUBLE|VARCHAR|BLOB|VARCHAR|VARCHAR|VARCHAR",
        driver_call_answer(&c,
            "SELECT typeof(i), typeof(r), typeof(x), "
            "typeof(b), typeof(wide), typeof(mixed), "
            "typeof(n) FROM main LIMIT 1"));
    assert_string_equal("1|1.0|a|9007199254740993|1\n"
                        "9223372036854775807|2.5|b|0.5|one",
        driver_call_answer(&c, "SELECT i, r, x, wide, mixed FROM main"));
}

static void an_empty_table_has_the_declared_types(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t (i INTEGER, r REAL, x VARCHAR(9), b BLOB)");
    driver_call_init(&c, state);
    driver_call_good(&c, SQLITE, "{'table':'t'}", WHERE);
    assert_int_equal(0, c.rows);
    assert_string_equal("BIGINT\nDOUBLE\nVARCHAR\nBLOB",
        driver_call_answer(&c,
            "SELECT data_type FROM duckdb_columns() WHERE "
            "table_name = 'main' ORDER BY column_index"));
}

static void a_cursor_follows_texts_or_numbers(void **state)
{
    driver_call c;
    SQL(state,
        "CREATE TABLE t (k TEXT COLLATE NOCASE, d DATETIME, n DECIMAL(9,1), x)",
        "INSERT INTO t VALUES ('B', '2024-01-01T00:00:00Z', 9, 1), ('a', "
        "'2024-01-02T00:00:00Z', 10.5, 'a'), ('Z', '2024-01-03', 10, 2)");
    driver_call_init(&c, state);
    c.call.cursor_column = "k";
    c.call.cursor = "Z";
    driver_call_good(&c, SQLITE, "{'table':'t'}", WHERE);
    assert_string_equal("a", driver_call_answer(&c, "SELECT k FROM main"));
    c.call.cursor_column = "d";
    c.call.cursor = "2024-01-01T00:00:00Z";
    driver_call_good(&c, SQLITE, "{'query':'SELECT d, k FROM t'}", WHERE);
    assert_int_equal(2, c.rows);
    assert_string_equal("2024-01-03", c.cursor);
    c.call.cursor_column = "n";
    c.call.cursor = "9.0";
    driver_call_good(&c, SQLITE, "{'table':'t'}", WHERE);
    assert_int_equal(2, c.rows);
    assert_string_equal("10.5", c.cursor);
    c.call.cursor_column = "x";
    c.call.cursor = NULL;
    assert_int_equal(
        TARN_BAD_INPUT, driver_call_run(&c, SQLITE, "{'table':'t'}", WHERE));
    assert_non_null(strstr(c.error.message, "cast it"));
}

static void only_rows_above_the_cursor_come(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (10, 'c')");
    driver_call_init(&c, state);
    c.call.cursor_column = "id";
    c.call.cursor = "1";
    driver_call_good(&c, SQLITE,
        "{'query':'SELECT * FROM t WHERE x <> $1','query_values':['b']}",
        WHERE);
    assert_string_equal("10|c", driver_call_answer(&c, "SELECT * FROM main"));
    assert_string_equal("10", c.cursor);
}

static void the_file_is_given_in_the_step_too(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t AS SELECT 1 AS a");
    driver_call_init(&c, state);
    driver_call_good(&c, SQLITE, "{'table':'t','path':'x.sqlite'}", NULL);
    assert_int_equal(1, c.rows);
}

static void a_file_that_is_not_there_is_not_made(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    assert_int_equal(
        TARN_NOT_FOUND, driver_call_run(&c, SQLITE, "{'table':'t'}", WHERE));
    assert_false(sandbox_exists(state, "x.sqlite"));
}

static void a_file_that_is_no_database_is_told(void **state)
{
    driver_call c;
    sandbox_write_text(state, "x.sqlite",
        "this is a text, and a long one: it "
        "has no page of a database in it");
    driver_call_init(&c, state);
    assert_int_equal(
        TARN_CORRUPT, driver_call_run(&c, SQLITE, "{'table':'t'}", WHERE));
    assert_non_null(strstr(c.error.message, "x.sqlite"));
}

static void a_writing_statement_is_refused(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t AS SELECT 1 AS a");
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, SQLITE, "{'query':'DELETE FROM t RETURNING a'}", WHERE));
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, SQLITE, "{'query':'SELECT 1; DELETE FROM t'}", WHERE));
    driver_call_good(&c, SQLITE, "{'table':'t'}", WHERE);
    assert_int_equal(1, c.rows);
}

static void text_that_is_no_utf8_is_told(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t AS SELECT CAST(X'FF' AS TEXT) AS odd");
    driver_call_init(&c, state);
    assert_int_equal(
        TARN_BAD_INPUT, driver_call_run(&c, SQLITE, "{'table':'t'}", WHERE));
    assert_non_null(strstr(c.error.message, "column odd"));
}

/* 60 rows of 1.5 MB. */
#define LONG_ROWS                                                             \
    "{'query':'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM " \
    "r LIMIT 60) SELECT n, zeroblob(1500000) AS b FROM r'}"

static void long_rows_have_all_of_the_memory(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t AS SELECT 1 AS a");
    driver_call_init(&c, state);
    driver_call_good(&c, SQLITE, LONG_ROWS, WHERE);
    assert_string_equal("60|90000000",
        driver_call_answer(
            &c, "SELECT count(*), sum(octet_length(b)) FROM main"));
}

static void rows_too_long_for_the_memory_are_told(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t AS SELECT 1 AS a");
    driver_call_init(&c, state);
    c.call.memory_bytes = (uint64_t)64 << 20;
    assert_int_equal(
        TARN_NO_MEMORY, driver_call_run(&c, SQLITE, LONG_ROWS, WHERE));
    assert_non_null(strstr(c.error.message, "have 1464 KiB each"));
    assert_non_null(strstr(c.error.message, "(give more --memory"));
}

static void a_query_that_runs_long_is_cancelled(void **state)
{
    driver_call c;
    SQL(state, "CREATE TABLE t AS SELECT 1 AS a");
    driver_call_init(&c, state);
    c.cancel_after_us = 100000;
    assert_int_equal(TARN_INTERRUPTED,
        driver_call_run(&c, SQLITE,
            "{'query':'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
            "FROM r) SELECT max(n) FROM r'}",
            WHERE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_column_has_the_type_of_its_values),
        sandbox_test(an_empty_table_has_the_declared_types),
        sandbox_test(only_rows_above_the_cursor_come),
        sandbox_test(a_cursor_follows_texts_or_numbers),
        sandbox_test(the_file_is_given_in_the_step_too),
        sandbox_test(a_file_that_is_not_there_is_not_made),
        sandbox_test(a_file_that_is_no_database_is_told),
        sandbox_test(a_writing_statement_is_refused),
        sandbox_test(text_that_is_no_utf8_is_told),
        sandbox_test(long_rows_have_all_of_the_memory),
        sandbox_test(rows_too_long_for_the_memory_are_told),
        sandbox_test(a_query_that_runs_long_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* postgres.extractor, against a real PostgreSQL. */
#include <stdio.h>
#include <string.h>

#include "flow/driver/builtin.h"
#include "flow/driver/query.h"
#include "support/driver_call.h"
#include "support/sandbox.h"
#include "support/servers.h"

#define POSTGRES &tarn__driver_postgres_extractor
#define WHERE server_connection("postgres")

static void sql(const char *text)
{
    server_sql("postgres", text);
}

/* One expression, read by COPY and, with a bound value, from a cursor. */
static void value_becomes(
    void **state, const char *expression, const char *type, const char *text)
{
    char config[1200];
    char want[2048];
    driver_call c;
    (void)snprintf(want, sizeof want, "%s|%s", type, text);
    sql("DROP TABLE IF EXISTS v");
    (void)snprintf(
        config, sizeof config, "CREATE TABLE v AS SELECT %s AS c", expression);
    sql(config);
    driver_call_init(&c, state);
    driver_call_good(&c, POSTGRES, "{'table':'v'}", WHERE);
    assert_string_equal(
        want, driver_call_answer(&c, "SELECT typeof(c), c FROM main"));
    driver_call_good(&c, POSTGRES,
        "{'query':'SELECT * FROM v WHERE 1 = $1','query_values':[1]}", WHERE);
    assert_string_equal(
        want, driver_call_answer(&c, "SELECT typeof(c), c FROM main"));
}

static void numbers_are_exact(void **state)
{
    value_becomes(state, "(-32768)::int2", "SMALLINT", "-32768");
    value_becomes(state, "(-2147483648)::int4", "INTEGER", "-2147483648");
    value_becomes(state, "(-9223372036854775808)::int8", "BIGINT",
        "-9223372036854775808");
    value_becomes(state, "4294967295::oid", "UINTEGER", "4294967295");
    value_becomes(state, "0.1::float4", "FLOAT", "0.1");
    value_becomes(state, "'-infinity'::float8", "DOUBLE", "-inf");
    value_becomes(
        state, "12345678.90::numeric(10,2)", "DECIMAL(10,2)", "12345678.90");
    value_becomes(state, "(-0.5)::numeric(38,38)", "DECIMAL(38,38)",
        "-0.50000000000000000000000000000000000000");
    value_becomes(state, "123.4500::numeric", "VARCHAR", "123.4500");
    value_becomes(state, "true", "BOOLEAN", "true");
}

static void times_are_utc_and_may_be_infinite(void **state)
{
    value_becomes(state, "'2024-02-29'::date", "DATE", "2024-02-29");
    value_becomes(state, "'infinity'::date", "DATE", "infinity");
    value_becomes(state, "'0044-03-15 BC'::date", "DATE", "-0043-03-15");
    value_becomes(state, "'1969-12-31 23:59:59.999999'::timestamp", "TIMESTAMP",
        "1969-12-31T23:59:59.999999Z");
    value_becomes(state, "'2024-06-01 05:45:00+05:45'::timestamptz",
        "TIMESTAMP WITH TIME ZONE", "2024-06-01T00:00:00Z");
    value_becomes(state, "'-infinity'::timestamptz", "TIMESTAMP WITH TIME ZONE",
        "-infinity");
    value_becomes(state, "'13:14:15.000001'::time", "TIME", "13:14:15.000001");
    value_becomes(
        state, "'13:14:15+02'::timetz", "TIME WITH TIME ZONE", "13:14:15+02");
    value_becomes(state, "'1 year 2 mons -3 days 04:05:06.000007'::interval",
        "INTERVAL", "1 year 2 months -3 days 04:05:06.000007");
}

static void texts_and_bytes(void **state)
{
    value_becomes(
        state, "U&'\\+01F3F4\\00e9'", "VARCHAR", "\xf0\x9f\x8f\xb4\xc3\xa9");
    value_becomes(state, "'ab'::char(4)", "VARCHAR", "ab  ");
    value_becomes(state, "'\\x616263'::bytea", "BLOB", "abc");
    value_becomes(state, "'{\"b\": 1.0,  \"a\":2}'::json", "JSON",
        "{\"b\": 1.0,  \"a\":2}");
    value_becomes(state, "'{\"b\": 1.0}'::jsonb", "JSON", "{\"b\": 1.0}");
    value_becomes(state, "'123E4567-e89b-12d3-a456-426614174000'::uuid", "UUID",
        "123e4567-e89b-12d3-a456-426614174000");
    value_becomes(state, "B'0101'::bit(4)", "BIT", "0101");
    value_becomes(state, "'10.0.0.1/8'::inet", "VARCHAR", "10.0.0.1/8");
    value_becomes(state, "NULL::int", "INTEGER", "NULL");
    value_becomes(state, "''::text", "VARCHAR", "");
}

static void arrays_are_lists(void **state)
{
    value_becomes(state, "ARRAY[1,NULL,3]", "INTEGER[]", "[1,null,3]");
    value_becomes(state, "ARRAY['a\"b',NULL,'NULL','']::text[]", "VARCHAR[]",
        "[\"a\\\"b\",null,\"NULL\",\"\"]");
    value_becomes(
        state, "ARRAY['2024-01-02'::date]", "DATE[]", "[\"2024-01-02\"]");
    value_becomes(state, "ARRAY[]::int8[]", "BIGINT[]", "[]");
    value_becomes(
        state, "ARRAY[0.1::float8, 'NaN']", "DOUBLE[]", "[0.1,\"NaN\"]");
    value_becomes(state, "ARRAY['0044-03-15 BC'::date, 'infinity']", "DATE[]",
        "[\"-0043-03-15\",\"infinity\"]");
    value_becomes(state,
        "ARRAY['0044-03-15 01:02:03 BC'::timestamp, '2024-01-01']",
        "TIMESTAMP[]", "[\"-0043-03-15T01:02:03Z\",\"2024-01-01T00:00:00Z\"]");
    value_becomes(state,
        "ARRAY[123456789012345678901234567890123456789012.5::numeric]",
        "VARCHAR[]", "[\"123456789012345678901234567890123456789012.5\"]");
    value_becomes(
        state, "ARRAY['13:14:15.5'::time]", "TIME[]", "[\"13:14:15.5\"]");
    value_becomes(state, "ARRAY['[1.0]'::jsonb, NULL]", "JSON", "[[1.0],null]");
}

static void an_array_has_the_dimensions_of_its_values(void **state)
{
    driver_call c;
    value_becomes(
        state, "ARRAY[[1,2],[3,NULL]]", "INTEGER[][]", "[[1,2],[3,null]]");
    value_becomes(state, "ARRAY[[['a'],['b]']]]", "VARCHAR[][][]",
        "[[[\"a\"],[\"b]\"]]]");
    sql("DROP TABLE IF EXISTS v; CREATE TABLE v (c int[], d text[]); INSERT "
        "INTO v VALUES ('{1}', NULL), ('{{1,2}}', '{}'), (NULL, '{{a}}')");
    driver_call_init(&c, state);
    driver_call_good(&c, POSTGRES, "{'table':'v'}", WHERE);
    assert_string_equal("JSON|[1]|VARCHAR[][]|NULL\nJSON|[[1,2]]|VARCHAR[][]|[]"
                        "\nJSON|NULL|VARCHAR[][]|[[\"a\"]]",
        driver_call_answer(&c, "SELECT typeof(c), c, typeof(d), d FROM main"));
}

static void what_does_not_fit_is_null_and_counted(void **state)
{
    driver_call c;
    sql("DROP TABLE IF EXISTS z; CREATE TABLE z (n numeric(5,2), d date); "
        "INSERT INTO z VALUES ('NaN', '300000-01-01'), (1.5, '2024-01-01')");
    driver_call_init(&c, state);
    driver_call_good(&c, POSTGRES, "{'table':'z'}", WHERE);
    assert_string_equal("NULL|NULL\n1.50|2024-01-01",
        driver_call_answer(&c, "SELECT * FROM main"));
    assert_string_equal("values_null {\"column\":\"n\",\"count\":1}\n"
                        "values_null {\"column\":\"d\",\"count\":1}\n",
        c.events);
}

static void an_empty_result_keeps_its_columns(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, POSTGRES,
        "{'query':'SELECT 1 AS n, now() AS t WHERE false;'}", WHERE);
    assert_int_equal(0, c.rows);
    assert_string_equal("n|INTEGER\nt|TIMESTAMP WITH TIME ZONE",
        driver_call_answer(&c,
            "SELECT column_name, data_type FROM "
            "duckdb_columns() WHERE table_name = 'main'"));
}

static void only_rows_above_the_cursor_come(void **state)
{
    driver_call c;
    sql("DROP TABLE IF EXISTS inc; CREATE TABLE inc (id int, at timestamptz); "
        "INSERT INTO inc SELECT i, '2024-01-01 00:00:00Z'::timestamptz + i * "
        "interval '1 hour' FROM generate_series(1, 25) i");
    driver_call_init(&c, state);
    c.call.cursor_column = "at";
    driver_call_good(&c, POSTGRES, "{'table':'inc'}", WHERE);
    assert_int_equal(25, c.rows);
    assert_string_equal("2024-01-02 01:00:00", c.cursor);
    c.call.cursor = "2024-01-01 10:00:00";
    driver_call_good(&c, POSTGRES,
        "{'query':'SELECT * FROM inc WHERE id < $1','query_values':[21],"
        "'batch_size':3}",
        WHERE);
    assert_string_equal("10|11|20",
        driver_call_answer(&c, "SELECT count(*), min(id), max(id) FROM main"));
    c.call.cursor = "'; DROP TABLE inc; --";
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, POSTGRES, "{'table':'inc'}", WHERE));
    assert_string_equal(
        "25", server_answer("postgres", "SELECT count(*) FROM inc"));
}

/* How many rows of `inc` are above a cursor, and the new one. */
static const char *above(driver_call *c, const char *cursor)
{
    static char out[512];
    c->call.cursor = cursor;
    driver_call_good(c, POSTGRES, "{'query':'SELECT * FROM inc;'}", WHERE);
    (void)snprintf(out, sizeof out, "%d;%s", (int)c->rows, c->cursor);
    return out;
}

static void texts_and_numbers_are_above_a_cursor_as_they_are_here(void **state)
{
    driver_call c;
    sql("DROP TABLE IF EXISTS inc; CREATE COLLATION IF NOT EXISTS ci (provider "
        "= icu, locale = 'und-u-ks-level2', deterministic = false); CREATE "
        "TABLE inc (k text COLLATE ci, n numeric, i inet); INSERT INTO inc "
        "VALUES ('B', 9, NULL), ('a', 10, NULL), ('Z', -10, NULL), ('é', "
        "99999999999999999999999999999999999999999.5, '::1'), ('É', -9.5, "
        "NULL), ('é ', NULL, NULL)");
    driver_call_init(&c, state);
    c.call.cursor_column = "k";
    assert_string_equal("6;é ", above(&c, NULL));
    assert_string_equal("0;", above(&c, "é "));
    assert_string_equal("1;é ", above(&c, "é"));
    assert_string_equal("4;é ", above(&c, "Z"));
    c.call.cursor_column = "n";
    assert_string_equal(
        "6;99999999999999999999999999999999999999999.5", above(&c, NULL));
    assert_string_equal(
        "2;99999999999999999999999999999999999999999.5", above(&c, "9"));
    sql("DELETE FROM inc WHERE n > 10");
    assert_string_equal("1;10", above(&c, "9"));
    sql("DELETE FROM inc WHERE n > 0");
    assert_string_equal("3;-9.5", above(&c, NULL));
    c.call.cursor_column = "i";
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, POSTGRES, "{'table':'inc'}", WHERE));
    assert_non_null(strstr(c.error.message, "column i has no order"));
}

static tarn_status log_in(
    void **state, driver_call *c, const char *host, const char *more)
{
    return driver_call_log_in(c, state, POSTGRES,
        "{'query':'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'}",
        host, more);
}

static void encrypted(driver_call *c, tarn_status st)
{
    if (st != TARN_OK)
        fail_msg("%s", c->error.message);
    assert_string_equal("true", driver_call_answer(c, "SELECT ssl FROM main"));
}

static void a_server_is_verified_when_tls_says_so(void **state)
{
    driver_call c;
    driver_call_verifies(
        &c, state, "postgres", log_in, encrypted, "does not match host name");
}

static void tls_is_never_given_up_for_plain_text(void **state)
{
    driver_call c;
    char socket[200];
    server_tls tls = server_tls_of("postgres");
    (void)snprintf(socket, sizeof socket, "%s", tls.ca);
    *strrchr(socket, '/') = '\0';
    assert_int_equal(TARN_FAILED, log_in(state, &c, socket, "'tls':'on'"));
    assert_non_null(strstr(c.error.message, "no TLS on a socket"));
    sql("ALTER SYSTEM SET ssl = off");
    sql("SELECT pg_reload_conf()");
    for (int i = 0;
         i < 100 && strcmp(server_answer("postgres", "SHOW ssl"), "off") != 0;
         i++)
        continue;
    tarn_status st = log_in(state, &c, tls.named, "'tls':'on'");
    sql("ALTER SYSTEM RESET ssl");
    sql("SELECT pg_reload_conf()");
    assert_int_equal(TARN_FAILED, st);
    assert_non_null(strstr(c.error.message, "does not support SSL"));
}

static void a_writing_statement_is_refused(void **state)
{
    driver_call c;
    sql("DROP TABLE IF EXISTS victim; CREATE TABLE victim (a int); INSERT INTO "
        "victim VALUES (1)");
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, POSTGRES,
            "{'query':'SELECT 1) TO STDOUT; DELETE FROM victim; COPY (SELECT "
            "1'}",
            WHERE));
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, POSTGRES, "{'query':'DELETE FROM victim RETURNING a'}", WHERE));
    assert_string_equal(
        "1", server_answer("postgres", "SELECT count(*) FROM victim"));
}

static void a_query_that_runs_long_is_cancelled(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    c.cancel_after_us = 200000;
    assert_int_equal(TARN_INTERRUPTED,
        driver_call_run(
            &c, POSTGRES, "{'query':'SELECT pg_sleep(60)'}", WHERE));
    c.cancel_after_us = 300000;
    assert_int_equal(TARN_INTERRUPTED,
        driver_call_run(&c, POSTGRES,
            "{'query':'SELECT * FROM generate_series(1, 2000000000)'}", WHERE));
}

static void many_rows_come_in_order(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, POSTGRES,
        "{'query':'SELECT i AS n, i::text AS t FROM generate_series(1, 100000) "
        "i ORDER BY i'}",
        WHERE);
    assert_string_equal("100000|0",
        driver_call_answer(&c,
            "SELECT count(*), count(*) FILTER (n <> rowid + "
            "1 OR t <> n::VARCHAR) FROM main"));
}

/* A sequence counts the rows that the server has made. */
static void long_rows_are_fetched_a_few_at_a_time(void **state)
{
    tarn__db *db;
    tarn__db_stream *stream;
    tarn__cell row[2];
    tarn_error err = TARN_ERROR_INIT;
    const tarn__cell hundred = {.type = TARN_INT64, .i64 = 100};
    const char *connection = WHERE;
    (void)state;
    sql("DROP SEQUENCE IF EXISTS made; CREATE SEQUENCE made");
    assert_int_equal(
        TARN_OK, tarn__query_connect("postgres", connection, NULL, &db, &err));
    assert_int_equal(TARN_OK, tarn__db_exec(db, "BEGIN", &err));
    if (tarn__db_query(db,
            "SELECT nextval('made'), repeat('x', 1000000) "
            "FROM generate_series(1, $1::int)",
            &hundred, 1, &stream, &err) != TARN_OK)
        fail_msg("%s", err.message);
    for (int i = 1; i <= 100; i++) {
        assert_int_equal(TARN_ROW, tarn__db_next(stream, row, &err));
        assert_int_equal(i, row[0].i64);
        if (i == 17)
            assert_string_equal(
                "25", server_answer("postgres", "SELECT last_value FROM made"));
    }
    assert_int_equal(TARN_OK, tarn__db_next(stream, row, &err));
    tarn__db_stream_free(stream);
    tarn__db_close(db);
}

static void a_connection_that_ends_between_rows_is_told(void **state)
{
    (void)state;
    driver_call_ended("postgres", "postgres",
        "SELECT pg_backend_pid(), repeat('x', 1000) FROM "
        "generate_series(1, 100000)",
        "SELECT pg_terminate_backend(%d)", "connection");
}

/* A writer's COMMIT among them: its outcome is unknown then. */
static void a_connection_that_ends_between_statements_is_told(void **state)
{
    tarn__db *db;
    tarn_error err = TARN_ERROR_INIT;
    const char *connection = WHERE;
    (void)state;
    assert_int_equal(
        TARN_OK, tarn__query_connect("postgres", connection, NULL, &db, &err));
    assert_int_equal(TARN_OK, tarn__db_exec(db, "BEGIN", &err));
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = "
        "'idle in transaction'");
    assert_int_equal(TARN_IO, tarn__db_exec(db, "COMMIT", &err));
    assert_non_null(strstr(err.message, "terminating connection"));
    tarn__db_close(db);
}

static void an_error_in_the_middle_of_the_rows_is_no_success(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, POSTGRES,
            "{'query':'SELECT 1 / (50000 - i) FROM generate_series(1, 100000) "
            "i'}",
            WHERE));
    assert_non_null(strstr(c.error.message, "division by zero"));
    assert_int_equal(0, c.tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(numbers_are_exact),
        sandbox_test(times_are_utc_and_may_be_infinite),
        sandbox_test(texts_and_bytes),
        sandbox_test(arrays_are_lists),
        sandbox_test(an_array_has_the_dimensions_of_its_values),
        sandbox_test(what_does_not_fit_is_null_and_counted),
        sandbox_test(an_empty_result_keeps_its_columns),
        sandbox_test(only_rows_above_the_cursor_come),
        sandbox_test(texts_and_numbers_are_above_a_cursor_as_they_are_here),
        sandbox_test(a_server_is_verified_when_tls_says_so),
        sandbox_test(tls_is_never_given_up_for_plain_text),
        sandbox_test(a_writing_statement_is_refused),
        sandbox_test(a_query_that_runs_long_is_cancelled),
        sandbox_test(many_rows_come_in_order),
        sandbox_test(long_rows_are_fetched_a_few_at_a_time),
        sandbox_test(a_connection_that_ends_between_rows_is_told),
        sandbox_test(a_connection_that_ends_between_statements_is_told),
        sandbox_test(an_error_in_the_middle_of_the_rows_is_no_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

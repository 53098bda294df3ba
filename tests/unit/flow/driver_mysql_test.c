/* mysql.extractor, against a real MariaDB. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "flow/driver/builtin.h"
#include "flow/driver/query.h"
#include "support/driver_call.h"
#include "support/sandbox.h"
#include "support/servers.h"

#define MYSQL &tarn__driver_mysql_extractor
#define WHERE server_connection("mariadb")

static void sql(const char *text)
{
    server_sql("mariadb", text);
}

/* The type and the text of column c. */
static void column_is(driver_call *c, const char *type, const char *text)
{
    char want[2048];
    (void)snprintf(want, sizeof want, "%s|%s", type, text);
    assert_string_equal(
        want, driver_call_answer(c, "SELECT typeof(c), c FROM main"));
}

/* One value of a column of a type. */
static void value_becomes(void **state, const char *mysql_type,
    const char *literal, const char *type, const char *text)
{
    char create[1024];
    driver_call c;
    (void)snprintf(create, sizeof create,
        "SET sql_mode=''; DROP TABLE IF EXISTS v; CREATE TABLE v (c %s NULL); "
        "INSERT INTO v VALUES (%s)",
        mysql_type, literal);
    sql(create);
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL, "{'table':'v'}", WHERE);
    column_is(&c, type, text);
}

static void integers_keep_width_and_sign(void **state)
{
    value_becomes(state, "TINYINT", "-128", "TINYINT", "-128");
    value_becomes(state, "TINYINT UNSIGNED", "255", "UTINYINT", "255");
    value_becomes(state, "SMALLINT UNSIGNED", "65535", "USMALLINT", "65535");
    value_becomes(state, "MEDIUMINT", "-8388608", "INTEGER", "-8388608");
    value_becomes(
        state, "INT UNSIGNED", "4294967295", "UINTEGER", "4294967295");
    value_becomes(state, "BIGINT", "-9223372036854775808", "BIGINT",
        "-9223372036854775808");
    value_becomes(state, "BIGINT UNSIGNED", "18446744073709551615", "UBIGINT",
        "18446744073709551615");
    value_becomes(state, "YEAR", "1901", "SMALLINT", "1901");
}

static void decimals_and_floats_are_exact(void **state)
{
    value_becomes(state, "DECIMAL(38,10)",
        "-1234567890123456789012345678.0123456789", "DECIMAL(38,10)",
        "-1234567890123456789012345678.0123456789");
    value_becomes(
        state, "DECIMAL(5,2) UNSIGNED", "999.99", "DECIMAL(5,2)", "999.99");
    value_becomes(state, "DECIMAL(65,0)",
        "12345678901234567890123456789012345678901234567890", "VARCHAR",
        "12345678901234567890123456789012345678901234567890");
    value_becomes(state, "DOUBLE", "0.1", "DOUBLE", "0.1");
    /* In text the server would give 16777200. */
    value_becomes(state, "FLOAT", "16777217", "FLOAT", "16777216.0");
}

static void times_are_utc(void **state)
{
    value_becomes(state, "DATE", "'2024-02-29'", "DATE", "2024-02-29");
    value_becomes(state, "DATETIME(6)", "'1969-12-31 23:59:59.999999'",
        "TIMESTAMP", "1969-12-31T23:59:59.999999Z");
    value_becomes(state, "DATETIME", "'9999-12-31 23:59:59'", "TIMESTAMP",
        "9999-12-31T23:59:59Z");
    sql("SET time_zone='+05:30'; DROP TABLE IF EXISTS v; CREATE TABLE v (c "
        "TIMESTAMP); INSERT INTO v VALUES ('2024-06-01 05:30:00')");
    driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL, "{'table':'v'}", WHERE);
    column_is(&c, "TIMESTAMP WITH TIME ZONE", "2024-06-01T00:00:00Z");
}

static void a_time_may_be_longer_than_a_day(void **state)
{
    value_becomes(state, "TIME", "'838:59:59'", "INTERVAL", "838:59:59");
    value_becomes(state, "TIME(6)", "'-100:00:00.000001'", "INTERVAL",
        "-100:00:00.000001");
}

static void a_zero_date_is_null_and_counted(void **state)
{
    value_becomes(state, "DATE", "'0000-00-00'", "DATE", "NULL");
    driver_call c;
    sql("SET sql_mode=''; DROP TABLE IF EXISTS z; CREATE TABLE z (d DATETIME, "
        "e DATE); INSERT INTO z VALUES ('0000-00-00', '2024-01-00'), "
        "('2024-01-01', '2024-00-10'), ('2024-01-01', NULL)");
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL, "{'table':'z'}", WHERE);
    assert_string_equal("values_null {\"column\":\"d\",\"count\":1}\n"
                        "values_null {\"column\":\"e\",\"count\":2}\n",
        c.events);
}

static void a_day_that_the_calendar_has_not_is_null_and_counted(void **state)
{
    driver_call c;
    sql("SET sql_mode='ALLOW_INVALID_DATES'; DROP TABLE IF EXISTS z; CREATE "
        "TABLE z (d DATETIME, e DATE); INSERT INTO z VALUES ('2023-02-29 "
        "10:00:00', '2024-02-31'), ('2024-02-29', '1900-02-28'), "
        "('2000-02-29', '9999-12-31'), ('1900-02-29', '2024-04-31')");
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL, "{'query':'SELECT * FROM z'}", WHERE);
    assert_string_equal("values_null {\"column\":\"d\",\"count\":2}\n"
                        "values_null {\"column\":\"e\",\"count\":2}\n",
        c.events);
    assert_string_equal("2024-02-29|1900-02-28\n2000-02-29|9999-12-31",
        driver_call_answer(&c, "SELECT d::DATE, e FROM main WHERE d NOT NULL"));
}

static void texts_and_bytes(void **state)
{
    value_becomes(state, "VARCHAR(20) CHARACTER SET utf8mb4",
        "_utf8mb4 X'F09F8FB4C3A9'", "VARCHAR", "\xf0\x9f\x8f\xb4\xc3\xa9");
    value_becomes(state, "VARCHAR(9) CHARACTER SET latin1", "_latin1 X'E9'",
        "VARCHAR", "\xc3\xa9");
    value_becomes(state, "VARBINARY(9)", "X'616263'", "BLOB", "abc");
    value_becomes(state, "ENUM('s','m','l')", "'m'", "VARCHAR", "m");
    value_becomes(state, "SET('a','b','c')", "'a,c'", "VARCHAR", "a,c");
    value_becomes(state, "JSON", "'{\"b\": 1.0, \"a\": 2}'", "JSON",
        "{\"b\": 1.0, \"a\": 2}");
    value_becomes(state, "UUID", "'123E4567-e89b-12d3-a456-426614174000'",
        "UUID", "123e4567-e89b-12d3-a456-426614174000");
    value_becomes(state, "INET6", "'::1'", "VARCHAR", "::1");
    value_becomes(state, "VARCHAR(5)", "''", "VARCHAR", "");
    value_becomes(state, "VARCHAR(5)", "NULL", "VARCHAR", "NULL");
}

static void bits_keep_their_width(void **state)
{
    value_becomes(state, "BIT(1)", "b'1'", "BOOLEAN", "true");
    value_becomes(state, "BIT(10)", "b'101'", "BIT", "0000000101");
    value_becomes(state, "BIT(64)", "0xffffffffffffffff", "BIT",
        "11111111111111111111111111111111"
        "11111111111111111111111111111111");
}

static void a_long_value_is_whole(void **state)
{
    driver_call c;
    sql("DROP TABLE IF EXISTS l; CREATE TABLE l (i INT, t LONGTEXT, b "
        "LONGBLOB); INSERT INTO l VALUES (1, 'a', 'b'), (2, REPEAT('x', "
        "3000000), REPEAT(X'00FF', 700)), (3, 'c', NULL), (4, REPEAT('y', "
        "512), 'd')");
    driver_call_init(&c, state);
    driver_call_good(
        &c, MYSQL, "{'query':'SELECT * FROM l ORDER BY i;'}", WHERE);
    assert_string_equal("1|a|b\n3|c|NULL",
        driver_call_answer(&c, "SELECT i, t, b FROM main WHERE i % 2 = 1"));
    assert_string_equal("3000000|1400\n512|1",
        driver_call_answer(&c,
            "SELECT length(t), octet_length(b) FROM main "
            "WHERE i % 2 = 0 ORDER BY i"));
}

static void an_empty_result_keeps_its_columns(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL,
        "{'query':'SELECT 1 AS n, CAST(2.5 AS DECIMAL(4,1)) AS d FROM dual "
        "WHERE 1 = 0'}",
        WHERE);
    assert_int_equal(1, c.tables);
    assert_string_equal("main", c.table);
    assert_int_equal(0, c.rows);
    assert_string_equal("n|INTEGER\nd|DECIMAL(4,1)",
        driver_call_answer(&c,
            "SELECT column_name, data_type FROM "
            "duckdb_columns() WHERE table_name = 'main'"));
}

static void a_table_is_read_by_columns_limit_and_offset(void **state)
{
    driver_call c;
    sql("DROP TABLE IF EXISTS `we``ird`; CREATE TABLE `we``ird` (a INT PRIMARY "
        "KEY, `b c` INT, d INT); INSERT INTO `we``ird` SELECT seq, seq * 10, 0 "
        "FROM seq_1_to_9");
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL,
        "{'table':'we`ird','schema':'shop','columns':['b c','a'],'limit':2,"
        "'offset':3}",
        WHERE);
    assert_string_equal(
        "40|4\n50|5", driver_call_answer(&c, "SELECT * FROM main"));
    assert_string_equal("b c",
        driver_call_answer(&c,
            "SELECT column_name FROM duckdb_columns() "
            "WHERE table_name = 'main' AND column_index = 1"));
}

static void the_same_name_twice_stays_two_columns(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL, "{'query':'SELECT 1 AS a, 2 AS A'}", WHERE);
    assert_string_equal("1|2", driver_call_answer(&c, "SELECT * FROM main"));
}

static void values_of_the_query_are_bound(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL,
        "{'query':'SELECT $2 AS b, $1 AS a, $2 AS b2 -- $3',"
        "'query_values':[7,'x; DROP TABLE t']}",
        WHERE);
    assert_string_equal("x; DROP TABLE t|7|x; DROP TABLE t",
        driver_call_answer(&c, "SELECT b, a, b2 FROM main"));
}

static void only_rows_above_the_cursor_come(void **state)
{
    driver_call c;
    sql("DROP TABLE IF EXISTS inc; CREATE TABLE inc (id INT, at TIMESTAMP(3)); "
        "SET time_zone='+00:00'; INSERT INTO inc VALUES (1, '2024-01-01 "
        "00:00:00'), (2, '2024-01-01 00:00:00.5'), (3, '2024-01-02 00:00:00')");
    driver_call_init(&c, state);
    c.call.cursor_column = "at";
    driver_call_good(&c, MYSQL, "{'table':'inc'}", WHERE);
    assert_int_equal(3, c.rows);
    assert_string_equal("2024-01-02 00:00:00", c.cursor);
    c.call.cursor = "2024-01-01 00:00:00";
    driver_call_good(&c, MYSQL,
        "{'query':'SELECT * FROM inc WHERE id < $1','query_values':[3]}",
        WHERE);
    assert_string_equal("2", driver_call_answer(&c, "SELECT id FROM main"));
    assert_string_equal("2024-01-01 00:00:00.5", c.cursor);
    c.call.cursor = "2024-01-01T00:00:00.500Z"; /* as a lag leaves it */
    driver_call_good(&c, MYSQL, "{'table':'inc'}", WHERE);
    assert_int_equal(1, c.rows);
    c.call.cursor = "2024-01-02 00:00:00";
    driver_call_good(&c, MYSQL, "{'table':'inc'}", WHERE);
    assert_int_equal(0, c.rows);
    assert_string_equal("", c.cursor);
}

/* The rows of the table `inc` above a cursor, and the new one behind them. */
static const char *above(driver_call *c, const char *cursor)
{
    static char out[512];
    c->call.cursor = cursor;
    driver_call_good(c, MYSQL, "{'table':'inc'}", WHERE);
    (void)snprintf(out, sizeof out, "%s;%s",
        driver_call_answer(c,
            "SELECT string_agg(CAST(k AS VARCHAR), ' ' ORDER "
            "BY k) FROM main"),
        c->cursor);
    return out;
}

static void inc_of(
    driver_call *c, void **state, const char *type, const char *values)
{
    char text[512];
    (void)snprintf(text, sizeof text,
        "DROP TABLE IF EXISTS inc; CREATE TABLE inc (k %s); INSERT INTO inc "
        "VALUES %s",
        type, values);
    sql(text);
    driver_call_init(c, state);
    c->call.cursor_column = "k";
}

static void texts_are_above_a_cursor_by_their_code_points(void **state)
{
    driver_call c;
    inc_of(&c, state,
        "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "('B'), ('Z'), ('a'), ('z'), ('é')");
    assert_string_equal("B Z a z é;é", above(&c, NULL));
    assert_string_equal("NULL;", above(&c, "é"));
    sql("SET NAMES utf8mb4; INSERT INTO inc VALUES ('ê'), ('É')");
    assert_string_equal("ê;ê", above(&c, "é"));
    assert_string_equal("a z É é ê;ê", above(&c, "Z"));
    /* Neither as numbers, nor without the blank at the end. */
    inc_of(&c, state, "VARCHAR(30) CHARACTER SET latin1",
        "('20240101123456788'), ('20240101123456789'), ('x'), ('x ')");
    assert_string_equal(
        "20240101123456789 x x ;x ", above(&c, "20240101123456788"));
    assert_string_equal("x ;x ", above(&c, "x"));
    inc_of(&c, state, "VARCHAR(30)",
        "('2024-01-01T00:00:00Z'), ('2024-01-02T00:00:00Z')");
    assert_string_equal("2024-01-02T00:00:00Z;2024-01-02T00:00:00Z",
        above(&c, "2024-01-01T00:00:00Z"));
}

static void numbers_are_above_a_cursor_without_loss(void **state)
{
    driver_call c;
    inc_of(&c, state, "DECIMAL(30,2)",
        "(-2), (1234567890123456789012.34), (1234567890123456789012.35)");
    assert_string_equal("1234567890123456789012.35;1234567890123456789012.35",
        above(&c, "1234567890123456789012.34"));
    inc_of(&c, state, "BIGINT UNSIGNED",
        "(18446744073709551613), (18446744073709551614)");
    assert_string_equal("18446744073709551614;18446744073709551614",
        above(&c, "18446744073709551613"));
    inc_of(&c, state, "DECIMAL(65,1)", "(-10), (-9), (9), (10), (10.5)");
    assert_string_equal(";10.5", strchr(above(&c, NULL), ';'));
    assert_string_equal("10.0 10.5;10.5", above(&c, "9.0"));
    assert_string_equal("10.0 10.5 9.0;10.5", above(&c, "-9.0"));
    inc_of(&c, state, "FLOAT", "(0.1), (0.2)");
    assert_string_equal(
        "0.2;0.20000000298023224", above(&c, "0.10000000149011612"));
}

static void a_column_without_an_order_is_no_cursor(void **state)
{
    driver_call c;
    inc_of(&c, state, "BINARY(2)", "('ab')");
    assert_int_equal(
        TARN_BAD_INPUT, driver_call_run(&c, MYSQL, "{'table':'inc'}", WHERE));
    assert_non_null(strstr(c.error.message, "cast it"));
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, MYSQL, "{'query':'SELECT 1 AS a'}", WHERE));
    assert_non_null(strstr(c.error.message, "no column k"));
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, MYSQL, "{'table':'inc','limit':1}", WHERE));
    assert_non_null(strstr(c.error.message, "lose rows"));
}

/* TARN_OK, or what a connection with these fields ends with. */
static tarn_status log_in(
    void **state, driver_call *c, const char *host, const char *more)
{
    return driver_call_log_in(c, state, MYSQL,
        "{'query':'SHOW STATUS LIKE \\'Ssl_cipher\\''}", host, more);
}

static void encrypted(driver_call *c, tarn_status st)
{
    if (st != TARN_OK)
        fail_msg("%s", c->error.message);
    assert_string_equal("true",
        driver_call_answer(c, "SELECT length(\"Value\") > 3 FROM main"));
}

static void a_server_is_verified_when_tls_says_so(void **state)
{
    driver_call c;
    char ca[300];
    server_tls tls = server_tls_of("mariadb");
    driver_call_verifies(
        &c, state, "mariadb", log_in, encrypted, "no connection: TLS");
    encrypted(&c, log_in(state, &c, tls.other, "'tls':true,'port':'3306'"));
    /* A file of certificates alone means verify. */
    (void)snprintf(ca, sizeof ca, "'tls_ca':'%s'", tls.ca);
    encrypted(&c, log_in(state, &c, tls.named, ca));
    assert_int_equal(TARN_FAILED, log_in(state, &c, tls.other, ca));
}

/* A server that has no TLS, and takes whoever comes: its greeting and an OK. */
static void *plain_server(void *arg)
{
    static const char greeting[] = "\x0a"
                                   "5.5.5-10.11.0-plain\0"
                                   "\x01\0\0\0"
                                   "12345678\0"
                                   "\x09\x82"
                                   "\x2d"
                                   "\x02\0"
                                   "\x08\0"
                                   "\x15"
                                   "\0\0\0\0\0\0\0\0\0\0"
                                   "123456789012\0"
                                   "mysql_native_password";
    static const char ok[] = "\x07\0\0\x02\0\0\0\x02\0\0";
    char head[4] = {(char)sizeof greeting, 0, 0, 0};
    static char said[4096];
    int fd = accept(*(int *)arg, NULL, NULL);
    ssize_t n = write(fd, head, sizeof head);
    n += write(fd, greeting, sizeof greeting);
    n += read(fd, said, sizeof said);
    n += write(fd, ok, sizeof ok);
    /* The client goes, or it says what was to be secret. */
    n = read(fd, said, sizeof said);
    (void)close(fd);
    return n > 5 && said[4] != 1 ? said : NULL;
}

static void tls_is_never_given_up_for_plain_text(void **state)
{
    driver_call c;
    char port[60];
    pthread_t thread;
    void *said;
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(0, bind(fd, (struct sockaddr *)&at, sizeof at));
    assert_int_equal(0, listen(fd, 1));
    assert_int_equal(0, getsockname(fd, (struct sockaddr *)&at, &len));
    assert_int_equal(0, pthread_create(&thread, NULL, plain_server, &fd));
    (void)snprintf(
        port, sizeof port, "'tls':'on','port':%d", ntohs(at.sin_port));
    assert_int_equal(TARN_FAILED, log_in(state, &c, "127.0.0.1", port));
    assert_int_equal(0, pthread_join(thread, &said));
    assert_null(said);
    assert_non_null(strstr(c.error.message, "does not speak TLS"));
    (void)close(fd);
}

static void a_connection_that_is_not_understood_is_refused(void **state)
{
    static const char *const bad[] = {"'tls':'yes'", "'tls':1", "'ssl':true",
        "'tls':'off','tls_ca':'x'", "'port':'33o6'", "'port':65536",
        "'user':7"};
    driver_call c;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(
            TARN_BAD_INPUT, log_in(state, &c, "127.0.0.1", bad[i]));
        assert_null(strstr(c.error.message, "p4ss"));
    }
}

static void a_second_statement_is_refused(void **state)
{
    driver_call c;
    sql("DROP TABLE IF EXISTS victim; CREATE TABLE victim (a INT)");
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, MYSQL, "{'query':'SELECT 1; DROP TABLE victim'}", WHERE));
    assert_string_equal(
        "0", server_answer("mariadb", "SELECT count(*) FROM victim"));
}

static void what_the_server_says_is_told_on_one_line(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, MYSQL, "{'table':'nowhere'}", WHERE));
    assert_non_null(strstr(c.error.message, "nowhere"));
    assert_non_null(strstr(c.error.message, "mysql tarn@"));
    assert_null(strchr(c.error.message, '\n'));
    assert_null(strstr(c.error.message, "p4ss"));
}

static void a_query_that_runs_long_is_cancelled(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    c.cancel_after_us = 200000;
    assert_int_equal(TARN_INTERRUPTED,
        driver_call_run(&c, MYSQL,
            "{'query':'SELECT SUM(a.seq * b.seq) FROM seq_1_to_1000000 a, "
            "seq_1_to_1000000 b'}",
            WHERE));
    assert_string_equal("0",
        server_answer("mariadb",
            "SELECT count(*) FROM "
            "information_schema.processlist WHERE info "
            "LIKE 'SELECT SUM%' AND command = 'Execute'"));
}

static void a_connection_that_ends_between_rows_is_told(void **state)
{
    (void)state;
    driver_call_ended("mysql", "mariadb",
        "SELECT CONNECTION_ID(), REPEAT('x', 1000) FROM seq_1_to_100000",
        "KILL %d", "/shop: Lost connection");
}

/* A COMMIT's outcome is unknown then. */
static void a_connection_that_ends_in_a_statement_is_told(void **state)
{
    tarn__db *db;
    tarn_error err = TARN_ERROR_INIT;
    (void)state;
    assert_int_equal(
        TARN_OK, tarn__query_connect("mysql", WHERE, NULL, &db, &err));
    assert_int_equal(TARN_IO,
        tarn__db_exec(
            db, "EXECUTE IMMEDIATE CONCAT('KILL ', CONNECTION_ID())", &err));
    tarn__db_close(db);
}

static void many_rows_come_in_order(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, MYSQL,
        "{'query':'SELECT seq AS n, CONCAT(seq) AS t FROM seq_1_to_100000'}",
        WHERE);
    assert_int_equal(100000, c.rows);
    assert_int_equal(100000, (int64_t)c.rows_read);
    assert_string_equal("100000|0",
        driver_call_answer(&c,
            "SELECT count(*), count(*) FILTER (n <> rowid + "
            "1 OR t <> n::VARCHAR) FROM main"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(integers_keep_width_and_sign),
        sandbox_test(decimals_and_floats_are_exact),
        sandbox_test(times_are_utc),
        sandbox_test(a_time_may_be_longer_than_a_day),
        sandbox_test(a_zero_date_is_null_and_counted),
        sandbox_test(a_day_that_the_calendar_has_not_is_null_and_counted),
        sandbox_test(texts_and_bytes),
        sandbox_test(bits_keep_their_width),
        sandbox_test(a_long_value_is_whole),
        sandbox_test(an_empty_result_keeps_its_columns),
        sandbox_test(a_table_is_read_by_columns_limit_and_offset),
        sandbox_test(the_same_name_twice_stays_two_columns),
        sandbox_test(values_of_the_query_are_bound),
        sandbox_test(only_rows_above_the_cursor_come),
        sandbox_test(texts_are_above_a_cursor_by_their_code_points),
        sandbox_test(numbers_are_above_a_cursor_without_loss),
        sandbox_test(a_column_without_an_order_is_no_cursor),
        sandbox_test(a_server_is_verified_when_tls_says_so),
        sandbox_test(tls_is_never_given_up_for_plain_text),
        sandbox_test(a_connection_that_is_not_understood_is_refused),
        sandbox_test(a_second_statement_is_refused),
        sandbox_test(what_the_server_says_is_told_on_one_line),
        sandbox_test(a_query_that_runs_long_is_cancelled),
        sandbox_test(a_connection_that_ends_between_rows_is_told),
        sandbox_test(a_connection_that_ends_in_a_statement_is_told),
        sandbox_test(many_rows_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

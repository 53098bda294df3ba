/* flow/driver/query.h, against real servers. */
#include <stdio.h>
#include <string.h>

#include "flow/driver/query.h"
#include "support/sandbox.h"
#include "support/servers.h"

static tarn__db *connect_to(const char *kind)
{
    tarn__db *db;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__query_connect(kind, server_connection(kind), NULL, &db, &err) !=
        TARN_OK)
        fail_msg("%s", err.message);
    return db;
}

/* Rows as text: "a|b;c|d". */
static const char *run(tarn__db *db, const char *sql,
    const tarn__query_value *values, size_t count)
{
    static char out[4096];
    tarn_rows *rows;
    tarn_status st;
    tarn_error err = TARN_ERROR_INIT;
    out[0] = '\0';
    if (tarn__query_run(db, sql, values, count, &rows, &err) != TARN_OK)
        fail_msg("%s", err.message);
    while ((st = tarn_rows_next(rows, &err)) == TARN_ROW)
        for (size_t i = 0; i < tarn_rows_column_count(rows); i++) {
            size_t len = strlen(out);
            const char *text = tarn_rows_text(rows, i);
            (void)snprintf(out + len, sizeof out - len, "%s%s",
                len == 0     ? ""
                    : i == 0 ? ";"
                             : "|",
                text == NULL ? "NULL" : text);
        }
    if (st != TARN_OK)
        fail_msg("%s", err.message);
    tarn_rows_free(rows);
    return out;
}

static void a_list_of_ids_is_bound(const char *kind)
{
    static const char *const ids[] = {
        "shop.a.x", "shop.a.y'; DROP TABLE t; --", "shop.a.z"};
    static const char *const marker[] = {"2024-05-01 10:00:00"};
    const tarn__query_value values[] = {
        {"ids", ids, 3},
        {"marker", marker, 1},
    };
    server_sql(kind,
        "DROP TABLE IF EXISTS t; CREATE TABLE t (id varchar(99), at "
        "timestamp); INSERT INTO t VALUES ('shop.a.x', '2024-05-01 10:00:01'), "
        "('shop.a.y''; DROP TABLE t; --', '2024-05-01 10:00:02'),"
        "('shop.a.z', '2024-05-01 09:00:00'), ('other', '2025-01-01 "
        "00:00:00')");
    tarn__db *db = connect_to(kind);
    assert_string_equal("shop.a.x;shop.a.y'; DROP TABLE t; --",
        run(db,
            "SELECT id FROM t WHERE id IN ({ids}) AND at > {marker} ORDER BY "
            "at -- {no} parameter",
            values, 2));
    /* The connection serves again. */
    assert_string_equal("4", run(db, "SELECT count(*) FROM t", NULL, 0));
    tarn__db_close(db);
}

static void mariadb_binds_a_list_of_ids(void **state)
{
    (void)state;
    a_list_of_ids_is_bound("mariadb");
}

static void postgres_binds_a_list_of_ids(void **state)
{
    (void)state;
    a_list_of_ids_is_bound("postgres");
}

/* As texts: a number would find none of them, or too many. */
static void sqlite_binds_a_list_of_ids(void **state)
{
    static const char *const ids[] = {"1", "3"};
    const tarn__query_value values[] = {{"ids", ids, 2}};
    char connection[600];
    tarn__db *db;
    (void)snprintf(connection, sizeof connection, "{\"path\":\"%s\"}",
        sandbox_write(state, "x.sqlite", "", 0));
    assert_int_equal(
        TARN_OK, tarn__query_connect("sqlite", connection, NULL, &db, NULL));
    assert_int_equal(TARN_OK,
        tarn__db_exec(db,
            "CREATE TABLE t AS SELECT '1' AS id UNION SELECT '01' "
            "UNION SELECT '3' UNION SELECT 3",
            NULL));
    assert_string_equal("1;3",
        run(db,
            "SELECT id FROM t WHERE id IN ({ids}) AND '{x}' <> \"id\" "
            "ORDER BY 1",
            values, 1));
    tarn__db_close(db);
}

static void a_name_without_a_value_is_told(void **state)
{
    (void)state;
    tarn_rows *rows;
    tarn_error err = TARN_ERROR_INIT;
    tarn__db *db = connect_to("mariadb");
    assert_int_equal(TARN_BAD_INPUT,
        tarn__query_run(db, "SELECT {marker}", NULL, 0, &rows, &err));
    assert_non_null(strstr(err.message, "{marker}"));
    tarn__db_close(db);
}

static void an_empty_list_finds_nothing(void **state)
{
    (void)state;
    const tarn__query_value values[] = {{"ids", NULL, 0}};
    tarn__db *db = connect_to("postgres");
    assert_string_equal("", run(db, "SELECT 1 WHERE 1 IN ({ids})", values, 1));
    tarn__db_close(db);
}

/* A message names who was refused where, and never the password. */
static void a_refused_login(const char *kind)
{
    tarn__db *db;
    tarn_error err = TARN_ERROR_INIT;
    char connection[600];
    (void)snprintf(
        connection, sizeof connection, "%s", server_connection(kind));
    char *password = strstr(connection, "p4ss-w0rd");
    assert_non_null(password);
    memcpy(password, "wr0ng-0ne", 9);
    assert_int_equal(
        TARN_FAILED, tarn__query_connect(kind, connection, NULL, &db, &err));
    assert_non_null(strstr(err.message, "tarn@"));
    assert_non_null(strstr(err.message, "no connection"));
    assert_non_null(strstr(err.message, "(check host"));
    assert_null(strstr(err.message, "wr0ng"));
    assert_null(strchr(err.message, '\n'));
}

static void mariadb_refuses_a_wrong_password(void **state)
{
    (void)state;
    a_refused_login("mariadb");
}

static void postgres_refuses_a_wrong_password(void **state)
{
    (void)state;
    a_refused_login("postgres");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(mariadb_binds_a_list_of_ids),
        sandbox_test(postgres_binds_a_list_of_ids),
        sandbox_test(sqlite_binds_a_list_of_ids),
        sandbox_test(a_name_without_a_value_is_told),
        sandbox_test(an_empty_list_finds_nothing),
        sandbox_test(mariadb_refuses_a_wrong_password),
        sandbox_test(postgres_refuses_a_wrong_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* mysql.writer, postgres.writer and sqlite.writer, against real servers. */
#include <stdio.h>
#include <string.h>

#include "flow/driver/builtin.h"
#include "support/driver_call.h"
#include "support/sandbox.h"
#include "support/servers.h"

typedef struct engine {
    const char *server; /* NULL: SQLite */
    const tarn_driver *writer;
    const tarn_driver *extractor;
} engine;

static const engine mariadb = {
    "mariadb", &tarn__driver_mysql_writer, &tarn__driver_mysql_extractor};
static const engine postgres = {"postgres", &tarn__driver_postgres_writer,
    &tarn__driver_postgres_extractor};
static const engine sqlite = {
    NULL, &tarn__driver_sqlite_writer, &tarn__driver_sqlite_extractor};

static const char *where(const engine *e)
{
    return e->server == NULL ? "{'path':'x.sqlite'}"
                             : server_connection(e->server);
}

static void drop(const engine *e)
{
    if (e->server != NULL)
        server_sql(e->server, "DROP TABLE IF EXISTS w");
}

/* Write the query's rows, with settings like "'write_mode':'append'". */
static tarn_status write_rows(void **state, const engine *e, driver_call *c,
    const char *query, const char *settings)
{
    char config[512];
    driver_call_init(c, state);
    driver_call_input(c, query);
    c->call.output = NULL;
    c->call.mode = TARN_STEP_WRITE;
    (void)snprintf(config, sizeof config, "{'table':'w'%s%s}",
        *settings == '\0' ? "" : ",", settings);
    return driver_call_run(c, e->writer, config, where(e));
}

static void wrote(void **state, const engine *e, const char *query,
    const char *settings, int64_t rows)
{
    driver_call c;
    if (write_rows(state, e, &c, query, settings) != TARN_OK)
        fail_msg("%s", c.error.message);
    assert_int_equal(rows, (int64_t)c.rows_written);
}

/* What is in the table, by a query on it as `main`. */
static const char *found(void **state, const engine *e, const char *query)
{
    static driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, e->extractor, "{'table':'w'}", where(e));
    return driver_call_answer(&c, query);
}

#define CREATE "'create_table':true"

static void append_adds(void **state, const engine *e)
{
    drop(e);
    wrote(state, e,
        "SELECT i AS id, 'n''o\\\t\n' || i AS name FROM range(5000) t(i)",
        CREATE, 5000);
    wrote(state, e, "SELECT 5000::BIGINT AS id, NULL::VARCHAR AS name",
        "'write_mode':'append'", 1);
    assert_string_equal("5001|5000|5000",
        found(state, e,
            "SELECT count(*), max(id), count(*) FILTER (name = "
            "'n''o\\\t\n' || id) FROM main"));
}

static void mariadb_append_adds(void **state)
{
    append_adds(state, &mariadb);
}

static void postgres_append_adds(void **state)
{
    append_adds(state, &postgres);
}

static void sqlite_append_adds(void **state)
{
    append_adds(state, &sqlite);
}

static void replace_leaves_the_new_rows(void **state, const engine *e)
{
    drop(e);
    wrote(state, e, "SELECT i AS id FROM range(3000) t(i)", CREATE, 3000);
    wrote(state, e, "SELECT i AS id FROM range(7) t(i)",
        "'write_mode':'replace'", 7);
    assert_string_equal("7|6",
        found(state, e,
            "SELECT count(*), max(id) "
            "FROM main"));
    wrote(state, e, "SELECT 1::BIGINT AS id WHERE false",
        "'write_mode':'replace'", 0);
    assert_string_equal("0", found(state, e, "SELECT count(*) FROM main"));
}

static void mariadb_replace_leaves_the_new_rows(void **state)
{
    replace_leaves_the_new_rows(state, &mariadb);
}

static void postgres_replace_leaves_the_new_rows(void **state)
{
    replace_leaves_the_new_rows(state, &postgres);
}

static void sqlite_replace_leaves_the_new_rows(void **state)
{
    replace_leaves_the_new_rows(state, &sqlite);
}

static void a_replace_that_fails_changes_nothing(void **state, const engine *e)
{
    driver_call c;
    drop(e);
    wrote(state, e, "SELECT i AS id FROM range(9) t(i)",
        CREATE ",'primary_key':'id'", 9);
    assert_int_not_equal(TARN_OK,
        write_rows(state, e, &c,
            "SELECT i AS id FROM range(3000) t(i) UNION ALL SELECT 5",
            "'write_mode':'replace'"));
    assert_null(strchr(c.error.message, '\n'));
    assert_string_equal("9|8",
        found(state, e,
            "SELECT count(*), max(id) "
            "FROM main"));
}

static void mariadb_replace_that_fails_changes_nothing(void **state)
{
    a_replace_that_fails_changes_nothing(state, &mariadb);
}

static void postgres_replace_that_fails_changes_nothing(void **state)
{
    a_replace_that_fails_changes_nothing(state, &postgres);
}

static void sqlite_replace_that_fails_changes_nothing(void **state)
{
    a_replace_that_fails_changes_nothing(state, &sqlite);
}

static void upsert_changes_and_adds(void **state, const engine *e)
{
    drop(e);
    wrote(state, e, "SELECT i AS id, 'k' AS k, 'old' AS v FROM range(4) t(i)",
        CREATE ",'primary_key':['id','k']", 4);
    wrote(state, e,
        "FROM (VALUES (2, 'k', 'two'), (9, 'k', 'nine'), (2, 'k', 'last'), (2, "
        "'j', 'other')) t(id, k, v)",
        "'write_mode':'upsert','primary_key':['id','k']", 4);
    assert_string_equal("0|k|old\n1|k|old\n2|j|other\n2|k|last\n3|k|old\n"
                        "9|k|nine",
        found(state, e, "SELECT * FROM main ORDER BY id, k"));
}

static void mariadb_upsert_changes_and_adds(void **state)
{
    upsert_changes_and_adds(state, &mariadb);
}

static void postgres_upsert_changes_and_adds(void **state)
{
    upsert_changes_and_adds(state, &postgres);
}

static void sqlite_upsert_changes_and_adds(void **state)
{
    upsert_changes_and_adds(state, &sqlite);
}

static void an_upsert_without_an_index_is_refused(void **state, const engine *e)
{
    driver_call c;
    drop(e);
    wrote(state, e, "SELECT 1 AS id, 2 AS v", CREATE, 1);
    assert_int_equal(TARN_BAD_INPUT,
        write_rows(state, e, &c, "SELECT 1 AS id, 3 AS v",
            "'write_mode':'upsert','primary_key':'id'"));
    assert_string_equal("1|2", found(state, e, "SELECT * FROM main"));
}

static void mariadb_upsert_without_an_index_is_refused(void **state)
{
    an_upsert_without_an_index_is_refused(state, &mariadb);
}

static void postgres_upsert_without_an_index_is_refused(void **state)
{
    an_upsert_without_an_index_is_refused(state, &postgres);
}

static void sqlite_upsert_without_an_index_is_refused(void **state)
{
    an_upsert_without_an_index_is_refused(state, &sqlite);
}

#define VALUES                                                                 \
    "SELECT true AS b, (-128)::TINYINT AS ti, 255::UTINYINT AS ut, "           \
    "(-2147483648)::INTEGER AS i, 9223372036854775807 AS bi, "                 \
    "18446744073709551615::UBIGINT AS ub, 0.1::FLOAT AS f, 1e-7::DOUBLE AS "   \
    "d, "                                                                      \
    "(-12345.678)::DECIMAL(20,3) AS de, 'é🏴' AS t, '\\x00\\xff'::BLOB AS " \
    "bl, "                                                                     \
    "DATE '2024-02-29' AS da, TIMESTAMP '2024-01-02 03:04:05.000006' AS ts, "  \
    "TIMESTAMPTZ '2024-06-01 12:00:00+02' AS tz, INTERVAL 34 HOURS AS iv, "    \
    "'123e4567-e89b-12d3-a456-426614174000'::UUID AS u, '{\"a\": 1.0}'::JSON " \
    "AS j"

/* What is written with its types comes back with them. */
static void mariadb_types_come_back(void **state)
{
    drop(&mariadb);
    wrote(state, &mariadb, VALUES, CREATE, 1);
    assert_string_equal(
        "1|-128|255|-2147483648|9223372036854775807|18446744073709551615|0.1|"
        "1e-07|-12345.678|\xc3\xa9\xf0\x9f\x8f\xb4|00FF|2024-02-29|"
        "2024-01-02T03:04:05.000006Z|2024-06-01T10:00:00Z|34:00:00|"
        "123e4567-e89b-12d3-a456-426614174000|{\"a\": 1.0}",
        found(state, &mariadb, "SELECT * REPLACE (hex(bl) AS bl) FROM main"));
    assert_string_equal("UBIGINT|FLOAT|DECIMAL(20,3)|BLOB|TIMESTAMP|"
                        "TIMESTAMP WITH TIME ZONE|INTERVAL|JSON",
        found(state, &mariadb,
            "SELECT typeof(ub), typeof(f), typeof(de), typeof(bl), "
            "typeof(ts), typeof(tz), typeof(iv), typeof(j) FROM main"));
}

static void postgres_types_come_back(void **state)
{
    drop(&postgres);
    wrote(state, &postgres,
        VALUES ", [1, NULL, 3] AS li, ['a\"b', 'c\\d', NULL, 'NULL', ''] AS "
               "lt, []::DATE[] AS le, "
               "NULL::INTEGER[] AS ln, {'x': [1]} AS st, INTERVAL '1 month -2 "
               "days' AS im",
        CREATE, 1);
    assert_string_equal(
        "true|-128|255|-2147483648|9223372036854775807|18446744073709551615|"
        "0.1|1e-07|-12345.678|\xc3\xa9\xf0\x9f\x8f\xb4|00FF|2024-02-29|"
        "2024-01-02T03:04:05.000006Z|2024-06-01T10:00:00Z|34:00:00|"
        "123e4567-e89b-12d3-a456-426614174000|{\"a\": 1.0}|[1,null,3]|"
        "[\"a\\\"b\",\"c\\\\d\",null,\"NULL\",\"\"]|[]|NULL|{\"x\":[1]}|"
        "1 month -2 days",
        found(state, &postgres, "SELECT * REPLACE (hex(bl) AS bl) FROM main"));
    assert_string_equal("INTEGER[]|VARCHAR[]|DATE[]|JSON|UUID",
        found(state, &postgres,
            "SELECT typeof(li), typeof(lt), typeof(le), typeof(st), typeof(u) "
            "FROM main"));
}

static void sqlite_values_come_back(void **state)
{
    wrote(state, &sqlite, VALUES, CREATE, 1);
    assert_string_equal(
        "1|-128|255|-2147483648|9223372036854775807|18446744073709551615|"
        "0.10000000149011612|1e-07|-12345.678|\xc3\xa9\xf0\x9f\x8f\xb4|00FF|"
        "2024-02-29|2024-01-02 03:04:05.000006|2024-06-01 10:00:00|34:00:00|"
        "123e4567-e89b-12d3-a456-426614174000|{\"a\": 1.0}",
        found(state, &sqlite, "SELECT * REPLACE (hex(bl) AS bl) FROM main"));
}

static void a_table_without_transactions_is_refused(void **state)
{
    driver_call c;
    server_sql("mariadb",
        "DROP TABLE IF EXISTS w; CREATE TABLE w (id BIGINT) "
        "ENGINE=MyISAM; INSERT INTO w VALUES (1)");
    assert_int_equal(TARN_BAD_INPUT,
        write_rows(state, &mariadb, &c, "SELECT 2::BIGINT AS id",
            "'write_mode':'replace'"));
    assert_non_null(strstr(c.error.message, "ENGINE=InnoDB"));
    assert_string_equal("1", server_answer("mariadb", "SELECT id FROM w"));
}

static void a_value_out_of_range_is_an_error(void **state)
{
    driver_call c;
    server_sql(
        "mariadb", "DROP TABLE IF EXISTS w; CREATE TABLE w (id TINYINT)");
    assert_int_equal(TARN_BAD_INPUT,
        write_rows(
            state, &mariadb, &c, "SELECT 1 AS id UNION ALL SELECT 300", ""));
    assert_non_null(strstr(c.error.message, "Out of range"));
    assert_string_equal(
        "0", server_answer("mariadb", "SELECT count(*) FROM w"));
}

static void names_are_quoted(void **state)
{
    driver_call c;
    server_sql("postgres", "DROP TABLE IF EXISTS \"a\"\"b; c\"");
    driver_call_init(&c, state);
    driver_call_input(&c, "SELECT 1 AS \"x\"\"); DROP TABLE w; --\"");
    c.call.output = NULL;
    driver_call_good(&c, &tarn__driver_postgres_writer,
        "{'table':'a\\'b; c','schema':'public','create_table':true}",
        where(&postgres));
    assert_string_equal("1",
        server_answer("postgres", "SELECT count(*) FROM public.\"a\"\"b; c\""));
}

static void sqlite_file_and_its_folders_are_made(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_input(&c, "SELECT 1 AS id");
    c.call.output = NULL;
    driver_call_good(&c, sqlite.writer,
        "{'table':'w','path':'new/er/w.sqlite',"
        "'create_table':true}",
        NULL);
    assert_true(sandbox_exists(state, "new/er/w.sqlite"));
}

static void many_columns_go_into_one_statement(void **state)
{
    driver_call c;
    char list[12000] = "";
    for (size_t i = 0, at = 0; i < 700; i++)
        at += (size_t)snprintf(
            list + at, sizeof list - at, "%si AS c%zu", i > 0 ? ", " : "", i);
    char query[13000];
    (void)snprintf(query, sizeof query, "SELECT %s FROM range(200) t(i)", list);
    drop(&mariadb);
    if (write_rows(state, &mariadb, &c, query,
            CREATE ",'batch_size':1000000") != TARN_OK)
        fail_msg("%s", c.error.message);
    assert_string_equal("200\t19900",
        server_answer("mariadb", "SELECT count(*), sum(c699) FROM w"));
}

static void an_upsert_without_a_key_is_refused(void **state)
{
    driver_call c;
    assert_int_equal(TARN_BAD_INPUT,
        write_rows(state, &sqlite, &c, "SELECT 1 AS id",
            CREATE ",'write_mode':'upsert'"));
    assert_non_null(strstr(c.error.message, "primary_key"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(mariadb_append_adds),
        sandbox_test(postgres_append_adds),
        sandbox_test(sqlite_append_adds),
        sandbox_test(mariadb_replace_leaves_the_new_rows),
        sandbox_test(postgres_replace_leaves_the_new_rows),
        sandbox_test(sqlite_replace_leaves_the_new_rows),
        sandbox_test(mariadb_replace_that_fails_changes_nothing),
        sandbox_test(postgres_replace_that_fails_changes_nothing),
        sandbox_test(sqlite_replace_that_fails_changes_nothing),
        sandbox_test(mariadb_upsert_changes_and_adds),
        sandbox_test(postgres_upsert_changes_and_adds),
        sandbox_test(sqlite_upsert_changes_and_adds),
        sandbox_test(mariadb_upsert_without_an_index_is_refused),
        sandbox_test(postgres_upsert_without_an_index_is_refused),
        sandbox_test(sqlite_upsert_without_an_index_is_refused),
        sandbox_test(mariadb_types_come_back),
        sandbox_test(postgres_types_come_back),
        sandbox_test(sqlite_values_come_back),
        sandbox_test(a_table_without_transactions_is_refused),
        sandbox_test(a_value_out_of_range_is_an_error),
        sandbox_test(names_are_quoted),
        sandbox_test(an_upsert_without_a_key_is_refused),
        sandbox_test(sqlite_file_and_its_folders_are_made),
        sandbox_test(many_columns_go_into_one_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

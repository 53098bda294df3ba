/* sql: queries over a step's inputs, and nothing else. */
#include "flow/driver/builtin.h"
#include "flow/exchange.h"
#include "unit/flow/drive.h"

#define OUT "out.duckdb"

static void assert_out(void **state, const char *sql, const char *want)
{
    assert_store(state, OUT, sql, want);
}

static void any_id_names_its_step(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_input(&d, "extract-movies", "a.duckdb", "SELECT 1 AS x");
    drive_input(&d, "order", "b.duckdb", "SELECT 2 AS x");
    drive_input(&d, "123", "c.duckdb", "SELECT 3 AS x");
    drive_input(&d, "main", "d.duckdb", "SELECT 4 AS x");
    drive_ok(&d, &tarn__driver_sql,
        "{\"query\":\"SELECT a.x + b.x + c.x + d.x AS s FROM "
        "\\\"extract-movies\\\" a, \\\"order\\\" b, \\\"123\\\" c, main d\"}");
    assert_out(state, "SELECT s FROM main", "10");
    drive_end(&d);
}

static void the_only_input_is_called_input(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_input(&d, "one", "a.duckdb", "SELECT 5 AS x");
    drive_ok(&d, &tarn__driver_sql, "{\"query\":\"FROM input;\"}");
    assert_out(state, "SELECT x FROM main", "5");
    drive_input(&d, "two", "b.duckdb", "SELECT 6 AS x");
    assert_int_not_equal(
        drive_run(&d, &tarn__driver_sql, "{\"query\":\"FROM input\"}"),
        TARN_OK);
    drive_end(&d);
}

static void more_names_come_from_the_dialect(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_input(&d, "one-1", "a.duckdb", "SELECT 5 AS x");
    drive_ok(&d, &tarn__driver_sql,
        "{\"query\":\"SELECT a.x + b.x + c.x AS s FROM df_one_1 a, input_df b, "
        "input_db.main c\",\"names\":{\"df_one_1\":\"one-1\","
        "\"input_df\":\"one-1\",\"input_db.main\":\"one-1\"}}");
    assert_out(state, "SELECT s FROM main", "15");
    drive_end(&d);
}

static void several_queries_make_several_tables(void **state)
{
    static const char *const tables[] = {"odd", "even"};
    drive d = {.state = state, .out = OUT};
    drive_ok(&d, &tarn__driver_sql,
        "{\"queries\":{\"odd\":\"SELECT 1 AS x\",\"even\":"
        "\"SELECT 2 AS x UNION ALL SELECT 4\"}}");
    assert_int_equal(d.table_count, 2);
    drive next = {.state = state, .out = "next.duckdb", .input_count = 1};
    next.inputs[0] =
        (tarn_driver_input){"split", sandbox_path(state, OUT), tables, 2};
    drive_ok(&next, &tarn__driver_sql,
        "{\"query\":\"SELECT sum(x) AS s FROM (FROM split.odd UNION ALL FROM "
        "split.even)\"}");
    assert_store(state, "next.duckdb", "SELECT s FROM main", "7");
    assert_int_equal(
        drive_run(&next, &tarn__driver_sql, "{\"query\":\"FROM split\"}"),
        TARN_BAD_INPUT);
    assert_non_null(strstr(next.err.message, "split.odd"));
    drive_end(&d);
    drive_end(&next);
}

static void values_are_bound(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_input(&d, "a", "a.duckdb",
        "SELECT i AS x, DATE '2020-01-01' + i::INTEGER AS d FROM range(10) "
        "t(i)");
    drive_ok(&d, &tarn__driver_sql,
        "{\"query\":\"SELECT x, $3 AS t, $4 AS n, $5 AS b FROM a WHERE x > $1 "
        "AND d < $2\",\"query_values\":[3,\"2020-01-07\",\"it's; DROP TABLE "
        "main\",1.5,true]}");
    assert_out(state, "SELECT count(*) FROM main", "2");
    assert_out(state, "SELECT t FROM main", "it's; DROP TABLE main");
    assert_out(state, "SELECT typeof(t) || typeof(n) || typeof(b) FROM main",
        "VARCHARDOUBLEBOOLEAN");
    drive_end(&d);
}

static void a_second_statement_does_not_run(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_input(&d, "a", "a.duckdb", "SELECT 1 AS x");
    static const char *const bad[] = {
        "{\"query\":\"SELECT 1; SELECT 2\"}",
        "{\"query\":\"SELECT 1; DROP VIEW a\"}",
        "{\"query\":\"CREATE TABLE t AS SELECT 1\"}",
        "{\"query\":\"COPY (SELECT 1) TO 'leak.csv'\"}",
        "{\"query\":\"ATTACH 'x.duckdb'\"}",
        "{\"query\":\"SET threads = 3\"}",
        "{\"queries\":{\"a\":\"SELECT 1 AS x\",\"b\":\"DELETE FROM a\"}}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(
            drive_run(&d, &tarn__driver_sql, bad[i]), TARN_BAD_INPUT);
        assert_int_equal(d.table_count, 0);
    }
    assert_false(sandbox_exists(state, "leak.csv"));
    assert_false(sandbox_exists(state, "x.duckdb"));
    drive_end(&d);
}

static void files_of_the_host_are_out_of_reach(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "secret.csv", "x\n1\n");
    char config[1000];
    static const char *const from[] = {"read_csv('%s')", "'%s'",
        "read_text('%s')", "glob('%s')", "read_blob('%s')"};
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        char relation[400];
        (void)snprintf(relation, sizeof(relation), from[i],
            sandbox_path(state, "secret.csv"));
        (void)snprintf(
            config, sizeof(config), "{\"query\":\"FROM %s\"}", relation);
        assert_int_not_equal(drive_run(&d, &tarn__driver_sql, config), TARN_OK);
    }
    drive_end(&d);
}

static void an_empty_result_keeps_columns_and_types(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_ok(&d, &tarn__driver_sql,
        "{\"query\":\"SELECT 1::UTINYINT AS a, 1.50::DECIMAL(9,2) AS b, "
        "TIMESTAMPTZ '2020-01-01' AS c, [1::HUGEINT] AS d, 'x'::JSON AS e, "
        "INTERVAL 1 DAY AS f, {'k': DATE '2020-01-01'} AS g WHERE false\"}");
    assert_int_equal(d.rows[0], 0);
    assert_out(state,
        "SELECT string_agg(type, '|') FROM pragma_table_info('main')",
        "UTINYINT|DECIMAL(9,2)|TIMESTAMP WITH TIME ZONE|HUGEINT[]|JSON|"
        "INTERVAL|STRUCT(k DATE)");
    drive_end(&d);
}

static void order_is_kept(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_ok(&d, &tarn__driver_sql,
        "{\"query\":\"SELECT i AS x FROM range(300000) t(i) ORDER BY hash(i)"
        "\"}");
    assert_out(state,
        "SELECT count(*) FROM (SELECT hash(x) AS h, lag(hash(x)) OVER (ORDER "
        "BY rowid) AS p FROM main) WHERE h < p",
        "0");
    drive_end(&d);
}

static void a_missing_table_is_named(void **state)
{
    drive d = {.state = state, .out = OUT};
    assert_int_not_equal(
        drive_run(&d, &tarn__driver_sql, "{\"query\":\"FROM nowhere\"}"),
        TARN_OK);
    assert_non_null(strstr(d.err.message, "nowhere"));
    drive_end(&d);
}

/* DuckDB's own plan says what a step's filter and columns reach. */
static void filter_and_columns_reach_the_scan_of_the_attached_file(void **state)
{
    static const char query[] =
        "SELECT a FROM (SELECT * FROM wide) w WHERE b = 7";
    drive d = {.state = state};
    tarn_error err = TARN_ERROR_INIT;
    tarn__exchange *x;
    char *plan;
    drive_input(&d, "wide", "a.duckdb",
        "SELECT i AS a, i % 10 AS b, i AS c, i AS d FROM range(1000) t(i)");
    tarn_driver_call call = {.step_id = "s",
        .inputs = d.inputs,
        .input_count = 1,
        .threads = 1,
        .memory_bytes = 200000000};
    assert_int_equal(tarn__exchange_open(&call, &x, &err), TARN_OK);
    assert_int_equal(tarn__exchange_admit(x, query, NULL, &err), TARN_OK);
    assert_int_equal(tarn__duck_exec(tarn__exchange_duck(x),
                         "SET explain_output = 'optimized_only'", &err),
        TARN_OK);
    char sql[200];
    (void)snprintf(sql, sizeof(sql), "EXPLAIN (FORMAT json) %s", query);
    tarn__duck_result *r;
    tarn__cell cells[2];
    assert_int_equal(
        tarn__duck_query(tarn__exchange_duck(x), sql, NULL, 0, &r, &err),
        TARN_OK);
    assert_int_equal(tarn__duck_next(r, cells, &err), TARN_ROW);
    plan = strdup(cells[1].bytes.ptr);
    tarn__duck_result_free(r);
    tarn__exchange_free(x);
    const char *scan = strstr(plan, "SEQ_SCAN");
    assert_non_null(scan);
    assert_non_null(strstr(scan, "b=7"));
    assert_null(strstr(plan, "\"name\": \"FILTER"));
    assert_null(strstr(scan, "\"c\""));
    assert_null(strstr(scan, "\"d\""));
    free(plan);
    drive_end(&d);
}

static void tables_are_packed_lightly(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_ok(&d, &tarn__driver_sql,
        "{\"query\":\"SELECT 'text ' || i % 10 AS s, (i % 100) / 4 AS d, "
        "i AS n FROM range(20000) t(i)\"}");
    assert_out(state,
        "SELECT string_agg(p, ', ' ORDER BY p) FROM (SELECT DISTINCT "
        "segment_type || ' ' || compression AS p FROM "
        "pragma_storage_info('main') WHERE segment_type <> 'VALIDITY')",
        "BIGINT BitPacking, DOUBLE Uncompressed, VARCHAR Uncompressed");
    drive_end(&d);
}

static void a_table_may_be_described(void **state)
{
    drive d = {.state = state, .out = OUT};
    drive_input(&d, "a", "a.duckdb", "SELECT 5 AS x, 'b' AS y");
    drive_ok(&d, &tarn__driver_sql, "{\"query\":\"describe a -- it\"}");
    assert_out(state, "SELECT string_agg(column_name) FROM main", "x,y");
    drive_ok(&d, &tarn__driver_sql, "{\"query\":\" SUMMARIZE a;\"}");
    assert_out(state, "SELECT string_agg(column_name) FROM main", "x,y");
    drive_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(any_id_names_its_step),
        sandbox_test(the_only_input_is_called_input),
        sandbox_test(more_names_come_from_the_dialect),
        sandbox_test(several_queries_make_several_tables),
        sandbox_test(values_are_bound),
        sandbox_test(a_second_statement_does_not_run),
        sandbox_test(files_of_the_host_are_out_of_reach),
        sandbox_test(an_empty_result_keeps_columns_and_types),
        sandbox_test(order_is_kept),
        sandbox_test(tables_are_packed_lightly),
        sandbox_test(a_table_may_be_described),
        sandbox_test(a_missing_table_is_named),
        sandbox_test(filter_and_columns_reach_the_scan_of_the_attached_file),
    };
    return cmocka_run_group_tests_name("flow sql", tests, NULL, NULL);
}

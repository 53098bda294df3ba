/* Names in FROM: kinds, formats, globs, aliases, case, readers. */
#include <errno.h>

#include "os/fault.h"
#include "unit/query/fixture.h"

static void a_table_gives_its_rows(void **state)
{
    put_csv(state, "/t", TARN_KIND_TABLE, "a,b\n1,x\n2,y\n");
    answers(state, "SELECT * FROM '/t' ORDER BY a", "a|b\n1|x\n2|y\n");
    answers(state, "FROM '/t' SELECT sum(a) AS s", "s\n3\n");
    answers(state, "TABLE \"/t\"", "a|b\n1|x\n2|y\n");
    answers(state, "SELECT count(*) FROM '/./t'", "count_star()\n2\n");
}

static void a_series_is_the_union_of_its_versions(void **state)
{
    put_csv(state, "/s", TARN_KIND_SERIES, "time,v\n2026-01-01,1\n");
    put_csv(state, "/s", TARN_KIND_SERIES, "time,w,v\n2026-01-02,x,2.5\n");
    answers(
        state, "SELECT v, w FROM '/s' ORDER BY time", "v|w\n1.0|~\n2.5|x\n");
    answers(state, "SELECT count(*) AS n FROM '/s'", "n\n2\n");
}

static void a_file_is_read_by_its_ending(void **state)
{
    put_text(state, "/a.csv", "x,y\n1,one\n2,two\n");
    put_text(state, "/a.tsv", "x\ty\n1\tone\n");
    put_text(state, "/a.json", "[{\"x\": 1}, {\"x\": 2}]");
    put_text(state, "/a.jsonl", "{\"x\": 1, \"y\": {\"z\": [1, 2]}}\n");
    put_text(state, "/A.CSV", "x\n7\n");
    answers(state, "SELECT sum(x) AS s FROM '/a.csv'", "s\n3\n");
    answers(state, "FROM '/a.tsv'", "x|y\n1|one\n");
    answers(state, "SELECT sum(x) AS s FROM '/a.json'", "s\n3\n");
    answers(state, "SELECT y.z[2] AS z FROM '/a.jsonl'", "z\n2\n");
    answers(state, "FROM '/A.CSV'", "x\n7\n");
}

static void types_of_a_csv_come_from_all_of_it(void **state)
{
    char *text;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    fputs("x\n", f);
    for (int i = 0; i < 100000; i++)
        fprintf(f, "%d\n", i);
    fputs("late\n", f);
    fclose(f);
    put_text(state, "/late.csv", text);
    free(text);
    answers(state, "SELECT count(*) AS n FROM '/late.csv' WHERE x = 'late'",
        "n\n1\n");
}

static void another_file_is_its_lines(void **state)
{
    put(state, "/notes", TARN_KIND_FILE, NULL, "a,b\n\nc\r\n\xff\xc3\xa9", 11);
    answers(state, "FROM '/notes'",
        "line_no|line\n1|a,b\n2|\n3|c\n4|\xef\xbf\xbd\xc3\xa9\n");
    put_text(state, "/empty", "");
    answers(state, "FROM '/empty'", "line_no|line\n");
    answers(
        state, "SELECT count(*) AS n FROM '/notes' WHERE line = ''", "n\n1\n");
}

static void a_stream_is_one_text(void **state)
{
    const char *one = "{\"a\": 1}\n{\"a\"";
    const char *two = ": 2}\n";
    put(state, "/s.jsonl", TARN_KIND_STREAM, NULL, one, strlen(one));
    put(state, "/s.jsonl", TARN_KIND_STREAM, NULL, two, strlen(two));
    answers(state, "SELECT sum(a) AS s FROM '/s.jsonl'", "s\n3\n");
}

static void a_large_file_is_read_where_it_lies(void **state)
{
    char *text;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    fputs("x,y\n", f);
    for (int i = 0; i < 20000; i++)
        fprintf(f, "%d,abcdefgh\n", i);
    fclose(f);
    put_text(state, "/large.csv", text);
    free(text);
    answers(state, "SELECT sum(x) AS s, count(*) AS n FROM '/large.csv'",
        "s|n\n199990000|20000\n");
}

static void a_glob_unites_what_it_matches(void **state)
{
    put_csv(state, "/d/one", TARN_KIND_TABLE, "a,b\n1,x\n");
    put_csv(state, "/d/two", TARN_KIND_TABLE, "b,c\ny,2.5\n");
    put_text(state, "/d/three.csv", "a,c\n3,4\n");
    put_text(state, "/d/sub/four.csv", "a\n9\n");
    answers(state, "SELECT a, b, c FROM '/d/*' ORDER BY a NULLS LAST",
        "a|b|c\n1|x|~\n3|~|4.0\n~|y|2.5\n");
    answers(state, "SELECT sum(a) AS s FROM '/**/*.csv'", "s\n12\n");
    fails(state, "FROM '/d/*.none'", TARN_NOT_FOUND, "/d/*.none");
}

static void a_link_leads_to_its_target(void **state)
{
    tarn_txn *txn = NULL;
    put_text(state, "/real.csv", "x\n5\n");
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_ln(txn, "/real.csv", "/link", e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    answers(state, "FROM '/link'", "x\n5\n");
}

static void columns_are_qualified_as_one_would(void **state)
{
    put_csv(state, "/d/one.series", TARN_KIND_TABLE, "k,a\n1,x\n");
    put_csv(state, "/d/two.series", TARN_KIND_TABLE, "k,b\n1,y\n");
    answers(state, "SELECT one.a FROM '/d/one.series'", "a\nx\n");
    answers(state, "SELECT \"one.series\".a FROM '/d/one.series'", "a\nx\n");
    answers(state, "SELECT \"/d/one.series\".a FROM '/d/one.series'", "a\nx\n");
    answers(state, "SELECT t.a FROM '/d/one.series' AS t", "a\nx\n");
    answers(state,
        "SELECT one.a, two.b FROM '/d/one.series' JOIN '/d/two.series' "
        "ON one.k = two.k",
        "a|b\nx|y\n");
    answers(state,
        "SELECT one.* FROM '/d/one.series' JOIN '/d/two.series' USING (k)",
        "k|a\n1|x\n");
    answers(state, "SELECT z.p FROM '/d/one.series' AS z(o, p)", "p\nx\n");
}

static void names_differ_in_case(void **state)
{
    put_csv(state, "/A", TARN_KIND_TABLE, "v\n1\n");
    put_csv(state, "/a", TARN_KIND_TABLE, "v\n2\n");
    answers(state,
        "SELECT (SELECT v FROM '/A') AS x, (SELECT v FROM '/a') AS y",
        "x|y\n1|2\n");
    answers(state, "SELECT \"/A\".v AS x, \"/a\".v AS y FROM '/A', '/a'",
        "x|y\n1|2\n");
    fails(state, "SELECT * FROM '/B'", TARN_NOT_FOUND, "/B");
}

static void any_name_can_be_asked_for(void **state)
{
    static const char *const paths[] = {"/it's", "/say \"hi\"", "/a b",
        "/x.y.z", "/[a]", "/a*b", "/what?", "/\xc3\xa9t\xc3\xa9", "/-- no",
        "/a;b", "/select", "/%s", "/$1", "/a@b"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char sql[100] = "FROM \"";
        put_csv(state, paths[i], TARN_KIND_TABLE, "v\n1\n");
        for (const char *p = paths[i]; *p != '\0'; p++) {
            strncat(sql, p, 1);
            if (*p == '"')
                strcat(sql, "\"");
        }
        strcat(sql, "\"");
        answers(state, sql, "v\n1\n");
    }
}

static void what_cannot_be_read_says_why(void **state)
{
    tarn_txn *txn = NULL;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_mkdir(txn, "/dir", false, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    fails(state, "FROM '/dir'", TARN_BAD_INPUT, "folder");
    fails(state, "FROM '/'", TARN_BAD_INPUT, "folder");
    fails(state, "FROM '/none'", TARN_NOT_FOUND, "/none");
    fails(state, "FROM people", TARN_NOT_FOUND, "people");
    fails(state, "FROM 'people'", TARN_NOT_FOUND, "people");
    fails(state, "FROM lake.people", TARN_NOT_FOUND, "lake.people");
    fails(state, "SELECT nope FROM range(1)", TARN_BAD_INPUT, "nope");
    fails(state, "SELEC 1", TARN_BAD_INPUT, "SELEC");
}

static void readers_take_lake_paths(void **state)
{
    put_text(state, "/odd.txt", "1;x\n2;y\n");
    put_text(state, "/d/a.csv", "a\n1\n");
    put_text(state, "/d/b.csv", "b\n2\n");
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n5\n");
    answers(state,
        "FROM read_csv('/odd.txt', delim = ';', header = false, "
        "names = ['n', 's'])",
        "n|s\n1|x\n2|y\n");
    answers(state, "FROM read_csv('/odd.txt', sep := ';', header := false)",
        "column0|column1\n1|x\n2|y\n");
    answers(state, "FROM read_csv(['/d/a.csv', '/d/b.csv']) ORDER BY ALL",
        "a|b\n1|~\n~|2\n");
    answers(state, "FROM read_csv('/d/*.csv') ORDER BY ALL", "a|b\n1|~\n~|2\n");
    answers(state, "SELECT read_parquet.a FROM read_parquet('/t')", "a\n5\n");
    answers(state, "SELECT t.x FROM read_parquet('/t') AS t(x)", "x\n5\n");
    fails(state, "FROM read_csv('/d/a.csv', filename = true)", TARN_BAD_INPUT,
        "filename");
    fails(state, "FROM read_csv('/none.csv')", TARN_NOT_FOUND, "/none.csv");
    fails(state, "FROM read_csv('/d/' || 'a.csv')", TARN_BAD_INPUT, "path");
    fails(state, "FROM read_csv()", TARN_BAD_INPUT, "path");
}

static void parameters_are_bound(void **state)
{
    static const tarn_param params[] = {{"who", "O'Brien"}, {"n", "2"}};
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    options.params = params;
    options.param_count = 2;
    put_csv(state, "/t", TARN_KIND_TABLE, "k,name\n1,x\n2,O'Brien\n");
    answers_with(state, "SELECT k FROM '/t' WHERE name = $who AND k >= $n",
        TARN_LATEST, &options, "k\n2\n");
    fails(state, "SELECT $x", TARN_BAD_INPUT, "$x");
}

static void statements_of_every_shape_run(void **state)
{
    put_csv(state, "/t", TARN_KIND_TABLE, "k,g,v\n1,a,10\n2,b,20\n3,a,30\n");
    answers(state, "DESCRIBE '/t'",
        "column_name|column_type|null|key|default|extra\n"
        "k|BIGINT|YES|~|~|~\ng|VARCHAR|YES|~|~|~\nv|BIGINT|YES|~|~|~\n");
    answers(state, "SELECT column_name FROM (SUMMARIZE '/t')",
        "column_name\nk\ng\nv\n");
    answers(state, "SHOW TABLES",
        "name\n/"
        "t\nlake.edges\nlake.log\nlake.nodes\nlake.run_events\nlake.runs\n");
    answers(state, "FROM (PIVOT '/t' ON g USING sum(v)) ORDER BY k",
        "k|a|b\n1|10|~\n2|~|20\n3|30|~\n");
    answers(state, "PIVOT '/t' ON g USING sum(v) GROUP BY k ORDER BY k LIMIT 1",
        "k|a|b\n1|10|~\n");
    answers(state,
        "WITH x AS (SELECT g, v FROM '/t') PIVOT x ON g, (v > 15) "
        "USING count(*)",
        "a_false|a_true|b_false|b_true\n1|1|0|1\n");
    answers(state, "FROM (UNPIVOT '/t' ON k, v) WHERE g = 'b' ORDER BY ALL",
        "g|name|value\nb|k|2\nb|v|20\n");
    answers(state, "SELECT sum(v) AS s FROM '/t' GROUP BY g ORDER BY s -- end",
        "s\n20\n40\n");
    char *text;
    tarn_error err = TARN_ERROR_INIT;
    static const char *const plans[] = {"EXPLAIN FROM '/t'",
        "explain analyze SELECT sum(v) FROM '/t'",
        "/* a */ EXPLAIN (FORMAT json) FROM '/t'", "EXPLAIN (FROM '/t')"};
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        assert_int_equal(
            try_ask(state, plans[i], TARN_LATEST, NULL, &text, &err), TARN_OK);
        assert_non_null(strstr(text, "PARQUET"));
        free(text);
    }
    fails(state, "EXPLAIN DELETE FROM x", TARN_BAD_INPUT, "reads");
    fails(state, "EXPLAIN FROM '/none'", TARN_NOT_FOUND, "/none");
    fails(state, "SELECT 1; SELECT 2", TARN_BAD_INPUT, "2 statements");
}

static void explain_names_tables_and_versions(void **state)
{
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    options.explain = true;
    put_csv(state, "/t", TARN_KIND_TABLE, "k\n1\n");
    answers_with(state, "SELECT * FROM '/t', lake.nodes", TARN_LATEST, &options,
        "table|route|pushed|version\n/t|tree||1\nlake.nodes|tree||1\n");
}

static void errors_have_details(void **state)
{
    tarn_query_error details = TARN_QUERY_ERROR_INIT;
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    options.error = &details;
    fails_with(
        state, "SELECT nope FROM range(1)", &options, TARN_BAD_INPUT, "nope");
    assert_string_equal(details.query, "SELECT nope FROM range(1)");
    assert_string_equal(details.error_type, "Binder");
    assert_non_null(strstr(details.original_error, "LINE 1"));
    tarn_query_error_reset(&details);
    fails_with(state, "SELECT\nFRM 1 2", &options, TARN_BAD_INPUT, "line 2");
    assert_string_equal(details.error_type, "Parser");
    assert_non_null(strstr(details.original_error, "Parser Error: syntax"));
    tarn_query_error_reset(&details);
    put_csv(state, "/t", TARN_KIND_TABLE, "k\nx\n");
    fails_with(state, "SELECT k::INT FROM '/t'", &options, TARN_BAD_INPUT, "x");
    assert_string_equal(details.error_type, "Conversion");
    tarn_query_error_reset(&details);
}

static void cat_gives_rows_in_stored_order(void **state)
{
    tarn_rows *rows = NULL;
    tarn_snapshot *snap;
    char *text;
    put_csv(state, "/s@9", TARN_KIND_SERIES, "time,v\n2026-01-02,3\n");
    put_csv(state, "/s@9", TARN_KIND_SERIES,
        "time,v\n2026-01-01,1\n2026-01-03,2\n");
    put_text(state, "/f", "x");
    snap = pin(state, TARN_LATEST);
    WORKS(tarn_query_table(snap, "/s@9", &rows, e));
    WORKS(rows_text(rows, &text, e));
    assert_non_null(strstr(text, "3\n"));
    assert_true(strstr(text, "|3\n") < strstr(text, "|1\n"));
    free(text);
    tarn_rows_free(rows);
    assert_int_equal(tarn_query_table(snap, "/f", &rows, NULL), TARN_INVALID);
    assert_int_equal(
        tarn_query_table(snap, "/none", &rows, NULL), TARN_NOT_FOUND);
    tarn_snapshot_free(snap);
}

static void a_result_becomes_a_parquet_file(void **state)
{
    const char *out = sandbox_path(state, "out.parquet");
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    char sql[300];
    put_csv(state, "/t", TARN_KIND_TABLE, "k\n1\n2\n");
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(
        tarn_query_parquet(snap, "SELECT k * 2 AS d FROM '/t'", NULL, out, e));
    assert_int_equal(
        tarn_query_parquet(snap, "SELECT 1", NULL, out, NULL), TARN_EXISTS);
    tarn__fault_io(1, EIO, false); /* the look whether it is there */
    tarn_status st = tarn_query_parquet(snap, "SELECT 1", NULL, out, NULL);
    tarn__fault_io(0, 0, false);
    assert_int_equal(st, TARN_IO);
    options.allow_host = true;
    snprintf(sql, sizeof(sql), "SELECT sum(d) AS s FROM 'host:%s'", out);
    answers_with(state, sql, TARN_LATEST, &options, "s\n6\n");
    assert_int_equal(tarn_query_parquet(snap,
                         "SELECT k::INT // (k - k), error('x') FROM '/t'", NULL,
                         sandbox_path(state, "bad.parquet"), NULL),
        TARN_BAD_INPUT);
    assert_false(sandbox_exists(state, "bad.parquet"));
    tarn_snapshot_free(snap);
}

static void a_result_becomes_an_arrow_stream(void **state)
{
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    put_csv(state, "/t", TARN_KIND_TABLE, "k\n1\n2\n");
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(tarn_query_arrow(snap, "FROM '/t'", NULL, &stream, e));
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_string_equal(schema.children[0]->name, "k");
    schema.release(&schema);
    assert_int_equal(stream.get_next(&stream, &array), 0);
    assert_int_equal(array.length, 2);
    array.release(&array);
    assert_int_equal(stream.get_next(&stream, &array), 0);
    assert_null(array.release);
    stream.release(&stream);
    assert_int_equal(
        tarn_query_arrow(snap, "FROM '/none'", NULL, &stream, NULL),
        TARN_NOT_FOUND);
    tarn_snapshot_free(snap);
}

static void nothing_is_left_in_scratch(void **state)
{
    put(state, "/s.csv", TARN_KIND_STREAM, NULL, "a\n1\n", 4);
    put(state, "/s.csv", TARN_KIND_STREAM, NULL, "2\n", 2);
    answers(state, "SELECT sum(a) AS s FROM '/s.csv'", "s\n3\n");
    char command[400];
    snprintf(command, sizeof(command),
        "find '%s/tmp' -name '*.data' -o -name '*.spill' | grep -q .",
        sandbox_path(state, "lake"));
    assert_int_not_equal(system(command), 0);
}

static void a_lake_may_lie_anywhere(void **state)
{
    static const char *const places[] = {
        "year=2020/lake", "a[b]*?/lake", "it's \"here\"", "sp ace/%41"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        tarn_lake *lake = NULL;
        tarn_lake *old = sandbox_user(state);
        sandbox_mkdir(state, places[i]);
        const char *dir = sandbox_path(state, places[i]);
        WORKS(tarn_lake_init(dir, NULL, e));
        WORKS(tarn_lake_open(dir, NULL, &lake, e));
        sandbox_set_user(state, lake);
        put_csv(state, "/s", TARN_KIND_SERIES, "time,a\n2026-01-01,1\n");
        put_csv(state, "/s", TARN_KIND_SERIES, "time,b\n2026-01-02,2\n");
        put_text(state, "/f.csv", "x\n5\n");
        answers(state, "SELECT a, b, x FROM '/s', '/f.csv' ORDER BY time",
            "a|b|x\n1|~|5\n~|2|5\n");
        answers(state, "SELECT count(*) AS n FROM lake.log", "n\n3\n");
        tarn_lake_close(lake);
        sandbox_set_user(state, old);
    }
}

static void a_large_sort_spills(void **state)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    tarn_lake *lake = NULL;
    tarn_snapshot *snap = NULL;
    tarn_rows *rows = NULL;
    options.memory_bytes = 48000000;
    options.threads = 1;
    WORKS(tarn_lake_open(sandbox_path(state, "lake"), &options, &lake, e));
    WORKS(tarn_snapshot_open(lake, TARN_LATEST, &snap, e));
    WORKS(tarn_query(snap,
        "SELECT hash(i) AS h, repeat('x', 60) || i AS s FROM "
        "range(700000) t(i) ORDER BY h",
        NULL, &rows, e));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

static void a_transactions_own_writes_are_seen(void **state)
{
    tarn_txn *txn = NULL;
    tarn_rows *rows = NULL;
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    char *text;
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_cp(txn, "/t", "/u", e));
    options.as = TARN_KIND_TABLE;
    WORKS(tarn_tree_put_path(
        txn, "/v", sandbox_path(state, "rows.parquet"), &options, NULL, e));
    WORKS(tarn_query(tarn_txn_snapshot(txn),
        "SELECT u.a + v.a AS s FROM '/u' AS u, '/v' AS v", NULL, &rows, e));
    WORKS(rows_text(rows, &text, e));
    assert_string_equal(text, "s\n2\n");
    free(text);
    tarn_rows_free(rows);
    tarn_txn_abort(txn);
    fails(state, "FROM '/u'", TARN_NOT_FOUND, "/u");
}

static void a_lake_in_memory_is_asked_in_the_same_way(void **state)
{
    tarn_lake *lake = NULL;
    tarn_lake *old = sandbox_user(state);
    WORKS(tarn_lake_open_memory(&lake, e));
    sandbox_set_user(state, lake);
    put_csv(state, "/s", TARN_KIND_SERIES, "time,a\n2026-01-01,1\n");
    put_csv(state, "/s", TARN_KIND_SERIES, "time,a\n2026-01-02,2\n");
    put_text(state, "/f.csv", "x\n5\n");
    answers(state, "SELECT sum(a) AS s, sum(x) AS x FROM '/s', '/f.csv'",
        "s|x\n3|10\n");
    answers(state, "SELECT sum(a) AS s FROM '/s@1'", "s\n1\n");
    answers(
        state, "SELECT path FROM lake.nodes ORDER BY 1", "path\n/f.csv\n/s\n");
    tarn_lake_close(lake);
    sandbox_set_user(state, old);
}

static bool stop_at_once(
    void *arg, const char *what, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)done;
    (void)total;
    return strcmp(what, "query") == 0;
}

static void a_query_can_be_stopped(void **state)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    tarn_lake *lake = NULL;
    tarn_snapshot *snap = NULL;
    tarn_rows *rows = NULL;
    options.progress = stop_at_once;
    WORKS(tarn_lake_open(sandbox_path(state, "lake"), &options, &lake, e));
    WORKS(tarn_snapshot_open(lake, TARN_LATEST, &snap, e));
    tarn_status st = tarn_query(snap,
        "SELECT count(*) FROM range(100000000000) a, range(1000) b "
        "WHERE hash(a.range, b.range) = 1",
        NULL, &rows, NULL);
    if (st == TARN_OK)
        st = tarn_rows_next(rows, NULL);
    assert_int_equal(st, TARN_INTERRUPTED);
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(a_table_gives_its_rows),
        lake_test(a_series_is_the_union_of_its_versions),
        lake_test(a_file_is_read_by_its_ending),
        lake_test(types_of_a_csv_come_from_all_of_it),
        lake_test(another_file_is_its_lines),
        lake_test(a_stream_is_one_text),
        lake_test(a_large_file_is_read_where_it_lies),
        lake_test(a_glob_unites_what_it_matches),
        lake_test(a_link_leads_to_its_target),
        lake_test(columns_are_qualified_as_one_would),
        lake_test(names_differ_in_case),
        lake_test(any_name_can_be_asked_for),
        lake_test(what_cannot_be_read_says_why),
        lake_test(readers_take_lake_paths),
        lake_test(parameters_are_bound),
        lake_test(statements_of_every_shape_run),
        lake_test(explain_names_tables_and_versions),
        lake_test(errors_have_details),
        lake_test(cat_gives_rows_in_stored_order),
        lake_test(a_result_becomes_a_parquet_file),
        lake_test(a_result_becomes_an_arrow_stream),
        lake_test(nothing_is_left_in_scratch),
        lake_test(a_lake_may_lie_anywhere),
        lake_test(a_large_sort_spills),
        lake_test(a_transactions_own_writes_are_seen),
        lake_test(a_lake_in_memory_is_asked_in_the_same_way),
        lake_test(a_query_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

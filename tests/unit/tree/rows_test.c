/* Tables and series: what is read, how it is typed, what is refused. */
#include "unit/tree/rig.h"

#include "base/buf.h"
#include "base/memory.h"
#include "duck/duck.h"
#include "tree/parquet.h"

static tarn_put_options as_kind(tarn_kind as)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    return options;
}

/* A host file of that name, put as a table at /t. */
static void put_table(void **state, const char *name, const char *text)
{
    tarn_put_options options = as_kind(TARN_KIND_TABLE);
    options.replace = true;
    put_host(state, "/t", sandbox_write_text(state, name, text), &options);
}

static void refuse_table(
    void **state, const char *name, const char *text, const char *why)
{
    tarn_put_options options = as_kind(TARN_KIND_TABLE);
    const char *host = sandbox_write_text(state, name, text);
    REFUSES(state, TARN_BAD_INPUT, why,
        tarn_tree_put_path(txn, "/t", host, &options, NULL, e));
    REFUSES(state, TARN_BAD_INPUT, name,
        tarn_tree_put_path(txn, "/t", host, &options, NULL, e));
}

/* A query over the one Parquet that `get` makes of a path. */
static void answers(
    void **state, const char *path, const char *select, const char *want)
{
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn__duck *duck = NULL;
    tarn__duck_result *result = NULL;
    tarn_rows *rows = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    WORKS(tarn_tree_get(snap, path, sandbox_path(state, "got"), NULL, NULL, e));
    WORKS(tarn__duck_open(NULL, &duck, e));
    WORKS(tarn__buf_printf(&sql, e, "%s FROM read_parquet('%s%s')", select,
        sandbox_path(state, "got"), path));
    WORKS(tarn__duck_query(duck, sql.ptr, NULL, 0, &result, e));
    WORKS(tarn__duck_rows(result, &rows, e));
    are_rows(rows, want);
    tarn__duck_close(duck);
    tarn_buf_reset(&sql);
    tarn_snapshot_free(snap);
}

/* Names and types of a path's columns, as describe gives them. */
static void has_columns(void **state, const char *path, const char *want)
{
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_rows *rows = NULL;
    char text[2000] = "";
    WORKS(tarn_tree_describe(snap, path, &rows, e));
    while (tarn_rows_next(rows, NULL) == TARN_ROW) {
        if (strcmp(tarn_rows_text(rows, 0), "column") != 0)
            continue;
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ",
            tarn_rows_text(rows, 1));
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s,",
            tarn_rows_text(rows, 2));
    }
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    assert_string_equal(text, want);
}

static void a_csv_is_typed_over_the_whole_file(void **state)
{
    tarn_buf text = TARN_BUF_INIT;
    WORKS(tarn__buf_str(&text, "a,b,c,d\n", e));
    for (int i = 0; i < 30000; i++)
        WORKS(tarn__buf_printf(
            &text, e, "%d,1.5,2026-01-01,2026-01-01T00:00:00\n", i));
    put_table(state, "x.csv", text.ptr);
    has_columns(state, "/t", "a BIGINT,b DOUBLE,c DATE,d TIMESTAMP,");
    WORKS(tarn__buf_str(&text, "late,x,y,z\n", e));
    put_table(state, "x.csv", text.ptr);
    has_columns(state, "/t", "a VARCHAR,b VARCHAR,c VARCHAR,d VARCHAR,");
    answers(state, "/t", "SELECT count(*), max(a)", "30001|late\n");
    tarn_buf_reset(&text);
}

static void a_csv_may_be_delimited_and_quoted_in_the_usual_ways(void **state)
{
    put_table(state, "x.csv", "a;b\n1;\"x;y\"\n");
    answers(state, "/t", "SELECT a, b", "1|x;y\n");
    put_table(state, "x.tsv", "a\tb,c\n1\tx,y\n");
    answers(state, "/t", "SELECT a, \"b,c\"", "1|x,y\n");
    put_table(state, "x.csv", "a,b\r\n1,\"line\r\nbreak \"\"q\"\"\"\r\n");
    answers(state, "/t", "SELECT a, b", "1|line\r\nbreak \"q\"\n");
    put_table(state, "x.csv",
        "\xef\xbb\xbf"
        "a\n1\n");
    has_columns(state, "/t", "a BIGINT,");
    put_table(state, "x.csv", "a,b\n,x\n2,\n");
    answers(state, "/t", "SELECT a, b", "~|x\n2|~\n");
    put_table(state, "x.csv",
        "a,b\r\n1,2\n3,\"4\"\"\" \n5,6\"\r\n \"7\",\"8\r\n\"\n");
    answers(state, "/t", "SELECT a, b", "1|2\n3|4\"\n5|6\"\n7|8\r\n\n");
    put_table(state, "x.csv", "a,b\r\n1,2\n3,4\r\n");
    answers(state, "/t", "SELECT a, b", "1|2\n3|4\n");
}

static void a_header_alone_gives_columns_of_text_without_rows(void **state)
{
    put_table(state, "x.csv", "a,b\n");
    has_columns(state, "/t", "a VARCHAR,b VARCHAR,");
    tarn_node node = stat_of(state, "/t");
    assert_int_equal(node.row_count, 0);
    tarn_node_reset(&node);
}

static void a_bad_csv_is_refused_with_its_line(void **state)
{
    refuse_table(state, "short.csv", "a,b\n1,2\n3\n", "line 3");
    refuse_table(state, "long.csv", "a,b\n1,2\n3,4,5\n", "line 3");
    refuse_table(state, "latin.csv", "a,b\n1,2\n3,caf\xe9\n", "line 3");
    refuse_table(state, "empty.csv", "", "empty");
    refuse_table(
        state, "behind.csv", "a,b\nx,1\n\"y\"z,2\n", "line 3: a field");
    refuse_table(state, "lines.csv", "a,b\n1,\"x\n\n2,y\n3,\"z\n", "line 2: a");
    refuse_table(state, "inner.csv", "a,b\n1,\"say \"hi\"\"\r\n", "line 2: ");
    refuse_table(state, "open.csv", "a,b\n1,\"x\n2,y\n", "unterminated quote");
    refuse_table(state, "blank.csv", "\n\n", "empty");
    refuse_table(state, "quote.csv", "a,b\n1,\"x\n2,y\n", "line");
    refuse_table(state, "name.txt", "a,b\n", ".csv");
    is_gone(state, "/t");
}

static void nested_json_becomes_struct_and_list(void **state)
{
    put_table(state, "x.jsonl",
        "{\"a\":1,\"b\":{\"c\":[1,2],\"d\":\"x\"}}\n"
        "{\"a\":2.5,\"e\":true}\n");
    has_columns(state, "/t",
        "a DOUBLE,b STRUCT(\"c\" BIGINT[], \"d\" VARCHAR),e BOOLEAN,");
    answers(state, "/t", "SELECT a, b.c[2], e", "1.0|2|~\n2.5|~|true\n");
    put_table(state, "x.json", "[{\"k\":1},{\"k\":2}]");
    answers(state, "/t", "SELECT sum(k)::BIGINT", "3\n");
    put_table(state, "x.json", "{\"k\":1}\n{\"k\":2}\n");
    answers(state, "/t", "SELECT sum(k)::BIGINT", "3\n");
}

static void bad_json_is_refused(void **state)
{
    refuse_table(state, "x.jsonl", "{\"a\":1}\n{\"a\":\n", "JSON: line 2");
    refuse_table(
        state, "y.jsonl", "{\"a\":x}\n{\"a\":1}\n", "line 1, byte 6: unexp");
    refuse_table(state, "x.json", "[{\"a\":1},", "JSON");
    refuse_table(state, "y.json", "[{\"a\":1}", "JSON");
    refuse_table(state, "e.json", "", "empty");
    refuse_table(state, "none.json", "[]", "no objects");
    refuse_table(state, "n.json", "\"a\xff\"", "JSON");
}

static void packed(void **state, const char *tool, const char *ending)
{
    char command[1000];
    tarn_put_options options = as_kind(TARN_KIND_TABLE);
    const char *csv = sandbox_write_text(state, "x.csv", "a\n1\n2\n");
    snprintf(command, sizeof command,
        "%s -c %s >%s.%s && seq 100000 | %s -c | head -c 50000 >%s", tool, csv,
        csv, ending, tool, sandbox_path(state, "cut.csv"));
    assert_int_equal(system(command), 0);
    options.replace = true;
    snprintf(command, sizeof command, "%s.%s", csv, ending);
    put_host(state, "/t", command, &options);
    answers(state, "/t", "SELECT sum(a)::BIGINT", "3\n");
    snprintf(command, sizeof command, "%s.%s", sandbox_path(state, "cut.csv"),
        ending);
    assert_int_equal(rename(sandbox_path(state, "cut.csv"), command), 0);
    REFUSES(state, TARN_BAD_INPUT, "cut off",
        tarn_tree_put_path(txn, "/t", command, &options, NULL, e));
    snprintf(command, sizeof command, "x.csv.%s", ending);
    const char *bad = sandbox_write_text(state, command, "a\n1\n");
    REFUSES(state, TARN_BAD_INPUT, "damaged",
        tarn_tree_put_path(txn, "/t", bad, &options, NULL, e));
}

static void a_packed_file_is_read_and_a_cut_one_refused(void **state)
{
    packed(state, "gzip", "gz");
    packed(state, "zstd -q", "zst");
}

/* Rows as DuckDB writes them. */
static const char *parquet(void **state, const char *name, const char *query)
{
    tarn__duck *duck = NULL;
    const char *path = sandbox_path(state, name);
    WORKS(tarn__duck_open(NULL, &duck, e));
    WORKS(tarn__duck_execf(
        duck, e, "COPY (%s) TO '%s' (FORMAT parquet)", query, path));
    tarn__duck_close(duck);
    return path;
}

static void parquet_is_kept_byte_by_byte_as_a_table(void **state)
{
    const char *host = parquet(state, "x.parquet", "SELECT 42 AS a");
    put_host(state, "/x.parquet", host, NULL);
    is_kind(state, "/x.parquet", "table");
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(tarn_tree_get(
        snap, "/x.parquet", sandbox_path(state, "out"), NULL, NULL, e));
    tarn_snapshot_free(snap);
    size_t a;
    size_t b;
    const char *before = sandbox_read(state, "x.parquet", &a);
    const char *after = sandbox_read(state, "out/x.parquet", &b);
    assert_int_equal(a, b);
    assert_memory_equal(before, after, a);
    const char *bad = sandbox_write_text(state, "bad.parquet", "PAR1 not");
    REFUSES(state, TARN_BAD_INPUT, "Parquet",
        tarn_tree_put_path(txn, "/y", bad, NULL, NULL, e));
    tarn_put_options file = as_kind(TARN_KIND_FILE);
    put_host(state, "/y", bad, &file);
    holds(state, "/y", "PAR1 not");
}

static void a_second_put_of_a_table_replaces_its_rows(void **state)
{
    put_table(state, "x.csv", "a\n1\n");
    int64_t v = head(state);
    put_host(
        state, "/t", sandbox_write_text(state, "y.csv", "b\n2\n3\n"), NULL);
    answers(state, "/t", "SELECT sum(b)::BIGINT", "5\n");
    assert_true(head(state) == v + 1);
}

static void update_knows_a_converted_file_again(void **state)
{
    tarn_put_options options = as_kind(TARN_KIND_TABLE);
    const char *host = sandbox_write_text(state, "x.csv", "a\n1\n");
    options.update = true;
    assert_true(put_host(state, "/t", host, &options) >= 0);
    assert_int_equal(put_host(state, "/t", host, &options), -1);
    sandbox_write_text(state, "x.csv", "a\n2\n");
    assert_true(put_host(state, "/t", host, &options) >= 0);
    options.as = TARN_KIND_SERIES;
    assert_true(put_host(state, "/s", host, &options) >= 0);
    assert_int_equal(put_host(state, "/s", host, &options), -1);
}

static void put_series(void **state, const char *text)
{
    tarn_put_options options = as_kind(TARN_KIND_SERIES);
    put_host(state, "/s", sandbox_write_text(state, "s.csv", text), &options);
}

static void a_series_is_the_union_of_its_puts_by_name(void **state)
{
    put_series(state, "Time,a\n2026-01-01,1\n2026-01-02,2\n");
    put_series(state, "a,Time,b\n2.5,2026-01-03,x\n");
    has_columns(state, "/s", "Time DATE,a DOUBLE,b VARCHAR,");
    answers(state, "/s", "SELECT sum(a), count(b), count(*)", "5.5|1|3\n");
    tarn_node node = stat_of(state, "/s");
    assert_int_equal(node.item_count, 2);
    assert_int_equal(node.row_count, 3);
    tarn_node_reset(&node);
}

static int64_t put_named(void **state, const char *name, const char *text)
{
    tarn_put_options options = as_kind(TARN_KIND_SERIES);
    return put_host(
        state, "/s", sandbox_write_text(state, name, text), &options);
}

static void text_without_rows_adds_nothing_to_a_series(void **state)
{
    put_series(state, "time,a\n2026-01-01,1\n");
    assert_int_equal(put_named(state, "none.csv", "time,a,new\n"), -1);
    assert_int_equal(put_named(state, "none.json", "[]"), -1);
    has_columns(state, "/s", "time DATE,a BIGINT,");
    tarn_node node = stat_of(state, "/s");
    assert_int_equal(node.item_count, 1);
    tarn_node_reset(&node);
}

static void a_series_that_began_with_a_header_has_the_types_of_its_rows(
    void **state)
{
    put_series(state, "time,a,b\n");
    has_columns(state, "/s", "time VARCHAR,a VARCHAR,b VARCHAR,");
    assert_int_equal(put_named(state, "again.csv", "time,a\n"), -1);
    put_series(state, "time,a\n2026-01-01,1\n");
    put_series(state, "time,a\n2026-01-02,2\n");
    has_columns(state, "/s", "time DATE,a BIGINT,");
    answers(state, "/s", "SELECT sum(a), max(time)", "3|2026-01-02\n");
}

/* "min max" in microseconds of the newest version of /s, "-" for none. */
static void has_bounds(void **state, const char *want)
{
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_rows *rows = NULL;
    char found[300] = "-";
    WORKS(tarn_tree_describe(snap, "/s", &rows, e));
    while (tarn_rows_next(rows, NULL) == TARN_ROW) {
        if (strcmp(tarn_rows_text(rows, 0), "version") != 0)
            continue;
        const char *range = strstr(tarn_rows_text(rows, 2), "rows, ");
        snprintf(found, sizeof found, "%s", range == NULL ? "-" : range + 6);
    }
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    assert_string_equal(found, want);
}

static void the_time_column_is_found_by_name_and_gives_bounds(void **state)
{
    put_series(state, "v,TS\n1,2026-01-02T03:04:05\n2,2026-01-01T00:00:00\n");
    has_bounds(state, "2026-01-01T00:00:00Z to 2026-01-02T03:04:05Z");
    put_series(state, "v,TS\n1,2027-01-01 00:00:00.5\n2,\n");
    has_bounds(state, "2027-01-01T00:00:00.500Z to 2027-01-01T00:00:00.500Z");
    put_series(state, "v\n1\n");
    has_bounds(state, "-");
}

static void integers_and_text_are_not_taken_for_times(void **state)
{
    put_series(state, "time,v\n1764547200,1\n");
    has_bounds(state, "-");
    tarn_put_options options = as_kind(TARN_KIND_SERIES);
    options.time_column = "time";
    const char *host = sandbox_path(state, "s.csv");
    REFUSES(state, TARN_BAD_INPUT, "BIGINT",
        tarn_tree_put_path(txn, "/u", host, &options, NULL, e));
    options.time_column = "none";
    REFUSES(state, TARN_BAD_INPUT, "none",
        tarn_tree_put_path(txn, "/u", host, &options, NULL, e));
}

static void a_given_time_column_stays_with_the_series(void **state)
{
    tarn_put_options options = as_kind(TARN_KIND_SERIES);
    options.time_column = "seen";
    put_host(state, "/s",
        sandbox_write_text(
            state, "s.csv", "time,seen\n2020-01-01,2026-01-01\n"),
        &options);
    has_bounds(state, "2026-01-01T00:00:00Z to 2026-01-01T00:00:00Z");
    put_series(state, "time,seen\n2020-01-01,2026-02-01\n");
    has_bounds(state, "2026-02-01T00:00:00Z to 2026-02-01T00:00:00Z");
    options.time_column = "time";
    const char *host = sandbox_path(state, "s.csv");
    REFUSES(state, TARN_CONFLICT, "--replace",
        tarn_tree_put_path(txn, "/s", host, &options, NULL, e));
    options.replace = true;
    put_host(state, "/s", host, &options);
    has_bounds(state, "2020-01-01T00:00:00Z to 2020-01-01T00:00:00Z");
}

static void times_of_every_type_give_bounds(void **state)
{
    static const char *const types[] = {
        "TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_S", "TIMESTAMP_MS", "DATE"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char query[200];
        snprintf(query, sizeof query,
            "SELECT '2026-01-01'::TIMESTAMP::%s AS time, 1 AS v UNION ALL "
            "SELECT NULL, 2",
            types[i]);
        tarn_put_options options = as_kind(TARN_KIND_SERIES);
        options.replace = true;
        put_host(state, "/s", parquet(state, "s.parquet", query), &options);
        has_bounds(state, "2026-01-01T00:00:00Z to 2026-01-01T00:00:00Z");
    }
    tarn_put_options options = as_kind(TARN_KIND_SERIES);
    put_host(state, "/s",
        parquet(state, "s.parquet", "SELECT 'infinity'::TIMESTAMP AS time"),
        &options);
    has_bounds(state, "-");
}

/* Random columns coming, going and widening: what DuckDB's own union gives. */
static void a_series_is_what_union_by_name_gives(void **state)
{
    static const char *const values[] = {
        "1::INTEGER", "2::BIGINT", "1.5::DOUBLE", "3::SMALLINT", "2.25::FLOAT"};
    unsigned seed = 7;
    tarn_put_options options = as_kind(TARN_KIND_SERIES);
    tarn_buf files = TARN_BUF_INIT;
    for (int i = 0; i < 12; i++) {
        char name[32];
        tarn_buf query = TARN_BUF_INIT;
        WORKS(tarn__buf_printf(&query, e, "SELECT %d AS i", i));
        for (char column = 'a'; column <= 'e'; column++) {
            seed = seed * 1103515245U + 12345U;
            if ((seed >> 16) % 3 == 0)
                continue;
            WORKS(tarn__buf_printf(
                &query, e, ", %s AS %c", values[(seed >> 18) % 5], column));
        }
        snprintf(name, sizeof name, "u%d.parquet", i);
        const char *host = parquet(state, name, query.ptr);
        put_host(state, "/s", host, &options);
        WORKS(tarn__buf_printf(&files, e, "%s'%s'", i > 0 ? "," : "", host));
        tarn_buf_reset(&query);
    }
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(tarn_tree_get(snap, "/s", sandbox_path(state, "got"), NULL, NULL, e));
    tarn_snapshot_free(snap);
    tarn__duck *duck = NULL;
    char *ours = NULL;
    char *theirs = NULL;
    WORKS(tarn__duck_open(NULL, &duck, e));
    WORKS(tarn__duck_execf(duck, e,
        "CREATE TABLE o AS FROM read_parquet('%s'); CREATE TABLE d AS FROM "
        "read_parquet([%s], union_by_name=true)",
        sandbox_path(state, "got/s"), files.ptr));
    const char *shape = "SELECT string_agg(column_name || ' ' || data_type, "
                        "',') FROM duckdb_columns() WHERE table_name = ";
    char sql[300];
    snprintf(sql, sizeof sql, "%s'o'", shape);
    WORKS(tarn__duck_text(duck, sql, &ours, e));
    snprintf(sql, sizeof sql, "%s'd'", shape);
    WORKS(tarn__duck_text(duck, sql, &theirs, e));
    assert_string_equal(ours, theirs);
    int64_t differing = -1;
    bool found;
    WORKS(tarn__duck_int64(duck,
        "SELECT count(*) FROM ((FROM o EXCEPT ALL FROM d) UNION ALL (FROM d "
        "EXCEPT ALL FROM o))",
        &differing, &found, e));
    assert_int_equal(differing, 0);
    tarn__free(ours);
    tarn__free(theirs);
    tarn__duck_close(duck);
    tarn_buf_reset(&files);
}

static void a_table_of_a_duckdb_file_is_copied(void **state)
{
    tarn__duck *duck = NULL;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    const char *store = sandbox_path(state, "s.duckdb");
    char source[500];
    options.path = store;
    WORKS(tarn__duck_open(&options, &duck, e));
    WORKS(tarn__duck_exec(duck,
        "CREATE TABLE \"odd name\" AS SELECT 1 AS a; CREATE SCHEMA w; CREATE "
        "TABLE w.t AS SELECT 2 AS a",
        e));
    tarn__duck_close(duck);
    snprintf(source, sizeof source, "%s:odd name", store);
    put_host(state, "/t", source, NULL);
    is_kind(state, "/t", "table");
    answers(state, "/t", "SELECT a", "1\n");
    snprintf(source, sizeof source, "%s:w.t", store);
    put_host(state, "/t", source, NULL);
    answers(state, "/t", "SELECT a", "2\n");
    snprintf(source, sizeof source, "%s:none", store);
    REFUSES(state, TARN_NOT_FOUND, "odd name",
        tarn_tree_put_path(txn, "/t", source, NULL, NULL, e));
}

static void bytes_from_memory_become_rows(void **state)
{
    tarn_put_options options = as_kind(TARN_KIND_SERIES);
    options.format = "jsonl";
    put_with(
        state, "/s", "{\"time\":\"2026-01-01T00:00:00\",\"v\":1}\n", &options);
    put_with(
        state, "/s", "{\"time\":\"2026-01-02T00:00:00\",\"v\":2}\n", &options);
    answers(state, "/s", "SELECT sum(v)::BIGINT", "3\n");
    put_as(state, "/x.csv", TARN_KIND_TABLE, "a\n1\n");
    answers(state, "/x.csv", "SELECT a", "1\n");
}

static void odd_host_names_are_read_as_they_are(void **state)
{
    tarn_put_options options = as_kind(TARN_KIND_TABLE);
    options.replace = true;
    static const char *const names[] = {
        "a[1]*?.csv", "y=2020/it's.csv", "a{b,c}.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        put_host(state, "/t", sandbox_write_text(state, names[i], "a\n7\n"),
            &options);
        answers(state, "/t", "SELECT *", "7\n");
    }
}

static bool stop(void *arg, const char *what, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)done;
    (void)total;
    return strcmp(what, "rows") == 0;
}

/* What put, get, collapse, describe and diff make and read rows with. */
static void work_on_rows_can_be_stopped(void **state)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    tarn_lake *lake = NULL;
    tarn__duck *duck = NULL;
    options.progress = stop;
    WORKS(tarn_lake_open(sandbox_path(state, "lake"), &options, &lake, e));
    WORKS(tarn__tree_duck(lake, &duck, e));
    FAILS(TARN_INTERRUPTED, "rows: interrupted",
        tarn__copy_parquet(duck,
            "SELECT count(*) FROM range(100000000000) t(i), range(1000) u(j) "
            "WHERE hash(i, j) = 1",
            sandbox_path(state, "out"), 0, e));
    tarn__duck_close(duck);
    tarn_lake_close(lake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        both(a_csv_is_typed_over_the_whole_file),
        both(a_csv_may_be_delimited_and_quoted_in_the_usual_ways),
        both(a_header_alone_gives_columns_of_text_without_rows),
        both(a_bad_csv_is_refused_with_its_line),
        both(nested_json_becomes_struct_and_list),
        both(bad_json_is_refused),
        both(a_packed_file_is_read_and_a_cut_one_refused),
        both(parquet_is_kept_byte_by_byte_as_a_table),
        both(a_second_put_of_a_table_replaces_its_rows),
        both(update_knows_a_converted_file_again),
        both(a_series_is_the_union_of_its_puts_by_name),
        both(text_without_rows_adds_nothing_to_a_series),
        both(a_series_that_began_with_a_header_has_the_types_of_its_rows),
        both(the_time_column_is_found_by_name_and_gives_bounds),
        both(integers_and_text_are_not_taken_for_times),
        both(a_given_time_column_stays_with_the_series),
        both(times_of_every_type_give_bounds),
        both(a_series_is_what_union_by_name_gives),
        both(a_table_of_a_duckdb_file_is_copied),
        both(bytes_from_memory_become_rows),
        both(odd_host_names_are_read_as_they_are),
        cmocka_unit_test_setup_teardown(
            work_on_rows_can_be_stopped, folder_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

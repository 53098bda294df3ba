/* Every way that we could think of to reach what a query may not: files of the
 * host, other files of the lake, settings, the environment, or to write.  Each
 * is refused and has done nothing: the whole sandbox is as it was. */
#include "unit/query/fixture.h"

#include <pthread.h>
#include <unistd.h>

#include "query/query_internal.h"

/* The sandbox's files with sizes and times, as text; freed by the caller. */
static char *picture(void **state)
{
    char command[400];
    char *text;
    size_t len;
    /* The process's own scratch, pins and locks come and go. */
    snprintf(command, sizeof(command),
        "find '%s' -path '*/lake/tmp' -prune -o -path '*/lake/views' -prune "
        "-o -name 'lock*' -o -printf '%%p %%s %%T@ %%y\\n' | sort",
        sandbox_dir(state));
    FILE *in = popen(command, "r");
    FILE *out = open_memstream(&text, &len);
    assert_non_null(in);
    int c;
    while ((c = fgetc(in)) != EOF)
        fputc(c, out);
    fclose(out);
    assert_int_equal(pclose(in), 0);
    return text;
}

/* %S secret file on the host, %L log data, %O an object, %D the lake's folder,
 * %W a place to write. */
static void expand(void **state, const char *pattern, char *sql, size_t size)
{
    static char object[400];
    char command[400];
    size_t n = 0;
    if (object[0] == '\0' || strstr(object, sandbox_dir(state)) == NULL) {
        snprintf(command, sizeof(command),
            "find '%s/objects' -type f | head -1", sandbox_path(state, "lake"));
        FILE *in = popen(command, "r");
        assert_non_null(fgets(object, sizeof(object), in));
        pclose(in);
        object[strcspn(object, "\n")] = '\0';
    }
    for (const char *p = pattern; *p != '\0' && n + 1 < size; p++) {
        const char *put = NULL;
        if (p[0] == '%' && p[1] == 'S')
            put = sandbox_path(state, "secret.csv");
        else if (p[0] == '%' && p[1] == 'L')
            put = sandbox_path(state, "lake/log/data");
        else if (p[0] == '%' && p[1] == 'O')
            put = object;
        else if (p[0] == '%' && p[1] == 'D')
            put = sandbox_path(state, "lake");
        else if (p[0] == '%' && p[1] == 'W')
            put = sandbox_path(state, "written");
        if (put == NULL) {
            sql[n++] = *p;
            continue;
        }
        n += (size_t)snprintf(sql + n, size - n, "%s", put);
        p++;
    }
    sql[n] = '\0';
}

static void prepare(void **state)
{
    sandbox_write_text(state, "secret.csv", "secret\nhunter2\n");
    sandbox_write_text(state, "secret.parquet", "no parquet");
    put_csv(state, "/t", TARN_KIND_TABLE, "a,b\n1,x\n");
    put_text(state, "/f.csv", "a\n1\n");
}

static void refuse_all(void **state, const char *const *patterns, size_t count,
    const tarn_query_options *options)
{
    char *before = picture(state);
    for (size_t i = 0; i < count; i++) {
        char sql[4000];
        char *text = NULL;
        tarn_error err = TARN_ERROR_INIT;
        expand(state, patterns[i], sql, sizeof(sql));
        tarn_status st = try_ask(state, sql, TARN_LATEST, options, &text, &err);
        if (st != TARN_BAD_INPUT && st != TARN_NOT_FOUND)
            fail_msg("%s: status %d %s\n%s", sql, (int)st, err.message,
                text == NULL ? "" : text);
        if (text != NULL && strstr(text, "hunter2") != NULL)
            fail_msg("%s: showed the secret", sql);
        free(text);
    }
    char *after = picture(state);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

#define REFUSED(state, list, options) \
    refuse_all(state, list, sizeof(list) / sizeof((list)[0]), options)

static void files_of_the_host_are_not_read(void **state)
{
    static const char *const list[] = {"FROM '%S'", "FROM \"%S\"",
        "FROM 'host:%S'", "FROM './secret.csv'", "FROM '../secret.csv'",
        "FROM 'file://%S'", "FROM 'file:%S'", "FROM '/../../../..%S'",
        "FROM '//%S'", "FROM '/etc/passwd'", "FROM '/etc/*'",
        "FROM '/proc/self/environ'", "FROM 'secret.csv'", "FROM '~/x.csv'",
        "FROM 's3://bucket/x.csv'", "FROM 'https://example.com/x.csv'",
        "FROM 'hf://datasets/x/y.csv'", "TABLE '%S'", "DESCRIBE '%S'",
        "SUMMARIZE '%S'", "SHOW '%S'", "EXPLAIN FROM '%S'",
        "EXPLAIN ANALYZE FROM '%S'", "FROM read_csv('%S')",
        "FROM read_csv_auto('%S')", "FROM read_csv(['/f.csv', '%S'])",
        "FROM read_csv(list_value('%S'))", "FROM read_csv('host:%S')",
        "FROM read_csv('./secret.csv')", "FROM read_parquet('%S')",
        "FROM parquet_scan('%S')", "FROM read_json('%S')",
        "FROM read_ndjson_objects('%S')", "FROM read_text('%S')",
        "FROM read_blob('%S')", "FROM read_text('/f.csv')",
        "FROM glob('/etc/*')", "FROM glob('*')", "FROM sniff_csv('%S')",
        "FROM parquet_metadata('%S')", "FROM parquet_schema('%S')",
        "FROM read_csv('/f' || '.csv')", "FROM read_csv((SELECT '%S'))",
        "FROM read_csv(getvariable('x'))", "FROM read_csv(concat('%S'))",
        "FROM read_csv([x FOR x IN ['%S']])", "FROM read_csv(NULL)",
        "FROM read_csv('%S'::VARCHAR)", "FROM read_csv(['%S']::VARCHAR[])",
        "FROM read_csv(path = '%S')", "FROM read_csv(files = '%S')",
        "FROM read_csv('/f.csv', '%S')",
        "FROM read_csv('/f.csv', rejects_table = 'x')",
        "FROM read_csv('/f.csv', store_rejects = true)",
        "FROM read_csv('/f.csv', filename = true)",
        "FROM read_csv('/f.csv', hive_partitioning = true)",
        "FROM read_parquet('/t', encryption_config = {footer_key: 'x'})",
        "FROM read_parquet('/t', filename = true)",
        "FROM read_parquet('/t', schema = MAP {0: {name: 'a'}})",
        "FROM query('FROM ''%S''')", "FROM query_table('%S')",
        "FROM query_table(['%S'])", "SELECT * FROM '/t' WHERE a IN (FROM '%S')",
        "SELECT (SELECT secret FROM '%S')", "WITH x AS (FROM '%S') FROM x",
        "WITH x AS MATERIALIZED (FROM '%S') FROM x",
        "WITH RECURSIVE x AS (FROM '%S' UNION ALL FROM x) FROM x",
        "FROM '/t' UNION FROM '%S'", "FROM '/t' JOIN '%S' ON true",
        "FROM '/t', LATERAL (FROM '%S')", "FROM '/t' POSITIONAL JOIN '%S'",
        "PIVOT '%S' ON secret USING count(*)",
        "PIVOT '%S' ON secret IN ('hunter2') USING count(*)",
        "UNPIVOT '%S' ON secret", "SELECT 1 LIMIT (SELECT 1 FROM '%S')",
        "SELECT 1 ORDER BY (SELECT 1 FROM '%S')", "SELECT EXISTS (FROM '%S')",
        "VALUES ((SELECT secret FROM '%S'))",
        "SELECT list_transform([1], lambda x: (SELECT secret FROM '%S'))",
        "SELECT count(*) FILTER ((SELECT true FROM '%S'))",
        "SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM '%S'))",
        "SELECT * REPLACE ((SELECT secret FROM '%S') AS a) FROM '/t'",
        "SELECT COLUMNS((SELECT secret FROM '%S')) FROM '/t'",
        "FROM range((SELECT 1 FROM '%S'))",
        "WITH \"%S\" AS (SELECT 1) FROM \"%S\"",
        "WITH secret.csv AS (SELECT 1) FROM secret.csv",
        "SELECT (WITH \"secret.csv\" AS (SELECT 1) SELECT 1) "
        "FROM \"secret.csv\"",
        "FROM '%S' AT (VERSION => 1)", "FROM '%S@1'", "FROM main.\"%S\"",
        "FROM memory.main.\"%S\"", "FROM \"%S\".main.x",
        "FROM read_duckdb('%S')", "FROM duckdb_scan('%S', 'x')",
        "FROM sqlite_scan('%S', 'x')", "FROM arrow_scan(0, 0, 0)",
        "FROM seq_scan('%S')", "FROM json_execute_serialized_sql('{}')",
        "SELECT json_serialize_plan('FROM ''%S''')", "FROM st_read('%S')",
        "FROM read_xlsx('%S')", "FROM tarn__lines('%S')",
        "FROM tarn__nodes('0')",
        "SELECT * FROM '/t' TABLESAMPLE (SELECT 1 FROM '%S')"};
    prepare(state);
    REFUSED(state, list, NULL);
}

static void the_lakes_own_files_are_not_read(void **state)
{
    static const char *const list[] = {"FROM '%O'", "FROM '%L/*.parquet'",
        "FROM read_parquet('%O')", "FROM read_parquet('%L/*')",
        "FROM 'host:%O'", "FROM 'host:%L/*.parquet'",
        "FROM 'host:%D/tarn.json'", "FROM read_json('host:%D/tarn.json')",
        "FROM 'host:%D/../lake/tarn.json'", "FROM 'host:%D/./lock'",
        "FROM 'host:/proc/self/root%O'", "FROM 'host:/proc/self/cwd/../..%O'",
        "FROM 'host:%D/views/key/*'", "FROM 'host:%D'", "FROM 'host:%D/**'",
        "FROM read_parquet(['/t', 'host:%O'])"};
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    prepare(state);
    REFUSED(state, list, NULL);
    /* Not even where the host's files may be read. */
    options.allow_host = true;
    REFUSED(state, list, &options);
}

static void a_link_into_the_lake_is_no_way_in(void **state)
{
    static const char *const list[] = {"FROM 'host:%W/tarn.json'",
        "FROM 'host:%W/*.json'", "FROM 'host:%W/log/data/*.parquet'"};
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    options.allow_host = true;
    prepare(state);
    char command[600];
    snprintf(command, sizeof(command), "ln -s '%s' '%s'",
        sandbox_path(state, "lake"), sandbox_path(state, "written"));
    assert_int_equal(system(command), 0);
    REFUSED(state, list, &options);
}

static void settings_and_catalogs_are_not_shown(void **state)
{
    static const char *const list[] = {"SELECT current_setting('threads')",
        "SELECT current_setting('temp_directory')", "SELECT getenv('HOME')",
        "SELECT getvariable('x')", "SELECT current_query()",
        "FROM duckdb_settings()", "FROM duckdb_settings",
        "FROM duckdb_secrets()", "FROM duckdb_tables()", "FROM duckdb_tables",
        "FROM duckdb_databases()", "FROM duckdb_functions()",
        "FROM duckdb_logs()", "FROM duckdb_memory()",
        "FROM duckdb_temporary_files()", "FROM duckdb_external_file_cache()",
        "FROM duckdb_extensions()", "FROM duckdb_variables()",
        "FROM information_schema.tables", "FROM pg_catalog.pg_tables",
        "FROM pg_tables", "FROM sqlite_master", "FROM sqlite_schema",
        "FROM pragma_database_list", "FROM pragma_database_list()",
        "FROM pragma_version()", "FROM pragma_user_agent()", "SHOW ALL TABLES",
        "SHOW DATABASES", "SHOW SCHEMAS", "SHOW VARIABLES", "SHOW threads",
        "DESCRIBE", "SHOW search_path", "FROM which_secret('s3://x', 's3')",
        "SELECT nextval('x')", "SELECT txid_current()",
        "SELECT pg_get_viewdef(1)", "SELECT col_description(1, 1)",
        "SELECT in_search_path('a', 'b')", "SELECT system.main.getenv('HOME')",
        "SELECT main.current_setting('threads')",
        "SELECT \"current_setting\"('threads')",
        "SELECT 'threads'.current_setting()",
        "SELECT list_transform(['threads'], lambda x: current_setting(x))",
        "SELECT list_aggregate([1], 'sum', current_setting('threads'))",
        "FROM sql_auto_complete('SEL')", "FROM check_peg_parser('SELECT 1')",
        /* A recursive query's first half does not see its own name. */
        "WITH RECURSIVE pg_settings AS (FROM pg_settings UNION ALL "
        "SELECT * FROM pg_settings WHERE false) FROM pg_settings",
        "WITH RECURSIVE duckdb_databases AS (FROM duckdb_databases UNION "
        "FROM duckdb_databases) FROM duckdb_databases",
        "WITH RECURSIVE sqlite_master(x) AS (SELECT (SELECT count(*) FROM "
        "sqlite_master) UNION SELECT x FROM sqlite_master) FROM sqlite_master",
        "WITH RECURSIVE pg_tables(x) USING KEY (x) AS (SELECT 1 FROM "
        "recurring.pg_tables UNION SELECT x FROM pg_tables) FROM pg_tables",
        "WITH RECURSIVE x AS ((WITH RECURSIVE y AS (SELECT 1 a UNION FROM "
        "duckdb_views) FROM y) UNION FROM x) FROM x"};
    prepare(state);
    REFUSED(state, list, NULL);
}

static void nothing_is_written(void **state)
{
    static const char *const list[] = {"COPY (SELECT 1) TO '%W'",
        "COPY (SELECT 1) TO '%W' (FORMAT parquet)", "EXPORT DATABASE '%W'",
        "ATTACH '%W'", "ATTACH '%W' AS x (TYPE sqlite)",
        "CREATE TABLE x AS FROM '/t'", "CREATE TEMP TABLE x AS FROM '/t'",
        "CREATE VIEW x AS FROM '/t'", "CREATE OR REPLACE VIEW x AS SELECT 1",
        "INSERT INTO '/t' VALUES (2, 'y')", "DELETE FROM '/t'",
        "UPDATE '/t' SET a = 2", "TRUNCATE '/t'", "DROP TABLE \"/t\"",
        "ALTER TABLE \"/t\" ADD COLUMN c INT",
        "MERGE INTO '/t' USING '/t' x ON true WHEN MATCHED THEN DELETE",
        "WITH x AS (INSERT INTO y VALUES (1) RETURNING *) FROM x",
        "WITH x AS (DELETE FROM y RETURNING *) FROM x", "SELECT 1 INTO x",
        "SELECT * INTO OUTFILE '%W' FROM '/t'", "SET threads = 1",
        "SET GLOBAL threads = 1", "SET VARIABLE x = 1", "RESET ALL",
        "PRAGMA threads = 1", "PRAGMA enable_profiling",
        "PRAGMA profiling_output = '%W'", "CALL enable_logging()",
        "CALL enable_profiling()", "FROM enable_logging()",
        "FROM enable_profiling()", "FROM checkpoint()",
        "FROM force_checkpoint()", "SELECT write_log('x')", "LOAD '%W'",
        "INSTALL '%W'", "INSTALL httpfs", "LOAD httpfs", "UPDATE EXTENSIONS",
        "CHECKPOINT", "VACUUM", "BEGIN", "COMMIT", "ROLLBACK", "USE memory",
        "PREPARE x AS SELECT 1", "EXECUTE x", "CREATE SCHEMA lake2",
        "CREATE SECRET (TYPE s3)", "CREATE SEQUENCE x", "CREATE TYPE x AS INT",
        "CREATE MACRO abs(x) AS 1", "COMMENT ON TABLE x IS 'y'",
        "SELECT 1; COPY (SELECT 1) TO '%W'",
        "COPY (SELECT 1) TO '%W'; SELECT 1", "/* */ COPY (SELECT 1) TO '%W'",
        "-- x\nCOPY (SELECT 1) TO '%W'", "EXPLAIN COPY (SELECT 1) TO '%W'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '%W'",
        "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1",
        "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '%W'",
        "EXPLAIN (ANALYZE) EXPORT DATABASE '%W'",
        "EXPLAIN ANALYZE SELECT 1; COPY (SELECT 1) TO '%W'",
        "EXPLAIN EXPLAIN SELECT 1",
        "EXPLAIN (FORMAT json) SELECT 1) TO '%W' --",
        "EXPLAIN (FORMAT 'x'; DROP) SELECT 1",
        "PIVOT '/t' ON a USING sum(b); COPY (SELECT 1) TO '%W'",
        "PIVOT '/t' ON a) TO '%W' -- USING count(*)", "SELECT 1) TO '%W' --",
        "SELECT 1 -- ) TO '%W'\n) TO '%W' --",
        "SELECT 'x' AS \"y') TO '%W' --\" FROM '/none'"};
    prepare(state);
    REFUSED(state, list, NULL);
    assert_false(sandbox_exists(state, "written"));
}

/* These hold something like an attack and are no more than data. */
static void data_stays_data(void **state)
{
    static const tarn_param params[] = {
        {"x", "'; COPY (SELECT 1) TO '/tmp/x'; --"}};
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    options.params = params;
    options.param_count = 1;
    prepare(state);
    answers_with(state, "SELECT $x AS x", TARN_LATEST, &options,
        "x\n'; COPY (SELECT 1) TO '/tmp/x'; --\n");
    answers(
        state, "SELECT 1 AS \"a') TO '/tmp/x' --\"", "a') TO '/tmp/x' --\n1\n");
    answers(state, "SELECT $$'; DROP TABLE x$$ AS d", "d\n'; DROP TABLE x\n");
    answers(state, "SELECT E'\\'; DROP' AS d", "d\n'; DROP\n");
}

/* What the guard lets through cannot see more than the guard knew of. */
static void the_session_itself_is_locked(void **state)
{
    static const char *const list[] = {"SET threads = 1",
        "SET enable_external_access = true", "RESET lock_configuration",
        "FROM read_csv('/etc/passwd')", "FROM glob('/etc/*')",
        "FROM read_text('/etc/hostname')", "COPY (SELECT 1) TO '/tmp/tarn-x'",
        "ATTACH '/tmp/tarn-x'", "EXPORT DATABASE '/tmp/tarn-x'",
        "INSTALL httpfs", "SET allowed_directories = ['/']",
        "SET temp_directory = '/tmp'"};
    tarn__statement statement;
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    prepare(state);
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(tarn__statement_open(
        snap, "FROM '/t', lake.log", &options, NULL, &statement, e));
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (tarn__duck_exec(statement.session->duck, list[i], NULL) == TARN_OK)
            fail_msg("%s: was done", list[i]);
    assert_int_not_equal(access("/tmp/tarn-x", F_OK), 0);
    tarn__statement_reset(&statement);
    tarn_snapshot_free(snap);
}

/* A handle's later queries run in a DuckDB that another thread has opened. */
static void nothing_of_one_query_is_left_to_the_next(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_query_options open = TARN_QUERY_OPTIONS_INIT;
    char sql[300];
    char *text;
    open.allow_host = true;
    snprintf(sql, sizeof(sql), "FROM 'host:%s'",
        sandbox_write_text(state, "host.csv", "a\n1\n"));
    put_text(state, "/t.csv", "a\n1\n");
    for (int i = 0; i < 4; i++) {
        answers_with(state, sql, TARN_LATEST, &open, "a\n1\n");
        assert_int_not_equal(
            TARN_OK, try_ask(state, sql, TARN_LATEST, NULL, &text, &err));
        assert_int_not_equal(TARN_OK,
            try_ask(state, "SELECT * FROM tarn__nodes('1')", TARN_LATEST, NULL,
                &text, &err));
        answers(state, "SELECT count(*) AS n FROM '/t.csv'",
            i == 0       ? "n\n1\n"
                : i == 1 ? "n\n2\n"
                : i == 2 ? "n\n3\n"
                         : "n\n4\n");
        answers(state, "SELECT count(*) > 0 AS some FROM lake.nodes",
            "some\ntrue\n");
        put_text(state, "/t.csv",
            i == 0       ? "a\n1\n2\n"
                : i == 1 ? "a\n1\n2\n3\n"
                         : "a\n1\n2\n3\n4\n");
        answers_with(
            state, "SELECT count(*) AS n FROM '/t.csv'", 1, NULL, "n\n1\n");
    }
}

/* Closing waits for the thread that opens the next one. */
static void a_lake_is_closed_while_the_next_session_opens(void **state)
{
    for (int i = 0; i < 5; i++) {
        tarn_lake *lake = NULL;
        tarn_snapshot *snap = NULL;
        WORKS(tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, e));
        WORKS(tarn_snapshot_open(lake, TARN_LATEST, &snap, e));
        for (int k = 0; k < 2; k++) {
            tarn_rows *rows = NULL;
            WORKS(tarn_query(snap, "SELECT 1", NULL, &rows, e));
            tarn_rows_free(rows);
        }
        tarn_snapshot_free(snap);
        tarn_lake_close(lake);
    }
}

/* Each on a handle that all share, or on one of its own. */
typedef struct asker {
    tarn_lake *lake;
    const char *dir; /* NULL: the shared one */
    int wrong;
} asker;

static void ask_some(asker *a, tarn_lake *lake)
{
    for (int i = 0; i < 3; i++) {
        tarn_error err = TARN_ERROR_INIT;
        tarn_snapshot *snap = NULL;
        tarn_rows *rows = NULL;
        char *text = NULL;
        tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &snap, &err);
        if (st == TARN_OK)
            st = tarn_query(snap,
                i == 1 ? "SELECT count(*) AS n FROM lake.nodes"
                       : "SELECT sum(a) AS n FROM '/t'",
                NULL, &rows, &err);
        if (st == TARN_OK)
            st = rows_text(rows, &text, &err);
        if (st != TARN_OK || text == NULL || strncmp(text, "n\n", 2) != 0)
            a->wrong++;
        free(text);
        tarn_rows_free(rows);
        tarn_snapshot_free(snap);
    }
}

static void *ask_in_thread(void *arg)
{
    asker *a = arg;
    tarn_lake *own = NULL;
    if (a->dir != NULL && tarn_lake_open(a->dir, NULL, &own, NULL) != TARN_OK)
        a->wrong++;
    else
        ask_some(a, a->dir != NULL ? own : a->lake);
    tarn_lake_close(own);
    return NULL;
}

static void many_threads_ask_one_handle_and_many(void **state)
{
    asker askers[6];
    pthread_t threads[6];
    prepare(state);
    for (int i = 0; i < 6; i++) {
        const char *dir = i % 2 == 0 ? NULL : sandbox_path(state, "lake");
        askers[i] = (asker){sandbox_user(state), dir, 0};
        assert_int_equal(
            0, pthread_create(&threads[i], NULL, ask_in_thread, &askers[i]));
    }
    for (int i = 0; i < 6; i++) {
        assert_int_equal(0, pthread_join(threads[i], NULL));
        assert_int_equal(0, askers[i].wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(nothing_of_one_query_is_left_to_the_next),
        lake_test(a_lake_is_closed_while_the_next_session_opens),
        lake_test(many_threads_ask_one_handle_and_many),
        lake_test(files_of_the_host_are_not_read),
        lake_test(the_lakes_own_files_are_not_read),
        lake_test(a_link_into_the_lake_is_no_way_in),
        lake_test(settings_and_catalogs_are_not_shown),
        lake_test(nothing_is_written),
        lake_test(data_stays_data),
        lake_test(the_session_itself_is_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

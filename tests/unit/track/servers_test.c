/* Real life: a server with some hundreds of tables is altered between runs, and
 * after each the current state is that of a full extraction. */
#include <tarn/track.h>
#include <tarn/tree.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/sandbox.h"
#include "support/servers.h"

#define TABLES 240
#define TEXT_BYTES 200000

static tarn_lake *open_lake(void **state, const char *name)
{
    tarn_lake *lake;
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = sandbox_path(state, name);
    if (!sandbox_exists(state, name) &&
        tarn_lake_init(dir, NULL, &err) != TARN_OK)
        fail_msg("%s", err.message);
    if (tarn_lake_open(dir, NULL, &lake, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return lake;
}

static void configure(void **state, const char *kind, const char *scope)
{
    char text[2000];
    const char *preset = strcmp(kind, "mariadb") == 0 ? "mysql" : kind;
    snprintf(text, sizeof text, "connections: {%s: {prod: %s}}\n", preset,
        server_connection(kind));
    sandbox_write_text(state, "connections.yaml", text);
    snprintf(text, sizeof text,
        "application: crawler\nconnection: default/%s/7\n"
        "source: \"@%s.prod\"\npreset: %s\n%s\n"
        "columns: {batch_size: 20, jobs: 3, chunk_size: 100}\n",
        preset, preset, preset, scope);
    sandbox_write_text(state, "c.yaml", text);
}

static tarn_track_run_result run(void **state, const char *name)
{
    tarn_track_run_options o = TARN_TRACK_RUN_OPTIONS_INIT;
    tarn_track_run_result result;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = open_lake(state, name);
    o.temp_dir = sandbox_path(state, "tmp");
    if (tarn_track_run(
            lake, sandbox_path(state, "c.yaml"), &o, &result, &err) != TARN_OK)
        fail_msg("%s", err.message);
    tarn_lake_close(lake);
    return result;
}

/* All names of columns, sorted, as the lake's state has them. */
static char *columns_of(void **state, const char *name)
{
    char command[6000];
    char out[200];
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap;
    tarn_lake *lake = open_lake(state, name);
    snprintf(out, sizeof out, "got-%s", name);
    if (tarn_snapshot_open(lake, TARN_LATEST, &snap, &err) != TARN_OK ||
        tarn_tree_get(snap,
            "/persistent-artifacts/apps/crawler/connection/7/current-state",
            sandbox_path(state, out), NULL, NULL, &err) != TARN_OK)
        fail_msg("%s", err.message);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
    snprintf(command, sizeof command,
        "cd '%s' && cat '%s'/current-state/column/*.json | LC_ALL=C sort >"
        "'%s.txt' && rm -rf '%s'",
        sandbox_dir(state), out, out, out);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s.txt", out);
    return strdup(sandbox_read(state, command, NULL));
}

/* The state against that of a lake that has none yet. */
static void is_full(void **state, int round)
{
    char fresh[32];
    snprintf(fresh, sizeof fresh, "fresh%d", round);
    tarn_track_run_result full = run(state, fresh);
    assert_false(full.is_incremental);
    char *have = columns_of(state, "lake");
    char *want = columns_of(state, fresh);
    assert_string_equal(have, want);
    free(have);
    free(want);
}

static void create_tables(const char *kind, const char *more)
{
    static char sql[TEXT_BYTES];
    size_t len = 0;
    for (int i = 0; i < TABLES; i++)
        len += (size_t)snprintf(sql + len, sizeof sql - len,
            "CREATE TABLE t%03d (id INT PRIMARY KEY, a VARCHAR(%d), b "
            "DECIMAL(10,%d));\n",
            i, 10 + i, i % 9);
    snprintf(sql + len, sizeof sql - len, "%s", more);
    server_sql(kind, sql);
}

/* Each of `changes` is seen by the next run, which extracts no other table's
 * columns, and by no later one. */
static void follow(
    void **state, const char *kind, int tables, const char *const *changes)
{
    tarn_track_run_result r = run(state, "lake");
    assert_int_equal(r.tables_created, tables);
    for (int i = 0; changes[i] != NULL; i++) {
        server_sql(kind, changes[i]);
        r = run(state, "lake");
        assert_true(r.is_incremental);
        assert_true(r.columns_extracted > 0 && r.columns_extracted < 30);
        is_full(state, i);
        r = run(state, "lake");
        assert_int_equal(r.columns_extracted, 0);
        assert_int_equal(r.tables_created + r.tables_updated +
                r.tables_deleted + r.tables_backfilled,
            0);
    }
}

static void of_mariadb_the_state_is_that_of_a_full_extraction(void **state)
{
    static const char *const changes[] = {
        "ALTER TABLE t003 ADD COLUMN n DATE, DROP COLUMN b;"
        "DROP TABLE t004; CREATE TABLE new1 (x JSON, `we ird/n.ame` INT);"
        "RENAME TABLE t005 TO renamed;"
        "DROP VIEW v1; CREATE TABLE v1 (k INT);",
        "ALTER TABLE t006 MODIFY a TEXT NOT NULL DEFAULT 'x';"
        "DROP VIEW v2; CREATE VIEW v2 AS SELECT id, a, b FROM t002;"
        "DROP TABLE new1; CREATE TABLE new1 (y INT);"
        "ALTER TABLE t007 COMMENT 'only the table''s';"
        "ALTER TABLE t010 MODIFY a VARCHAR(20) COMMENT 'it''s';",
        "ALTER TABLE t008 ADD INDEX (a); ALTER TABLE t009 DROP PRIMARY KEY;"
        "RENAME TABLE renamed TO t005; DROP TABLE v1;"
        "CREATE VIEW v1 AS SELECT 1 AS one;",
        NULL};
    /* In patterns case matters, whatever the server makes of names. */
    configure(state, "mariadb", "include: [\"shop\"]\nexclude: [\"SHOP%\"]");
    create_tables("mariadb",
        "CREATE VIEW v1 AS SELECT id, a FROM t001;"
        "CREATE VIEW v2 AS SELECT b FROM t002;");
    follow(state, "mariadb", TABLES + 2, changes);
}

static void of_postgres_the_state_is_that_of_a_full_extraction(void **state)
{
    static const char *const changes[] = {
        "ALTER TABLE t003 ADD COLUMN n DATE, DROP COLUMN b;"
        "DROP TABLE t004; CREATE TABLE new1 (x jsonb, \"we ird/n.ame\" INT);"
        "ALTER TABLE t005 RENAME TO renamed;"
        "DROP VIEW v1; CREATE TABLE v1 (k INT);",
        "ALTER TABLE t006 ALTER a TYPE text, ALTER a SET DEFAULT 'x';"
        "DROP VIEW v2; CREATE MATERIALIZED VIEW v2 AS SELECT id, a FROM t002;"
        "DROP TABLE new1; CREATE TABLE new1 (y INT);"
        "COMMENT ON TABLE t007 IS 'only the table''s';"
        "COMMENT ON COLUMN t010.a IS 'it''s';",
        "ALTER TABLE t008 RENAME COLUMN a TO c; ALTER TABLE t009 DROP "
        "CONSTRAINT t009_pkey; ALTER TABLE renamed RENAME TO t005;"
        "DROP TABLE v1; CREATE VIEW v1 AS SELECT 1 AS one;"
        "CREATE SCHEMA \"20250\"; CREATE TABLE \"20250\".t (i INT);"
        "CREATE TABLE parts (i INT) PARTITION BY RANGE (i);"
        "CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (9);",
        "ALTER TABLE parts DETACH PARTITION part1; DROP SCHEMA \"2024\" "
        "CASCADE; ALTER TABLE t011 ALTER a SET NOT NULL;",
        NULL};
    /* A pattern that reads as a number is a name's all the same. */
    configure(state, "postgres",
        "include: [\"public\", \"2024\"]\nexclude: [\"-1\"]");
    create_tables("postgres",
        "CREATE VIEW v1 AS SELECT id, a FROM t001;"
        "CREATE SCHEMA \"2024\"; CREATE SCHEMA \"-1\";"
        "CREATE TABLE \"2024\".t (i INT); CREATE TABLE \"-1\".t (i INT);"
        "CREATE VIEW v2 AS SELECT b FROM t002;");
    follow(state, "postgres", TABLES + 3, changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(of_mariadb_the_state_is_that_of_a_full_extraction),
        sandbox_test(of_postgres_the_state_is_that_of_a_full_extraction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

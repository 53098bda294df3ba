/* The past in SQL, and the lake's own tables. */
#include "unit/query/fixture.h"

static void a_snapshot_sees_its_version(void **state)
{
    int64_t v1 = put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n2\n");
    answers_with(state, "FROM '/t'", v1, NULL, "a\n1\n");
    answers(state, "FROM '/t'", "a\n2\n");
}

static void a_statement_can_name_versions(void **state)
{
    static const tarn_param params[] = {{"v", "1"}};
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n2\n");
    answers(state, "FROM '/t@1'", "a\n1\n");
    answers(state, "FROM '/t' AT (VERSION => 1)", "a\n1\n");
    answers(state, "FROM '/t' AT (VERSION => '1')", "a\n1\n");
    answers(state,
        "SELECT n.a AS n, o.a AS o FROM '/t' AS n, '/t' AS o AT (VERSION => 1)",
        "n|o\n2|1\n");
    answers(state,
        "SELECT \"/t@1\".a AS o, \"/t@2\".a AS n FROM '/t@1', '/t@2'",
        "o|n\n1|2\n");
    options.params = params;
    options.param_count = 1;
    answers_with(
        state, "FROM '/t' AT (VERSION => $v)", TARN_LATEST, &options, "a\n1\n");
    answers(state, "SELECT sum(a) AS s FROM '/*@1'", "s\n1\n");
}

static void a_statement_can_name_times(void **state)
{
    char sql[200];
    char time[TARN_TEXT_BYTES];
    tarn_rows *rows = NULL;
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n2\n");
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(tarn_query(snap,
        "SELECT time FROM lake.log WHERE version = 1 LIMIT 1", NULL, &rows, e));
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    tarn_format_time(tarn_rows_int64(rows, 0), time);
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    snprintf(sql, sizeof(sql), "FROM '/t' AT (TIMESTAMP => '%s')", time);
    answers(state, sql, "a\n1\n");
    snprintf(
        sql, sizeof(sql), "FROM '/t' AT (TIMESTAMP => TIMESTAMPTZ '%s')", time);
    answers(state, sql, "a\n1\n");
    snprintf(sql, sizeof(sql), "FROM '/t@%s'", time);
    answers(state, sql, "a\n1\n");
    answers(state, "FROM '/t' AT (TIMESTAMP => '2999-01-01')", "a\n2\n");
    fails(state, "FROM '/t' AT (TIMESTAMP => '1999-01-01')", TARN_NOT_FOUND,
        "1999");
}

static void a_node_of_exactly_that_name_comes_first(void **state)
{
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    put_csv(state, "/t@1", TARN_KIND_TABLE, "a\n7\n");
    answers(state, "FROM '/t@1'", "a\n7\n");
}

static void versions_that_are_not_there_say_so(void **state)
{
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    fails(state, "FROM '/t@99'", TARN_NOT_FOUND, "99");
    fails(state, "FROM '/t@0'", TARN_NOT_FOUND, "/t");
    fails(state, "FROM '/t' AT (VERSION => 99)", TARN_NOT_FOUND, "99");
    fails(state, "FROM '/t' AT (VERSION => -1)", TARN_BAD_INPUT, "-1");
    fails(state, "FROM '/t' AT (VERSION => 'x')", TARN_BAD_INPUT, "VERSION");
    fails(state, "FROM '/t' AT (VERSION => 1 + 1)", TARN_BAD_INPUT, "VERSION");
    fails(state, "FROM '/t' AT (COMMIT => 1)", TARN_BAD_INPUT, "COMMIT");
}

static void what_was_removed_can_be_read_in_the_past(void **state)
{
    tarn_txn *txn = NULL;
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_rm(txn, "/t", false, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    fails(state, "FROM '/t'", TARN_NOT_FOUND, "/t");
    answers(state, "FROM '/t@1'", "a\n1\n");
}

static void the_log_is_a_table(void **state)
{
    put_text(state, "/a", "hello");
    put_csv(state, "/t", TARN_KIND_TABLE, "a\n1\n");
    answers(state,
        "SELECT version, space, op, kind, size, content::VARCHAR AS content, "
        "object IS NULL AS inline FROM lake.log WHERE kind = 'file'",
        "version|space|op|kind|size|content|inline\n"
        "1|tree|put|file|5|hello|true\n");
    answers(state,
        "SELECT version, kind, content IS NULL AS elsewhere, length(object) AS "
        "l FROM lake.log WHERE kind = 'table'",
        "version|kind|elsewhere|l\n2|table|true|64\n");
}

static void the_log_ends_at_the_snapshot(void **state)
{
    put_text(state, "/a", "one");
    put_text(state, "/a", "two");
    answers_with(
        state, "SELECT max(version) AS v FROM lake.log", 1, NULL, "v\n1\n");
    answers(state,
        "SELECT max(log.version) AS v FROM lake.log AT (VERSION => 1)",
        "v\n1\n");
    answers(state, "SELECT max(lake.log.version) AS v FROM lake.log", "v\n2\n");
}

static void the_log_shows_one_tenant(void **state)
{
    tarn_txn *txn = NULL;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_state_put(txn, "scope", "name", tarn_str("hunter2"), e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    put_text(state, "/a", "17");
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    options.tenant = "o'ther";
    answers_with(state, "SELECT DISTINCT space FROM lake.log", TARN_LATEST,
        &options, "space\ntree\n");
    /* Not even in the error that a row which is not seen would make. */
    answers_with(state,
        "SELECT version FROM lake.log WHERE content::VARCHAR::INTEGER = 17",
        TARN_LATEST, &options, "version\n2\n");
}

static void nodes_are_a_table(void **state)
{
    tarn_txn *txn = NULL;
    put_text(state, "/d/.hidden", "abc");
    put_csv(state, "/d/s", TARN_KIND_SERIES, "time,v\n2026-01-01,1\n");
    put_csv(state, "/d/s", TARN_KIND_SERIES, "time,v\n2026-01-02,1\n");
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_ln(txn, "/d/s", "/l", e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    answers(state,
        "SELECT path, kind, parent, name, item_count, row_count, target, "
        "version FROM lake.nodes ORDER BY path",
        "path|kind|parent|name|item_count|row_count|target|version\n"
        "/d|dir|/|d|0|~|~|1\n"
        "/d/.hidden|file|/d|.hidden|1|~|~|1\n"
        "/d/s|series|/d|s|2|2|~|3\n"
        "/l|link|/|l|0|~|/d/s|4\n");
    answers(state, "SELECT count(*) AS n FROM lake.nodes AT (VERSION => 1)",
        "n\n2\n");
    answers(state,
        "SELECT count(*) AS n FROM lake.nodes a JOIN lake.nodes b "
        "ON a.parent = b.path",
        "n\n2\n");
    answers(state,
        "SELECT count(*) AS n FROM lake.nodes "
        "WHERE created_at <= now() AND length(id) = 36",
        "n\n4\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(a_snapshot_sees_its_version),
        lake_test(a_statement_can_name_versions),
        lake_test(a_statement_can_name_times),
        lake_test(a_node_of_exactly_that_name_comes_first),
        lake_test(versions_that_are_not_there_say_so),
        lake_test(what_was_removed_can_be_read_in_the_past),
        lake_test(the_log_is_a_table),
        lake_test(the_log_ends_at_the_snapshot),
        lake_test(the_log_shows_one_tenant),
        lake_test(nodes_are_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

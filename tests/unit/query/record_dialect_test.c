/* LOOKUP, TRAVERSE, lake.edges, SHOW TABLES, and whose they are. */
#include "unit/query/records.h"

static const char free_form[] = "{\"name\":\"notes\",\"version\":\"1.0.0\"}";
static const char tags[] = "{\"name\":\"tags\",\"version\":\"1.0.0\"}";

static void put_edge(void **state, const char *tenant, const char *src,
    const char *rel, const char *dst)
{
    tarn_txn *txn = NULL;
    tarn_edge_options options = TARN_EDGE_OPTIONS_INIT;
    options.tenant = tenant;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(
        tarn_edge_put(txn, src, rel, dst, tarn_str("{\"w\":1}"), &options, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
}

static void start(void **state)
{
    put_schema(state, NULL, free_form);
    put_schema(state, NULL, tags);
    put_records(state, NULL, "notes",
        "{\"key\":\"a\",\"n\":1}\n{\"key\":\"b\"}\n{\"key\":\"it's\"}\n");
    put_records(state, NULL, "tags", "{\"key\":\"a\",\"tag\":true}\n");
    put_edge(state, NULL, "notes/a", "to", "b");
    put_edge(state, NULL, "b", "back", "notes/a");
}

static void a_key_is_looked_up_in_every_table(void **state)
{
    start(state);
    answers(state, "LOOKUP 'a', 'nowhere', 'it''s'",
        "key|table|id|doc\n"
        "a|notes|ab3278b7-1553-8c32-b3bc-372e4ced9774|{\"key\":\"a\",\"n\":1}\n"
        "a|tags|67e094f6-b209-8d52-b77d-33a5fb43f211|"
        "{\"key\":\"a\",\"tag\":true}\n"
        "it's|notes|ad592fa1-a924-8874-b672-4ae10b42ca27|{\"key\":\"it's\"}\n");
}

static void a_lookup_takes_parameters(void **state)
{
    const tarn_param params[] = {{"k", "b"}};
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    char *text = NULL;
    options.params = params;
    options.param_count = 1;
    start(state);
    if (try_ask(state, "LOOKUP $k;", TARN_LATEST, &options, &text, &err) !=
        TARN_OK)
        fail_msg("%s", err.message);
    assert_non_null(strstr(text, "b|notes|"));
    free(text);
}

static void a_way_ends_where_it_has_been(void **state)
{
    start(state);
    char *text = NULL;
    tarn_error err = TARN_ERROR_INIT;
    if (try_ask(state, "traverse from 'b' depth 5 direction both type 'back'",
            TARN_LATEST, NULL, &text, &err) != TARN_OK)
        fail_msg("%s", err.message);
    assert_non_null(strstr(text, "depth|id|key|table|path\n1|"));
    assert_non_null(strstr(text, "|a|notes|[\"b\",\"a\"]\n"));
    free(text);
    answers(state, "TRAVERSE FROM 'nowhere'", "depth|id|key|table|path\n");
}

static void what_is_no_statement_says_how_it_is_written(void **state)
{
    static const char *const bad[] = {"LOOKUP", "LOOKUP a", "LOOKUP 'a' 'b'",
        "LOOKUP 'a", "LOOKUP 'a',", "TRAVERSE 'a'", "TRAVERSE FROM 'a' DEPTH 0",
        "TRAVERSE FROM 'a' DEPTH x", "TRAVERSE FROM 'a' DIRECTION up",
        "TRAVERSE FROM 'a' TYPE b", "TRAVERSE FROM 'a' DEPTH 1 DEPTH 2",
        "TRAVERSE FROM 'a'; SELECT 1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        fails(state, bad[i], TARN_BAD_INPUT, "(write ");
    fails(state, "SEARCH 'x' IN notes", TARN_BAD_INPUT, "SEARCH");
}

static void edges_are_a_table(void **state)
{
    start(state);
    answers(state,
        "SELECT e.rel, e.props, e.src_key, e.dst_key, n.doc->>'$.n' n "
        "FROM lake.edges e JOIN notes n ON n.id = e.src ORDER BY 1",
        "rel|props|src_key|dst_key|n\nback|{\"w\":1}|b|a|~\n"
        "to|{\"w\":1}|a|b|1\n");
}

static void show_tables_lists_record_tables(void **state)
{
    start(state);
    answers(state, "SHOW TABLES",
        "name\nlake.edges\nlake.log\nlake.nodes\nlake.run_events\nlake."
        "runs\nnotes\ntags\n");
}

/* --- tenants --- */

static const char secret[] = "sesame";

/* As tenant b, whatever is said, nothing of a is told. */
static void look_for_it(void **state, const char *sql)
{
    static const char *const routes[] = {
        NULL, "scan", "point", "column", "ids"};
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
        tarn_query_error details = TARN_QUERY_ERROR_INIT;
        tarn_error err = TARN_ERROR_INIT;
        char *text = NULL;
        options.tenant = "b";
        options.route = routes[i];
        options.error = &details;
        tarn_status st =
            try_ask(state, sql, TARN_LATEST, &options, &text, &err);
        if (st == TARN_OK && strstr(text, secret) != NULL)
            fail_msg("%s:\n%s", sql, text);
        if (strstr(err.message, secret) != NULL ||
            (details.original_error != NULL &&
                strstr(details.original_error, secret) != NULL))
            fail_msg("%s: %s", sql, err.message);
        tarn_query_error_reset(&details);
        free(text);
    }
}

static void no_statement_of_a_tenant_shows_what_is_anothers(void **state)
{
    static const char *const statements[] = {"FROM notes", "FROM people",
        "FROM \"a/notes\"", "FROM \"a\x01notes\"", "FROM a.notes",
        "FROM tarn__column.t1", "FROM tarn__column.main.t1",
        "FROM tarn__column.tables", "FROM tarn__live_0()",
        "FROM tarn__edges('9')", "FROM tarn__lookup()", "FROM lake.log",
        "SELECT content::VARCHAR, meta FROM lake.log",
        "SELECT CAST(meta AS INTEGER) FROM lake.log", "FROM lake.edges",
        "FROM lake.tables", "SHOW TABLES", "SUMMARIZE notes", "DESCRIBE people",
        "LOOKUP 'a'", "LOOKUP 'a-sesame'", "LOOKUP 'people/a-sesame'",
        "TRAVERSE FROM 'a' DIRECTION both", "SELECT doc->>'$.s' FROM notes",
        "SELECT count(*) FROM notes",
        "WITH people AS (SELECT 1 x) FROM people"};
    start(state);
    put_schema(state, "a", free_form);
    put_schema(state, "a", "{\"name\":\"people\",\"version\":\"1.0.0\"}");
    put_schema(state, "b", free_form);
    put_records(state, "a", "notes", "{\"key\":\"a\",\"s\":\"sesame\"}\n");
    put_records(state, "a", "people", "{\"key\":\"a-sesame\"}\n");
    put_edge(state, "a", "notes/a", "sesame", "people/a-sesame");
    put_records(state, "b", "notes", "{\"key\":\"mine\"}\n");
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
        look_for_it(state, statements[i]);
    /* Its very id. */
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    char *id = NULL;
    char sql[200];
    options.tenant = "a";
    if (try_ask(state, "SELECT id FROM notes", TARN_LATEST, &options, &id,
            &err) != TARN_OK)
        fail_msg("%s", err.message);
    id[strlen(id) - 1] = '\0';
    snprintf(sql, sizeof(sql), "FROM notes WHERE id = '%s'", id + 3);
    look_for_it(state, sql);
    snprintf(sql, sizeof(sql), "LOOKUP '%s'", id + 3);
    look_for_it(state, sql);
    free(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(a_key_is_looked_up_in_every_table),
        lake_test(a_lookup_takes_parameters),
        lake_test(a_way_ends_where_it_has_been),
        lake_test(what_is_no_statement_says_how_it_is_written),
        lake_test(edges_are_a_table),
        lake_test(show_tables_lists_record_tables),
        lake_test(no_statement_of_a_tenant_shows_what_is_anothers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

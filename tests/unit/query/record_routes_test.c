/* Record tables in SQL: columns, routes, and what is seen. */
#include "unit/query/records.h"

static const char people[] =
    "{\"name\":\"people\",\"version\":\"1.0.0\",\"type\":\"object\","
    "\"properties\":{\"email\":{\"type\":\"string\"},"
    "\"city\":{\"type\":\"string\"},\"age\":{\"type\":[\"integer\",\"null\"]},"
    "\"score\":{\"type\":\"number\"},\"active\":{\"type\":\"boolean\"},"
    "\"born\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"seen\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"address\":{\"type\":\"object\"}},"
    "\"x-tarn\":{\"key\":\"email\",\"indexed\":[\"city\",\"age\"]}}";

static const char three[] =
    "{\"email\":\"a@x\",\"city\":\"Oslo\",\"age\":30,\"score\":1.5,"
    "\"active\":true,\"born\":\"1990-01-02\","
    "\"seen\":\"2020-01-01T00:00:00Z\",\"address\":{\"zip\": 1}}\n"
    "{\"email\":\"b@x\",\"city\":\"Bergen\",\"age\":40,\"active\":false}\n"
    "{\"email\":\"c@x\",\"city\":\"Oslo\",\"age\":null,\"score\":2}\n";

static void start(void **state)
{
    put_schema(state, NULL, people);
    put_records(state, NULL, "people", three);
}

static void columns_are_those_of_the_schema_with_the_systems_around(
    void **state)
{
    start(state);
    answers(state, "SELECT column_name, column_type FROM (DESCRIBE people)",
        "column_name|column_type\nid|VARCHAR\nemail|VARCHAR\ncity|VARCHAR\n"
        "age|BIGINT\nscore|DOUBLE\nactive|BOOLEAN\nborn|DATE\n"
        "seen|TIMESTAMP\naddress|JSON\n"
        "created_at|TIMESTAMP WITH TIME ZONE\n"
        "modified_at|TIMESTAMP WITH TIME ZONE\ndoc|JSON\n");
}

static void every_route_gives_the_same_values(void **state)
{
    start(state);
    answers_everywhere(state,
        "SELECT email, city, age, score, active, born, seen, address "
        "FROM people ORDER BY email",
        "email|city|age|score|active|born|seen|address\n"
        "a@x|Oslo|30|1.5|true|1990-01-02|2020-01-01T00:00:00Z|{\"zip\": 1}\n"
        "b@x|Bergen|40|~|false|~|~|~\n"
        "c@x|Oslo|~|2.0|~|~|~|~\n");
    answers_everywhere(state,
        "SELECT city, count(*) n, sum(age) s FROM people GROUP BY 1 ORDER BY 1",
        "city|n|s\nBergen|1|40\nOslo|2|30\n");
    answers_everywhere(state,
        "SELECT doc->>'$.email' e FROM people WHERE city = 'Oslo' ORDER BY 1",
        "e\na@x\nc@x\n");
    answers_everywhere(state,
        "SELECT p.email FROM people p WHERE email IN ('b@x', 'c@x', 'no') "
        "ORDER BY 1",
        "email\nb@x\nc@x\n");
    answers_everywhere(state,
        "SELECT count(*) FROM people a JOIN people b USING (city)",
        "count_star()\n5\n");
}

static void routes_are_chosen_by_what_is_needed(void **state)
{
    start(state);
    goes(state, "SELECT city, count(*) FROM people GROUP BY 1",
        "people:column:\n");
    goes(state, "SELECT count(*) FROM people WHERE age > 31",
        "people:column:age > 31\n");
    goes(state, "SELECT * FROM people WHERE age > 31",
        "people:column:age > 31\n");
    goes(state, "SELECT score FROM people WHERE score > 1",
        "people:scan:score > '1.0'::DOUBLE\n");
    goes(state, "SELECT * FROM people WHERE email = 'a@x'",
        "people:point:email = 'a@x'\n");
    goes(state, "SELECT * FROM people LIMIT 2", "people:scan:limit 2\n");
}

static void softly_and_hard_deleted_records_are_not_seen(void **state)
{
    start(state);
    answers_everywhere(
        state, "SELECT count(*) FROM people", "count_star()\n3\n");
    rm_record(state, NULL, "a@x", false);
    rm_record(state, NULL, "b@x", true);
    answers_everywhere(state,
        "SELECT email, city FROM people WHERE age IS NULL",
        "email|city\nc@x|Oslo\n");
    answers_everywhere(state, "SELECT city, count(*) FROM people GROUP BY 1",
        "city|count_star()\nOslo|1\n");
}

static void another_tenant_has_no_such_table(void **state)
{
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    start(state);
    options.tenant = "b";
    fails_with(state, "FROM people", &options, TARN_NOT_FOUND, "people");
}

static void the_past_is_read(void **state)
{
    put_schema(state, NULL, people);
    int64_t v = put_records(state, NULL, "people", three);
    char sql[200];
    rm_record(state, NULL, "a@x", true);
    snprintf(sql, sizeof(sql),
        "SELECT city, count(*) n FROM people AT (VERSION => %lld) GROUP BY 1 "
        "ORDER BY 1",
        (long long)v);
    answers_everywhere(state, sql, "city|n\nBergen|1\nOslo|2\n");
}

/* --- keys --- */

static void update_record(void **state, const char *record, const char *json)
{
    tarn_txn *txn = NULL;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_record_update(txn, record, tarn_str(json), NULL, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
}

static void keyed_schema(void **state, const char *version, const char *key)
{
    char schema[400];
    snprintf(schema, sizeof(schema),
        "{\"name\":\"docs\",\"version\":\"%s\",\"properties\":{"
        "\"slug\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
        "\"n\":{\"type\":\"integer\"}},\"x-tarn\":{\"key\":\"%s\"}}",
        version, key);
    put_schema(state, NULL, schema);
}

static void a_key_is_found_beside_a_uri_that_no_schema_names(void **state)
{
    keyed_schema(state, "1.0.0", "slug");
    put_records(state, NULL, "docs", "{\"slug\":\"a\"}\n");
    goes(state, "SELECT slug FROM docs WHERE slug = 'a'",
        "docs:point:slug = 'a'\n");
    put_records(state, NULL, "docs",
        "{\"slug\":\"a\",\"uri\":\"x:1\"}\n{\"slug\":\"b\"}\n");
    answers_everywhere(
        state, "SELECT count(*) AS n FROM docs WHERE slug = 'a'", "n\n2\n");
    /* As it was before. */
    answers(state,
        "SELECT count(*) AS n FROM docs AT (VERSION => 2) WHERE slug = 'a'",
        "n\n1\n");
}

static void one_put_with_a_uri_is_enough(void **state)
{
    tarn_txn *txn = NULL;
    keyed_schema(state, "1.0.0", "slug");
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_record_put_json(
        txn, "docs", tarn_str("{\"slug\":\"a\",\"uri\":\"x:1\"}"), NULL, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    answers_everywhere(
        state, "SELECT count(*) AS n FROM docs WHERE slug = 'a'", "n\n1\n");
}

static void a_key_that_came_later_is_found(void **state)
{
    char id[40];
    tarn_txn *txn = NULL;
    keyed_schema(state, "1.0.0", "slug");
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_record_put(
        txn, "docs", tarn_str("{\"code\":\"c\"}"), NULL, id, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    update_record(state, id, "{\"slug\":\"late\"}");
    answers_everywhere(
        state, "SELECT code FROM docs WHERE slug = 'late'", "code\nc\n");
}

static void keys_are_found_after_another_field_became_the_key(void **state)
{
    keyed_schema(state, "1.0.0", "slug");
    put_records(state, NULL, "docs", "{\"slug\":\"a\",\"code\":\"c\"}\n");
    keyed_schema(state, "1.1.0", "code");
    put_records(state, NULL, "docs", "{\"slug\":\"b\",\"code\":\"c\"}\n");
    answers_everywhere(state,
        "SELECT slug FROM docs WHERE code = 'c' ORDER BY 1", "slug\na\nb\n");
}

static void a_table_made_anew_is_read_by_key_again(void **state)
{
    tarn_txn *txn = NULL;
    keyed_schema(state, "1.0.0", "slug");
    put_records(state, NULL, "docs", "{\"slug\":\"a\",\"uri\":\"x:1\"}\n");
    goes(state, "SELECT slug FROM docs WHERE slug = 'a'",
        "docs:scan:slug = 'a'\n");
    rm_record(state, NULL, "x:1", true);
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_schema_rm(txn, "docs", NULL, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    keyed_schema(state, "1.0.0", "slug");
    goes(state, "SELECT slug FROM docs WHERE slug = 'a'",
        "docs:point:slug = 'a'\n");
}

static void a_number_is_a_key_too(void **state)
{
    keyed_schema(state, "1.0.0", "n");
    put_records(state, NULL, "docs",
        "{\"n\":1e2,\"slug\":\"a\"}\n{\"n\":-7.0,\"slug\":\"b\"}\n"
        "{\"n\":7,\"slug\":\"c\"}\n");
    goes(state, "SELECT slug FROM docs WHERE n = 100", "docs:point:n = 100\n");
    answers_everywhere(state,
        "SELECT slug FROM docs WHERE n IN (100, -7, 8, NULL) ORDER BY 1",
        "slug\na\nb\n");
}

/* --- names of tables --- */

static void one_named(void **state, const char *tenant, const char *name)
{
    char schema[200];
    snprintf(schema, sizeof(schema),
        "{\"name\":\"%s\",\"version\":\"1.0.0\",\"x-tarn\":{\"key\":\"k\"}}",
        name);
    put_schema(state, tenant, schema);
    snprintf(schema, sizeof(schema), "{\"k\":\"%s\"}\n", name);
    put_records(state, tenant, name, schema);
}

static void a_tables_name_has_any_case(void **state)
{
    one_named(state, NULL, "Docs");
    answers_everywhere(state,
        "SELECT dOCs.doc->>'k' AS k FROM docs JOIN \"DOCS\" d ON d.id = "
        "Docs.id",
        "k\nDocs\n");
    goes(state, "SELECT id FROM DOCS", "Docs:column:\n");
    answers(state, "WITH dOcS AS (SELECT 1 AS one) FROM Docs", "one\n1\n");
}

static void the_table_of_just_that_name_goes_first(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    char *text;
    one_named(state, NULL, "Docs");
    one_named(state, NULL, "docs");
    answers(state, "SELECT doc->>'k' AS k FROM docs", "k\ndocs\n");
    answers(state, "SELECT doc->>'k' AS k FROM Docs", "k\nDocs\n");
    assert_int_equal(TARN_BAD_INPUT,
        try_ask(state, "FROM DOCS", TARN_LATEST, NULL, &text, &err));
    assert_non_null(strstr(err.message, "Docs and docs"));
}

static void a_tables_name_in_another_case_is_none_of_another_tenants(
    void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    char *text;
    one_named(state, "acme", "Docs");
    one_named(state, NULL, "docs");
    options.tenant = "acme";
    answers_with(state, "SELECT doc->>'k' AS k FROM docs", TARN_LATEST,
        &options, "k\nDocs\n");
    options.tenant = "bcme";
    assert_int_equal(TARN_NOT_FOUND,
        try_ask(state, "FROM docs", TARN_LATEST, &options, &text, &err));
}

/* --- members inside the JSON --- */

static void homes(void **state)
{
    put_schema(state, NULL,
        "{\"name\":\"homes\",\"version\":\"1.0.0\",\"properties\":{"
        "\"n\":{\"type\":\"integer\"},\"address\":{\"type\":\"object\","
        "\"properties\":{\"city\":{\"type\":[\"string\",\"null\"]}}}},"
        "\"x-tarn\":{\"key\":\"n\",\"indexed\":[\"n\",\"address.city\"]}}");
    put_records(state, NULL, "homes",
        "{\"n\":1,\"address\":{\"city\":\"Oslo\",\"zip\":\"0150\"}}\n"
        "{\"n\":2,\"address\":{\"city\":null}}\n{\"n\":3}\n");
}

static void an_indexed_path_is_answered_by_the_column_view(void **state)
{
    static const char pushed[] =
        "homes:column:(doc.address.city->>'$') = 'Oslo'\n";
    homes(state);
    goes(state, "SELECT address.city, count(*) FROM homes GROUP BY 1",
        "homes:column:\n");
    goes(state, "SELECT n FROM homes WHERE address->>'city' = 'Oslo'", pushed);
    goes(state, "SELECT n FROM homes WHERE doc->>'$.address.city' = 'Oslo'",
        pushed);
    goes(state, "SELECT * FROM homes h WHERE h.address->>'$.city' = 'Oslo'",
        pushed);
    goes(state, "SELECT address->>'zip' FROM homes", "homes:scan:\n");
    answers_everywhere(state,
        "SELECT n, address.city, address->>'city' AS town, doc->>'n' AS m "
        "FROM homes ORDER BY n",
        "n|city|town|m\n1|\"Oslo\"|Oslo|1\n2|null|~|2\n3|~|~|3\n");
    answers_everywhere(state,
        "SELECT * EXCLUDE (id, created_at, modified_at) FROM homes "
        "WHERE address->>'city' = 'Oslo'",
        "n|address|doc\n1|{\"city\":\"Oslo\",\"zip\":\"0150\"}|"
        "{\"n\":1,\"address\":{\"city\":\"Oslo\",\"zip\":\"0150\"}}\n");
}

static void names_that_mean_something_else_are_left_alone(void **state)
{
    homes(state);
    answers_everywhere(state,
        "SELECT '{\"a\":' || n || '}' AS doc FROM homes "
        "ORDER BY doc->>'n' DESC LIMIT 1",
        "doc\n{\"a\":3}\n");
    answers_everywhere(state,
        "SELECT list_transform(['{\"city\":\"x\"}'], lambda address: "
        "address->>'city') AS l FROM homes WHERE n = 1",
        "l\n[\"x\"]\n");
    answers_everywhere(state,
        "SELECT address.n FROM homes address WHERE address.n = 1", "n\n1\n");
    answers_everywhere(state,
        "SELECT h.n, (SELECT max(doc->>'$.address.city') FROM homes i "
        "WHERE i.n < h.n AND (h.doc->>'n') = '2') AS c FROM homes h ORDER BY 1",
        "n|c\n1|~\n2|Oslo\n3|~\n");
}

static void a_free_table_is_read_by_key_through_its_json(void **state)
{
    put_schema(state, NULL,
        "{\"name\":\"notes\",\"version\":\"1.0.0\","
        "\"x-tarn\":{\"key\":\"k\",\"indexed\":[\"tag\"]}}");
    put_records(state, NULL, "notes",
        "{\"k\":\"a\",\"tag\":\"x\"}\n{\"k\":5.0,\"tag\":{\"b\":1}}\n");
    goes(state, "SELECT doc FROM notes WHERE doc->>'k' = 'a'",
        "notes:point:(doc.k->>'$') = 'a'\n");
    answers_everywhere(state,
        "SELECT doc->>'tag' AS t FROM notes WHERE doc->>'k' IN ('a', '5.0') "
        "ORDER BY 1",
        "t\nx\n{\"b\":1}\n");
    goes(state, "SELECT doc->>'tag', count(*) FROM notes GROUP BY 1",
        "notes:column:\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(an_indexed_path_is_answered_by_the_column_view),
        lake_test(names_that_mean_something_else_are_left_alone),
        lake_test(a_free_table_is_read_by_key_through_its_json),
        lake_test(a_tables_name_has_any_case),
        lake_test(the_table_of_just_that_name_goes_first),
        lake_test(a_tables_name_in_another_case_is_none_of_another_tenants),
        lake_test(a_key_is_found_beside_a_uri_that_no_schema_names),
        lake_test(one_put_with_a_uri_is_enough),
        lake_test(a_key_that_came_later_is_found),
        lake_test(keys_are_found_after_another_field_became_the_key),
        lake_test(a_table_made_anew_is_read_by_key_again),
        lake_test(a_number_is_a_key_too),
        lake_test(columns_are_those_of_the_schema_with_the_systems_around),
        lake_test(every_route_gives_the_same_values),
        lake_test(routes_are_chosen_by_what_is_needed),
        lake_test(softly_and_hard_deleted_records_are_not_seen),
        lake_test(another_tenant_has_no_such_table),
        lake_test(the_past_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

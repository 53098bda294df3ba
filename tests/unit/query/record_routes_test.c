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

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(columns_are_those_of_the_schema_with_the_systems_around),
        lake_test(every_route_gives_the_same_values),
        lake_test(routes_are_chosen_by_what_is_needed),
        lake_test(softly_and_hard_deleted_records_are_not_seen),
        lake_test(another_tenant_has_no_such_table),
        lake_test(the_past_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

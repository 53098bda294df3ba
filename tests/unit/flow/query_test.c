/* Where a reference stands in a query decides what it becomes. */
#include <stdlib.h>

#include "unit/flow/support.h"

#define PARAMS                                                         \
    "params: {n: 5, s: \"it's \\\\ x\", d: {type: date, default: "     \
    "2026-11-21}, b: true, col: {enum: [a, 'b\"c'], default: 'b\"c'}," \
    " tab: {pattern: '[a-z]+', default: t}}\n"

static const char *flow_text(char text[1200], const char *query)
{
    snprintf(text, 1200,
        "name: t\n" PARAMS "steps:\n  - id: a\n    component: sql\n    mode: "
        "read\n    config:\n      query: |-\n        %s\n",
        query);
    return text;
}

/* The query and its values as the driver gets them. */
static void becomes(
    void **state, const char *query, const char *want, const char *values)
{
    char text[1200];
    tarn__flow *flow = compile_text(state, flow_text(text, query), NULL);
    char *config = config_of(flow, 0, false);
    json_t *json = json_loads(config, 0, NULL);
    assert_string_equal(
        want, json_string_value(json_object_get(json, "query")));
    const json_t *list = json_object_get(json, "query_values");
    char *got = list == NULL ? NULL : json_dumps(list, JSON_COMPACT);
    assert_string_equal(values, got == NULL ? "" : got);
    tarn_free(got);
    json_decref(json);
    tarn_free(config);
    tarn__flow_free(flow);
}

static void refused(void **state, const char *query, const char *code)
{
    char text[1200];
    assert_only(state, flow_text(text, query), code, "steps[0].config.query");
}

static void a_value_is_bound(void **state)
{
    becomes(state, "SELECT * FROM x WHERE y > ${params.n} LIMIT ${params.n}",
        "SELECT * FROM x WHERE y > $1 LIMIT $2", "[5,5]");
    becomes(state, "SELECT ${params.s}, ${params.b}", "SELECT $1, $2",
        "[\"it's \\\\ x\",true]");
    becomes(state, "SELECT ${params.d} - 1", "SELECT CAST($1 AS DATE) - 1",
        "[\"2026-11-21\"]");
}

static void a_part_of_a_text_is_escaped(void **state)
{
    becomes(state, "SELECT 'a ${params.s} b'", "SELECT 'a it''s \\ x b'", "");
    becomes(
        state, "SELECT E'a ${params.s} b'", "SELECT E'a it''s \\\\ x b'", "");
}

static void a_name_needs_an_enum_or_a_pattern(void **state)
{
    becomes(state, "SELECT * FROM ${params.tab}", "SELECT * FROM \"t\"", "");
    becomes(state, "SELECT \"${params.col}\" FROM x",
        "SELECT \"b\"\"c\" FROM x", "");
    becomes(state, "SELECT 1 AS ${params.col}", "SELECT 1 AS \"b\"\"c\"", "");
    refused(state, "SELECT * FROM ${params.s}", "query_name");
    refused(state, "SELECT * FROM ${env:TARN_TEST_Q:-x}", "query_name");
    refused(state, "SELECT \"${params.s}\"", "query_name");
}

static void what_sorts_is_a_name(void **state)
{
    becomes(state, "SELECT * FROM x ORDER BY y, ${params.col} DESC",
        "SELECT * FROM x ORDER BY y, \"b\"\"c\" DESC", "");
    refused(state, "SELECT * FROM x ORDER BY ${params.s}", "query_name");
    refused(state, "SELECT count(*) FROM x GROUP BY ${params.n}", "query_name");
}

static void a_part_of_a_word_is_refused(void **state)
{
    refused(state, "SELECT * FROM t_${params.tab}", "query_glued");
    refused(state, "SELECT ${params.n}'x'", "query_glued");
    refused(state, "SELECT ${params.n}x", "query_glued");
    refused(state, "SELECT $$ ${params.n} $$", "query_dollar");
    refused(state, "SELECT INTERVAL ${params.n} DAY", "query_name");
}

static void a_comment_stays(void **state)
{
    becomes(
        state, "SELECT 1 -- ${params.gone}", "SELECT 1 -- ${params.gone}", "");
}

static void a_quote_in_a_value_ends_nothing(void **state)
{
    setenv("TARN_TEST_Q", "'; DROP TABLE x; --", 1);
    becomes(state, "SELECT '${env:TARN_TEST_Q}', ${env:TARN_TEST_Q}",
        "SELECT '''; DROP TABLE x; --', $1", "[\"'; DROP TABLE x; --\"]");
    unsetenv("TARN_TEST_Q");
}

static void several_queries_have_values_each(void **state)
{
    tarn__flow *flow = compile_text(state,
        "name: t\nparams: {n: 5}\nsteps:\n  - {id: a, component: sql, mode: "
        "read, config: {queries: {x: 'SELECT ${params.n}', y: SELECT 1}}}\n",
        NULL);
    char *config = config_of(flow, 0, false);
    assert_non_null(strstr(config, "\"x\":\"SELECT $1\""));
    assert_non_null(strstr(config, "\"queries_values\":{\"x\":[5]}"));
    tarn_free(config);
    tarn__flow_free(flow);
}

/* Dialects that DuckDB does not parse. */
static void other_becomes(
    void **state, const char *component, const char *query, const char *want)
{
    char text[1200];
    sandbox_write_text(state, "connections.yaml",
        "connections: {mysql: {d: {host: h}}, postgres: {d: {host: h}}}\n");
    snprintf(text, sizeof(text),
        "name: t\n" PARAMS "steps:\n  - id: a\n    component: %s\n    mode: "
        "read\n    config:\n      query: |-\n        %s\n",
        component, query);
    tarn__flow *flow = compile_text(state, text, NULL);
    char *config = config_of(flow, 0, false);
    json_t *json = json_loads(config, 0, NULL);
    assert_string_equal(
        want, json_string_value(json_object_get(json, "query")));
    json_decref(json);
    tarn_free(config);
    tarn__flow_free(flow);
}

static void mysql_has_its_own_quotes(void **state)
{
    other_becomes(state, "mysql.extractor",
        "SELECT `a`, \"x ${params.s}\" FROM ${params.tab} WHERE y = "
        "${params.s} # ${params.n}\n        ORDER BY ${params.col}",
        "SELECT `a`, \"x it's \\\\ x\" FROM `t` WHERE y = $1 # "
        "${params.n}\nORDER BY `b\"c`");
}

static void postgres_has_operators_of_its_own(void **state)
{
    other_becomes(state, "postgres.extractor",
        "SELECT a ? 'x', b::text FROM t WHERE c = ${params.n}",
        "SELECT a ? 'x', b::text FROM t WHERE c = $1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_value_is_bound),
        sandbox_test(a_part_of_a_text_is_escaped),
        sandbox_test(a_name_needs_an_enum_or_a_pattern),
        sandbox_test(what_sorts_is_a_name),
        sandbox_test(a_part_of_a_word_is_refused),
        sandbox_test(a_comment_stays),
        sandbox_test(a_quote_in_a_value_ends_nothing),
        sandbox_test(several_queries_have_values_each),
        sandbox_test(mysql_has_its_own_quotes),
        sandbox_test(postgres_has_operators_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

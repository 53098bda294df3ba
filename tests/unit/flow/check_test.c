/* Every fault of a flow file has its code and its place, all in one go. */
#include "unit/flow/support.h"

static void a_sound_flow_has_no_diagnostics(void **state)
{
    assert_fine(state,
        FLOW("  - {id: b, component: sql, mode: transform, needs: [a], "
             "config: {query: SELECT * FROM a}}\n"
             "  - {id: c, component: csv.writer, mode: write, config: {path: "
             "out.csv}}\n"));
}

static void the_place_has_line_and_column(void **state)
{
    assert_only(state,
        "name: t\nsteps:\n  - id: a\n    component: sql\n    mode: read\n"
        "    config:\n      query: SELECT 1\n      qeury: SELECT 2\n",
        "unknown_config_key", "steps[0].config.qeury:8:14");
}

static void the_nearest_name_is_told(void **state)
{
    tarn_flow_diagnostics *found = check_text(state,
        "name: t\nsteps:\n  - {id: a, component: sql, mode: read, config: "
        "{qeury: SELECT 2}}\n",
        NULL);
    bool told = false;
    for (size_t i = 0; i < tarn_flow_diagnostic_count(found); i++)
        told = told ||
            strstr(tarn_flow_diagnostic_get(found, i).message,
                "did you mean query?") != NULL;
    assert_true(told);
    tarn_flow_diagnostics_free(found);
}

static void all_faults_are_told_at_once(void **state)
{
    tarn_flow_diagnostics *found = check_text(state,
        "nmae: t\nsteps:\n"
        "  - {id: a, component: sqll, mode: read}\n"
        "  - {id: a, component: sql, mode: write, config: {query: SELECT}}\n"
        "  - {component: csv.writer, mode: write, needs: [x], config: {}}\n",
        NULL);
    assert_true(has(found, "unknown_key", "nmae"));
    assert_true(has(found, "missing_key", "name"));
    assert_true(has(found, "unknown_component", "steps[0].component"));
    assert_true(has(found, "duplicate_id", "steps[1].id"));
    assert_true(has(found, "wrong_mode", "steps[1].mode"));
    assert_true(has(found, "query_syntax", "steps[1].config.query"));
    assert_true(has(found, "missing_key", "steps[2].id"));
    assert_true(has(found, "unknown_need", "steps[2].needs[0]"));
    assert_true(has(found, "missing_config_key", "steps[2].config.path"));
    tarn_flow_diagnostics_free(found);
}

static void bad_yaml_is_one_diagnostic(void **state)
{
    assert_only(state, "name: [t\n", "yaml_syntax", "2:1");
    assert_only(state, "", "bad_type", "");
    assert_only(state, "- a\n", "bad_type", "1:1");
    assert_only(state, "name: a\nname: b\n", "yaml_syntax", "2:1");
    assert_only(state, "name: \xff\n", "yaml_syntax", "1:1");
}

static void a_cycle_is_named(void **state)
{
    tarn_flow_diagnostics *found = check_text(state,
        "name: t\nsteps:\n"
        "  - {id: z, component: sql, mode: transform, needs: [b], config: "
        "{query: SELECT 1}}\n"
        "  - {id: a, component: sql, mode: transform, needs: [c], config: "
        "{query: SELECT 1}}\n"
        "  - {id: b, component: sql, mode: transform, needs: [a], config: "
        "{query: SELECT 1}}\n"
        "  - {id: c, component: sql, mode: transform, needs: [b], config: "
        "{query: SELECT 1}}\n",
        NULL);
    assert_int_equal(1, tarn_flow_diagnostic_count(found));
    assert_non_null(
        strstr(tarn_flow_diagnostic_get(found, 0).message, "b -> a -> c -> b"));
    tarn_flow_diagnostics_free(found);
}

static void a_step_that_needs_itself_is_a_cycle(void **state)
{
    assert_only(state,
        "name: t\nsteps:\n  - {id: a, component: sql, mode: transform, needs: "
        "[a], config: {query: SELECT 1}}\n",
        "cycle", "steps[0].needs");
}

static void ids_that_differ_in_case_only_collide(void **state)
{
    assert_only(state,
        FLOW("  - {id: A, component: sql, mode: read, config: {query: SELECT "
             "1}}\n"),
        "colliding_id", "steps[1].id");
}

static void ids_may_be_any_file_name(void **state)
{
    assert_fine(state,
        "name: t\nsteps:\n"
        "  - {id: extract-movies, component: sql, mode: read, config: {query: "
        "SELECT 1}}\n"
        "  - {id: order, component: sql, mode: transform, config: {query: "
        "SELECT * FROM \"extract-movies\"}}\n"
        "  - {id: 123, component: sql, mode: transform, config: {query: SELECT "
        "* FROM \"order\"}}\n"
        "  - {id: w, component: csv.writer, mode: write, needs: [123], config: "
        "{path: x.csv}}\n");
    assert_only(state,
        "name: t\nsteps:\n  - {id: a/b, component: sql, mode: read, config: "
        "{query: SELECT 1}}\n",
        "bad_name", "steps[0].id");
}

static void a_writer_needs_a_table(void **state)
{
    assert_only(state,
        "name: t\nsteps:\n  - {id: w, component: csv.writer, mode: write, "
        "config: {path: x.csv}}\n",
        "missing_needs", "steps[0].needs");
    assert_only(state,
        FLOW("  - {id: w, component: csv.writer, mode: write, config: {path: "
             "x.csv}}\n"
             "  - {id: v, component: csv.writer, mode: write, config: {path: "
             "y.csv}}\n"),
        "needs_writer", "steps[2].needs");
    assert_only(state,
        FLOW("  - {id: b, component: sql, mode: read, config: {query: SELECT "
             "1}}\n"
             "  - {id: w, component: csv.writer, mode: write, needs: [a, b], "
             "config: {path: x.csv}}\n"),
        "too_many_needs", "steps[2].needs");
}

static void a_table_of_a_step_must_be_there(void **state)
{
    const char *split =
        "name: t\nsteps:\n"
        "  - {id: s, component: sql, mode: read, config: {queries: {eu: SELECT "
        "1, us: SELECT 2}}}\n"
        "  - {id: w, component: csv.writer, mode: write, needs: [%s], config: "
        "{path: x.csv}}\n";
    char text[400];
    snprintf(text, sizeof(text), split, "s.eu");
    assert_fine(state, text);
    snprintf(text, sizeof(text), split, "s.ue");
    assert_only(state, text, "unknown_table", "steps[1].needs[0]");
    snprintf(text, sizeof(text), split, "s");
    assert_only(state, text, "ambiguous_table", "steps[1].needs");
}

static void a_query_is_one_statement_that_reads(void **state)
{
    static const char *const bad[] = {"SELECT 1; SELECT 2", "DROP TABLE a",
        "SELEC 1", "COPY a TO 'x'", "SELECT 'open", "SELECT $1", "SELECT ?"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[300];
        snprintf(text, sizeof(text),
            "name: t\nsteps:\n  - {id: a, component: sql, mode: read, config: "
            "{query: \"%s\"}}\n",
            bad[i]);
        assert_only(state, text, i < 5 ? "query_syntax" : "query_parameter",
            "steps[0].config.query");
    }
}

static void retry_and_timeout_have_their_forms(void **state)
{
    assert_fine(state,
        "name: t\nsteps:\n  - {id: a, component: sql, mode: read, retry: "
        "{attempts: 3, backoff: 2s}, timeout: 10m, config: {query: SELECT "
        "1}}\n");
    tarn_flow_diagnostics *found = check_text(state,
        "name: t\nsteps:\n  - {id: a, component: sql, mode: read, retry: "
        "{attempts: 0, backof: 2s}, timeout: soon, config: {query: SELECT "
        "1}}\n",
        NULL);
    assert_true(has(found, "bad_value", "steps[0].retry.attempts"));
    assert_true(has(found, "unknown_key", "steps[0].retry.backof"));
    assert_true(has(found, "bad_duration", "steps[0].timeout"));
    tarn_flow_diagnostics_free(found);
}

static void config_values_have_the_schemas_types(void **state)
{
    tarn_flow_diagnostics *found = check_text(state,
        "name: t\nsteps:\n  - {id: a, component: file.extractor, mode: read, "
        "config: {path: [1], format: cvs, header: 1, limit: -1}}\n",
        NULL);
    assert_true(has(found, "bad_type", "steps[0].config.path"));
    assert_true(has(found, "bad_value", "steps[0].config.format"));
    assert_true(has(found, "bad_type", "steps[0].config.header"));
    assert_true(has(found, "bad_value", "steps[0].config.limit"));
    tarn_flow_diagnostics_free(found);
}

static void a_comma_in_a_plain_query_is_noticed(void **state)
{
    tarn_flow_diagnostics *found = check_text(state,
        "name: t\nsteps:\n  - {id: a, component: sql, mode: read, config: "
        "{query: SELECT 1, b FROM x}}\n",
        NULL);
    assert_true(has(found, "unknown_config_key", "steps[0].config.b FROM x"));
    tarn_flow_diagnostics_free(found);
}

static void query_and_queries_exclude_each_other(void **state)
{
    assert_only(state,
        "name: t\nsteps:\n  - {id: a, component: sql, mode: read, config: "
        "{query: SELECT 1, queries: {b: SELECT 2}}}\n",
        "config_conflict", "steps[0].config");
    assert_only(state,
        "name: t\nsteps:\n  - {id: a, component: sql, mode: read}\n",
        "missing_config_key", "steps[0]");
}

static void a_file_that_is_not_there_is_not_found(void **state)
{
    tarn_flow_diagnostics *found = NULL;
    assert_int_equal(TARN_NOT_FOUND,
        tarn_flow_check(sandbox_path(state, "none.yaml"), NULL, &found, NULL));
    assert_null(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_sound_flow_has_no_diagnostics),
        sandbox_test(the_place_has_line_and_column),
        sandbox_test(the_nearest_name_is_told),
        sandbox_test(all_faults_are_told_at_once),
        sandbox_test(bad_yaml_is_one_diagnostic),
        sandbox_test(a_cycle_is_named),
        sandbox_test(a_step_that_needs_itself_is_a_cycle),
        sandbox_test(ids_that_differ_in_case_only_collide),
        sandbox_test(ids_may_be_any_file_name),
        sandbox_test(a_writer_needs_a_table),
        sandbox_test(a_table_of_a_step_must_be_there),
        sandbox_test(a_query_is_one_statement_that_reads),
        sandbox_test(retry_and_timeout_have_their_forms),
        sandbox_test(config_values_have_the_schemas_types),
        sandbox_test(a_comma_in_a_plain_query_is_noticed),
        sandbox_test(query_and_queries_exclude_each_other),
        sandbox_test(a_file_that_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

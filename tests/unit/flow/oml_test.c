/* The OML 0.1.0 dialect: its files compile, its words become ours. */
#include "unit/flow/support.h"

static const char parity[] =
    "oml_version: \"0.1.0\"\n"
    "name: parity-test\n"
    "steps:\n"
    "  - id: generate-data\n"
    "    component: duckdb.processor\n"
    "    mode: transform\n"
    "    config:\n"
    "      query: SELECT i AS id FROM generate_series(1,10) t(i)\n"
    "  - id: transform_data\n"
    "    component: duckdb.processor\n"
    "    mode: transform\n"
    "    needs: [generate-data]\n"
    "    config:\n"
    "      query: SELECT * FROM df_generate_data\n"
    "  - id: write_csv\n"
    "    component: filesystem.csv_writer\n"
    "    mode: write\n"
    "    needs: [transform_data]\n"
    "    config: {path: output/results.csv, encoding: utf-8, create_dirs: "
    "true}\n";

static void a_file_of_the_dialect_compiles(void **state)
{
    tarn__flow *flow = compile_text(state, parity, NULL);
    assert_true(flow->oml);
    assert_string_equal("sql", flow->steps[0].driver->name);
    assert_int_equal(0, flow->steps[0].need_count);
    assert_string_equal("csv.writer", flow->steps[2].driver->name);
    assert_true(
        json_is_true(json_object_get(flow->steps[2].config, "sort_columns")));
    assert_null(json_object_get(flow->steps[2].config, "encoding"));
    tarn__flow_free(flow);
}

static void inputs_have_the_dialects_names(void **state)
{
    static const char *const names[] = {
        "df_generate_data", "df", "input_df", "input_db.main"};
    tarn__flow *flow = compile_text(state, parity, NULL);
    const json_t *given = json_object_get(flow->steps[1].config, "names");
    for (size_t i = 0; i < 4; i++)
        assert_string_equal("generate-data",
            json_string_value(json_object_get(given, names[i])));
    assert_int_equal(4, json_object_size(given));
    tarn__flow_free(flow);
}

static void frames_with_one_name_get_a_hash(void **state)
{
    tarn__flow *flow = compile_text(state,
        "oml_version: 0.1.0\nname: t\nsteps:\n"
        "  - {id: a-b, component: duckdb.processor, mode: transform, config: "
        "{query: SELECT 1}}\n"
        "  - {id: a_b, component: duckdb.processor, mode: transform, needs: "
        "[], config: {query: SELECT 1}}\n"
        "  - {id: c, component: duckdb.processor, mode: transform, needs: "
        "[a-b, a_b], config: {query: SELECT 1}}\n",
        NULL);
    const json_t *given = json_object_get(flow->steps[2].config, "names");
    assert_int_equal(2, json_object_size(given));
    assert_null(json_object_get(given, "df_a_b"));
    /* sha256 of "a-b" and of "a_b" */
    assert_string_equal(
        "a-b", json_string_value(json_object_get(given, "df_a_b_d44362d6")));
    assert_string_equal(
        "a_b", json_string_value(json_object_get(given, "df_a_b_648fa9b3")));
    tarn__flow_free(flow);
}

static void forbidden_keys_are_errors(void **state)
{
    static const char *const keys[] = {
        "version", "connectors", "tasks", "outputs"};
    for (size_t i = 0; i < 4; i++) {
        char text[2000];
        snprintf(text, sizeof(text), "%s%s: 1\n", parity, keys[i]);
        tarn_flow_diagnostics *found = check_text(state, text, NULL);
        assert_true(has(found, "forbidden_key", keys[i]));
        assert_int_equal(1, tarn_flow_error_count(found));
        tarn_flow_diagnostics_free(found);
    }
}

static void other_keys_are_warnings(void **state)
{
    char text[2000];
    snprintf(text, sizeof(text), "%sflavour: 1\nschedule: daily\n", parity);
    tarn_flow_diagnostics *found = check_text(state, text, NULL);
    assert_true(has(found, "unknown_key", "flavour"));
    assert_int_equal(0, tarn_flow_error_count(found));
    tarn_flow_diagnostics_free(found);
}

static void a_csv_extractors_words_become_ours(void **state)
{
    tarn__flow *flow = compile_text(state,
        "oml_version: 0.1.0\nname: t\nsteps:\n"
        "  - {id: a, component: filesystem.csv_extractor, mode: read, config: "
        "{path: x.csv, dtype: {id: int64, s: str}, na_values: [NA], "
        "parse_dates: [t], header: 2, chunk_size: 5, encoding: UTF-8}}\n",
        NULL);
    char *config = config_of(flow, 0, false);
    assert_non_null(strstr(config, "\"id\":\"BIGINT\""));
    assert_non_null(strstr(config, "\"s\":\"VARCHAR\""));
    assert_non_null(strstr(config, "\"t\":\"TIMESTAMP\""));
    assert_non_null(strstr(config, "\"null_values\":[\"NA\"]"));
    assert_non_null(strstr(config, "\"skip_rows\":2"));
    assert_null(strstr(config, "chunk_size"));
    tarn_free(config);
    tarn__flow_free(flow);
}

static void a_folder_of_a_connection_goes_before_the_path(void **state)
{
    sandbox_write_text(state, "connections.yaml",
        "connections: {filesystem: {local: {base_dir: /data}}}\n");
    tarn__flow *flow = compile_text(state,
        "oml_version: 0.1.0\nname: t\nsteps:\n"
        "  - {id: a, component: filesystem.csv_extractor, mode: read, config: "
        "{connection: '@filesystem.local', path: x.csv}}\n",
        NULL);
    assert_string_equal("/data/x.csv",
        json_string_value(json_object_get(flow->steps[0].config, "path")));
    tarn__flow_free(flow);
}

static void a_graphql_extractors_words_become_ours(void **state)
{
    tarn__flow *flow = compile_text(state,
        "oml_version: 0.1.0\nname: t\nsteps:\n"
        "  - {id: a, component: graphql.extractor, mode: read, config: "
        "{endpoint: 'http://h/', query: '{ a }', auth_type: bearer, "
        "auth_token: '${env:TARN_TEST_T:-}', max_retries: 2, "
        "pagination_enabled: true, pagination_path: data.p, max_pages: 0}}\n",
        NULL);
    char *config = config_of(flow, 0, false);
    json_t *json = json_loads(config, 0, NULL);
    const json_t *paging = json_object_get(json, "paging");
    assert_string_equal("http://h/", tarn__json_text(json, "url"));
    assert_string_equal("cursor", tarn__json_text(paging, "kind"));
    assert_string_equal("data.p", tarn__json_text(paging, "path"));
    assert_null(json_object_get(paging, "max_pages"));
    assert_string_equal("Bearer ",
        tarn__json_text(json_object_get(json, "headers"), "Authorization"));
    assert_int_equal(3,
        json_integer_value(
            json_object_get(json_object_get(json, "retry"), "attempts")));
    json_decref(json);
    tarn_free(config);
    config = config_of(flow, 0, true);
    assert_non_null(strstr(config, "\"Authorization\":\"***\""));
    tarn_free(config);
    tarn__flow_free(flow);
}

static void the_older_words_are_read(void **state)
{
    tarn__flow *flow = compile_text(state,
        "oml_version: 0.1.0\nname: t\nsteps:\n"
        "  - {id: a, uses: duckdb.processor, mode: transform, with: {query: "
        "SELECT 1}}\n",
        NULL);
    assert_string_equal("sql", flow->steps[0].driver->name);
    assert_non_null(json_object_get(flow->steps[0].config, "query"));
    tarn__flow_free(flow);
}

static void the_aliases_are_read_without_the_dialect(void **state)
{
    assert_fine(state,
        "name: t\nsteps:\n"
        "  - {id: a, component: duckdb.processor, mode: read, config: {query: "
        "SELECT 1}}\n"
        "  - {id: w, component: filesystem.csv_writer, mode: write, config: "
        "{path: x.csv}}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_file_of_the_dialect_compiles),
        sandbox_test(inputs_have_the_dialects_names),
        sandbox_test(frames_with_one_name_get_a_hash),
        sandbox_test(forbidden_keys_are_errors),
        sandbox_test(other_keys_are_warnings),
        sandbox_test(a_csv_extractors_words_become_ours),
        sandbox_test(a_folder_of_a_connection_goes_before_the_path),
        sandbox_test(a_graphql_extractors_words_become_ours),
        sandbox_test(the_older_words_are_read),
        sandbox_test(the_aliases_are_read_without_the_dialect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

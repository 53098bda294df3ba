/* Connections: found by alias or by default, never written in a flow, their
 * secrets seen by the driver alone. */
#include <stdlib.h>

#include "flow/flow_internal.h"
#include "unit/flow/support.h"

static const char file[] =
    "connections:\n"
    "  mysql:\n"
    "    prod: {host: db, port: '${env:TARN_TEST_PORT:-3307}', user: tarn, "
    "password: '${env:TARN_TEST_PW}', default: true}\n"
    "    test: {host: localhost}\n"
    "  postgres:\n"
    "    a: {host: x}\n"
    "    b: {host: y}\n";

static const char *step(char text[600], const char *component, const char *rest)
{
    snprintf(text, 600,
        "name: t\nsteps:\n  - {id: a, component: %s, mode: read, config: "
        "{query: SELECT 1%s}}\n",
        component, rest);
    return text;
}

static int with_password(void **state)
{
    setenv("TARN_TEST_PW", "hunter2-secret", 1);
    int made = sandbox_setup(state);
    sandbox_write_text(state, "connections.yaml", file);
    return made;
}

static int without(void **state)
{
    unsetenv("TARN_TEST_PW");
    unsetenv("TARN_TEST_PORT");
    return sandbox_teardown(state);
}

static char *connection_of(const tarn__flow *flow, bool masked)
{
    tarn_buf out = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__flow_step_connection(flow, 0, masked, &out, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return out.ptr;
}

static void an_alias_names_a_connection(void **state)
{
    char text[600];
    tarn__flow *flow = compile_text(state,
        step(text, "mysql.extractor", ", connection: '@mysql.prod'"), NULL);
    assert_string_equal("mysql.prod", flow->steps[0].connection);
    char *fields = connection_of(flow, false);
    assert_non_null(strstr(fields, "\"password\":\"hunter2-secret\""));
    assert_non_null(strstr(fields, "\"port\":3307"));
    assert_null(strstr(fields, "default"));
    tarn_free(fields);
    tarn__flow_free(flow);
}

static void the_default_is_taken_without_an_alias(void **state)
{
    char text[600];
    tarn__flow *flow = compile_text(
        state, step(text, "mysql.extractor", ", connection: '@mysql'"), NULL);
    assert_string_equal("mysql.prod", flow->steps[0].connection);
    tarn__flow_free(flow);
    flow = compile_text(state, step(text, "mysql.extractor", ""), NULL);
    assert_string_equal("mysql.prod", flow->steps[0].connection);
    tarn__flow_free(flow);
}

static void a_field_that_no_connection_has_is_an_error(void **state)
{
    char text[600];
    sandbox_write_text(state, "connections.yaml",
        "connections: {mysql: {a: {host: x, ssl: true}}, program: {a: {any: "
        "1}}}\n");
    tarn_flow_diagnostics *found =
        check_text(state, step(text, "mysql.extractor", ""), NULL);
    assert_true(has(found, "unknown_key", "connections.mysql.a.ssl"));
    assert_false(has(found, "unknown_key", "connections.program.a.any"));
    tarn_flow_diagnostics_free(found);
}

static void without_a_default_the_aliases_are_listed(void **state)
{
    char text[600];
    tarn_flow_diagnostics *found =
        check_text(state, step(text, "postgres.extractor", ""), NULL);
    assert_true(has(found, "ambiguous_connection", "steps[0].config"));
    assert_non_null(strstr(tarn_flow_diagnostic_get(found, 0).message, "a, b"));
    tarn_flow_diagnostics_free(found);
}

static void what_names_no_connection_is_an_error(void **state)
{
    static const char *const bad[][2] = {{"@mysql.prdo", "unknown_connection"},
        {"mysql.prod", "bad_connection"}, {"@postgres.a", "connection_family"},
        {"@mysql.", "bad_connection"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[600];
        char rest[100];
        snprintf(rest, sizeof(rest), ", connection: '%s'", bad[i][0]);
        assert_only(state, step(text, "mysql.extractor", rest), bad[i][1],
            "steps[0].config.connection");
    }
}

static void a_connection_is_not_written_in_a_flow(void **state)
{
    char text[600];
    tarn_flow_diagnostics *found = check_text(state,
        step(text, "mysql.extractor", ", connection: {host: h, password: abc}"),
        NULL);
    assert_true(has(found, "bad_connection", "steps[0].config.connection"));
    assert_true(
        has(found, "inline_secret", "steps[0].config.connection.password"));
    tarn_flow_diagnostics_free(found);
}

static void upsert_and_replace_need_a_key_where_they_do(void **state)
{
    sandbox_write_text(
        state, "connections.yaml", "connections: {sqlite: {x: {path: p}}}\n");
    assert_only(state,
        FLOW("  - {id: w, component: sqlite.writer, mode: write, config: "
             "{table: t, write_mode: upsert}}\n"),
        "missing_config_key", "steps[1].config.primary_key");
    assert_fine(state,
        FLOW("  - {id: w, component: sqlite.writer, mode: write, config: "
             "{table: t, write_mode: upsert, primary_key: [x]}}\n"));
}

static void an_incremental_step_names_its_column(void **state)
{
    char text[600];
    tarn__flow *flow = compile_text(state,
        step(text, "mysql.extractor",
            ", incremental: {column: d, initial: 2020-01-01, lag: 1h}"),
        NULL);
    assert_string_equal("d", flow->steps[0].incremental.column);
    assert_string_equal("2020-01-01", flow->steps[0].incremental.initial);
    assert_int_equal(3600000000, flow->steps[0].incremental.lag_us);
    assert_null(json_object_get(flow->steps[0].config, "incremental"));
    tarn__flow_free(flow);
    assert_only(state,
        step(text, "mysql.extractor", ", incremental: {lag: 1h}"),
        "missing_key", "steps[0].config.incremental.column");
    assert_only(state, step(text, "sql", ", incremental: {column: d}"),
        "not_incremental", "steps[0].config.incremental");
}

static void another_file_may_be_named(void **state)
{
    char text[600];
    tarn_flow_options o = TARN_FLOW_OPTIONS_INIT;
    o.connections = sandbox_write_text(
        state, "other.yaml", "connections: {mysql: {x: {host: h}}}\n");
    tarn__flow *flow =
        compile_text(state, step(text, "mysql.extractor", ""), &o);
    assert_string_equal("mysql.x", flow->steps[0].connection);
    tarn__flow_free(flow);
    o.connections = "/nowhere.yaml";
    tarn_flow_diagnostics *found = check_text(state, step(text, "sql", ""), &o);
    assert_true(has(found, "connections_file", ""));
    tarn_flow_diagnostics_free(found);
}

static void a_secret_in_the_file_is_an_error(void **state)
{
    char text[600];
    static const char *const bad[] = {
        "connections: {mysql: {x: {password: hunter2}}}\n",
        "connections: {mysql: {x: {password: 1234}}}\n",
        "connections: {mysql: {x: {password: '${env:PW:-hunter2}'}}}\n",
        "connections: {mysql: {x: {url: 'mysql://u:hunter2@host/d'}}}\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        sandbox_write_text(state, "connections.yaml", bad[i]);
        tarn_flow_diagnostics *found =
            check_text(state, step(text, "sql", ""), NULL);
        assert_true(has(found, "inline_secret", "connections.mysql.x."));
        for (size_t n = 0; n < tarn_flow_diagnostic_count(found); n++)
            assert_null(
                strstr(tarn_flow_diagnostic_get(found, n).message, "hunter2"));
        tarn_flow_diagnostics_free(found);
    }
}

static void the_manifest_has_the_host_and_no_password(void **state)
{
    char text[600];
    tarn__flow *flow =
        compile_text(state, step(text, "mysql.extractor", ""), NULL);
    assert_non_null(strstr(flow->manifest, "host: db"));
    assert_null(strstr(flow->manifest, "password"));
    assert_null(strstr(flow->manifest, "hunter2"));
    char before[TARN__FLOW_FINGERPRINT_BYTES];
    memcpy(before, flow->fingerprint, sizeof(before));
    tarn__flow_free(flow);
    setenv("TARN_TEST_PW", "another-secret", 1);
    flow = compile_text(state, text, NULL);
    assert_string_equal(before, flow->fingerprint);
    tarn__flow_free(flow);
}

static void masked_fields_show_no_secret(void **state)
{
    char text[600];
    tarn__flow *flow =
        compile_text(state, step(text, "mysql.extractor", ""), NULL);
    char *fields = connection_of(flow, true);
    assert_non_null(strstr(fields, "\"password\":\"***\""));
    assert_non_null(strstr(fields, "\"host\":\"db\""));
    assert_null(strstr(fields, "hunter2"));
    tarn_free(fields);
    tarn__flow_free(flow);
}

static void a_message_is_masked(void **state)
{
    char text[600];
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf out = TARN_BUF_INIT;
    tarn__flow_secrets *secrets = NULL;
    tarn__flow *flow =
        compile_text(state, step(text, "mysql.extractor", ""), NULL);
    assert_int_equal(TARN_OK, tarn__flow_secrets_create(flow, &secrets, &err));
    assert_int_equal(TARN_OK,
        tarn__flow_secrets_mask(secrets,
            tarn_str("no hunter2-secret here, hunter2-secrets"), &out, &err));
    assert_string_equal("no *** here, ***s", out.ptr);
    tarn_buf_reset(&out);
    tarn__flow_secrets_free(secrets);
    tarn__flow_free(flow);
}

/* What is left of a message in which a connection's secret may stand. */
static void assert_masked(
    const char *fields, const char *message, const char *want)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf out = TARN_BUF_INIT;
    json_t *json = NULL;
    if (tarn__json_parse(tarn_str(fields), "fields", &json, &err) != TARN_OK ||
        tarn__flow_mask_connection(json, message, &out, &err) != TARN_OK)
        fail_msg("%s", err.message);
    assert_string_equal(want, out.ptr);
    tarn_buf_reset(&out);
    json_decref(json);
}

static void a_secret_is_masked_in_every_form_that_a_message_has_it_in(
    void **state)
{
    (void)state;
    const char *uri = "{\"uri\":\"x://me:${env:TARN_TEST_PW}@h/db\"}";
    const char *field = "{\"password\":\"${env:TARN_TEST_PW}\"}";
    setenv("TARN_TEST_PW", "p%40ss%2fphrase%", 1);
    assert_masked(uri, "p%40ss%2fphrase% or p@ss/phrase%", "*** or ***");
    /* Only its beginning: it was cut. */
    assert_masked(uri, "p@ss/phr p@ss/ph", "*** p@ss/ph");
    assert_masked(uri, "x://me@h says x://me:", "x://me@h says x://me:");
    setenv("TARN_TEST_PW", "-- KEY\n\tAbCdEfGh  IjKl\nMnOpQrSt\n", 1);
    assert_masked(field, "a -- KEY AbCdEfGh IjKl MnOpQrSt", "a ***");
    assert_masked(field, "a -- KEY  AbCdEfGh  IjKl MnOpQrSt b", "a *** b");
    assert_masked(field, "line 3: MnOpQrSt.", "line 3: ***.");
    assert_masked("{\"options\":{\"x.uri\":\"${env:TARN_TEST_PW}\"}}",
        "line 3: MnOpQrSt.", "line 3: ***.");
    char cut[TARN_ERROR_MESSAGE_BYTES];
    memset(cut, 'x', sizeof(cut));
    cut[sizeof(cut) - 1] = '\0';
    memcpy(cut + sizeof(cut) - 4, "MnO", 3);
    char want[TARN_ERROR_MESSAGE_BYTES];
    memcpy(want, cut, sizeof(want));
    memcpy(want + sizeof(want) - 4, "***", 3);
    assert_masked(field, cut, want);
    cut[100] = '\0';
    memcpy(cut + 97, "MnO", 3);
    assert_masked(field, cut, cut);
    setenv("TARN_TEST_PW", "hunter2-secret", 1);
}

static void an_unset_variable_is_named_before_a_run(void **state)
{
    char text[600];
    tarn_error err = TARN_ERROR_INIT;
    unsetenv("TARN_TEST_PW");
    tarn__flow *flow =
        compile_text(state, step(text, "mysql.extractor", ""), NULL);
    assert_int_equal(TARN_BAD_INPUT, tarn__flow_ready(flow, &err));
    assert_non_null(strstr(err.message, "TARN_TEST_PW"));
    assert_non_null(strstr(err.message, "@mysql.prod"));
    tarn__flow_free(flow);
}

static void the_listing_masks_what_is_secret(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    assert_int_equal(TARN_OK,
        tarn_flow_connections(
            sandbox_path(state, "connections.yaml"), false, &rows, &err));
    assert_int_equal(TARN_ROW, tarn_rows_next(rows, &err));
    assert_string_equal("@mysql.prod", tarn_rows_text(rows, 0));
    assert_int_equal(1, tarn_rows_int64(rows, 1));
    assert_non_null(strstr(tarn_rows_text(rows, 2), "\"password\":\"***\""));
    tarn_rows_free(rows);
}

#define connection_test(name) \
    cmocka_unit_test_setup_teardown(name, with_password, without)

int main(void)
{
    const struct CMUnitTest tests[] = {
        connection_test(an_alias_names_a_connection),
        connection_test(the_default_is_taken_without_an_alias),
        connection_test(a_field_that_no_connection_has_is_an_error),
        connection_test(without_a_default_the_aliases_are_listed),
        connection_test(what_names_no_connection_is_an_error),
        connection_test(a_connection_is_not_written_in_a_flow),
        connection_test(upsert_and_replace_need_a_key_where_they_do),
        connection_test(an_incremental_step_names_its_column),
        connection_test(another_file_may_be_named),
        connection_test(a_secret_in_the_file_is_an_error),
        connection_test(the_manifest_has_the_host_and_no_password),
        connection_test(masked_fields_show_no_secret),
        connection_test(a_message_is_masked),
        connection_test(
            a_secret_is_masked_in_every_form_that_a_message_has_it_in),
        connection_test(an_unset_variable_is_named_before_a_run),
        connection_test(the_listing_masks_what_is_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

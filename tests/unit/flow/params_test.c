/* Params: types, bounds, where values come from, and where they go. */
#include <stdlib.h>

#include "unit/flow/support.h"

#define STEP                                                                  \
    "steps:\n  - {id: a, component: sql, mode: read, config: {query: SELECT " \
    "1}}\n"

static void with_params(void **state, const char *declared,
    const char *const *given, size_t count, const char *code)
{
    char text[600];
    tarn_flow_options o = TARN_FLOW_OPTIONS_INIT;
    o.params = given;
    o.param_count = count;
    snprintf(text, sizeof(text), "name: t\nparams: {%s}\n" STEP, declared);
    tarn_flow_diagnostics *found = check_text(state, text, &o);
    if (code == NULL)
        assert_int_equal(0, tarn_flow_diagnostic_count(found));
    else
        assert_true(has(found, code, ""));
    tarn_flow_diagnostics_free(found);
}

static void declared(void **state, const char *text, const char *code)
{
    with_params(state, text, NULL, 0, code);
}

static void given(
    void **state, const char *text, const char *value, const char *code)
{
    with_params(state, text, &value, 1, code);
}

static void defaults_fit_their_types(void **state)
{
    declared(state, "x: {type: integer, default: 1}", NULL);
    declared(state, "x: {type: integer, default: one}", "param_type");
    declared(state, "x: {type: number, default: 1}", NULL);
    declared(state, "x: {type: boolean, default: 1}", "param_type");
    declared(state, "x: {type: date, default: 2026-11-21}", NULL);
    declared(state, "x: {type: date, default: 2026-13-21}", "param_type");
    declared(state, "x: {type: string, default: 1}", "param_type");
    declared(state, "x: {type: strnig, default: a}", "bad_param");
    declared(state, "x: 15", NULL);
    declared(state, "x: [1]", "bad_type");
    declared(state, "x: {defualt: 1}", "unknown_key");
}

static void values_of_the_caller_fit_too(void **state)
{
    given(state, "x: {type: integer, default: 1}", "x=2", NULL);
    given(state, "x: {type: integer, default: 1}", "x=2.5", "param_type");
    given(state, "x: {type: integer, default: 1}", "x=", "param_type");
    given(state, "x: {type: boolean, default: true}", "x=false", NULL);
    given(state, "x: {type: boolean, default: true}", "x=yes", "param_type");
    given(state, "x: {type: date}", "x=2026-11-21", NULL);
    given(state, "x: {type: date}", "x=21.11.2026", "param_type");
    given(state, "x: {type: integer}", "y=1", "unknown_param");
    given(state, "x: {type: integer, default: 1}", "x", "bad_argument");
}

static void bounds_enums_and_patterns_hold(void **state)
{
    const char *bounded = "x: {type: integer, default: 5, min: 1, max: 9}";
    given(state, bounded, "x=9", NULL);
    given(state, bounded, "x=10", "param_out_of_range");
    given(state, bounded, "x=0", "param_out_of_range");
    given(state, "x: {type: date, min: 2026-01-01}", "x=2025-12-31",
        "param_out_of_range");
    given(state, "x: {enum: [a, b]}", "x=b", NULL);
    given(state, "x: {enum: [a, b]}", "x=c", "param_not_in_enum");
    given(state, "x: {type: boolean, enum: [true]}", "x=false",
        "param_not_in_enum");
    given(state, "x: {pattern: '[a-z]+'}", "x=abc", NULL);
    given(state, "x: {pattern: '[a-z]+'}", "x=abc1", "param_no_match");
    declared(state, "x: {pattern: '[', default: a}", "bad_param");
    declared(state, "x: {type: string, min: 1, default: a}", "bad_param");
    declared(state, "x: {enum: [a, 1], default: a}", "bad_param");
}

static void a_missing_value_is_a_warning_of_check(void **state)
{
    tarn_flow_diagnostics *found =
        check_text(state, "name: t\nparams: {x: {type: integer}}\n" STEP, NULL);
    assert_true(has(found, "missing_param", "params.x"));
    assert_int_equal(0, tarn_flow_error_count(found));
    tarn_flow_diagnostics_free(found);
}

static void every_missing_value_fails_compile(void **state)
{
    tarn__flow *flow;
    tarn_flow_diagnostics *found;
    const char *path = sandbox_write_text(state, "f.yaml",
        "name: t\nparams: {x: {type: integer}, y: {}, z: {default: "
        "[1]}}\n" STEP);
    assert_int_equal(
        TARN_BAD_INPUT, tarn__flow_compile(path, NULL, &flow, &found, NULL));
    assert_null(flow);
    assert_true(has(found, "missing_param", "params.x"));
    assert_true(has(found, "missing_param", "params.y"));
    assert_true(has(found, "param_type", "params.z"));
    assert_int_equal(3, tarn_flow_error_count(found));
    tarn_flow_diagnostics_free(found);
}

static void params_of_a_profile_are_a_mapping(void **state)
{
    assert_only(state, "name: t\nprofiles: {p: {params: [1]}}\n" STEP,
        "bad_type", "profiles.p.params");
}

static int64_t int_param(
    void **state, const char *text, const char *profile, const char *given_as)
{
    tarn_flow_options o = TARN_FLOW_OPTIONS_INIT;
    o.profile = profile;
    o.params = &given_as;
    o.param_count = given_as == NULL ? 0 : 1;
    tarn__flow *flow = compile_text(state, text, &o);
    int64_t v = json_integer_value(flow->params[0].value);
    tarn__flow_free(flow);
    return v;
}

static void the_caller_goes_before_profile_and_default(void **state)
{
    const char *text = "name: t\nparams: {x: 1}\n"
                       "profiles: {prod: {params: {x: 2}}, dev: {}}\n" STEP;
    assert_int_equal(1, int_param(state, text, NULL, NULL));
    assert_int_equal(1, int_param(state, text, "dev", NULL));
    assert_int_equal(2, int_param(state, text, "prod", NULL));
    assert_int_equal(3, int_param(state, text, "prod", "x=3"));
}

static void every_profile_is_checked(void **state)
{
    assert_only(state,
        "name: t\nparams: {x: 1}\nprofiles: {prod: {params: {x: two}}}\n" STEP,
        "param_type", "profiles.prod.params.x");
    assert_only(state,
        "name: t\nparams: {x: 1}\nprofiles: {prod: {params: {y: 2}}}\n" STEP,
        "unknown_param", "profiles.prod.params.y");
}

static void an_unknown_profile_is_an_error(void **state)
{
    tarn_flow_options o = TARN_FLOW_OPTIONS_INIT;
    o.profile = "prod";
    tarn_flow_diagnostics *found = check_text(state, "name: t\n" STEP, &o);
    assert_true(has(found, "unknown_profile", "--profile"));
    tarn_flow_diagnostics_free(found);
}

static void a_value_may_come_from_a_file(void **state)
{
    char argument[300];
    snprintf(argument, sizeof(argument), "x=@%s",
        sandbox_write_text(state, "value", "42\n"));
    assert_int_equal(42,
        int_param(state, "name: t\nparams: {x: {type: integer}}\n" STEP, NULL,
            argument));
    given(state, "x: 1", "x=@/nowhere/at/all", "param_file");
}

static void a_secret_given_as_text_is_warned_of(void **state)
{
    given(state, "x: {secret: true}", "x=s3cr3t", "secret_in_arguments");
    given(
        state, "db_password: {}", "db_password=s3cr3t", "secret_in_arguments");
}

static void a_secret_in_the_file_is_an_error(void **state)
{
    declared(state, "api_key: s3cr3t", "inline_secret");
    declared(state, "x: {secret: true, default: s3cr3t}", "inline_secret");
    declared(state, "my_token: '${env:T:-s3cr3t}'", "inline_secret");
}

static void a_param_with_a_secrets_variable_is_secret(void **state)
{
    setenv("TARN_TEST_PASSWORD", "hunter2", 1);
    tarn__flow *flow = compile_text(state,
        "name: t\nparams: {x: {default: '${env:TARN_TEST_PASSWORD}'}}\n" STEP,
        NULL);
    assert_true(flow->params[0].secret);
    assert_null(strstr(flow->manifest, "hunter2"));
    tarn__flow_free(flow);
    unsetenv("TARN_TEST_PASSWORD");
}

static void a_param_used_as_a_secret_must_be_one(void **state)
{
    assert_only(state,
        "name: t\nparams: {x: abc}\nsteps:\n  - {id: a, component: "
        "http.extractor, mode: read, config: {url: 'http://h/', headers: "
        "{Authorization: 'Bearer ${params.x}'}}}\n",
        "open_secret", "steps[0].config.headers.Authorization");
}

static void a_default_may_be_a_variable(void **state)
{
    setenv("TARN_TEST_X", "7", 1);
    assert_int_equal(7,
        int_param(state,
            "name: t\nparams: {x: {type: integer, default: "
            "'${env:TARN_TEST_X}'}}\n" STEP,
            NULL, NULL));
    unsetenv("TARN_TEST_X");
    assert_int_equal(8,
        int_param(state,
            "name: t\nparams: {x: {type: integer, default: "
            "'${env:TARN_TEST_X:-8}'}}\n" STEP,
            NULL, NULL));
}

static char *path_config(
    void **state, const char *params, const char *path, bool masked)
{
    char text[600];
    snprintf(text, sizeof(text),
        "name: t\nparams: {%s}\nsteps:\n  - {id: a, component: "
        "file.extractor, mode: read, config: {path: '%s', limit: '${params.n}'"
        "}}\n",
        params, path);
    tarn__flow *flow = compile_text(state, text, NULL);
    char *config = config_of(flow, 0, masked);
    tarn__flow_free(flow);
    return config;
}

static void a_whole_reference_keeps_its_type(void **state)
{
    char *config =
        path_config(state, "n: 5, dir: in", "${params.dir}/x.csv", false);
    assert_non_null(strstr(config, "\"limit\":5"));
    assert_non_null(strstr(config, "\"path\":\"in/x.csv\""));
    tarn_free(config);
}

static void a_doubled_dollar_is_a_plain_one(void **state)
{
    char *config = path_config(state, "n: 5", "$${params.dir}.csv", false);
    assert_non_null(strstr(config, "\"path\":\"${params.dir}.csv\""));
    tarn_free(config);
}

static void references_that_name_nothing_are_errors(void **state)
{
    static const char *const bad[][2] = {{"${params.y}", "unknown_param"},
        {"${param.x}", "bad_reference"}, {"${x", "bad_reference"},
        {"${HOME}", "bad_reference"}, {"${env:A-B}", "bad_reference"},
        {"${env:TARN_TEST_UNSET}", "unset_variable"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[300];
        snprintf(text, sizeof(text),
            "name: t\nsteps:\n  - {id: a, component: file.extractor, mode: "
            "read, config: {path: '%s'}}\n",
            bad[i][0]);
        assert_only(state, text, bad[i][1], "steps[0].config.path");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(defaults_fit_their_types),
        sandbox_test(values_of_the_caller_fit_too),
        sandbox_test(bounds_enums_and_patterns_hold),
        sandbox_test(a_missing_value_is_a_warning_of_check),
        sandbox_test(every_missing_value_fails_compile),
        sandbox_test(params_of_a_profile_are_a_mapping),
        sandbox_test(the_caller_goes_before_profile_and_default),
        sandbox_test(every_profile_is_checked),
        sandbox_test(an_unknown_profile_is_an_error),
        sandbox_test(a_value_may_come_from_a_file),
        sandbox_test(a_secret_given_as_text_is_warned_of),
        sandbox_test(a_secret_in_the_file_is_an_error),
        sandbox_test(a_param_with_a_secrets_variable_is_secret),
        sandbox_test(a_param_used_as_a_secret_must_be_one),
        sandbox_test(a_default_may_be_a_variable),
        sandbox_test(a_whole_reference_keeps_its_type),
        sandbox_test(a_doubled_dollar_is_a_plain_one),
        sandbox_test(references_that_name_nothing_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The manifest: the same bytes for the same meaning, another fingerprint for
 * another; no secret in it. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"
#include "base/yaml.h"
#include "unit/flow/support.h"

static const char base[] = "name: t\n"
                           "params:\n"
                           "  i: {type: integer, default: 1}\n"
                           "  s: {type: string, default: a}\n"
                           "  n: {type: number, default: 1.5}\n"
                           "  b: {type: boolean, default: true}\n"
                           "  d: {type: date, default: 2026-11-21}\n"
                           "  db_password: {type: string}\n"
                           "steps:\n"
                           "  - id: a\n"
                           "    component: sql\n"
                           "    mode: read\n"
                           "    config:\n"
                           "      query: SELECT ${params.i} AS x\n"
                           "  - id: w\n"
                           "    component: csv.writer\n"
                           "    mode: write\n"
                           "    needs: [a]\n"
                           "    config:\n"
                           "      path: out.csv\n";

typedef struct made {
    tarn_buf manifest;
    tarn_buf fingerprint;
} made;

static made compile_with(void **state, const char *text, const char *param)
{
    made m = {TARN_BUF_INIT, TARN_BUF_INIT};
    tarn_error err = TARN_ERROR_INIT;
    const char *params[] = {"db_password=hunter2-secret", param};
    tarn_flow_options o = TARN_FLOW_OPTIONS_INIT;
    o.params = params;
    o.param_count = param == NULL ? 1 : 2;
    const char *path = sandbox_write_text(state, "flow.yaml", text);
    if (tarn_flow_compile(path, &o, &m.manifest, &m.fingerprint, NULL, &err) !=
        TARN_OK)
        fail_msg("%s", err.message);
    return m;
}

static void done(made *m)
{
    tarn_buf_reset(&m->manifest);
    tarn_buf_reset(&m->fingerprint);
}

static bool same_fingerprint(void **state, const char *text, const char *param)
{
    made one = compile_with(state, base, NULL);
    made two = compile_with(state, text, param);
    bool same = strcmp(one.fingerprint.ptr, two.fingerprint.ptr) == 0;
    assert_int_equal(same, strcmp(one.manifest.ptr, two.manifest.ptr) == 0);
    done(&one);
    done(&two);
    return same;
}

static void permuted_keys_comments_and_spacing_leave_no_trace(void **state)
{
    assert_true(same_fingerprint(state,
        "# a comment\n"
        "steps:\n"
        "- {config: {\"query\": 'SELECT ${params.i} AS x'}, \"mode\": read,\n"
        "   component: sql, id: a}   # here too\n"
        "\n"
        "- component: csv.writer\n"
        "  config: {\n"
        "    path:      \"out.csv\",\n"
        "    header: true,\n"
        "    delimiter: null }\n"
        "  needs:\n"
        "    - a\n"
        "  mode: write\n"
        "  id: w\n"
        "params: {db_password: {type: string}, d: {default: '2026-11-21', "
        "type: date},\n"
        "  b: {type: boolean, default: true}, n: {default: 1.50, type: "
        "number},\n"
        "  s: a, i: 1}\n"
        "name: \"t\"\n",
        NULL));
}

static void the_same_compiles_give_the_same_bytes(void **state)
{
    for (int i = 0; i < 3; i++)
        assert_true(same_fingerprint(state, base, NULL));
}

static void every_param_moves_the_fingerprint(void **state)
{
    static const char *const others[] = {
        "i=2", "s=b", "n=1.6", "b=false", "d=2026-11-22"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(same_fingerprint(state, base, others[i]));
    assert_true(same_fingerprint(state, base, "i=1"));
}

static void a_secrets_value_moves_nothing_and_is_nowhere(void **state)
{
    assert_true(same_fingerprint(state, base, "db_password=another-secret"));
    made m = compile_with(state, base, NULL);
    assert_null(strstr(m.manifest.ptr, "hunter2"));
    done(&m);
}

static void replace(char *out, size_t size, const char *what, const char *with)
{
    const char *at = strstr(base, what);
    assert_non_null(at);
    snprintf(
        out, size, "%.*s%s%s", (int)(at - base), base, with, at + strlen(what));
}

static void a_query_a_path_or_a_name_moves_the_fingerprint(void **state)
{
    static const char *const changes[][2] = {{"AS x", "AS y"},
        {"out.csv", "in.csv"}, {"name: t", "name: u"}, {"id: w", "id: v"}};
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        char text[1000];
        replace(text, sizeof(text), changes[i][0], changes[i][1]);
        assert_false(same_fingerprint(state, text, NULL));
    }
}

static void the_manifest_names_component_versions(void **state)
{
    made m = compile_with(state, base, NULL);
    assert_non_null(strstr(m.manifest.ptr, "component: sql"));
    assert_non_null(strstr(m.manifest.ptr, "version: \""));
    assert_non_null(strstr(m.manifest.ptr, m.fingerprint.ptr));
    assert_int_equal(71, m.fingerprint.len);
    done(&m);
}

static void the_fingerprint_is_the_digest_of_all_the_rest(void **state)
{
    made m = compile_with(state, base, NULL);
    tarn__yaml *yaml = NULL;
    uint8_t digest[TARN__SHA256_BYTES];
    char hex[TARN__SHA256_HEX_BYTES];
    assert_int_equal(TARN_OK,
        tarn__yaml_parse(tarn_str(m.manifest.ptr), "manifest", &yaml, NULL));
    json_t *all = tarn__yaml_root(yaml, 0);
    assert_int_equal(0, json_object_del(all, "fingerprint"));
    char *text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
    assert_int_equal(TARN_OK, tarn__sha256_of(tarn_str(text), digest, NULL));
    tarn__hex(digest, sizeof(digest), hex);
    assert_string_equal(hex, m.fingerprint.ptr + strlen("sha256:"));
    tarn_free(text);
    tarn__yaml_free(yaml);
    done(&m);
}

static void a_step_moves_with_what_it_needs_and_uses(void **state)
{
    tarn_flow_options o = TARN_FLOW_OPTIONS_INIT;
    const char *one[] = {"db_password=x", "i=1", "s=a"};
    const char *other[] = {"db_password=y", "i=2", "s=a"};
    const char *unused[] = {"db_password=y", "i=1", "s=b"};
    o.param_count = 3;
    o.params = one;
    tarn__flow *a = compile_text(state, base, &o);
    o.params = other;
    tarn__flow *b = compile_text(state, base, &o);
    o.params = unused;
    tarn__flow *c = compile_text(state, base, &o);
    assert_string_not_equal(a->steps[0].fingerprint, b->steps[0].fingerprint);
    assert_string_not_equal(a->steps[1].fingerprint, b->steps[1].fingerprint);
    assert_string_equal(a->steps[0].fingerprint, c->steps[0].fingerprint);
    assert_string_equal(a->steps[1].fingerprint, c->steps[1].fingerprint);
    tarn__flow_free(c);
    tarn__flow_free(b);
    tarn__flow_free(a);
}

static void a_variable_moves_the_step_alone(void **state)
{
    const char *text =
        "name: t\nsteps:\n  - {id: a, component: sql, mode: read, config: "
        "{query: \"SELECT '${env:TARN_TEST_V}', '${env:TARN_TEST_PWD}'\"}}\n";
    setenv("TARN_TEST_V", "1", 1);
    setenv("TARN_TEST_PWD", "1", 1);
    tarn__flow *a = compile_text(state, text, NULL);
    setenv("TARN_TEST_PWD", "2", 1);
    tarn__flow *b = compile_text(state, text, NULL);
    setenv("TARN_TEST_V", "2", 1);
    tarn__flow *c = compile_text(state, text, NULL);
    assert_string_equal(a->fingerprint, c->fingerprint);
    assert_string_equal(a->steps[0].fingerprint, b->steps[0].fingerprint);
    assert_string_not_equal(b->steps[0].fingerprint, c->steps[0].fingerprint);
    unsetenv("TARN_TEST_V");
    unsetenv("TARN_TEST_PWD");
    tarn__flow_free(c);
    tarn__flow_free(b);
    tarn__flow_free(a);
}

static void steps_stand_in_an_order_that_works(void **state)
{
    tarn__flow *flow = compile_text(state,
        "name: t\nsteps:\n"
        "  - {id: c, component: sql, mode: transform, needs: [b, a], config: "
        "{query: SELECT 1}}\n"
        "  - {id: b, component: sql, mode: transform, needs: [a], config: "
        "{query: SELECT 1}}\n"
        "  - {id: a, component: sql, mode: read, config: {query: SELECT 1}}\n",
        NULL);
    assert_string_equal("a", flow->steps[0].id);
    assert_string_equal("b", flow->steps[1].id);
    assert_string_equal("c", flow->steps[2].id);
    assert_int_equal(2, flow->steps[2].need_count);
    for (size_t i = 0; i < flow->step_count; i++)
        for (size_t n = 0; n < flow->steps[i].need_count; n++)
            assert_true(flow->steps[i].needs[n].step < i);
    tarn__flow_free(flow);
}

static void a_step_without_needs_takes_the_one_before(void **state)
{
    tarn__flow *flow = compile_text(state,
        FLOW("  - {id: b, component: sql, mode: transform, config: {query: "
             "SELECT 1}}\n"
             "  - {id: c, component: sql, mode: read, config: {query: SELECT "
             "1}}\n"),
        NULL);
    assert_int_equal(1, flow->steps[1].need_count);
    assert_int_equal(0, flow->steps[1].needs[0].step);
    assert_int_equal(0, flow->steps[2].need_count);
    tarn__flow_free(flow);
}

static void an_error_leaves_no_flow(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf text = TARN_BUF_INIT;
    const char *path = sandbox_write_text(state, "f.yaml", "name: t\n");
    assert_int_equal(TARN_BAD_INPUT,
        tarn_flow_compile(path, NULL, &text, &text, NULL, &err));
    assert_int_equal(0, text.len);
    assert_non_null(strstr(err.message, "steps"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(permuted_keys_comments_and_spacing_leave_no_trace),
        sandbox_test(the_same_compiles_give_the_same_bytes),
        sandbox_test(every_param_moves_the_fingerprint),
        sandbox_test(a_secrets_value_moves_nothing_and_is_nowhere),
        sandbox_test(a_query_a_path_or_a_name_moves_the_fingerprint),
        sandbox_test(the_manifest_names_component_versions),
        sandbox_test(the_fingerprint_is_the_digest_of_all_the_rest),
        sandbox_test(a_step_moves_with_what_it_needs_and_uses),
        sandbox_test(a_variable_moves_the_step_alone),
        sandbox_test(steps_stand_in_an_order_that_works),
        sandbox_test(a_step_without_needs_takes_the_one_before),
        sandbox_test(an_error_leaves_no_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

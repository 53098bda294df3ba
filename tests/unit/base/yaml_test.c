#include "base/yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/str.h"
#include "unit/base/memory_sweep.h"

static tarn__yaml *parse(const char *text)
{
    tarn__yaml *yaml;
    tarn_error err;
    if (tarn__yaml_parse(tarn_str(text), "t", &yaml, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return yaml;
}

static void assert_json(const char *text, const char *expected)
{
    tarn__yaml *yaml = parse(text);
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(tarn__yaml_count(yaml), 1);
    assert_int_equal(
        tarn__json_dump(tarn__yaml_root(yaml, 0), &buf, NULL), TARN_OK);
    assert_string_equal(buf.ptr, expected);
    tarn_buf_reset(&buf);
    tarn__yaml_free(yaml);
}

static void assert_refused(const char *text, const char *message)
{
    tarn__yaml *yaml;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__yaml_parse(tarn_str(text), "f.yaml", &yaml, &err),
        TARN_BAD_INPUT);
    assert_null(yaml);
    assert_string_equal(err.message, message);
}

static void assert_where(
    const tarn__yaml *yaml, const char *pointer, int line, int column)
{
    int l = 0;
    int c = 0;
    if (!tarn__yaml_where(yaml, 0, pointer, &l, &c))
        fail_msg("nothing at %s", pointer);
    assert_int_equal(l, line);
    assert_int_equal(c, column);
}

static void mappings_and_sequences_become_objects_and_arrays(void **state)
{
    (void)state;
    assert_json("name: x\nsteps:\n- id: a\n  needs: [b, c]\n- {id: d}\n",
        "{\"name\":\"x\",\"steps\":[{\"id\":\"a\",\"needs\":[\"b\",\"c\"]},"
        "{\"id\":\"d\"}]}");
}

static void plain_scalars_follow_the_core_schema(void **state)
{
    (void)state;
    assert_json("[null, Null, NULL, ~, true, True, FALSE, 1, -12, +3, 0o17,"
                " 0x1F, 007, 1.5, .5, 5., 1e3, -1.5E-3, 9223372036854775807]",
        "[null,null,null,null,true,true,false,1,-12,3,15,31,7,1.5,0.5,"
        "5.0,1000.0,-0.0015,9223372036854775807]");
}

static void what_only_looks_like_a_scalar_is_text(void **state)
{
    (void)state;
    assert_json("[yes, No, on, nUll, tRue, 1_000, 0b1, 1:30, 2026-11-21, 0o8,"
                "  0x, 1e, a b, 1.2.3, +0x1]",
        "[\"yes\",\"No\",\"on\",\"nUll\",\"tRue\",\"1_000\",\"0b1\",\"1:30\","
        "\"2026-11-21\",\"0o8\",\"0x\",\"1e\",\"a b\",\"1.2.3\","
        "\"+0x1\"]");
}

static void quoted_scalars_are_text(void **state)
{
    (void)state;
    assert_json("a: \"1\"\nb: 'true'\nc: |\n  x\n  y\nd: >-\n  p\n  q\n"
                "e: \"\\u20ac\\0z\"\nf: ''\n",
        "{\"a\":\"1\",\"b\":\"true\",\"c\":\"x\\ny\\n\",\"d\":\"p q\","
        "\"e\":\"\xE2\x82\xAC\\u0000z\",\"f\":\"\"}");
}

static void keys_are_text_as_written(void **state)
{
    (void)state;
    assert_json("1: a\ntrue: b\n\"<<\": c\n~: d\n",
        "{\"1\":\"a\",\"true\":\"b\",\"<<\":\"c\",\"~\":\"d\"}");
}

static void tags_of_the_core_schema_are_known(void **state)
{
    (void)state;
    assert_json("[!!str 5, !!int \"7\", !!float 1, !!bool 'true', !!null '',"
                " ! 9, !!seq [], !!map {}]",
        "[\"5\",7,1.0,true,null,\"9\",[],{}]");
    assert_refused("- !foo x",
        "f.yaml: line 1, column 8: the tag is not known (remove it)");
    assert_refused("a: !!int x\n",
        "f.yaml: line 1, column 10: the text is not of the type that its tag "
        "names");
}

static void several_documents_are_counted(void **state)
{
    (void)state;
    tarn__yaml *yaml = parse("a: 1\n---\n- 2\n---\n...\n");
    assert_int_equal(tarn__yaml_count(yaml), 3);
    assert_true(json_is_object(tarn__yaml_root(yaml, 0)));
    assert_true(json_is_array(tarn__yaml_root(yaml, 1)));
    assert_true(json_is_null(tarn__yaml_root(yaml, 2)));
    assert_null(tarn__yaml_root(yaml, 3));
    int line;
    int column;
    assert_true(tarn__yaml_where(yaml, 1, "/0", &line, &column));
    assert_int_equal(line, 3);
    assert_false(tarn__yaml_where(yaml, 3, "", &line, &column));
    tarn__yaml_free(yaml);
    tarn__yaml_free(NULL);
}

static void an_empty_text_has_no_document(void **state)
{
    (void)state;
    const char *texts[] = {"", "\n\n", "# only a comment\n"};
    for (size_t i = 0; i < 3; i++) {
        tarn__yaml *yaml = parse(texts[i]);
        assert_int_equal(tarn__yaml_count(yaml), 0);
        tarn__yaml_free(yaml);
    }
}

static void a_text_ends_at_its_length(void **state)
{
    (void)state;
    tarn_slice text = {"a: 1\nb: 2\n", 5};
    tarn__yaml *yaml;
    assert_int_equal(tarn__yaml_parse(text, "t", &yaml, NULL), TARN_OK);
    assert_int_equal(json_object_size(tarn__yaml_root(yaml, 0)), 1);
    tarn__yaml_free(yaml);
}

static void every_value_knows_its_place(void **state)
{
    (void)state;
    tarn__yaml *yaml = parse("name: x\n"
                             "steps:\n"
                             "  - id: a\n"
                             "    config: {k: [10, 20]}\n"
                             "  - id:   b\n"
                             "a/b~c: here\n"
                             "none:\n");
    assert_where(yaml, "", 1, 1);
    assert_where(yaml, "/name", 1, 7);
    assert_where(yaml, "/steps/0/id", 3, 9);
    assert_where(yaml, "/steps/0/config/k/1", 4, 22);
    assert_where(yaml, "/steps/1/id", 5, 11);
    assert_where(yaml, "/a~1b~0c", 6, 8);
    assert_where(yaml, "/none", 7, 5);
    tarn__yaml_free(yaml);
}

static void a_pointer_to_nothing_has_no_place(void **state)
{
    (void)state;
    tarn__yaml *yaml = parse("a: [1]\nb: {}\n");
    const char *pointers[] = {"/c", "/a/1", "/a/x", "/a/-", "/a/0/0", "/b/x",
        "a", "/", "/a/99999999999999999999", "/A"};
    for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
        int line;
        int column;
        assert_false(tarn__yaml_where(yaml, 0, pointers[i], &line, &column));
    }
    tarn__yaml_free(yaml);
}

static void aliases_are_expanded(void **state)
{
    (void)state;
    assert_json("a: &x {p: [1, &y two]}\nb: *x\nc: [*y, *x]\n*y : k\n",
        "{\"a\":{\"p\":[1,\"two\"]},\"b\":{\"p\":[1,\"two\"]},"
        "\"c\":[\"two\",{\"p\":[1,\"two\"]}],\"two\":\"k\"}");
}

static void an_aliased_value_stands_where_its_parts_were_written(void **state)
{
    (void)state;
    tarn__yaml *yaml = parse("a: &x\n  p: 1\nb: *x\n");
    assert_where(yaml, "/b", 3, 5);
    assert_where(yaml, "/b/p", 2, 6);
    tarn__yaml_free(yaml);
}

static void an_expanded_alias_is_a_copy(void **state)
{
    (void)state;
    tarn__yaml *yaml = parse("a: &x [1]\nb: *x\n");
    json_t *root = tarn__yaml_root(yaml, 0);
    json_array_clear(json_object_get(root, "a"));
    assert_int_equal(json_array_size(json_object_get(root, "b")), 1);
    tarn__yaml_free(yaml);
}

static void an_alias_of_nothing_is_refused(void **state)
{
    (void)state;
    const char *why = "an alias of an anchor that does not stand before it";
    char message[100];
    snprintf(message, sizeof(message), "f.yaml: line 1, column 5: %s", why);
    assert_refused("a: *nope\n", message);
    snprintf(message, sizeof(message), "f.yaml: line 1, column 9: %s", why);
    assert_refused("a: &x [*x]\n", message);
    snprintf(message, sizeof(message), "f.yaml: line 3, column 2: %s", why);
    assert_refused("&x a\n---\n*x\n", message);
}

static void a_billion_laughs_are_refused(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(
        tarn__buf_str(&buf, "- &a0 [x,x,x,x,x,x,x,x,x,x]\n", NULL), TARN_OK);
    for (int i = 1; i < 10; i++) {
        assert_int_equal(tarn__buf_printf(&buf, NULL, "- &a%d [", i), TARN_OK);
        for (int k = 0; k < 10; k++)
            assert_int_equal(
                tarn__buf_printf(&buf, NULL, "*a%d,", i - 1), TARN_OK);
        assert_int_equal(tarn__buf_str(&buf, "]\n", NULL), TARN_OK);
    }
    tarn__yaml *yaml;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__yaml_parse(tarn__buf_slice(&buf), "f", &yaml, &err),
        TARN_BAD_INPUT);
    assert_true(tarn__ends_with(
        err.message, "more than a million values (use fewer aliases)"));
    tarn_buf_reset(&buf);
}

static void a_key_that_stands_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: 2\na: 3\n",
        "f.yaml: line 3, column 1: the key a stands here a second time");
    assert_refused("x: {k: 1, 'k': 2}\n",
        "f.yaml: line 1, column 12: the key k stands here a second time");
}

static void keys_that_json_lacks_are_refused(void **state)
{
    (void)state;
    assert_refused(
        "? [a]\n: b\n", "f.yaml: line 1, column 3: a key that is not text");
    assert_refused(
        "\"a\\0\": 1\n", "f.yaml: line 1, column 2: a key with U+0000 in it");
    assert_refused("a: &x [1]\n*x : 1\n",
        "f.yaml: line 2, column 2: a key that is not text");
    assert_refused("a: &x {b: 1}\nc:\n  <<: *x\n",
        "f.yaml: line 3, column 3: merge keys are not YAML 1.2 (write the "
        "members out)");
}

static void numbers_that_json_lacks_are_refused(void **state)
{
    (void)state;
    assert_refused("a: 9223372036854775808\n",
        "f.yaml: line 1, column 4: the integer has more than 64 bits (quote "
        "it)");
    assert_refused("a: 0x8000000000000000\n",
        "f.yaml: line 1, column 4: the integer has more than 64 bits (quote "
        "it)");
    assert_refused("- .inf\n",
        "f.yaml: line 1, column 3: JSON has neither infinity nor NaN (quote "
        "it)");
}

static void an_error_names_line_and_column(void **state)
{
    (void)state;
    assert_refused("a: [1\nb: 2\n",
        "f.yaml: line 3, column 1: flow sequence without a closing bracket");
    assert_refused("a: b: c\n",
        "f.yaml: line 1, column 5: invalid nested block mapping on the same "
        "line");
}

static void bytes_that_are_not_utf8_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_refused(
        "a: 1\nb: \xFF\n", "f.yaml: line 2: not UTF-8 (convert the file)");
    assert_refused("\xFE\xFF", "f.yaml: line 1: not UTF-8 (convert the file)");
    tarn__yaml *yaml;
    assert_int_equal(
        tarn__yaml_parse(tarn_str("a: \"\\ud800\""), "f", &yaml, NULL),
        TARN_BAD_INPUT);
}

static void deep_nesting_is_refused_not_a_crash(void **state)
{
    (void)state;
    static char text[100001];
    memset(text, '[', sizeof(text) - 1);
    tarn__yaml *yaml;
    assert_int_equal(
        tarn__yaml_parse(tarn_str(text), "t", &yaml, NULL), TARN_BAD_INPUT);
}

static tarn_status parse_it(void *arg, tarn_error *err)
{
    tarn__yaml *yaml;
    tarn_status st = tarn__yaml_parse(tarn_str(arg), "t", &yaml, err);
    tarn__yaml_free(yaml);
    return st;
}

static void out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(
        tarn__buf_str(&buf, "&k a: &x {p: [1, 2]}\n", NULL), TARN_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(
            tarn__buf_printf(&buf, NULL, "k%d: [*x]\n", i), TARN_OK);
    assert_int_equal(tarn__buf_str(&buf, "---\nb: 1\n", NULL), TARN_OK);
    assert_true(sweep_allocations(parse_it, buf.ptr) >= 4);
    tarn_buf_reset(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mappings_and_sequences_become_objects_and_arrays),
        cmocka_unit_test(plain_scalars_follow_the_core_schema),
        cmocka_unit_test(what_only_looks_like_a_scalar_is_text),
        cmocka_unit_test(quoted_scalars_are_text),
        cmocka_unit_test(keys_are_text_as_written),
        cmocka_unit_test(tags_of_the_core_schema_are_known),
        cmocka_unit_test(several_documents_are_counted),
        cmocka_unit_test(an_empty_text_has_no_document),
        cmocka_unit_test(a_text_ends_at_its_length),
        cmocka_unit_test(every_value_knows_its_place),
        cmocka_unit_test(a_pointer_to_nothing_has_no_place),
        cmocka_unit_test(aliases_are_expanded),
        cmocka_unit_test(an_aliased_value_stands_where_its_parts_were_written),
        cmocka_unit_test(an_expanded_alias_is_a_copy),
        cmocka_unit_test(an_alias_of_nothing_is_refused),
        cmocka_unit_test(a_billion_laughs_are_refused),
        cmocka_unit_test(a_key_that_stands_twice_is_refused),
        cmocka_unit_test(keys_that_json_lacks_are_refused),
        cmocka_unit_test(numbers_that_json_lacks_are_refused),
        cmocka_unit_test(an_error_names_line_and_column),
        cmocka_unit_test(bytes_that_are_not_utf8_are_refused_with_their_line),
        cmocka_unit_test(deep_nesting_is_refused_not_a_crash),
        cmocka_unit_test(out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/json.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "unit/base/memory_sweep.h"

static json_t *parse(const char *text)
{
    json_t *json;
    tarn_error err;
    if (tarn__json_parse(tarn_str(text), "t", &json, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return json;
}

static void assert_refused(const char *text, const char *message)
{
    json_t *json = json_true();
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__json_parse(tarn_str(text), "f.json", &json, &err),
        TARN_BAD_INPUT);
    assert_null(json);
    assert_string_equal(err.message, message);
}

static void assert_dump(const char *text, const char *expected)
{
    json_t *json = parse(text);
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(tarn__json_dump(json, &buf, NULL), TARN_OK);
    assert_string_equal(buf.ptr, expected);
    tarn_buf_reset(&buf);
    json_decref(json);
}

static void documents_of_any_type_are_read(void **state)
{
    (void)state;
    const char *texts[] = {
        "{}", "[]", "\"a\"", "1", "1.5", "true", "false", "null", " [ 1 ] "};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        json_decref(parse(texts[i]));
}

static void an_error_names_line_and_column(void **state)
{
    (void)state;
    assert_refused("{\n  \"a\": 1,\n  x\n}",
        "f.json: line 3, column 3: string or '}' expected");
}

static void an_error_does_not_quote_the_text(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    json_t *json;
    assert_int_equal(tarn__json_parse(tarn_str("{\"password\": hunter2}"),
                         "f.json", &json, &err),
        TARN_BAD_INPUT);
    assert_null(strstr(err.message, "hunter2"));
}

static void half_documents_and_several_are_refused(void **state)
{
    (void)state;
    const char *bad[] = {"", "{", "[1", "[1,]", "{} {}", "1 2", "nul",
        "\"\xFF\"", "[1e999]", "99999999999999999999", "NaN", "{\"a\" 1}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json_t *json;
        assert_int_equal(tarn__json_parse(tarn_str(bad[i]), "t", &json, NULL),
            TARN_BAD_INPUT);
    }
    tarn_slice none = {NULL, 0};
    json_t *json;
    assert_int_equal(tarn__json_parse(none, "t", &json, NULL), TARN_BAD_INPUT);
}

static void a_member_that_stands_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":1,\n\"a\":2}",
        "f.json: line 2, column 3: duplicate object key");
}

static void u0000_is_kept_in_strings(void **state)
{
    (void)state;
    json_t *json = parse("\"a\\u0000b\"");
    assert_int_equal(json_string_length(json), 3);
    json_decref(json);
    assert_dump("\"a\\u0000b\"", "\"a\\u0000b\"");
}

static void deep_nesting_is_refused_not_a_crash(void **state)
{
    (void)state;
    static char text[200001];
    memset(text, '[', sizeof(text) - 1);
    json_t *json;
    assert_int_equal(
        tarn__json_parse(tarn_str(text), "t", &json, NULL), TARN_BAD_INPUT);
}

static void a_dump_is_compact_and_in_the_order_given(void **state)
{
    (void)state;
    assert_dump("{ \"b\": [1, 2.5, -3], \"a\": {\"z\": null, \"y\": true}, "
                "\"c\": [], \"d\": {}, \"e\": false }",
        "{\"b\":[1,2.5,-3],\"a\":{\"z\":null,\"y\":true},\"c\":[],\"d\":{},"
        "\"e\":false}");
}

static void a_dump_that_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    json_t *json = parse("{\"key\": [1, 2, 3, 4, 5, 6, 7, 8]}");
    tarn_buf buf = TARN_BUF_MAX(12);
    assert_int_equal(tarn__buf_str(&buf, "abc", NULL), TARN_OK);
    assert_int_equal(tarn__json_dump(json, &buf, NULL), TARN_BAD_INPUT);
    assert_string_equal(buf.ptr, "abc");
    assert_int_equal(buf.len, 3);
    tarn_slice text = tarn_str("0123456789");
    assert_int_equal(tarn__json_quote(&buf, text, NULL), TARN_BAD_INPUT);
    assert_string_equal(buf.ptr, "abc");
    tarn_buf_reset(&buf);
    json_decref(json);
}

static void getters_take_only_the_right_type(void **state)
{
    (void)state;
    json_t *o = parse("{\"s\":\"x\",\"i\":-5,\"d\":1.0,\"n\":null}");
    int64_t v = 42;
    assert_string_equal(tarn__json_text(o, "s"), "x");
    assert_null(tarn__json_text(o, "i"));
    assert_null(tarn__json_text(o, "n"));
    assert_null(tarn__json_text(o, "absent"));
    assert_true(tarn__json_i64(o, "i", &v));
    assert_int_equal(v, -5);
    v = 42;
    assert_false(tarn__json_i64(o, "d", &v));
    assert_false(tarn__json_i64(o, "s", &v));
    assert_false(tarn__json_i64(o, "absent", &v));
    assert_int_equal(v, 42);
    json_t *array = json_object_get(o, "s");
    assert_null(tarn__json_text(array, "s"));
    json_decref(o);
}

static void assert_quoted(tarn_slice text, const char *expected)
{
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(tarn__json_quote(&buf, text, NULL), TARN_OK);
    assert_string_equal(buf.ptr, expected);
    tarn_buf_reset(&buf);
}

static void quoting_escapes_what_json_wants_escaped(void **state)
{
    (void)state;
    tarn_slice controls = {"\0\1\x1f\x7f", 4};
    assert_quoted(tarn_str(""), "\"\"");
    assert_quoted(tarn_str("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    assert_quoted(tarn_str("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    assert_quoted(controls, "\"\\u0000\\u0001\\u001f\x7f\"");
    assert_quoted(tarn_str("\xE2\x82\xAC"), "\"\xE2\x82\xAC\"");
}

static void quoting_replaces_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    assert_quoted(tarn_str("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
    assert_quoted(tarn_str("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void doubles_are_json_numbers_or_null(void **state)
{
    (void)state;
    const struct {
        double v;
        const char *text;
    } cases[] = {{0.1, "0.1"}, {3, "3.0"}, {-1e300, "-1e+300"}, {NAN, "null"},
        {INFINITY, "null"}, {-INFINITY, "null"}};
    for (size_t i = 0; i < 6; i++) {
        tarn_buf buf = TARN_BUF_INIT;
        assert_int_equal(tarn__json_double(&buf, cases[i].v, NULL), TARN_OK);
        assert_string_equal(buf.ptr, cases[i].text);
        tarn_buf_reset(&buf);
    }
}

static tarn_status dump_it(void *arg, tarn_error *err)
{
    tarn_buf buf = TARN_BUF_INIT;
    tarn_status st = tarn__json_dump(arg, &buf, err);
    tarn_buf_reset(&buf);
    return st;
}

static void a_dump_without_memory_says_so(void **state)
{
    (void)state;
    json_t *json = parse("{\"a\":[\"a long text, longer than sixty-four "
                         "bytes, so that the buffer grows\\n\",1,2.5,null]}");
    assert_true(sweep_allocations(dump_it, json) >= 2);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_of_any_type_are_read),
        cmocka_unit_test(an_error_names_line_and_column),
        cmocka_unit_test(an_error_does_not_quote_the_text),
        cmocka_unit_test(half_documents_and_several_are_refused),
        cmocka_unit_test(a_member_that_stands_twice_is_refused),
        cmocka_unit_test(u0000_is_kept_in_strings),
        cmocka_unit_test(deep_nesting_is_refused_not_a_crash),
        cmocka_unit_test(a_dump_is_compact_and_in_the_order_given),
        cmocka_unit_test(a_dump_that_does_not_fit_leaves_the_buffer_as_it_was),
        cmocka_unit_test(getters_take_only_the_right_type),
        cmocka_unit_test(quoting_escapes_what_json_wants_escaped),
        cmocka_unit_test(quoting_replaces_bytes_that_are_not_utf8),
        cmocka_unit_test(doubles_are_json_numbers_or_null),
        cmocka_unit_test(a_dump_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

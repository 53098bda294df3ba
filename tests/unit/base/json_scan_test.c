/* The JSON scanner: what is JSON, what is not, and where it goes wrong. */
#include <string.h>

#include "base/json_scan.h"
#include "support/sandbox.h"

static bool is_json(const char *text)
{
    tarn__json_scan s = tarn__json_scan_of(tarn_str(text));
    tarn__json_scan_value value;
    return tarn__json_scan_next(&s, &value) && tarn__json_scan_end(&s);
}

static void values_of_every_kind_are_json(void **state)
{
    (void)state;
    static const char *const good[] = {"null", "true", "false", "0", "-0",
        "-1.5e-7", "1E+400", "\"\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\"",
        "\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\"", "[]", "{}", " [ ] ",
        "[1,[2,{}],{\"a\":[]}]", "{\"\":{\"a\":1,\"a\":2}}",
        "{\"a\":[{\"b\":[{\"c\":null}]}]}"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!is_json(good[i]))
            fail_msg("%s", good[i]);
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " ", "nul", "truee", "TRUE", "01",
        "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "\"", "\"\\\"",
        "\"\\x\"", "\"\\u12\"", "\"\t\"", "\"\xff\"", "\"\xc0\x80\"",
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "[", "]", "[1,]",
        "[,1]", "[1 2]", "[1}", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{a:1}", "{\"a\":1 \"b\":2}", "{1:2}", "[1]]", "{} {}", "'a'", "[1]//"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (is_json(bad[i]))
            fail_msg("%s", bad[i]);
}

static void depth_has_a_bound(void **state)
{
    (void)state;
    char text[2 * (TARN__JSON_MAX_DEPTH + 1) + 1];
    for (size_t depth = TARN__JSON_MAX_DEPTH; depth <= TARN__JSON_MAX_DEPTH + 1;
         depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        assert_int_equal(is_json(text), depth == TARN__JSON_MAX_DEPTH);
    }
}

static void a_text_that_ends_too_early_is_told_from_a_wrong_one(void **state)
{
    (void)state;
    static const char *const whole = "{\"a\":[true,\"\\ud83d\\ude00\",-1.5e3]}";
    size_t len = strlen(whole);
    tarn__json_scan_value value;
    for (size_t cut = 1; cut < len; cut++) {
        tarn__json_scan s = tarn__json_scan_of((tarn_slice){whole, cut});
        assert_false(tarn__json_scan_next(&s, &value));
        /* Inside an escape it cannot be told. */
        if (memchr(whole, '\\', cut) == NULL || cut > 25)
            assert_true(s.ended);
    }
}

static void escapes_are_taken_out(void **state)
{
    (void)state;
    char out[32];
    size_t len = tarn__json_scan_unescape(
        tarn_str("a\\n\\u00e9\\u20ac\\ud83d\\ude00\\u0000z"), out);
    assert_int_equal(len, 13);
    assert_memory_equal(out, "a\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\0z", 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_kind_are_json),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(depth_has_a_bound),
        cmocka_unit_test(a_text_that_ends_too_early_is_told_from_a_wrong_one),
        cmocka_unit_test(escapes_are_taken_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

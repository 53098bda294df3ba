/* Numbers and values of JSON as they are written. */
#include <string.h>

#include "base/buf.h"
#include "base/json_canon.h"
#include "base/json_number.h"
#include "base/str.h"
#include "memory_sweep.h"

static void numbers_compare_whatever_their_length(void **state)
{
    (void)state;
    static const char *const rising[] = {"-1e999999999999999999999", "-1e400",
        "-18446744073709551617", "-9223372036854775809", "-9223372036854775808",
        "-10", "-1.5", "-1", "-0.05", "-1e-400", "0", "1e-400", "0.049999999",
        "0.05", "0.050000000000000000000000000001", "1", "1.5", "9", "10",
        "9007199254740992", "9007199254740993", "9007199254740993.5",
        "9223372036854775807", "9223372036854775808", "12345678901234567890123",
        "12345678901234567890124", "1e23", "1e400"};
    size_t count = sizeof rising / sizeof *rising;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            tarn__json_number a = tarn__json_number_of(tarn_str(rising[i]));
            tarn__json_number b = tarn__json_number_of(tarn_str(rising[k]));
            if (tarn__json_number_cmp(&a, &b) != (i > k) - (i < k))
                fail_msg("%s, %s", rising[i], rising[k]);
        }
}

static void spellings_of_a_number_are_that_number(void **state)
{
    (void)state;
    static const char *const same[][4] = {{"0", "-0", "0.000", "0e5"},
        {"1", "1.0", "10e-1", "0.001e+3"},
        {"-120", "-1.2e2", "-12E1", "-120.0"},
        {"0.05", "5e-2", "0.50e-1", "50e-3"},
        {"9223372036854775808", "9223372036854775808.0",
            "9.223372036854775808e18", "92233720368547758080e-1"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        for (size_t k = 0; k < 4; k++) {
            tarn__json_number a = tarn__json_number_of(tarn_str(same[i][0]));
            tarn__json_number b = tarn__json_number_of(tarn_str(same[i][k]));
            if (tarn__json_number_cmp(&a, &b) != 0)
                fail_msg("%s, %s", same[i][0], same[i][k]);
        }
}

static void integers_that_fit_are_small(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } small[] = {{"0", 0}, {"-0.0", 0}, {"7", 7}, {"7.0", 7}, {"7e2", 700},
        {"-1200e-2", -12}, {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9.223372036854775807e18", INT64_MAX},
        {"1e18", INT64_C(1000000000000000000)}};
    static const char *const others[] = {"0.5", "1e19", "9223372036854775808",
        "-9223372036854775809", "1e-1", "1e400", "92233720368547758070e0",
        "18446744073709551616", "18446744073709551615", "99999999999999999999",
        "1844674407370955162e1", "3e18446744073709551616"};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        tarn__json_number n = tarn__json_number_of(tarn_str(small[i].text));
        assert_true(n.is_small);
        assert_true(n.small == small[i].value);
        assert_true(tarn__json_number_is_integer(&n));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        tarn__json_number n = tarn__json_number_of(tarn_str(others[i]));
        assert_false(n.is_small);
    }
}

static void integers_are_told_from_fractions(void **state)
{
    (void)state;
    static const char *const integers[] = {
        "1e400", "123456789012345678901234567890.000", "1.5e1", "-0e-9"};
    static const char *const fractions[] = {
        "1e-400", "123456789012345678901234567890.1", "1.55e1", "0.1"};
    for (size_t i = 0; i < 4; i++) {
        tarn__json_number a = tarn__json_number_of(tarn_str(integers[i]));
        tarn__json_number b = tarn__json_number_of(tarn_str(fractions[i]));
        assert_true(tarn__json_number_is_integer(&a));
        assert_false(tarn__json_number_is_integer(&b));
    }
}

static void multiples_need_no_division_of_doubles(void **state)
{
    (void)state;
    static const struct {
        const char *n;
        const char *unit;
        bool is;
    } cases[] = {{"0", "3", true}, {"9", "3", true}, {"10", "3", false},
        {"0.3", "0.1", true}, {"1.1", "0.1", true}, {"1.15", "0.1", false},
        {"1e400", "7", false}, {"7e400", "7", true}, {"1e400", "1e399", true},
        {"1e399", "1e400", false}, {"4.5", "1.5", true}, {"-4.5", "1.5", true},
        {"100000000000000000000000000000000000001", "1", true},
        {"123456789123456789123456789", "123456789", true},
        {"1", "0.000000000000000001", true},
        {"3", "999999999999999999", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tarn__json_number n = tarn__json_number_of(tarn_str(cases[i].n));
        tarn__json_number u = tarn__json_number_of(tarn_str(cases[i].unit));
        if (tarn__json_number_is_multiple(&n, &u) != cases[i].is)
            fail_msg("%s, %s", cases[i].n, cases[i].unit);
    }
}

static void doubles_are_the_nearest(void **state)
{
    (void)state;
    char long_tie[900] = "0.";
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"0", 0}, {"-0.0", 0}, {"0.1", 0.1}, {"1e22", 1e22},
        {"1e23", 1e23}, {"-2.5e-7", -2.5e-7},
        {"123456789012345678", 123456789012345678.0},
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.0000000000000000000000000000000000000000000000000000"
         "00000000000000000000000000000000000000000000000000000000000000000001",
            9007199254740994.0},
        {"1.7976931348623157e308", 1.7976931348623157e308}, {"5e-324", 5e-324},
        {"1e-400", 0}, {"1e-99999999999999999999", 0}, {"0e999999999", 0}};
    double v;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(tarn__json_number_double(tarn_str(cases[i].text), &v));
        if (v != cases[i].value)
            fail_msg("%s: %.17g", cases[i].text, v);
    }
    assert_false(tarn__json_number_double(tarn_str("1e309"), &v));
    assert_false(
        tarn__json_number_double(tarn_str("-1e99999999999999999"), &v));
    memset(long_tie + 2, '3', 890);
    assert_true(tarn__json_number_double(tarn_str(long_tie), &v));
    assert_true(v == 1.0 / 3);
}

static void each_number_has_one_text(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"0", "0"}, {"-0.0", "0"},
        {"1.0", "1"}, {"-1.50", "-1.5"}, {"15e-1", "1.5"}, {"1e3", "1000"},
        {"0.000001", "0.000001"}, {"1e-7", "1e-7"}, {"12e-8", "1.2e-7"},
        {"1e20", "100000000000000000000"}, {"1e21", "1e+21"},
        {"18446744073709551616", "18446744073709551616"},
        {"18446744073709551617.0", "18446744073709551617"},
        {"1234567890123456789012345", "1.234567890123456789012345e+24"},
        {"123.4567890123456789012345", "123.4567890123456789012345"},
        {"0.05", "0.05"}, {"5E-2", "0.05"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tarn_buf text = TARN_BUF_INIT;
        tarn_error err = TARN_ERROR_INIT;
        assert_int_equal(
            tarn__json_number_text(tarn_str(cases[i][0]), &text, &err),
            TARN_OK);
        assert_string_equal(text.ptr, cases[i][1]);
        tarn_buf_reset(&text);
    }
}

static bool same(const char *a, const char *b)
{
    tarn_buf x = TARN_BUF_INIT;
    tarn_buf y = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__json_canon(tarn_str(a), &x, &err), TARN_OK);
    assert_int_equal(tarn__json_canon(tarn_str(b), &y, &err), TARN_OK);
    bool is = tarn__slice_eq(tarn__buf_slice(&x), tarn__buf_slice(&y));
    tarn_buf_reset(&x);
    tarn_buf_reset(&y);
    return is;
}

static void values_that_are_the_same_have_one_form(void **state)
{
    (void)state;
    assert_true(same("1", "1.0"));
    assert_true(same("\"a\\u0000\\/\"", "\"\\u0061\\u0000/\""));
    assert_true(same("{\"b\": [1, 2], \"a\": {}}",
        "{\"a\":{},\"\\u0062\":"
        "[1e0,2]}"));
    assert_true(same(
        "{\"a\": 1, \"ab\": 2, \"b\": 3}", "{\"b\": 3, \"ab\": 2, \"a\": 1}"));
}

static void values_that_differ_have_two(void **state)
{
    (void)state;
    static const char *const all[] = {"null", "true", "false", "0", "1", "-1",
        "10", "0.1", "\"\"", "\"1\"", "\"true\"", "[]", "[[]]", "[1]", "[1,1]",
        "[11]", "{}", "[{}]", "{\"a\":1}", "{\"a\":\"1\"}", "{\"1\":\"a\"}",
        "{\"a\":{\"b\":1},\"c\":1}", "{\"a\":{\"b\":1,\"c\":1}}",
        "[\"a\",\"b\"]", "[\"ab\"]", "[\"b\",\"a\"]"};
    size_t count = sizeof all / sizeof *all;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            if (same(all[i], all[k]) != (i == k))
                fail_msg("%s, %s", all[i], all[k]);
}

static tarn_status make_form(void *arg, tarn_error *err)
{
    tarn_buf form = TARN_BUF_INIT;
    tarn_status st = tarn__json_canon(tarn_str(arg), &form, err);
    assert_int_equal(st == TARN_OK, form.len > 0);
    tarn_buf_reset(&form);
    return st;
}

static void a_form_may_run_out_of_memory(void **state)
{
    (void)state;
    char text[] = "{\"b\": [1, \"\\u0061\"], \"a\": {\"d\": 1, \"c\": 2}}";
    assert_true(sweep_allocations(make_form, text) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_compare_whatever_their_length),
        cmocka_unit_test(spellings_of_a_number_are_that_number),
        cmocka_unit_test(integers_that_fit_are_small),
        cmocka_unit_test(integers_are_told_from_fractions),
        cmocka_unit_test(multiples_need_no_division_of_doubles),
        cmocka_unit_test(doubles_are_the_nearest),
        cmocka_unit_test(each_number_has_one_text),
        cmocka_unit_test(values_that_are_the_same_have_one_form),
        cmocka_unit_test(values_that_differ_have_two),
        cmocka_unit_test(a_form_may_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

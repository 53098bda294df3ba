#include "base/str.h"

#include <string.h>

#include "unit/base/memory_sweep.h"

static tarn_slice bytes(const char *ptr, size_t len)
{
    tarn_slice s = {ptr, len};
    return s;
}

static void slices_compare_as_memcmp_does(void **state)
{
    (void)state;
    assert_true(tarn__slice_cmp(tarn_str("a"), tarn_str("b")) < 0);
    assert_true(tarn__slice_cmp(tarn_str("b"), tarn_str("a")) > 0);
    assert_true(tarn__slice_cmp(tarn_str("a"), tarn_str("ab")) < 0);
    assert_true(tarn__slice_cmp(tarn_str("ab"), tarn_str("a")) > 0);
    assert_true(tarn__slice_cmp(tarn_str("\x7f"), tarn_str("\x80")) < 0);
    assert_true(tarn__slice_cmp(bytes("a\0b", 3), bytes("a\0c", 3)) < 0);
    assert_int_equal(tarn__slice_cmp(tarn_str("ab"), tarn_str("ab")), 0);
    assert_int_equal(tarn__slice_cmp(bytes(NULL, 0), tarn_str("")), 0);
}

static void slices_are_equal_byte_by_byte(void **state)
{
    (void)state;
    assert_true(tarn__slice_eq(bytes("a\0b", 3), bytes("a\0b", 3)));
    assert_false(tarn__slice_eq(bytes("a\0b", 3), bytes("a\0c", 3)));
    assert_false(tarn__slice_eq(tarn_str("a"), tarn_str("ab")));
    assert_true(tarn__slice_eq(bytes(NULL, 0), tarn_str("")));
    assert_true(tarn__slice_is(bytes("abc", 2), "ab"));
    assert_false(tarn__slice_is(bytes("a\0", 2), "a"));
    assert_int_equal(tarn_str(NULL).len, 0);
}

static void affixes_are_found_only_at_their_end(void **state)
{
    (void)state;
    assert_true(tarn__starts_with("abc", "ab"));
    assert_true(tarn__starts_with("abc", ""));
    assert_false(tarn__starts_with("ab", "abc"));
    assert_false(tarn__starts_with("xab", "ab"));
    assert_true(tarn__ends_with("a.csv", ".csv"));
    assert_false(tarn__ends_with("csv", ".csv"));
    assert_false(tarn__ends_with("a.CSV", ".csv"));
    assert_true(tarn__ends_with_nocase("a.CsV", ".csv"));
    assert_false(tarn__ends_with_nocase("a.csx", ".csv"));
    assert_true(tarn__eq_nocase("Time", "tIME"));
    assert_false(tarn__eq_nocase("Time", "Times"));
    assert_false(tarn__eq_nocase("[", "{"));
}

static void hex_reads_back(void **state)
{
    (void)state;
    char text[11];
    tarn__hex("\x00\x7f\x80\xab\xff", 5, text);
    assert_string_equal(text, "007f80abff");
    unsigned char out[5];
    assert_true(tarn__unhex("007F80aBff", 10, out));
    assert_memory_equal(out, "\x00\x7f\x80\xab\xff", 5);
    assert_true(tarn__unhex("", 0, out));
}

static void what_is_not_hex_is_refused(void **state)
{
    (void)state;
    unsigned char out[2];
    assert_false(tarn__unhex("abc", 3, out));
    assert_false(tarn__unhex("0g", 2, out));
    assert_false(tarn__unhex(" 0", 2, out));
    assert_false(tarn__unhex("0\0", 2, out));
}

static void valid_utf8_is_accepted(void **state)
{
    (void)state;
    const char *good[] = {"", "plain ascii of some length", "\xC2\x80",
        "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
        ("12345678\xC3\xA9"
         "12345678")};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(tarn__utf8_valid(tarn_str(good[i])));
    assert_true(tarn__utf8_valid(bytes("a\0b", 3)));
}

static void bad_utf8_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2",
        "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xF0\x9F\x8F", "\xFF", "\xFE", "\xE2\x28\xA1", "\xE2\x82\x28",
        "\xF0\x9F\x8F\x28", "12345678\x80",
        ("1234567\xFF"
         "12345678")};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(tarn__utf8_valid(tarn_str(bad[i])));
}

static void a_cut_ends_on_a_code_point(void **state)
{
    (void)state;
    tarn_slice s = tarn_str("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8F\x94z");
    const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t max = 0; max < 13; max++)
        assert_int_equal(tarn__utf8_cut(s, max), expected[max]);
}

static void a_cut_of_garbage_stays_within_the_maximum(void **state)
{
    (void)state;
    tarn_slice s = tarn_str("\x80\x80\x80\x80\x80\x80\x80\x80");
    for (size_t max = 0; max < 10; max++)
        assert_true(tarn__utf8_cut(s, max) <= max);
}

static void widths_are_those_of_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(tarn__utf8_width(tarn_str("")), 0);
    assert_int_equal(tarn__utf8_width(tarn_str("abc")), 3);
    assert_int_equal(tarn__utf8_width(tarn_str("\xC3\xA9")), 1);
    assert_int_equal(tarn__utf8_width(tarn_str("e\xCC\x81")), 1);
    assert_int_equal(tarn__utf8_width(tarn_str("\xE6\x97\xA5\xE6\x9C\xAC")), 4);
    assert_int_equal(tarn__utf8_width(tarn_str("\xED\x95\x9C")), 2);
    assert_int_equal(tarn__utf8_width(tarn_str("\xEF\xBC\xA1")), 2);
    assert_int_equal(tarn__utf8_width(tarn_str("\xF0\x9F\x98\x80")), 2);
    assert_int_equal(tarn__utf8_width(tarn_str("\xE2\x80\x8B")), 0);
    assert_int_equal(tarn__utf8_width(tarn_str("\xC2\xAD")), 1);
    assert_int_equal(tarn__utf8_width(tarn_str("a\tb\x1b")), 2);
    assert_int_equal(tarn__utf8_width(tarn_str("a\xFF\xE2\x82")), 4);
    assert_int_equal(tarn__utf8_width(tarn_str("\xF0\xA0\x80\x80")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_compare_as_memcmp_does),
        cmocka_unit_test(slices_are_equal_byte_by_byte),
        cmocka_unit_test(affixes_are_found_only_at_their_end),
        cmocka_unit_test(hex_reads_back),
        cmocka_unit_test(what_is_not_hex_is_refused),
        cmocka_unit_test(valid_utf8_is_accepted),
        cmocka_unit_test(bad_utf8_is_refused),
        cmocka_unit_test(a_cut_ends_on_a_code_point),
        cmocka_unit_test(a_cut_of_garbage_stays_within_the_maximum),
        cmocka_unit_test(widths_are_those_of_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

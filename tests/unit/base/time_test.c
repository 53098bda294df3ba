#include "base/time.h"

#include <string.h>
#include <time.h>

#include "unit/base/memory_sweep.h"

static const char *format(int64_t us)
{
    static char buf[TARN__TIME_TEXT_BYTES];
    return tarn__time_format(us, buf);
}

static int64_t parse(const char *text)
{
    int64_t us;
    if (!tarn__time_parse(text, &us))
        fail_msg("refused: %s", text);
    return us;
}

static void a_time_shows_as_few_places_as_it_has(void **state)
{
    (void)state;
    assert_string_equal(format(0), "1970-01-01T00:00:00Z");
    assert_string_equal(format(1000), "1970-01-01T00:00:00.001Z");
    assert_string_equal(format(1), "1970-01-01T00:00:00.000001Z");
    assert_string_equal(
        format(INT64_C(1795233543123456)), "2026-11-21T03:59:03.123456Z");
}

static void times_before_1970_floor(void **state)
{
    (void)state;
    assert_string_equal(format(-1), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(format(-86400000000), "1969-12-31T00:00:00Z");
}

static void years_beyond_four_digits_carry_a_sign(void **state)
{
    (void)state;
    assert_string_equal(
        format(INT64_C(253402300799) * 1000000), "9999-12-31T23:59:59Z");
    assert_string_equal(
        format(INT64_C(253402300800) * 1000000), "+10000-01-01T00:00:00Z");
    assert_string_equal(
        format(INT64_C(-62167219200) * 1000000), "0000-01-01T00:00:00Z");
    assert_string_equal(
        format(INT64_C(-62167219201) * 1000000), "-0001-12-31T23:59:59Z");
}

static void the_ends_of_the_range_show_and_read_back(void **state)
{
    (void)state;
    assert_string_equal(format(INT64_MAX), "+294247-01-10T04:00:54.775807Z");
    assert_string_equal(format(INT64_MIN), "-290308-12-21T19:59:05.224192Z");
    assert_true(parse("+294247-01-10T04:00:54.775807Z") == INT64_MAX);
    assert_true(
        parse("-290308-12-22T00:00:00Z") == INT64_MIN + INT64_C(14454775808));
}

static void every_day_of_a_thousand_years_agrees_with_the_c_library(
    void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 200000; day += 37) {
        int64_t seconds = day * 86400 + 12345;
        time_t t = (time_t)seconds;
        struct tm tm;
        assert_non_null(gmtime_r(&t, &tm));
        char expected[64];
        strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &tm);
        assert_string_equal(format(seconds * 1000000), expected);
        assert_true(parse(expected) == seconds * 1000000);
    }
}

static void all_the_ways_to_write_a_time_are_read(void **state)
{
    (void)state;
    int64_t noon = INT64_C(1795262400) * 1000000; /* 2026-11-21 12:00 UTC */
    assert_true(parse("2026-11-21") == noon - INT64_C(43200000000));
    assert_true(parse("2026-11-21T12:00") == noon);
    assert_true(parse("2026-11-21 12:00:00") == noon);
    assert_true(parse("2026-11-21t12:00:00z") == noon);
    assert_true(parse("2026-11-21T14:00:00+02:00") == noon);
    assert_true(parse("2026-11-21T14:00:00+0200") == noon);
    assert_true(parse("2026-11-21T06:30:00-05:30") == noon);
    assert_true(parse("2026-11-21 13:00:00+01") == noon);
    assert_true(parse("2026-11-21 13:00:00 +01") == noon);
    assert_true(parse("2026-11-21T12:00:00.5Z") == noon + 500000);
    assert_true(parse("2026-11-21T12:00:00,25Z") == noon + 250000);
    assert_true(parse("2026-11-21T12:00:00.1234567891Z") == noon + 123456);
    assert_true(parse("+2026-11-21T12:00:00Z") == noon);
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"", "2026", "2026-11", "2026-1-2", "2026-13-01",
        "2026-00-01", "2026-11-31", "2026-02-29", "1900-02-29", "2026-11-00",
        "2026-11-21T", "2026-11-21T24:00", "2026-11-21T12:60",
        "2026-11-21T12:00:60", "2026-11-21T12:00:00.", "2026-11-21T12",
        "2026-11-21T12:00:00+", "2026-11-21T12:00:00+1",
        "2026-11-21T12:00:00+24:00", "2026-11-21T12:00:00+01:60",
        "2026-11-21T12:00:00Zx", "2026-11-21Z", " 2026-11-21", "2026-11-21 ",
        "12026-11-21", "+1234567-01-01", "+299999-01-01", "-299999-01-01",
        "now", "2026/11/21"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t us = 42;
        if (tarn__time_parse(bad[i], &us))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(us, 42);
    }
}

static void leap_days_exist_in_leap_years(void **state)
{
    (void)state;
    assert_string_equal(format(parse("2024-02-29")), "2024-02-29T00:00:00Z");
    assert_string_equal(format(parse("2000-02-29")), "2000-02-29T00:00:00Z");
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    (void)state;
    int64_t last = tarn__monotonic_us();
    for (int i = 0; i < 1000; i++) {
        int64_t now = tarn__monotonic_us();
        assert_true(now >= last);
        last = now;
    }
}

static void now_is_after_this_was_written(void **state)
{
    (void)state;
    assert_true(tarn__now_us() > parse("2025-01-01"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_shows_as_few_places_as_it_has),
        cmocka_unit_test(times_before_1970_floor),
        cmocka_unit_test(years_beyond_four_digits_carry_a_sign),
        cmocka_unit_test(the_ends_of_the_range_show_and_read_back),
        cmocka_unit_test(
            every_day_of_a_thousand_years_agrees_with_the_c_library),
        cmocka_unit_test(all_the_ways_to_write_a_time_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(leap_days_exist_in_leap_years),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
        cmocka_unit_test(now_is_after_this_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

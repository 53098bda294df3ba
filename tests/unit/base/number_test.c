#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/sandbox.h"
#include "unit/base/memory_sweep.h"

static void integers_parse_over_their_whole_range(void **state)
{
    (void)state;
    int64_t v;
    assert_true(tarn__parse_i64("9223372036854775807", &v));
    assert_true(v == INT64_MAX);
    assert_true(tarn__parse_i64("-9223372036854775808", &v));
    assert_true(v == INT64_MIN);
    assert_true(tarn__parse_i64("+0007", &v));
    assert_int_equal(v, 7);
    assert_true(tarn__parse_i64("-0", &v));
    assert_int_equal(v, 0);
    uint64_t u;
    assert_true(tarn__parse_u64("18446744073709551615", &u));
    assert_true(u == UINT64_MAX);
}

static void what_is_no_integer_is_refused_and_leaves_the_output(void **state)
{
    (void)state;
    const char *bad[] = {"", "-", "+", "--1", "+-1", " 1", "1 ", "1.0", "1e3",
        "0x10", "a", "9223372036854775808", "-9223372036854775809",
        "99999999999999999999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t v = 42;
        assert_false(tarn__parse_i64(bad[i], &v));
        assert_int_equal(v, 42);
    }
    const char *bad_unsigned[] = {"", "-1", "+1", "18446744073709551616", "1 "};
    for (size_t i = 0; i < 5; i++) {
        uint64_t u = 42;
        assert_false(tarn__parse_u64(bad_unsigned[i], &u));
        assert_int_equal(u, 42);
    }
}

static void doubles_parse_whole_strings_only(void **state)
{
    (void)state;
    double v;
    assert_true(tarn__parse_double("-1.5e3", &v) && v == -1500);
    assert_true(tarn__parse_double(".5", &v) && v == 0.5);
    assert_true(tarn__parse_double("5.", &v) && v == 5);
    assert_true(tarn__parse_double("+1E+2", &v) && v == 100);
    assert_true(tarn__parse_double("1e-400", &v) && v == 0);
    assert_true(
        tarn__parse_double("1.7976931348623157e308", &v) && v == DBL_MAX);
    const char *bad[] = {"", ".", "-", "e5", "1e", "1e+", "1.5x", " 1", "1 ",
        "0x1p3", "nan", "inf", "-infinity", "1e309", "1,5", "1.2.3"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        v = 42;
        assert_false(tarn__parse_double(bad[i], &v));
        assert_true(v == 42);
    }
}

static void format_double_is_the_shortest_that_reads_back(void **state)
{
    (void)state;
    char buf[32];
    assert_string_equal(tarn__format_double(0.1, buf), "0.1");
    assert_string_equal(tarn__format_double(1.0, buf), "1.0");
    assert_string_equal(tarn__format_double(-0.0, buf), "-0.0");
    assert_string_equal(tarn__format_double(1e15, buf), "1e+15");
    assert_string_equal(tarn__format_double(-123456.0, buf), "-123456.0");
    assert_string_equal(tarn__format_double(1e20, buf), "1e+20");
    assert_string_equal(
        tarn__format_double(1.0 / 3, buf), "0.3333333333333333");
    assert_string_equal(tarn__format_double(5e-324, buf), "5e-324");
    assert_string_equal(
        tarn__format_double(DBL_MAX, buf), "1.7976931348623157e+308");
    assert_string_equal(tarn__format_double(NAN, buf), "nan");
    assert_string_equal(tarn__format_double(INFINITY, buf), "inf");
    assert_string_equal(tarn__format_double(-INFINITY, buf), "-inf");
}

static void every_double_reads_back(void **state)
{
    (void)state;
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407U;
        double v;
        memcpy(&v, &bits, sizeof(v));
        if (isnan(v) || isinf(v))
            continue;
        char buf[32];
        double back;
        assert_true(tarn__parse_double(tarn__format_double(v, buf), &back));
        assert_memory_equal(&v, &back, sizeof(v));
    }
}

/* One that is installed, or made here from the sources of Debian's package. */
static bool decimal_comma(void **state)
{
    char command[4096];
    const char *dir = sandbox_mkdir(state, "locales");
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") != NULL)
        return true;
    (void)snprintf(command, sizeof command,
        "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", dir);
    if (system(command) != 0 || setenv("LOCPATH", dir, 1) != 0)
        return false;
    return setlocale(LC_NUMERIC, "de_DE.UTF-8") != NULL;
}

static void a_locale_with_a_decimal_comma_changes_nothing(void **state)
{
    if (!decimal_comma(state)) {
        print_message("SKIPPED: no locale with a decimal comma, and no sources "
                      "to make one (deps/install fetches them)\n");
        skip();
    }
    assert_string_equal(",", localeconv()->decimal_point);
    char buf[32];
    assert_string_equal(tarn__format_double(0.25, buf), "0.25");
    double v;
    assert_true(tarn__parse_double("0.25", &v) && v == 0.25);
    setlocale(LC_NUMERIC, "C");
}

static void sizes_have_decimal_and_binary_units(void **state)
{
    (void)state;
    const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"100", 100}, {"0", 0}, {"7b", 7}, {"1k", 1000}, {"1KB", 1000},
        {"1kib", 1024}, {"2GB", 2000000000}, {"512MiB", 536870912},
        {"1.5 GiB", 1610612736}, {"0.5k", 500}, {".5k", 500},
        {"1t", 1000000000000}, {"1TiB", 1099511627776},
        {"18446744073709551615", UINT64_MAX}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t v;
        assert_true(tarn__parse_size(good[i].text, &v));
        assert_true(v == good[i].bytes);
    }
}

static void bad_sizes_are_refused(void **state)
{
    (void)state;
    const char *bad[] = {"", "GB", ".", "-1", "+1", "1 ", "1  k", "1x", "1kbb",
        "1e3", "18446744073709551616", "18446745T", "1.2.3k"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t v = 42;
        assert_false(tarn__parse_size(bad[i], &v));
        assert_int_equal(v, 42);
    }
}

static void durations_default_to_seconds(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t us;
    } good[] = {{"5", 5000000}, {"0.25", 250000}, {"250ms", 250000}, {"7us", 7},
        {"90s", 90000000}, {"5m", 300000000}, {"1h", 3600000000},
        {"30d", INT64_C(2592000000000)}, {"2w", INT64_C(1209600000000)},
        {"1.5h", INT64_C(5400000000)}, {"0d", 0}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t v;
        assert_true(tarn__parse_duration(good[i].text, &v));
        assert_true(v == good[i].us);
    }
    const char *bad[] = {
        "", "d", "-1d", "1y", "1h30m", "forever", "99999999999w"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t v = 42;
        assert_false(tarn__parse_duration(bad[i], &v));
        assert_int_equal(v, 42);
    }
}

static void sizes_are_shown_with_one_decimal(void **state)
{
    (void)state;
    const struct {
        uint64_t bytes;
        const char *text;
    } good[] = {{0, "0 B"}, {999, "999 B"}, {1000, "1.0 KB"}, {1500, "1.5 KB"},
        {1549, "1.5 KB"}, {1550, "1.6 KB"}, {999949, "999.9 KB"},
        {999950, "1.0 MB"}, {2000000000, "2.0 GB"}, {UINT64_MAX, "18.4 EB"}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        char buf[16];
        assert_string_equal(
            tarn__format_size(good[i].bytes, buf), good[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_parse_over_their_whole_range),
        cmocka_unit_test(what_is_no_integer_is_refused_and_leaves_the_output),
        cmocka_unit_test(doubles_parse_whole_strings_only),
        cmocka_unit_test(format_double_is_the_shortest_that_reads_back),
        cmocka_unit_test(every_double_reads_back),
        sandbox_test(a_locale_with_a_decimal_comma_changes_nothing),
        cmocka_unit_test(sizes_have_decimal_and_binary_units),
        cmocka_unit_test(bad_sizes_are_refused),
        cmocka_unit_test(durations_default_to_seconds),
        cmocka_unit_test(sizes_are_shown_with_one_decimal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

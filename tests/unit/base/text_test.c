#include <tarn/text.h>

#include "unit/base/memory_sweep.h"

static void widths_and_cuts_are_those_of_the_library(void **state)
{
    (void)state;
    tarn_slice word = tarn_str("\xE6\x97\xA5\xE6\x9C\xAC");
    assert_int_equal(tarn_text_width(word), 4);
    assert_int_equal(tarn_text_cut(word, 5), 3);
}

static void flags_parse(void **state)
{
    (void)state;
    int64_t v;
    uint64_t bytes;
    assert_true(tarn_parse_int64("-7", &v));
    assert_int_equal(v, -7);
    assert_true(tarn_parse_bytes("2GB", &bytes));
    assert_int_equal(bytes, 2000000000);
    assert_true(tarn_parse_duration("1h", &v));
    assert_int_equal(v, INT64_C(3600000000));
    assert_false(tarn_parse_duration("soon", &v));
}

static void the_longest_time_fits(void **state)
{
    (void)state;
    char buf[TARN_TEXT_BYTES];
    assert_string_equal(
        tarn_format_time(INT64_MIN, buf), "-290308-12-21T19:59:05.224192Z");
    assert_string_equal(tarn_format_bytes(1500, buf), "1.5 KB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_and_cuts_are_those_of_the_library),
        cmocka_unit_test(flags_parse),
        cmocka_unit_test(the_longest_time_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

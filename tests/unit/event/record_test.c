/* Times as exporters write them. */
#include "event/record.h"
#include "support/sandbox.h"

static void times_are_told_apart_by_their_size(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {{"0", 0}, {"-1", -1000000}, {"99999999999", 99999999999000000},
        {"100000000000", 100000000000000}, {"1704067200123", 1704067200123000},
        {"1704067200123456", 1704067200123456}, {"1.5", 1500000},
        {"2024-01-01T00:00:00.5Z", 1704067200500000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t us = -1;
        assert_true(tarn__event_record_time(tarn_str(cases[i].text), &us));
        assert_int_equal(us, cases[i].us);
    }
    static const char *const bad[] = {
        "", "-", "x", "1e40", "100000000000000000000", "2024-13-01", "0x10"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t us;
        if (tarn__event_record_time(tarn_str(bad[i]), &us))
            fail_msg("%s", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_told_apart_by_their_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/str.h"
#include "record/semver.h"
#include "support/sandbox.h"

static void versions_have_three_numbers(void **state)
{
    (void)state;
    static const char *const good[] = {"0.0.4", "1.2.3", "10.20.30",
        "1.1.2-prerelease+meta", "1.0.0-alpha.1", "1.0.0-0A.is.legal",
        "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "1.2.3----RC-SNAPSHOT.12.9.1--",
        "18446744073709551615.0.0"};
    static const char *const bad[] = {"", "1", "1.2", "1.2.3-", "1.2.3+",
        "1.2.3-0123", "1.2.3-a..b", "1.2.3+a_b", "01.1.1", "1.01.1", "1.1.01",
        "1.2.3.4", "v1.2.3", "1.2.3 ", "-1.0.0", "1.2.3-\xc3\xa9", "1.2.3+a+b",
        "18446744073709551616.0.0", "0.18446744073709551620.0",
        "0.0.99999999999999999999999"};
    tarn__semver v;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!tarn__semver_parse(tarn_str(good[i]), &v))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (tarn__semver_parse(tarn_str(bad[i]), &v))
            fail_msg("%s", bad[i]);
}

static void precedence_is_that_of_semver_org(void **state)
{
    (void)state;
    static const char *const rising[] = {"0.9.9", "1.0.0-alpha",
        "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
        "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "1.10.0",
        "2.0.0"};
    size_t count = sizeof rising / sizeof *rising;
    tarn__semver a;
    tarn__semver b;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            assert_true(tarn__semver_parse(tarn_str(rising[i]), &a));
            assert_true(tarn__semver_parse(tarn_str(rising[k]), &b));
            assert_int_equal(tarn__semver_cmp(&a, &b), (i > k) - (i < k));
        }
    assert_true(tarn__semver_parse(tarn_str("1.0.0+x"), &a));
    assert_true(tarn__semver_parse(tarn_str("1.0.0+y"), &b));
    assert_int_equal(tarn__semver_cmp(&a, &b), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_have_three_numbers),
        cmocka_unit_test(precedence_is_that_of_semver_org),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <string.h>

#include "cli/cli.h"
#include "support/sandbox.h"

/* The words, masked, joined by blanks. */
static void assert_masked(
    const char *const *words, size_t count, const char *expected)
{
    char **masked = tarn__cli_mask(words, count);
    cli_buf got = CLI_BUF_INIT;
    for (size_t i = 0; masked[i] != NULL; i++)
        tarn__cli_addf(&got, "%s%s", i == 0 ? "" : " ", masked[i]);
    assert_string_equal(got.ptr, expected);
    tarn__cli_buf_reset(&got);
    tarn__cli_mask_free(masked);
}

static void names_of_secrets_are_known(void **state)
{
    (void)state;
    assert_true(tarn__cli_is_secret("password"));
    assert_true(tarn__cli_is_secret("DB_PASSWORD"));
    assert_true(tarn__cli_is_secret("myToken2"));
    assert_true(tarn__cli_is_secret("client-secret"));
    assert_true(tarn__cli_is_secret("x_api_key_y"));
    assert_false(tarn__cli_is_secret("path"));
    assert_false(tarn__cli_is_secret("pass"));
    assert_false(tarn__cli_is_secret(""));
}

static void values_of_flags_are_masked(void **state)
{
    (void)state;
    const char *words[] = {
        "x", "--api-token", "abc", "--password=hunter2", "--at", "3"};
    assert_masked(words, 6, "x --api-token *** --password=*** --at 3");
}

static void values_of_params_are_masked(void **state)
{
    (void)state;
    const char *words[] = {"--param", "db_password=a=b", "--param=api_key=k",
        "--param", "n=1", "--token=a=b"};
    assert_masked(words, 6,
        "--param db_password=*** --param=api_key=*** --param n=1 "
        "--token=***");
}

static void a_file_of_a_secret_is_named(void **state)
{
    (void)state;
    const char *words[] = {"serve", "--token-file", "t.txt"};
    assert_masked(words, 3, "serve --token-file t.txt");
}

static void passwords_in_addresses_are_masked(void **state)
{
    (void)state;
    const char *words[] = {"s3://key:pw@host/a?b@c", "http://host:80/a@b",
        "http://user@host", "a:b@c"};
    assert_masked(words, 4,
        "s3://key:***@host/a?b@c http://host:80/a@b http://user@host "
        "a:b@c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_secrets_are_known),
        cmocka_unit_test(values_of_flags_are_masked),
        cmocka_unit_test(values_of_params_are_masked),
        cmocka_unit_test(a_file_of_a_secret_is_named),
        cmocka_unit_test(passwords_in_addresses_are_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "unit/base/memory_sweep.h"

static void fail_fills_the_error_and_returns_the_code(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__fail(&err, TARN_CONFLICT, "%s: taken by %d", "x", 7),
        TARN_CONFLICT);
    assert_int_equal(err.code, TARN_CONFLICT);
    assert_int_equal(err.origin, TARN_ORIGIN_SELF);
    assert_int_equal(err.origin_code, 0);
    assert_string_equal(err.message, "x: taken by 7");
}

static void fail_takes_no_error(void **state)
{
    (void)state;
    assert_int_equal(tarn__fail(NULL, TARN_IO, "x"), TARN_IO);
    assert_int_equal(tarn__fail_os(NULL, EIO, "x"), TARN_IO);
    assert_int_equal(tarn__no_memory(NULL), TARN_NO_MEMORY);
    tarn__error_prefix(NULL, "x");
}

static void a_message_is_one_line_without_controls(void **state)
{
    (void)state;
    tarn_error err;
    assert_int_equal(
        tarn__fail(&err, TARN_FAILED, "a\nb\r\tc\x1b[31m\x7f"), TARN_FAILED);
    assert_string_equal(err.message, "a b  c [31m ");
}

static void a_long_message_is_cut_on_a_code_point(void **state)
{
    (void)state;
    char text[1001];
    for (size_t pad = 0; pad < 4; pad++) {
        memset(text, 'x', pad);
        for (size_t i = pad; i + 4 < sizeof(text); i += 4)
            memcpy(text + i, "\xF0\x9F\x8F\x94", 5);
        tarn_error err;
        assert_int_equal(
            tarn__fail(&err, TARN_FAILED, "%s", text), TARN_FAILED);
        size_t len = strlen(err.message);
        assert_in_range(
            len, TARN_ERROR_MESSAGE_BYTES - 4, TARN_ERROR_MESSAGE_BYTES - 1);
        assert_true(tarn__utf8_valid(tarn_str(err.message)));
    }
}

static void a_long_ascii_message_fills_the_field(void **state)
{
    (void)state;
    tarn_error err;
    assert_int_equal(tarn__fail(&err, TARN_FAILED, "%0600d", 1), TARN_FAILED);
    assert_int_equal(strlen(err.message), TARN_ERROR_MESSAGE_BYTES - 1);
}

static void a_message_may_quote_the_one_before(void **state)
{
    (void)state;
    tarn_error err;
    assert_int_equal(tarn__fail(&err, TARN_IO, "inner"), TARN_IO);
    assert_int_equal(
        tarn__fail(&err, TARN_FAILED, "outer (%s)", err.message), TARN_FAILED);
    assert_string_equal(err.message, "outer (inner)");
}

static void errno_becomes_a_status(void **state)
{
    (void)state;
    tarn_error err;
    assert_int_equal(tarn__fail_os(&err, ENOENT, "f"), TARN_NOT_FOUND);
    assert_int_equal(tarn__fail_os(&err, EEXIST, "f"), TARN_EXISTS);
    assert_int_equal(tarn__fail_os(&err, ENOMEM, "f"), TARN_NO_MEMORY);
    assert_int_equal(tarn__fail_os(&err, EACCES, "f"), TARN_IO);
    assert_int_equal(tarn__fail_os(&err, EIO, "f"), TARN_IO);
    assert_int_equal(err.origin, TARN_ORIGIN_OS);
    assert_int_equal(err.origin_code, EIO);
    assert_string_equal(err.message, "f: Input/output error");
}

static void common_errnos_name_the_mend(void **state)
{
    (void)state;
    const int codes[] = {ENOSPC, EDQUOT, EROFS, EACCES, EMFILE};
    for (size_t i = 0; i < 5; i++) {
        tarn_error err;
        assert_int_equal(tarn__fail_os(&err, codes[i], "f"), TARN_IO);
        assert_true(tarn__starts_with(err.message, "f: "));
        assert_true(tarn__ends_with(err.message, ")"));
    }
}

static void a_long_path_does_not_push_the_reason_out(void **state)
{
    (void)state;
    tarn_error err;
    assert_int_equal(tarn__fail_os(&err, ENOSPC, "/%0900d", 1), TARN_IO);
    assert_true(tarn__ends_with(err.message,
        ": No space left on device (free some space on that file system)"));
}

static void a_prefix_keeps_code_and_origin(void **state)
{
    (void)state;
    tarn_error err;
    assert_int_equal(tarn__fail_os(&err, ENOENT, "f"), TARN_NOT_FOUND);
    tarn__error_prefix(&err, "reading %d", 5);
    assert_string_equal(err.message, "reading 5: f: No such file or directory");
    assert_int_equal(err.code, TARN_NOT_FOUND);
    assert_int_equal(err.origin, TARN_ORIGIN_OS);
    assert_int_equal(err.origin_code, ENOENT);
}

static void a_prefix_may_quote_the_message(void **state)
{
    (void)state;
    tarn_error err;
    assert_int_equal(tarn__fail(&err, TARN_IO, "a"), TARN_IO);
    tarn__error_prefix(&err, "%s", err.message);
    assert_string_equal(err.message, "a: a");
}

static void running_out_of_memory_allocates_nothing(void **state)
{
    (void)state;
    tarn_error err;
    tarn__fault_alloc(1, true);
    assert_int_equal(tarn__no_memory(&err), TARN_NO_MEMORY);
    int64_t count = tarn__fault_alloc_count();
    tarn__fault_alloc(0, false);
    assert_int_equal(count, 0);
    assert_true(tarn__starts_with(err.message, "out of memory"));
}

static void statuses_map_onto_exit_codes(void **state)
{
    (void)state;
    const int codes[] = {0, 0, 1, 1, 1, 1, 2, 3, 4, 4, 5, 6, 7, 130};
    for (int i = 0; i <= TARN_INTERRUPTED; i++)
        assert_int_equal(tarn_exit_code((tarn_status)i), codes[i]);
}

static void every_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i <= TARN_INTERRUPTED; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(tarn_status_name((tarn_status)i),
                tarn_status_name((tarn_status)k));
    assert_string_equal(tarn_status_name(TARN_NOT_FOUND), "not found");
}

static void the_version_has_three_numbers(void **state)
{
    (void)state;
    int a;
    int b;
    int c;
    assert_int_equal(sscanf(tarn_version(), "%d.%d.%d", &a, &b, &c), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_fills_the_error_and_returns_the_code),
        cmocka_unit_test(fail_takes_no_error),
        cmocka_unit_test(a_message_is_one_line_without_controls),
        cmocka_unit_test(a_long_message_is_cut_on_a_code_point),
        cmocka_unit_test(a_long_ascii_message_fills_the_field),
        cmocka_unit_test(a_message_may_quote_the_one_before),
        cmocka_unit_test(errno_becomes_a_status),
        cmocka_unit_test(common_errnos_name_the_mend),
        cmocka_unit_test(a_long_path_does_not_push_the_reason_out),
        cmocka_unit_test(a_prefix_keeps_code_and_origin),
        cmocka_unit_test(a_prefix_may_quote_the_message),
        cmocka_unit_test(running_out_of_memory_allocates_nothing),
        cmocka_unit_test(statuses_map_onto_exit_codes),
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(the_version_has_three_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

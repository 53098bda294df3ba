/* JSON literals, hints, what standard input holds, and failures as text. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/host.h"
#include "cli/json.h"
#include "cli/put.h"
#include "support/sandbox.h"

static void assert_quoted(const char *bytes, size_t len, const char *expected)
{
    cli_buf got = CLI_BUF_INIT;
    tarn__cli_json_quote(&got, (tarn_slice){bytes, len});
    assert_string_equal(got.ptr, expected);
    tarn__cli_buf_reset(&got);
}

static void json_text_is_escaped(void **state)
{
    (void)state;
    assert_quoted("", 0, "\"\"");
    assert_quoted("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
    assert_quoted("\n\r\t\b\f\x01\0", 7, "\"\\n\\r\\t\\b\\f\\u0001\\u0000\"");
    assert_quoted("\x7f", 1, "\"\x7f\"");
    assert_quoted("é€😀", 9, "\"é€😀\"");
}

static void json_text_of_bytes_that_are_no_utf8_is_still_json(void **state)
{
    (void)state;
    assert_quoted("a\xff"
                  "b",
        3,
        "\"a\xEF\xBF\xBD"
        "b\"");
    assert_quoted("\xc3", 1, "\"\xEF\xBF\xBD\"");
    assert_quoted("\xc0\x80", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    assert_quoted(
        "\xed\xa0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static const char *hint(const char *typed, const char *const *names)
{
    cli_hint h = {typed, NULL, 0, ""};
    for (; *names != NULL; names++)
        tarn__cli_hint_try(&h, *names);
    return h.best;
}

static void the_nearest_name_is_meant(void **state)
{
    (void)state;
    const char *names[] = {"status", "state ls", "show", "ls", "rm", NULL};
    assert_string_equal(hint("stauts", names), "status");
    assert_string_equal(hint("statu", names), "status");
    assert_string_equal(hint("sohw", names), "show");
    assert_string_equal(hint("lss", names), "ls");
    assert_null(hint("frobnicate", names));
    assert_null(hint("", names));
    assert_null(hint("a_name_that_is_longer_than_any_of_the_names", names));
}

static void rows_are_told_by_their_beginning(void **state)
{
    (void)state;
    assert_string_equal(tarn__cli_sniff("PAR1...", 7), "parquet");
    assert_string_equal(tarn__cli_sniff(" \n[{", 4), "json");
    assert_string_equal(tarn__cli_sniff("{\"a\"", 4), "jsonl");
    assert_string_equal(tarn__cli_sniff("\xEF\xBB\xBF{", 4), "jsonl");
    assert_string_equal(tarn__cli_sniff("a,b", 3), "csv");
    assert_string_equal(tarn__cli_sniff("", 0), "csv");
    assert_string_equal(tarn__cli_sniff("PAR", 3), "csv");
}

static void a_failure_is_one_line_that_drives_no_terminal(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(
        tarn__cli_fail(&err, TARN_INVALID, "a\nb\x1b[1m %s", "\x7f"),
        TARN_INVALID);
    assert_string_equal(err.message, "a b [1m  ");
}

static void a_long_failure_is_cut_on_a_code_point(void **state)
{
    (void)state;
    char text[2 * TARN_ERROR_MESSAGE_BYTES];
    tarn_error err = TARN_ERROR_INIT;
    memset(text, 'x', sizeof(text));
    memcpy(text + TARN_ERROR_MESSAGE_BYTES - 2, "é", 2);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(
        tarn__cli_fail(&err, TARN_FAILED, "%s", text), TARN_FAILED);
    assert_int_equal(strlen(err.message), TARN_ERROR_MESSAGE_BYTES - 2);
}

static void an_errno_is_a_status(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__cli_fail_os(&err, ENOENT, "f"), TARN_NOT_FOUND);
    assert_string_equal(err.message, "f: No such file or directory");
    assert_int_equal(tarn__cli_fail_os(&err, EEXIST, "f"), TARN_EXISTS);
    assert_int_equal(tarn__cli_fail_os(&err, EINTR, "f"), TARN_INTERRUPTED);
    assert_int_equal(tarn__cli_fail_os(&err, EIO, "f"), TARN_IO);
    tarn__cli_prefix(&err, "line %d", 3);
    assert_string_equal(err.message, "line 3: f: Input/output error");
    assert_int_equal(err.code, TARN_IO);
}

/* In another thread, once the first one waits. */
static void *interrupt(void *arg)
{
    char state = 'R';
    (void)arg;
    while (state != 'S') {
        FILE *in = fopen("/proc/self/stat", "r"); /* of the first thread */
        assert_non_null(in);
        assert_int_equal(1, fscanf(in, "%*d (%*[^)]) %c", &state));
        (void)fclose(in);
    }
    assert_int_equal(0, pthread_kill(pthread_self(), SIGINT));
    return NULL;
}

static void an_interrupt_that_another_thread_takes_ends_a_wait(void **state)
{
    pthread_t thread;
    int ends[2];
    bool ready;
    sigset_t set;
    (void)state;
    tarn__cli_catch_signals();
    assert_int_equal(0, pipe(ends));
    assert_int_equal(0, pthread_create(&thread, NULL, interrupt, NULL));
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    assert_int_equal(0, pthread_sigmask(SIG_BLOCK, &set, NULL));
    assert_int_equal(EINTR, tarn__cli_wait_input(ends[0], -1, &ready));
    assert_false(ready);
    pthread_join(thread, NULL);
    tarn__cli_forget_interrupt();
    assert_int_equal(0, tarn__cli_wait_input(ends[0], 0, &ready));
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_text_is_escaped),
        cmocka_unit_test(json_text_of_bytes_that_are_no_utf8_is_still_json),
        cmocka_unit_test(the_nearest_name_is_meant),
        cmocka_unit_test(rows_are_told_by_their_beginning),
        cmocka_unit_test(a_failure_is_one_line_that_drives_no_terminal),
        cmocka_unit_test(a_long_failure_is_cut_on_a_code_point),
        cmocka_unit_test(an_errno_is_a_status),
        cmocka_unit_test(an_interrupt_that_another_thread_takes_ends_a_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <string.h>

#include "cli/cli.h"
#include "support/sandbox.h"

static void assert_words(const char *line, const char *joined)
{
    cli_words words = CLI_WORDS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    cli_buf got = CLI_BUF_INIT;
    assert_int_equal(
        tarn__cli_split(&words, line, strlen(line), &err), TARN_OK);
    tarn__cli_add_text(&got, "");
    for (size_t i = 0; i < words.count; i++)
        tarn__cli_addf(&got, "%s[%s]", i == 0 ? "" : " ", words.ptr[i]);
    assert_string_equal(got.ptr, joined);
    assert_null(words.ptr[words.count]);
    tarn__cli_buf_reset(&got);
    tarn__cli_words_reset(&words);
}

static void assert_refused(const char *line, size_t len)
{
    cli_words words = CLI_WORDS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__cli_split(&words, line, len, &err), TARN_BAD_INPUT);
    assert_true(err.message[0] != '\0');
    tarn__cli_words_reset(&words);
}

static void blanks_part_words(void **state)
{
    (void)state;
    assert_words("", "");
    assert_words(" \t ", "");
    assert_words("put a\tb", "[put] [a] [b]");
    assert_words("  put  a  ", "[put] [a]");
    assert_words("put a\r", "[put] [a]");
}

static void quotes_keep_what_is_in_them(void **state)
{
    (void)state;
    assert_words("'a b' \"c d\"", "[a b] [c d]");
    assert_words("a'b'\"c\"d", "[abcd]");
    assert_words("'' \"\"", "[] []");
    assert_words("'a\\b\"c' \"it's\"", "[a\\b\"c] [it's]");
}

static void backslashes_escape_as_in_a_shell(void **state)
{
    (void)state;
    assert_words("a\\ b \\' \\\\", "[a b] ['] [\\]");
    assert_words("\"a\\\"b \\$ \\n\"", "[a\"b $ \\n]");
    assert_words("\\;\\|", "[;|]");
}

static void a_hash_begins_a_comment_only_at_a_word(void **state)
{
    (void)state;
    assert_words("# all", "");
    assert_words("a # rest 'of", "[a]");
    assert_words("a#b '#c' \\#d", "[a#b] [#c] [#d]");
}

static void nothing_is_expanded(void **state)
{
    (void)state;
    assert_words("$HOME ~ * {a,b} `x`", "[$HOME] [~] [*] [{a,b}] [`x`]");
}

static void what_is_not_finished_is_refused(void **state)
{
    (void)state;
    assert_refused("'a", 2);
    assert_refused("\"a", 2);
    assert_refused("a\\", 2);
    assert_refused("\"a\\", 3);
}

static void what_only_a_shell_could_do_is_refused(void **state)
{
    (void)state;
    assert_refused("a; b", 4);
    assert_refused("a | b", 5);
    assert_refused("a>b", 3);
    assert_refused("a\0b", 3);
}

static void words_are_used_again(void **state)
{
    (void)state;
    cli_words words = CLI_WORDS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__cli_split(&words, "a b c", 5, &err), TARN_OK);
    assert_int_equal(tarn__cli_split(&words, "d", 1, &err), TARN_OK);
    assert_int_equal(words.count, 1);
    assert_string_equal(words.ptr[0], "d");
    tarn__cli_words_reset(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_part_words),
        cmocka_unit_test(quotes_keep_what_is_in_them),
        cmocka_unit_test(backslashes_escape_as_in_a_shell),
        cmocka_unit_test(a_hash_begins_a_comment_only_at_a_word),
        cmocka_unit_test(nothing_is_expanded),
        cmocka_unit_test(what_is_not_finished_is_refused),
        cmocka_unit_test(what_only_a_shell_could_do_is_refused),
        cmocka_unit_test(words_are_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

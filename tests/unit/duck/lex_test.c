/* Tokens of SQL, as far as they are needed. */
#include "duck/lex.h"

#include <string.h>

#include "duck_test_support.h"

/* The tokens of `sql`, one space between each. */
static void assert_tokens(const char *want, const char *sql)
{
    char got[256] = "";
    for (const char *p = tarn__sql_space(sql); *p != '\0';) {
        const char *end = tarn__sql_token(p);
        assert_true(end > p);
        if (got[0] != '\0')
            strcat(got, "\x1f");
        strncat(got, p, (size_t)(end - p));
        p = tarn__sql_space(end);
    }
    for (char *g = got; *g != '\0'; g++)
        if (*g == '\x1f')
            *g = '~';
    assert_string_equal(want, got);
}

static void words_and_signs_are_tokens(void **state)
{
    (void)state;
    assert_tokens("SELECT~a~,~b1~+~2~FROM~t~;", "SELECT a,b1+2 FROM\n\tt;");
    assert_tokens("a$b$c~$~x~$~1~é", "a$b$c $x $1 é");
}

static void what_is_quoted_is_one_token(void **state)
{
    (void)state;
    assert_tokens("'it'~'s ON'~\"a\"~\"b\"", "'it''s ON' \"a\"\"b\"");
    assert_tokens("E'a\\' ON'~x", "E'a\\' ON' x");
    assert_tokens("$$ON '$$~x~$q$a $$ b$q$~y", "$$ON '$$ x $q$a $$ b$q$ y");
}

static void comments_are_space(void **state)
{
    (void)state;
    assert_tokens("a~b~c", "a -- ON\nb /* x /* y */ ON */ c --");
}

static void what_is_not_closed_ends_with_the_text(void **state)
{
    (void)state;
    assert_tokens("a~'b c", "a 'b c");
    assert_tokens("a~$q$b", "a $q$b");
    assert_tokens("a", "a /* b");
    assert_tokens("E'\\", "E'\\");
}

static void a_word_is_whole_and_of_any_case(void **state)
{
    (void)state;
    assert_true(tarn__sql_word("Pivot t", "PIVOT"));
    assert_true(tarn__sql_word("on(", "ON"));
    assert_false(tarn__sql_word("once", "ON"));
    assert_false(tarn__sql_word("on$", "ON"));
    assert_false(tarn__sql_word("o", "ON"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_signs_are_tokens),
        cmocka_unit_test(what_is_quoted_is_one_token),
        cmocka_unit_test(comments_are_space),
        cmocka_unit_test(what_is_not_closed_ends_with_the_text),
        cmocka_unit_test(a_word_is_whole_and_of_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

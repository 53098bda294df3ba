#include "support/sandbox.h"

#include <string.h>

#include "base/str.h"
#include "tree/glob.h"

static bool name_matches(const char *part, const char *name)
{
    return tarn__glob_name(tarn_str(part), tarn_str(name), false);
}

static void a_star_stands_for_any_bytes_of_a_name(void **state)
{
    (void)state;
    assert_true(name_matches("*", "a"));
    assert_true(name_matches("*.csv", "a.csv"));
    assert_true(name_matches("a*b*c", "aXbYbZc"));
    assert_true(name_matches("a*", "a"));
    assert_false(name_matches("*.csv", "a.csv.gz"));
    assert_false(name_matches("a*b", "a"));
}

static void a_question_mark_stands_for_one_character(void **state)
{
    (void)state;
    assert_true(name_matches("?", "x"));
    assert_true(name_matches("?", "\xc3\xa9"));
    assert_false(name_matches("?", ""));
    assert_false(name_matches("?", "xy"));
}

static void a_set_stands_for_one_of_its_characters(void **state)
{
    (void)state;
    assert_true(name_matches("[a-c]1", "b1"));
    assert_true(name_matches("[!a-c]", "d"));
    assert_true(name_matches("[^a-c]", "d"));
    assert_true(name_matches("[]x]", "]"));
    assert_true(name_matches("[a-]", "-"));
    assert_true(name_matches("[\xc3\xa0-\xc3\xb0]", "\xc3\xa9"));
    assert_false(name_matches("[a-c]", "d"));
    assert_false(name_matches("[!a-c]", "a"));
}

static void an_open_bracket_without_its_end_is_itself(void **state)
{
    (void)state;
    assert_true(name_matches("[a", "[a"));
    assert_false(name_matches("[a", "a"));
}

static void a_dot_is_matched_by_a_dot_only(void **state)
{
    (void)state;
    assert_false(name_matches("*", ".a"));
    assert_false(name_matches("?a", ".a"));
    assert_false(name_matches("[.]a", ".a"));
    assert_true(name_matches(".*", ".a"));
    assert_true(tarn__glob_name(tarn_str("*"), tarn_str(".a"), true));
}

/* Both ways of matching a path give the same answer. */
static bool path_matches(const char *pattern, const char *path)
{
    tarn__glob glob;
    assert_int_equal(tarn__glob_init(&glob, tarn_str(pattern), NULL), TARN_OK);
    tarn__glob_set set = tarn__glob_start(&glob);
    const char *at = path;
    while (*at == '/') {
        const char *end = ++at;
        while (*end != '\0' && *end != '/')
            end++;
        tarn_slice name = {at, (size_t)(end - at)};
        if (name.len > 0)
            set = tarn__glob_next(&glob, &set, name, false);
        at = end;
    }
    bool by_steps = tarn__glob_done(&glob, &set);
    tarn__glob_reset(&glob);
    bool at_once = tarn__glob_match(pattern, path);
    if (by_steps != at_once)
        fail_msg("%s on %s: %d by steps", pattern, path, by_steps);
    return at_once;
}

static void two_stars_stand_for_zero_or_more_levels(void **state)
{
    (void)state;
    assert_true(path_matches("/**/x", "/x"));
    assert_true(path_matches("/**/x", "/a/b/x"));
    assert_true(path_matches("/a/**/b/**/c", "/a/b/b/b/c"));
    assert_true(path_matches("/a/**/*.csv", "/a/1.csv"));
    assert_false(path_matches("/a/**/c", "/b/c"));
    assert_false(path_matches("/**/x", "/a/.b/x"));
    assert_true(path_matches("/**/.b/x", "/a/.b/x"));
}

static void two_stars_at_the_end_are_what_is_below(void **state)
{
    (void)state;
    assert_true(path_matches("/a/**", "/a/b"));
    assert_true(path_matches("/a/**", "/a/b/c"));
    assert_false(path_matches("/a/**", "/a"));
    assert_true(path_matches("/**", "/a"));
}

static void one_star_stays_within_its_level(void **state)
{
    (void)state;
    assert_true(path_matches("/sensors/*/data", "/sensors/a/data"));
    assert_false(path_matches("/sensors/*/data", "/sensors/a/b/data"));
    assert_false(path_matches("/*", "/a/b"));
    assert_true(path_matches("/a", "/a"));
}

static void many_stars_do_not_take_for_ever(void **state)
{
    (void)state;
    char name[256];
    memset(name, 'a', 255);
    name[255] = '\0';
    assert_false(
        name_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

static void the_literal_beginning_is_known(void **state)
{
    (void)state;
    tarn__glob glob;
    bool whole;
    assert_int_equal(
        tarn__glob_init(&glob, tarn_str("ab*/c/**/d"), NULL), TARN_OK);
    tarn__glob_set set = tarn__glob_start(&glob);
    assert_true(tarn__slice_is(tarn__glob_literal(&glob, &set, &whole), "ab"));
    assert_false(whole);
    set = tarn__glob_next(&glob, &set, tarn_str("abc"), false);
    assert_true(tarn__slice_is(tarn__glob_literal(&glob, &set, &whole), "c"));
    assert_true(whole);
    set = tarn__glob_next(&glob, &set, tarn_str("c"), false);
    assert_int_equal(tarn__glob_literal(&glob, &set, &whole).len, 0);
    tarn__glob_reset(&glob);
}

static void too_many_levels_are_refused(void **state)
{
    (void)state;
    char pattern[2 * 300 + 1];
    for (size_t i = 0; i < 300; i++)
        memcpy(pattern + 2 * i, "/*", 2);
    pattern[600] = '\0';
    tarn__glob glob;
    assert_int_equal(
        tarn__glob_init(&glob, tarn_str(pattern), NULL), TARN_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_stands_for_any_bytes_of_a_name),
        cmocka_unit_test(a_question_mark_stands_for_one_character),
        cmocka_unit_test(a_set_stands_for_one_of_its_characters),
        cmocka_unit_test(an_open_bracket_without_its_end_is_itself),
        cmocka_unit_test(a_dot_is_matched_by_a_dot_only),
        cmocka_unit_test(two_stars_stand_for_zero_or_more_levels),
        cmocka_unit_test(two_stars_at_the_end_are_what_is_below),
        cmocka_unit_test(one_star_stays_within_its_level),
        cmocka_unit_test(many_stars_do_not_take_for_ever),
        cmocka_unit_test(the_literal_beginning_is_known),
        cmocka_unit_test(too_many_levels_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

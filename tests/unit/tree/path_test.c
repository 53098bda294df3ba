#include "support/sandbox.h"

#include <string.h>

#include "base/str.h"
#include "tree/path.h"

static void assert_clean(const char *want, const char *path)
{
    tarn_buf out = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__path_clean(tarn_str(path), &out, &err) != TARN_OK)
        fail_msg("%s: %s", path, err.message);
    assert_string_equal(out.ptr, want);
    tarn_buf_reset(&out);
}

static void assert_refused(tarn_slice path, const char *why)
{
    tarn_buf out = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__path_clean(path, &out, &err), TARN_INVALID);
    if (strstr(err.message, why) == NULL)
        fail_msg("'%s' does not say '%s'", err.message, why);
    tarn_buf_reset(&out);
}

static void a_path_is_absolute_without_doubled_slashes(void **state)
{
    (void)state;
    assert_clean("/", "/");
    assert_clean("/a/b", "a/b");
    assert_clean("/a/b", "//a///b//");
}

static void dots_fold_and_never_climb_above_the_root(void **state)
{
    (void)state;
    assert_clean("/a/c", "/a/./b/../c");
    assert_clean("/", "/..");
    assert_clean("/x", "/../../a/../x/.");
}

static void a_path_after_other_text_folds_only_itself(void **state)
{
    (void)state;
    tarn_buf out = TARN_BUF_INIT;
    assert_int_equal(tarn__buf_str(&out, "x", NULL), TARN_OK);
    assert_int_equal(
        tarn__path_clean(tarn_str("../../a"), &out, NULL), TARN_OK);
    assert_string_equal(out.ptr, "x/a");
    tarn_buf_reset(&out);
}

static void a_name_of_255_bytes_is_taken_and_256_refused(void **state)
{
    (void)state;
    char name[258];
    memset(name, 'n', sizeof(name));
    name[0] = '/';
    tarn_slice good = {name, 256};
    tarn_buf out = TARN_BUF_INIT;
    assert_int_equal(tarn__path_clean(good, &out, NULL), TARN_OK);
    assert_int_equal(out.len, 256);
    tarn_buf_reset(&out);
    tarn_slice bad = {name, 257};
    assert_refused(bad, "256 bytes");
}

static void what_is_no_name_is_refused(void **state)
{
    (void)state;
    assert_refused(tarn_str(""), "empty");
    assert_refused(tarn_str("/a/\xff"), "not UTF-8");
    tarn_slice nul = {"/a\0b", 4};
    assert_refused(nul, "NUL");
}

static void a_thousand_levels_fold(void **state)
{
    (void)state;
    tarn_buf deep = TARN_BUF_INIT;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(tarn__buf_str(&deep, "/d", NULL), TARN_OK);
    assert_clean(deep.ptr, deep.ptr);
    tarn_buf_reset(&deep);
}

static void within_looks_at_whole_names(void **state)
{
    (void)state;
    assert_true(tarn__path_within(tarn_str("/a"), tarn_str("/a")));
    assert_true(tarn__path_within(tarn_str("/a"), tarn_str("/a/b")));
    assert_true(tarn__path_within(tarn_str("/"), tarn_str("/a")));
    assert_false(tarn__path_within(tarn_str("/a"), tarn_str("/ab")));
    assert_false(tarn__path_within(tarn_str("/a/b"), tarn_str("/a")));
}

static void the_last_name_is_found(void **state)
{
    (void)state;
    assert_true(tarn__slice_is(tarn__path_name(tarn_str("/a/bc")), "bc"));
    assert_true(tarn__slice_is(tarn__path_name(tarn_str("/")), ""));
    assert_true(tarn__path_names_folder("/a/"));
    assert_true(tarn__path_names_folder("/a/.."));
    assert_false(tarn__path_names_folder("/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_absolute_without_doubled_slashes),
        cmocka_unit_test(dots_fold_and_never_climb_above_the_root),
        cmocka_unit_test(a_path_after_other_text_folds_only_itself),
        cmocka_unit_test(a_name_of_255_bytes_is_taken_and_256_refused),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(a_thousand_levels_fold),
        cmocka_unit_test(within_looks_at_whole_names),
        cmocka_unit_test(the_last_name_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

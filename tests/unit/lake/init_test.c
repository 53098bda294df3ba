/* Making, finding and opening a lake. */
#include <errno.h>

#include "rig.h"

static void init_makes_a_lake_that_opens(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    assert_int_equal(0, head_of(lake));
    assert_string_equal(dir, tarn_lake_dir(lake));
    is_sound(lake);
    tarn_lake_close(lake);
}

static void init_makes_the_folders_above(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = sandbox_path(state, "a/b/c/");
    ok(tarn_lake_init(dir, NULL, &err), &err);
    assert_true(sandbox_exists(state, "a/b/c/tarn.json"));
}

static void init_beside_files_that_are_not_ours(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    sandbox_write_text(state, "lake/notes.txt", "mine");
    ok(tarn_lake_init(sandbox_path(state, "lake"), NULL, &err), &err);
    assert_string_equal("mine", sandbox_read(state, "lake/notes.txt", NULL));
}

static void a_second_init_says_that_there_is_one(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = lake_make(state);
    refused(TARN_EXISTS, tarn_lake_init(dir, NULL, &err), &err, "already");
}

static void init_refuses_a_foreign_log_folder(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    sandbox_write_text(state, "lake/log/access.log", "GET /");
    refused(TARN_EXISTS,
        tarn_lake_init(sandbox_path(state, "lake"), NULL, &err), &err, "log");
    assert_true(sandbox_exists(state, "lake/log/access.log"));
}

static void init_never_removes_a_log_that_holds_other_files(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    sandbox_write_text(state, "lake/lock", "");
    sandbox_write_text(state, "lake/log/access.log", "GET /");
    refused(TARN_EXISTS,
        tarn_lake_init(sandbox_path(state, "lake"), NULL, &err), &err, "log");
    assert_true(sandbox_exists(state, "lake/log/access.log"));
}

static void a_lake_that_cannot_be_looked_at_is_not_passed_by(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    char *dir = NULL;
    sandbox_write_text(state, "tarn.json", "{}");
    sandbox_write_text(state, "inner/tarn.json", "{}");
    const char *inner = sandbox_path(state, "inner");
    tarn__fault_io(2, EIO, false); /* the first resolves the path */
    tarn_status st = tarn_lake_find(inner, &dir, &err);
    tarn__fault_io(0, 0, false);
    assert_int_equal(TARN_IO, st);
    assert_null(dir);
}

static void init_never_removes_a_log_with_commits(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    put(lake, "a", "1");
    tarn_lake_close(lake);
    shell("mv %s/tarn.json %s/../kept.json", dir, dir);
    refused(TARN_EXISTS, tarn_lake_init(dir, NULL, &err), &err, "tarn.json");
    shell("mv %s/../kept.json %s/tarn.json", dir, dir);
    lake = lake_open(dir);
    has(lake, "a", "1");
    tarn_lake_close(lake);
}

static void init_goes_on_after_an_init_that_was_killed(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = lake_make(state);
    shell("rm %s/tarn.json", dir);
    ok(tarn_lake_init(dir, NULL, &err), &err);
    tarn_lake *lake = lake_open(dir);
    is_sound(lake);
    tarn_lake_close(lake);
}

static void init_refuses_an_empty_name(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    (void)state;
    refused(TARN_INVALID, tarn_lake_init("", NULL, &err), &err, "empty");
}

static void init_refuses_a_label_that_is_not_utf8(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    refused(TARN_INVALID,
        tarn_lake_init(sandbox_path(state, "lake"), "\xff", &err), &err,
        "UTF-8");
    assert_false(sandbox_exists(state, "lake/tarn.json"));
}

static void a_label_with_quotes_survives(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = sandbox_path(state, "lake");
    ok(tarn_lake_init(dir, "a \"b\"\n\\", &err), &err);
    tarn_lake *lake = lake_open(dir);
    assert_string_equal("a \"b\"\n\\", lake->label);
    tarn_lake_close(lake);
}

static void opening_where_no_lake_is_says_so(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    refused(TARN_NOT_FOUND,
        tarn_lake_open(sandbox_path(state, "no"), NULL, &lake, &err), &err,
        "tarn init");
    assert_null(lake);
    refused(TARN_NOT_FOUND,
        tarn_lake_open(sandbox_dir(state), NULL, &lake, &err), &err,
        "tarn init");
    assert_null(lake);
}

static void a_torn_config_is_corrupt_and_named(void **state)
{
    static const char *const torn[] = {"", "{", "[]", "{\"format\":1}",
        "{\"format\":1,\"id\":\"x\",\"created\":\"2026-01-01\"}",
        "{\"id\":\"01890000-0000-7000-8000-000000000000\"}", "\xff\xfe"};
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = lake_make(state);
    for (size_t i = 0; i < sizeof torn / sizeof torn[0]; i++) {
        tarn_lake *lake = NULL;
        sandbox_write_text(state, "lake/tarn.json", torn[i]);
        refused(TARN_CORRUPT, tarn_lake_open(dir, NULL, &lake, &err), &err,
            "tarn.json");
        assert_null(lake);
    }
}

static void a_newer_format_is_refused(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    const char *dir = lake_make(state);
    sandbox_write_text(state, "lake/tarn.json", "{\"format\":2}");
    refused(TARN_FAILED, tarn_lake_open(dir, NULL, &lake, &err), &err, "newer");
}

static void an_unknown_log_level_is_refused(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    tarn_lake *lake = NULL;
    options.log_level = "loud";
    refused(TARN_INVALID,
        tarn_lake_open(lake_make(state), &options, &lake, &err), &err, "loud");
}

static void find_looks_upwards(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    char *found = NULL;
    const char *dir = lake_make(state);
    const char *deep = sandbox_mkdir(state, "lake/x/y");
    ok(tarn_lake_find(deep, &found, &err), &err);
    assert_string_equal(dir, found);
    tarn_free(found);
    found = NULL;
    refused(TARN_NOT_FOUND,
        tarn_lake_find(sandbox_mkdir(state, "other"), &found, &err), &err,
        "tarn init");
    assert_null(found);
}

int main(void)
{
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(init_makes_a_lake_that_opens),
        sandbox_test(init_makes_the_folders_above),
        sandbox_test(init_beside_files_that_are_not_ours),
        sandbox_test(a_second_init_says_that_there_is_one),
        sandbox_test(init_refuses_a_foreign_log_folder),
        sandbox_test(init_never_removes_a_log_that_holds_other_files),
        sandbox_test(a_lake_that_cannot_be_looked_at_is_not_passed_by),
        sandbox_test(init_never_removes_a_log_with_commits),
        sandbox_test(init_goes_on_after_an_init_that_was_killed),
        sandbox_test(init_refuses_an_empty_name),
        sandbox_test(init_refuses_a_label_that_is_not_utf8),
        sandbox_test(a_label_with_quotes_survives),
        sandbox_test(opening_where_no_lake_is_says_so),
        sandbox_test(a_torn_config_is_corrupt_and_named),
        sandbox_test(a_newer_format_is_refused),
        sandbox_test(an_unknown_log_level_is_refused),
        sandbox_test(find_looks_upwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

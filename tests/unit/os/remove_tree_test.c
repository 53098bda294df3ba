/* tarn__remove_tree() */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fault.h"
#include "os/file.h"
#include "support/sandbox.h"

/* A small tree with files at several depths. */
static const char *plant(void **state)
{
    sandbox_write_text(state, "t/a", "");
    sandbox_write_text(state, "t/d/b", "");
    sandbox_write_text(state, "t/d/e/c", "");
    sandbox_mkdir(state, "t/empty");
    return sandbox_path(state, "t");
}

static void all_below_goes(void **state)
{
    const char *path = plant(state);
    assert_int_equal(TARN_OK, tarn__remove_tree(path, NULL));
    assert_false(tarn__path_exists(path));
}

static void an_absent_tree_is_fine(void **state)
{
    assert_int_equal(
        TARN_OK, tarn__remove_tree(sandbox_path(state, "no"), NULL));
}

static void a_file_is_a_tree(void **state)
{
    const char *path = sandbox_write_text(state, "f", "");
    assert_int_equal(TARN_OK, tarn__remove_tree(path, NULL));
    assert_false(tarn__path_exists(path));
}

static void links_are_removed_and_not_followed(void **state)
{
    sandbox_write_text(state, "kept/f", "precious");
    const char *path = plant(state);
    const char *kept = sandbox_path(state, "kept");
    const char *link = sandbox_path(state, "link");
    assert_int_equal(0, symlink(kept, sandbox_path(state, "t/d/out")));
    assert_int_equal(0, symlink(kept, link));
    assert_int_equal(TARN_OK, tarn__remove_tree(path, NULL));
    assert_int_equal(TARN_OK, tarn__remove_tree(link, NULL));
    assert_false(tarn__path_exists(path));
    assert_false(tarn__path_exists(link));
    assert_string_equal("precious", sandbox_read(state, "kept/f", NULL));
}

/* Deeper than a path may be long, with few descriptors to spend. */
static void a_thousand_levels_go(void **state)
{
    struct rlimit before;
    struct rlimit few;
    const char *path = sandbox_mkdir(state, "t");
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(0, mkdirat(fd, "eight888", 0777));
        int below = openat(fd, "eight888", O_RDONLY | O_DIRECTORY);
        assert_true(below >= 0);
        close(fd);
        fd = below;
    }
    close(fd);
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    few = (struct rlimit){20, before.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    tarn_status st = tarn__remove_tree(path, NULL);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    assert_int_equal(TARN_OK, st);
    assert_false(tarn__path_exists(path));
}

static void many_folders_beside_each_other_go(void **state)
{
    char name[32];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "t/%d/x", i);
        sandbox_mkdir(state, name);
    }
    const char *path = sandbox_path(state, "t");
    assert_int_equal(TARN_OK, tarn__remove_tree(path, NULL));
    assert_false(tarn__path_exists(path));
}

/* After each failure a second attempt finishes the work. */
static void every_failing_call_is_reported_and_leaves_a_tree(void **state)
{
    const char *path = sandbox_path(state, "t");
    int64_t nth = 0;
    tarn_status st;
    do {
        tarn_error err = TARN_ERROR_INIT;
        plant(state);
        tarn__fault_io(++nth, EIO, false);
        st = tarn__remove_tree(path, &err);
        tarn__fault_io(0, 0, false);
        assert_int_equal(st == TARN_OK ? 0 : EIO, err.origin_code);
        assert_int_equal(st, err.code);
        assert_int_equal(TARN_OK, tarn__remove_tree(path, NULL));
    } while (st != TARN_OK);
    assert_true(nth > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(all_below_goes),
        sandbox_test(an_absent_tree_is_fine),
        sandbox_test(a_file_is_a_tree),
        sandbox_test(links_are_removed_and_not_followed),
        sandbox_test(a_thousand_levels_go),
        sandbox_test(many_folders_beside_each_other_go),
        sandbox_test(every_failing_call_is_reported_and_leaves_a_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

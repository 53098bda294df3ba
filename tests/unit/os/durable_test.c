/* os/durable.h: each I/O call fails in turn, once and for good. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "os/durable.h"
#include "os/fault.h"
#include "os/file.h"
#include "support/sandbox.h"

/* 2020-01-01 */
#define A_TIME_US 1577836800000001LL

static const tarn_slice new_text = {"the new text", 12};

static int files_in(const char *path)
{
    tarn__dir *dir;
    tarn__dirent entry;
    int count = 0;
    assert_int_equal(TARN_OK, tarn__dir_open(path, &dir, NULL));
    while (tarn__dir_next(dir, &entry, NULL) == TARN_ROW)
        count++;
    tarn__dir_close(dir);
    return count;
}

static void create_writes_the_bytes_and_the_time(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    const char *path = sandbox_path(state, "f");
    tarn__stat st;
    assert_int_equal(
        TARN_OK, tarn__create_durably(path, tmp, new_text, A_TIME_US, NULL));
    assert_string_equal(new_text.ptr, sandbox_read(state, "f", NULL));
    assert_int_equal(TARN_OK, tarn__stat_path(path, false, &st, NULL));
    assert_int_equal(A_TIME_US, st.mtime_us);
    assert_int_equal(0, files_in(tmp));
}

static void create_leaves_what_is_there(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    const char *path = sandbox_write_text(state, "f", "old");
    assert_int_equal(
        TARN_EXISTS, tarn__create_durably(path, tmp, new_text, 0, NULL));
    assert_string_equal("old", sandbox_read(state, "f", NULL));
    assert_int_equal(0, files_in(tmp));
}

static void replace_takes_the_place(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    const char *path = sandbox_write_text(state, "f", "old and longer text");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            TARN_OK, tarn__replace_durably(path, tmp, new_text, NULL));
        assert_string_equal(new_text.ptr, sandbox_read(state, "f", NULL));
        assert_int_equal(TARN_OK, tarn__unlink(path, NULL));
    }
    assert_int_equal(0, files_in(tmp));
}

static void a_name_without_a_folder_is_in_the_working_one(void **state)
{
    char *before;
    const char *tmp = sandbox_mkdir(state, "tmp");
    assert_int_equal(TARN_OK, tarn__cwd(&before, NULL));
    assert_int_equal(0, chdir(sandbox_dir(state)));
    tarn_status st = tarn__replace_durably("f", tmp, new_text, NULL);
    assert_int_equal(0, chdir(before));
    tarn_free(before);
    assert_int_equal(TARN_OK, st);
    assert_true(sandbox_exists(state, "f"));
}

/* Fails call nth of a create; true when there was such a call. */
static bool create_with_fault(void **state, int64_t nth, bool sticky)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    const char *path = sandbox_path(state, "f");
    tarn_error err = TARN_ERROR_INIT;
    tarn__fault_io(nth, EIO, sticky);
    tarn_status st = tarn__create_durably(path, tmp, new_text, A_TIME_US, &err);
    bool hit = tarn__fault_io_count() >= nth;
    tarn__fault_io(0, 0, false);
    bool there = tarn__path_exists(path);
    assert_int_equal(st, err.code);
    assert_int_equal(there, st == TARN_OK || st == TARN_UNKNOWN);
    if (there)
        assert_string_equal(new_text.ptr, sandbox_read(state, "f", NULL));
    if (st != TARN_OK)
        assert_int_equal(EIO, err.origin_code);
    if (!sticky && st != TARN_OK)
        assert_int_equal(0, files_in(tmp));
    assert_int_equal(TARN_OK, tarn__remove_tree(tmp, NULL));
    assert_int_equal(TARN_OK, tarn__remove_tree(path, NULL));
    return hit;
}

static void create_is_whole_or_not_at_all(void **state)
{
    for (int sticky = 0; sticky < 2; sticky++) {
        int64_t nth = 1;
        while (create_with_fault(state, nth, sticky))
            nth++;
        /* open, write, time, sync, link, open and sync of the folder,
         * unlink */
        assert_int_equal(8, nth - 1);
    }
}

/* The two ways to replace a file, which are one: at once, and in pieces. */
static tarn_status replace(const char *path, const char *tmp)
{
    tarn__file file;
    if (tmp != NULL)
        return tarn__replace_durably(path, tmp, new_text, NULL);
    tarn_status st = tarn__open_beside(&file, path, NULL);
    if (st != TARN_OK)
        return st;
    st = tarn__file_write(&file, new_text.ptr, new_text.len, NULL);
    if (st == TARN_OK)
        return tarn__replace_with(&file, path, NULL);
    assert_int_equal(0, unlink(file.path));
    tarn__file_close(&file);
    return st;
}

static bool replace_with_fault(
    void **state, bool beside, int64_t nth, bool sticky)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    const char *path = sandbox_write_text(state, "d/f", "old");
    tarn__fault_io(nth, ENOSPC, sticky);
    tarn_status st = replace(path, beside ? NULL : tmp);
    bool hit = tarn__fault_io_count() >= nth;
    tarn__fault_io(0, 0, false);
    bool replaced = st == TARN_OK || st == TARN_UNKNOWN;
    assert_string_equal(
        replaced ? new_text.ptr : "old", sandbox_read(state, "d/f", NULL));
    if (!sticky) {
        assert_int_equal(0, files_in(tmp));
        assert_int_equal(1, files_in(sandbox_path(state, "d")));
    }
    assert_int_equal(TARN_OK, tarn__remove_tree(tmp, NULL));
    return hit;
}

static void replace_keeps_the_old_or_has_the_new(void **state)
{
    for (int way = 0; way < 4; way++) {
        int64_t nth = 1;
        while (replace_with_fault(state, way / 2 != 0, nth, way % 2 != 0))
            nth++;
        /* open, write, sync, rename, open and sync of the folder */
        assert_int_equal(6, nth - 1);
    }
}

static void a_folder_that_did_not_reach_the_disk_is_unknown(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    tarn_error err = TARN_ERROR_INIT;
    tarn__fault_io(7, EIO, false);
    assert_int_equal(TARN_UNKNOWN,
        tarn__create_durably(
            sandbox_path(state, "f"), tmp, new_text, A_TIME_US, &err));
    tarn__fault_io(0, 0, false);
    assert_int_equal(TARN_UNKNOWN, err.code);
    assert_non_null(strstr(err.message, "power cut"));
}

static void syncing_what_is_not_there_is_not_found(void **state)
{
    const char *no = sandbox_path(state, "no");
    assert_int_equal(TARN_NOT_FOUND, tarn__sync_path(no, NULL));
    assert_int_equal(TARN_NOT_FOUND, tarn__sync_dir(no, NULL));
    assert_int_equal(TARN_OK, tarn__sync_dir(sandbox_dir(state), NULL));
    const char *file = sandbox_write_text(state, "f", "");
    assert_int_equal(TARN_OK, tarn__sync_path(file, NULL));
    assert_int_equal(TARN_NOT_FOUND, tarn__sync_dir(file, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(create_writes_the_bytes_and_the_time),
        sandbox_test(create_leaves_what_is_there),
        sandbox_test(replace_takes_the_place),
        sandbox_test(a_name_without_a_folder_is_in_the_working_one),
        sandbox_test(create_is_whole_or_not_at_all),
        sandbox_test(replace_keeps_the_old_or_has_the_new),
        sandbox_test(a_folder_that_did_not_reach_the_disk_is_unknown),
        sandbox_test(syncing_what_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

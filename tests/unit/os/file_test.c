/* os/file.h, short of removing trees. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "os/fault.h"
#include "os/file.h"
#include "support/sandbox.h"

static tarn__file open_file(
    void **state, const char *name, tarn__open_mode mode)
{
    tarn__file file;
    assert_int_equal(
        TARN_OK, tarn__file_open(&file, sandbox_path(state, name), mode, NULL));
    return file;
}

static void what_is_written_is_read(void **state)
{
    char text[16] = {0};
    size_t got;
    tarn__file file = open_file(state, "f", TARN__OPEN_CREATE);
    assert_int_equal(TARN_OK, tarn__file_write(&file, "hello", 5, NULL));
    assert_int_equal(TARN_OK, tarn__file_sync(&file, NULL));
    tarn__file_close(&file);
    file = open_file(state, "f", TARN__OPEN_READ);
    assert_int_equal(
        TARN_OK, tarn__file_read(&file, text, sizeof text, &got, NULL));
    assert_int_equal(5, got);
    assert_string_equal("hello", text);
    assert_int_equal(
        TARN_OK, tarn__file_read(&file, text, sizeof text, &got, NULL));
    assert_int_equal(0, got);
    tarn__file_close(&file);
}

static void read_at_gives_less_only_at_the_end(void **state)
{
    char text[8] = {0};
    size_t got;
    sandbox_write_text(state, "f", "0123456789");
    tarn__file file = open_file(state, "f", TARN__OPEN_READ);
    assert_int_equal(
        TARN_OK, tarn__file_read_at(&file, 2, text, 4, &got, NULL));
    assert_int_equal(4, got);
    assert_memory_equal("2345", text, 4);
    assert_int_equal(
        TARN_OK, tarn__file_read_at(&file, 8, text, 8, &got, NULL));
    assert_int_equal(2, got);
    assert_int_equal(
        TARN_OK, tarn__file_read_at(&file, 10, text, 8, &got, NULL));
    assert_int_equal(0, got);
    tarn__file_close(&file);
}

static void write_at_and_truncate_change_the_middle_and_the_end(void **state)
{
    sandbox_write_text(state, "f", "0123456789");
    tarn__file file = open_file(state, "f", TARN__OPEN_READ_WRITE);
    assert_int_equal(TARN_OK, tarn__file_write_at(&file, 3, "ab", 2, NULL));
    assert_int_equal(TARN_OK, tarn__file_truncate(&file, 6, NULL));
    tarn__file_close(&file);
    assert_string_equal("012ab5", sandbox_read(state, "f", NULL));
}

static void create_does_not_open_what_is_there(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__file file;
    const char *path = sandbox_write_text(state, "f", "old");
    assert_int_equal(
        TARN_EXISTS, tarn__file_open(&file, path, TARN__OPEN_CREATE, &err));
    assert_int_equal(-1, file.fd);
    assert_null(file.path);
    assert_non_null(strstr(err.message, path));
    assert_string_equal("old", sandbox_read(state, "f", NULL));
}

static void an_absent_file_is_not_found(void **state)
{
    tarn__file file;
    assert_int_equal(TARN_NOT_FOUND,
        tarn__file_open(
            &file, sandbox_path(state, "no"), TARN__OPEN_READ, NULL));
}

static void what_cannot_be_looked_at_is_not_called_absent(void **state)
{
    bool there = true;
    const char *path = sandbox_path(state, "f");
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_OK, tarn__path_look(path, &there, &err));
    assert_false(there);
    assert_int_equal('\0', err.message[0]);
    sandbox_write(state, "f", "", 0);
    assert_int_equal(TARN_OK, tarn__path_look(path, &there, NULL));
    assert_true(there);
    tarn__fault_io(1, EIO, false);
    assert_int_equal(TARN_IO, tarn__path_look(path, &there, &err));
    tarn__fault_io(0, 0, false);
    assert_int_not_equal('\0', err.message[0]);
}

static void files_close_on_exec(void **state)
{
    tarn__file file = open_file(state, "f", TARN__OPEN_CREATE);
    assert_true(fcntl(file.fd, F_GETFD) & FD_CLOEXEC);
    tarn__file_close(&file);
    tarn__file_close(&file);
    assert_int_equal(-1, file.fd);
}

static void an_interrupted_call_is_repeated(void **state)
{
    char text[8];
    size_t got;
    tarn__file file;
    tarn__fault_io(1, EINTR, false);
    assert_int_equal(TARN_OK,
        tarn__file_open(
            &file, sandbox_path(state, "f"), TARN__OPEN_READ_WRITE, NULL));
    tarn__fault_io(1, EINTR, false);
    assert_int_equal(TARN_OK, tarn__file_write(&file, "abc", 3, NULL));
    tarn__fault_io(1, EINTR, false);
    assert_int_equal(TARN_OK, tarn__file_write_at(&file, 3, "d", 1, NULL));
    tarn__fault_io(1, EINTR, false);
    assert_int_equal(
        TARN_OK, tarn__file_read_at(&file, 0, text, 4, &got, NULL));
    tarn__fault_io(0, 0, false);
    assert_int_equal(4, got);
    assert_memory_equal("abcd", text, 4);
    tarn__file_close(&file);
}

static void a_failed_sync_is_not_repeated(void **state)
{
    tarn__file file = open_file(state, "f", TARN__OPEN_CREATE);
    tarn__fault_io(1, EINTR, false);
    assert_int_equal(TARN_IO, tarn__file_sync(&file, NULL));
    assert_int_equal(1, tarn__fault_io_count());
    tarn__fault_io(0, 0, false);
    tarn__file_close(&file);
}

/* A size limit cuts a write short; only the rest of it fails. */
static void a_short_write_is_continued(void **state)
{
    const char *path = sandbox_path(state, "f");
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {6, 6};
        tarn__file file;
        signal(SIGXFSZ, SIG_IGN);
        if (tarn__file_open(&file, path, TARN__OPEN_CREATE, NULL) != TARN_OK)
            _exit(1);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(2);
        tarn_status st = tarn__file_write(&file, "0123456789", 10, NULL);
        tarn__file_close(&file);
        _exit(st == TARN_IO ? 0 : 3);
    }
    int status;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, status);
    assert_string_equal("012345", sandbox_read(state, "f", NULL));
}

static void a_full_disk_is_named_with_its_mend(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__file file = open_file(state, "f", TARN__OPEN_CREATE);
    tarn__fault_io(1, ENOSPC, false);
    assert_int_equal(TARN_IO, tarn__file_write(&file, "x", 1, &err));
    tarn__fault_io(0, 0, false);
    assert_int_equal(TARN_ORIGIN_OS, err.origin);
    assert_int_equal(ENOSPC, err.origin_code);
    assert_non_null(strchr(err.message, '('));
    tarn__file_close(&file);
}

static void standard_input_stays_open(void **state)
{
    (void)state;
    tarn__file file;
    tarn__file_stdin(&file);
    tarn__file_close(&file);
    assert_int_not_equal(-1, fcntl(STDIN_FILENO, F_GETFD));
}

static void slurp_takes_exactly_its_maximum(void **state)
{
    const char *path = sandbox_write_text(state, "f", "12345");
    tarn_buf buf = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_OK, tarn__file_slurp(path, 5, &buf, &err));
    assert_int_equal(5, buf.len);
    assert_string_equal("12345", buf.ptr);
    assert_int_equal(TARN_BAD_INPUT, tarn__file_slurp(path, 4, &buf, &err));
    assert_int_equal(5, buf.len);
    tarn_buf_reset(&buf);
}

static void slurp_reads_more_than_one_chunk(void **state)
{
    enum { BYTES = 100000 };
    char *bytes = tarn__malloc(BYTES);
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (char)(i % 251);
    const char *path = sandbox_path(state, "f");
    assert_int_equal(
        TARN_OK, tarn__file_spill(path, (tarn_slice){bytes, BYTES}, NULL));
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(TARN_OK, tarn__file_slurp(path, SIZE_MAX, &buf, NULL));
    assert_int_equal(BYTES, buf.len);
    assert_memory_equal(bytes, buf.ptr, BYTES);
    tarn_buf_reset(&buf);
    tarn__free(bytes);
}

static void stat_tells_files_folders_and_links_apart(void **state)
{
    tarn__stat st;
    const char *file = sandbox_write_text(state, "f", "abc");
    const char *link = sandbox_path(state, "l");
    assert_int_equal(TARN_OK, tarn__symlink(file, link, NULL));
    assert_int_equal(TARN_OK, tarn__stat_path(link, false, &st, NULL));
    assert_int_equal(TARN__FILE_LINK, st.kind);
    assert_int_equal(TARN_OK, tarn__stat_path(link, true, &st, NULL));
    assert_int_equal(TARN__FILE_REGULAR, st.kind);
    assert_int_equal(3, st.size_bytes);
    assert_int_equal(
        TARN_OK, tarn__stat_path(sandbox_dir(state), true, &st, NULL));
    assert_int_equal(TARN__FILE_DIR, st.kind);
    char *target;
    assert_int_equal(TARN_OK, tarn__readlink(link, &target, NULL));
    assert_string_equal(file, target);
    tarn__free(target);
}

static void times_before_1970_are_kept_to_the_microsecond(void **state)
{
    static const int64_t times[] = {
        -1, -1500001, 0, 1, 1700000000123456, -62135596800000000};
    const char *path = sandbox_write_text(state, "f", "");
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        tarn__stat st;
        if (tarn__path_set_mtime(path, times[i], NULL) != TARN_OK ||
            tarn__stat_path(path, true, &st, NULL) != TARN_OK)
            fail();
        /* ext4 begins in 1901, and shows that for what lies before. */
        if (times[i] > -2147483648LL * 1000000)
            assert_int_equal(times[i], st.mtime_us);
    }
}

static void mkdirs_makes_all_that_is_missing(void **state)
{
    const char *path = sandbox_path(state, "a/b//c/");
    assert_int_equal(TARN_OK, tarn__mkdirs(path, NULL));
    assert_true(tarn__path_is_dir(sandbox_path(state, "a/b/c")));
    assert_int_equal(TARN_OK, tarn__mkdirs(path, NULL));
    assert_int_equal(
        TARN_EXISTS, tarn__mkdir(sandbox_path(state, "a/b"), NULL));
}

static void mkdirs_does_not_pass_through_a_file(void **state)
{
    sandbox_write_text(state, "a", "");
    assert_int_not_equal(
        TARN_OK, tarn__mkdirs(sandbox_path(state, "a/b"), NULL));
    assert_int_equal(TARN_EXISTS, tarn__mkdirs(sandbox_path(state, "a"), NULL));
}

static void link_never_replaces_and_rename_does(void **state)
{
    const char *a = sandbox_write_text(state, "a", "A");
    const char *b = sandbox_write_text(state, "b", "B");
    assert_int_equal(TARN_EXISTS, tarn__link(a, b, NULL));
    assert_string_equal("B", sandbox_read(state, "b", NULL));
    assert_int_equal(TARN_OK, tarn__rename(a, b, NULL));
    assert_string_equal("A", sandbox_read(state, "b", NULL));
    assert_false(tarn__path_exists(a));
}

static void link_moves_where_there_are_no_hard_links(void **state)
{
    const char *a = sandbox_write_text(state, "a", "A");
    const char *b = sandbox_write_text(state, "b", "B");
    tarn__fault_io(1, EPERM, false);
    assert_int_equal(TARN_EXISTS, tarn__link(a, b, NULL));
    tarn__fault_io(1, EPERM, false);
    assert_int_equal(TARN_OK, tarn__link(a, sandbox_path(state, "c"), NULL));
    tarn__fault_io(0, 0, false);
    assert_string_equal("A", sandbox_read(state, "c", NULL));
    assert_string_equal("B", sandbox_read(state, "b", NULL));
}

static void a_folder_lists_every_name_once(void **state)
{
    static const char *const names[] = {
        "a", " ", "new\nline", "\xff\xfe", "...", "\xc3\xa9"};
    enum { COUNT = sizeof names / sizeof names[0] };
    int seen[COUNT] = {0};
    tarn__dir *dir;
    tarn__dirent entry;
    for (size_t i = 0; i < COUNT; i++)
        sandbox_write_text(state, names[i], "");
    assert_int_equal(TARN_OK, tarn__dir_open(sandbox_dir(state), &dir, NULL));
    while (tarn__dir_next(dir, &entry, NULL) == TARN_ROW) {
        size_t i = 0;
        while (i < COUNT && strcmp(names[i], entry.name) != 0)
            i++;
        assert_true(i < COUNT);
        assert_int_equal(TARN__FILE_REGULAR, entry.kind);
        seen[i]++;
    }
    tarn__dir_close(dir);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(1, seen[i]);
}

static void a_folder_that_fails_midway_is_an_error_not_an_end(void **state)
{
    tarn__dir *dir;
    tarn__dirent entry;
    sandbox_write_text(state, "a", "");
    assert_int_equal(TARN_OK, tarn__dir_open(sandbox_dir(state), &dir, NULL));
    tarn__fault_io(1, EIO, false);
    assert_int_equal(TARN_IO, tarn__dir_next(dir, &entry, NULL));
    tarn__fault_io(0, 0, false);
    assert_null(entry.name);
    tarn__dir_close(dir);
}

static void joined_paths_have_one_slash(void **state)
{
    static const char *const cases[][3] = {{"a", "b", "a/b"},
        {"a/", "b", "a/b"}, {"", "b", "b"}, {"/", "b", "/b"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = tarn__path_join(cases[i][0], cases[i][1]);
        assert_string_equal(cases[i][2], path);
        tarn__free(path);
    }
    assert_string_equal("c", tarn__path_base("a/b/c"));
    assert_string_equal("c", tarn__path_base("c"));
}

static void realpath_leads_through_links(void **state)
{
    char *real;
    char *again;
    sandbox_write_text(state, "d/f", "");
    assert_int_equal(
        TARN_OK, tarn__symlink("d", sandbox_path(state, "l"), NULL));
    assert_int_equal(
        TARN_OK, tarn__realpath(sandbox_path(state, "l/../d/f"), &real, NULL));
    assert_int_equal(
        TARN_OK, tarn__realpath(sandbox_path(state, "l/f"), &again, NULL));
    assert_string_equal(real, again);
    tarn__free(real);
    tarn__free(again);
    assert_int_equal(
        TARN_NOT_FOUND, tarn__realpath(sandbox_path(state, "no"), &real, NULL));
    assert_null(real);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(what_is_written_is_read),
        sandbox_test(read_at_gives_less_only_at_the_end),
        sandbox_test(write_at_and_truncate_change_the_middle_and_the_end),
        sandbox_test(create_does_not_open_what_is_there),
        sandbox_test(an_absent_file_is_not_found),
        sandbox_test(what_cannot_be_looked_at_is_not_called_absent),
        sandbox_test(files_close_on_exec),
        sandbox_test(an_interrupted_call_is_repeated),
        sandbox_test(a_failed_sync_is_not_repeated),
        sandbox_test(a_short_write_is_continued),
        sandbox_test(a_full_disk_is_named_with_its_mend),
        sandbox_test(standard_input_stays_open),
        sandbox_test(slurp_takes_exactly_its_maximum),
        sandbox_test(slurp_reads_more_than_one_chunk),
        sandbox_test(stat_tells_files_folders_and_links_apart),
        sandbox_test(times_before_1970_are_kept_to_the_microsecond),
        sandbox_test(mkdirs_makes_all_that_is_missing),
        sandbox_test(mkdirs_does_not_pass_through_a_file),
        sandbox_test(link_never_replaces_and_rename_does),
        sandbox_test(link_moves_where_there_are_no_hard_links),
        sandbox_test(a_folder_lists_every_name_once),
        sandbox_test(a_folder_that_fails_midway_is_an_error_not_an_end),
        sandbox_test(joined_paths_have_one_slash),
        sandbox_test(realpath_leads_through_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

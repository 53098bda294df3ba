/* os/lock.h */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <tarn/progress.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "os/fault.h"
#include "os/file.h"
#include "os/lock.h"
#include "support/sandbox.h"

static tarn__lock hold(const char *path, bool shared)
{
    tarn__lock lock;
    assert_int_equal(TARN_OK, tarn__lock_take(&lock, path, shared, 0, NULL));
    return lock;
}

/* What another process gets that asks for the lock. */
static tarn_status asked_by_another(
    const char *path, bool shared, int64_t wait_us)
{
    pid_t child = fork();
    if (child == 0) {
        tarn__lock lock;
        _exit((int)tarn__lock_take(&lock, path, shared, wait_us, NULL));
    }
    int status;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    return (tarn_status)WEXITSTATUS(status);
}

static void one_process_excludes_another(void **state)
{
    const char *path = sandbox_path(state, "lock");
    tarn__lock lock = hold(path, false);
    assert_int_equal(TARN_LOCKED, asked_by_another(path, false, 0));
    assert_int_equal(TARN_LOCKED, asked_by_another(path, true, 0));
    tarn__lock_release(&lock);
    assert_int_equal(TARN_OK, asked_by_another(path, false, 0));
}

static void sharers_exclude_only_the_exclusive(void **state)
{
    const char *path = sandbox_path(state, "lock");
    tarn__lock lock = hold(path, true);
    assert_int_equal(TARN_OK, asked_by_another(path, true, 0));
    assert_int_equal(TARN_LOCKED, asked_by_another(path, false, 0));
    tarn__lock_release(&lock);
}

static void a_refused_lock_holds_nothing(void **state)
{
    const char *path = sandbox_path(state, "lock");
    tarn_error err = TARN_ERROR_INIT;
    tarn__lock held = hold(path, false);
    tarn__lock other;
    assert_int_equal(
        TARN_LOCKED, tarn__lock_take(&other, path, false, 0, &err));
    assert_int_equal(-1, other.fd);
    assert_null(other.path);
    assert_non_null(strstr(err.message, path));
    tarn__lock_release(&other);
    tarn__lock_release(&held);
}

static void waiting_ends_when_the_holder_dies(void **state)
{
    const char *path = sandbox_path(state, "lock");
    int ready[2];
    char byte;
    assert_int_equal(0, pipe(ready));
    pid_t child = fork();
    if (child == 0) {
        tarn__lock lock;
        if (tarn__lock_take(&lock, path, false, 0, NULL) != TARN_OK)
            _exit(1);
        (void)!write(ready[1], "x", 1);
        usleep(30000);
        raise(SIGKILL);
    }
    assert_int_equal(1, read(ready[0], &byte, 1));
    tarn__lock lock;
    assert_int_equal(
        TARN_OK, tarn__lock_take(&lock, path, false, 60000000, NULL));
    tarn__lock_release(&lock);
    assert_int_equal(child, waitpid(child, NULL, 0));
    close(ready[0]);
    close(ready[1]);
}

static void waiting_ends_after_the_wait(void **state)
{
    const char *path = sandbox_path(state, "lock");
    tarn__lock held = hold(path, false);
    tarn__lock other;
    int64_t began = tarn__monotonic_us();
    assert_int_equal(
        TARN_LOCKED, tarn__lock_take(&other, path, false, 20000, NULL));
    assert_true(tarn__monotonic_us() - began >= 20000);
    tarn__lock_release(&held);
}

/* A program that we start does not keep the lock after us. */
static void an_interrupt_ends_the_wait_and_what_is_free_is_taken(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__lock second;
    const char *path = sandbox_path(state, "lock");
    tarn__lock first = hold(path, false);
    tarn_interrupt(true);
    assert_int_equal(
        TARN_INTERRUPTED, tarn__lock_take(&second, path, false, -1, &err));
    tarn__lock_release(&first);
    first = hold(path, false);
    tarn_interrupt(false);
    tarn__lock_release(&first);
}

static void a_started_program_does_not_inherit_the_lock(void **state)
{
    const char *path = sandbox_path(state, "lock");
    tarn__lock lock = hold(path, false);
    int ready[2];
    char byte;
    assert_int_equal(0, pipe(ready));
    pid_t child = fork();
    if (child == 0) {
        dup2(ready[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", "echo; exec sleep 20", (char *)NULL);
        _exit(1);
    }
    assert_int_equal(1, read(ready[0], &byte, 1));
    tarn__lock_release(&lock);
    assert_int_equal(TARN_OK, asked_by_another(path, false, 0));
    kill(child, SIGKILL);
    assert_int_equal(child, waitpid(child, NULL, 0));
    close(ready[0]);
    close(ready[1]);
}

/* K1: the waiter ends up with the file that the path names now. */
static void a_replaced_file_is_locked_anew(void **state)
{
    const char *path = sandbox_path(state, "lock");
    tarn__lock old = hold(path, false);
    assert_int_equal(TARN_OK, tarn__unlink(path, NULL));
    tarn__lock lock = hold(path, false);
    tarn__stat named;
    tarn__stat mine;
    tarn__file file = {lock.fd, lock.path};
    assert_int_equal(TARN_OK, tarn__stat_path(path, true, &named, NULL));
    assert_int_equal(TARN_OK, tarn__file_stat(&file, &mine, NULL));
    assert_int_equal(named.inode, mine.inode);
    tarn__lock_release(&old);
    assert_int_equal(TARN_LOCKED, asked_by_another(path, false, 0));
    tarn__lock_release(&lock);
}

/* K1: the file is removed, once, between flock() and the look at its name,
 * which fails then as if the name were gone. */
static void a_file_removed_under_the_lock_is_not_taken(void **state)
{
    const char *path = sandbox_path(state, "lock");
    tarn__lock lock;
    tarn__fault_io(4, ENOENT, false); /* open, flock, fstat, stat */
    assert_int_equal(TARN_OK, tarn__lock_take(&lock, path, false, 0, NULL));
    assert_int_equal(8, tarn__fault_io_count());
    tarn__fault_io(0, 0, false);
    assert_int_equal(TARN_LOCKED, asked_by_another(path, false, 0));
    tarn__lock_release(&lock);
}

static void every_failing_call_gives_no_lock(void **state)
{
    const char *path = sandbox_path(state, "lock");
    for (int64_t nth = 1; nth <= 4; nth++) {
        tarn__lock lock;
        tarn__fault_io(nth, EIO, false);
        assert_int_equal(TARN_IO, tarn__lock_take(&lock, path, false, 0, NULL));
        tarn__fault_io(0, 0, false);
        assert_int_equal(-1, lock.fd);
        assert_int_equal(TARN_OK, asked_by_another(path, false, 0));
    }
}

static void a_sharer_can_do_with_reading(void **state)
{
    const char *path = sandbox_write_text(state, "lock", "");
    tarn__lock lock;
    tarn__fault_io(1, EROFS, false);
    assert_int_equal(TARN_OK, tarn__lock_take(&lock, path, true, 0, NULL));
    tarn__fault_io(0, 0, false);
    assert_int_equal(TARN_LOCKED, asked_by_another(path, false, 0));
    tarn__lock_release(&lock);
    tarn__fault_io(1, EROFS, false);
    assert_int_equal(TARN_IO, tarn__lock_take(&lock, path, false, 0, NULL));
    tarn__fault_io(0, 0, false);
}

static void busy_tells_without_taking(void **state)
{
    const char *path = sandbox_path(state, "lock");
    assert_false(tarn__lock_busy(path));
    assert_false(tarn__path_exists(path));
    tarn__lock lock = hold(path, false);
    assert_true(tarn__lock_busy(path));
    assert_true(tarn__lock_in_use(path));
    tarn__lock_release(&lock);
    assert_false(tarn__lock_busy(path));
    assert_false(tarn__lock_in_use(path));
    assert_int_equal(TARN_OK, asked_by_another(path, false, 0));
    /* As who looks at that moment, too, holds it. */
    lock = hold(path, true);
    assert_false(tarn__lock_busy(path));
    assert_true(tarn__lock_in_use(path));
    assert_int_equal(TARN_OK, asked_by_another(path, true, 0));
    tarn__lock_release(&lock);
}

static void the_holders_text_is_replaced_whole(void **state)
{
    static const char *const texts[] = {"a longer text", "short", "", "mid\n"};
    const char *path = sandbox_path(state, "lock");
    tarn__lock lock = hold(path, false);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(
            TARN_OK, tarn__lock_write(&lock, tarn_str(texts[i]), NULL));
        assert_string_equal(texts[i], sandbox_read(state, "lock", NULL));
    }
    tarn__lock_release(&lock);
}

/* A reader of a half-written lock sees one of the two texts, at worst with
 * empty lines after it. */
static void a_failed_write_of_the_text_mixes_nothing(void **state)
{
    const char *path = sandbox_path(state, "lock");
    tarn__lock lock = hold(path, false);
    for (int64_t nth = 1; nth <= 3; nth++) {
        assert_int_equal(
            TARN_OK, tarn__lock_write(&lock, tarn_str("old and long"), NULL));
        tarn__fault_io(nth, EIO, false);
        assert_int_equal(
            TARN_IO, tarn__lock_write(&lock, tarn_str("new"), NULL));
        tarn__fault_io(0, 0, false);
        const char *text = sandbox_read(state, "lock", NULL);
        assert_true(strcmp(text, "old and long") == 0 ||
            (tarn__starts_with(text, "new\n") &&
                strspn(text + 3, "\n") == strlen(text + 3)));
    }
    tarn__lock_release(&lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(one_process_excludes_another),
        sandbox_test(sharers_exclude_only_the_exclusive),
        sandbox_test(a_refused_lock_holds_nothing),
        sandbox_test(waiting_ends_when_the_holder_dies),
        sandbox_test(waiting_ends_after_the_wait),
        sandbox_test(an_interrupt_ends_the_wait_and_what_is_free_is_taken),
        sandbox_test(a_started_program_does_not_inherit_the_lock),
        sandbox_test(a_replaced_file_is_locked_anew),
        sandbox_test(a_file_removed_under_the_lock_is_not_taken),
        sandbox_test(every_failing_call_gives_no_lock),
        sandbox_test(a_sharer_can_do_with_reading),
        sandbox_test(busy_tells_without_taking),
        sandbox_test(the_holders_text_is_replaced_whole),
        sandbox_test(a_failed_write_of_the_text_mixes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

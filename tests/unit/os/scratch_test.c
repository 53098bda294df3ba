/* os/scratch.h */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/time.h"
#include "os/fault.h"
#include "os/file.h"
#include "os/process.h"
#include "os/scratch.h"
#include "support/sandbox.h"

#define TWO_MINUTES_US 120000000LL

static int entries_in(const char *path)
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

static void make_old(void **state, const char *name)
{
    assert_int_equal(TARN_OK,
        tarn__path_set_mtime(
            sandbox_path(state, name), tarn__now_us() - TWO_MINUTES_US, NULL));
}

static void sweep(const char *parent, const char *keep)
{
    assert_int_equal(TARN_OK, tarn__scratch_sweep(parent, keep, NULL));
}

static void a_folder_is_named_after_its_process(void **state)
{
    const char *tmp = sandbox_path(state, "tmp");
    tarn__scratch scratch;
    char name[64];
    assert_int_equal(TARN_OK, tarn__scratch_open(&scratch, tmp, NULL));
    snprintf(name, sizeof name, "%lld-%llu", (long long)getpid(),
        (unsigned long long)tarn__process_start(getpid()));
    assert_string_equal(name, tarn__path_base(scratch.path));
    assert_true(tarn__path_is_dir(scratch.path));
    tarn__scratch_close(&scratch);
    assert_int_equal(0, entries_in(tmp));
}

static void one_process_may_have_several(void **state)
{
    const char *tmp = sandbox_path(state, "tmp");
    tarn__scratch a;
    tarn__scratch b;
    assert_int_equal(TARN_OK, tarn__scratch_open(&a, tmp, NULL));
    assert_int_equal(TARN_OK, tarn__scratch_open(&b, tmp, NULL));
    assert_string_not_equal(a.path, b.path);
    sweep(tmp, NULL);
    assert_int_equal(2, entries_in(tmp));
    tarn__scratch_close(&a);
    tarn__scratch_close(&b);
    tarn__scratch_close(&b);
    assert_int_equal(0, entries_in(tmp));
}

static void names_are_fresh(void **state)
{
    tarn__scratch scratch;
    assert_int_equal(
        TARN_OK, tarn__scratch_open(&scratch, sandbox_dir(state), NULL));
    char *a = tarn__scratch_name(&scratch, ".x");
    char *b = tarn__scratch_name(&scratch, ".x");
    assert_string_not_equal(a, b);
    assert_string_equal(".x", strrchr(b, '.'));
    tarn__free(a);
    tarn__free(b);
    tarn__scratch_close(&scratch);
}

static void a_sweep_leaves_the_living_and_takes_the_dead(void **state)
{
    const char *tmp = sandbox_path(state, "tmp");
    int ready[2];
    char byte;
    assert_int_equal(0, pipe(ready));
    pid_t child = fork();
    if (child == 0) {
        tarn__scratch scratch;
        if (tarn__scratch_open(&scratch, tmp, NULL) != TARN_OK)
            _exit(1);
        char *file = tarn__scratch_name(&scratch, "");
        if (tarn__file_spill(file, tarn_str("x"), NULL) != TARN_OK)
            _exit(1);
        (void)!write(ready[1], "x", 1);
        pause();
        _exit(0);
    }
    assert_int_equal(1, read(ready[0], &byte, 1));
    sweep(tmp, NULL);
    assert_int_equal(1, entries_in(tmp));
    kill(child, SIGKILL);
    assert_int_equal(child, waitpid(child, NULL, 0));
    assert_int_equal(1, entries_in(tmp));
    sweep(tmp, NULL);
    assert_int_equal(0, entries_in(tmp));
    close(ready[0]);
    close(ready[1]);
}

/* C3 */
static void a_sweep_touches_only_our_names(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    static const char *const strangers[] = {
        "tmp/pins", "tmp/12", "tmp/12-", "tmp/x-1", "tmp/1-2x", "tmp/-3"};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        sandbox_mkdir(state, strangers[i]);
        make_old(state, strangers[i]);
    }
    sandbox_write_text(state, "tmp/1-2", "a file");
    make_old(state, "tmp/1-2");
    sweep(tmp, NULL);
    assert_int_equal(7, entries_in(tmp));
}

static void a_sweep_passes_over_what_it_is_to_keep(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    sandbox_write_text(state, "tmp/1-2/lock", "");
    sandbox_write_text(state, "tmp/3-4/lock", "");
    sweep(tmp, "3-4");
    assert_true(sandbox_exists(state, "tmp/3-4"));
    assert_false(sandbox_exists(state, "tmp/1-2"));
}

/* C2: a process killed between mkdir and its lock, or a sweeper at work. */
static void a_folder_without_a_lock_goes_when_it_is_old(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    sandbox_mkdir(state, "tmp/.making-00ff");
    sandbox_mkdir(state, "tmp/77-88-1");
    sweep(tmp, NULL);
    assert_int_equal(2, entries_in(tmp));
    make_old(state, "tmp/.making-00ff");
    make_old(state, "tmp/77-88-1");
    sweep(tmp, NULL);
    assert_int_equal(0, entries_in(tmp));
}

static void an_unfinished_folder_goes_when_its_lock_is_free(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    const char *file = sandbox_write_text(state, "tmp/.making-01/lock", "");
    tarn__lock lock;
    assert_int_equal(TARN_OK, tarn__lock_take(&lock, file, false, 0, NULL));
    sweep(tmp, NULL);
    assert_int_equal(1, entries_in(tmp));
    tarn__lock_release(&lock);
    sweep(tmp, NULL);
    assert_int_equal(0, entries_in(tmp));
}

static void a_sweep_of_nothing_is_fine(void **state)
{
    sweep(sandbox_path(state, "no"), NULL);
}

/* C1, with each call failing in turn: no folder, or a locked one. */
static void a_failed_open_leaves_nothing_locked(void **state)
{
    const char *tmp = sandbox_mkdir(state, "tmp");
    int64_t nth = 0;
    bool hit = true;
    while (hit) {
        tarn__scratch scratch;
        tarn__fault_io(++nth, EIO, false);
        tarn_status st = tarn__scratch_open(&scratch, tmp, NULL);
        hit = tarn__fault_io_count() >= nth;
        tarn__fault_io(0, 0, false);
        if (st == TARN_OK) {
            assert_true(tarn__lock_busy(scratch.lock.path));
        } else {
            assert_null(scratch.path);
            assert_int_equal(-1, scratch.lock.fd);
        }
        tarn__scratch_close(&scratch);
        assert_int_equal(0, entries_in(tmp));
    }
    assert_true(nth > 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_folder_is_named_after_its_process),
        sandbox_test(one_process_may_have_several),
        sandbox_test(names_are_fresh),
        sandbox_test(a_sweep_leaves_the_living_and_takes_the_dead),
        sandbox_test(a_sweep_touches_only_our_names),
        sandbox_test(a_sweep_passes_over_what_it_is_to_keep),
        sandbox_test(a_folder_without_a_lock_goes_when_it_is_old),
        sandbox_test(an_unfinished_folder_goes_when_its_lock_is_free),
        sandbox_test(a_sweep_of_nothing_is_fine),
        sandbox_test(a_failed_open_leaves_nothing_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

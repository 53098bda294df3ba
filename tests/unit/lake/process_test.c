/* Several processes, or several handles, at one lake. */
#include <errno.h>
#include <signal.h>
#include <sys/file.h>

#include "rig.h"

static int commits_one(const char *dir, int in, int out)
{
    tarn_lake *lake = lake_open(dir);
    (void)in;
    (void)out;
    put(lake, "child", "was here");
    tarn_lake_close(lake);
    return 0;
}

static void another_process_reads_and_writes(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    put(lake, "a", "1");
    child_succeeds(child("commits_one", dir, -1, -1));
    has(lake, "child", "was here");
    assert_int_equal(3, put(lake, "a", "2"));
    is_sound(lake);
    tarn_lake_close(lake);
}

static void two_handles_take_turns(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *a = lake_open(dir);
    tarn_lake *b = lake_open(dir);
    for (int i = 0; i < 20; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "%d", i);
        put(i % 2 ? a : b, "n", value);
        has(i % 2 ? b : a, "n", value);
    }
    /* A step that was taken on an older head is taken again. */
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = begin(a);
    txn_rm(txn, "n");
    rm(b, "n");
    refused(
        TARN_NOT_FOUND, tarn_txn_commit(txn, NULL, &err), &err, "not there");
    assert_int_equal(21, head_of(a));
    is_sound(a);
    tarn_lake_close(a);
    tarn_lake_close(b);
}

/* Holds the lock until the other end of `in` is closed. */
static int holds(const char *dir, int in, int out)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = lake_open(dir);
    char byte;
    ok(tarn__writer_take(lake, 0, &err), &err);
    (void)!write(out, "r", 1);
    (void)!read(in, &byte, 1);
    tarn__writer_give(lake);
    tarn_lake_close(lake);
    return 0;
}

/* Starts a child and waits until it says that it is ready. */
static pid_t start(const char *name, const char *dir, int *done)
{
    int ready[2], over[2];
    char byte;
    make_pipe(ready);
    make_pipe(over);
    pid_t pid = child(name, dir, over[0], ready[1]);
    close(over[0]);
    close(ready[1]);
    assert_int_equal(1, read(ready[0], &byte, 1));
    close(ready[0]);
    *done = over[1];
    return pid;
}

static void a_locked_lake_names_the_holder(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    const char *dir = lake_make(state);
    char word[40];
    int done;
    commits_one(dir, -1, -1);
    pid_t pid = start("holds", dir, &done);
    options.wait_us = 30000;
    tarn_lake *lake = lake_open_as(dir, &options);
    (void)snprintf(word, sizeof word, "process %d on ", (int)pid);
    tarn_txn *txn = begin(lake);
    txn_put(txn, "a", "1");
    int64_t before = tarn__monotonic_us();
    refused(TARN_LOCKED, tarn_txn_commit(txn, NULL, &err), &err, word);
    assert_true(tarn__monotonic_us() - before >= 30000);
    close(done);
    child_succeeds(pid);
    put(lake, "a", "1");
    tarn_lake_close(lake);
}

static void readers_do_not_wait_for_the_holder(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    int done;
    put(lake, "a", "1");
    tarn_lake_close(lake);
    pid_t pid = start("holds", dir, &done);
    lake = lake_open(dir);
    has(lake, "a", "1");
    tarn_lake_close(lake);
    close(done);
    child_succeeds(pid);
}

/* The state between 5 and 6: the log has a version that the view has not. */
static void take_view_back(
    const char *dir, tarn_lake *lake, const char *name, const char *value)
{
    tarn_lake_close(lake);
    shell("cp -r %s/views/key %s/kept", dir, dir);
    lake = lake_open(dir);
    put(lake, name, value);
    tarn_lake_close(lake);
    shell("rm -r %s/views/key && mv %s/kept %s/views/key", dir, dir, dir);
}

static void a_reader_leaves_out_exactly_what_is_being_committed(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    tarn_snapshot *snap = NULL;
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    put(lake, "a", "1");
    take_view_back(dir, lake, "a", "2");
    /* A writer in the middle of version 2, as others see it. */
    FILE *file = fopen(sandbox_path(state, "lake/lock"), "w");
    fprintf(file,
        "pid %d\nhost here\nsince 2026-01-01T00:00:00Z\n"
        "committing 2\n",
        (int)getpid());
    fflush(file);
    assert_int_equal(0, flock(fileno(file), LOCK_EX));
    options.wait_us = 0;
    lake = lake_open_as(dir, &options);
    assert_int_equal(1, head_of(lake));
    has(lake, "a", "1");
    tarn_lake_close(lake);
    /* Of any other version it must not be left out. */
    rewind(file);
    fprintf(file,
        "pid %d\nhost here\nsince 2026-01-01T00:00:00Z\n"
        "committing 3\n",
        (int)getpid());
    fflush(file);
    lake = lake_open_as(dir, &options);
    refused(TARN_LOCKED, tarn_snapshot_open(lake, TARN_LATEST, &snap, &err),
        &err, "locked by process");
    assert_null(snap);
    fclose(file); /* and when nobody holds the lock, it replays */
    has(lake, "a", "2");
    is_sound(lake);
    tarn_lake_close(lake);
}

static void an_idle_writer_gives_the_lock_up(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    put(lake, "a", "1");
    assert_true(tarn__lock_busy(lake->at.lock));
    int64_t until = tarn__monotonic_us() + 60000000;
    while (tarn__lock_busy(lake->at.lock) && tarn__monotonic_us() < until)
        tarn__sleep_us(5000);
    assert_false(tarn__lock_busy(lake->at.lock));
    size_t len;
    sandbox_read(state, "lake/lock", &len);
    assert_int_equal(0, len);
    has(lake, "a", "1");
    tarn_lake_close(lake);
}

static int commits_in_a_loop(const char *dir, int in, int out)
{
    tarn_lake *lake = lake_open(dir);
    (void)in;
    int64_t until = tarn__monotonic_us() + 2500000;
    for (int i = 0; tarn__monotonic_us() < until; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "%d", i);
        put(lake, "loop", value);
        if (i == 0)
            (void)!write(out, "r", 1);
    }
    tarn_lake_close(lake);
    return 0;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void who_waits_gets_the_lock_from_a_busy_writer(void **state)
{
    const char *dir = lake_make(state);
    int64_t took[10];
    int done;
    pid_t pid = start("commits_in_a_loop", dir, &done);
    close(done);
    tarn_lake *lake = lake_open(dir);
    for (int i = 0; i < 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        tarn_txn *txn = begin(lake);
        txn_put(txn, name, "mine");
        int64_t before = tarn__monotonic_us();
        commit(txn);
        took[i] = tarn__monotonic_us() - before;
        tarn__sleep_us(3 * TARN__IDLE_US); /* the other one has it again */
    }
    qsort(took, 10, sizeof took[0], by_size);
    print_message("waited %" PRId64 " us in the middle, %" PRId64 " at most\n",
        took[5], took[9]);
    assert_true(took[5] < 3000000); /* and not the 10 s of the wait */
    child_succeeds(pid);
    is_sound(lake);
    tarn_lake_close(lake);
}

typedef struct forked {
    tarn_lake *lake;
    tarn_snapshot *snap;
    tarn_txn *txn;
} forked;

static int uses_what_it_inherited(void *arg)
{
    forked *f = arg;
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    tarn_snapshot *snap = NULL;
    tarn_buf value = TARN_BUF_INIT;
    int64_t version;
    if (tarn_txn_begin(f->lake, NULL, &txn, &err) != TARN_INVALID ||
        strstr(err.message, "fork") == NULL)
        return 1;
    if (tarn_snapshot_open(f->lake, 0, &snap, NULL) != TARN_INVALID)
        return 2;
    if (tarn_lake_head(f->lake, &version, NULL) != TARN_INVALID)
        return 3;
    if (tarn_state_get(f->snap, "s", "a", &value, NULL) != TARN_INVALID)
        return 4;
    tarn_snapshot_free(f->snap);
    if (tarn_txn_commit(f->txn, &version, NULL) != TARN_INVALID)
        return 5;
    tarn_lake_close(f->lake); /* neither hangs nor harms the parent */
    tarn_buf_reset(&value);
    return 0;
}

static void a_handle_refuses_use_after_fork(void **state)
{
    const char *dir = lake_make(state);
    forked f = {.lake = lake_open(dir)};
    put(f.lake, "a", "1");
    f.snap = pin_version(f.lake, TARN_LATEST);
    f.txn = begin(f.lake);
    txn_object(f.txn, 1, "f", 'x', 70000);
    child_succeeds(forked_child(uses_what_it_inherited, &f));
    snap_has(f.snap, "a", "1");
    tarn_snapshot_free(f.snap);
    assert_int_equal(2, commit(f.txn));
    is_sound(f.lake);
    tarn_lake_close(f.lake);
}

static int sleeps(void *arg)
{
    char byte;
    close(((const int *)arg)[1]);
    (void)!read(((const int *)arg)[0], &byte, 1);
    return 0;
}

static void a_child_that_lives_on_does_not_keep_the_lock(void **state)
{
    int gate[2];
    tarn_lake *lake = lake_open(lake_make(state));
    put(lake, "a", "1");
    assert_int_equal(0, pipe(gate));
    pid_t pid = forked_child(sleeps, gate);
    tarn_lake_close(lake);
    lake = lake_open(sandbox_path(state, "lake"));
    put(lake, "a", "2");
    tarn_lake_close(lake);
    close(gate[0]);
    close(gate[1]);
    child_succeeds(pid);
}

/* The last I/O calls of a commit point: find the one whose failure is
 * "outcome unknown". */
static void an_unknown_outcome_poisons_the_handle(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = lake_make(state);
    bool seen = false;
    for (int64_t n = 1; !seen; n++) {
        tarn_lake *lake = lake_open(dir);
        int64_t version = -2;
        put(lake, "a", n % 2 ? "x" : "y");
        int64_t head = head_of(lake);
        tarn_txn *txn = begin(lake);
        txn_put(txn, "b", n % 2 ? "x" : "y");
        tarn__fault_io(n, EIO, false);
        tarn_status st = tarn_txn_commit(txn, &version, &err);
        int64_t calls = tarn__fault_io_count();
        tarn__fault_io(0, 0, false);
        assert_true(calls >= n || st == TARN_OK);
        if (st == TARN_UNKNOWN) {
            seen = true;
            assert_int_equal(head + 1, version);
            assert_non_null(strstr(err.message, "outcome unknown"));
            assert_int_equal(
                TARN_UNKNOWN, tarn_txn_begin(lake, NULL, &txn, &err));
            /* Nobody else is kept out. */
            tarn_lake *other = lake_open(dir);
            put(other, "c", "1");
            has(other, "b", n % 2 ? "x" : "y");
            tarn_lake_close(other);
            has(lake, "c", "1");
        } else {
            assert_int_equal(st == TARN_OK ? head + 1 : -1, version);
            put(lake, "c", n % 2 ? "1" : "2"); /* the handle goes on */
        }
        is_sound(lake);
        tarn_lake_close(lake);
        assert_true(n < 200);
    }
}

int main(int argc, char **argv)
{
    static const child_fn children[] = {{"commits_one", commits_one},
        {"holds", holds}, {"commits_in_a_loop", commits_in_a_loop}};
    int status;
    if (is_child(argc, argv, children, 3, &status))
        return status;
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(another_process_reads_and_writes),
        sandbox_test(two_handles_take_turns),
        sandbox_test(a_locked_lake_names_the_holder),
        sandbox_test(readers_do_not_wait_for_the_holder),
        sandbox_test(a_reader_leaves_out_exactly_what_is_being_committed),
        sandbox_test(an_idle_writer_gives_the_lock_up),
        sandbox_test(who_waits_gets_the_lock_from_a_busy_writer),
        sandbox_test(a_handle_refuses_use_after_fork),
        sandbox_test(a_child_that_lives_on_does_not_keep_the_lock),
        sandbox_test(an_unknown_outcome_poisons_the_handle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

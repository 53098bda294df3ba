/* What a killed process, a restored folder or a damaged view leave behind. */
#include <errno.h>

#include "rig.h"

static const char *made(void **state, int commits)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    for (int i = 0; i < commits; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "%d", i + 1);
        put(lake, "n", value);
    }
    tarn_lake_close(lake);
    return dir;
}

static void opens_sound(const char *dir, int64_t head, const char *value)
{
    tarn_lake *lake = lake_open(dir);
    assert_int_equal(head, head_of(lake));
    has(lake, "n", value);
    has_at(lake, 1, "n", "1");
    is_sound(lake);
    tarn_lake_close(lake);
}

static void a_view_that_is_missing_is_made_anew(void **state)
{
    const char *dir = made(state, 3);
    shell("rm -r %s/views/key", dir);
    opens_sound(dir, 3, "3");
}

static void log_and_objects_alone_are_the_lake(void **state)
{
    const char *dir = made(state, 3);
    shell(
        "cd %s && rm -rf views tmp runs lock lock.want && rmdir objects", dir);
    opens_sound(dir, 3, "3");
    tarn_lake *lake = lake_open(dir);
    tarn_txn *txn = begin(lake);
    txn_object(txn, 1, "a", 'x', 70000);
    commit(txn);
    is_sound(lake);
    tarn_lake_close(lake);
}

/* A commit that was killed between 5 and 6. */
static void a_view_that_is_behind_is_replayed(void **state)
{
    const char *dir = made(state, 2);
    shell("cp -r %s/views/key %s/kept", dir, dir);
    tarn_lake *lake = lake_open(dir);
    put(lake, "n", "3");
    put(lake, "m", "");
    rm(lake, "m");
    tarn_lake_close(lake);
    shell("rm -r %s/views/key && mv %s/kept %s/views/key", dir, dir, dir);
    opens_sound(dir, 5, "3");
}

/* The same, with some of its entries in the view already. */
static void entries_above_applied_are_invisible(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = made(state, 2);
    tarn_lake *lake = lake_open(dir);
    tarn__rocks_batch *batch = NULL;
    tarn_buf key = TARN_BUF_INIT, physical = TARN_BUF_INIT;
    ok(tarn__writer_take(lake, 0, &err), &err);
    ok(tarn__state_key(
           &key, (tarn_slice){"", 0}, tarn_str("s"), tarn_str("n"), &err),
        &err);
    ok(tarn__physical_key(&physical, tarn__buf_slice(&key), 3, &err), &err);
    ok(tarn__rocks_batch_create(&batch, &err), &err);
    tarn__rocks_batch_put(batch, lake->view.db, TARN__FAMILY_STATE,
        tarn__buf_slice(&physical), (tarn_slice){"\001half", 5});
    ok(tarn__rocks_batch_write(lake->view.db, batch, false, &err), &err);
    tarn__rocks_batch_free(batch);
    tarn__writer_give(lake);
    has(lake, "n", "2");
    is_sound(lake);
    put(lake, "n", "3");
    has(lake, "n", "3");
    is_sound(lake);
    tarn_buf_reset(&key);
    tarn_buf_reset(&physical);
    tarn_lake_close(lake);
}

/* I7. */
static void an_older_log_makes_the_view_anew(void **state)
{
    const char *dir = made(state, 2);
    shell("cp -r %s/log %s/older", dir, dir);
    tarn_lake *lake = lake_open(dir);
    put(lake, "n", "other");
    put(lake, "gone", "1");
    tarn_lake_close(lake);
    shell("rm -r %s/log && mv %s/older %s/log", dir, dir, dir);
    lake = lake_open(dir); /* applied stands above the head */
    assert_int_equal(2, head_of(lake));
    has(lake, "gone", NULL);
    tarn_lake_close(lake);
    opens_sound(dir, 2, "2");
}

/* I7: the same versions, another history. */
static void another_timeline_makes_the_view_anew(void **state)
{
    const char *dir = made(state, 2);
    shell("cp -r %s/log %s/older && cp -r %s/views/key %s/kept", dir, dir, dir,
        dir);
    tarn_lake *lake = lake_open(dir);
    put(lake, "n", "other");
    tarn_lake_close(lake);
    shell("rm -rf %s/kept && cp -r %s/views/key %s/kept && rm -r %s/log && mv "
          "%s/older %s/log",
        dir, dir, dir, dir, dir, dir);
    lake = lake_open(dir);
    put(lake, "n", "3");
    tarn_lake_close(lake);
    shell("rm -r %s/views/key && mv %s/kept %s/views/key", dir, dir, dir);
    opens_sound(dir, 3, "3");
}

static void a_damaged_view_is_made_anew(void **state)
{
    static const char *const harm[] = {": > CURRENT", "rm CURRENT",
        "rm MANIFEST*", "for f in *.sst; do : > $f; done",
        "for f in *.sst; do truncate -s -40 $f; done", "rm -f *.sst",
        "echo x > MANIFEST-000001; echo MANIFEST-9 > CURRENT"};
    for (size_t i = 0; i < sizeof harm / sizeof harm[0]; i++) {
        shell("rm -rf %s", sandbox_path(state, "lake"));
        const char *dir = made(state, 3);
        tarn_error err = TARN_ERROR_INIT;
        tarn_lake *lake = lake_open(dir);
        ok(tarn_lake_rebuild(lake, "key", &err), &err); /* leaves SST files */
        tarn_lake_close(lake);
        shell("cd %s/views/key && %s", dir, harm[i]);
        opens_sound(dir, 3, "3");
    }
}

static void a_reader_that_may_not_write_reads_beside_a_damaged_view(
    void **state)
{
    const char *dir = made(state, 3);
    shell(": > %s/views/key/CURRENT", dir);
    tarn_lake *lake = lake_open_read_only(dir);
    has(lake, "n", "3");
    has_at(lake, 1, "n", "1");
    tarn_lake_close(lake);
}

/* An unapplied tail, seen by a handle that may not write. */
static void a_reader_that_may_not_write_lays_the_tail_over(void **state)
{
    const char *dir = made(state, 2);
    shell("cp -r %s/views/key %s/kept", dir, dir);
    tarn_lake *lake = lake_open(dir);
    put(lake, "n", "3");
    put(lake, "m", "4");
    rm(lake, "m");
    tarn_lake_close(lake);
    shell("rm -r %s/views/key && mv %s/kept %s/views/key", dir, dir, dir);
    lake = lake_open_read_only(dir);
    assert_int_equal(5, head_of(lake));
    has(lake, "n", "3");
    has(lake, "m", NULL);
    has_at(lake, 4, "m", "4");
    has_at(lake, 2, "n", "2");
    has_at(lake, 1, "n", "1");
    /* A writer goes on; the tail grows, then is in the view. */
    tarn_snapshot *snap = pin_version(lake, 4);
    tarn_lake *writer = lake_open(dir);
    put(writer, "n", "6");
    has(lake, "n", "6");
    snap_has(snap, "m", "4");
    snap_has(snap, "n", "3");
    tarn_lake_close(writer);
    put(writer = lake_open(dir), "n", "7");
    tarn_lake_close(writer);
    snap_has(snap, "m", "4");
    has(lake, "n", "7");
    snap_has(snap, "m", "4");
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

static void a_read_only_handle_refuses_to_write(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    tarn_lake *lake = lake_open_read_only(made(state, 1));
    refused(TARN_INVALID, tarn_txn_begin(lake, NULL, &txn, &err), &err,
        "read-only");
    assert_int_equal(TARN_INVALID, tarn_lake_rebuild(lake, "key", &err));
    is_sound(lake);
    tarn_lake_close(lake);
}

static int reads_as_nobody(const char *dir, int in, int out)
{
    (void)in;
    (void)out;
    if (setuid(65534) != 0)
        return 77;
    tarn_lake *lake = lake_open(dir);
    has(lake, "n", "3");
    has_at(lake, 1, "n", "1");
    tarn_lake_close(lake);
    return 0;
}

static void a_folder_of_another_user_is_readable(void **state)
{
    const char *dir = made(state, 2);
    if (getuid() != 0) {
        print_message("SKIPPED: not root, so no lake of another user\n");
        skip();
    }
    shell("cp -r %s/views/key %s/kept", dir, dir);
    tarn_lake *lake = lake_open(dir);
    put(lake, "n", "3");
    tarn_lake_close(lake);
    shell("rm -r %s/views/key && mv %s/kept %s/views/key", dir, dir, dir);
    shell("chmod -R go+rX,go-w %s && chmod 755 %s", dir, sandbox_dir(state));
    child_succeeds(child("reads_as_nobody", dir, -1, -1));
}

static void rebuild_makes_the_same_view(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = lake_open(made(state, 3));
    tarn_snapshot *snap = pin_version(lake, 2);
    snap_has(snap, "n", "2");
    ok(tarn_lake_rebuild(lake, "all", &err), &err);
    snap_has(snap, "n", "2");
    tarn_snapshot_free(snap);
    ok(tarn_lake_rebuild(lake, "column", &err), &err);
    refused(
        TARN_INVALID, tarn_lake_rebuild(lake, "colour", &err), &err, "colour");
    has(lake, "n", "3");
    is_sound(lake);
    put(lake, "n", "4");
    is_sound(lake);
    tarn_lake_close(lake);
}

/* Steps 3 to 5, each I/O call failing once: nothing is committed, or all of it,
 * and the lake goes on. */
static void a_commit_that_fails_anywhere_is_whole_or_nothing(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = made(state, 1);
    bool passed = false;
    for (int64_t n = 1; !passed; n += 1 + n / 6) {
        tarn_lake *lake = lake_open(dir);
        int64_t head = head_of(lake), version = -2;
        tarn_txn *txn = begin(lake);
        char fill = (char)('a' + n % 26);
        txn_object(txn, 1, "f", fill, 66000 + (size_t)n);
        txn_put(txn, "n", n % 2 ? "odd" : "even");
        tarn__fault_io(n, ENOSPC, false);
        tarn_status st = tarn_txn_commit(txn, &version, &err);
        passed = tarn__fault_io_count() < n;
        tarn__fault_io(0, 0, false);
        if (st != TARN_OK && st != TARN_UNKNOWN)
            assert_int_equal(-1, version);
        tarn_lake_close(lake);
        lake = lake_open(dir);
        if (st == TARN_OK)
            assert_int_equal(head + 1, head_of(lake));
        else if (st != TARN_UNKNOWN)
            assert_int_equal(head, head_of(lake));
        is_sound(lake);
        tarn_lake_close(lake);
        assert_true(n < 2000);
    }
}

int main(int argc, char **argv)
{
    static const child_fn children[] = {{"reads_as_nobody", reads_as_nobody}};
    int status;
    if (is_child(argc, argv, children, 1, &status))
        return status;
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(a_view_that_is_missing_is_made_anew),
        sandbox_test(log_and_objects_alone_are_the_lake),
        sandbox_test(a_view_that_is_behind_is_replayed),
        sandbox_test(entries_above_applied_are_invisible),
        sandbox_test(an_older_log_makes_the_view_anew),
        sandbox_test(another_timeline_makes_the_view_anew),
        sandbox_test(a_damaged_view_is_made_anew),
        sandbox_test(a_reader_that_may_not_write_reads_beside_a_damaged_view),
        sandbox_test(a_reader_that_may_not_write_lays_the_tail_over),
        sandbox_test(a_read_only_handle_refuses_to_write),
        sandbox_test(a_folder_of_another_user_is_readable),
        sandbox_test(rebuild_makes_the_same_view),
        sandbox_test(a_commit_that_fails_anywhere_is_whole_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

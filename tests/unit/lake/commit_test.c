/* Transactions and snapshots, the same on disk and in memory. */
#include "rig.h"

/* Each body runs on a lake of either backend. */
static void on_both(void **state, void (*body)(tarn_lake *lake))
{
    tarn_lake *lake = memory_lake();
    body(lake);
    tarn_lake_close(lake);
    lake = lake_open(lake_make(state));
    body(lake);
    is_sound(lake);
    tarn_lake_close(lake);
}
#define BOTH(name)                   \
    static void name(void **state)   \
    {                                \
        on_both(state, name##_body); \
    }

static void commit_then_read_back_body(tarn_lake *lake)
{
    assert_int_equal(1, put(lake, "a", "one"));
    has(lake, "a", "one");
    assert_int_equal(2, put(lake, "a", "two"));
    has(lake, "a", "two");
    assert_int_equal(3, rm(lake, "a"));
    has(lake, "a", NULL);
    has_at(lake, 0, "a", NULL);
    has_at(lake, 1, "a", "one");
    has_at(lake, 2, "a", "two");
    assert_int_equal(3, head_of(lake));
}
BOTH(commit_then_read_back)

static void many_operations_are_one_version_body(tarn_lake *lake)
{
    tarn_txn *txn = begin(lake);
    for (int i = 0; i < 100; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        txn_put(txn, name, name);
    }
    txn_rm(txn, "n50");
    assert_int_equal(1, commit(txn));
    has(lake, "n99", "n99");
    has(lake, "n50", NULL);
}
BOTH(many_operations_are_one_version)

static void operations_on_one_key_fold_in_order_body(tarn_lake *lake)
{
    tarn_txn *txn = begin(lake);
    txn_put(txn, "a", "1");
    txn_rm(txn, "a");
    txn_put(txn, "a", "2");
    txn_put(txn, "b", "1");
    txn_rm(txn, "b");
    commit(txn);
    has(lake, "a", "2");
    has(lake, "b", NULL);
}
BOTH(operations_on_one_key_fold_in_order)

static void a_transaction_reads_its_own_writes_body(tarn_lake *lake)
{
    put(lake, "a", "old");
    tarn_txn *txn = begin(lake);
    txn_put(txn, "a", "new");
    snap_has(tarn_txn_snapshot(txn), "a", "new");
    txn_rm(txn, "a");
    snap_has(tarn_txn_snapshot(txn), "a", NULL);
    has(lake, "a", "old");
    tarn_txn_abort(txn);
    has(lake, "a", "old");
    assert_int_equal(1, head_of(lake));
}
BOTH(a_transaction_reads_its_own_writes)

static void nothing_to_do_commits_nothing_body(tarn_lake *lake)
{
    put(lake, "a", "1");
    assert_int_equal(-1, commit(begin(lake)));
    assert_int_equal(-1, put(lake, "a", "1"));
    assert_int_equal(1, head_of(lake));
}
BOTH(nothing_to_do_commits_nothing)

static void a_snapshot_does_not_see_later_commits_body(tarn_lake *lake)
{
    put(lake, "a", "1");
    tarn_snapshot *snap = pin_version(lake, TARN_LATEST);
    assert_int_equal(1, tarn_snapshot_version(snap));
    put(lake, "a", "2");
    put(lake, "b", "2");
    snap_has(snap, "a", "1");
    snap_has(snap, "b", NULL);
    if (!lake->memory) { /* the view is closed and opened beneath it */
        tarn__sleep_us(3 * TARN__IDLE_US);
        snap_has(snap, "a", "1");
        put(lake, "a", "3");
        snap_has(snap, "a", "1");
    }
    tarn_snapshot_free(snap);
}
BOTH(a_snapshot_does_not_see_later_commits)

static void a_step_is_taken_again_when_the_head_has_moved_body(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t version = 0;
    put(lake, "a", "1");
    tarn_txn *first = begin(lake);
    tarn_txn *second = begin(lake);
    tarn_txn *third = begin(lake);
    txn_rm(first, "a");
    txn_rm(second, "a");
    txn_put(third, "b", "x");
    assert_int_equal(2, commit(first));
    /* Another path: not disturbed. */
    assert_int_equal(3, commit(third));
    /* The same path: as if it had come after. */
    refused(TARN_NOT_FOUND, tarn_txn_commit(second, &version, &err), &err,
        "not there");
    assert_int_equal(-1, version);
    assert_int_equal(3, head_of(lake));
}
BOTH(a_step_is_taken_again_when_the_head_has_moved)

static tarn_status put_if_absent(tarn_txn *txn, void *arg, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    tarn_status st =
        tarn_state_get(tarn_txn_snapshot(txn), "s", "a", &value, NULL);
    tarn_buf_reset(&value);
    (*(int *)arg)++;
    if (st == TARN_OK)
        return tarn__fail(err, TARN_EXISTS, "a: there (take another)");
    tarn__op op = TARN__OP_INIT;
    op.space = "state";
    op.kind = tarn_str("s");
    op.key = tarn_str("a");
    op.content = tarn_str("mine");
    op.size_bytes = 4;
    return tarn__txn_add(txn, &op, err);
}

static void a_rerun_step_sees_the_steps_before_it_body(tarn_lake *lake)
{
    static const tarn__step step = {put_if_absent, NULL};
    tarn_error err = TARN_ERROR_INIT;
    int runs = 0;
    tarn_txn *txn = begin(lake);
    ok(tarn__txn_step(txn, &step, &runs, &err), &err);
    assert_int_equal(TARN_EXISTS, tarn__txn_step(txn, &step, &runs, &err));
    assert_int_equal(2, runs);
    put(lake, "b", "moves the head");
    commit(txn); /* the one that passed, again */
    assert_int_equal(3, runs);
    has(lake, "a", "mine");
}
BOTH(a_rerun_step_sees_the_steps_before_it)

static tarn_status add_then_fail(tarn_txn *txn, void *arg, tarn_error *err)
{
    tarn__op op = TARN__OP_INIT;
    (void)arg;
    op.space = "state";
    op.kind = tarn_str("s");
    op.key = tarn_str("half");
    op.content = tarn_str("x");
    op.size_bytes = 1;
    tarn_status st = tarn__txn_add(txn, &op, err);
    return st == TARN_OK ? tarn__fail(err, TARN_FAILED, "late") : st;
}

static void a_step_that_failed_halfway_bars_the_commit_body(tarn_lake *lake)
{
    static const tarn__step step = {add_then_fail, NULL};
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = begin(lake);
    txn_put(txn, "a", "1");
    assert_int_equal(TARN_FAILED, tarn__txn_step(txn, &step, NULL, &err));
    refused(TARN_INVALID, tarn_txn_commit(txn, NULL, &err), &err, "half-way");
    has(lake, "a", NULL);
    has(lake, "half", NULL);
}
BOTH(a_step_that_failed_halfway_bars_the_commit)

static void expect_version_is_the_heads_body(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn_options options = TARN_TXN_OPTIONS_INIT;
    tarn_txn *txn = NULL;
    int64_t version = 0;
    put(lake, "a", "1");
    options.expect_version = 1;
    ok(tarn_txn_begin(lake, &options, &txn, &err), &err);
    txn_put(txn, "a", "2");
    assert_int_equal(2, commit(txn));
    ok(tarn_txn_begin(lake, &options, &txn, &err), &err);
    txn_put(txn, "a", "3");
    refused(TARN_CONFLICT, tarn_txn_commit(txn, &version, &err), &err,
        "version 2, not 1");
    assert_int_equal(-1, version);
    /* Also when there is nothing to commit. */
    ok(tarn_txn_begin(lake, &options, &txn, &err), &err);
    assert_int_equal(TARN_CONFLICT, tarn_txn_commit(txn, NULL, &err));
    has(lake, "a", "2");
}
BOTH(expect_version_is_the_heads)

static void versions_that_are_not_there_are_refused_body(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap = NULL;
    put(lake, "a", "1");
    refused(TARN_NOT_FOUND, tarn_snapshot_open(lake, 2, &snap, &err), &err,
        "newest is 1");
    assert_null(snap);
    refused(TARN_INVALID, tarn_snapshot_open(lake, -2, &snap, &err), &err,
        "0 or more");
    assert_null(snap);
}
BOTH(versions_that_are_not_there_are_refused)

static void states_are_listed_in_order_body(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    tarn_txn *txn = begin(lake);
    ok(tarn_state_put(txn, "b", "x", tarn_str("3"), &err), &err);
    ok(tarn_state_put(txn, "a", "y", tarn_str(""), &err), &err);
    ok(tarn_state_put(txn, "a", "x y/ö", tarn_str("1"), &err), &err);
    ok(tarn_state_put(txn, "ab", "x", tarn_str("2"), &err), &err);
    commit(txn);
    tarn_snapshot *snap = pin_version(lake, TARN_LATEST);
    ok(tarn_state_ls(snap, NULL, &rows, &err), &err);
    char *text = rows_text(rows);
    assert_string_equal("a|x y/ö|1|1\na|y||1\nab|x|2|1\nb|x|3|1\n", text);
    tarn_free(text);
    ok(tarn_state_ls(snap, "a", &rows, &err), &err);
    text = rows_text(rows);
    assert_string_equal("a|x y/ö|1|1\na|y||1\n", text);
    tarn_free(text);
    tarn_snapshot_free(snap);
}
BOTH(states_are_listed_in_order)

static void states_are_checked_body(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = begin(lake);
    char *large = tarn__calloc(1, TARN__INLINE_MAX_BYTES);
    refused(TARN_INVALID, tarn_state_put(txn, "", "n", tarn_str("v"), &err),
        &err, "scope");
    refused(TARN_INVALID, tarn_state_put(txn, "s", "", tarn_str("v"), &err),
        &err, "name");
    refused(TARN_INVALID, tarn_state_put(txn, "s", "\xff", tarn_str("v"), &err),
        &err, "UTF-8");
    refused(
        TARN_NOT_FOUND, tarn_state_rm(txn, "s", "n", &err), &err, "not there");
    refused(TARN_BAD_INPUT,
        tarn_state_put(
            txn, "s", "n", (tarn_slice){large, TARN__INLINE_MAX_BYTES}, &err),
        &err, "limit");
    ok(tarn_state_put(txn, "s", "n",
           (tarn_slice){large, TARN__INLINE_MAX_BYTES - 1}, &err),
        &err);
    tarn__free(large);
    commit(txn);
}
BOTH(states_are_checked)

static void values_may_hold_any_byte_body(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf value = TARN_BUF_INIT;
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)(uint8_t)i;
    tarn_txn *txn = begin(lake);
    ok(tarn_state_put(txn, "s", "n", (tarn_slice){bytes, 256}, &err), &err);
    commit(txn);
    tarn_snapshot *snap = pin_version(lake, TARN_LATEST);
    ok(tarn_state_get(snap, "s", "n", &value, &err), &err);
    assert_int_equal(256, value.len);
    assert_memory_equal(bytes, value.ptr, 256);
    tarn_buf_reset(&value);
    tarn_snapshot_free(snap);
}
BOTH(values_may_hold_any_byte)

static void times_rise_and_resolve_body(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t times[5], version;
    char text[TARN__TIME_TEXT_BYTES];
    for (int i = 1; i < 5; i++)
        put(lake, "a", i % 2 ? "x" : "y");
    for (int i = 0; i < 5; i++)
        ok(tarn__lake_version_time(lake, i, &times[i], &err), &err);
    for (int i = 1; i < 5; i++)
        assert_true(times[i] >= times[i - 1] + 1000);
    for (int i = 0; i < 5; i++) {
        /* The last commit not after it. */
        ok(tarn_lake_resolve(
               lake, tarn__time_format(times[i], text), &version, &err),
            &err);
        assert_int_equal(i, version);
        if (i > 0) {
            ok(tarn_lake_resolve(
                   lake, tarn__time_format(times[i] - 1, text), &version, &err),
                &err);
            assert_int_equal(i - 1, version);
        }
    }
    ok(tarn_lake_resolve(lake, "9999-01-01", &version, &err), &err);
    assert_int_equal(4, version);
    refused(TARN_NOT_FOUND,
        tarn_lake_resolve(
            lake, tarn__time_format(times[0] - 1, text), &version, &err),
        &err, "before the first");
    assert_int_equal(0, version);
    refused(TARN_NOT_FOUND, tarn_lake_resolve(lake, "5", &version, &err), &err,
        "newest is 4");
    assert_int_equal(0, version);
    refused(TARN_INVALID, tarn_lake_resolve(lake, "-1", &version, &err), &err,
        "-1");
    refused(TARN_INVALID, tarn_lake_resolve(lake, "soon", &version, &err), &err,
        "soon");
    ok(tarn_lake_resolve(lake, "3", &version, &err), &err);
    assert_int_equal(3, version);
}
BOTH(times_rise_and_resolve)

static void the_log_names_what_was_done(void **state)
{
    static const char *const argv[] = {
        "state", "put", "a b", "it's", "\xff\"", NULL};
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn_options options = TARN_TXN_OPTIONS_INIT;
    tarn_txn *txn = NULL;
    tarn_rows *rows = NULL;
    tarn_lake *lake = lake_open(lake_make(state));
    options.argv = argv;
    options.message = "why \"so\"\n\xfe";
    ok(tarn_txn_begin(lake, &options, &txn, &err), &err);
    txn_put(txn, "a", "1");
    txn_put(txn, "b", "1");
    commit(txn);
    put(lake, "a", "2");
    ok(tarn_lake_log(lake, -1, &rows, &err), &err);
    assert_int_equal(TARN_ROW, tarn_rows_next(rows, &err));
    assert_int_equal(2, tarn_rows_int64(rows, 0));
    assert_true(tarn_rows_is_null(rows, 4));
    assert_int_equal(TARN_ROW, tarn_rows_next(rows, &err));
    assert_int_equal(1, tarn_rows_int64(rows, 0));
    assert_string_equal(
        "state put 'a b' 'it'\\''s' '\xEF\xBF\xBD\"'", tarn_rows_text(rows, 2));
    assert_int_equal(2, tarn_rows_int64(rows, 3));
    assert_string_equal("why \"so\"\n\xEF\xBF\xBD", tarn_rows_text(rows, 4));
    assert_int_equal(TARN_ROW, tarn_rows_next(rows, &err));
    assert_string_equal("init", tarn_rows_text(rows, 2));
    assert_int_equal(TARN_OK, tarn_rows_next(rows, &err));
    tarn_rows_free(rows);
    ok(tarn_lake_log(lake, 1, &rows, &err), &err);
    assert_int_equal(TARN_ROW, tarn_rows_next(rows, &err));
    assert_int_equal(TARN_OK, tarn_rows_next(rows, &err));
    tarn_rows_free(rows);
    ok(tarn_lake_log(lake, 0, &rows, &err), &err);
    assert_int_equal(TARN_OK, tarn_rows_next(rows, &err));
    tarn_rows_free(rows);
    tarn_lake_close(lake);
}

static void status_tells_head_view_and_lock(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    tarn_lake *lake = lake_open(lake_make(state));
    put(lake, "a", "1");
    ok(tarn_lake_status(lake, &rows, &err), &err);
    char *text = rows_text(rows);
    assert_non_null(strstr(text, "label|a label\n"));
    assert_non_null(strstr(text, "head|1\n"));
    assert_non_null(strstr(text, "view_key|1\n"));
    assert_non_null(strstr(text, "log_files|1\n"));
    assert_non_null(strstr(text, "objects|0\n"));
    tarn_free(text);
    tarn_lake_close(lake);
}

static void a_memory_lake_says_what_it_has_not(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    int64_t version;
    tarn_lake *lake = memory_lake();
    (void)state;
    refused(TARN_INVALID, tarn_lake_status(lake, &rows, &err), &err, "memory");
    refused(TARN_INVALID, tarn_lake_gc(lake, NULL, &version, &rows, &err), &err,
        "memory");
    ok(tarn_lake_compact(lake, &version, &err), &err);
    assert_int_equal(-1, version);
    ok(tarn_lake_rebuild(lake, "all", &err), &err);
    is_sound(lake);
    tarn_lake_close(lake);
}

static void an_object_is_published_with_its_commit(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    tarn_txn *txn = begin(lake);
    txn_object(txn, 1, "a", 'x', 70000);
    tarn_txn_abort(txn);
    txn = begin(lake);
    txn_object(txn, 1, "a", 'y', 70000);
    commit(txn);
    is_sound(lake);
    shell("test $(find %s/objects -type f | wc -l) = 1", lake->at.dir);
    tarn_lake_close(lake);
    shell(
        "test $(find %s/tmp -type f | wc -l) = 0", sandbox_path(state, "lake"));
}

int main(void)
{
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(commit_then_read_back),
        sandbox_test(many_operations_are_one_version),
        sandbox_test(operations_on_one_key_fold_in_order),
        sandbox_test(a_transaction_reads_its_own_writes),
        sandbox_test(nothing_to_do_commits_nothing),
        sandbox_test(a_snapshot_does_not_see_later_commits),
        sandbox_test(a_step_is_taken_again_when_the_head_has_moved),
        sandbox_test(a_rerun_step_sees_the_steps_before_it),
        sandbox_test(a_step_that_failed_halfway_bars_the_commit),
        sandbox_test(expect_version_is_the_heads),
        sandbox_test(versions_that_are_not_there_are_refused),
        sandbox_test(states_are_listed_in_order),
        sandbox_test(states_are_checked),
        sandbox_test(values_may_hold_any_byte),
        sandbox_test(times_rise_and_resolve),
        sandbox_test(the_log_names_what_was_done),
        sandbox_test(status_tells_head_view_and_lock),
        sandbox_test(a_memory_lake_says_what_it_has_not),
        sandbox_test(an_object_is_published_with_its_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

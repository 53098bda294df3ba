/* Stores: lifetimes, locks, statements, sealing. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/sandbox.h"

#include <tarn/store.h>

static tarn_store_options options_of(void **state)
{
    tarn_store_options o = TARN_STORE_OPTIONS_INIT;
    o.temp_dir = sandbox_path(state, "temp");
    o.threads = 1;
    return o;
}

static tarn_store *open_store(void **state, const char *name)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    tarn_store_options o = options_of(state);
    if (tarn_store_open(sandbox_path(state, name), &o, &store, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return store;
}

static void run(tarn_store *store, const char *sql)
{
    tarn_error err = TARN_ERROR_INIT;
    if (tarn_store_exec(store, sql, &err) != TARN_OK)
        fail_msg("%s", err.message);
}

static void assert_scalar(tarn_store *store, const char *sql, const char *want)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf text = TARN_BUF_INIT;
    bool found;
    if (tarn_store_scalar(store, sql, NULL, 0, &text, &found, &err) != TARN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(found, want != NULL);
    if (want != NULL)
        assert_string_equal(text.ptr, want);
    tarn_buf_reset(&text);
}

/* How many entries the temporary folder has. */
static int temp_count(void **state)
{
    char command[600];
    int n = -1;
    (void)snprintf(command, sizeof command, "ls -A '%s' 2>/dev/null | wc -l",
        sandbox_path(state, "temp"));
    FILE *p = popen(command, "r");
    assert_int_equal(fscanf(p, "%d", &n), 1);
    pclose(p);
    return n;
}

static void rows_are_there_after_closing_and_opening_again(void **state)
{
    tarn_store *store = open_store(state, "a/b/s.db");
    run(store, "CREATE TABLE t AS SELECT 42 AS n");
    assert_int_equal(tarn_store_close(store, NULL), TARN_OK);
    tarn_store_free(store);
    assert_false(sandbox_exists(state, "a/b/s.db.wal"));
    store = open_store(state, "a/b/s.db");
    assert_scalar(store, "SELECT n FROM t", "42");
    tarn_store_free(store);
}

static void close_can_be_called_again(void **state)
{
    tarn_store *store = open_store(state, "s.db");
    assert_int_equal(tarn_store_close(store, NULL), TARN_OK);
    assert_int_equal(tarn_store_close(store, NULL), TARN_OK);
    assert_false(tarn_store_is_open(store));
    tarn_store_free(store);
}

static void a_closed_store_takes_no_statement(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_store *store = open_store(state, "s.db");
    assert_int_equal(tarn_store_close(store, NULL), TARN_OK);
    assert_int_equal(tarn_store_exec(store, "SELECT 1", &err), TARN_INVALID);
    assert_non_null(strstr(err.message, "is closed"));
    tarn_store_free(store);
}

static void close_reports_an_open_transaction_that_cannot_checkpoint(
    void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_store *store = open_store(state, "s.db");
    run(store, "BEGIN");
    run(store, "CREATE TABLE t (n INT)");
    assert_int_not_equal(tarn_store_close(store, &err), TARN_OK);
    assert_non_null(strstr(err.message, "closing"));
    assert_int_equal(tarn_store_close(store, &err), TARN_OK);
    tarn_store_free(store);
}

static void a_child_of_a_fork_takes_nothing_from_its_parent(void **state)
{
    tarn_store *store;
    int status;
    tarn_store_options o = options_of(state);
    assert_int_equal(tarn_store_ephemeral(&o, &store, NULL), TARN_OK);
    run(store, "CREATE TABLE t AS SELECT 42 AS n");
    pid_t child = fork();
    if (child == 0) {
        bool refused =
            tarn_store_exec(store, "DROP TABLE t", NULL) == TARN_INVALID;
        (void)!tarn_store_close(store, NULL);
        tarn_store_free(store);
        _exit(refused ? 0 : 1);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, status);
    assert_int_equal(0, access(tarn_store_path(store), F_OK));
    assert_scalar(store, "SELECT n FROM t", "42");
    tarn_store_free(store);
}

static void a_path_is_needed(void **state)
{
    (void)state;
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn_store_open(NULL, NULL, &store, &err), TARN_INVALID);
    assert_non_null(strstr(err.message, "ephemeral"));
    assert_null(store);
}

static void an_unusable_path_is_an_error(void **state)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    sandbox_write_text(state, "file", "x");
    assert_int_equal(
        tarn_store_open(sandbox_path(state, "file/s.db"), NULL, &store, &err),
        TARN_EXISTS);
    assert_non_null(strstr(err.message, "file"));
}

static void a_missing_store_is_not_made(void **state)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn_store_open_existing(sandbox_path(state, "no.db"),
                         true, NULL, &store, &err),
        TARN_NOT_FOUND);
    assert_non_null(strstr(err.message, "fetch"));
    assert_false(sandbox_exists(state, "no.db"));
}

static void a_file_that_is_no_database_is_corrupt(void **state)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    tarn_store_options o = options_of(state);
    char junk[9000];
    memset(junk, 'x', sizeof junk);
    sandbox_write(state, "junk.db", junk, sizeof junk);
    assert_int_equal(tarn_store_open_existing(sandbox_path(state, "junk.db"),
                         true, &o, &store, &err),
        TARN_CORRUPT);
}

static void a_read_only_store_refuses_writing(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_store_options o = options_of(state);
    tarn_store *store = open_store(state, "s.db");
    run(store, "CREATE TABLE t AS SELECT 1 AS n");
    tarn_store_free(store);
    tarn_store *other;
    const char *path = sandbox_path(state, "s.db");
    assert_int_equal(
        tarn_store_open_existing(path, true, &o, &store, &err), TARN_OK);
    assert_int_equal(
        tarn_store_open_existing(path, true, &o, &other, &err), TARN_OK);
    assert_scalar(other, "SELECT n FROM t", "1");
    static const char *const writes[] = {"INSERT INTO t VALUES (2)",
        "UPDATE t SET n = 3", "DELETE FROM t", "CREATE TABLE u (n INT)"};
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++)
        assert_int_equal(
            tarn_store_exec(store, writes[i], &err), TARN_BAD_INPUT);
    tarn_store_free(other);
    tarn_store_free(store);
}

static void a_held_lock_names_the_holder(void **state)
{
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        tarn_store *mine;
        if (tarn_store_open(sandbox_path(state, "s.db"), NULL, &mine, NULL) !=
                TARN_OK ||
            write(ready[1], "x", 1) != 1)
            _exit(1);
        sleep(600);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    tarn_store_options o = options_of(state);
    tarn_status st =
        tarn_store_open(sandbox_path(state, "s.db"), &o, &store, &err);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(st, TARN_LOCKED);
    char pid[32];
    (void)snprintf(pid, sizeof pid, "process %ld ", (long)child);
    assert_non_null(strstr(err.message, pid));
    o.wait_us = 5000000;
    assert_int_equal(
        tarn_store_open(sandbox_path(state, "s.db"), &o, &store, &err),
        TARN_OK);
    tarn_store_free(store);
}

static void an_ephemeral_store_is_gone_when_closed(void **state)
{
    tarn_store *store;
    tarn_store_options o = options_of(state);
    assert_int_equal(tarn_store_ephemeral(&o, &store, NULL), TARN_OK);
    run(store, "CREATE TABLE t AS SELECT 1 AS n");
    assert_int_equal(access(tarn_store_path(store), F_OK), 0);
    assert_int_equal(temp_count(state), 1);
    assert_int_equal(tarn_store_close(store, NULL), TARN_OK);
    assert_int_equal(temp_count(state), 0);
    tarn_store_free(store);
}

/* A child makes an ephemeral store and ends as `how` says: 0 exit(), else a
 * signal. */
static void leave_one(void **state, int how)
{
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        tarn_store *store;
        tarn_store_options o = options_of(state);
        if (tarn_store_ephemeral(&o, &store, NULL) != TARN_OK ||
            tarn_store_exec(store, "CREATE TABLE t AS SELECT 1", NULL) !=
                TARN_OK ||
            write(ready[1], "x", 1) != 1)
            _exit(1);
        if (how == 0)
            exit(0);
        for (int i = 0; i < 6000; i++)
            usleep(100000); /* ends early when a signal comes */
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    if (how != 0)
        kill(child, how);
    int status;
    waitpid(child, &status, 0);
    if (how != 0)
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == how);
    close(ready[0]);
    close(ready[1]);
}

static void an_ephemeral_store_is_gone_after_exit(void **state)
{
    leave_one(state, 0);
    assert_int_equal(temp_count(state), 0);
}

static void an_ephemeral_store_is_gone_after_sigterm(void **state)
{
    leave_one(state, SIGTERM);
    assert_int_equal(temp_count(state), 0);
}

static void an_ephemeral_store_is_gone_after_sigint(void **state)
{
    leave_one(state, SIGINT);
    assert_int_equal(temp_count(state), 0);
}

static void leftovers_of_a_killed_process_go_at_the_next_start(void **state)
{
    leave_one(state, SIGKILL);
    assert_int_equal(temp_count(state), 1);
    tarn_store *store;
    tarn_store_options o = options_of(state);
    assert_int_equal(tarn_store_ephemeral(&o, &store, NULL), TARN_OK);
    assert_int_equal(temp_count(state), 1);
    tarn_store_free(store);
    assert_int_equal(temp_count(state), 0);
}

static void stores_in_memory_are_independent(void **state)
{
    tarn_store *a;
    tarn_store *b;
    tarn_store_options o = options_of(state);
    assert_int_equal(tarn_store_memory(&o, &a, NULL), TARN_OK);
    assert_int_equal(tarn_store_memory(&o, &b, NULL), TARN_OK);
    run(a, "CREATE TABLE t AS SELECT 1 AS n");
    assert_int_equal(
        tarn_store_exec(b, "SELECT * FROM t", NULL), TARN_BAD_INPUT);
    assert_null(tarn_store_path(a));
    tarn_store_free(a);
    tarn_store_free(b);
}

static void values_are_bound(void **state)
{
    tarn_store *store;
    tarn_store_options o = options_of(state);
    tarn_rows *rows;
    assert_int_equal(tarn_store_memory(&o, &store, NULL), TARN_OK);
    const tarn_value values[] = {
        {.name = "a", .type = TARN_TEXT, .bytes = tarn_str("it's")},
        {.name = "b", .type = TARN_INT64, .i64 = 7}};
    assert_int_equal(tarn_store_query(store, "SELECT $a AS a, $b + 1 AS b",
                         values, 2, &rows, NULL),
        TARN_OK);
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    assert_string_equal(tarn_rows_text(rows, 0), "it's");
    assert_int_equal(tarn_rows_int64(rows, 1), 8);
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_OK);
    tarn_rows_free(rows);
    tarn_store_free(store);
}

static void a_scalar_of_null_or_of_no_row_is_not_found(void **state)
{
    tarn_store *store;
    tarn_store_options o = options_of(state);
    assert_int_equal(tarn_store_memory(&o, &store, NULL), TARN_OK);
    assert_scalar(store, "SELECT NULL", NULL);
    assert_scalar(store, "SELECT 1 WHERE false", NULL);
    assert_scalar(store, "SELECT 1", "1");
    tarn_store_free(store);
}

static void a_failed_statement_is_remembered(void **state)
{
    tarn_store *store;
    tarn_rows *rows;
    tarn_store_options o = options_of(state);
    assert_int_equal(tarn_store_memory(&o, &store, NULL), TARN_OK);
    assert_string_equal(tarn_store_last_failure(store).query, "");
    assert_int_equal(
        tarn_store_query(store, "SELECT nope", NULL, 0, &rows, NULL),
        TARN_BAD_INPUT);
    tarn_store_failure f = tarn_store_last_failure(store);
    assert_string_equal(f.query, "SELECT nope");
    assert_string_equal(f.type, "Binder");
    assert_non_null(strstr(f.message, "nope"));
    tarn_store_free(store);
}

static void an_arrow_stream_has_the_rows(void **state)
{
    tarn_store *store;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    tarn_store_options o = options_of(state);
    assert_int_equal(tarn_store_memory(&o, &store, NULL), TARN_OK);
    assert_int_equal(
        tarn_store_query_arrow(store, "SELECT 1 AS n", NULL, 0, &stream, NULL),
        TARN_OK);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    assert_int_equal(batch.length, 1);
    batch.release(&batch);
    stream.release(&stream);
    tarn_store_free(store);
}

static void a_published_store_stands_under_its_final_name(void **state)
{
    tarn_store *store = open_store(state, "s.tmp");
    tarn_error err = TARN_ERROR_INIT;
    run(store, "CREATE TABLE \"it's\" AS SELECT range AS n FROM range(10)");
    if (tarn_store_publish(store, sandbox_path(state, "s.db"), &err) != TARN_OK)
        fail_msg("%s", err.message);
    assert_false(tarn_store_is_open(store));
    tarn_store_free(store);
    assert_false(sandbox_exists(state, "s.tmp"));
    store = open_store(state, "s.db");
    assert_scalar(store, "SELECT count(*) FROM \"it's\"", "10");
    tarn_store_free(store);
}

static void what_a_killed_writer_spilled_goes_and_nothing_else(void **state)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    sandbox_write_text(state, "s.db.tmp/notes", "mine");
    sandbox_write_text(state, "s.db.tmp/duckdb_temp_storage_S32K-0.tmp", "");
    sandbox_write_text(state, "t.db.tmp/duckdb_temp_block-1.block", "");
    sandbox_write_text(state, "u.db.tmp", "mine");
    static const char *const names[] = {"s.db", "t.db", "u.db"};
    for (size_t i = 0; i < 3; i++) {
        if (tarn_store_open(
                sandbox_path(state, names[i]), NULL, &store, &err) != TARN_OK)
            fail_msg("%s", err.message);
        tarn_store_free(store);
    }
    assert_string_equal("mine", sandbox_read(state, "s.db.tmp/notes", NULL));
    assert_false(
        sandbox_exists(state, "s.db.tmp/duckdb_temp_storage_S32K-0.tmp"));
    assert_false(sandbox_exists(state, "t.db.tmp"));
    assert_string_equal("mine", sandbox_read(state, "u.db.tmp", NULL));
}

static void a_store_with_an_open_transaction_is_not_published(void **state)
{
    tarn_store *store = open_store(state, "s.tmp");
    run(store, "BEGIN");
    run(store, "CREATE TABLE t (n INT)");
    assert_int_not_equal(
        tarn_store_publish(store, sandbox_path(state, "s.db"), NULL), TARN_OK);
    tarn_store_free(store);
    assert_false(sandbox_exists(state, "s.db"));
}

static void the_default_path_is_below_the_home_folder(void **state)
{
    tarn_buf path = TARN_BUF_INIT;
    setenv("HOME", sandbox_dir(state), 1);
    assert_int_equal(tarn_store_default_path("p-1", &path, NULL), TARN_OK);
    assert_string_equal(path.ptr, sandbox_path(state, ".tarn/p-1.db"));
    tarn_buf_reset(&path);
    static const char *const bad[] = {"", ".x", "a/b", "a b", ".."};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(
            tarn_store_default_path(bad[i], &path, NULL), TARN_INVALID);
}

static void a_store_is_read_where_the_home_folder_cannot_be_written(
    void **state)
{
    tarn_store *store = open_store(state, "s.db");
    tarn_error err = TARN_ERROR_INIT;
    run(store, "CREATE TABLE t AS SELECT 1 AS n");
    tarn_store_free(store);
    sandbox_write_text(state, "home", "a file");
    setenv("HOME", sandbox_path(state, "home"), 1);
    if (tarn_store_open_existing(
            sandbox_path(state, "s.db"), true, NULL, &store, &err) != TARN_OK)
        fail_msg("%s", err.message);
    assert_scalar(store, "SELECT n FROM t", "1");
    tarn_store_free(store);
}

static void more_than_the_memory_limit_is_sorted_on_disk(void **state)
{
    tarn_store *store;
    tarn_store_options o = options_of(state);
    o.memory_bytes = 50000000;
    assert_int_equal(tarn_store_ephemeral(&o, &store, NULL), TARN_OK);
    assert_scalar(store,
        "SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY h) AS n FROM "
        "(SELECT hash(range) AS h, repeat('x', 20) AS p FROM range(2000000)))",
        "2000000");
    tarn_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(rows_are_there_after_closing_and_opening_again),
        sandbox_test(close_can_be_called_again),
        sandbox_test(a_closed_store_takes_no_statement),
        sandbox_test(close_reports_an_open_transaction_that_cannot_checkpoint),
        sandbox_test(a_child_of_a_fork_takes_nothing_from_its_parent),
        sandbox_test(a_path_is_needed),
        sandbox_test(an_unusable_path_is_an_error),
        sandbox_test(a_missing_store_is_not_made),
        sandbox_test(a_file_that_is_no_database_is_corrupt),
        sandbox_test(a_read_only_store_refuses_writing),
        sandbox_test(an_ephemeral_store_is_gone_when_closed),
        sandbox_test(stores_in_memory_are_independent),
        sandbox_test(values_are_bound),
        sandbox_test(a_scalar_of_null_or_of_no_row_is_not_found),
        sandbox_test(a_failed_statement_is_remembered),
        sandbox_test(an_arrow_stream_has_the_rows),
        sandbox_test(a_published_store_stands_under_its_final_name),
        sandbox_test(what_a_killed_writer_spilled_goes_and_nothing_else),
        sandbox_test(a_store_with_an_open_transaction_is_not_published),
        sandbox_test(the_default_path_is_below_the_home_folder),
        sandbox_test(a_store_is_read_where_the_home_folder_cannot_be_written),
        sandbox_test(more_than_the_memory_limit_is_sorted_on_disk),
    };
    /* First, while DuckDB has no threads here: a child of a fork has only the
     * one that forked. */
    const struct CMUnitTest processes[] = {
        sandbox_test(a_held_lock_names_the_holder),
        sandbox_test(an_ephemeral_store_is_gone_after_exit),
        sandbox_test(an_ephemeral_store_is_gone_after_sigterm),
        sandbox_test(an_ephemeral_store_is_gone_after_sigint),
        sandbox_test(leftovers_of_a_killed_process_go_at_the_next_start),
    };
    int failed = cmocka_run_group_tests(processes, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}

/* SQL over the log's rows; compaction and rewriting leave the answers. */
#include <unistd.h>

#include "delta_test_support.h"

static void rows_come_in_order_of_version_and_seq(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 2, "a");
    test_commit(delta, 2, 3, "b");
    test_commit(delta, 3, 1, "c");
    char rows[1024];
    test_rows(delta, 3, 0, 3, rows, sizeof(rows));
    assert_string_equal("1/0/a0 1/1/a1 2/0/b0 2/1/b1 2/2/b2 3/0/c0", rows);
    test_rows(delta, 3, 2, 2, rows, sizeof(rows));
    assert_string_equal("2/0/b0 2/1/b1 2/2/b2", rows);
    test_rows(delta, 2, 0, 9, rows, sizeof(rows)); /* the head bounds too */
    assert_string_equal("1/0/a0 1/1/a1 2/0/b0 2/1/b1 2/2/b2", rows);
    tarn__delta_close(delta);
}

static void no_file_gives_no_row_but_the_columns(void **state)
{
    tarn__delta *delta = test_table(state);
    char rows[64];
    test_rows(delta, 0, 0, 0, rows, sizeof(rows));
    assert_string_equal("", rows);
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    char text[512];
    char ask[1024];
    ok(tarn__delta_relation(delta, 0, &sql, &err), &err);
    (void)snprintf(ask, sizeof(ask),
        "SELECT string_agg(column_name || ' ' || column_type, ', ') FROM "
        "(DESCRIBE FROM %s)",
        sql.ptr);
    assert_string_equal("version BIGINT, seq INTEGER, space VARCHAR, "
                        "key VARCHAR, time TIMESTAMP WITH TIME ZONE, "
                        "content BLOB",
        test_ask(delta, ask, text, sizeof(text)));
    tarn_buf_reset(&sql);
    tarn__delta_close(delta);
}

static void the_relation_of_files_has_the_same_columns(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 1, "a");
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    char text[512];
    char ask[1024];
    ok(tarn__delta_relation(delta, 1, &sql, &err), &err);
    (void)snprintf(ask, sizeof(ask),
        "SELECT string_agg(column_name || ' ' || column_type, ', ') FROM "
        "(DESCRIBE FROM %s)",
        sql.ptr);
    assert_string_equal("version BIGINT, seq INTEGER, space VARCHAR, "
                        "key VARCHAR, time TIMESTAMP WITH TIME ZONE, "
                        "content BLOB",
        test_ask(delta, ask, text, sizeof(text)));
    tarn_buf_reset(&sql);
    tarn__delta_close(delta);
}

static void a_condition_filters(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 5, "a");
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    ok(tarn__delta_rows(
           delta, 1, 1, 1, "key", "key = 'a3' OR false", true, &rows, &err),
        &err);
    assert_int_equal(TARN_ROW, tarn__duck_next(rows, &cell, &err));
    assert_string_equal("a3", cell.bytes.ptr);
    assert_int_equal(TARN_OK, tarn__duck_next(rows, &cell, &err));
    tarn__duck_result_free(rows);
    tarn__delta_close(delta);
}

/* Files outside the versions asked for are not opened: they may even be
 * gone. */
static void statistics_skip_files(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 1, "a");
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    ok(tarn__delta_files(delta, 1, &files, &count, &err), &err);
    char name[128];
    (void)snprintf(name, sizeof(name), "log/%s", files[0].path);
    (void)sandbox_write_text(state, name, "gone");
    test_commit(delta, 2, 1, "b");
    char rows[64];
    test_rows(delta, 2, 2, 2, rows, sizeof(rows));
    assert_string_equal("2/0/b0", rows);
    tarn__delta_close(delta);
}

static void wildcards_in_the_folders_name_are_not_wildcards(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_options options = test_options(state);
    static const char *const names[] = {
        "a=b [1] it's * ?", "a=b [1] it's x y", "\xc3\xa9 {a,b} \\ %41"};
    for (int64_t i = 0; i < 3; i++) {
        const tarn__delta_write first = test_write(0);
        tarn__delta *delta = NULL;
        const char *dir = sandbox_path(state, names[i]);
        ok(tarn__delta_create(dir, &options, "id", &first, &err), &err);
        ok(tarn__delta_open(dir, &options, &delta, &err), &err);
        test_commit(delta, 1, (int)i + 1, "k");
        ok(tarn__delta_checkpoint(delta, 1, &err), &err);
        tarn__delta_close(delta);
    }
    for (int64_t i = 0; i < 3; i++) {
        tarn__delta *delta = NULL;
        ok(tarn__delta_open(
               sandbox_path(state, names[i]), &options, &delta, &err),
            &err);
        assert_int_equal(i + 1, test_count(delta, 1));
        tarn_buf sql = TARN_BUF_INIT;
        char text[64];
        char ask[2048];
        ok(tarn__delta_relation(delta, 1, &sql, &err), &err);
        (void)snprintf(ask, sizeof(ask),
            "SELECT count(*) FROM (DESCRIBE FROM %s)", sql.ptr);
        assert_string_equal("6", test_ask(delta, ask, text, sizeof(text)));
        tarn_buf_reset(&sql);
        tarn__delta_close(delta);
    }
}

/* Version 1's file holds these bytes, or is gone; what reading it says. */
static void assert_blamed(void **state, const char *bytes, const char *words)
{
    tarn__delta *delta = test_open(state);
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    ok(tarn__delta_files(delta, 1, &files, &count, &err), &err);
    char name[128];
    (void)snprintf(name, sizeof(name), "log/%s", files[0].path);
    if (bytes == NULL)
        assert_int_equal(0, unlink(sandbox_path(state, name)));
    else
        (void)sandbox_write(state, name, bytes, (size_t)files[0].size_bytes);
    tarn__duck_result *rows = NULL;
    assert_int_equal(TARN_CORRUPT,
        tarn__delta_rows(delta, 1, 0, 1, "key", NULL, true, &rows, &err));
    assert_null(rows);
    if (strstr(err.message, words) == NULL)
        fail_msg("%s", err.message);
    tarn__delta_scan *scan = NULL;
    tarn__cell cell;
    tarn_status st =
        tarn__delta_scan_open(delta, 1, 0, 1, "key", NULL, &scan, &err);
    if (st == TARN_OK)
        st = tarn__delta_scan_next(scan, &cell, &err);
    assert_int_equal(TARN_CORRUPT, st);
    tarn__delta_scan_close(scan);
    tarn__delta_close(delta);
}

static void a_data_file_that_does_not_read_is_named(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 1, "a");
    tarn__delta_close(delta);
    static const char garbage[65536] = "PAR1";
    assert_blamed(state, garbage, ".parquet");
    assert_blamed(state, NULL, "is gone");
}

static void a_cut_data_file_is_named(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 1, "a");
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    ok(tarn__delta_files(delta, 1, &files, &count, &err), &err);
    char name[128];
    (void)snprintf(name, sizeof(name), "log/%s", files[0].path);
    (void)sandbox_write_text(state, name, "PAR1");
    tarn__duck_result *rows = NULL;
    assert_int_equal(TARN_CORRUPT,
        tarn__delta_rows(delta, 1, 0, 1, "key", NULL, true, &rows, &err));
    assert_non_null(strstr(err.message, "has 4 bytes"));
    tarn__delta_close(delta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(rows_come_in_order_of_version_and_seq),
        sandbox_test(no_file_gives_no_row_but_the_columns),
        sandbox_test(the_relation_of_files_has_the_same_columns),
        sandbox_test(a_condition_filters),
        sandbox_test(statistics_skip_files),
        sandbox_test(a_data_file_that_does_not_read_is_named),
        sandbox_test(a_cut_data_file_is_named),
        sandbox_test(wildcards_in_the_folders_name_are_not_wildcards),
    };
    return cmocka_run_group_tests_name("delta/rows", tests, NULL, NULL);
}

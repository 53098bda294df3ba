/* Files live at a version, by way of checkpoints and without. */
#include <unistd.h>

#include "delta_test_support.h"

static void checkpoint(tarn__delta *delta, int64_t version)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__delta_checkpoint(delta, version, &err), &err);
}

/* Versions 1 to `last`, a row each; from version 2 on, every third also
 * removes the file of the version before. */
static void fill(tarn__delta *delta, int64_t last)
{
    tarn_error err = TARN_ERROR_INIT;
    char before[128] = "";
    for (int64_t v = 1; v <= last; v++) {
        tarn__delta_file file;
        ok(test_try_file(delta, v, 1, "k", &file, &err), &err);
        const char *const removes[] = {before};
        tarn__delta_write write = test_write(v);
        write.adds = &file;
        write.add_count = 1;
        write.removes = removes;
        write.remove_count = v > 1 && v % 3 == 0 ? 1 : 0;
        ok(tarn__delta_commit_write(delta, v, &write, NULL, &err), &err);
        (void)snprintf(before, sizeof(before), "%s", file.path);
        tarn__delta_file_reset(&file);
    }
}

static size_t expected_live(int64_t version)
{
    return (size_t)(version - version / 3);
}

static void remove_commits(void **state, int64_t from, int64_t to)
{
    for (int64_t v = from; v <= to; v++)
        assert_int_equal(0, unlink(sandbox_path(state, test_commit_name(v))));
}

static void live_files_follow_adds_and_removes(void **state)
{
    tarn__delta *delta = test_table(state);
    fill(delta, 20);
    for (int64_t v = 0; v <= 20; v++)
        assert_int_equal(expected_live(v), test_live(delta, v));
    for (int64_t v = 20; v >= 0; v--) /* and backwards */
        assert_int_equal(expected_live(v), test_live(delta, v));
    tarn__delta_close(delta);
}

static void a_checkpoint_stands_for_the_commits_before_it(void **state)
{
    tarn__delta *delta = test_table(state);
    fill(delta, 12);
    checkpoint(delta, 9);
    tarn__delta_close(delta);
    remove_commits(state, 0, 9);
    delta = test_open(state);
    char rows[1024];
    test_rows(delta, 12, 0, 12, rows, sizeof(rows));
    assert_string_equal("1/0/k0 3/0/k0 4/0/k0 6/0/k0 7/0/k0 9/0/k0 10/0/k0 "
                        "12/0/k0",
        rows);
    assert_int_equal(expected_live(9), test_live(delta, 9));
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    assert_int_equal(
        TARN_NOT_FOUND, tarn__delta_files(delta, 8, &files, &count, &err));
    tarn__delta_close(delta);
}

static void a_file_comes_out_of_a_checkpoint_as_it_went_in(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    test_commit(delta, 1, 5, "odd \" \\ \n \xc3\xa9 name-");
    const tarn__delta_file *files;
    size_t count;
    ok(tarn__delta_files(delta, 1, &files, &count, &err), &err);
    assert_int_equal(1, count);
    char path[128];
    char stats[1024];
    (void)snprintf(path, sizeof(path), "%s", files[0].path);
    (void)snprintf(stats, sizeof(stats), "%s", files[0].stats);
    const int64_t size_bytes = files[0].size_bytes;
    checkpoint(delta, 1);
    tarn__delta_close(delta);
    remove_commits(state, 0, 1);
    delta = test_open(state);
    ok(tarn__delta_files(delta, 1, &files, &count, &err), &err);
    assert_int_equal(1, count);
    assert_string_equal(path, files[0].path);
    assert_string_equal(stats, files[0].stats);
    assert_int_equal(size_bytes, files[0].size_bytes);
    assert_int_equal(TEST_TIME_MS + 1000, files[0].modified_ms);
    assert_int_equal(1, files[0].min_version);
    assert_int_equal(1, files[0].max_version);
    tarn__delta_close(delta);
}

/* A commit that removes a file of that name. */
static void remove_at(
    tarn__delta *delta, int64_t version, int64_t time_ms, const char *path)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *const removes[] = {path};
    tarn__delta_write write = test_write(version);
    write.timestamp_ms = time_ms;
    write.removes = removes;
    write.remove_count = 1;
    ok(tarn__delta_commit_write(delta, version, &write, NULL, &err), &err);
}

static void tombstones_younger_than_an_hour_are_kept(void **state)
{
    tarn__delta *delta = test_table(state);
    const int64_t now = TEST_TIME_MS + 2 * TARN__DELTA_HOUR_MS;
    remove_at(delta, 1, now - TARN__DELTA_HOUR_MS - 1, "data/old.parquet");
    remove_at(delta, 2, now - TARN__DELTA_HOUR_MS, "data/young \xc3\xa9%");
    remove_at(delta, 3, now, "data/new.parquet");
    checkpoint(delta, 3);
    char sql[1024];
    char text[256];
    (void)snprintf(sql, sizeof(sql),
        "SELECT string_agg(remove.path || ' ' || remove.dataChange, ', ' "
        "ORDER BY remove.path) FROM read_parquet('%s')",
        sandbox_path(state, test_checkpoint_name(3)));
    assert_string_equal("data/new.parquet true, data/young%20%C3%A9%25 true",
        test_ask(delta, sql, text, sizeof(text)));
    tarn__delta_close(delta);
    remove_commits(state, 0, 3);
    delta = test_open(state);
    assert_int_equal(0, test_live(delta, 3));
    tarn__delta_close(delta);
}

static void a_checkpoint_has_the_schema_that_readers_know(void **state)
{
    tarn__delta *delta = test_table(state);
    fill(delta, 3);
    checkpoint(delta, 3);
    char sql[1024];
    char text[2048];
    (void)snprintf(sql, sizeof(sql),
        "SELECT string_agg(column_name || ' ' || column_type, '; ') FROM "
        "(DESCRIBE FROM read_parquet('%s'))",
        sandbox_path(state, test_checkpoint_name(3)));
    assert_string_equal(
        "protocol STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER); "
        "metaData STRUCT(id VARCHAR, \"name\" VARCHAR, description VARCHAR, "
        "format STRUCT(provider VARCHAR, \"options\" MAP(VARCHAR, VARCHAR)), "
        "schemaString VARCHAR, partitionColumns VARCHAR[], "
        "\"configuration\" MAP(VARCHAR, VARCHAR), createdTime BIGINT); "
        "add STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), "
        "size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, "
        "stats VARCHAR); "
        "remove STRUCT(path VARCHAR, deletionTimestamp BIGINT, "
        "dataChange BOOLEAN)",
        test_ask(delta, sql, text, sizeof(text)));
    (void)snprintf(sql, sizeof(sql),
        "SELECT concat_ws(' ', count(*), count(protocol), count(metaData), "
        "count(add), count(remove), any_value(protocol), "
        "any_value(metaData.configuration['delta.enableExpiredLogCleanup']), "
        "count(add) FILTER (add.dataChange), any_value(add.partitionValues)) "
        "FROM read_parquet('%s')",
        sandbox_path(state, test_checkpoint_name(3)));
    assert_string_equal("5 1 1 2 1 {'minReaderVersion': 1, "
                        "'minWriterVersion': 2} false 0 {}",
        test_ask(delta, sql, text, sizeof(text)));
    assert_string_equal("{\"version\":3,\"size\":5}",
        sandbox_read(state, "log/_delta_log/_last_checkpoint", NULL));
    tarn__delta_close(delta);
}

static void checkpoints_follow_one_another(void **state)
{
    tarn__delta *delta = test_table(state);
    fill(delta, 30);
    checkpoint(delta, 10);
    checkpoint(delta, 20);
    checkpoint(delta, 20); /* again: as good as before */
    tarn__delta_close(delta);
    remove_commits(state, 0, 10);
    delta = test_open(state);
    for (int64_t v = 10; v <= 30; v++)
        assert_int_equal(expected_live(v), test_live(delta, v));
    tarn_error err = TARN_ERROR_INIT;
    int64_t head = -1;
    ok(tarn__delta_head(delta, -1, &head, &err), &err);
    assert_int_equal(30, head);
    tarn__delta_close(delta);
}

/* The live files at 12 of a table with checkpoints 5 and 9, opened anew. */
static size_t live_anew(void **state)
{
    tarn__delta *delta = test_open(state);
    size_t count = test_live(delta, 12);
    tarn__delta_close(delta);
    return count;
}

static void make_two_checkpoints(void **state)
{
    tarn__delta *delta = test_table(state);
    fill(delta, 12);
    checkpoint(delta, 5);
    checkpoint(delta, 9);
    tarn__delta_close(delta);
}

static void a_pointer_to_nothing_falls_back_to_listing(void **state)
{
    make_two_checkpoints(state);
    remove_commits(state, 0, 5);
    assert_int_equal(0, unlink(sandbox_path(state, test_checkpoint_name(9))));
    assert_int_equal(expected_live(12), live_anew(state));
}

static void a_pointer_that_is_gone_or_garbled_is_not_needed(void **state)
{
    make_two_checkpoints(state);
    remove_commits(state, 0, 9);
    static const char *const texts[] = {"", "{", "[]", "{\"version\":\"9\"}",
        "{\"version\":-1,\"size\":1}", "{\"version\":4,\"size\":1}",
        "{\"version\":9,\"parts\":2}", "{\"version\":999999}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        (void)sandbox_write_text(
            state, "log/_delta_log/_last_checkpoint", texts[i]);
        assert_int_equal(expected_live(12), live_anew(state));
    }
    assert_int_equal(
        0, unlink(sandbox_path(state, "log/_delta_log/_last_checkpoint")));
    assert_int_equal(expected_live(12), live_anew(state));
}

static void a_garbled_checkpoint_is_passed_over(void **state)
{
    make_two_checkpoints(state);
    (void)sandbox_write_text(state, test_checkpoint_name(9), "PAR1 no PAR1");
    assert_int_equal(expected_live(12), live_anew(state));
    (void)sandbox_write_text(state, test_checkpoint_name(5), "");
    assert_int_equal(expected_live(12), live_anew(state));
}

static void a_garbled_checkpoint_without_its_commits_is_corrupt(void **state)
{
    make_two_checkpoints(state);
    remove_commits(state, 0, 5);
    (void)sandbox_write_text(state, test_checkpoint_name(9), "PAR1 no PAR1");
    (void)sandbox_write_text(state, test_checkpoint_name(5), "");
    tarn__delta *delta = test_open(state);
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    assert_int_equal(
        TARN_CORRUPT, tarn__delta_files(delta, 12, &files, &count, &err));
    assert_non_null(strstr(err.message, ".checkpoint.parquet"));
    tarn__delta_close(delta);
}

/* A checkpoint made by SQL, so that it can say anything. */
static void write_checkpoint(
    void **state, tarn__delta *delta, int64_t version, const char *select)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck *duck = NULL;
    ok(tarn__delta_session(delta, &duck, &err), &err);
    ok(tarn__duck_execf(duck, &err, "COPY (%s) TO '%s' (FORMAT parquet)",
           select, sandbox_path(state, test_checkpoint_name(version))),
        &err);
}

static void a_checkpoint_with_features_that_we_lack_is_refused(void **state)
{
    tarn__delta *delta = test_table(state);
    fill(delta, 3);
    write_checkpoint(state, delta, 3,
        "SELECT {minReaderVersion: 3, minWriterVersion: 7} AS protocol");
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    assert_int_equal(
        TARN_FAILED, tarn__delta_files(delta, 3, &files, &count, &err));
    assert_non_null(strstr(err.message, "protocol (3,7)"));
    assert_non_null(strstr(err.message, "row 1"));
    write_checkpoint(
        state, delta, 3, "SELECT {appId: 'spark', version: 1} AS txn");
    assert_int_equal(
        TARN_FAILED, tarn__delta_files(delta, 3, &files, &count, &err));
    assert_non_null(strstr(err.message, "action txn"));
    tarn__delta_close(delta);
}

static void a_checkpoint_of_something_else_is_passed_over(void **state)
{
    tarn__delta *delta = test_table(state);
    fill(delta, 3);
    static const char *const selects[] = {
        "SELECT {minReaderVersion: 1, minWriterVersion: 2} AS protocol",
        "SELECT 1 AS add", "SELECT NULL::STRUCT(a INT) AS add",
        "SELECT {path: '../x', size: 1, modificationTime: 1} AS add",
        "SELECT {path: 'x', size: -1, modificationTime: 1} AS add"};
    for (size_t i = 0; i < sizeof(selects) / sizeof(selects[0]); i++) {
        write_checkpoint(state, delta, 2, selects[i]);
        tarn__delta_close(delta);
        delta = test_open(state);
        assert_int_equal(expected_live(3), test_live(delta, 3));
    }
    tarn__delta_close(delta);
}

static void a_checkpoint_is_due_after_a_hundred_versions(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    bool due;
    ok(tarn__delta_checkpoint_due(delta, 99, &due, &err), &err);
    assert_false(due);
    ok(tarn__delta_checkpoint_due(delta, 100, &due, &err), &err);
    assert_true(due);
    fill(delta, 5);
    checkpoint(delta, 5);
    ok(tarn__delta_checkpoint_due(delta, 105, &due, &err), &err);
    assert_false(due);
    ok(tarn__delta_checkpoint_due(delta, 106, &due, &err), &err);
    assert_true(due);
    tarn__delta_close(delta);
}

static void a_large_log_is_checkpointed_less_often(void **state)
{
    tarn__delta *delta = test_table(state);
    fill(delta, 5);
    checkpoint(delta, 5);
    (void)sandbox_write_text(state, "log/_delta_log/_last_checkpoint",
        "{\"version\":5,\"size\":5000}");
    tarn__delta_close(delta);
    delta = test_open(state);
    tarn_error err = TARN_ERROR_INIT;
    bool due;
    ok(tarn__delta_checkpoint_due(delta, 505, &due, &err), &err);
    assert_false(due);
    ok(tarn__delta_checkpoint_due(delta, 506, &due, &err), &err);
    assert_true(due);
    tarn__delta_close(delta);
}

static void a_far_checkpoint_is_a_short_cut(void **state)
{
    tarn__delta *delta = test_table(state);
    assert_int_equal(0, test_live(delta, 0));
    tarn__delta *writer = test_open(state);
    fill(writer, 230);
    checkpoint(writer, 220);
    tarn__delta_close(writer);
    remove_commits(state, 1, 220); /* read one by one they would be missed */
    assert_int_equal(expected_live(230), test_live(delta, 230));
    tarn__delta_close(delta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(live_files_follow_adds_and_removes),
        sandbox_test(a_checkpoint_stands_for_the_commits_before_it),
        sandbox_test(a_file_comes_out_of_a_checkpoint_as_it_went_in),
        sandbox_test(tombstones_younger_than_an_hour_are_kept),
        sandbox_test(a_checkpoint_has_the_schema_that_readers_know),
        sandbox_test(checkpoints_follow_one_another),
        sandbox_test(a_pointer_to_nothing_falls_back_to_listing),
        sandbox_test(a_pointer_that_is_gone_or_garbled_is_not_needed),
        sandbox_test(a_garbled_checkpoint_is_passed_over),
        sandbox_test(a_garbled_checkpoint_without_its_commits_is_corrupt),
        sandbox_test(a_checkpoint_with_features_that_we_lack_is_refused),
        sandbox_test(a_checkpoint_of_something_else_is_passed_over),
        sandbox_test(a_checkpoint_is_due_after_a_hundred_versions),
        sandbox_test(a_large_log_is_checkpointed_less_often),
        sandbox_test(a_far_checkpoint_is_a_short_cut),
    };
    return cmocka_run_group_tests_name("delta/checkpoint", tests, NULL, NULL);
}

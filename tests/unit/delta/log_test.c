/* Making a table, committing, and what the log folder answers. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "delta_test_support.h"

static void a_table_begins_with_version_0(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t head = -1;
    ok(tarn__delta_head(delta, -1, &head, &err), &err);
    assert_int_equal(0, head);
    assert_int_equal(0, test_live(delta, 0));
    const char *text = sandbox_read(state, test_commit_name(0), NULL);
    assert_string_equal(
        "{\"commitInfo\":{\"timestamp\":1700000000000,"
        "\"operation\":\"CREATE TABLE\","
        "\"operationParameters\":{\"mode\":\"Append\"},"
        "\"operationMetrics\":{\"numFiles\":\"0\",\"numRemovedFiles\":\"0\","
        "\"numOutputRows\":\"0\",\"numOutputBytes\":\"0\"},"
        "\"engineInfo\":\"tarn/0.1.0\",\"tarn\":\"{\\\"n\\\":1}\"}}\n"
        "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
        "{\"metaData\":{\"id\":\"00000000-0000-4000-8000-000000000000\","
        "\"format\":{\"provider\":\"parquet\",\"options\":{}},"
        "\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":["
        "{\\\"name\\\":\\\"version\\\",\\\"type\\\":\\\"long\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}},"
        "{\\\"name\\\":\\\"seq\\\",\\\"type\\\":\\\"integer\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}},"
        "{\\\"name\\\":\\\"space\\\",\\\"type\\\":\\\"string\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}},"
        "{\\\"name\\\":\\\"key\\\",\\\"type\\\":\\\"string\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}},"
        "{\\\"name\\\":\\\"time\\\",\\\"type\\\":\\\"timestamp\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}},"
        "{\\\"name\\\":\\\"content\\\",\\\"type\\\":\\\"binary\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}}]}\","
        "\"partitionColumns\":[],\"configuration\":{"
        "\"delta.enableExpiredLogCleanup\":\"false\","
        "\"delta.logRetentionDuration\":\"interval 36500 days\","
        "\"delta.deletedFileRetentionDuration\":\"interval 1 hour\"},"
        "\"createdTime\":1700000000000}}\n",
        text);
    tarn__delta_close(delta);
}

static void a_table_is_not_made_twice(void **state)
{
    test_make(state);
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_options options = test_options(state);
    tarn__delta_write first = test_write(0);
    assert_int_equal(TARN_CONFLICT,
        tarn__delta_create(sandbox_path(state, "log"), &options,
            "00000000-0000-4000-8000-000000000001", &first, &err));
    assert_non_null(strstr(sandbox_read(state, test_commit_name(0), NULL),
        "00000000-0000-4000-8000-000000000000"));
}

static void a_commit_reads_back(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_file file;
    ok(test_try_file(delta, 1, 3, "k", &file, &err), &err);
    const char *const removes[] = {"data/gone.parquet"};
    tarn__delta_write write = test_write(1);
    write.adds = &file;
    write.add_count = 1;
    write.removes = removes;
    write.remove_count = 1;
    write.tarn = "{\"message\":\"\xc3\xa9 \\\" \\n\"}";
    uint8_t sha256[32];
    ok(tarn__delta_commit_write(delta, 1, &write, sha256, &err), &err);

    tarn__delta_commit commit;
    ok(tarn__delta_read(delta, 1, &commit, &err), &err);
    assert_int_equal(1, commit.version);
    assert_int_equal(TEST_TIME_MS + 1000, commit.timestamp_ms);
    assert_string_equal("WRITE", commit.operation);
    assert_string_equal(write.tarn, commit.tarn);
    assert_int_equal(1, commit.add_count);
    assert_string_equal(file.path, commit.adds[0].path);
    assert_int_equal(file.size_bytes, commit.adds[0].size_bytes);
    assert_int_equal(file.modified_ms, commit.adds[0].modified_ms);
    assert_string_equal(file.stats, commit.adds[0].stats);
    assert_int_equal(1, commit.adds[0].min_version);
    assert_int_equal(1, commit.adds[0].max_version);
    assert_true(commit.adds[0].data_change);
    assert_int_equal(1, commit.remove_count);
    assert_string_equal("data/gone.parquet", commit.removes[0]);
    assert_memory_equal(sha256, commit.sha256, 32);
    tarn__delta_commit_reset(&commit);
    tarn__delta_file_reset(&file);
    tarn__delta_close(delta);
}

static void a_data_file_is_where_the_log_says(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_file file;
    ok(test_try_file(delta, 1, 1, "k", &file, &err), &err);
    char name[128];
    (void)snprintf(name, sizeof(name), "log/%s", file.path);
    size_t len = 0;
    (void)sandbox_read(state, name, &len);
    assert_int_equal(len, file.size_bytes);
    assert_memory_equal("data/", file.path, 5);
    tarn__delta_file_reset(&file);
    tarn__delta_close(delta);
}

static void a_commit_is_never_overwritten(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 1, "a");
    const char *before = sandbox_read(state, test_commit_name(1), NULL);
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_write write = test_write(1);
    assert_int_equal(
        TARN_CONFLICT, tarn__delta_commit_write(delta, 1, &write, NULL, &err));
    assert_non_null(strstr(err.message, "version 1"));
    assert_string_equal(before, sandbox_read(state, test_commit_name(1), NULL));
    tarn__delta_close(delta);
}

static void a_commits_file_has_the_commits_time(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 1, "a");
    struct stat st;
    assert_int_equal(0, stat(sandbox_path(state, test_commit_name(1)), &st));
    assert_int_equal(TEST_TIME_MS / 1000 + 1, st.st_mtim.tv_sec);
    assert_int_equal(0, st.st_mtim.tv_nsec);
    tarn__delta_close(delta);
}

static void the_hash_is_that_of_the_file(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    size_t len = 0;
    const char *bytes = sandbox_read(state, test_commit_name(0), &len);
    uint8_t expected[32];
    ok(tarn__sha256_of((tarn_slice){bytes, len}, expected, &err), &err);
    uint8_t sha256[32];
    int64_t timestamp_ms;
    ok(tarn__delta_fingerprint(delta, 0, sha256, &timestamp_ms, &err), &err);
    assert_memory_equal(expected, sha256, 32);
    assert_int_equal(TEST_TIME_MS, timestamp_ms);
    tarn__delta_close(delta);
}

static void a_version_that_is_not_there_is_not_found(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_commit commit;
    assert_int_equal(TARN_NOT_FOUND, tarn__delta_read(delta, 1, &commit, &err));
    const tarn__delta_file *files;
    size_t count;
    assert_int_equal(
        TARN_NOT_FOUND, tarn__delta_files(delta, 1, &files, &count, &err));
    assert_int_equal(
        TARN_NOT_FOUND, tarn__delta_files(delta, -1, &files, &count, &err));
    assert_int_equal(0, test_live(delta, 0)); /* and nothing is spoilt */
    tarn__delta_close(delta);
}

/* Commits without data: names and times are all that these tests need. */
static void commit_many(tarn__delta *delta, int64_t from, int64_t to)
{
    for (int64_t v = from; v <= to; v++) {
        tarn_error err = TARN_ERROR_INIT;
        const tarn__delta_write write = test_write(v);
        ok(tarn__delta_commit_write(delta, v, &write, NULL, &err), &err);
    }
}

static void the_head_is_found_from_any_hint(void **state)
{
    tarn__delta *delta = test_table(state);
    commit_many(delta, 1, 21);
    for (int64_t hint = -1; hint <= 23; hint++) {
        tarn_error err = TARN_ERROR_INIT;
        int64_t head = -1;
        ok(tarn__delta_head(delta, hint, &head, &err), &err);
        assert_int_equal(21, head);
    }
    tarn__delta_close(delta);
}

static void a_gap_is_named(void **state)
{
    tarn__delta *delta = test_table(state);
    commit_many(delta, 1, 5);
    assert_int_equal(0, unlink(sandbox_path(state, test_commit_name(3))));
    tarn_error err = TARN_ERROR_INIT;
    int64_t head;
    assert_int_equal(TARN_CORRUPT, tarn__delta_head(delta, -1, &head, &err));
    assert_non_null(strstr(err.message, "version 3 is missing"));
    const tarn__delta_file *files;
    size_t count;
    assert_int_equal(
        TARN_CORRUPT, tarn__delta_files(delta, 5, &files, &count, &err));
    assert_non_null(strstr(err.message, "version 3 is missing"));
    tarn__delta_close(delta);
}

static void no_log_is_corrupt_not_empty(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t head;
    (void)sandbox_mkdir(state, "log");
    tarn__delta *delta = test_open(state);
    assert_int_equal(TARN_CORRUPT, tarn__delta_head(delta, -1, &head, &err));
    (void)sandbox_mkdir(state, "log/_delta_log");
    assert_int_equal(TARN_CORRUPT, tarn__delta_head(delta, -1, &head, &err));
    assert_int_equal(TARN_CORRUPT, tarn__delta_first(delta, &head, &err));
    tarn__delta_close(delta);
}

static void foreign_names_in_the_log_folder_are_passed_over(void **state)
{
    tarn__delta *delta = test_table(state);
    static const char *const names[] = {"_commits", "0.json",
        "00000000000000000009.json.tmp", ".00000000000000000009.json.crc",
        "00000000000000000009.crc", "0000000000000000000x.json",
        "99999999999999999999.json"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char name[128];
        (void)snprintf(name, sizeof(name), "log/_delta_log/%s", names[i]);
        (void)sandbox_write_text(state, name, "{}");
    }
    tarn_error err = TARN_ERROR_INIT;
    int64_t head = -1;
    ok(tarn__delta_head(delta, -1, &head, &err), &err);
    assert_int_equal(0, head);
    tarn__delta_close(delta);
}

static void the_first_version_is_the_end_of_the_unbroken_run(void **state)
{
    tarn__delta *delta = test_table(state);
    commit_many(delta, 1, 6);
    tarn_error err = TARN_ERROR_INIT;
    int64_t first = -1;
    ok(tarn__delta_first(delta, &first, &err), &err);
    assert_int_equal(0, first);
    assert_int_equal(0, unlink(sandbox_path(state, test_commit_name(2))));
    ok(tarn__delta_first(delta, &first, &err), &err);
    assert_int_equal(3, first);
    tarn__delta_close(delta);
}

static int64_t at(tarn__delta *delta, int64_t head, int64_t time_us)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t version = -1;
    ok(tarn__delta_version_at(delta, head, time_us, &version, &err), &err);
    return version;
}

static void a_time_means_the_last_commit_not_after_it(void **state)
{
    tarn__delta *delta = test_table(state);
    commit_many(delta, 1, 9);
    for (int64_t v = 0; v <= 9; v++) {
        int64_t us = (TEST_TIME_MS + v * 1000) * 1000;
        assert_int_equal(v, at(delta, 9, us));
        assert_int_equal(v, at(delta, 9, us + 999));
        if (v > 0)
            assert_int_equal(v - 1, at(delta, 9, us - 1));
    }
    assert_int_equal(9, at(delta, 9, INT64_MAX));
    assert_int_equal(4, at(delta, 4, INT64_MAX)); /* not beyond the head */
    tarn__delta_close(delta);
}

static void a_time_before_the_first_commit_is_not_found(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t version;
    assert_int_equal(TARN_NOT_FOUND,
        tarn__delta_version_at(
            delta, 0, TEST_TIME_MS * 1000 - 1, &version, &err));
    assert_non_null(strstr(err.message, "2023-11-14T22:13:20Z"));
    assert_int_equal(TARN_NOT_FOUND,
        tarn__delta_version_at(delta, 0, INT64_MIN, &version, &err));
    tarn__delta_close(delta);
}

static void a_commit_without_our_field_is_foreign(void **state)
{
    tarn__delta *delta = test_table(state);
    commit_many(delta, 1, 2);
    (void)sandbox_write_text(state, test_commit_name(3),
        "{\"add\":{\"path\":\"data/a%20b.parquet\",\"partitionValues\":{},"
        "\"size\":1,\"modificationTime\":5,\"dataChange\":true}}\n"
        "{\"commitInfo\":{\"timestamp\":7,\"operation\":\"WRITE\"}}");
    commit_many(delta, 4, 5);
    tarn_error err = TARN_ERROR_INIT;
    int64_t foreign;
    ok(tarn__delta_foreign(delta, 0, 2, &foreign, &err), &err);
    assert_int_equal(-1, foreign);
    ok(tarn__delta_foreign(delta, 0, 5, &foreign, &err), &err);
    assert_int_equal(3, foreign);
    tarn__delta_commit commit;
    ok(tarn__delta_read(delta, 3, &commit, &err), &err);
    assert_null(commit.tarn);
    assert_int_equal(7, commit.timestamp_ms);
    assert_string_equal("data/a b.parquet", commit.adds[0].path);
    assert_true(commit.adds[0].max_version == INT64_MAX);
    tarn__delta_commit_reset(&commit);
    tarn__delta_close(delta);
}

static void a_commit_without_a_time_has_its_files(void **state)
{
    tarn__delta *delta = test_table(state);
    const char *path = sandbox_write_text(state, test_commit_name(1),
        "{\"remove\":{\"path\":\"x\",\"dataChange\":true}}\n");
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__path_set_mtime(path, INT64_C(1234567890), &err), &err);
    uint8_t sha256[32];
    int64_t timestamp_ms;
    ok(tarn__delta_fingerprint(delta, 1, sha256, &timestamp_ms, &err), &err);
    assert_int_equal(1234567, timestamp_ms);
    tarn__delta_commit commit;
    ok(tarn__delta_read(delta, 1, &commit, &err), &err);
    assert_int_equal(1234567, commit.timestamp_ms);
    tarn__delta_commit_reset(&commit);
    tarn__delta_close(delta);
}

static void syncing_needs_the_version(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__delta_sync(delta, 0, &err), &err);
    assert_int_equal(TARN_NOT_FOUND, tarn__delta_sync(delta, 1, &err));
    tarn__delta_close(delta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_table_begins_with_version_0),
        sandbox_test(a_table_is_not_made_twice),
        sandbox_test(a_commit_reads_back),
        sandbox_test(a_data_file_is_where_the_log_says),
        sandbox_test(a_commit_is_never_overwritten),
        sandbox_test(a_commits_file_has_the_commits_time),
        sandbox_test(the_hash_is_that_of_the_file),
        sandbox_test(a_version_that_is_not_there_is_not_found),
        sandbox_test(the_head_is_found_from_any_hint),
        sandbox_test(a_gap_is_named),
        sandbox_test(no_log_is_corrupt_not_empty),
        sandbox_test(foreign_names_in_the_log_folder_are_passed_over),
        sandbox_test(the_first_version_is_the_end_of_the_unbroken_run),
        sandbox_test(a_time_means_the_last_commit_not_after_it),
        sandbox_test(a_time_before_the_first_commit_is_not_found),
        sandbox_test(a_commit_without_our_field_is_foreign),
        sandbox_test(a_commit_without_a_time_has_its_files),
        sandbox_test(syncing_needs_the_version),
    };
    return cmocka_run_group_tests_name("delta/log", tests, NULL, NULL);
}

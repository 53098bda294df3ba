/* Bytes of others: what is refused, how, and that the place is named. */
#include "delta_test_support.h"

#define ADD(members)                                                \
    "{\"add\":{\"path\":\"data/x.parquet\",\"partitionValues\":{}," \
    "\"size\":1,\"modificationTime\":1,\"dataChange\":true" members "}}"

/* Version 1 has this text; reading it fails so, and says `words`. */
static void assert_refused(
    void **state, const char *text, tarn_status code, const char *words)
{
    tarn__delta *delta = test_open(state);
    (void)sandbox_write_text(state, test_commit_name(1), text);
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_commit commit;
    tarn_status st = tarn__delta_read(delta, 1, &commit, &err);
    if (st != code || strstr(err.message, words) == NULL ||
        strstr(err.message, "00000000000000000001.json") == NULL)
        fail_msg("%s\ngives %s: %s", text, tarn_status_name(st), err.message);
    assert_null(commit.adds);
    assert_null(commit.operation);
    const tarn__delta_file *files;
    size_t count;
    assert_int_equal(code, tarn__delta_files(delta, 1, &files, &count, &err));
    assert_int_equal(0, count);
    tarn__delta_close(delta);
}

static void assert_read(void **state, const char *text)
{
    tarn__delta *delta = test_open(state);
    (void)sandbox_write_text(state, test_commit_name(1), text);
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_commit commit;
    ok(tarn__delta_read(delta, 1, &commit, &err), &err);
    tarn__delta_commit_reset(&commit);
    tarn__delta_close(delta);
}

static void torn_and_garbled_files_are_corrupt(void **state)
{
    test_make(state);
    static const char *const texts[] = {"", "\n \n", "{", "[]", "7", "null",
        "{}", "{\"add\":7}", "{\"add\":null}", "{\"add\":{}}",
        "{\"commitInfo\":{\"timestamp\":1", "\xff\xfe",
        "{\"commitInfo\":{},\"remove\":{\"path\":\"x\"}}",
        "{\"commitInfo\":{\"a\":1,\"a\":2}}", "{\"remove\":{}}",
        "{\"remove\":{\"path\":7}}",
        "{\"remove\":{\"path\":\"a\\u0000b\",\"dataChange\":true}}",
        "{\"remove\":{\"path\":\"x\",\"dataChange\":\"true\"}}",
        "{\"remove\":{\"path\":\"x\",\"deletionTimestamp\":\"1\"}}",
        ADD(",\"stats\":{}"),
        "{\"add\":{\"path\":\"x\",\"size\":-1,\"modificationTime\":1}}",
        "{\"add\":{\"path\":\"x\",\"size\":1.5,\"modificationTime\":1}}",
        "{\"add\":{\"path\":\"x\",\"size\":1e400,\"modificationTime\":1}}",
        "{\"add\":{\"path\":\"x\",\"size\":99999999999999999999,"
        "\"modificationTime\":1}}",
        "{\"add\":{\"path\":\"x\",\"size\":1}}",
        "{\"protocol\":{\"minReaderVersion\":\"1\"}}",
        "{\"protocol\":{\"minReaderVersion\":1}}",
        "{\"protocol\":{\"minReaderVersion\":0,\"minWriterVersion\":0}}",
        "{\"metaData\":{}}", "{\"metaData\":{\"schemaString\":\"{\"}}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_refused(state, texts[i], TARN_CORRUPT, "");
}

static void a_line_is_named(void **state)
{
    test_make(state);
    assert_refused(state,
        "{\"commitInfo\":{\"timestamp\":1}}\n\n" ADD("") "\n{\"add\":7}\n",
        TARN_CORRUPT, "line 4");
    assert_refused(state, ADD("") "\n{\"comm", TARN_CORRUPT, "line 2");
}

static void paths_that_leave_the_table_are_refused(void **state)
{
    test_make(state);
    static const char *const paths[] = {"", "/etc/passwd", "../x", "a/../x",
        "a/..", "..", ".", "./a", "a//b", "a/", "%2Fetc", "%2e%2e/x",
        "a/%2E%2E/x", "file:///x", "s3://b/x", "s3:x", "data/%", "data/%4",
        "data/%zz", "data/%00", "data/%ff"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char text[256];
        (void)snprintf(text, sizeof(text),
            "{\"remove\":{\"path\":\"%s\",\"dataChange\":true}}", paths[i]);
        assert_refused(state, text, TARN_CORRUPT, "path");
    }
}

static void odd_paths_beneath_the_table_are_read(void **state)
{
    test_make(state);
    static const char *const paths[] = {"a", "a..b/c", "...", "data/a:b",
        "data/%C3%A9%20%25", "data/\xc3\xa9 +?*", "data/.x"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char text[256];
        (void)snprintf(text, sizeof(text),
            "{\"remove\":{\"path\":\"%s\",\"dataChange\":true}}", paths[i]);
        assert_read(state, text);
    }
}

static void a_path_survives_spelling_and_reading(void **state)
{
    (void)state;
    char path[256];
    for (int i = 1; i < 128; i++)
        path[i - 1] = i == '/' || i == ':' ? 'x' : (char)i;
    (void)snprintf(path + 127, 64, "%s", "/\xc3\xa9/\xf0\x9f\x98\x80/%41");
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf text = TARN_BUF_INIT;
    char *back = NULL;
    ok(tarn__log_path_encode(&text, path, &err), &err);
    ok(tarn__log_path_decode(text.ptr, "here", &back, &err), &err);
    assert_string_equal(path, back);
    tarn__free(back);
    tarn_buf_reset(&text);
}

static void features_that_we_lack_are_refused_by_name(void **state)
{
    test_make(state);
    static const char *const cases[][2] = {
        {"{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,"
         "\"readerFeatures\":[\"deletionVectors\"]}}",
            "protocol (3,7)"},
        {"{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":4}}",
            "protocol (1,4)"},
        {"{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2,"
         "\"writerFeatures\":[]}}",
            "writerFeatures"},
        {ADD(",\"deletionVector\":{\"storageType\":\"u\"}"), "deletionVector"},
        {"{\"remove\":{\"path\":\"x\",\"deletionVector\":{}}}",
            "deletionVector"},
        {"{\"add\":{\"path\":\"p=1/x\",\"partitionValues\":{\"p\":\"1\"},"
         "\"size\":1,\"modificationTime\":1,\"dataChange\":true}}",
            "partitionValues"},
        {"{\"txn\":{\"appId\":\"a\",\"version\":1}}", "action txn"},
        {"{\"domainMetadata\":{\"domain\":\"d\"}}", "action domainMetadata"},
        {"{\"cdc\":{\"path\":\"x\"}}", "action cdc"},
        {"{\"sidecar\":{\"path\":\"x\"}}", "action sidecar"},
        {"{\"checkpointMetadata\":{\"version\":1}}",
            "action checkpointMetadata"},
        {"{\"somethingNew\":{}}", "action somethingNew"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(state, cases[i][0], TARN_FAILED, cases[i][1]);
}

static void another_table_is_refused(void **state)
{
    test_make(state);
    assert_refused(state,
        "{\"metaData\":{\"id\":\"i\",\"format\":{\"provider\":\"parquet\"},"
        "\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":["
        "{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"long\\\"}]}\"}}",
        TARN_FAILED, "another schema");
    assert_refused(state,
        "{\"metaData\":{\"id\":\"i\",\"format\":{\"provider\":\"parquet\"},"
        "\"partitionColumns\":[\"a\"],\"schemaString\":\"{}\"}}",
        TARN_FAILED, "partitionColumns");
    assert_refused(state,
        "{\"metaData\":{\"id\":\"i\",\"format\":{\"provider\":\"parquet\"},"
        "\"configuration\":{\"delta.columnMapping.mode\":\"name\"},"
        "\"schemaString\":\"{}\"}}",
        TARN_FAILED, "delta.columnMapping.mode=name");
    assert_refused(state,
        "{\"metaData\":{\"id\":\"i\",\"format\":{\"provider\":\"orc\"},"
        "\"schemaString\":\"{}\"}}",
        TARN_CORRUPT, "format.provider");
}

static void a_first_commit_without_its_table_is_corrupt(void **state)
{
    (void)sandbox_mkdir(state, "log/_delta_log");
    (void)sandbox_write_text(state, test_commit_name(0),
        "{\"commitInfo\":{\"timestamp\":1,\"operation\":\"x\"}}\n");
    tarn__delta *delta = test_open(state);
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    assert_int_equal(
        TARN_CORRUPT, tarn__delta_files(delta, 0, &files, &count, &err));
    assert_non_null(strstr(err.message, "protocol"));
    tarn__delta_close(delta);
}

static void unknown_members_are_passed_over(void **state)
{
    test_make(state);
    assert_read(
        state, ADD(",\"tags\":{\"a\":\"b\"},\"baseRowId\":null,\"new\":[1]"));
    assert_read(
        state, "{\"commitInfo\":{\"timestamp\":\"soon\",\"tarn\":{\"a\":1}}}");
    assert_read(state, "\r\n{\"commitInfo\":{}}\r\n\r\n");
}

static void deep_nesting_is_refused_not_followed(void **state)
{
    test_make(state);
    enum { DEPTH = 100000 };
    char *text = tarn__malloc(2 * DEPTH + 64);
    assert_non_null(text);
    int len = snprintf(text, 64, "{\"commitInfo\":{\"a\":");
    memset(text + len, '[', DEPTH);
    memset(text + len + DEPTH, ']', DEPTH);
    memcpy(text + len + 2 * DEPTH, "}}", 3);
    assert_refused(state, text, TARN_CORRUPT, "line 1");
    tarn__free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(torn_and_garbled_files_are_corrupt),
        sandbox_test(a_line_is_named),
        sandbox_test(paths_that_leave_the_table_are_refused),
        sandbox_test(odd_paths_beneath_the_table_are_read),
        cmocka_unit_test(a_path_survives_spelling_and_reading),
        sandbox_test(features_that_we_lack_are_refused_by_name),
        sandbox_test(another_table_is_refused),
        sandbox_test(a_first_commit_without_its_table_is_corrupt),
        sandbox_test(unknown_members_are_passed_over),
        sandbox_test(deep_nesting_is_refused_not_followed),
    };
    return cmocka_run_group_tests_name("delta/refuse", tests, NULL, NULL);
}

/* A table in the sandbox, and what writes and asks it, for the tests of this
 * room. */
#ifndef TARN_DELTA_TEST_SUPPORT_H
#define TARN_DELTA_TEST_SUPPORT_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "delta/delta_internal.h"
#include "os/file.h"
#include "support/sandbox.h"

static const tarn__pq_column test_columns[] = {
    {"version", TARN__PQ_INT64, true},
    {"seq", TARN__PQ_INT32, false},
    {"space", TARN__PQ_STRING, true},
    {"key", TARN__PQ_STRING, true},
    {"time", TARN__PQ_TIMESTAMP, true},
    {"content", TARN__PQ_BINARY, false},
};
#define TEST_COLUMNS (sizeof(test_columns) / sizeof(test_columns[0]))

/* The time of version 0; version v is v seconds later. */
#define TEST_TIME_MS INT64_C(1700000000000)

static inline void ok(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s: %s", tarn_status_name(st), err->message);
}

static inline tarn__delta_options test_options(void **state)
{
    return (tarn__delta_options){
        .columns = test_columns,
        .column_count = TEST_COLUMNS,
        .tmp_dir = sandbox_mkdir(state, "tmp"),
        .memory_bytes = UINT64_C(256) << 20,
        .threads = 1,
    };
}

static inline tarn__delta_write test_write(int64_t version)
{
    return (tarn__delta_write){.timestamp_ms = TEST_TIME_MS + version * 1000,
        .operation = "WRITE",
        .tarn = "{\"n\":1}",
        .data_change = true};
}

/* A table with version 0 only, open. */
static inline tarn__delta *test_open(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta *delta = NULL;
    const tarn__delta_options options = test_options(state);
    ok(tarn__delta_open(sandbox_path(state, "log"), &options, &delta, &err),
        &err);
    return delta;
}

static inline void test_make(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_options options = test_options(state);
    tarn__delta_write first = test_write(0);
    first.operation = "CREATE TABLE";
    ok(tarn__delta_create(sandbox_path(state, "log"), &options,
           "00000000-0000-4000-8000-000000000000", &first, &err),
        &err);
}

static inline tarn__delta *test_table(void **state)
{
    test_make(state);
    return test_open(state);
}

static inline tarn__pq_cell test_int(int64_t v)
{
    return (tarn__pq_cell){.i64 = v};
}

static inline tarn__pq_cell test_text(const char *s)
{
    return (tarn__pq_cell){.null = s == NULL, .bytes = tarn_str(s ? s : "")};
}

static inline tarn_status test_put_row(tarn__pq_writer *writer, int64_t version,
    int64_t seq, const char *key, tarn_slice content, tarn_error *err)
{
    const tarn__pq_cell cells[TEST_COLUMNS] = {test_int(version), test_int(seq),
        test_text("tree"), test_text(key),
        test_int((TEST_TIME_MS + version * 1000) * 1000),
        {.null = content.ptr == NULL, .bytes = content}};
    return tarn__pq_row(writer, cells, err);
}

/* A data file of `rows` rows of a version, keys KEY0, KEY1, …. */
static inline tarn_status test_try_file(tarn__delta *delta, int64_t version,
    int rows, const char *key, tarn__delta_file *out, tarn_error *err)
{
    char *path = NULL;
    tarn__pq_writer *writer = NULL;
    tarn_status st = tarn__delta_file_open(delta, &path, &writer, err);
    for (int i = 0; st == TARN_OK && i < rows; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%s%d", key, i);
        st = test_put_row(writer, version, i, name, tarn_str("content"), err);
    }
    if (st != TARN_OK) {
        tarn__pq_abort(writer);
        tarn__free(path);
        return st;
    }
    return tarn__delta_file_finish(
        delta, writer, path, TEST_TIME_MS + version * 1000, out, err);
}

/* Commit `rows` rows as a version. */
static inline tarn_status test_try_commit(tarn__delta *delta, int64_t version,
    int rows, const char *key, tarn_error *err)
{
    tarn__delta_file file = {0};
    tarn_status st = test_try_file(delta, version, rows, key, &file, err);
    tarn__delta_write write = test_write(version);
    write.adds = &file;
    write.add_count = 1;
    write.row_count = rows;
    if (st == TARN_OK)
        st = tarn__delta_commit_write(delta, version, &write, NULL, err);
    tarn__delta_file_reset(&file);
    return st;
}

static inline void test_commit(
    tarn__delta *delta, int64_t version, int rows, const char *key)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(test_try_commit(delta, version, rows, key, &err), &err);
}

/* One text from SQL, "" for NULL; into a buffer of the caller's. */
static inline const char *test_ask(
    tarn__delta *delta, const char *sql, char *out, size_t size)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck *duck = NULL;
    char *text = NULL;
    ok(tarn__delta_session(delta, &duck, &err), &err);
    char *cast = tarn__sprintf("SELECT CAST((%s) AS VARCHAR)", sql);
    ok(tarn__duck_text(duck, cast, &text, &err), &err);
    tarn__free(cast);
    (void)snprintf(out, size, "%s", text == NULL ? "" : text);
    tarn__free(text);
    return out;
}

/* Rows between two versions as "version/seq/key" with spaces, in order. */
static inline void test_rows(tarn__delta *delta, int64_t head, int64_t from,
    int64_t to, char *out, size_t size)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    tarn_status st = tarn__delta_rows(delta, head, from, to,
        "version || '/' || seq || '/' || key", NULL, true, &rows, &err);
    ok(st, &err);
    out[0] = '\0';
    while ((st = tarn__duck_next(rows, &cell, &err)) == TARN_ROW) {
        size_t len = strlen(out);
        (void)snprintf(
            out + len, size - len, "%s%s", len > 0 ? " " : "", cell.bytes.ptr);
    }
    ok(st, &err);
    tarn__duck_result_free(rows);
}

static inline int64_t test_count(tarn__delta *delta, int64_t head)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    ok(tarn__delta_rows(
           delta, head, 0, head, "count(*)", NULL, false, &rows, &err),
        &err);
    assert_int_equal(TARN_ROW, tarn__duck_next(rows, &cell, &err));
    int64_t count = cell.i64;
    tarn__duck_result_free(rows);
    return count;
}

static inline size_t test_live(tarn__delta *delta, int64_t version)
{
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    ok(tarn__delta_files(delta, version, &files, &count, &err), &err);
    return count;
}

static inline const char *test_commit_name(int64_t version)
{
    static char name[64];
    (void)snprintf(
        name, sizeof(name), "log/_delta_log/%020" PRId64 ".json", version);
    return name;
}

static inline const char *test_checkpoint_name(int64_t version)
{
    static char name[64];
    (void)snprintf(name, sizeof(name),
        "log/_delta_log/%020" PRId64 ".checkpoint.parquet", version);
    return name;
}

#endif

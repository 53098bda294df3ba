/* A lake in the sandbox, things put into it, and questions asked. */
#ifndef TARN_TEST_QUERY_FIXTURE_H
#define TARN_TEST_QUERY_FIXTURE_H

#include "support/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn/tarn.h>

#include "duck/duck.h"

/* Ends the test when a call that must work does not. */
#define WORKS(call)                                       \
    do {                                                  \
        tarn_error works_err = TARN_ERROR_INIT;           \
        tarn_error *e = &works_err;                       \
        if ((call) != TARN_OK)                            \
            fail_msg("%s: %s", #call, works_err.message); \
    } while (0)

#define TEST_UNUSED __attribute__((unused))

static int lake_setup(void **state)
{
    if (sandbox_setup(state) != 0)
        return -1;
    tarn_lake *lake = NULL;
    const char *dir = sandbox_path(state, "lake");
    WORKS(tarn_lake_init(dir, NULL, e));
    WORKS(tarn_lake_open(dir, NULL, &lake, e));
    sandbox_set_user(state, lake);
    return 0;
}

static int lake_teardown(void **state)
{
    tarn_lake_close(sandbox_user(state));
    return sandbox_teardown(state);
}

#define lake_test(name) \
    cmocka_unit_test_setup_teardown(name, lake_setup, lake_teardown)

/* One put as one commit; the version. */
TEST_UNUSED static int64_t put(void **state, const char *path, tarn_kind as,
    const char *format, const char *bytes, size_t len)
{
    tarn_txn *txn = NULL;
    int64_t version = -1;
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    tarn_slice slice = {bytes, len};
    options.as = as;
    options.format = format;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_put_bytes(txn, path, slice, &options, e));
    WORKS(tarn_txn_commit(txn, &version, e));
    return version;
}

TEST_UNUSED static int64_t put_text(
    void **state, const char *path, const char *text)
{
    return put(state, path, TARN_KIND_FILE, NULL, text, strlen(text));
}

/* A host file of the sandbox. */
TEST_UNUSED static int64_t put_host(
    void **state, const char *path, tarn_kind as, const char *host)
{
    tarn_txn *txn = NULL;
    int64_t version = -1;
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_put_path(txn, path, host, &options, NULL, e));
    WORKS(tarn_txn_commit(txn, &version, e));
    return version;
}

/* Rows given as CSV, put as the Parquet that DuckDB makes of them. */
TEST_UNUSED static int64_t put_csv(
    void **state, const char *path, tarn_kind as, const char *text)
{
    tarn__duck *duck = NULL;
    const char *csv = sandbox_write_text(state, "rows.csv", text);
    const char *parquet = sandbox_path(state, "rows.parquet");
    WORKS(tarn__duck_open(NULL, &duck, e));
    WORKS(tarn__duck_execf(duck, e,
        "COPY (FROM read_csv('%s', header = true, delim = ',')) TO '%s' "
        "(FORMAT parquet)",
        csv, parquet));
    tarn__duck_close(duck);
    return put_host(state, path, as, parquet);
}

TEST_UNUSED static tarn_snapshot *pin(void **state, int64_t version)
{
    tarn_snapshot *snap = NULL;
    WORKS(tarn_snapshot_open(sandbox_user(state), version, &snap, e));
    return snap;
}

/* Names of columns and rows, a line each, cells joined by '|'; freed by the
 * caller. */
TEST_UNUSED static tarn_status rows_text(
    tarn_rows *rows, char **out, tarn_error *err)
{
    size_t columns = tarn_rows_column_count(rows);
    size_t len;
    FILE *f = open_memstream(out, &len);
    assert_non_null(f);
    for (size_t i = 0; i < columns; i++)
        fprintf(f, "%s%s", i > 0 ? "|" : "", tarn_rows_column_name(rows, i));
    fputc('\n', f);
    tarn_status st;
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW) {
        for (size_t i = 0; i < columns; i++) {
            const char *text = tarn_rows_text(rows, i);
            fprintf(f, "%s%s", i > 0 ? "|" : "", text == NULL ? "~" : text);
        }
        fputc('\n', f);
    }
    fclose(f);
    return st;
}

/* The answer, or NULL and why not. */
TEST_UNUSED static tarn_status try_ask(void **state, const char *sql,
    int64_t version, const tarn_query_options *options, char **out,
    tarn_error *err)
{
    tarn_rows *rows = NULL;
    tarn_snapshot *snap = pin(state, version);
    *out = NULL;
    tarn_status st = tarn_query(snap, sql, options, &rows, err);
    if (st == TARN_OK)
        st = rows_text(rows, out, err);
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    return st;
}

TEST_UNUSED static void answers_with(void **state, const char *sql,
    int64_t version, const tarn_query_options *options, const char *expected)
{
    tarn_error err = TARN_ERROR_INIT;
    char *text;
    if (try_ask(state, sql, version, options, &text, &err) != TARN_OK)
        fail_msg("%s: %s", sql, err.message);
    if (strcmp(text, expected) != 0)
        fail_msg("%s:\n%s\nis not\n%s", sql, text, expected);
    free(text);
}

TEST_UNUSED static void answers(
    void **state, const char *sql, const char *expected)
{
    answers_with(state, sql, TARN_LATEST, NULL, expected);
}

TEST_UNUSED static void fails_with(void **state, const char *sql,
    const tarn_query_options *options, tarn_status expected, const char *says)
{
    tarn_error err = TARN_ERROR_INIT;
    char *text;
    tarn_status st = try_ask(state, sql, TARN_LATEST, options, &text, &err);
    if (st != expected)
        fail_msg("%s: status %d, not %d: %s%s", sql, (int)st, (int)expected,
            err.message, text == NULL ? "" : text);
    if (strstr(err.message, says) == NULL)
        fail_msg("%s: '%s' does not say '%s'", sql, err.message, says);
    assert_null(strchr(err.message, '\n'));
    free(text);
}

TEST_UNUSED static void fails(
    void **state, const char *sql, tarn_status expected, const char *says)
{
    fails_with(state, sql, NULL, expected, says);
}

#endif

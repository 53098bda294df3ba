/* Records put into a fixture's lake, and questions asked of them. */
#ifndef TARN_TEST_QUERY_RECORDS_H
#define TARN_TEST_QUERY_RECORDS_H

#include "unit/query/fixture.h"

#include "base/buf.h"

TEST_UNUSED static void put_schema(
    void **state, const char *tenant, const char *json)
{
    tarn_txn *txn = NULL;
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    options.tenant = tenant;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_schema_put(txn, tarn_str(json), &options, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
}

typedef struct line_source {
    const char *at;
    size_t left;
} line_source;

TEST_UNUSED static tarn_status read_lines(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    line_source *source = arg;
    (void)err;
    *got = len < source->left ? len : source->left;
    memcpy(ptr, source->at, *got);
    source->at += *got;
    source->left -= *got;
    return TARN_OK;
}

/* JSON lines as one commit; its version. */
TEST_UNUSED static int64_t put_records(
    void **state, const char *tenant, const char *table, const char *lines)
{
    tarn_txn *txn = NULL;
    int64_t version = -1;
    line_source source = {lines, strlen(lines)};
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    options.tenant = tenant;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_record_put_lines(
        txn, table, "lines", read_lines, &source, &options, NULL, e));
    WORKS(tarn_txn_commit(txn, &version, e));
    return version;
}

TEST_UNUSED static void rm_record(
    void **state, const char *tenant, const char *record, bool hard)
{
    tarn_txn *txn = NULL;
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    options.tenant = tenant;
    options.hard = hard;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_record_rm(txn, record, &options, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
}

/* The routes of a statement, "table:route:pushed" a line; freed by the
 * caller. */
TEST_UNUSED static char *routes_of(
    void **state, const char *sql, const char *route)
{
    tarn_rows *rows = NULL;
    char *out = NULL;
    size_t len;
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    options.explain = true;
    options.route = route;
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(tarn_query(snap, sql, &options, &rows, e));
    FILE *f = open_memstream(&out, &len);
    while (tarn_rows_next(rows, NULL) == TARN_ROW)
        fprintf(f, "%s:%s:%s\n", tarn_rows_text(rows, 0),
            tarn_rows_text(rows, 1), tarn_rows_text(rows, 2));
    fclose(f);
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    return out;
}

TEST_UNUSED static void goes(
    void **state, const char *sql, const char *expected)
{
    char *text = routes_of(state, sql, NULL);
    if (strcmp(text, expected) != 0)
        fail_msg("%s:\n%s\nis not\n%s", sql, text, expected);
    free(text);
}

/* The same answer by every route that can give it. */
TEST_UNUSED static void answers_everywhere(
    void **state, const char *sql, const char *expected)
{
    static const char *const routes[] = {
        NULL, "scan", "point", "column", "ids"};
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
        options.route = routes[i];
        answers_with(state, sql, TARN_LATEST, &options, expected);
    }
}

#endif

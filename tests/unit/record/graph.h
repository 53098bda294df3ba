/* A lake in memory with one free-form table, and rows as text, for tests of
 * edges and of ways along them. */
#ifndef TARN_TEST_RECORD_GRAPH_H
#define TARN_TEST_RECORD_GRAPH_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "record/traverse.h"
#include "support/sandbox.h"

static inline void graph_ok(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s: %s", tarn_status_name(st), err->message);
}

static inline tarn_txn *graph_begin(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    graph_ok(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    return txn;
}

/* Returns the version; -1 when nothing was to be committed. */
static inline int64_t graph_commit(tarn_txn *txn)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t version = -1;
    graph_ok(tarn_txn_commit(txn, &version, &err), &err);
    return version;
}

static inline void graph_table(
    tarn_lake *lake, const char *name, const char *tenant)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    char json[200];
    tarn_txn *txn = graph_begin(lake);
    options.tenant = tenant;
    (void)snprintf(json, sizeof json,
        "{\"name\":\"%s\",\"version\":\"1.0.0\",\"x-tarn\":{\"key\":\"k\"}}",
        name);
    graph_ok(tarn_schema_put(txn, tarn_str(json), &options, &err), &err);
    graph_commit(txn);
}

static inline tarn_lake *graph_lake(void)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    graph_ok(tarn_lake_open_memory(&lake, &err), &err);
    graph_table(lake, "t", NULL);
    return lake;
}

static inline void graph_record(
    tarn_txn *txn, const char *table, const char *key, const char *tenant)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    char json[200];
    options.tenant = tenant;
    (void)snprintf(json, sizeof json, "{\"k\":\"%s\"}", key);
    graph_ok(
        tarn_record_put_json(txn, table, tarn_str(json), &options, &err), &err);
}

static inline tarn_status graph_try_edge(tarn_txn *txn, const char *src,
    const char *rel, const char *dst, const char *props, tarn_error *err)
{
    tarn_slice none = {NULL, 0};
    return tarn_edge_put(
        txn, src, rel, dst, props == NULL ? none : tarn_str(props), NULL, err);
}

static inline void graph_edge(
    tarn_txn *txn, const char *src, const char *rel, const char *dst)
{
    tarn_error err = TARN_ERROR_INIT;
    graph_ok(graph_try_edge(txn, src, rel, dst, NULL, &err), &err);
}

/* "a b c" makes records a, b, c; "a-x-b" edges, in one commit. */
static inline void graph_make(tarn_lake *lake, const char *words)
{
    char text[2000];
    char *save = NULL;
    tarn_txn *txn = graph_begin(lake);
    (void)snprintf(text, sizeof text, "%s", words);
    for (char *w = strtok_r(text, " ", &save); w != NULL;
         w = strtok_r(NULL, " ", &save)) {
        char *rel = strchr(w, '-');
        if (rel == NULL) {
            graph_record(txn, "t", w, NULL);
            continue;
        }
        *rel++ = '\0';
        char *dst = strchr(rel, '-');
        assert_non_null(dst);
        *dst++ = '\0';
        graph_edge(txn, w, rel, dst);
    }
    graph_commit(txn);
}

static inline tarn_snapshot *graph_snap(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap = NULL;
    graph_ok(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    return snap;
}

/* Cells of some columns, "a|b;c|d" for two rows; valid until the next call. */
static inline const char *graph_text(
    tarn_rows *rows, const size_t *columns, size_t count)
{
    static tarn_buf text = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st;
    tarn_buf_reset(&text);
    assert_int_equal(tarn__buf_str(&text, "", NULL), TARN_OK);
    while ((st = tarn_rows_next(rows, &err)) == TARN_ROW) {
        if (text.len > 0)
            assert_int_equal(tarn__buf_char(&text, ';', NULL), TARN_OK);
        for (size_t i = 0; i < count; i++) {
            const char *cell = tarn_rows_text(rows, columns[i]);
            if (i > 0)
                assert_int_equal(tarn__buf_char(&text, '|', NULL), TARN_OK);
            assert_int_equal(
                tarn__buf_str(&text, cell == NULL ? "NULL" : cell, NULL),
                TARN_OK);
        }
    }
    tarn_rows_free(rows);
    graph_ok(st, &err);
    return text.ptr;
}

/* rel, src_key, dst_key, props of edge ls. */
static inline const char *graph_ls(
    tarn_lake *lake, const char *record, const tarn_edge_options *options)
{
    static const size_t columns[] = {4, 1, 5, 3};
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    tarn_snapshot *snap = graph_snap(lake);
    graph_ok(tarn_edge_ls(snap, record, options, &rows, &err), &err);
    const char *text = graph_text(rows, columns, 4);
    tarn_snapshot_free(snap);
    return text;
}

#endif

/* A lake for a test, in memory or in a folder, and short words for what tests
 * do with one.  Every word ends the test when it cannot do its work. */
#ifndef TARN_TEST_TREE_RIG_H
#define TARN_TEST_TREE_RIG_H

#include "support/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn/tarn.h>

#define RIG_UNUSED __attribute__((unused))

/* Ends the test when a call that must work does not. */
#define WORKS(call)                                       \
    do {                                                  \
        tarn_error works_err = TARN_ERROR_INIT;           \
        tarn_error *e = &works_err;                       \
        if ((call) != TARN_OK)                            \
            fail_msg("%s: %s", #call, works_err.message); \
    } while (0)

/* Ends the test unless the call gives `status` and its message holds `text`. */
#define FAILS(status, text, call)                                      \
    do {                                                               \
        tarn_error fails_err = TARN_ERROR_INIT;                        \
        tarn_error *e = &fails_err;                                    \
        tarn_status fails_got = (call);                                \
        if (fails_got != (status) ||                                   \
            strstr(fails_err.message, (text)) == NULL)                 \
            fail_msg("%s: %s: %s", #call, tarn_status_name(fails_got), \
                fails_err.message);                                    \
    } while (0)

static int memory_setup(void **state)
{
    tarn_lake *lake = NULL;
    if (sandbox_setup(state) != 0)
        return -1;
    WORKS(tarn_lake_open_memory(&lake, e));
    sandbox_set_user(state, lake);
    return 0;
}

static int folder_setup(void **state)
{
    tarn_lake *lake = NULL;
    if (sandbox_setup(state) != 0)
        return -1;
    WORKS(tarn_lake_init(sandbox_path(state, "lake"), NULL, e));
    WORKS(tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, e));
    sandbox_set_user(state, lake);
    return 0;
}

static int rig_teardown(void **state)
{
    tarn_lake_close(sandbox_user(state));
    return sandbox_teardown(state);
}

/* The same fact about both backends. */
#define both(fact)                                                   \
    {#fact " in memory", fact, memory_setup, rig_teardown, NULL},    \
    {                                                                \
#fact " in a folder", fact, folder_setup, rig_teardown, NULL \
    }

/* For what a lake in memory has not: a log, objects. */
#define in_a_folder(fact) \
    cmocka_unit_test_setup_teardown(fact, folder_setup, rig_teardown)

static tarn_txn *begin(void **state)
{
    tarn_txn *txn = NULL;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    return txn;
}

/* The version; -1 when there was nothing to commit. */
static int64_t commit(tarn_txn *txn)
{
    int64_t version = -2;
    WORKS(tarn_txn_commit(txn, &version, e));
    return version;
}

/* One call as one commit; `txn` and `e` stand for what it needs. */
#define DO(state, call)               \
    do {                              \
        tarn_txn *txn = begin(state); \
        WORKS(call);                  \
        (void)commit(txn);            \
    } while (0)
/* One call that must fail so, and nothing is committed. */
#define REFUSES(state, status, text, call) \
    do {                                   \
        tarn_txn *txn = begin(state);      \
        FAILS(status, text, call);         \
        tarn_txn_abort(txn);               \
    } while (0)

RIG_UNUSED static int64_t put_with(void **state, const char *path,
    const char *text, const tarn_put_options *options)
{
    tarn_txn *txn = begin(state);
    WORKS(tarn_tree_put_bytes(txn, path, tarn_str(text), options, e));
    return commit(txn);
}

RIG_UNUSED static int64_t put_text(
    void **state, const char *path, const char *text)
{
    return put_with(state, path, text, NULL);
}

RIG_UNUSED static int64_t put_as(
    void **state, const char *path, tarn_kind as, const char *text)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    return put_with(state, path, text, &options);
}

/* A host file or folder; *changed nodes. */
RIG_UNUSED static int64_t put_host(void **state, const char *path,
    const char *host, const tarn_put_options *options)
{
    tarn_txn *txn = begin(state);
    WORKS(tarn_tree_put_path(txn, path, host, options, NULL, e));
    return commit(txn);
}

RIG_UNUSED static tarn_snapshot *pin(void **state, int64_t version)
{
    tarn_snapshot *snap = NULL;
    WORKS(tarn_snapshot_open(sandbox_user(state), version, &snap, e));
    return snap;
}

RIG_UNUSED static int64_t head(void **state)
{
    int64_t version = -1;
    WORKS(tarn_lake_head(sandbox_user(state), &version, e));
    return version;
}

/* The bytes at a path are exactly these. */
RIG_UNUSED static void holds_at(
    void **state, int64_t version, const char *path, const char *text)
{
    tarn_snapshot *snap = pin(state, version);
    tarn_buf bytes = TARN_BUF_INIT;
    WORKS(tarn_tree_read(snap, path, 1U << 30, &bytes, e));
    assert_int_equal(bytes.len, strlen(text));
    assert_string_equal(bytes.ptr, text);
    tarn_buf_reset(&bytes);
    tarn_snapshot_free(snap);
}

RIG_UNUSED static void holds(void **state, const char *path, const char *text)
{
    holds_at(state, TARN_LATEST, path, text);
}

RIG_UNUSED static void is_gone(void **state, const char *path)
{
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_node node = TARN_NODE_INIT;
    FAILS(TARN_NOT_FOUND, path, tarn_tree_stat(snap, path, false, &node, e));
    tarn_snapshot_free(snap);
}

/* What stands at a path; the caller resets it. */
RIG_UNUSED static tarn_node stat_of(void **state, const char *path)
{
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_node node = TARN_NODE_INIT;
    WORKS(tarn_tree_stat(snap, path, false, &node, e));
    tarn_snapshot_free(snap);
    return node;
}

RIG_UNUSED static void is_kind(void **state, const char *path, const char *kind)
{
    tarn_node node = stat_of(state, path);
    assert_string_equal(tarn_kind_name(node.kind), kind);
    tarn_node_reset(&node);
}

/* Paths of a listing, each followed by a blank: valid until the next call. */
RIG_UNUSED static const char *list(
    void **state, const char *pattern, bool recursive, bool all)
{
    static char text[65536];
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_tree_list_options options = TARN_TREE_LIST_OPTIONS_INIT;
    tarn_tree_list *listing = NULL;
    const tarn_node *node;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st;
    size_t len = 0;
    options.recursive = recursive;
    options.all = all;
    WORKS(tarn_tree_list_open(snap, pattern, &options, &listing, e));
    while ((st = tarn_tree_list_next(listing, &node, &err)) == TARN_ROW) {
        int n = snprintf(text + len, sizeof text - len, "%s ", node->path);
        assert_true(n > 0 && (size_t)n < sizeof text - len);
        len += (size_t)n;
    }
    if (st != TARN_OK)
        fail_msg("%s: %s", pattern, err.message);
    tarn_tree_list_free(listing);
    tarn_snapshot_free(snap);
    text[len] = '\0';
    return text;
}

/* Rows as text: cells joined by '|', a line each, "~" for NULL; freed with
 * free(). The rows are freed. */
RIG_UNUSED static char *rows_text(tarn_rows *rows)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st;
    assert_non_null(f);
    while ((st = tarn_rows_next(rows, &err)) == TARN_ROW) {
        for (size_t i = 0; i < tarn_rows_column_count(rows); i++) {
            const char *cell = tarn_rows_text(rows, i);
            fprintf(f, "%s%s", i > 0 ? "|" : "", cell == NULL ? "~" : cell);
        }
        fputc('\n', f);
    }
    fclose(f);
    tarn_rows_free(rows);
    if (st != TARN_OK)
        fail_msg("%s", err.message);
    return text;
}

RIG_UNUSED static void are_rows(tarn_rows *rows, const char *want)
{
    char *text = rows_text(rows);
    assert_string_equal(text, want);
    free(text);
}

#endif

/* A run's beginning and end in the lake. */
#include <stdio.h>
#include <string.h>

#include <tarn/tree.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "os/file.h"
#include "track/run_internal.h"

#define MARKER_MAX_BYTES 100

tarn_status tarn__track_kind_at(tarn_snapshot *snap, const char *root,
    const char *name, tarn_kind *kind, tarn_error *err)
{
    tarn_node node = TARN_NODE_INIT;
    *kind = TARN_KIND_ANY;
    char *path = tarn__sprintf("%s/%s", root, name);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_error none = TARN_ERROR_INIT;
    tarn_status st = tarn_tree_stat(snap, path, true, &node, &none);
    if (st == TARN_OK)
        *kind = node.kind;
    else if (st == TARN_NOT_FOUND)
        st = TARN_OK;
    else if (err != NULL)
        *err = none;
    tarn_node_reset(&node);
    tarn__free(path);
    return st;
}

static tarn_status read_marker(
    tarn__track_run *run, tarn_snapshot *snap, tarn_error *err)
{
    tarn_kind kind;
    tarn_buf text = TARN_BUF_MAX(MARKER_MAX_BYTES);
    tarn_status st =
        tarn__track_kind_at(snap, run->config.root, "marker.txt", &kind, err);
    if (st != TARN_OK || kind == TARN_KIND_ANY)
        return st;
    char *path = tarn__sprintf("%s/marker.txt", run->config.root);
    st = path == NULL
        ? tarn__no_memory(err)
        : tarn_tree_read(snap, path, MARKER_MAX_BYTES, &text, err);
    while (text.len > 0 && strchr(" \r\n\t", text.ptr[text.len - 1]) != NULL)
        text.ptr[--text.len] = '\0';
    if (st == TARN_OK && text.len > 0 &&
        !tarn__time_parse(text.ptr, &run->marker_us))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: is no time (mend it, or start over with --full)", path);
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

/* What queries compare with: UTC, as every engine reads it. */
static void write_marker(tarn__track_run *run)
{
    char text[TARN__TIME_TEXT_BYTES];
    int64_t us =
        run->marker_us - (int64_t)(run->config.prepone_hours * 3600 * 1000000);
    if (run->marker_us == 0 || us < 0)
        us = 0;
    us -= us % 1000000;
    (void)tarn__time_format(us, text);
    (void)snprintf(
        run->marker, sizeof run->marker, "%.10s %.8s", text, text + 11);
}

/* The whole previous state, when there is one to stand on. */
static tarn_status read_state(
    tarn__track_run *run, tarn_snapshot *snap, tarn_error *err)
{
    tarn_kind kind;
    tarn__track_folder tables;
    tarn_get_options options = TARN_GET_OPTIONS_INIT;
    tarn_status st = tarn__track_kind_at(
        snap, run->config.root, "current-state/table", &kind, err);
    if (st != TARN_OK || kind != TARN_KIND_DIR)
        return st;
    char *path = tarn__sprintf("%s/current-state", run->config.root);
    char *to = tarn__path_join(run->scratch.path, "previous");
    if (path == NULL || to == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn_tree_get(snap, path, to, &options, NULL, err);
    if (st == TARN_OK) {
        run->previous = tarn__path_join(to, "current-state");
        st = run->previous == NULL
            ? tarn__no_memory(err)
            : tarn__track_folder_read(run->previous, "table", &tables, err);
    }
    if (st == TARN_OK) {
        if (tables.count == 0) {
            tarn__free(run->previous);
            run->previous = NULL;
        }
        tarn__track_folder_reset(&tables);
    }
    tarn__free(path);
    tarn__free(to);
    return st;
}

static tarn_status refuse_twice(
    const tarn__track_run *run, tarn_snapshot *snap, tarn_error *err)
{
    tarn_kind kind;
    char *name = tarn__sprintf("runs/%s", run->result->run);
    if (name == NULL)
        return tarn__no_memory(err);
    tarn_status st =
        tarn__track_kind_at(snap, run->config.root, name, &kind, err);
    if (st == TARN_OK && kind != TARN_KIND_ANY)
        st = tarn__fail(err, TARN_EXISTS,
            "%s/%s: there was a run of this id (choose another)",
            run->config.root, name);
    tarn__free(name);
    return st;
}

tarn_status tarn__track_fetch(tarn__track_run *run, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_status st = tarn_snapshot_open(run->lake, TARN_LATEST, &snap, err);
    if (st != TARN_OK)
        return st;
    st = refuse_twice(run, snap, err);
    if (st == TARN_OK && !run->options->full)
        st = read_marker(run, snap, err);
    /* Ready only with both; else everything is extracted. */
    if (st == TARN_OK && run->marker_us != 0)
        st = read_state(run, snap, err);
    if (run->previous == NULL)
        run->marker_us = 0;
    write_marker(run);
    tarn_snapshot_free(snap);
    return st;
}

/* --- the commit --- */

static tarn_status put_folder(
    tarn_txn *txn, const char *into, const char *from, tarn_error *err)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = TARN_KIND_FILE;
    options.update = true;
    options.into_dir = true;
    return tarn_tree_put_path(txn, into, from, &options, NULL, err);
}

/* Files of the old state that the new one has not. */
static tarn_status stale_files(tarn__track_run *run, tarn_snapshot *snap,
    char ***out, size_t *count, tarn_error *err)
{
    tarn_tree_list *list;
    const tarn_node *node;
    size_t cap = 0;
    tarn_tree_list_options options = {.recursive = true, .all = true};
    tarn_kind kind;
    tarn_status st = tarn__track_kind_at(
        snap, run->config.root, "current-state", &kind, err);
    if (st != TARN_OK || kind == TARN_KIND_ANY)
        return st;
    char *path = tarn__sprintf("%s/current-state", run->config.root);
    if (path == NULL)
        return tarn__no_memory(err);
    size_t len = strlen(path);
    st = tarn_tree_list_open(snap, path, &options, &list, err);
    tarn__free(path);
    if (st != TARN_OK)
        return st;
    while ((st = tarn_tree_list_next(list, &node, err)) == TARN_ROW) {
        if (node->kind == TARN_KIND_DIR)
            continue;
        char *host = tarn__sprintf("%s%s", run->state, node->path + len);
        bool there = false;
        st = host == NULL ? tarn__no_memory(err)
                          : tarn__path_look(host, &there, err);
        tarn__free(host);
        if (st == TARN_OK && !there)
            st = tarn__grow((void **)out, &cap, *count + 1, sizeof(**out), err);
        if (st == TARN_OK && !there) {
            (*out)[*count] = tarn__strdup(node->path);
            st = (*out)[(*count)++] == NULL ? tarn__no_memory(err) : TARN_OK;
        }
        if (st != TARN_OK)
            break;
    }
    tarn_tree_list_free(list);
    return st;
}

static tarn_status put_state(
    tarn__track_run *run, tarn_txn *txn, tarn_error *err)
{
    char **stale = NULL;
    size_t count = 0;
    tarn_status st =
        stale_files(run, tarn_txn_snapshot(txn), &stale, &count, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = tarn_tree_rm(txn, stale[i], false, err);
    if (st == TARN_OK)
        st = put_folder(txn, run->config.root, run->state, err);
    for (size_t i = 0; i < count; i++)
        tarn__free(stale[i]);
    tarn__free(stale);
    return st;
}

static tarn_status put_marker(
    tarn__track_run *run, tarn_txn *txn, tarn_error *err)
{
    char text[TARN__TIME_TEXT_BYTES];
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = TARN_KIND_FILE;
    char *path = tarn__sprintf("%s/marker.txt", run->config.root);
    if (path == NULL)
        return tarn__no_memory(err);
    (void)tarn__time_format(run->started_us - run->started_us % 1000000, text);
    tarn_status st =
        tarn_tree_put_bytes(txn, path, tarn_str(text), &options, err);
    tarn__free(path);
    return st;
}

/* For track status. */
static tarn_status put_summary(
    tarn__track_run *run, tarn_txn *txn, tarn_error *err)
{
    const tarn_track_run_result *r = run->result;
    char started[TARN__TIME_TEXT_BYTES];
    tarn_buf text = TARN_BUF_INIT;
    char *scope =
        tarn__sprintf("track/%s/%s", run->config.application, run->config.id);
    if (scope == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__buf_printf(&text, err,
        "{\"run\":\"%s\",\"started\":\"%s\",\"mode\":\"%s\","
        "\"tables_created\":%lld,\"tables_updated\":%lld,"
        "\"tables_deleted\":%lld,\"tables_backfilled\":%lld,"
        "\"columns_extracted\":%lld,\"columns_carried\":%lld,"
        "\"columns_total\":%lld,\"columns_deleted\":%lld}",
        r->run, tarn__time_format(run->started_us, started),
        r->is_incremental ? "incremental" : "full",
        (long long)r->tables_created, (long long)r->tables_updated,
        (long long)r->tables_deleted, (long long)r->tables_backfilled,
        (long long)r->columns_extracted, (long long)r->columns_carried,
        (long long)r->columns_total, (long long)r->columns_deleted);
    if (st == TARN_OK)
        st =
            tarn_state_put(txn, scope, "last_run", tarn__buf_slice(&text), err);
    tarn_buf_reset(&text);
    tarn__free(scope);
    return st;
}

static tarn_status put_all(tarn__track_run *run, tarn_txn *txn, tarn_error *err)
{
    char *runs =
        tarn__sprintf("%s/runs/%s", run->config.root, run->result->run);
    tarn_status st = runs == NULL ? tarn__no_memory(err)
                                  : tarn_tree_mkdir(txn, runs, true, err);
    if (st == TARN_OK)
        st = put_folder(txn, runs, run->diff, err);
    if (st == TARN_OK)
        st = put_state(run, txn, err);
    if (st == TARN_OK)
        st = put_marker(run, txn, err);
    if (st == TARN_OK)
        st = put_summary(run, txn, err);
    tarn__free(runs);
    return st;
}

tarn_status tarn__track_commit(tarn__track_run *run, tarn_error *err)
{
    tarn_txn *txn;
    tarn_txn_options options = TARN_TXN_OPTIONS_INIT;
    options.message = run->options->message;
    options.argv = run->options->argv;
    tarn_status st = tarn_txn_begin(run->lake, &options, &txn, err);
    if (st != TARN_OK)
        return st;
    st = put_all(run, txn, err);
    if (st != TARN_OK) {
        tarn_txn_abort(txn);
        return st;
    }
    return tarn_txn_commit(txn, &run->result->version, err);
}

#include "fault/support/lake_sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash/support/dump.h"
#include "crash/support/run.h"

#define POINTS 3
#define LARGE 90000

typedef struct bench {
    txn_work txn_work;
    lake_work lake_work;
    bool without_views;
    char *before, *after; /* texts of the lake */
    run_prints seen;      /* lakes that were looked at, with the status */
} bench;

/* --- the lake that all begin with --- */

static void commit(tarn_lake *lake, txn_work work, const char *in)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    tarn_status st = tarn_txn_begin(lake, NULL, &txn, &err);
    if (st == TARN_OK)
        st = work(txn, in, &err);
    if (st == TARN_OK) {
        st = tarn_txn_commit(txn, NULL, &err);
        txn = NULL;
    }
    tarn_txn_abort(txn);
    if (st != TARN_OK)
        fail_msg("the lake to begin with: %s", err.message);
}

static tarn_status put(tarn_txn *txn, const char *path, const char *text,
    tarn_kind as, tarn_error *err)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    return tarn_tree_put_bytes(txn, path, tarn_str(text), &options, err);
}

static tarn_status put_host(tarn_txn *txn, const char *path, const char *in,
    const char *name, tarn_kind as, tarn_error *err)
{
    char host[4096];
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    (void)snprintf(host, sizeof host, "%s/%s", in, name);
    return tarn_tree_put_path(txn, path, host, &options, NULL, err);
}

static tarn_status first(tarn_txn *txn, const char *in, tarn_error *err)
{
    (void)in;
    return put(txn, "/file", "first", TARN_KIND_FILE, err);
}

static tarn_status second(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_status st = put(txn, "/file", "small", TARN_KIND_FILE, err);
    if (st == TARN_OK)
        st = put(txn, "/stream", "one\n", TARN_KIND_STREAM, err);
    if (st == TARN_OK)
        st = put_host(txn, "/large.bin", in, "large.bin", TARN_KIND_FILE, err);
    if (st == TARN_OK)
        st = put_host(txn, "/table", in, "rows.csv", TARN_KIND_TABLE, err);
    if (st == TARN_OK)
        st = put_host(txn, "/series", in, "rows.csv", TARN_KIND_SERIES, err);
    if (st == TARN_OK)
        st = put(txn, "/dir/sub/leaf", "leaf", TARN_KIND_FILE, err);
    if (st == TARN_OK)
        st = tarn_tree_ln(txn, "/file", "/dir/link", err);
    return st == TARN_OK
        ? tarn_state_put(txn, "scope", "name", tarn_str("value"), err)
        : st;
}

static tarn_status third(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_status st = put(txn, "/stream", "two\n", TARN_KIND_STREAM, err);
    if (st == TARN_OK)
        st = put_host(txn, "/series", in, "rows2.csv", TARN_KIND_SERIES, err);
    return st;
}

static tarn_status fourth(tarn_txn *txn, const char *in, tarn_error *err)
{
    (void)in;
    return put(txn, "/stream", "three\n", TARN_KIND_STREAM, err);
}

static void write_inputs(void **state)
{
    static char large[LARGE];
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i * i % 251);
    (void)sandbox_write(state, "in/large.bin", large, sizeof large);
    (void)sandbox_write_text(state, "in/small.txt", "a few words\n");
    (void)sandbox_write_text(state, "in/rows.csv",
        "ts,id,v\n2024-01-01 00:00:00,1,a\n2024-01-02 00:00:00,2,b\n");
    (void)sandbox_write_text(
        state, "in/rows2.csv", "ts,id,v\n2024-01-03 00:00:00,3,c\n");
    (void)sandbox_write_text(state, "in/folder/one", "1");
    (void)sandbox_write(state, "in/folder/deep/two", large, sizeof large);
    (void)sandbox_mkdir(state, "in/folder/empty");
}

int lake_sweep_setup(void **state)
{
    static const txn_work commits[] = {first, second, third, fourth};
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    sandbox_without_disk();
    dump_remembers_rows();
    if (sandbox_setup(state) != 0)
        return -1;
    write_inputs(state);
    const char *dir = sandbox_path(state, "template");
    tarn_status st = tarn_lake_init(dir, NULL, &err);
    if (st == TARN_OK)
        st = tarn_lake_open(dir, NULL, &lake, &err);
    if (st != TARN_OK) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    for (size_t i = 0; i < sizeof commits / sizeof commits[0]; i++)
        commit(lake, commits[i], sandbox_path(state, "in"));
    tarn_lake_close(lake);
    return 0;
}

int lake_sweep_teardown(void **state)
{
    return sandbox_teardown(state);
}

/* --- a point --- */

static void prepare(void **state, void *ctx)
{
    const bench *b = ctx;
    const char *lake = sandbox_path(state, "lake");
    run_remove_folder(lake);
    run_remove_folder(sandbox_path(state, "out"));
    run_copy_folder(sandbox_path(state, "template"), lake);
    if (b->without_views)
        run_remove_folder(sandbox_path(state, "lake/views"));
}

static tarn_status work_in_txn(
    tarn_lake *lake, txn_work work, const char *in, tarn_error *err)
{
    tarn_txn *txn = NULL;
    tarn_status st = tarn_txn_begin(lake, NULL, &txn, err);
    if (st != TARN_OK)
        return st;
    st = work(txn, in, err);
    if (st == TARN_OK)
        return tarn_txn_commit(txn, NULL, err);
    tarn_txn_abort(txn);
    return st;
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    const bench *b = ctx;
    tarn_lake *lake = NULL;
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    const char *in = sandbox_path(state, "in");
    options.wait_us = 2000000;
    options.tenant = "default";
    tarn_status st =
        tarn_lake_open(sandbox_path(state, "lake"), &options, &lake, err);
    if (st == TARN_OK)
        st = b->txn_work != NULL ? work_in_txn(lake, b->txn_work, in, err)
                                 : b->lake_work(lake, in, err);
    tarn_lake_close(lake);
    return st;
}

static void must_be_sound(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    assert_int_equal(TARN_OK, tarn_lake_check(lake, true, &rows, &err));
    if (tarn_rows_next(rows, &err) == TARN_ROW)
        fail_msg("check: %s %s %s", tarn_rows_text(rows, 0),
            tarn_rows_text(rows, 1), tarn_rows_text(rows, 2));
    tarn_rows_free(rows);
}

static char *text_of(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap = NULL;
    char *text = NULL;
    if (tarn_snapshot_open(lake, TARN_LATEST, &snap, &err) == TARN_OK)
        text = dump_text(snap, &err);
    if (text == NULL)
        fail_msg("reading it afterwards: %s", err.message);
    tarn_snapshot_free(snap);
    return text;
}

static void check(void **state, void *ctx, tarn_status status)
{
    bench *b = ctx;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    const char *dir = sandbox_path(state, "lake");
    if (run_is_seen(&b->seen, run_mix(run_print_folder(dir), status)))
        return;
    tarn_status st = tarn_lake_open(dir, NULL, &lake, &err);
    if (st != TARN_OK)
        fail_msg("opening it afterwards: %s", err.message);
    char *text = text_of(lake);
    must_be_sound(lake);
    tarn_lake_close(lake);
    if (b->after == NULL)
        b->after = strdup(text); /* of the run without a fault */
    const char *want = status == TARN_OK ? b->after : b->before;
    bool fits = strcmp(text, want) == 0 ||
        (status == TARN_UNKNOWN && strcmp(text, b->after) == 0);
    if (!fits)
        fail_msg("status %d, promised:\n%sfound:\n%s", (int)status, want, text);
    free(text);
}

static void run(void **state, bench *b)
{
    static const sweep_kind kinds[] = {SWEEP_MEMORY, SWEEP_EIO, SWEEP_ENOSPC};
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    const sweep s = {prepare, work, check, b};
    prepare(state, b);
    assert_int_equal(TARN_OK,
        tarn_lake_open(sandbox_path(state, "lake"), NULL, &lake, &err));
    b->before = text_of(lake);
    tarn_lake_close(lake);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        sweep_run_points(state, &s, kinds[i], POINTS);
    printf("sweep: %zu different lakes\n", b->seen.count);
    free(b->before);
    free(b->after);
    free(b->seen.prints);
}

void lake_sweep_txn(void **state, txn_work one)
{
    bench b = {.txn_work = one};
    run(state, &b);
}

void lake_sweep_lake(void **state, lake_work one)
{
    bench b = {.lake_work = one};
    run(state, &b);
}

void lake_sweep_without_views(void **state, lake_work one)
{
    bench b = {.lake_work = one, .without_views = true};
    run(state, &b);
}

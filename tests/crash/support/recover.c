#include "crash/support/recover.h"

#include <stdio.h>

#include <tarn/tree.h>

static bool failed(const char *what, const tarn_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->message);
    return false;
}

/* Every fault, a line each. */
static tarn_status print_faults(tarn_rows *rows, int *count, tarn_error *err)
{
    tarn_status st;
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW) {
        fprintf(stderr, "%s %s: %s\n", tarn_rows_text(rows, 0),
            tarn_rows_text(rows, 1), tarn_rows_text(rows, 2));
        ++*count;
    }
    return st;
}

tarn_lake *recover_open(const char *path)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    tarn_lake *lake = NULL;
    options.threads = 1;
    if (tarn_lake_open(path, &options, &lake, &err) != TARN_OK)
        (void)failed("open", &err);
    return lake;
}

bool recover_check(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    int faults = 0;
    tarn_status st = tarn_lake_check(lake, true, &rows, &err);
    if (st == TARN_OK)
        st = print_faults(rows, &faults, &err);
    tarn_rows_free(rows);
    return st == TARN_OK ? faults == 0 : failed("check", &err);
}

bool recover_write(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    tarn_status st = tarn_txn_begin(lake, NULL, &txn, &err);
    if (st == TARN_OK)
        st = tarn_state_put(txn, "probe", "x", tarn_str("1"), &err);
    if (st == TARN_OK) {
        st = tarn_txn_commit(txn, NULL, &err);
        txn = NULL;
    }
    tarn_txn_abort(txn);
    return st == TARN_OK ? true : failed("write", &err);
}

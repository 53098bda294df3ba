/* A lake in one page: a file and a marker, written all or none, and read back.
 *
 *   cc hello.c $(pkg-config --cflags --libs tarn) -o hello && ./hello mylake
 */
#include <inttypes.h>
#include <stdio.h>
#include <tarn/tarn.h>

static tarn_status write_both(tarn_txn *txn, tarn_error *err)
{
    tarn_status st = tarn_tree_put_bytes(txn, "/raw/cities.csv",
        tarn_str("city,people\nOslo,709\nBergen,291\n"), NULL, err);
    if (st == TARN_OK)
        st = tarn_state_put(txn, "feed", "marker", tarn_str("cities"), err);
    return st;
}

static tarn_status run(const char *dir, tarn_error *err)
{
    tarn_lake *lake = NULL;
    tarn_txn *txn = NULL;
    tarn_snapshot *snap = NULL;
    tarn_rows *rows = NULL;
    int64_t version = -1;

    tarn_status st = tarn_lake_init(dir, "hello", err);
    if (st == TARN_OK || st == TARN_EXISTS)
        st = tarn_lake_open(dir, NULL, &lake, err);
    if (st == TARN_OK)
        st = tarn_txn_begin(lake, NULL, &txn, err);
    if (st == TARN_OK && (st = write_both(txn, err)) != TARN_OK)
        tarn_txn_abort(txn);
    if (st == TARN_OK)
        st = tarn_txn_commit(txn, &version, err);
    if (st == TARN_OK)
        st = tarn_snapshot_open(lake, version, &snap, err);
    if (st == TARN_OK)
        st = tarn_query(snap, "FROM '/raw/cities.csv' ORDER BY people DESC",
            NULL, &rows, err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        printf("%s %" PRId64 "\n", tarn_rows_text(rows, 0),
            tarn_rows_int64(rows, 1));
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
    return st;
}

int main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = run(argc > 1 ? argv[1] : "mylake", &err);
    if (st != TARN_OK)
        fprintf(stderr, "%s\n", err.message);
    return tarn_exit_code(st);
}

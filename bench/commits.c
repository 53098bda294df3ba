/*
 * Durable commits of one row each, through the library, one thread.  Prints
 * the seconds that they took; opening is not counted, nor one commit before
 * them, which makes the key view in a new lake, as the peers' table and folders
 * are made before.
 *
 *   commits LAKE COUNT
 */
#include "support/bench.h"

#include <stdio.h>
#include <tarn/tarn.h>

static tarn_status commit_one(tarn_lake *lake, long i, tarn_error *err)
{
    tarn_txn *txn = NULL;
    char name[32];
    char value[32];
    snprintf(name, sizeof name, "marker%ld", i % 10);
    snprintf(value, sizeof value, "%ld", i);
    tarn_status st = tarn_txn_begin(lake, NULL, &txn, err);
    if (st != TARN_OK)
        return st;
    st = tarn_state_put(txn, "bench", name, tarn_str(value), err);
    if (st == TARN_OK)
        return tarn_txn_commit(txn, NULL, err);
    tarn_txn_abort(txn);
    return st;
}

int main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    if (argc != 3)
        bench_die("commits LAKE COUNT");
    long count = bench_count(argv[2]);
    if (tarn_lake_open(argv[1], NULL, &lake, &err) != TARN_OK)
        bench_die(err.message);
    if (commit_one(lake, 0, &err) != TARN_OK)
        bench_die(err.message);
    double start = bench_now();
    for (long i = 0; i < count; i++)
        if (commit_one(lake, i, &err) != TARN_OK)
            bench_die(err.message);
    printf("%.6f\n", bench_now() - start);
    tarn_lake_close(lake);
    return 0;
}

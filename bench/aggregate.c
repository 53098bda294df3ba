/*
 * One query over a lake, again and again in one process.  Prints the first
 * row, and the seconds of each run.
 *
 *   aggregate LAKE RUNS SQL
 */
#include "support/bench.h"

#include <stdio.h>
#include <tarn/tarn.h>

static tarn_status run(
    tarn_snapshot *snap, const char *sql, long *count, tarn_error *err)
{
    tarn_rows *rows = NULL;
    tarn_status st = tarn_query(snap, sql, NULL, &rows, err);
    *count = 0;
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        ++*count;
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    return st;
}

int main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    tarn_snapshot *snap = NULL;
    if (argc != 4)
        bench_die("aggregate LAKE RUNS SQL");
    if (tarn_lake_open(argv[1], NULL, &lake, &err) != TARN_OK ||
        tarn_snapshot_open(lake, TARN_LATEST, &snap, &err) != TARN_OK)
        bench_die(err.message);
    for (long i = bench_count(argv[2]); i > 0; i--) {
        long rows = 0;
        double start = bench_now();
        if (run(snap, argv[3], &rows, &err) != TARN_OK)
            bench_die(err.message);
        printf("%.6f %ld\n", bench_now() - start, rows);
    }
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
    return 0;
}

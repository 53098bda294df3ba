/*
 * The same engine without a lake: opens an in-memory DuckDB and runs one query
 * again and again.  Prints the seconds of each run and its number of rows.
 *
 *   duckdb_peer RUNS SQL
 */
#include "support/bench.h"

#include <duckdb.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    duckdb_database db = NULL;
    duckdb_connection conn = NULL;
    if (argc != 3)
        bench_die("duckdb_peer RUNS SQL");
    if (duckdb_open(NULL, &db) != DuckDBSuccess ||
        duckdb_connect(db, &conn) != DuckDBSuccess)
        bench_die("DuckDB does not open");
    for (long i = bench_count(argv[1]); i > 0; i--) {
        duckdb_result result;
        double start = bench_now();
        if (duckdb_query(conn, argv[2], &result) != DuckDBSuccess)
            bench_die(duckdb_result_error(&result));
        printf("%.6f %lu\n", bench_now() - start,
            (unsigned long)duckdb_row_count(&result));
        duckdb_destroy_result(&result);
    }
    duckdb_disconnect(&conn);
    duckdb_close(&db);
    return 0;
}

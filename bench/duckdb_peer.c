/*
 * The same engine without a lake: opens an in-memory DuckDB and runs one query
 * again and again.  Prints the seconds of each run and its number of rows.  With
 * FILE it opens that database for each run, and counts it in.
 *
 *   duckdb_peer RUNS SQL [FILE]
 */
#include "support/bench.h"

#include <duckdb.h>
#include <stdio.h>

static duckdb_database db;
static duckdb_connection conn;

static void open_database(const char *path)
{
    if (duckdb_open(path, &db) != DuckDBSuccess ||
        duckdb_connect(db, &conn) != DuckDBSuccess)
        bench_die("DuckDB does not open");
}

static void close_database(void)
{
    duckdb_disconnect(&conn);
    duckdb_close(&db);
}

static unsigned long run(const char *sql)
{
    duckdb_result result;
    if (duckdb_query(conn, sql, &result) != DuckDBSuccess)
        bench_die(duckdb_result_error(&result));
    unsigned long rows = (unsigned long)duckdb_row_count(&result);
    duckdb_destroy_result(&result);
    return rows;
}

int main(int argc, char **argv)
{
    const char *file = argc == 4 ? argv[3] : NULL;
    if (argc != 3 && argc != 4)
        bench_die("duckdb_peer RUNS SQL [FILE]");
    if (file == NULL)
        open_database(NULL);
    for (long i = bench_count(argv[1]); i > 0; i--) {
        double start = bench_now();
        if (file != NULL)
            open_database(file);
        unsigned long rows = run(argv[2]);
        if (file != NULL)
            close_database();
        printf("%.6f %lu\n", bench_now() - start, rows);
    }
    if (file == NULL)
        close_database();
    return 0;
}

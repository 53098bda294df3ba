/*
 * A graph of records, and walks over it.
 *
 *   graph make RECORDS.jsonl EDGES.jsonl NODES EDGES SEED
 *   graph load LAKE RECORDS.jsonl EDGES.jsonl  a new lake; seconds of each
 *   graph walk LAKE NODES COUNT DEPTH SEED    median ms and mean rows of COUNT
 *                                             traversals, handles kept open
 */
#include "support/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarn/tarn.h>

static void check(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        bench_die(err->message);
}

static unsigned long draw(unsigned long long *seed, unsigned long below)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned long)(*seed >> 33) % below;
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *f = fopen(path, mode);
    if (f == NULL)
        bench_die(path);
    return f;
}

/* Records of about 260 bytes. */
static void make(char **argv)
{
    FILE *records = open_file(argv[0], "w");
    FILE *edges = open_file(argv[1], "w");
    unsigned long nodes = (unsigned long)bench_count(argv[2]);
    long count = bench_count(argv[3]);
    unsigned long long seed = (unsigned long long)bench_count(argv[4]);
    for (unsigned long i = 0; i < nodes; i++)
        fprintf(records,
            "{\"name\":\"node-%06lu\",\"rank\":%lu,\"text\":\"%0180lu\"}\n", i,
            draw(&seed, 1000), i);
    for (long i = 0; i < count; i++) {
        unsigned long src = draw(&seed, nodes);
        unsigned long dst = draw(&seed, nodes);
        fprintf(edges,
            "{\"src\":\"node-%06lu\",\"rel\":\"knows\",\"dst\":\"node-%06lu\","
            "\"props\":{\"weight\":%lu}}\n",
            src, dst, draw(&seed, 100));
    }
    if (fclose(records) != 0 || fclose(edges) != 0)
        bench_die("the disk is full");
}

static tarn_status read_file(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    (void)err;
    *got = fread(ptr, 1, len, arg);
    return TARN_OK;
}

static void load(char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    tarn_txn *txn = NULL;
    check(tarn_lake_init(argv[0], NULL, &err), &err);
    check(tarn_lake_open(argv[0], NULL, &lake, &err), &err);
    check(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    check(
        tarn_schema_put(txn,
            tarn_str("{\"name\":\"nodes\",\"version\":\"1.0.0\"}"), NULL, &err),
        &err);
    FILE *f = open_file(argv[1], "r");
    double start = bench_now();
    check(tarn_record_put_lines(
              txn, "nodes", argv[1], read_file, f, NULL, NULL, &err),
        &err);
    check(tarn_txn_commit(txn, NULL, &err), &err);
    fclose(f);
    double middle = bench_now();
    f = open_file(argv[2], "r");
    check(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    check(tarn_edge_put_lines(txn, argv[2], read_file, f, NULL, NULL, &err),
        &err);
    check(tarn_txn_commit(txn, NULL, &err), &err);
    fclose(f);
    printf("%.3f %.3f\n", middle - start, bench_now() - middle);
    tarn_lake_close(lake);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void walk(char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_traverse_options options = TARN_TRAVERSE_OPTIONS_INIT;
    tarn_lake *lake = NULL;
    tarn_snapshot *snap = NULL;
    unsigned long nodes = (unsigned long)bench_count(argv[1]);
    long count = bench_count(argv[2]), rows_seen = 0;
    unsigned long long seed = (unsigned long long)bench_count(argv[4]);
    double *took = calloc((size_t)count, sizeof *took);
    if (took == NULL)
        bench_die("no memory");
    options.depth = bench_count(argv[3]);
    check(tarn_lake_open(argv[0], NULL, &lake, &err), &err);
    check(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    for (long i = 0; i < count; i++) {
        char key[32];
        tarn_rows *rows = NULL;
        tarn_status st;
        snprintf(key, sizeof key, "node-%06lu", draw(&seed, nodes));
        double start = bench_now();
        check(tarn_traverse(snap, key, &options, &rows, &err), &err);
        while ((st = tarn_rows_next(rows, &err)) == TARN_ROW)
            rows_seen += tarn_rows_text(rows, 4) != NULL;
        check(st, &err);
        tarn_rows_free(rows);
        took[i] = (bench_now() - start) * 1000;
    }
    qsort(took, (size_t)count, sizeof *took, ascending);
    printf("%.3f %.1f\n", took[count / 2], (double)rows_seen / (double)count);
    free(took);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "make") == 0)
        make(argv + 2);
    else if (argc == 5 && strcmp(argv[1], "load") == 0)
        load(argv + 2);
    else if (argc == 7 && strcmp(argv[1], "walk") == 0)
        walk(argv + 2);
    else
        bench_die("make, load or walk (see the top of graph.c)");
    return 0;
}

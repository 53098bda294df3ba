/*
 * Records, on the public library.
 *
 *   records make FILE.jsonl COUNT SEED   lines of about 260 bytes
 *   records schema                       their schema, five fields indexed
 *   records load LAKE FILE.jsonl         one commit; seconds from the first
 *                                        byte to durable and queryable
 *   records put LAKE COUNT SEED          seconds of COUNT commits of one each
 *   records get LAKE COUNT SEED          seconds of COUNT gets by id, any order
 */
#include "support/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarn/tarn.h>

#define LINE_BYTES 512

static const char schema[] =
    "{\"name\":\"products\",\"version\":\"1.0.0\",\"required\":[\"sku\"],"
    "\"properties\":{\"sku\":{\"type\":\"string\"},"
    "\"title\":{\"type\":\"string\"},\"price\":{\"type\":\"number\"},"
    "\"stock\":{\"type\":\"integer\"},\"city\":{\"type\":\"string\"},"
    "\"active\":{\"type\":\"boolean\"},"
    "\"added\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"note\":{\"type\":\"string\"},\"size\":{\"type\":\"object\"}},"
    "\"x-tarn\":{\"key\":\"sku\",\"indexed\":[\"price\",\"stock\",\"city\","
    "\"active\",\"added\"]}}";

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

static void line_of(char line[LINE_BYTES], long i, unsigned long long *seed)
{
    static const char *const cities[] = {"Berlin", "Paris", "Oslo", "Rome",
        "Madrid", "Vienna", "Prague", "Lisbon"};
    unsigned long price = draw(seed, 100000);
    unsigned long stock = draw(seed, 500);
    const char *city = cities[draw(seed, 8)];
    const char *active = draw(seed, 2) == 0 ? "true" : "false";
    unsigned long month = 1 + draw(seed, 12);
    unsigned long day = 1 + draw(seed, 28);
    unsigned long note = draw(seed, 2000000000);

    snprintf(line, LINE_BYTES,
        "{\"sku\":\"SKU-%08ld\",\"title\":\"Product number %ld of the "
        "catalogue\",\"price\":%lu.%02lu,\"stock\":%lu,\"city\":\"%s\","
        "\"active\":%s,\"added\":\"2024-%02lu-%02luT10:00:00Z\","
        "\"note\":\"%032lu lorem ipsum dolor\",\"size\":{\"w\":%lu,"
        "\"h\":%lu}}",
        i, i, price / 100, price % 100, stock, city, active, month, day, note,
        note % 100, note % 77);
}

static int make(const char *path, long count, unsigned long long seed)
{
    char line[LINE_BYTES];
    FILE *f = fopen(path, "w");
    if (f == NULL)
        bench_die(path);
    for (long i = 0; i < count; i++) {
        line_of(line, i, &seed);
        fprintf(f, "%s\n", line);
    }
    if (fclose(f) != 0)
        bench_die("the disk is full");
    return 0;
}

static tarn_lake *lake_of(const char *dir)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake;
    tarn_txn *txn;

    check(tarn_lake_open(dir, NULL, &lake, &err), &err);
    check(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    check(tarn_schema_put(txn, tarn_str(schema), NULL, &err), &err);
    check(tarn_txn_commit(txn, NULL, &err), &err);
    return lake;
}

static tarn_status read_file(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    (void)err;
    *got = fread(ptr, 1, len, arg);
    return TARN_OK;
}

static void load(const char *dir, const char *path)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = lake_of(dir);
    tarn_txn *txn;
    FILE *f = fopen(path, "r");
    if (f == NULL)
        bench_die(path);
    double start = bench_now();
    check(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    check(tarn_record_put_lines(
              txn, "products", path, read_file, f, NULL, NULL, &err),
        &err);
    check(tarn_txn_commit(txn, NULL, &err), &err);
    printf("%.6f\n", bench_now() - start);
    fclose(f);
    tarn_lake_close(lake);
}

static void put(const char *dir, long count, unsigned long long seed)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = lake_of(dir);
    char line[LINE_BYTES];
    double start = bench_now();

    for (long i = 0; i < count; i++) {
        tarn_txn *txn;
        line_of(line, i, &seed);
        check(tarn_txn_begin(lake, NULL, &txn, &err), &err);
        check(tarn_record_put_json(txn, "products", tarn_str(line), NULL, &err),
            &err);
        check(tarn_txn_commit(txn, NULL, &err), &err);
    }
    printf("%.6f\n", bench_now() - start);
    tarn_lake_close(lake);
}

/* Ids of a table, 37 bytes each. */
static char *ids_of(tarn_snapshot *snap, long *count)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows;
    size_t cap = 0;
    char *ids = NULL;

    *count = 0;
    check(tarn_record_ls(snap, "products", NULL, &rows, &err), &err);
    while (tarn_rows_next(rows, &err) == TARN_ROW) {
        if ((size_t)*count == cap) {
            cap = cap == 0 ? 1024 : cap * 2;
            ids = realloc(ids, cap * 37);
            if (ids == NULL)
                bench_die("memory is out");
        }
        memcpy(ids + *count * 37, tarn_rows_text(rows, 0), 37);
        ++*count;
    }
    tarn_rows_free(rows);
    return ids;
}

static void get(const char *dir, long count, unsigned long long seed)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf json = TARN_BUF_INIT;
    tarn_snapshot *snap;
    tarn_lake *lake;
    long known;

    check(tarn_lake_open(dir, NULL, &lake, &err), &err);
    check(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    char *ids = ids_of(snap, &known);
    double start = bench_now();
    for (long i = 0; i < count; i++) {
        const char *id = ids + draw(&seed, (unsigned long)known) * 37;
        check(tarn_record_get_json(snap, "products", id, NULL, &json, &err),
            &err);
    }
    printf("%.6f\n", bench_now() - start);
    free(ids);
    tarn_buf_reset(&json);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "schema") == 0)
        return puts(schema) < 0;
    if (argc == 4 && strcmp(argv[1], "load") == 0) {
        load(argv[2], argv[3]);
        return 0;
    }
    if (argc != 5)
        bench_die("records make|schema|load|put|get ...");
    long count = bench_count(argv[3]);
    unsigned long long seed = (unsigned long long)bench_count(argv[4]);
    if (strcmp(argv[1], "make") == 0)
        return make(argv[2], count, seed);
    if (strcmp(argv[1], "put") == 0)
        put(argv[2], count, seed);
    else if (strcmp(argv[1], "get") == 0)
        get(argv[2], count, seed);
    else
        bench_die("records make|schema|load|put|get ...");
    return 0;
}

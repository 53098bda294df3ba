/*
 * What a get costs in a bare RocksDB: the same lines under keys of 16 bytes,
 * loaded and compacted, then got in any order from one open handle.
 *
 *   rocks_peer load DIR FILE.jsonl    seconds
 *   rocks_peer get DIR COUNT SEED     seconds of COUNT gets
 */
#include "support/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rocksdb/c.h>

#define LINE_BYTES 4096

static void check(char *err)
{
    if (err != NULL)
        bench_die(err);
}

static rocksdb_t *open_db(const char *dir)
{
    char *err = NULL;
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_max_open_files(options, -1);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    rocksdb_block_based_table_options_t *table =
        rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(
        table, rocksdb_cache_create_lru((size_t)32 << 20));
    rocksdb_block_based_options_set_filter_policy(
        table, rocksdb_filterpolicy_create_bloom_full(10));
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_t *db = rocksdb_open(options, dir, &err);
    check(err);
    return db;
}

/* Spread like ids, and the same for the same line number. */
static void key_of(unsigned long i, char key[16])
{
    unsigned long long x = i * 0x9E3779B97F4A7C15ull + 1;
    for (int half = 0; half < 2; half++) {
        x ^= x >> 31;
        x *= 0xBF58476D1CE4E5B9ull;
        memcpy(key + 8 * half, &x, 8);
    }
}

static void load(const char *dir, const char *path)
{
    char *err = NULL;
    char line[LINE_BYTES], key[16];
    unsigned long i = 0;
    rocksdb_t *db = open_db(dir);
    rocksdb_writeoptions_t *how = rocksdb_writeoptions_create();
    FILE *f = fopen(path, "r");
    if (f == NULL)
        bench_die(path);
    double start = bench_now();
    rocksdb_writeoptions_disable_WAL(how, 1);
    while (fgets(line, sizeof line, f) != NULL) {
        key_of(i++, key);
        rocksdb_put(db, how, key, 16, line, strlen(line) - 1, &err);
        check(err);
    }
    fclose(f);
    rocksdb_compact_range(db, NULL, 0, NULL, 0);
    printf("%.6f %lu\n", bench_now() - start, i);
    rocksdb_close(db);
}

static void get(const char *dir, long count, unsigned long long seed)
{
    char *err = NULL;
    char key[16];
    rocksdb_t *db = open_db(dir);
    rocksdb_readoptions_t *how = rocksdb_readoptions_create();
    unsigned long known = 0;
    rocksdb_iterator_t *it = rocksdb_create_iterator(db, how);
    for (rocksdb_iter_seek_to_first(it); rocksdb_iter_valid(it);
         rocksdb_iter_next(it))
        known++;
    rocksdb_iter_destroy(it);
    double start = bench_now();
    for (long i = 0; i < count; i++) {
        size_t len;
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        key_of((unsigned long)(seed >> 33) % known, key);
        char *value = rocksdb_get(db, how, key, 16, &len, &err);
        check(err);
        if (value == NULL)
            bench_die("a key is missing");
        rocksdb_free(value);
    }
    printf("%.6f\n", bench_now() - start);
    rocksdb_close(db);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "load") == 0)
        load(argv[2], argv[3]);
    else if (argc == 5 && strcmp(argv[1], "get") == 0)
        get(argv[2], bench_count(argv[3]),
            (unsigned long long)bench_count(argv[4]));
    else
        bench_die("rocks_peer load|get ...");
    return 0;
}

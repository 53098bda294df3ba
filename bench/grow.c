/*
 * Lakes of a size.
 *
 *   grow LAKE nodes COUNT         COUNT files in folders of 1,000, one commit
 *   grow LAKE versions COUNT      COUNT commits, each a file of a few bytes
 *   grow LAKE stream PATH COUNT   COUNT commits, each 10 JSON lines more
 *   grow LAKE series PATH COUNT   the same, as Parquet
 */
#include "support/bench.h"

#include <stdio.h>
#include <string.h>
#include <tarn/tarn.h>

static void check(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        bench_die(err->message);
}

static void nodes(tarn_lake *lake, long count)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    check(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    for (long i = 0; i < count; i++) {
        char path[64];
        char text[64];
        snprintf(path, sizeof path, "/nodes/d%04ld/f%03ld", i / 1000, i % 1000);
        snprintf(text, sizeof text, "content of file %ld\n", i);
        check(tarn_tree_put_bytes(txn, path, tarn_str(text), NULL, &err), &err);
    }
    check(tarn_txn_commit(txn, NULL, &err), &err);
}

static void put(tarn_lake *lake, const char *path, const char *text,
    const tarn_put_options *options)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    check(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    check(tarn_tree_put_bytes(txn, path, tarn_str(text), options, &err), &err);
    check(tarn_txn_commit(txn, NULL, &err), &err);
}

static void versions(tarn_lake *lake, long count)
{
    for (long i = 0; i < count; i++) {
        char path[64];
        char text[64];
        snprintf(path, sizeof path, "/versions/f%03ld", i % 1000);
        snprintf(text, sizeof text, "version %ld\n", i);
        put(lake, path, text, NULL);
    }
}

static void items(tarn_lake *lake, const char *path, tarn_kind as, long count)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    options.format = as == TARN_KIND_SERIES ? "jsonl" : NULL;
    for (long i = 0; i < count; i++) {
        char text[2048];
        size_t len = 0;
        for (long line = 0; line < 10; line++)
            len += (size_t)snprintf(text + len, sizeof text - len,
                "{\"ts\":\"2026-01-%02ldT%02ld:%02ld:00Z\",\"sensor\":\"s%ld\","
                "\"value\":%ld.5}\n",
                1 + i % 28, i % 24, line, line, i * 10 + line);
        put(lake, path, text, &options);
    }
}

int main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    if (argc < 4)
        bench_die("grow LAKE nodes|versions COUNT | stream|series PATH COUNT");
    check(tarn_lake_open(argv[1], NULL, &lake, &err), &err);
    long count = bench_count(argv[argc - 1]);
    if (strcmp(argv[2], "nodes") == 0)
        nodes(lake, count);
    else if (strcmp(argv[2], "versions") == 0)
        versions(lake, count);
    else if (argc == 5 && strcmp(argv[2], "stream") == 0)
        items(lake, argv[3], TARN_KIND_STREAM, count);
    else if (argc == 5 && strcmp(argv[2], "series") == 0)
        items(lake, argv[3], TARN_KIND_SERIES, count);
    else
        bench_die(argv[2]);
    tarn_lake_close(lake);
    return 0;
}

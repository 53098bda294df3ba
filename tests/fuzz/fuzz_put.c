/* A byte for the format, then any bytes as rows: they become a table that can
 * be read, or an error with a message, and what was there stays. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <tarn/tarn.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(tarn_status st)
{
    if (st != TARN_OK)
        abort();
}

static tarn_status put(tarn_lake *lake, const char *format, tarn_slice bytes,
    int64_t *version, tarn_error *err)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    tarn_txn *txn = NULL;
    options.as = TARN_KIND_SERIES;
    options.format = format;
    must(tarn_txn_begin(lake, NULL, &txn, NULL));
    tarn_status st = tarn_tree_put_bytes(txn, "/t", bytes, &options, err);
    if (st != TARN_OK) {
        tarn_txn_abort(txn);
        return st;
    }
    must(tarn_txn_commit(txn, version, NULL));
    return TARN_OK;
}

static void check_readable(tarn_lake *lake, int64_t items)
{
    tarn_snapshot *snap = NULL;
    tarn_node node = TARN_NODE_INIT;
    must(tarn_snapshot_open(lake, TARN_LATEST, &snap, NULL));
    must(tarn_tree_stat(snap, "/t", true, &node, NULL));
    if (node.item_count != items || node.row_count < 1)
        abort();
    tarn_node_reset(&node);
    tarn_snapshot_free(snap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {
        "csv", "tsv", "json", "jsonl", "parquet"};
    tarn_lake *lake = NULL;
    tarn_error err = TARN_ERROR_INIT;
    int64_t version = -1;
    if (size == 0)
        return 0;
    tarn_slice rows = {(const char *)data + 1, size - 1};
    must(tarn_lake_open_memory(&lake, NULL));
    must(put(lake, "csv", tarn_str("a\n1\n"), &version, NULL));
    tarn_status st = put(lake, formats[data[0] % 5], rows, &version, &err);
    if (st == TARN_OK)
        check_readable(lake, 2);
    else if (st != TARN_BAD_INPUT || err.message[0] == '\0')
        abort();
    else
        check_readable(lake, 1);
    tarn_lake_close(lake);
    return 0;
}

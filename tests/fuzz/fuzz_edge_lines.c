/* Any bytes as lines of edges: they are edges between records that are there,
 * seen from both ends, or refused with a message that names the line. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "record/edge.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static tarn_lake *lake;

static void close_lake(void)
{
    tarn_lake_close(lake);
}

static void start(void)
{
    static const char *const records[] = {
        "{\"name\":\"a\"}", "{\"name\":\"b/c\"}", "{\"name\":7}"};
    tarn_txn *txn = NULL;
    bool good = tarn_lake_open_memory(&lake, NULL) == TARN_OK &&
        tarn_txn_begin(lake, NULL, &txn, NULL) == TARN_OK &&
        tarn_schema_put(txn, tarn_str("{\"name\":\"t\",\"version\":\"1.0.0\"}"),
            NULL, NULL) == TARN_OK;
    for (size_t i = 0; good && i < sizeof records / sizeof records[0]; i++)
        good = tarn_record_put_json(
                   txn, "t", tarn_str(records[i]), NULL, NULL) == TARN_OK;
    if (!good || tarn_txn_commit(txn, NULL, NULL) != TARN_OK ||
        atexit(close_lake) != 0)
        abort();
}

typedef struct input {
    const uint8_t *at;
    size_t left;
    size_t piece;
} input;

static tarn_status read_input(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    input *in = arg;
    (void)err;
    *got = in->left < in->piece ? in->left : in->piece;
    *got = *got < len ? *got : len;
    memcpy(ptr, in->at, *got);
    in->at += *got;
    in->left -= *got;
    return TARN_OK;
}

/* Edges of one side, and the sum of their properties' lengths. */
static size_t count_side(tarn_snapshot *snap, bool in, size_t *props)
{
    tarn__edge_scan *scan = NULL;
    tarn__edge edge;
    size_t count = 0;
    *props = 0;
    if (tarn__edge_scan_open(snap, tarn_str("default"), NULL, in,
            (tarn_slice){NULL, 0}, &scan, NULL) != TARN_OK)
        abort();
    while (tarn__edge_scan_next(scan, &edge, NULL) == TARN_ROW) {
        assert(edge.rel.len > 0 && edge.rel.len <= 255);
        assert(edge.props.ptr == NULL || edge.props.ptr[0] == '{');
        *props += edge.props.len;
        count++;
    }
    tarn__edge_scan_free(scan);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    int64_t lines = 0;
    if (lake == NULL)
        start();
    if (len == 0)
        return 0;
    input in = {bytes + 1, len - 1, 1 + (size_t)bytes[0]};
    if (tarn_txn_begin(lake, NULL, &txn, NULL) != TARN_OK)
        abort();
    tarn_status st =
        tarn_edge_put_lines(txn, "input", read_input, &in, NULL, &lines, &err);
    if (st == TARN_OK) {
        size_t out_props, in_props;
        tarn_snapshot *snap = tarn_txn_snapshot(txn);
        size_t count = count_side(snap, false, &out_props);
        assert(count == count_side(snap, true, &in_props));
        assert(out_props == in_props);
        assert(count <= (size_t)lines);
    } else {
        assert(st == TARN_BAD_INPUT || st == TARN_NOT_FOUND);
        assert(strncmp(err.message, "input line ", 11) == 0);
    }
    tarn_txn_abort(txn);
    return 0;
}

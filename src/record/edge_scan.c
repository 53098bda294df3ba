/* Edges as they are stored, and deleting all of a record's. */
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "lake/edge_key.h"
#include "record/edge_internal.h"

struct tarn__edge_scan {
    tarn__scan *scan;
    bool in;
    size_t skip; /* bytes of part(tenant) */
    tarn_buf prefix;
    tarn_buf type; /* has_type: only these, of many records */
    bool has_type;
    tarn_buf rel; /* given out */
};

static tarn_status make_prefix(tarn__edge_scan *scan, tarn_slice tenant,
    const tarn__id *of, tarn_slice type, tarn_error *err)
{
    tarn_slice none = {NULL, 0};

    tarn_status st =
        tarn__edge_key(&scan->prefix, tenant, NULL, none, NULL, err);
    scan->skip = scan->prefix.len;
    if (st != TARN_OK)
        return st;
    if (of == NULL) {
        scan->has_type = type.ptr != NULL;
        return tarn__buf_append(&scan->type, type.ptr, type.len, err);
    }
    tarn__buf_clear(&scan->prefix);
    return tarn__edge_key(&scan->prefix, tenant, of, type, NULL, err);
}

tarn_status tarn__edge_scan_open(tarn_snapshot *snap, tarn_slice tenant,
    const tarn__id *of, bool in, tarn_slice type, tarn__edge_scan **out,
    tarn_error *err)
{
    tarn__edge_scan *scan = tarn__calloc(1, sizeof *scan);

    *out = NULL;
    if (scan == NULL)
        return tarn__no_memory(err);
    scan->in = in;
    scan->prefix = scan->type = scan->rel = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = make_prefix(scan, tenant, of, type, err);
    if (st == TARN_OK)
        st =
            tarn__read_scan(snap, in ? TARN__FAMILY_EDGE_IN : TARN__FAMILY_EDGE,
                tarn__buf_slice(&scan->prefix), (tarn_slice){NULL, 0},
                &scan->scan, err);
    if (st != TARN_OK) {
        tarn__edge_scan_free(scan);
        return st;
    }
    *out = scan;
    return TARN_OK;
}

void tarn__edge_scan_free(tarn__edge_scan *scan)
{
    if (scan == NULL)
        return;
    tarn__scan_free(scan->scan);
    tarn_buf_reset(&scan->prefix);
    tarn_buf_reset(&scan->type);
    tarn_buf_reset(&scan->rel);
    tarn__free(scan);
}

tarn_status tarn__edge_scan_next(
    tarn__edge_scan *scan, tarn__edge *edge, tarn_error *err)
{
    tarn_slice key, payload;
    tarn_status st;
    bool ok;

    do {
        st = tarn__scan_next(scan->scan, &key, &payload, NULL, err);
        if (st != TARN_ROW)
            return st;
        st = tarn__edge_key_parse(key, scan->skip,
            scan->in ? &edge->dst : &edge->src, &scan->rel,
            scan->in ? &edge->src : &edge->dst, &ok, err);
        if (st != TARN_OK)
            return st;
        if (!ok || !tarn__edge_decode(payload, &edge->created_us, &edge->props))
            return tarn__fail(err, TARN_CORRUPT,
                "views/key: an edge is malformed (tarn rebuild key)");
        edge->rel = tarn__buf_slice(&scan->rel);
    } while (scan->has_type &&
        !tarn__slice_eq(edge->rel, tarn__buf_slice(&scan->type)));
    return TARN_ROW;
}

tarn_status tarn__edge_op_delete(
    tarn_txn *txn, tarn_slice tenant, const tarn__edge *edge, tarn_error *err)
{
    tarn__op op = TARN__OP_INIT;
    tarn_buf key = TARN_BUF_INIT;

    tarn_status st =
        tarn__edge_op_key(&key, &edge->src, edge->rel, &edge->dst, err);
    op.space = "edge";
    op.type = TARN__OP_DELETE;
    op.tenant = tenant;
    op.kind = edge->rel;
    op.key = tarn__buf_slice(&key);
    if (st == TARN_OK)
        st = tarn__txn_add(txn, &op, err);
    tarn_buf_reset(&key);
    return st;
}

static tarn_status delete_side(tarn_txn *txn, tarn_slice tenant,
    const tarn__id *id, bool in, tarn_error *err)
{
    tarn__edge_scan *scan = NULL;
    tarn__edge edge;

    tarn_status st = tarn__edge_scan_open(tarn_txn_snapshot(txn), tenant, id,
        in, (tarn_slice){NULL, 0}, &scan, err);
    while (st == TARN_OK &&
        (st = tarn__edge_scan_next(scan, &edge, err)) == TARN_ROW) {
        st = TARN_OK;
        if (!in || !tarn__id_eq(&edge.src, &edge.dst))
            st = tarn__edge_op_delete(txn, tenant, &edge, err);
    }
    tarn__edge_scan_free(scan);
    return st;
}

tarn_status tarn__edges_of_record_delete(
    tarn_txn *txn, tarn_slice tenant, const tarn__id *id, tarn_error *err)
{
    tarn_status st = delete_side(txn, tenant, id, false, err);
    return st == TARN_OK ? delete_side(txn, tenant, id, true, err) : st;
}

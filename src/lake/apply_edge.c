/* One operation of an edge -> what it does to the key view. */
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "lake/apply.h"
#include "lake/edge_key.h"

/* created_at stands in the meta of edges that were there before. */
static tarn_status created_of(
    const tarn__op *op, int64_t *created_us, tarn_error *err)
{
    json_t *meta = NULL;

    *created_us = op->time_us;
    if (op->meta.ptr == NULL)
        return TARN_OK;
    tarn_status st = tarn__json_parse(op->meta, "meta", &meta, err);
    if (st == TARN_BAD_INPUT)
        return tarn__bad_op(op, "meta is no JSON", err);
    if (st == TARN_OK)
        tarn__json_i64(meta, "created_at", created_us);
    json_decref(meta);
    return st;
}

static tarn_status payload_of(
    const tarn__op *op, tarn_buf *payload, tarn_error *err)
{
    int64_t created_us;

    tarn__buf_clear(payload);
    tarn_status st = created_of(op, &created_us, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(payload, (uint64_t)created_us, err);
    if (st == TARN_OK && op->content.ptr != NULL)
        st = tarn__buf_append(payload, op->content.ptr, op->content.len, err);
    return st;
}

tarn_status tarn__apply_edge(const tarn__op *op, tarn__apply_memory *m,
    tarn__emit_fn emit, void *arg, tarn_error *err)
{
    tarn_slice payload = {NULL, 0};
    tarn_slice rel;
    tarn__id src, dst;
    tarn_status st = TARN_OK;

    if (!tarn__edge_op_key_parse(op->key, &src, &rel, &dst) ||
        !tarn__slice_eq(rel, op->kind))
        return tarn__bad_op(op, "key is no edge of its relation", err);
    if (op->tenant.ptr == NULL || op->tenant.len == 0)
        return tarn__bad_op(op, "an edge without a tenant", err);
    if (op->type == TARN__OP_APPEND)
        return tarn__bad_op(op, "nothing is appended to an edge", err);
    if (op->type == TARN__OP_PUT) {
        st = payload_of(op, &m->row, err);
        payload = tarn__buf_slice(&m->row);
    }
    tarn__buf_clear(&m->key);
    if (st == TARN_OK)
        st = tarn__edge_key(&m->key, op->tenant, &src, rel, &dst, err);
    if (st == TARN_OK)
        st = emit(
            arg, TARN__FAMILY_EDGE, tarn__buf_slice(&m->key), payload, err);
    tarn__buf_clear(&m->key);
    if (st == TARN_OK)
        st = tarn__edge_key(&m->key, op->tenant, &dst, rel, &src, err);
    if (st == TARN_OK)
        st = emit(
            arg, TARN__FAMILY_EDGE_IN, tarn__buf_slice(&m->key), payload, err);
    return st;
}

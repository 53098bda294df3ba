/* One operation of a record -> what it does to the key view. */
#include "base/error.h"
#include "base/id.h"
#include "base/str.h"
#include "lake/apply.h"

/* The compiled layout, kept from one operation to the next. */
static tarn_status layout_of(
    tarn__apply_memory *m, tarn_slice text, tarn_error *err)
{
    tarn__row_layout *layout;

    if (m->layout != NULL &&
        tarn__slice_eq(tarn__buf_slice(&m->layout_text), text))
        return TARN_OK;
    tarn_status st = tarn__row_layout_parse(text, &layout, err);
    if (st != TARN_OK)
        return st;
    tarn__row_layout_free(m->layout);
    m->layout = layout;
    tarn__buf_clear(&m->layout_text);
    st = tarn__buf_append(&m->layout_text, text.ptr, text.len, err);
    if (st != TARN_OK) {
        tarn__row_layout_free(m->layout);
        m->layout = NULL;
    }
    return st;
}

static tarn_status emit_row(const tarn__op *op, const tarn__id *id,
    tarn__apply_memory *m, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    uint8_t sha256[TARN__SHA256_BYTES];
    const tarn__record_meta *meta = &m->meta;
    tarn__row_source row = {
        .deleted = meta->deleted,
        .created_us = meta->has_created ? meta->created_us : op->time_us,
        .modified_us = op->time_us,
    };

    tarn_status st = layout_of(m, meta->layout, err);
    if (st != TARN_OK)
        return st;
    row.layout = m->layout;
    if (meta->has_key)
        row.key = (tarn_slice){
            meta->key.ptr != NULL ? meta->key.ptr : "", meta->key.len};
    if (op->object.ptr != NULL) {
        if (op->object.len != 2 * sizeof sha256 || op->size_bytes < 0 ||
            !tarn__unhex(op->object.ptr, op->object.len, sha256))
            return tarn__bad_op(op, "its object is no SHA-256", err);
        row.sha256 = sha256;
        row.size_bytes = (uint64_t)op->size_bytes;
    } else if (op->content.ptr != NULL) {
        row.json = op->content;
    } else {
        return tarn__bad_op(op, "a record without content", err);
    }
    tarn__buf_clear(&m->row);
    st = tarn__row_encode(&m->row, &row, err);
    if (st == TARN_CORRUPT)
        return tarn__bad_op(op, "a record that is no JSON object", err);
    tarn__buf_clear(&m->key);
    if (st == TARN_OK)
        st = tarn__record_key(&m->key, op->tenant, op->kind, id, err);
    return st == TARN_OK
        ? emit(arg, TARN__FAMILY_RECORD, tarn__buf_slice(&m->key),
              tarn__buf_slice(&m->row), err)
        : st;
}

static tarn_status emit_gone(const tarn__op *op, const tarn__id *id,
    tarn__apply_memory *m, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    tarn__buf_clear(&m->key);
    tarn_status st = tarn__record_key(&m->key, op->tenant, op->kind, id, err);
    return st == TARN_OK
        ? emit(arg, TARN__FAMILY_RECORD, tarn__buf_slice(&m->key),
              (tarn_slice){NULL, 0}, err)
        : st;
}

/* By id and by key. */
static tarn_status emit_ways(const tarn__op *op, const tarn__id *id,
    tarn__apply_memory *m, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    bool gone = op->type == TARN__OP_DELETE;
    tarn_slice none = {NULL, 0};
    tarn_slice empty = {"", 0};

    tarn__buf_clear(&m->key);
    tarn_status st = tarn__table_of_id_key(&m->key, op->tenant, id, err);
    if (st == TARN_OK)
        st = emit(arg, TARN__FAMILY_KEY, tarn__buf_slice(&m->key),
            gone ? none : op->kind, err);
    if (st != TARN_OK || !m->meta.has_key)
        return st;
    tarn__buf_clear(&m->key);
    st = tarn__by_key_key(
        &m->key, op->tenant, tarn__buf_slice(&m->meta.key), op->kind, id, err);
    return st == TARN_OK ? emit(arg, TARN__FAMILY_KEY, tarn__buf_slice(&m->key),
                               gone ? none : empty, err)
                         : st;
}

tarn_status tarn__apply_record(const tarn__op *op, tarn__apply_memory *m,
    tarn__emit_fn emit, void *arg, tarn_error *err)
{
    tarn__id id;
    bool ok = false;
    tarn_status st = TARN_OK;

    if (!tarn__id_parse(op->key, &id))
        return tarn__bad_op(op, "key is no record's id", err);
    if (op->tenant.ptr == NULL || op->tenant.len == 0)
        return tarn__bad_op(op, "a record without a tenant", err);
    if (op->type == TARN__OP_APPEND)
        return tarn__bad_op(op, "nothing is appended to a record", err);
    if (op->meta.ptr != NULL)
        st = tarn__record_meta_read(op->meta, &m->meta, &ok, err);
    if (st == TARN_OK && !ok)
        st = tarn__bad_op(op, "meta is no JSON of a record", err);
    if (st == TARN_OK && (m->families >> TARN__FAMILY_RECORD & 1) != 0)
        st = op->type == TARN__OP_DELETE ? emit_gone(op, &id, m, emit, arg, err)
                                         : emit_row(op, &id, m, emit, arg, err);
    return st == TARN_OK && (m->families >> TARN__FAMILY_KEY & 1) != 0
        ? emit_ways(op, &id, m, emit, arg, err)
        : st;
}

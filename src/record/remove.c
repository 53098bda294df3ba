/* rm: softly, a put of what is there with a mark; hard, a delete. */
#include "base/error.h"
#include "base/str.h"
#include "record/edge.h"
#include "record/record_internal.h"

typedef struct rm_step {
    tarn__record_target at;
    bool hard;
} rm_step;

static void free_step(void *arg)
{
    rm_step *s = arg;

    tarn__record_target_reset(&s->at);
    tarn__free(s);
}

static tarn_status hide(tarn_txn *txn, tarn_slice tenant,
    const tarn__record_ref *ref, const tarn__row *row, tarn_error *err)
{
    tarn__record_table *table = NULL;
    tarn_buf text = TARN_BUF_INIT;
    char hex[TARN__SHA256_HEX_BYTES];
    tarn__record_new record = {
        .id = ref->id,
        .has_key = row->key.ptr != NULL,
        .key = row->key,
        .deleted = true,
        .json = row->json,
        .size_bytes = row->is_object ? row->size_bytes : row->json.len,
    };

    if (row->is_object) {
        tarn__hex(row->sha256, TARN__SHA256_BYTES, hex);
        record.object = hex;
    }
    tarn_status st = tarn__record_table_open(
        tarn_txn_snapshot(txn), tenant, tarn_str(ref->table), &table, err);
    record.table = table;
    if (st == TARN_OK)
        st = tarn__record_add(txn, &record, row, &text, err);
    tarn_buf_reset(&text);
    tarn__record_table_free(table);
    return st;
}

static tarn_status erase(tarn_txn *txn, tarn_slice tenant,
    const tarn__record_ref *ref, tarn_error *err)
{
    tarn__op op = TARN__OP_INIT;
    tarn__record_meta meta = TARN__RECORD_META_INIT;
    tarn_buf text = TARN_BUF_INIT;
    char id[TARN__ID_TEXT_BYTES];

    op.space = "record";
    op.type = TARN__OP_DELETE;
    op.tenant = tenant;
    op.kind = tarn_str(ref->table);
    op.key = tarn_str(tarn__id_format(&ref->id, id));
    meta.has_key = ref->has_key;
    meta.key = ref->key;
    tarn_status st = tarn__record_meta_write(&text, &meta, err);
    op.meta = tarn__buf_slice(&text);
    if (st == TARN_OK)
        st = tarn__edges_of_record_delete(txn, tenant, &ref->id, err);
    if (st == TARN_OK)
        st = tarn__txn_add(txn, &op, err);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status run_rm(tarn_txn *txn, void *arg, tarn_error *err)
{
    const rm_step *s = arg;
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn_slice tenant = tarn_str(s->at.tenant);
    tarn__record_ref ref = TARN__RECORD_REF_INIT;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__row row;
    bool found = false;

    tarn_status st = tarn__record_resolve(
        snap, tenant, tarn_str(s->at.record), s->at.table, s->hard, &ref, err);
    if (st == TARN_OK && s->hard) {
        st = erase(txn, tenant, &ref, err);
    } else if (st == TARN_OK) {
        st = tarn__record_read(snap, tenant, tarn_str(ref.table), &ref.id,
            &payload, &row, &found, err);
        if (st == TARN_OK && found)
            st = hide(txn, tenant, &ref, &row, err);
    }
    tarn_buf_reset(&payload);
    tarn__record_ref_reset(&ref);
    return st;
}

tarn_status tarn_record_rm(tarn_txn *txn, const char *record,
    const tarn_record_options *options, tarn_error *err)
{
    static const tarn__step step = {run_rm, free_step};
    rm_step *s = tarn__calloc(1, sizeof *s);

    if (s == NULL)
        return tarn__no_memory(err);
    s->hard = options != NULL && options->hard;
    tarn_status st = tarn__record_target_init(
        &s->at, options, record, options != NULL ? options->table : NULL, err);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    return tarn__txn_step(txn, &step, s, err);
}

/* One record at a time: put, and the operation that every write of one ends in. */
#include "base/error.h"
#include "base/str.h"
#include "record/json_schema.h"
#include "record/record_internal.h"

tarn_status tarn__record_tenant(
    const tarn_record_options *options, tarn_slice *tenant, tarn_error *err)
{
    return tarn__tenant_of(
        options != NULL ? options->tenant : NULL, tenant, err);
}

/* --- the operation --- */

bool tarn__record_same(const tarn__record_new *r, const tarn__row *row)
{
    uint8_t sha256[TARN__SHA256_BYTES];

    if (row->deleted || row->is_object != (r->object != NULL))
        return false;
    if (r->object != NULL)
        return tarn__unhex(r->object, 2 * sizeof sha256, sha256) &&
            memcmp(row->sha256, sha256, sizeof sha256) == 0;
    return row->layout == r->table->layout->number &&
        tarn__slice_eq(row->json, r->json);
}

tarn_status tarn__record_give(const tarn__record_new *r, const tarn__row *old,
    tarn_buf *text, tarn__op_fn fn, void *arg, tarn_error *err)
{
    tarn__op op = TARN__OP_INIT;
    tarn__record_meta meta = TARN__RECORD_META_INIT;
    char id[TARN__ID_TEXT_BYTES];

    op.space = "record";
    op.tenant = tarn_str(r->table->tenant);
    op.kind = tarn_str(r->table->name);
    op.key = tarn_str(tarn__id_format(&r->id, id));
    op.size_bytes = (int64_t)r->size_bytes;
    if (r->object != NULL) {
        op.object = tarn_str(r->object);
    } else {
        op.content = r->json;
        meta.layout = tarn_str(r->table->layout_text);
    }
    meta.has_key = r->has_key;
    meta.key = (tarn_buf){
        (char *)(uintptr_t)r->key.ptr, r->key.len, r->key.len, r->key.len};
    meta.has_created = old != NULL;
    if (old != NULL)
        meta.created_us = old->created_us;
    meta.deleted = r->deleted;
    tarn__buf_clear(text);
    tarn_status st = tarn__record_meta_write(text, &meta, err);
    op.meta = tarn__buf_slice(text);
    return st == TARN_OK ? fn(arg, &op, err) : st;
}

tarn_status tarn__record_add(tarn_txn *txn, const tarn__record_new *r,
    const tarn__row *old, tarn_buf *text, tarn_error *err)
{
    return tarn__record_give(r, old, text, tarn__txn_take, txn, err);
}

tarn_status tarn__record_write(
    tarn_txn *txn, const tarn__record_new *r, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn_buf text = TARN_BUF_INIT;
    tarn__row row;
    bool found;

    tarn_status st =
        tarn__record_read(tarn_txn_snapshot(txn), tarn_str(r->table->tenant),
            tarn_str(r->table->name), &r->id, &payload, &row, &found, err);
    if (st == TARN_OK && !(found && tarn__record_same(r, &row)))
        st = tarn__record_add(txn, r, found ? &row : NULL, &text, err);
    tarn_buf_reset(&payload);
    tarn_buf_reset(&text);
    return st;
}

/* --- staging --- */

static tarn_status stage(
    tarn_txn *txn, tarn_slice json, char *hex, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    tarn__stager *stager = NULL;
    tarn__staged staged;

    tarn_status st = tarn__lake_scratch(tarn__txn_lake(txn), &scratch, err);
    if (st == TARN_OK)
        st = tarn__stager_open(scratch, false, &stager, err);
    if (st != TARN_OK)
        return st;
    st = tarn__stager_write(stager, json.ptr, json.len, err);
    if (st != TARN_OK) {
        tarn__stager_abort(stager);
        return st;
    }
    st = tarn__stager_finish(stager, &staged, err);
    if (st != TARN_OK)
        return st;
    tarn__hex(staged.id.sha256, sizeof staged.id.sha256, hex);
    st = tarn__txn_take_staged(txn, &staged, err);
    tarn__staged_reset(&staged);
    return st;
}

tarn_status tarn__record_stage(tarn_txn *txn, tarn_slice json,
    char hex[TARN__SHA256_HEX_BYTES], tarn_error *err)
{
    hex[0] = '\0';
    if (json.len < TARN__INLINE_MAX_BYTES ||
        tarn__lake_is_memory(tarn__txn_lake(txn)))
        return TARN_OK;
    return stage(txn, json, hex, err);
}

/* --- put --- */

typedef struct put_step {
    tarn__record_target at;
    tarn_buf json;
    char hex[TARN__SHA256_HEX_BYTES]; /* of the object; "": inline */
    bool has_id;
    tarn__id id; /* of the first run; a random one stays */
} put_step;

static void free_step(void *arg)
{
    put_step *s = arg;

    tarn__record_target_reset(&s->at);
    tarn_buf_reset(&s->json);
    tarn__free(s);
}

/* The id, the same in every run. */
static tarn_status set_id(put_step *s, const tarn__record_table *table,
    const tarn__record_key_of *key, tarn_error *err)
{
    tarn__id id;

    if (s->has_id && !key->has_key)
        return TARN_OK;
    tarn_status st = tarn__record_id(
        &id, tarn_str(table->tenant), tarn_str(table->name), key, err);
    if (st != TARN_OK)
        return st;
    if (s->has_id && !tarn__id_eq(&id, &s->id))
        return tarn__fail(err, TARN_CONFLICT,
            "table %s: its schema's key was changed meanwhile (try again)",
            table->name);
    s->id = id;
    s->has_id = true;
    return TARN_OK;
}

static tarn_status check(
    const tarn__record_table *table, tarn_slice json, tarn_error *err)
{
    tarn_status st = tarn__json_schema_check(table->schema, json, err);

    if (st != TARN_OK)
        tarn__error_prefix(err, "record of %s", table->name);
    return st;
}

static tarn_status run_put(tarn_txn *txn, void *arg, tarn_error *err)
{
    put_step *s = arg;
    tarn__record_table *table = NULL;
    tarn__record_key_of key = TARN__RECORD_KEY_OF_INIT;
    tarn_slice json = tarn__buf_slice(&s->json);

    tarn_status st = tarn__record_table_open(tarn_txn_snapshot(txn),
        tarn_str(s->at.tenant), tarn_str(s->at.table), &table, err);
    if (st == TARN_OK)
        st = check(table, json, err);
    if (st == TARN_OK)
        st = tarn__record_key_find(
            json, tarn__json_schema_key(table->schema), &key, err);
    if (st == TARN_OK)
        st = set_id(s, table, &key, err);
    const tarn__record_new record = {
        .table = table,
        .id = s->id,
        .has_key = key.has_key,
        .key = tarn__buf_slice(&key.text),
        .json = json,
        .object = s->hex[0] != '\0' ? s->hex : NULL,
        .size_bytes = json.len,
    };
    if (st == TARN_OK)
        st = tarn__record_write(txn, &record, err);
    if (st == TARN_OK && key.stray)
        st = tarn__record_note_strays(
            txn, tarn_str(s->at.tenant), tarn_str(s->at.table), err);
    tarn__record_key_reset(&key);
    tarn__record_table_free(table);
    return st;
}

tarn_slice tarn__record_trim(tarn_slice json)
{
    while (json.len > 0 && strchr(" \t\r\n", json.ptr[json.len - 1]) != NULL &&
        json.ptr[json.len - 1] != '\0')
        json.len--;
    while (json.len > 0 && json.ptr[0] != '\0' &&
        strchr(" \t\r\n", json.ptr[0]) != NULL) {
        json.ptr++;
        json.len--;
    }
    return json;
}

static tarn_status make_step(tarn_txn *txn, const char *table, tarn_slice json,
    const tarn_record_options *options, put_step **out, tarn_error *err)
{
    put_step *s = tarn__calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return tarn__no_memory(err);
    s->json = (tarn_buf)TARN_BUF_INIT;
    tarn_status st =
        tarn__record_target_init(&s->at, options, NULL, table, err);
    json = tarn__record_trim(json);
    if (st == TARN_OK)
        st = tarn__buf_append(&s->json, json.ptr, json.len, err);
    if (st == TARN_OK)
        st = tarn__record_stage(txn, json, s->hex, err);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    *out = s;
    return TARN_OK;
}

tarn_status tarn_record_put(tarn_txn *txn, const char *table, tarn_slice json,
    const tarn_record_options *options, char id[37], tarn_error *err)
{
    static const tarn__step step = {run_put, free_step};
    put_step *s;

    id[0] = '\0';
    tarn_status st = make_step(txn, table, json, options, &s, err);
    if (st == TARN_OK)
        st = tarn__txn_step(txn, &step, s, err);
    if (st == TARN_OK)
        (void)tarn__id_format(&s->id, id);
    return st;
}

tarn_status tarn_record_put_json(tarn_txn *txn, const char *table,
    tarn_slice json, const tarn_record_options *options, tarn_error *err)
{
    char id[TARN__ID_TEXT_BYTES];

    return tarn_record_put(txn, table, json, options, id, err);
}

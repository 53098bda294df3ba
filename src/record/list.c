/* What callers read: one record, a table's records, how many there are. */
#include "base/error.h"
#include "base/rows.h"
#include "base/str.h"
#include "base/time.h"
#include "record/record_internal.h"

void tarn_record_reset(tarn_record *record)
{
    tarn__free(record->table);
    tarn_buf_reset(&record->key);
    tarn_buf_reset(&record->json);
    *record = (tarn_record)TARN_RECORD_INIT;
}

static bool with_deleted(const tarn_record_options *options)
{
    return options != NULL && options->deleted;
}

static tarn_status fill(tarn_snapshot *snap, tarn__record_ref *ref,
    const tarn__row *row, tarn_record *out, tarn_error *err)
{
    (void)tarn__id_format(&ref->id, out->id);
    out->created_us = row->created_us;
    out->modified_us = row->modified_us;
    out->deleted = row->deleted;
    out->has_key = ref->has_key;
    out->key = ref->key;
    out->table = ref->table;
    ref->key = (tarn_buf)TARN_BUF_INIT;
    ref->table = NULL;
    return tarn__record_json(snap, row, &out->json, err);
}

static tarn_status gone(tarn_slice record, tarn_error *err)
{
    return tarn__fail(err, TARN_NOT_FOUND,
        "record %.*s: not there (see tarn record ls TABLE)",
        (int)(record.len < 120 ? record.len : 120), record.ptr);
}

tarn_status tarn_record_get(tarn_snapshot *snap, const char *record,
    const tarn_record_options *options, tarn_record *out, tarn_error *err)
{
    tarn__record_ref ref = TARN__RECORD_REF_INIT;
    tarn_buf payload = TARN_BUF_INIT;
    tarn_slice tenant;
    tarn__row row;
    bool found = false;

    tarn_record_reset(out);
    tarn_status st = tarn__record_tenant(options, &tenant, err);
    if (st == TARN_OK)
        st = tarn__record_resolve(snap, tenant, tarn_str(record),
            options != NULL ? options->table : NULL, with_deleted(options),
            &ref, err);
    if (st == TARN_OK)
        st = tarn__record_read_version(snap, tenant, tarn_str(ref.table),
            &ref.id, &payload, &row, &found, &out->version, err);
    if (st == TARN_OK && !found)
        st = gone(tarn_str(record), err);
    if (st == TARN_OK)
        st = fill(snap, &ref, &row, out, err);
    if (st != TARN_OK)
        tarn_record_reset(out);
    tarn_buf_reset(&payload);
    tarn__record_ref_reset(&ref);
    return st;
}

/* The payload is the buffer: the text moves to its front. */
tarn_status tarn_record_get_json(tarn_snapshot *snap, const char *table,
    const char *id, const tarn_record_options *options, tarn_buf *json,
    tarn_error *err)
{
    tarn_slice tenant;
    tarn__id which;
    tarn__row row;
    bool found = false;

    tarn__buf_clear(json);
    tarn_status st = tarn__record_tenant(options, &tenant, err);
    if (st != TARN_OK)
        return st;
    if (!tarn__id_parse(tarn_str(id), &which))
        return gone(tarn_str(id), err);
    st = tarn__record_read(
        snap, tenant, tarn_str(table), &which, json, &row, &found, err);
    if (st == TARN_OK && (!found || (row.deleted && !with_deleted(options)))) {
        tarn__buf_clear(json);
        return gone(tarn_str(id), err);
    }
    if (st == TARN_OK && row.is_object) {
        uint8_t sha256[TARN__SHA256_BYTES];
        memcpy(sha256, row.sha256, sizeof sha256);
        row.sha256 = sha256;
        tarn__buf_clear(json);
        return tarn__record_json(snap, &row, json, err);
    }
    if (st == TARN_OK) {
        memmove(json->ptr, row.json.ptr, row.json.len);
        json->len = row.json.len;
        json->ptr[json->len] = '\0';
    }
    return st;
}

/* --- a table's records --- */

typedef struct listing {
    tarn_snapshot *snap;
    tarn__scan *scan;
    size_t prefix_len;
    bool deleted;
    int64_t left; /* -1: all */
    char id[TARN__ID_TEXT_BYTES];
    tarn_buf key;
    tarn_buf json;
} listing;

static tarn_status open_scan(tarn_snapshot *snap, const char *table,
    const tarn_record_options *options, tarn__scan **scan, size_t *prefix_len,
    tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_buf prefix = TARN_BUF_INIT;
    tarn_slice tenant;
    bool found = true;

    *scan = NULL;
    tarn_status st = tarn__record_tenant(options, &tenant, err);
    if (st == TARN_OK)
        st = tarn__schema_text(
            snap, tenant, tarn_str(table), &text, &found, err);
    if (st == TARN_OK && !found)
        st = tarn__no_table(tarn_str(table), err);
    if (st == TARN_OK)
        st = tarn__record_prefix(&prefix, tenant, tarn_str(table), err);
    if (st == TARN_OK)
        st = tarn__read_scan(snap, TARN__FAMILY_RECORD,
            tarn__buf_slice(&prefix), (tarn_slice){NULL, 0}, scan, err);
    *prefix_len = prefix.len;
    tarn_buf_reset(&text);
    tarn_buf_reset(&prefix);
    return st;
}

/* TARN_ROW and a row that counts. */
static tarn_status next_row(tarn__scan *scan, bool deleted, tarn_slice *key,
    tarn__row *row, tarn_error *err)
{
    tarn_slice payload;
    tarn_status st;

    while ((st = tarn__scan_next(scan, key, &payload, NULL, err)) == TARN_ROW) {
        if (!tarn__row_decode(payload, row))
            return tarn__fail(err, TARN_CORRUPT,
                "views/key: a record's entry is malformed (tarn rebuild key)");
        if (deleted || !row->deleted)
            break;
    }
    return st;
}

static void free_listing(void *self)
{
    listing *l = self;

    tarn__scan_free(l->scan);
    tarn_buf_reset(&l->key);
    tarn_buf_reset(&l->json);
    tarn__free(l);
}

static void set_time(tarn__cell *cell, int64_t us)
{
    cell->type = TARN_TIME;
    cell->i64 = us;
}

static void set_bytes(tarn__cell *cell, tarn_type type, tarn_slice bytes)
{
    cell->type = type;
    cell->bytes = bytes;
}

static tarn_status fill_cells(listing *l, tarn_slice key, const tarn__row *row,
    tarn__cell *cells, tarn_error *err)
{
    tarn__id id;

    if (key.len != l->prefix_len + 16)
        return tarn__fail(err, TARN_CORRUPT,
            "views/key: a record's entry is malformed (tarn rebuild key)");
    memcpy(id.bytes, key.ptr + l->prefix_len, 16);
    set_bytes(&cells[0], TARN_TEXT, tarn_str(tarn__id_format(&id, l->id)));
    tarn__buf_clear(&l->key);
    tarn__buf_clear(&l->json);
    tarn_status st = tarn__buf_append(&l->key, row->key.ptr, row->key.len, err);
    if (st == TARN_OK)
        st = tarn__record_json(l->snap, row, &l->json, err);
    if (st != TARN_OK)
        return st;
    if (row->key.ptr != NULL)
        set_bytes(&cells[1], TARN_TEXT, tarn__buf_slice(&l->key));
    set_time(&cells[2], row->created_us);
    set_time(&cells[3], row->modified_us);
    if (row->deleted)
        set_time(&cells[4], row->modified_us);
    set_bytes(&cells[5], TARN_JSON, tarn__buf_slice(&l->json));
    return TARN_ROW;
}

static tarn_status next_listed(void *self, tarn__cell *cells, tarn_error *err)
{
    listing *l = self;
    tarn_slice key;
    tarn__row row;

    if (l->left == 0)
        return TARN_OK;
    tarn_status st = next_row(l->scan, l->deleted, &key, &row, err);
    if (st != TARN_ROW)
        return st;
    if (l->left > 0)
        l->left--;
    return fill_cells(l, key, &row, cells, err);
}

tarn_status tarn_record_ls(tarn_snapshot *snap, const char *table,
    const tarn_record_options *options, tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {next_listed, free_listing};
    static const tarn__column columns[] = {{.name = "id", .type = TARN_TEXT},
        {.name = "key", .type = TARN_TEXT},
        {.name = "created_at", .type = TARN_TIME},
        {.name = "modified_at", .type = TARN_TIME},
        {.name = "deleted_at", .type = TARN_TIME},
        {.name = "doc", .type = TARN_JSON}};
    listing *l = tarn__calloc(1, sizeof *l);

    *out = NULL;
    if (l == NULL)
        return tarn__no_memory(err);
    l->snap = snap;
    l->deleted = with_deleted(options);
    l->left = options != NULL ? options->limit : -1;
    l->key = l->json = (tarn_buf)TARN_BUF_INIT;
    tarn_status st =
        open_scan(snap, table, options, &l->scan, &l->prefix_len, err);
    if (st == TARN_OK)
        st = tarn__rows_create(&cls, l, columns, 6, out, err);
    if (st != TARN_OK)
        free_listing(l);
    return st;
}

tarn_status tarn_record_count(tarn_snapshot *snap, const char *table,
    const tarn_record_options *options, int64_t *count, tarn_error *err)
{
    tarn__scan *scan = NULL;
    tarn_slice key;
    tarn__row row;
    size_t prefix_len;

    *count = 0;
    tarn_status st = open_scan(snap, table, options, &scan, &prefix_len, err);
    while (st == TARN_OK &&
        (st = next_row(scan, with_deleted(options), &key, &row, err)) ==
            TARN_ROW) {
        ++*count;
        st = TARN_OK;
    }
    tarn__scan_free(scan);
    if (st != TARN_OK)
        *count = 0;
    return st;
}

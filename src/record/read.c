/* Records at a snapshot: by id, by key, by what a user writes. */
#include <stdio.h>

#include "base/error.h"
#include "base/str.h"
#include "record/record_internal.h"

#define NAMED_MAX 8 /* of those that a word may mean */

static tarn_status malformed(tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "views/key: a record's entry is malformed (tarn rebuild key)");
}

tarn_status tarn__record_read_version(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice table, const tarn__id *id, tarn_buf *payload, tarn__row *row,
    bool *found, int64_t *version, tarn_error *err)
{
    tarn_buf key = TARN_BUF_INIT;
    tarn_status st = tarn__record_key(&key, tenant, table, id, err);

    *found = false;
    if (st == TARN_OK)
        st = tarn__read_get(snap, TARN__FAMILY_RECORD, tarn__buf_slice(&key),
            payload, found, version, err);
    if (st == TARN_OK && *found &&
        !tarn__row_decode(tarn__buf_slice(payload), row))
        st = malformed(err);
    if (st != TARN_OK)
        *found = false;
    tarn_buf_reset(&key);
    return st;
}

tarn_status tarn__record_read(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice table, const tarn__id *id, tarn_buf *payload, tarn__row *row,
    bool *found, tarn_error *err)
{
    return tarn__record_read_version(
        snap, tenant, table, id, payload, row, found, NULL, err);
}

static tarn_status read_object(
    tarn_snapshot *snap, const tarn__row *row, tarn_buf *json, tarn_error *err)
{
    tarn__object_id id = {{0}, false};
    char *path = NULL;
    size_t before = json->len;

    memcpy(id.sha256, row->sha256, sizeof id.sha256);
    tarn_status st = tarn__read_object_path(snap, id, &path, err);
    if (st == TARN_OK)
        st = tarn__file_slurp(path, row->size_bytes, json, err);
    if (st == TARN_OK && json->len - before != row->size_bytes)
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: not as long as the log says (tarn check)", path);
    tarn__free(path);
    return st;
}

tarn_status tarn__record_json(
    tarn_snapshot *snap, const tarn__row *row, tarn_buf *json, tarn_error *err)
{
    if (row->is_object)
        return read_object(snap, row, json, err);
    return tarn__buf_append(json, row->json.ptr, row->json.len, err);
}

tarn_status tarn__record_table_of(tarn_snapshot *snap, tarn_slice tenant,
    const tarn__id *id, tarn_buf *table, bool *found, tarn_error *err)
{
    tarn_buf key = TARN_BUF_INIT;
    tarn_status st = tarn__table_of_id_key(&key, tenant, id, err);

    *found = false;
    if (st == TARN_OK)
        st = tarn__read_get(snap, TARN__FAMILY_KEY, tarn__buf_slice(&key),
            table, found, NULL, err);
    tarn_buf_reset(&key);
    return st;
}

/* The table and id behind the prefix of a key's entry. */
static tarn_status split_hit(tarn_slice key, size_t prefix, tarn_buf *table,
    tarn__id *id, tarn_error *err)
{
    tarn__cursor c = tarn__cursor_of(key);
    bool ok = true;

    c.ptr += prefix;
    tarn__buf_clear(table);
    tarn_status st = tarn__key_part_read(&c, table, &ok, err);
    if (st == TARN_OK && (!ok || c.end - c.ptr != 16))
        st = malformed(err);
    if (st == TARN_OK)
        memcpy(id->bytes, c.ptr, 16);
    return st;
}

tarn_status tarn__record_by_key(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice value, tarn__record_hit_fn fn, void *arg, tarn_error *err)
{
    tarn_buf prefix = TARN_BUF_INIT;
    tarn_buf table = TARN_BUF_INIT;
    tarn__scan *scan = NULL;
    tarn_slice key, payload;
    tarn__id id;

    tarn_status st = tarn__by_key_prefix(&prefix, tenant, value, err);
    if (st == TARN_OK)
        st = tarn__read_scan(snap, TARN__FAMILY_KEY, tarn__buf_slice(&prefix),
            (tarn_slice){NULL, 0}, &scan, err);
    while (st == TARN_OK &&
        (st = tarn__scan_next(scan, &key, &payload, NULL, err)) == TARN_ROW) {
        st = split_hit(key, prefix.len, &table, &id, err);
        if (st == TARN_OK)
            st = fn(arg, tarn__buf_slice(&table), &id, err);
    }
    tarn__scan_free(scan);
    tarn_buf_reset(&prefix);
    tarn_buf_reset(&table);
    return st == TARN_ROW ? TARN_OK : st;
}

/* --- what a user writes --- */

void tarn__record_ref_reset(tarn__record_ref *ref)
{
    tarn__free(ref->table);
    tarn_buf_reset(&ref->key);
    *ref = (tarn__record_ref)TARN__RECORD_REF_INIT;
}

/* Readings of a word. */
typedef struct reading {
    tarn_snapshot *snap;
    tarn_slice tenant;
    tarn_slice table; /* ptr NULL: any */
    bool deleted;
    tarn__record_ref *out; /* the first that was found */
    int count;
    bool by_id; /* two stand in one table: keys do not tell them apart */
    tarn_buf names;
    tarn_buf ids;
    tarn_buf payload;
} reading;

static tarn_status set_ref(reading *r, tarn_slice table, const tarn__id *id,
    const tarn__row *row, tarn_error *err)
{
    tarn__record_ref *out = r->out;

    out->id = *id;
    out->deleted = row->deleted;
    out->has_key = row->key.ptr != NULL;
    out->table = tarn__strndup(table.ptr, table.len);
    if (out->table == NULL)
        return tarn__no_memory(err);
    return tarn__buf_append(&out->key, row->key.ptr, row->key.len, err);
}

static tarn_status add_name(reading *r, tarn_slice table, const tarn__id *id,
    const tarn__row *row, tarn_error *err)
{
    const char *comma = r->count > 0 ? ", " : "";
    char text[TARN__ID_TEXT_BYTES];

    if (r->count > 0 && tarn__slice_is(table, r->out->table))
        r->by_id = true;
    tarn_status st = tarn__buf_printf(&r->names, err, "%s%.*s/%.*s", comma,
        (int)table.len, table.ptr, (int)row->key.len, row->key.ptr);
    if (st == TARN_OK)
        st = tarn__buf_printf(&r->ids, err, "%s%.*s %s", comma, (int)table.len,
            table.ptr, tarn__id_format(id, text));
    return st;
}

static tarn_status take_hit(
    void *arg, tarn_slice table, const tarn__id *id, tarn_error *err)
{
    reading *r = arg;
    tarn__row row;
    bool found;

    if (r->table.ptr != NULL && !tarn__slice_eq(table, r->table))
        return TARN_OK;
    tarn_status st = tarn__record_read(
        r->snap, r->tenant, table, id, &r->payload, &row, &found, err);
    if (st != TARN_OK || !found || (row.deleted && !r->deleted))
        return st;
    if (r->count == 0)
        st = set_ref(r, table, id, &row, err);
    if (st == TARN_OK && r->count < NAMED_MAX)
        st = add_name(r, table, id, &row, err);
    r->count++;
    return st;
}

static tarn_status by_id(reading *r, tarn_slice word, tarn_error *err)
{
    tarn_buf table = TARN_BUF_INIT;
    tarn__id id;
    bool found = false;

    if (!tarn__id_parse(word, &id))
        return TARN_OK;
    tarn_status st =
        tarn__record_table_of(r->snap, r->tenant, &id, &table, &found, err);
    if (st == TARN_OK && found)
        st = take_hit(r, tarn__buf_slice(&table), &id, err);
    tarn_buf_reset(&table);
    return st;
}

/* TABLE/KEY, when no table is asked for. */
static tarn_status in_table(reading *r, tarn_slice word, tarn_error *err)
{
    const char *slash = memchr(word.ptr, '/', word.len);

    if (r->table.ptr != NULL || slash == NULL)
        return TARN_OK;
    r->table = (tarn_slice){word.ptr, (size_t)(slash - word.ptr)};
    tarn_slice key = {slash + 1, word.len - r->table.len - 1};
    tarn_status st =
        tarn__record_by_key(r->snap, r->tenant, key, take_hit, r, err);
    r->table.ptr = NULL;
    return st;
}

static tarn_status read_word(reading *r, tarn_slice word, tarn_error *err)
{
    tarn_status st = by_id(r, word, err);

    if (st == TARN_OK && r->count == 0)
        st = tarn__record_by_key(r->snap, r->tenant, word, take_hit, r, err);
    else
        return st;
    return st == TARN_OK ? in_table(r, word, err) : st;
}

static tarn_status table_is_there(const reading *r, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    bool found = true;
    tarn_status st = TARN_OK;

    if (r->table.ptr != NULL)
        st =
            tarn__schema_text(r->snap, r->tenant, r->table, &text, &found, err);
    tarn_buf_reset(&text);
    return st == TARN_OK && !found ? tarn__no_table(r->table, err) : st;
}

static tarn_status one_only(const reading *r, tarn_slice word, tarn_error *err)
{
    int shown = (int)(word.len < 120 ? word.len : 120);

    if (r->count == 1)
        return TARN_OK;
    if (r->count == 0)
        return tarn__fail(err, TARN_NOT_FOUND,
            "record %.*s: not there (see tarn record ls TABLE)", shown,
            word.ptr);
    return tarn__fail(err, TARN_CONFLICT,
        "record %.*s: %d have this key: %s (name one by %s)", shown, word.ptr,
        r->count, r->by_id ? r->ids.ptr : r->names.ptr,
        r->by_id ? "its id" : "TABLE/KEY, or --table");
}

tarn_status tarn__record_resolve(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice word, const char *table, bool deleted, tarn__record_ref *out,
    tarn_error *err)
{
    reading r = {
        .snap = snap,
        .tenant = tenant,
        .deleted = deleted,
        .out = out,
        .names = TARN_BUF_INIT,
        .ids = TARN_BUF_INIT,
        .payload = TARN_BUF_INIT,
    };

    tarn__record_ref_reset(out);
    if (table != NULL)
        r.table = tarn_str(table);
    tarn_status st = table_is_there(&r, err);
    if (st == TARN_OK)
        st = read_word(&r, word, err);
    if (st == TARN_OK)
        st = one_only(&r, word, err);
    if (st != TARN_OK)
        tarn__record_ref_reset(out);
    tarn_buf_reset(&r.names);
    tarn_buf_reset(&r.ids);
    tarn_buf_reset(&r.payload);
    return st;
}

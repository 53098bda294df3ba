/* Records and edges: what one family says, the others say too. */
#include <string.h>

#include "base/str.h"
#include "lake/check.h"
#include "lake/edge_key.h"
#include "lake/record_row.h"

typedef struct checker {
    tarn_snapshot *snap;
    tarn__faults *faults;
    tarn_buf tenant, part, key, payload;
} checker;

static tarn_status fault(checker *c, const char *family, const tarn__id *id,
    const char *what, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];

    return tarn__fault(c->faults, family,
        id != NULL ? tarn__id_format(id, text) : "views/key", what, err);
}

/* What stands at c->key. */
static tarn_status look(
    checker *c, tarn__family family, bool *found, tarn_error *err)
{
    return tarn__read_get(c->snap, family, tarn__buf_slice(&c->key),
        &c->payload, found, NULL, err);
}

/* The tenant of a key, into c->tenant; *cur stands behind it. */
static tarn_status take_tenant(
    checker *c, tarn_slice key, tarn__cursor *cur, bool *ok, tarn_error *err)
{
    *cur = tarn__cursor_of(key);
    tarn__buf_clear(&c->tenant);
    return tarn__key_part_read(cur, &c->tenant, ok, err);
}

static bool take_id(tarn__cursor *cur, tarn__id *id)
{
    tarn_slice bytes;

    if (!tarn__cursor_bytes(cur, sizeof id->bytes, &bytes))
        return false;
    memcpy(id->bytes, bytes.ptr, sizeof id->bytes);
    return cur->ptr == cur->end;
}

/* --- records and their keys --- */

static tarn_status find_by_id(
    checker *c, const tarn__id *id, bool *found, tarn_error *err)
{
    tarn__buf_clear(&c->key);
    tarn_status st =
        tarn__table_of_id_key(&c->key, tarn__buf_slice(&c->tenant), id, err);
    return st == TARN_OK ? look(c, TARN__FAMILY_KEY, found, err) : st;
}

static tarn_status check_record(
    checker *c, tarn_slice key, tarn_slice payload, tarn_error *err)
{
    tarn__cursor cur;
    tarn__id id;
    tarn__row row;
    bool ok, found = false;

    tarn_status st = take_tenant(c, key, &cur, &ok, err);
    tarn__buf_clear(&c->part);
    if (st == TARN_OK && ok)
        st = tarn__key_part_read(&cur, &c->part, &ok, err);
    if (st != TARN_OK)
        return st;
    if (!ok || !take_id(&cur, &id) || !tarn__row_decode(payload, &row))
        return fault(c, "record", NULL, "a record is malformed", err);
    st = find_by_id(c, &id, &found, err);
    if (st == TARN_OK &&
        (!found ||
            !tarn__slice_eq(
                tarn__buf_slice(&c->payload), tarn__buf_slice(&c->part))))
        st = fault(c, "record", &id,
            "the record is not found by its id (report this)", err);
    if (st != TARN_OK || row.key.ptr == NULL)
        return st;
    tarn__buf_clear(&c->key);
    st = tarn__by_key_key(&c->key, tarn__buf_slice(&c->tenant), row.key,
        tarn__buf_slice(&c->part), &id, err);
    if (st == TARN_OK)
        st = look(c, TARN__FAMILY_KEY, &found, err);
    return st == TARN_OK && !found
        ? fault(c, "record", &id,
              "the record is not found by its key (report this)", err)
        : st;
}

/* The table that a KEY entry tells, into c->part, and the id. */
static tarn_status take_way(checker *c, tarn__cursor *cur, tarn_slice payload,
    tarn__id *id, bool *ok, tarn_error *err)
{
    uint8_t way = 0;
    tarn_status st = TARN_OK;

    *ok = tarn__cursor_byte(cur, &way) && (way == 'i' || way == 'k');
    tarn__buf_clear(&c->part);
    if (*ok && way == 'i')
        st = tarn__buf_append(&c->part, payload.ptr, payload.len, err);
    for (int i = 0; *ok && way == 'k' && st == TARN_OK && i < 2; i++) {
        tarn__buf_clear(&c->part); /* the key's value, then the table */
        st = tarn__key_part_read(cur, &c->part, ok, err);
    }
    *ok = *ok && take_id(cur, id);
    return st;
}

static tarn_status check_key(
    checker *c, tarn_slice key, tarn_slice payload, tarn_error *err)
{
    tarn__cursor cur;
    tarn__id id;
    bool ok, found = false;

    tarn_status st = take_tenant(c, key, &cur, &ok, err);
    if (st == TARN_OK && ok)
        st = take_way(c, &cur, payload, &id, &ok, err);
    if (st != TARN_OK)
        return st;
    if (!ok)
        return fault(c, "key", NULL, "a key is malformed", err);
    tarn__buf_clear(&c->key);
    st = tarn__record_key(&c->key, tarn__buf_slice(&c->tenant),
        tarn__buf_slice(&c->part), &id, err);
    if (st == TARN_OK)
        st = look(c, TARN__FAMILY_RECORD, &found, err);
    return st == TARN_OK && !found
        ? fault(c, "key", &id, "a key without its record (report this)", err)
        : st;
}

/* --- edges --- */

static tarn_status check_end(checker *c, const tarn__id *id, tarn_error *err)
{
    bool found = false;

    tarn_status st = find_by_id(c, id, &found, err);
    return st == TARN_OK && !found ? fault(c, "edge", id,
                                         "an edge whose end is no record "
                                         "(report this)",
                                         err)
                                   : st;
}

static tarn_status check_edge(checker *c, tarn__family family, tarn_slice key,
    tarn_slice payload, tarn_error *err)
{
    bool out = family == TARN__FAMILY_EDGE;
    tarn__cursor cur;
    tarn__id near, far;
    tarn_slice props;
    int64_t created_us;
    bool ok, found = false;

    tarn_status st = take_tenant(c, key, &cur, &ok, err);
    if (st == TARN_OK && ok)
        st = tarn__edge_key_parse(
            key, (size_t)(cur.ptr - key.ptr), &near, &c->part, &far, &ok, err);
    if (st != TARN_OK)
        return st;
    if (!ok || !tarn__edge_decode(payload, &created_us, &props))
        return fault(c, "edge", NULL, "an edge is malformed", err);
    tarn__buf_clear(&c->key);
    st = tarn__edge_key(&c->key, tarn__buf_slice(&c->tenant), &far,
        tarn__buf_slice(&c->part), &near, err);
    if (st == TARN_OK)
        st = look(
            c, out ? TARN__FAMILY_EDGE_IN : TARN__FAMILY_EDGE, &found, err);
    if (st == TARN_OK &&
        (!found || !tarn__slice_eq(tarn__buf_slice(&c->payload), payload)))
        st = fault(c, "edge", &near,
            "an edge differs between its ends (report this)", err);
    /* From both sides each end is looked for once. */
    return st == TARN_OK ? check_end(c, &near, err) : st;
}

/* --- all --- */

static tarn_status check_family(
    checker *c, tarn__family family, tarn_error *err)
{
    tarn__scan *scan = NULL;
    tarn_slice key, payload;

    tarn_status st = tarn__read_scan(c->snap, family, (tarn_slice){"", 0},
        (tarn_slice){NULL, 0}, &scan, err);
    while (st == TARN_OK &&
        (st = tarn__scan_next(scan, &key, &payload, NULL, err)) == TARN_ROW) {
        if (family == TARN__FAMILY_RECORD)
            st = check_record(c, key, payload, err);
        else if (family == TARN__FAMILY_KEY)
            st = check_key(c, key, payload, err);
        else
            st = check_edge(c, family, key, payload, err);
    }
    tarn__scan_free(scan);
    return st;
}

tarn_status tarn__check_records(
    tarn_lake *lake, tarn__faults *faults, tarn_error *err)
{
    static const tarn__family families[] = {TARN__FAMILY_RECORD,
        TARN__FAMILY_KEY, TARN__FAMILY_EDGE, TARN__FAMILY_EDGE_IN};
    checker c = {.faults = faults,
        .tenant = TARN_BUF_INIT,
        .part = TARN_BUF_INIT,
        .key = TARN_BUF_INIT,
        .payload = TARN_BUF_INIT};

    tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &c.snap, err);
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (st == TARN_OK)
            st = check_family(&c, families[i], err);
    tarn_snapshot_free(c.snap);
    tarn_buf_reset(&c.tenant);
    tarn_buf_reset(&c.part);
    tarn_buf_reset(&c.key);
    tarn_buf_reset(&c.payload);
    return st;
}

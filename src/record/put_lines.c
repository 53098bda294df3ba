/* Many records as one step: checked and sorted by id once, then merged with
 * what is there, in every run of the step. */
#include "base/error.h"
#include "base/str.h"
#include "lake/sorter.h"
#include "lake/spool.h"
#include "record/json_schema.h"
#include "record/lines.h"
#include "record/record_internal.h"

#define SORT_BYTES ((size_t)64 << 20)
#define IDS_BYTES ((size_t)1 << 20)
#define BULK_COUNT \
    1000             /* from here on own reads cost nothing until they come */
#define SEEK_SHARE 8 /* a batch of less than 1/8 of the rows looks them up */

struct tarn_record_ids {
    tarn__spool spool;
    tarn__spool_reader reader;
    bool reading;
};

/* A sorted entry's value: u8 flags | u32 length of the key | key | JSON, or the
 * object's SHA-256 and u64 size. */
enum { HAS_KEY = 1, IS_OBJECT = 2, IS_STRAY = 4 };

typedef struct lines_step {
    tarn_lake *lake;
    tarn_txn *txn; /* while staging */
    tarn__record_target at;
    tarn_buf schema; /* that the records were checked with */
    tarn__sorter *sorted;
    tarn__record_table *table; /* of the last run */
    tarn_record_ids *ids;      /* while staging; NULL: not asked for */
    tarn_buf value;
    bool strays; /* among the lines */
} lines_step;

static void free_step(void *arg)
{
    lines_step *s = arg;

    tarn__record_target_reset(&s->at);
    tarn_buf_reset(&s->schema);
    tarn_buf_reset(&s->value);
    tarn__sorter_free(s->sorted);
    tarn__record_table_free(s->table);
    tarn__free(s);
}

/* --- ids --- */

static tarn_status ids_create(tarn_record_ids **out, tarn_error *err)
{
    tarn_record_ids *ids = tarn__calloc(1, sizeof *ids);

    *out = ids;
    if (ids == NULL)
        return tarn__no_memory(err);
    tarn__spool_init(&ids->spool, IDS_BYTES);
    return TARN_OK;
}

int64_t tarn_record_ids_count(const tarn_record_ids *ids)
{
    return (int64_t)ids->spool.count;
}

tarn_status tarn_record_ids_next(
    tarn_record_ids *ids, char id[37], tarn_error *err)
{
    tarn_slice bytes;
    tarn__id one;

    id[0] = '\0';
    if (!ids->reading)
        tarn__spool_read_init(&ids->reader, &ids->spool);
    ids->reading = true;
    tarn_status st = tarn__spool_read(&ids->reader, &bytes, err);
    if (st == TARN_ROW) {
        memcpy(one.bytes, bytes.ptr, sizeof one.bytes);
        (void)tarn__id_format(&one, id);
    }
    return st;
}

void tarn_record_ids_free(tarn_record_ids *ids)
{
    if (ids == NULL)
        return;
    if (ids->reading)
        tarn__spool_read_reset(&ids->reader);
    tarn__spool_reset(&ids->spool);
    tarn__free(ids);
}

/* --- staging --- */

static tarn_status put_json(
    lines_step *s, const tarn__line_record *r, tarn_error *err)
{
    char hex[TARN__SHA256_HEX_BYTES];
    char sha256[TARN__SHA256_BYTES];
    uint64_t size = r->json.len;

    tarn_status st = tarn__record_stage(s->txn, r->json, hex, err);
    if (st != TARN_OK || hex[0] == '\0')
        return st == TARN_OK
            ? tarn__buf_append(&s->value, r->json.ptr, r->json.len, err)
            : st;
    s->value.ptr[0] |= IS_OBJECT;
    (void)tarn__unhex(hex, 2 * sizeof sha256, sha256);
    st = tarn__buf_append(&s->value, sha256, sizeof sha256, err);
    return st == TARN_OK ? tarn__buf_append(&s->value, &size, sizeof size, err)
                         : st;
}

static tarn_status stage_record(
    void *arg, const tarn__line_record *r, tarn_error *err)
{
    lines_step *s = arg;
    tarn_slice id = {(const char *)r->id.bytes, sizeof r->id.bytes};
    uint32_t key_len = (uint32_t)r->key.len;

    s->strays = s->strays || r->stray;
    tarn__buf_clear(&s->value);
    tarn_status st = tarn__buf_char(&s->value,
        (char)((r->has_key ? HAS_KEY : 0) | (r->stray ? IS_STRAY : 0)), err);
    if (st == TARN_OK)
        st = tarn__buf_append(&s->value, &key_len, sizeof key_len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(&s->value, r->key.ptr, r->key.len, err);
    if (st == TARN_OK)
        st = put_json(s, r, err);
    if (st == TARN_OK)
        st = tarn__sorter_add(s->sorted, id, tarn__buf_slice(&s->value), err);
    if (st == TARN_OK && s->ids != NULL)
        st = tarn__spool_add(
            &s->ids->spool, id, tarn__lake_scratch_of, s->lake, err);
    return st;
}

static tarn_status stage(
    lines_step *s, const tarn__lines_source *source, tarn_error *err)
{
    tarn__record_table *table = NULL;

    tarn_status st = tarn__record_table_open(tarn_txn_snapshot(s->txn),
        tarn_str(s->at.tenant), tarn_str(s->at.table), &table, err);
    if (st == TARN_OK)
        st =
            tarn__buf_append(&s->schema, table->text.ptr, table->text.len, err);
    if (st == TARN_OK)
        st = tarn__sorter_create(
            SORT_BYTES, tarn__lake_scratch_of, s->lake, &s->sorted, err);
    if (st == TARN_OK)
        st = tarn__lines_read(
            source, table, tarn__lake_threads(s->lake), stage_record, s, err);
    tarn__record_table_free(table);
    return st;
}

/* --- merging --- */

typedef struct merge {
    tarn_txn *txn; /* NULL: nothing is there to be looked at */
    tarn__op_fn fn;
    void *arg;
    uint64_t done, count; /* of the sorted entries */
    const tarn__record_table *table;
    tarn__scan *scan; /* of the table's rows; NULL: they are looked up */
    bool strays;      /* some were written */
    bool stands;      /* the scan stands at `at` */
    tarn__id at;
    tarn__row row;
    tarn_buf payload, text;
} merge;

static tarn_status malformed(tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "views/key: a record's entry is malformed (tarn rebuild key)");
}

/* The scan's next row. */
static tarn_status advance(merge *m, tarn_error *err)
{
    tarn_slice key, payload;

    tarn_status st = tarn__scan_next(m->scan, &key, &payload, NULL, err);
    m->stands = st == TARN_ROW;
    if (st != TARN_ROW)
        return st;
    if (key.len < 16 || !tarn__row_decode(payload, &m->row))
        return malformed(err);
    memcpy(m->at.bytes, key.ptr + key.len - 16, 16);
    return TARN_OK;
}

/* The row that is there; *row NULL: none. */
static tarn_status find_row(
    merge *m, const tarn__id *id, const tarn__row **row, tarn_error *err)
{
    bool found = false;
    tarn_status st = TARN_OK;

    *row = NULL;
    if (m->txn == NULL)
        return TARN_OK;
    if (m->scan == NULL) {
        st = tarn__record_read(tarn_txn_snapshot(m->txn),
            tarn_str(m->table->tenant), tarn_str(m->table->name), id,
            &m->payload, &m->row, &found, err);
    } else {
        while (st == TARN_OK && m->stands &&
            memcmp(m->at.bytes, id->bytes, 16) < 0)
            st = advance(m, err);
        found = m->stands && tarn__id_eq(&m->at, id);
    }
    if (st == TARN_OK && found)
        *row = &m->row;
    return st;
}

static tarn_status write_one(
    merge *m, tarn_slice id, tarn_slice value, tarn_error *err)
{
    char hex[TARN__SHA256_HEX_BYTES];
    const tarn__row *old;
    uint32_t key_len;
    tarn__record_new record = {.table = m->table};

    memcpy(record.id.bytes, id.ptr, sizeof record.id.bytes);
    record.has_key = (value.ptr[0] & HAS_KEY) != 0;
    memcpy(&key_len, value.ptr + 1, sizeof key_len);
    record.key = (tarn_slice){value.ptr + 5, key_len};
    tarn_slice rest = {value.ptr + 5 + key_len, value.len - 5 - key_len};
    if ((value.ptr[0] & IS_OBJECT) != 0) {
        tarn__hex(rest.ptr, TARN__SHA256_BYTES, hex);
        record.object = hex;
        memcpy(&record.size_bytes, rest.ptr + TARN__SHA256_BYTES, 8);
    } else {
        record.json = rest;
        record.size_bytes = rest.len;
    }
    tarn_status st = find_row(m, &record.id, &old, err);
    if (st != TARN_OK || (old != NULL && tarn__record_same(&record, old)))
        return st;
    m->strays = m->strays || (value.ptr[0] & IS_STRAY) != 0;
    return tarn__record_give(&record, old, &m->text, m->fn, m->arg, err);
}

static tarn_status tell(merge *m, tarn_error *err)
{
    if (m->txn != NULL && ++m->done % 4096 == 0 &&
        tarn__progress_step(tarn__lake_progress(tarn__txn_lake(m->txn)),
            "merging", m->done, m->count))
        return tarn__fail(err, TARN_INTERRUPTED,
            "table %s: interrupted (nothing was changed)", m->table->name);
    return TARN_OK;
}

/* Of equal ids the last stands. */
static tarn_status write_all(merge *m, tarn__sorter *from, tarn_error *err)
{
    tarn_buf id = TARN_BUF_INIT;
    tarn_buf value = TARN_BUF_INIT;
    tarn_slice next_id, next_value;
    tarn__sorted *sorted;

    tarn_status st = tarn__sorted_open(from, &sorted, err);
    while (st == TARN_OK &&
        (st = tarn__sorted_next(sorted, &next_id, &next_value, err)) ==
            TARN_ROW) {
        st = tell(m, err);
        if (st == TARN_OK && id.len > 0 &&
            !tarn__slice_eq(tarn__buf_slice(&id), next_id))
            st = write_one(
                m, tarn__buf_slice(&id), tarn__buf_slice(&value), err);
        tarn__buf_clear(&id);
        tarn__buf_clear(&value);
        if (st == TARN_OK)
            st = tarn__buf_append(&id, next_id.ptr, next_id.len, err);
        if (st == TARN_OK)
            st = tarn__buf_append(&value, next_value.ptr, next_value.len, err);
    }
    if (st == TARN_OK && id.len > 0)
        st = write_one(m, tarn__buf_slice(&id), tarn__buf_slice(&value), err);
    tarn__sorted_free(sorted);
    tarn_buf_reset(&id);
    tarn_buf_reset(&value);
    tarn_buf_reset(&m->payload);
    tarn_buf_reset(&m->text);
    return st;
}

/* A batch that is large beside the table reads its rows in one scan. */
static tarn_status open_scan(merge *m, uint64_t count, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(m->txn);
    tarn_buf prefix = TARN_BUF_INIT;

    if (count * SEEK_SHARE < tarn__read_estimate(snap, TARN__FAMILY_RECORD))
        return TARN_OK;
    tarn_status st = tarn__record_prefix(
        &prefix, tarn_str(m->table->tenant), tarn_str(m->table->name), err);
    if (st == TARN_OK)
        st = tarn__read_scan(snap, TARN__FAMILY_RECORD,
            tarn__buf_slice(&prefix), (tarn_slice){NULL, 0}, &m->scan, err);
    tarn_buf_reset(&prefix);
    return st == TARN_OK ? advance(m, err) : st;
}

/* Into a table without rows; see tarn__op_source. */
static tarn_status each_new(
    void *arg, tarn__op_fn fn, void *fn_arg, tarn_error *err)
{
    lines_step *s = arg;
    merge m = {.fn = fn,
        .arg = fn_arg,
        .count = tarn__sorter_count(s->sorted),
        .table = s->table,
        .payload = TARN_BUF_INIT,
        .text = TARN_BUF_INIT};

    return write_all(&m, s->sorted, err);
}

static tarn_status note_strays(
    const lines_step *s, tarn_txn *txn, tarn_error *err)
{
    return tarn__record_note_strays(
        txn, tarn_str(s->at.tenant), tarn_str(s->at.table), err);
}

static tarn_status write_merged(
    lines_step *s, tarn_txn *txn, uint64_t count, tarn_error *err)
{
    const tarn__op_source source = {each_new, s, count};
    merge m = {.txn = txn,
        .fn = tarn__txn_take,
        .arg = txn,
        .count = count,
        .table = s->table,
        .payload = TARN_BUF_INIT,
        .text = TARN_BUF_INIT};

    tarn_status st = open_scan(&m, count, err);
    if (st == TARN_OK && count >= BULK_COUNT) {
        tarn__txn_bulk(txn);
        if (m.scan != NULL && !m.stands) {
            tarn__scan_free(m.scan);
            st = s->strays ? note_strays(s, txn, err) : TARN_OK;
            return st == TARN_OK ? tarn__txn_add_source(txn, &source, err) : st;
        }
    }
    if (st == TARN_OK)
        st = write_all(&m, s->sorted, err);
    if (st == TARN_OK && m.strays)
        st = note_strays(s, txn, err);
    tarn__scan_free(m.scan);
    return st;
}

static tarn_status run_lines(tarn_txn *txn, void *arg, tarn_error *err)
{
    lines_step *s = arg;
    uint64_t count = tarn__sorter_count(s->sorted);

    tarn__record_table_free(s->table);
    s->table = NULL;
    tarn_status st = tarn__record_table_open(tarn_txn_snapshot(txn),
        tarn_str(s->at.tenant), tarn_str(s->at.table), &s->table, err);
    if (st == TARN_OK &&
        !tarn__slice_eq(
            tarn__buf_slice(&s->table->text), tarn__buf_slice(&s->schema)))
        st = tarn__fail(err, TARN_CONFLICT,
            "table %s: its schema was changed meanwhile (try again)",
            s->at.table);
    if (st == TARN_OK)
        st = tarn__sorter_seal(s->sorted, err);
    return st == TARN_OK ? write_merged(s, txn, count, err) : st;
}

static tarn_status make_step(tarn_txn *txn, const char *table,
    const tarn_record_options *options, lines_step **out, tarn_error *err)
{
    lines_step *s = tarn__calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return tarn__no_memory(err);
    s->txn = txn;
    s->lake = tarn__txn_lake(txn);
    s->schema = s->value = (tarn_buf)TARN_BUF_INIT;
    tarn_status st =
        tarn__record_target_init(&s->at, options, NULL, table, err);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    *out = s;
    return TARN_OK;
}

tarn_status tarn_record_put_lines(tarn_txn *txn, const char *table,
    const char *name, tarn_record_read_fn read, void *arg,
    const tarn_record_options *options, tarn_record_ids **ids, tarn_error *err)
{
    static const tarn__step step = {run_lines, free_step};
    const tarn__lines_source source = {name, read, arg,
        options != NULL && options->documents,
        tarn__lake_progress(tarn__txn_lake(txn))};
    tarn_record_ids *own = NULL;
    lines_step *s = NULL;

    if (ids != NULL)
        *ids = NULL;
    tarn_status st = make_step(txn, table, options, &s, err);
    if (st == TARN_OK && ids != NULL) {
        st = ids_create(&own, err);
        s->ids = own;
    }
    if (st == TARN_OK)
        st = stage(s, &source, err);
    if (st != TARN_OK && s != NULL) {
        free_step(s);
    } else if (st == TARN_OK) {
        s->ids = NULL;
        st = tarn__txn_step(txn, &step, s, err);
    }
    if (st == TARN_OK && ids != NULL)
        *ids = own;
    else
        tarn_record_ids_free(own);
    return st;
}

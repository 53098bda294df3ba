/* The live scan: a table's rows, on all threads.
 *
 * The table's range of keys is cut into segments, many more than threads; each
 * thread takes the next that is left.  A row is decoded while it stands in
 * RocksDB's block: its prefix, the filter, the wanted columns.  What needs the
 * lake (a layout that was not met before, the JSON of a large record) cannot be
 * had there, because the view is held: such a row is put aside, and read after.
 *
 * By id, threads take ids in blocks instead; of an id that is not whole, a cursor
 * gives the rows that begin with what there is. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "lake/bulk.h"
#include "lake/reader.h"
#include "os/threads.h"
#include "record/live.h"

#define SEGMENTS_PER_THREAD 16
#define IDS_PER_BLOCK 64
#define ID_BYTES 16

typedef struct live_scan {
    const tarn__live *live;
    size_t *wanted;
    size_t wanted_count;
    bool needs_json; /* some wanted or filtered column may */
    bool needs_id;   /* as text, likewise */
    tarn_buf prefix;
    uint8_t low[ID_BYTES]; /* of the ids that there are; else all */
    uint8_t high[ID_BYTES];
    size_t segment_count;
    atomic_size_t next; /* segment, or id */
    atomic_int_fast64_t passed;
    tarn__mutex lock; /* of maps */
    tarn__live_map **maps;
    size_t map_count;
    size_t map_cap;
} live_scan;

typedef struct live_worker {
    live_scan *scan;
    tarn__bulk *bulk; /* of the segment that it is at */
    tarn__scan *cursor;
    const tarn__live_id *begun; /* whose rows the cursor gives; NULL: none's */
    tarn_buf place;             /* key that they begin with */
    const tarn__live_map *map;
    tarn_buf scratch;
    tarn_buf json;    /* of a large record */
    tarn_buf payload; /* of a row put aside, or read by id */
    tarn__id id;
    bool aside;
    tarn__feed_chunk *chunk;
    size_t row;
    size_t max;
    size_t id_at, id_end; /* of its block */
} live_worker;

/* --- maps --- */

static const tarn__live_map *known_map(live_scan *scan, uint32_t number)
{
    const tarn__live_map *found = NULL;
    tarn__mutex_lock(&scan->lock);
    for (size_t i = 0; found == NULL && i < scan->map_count; i++)
        if (tarn__live_map_number(scan->maps[i]) == number)
            found = scan->maps[i];
    tarn__mutex_unlock(&scan->lock);
    return found;
}

static tarn_status keep_map(
    live_scan *scan, tarn__live_map *map, tarn_error *err)
{
    tarn__mutex_lock(&scan->lock);
    void *raw = scan->maps;
    tarn_status st = tarn__grow(
        &raw, &scan->map_cap, scan->map_count + 1, sizeof(*scan->maps), err);
    scan->maps = raw;
    if (st == TARN_OK)
        scan->maps[scan->map_count++] = map;
    tarn__mutex_unlock(&scan->lock);
    return st;
}

/* Reads the lake. */
static tarn_status load_map(live_scan *scan, uint32_t number, tarn_error *err)
{
    const tarn__live *live = scan->live;
    tarn__row_layout *layout = NULL;
    tarn__live_map *map = NULL;
    if (known_map(scan, number) != NULL)
        return TARN_OK;
    tarn_status st = tarn__record_layout(
        live->snap, live->tenant, live->table, number, &layout, err);
    if (st == TARN_OK)
        st = tarn__live_map_create(
            live->columns, live->column_count, layout, &map, err);
    tarn__row_layout_free(layout);
    if (st == TARN_OK)
        st = keep_map(scan, map, err);
    if (st != TARN_OK)
        tarn__live_map_free(map);
    return st;
}

/* --- one row --- */

static tarn_status put_row(
    live_worker *w, const tarn__row *row, const char *id, tarn_error *err)
{
    const live_scan *scan = w->scan;
    const tarn__live *live = scan->live;
    for (size_t i = 0; i < scan->wanted_count; i++) {
        size_t c = scan->wanted[i];
        if (c >= live->column_count) { /* DuckDB's own: no value is read */
            tarn__feed_null(w->chunk, i, w->row);
            continue;
        }
        tarn__live_datum value;
        tarn_status st = tarn__live_value(&live->columns[c],
            tarn__live_slot(w->map, c), row, id, &w->scratch, &value, err);
        if (st != TARN_OK)
            return st;
        tarn__live_put(&live->columns[c], &value, w->chunk, i, w->row);
    }
    w->row++;
    return TARN_OK;
}

static bool enough(const live_scan *scan)
{
    return scan->live->limit >= 0 &&
        atomic_load(&scan->passed) >= scan->live->limit;
}

/* A row that has what it needs. */
static tarn_status take_row(
    live_worker *w, const tarn__row *row, const tarn__id *id, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];
    const tarn__live *live = w->scan->live;
    unsigned can = TARN__CAN_TRUE;
    if (w->scan->needs_id)
        tarn__id_format(id, text);
    if (live->filter != NULL) {
        const tarn__live_row in = {
            live->columns, w->map, row, text, &w->scratch};
        tarn_status st = tarn__live_filter_run(live->filter, &in, &can, err);
        if (st != TARN_OK || (can & TARN__CAN_TRUE) == 0)
            return st;
    }
    if (live->limit >= 0 && can == TARN__CAN_TRUE)
        atomic_fetch_add(&w->scan->passed, 1);
    return put_row(w, row, text, err);
}

static tarn_status malformed(tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "views/key: a record's row is malformed (tarn rebuild key)");
}

/* What the row lacks is read; then it is taken. */
static tarn_status take_aside(live_worker *w, tarn_error *err)
{
    live_scan *scan = w->scan;
    tarn__row row;
    w->aside = false;
    if (!tarn__row_decode(tarn__buf_slice(&w->payload), &row))
        return malformed(err);
    if (row.deleted)
        return TARN_OK;
    tarn_status st = load_map(scan, row.layout, err);
    if (st != TARN_OK)
        return st;
    w->map = known_map(scan, row.layout);
    if (row.is_object && scan->needs_json) {
        tarn__buf_clear(&w->json);
        st = tarn__record_json(scan->live->snap, &row, &w->json, err);
        row.json = tarn__buf_slice(&w->json);
    }
    return st == TARN_OK ? take_row(w, &row, &w->id, err) : st;
}

/* One entry of the key view, in place. */
static tarn_status take_entry(
    void *arg, tarn_slice key, tarn_slice payload, tarn_error *err)
{
    live_worker *w = arg;
    tarn__row row;
    if (key.len < ID_BYTES || !tarn__row_decode(payload, &row))
        return malformed(err);
    if (row.deleted)
        return TARN_ROW;
    memcpy(w->id.bytes, key.ptr + key.len - ID_BYTES, ID_BYTES);
    if (w->map == NULL || tarn__live_map_number(w->map) != row.layout)
        w->map = known_map(w->scan, row.layout);
    if (w->map == NULL || (row.is_object && w->scan->needs_json)) {
        tarn__buf_clear(&w->payload);
        w->aside = true;
        return tarn__buf_append(&w->payload, payload.ptr, payload.len, err);
    }
    tarn_status st = take_row(w, &row, &w->id, err);
    if (st != TARN_OK)
        return st;
    return w->row < w->max && !enough(w->scan) ? TARN_ROW : TARN_OK;
}

/* --- segments --- */

static uint64_t high_part(const uint8_t *id)
{
    return tarn__be64(id);
}

/* Where a segment begins: ids between the lowest and the highest, evenly. */
static void border(const live_scan *scan, size_t n, uint8_t out[ID_BYTES])
{
    uint8_t shift = 0; /* bytes that all ids begin with */
    while (shift < 8 && scan->low[shift] == scan->high[shift])
        shift++;
    memcpy(out, scan->low, ID_BYTES);
    uint64_t low = high_part(scan->low + shift);
    uint64_t high = high_part(scan->high + shift);
    uint64_t step = (high - low) / scan->segment_count;
    uint64_t at = low + step * n;
    for (int i = 0; i < 8; i++)
        out[shift + i] = (uint8_t)(at >> (56 - 8 * i));
    memset(out + shift + 8, 0, (size_t)(ID_BYTES - shift - 8));
}

static tarn_status with_id(
    const live_scan *scan, const uint8_t *id, tarn_buf *out, tarn_error *err)
{
    tarn_status st =
        tarn__buf_append(out, scan->prefix.ptr, scan->prefix.len, err);
    return st == TARN_OK ? tarn__buf_append(out, id, ID_BYTES, err) : st;
}

/* *more false: none is left. */
static tarn_status next_segment(live_worker *w, bool *more, tarn_error *err)
{
    live_scan *scan = w->scan;
    uint8_t id[ID_BYTES];
    tarn_buf from = TARN_BUF_INIT, to = TARN_BUF_INIT;
    tarn__bulk_free(w->bulk);
    w->bulk = NULL;
    size_t n = atomic_fetch_add(&scan->next, 1);
    *more = n < scan->segment_count;
    if (!*more)
        return TARN_OK;
    tarn_status st = TARN_OK;
    if (n > 0) {
        border(scan, n, id);
        st = with_id(scan, id, &from, err);
    }
    if (st == TARN_OK && n + 1 < scan->segment_count) {
        border(scan, n + 1, id);
        st = with_id(scan, id, &to, err);
    }
    if (st == TARN_OK)
        st = tarn__bulk_open(scan->live->snap, TARN__FAMILY_RECORD,
            tarn__buf_slice(&scan->prefix),
            n > 0 ? tarn__buf_slice(&from) : (tarn_slice){NULL, 0},
            n + 1 < scan->segment_count ? tarn__buf_slice(&to)
                                        : (tarn_slice){NULL, 0},
            &w->bulk, err);
    tarn_buf_reset(&from);
    tarn_buf_reset(&to);
    return st;
}

static tarn_status fill_range(live_worker *w, tarn_error *err)
{
    tarn_status st = TARN_OK;
    bool more = true;
    while (st == TARN_OK && more && w->row < w->max && !enough(w->scan)) {
        if (w->bulk == NULL)
            st = next_segment(w, &more, err);
        if (st != TARN_OK || !more)
            break;
        st = tarn__bulk_next(w->bulk, take_entry, w, err);
        if (st == TARN_OK) {
            tarn__bulk_free(w->bulk);
            w->bulk = NULL;
        } else if (st == TARN_ROW) {
            st = w->aside ? take_aside(w, err) : TARN_OK;
        }
    }
    return st;
}

/* --- by id --- */

static tarn_status take_whole(
    live_worker *w, const tarn__id *id, tarn_error *err)
{
    const tarn__live *live = w->scan->live;
    tarn__row row;
    bool found;
    tarn_status st = tarn__record_read(live->snap, live->tenant, live->table,
        id, &w->payload, &row, &found, err);
    if (st != TARN_OK || !found)
        return st;
    w->id = *id;
    return take_aside(w, err);
}

static tarn_status begin_some(
    live_worker *w, const tarn__live_id *ids, tarn_error *err)
{
    tarn_slice prefix = tarn__buf_slice(&w->scan->prefix);
    tarn_status st = TARN_OK;
    if (w->cursor == NULL)
        st = tarn__read_scan(w->scan->live->snap, TARN__FAMILY_RECORD, prefix,
            (tarn_slice){NULL, 0}, &w->cursor, err);
    tarn__buf_clear(&w->place);
    if (st == TARN_OK)
        st = tarn__buf_append(&w->place, prefix.ptr, prefix.len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(
            &w->place, (const char *)ids->id.bytes, ids->bytes, err);
    if (st == TARN_OK)
        st = tarn__scan_seek(w->cursor, tarn__buf_slice(&w->place), err);
    if (st == TARN_OK)
        w->begun = ids;
    return st;
}

/* The next of the rows that were begun. */
static tarn_status take_some(live_worker *w, tarn_error *err)
{
    tarn_slice key, payload;
    tarn_status st = tarn__scan_next(w->cursor, &key, &payload, NULL, err);
    if (st == TARN_OK ||
        (st == TARN_ROW &&
            (key.len < w->place.len ||
                memcmp(key.ptr, w->place.ptr, w->place.len) != 0))) {
        w->begun = NULL;
        return TARN_OK;
    }
    if (st != TARN_ROW)
        return st;
    if (key.len != w->scan->prefix.len + ID_BYTES)
        return malformed(err);
    memcpy(w->id.bytes, key.ptr + key.len - ID_BYTES, ID_BYTES);
    tarn__buf_clear(&w->payload);
    st = tarn__buf_append(&w->payload, payload.ptr, payload.len, err);
    return st == TARN_OK ? take_aside(w, err) : st;
}

static tarn_status take_id(
    live_worker *w, const tarn__live_id *id, tarn_error *err)
{
    return id->bytes == ID_BYTES ? take_whole(w, &id->id, err)
                                 : begin_some(w, id, err);
}

static tarn_status fill_ids(live_worker *w, tarn_error *err)
{
    live_scan *scan = w->scan;
    const tarn__live *live = scan->live;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && w->row < w->max) {
        if (w->begun != NULL) {
            st = take_some(w, err);
            continue;
        }
        if (w->id_at == w->id_end) {
            w->id_at = atomic_fetch_add(&scan->next, IDS_PER_BLOCK);
            w->id_end = w->id_at + IDS_PER_BLOCK;
        }
        if (w->id_end > live->id_count)
            w->id_end = live->id_count;
        if (w->id_at >= w->id_end || enough(scan)) {
            w->id_at = w->id_end;
            break;
        }
        st = take_id(w, &live->ids[w->id_at++], err);
    }
    return st;
}

/* --- the feed --- */

static void end_scan(void *ptr)
{
    live_scan *scan = ptr;
    for (size_t i = 0; i < scan->map_count; i++)
        tarn__live_map_free(scan->maps[i]);
    tarn__free(scan->maps);
    tarn__free(scan->wanted);
    tarn_buf_reset(&scan->prefix);
    tarn__mutex_free(&scan->lock);
    tarn__free(scan);
}

static bool may_need_json(const tarn__live_column *column)
{
    return column->kind == TARN__LIVE_DOC || column->kind == TARN__LIVE_FIELD ||
        column->kind == TARN__LIVE_PATH;
}

static void look_at_column(live_scan *scan, const tarn__live_column *column)
{
    scan->needs_json = scan->needs_json || may_need_json(column);
    scan->needs_id = scan->needs_id || column->kind == TARN__LIVE_ID;
}

static void look_at_needs(live_scan *scan)
{
    const tarn__live *live = scan->live;
    for (size_t i = 0; i < scan->wanted_count; i++)
        if (scan->wanted[i] < live->column_count)
            look_at_column(scan, &live->columns[scan->wanted[i]]);
    for (size_t i = 0; live->filter != NULL && i < live->column_count; i++)
        if (tarn__live_filter_uses(live->filter, i))
            look_at_column(scan, &live->columns[i]);
}

static tarn_status first_id(
    void *arg, tarn_slice key, tarn_slice payload, tarn_error *err)
{
    live_scan *scan = arg;
    (void)payload;
    if (key.len < ID_BYTES)
        return malformed(err);
    memcpy(scan->low, key.ptr + key.len - ID_BYTES, ID_BYTES);
    return TARN_OK;
}

static tarn_status find_borders(live_scan *scan, tarn_error *err)
{
    const tarn__live *live = scan->live;
    const tarn_slice open = {NULL, 0};
    tarn__bulk *bulk = NULL;
    memset(scan->high, 0xff, ID_BYTES);
    tarn_status st =
        tarn__record_prefix(&scan->prefix, live->tenant, live->table, err);
    scan->segment_count = 1;
    if (st != TARN_OK || live->by_id || live->threads < 2)
        return st;
    scan->segment_count = (size_t)live->threads * SEGMENTS_PER_THREAD;
    st = tarn__bulk_open(live->snap, TARN__FAMILY_RECORD,
        tarn__buf_slice(&scan->prefix), open, open, &bulk, err);
    if (st == TARN_OK)
        st = tarn__bulk_next(bulk, first_id, scan, err);
    tarn__bulk_free(bulk);
    if (st != TARN_ROW) { /* no row: one segment finds that out */
        scan->segment_count = 1;
        return st;
    }
    return tarn__bulk_last(live->snap, TARN__FAMILY_RECORD,
        tarn__buf_slice(&scan->prefix), scan->high, ID_BYTES, err);
}

static tarn_status begin_scan(void *ctx, const size_t *wanted,
    size_t wanted_count, void **out, tarn_error *err)
{
    live_scan *scan = tarn__calloc(1, sizeof(*scan));
    *out = NULL;
    if (scan == NULL)
        return tarn__no_memory(err);
    scan->live = ctx;
    scan->prefix = (tarn_buf)TARN_BUF_INIT;
    tarn__mutex_init(&scan->lock);
    scan->wanted = tarn__calloc(wanted_count + 1, sizeof(*wanted));
    tarn_status st = scan->wanted == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK) {
        memcpy(scan->wanted, wanted, wanted_count * sizeof(*wanted));
        scan->wanted_count = wanted_count;
        look_at_needs(scan);
        st = find_borders(scan, err);
    }
    if (st != TARN_OK) {
        end_scan(scan);
        return st;
    }
    *out = scan;
    return TARN_OK;
}

static tarn_status open_worker(void *ctx, void **out, tarn_error *err)
{
    live_worker *w = tarn__calloc(1, sizeof(*w));
    *out = w;
    if (w == NULL)
        return tarn__no_memory(err);
    w->scan = ctx;
    w->scratch = w->json = w->payload = w->place = (tarn_buf)TARN_BUF_INIT;
    return TARN_OK;
}

static void close_worker(void *ptr)
{
    live_worker *w = ptr;
    tarn__bulk_free(w->bulk);
    tarn__scan_free(w->cursor);
    tarn_buf_reset(&w->place);
    tarn_buf_reset(&w->scratch);
    tarn_buf_reset(&w->json);
    tarn_buf_reset(&w->payload);
    tarn__free(w);
}

static tarn_status fill_worker(void *ptr, tarn__feed_chunk *chunk, size_t max,
    size_t *count, tarn_error *err)
{
    live_worker *w = ptr;
    w->chunk = chunk;
    w->row = 0;
    w->max = max;
    tarn_status st =
        w->scan->live->by_id ? fill_ids(w, err) : fill_range(w, err);
    *count = st == TARN_OK ? w->row : 0;
    return st;
}

tarn_status tarn__live_register(
    tarn__duck *duck, const char *name, tarn__live *live, tarn_error *err)
{
    size_t n = live->column_count;
    live->feed_columns = tarn__calloc(n + 1, sizeof(*live->feed_columns));
    live->feed_types = tarn__calloc(n + 1, sizeof(*live->feed_types));
    if (live->feed_columns == NULL || live->feed_types == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < n; i++)
        live->feed_columns[i] =
            tarn__live_feed_column(&live->columns[i], &live->feed_types[i]);
    live->feed = (tarn__feed){.name = name,
        .columns = live->feed_columns,
        .column_count = n,
        .types = live->feed_types,
        .threads =
            live->by_id && live->id_count <= IDS_PER_BLOCK ? 1 : live->threads,
        .ctx = live,
        .begin = begin_scan,
        .end = end_scan,
        .open = open_worker,
        .fill = fill_worker,
        .close = close_worker};
    return tarn__duck_feed(duck, &live->feed, err);
}

void tarn__live_reset(tarn__live *live)
{
    tarn__free(live->feed_columns);
    tarn__free(live->feed_types);
    live->feed_columns = NULL;
    live->feed_types = NULL;
}

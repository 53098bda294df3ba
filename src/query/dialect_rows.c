/* The rows of LOOKUP and TRAVERSE, as table functions. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "duck/table_function.h"
#include "query/dialect.h"

static tarn__cell text_cell(tarn_slice text)
{
    return text.ptr == NULL ? (tarn__cell){.type = TARN_NULL}
                            : (tarn__cell){.type = TARN_TEXT, .bytes = text};
}

/* --- LOOKUP: key, table, id, doc --- */

typedef struct hit {
    char *table;
    tarn__id id;
} hit;

typedef struct lookup_scan {
    const tarn__dialect *dialect;
    size_t key; /* the next to be looked up */
    hit *hits;  /* of the key before it */
    size_t hit_count, hit_cap;
    size_t next;
    tarn_buf payload;
    tarn_buf json;
    char id[TARN__ID_TEXT_BYTES];
} lookup_scan;

static tarn_status add_hit(
    void *arg, tarn_slice table, const tarn__id *id, tarn_error *err)
{
    lookup_scan *scan = arg;
    for (size_t i = 0; i < scan->hit_count; i++)
        if (tarn__id_eq(&scan->hits[i].id, id))
            return TARN_OK;
    void *raw = scan->hits;
    tarn_status st = tarn__grow(
        &raw, &scan->hit_cap, scan->hit_count + 1, sizeof(*scan->hits), err);
    scan->hits = raw;
    if (st != TARN_OK)
        return st;
    hit *h = &scan->hits[scan->hit_count];
    *h = (hit){tarn__strndup(table.ptr, table.len), *id};
    if (h->table == NULL)
        return tarn__no_memory(err);
    scan->hit_count++;
    return TARN_OK;
}

static void drop_hits(lookup_scan *scan)
{
    for (size_t i = 0; i < scan->hit_count; i++)
        tarn__free(scan->hits[i].table);
    scan->hit_count = scan->next = 0;
}

static void lookup_close(void *ptr)
{
    lookup_scan *scan = ptr;
    if (scan == NULL)
        return;
    drop_hits(scan);
    tarn__free(scan->hits);
    tarn_buf_reset(&scan->payload);
    tarn_buf_reset(&scan->json);
    tarn__free(scan);
}

static tarn_status lookup_open(void *ctx, const char *const *args, void **out,
    tarn__column *columns, size_t max_columns, size_t *column_count,
    tarn_error *err)
{
    static const tarn__column all[] = {{"key", TARN_TEXT}, {"table", TARN_TEXT},
        {"id", TARN_TEXT}, {"doc", TARN_JSON}};
    (void)args;
    (void)max_columns;
    memcpy(columns, all, sizeof(all));
    *column_count = sizeof(all) / sizeof(all[0]);
    lookup_scan *scan = tarn__calloc(1, sizeof(*scan));
    *out = scan;
    if (scan == NULL)
        return tarn__no_memory(err);
    scan->dialect = ctx;
    scan->payload = scan->json = (tarn_buf)TARN_BUF_INIT;
    return TARN_OK;
}

/* A key, and an id. */
static tarn_status look_up(lookup_scan *scan, tarn_slice word, tarn_error *err)
{
    tarn__session *s = scan->dialect->session;
    tarn_slice tenant = tarn_str(s->tenant);
    tarn_buf table = TARN_BUF_INIT;
    tarn__id id;
    bool found = false;
    drop_hits(scan);
    tarn_status st =
        tarn__record_by_key(s->snap, tenant, word, add_hit, scan, err);
    if (st == TARN_OK && tarn__id_parse(word, &id))
        st = tarn__record_table_of(s->snap, tenant, &id, &table, &found, err);
    if (st == TARN_OK && found)
        st = add_hit(scan, tarn__buf_slice(&table), &id, err);
    tarn_buf_reset(&table);
    return st;
}

static tarn_status give_hit(lookup_scan *scan, const hit *h, tarn__cell *cells,
    bool *given, tarn_error *err)
{
    tarn__session *s = scan->dialect->session;
    tarn__row row;
    bool found;
    *given = false;
    tarn_status st = tarn__record_read(s->snap, tarn_str(s->tenant),
        tarn_str(h->table), &h->id, &scan->payload, &row, &found, err);
    if (st != TARN_OK || !found || row.deleted)
        return st;
    tarn__buf_clear(&scan->json);
    st = tarn__record_json(s->snap, &row, &scan->json, err);
    if (st != TARN_OK)
        return st;
    *given = true;
    cells[0] = text_cell(row.key);
    cells[1] = text_cell(tarn_str(h->table));
    cells[2] = text_cell(tarn_str(tarn__id_format(&h->id, scan->id)));
    cells[3] =
        (tarn__cell){.type = TARN_JSON, .bytes = tarn__buf_slice(&scan->json)};
    return TARN_OK;
}

static tarn_status lookup_next(
    void *ptr, const bool *wanted, tarn__cell *cells, tarn_error *err)
{
    lookup_scan *scan = ptr;
    tarn_status st = TARN_OK;
    (void)wanted;
    for (bool given = false; st == TARN_OK && !given;) {
        if (scan->next < scan->hit_count) {
            st = give_hit(scan, &scan->hits[scan->next++], cells, &given, err);
        } else {
            if (scan->key == scan->dialect->key_count)
                return TARN_OK;
            st = look_up(scan, scan->dialect->keys[scan->key++], err);
        }
    }
    return st == TARN_OK ? TARN_ROW : st;
}

/* --- TRAVERSE: depth, id, key, table, path --- */

typedef struct traverse_scan {
    tarn__traverse *way;
    char id[TARN__ID_TEXT_BYTES];
} traverse_scan;

static void traverse_close(void *ptr)
{
    traverse_scan *scan = ptr;
    if (scan == NULL)
        return;
    tarn__traverse_free(scan->way);
    tarn__free(scan);
}

static tarn_status traverse_open(void *ctx, const char *const *args, void **out,
    tarn__column *columns, size_t max_columns, size_t *column_count,
    tarn_error *err)
{
    static const tarn__column all[] = {{"depth", TARN_INT64}, {"id", TARN_TEXT},
        {"key", TARN_TEXT}, {"table", TARN_TEXT}, {"path", TARN_JSON}};
    const tarn__dialect *d = ctx;
    (void)args;
    (void)max_columns;
    memcpy(columns, all, sizeof(all));
    *column_count = sizeof(all) / sizeof(all[0]);
    *out = NULL;
    traverse_scan *scan = tarn__calloc(1, sizeof(*scan));
    if (scan == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__traverse_open(
        d->session->snap, d->keys[0], &d->traverse, true, &scan->way, err);
    if (st == TARN_OK)
        *out = scan;
    else
        traverse_close(scan);
    return st;
}

static tarn_status traverse_next(
    void *ptr, const bool *wanted, tarn__cell *cells, tarn_error *err)
{
    traverse_scan *scan = ptr;
    tarn__traverse_row row;
    (void)wanted;
    tarn_status st = tarn__traverse_next(scan->way, &row, err);
    if (st != TARN_ROW)
        return st;
    cells[0] = (tarn__cell){.type = TARN_INT64, .i64 = row.depth};
    cells[1] = text_cell(tarn_str(tarn__id_format(&row.id, scan->id)));
    cells[2] =
        row.has_key ? text_cell(row.key) : (tarn__cell){.type = TARN_NULL};
    cells[3] = text_cell(row.table);
    cells[4] = (tarn__cell){.type = TARN_JSON, .bytes = row.path};
    return TARN_ROW;
}

tarn_status tarn__dialect_sql(tarn__dialect *d, tarn_buf *sql, tarn_error *err)
{
    static const tarn__source lookup = {
        "tarn__lookup", 0, lookup_open, lookup_next, lookup_close};
    static const tarn__source traverse = {
        "tarn__traverse", 0, traverse_open, traverse_next, traverse_close};
    tarn_status st = tarn__duck_register(
        d->session->duck, d->lookup ? &lookup : &traverse, d, err);
    return st == TARN_OK ? tarn__buf_printf(sql, err, "SELECT * FROM %s()",
                               d->lookup ? lookup.name : traverse.name)
                         : st;
}

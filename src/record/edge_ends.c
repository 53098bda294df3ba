/* What is said of the records at the ends of edges, kept in two halves: when
 * one is full, the other is emptied and filled. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "record/edge_internal.h"

#define HALF_BYTES ((size_t)16 << 20)

/* --- reading one --- */

void tarn__end_reader_init(
    tarn__end_reader *reader, tarn_snapshot *snap, tarn_slice tenant)
{
    reader->snap = snap;
    reader->tenant = tenant;
    reader->table = reader->payload = (tarn_buf)TARN_BUF_INIT;
}

void tarn__end_reader_reset(tarn__end_reader *reader)
{
    tarn_buf_reset(&reader->table);
    tarn_buf_reset(&reader->payload);
}

/* The table of the one before is tried first: an id is in one table only. */
tarn_status tarn__end_read(tarn__end_reader *reader, const tarn__id *id,
    tarn__end *out, tarn_error *err)
{
    bool found = false;
    tarn__row row;
    tarn_status st = TARN_OK;

    memset(out, 0, sizeof *out);
    if (reader->table.len > 0)
        st = tarn__record_read(reader->snap, reader->tenant,
            tarn__buf_slice(&reader->table), id, &reader->payload, &row, &found,
            err);
    if (st != TARN_OK)
        return st;
    if (!found) {
        st = tarn__record_table_of(
            reader->snap, reader->tenant, id, &reader->table, &found, err);
        if (st != TARN_OK || !found)
            return st;
        st = tarn__record_read(reader->snap, reader->tenant,
            tarn__buf_slice(&reader->table), id, &reader->payload, &row, &found,
            err);
    }
    if (st != TARN_OK || !found || row.deleted)
        return st;
    out->alive = true;
    out->has_key = row.key.ptr != NULL;
    out->key = row.key;
    out->table = tarn__buf_slice(&reader->table);
    return TARN_OK;
}

/* --- the cache --- */

typedef struct half {
    tarn__id_map map; /* to places in `ends` */
    tarn__end *ends;  /* their texts are in the arena */
    size_t cap, count;
    tarn__arena arena;
    tarn_slice table; /* kept last */
} half;

struct tarn__ends {
    tarn__end_reader reader;
    tarn_buf tenant;
    half halves[2];
    int filling;
};

tarn_status tarn__ends_create(
    tarn_snapshot *snap, tarn_slice tenant, tarn__ends **out, tarn_error *err)
{
    tarn__ends *ends = tarn__calloc(1, sizeof *ends);

    *out = NULL;
    if (ends == NULL)
        return tarn__no_memory(err);
    ends->tenant = (tarn_buf)TARN_BUF_INIT;
    tarn_status st =
        tarn__buf_append(&ends->tenant, tenant.ptr, tenant.len, err);
    tarn__end_reader_init(&ends->reader, snap, tarn__buf_slice(&ends->tenant));
    if (st != TARN_OK) {
        tarn__ends_free(ends);
        return st;
    }
    *out = ends;
    return TARN_OK;
}

static void empty(half *h)
{
    tarn__id_map_reset(&h->map);
    tarn__free(h->ends);
    tarn__arena_reset(&h->arena);
    h->ends = NULL;
    h->table = (tarn_slice){NULL, 0};
    h->cap = h->count = 0;
}

void tarn__ends_free(tarn__ends *ends)
{
    if (ends == NULL)
        return;
    empty(&ends->halves[0]);
    empty(&ends->halves[1]);
    tarn__end_reader_reset(&ends->reader);
    tarn_buf_reset(&ends->tenant);
    tarn__free(ends);
}

static size_t bytes_of(const half *h)
{
    return tarn__id_map_bytes(&h->map) + h->cap * sizeof *h->ends +
        h->arena.used_bytes;
}

bool tarn__end_keep(tarn__arena *arena, tarn_slice *table, tarn__end *end)
{
    if (end->key.len > 0)
        end->key = tarn__arena_copy(arena, end->key);
    if (end->has_key && end->key.ptr == NULL)
        return false;
    if (end->table.len > 0 && !tarn__slice_eq(end->table, *table)) {
        *table = tarn__arena_copy(arena, end->table);
        if (table->ptr == NULL) {
            table->len = 0;
            return false;
        }
    }
    end->table = *table;
    return true;
}

static tarn_status keep(
    tarn__ends *ends, const tarn__id *id, tarn__end *end, tarn_error *err)
{
    half *h = &ends->halves[ends->filling];

    if (bytes_of(h) > HALF_BYTES) {
        ends->filling = 1 - ends->filling;
        h = &ends->halves[ends->filling];
        empty(h);
    }
    tarn_status st = tarn__grow(
        (void **)&h->ends, &h->cap, h->count + 1, sizeof *h->ends, err);
    if (st == TARN_OK && !tarn__end_keep(&h->arena, &h->table, end))
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn__id_map_add(&h->map, id, (uint32_t)h->count, err);
    if (st == TARN_OK)
        h->ends[h->count++] = *end;
    return st;
}

tarn_status tarn__ends_get(
    tarn__ends *ends, const tarn__id *id, tarn__end *out, tarn_error *err)
{
    uint32_t at;

    for (int i = 0; i < 2; i++) {
        if (tarn__id_map_get(&ends->halves[i].map, id, &at)) {
            *out = ends->halves[i].ends[at];
            return TARN_OK;
        }
    }
    tarn_status st = tarn__end_read(&ends->reader, id, out, err);
    return st == TARN_OK ? keep(ends, id, out, err) : st;
}

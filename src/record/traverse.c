/* Ways along edges: what both orders share, and the public rows. */
#include "record/traverse.h"

#include "base/error.h"
#include "base/json.h"
#include "base/rows.h"
#include "record/traverse_internal.h"

/* Not NULL when it is empty: a name that is there. */
static tarn_slice name_of(const tarn_buf *buf)
{
    return (tarn_slice){buf->ptr != NULL ? buf->ptr : "", buf->len};
}

static tarn_status one_side(tarn__traverse *t, const tarn__id *id, bool in,
    tarn__neighbour_fn fn, tarn_error *err)
{
    tarn_slice type = {NULL, 0};
    tarn__edge_scan *scan = NULL;
    tarn__edge edge;

    if (t->has_type)
        type = name_of(&t->type);
    tarn_status st = tarn__edge_scan_open(
        t->snap, tarn__buf_slice(&t->tenant), id, in, type, &scan, err);
    while (st == TARN_OK &&
        (st = tarn__edge_scan_next(scan, &edge, err)) == TARN_ROW)
        st = fn(t, in ? &edge.src : &edge.dst, err);
    tarn__edge_scan_free(scan);
    return st;
}

tarn_status tarn__traverse_neighbours(tarn__traverse *t, const tarn__id *id,
    tarn__neighbour_fn fn, tarn_error *err)
{
    tarn_status st = TARN_OK;

    if (tarn__progress_step(&t->progress, "traverse", ++t->visited, 0))
        return tarn__fail(err, TARN_INTERRUPTED, "interrupted");
    if ((t->direction & TARN_EDGE_OUT) != 0)
        st = one_side(t, id, false, fn, err);
    if (st == TARN_OK && (t->direction & TARN_EDGE_IN) != 0)
        st = one_side(t, id, true, fn, err);
    return st;
}

tarn_status tarn__path_add(tarn_buf *path, const tarn__id *id, bool has_key,
    tarn_slice key, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];

    return tarn__json_quote(
        path, has_key ? key : tarn_str(tarn__id_format(id, text)), err);
}

/* --- opening --- */

static tarn_status check_options(
    const tarn_traverse_options *options, tarn_error *err)
{
    if (options->depth < 1)
        return tarn__fail(err, TARN_INVALID,
            "traverse: depth %lld (give 1 or more)", (long long)options->depth);
    if (options->direction < TARN_EDGE_OUT ||
        options->direction > TARN_EDGE_BOTH)
        return tarn__fail(err, TARN_INVALID,
            "traverse: no such direction (give out, in or both)");
    return TARN_OK;
}

/* *found false: not there, and that is well. */
static tarn_status find_end(tarn__traverse *t, tarn_slice word,
    tarn__record_ref *ref, bool *found, tarn_error *err)
{
    tarn_status st = tarn__record_resolve(
        t->snap, name_of(&t->tenant), word, NULL, false, ref, err);

    *found = st == TARN_OK;
    return st == TARN_NOT_FOUND && t->missing_ok ? TARN_OK : st;
}

static tarn_status fill(tarn__traverse *t, tarn_slice from,
    const tarn_traverse_options *options, tarn_error *err)
{
    tarn_slice tenant;
    bool found = false, to_found = true;

    tarn_status st = check_options(options, err);
    if (st == TARN_OK)
        st = tarn__tenant_of(options->tenant, &tenant, err);
    if (st == TARN_OK)
        st = tarn__buf_append(&t->tenant, tenant.ptr, tenant.len, err);
    if (st == TARN_OK && options->type != NULL)
        st = tarn__buf_str(&t->type, options->type, err);
    t->has_type = options->type != NULL;
    t->has_to = options->to != NULL;
    t->direction = options->direction;
    t->depth = options->depth;
    t->depth_first = options->order == TARN_TRAVERSE_DFS;
    if (st == TARN_OK)
        st = find_end(t, from, &t->from, &found, err);
    if (st == TARN_OK && t->has_to)
        st = find_end(t, tarn_str(options->to), &t->to, &to_found, err);
    t->done = !found || !to_found;
    if (st != TARN_OK || t->done)
        return st;
    return t->depth_first ? tarn__dfs_start(t, err) : tarn__bfs_start(t, err);
}

tarn_status tarn__traverse_open(tarn_snapshot *snap, tarn_slice from,
    const tarn_traverse_options *options, bool missing_ok, tarn__traverse **out,
    tarn_error *err)
{
    static const tarn_traverse_options defaults = TARN_TRAVERSE_OPTIONS_INIT;
    static const tarn__record_ref no_ref = TARN__RECORD_REF_INIT;
    tarn__traverse *t = tarn__calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL)
        return tarn__no_memory(err);
    tarn_lake *lake = tarn__snapshot_lake(snap);
    t->snap = snap;
    t->missing_ok = missing_ok;
    t->tenant = t->type = t->path = t->dfs.path = (tarn_buf)TARN_BUF_INIT;
    t->from = t->to = no_ref;
    /* A copy: the lake's own is another thread's when SQL asks. */
    t->progress = *tarn__lake_progress(lake);
    t->bfs.max_bytes = tarn__lake_memory_bytes(lake) / 2;
    tarn_status st = fill(t, from, options != NULL ? options : &defaults, err);
    if (st != TARN_OK) {
        tarn__traverse_free(t);
        return st;
    }
    *out = t;
    return TARN_OK;
}

void tarn__traverse_free(tarn__traverse *t)
{
    if (t == NULL)
        return;
    tarn__bfs_reset(&t->bfs);
    tarn__dfs_reset(&t->dfs);
    tarn__record_ref_reset(&t->from);
    tarn__record_ref_reset(&t->to);
    tarn_buf_reset(&t->tenant);
    tarn_buf_reset(&t->type);
    tarn_buf_reset(&t->path);
    tarn__free(t);
}

/* --- rows --- */

/* The way from a record to itself has no step. */
static tarn_status give_start(
    tarn__traverse *t, tarn__traverse_row *row, tarn_error *err)
{
    tarn__buf_clear(&t->path);
    tarn_status st = tarn__buf_char(&t->path, '[', err);
    if (st == TARN_OK)
        st = tarn__path_add(
            &t->path, &t->from.id, t->from.has_key, name_of(&t->from.key), err);
    if (st == TARN_OK)
        st = tarn__buf_char(&t->path, ']', err);
    *row = (tarn__traverse_row){0, t->from.id, t->from.has_key,
        name_of(&t->from.key), tarn_str(t->from.table),
        tarn__buf_slice(&t->path)};
    t->done = true;
    return st == TARN_OK ? TARN_ROW : st;
}

static tarn_status no_way(const tarn__traverse *t, tarn_error *err)
{
    char from[TARN__ID_TEXT_BYTES], to[TARN__ID_TEXT_BYTES];

    return tarn__fail(err, TARN_NOT_FOUND,
        "traverse: no way from %.80s to %.80s of at most %lld steps (give "
        "more with --depth)",
        t->from.has_key ? name_of(&t->from.key).ptr
                        : tarn__id_format(&t->from.id, from),
        t->to.has_key ? name_of(&t->to.key).ptr
                      : tarn__id_format(&t->to.id, to),
        (long long)t->depth);
}

tarn_status tarn__traverse_next(
    tarn__traverse *t, tarn__traverse_row *row, tarn_error *err)
{
    tarn_status st = TARN_OK;

    if (!t->done && t->has_to && tarn__id_eq(&t->from.id, &t->to.id)) {
        t->any = true;
        return give_start(t, row, err);
    }
    if (!t->done)
        st = t->depth_first ? tarn__dfs_next(t, row, err)
                            : tarn__bfs_next(t, row, err);
    t->done = st == TARN_OK;
    t->any = t->any || st == TARN_ROW;
    if (st == TARN_OK && t->has_to && !t->any && !t->missing_ok)
        return no_way(t, err);
    return st;
}

enum { DEPTH, ID, KEY, TABLE, PATH, COLUMN_COUNT };

typedef struct rows {
    tarn__traverse *t;
    tarn__traverse_row first; /* has_first: found already */
    bool has_first;
    char id[TARN__ID_TEXT_BYTES];
    tarn_buf key, table, path; /* NUL-terminated */
} rows;

static tarn_status give(tarn__cell *cell, tarn_buf *buf, tarn_type type,
    tarn_slice text, tarn_error *err)
{
    tarn__buf_clear(buf);
    tarn_status st = tarn__buf_append(buf, text.ptr, text.len, err);
    cell->type = type;
    cell->bytes = tarn__buf_slice(buf);
    return st;
}

static tarn_status rows_next(void *self, tarn__cell *cells, tarn_error *err)
{
    rows *r = self;
    tarn__traverse_row row = r->first;
    tarn_status st = TARN_ROW;

    if (!r->has_first)
        st = tarn__traverse_next(r->t, &row, err);
    r->has_first = false;
    if (st != TARN_ROW)
        return st;
    cells[DEPTH].type = TARN_INT64;
    cells[DEPTH].i64 = row.depth;
    cells[ID].type = TARN_TEXT;
    cells[ID].bytes = tarn_str(tarn__id_format(&row.id, r->id));
    st = give(&cells[TABLE], &r->table, TARN_TEXT, row.table, err);
    if (st == TARN_OK && row.has_key)
        st = give(&cells[KEY], &r->key, TARN_TEXT, row.key, err);
    if (st == TARN_OK)
        st = give(&cells[PATH], &r->path, TARN_JSON, row.path, err);
    return st == TARN_OK ? TARN_ROW : st;
}

static void rows_free(void *self)
{
    rows *r = self;

    tarn__traverse_free(r->t);
    tarn_buf_reset(&r->key);
    tarn_buf_reset(&r->table);
    tarn_buf_reset(&r->path);
    tarn__free(r);
}

tarn_status tarn_traverse(tarn_snapshot *snap, const char *from,
    const tarn_traverse_options *options, tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {rows_next, rows_free};
    static const tarn__column columns[COLUMN_COUNT] = {
        [DEPTH] = {.name = "depth", .type = TARN_INT64},
        [ID] = {.name = "id", .type = TARN_TEXT},
        [KEY] = {.name = "key", .type = TARN_TEXT},
        [TABLE] = {.name = "table", .type = TARN_TEXT},
        [PATH] = {.name = "path", .type = TARN_JSON}};
    rows *r = tarn__calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return tarn__no_memory(err);
    r->key = r->table = r->path = (tarn_buf)TARN_BUF_INIT;
    tarn_status st =
        tarn__traverse_open(snap, tarn_str(from), options, false, &r->t, err);
    if (st == TARN_OK && r->t->has_to) { /* that there is no way is said now */
        st = tarn__traverse_next(r->t, &r->first, err);
        r->has_first = st == TARN_ROW;
        st = r->has_first ? TARN_OK : st;
    }
    if (st == TARN_OK)
        st = tarn__rows_create(&cls, r, columns, COLUMN_COUNT, out, err);
    if (st != TARN_OK)
        rows_free(r);
    return st;
}

/* Depth-first: each simple path. */
#include "base/error.h"
#include "record/traverse_internal.h"

static tarn_status add_branch(
    tarn__traverse *t, const tarn__id *id, tarn_error *err)
{
    tarn__dfs *d = &t->dfs;

    tarn_status st = tarn__grow((void **)&d->branches, &d->branch_cap,
        d->branch_count + 1, sizeof *d->branches, err);
    if (st == TARN_OK)
        d->branches[d->branch_count++] = *id;
    return st;
}

/* Several relations, or both directions, may lead to one record: it is one
 * step all the same. */
static tarn_status drop_twins(tarn__dfs *d, size_t from, tarn_error *err)
{
    tarn__id_map seen = TARN__ID_MAP_INIT;
    size_t kept = from;
    uint32_t ignored;
    tarn_status st = TARN_OK;

    for (size_t i = from; i < d->branch_count && st == TARN_OK; i++) {
        if (tarn__id_map_get(&seen, &d->branches[i], &ignored))
            continue;
        st = tarn__id_map_add(&seen, &d->branches[i], 0, err);
        d->branches[kept++] = d->branches[i];
    }
    d->branch_count = kept;
    tarn__id_map_reset(&seen);
    return st;
}

/* Puts a record on the path.  Its key stands in d->path already. */
static tarn_status push(tarn__traverse *t, const tarn__id *id, tarn_error *err)
{
    tarn__dfs *d = &t->dfs;
    size_t from = d->branch_count;
    tarn__id own = *id; /* may stand among the branches, which move */

    tarn_status st = tarn__grow(
        (void **)&d->frames, &d->cap, d->count + 1, sizeof *d->frames, err);
    if (st == TARN_OK)
        st = tarn__traverse_neighbours(t, &own, add_branch, err);
    if (st == TARN_OK && (!t->has_type || t->direction == TARN_EDGE_BOTH))
        st = drop_twins(d, from, err);
    if (st == TARN_OK)
        d->frames[d->count++] =
            (tarn__dfs_frame){own, d->path.len, from, d->branch_count};
    return st;
}

tarn_status tarn__dfs_start(tarn__traverse *t, tarn_error *err)
{
    tarn__dfs *d = &t->dfs;

    tarn_status st =
        tarn__ends_create(t->snap, tarn__buf_slice(&t->tenant), &d->ends, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&d->path, '[', err);
    if (st == TARN_OK)
        st = tarn__path_add(&d->path, &t->from.id, t->from.has_key,
            tarn__buf_slice(&t->from.key), err);
    return st == TARN_OK ? push(t, &t->from.id, err) : st;
}

void tarn__dfs_reset(tarn__dfs *d)
{
    tarn__ends_free(d->ends);
    tarn__free(d->frames);
    tarn__free(d->branches);
    tarn_buf_reset(&d->path);
}

static bool on_path(const tarn__dfs *d, const tarn__id *id)
{
    for (size_t i = 0; i < d->count; i++)
        if (tarn__id_eq(&d->frames[i].id, id))
            return true;
    return false;
}

/* The next branch that is no record of the path; *found false: none is left. */
static void next_branch(tarn__dfs *d, tarn__id *id, bool *found)
{
    *found = false;
    while (d->count > 0 && !*found) {
        tarn__dfs_frame *top = &d->frames[d->count - 1];
        if (top->at == top->end) {
            d->count--;
            d->branch_count = d->count > 0 ? d->frames[d->count - 1].end : 0;
            continue;
        }
        *id = d->branches[top->at++];
        *found = !on_path(d, id);
    }
}

/* The path on to a record, as the row has it. */
static tarn_status make_path(tarn__traverse *t, const tarn__id *id,
    const tarn__end *end, tarn_error *err)
{
    tarn__dfs *d = &t->dfs;

    d->path.len = d->frames[d->count - 1].path_len;
    tarn_status st = tarn__buf_char(&d->path, ',', err);
    if (st == TARN_OK)
        st = tarn__path_add(&d->path, id, end->has_key, end->key, err);
    tarn__buf_clear(&t->path);
    if (st == TARN_OK)
        st = tarn__buf_append(&t->path, d->path.ptr, d->path.len, err);
    return st == TARN_OK ? tarn__buf_char(&t->path, ']', err) : st;
}

tarn_status tarn__dfs_next(
    tarn__traverse *t, tarn__traverse_row *row, tarn_error *err)
{
    tarn__dfs *d = &t->dfs;
    tarn__end end;
    tarn__id id;
    bool found;

    for (;;) {
        next_branch(d, &id, &found);
        if (!found)
            return TARN_OK;
        tarn_status st = tarn__ends_get(d->ends, &id, &end, err);
        if (st != TARN_OK)
            return st;
        if (!end.alive)
            continue;
        bool last = t->has_to && tarn__id_eq(&id, &t->to.id);
        size_t depth = d->count;
        st = make_path(t, &id, &end, err);
        if (st == TARN_OK && !last && (int64_t)depth < t->depth)
            st = push(t, &id, err);
        if (st != TARN_OK)
            return st;
        if (t->has_to && !last)
            continue;
        *row = (tarn__traverse_row){(int64_t)depth, id, end.has_key, end.key,
            end.table, tarn__buf_slice(&t->path)};
        return TARN_ROW;
    }
}

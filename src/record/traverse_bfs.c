/* Breadth-first: one level after the other, each record once. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "record/traverse_internal.h"

typedef struct tarn__bfs_order {
    tarn__id id;
    uint32_t at;
} order;

static tarn_status add_node(
    tarn__traverse *t, const tarn__id *id, uint32_t parent, tarn_error *err)
{
    tarn__bfs *b = &t->bfs;
    uint64_t bytes = tarn__id_map_bytes(&b->seen) + b->cap * sizeof *b->nodes +
        b->arena.used_bytes;

    if (bytes > b->max_bytes || b->count >= UINT32_MAX - 1)
        return tarn__fail(err, TARN_FAILED,
            "traverse: %zu records were reached, more do not fit into memory "
            "(give less depth, a type, or more --memory)",
            b->count);
    tarn_status st = tarn__grow(
        (void **)&b->nodes, &b->cap, b->count + 1, sizeof *b->nodes, err);
    if (st == TARN_OK)
        st = tarn__id_map_add(&b->seen, id, 0, err);
    if (st == TARN_OK)
        b->nodes[b->count++] = (tarn__bfs_node){.id = *id, .parent = parent};
    return st;
}

tarn_status tarn__bfs_start(tarn__traverse *t, tarn_error *err)
{
    tarn__bfs *b = &t->bfs;

    tarn__end_reader_init(&b->reader, t->snap, tarn__buf_slice(&t->tenant));
    tarn_status st = add_node(t, &t->from.id, 0, err);
    if (st != TARN_OK)
        return st;
    b->nodes[0].end = (tarn__end){true, t->from.has_key,
        tarn__buf_slice(&t->from.key), tarn_str(t->from.table)};
    b->level_end = b->given = 1;
    return TARN_OK;
}

void tarn__bfs_reset(tarn__bfs *b)
{
    tarn__free(b->nodes);
    tarn__free(b->order);
    tarn__id_map_reset(&b->seen);
    tarn__arena_reset(&b->arena);
    tarn__end_reader_reset(&b->reader);
}

/* --- a level --- */

static tarn_status visit(tarn__traverse *t, const tarn__id *id, tarn_error *err)
{
    tarn__bfs *b = &t->bfs;
    uint32_t ignored;

    if (b->reached || tarn__id_map_get(&b->seen, id, &ignored))
        return TARN_OK;
    tarn_status st = add_node(t, id, (uint32_t)b->level, err);
    b->reached = st == TARN_OK && t->has_to && tarn__id_eq(id, &t->to.id);
    return st;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(
        ((const order *)a)->id.bytes, ((const order *)b)->id.bytes, 16);
}

/* Reads what is said of the level's records, in the order in which they stand
 * in the view, and drops those that do not live. */
static tarn_status read_ends(tarn__bfs *b, size_t from, tarn_error *err)
{
    size_t n = b->count - from;
    size_t kept = from;

    tarn_status st =
        tarn__grow((void **)&b->order, &b->order_cap, n, sizeof *b->order, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; i < n; i++)
        b->order[i] = (order){b->nodes[from + i].id, (uint32_t)(from + i)};
    qsort(b->order, n, sizeof *b->order, compare_ids);
    for (size_t i = 0; i < n; i++) {
        tarn__end *end = &b->nodes[b->order[i].at].end;
        st = tarn__end_read(&b->reader, &b->order[i].id, end, err);
        if (st == TARN_OK && end->alive &&
            !tarn__end_keep(&b->arena, &b->table, end))
            st = tarn__no_memory(err);
        if (st != TARN_OK)
            return st;
    }
    for (size_t i = from; i < b->count; i++)
        if (b->nodes[i].end.alive)
            b->nodes[kept++] = b->nodes[i];
    b->count = kept;
    return TARN_OK;
}

/* The id is a copy: nodes move while they grow. */
static tarn_status expand(tarn__traverse *t, tarn__id id, tarn_error *err)
{
    return tarn__traverse_neighbours(t, &id, visit, err);
}

/* Nodes of the level at `level`..`level_end` -> those behind them. */
static tarn_status next_level(tarn__traverse *t, tarn_error *err)
{
    tarn__bfs *b = &t->bfs;
    size_t from = b->count;
    tarn_status st = TARN_OK;

    for (; b->level < b->level_end && st == TARN_OK && !b->reached; b->level++)
        st = expand(t, b->nodes[b->level].id, err);
    if (st != TARN_OK)
        return st;
    if (b->reached) { /* the others are not asked for */
        b->nodes[from] = b->nodes[b->count - 1];
        b->count = from + 1;
    }
    if (b->count > from)
        st = read_ends(b, from, err);
    b->level = from;
    b->level_end = b->count;
    b->level_depth++;
    return st;
}

/* --- rows --- */

static tarn_status make_path(tarn__traverse *t, size_t at, tarn_error *err)
{
    tarn__bfs *b = &t->bfs;
    size_t len = (size_t)b->level_depth + 1;

    tarn_status st = tarn__grow(
        (void **)&b->order, &b->order_cap, len, sizeof *b->order, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = len; i > 0; i--) {
        b->order[i - 1].at = (uint32_t)at;
        at = b->nodes[at].parent;
    }
    tarn__buf_clear(&t->path);
    for (size_t i = 0; i < len && st == TARN_OK; i++) {
        const tarn__bfs_node *node = &b->nodes[b->order[i].at];
        st = tarn__buf_char(&t->path, i == 0 ? '[' : ',', err);
        if (st == TARN_OK)
            st = tarn__path_add(
                &t->path, &node->id, node->end.has_key, node->end.key, err);
    }
    return st == TARN_OK ? tarn__buf_char(&t->path, ']', err) : st;
}

tarn_status tarn__bfs_next(
    tarn__traverse *t, tarn__traverse_row *row, tarn_error *err)
{
    tarn__bfs *b = &t->bfs;

    for (;;) {
        if (b->given == b->count) {
            if (b->level == b->level_end || b->level_depth == t->depth ||
                b->reached)
                return TARN_OK;
            tarn_status st = next_level(t, err);
            if (st != TARN_OK)
                return st;
            continue;
        }
        size_t at = b->given++;
        if (t->has_to && !b->reached)
            continue;
        tarn_status st = make_path(t, at, err);
        const tarn__bfs_node *node = &b->nodes[at];
        *row = (tarn__traverse_row){b->level_depth, node->id, node->end.has_key,
            node->end.key, node->end.table, tarn__buf_slice(&t->path)};
        return st == TARN_OK ? TARN_ROW : st;
    }
}

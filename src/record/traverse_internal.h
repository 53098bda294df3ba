/* What the files of traverse share. */
#ifndef TARN_RECORD_TRAVERSE_INTERNAL_H
#define TARN_RECORD_TRAVERSE_INTERNAL_H

#include "base/progress.h"
#include "record/edge_internal.h"
#include "record/traverse.h"

/* A record that breadth-first search has seen, and lives. */
typedef struct tarn__bfs_node {
    tarn__id id;
    uint32_t parent; /* place of the one that it was reached from */
    tarn__end end;   /* texts are in the arena */
} tarn__bfs_node;

typedef struct tarn__bfs {
    tarn__bfs_node *nodes; /* level after level; the first is the start */
    size_t count, cap;
    size_t level, level_end; /* nodes of the deepest level that is whole */
    int64_t level_depth;
    size_t given; /* nodes up to here were handed out */
    tarn__id_map seen;
    struct tarn__bfs_order *order; /* for one level at a time */
    size_t order_cap;
    tarn__arena arena;
    tarn_slice table; /* kept last in the arena */
    tarn__end_reader reader;
    uint64_t max_bytes;
    bool reached; /* `to` is the last node */
} tarn__bfs;

/* A record on the path of depth-first search. */
typedef struct tarn__dfs_frame {
    tarn__id id;
    size_t path_len; /* of `path` with its key */
    size_t at, end;  /* branches that are left */
} tarn__dfs_frame;

typedef struct tarn__dfs {
    tarn__dfs_frame *frames;
    size_t count, cap;
    tarn__id *branches; /* of all frames, stacked */
    size_t branch_count, branch_cap;
    tarn_buf path; /* "[\"a\",\"b\"" of the frames */
    tarn__ends *ends;
} tarn__dfs;

struct tarn__traverse {
    tarn_snapshot *snap;
    tarn_buf tenant, type;
    bool has_type, has_to, missing_ok, done;
    tarn_edge_direction direction;
    int64_t depth;
    bool depth_first;
    tarn__record_ref from, to;
    bool any;      /* a row was given */
    tarn_buf path; /* of the row */
    tarn__progress progress;
    uint64_t visited;
    tarn__bfs bfs;
    tarn__dfs dfs;
};

/* Calls fn for the record at the other end of each edge of `id` that counts, in
 * order; some may come twice. */
typedef tarn_status (*tarn__neighbour_fn)(
    tarn__traverse *t, const tarn__id *id, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__traverse_neighbours(tarn__traverse *t,
    const tarn__id *id, tarn__neighbour_fn fn, tarn_error *err);
/* A record's key, or its id, as a JSON string. */
TARN_MUST_CHECK tarn_status tarn__path_add(tarn_buf *path, const tarn__id *id,
    bool has_key, tarn_slice key, tarn_error *err);

TARN_MUST_CHECK tarn_status tarn__bfs_start(tarn__traverse *t, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__bfs_next(
    tarn__traverse *t, tarn__traverse_row *row, tarn_error *err);
void tarn__bfs_reset(tarn__bfs *bfs);
TARN_MUST_CHECK tarn_status tarn__dfs_start(tarn__traverse *t, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__dfs_next(
    tarn__traverse *t, tarn__traverse_row *row, tarn_error *err);
void tarn__dfs_reset(tarn__dfs *dfs);

#endif

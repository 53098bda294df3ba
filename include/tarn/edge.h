/** Edges between records, and ways along them.
 *
 *  1. An edge is a source, a relation, a destination and properties (a JSON
 *     object, kept byte for byte).  Two records have at most one of a relation
 *     in each direction; a second put replaces the properties and keeps
 *     created_at.
 *  2. Tenants and names of records are as in <tarn/record.h>.
 *  3. An edge with an end that is softly deleted is not seen until that record
 *     is put again; tarn_edge_rm() removes it all the same.
 */
#ifndef TARN_EDGE_H
#define TARN_EDGE_H

#include <tarn/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tarn_edge_direction {
    TARN_EDGE_OUT = 1,
    TARN_EDGE_IN = 2,
    TARN_EDGE_BOTH = 3
} tarn_edge_direction;

typedef struct tarn_edge_options {
    const char *tenant; /* NULL: "default" */
    tarn_edge_direction direction;
    const char *type; /* a relation; NULL: all */
} tarn_edge_options;
#define TARN_EDGE_OPTIONS_INIT    \
    {                             \
        NULL, TARN_EDGE_OUT, NULL \
    }

/** Insert or replace one edge.  What is there already changes nothing.
 *
 * @param src, dst ID, KEY or TABLE/KEY.
 * @param rel     1 to 255 bytes of UTF-8.
 * @param props   a JSON object below 65,536 bytes; ptr NULL: none.
 * @param options the tenant; may be NULL.
 * @return TARN_OK; TARN_NOT_FOUND: an end is not there; TARN_CONFLICT: a key
 *         that several records have; TARN_INVALID: no relation; TARN_BAD_INPUT:
 *         props are no JSON object.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_edge_put(tarn_txn *txn,
    const char *src, const char *rel, const char *dst, tarn_slice props,
    const tarn_edge_options *options, tarn_error *err);
/** JSON lines {"src", "rel", "dst", "props"}, all or none, in bounded memory;
 * blank lines are passed over.  Members that tarn_edge_ls() gives besides are
 * passed over, others refused.
 *
 * @param name  what the input is called in messages.
 * @param[out] count lines that were read; may be NULL.
 * @return as tarn_edge_put(), the line named.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_edge_put_lines(tarn_txn *txn,
    const char *name, tarn_record_read_fn read, void *arg,
    const tarn_edge_options *options, int64_t *count, tarn_error *err);
/** TARN_NOT_FOUND: there is no such edge, or an end is not there. */
TARN_API TARN_MUST_CHECK tarn_status tarn_edge_rm(tarn_txn *txn,
    const char *src, const char *rel, const char *dst,
    const tarn_edge_options *options, tarn_error *err);
/** src, rel, dst, props, src_key, dst_key: of one record, or (NULL) of all.
 * Outgoing ones come first; in order of relation, then of the other end's id. */
TARN_API TARN_MUST_CHECK tarn_status tarn_edge_ls(tarn_snapshot *snap,
    const char *record, const tarn_edge_options *options, tarn_rows **out,
    tarn_error *err);

typedef enum tarn_traverse_order {
    TARN_TRAVERSE_BFS = 0,
    TARN_TRAVERSE_DFS,
    TARN_TRAVERSE_SHORTEST
} tarn_traverse_order;

typedef struct tarn_traverse_options {
    const char *tenant; /* NULL: "default" */
    int64_t depth;      /* at least 1 */
    tarn_edge_direction direction;
    const char *type; /* a relation; NULL: all */
    const char *to;   /* only ways that end here; NULL: all */
    tarn_traverse_order order;
} tarn_traverse_options;
#define TARN_TRAVERSE_OPTIONS_INIT                            \
    {                                                         \
        NULL, 3, TARN_EDGE_OUT, NULL, NULL, TARN_TRAVERSE_BFS \
    }

/** What can be reached: depth, id, key, table, path (a JSON array of keys from
 * the start on; of a record without a key its id).  The start is not listed.
 *
 * BFS: each record once, at its smallest depth, in order of depth.  DFS: each
 * simple path (no record twice), a path before those that go on from it.
 * SHORTEST: one row, the end of a shortest way to `to`.  Of several ways of one
 * length the one whose first differing step comes first in order of relation,
 * then of id, is taken; both directions: outgoing edges come first.
 *
 * Memory: what BFS has seen, at most half of what the lake was given, beyond
 * which it fails with TARN_FAILED; DFS holds one path and its branches.
 *
 * @return TARN_OK; TARN_NOT_FOUND: `from` or `to` is not there, or no way to
 *         `to` of at most this depth; TARN_CONFLICT: a key that several records
 *         have; TARN_INVALID.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_traverse(tarn_snapshot *snap,
    const char *from, const tarn_traverse_options *options, tarn_rows **out,
    tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

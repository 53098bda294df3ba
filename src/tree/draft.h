/* Operations of the tree: what a step adds to its transaction. */
#ifndef TARN_TREE_DRAFT_H
#define TARN_TREE_DRAFT_H

#include "lake/txn.h"
#include "tree/content.h"

/* One content item, ready to be written. */
typedef struct tarn__piece {
    bool is_object;
    uint8_t sha256[TARN__SHA256_BYTES]; /* when is_object */
    uint64_t size_bytes;
    tarn_slice bytes; /* inline, when !is_object; borrowed */
    int64_t rows;     /* of Parquet, else -1 */
    bool has_bounds;
    int64_t min_time_us, max_time_us;
    tarn__roll roll; /* of these bytes alone; known when len is size_bytes */
} tarn__piece;

/* A node as an operation is to leave it; slices borrowed. */
typedef struct tarn__draft {
    tarn__id id;
    tarn__kind kind;
    tarn__id parent;
    tarn_slice name;
    int64_t created_us;
    tarn_slice attrs; /* JSON object; empty: none */
    bool moved;       /* from_* hold where it was */
    tarn__id from_parent;
    tarn_slice from_name;
} tarn__draft;

/* A node that is there, as it is. */
tarn__draft tarn__draft_of(const tarn__node *node);
/* A node of a new id. */
TARN_MUST_CHECK tarn_status tarn__draft_new(tarn_txn *txn, tarn__kind kind,
    const tarn__id *parent, tarn_slice name, tarn__draft *out, tarn_error *err);

/* Name, place and attributes; the content stays. */
TARN_MUST_CHECK tarn_status tarn__draft_put(
    tarn_txn *txn, const tarn__draft *draft, tarn_error *err);
/* A new content list of one piece. */
TARN_MUST_CHECK tarn_status tarn__draft_content(tarn_txn *txn,
    const tarn__draft *draft, const tarn__piece *piece, tarn_error *err);
/* One piece more; `after` is the newest item so far, NULL: the first. */
TARN_MUST_CHECK tarn_status tarn__draft_append(tarn_txn *txn,
    const tarn__draft *draft, const tarn__piece *piece, const tarn__item *after,
    tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__draft_delete(
    tarn_txn *txn, const tarn__draft *draft, tarn_error *err);
/* Another node's content list, oldest first, as this one's. */
TARN_MUST_CHECK tarn_status tarn__draft_copy_content(tarn_txn *txn,
    const tarn__draft *draft, tarn_snapshot *from, const tarn__id *source,
    tarn_error *err);

/* A stored item as a piece; its bytes are borrowed from the item. */
tarn__piece tarn__piece_of(const tarn__item *item);
/* Are the two the same bytes, as far as digests tell? */
bool tarn__piece_same(const tarn__piece *piece, const tarn__item *item);

#endif

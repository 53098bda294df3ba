/* A node and all below it, depth first, in order of name. */
#ifndef TARN_TREE_WALK_H
#define TARN_TREE_WALK_H

#include "tree/node.h"

/* Called for every node when the walk comes to it and, for a folder, again when
 * it leaves (`leaving`).  `node` and its slices are borrowed for the call.  The
 * callback may write to the transaction whose snapshot is walked: the names of a
 * folder are read before its first child is visited. */
typedef tarn_status (*tarn__walk_fn)(
    void *arg, const tarn__node *node, bool leaving, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__tree_walk(tarn_snapshot *snap,
    const tarn__id *id, tarn__walk_fn fn, void *arg, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__folder_empty(
    tarn_snapshot *snap, const tarn__id *id, bool *empty, tarn_error *err);

#endif

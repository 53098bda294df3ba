/* Content items one by one, without a list in memory. */
#ifndef TARN_TREE_ITEMS_H
#define TARN_TREE_ITEMS_H

#include "lake/txn.h"
#include "tree/content.h"

/* The items that count, newest first; slices borrowed for the call. */
typedef tarn_status (*tarn__item_fn)(
    void *arg, const tarn__item *item, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__items_scan(tarn_snapshot *snap,
    const tarn__id *node, tarn__item_fn fn, void *arg, tarn_error *err);
/* One item by its place in the log; its bytes live in `hold`.  TARN_CORRUPT:
 * not there. */
TARN_MUST_CHECK tarn_status tarn__item_get(tarn_snapshot *snap,
    const tarn__id *node, int64_t version, int32_t seq, tarn__item *out,
    tarn_buf *hold, tarn_error *err);

/* Is a node's content at two snapshots made of the same items, byte by byte,
 * wherever they stand in the log? */
TARN_MUST_CHECK tarn_status tarn__items_same(tarn_snapshot *a, tarn_snapshot *b,
    const tarn__id *node, bool *same, tarn_error *err);

/* A reader over a node's whole content, whatever its kind. */
TARN_MUST_CHECK tarn_status tarn__reader_open(tarn_snapshot *snap,
    const tarn__id *node, const char *path, tarn_reader **out, tarn_error *err);

#endif

/* Nodes at a snapshot: from path to node, from node to content. */
#ifndef TARN_TREE_NODE_H
#define TARN_TREE_NODE_H

#include "base/buf.h"
#include "tree/content.h"

/* A folder or other node on the way that a path goes. */
typedef struct tarn__level {
    tarn__id id;
    tarn__kind kind;
    size_t path_len; /* bytes of the path up to and with its name */
} tarn__level;

/* Where a path leads.  `path` is absolute, without links, "." and "..". */
typedef struct tarn__place {
    tarn_buf path;
    tarn__level *levels; /* from the root down to the deepest that is there */
    size_t count;        /* of levels, at least 1 */
    size_t cap;
    size_t missing; /* names at the path's end that are not there */
} tarn__place;
#define TARN__PLACE_INIT             \
    {                                \
        TARN_BUF_INIT, NULL, 0, 0, 0 \
    }

typedef enum tarn__find {
    TARN__FIND_NODE = 0,   /* a link at the end is the node */
    TARN__FIND_FOLLOW = 1, /* through a link at the end */
    TARN__FIND_MISSING = 2 /* names at the end need not be there */
} tarn__find;

/* TARN_NOT_FOUND: not there, below something that is no folder (with
 * FIND_MISSING: TARN_CONFLICT), or more than 40 links on the way. */
TARN_MUST_CHECK tarn_status tarn__place_find(tarn_snapshot *snap,
    const char *path, unsigned how, tarn__place *out, tarn_error *err);
void tarn__place_reset(tarn__place *place);
/* The deepest level that is there: the node itself when nothing is missing. */
const tarn__level *tarn__place_last(const tarn__place *place);
/* The last name of its path. */
tarn_slice tarn__place_name(const tarn__place *place);
/* The folder that holds the node; NULL for the root. */
const tarn__level *tarn__place_parent(const tarn__place *place);
/* The path as text. */
const char *tarn__place_text(const tarn__place *place);

/* Is it a pattern?  Not when a node is called exactly so. */
TARN_MUST_CHECK tarn_status tarn__means_pattern(
    tarn_snapshot *snap, const char *path, bool *yes, tarn_error *err);

/* A folder's entry of that name. */
TARN_MUST_CHECK tarn_status tarn__entry_find(tarn_snapshot *snap,
    const tarn__id *parent, tarn_slice name, tarn__id *child, tarn__kind *kind,
    bool *found, tarn_error *err);
/* The root is always found. */
TARN_MUST_CHECK tarn_status tarn__node_find(tarn_snapshot *snap,
    const tarn__id *id, tarn__node *out, tarn_buf *payload, bool *found,
    tarn_error *err);
/* The same for a node that an entry names: TARN_CORRUPT when it is absent. */
TARN_MUST_CHECK tarn_status tarn__node_load(tarn_snapshot *snap,
    const tarn__id *id, tarn__node *out, tarn_buf *payload, tarn_error *err);
/* A text attribute; NULL when there is none.  tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__node_attr(
    const tarn__node *node, const char *name, char **out, tarn_error *err);
/* The newest content item, which has the totals; its bytes live in `hold`. */
TARN_MUST_CHECK tarn_status tarn__item_newest(tarn_snapshot *snap,
    const tarn__id *id, tarn__item *out, tarn_buf *hold, bool *found,
    tarn_error *err);
/* Is item.roll the digest of the content, or was none kept? */
bool tarn__item_rolled(const tarn__item *item);
bool tarn__kind_has_content(tarn__kind kind);
bool tarn__kind_is_rows(tarn__kind kind); /* table or series */
bool tarn__kind_grows(tarn__kind kind);   /* stream or series */

/* The public form of a node; `out` is reset first. */
TARN_MUST_CHECK tarn_status tarn__node_public(tarn_snapshot *snap,
    const tarn__node *node, tarn_slice path, tarn_node *out, tarn_error *err);
/* Append the path that a node has; *found false when it or a folder above it
 * is not there. */
TARN_MUST_CHECK tarn_status tarn__node_path(tarn_snapshot *snap,
    const tarn__id *id, tarn_buf *out, bool *found, tarn_error *err);

#endif

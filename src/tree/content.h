/* What the query room needs to know of a node's content. */
#ifndef TARN_TREE_CONTENT_H
#define TARN_TREE_CONTENT_H

#include <tarn/tree.h>

#include "base/memory.h"
#include "lake/reader.h"

/* Resolve a path (links followed, '.' and '..' folded) at the snapshot.
 * Payload bytes of `node`'s slices live in `payload`. */
TARN_MUST_CHECK tarn_status tarn__tree_resolve(tarn_snapshot *snap,
    const char *path, bool follow, tarn__node *node, tarn_buf *payload,
    tarn_error *err);

/* The content list of a node, oldest item first: owned copies. */
typedef struct tarn__content {
    tarn__item *items; /* .content slices point into the arena */
    size_t count;
    tarn__arena arena;
} tarn__content;
#define TARN__CONTENT_INIT        \
    {                             \
        NULL, 0, TARN__ARENA_INIT \
    }
TARN_MUST_CHECK tarn_status tarn__tree_content(tarn_snapshot *snap,
    const tarn__id *node, bool inline_bytes, tarn__content *out,
    tarn_error *err);
void tarn__content_reset(tarn__content *content);

/* Does a path hold glob characters (* ? [)? */
bool tarn__is_glob(const char *path);
/* One pattern against one absolute path: '*' and '?' and [a-z] within a name,
 * '**' over zero or more levels. */
bool tarn__glob_match(const char *pattern, const char *path);

#endif

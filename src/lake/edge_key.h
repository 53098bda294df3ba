/* Edges as operations and in the key view; docs/FORMAT.md, "Edges". */
#ifndef TARN_LAKE_EDGE_KEY_H
#define TARN_LAKE_EDGE_KEY_H

#include "lake/keys.h"

#define TARN__RELATION_MAX_BYTES 255

/* The key of an operation: SRC/REL/DST, the ids as UUID text.  They have one
 * length, so REL may hold anything, '/' too. */
TARN_MUST_CHECK tarn_status tarn__edge_op_key(tarn_buf *key,
    const tarn__id *src, tarn_slice rel, const tarn__id *dst, tarn_error *err);
/* false: malformed.  *rel points into `key`. */
bool tarn__edge_op_key_parse(
    tarn_slice key, tarn__id *src, tarn_slice *rel, tarn__id *dst);

/* EDGE: part(tenant) ‖ src ‖ part(relation) ‖ dst.
 * EDGE_IN: part(tenant) ‖ dst ‖ part(relation) ‖ src.
 * Appends what is given: rel.ptr NULL or far NULL ends it there. */
TARN_MUST_CHECK tarn_status tarn__edge_key(tarn_buf *key, tarn_slice tenant,
    const tarn__id *near, tarn_slice rel, const tarn__id *far, tarn_error *err);
/* What follows part(tenant), whose bytes are `skip`: near, relation (replaces
 * what `rel` held) and far.  *ok false: malformed. */
TARN_MUST_CHECK tarn_status tarn__edge_key_parse(tarn_slice key, size_t skip,
    tarn__id *near, tarn_buf *rel, tarn__id *far, bool *ok, tarn_error *err);

/* Payload of both: be64(created, us) ‖ props. */
bool tarn__edge_decode(
    tarn_slice payload, int64_t *created_us, tarn_slice *props);

#endif

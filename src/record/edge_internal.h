/* What the files of edges share. */
#ifndef TARN_RECORD_EDGE_INTERNAL_H
#define TARN_RECORD_EDGE_INTERNAL_H

#include "base/memory.h"
#include "record/edge.h"
#include "record/edge_map.h"
#include "record/json_schema.h"

/* What is said of one record after the other, not kept.  The tenant is
 * borrowed. */
typedef struct tarn__end_reader {
    tarn_snapshot *snap;
    tarn_slice tenant;
    tarn_buf table, payload;
} tarn__end_reader;
void tarn__end_reader_init(
    tarn__end_reader *reader, tarn_snapshot *snap, tarn_slice tenant);
void tarn__end_reader_reset(tarn__end_reader *reader);
/* Slices are borrowed until the next call. */
TARN_MUST_CHECK tarn_status tarn__end_read(tarn__end_reader *reader,
    const tarn__id *id, tarn__end *out, tarn_error *err);

/* Moves an end's texts into the arena; *table is the one kept last there, of
 * which one copy is enough.  false: memory is out. */
bool tarn__end_keep(tarn__arena *arena, tarn_slice *table, tarn__end *end);

/* From inside a step. */
TARN_MUST_CHECK tarn_status tarn__edge_op_delete(
    tarn_txn *txn, tarn_slice tenant, const tarn__edge *edge, tarn_error *err);

/* One edge to be put, whose ends are known. */
typedef struct tarn__edge_put {
    tarn__id src, dst;
    tarn_slice rel;
    tarn_slice props; /* ptr NULL: none */
    bool same;        /* it is there already */
    bool has_created;
    int64_t created_us; /* of the one that is there */
} tarn__edge_put;
/* Looks for the one that is there: fills same, has_created, created_us. */
TARN_MUST_CHECK tarn_status tarn__edge_put_look(tarn_snapshot *snap,
    tarn_slice tenant, tarn__edge_put *put, tarn_buf *key, tarn_buf *payload,
    tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__edge_put_add(tarn_txn *txn, tarn_slice tenant,
    const tarn__edge_put *put, tarn_buf *key, tarn_error *err);
/* A live record's id.  TARN_NOT_FOUND, TARN_CONFLICT as
 * tarn__record_resolve(). */
TARN_MUST_CHECK tarn_status tarn__edge_end_id(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice word, tarn__id *out, tarn_error *err);
/* What must hold of a relation, and of properties. */
TARN_MUST_CHECK tarn_status tarn__relation_check(
    tarn_slice rel, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__props_check_create(
    tarn__json_schema **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__props_check(
    const tarn__json_schema *any, tarn_slice props, tarn_error *err);

#endif

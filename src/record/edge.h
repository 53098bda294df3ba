/* Edges, for the other files of this room and the rooms above. */
#ifndef TARN_RECORD_EDGE_H
#define TARN_RECORD_EDGE_H

#include <tarn/edge.h>

#include "record/record.h"

/* --- edges as they are stored --- */

typedef struct tarn__edge {
    tarn__id src, dst;
    tarn_slice rel;
    tarn_slice props; /* ptr NULL: none */
    int64_t created_us;
} tarn__edge;

/* Edges of one record out of it (or, `in`, into it), or (`of` NULL) of the
 * tenant; of one relation, or (type.ptr NULL) of all; also those with a softly
 * deleted end. */
typedef struct tarn__edge_scan tarn__edge_scan;
TARN_MUST_CHECK tarn_status tarn__edge_scan_open(tarn_snapshot *snap,
    tarn_slice tenant, const tarn__id *of, bool in, tarn_slice type,
    tarn__edge_scan **out, tarn_error *err);
/* TARN_ROW / TARN_OK; slices are borrowed until the next call. */
TARN_MUST_CHECK tarn_status tarn__edge_scan_next(
    tarn__edge_scan *scan, tarn__edge *edge, tarn_error *err);
void tarn__edge_scan_free(tarn__edge_scan *scan);

/* --- their ends --- */

/* What is said of a record at an end. */
typedef struct tarn__end {
    bool alive; /* there, and not softly deleted; else nothing else is said */
    bool has_key;
    tarn_slice key;
    tarn_slice table;
} tarn__end;
/* A cache in front of the records, of bounded size. */
typedef struct tarn__ends tarn__ends;
TARN_MUST_CHECK tarn_status tarn__ends_create(
    tarn_snapshot *snap, tarn_slice tenant, tarn__ends **out, tarn_error *err);
void tarn__ends_free(tarn__ends *ends);
/* Borrowed until the call after the next. */
TARN_MUST_CHECK tarn_status tarn__ends_get(
    tarn__ends *ends, const tarn__id *id, tarn__end *out, tarn_error *err);

/* --- edges as they are shown: lake.edges, tarn edge ls --- */

typedef struct tarn__edge_row {
    tarn__edge edge;
    tarn__end src, dst;
} tarn__edge_row;

/* Edges whose ends are both alive.  of NULL: all of the tenant. */
typedef struct tarn__edge_list tarn__edge_list;
TARN_MUST_CHECK tarn_status tarn__edge_list_open(tarn_snapshot *snap,
    tarn_slice tenant, const tarn__id *of, tarn_edge_direction direction,
    tarn_slice type, tarn__edge_list **out, tarn_error *err);
/* TARN_ROW / TARN_OK; slices are borrowed until the next call. */
TARN_MUST_CHECK tarn_status tarn__edge_list_next(
    tarn__edge_list *list, tarn__edge_row *row, tarn_error *err);
void tarn__edge_list_free(tarn__edge_list *list);

/* --- writing --- */

/* From inside a step: deletes every edge of a record, in both directions. */
TARN_MUST_CHECK tarn_status tarn__edges_of_record_delete(
    tarn_txn *txn, tarn_slice tenant, const tarn__id *id, tarn_error *err);

#endif

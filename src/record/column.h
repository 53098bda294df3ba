/* The column view: a DuckDB file a tenant, derived from the log, with a table
 * for each record table: id, key, created_at, modified_at and the schema's
 * indexed fields f0, f1, ... (docs/FORMAT.md).
 *
 * It answers for a version only when its `applied` equals it (I4) and the hash
 * beside it is that version's log file's (I7).  Its lock is shared while it is
 * queried, exclusive while it catches up, and never waited for: whoever does not
 * get it, or finds the file broken, goes round the view. */
#ifndef TARN_RECORD_COLUMN_H
#define TARN_RECORD_COLUMN_H

#include "duck/duck.h"
#include "record/record.h"

/* What it is called in the session that it is attached to. */
#define TARN__COLUMN_CATALOG "tarn__column"

typedef struct tarn__colview tarn__colview;

/* Attach the tenant's view, caught up to the snapshot's version, to a session
 * that may still open files.  *out NULL: it does not answer for that version.
 * Fails only with TARN_NO_MEMORY and TARN_INTERRUPTED. */
TARN_MUST_CHECK tarn_status tarn__colview_attach(tarn__duck *duck,
    tarn_snapshot *snap, tarn_slice tenant, tarn__colview **out,
    tarn_error *err);
/* The number N of the table's relation tN; -1: it has none. */
int64_t tarn__colview_table(const tarn__colview *view, tarn_slice table);
/* What stands of an id in a column of its own, which is a quarter of it to read:
 * of one that begins with the time (UUIDv7) the first 8 bytes, of another, whose
 * first 4 are as good as its own, these. */
int64_t tarn__colview_place(const tarn__id *id);
/* The bytes that ids of this place begin with, and how many. */
size_t tarn__colview_place_bytes(int64_t place, tarn__id *out);
/* After the session is closed: the lock is given back. */
void tarn__colview_free(tarn__colview *view);

/* Every tenant's anew, at the head.  Waits for the locks. */
TARN_MUST_CHECK tarn_status tarn__colviews_rebuild(
    tarn_lake *lake, tarn_error *err);
/* Each view that differs from a rebuild up to its `applied` (I4). */
typedef tarn_status (*tarn__colview_fault_fn)(
    void *arg, const char *where, const char *what, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__colviews_check(
    tarn_lake *lake, tarn__colview_fault_fn fn, void *arg, tarn_error *err);
/* Tenant and applied version of each (-1: it does not read). */
typedef tarn_status (*tarn__colview_fn)(
    void *arg, const char *tenant, int64_t version, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__colviews_each(
    tarn_lake *lake, tarn__colview_fn fn, void *arg, tarn_error *err);

#endif

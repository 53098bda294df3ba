/* What the files of the column view share. */
#ifndef TARN_RECORD_COLUMN_INTERNAL_H
#define TARN_RECORD_COLUMN_INTERNAL_H

#include "base/hash.h"
#include "os/lock.h"
#include "record/column.h"
#include "record/columns.h"

#define TARN__COLUMN_FORMAT 2

/* Of one tenant. */
typedef struct tarn__column_paths {
    char *dir;
    char *file;
    char *wal;
    char *fresh; /* one in the making, and its WAL */
    char *fresh_wal;
    char *lock;
} tarn__column_paths;
TARN_MUST_CHECK tarn_status tarn__column_paths_make(tarn_lake *lake,
    tarn_slice tenant, tarn__column_paths *out, tarn_error *err);
void tarn__column_paths_reset(tarn__column_paths *paths);

/* What stands in the file; version -1: nothing that is of use. */
typedef struct tarn__column_applied {
    int64_t version;
    char sha256[TARN__SHA256_HEX_BYTES];
} tarn__column_applied;
/* Of the attached file, when it is of this format and tenant (tenant.ptr NULL:
 * any). */
TARN_MUST_CHECK tarn_status tarn__column_applied_read(tarn__duck *duck,
    tarn_slice tenant, tarn__column_applied *out, tarn_error *err);
/* Is it of the timeline of this log? */
TARN_MUST_CHECK tarn_status tarn__column_is_ours(tarn_lake *lake,
    const tarn__column_applied *applied, bool *ours, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__column_attach_file(
    tarn__duck *duck, const char *path, bool read_only, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__column_detach(
    tarn__duck *duck, tarn_error *err);

/* Under the exclusive lock: the file made from the log alone. */
TARN_MUST_CHECK tarn_status tarn__column_make_anew(tarn__duck *duck,
    tarn_snapshot *snap, tarn_slice tenant, const tarn__column_paths *paths,
    tarn_error *err);

/* column_fill.c: bring the attached file, writable, from `applied` to the
 * snapshot's version, in one transaction. */
TARN_MUST_CHECK tarn_status tarn__column_fill(tarn__duck *duck,
    tarn_snapshot *snap, tarn_slice tenant, const tarn__column_applied *applied,
    tarn_error *err);

#endif

/* Durable writing: nothing here returns before the disk has it. */
#ifndef TARN_OS_DURABLE_H
#define TARN_OS_DURABLE_H

#include <tarn/base.h>

#include "os/file.h"

TARN_MUST_CHECK tarn_status tarn__sync_dir(const char *path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__sync_path(const char *path, tarn_error *err);
/* A file, or a folder and all files below it; *bytes (may be NULL): how much
 * they hold. */
TARN_MUST_CHECK tarn_status tarn__sync_tree(
    const char *path, uint64_t *bytes, tarn_error *err);

/* Make `path` hold `bytes`, whole or not at all, replacing what was there:
 * temp file in tmp_dir, fsync, rename, fsync of path's folder.  TARN_UNKNOWN:
 * renamed, but the folder's fsync failed.  tmp_dir is on path's file system. */
TARN_MUST_CHECK tarn_status tarn__replace_durably(
    const char *path, const char *tmp_dir, tarn_slice bytes, tarn_error *err);

/* The same in two steps, for what is written piece by piece: a new file of a
 * name that nobody has, in path's folder, and that file in the place of path.
 * The second takes the file over; after a failure it is gone. */
TARN_MUST_CHECK tarn_status tarn__open_beside(
    tarn__file *file, const char *path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__replace_with(
    tarn__file *file, const char *path, tarn_error *err);

/* Make `path` appear with `bytes`, whole or not at all, never over another:
 * temp file, fsync, mtime set (when mtime_us > 0), link, fsync of the folder.
 * TARN_EXISTS: it was there, nothing changed.  TARN_UNKNOWN: linked, but the
 * folder's fsync failed. */
TARN_MUST_CHECK tarn_status tarn__create_durably(const char *path,
    const char *tmp_dir, tarn_slice bytes, int64_t mtime_us, tarn_error *err);

#endif

/* Files of the host that a path or pattern names. */
#ifndef TARN_FLOW_HOST_FILES_H
#define TARN_FLOW_HOST_FILES_H

#include <tarn/base.h>

typedef struct tarn__host_file {
    char *path; /* absolute */
    uint64_t size_bytes;
    int64_t mtime_us;
} tarn__host_file;

typedef struct tarn__host_files {
    tarn__host_file *items;
    size_t count;
    size_t cap;
} tarn__host_files;
/* clang-format off */
#define TARN__HOST_FILES_INIT {NULL, 0, 0}
/* clang-format on */

/* Add what `pattern`, which is absolute, names, in order of path: one file, or
 * a pattern's matches (tree/glob.h), of which there may be none.  A file whose
 * name looks like a pattern comes first.  TARN_NOT_FOUND: no such file. */
TARN_MUST_CHECK tarn_status tarn__host_files_find(
    const char *pattern, tarn__host_files *out, tarn_error *err);
void tarn__host_files_reset(tarn__host_files *files);

#endif

/* Lake paths as text: their parts, their names.  Knows no lake. */
#ifndef TARN_TREE_PATH_H
#define TARN_TREE_PATH_H

#include "base/buf.h"

#define TARN__NAME_MAX_BYTES 255
#define TARN__PATH_MAX_BYTES (4 * 1024 * 1024)

/* Is this a name that a node may have: 1 to 255 bytes of UTF-8, no '/', no NUL,
 * neither "." nor ".."?  TARN_INVALID says why not. */
TARN_MUST_CHECK tarn_status tarn__name_check(tarn_slice name, tarn_error *err);

/* The parts of a path between its slashes; empty ones are passed over. */
typedef struct tarn__parts {
    const char *ptr;
    const char *end;
} tarn__parts;
tarn__parts tarn__parts_of(tarn_slice path);
bool tarn__parts_next(tarn__parts *parts, tarn_slice *name);

/* Append the absolute form of `path`: one '/' before each name, none at the
 * end but for the root, "." gone, ".." folded with the name before it (never
 * above the root).  A path that does not begin with '/' begins at the root.
 * TARN_INVALID: empty, too long, or a name that cannot be. */
TARN_MUST_CHECK tarn_status tarn__path_clean(
    tarn_slice path, tarn_buf *out, tarn_error *err);

/* Is an absolute path `inner` equal to `outer` or below it?  Both clean. */
bool tarn__path_within(tarn_slice outer, tarn_slice inner);
/* The last name of a clean path; empty for the root. */
tarn_slice tarn__path_name(tarn_slice path);
/* Does the path end in '/' (or in "/." or "/..": a folder by its writing)? */
bool tarn__path_names_folder(const char *path);

#endif

/* A folder that appears whole, or not at all. */
#ifndef TARN_TRACK_OUT_H
#define TARN_TRACK_OUT_H

#include "os/scratch.h"

typedef struct tarn__track_out {
    char *path;    /* its final one */
    char *waiting; /* the hidden folder beside it that holds `stage` */
    char *stage;   /* where it is made */
    bool there;    /* something is to be replaced */
    tarn__scratch scratch;
} tarn__track_out;
/* clang-format off */
#define TARN__TRACK_OUT_INIT {NULL, NULL, NULL, false, TARN__SCRATCH_INIT}
/* clang-format on */

/* Begin: `path` is absent or empty, or, with `replace`, any folder; else
 * TARN_EXISTS.  Folders above it are made. */
TARN_MUST_CHECK tarn_status tarn__track_out_open(
    tarn__track_out *out, const char *path, bool replace, tarn_error *err);
/* Where something is to be replaced it is neither above `state` (NULL: none),
 * nor one of its kinds' folders, nor, unless `same`, itself; else TARN_INVALID:
 * the state would be lost. */
TARN_MUST_CHECK tarn_status tarn__track_out_apart(
    const tarn__track_out *out, const char *state, bool same, tarn_error *err);
/* Give the stage its name. */
TARN_MUST_CHECK tarn_status tarn__track_out_publish(
    tarn__track_out *out, tarn_error *err);
/* Remove what is left; the folder is as it was unless it was published. */
void tarn__track_out_close(tarn__track_out *out);

#endif

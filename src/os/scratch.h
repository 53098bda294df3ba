/* tmp/<pid>-<start>/ : one process's scratch folder, flocked by it. */
#ifndef TARN_OS_SCRATCH_H
#define TARN_OS_SCRATCH_H

#include "os/lock.h"

typedef struct tarn__scratch {
    char *path; /* owned; NULL when not made */
    tarn__lock lock;
    uint64_t next; /* for names */
} tarn__scratch;
#define TARN__SCRATCH_INIT {NULL, TARN__LOCK_INIT, 0}

/* Make parent/<pid>-<start>[-n]/ and lock parent/<pid>-<start>[-n].lock ... the
 * flock is on a file inside the folder, taken before the folder gets its final
 * name, so that a sweeper never sees it unlocked. */
TARN_MUST_CHECK tarn_status tarn__scratch_open(
    tarn__scratch *scratch, const char *parent, tarn_error *err);
/* A fresh path inside, "<path>/<n><suffix>"; thread safe; tarn__free() it. */
char *tarn__scratch_name(tarn__scratch *scratch, const char *suffix);
/* Remove the folder and all in it. */
void tarn__scratch_close(tarn__scratch *scratch);
/* Remove folders below `parent` whose flock is free.  For the holder of the
 * lake's lock.  Skips the entry called `keep` (may be NULL). */
TARN_MUST_CHECK tarn_status tarn__scratch_sweep(
    const char *parent, const char *keep, tarn_error *err);

#endif

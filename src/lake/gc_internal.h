/* Between gc.c and gc_sweep.c. */
#ifndef TARN_LAKE_GC_INTERNAL_H
#define TARN_LAKE_GC_INTERNAL_H

#include "lake/lake_internal.h"

typedef struct tarn__gc {
    int64_t version;                    /* of the commit, -1 none */
    int64_t operations;                 /* rows that left the log */
    int64_t file_count, file_bytes;     /* log files deleted */
    int64_t object_count, object_bytes; /* objects deleted */
    /* What the rewriting gave and takes. In a dry run it is not committed. */
    tarn__delta_file *adds;
    size_t add_count;
    char **removes;
    size_t remove_count;
} tarn__gc;

/* Delete log files and objects that nobody has needed for the grace. */
TARN_MUST_CHECK tarn_status tarn__gc_sweep(tarn_lake *lake,
    const tarn_gc_options *options, tarn__gc *gc, tarn_error *err);
/* The oldest version that a reader pins; INT64_MAX: none.  Pins that nobody
 * holds are removed. */
TARN_MUST_CHECK tarn_status tarn__pins_oldest(
    tarn_lake *lake, int64_t *version, tarn_error *err);

#endif

/* All records of a folder, parsed on all threads, settled in their order. */
#ifndef TARN_TRACK_SCAN_H
#define TARN_TRACK_SCAN_H

#include <tarn/track.h>

#include "track/folder.h"
#include "track/record.h"

#define TARN__TRACK_MAX_LINE_BYTES ((size_t)64 << 20)

/* What every step of a piece of work is told. */
typedef struct tarn__track_work {
    const tarn_track_options *options;
    int threads;  /* at least 1 */
    int64_t *bad; /* lines that were left out; may be NULL */
} tarn__track_work;

typedef struct tarn__track_scan {
    const char *what; /* for progress */
    const tarn__track_work *work;
    const tarn__track_folder *folder;
    tarn__track_need need;
    bool again; /* its bad lines were told before */
    void *ctx;
    /* One worker a thread; close() also after a failed open(). */
    tarn_status (*open)(void *ctx, void **worker, tarn_error *err);
    /* A record; `at` is its place among the bytes of all files. */
    tarn_status (*record)(void *worker, const tarn__track_record *record,
        uint64_t at, tarn_error *err);
    /* What the worker has seen since it settled last comes next in order; the
     * records' bytes are there until `settled` returns.  One at a time. */
    tarn_status (*settle)(void *worker, tarn_error *err);
    /* After that, for what no other worker waits for; NULL: nothing. */
    tarn_status (*settled)(void *worker, tarn_error *err);
    void (*close)(void *worker);
} tarn__track_scan;

/* A bad line is TARN_BAD_INPUT with file and line, or, where the options say
 * so, told to them and left out. */
TARN_MUST_CHECK tarn_status tarn__track_scan_run(
    const tarn__track_scan *scan, tarn_error *err);

#endif

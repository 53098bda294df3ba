/* An entry a record, of all records of a folder, into runs. */
#ifndef TARN_TRACK_GATHER_H
#define TARN_TRACK_GATHER_H

#include "track/runs.h"
#include "track/scan.h"

typedef struct tarn__track_gather {
    const char *what; /* for progress */
    const tarn__track_work *work;
    const tarn__track_folder *folder;
    tarn__track_need need;
    const void *ctx;
    /* From any thread.  An entry whose keys are those of the one before it is
     * left out when `once`. */
    tarn__track_entry (*entry)(
        const void *ctx, const tarn__track_record *record, uint64_t at);
    bool once;
    tarn__track_runs *runs;
} tarn__track_gather;

TARN_MUST_CHECK tarn_status tarn__track_gather_run(
    const tarn__track_gather *gather, tarn_error *err);

#endif

/* Records of folders copied into chunks, each name once. */
#ifndef TARN_TRACK_SINK_H
#define TARN_TRACK_SINK_H

#include "track/chunks.h"
#include "track/scope.h"

/* What becomes of a record. */
typedef enum tarn__track_act {
    TARN__TRACK_SKIP,
    TARN__TRACK_COPY,
    TARN__TRACK_COPY_UNCHANGED, /* it says NO CHANGE, where it said something */
    TARN__TRACK_NAME_ONLY,      /* not copied; its name is there */
    TARN__TRACK_WATCH /* not copied; missing if nothing else has its name */
} tarn__track_act;

#define TARN__TRACK_TALLIES 8

typedef struct tarn__track_choice {
    tarn__track_act act;
    unsigned tally; /* which counter */
} tarn__track_choice;

typedef struct tarn__track_sink {
    tarn__track_scope *scope;
    tarn__track_chunks *chunks;
    tarn__track_batch added; /* that were not copied */
    tarn__track_runs *names;
    tarn__track_runs *drops;
    tarn__track_runs *missing; /* watched records that nothing replaces: first
                                * keys are their places in their folder */
    uint64_t watched_total;    /* of that folder */
    int64_t tallies[TARN__TRACK_TALLIES];
    int64_t duplicates;
} tarn__track_sink;

/* Into DIR/KIND, which is made.  `bytes`: about how many come. */
TARN_MUST_CHECK tarn_status tarn__track_sink_open(tarn__track_sink *sink,
    tarn__track_scope *scope, const char *dir, const char *kind, uint64_t bytes,
    tarn_error *err);

/* One folder's records, after those that came before. */
typedef struct tarn__track_copy {
    const char *what; /* for progress */
    const tarn__track_folder *folder;
    tarn__track_need need;
    bool again; /* as in tarn__track_scan */
    /* `look` is the calling thread's own. */
    tarn_status (*choose)(const tarn__track_scope *scope,
        tarn__track_look *look, const tarn__track_record *record, uint64_t at,
        tarn__track_choice *choice, tarn_error *err);
} tarn__track_copy;
TARN_MUST_CHECK tarn_status tarn__track_sink_copy(
    tarn__track_sink *sink, const tarn__track_copy *copy, tarn_error *err);
/* A record from elsewhere, whose name is nowhere else; with its line end. */
TARN_MUST_CHECK tarn_status tarn__track_sink_add(
    tarn__track_sink *sink, tarn_slice line, tarn_error *err);
/* Write what was added. */
TARN_MUST_CHECK tarn_status tarn__track_sink_flush(
    tarn__track_sink *sink, tarn_error *err);
/* Of records with one name only the last stays; it alone is counted. */
TARN_MUST_CHECK tarn_status tarn__track_sink_finish(
    tarn__track_sink *sink, tarn_error *err);
void tarn__track_sink_close(tarn__track_sink *sink);

/* Copy SOURCE/KIND/ into DIR/KIND/, those records that `choose` (NULL: all)
 * takes.  *count: how many; *duplicates grows. */
TARN_MUST_CHECK tarn_status tarn__track_copy_kind(tarn__track_scope *scope,
    const char *source, const char *kind, const tarn__track_copy *copy,
    const char *dir, int64_t *count, int64_t *duplicates, tarn_error *err);

#endif

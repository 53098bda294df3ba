/* One run, between the files that do it. */
#ifndef TARN_TRACK_RUN_INTERNAL_H
#define TARN_TRACK_RUN_INTERNAL_H

#include <tarn/track.h>
#include <tarn/tree.h>

#include "os/scratch.h"
#include "track/source.h"
#include "track/stamps.h"

typedef struct tarn__track_run {
    tarn_lake *lake;
    const tarn_track_run_options *options;
    tarn_track_run_result *result;
    tarn__track_config config;
    tarn__track_source source;
    tarn__scratch scratch;
    uint64_t key[2];
    int64_t started_us;
    /* Of the run before; 0: this one starts from nothing. */
    int64_t marker_us;
    char marker[32]; /* preponed, as queries get it */
    /* Folders in the scratch folder: */
    char *previous; /* NULL: none */
    char *current;
    char *batches;
    char *state; /* .../current-state */
    char *diff;  /* .../incremental-diff */
} tarn__track_run;

/* extract.c: databases, schemas and tables with what happened to them, then
 * the columns of those that need it, into run->current. */
TARN_MUST_CHECK tarn_status tarn__track_extract(
    tarn__track_run *run, tarn_error *err);

/* lake.c: the kind of ROOT/NAME; ANY: there is none. */
TARN_MUST_CHECK tarn_status tarn__track_kind_at(tarn_snapshot *snap,
    const char *root, const char *name, tarn_kind *kind, tarn_error *err);
/* Where the run before left off: marker and previous state. */
TARN_MUST_CHECK tarn_status tarn__track_fetch(
    tarn__track_run *run, tarn_error *err);
/* State, diff and marker in one commit. */
TARN_MUST_CHECK tarn_status tarn__track_commit(
    tarn__track_run *run, tarn_error *err);

/* What track's own steps on folders are told in this run. */
tarn_track_options tarn__track_step_options(const tarn__track_run *run);

#endif

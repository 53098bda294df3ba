/* Current and previous state, opened: their files, and the state of every
 * table. */
#ifndef TARN_TRACK_SCOPE_H
#define TARN_TRACK_SCOPE_H

#include "track/scan.h"
#include "track/states.h"

typedef struct tarn__track_scope {
    tarn__track_work work;
    tarn__scratch scratch;
    uint64_t key[2]; /* of the hashes */
    tarn__track_folder tables;
    tarn__track_folder columns;
    tarn__track_folder old_tables;
    tarn__track_folder old_columns;
    bool has_previous; /* there are previous tables */
    tarn__track_states *states;
    int64_t table_duplicates; /* in the current one */
    int64_t bad;
} tarn__track_scope;

/* Open both (previous may be NULL) and learn the tables' states; with `columns`
 * also which tables were extracted.  TARN_NOT_FOUND: no current table. */
TARN_MUST_CHECK tarn_status tarn__track_scope_open(tarn__track_scope *scope,
    const char *current, const char *previous, bool columns,
    const tarn_track_options *options, tarn_error *err);
void tarn__track_scope_close(tarn__track_scope *scope);

/* What becomes of a table's columns. */
typedef enum tarn__track_fate {
    TARN__TRACK_CARRIED,   /* what is known of them still holds */
    TARN__TRACK_EXTRACTED, /* what was extracted now, even nothing, holds */
    TARN__TRACK_GONE       /* so is the table */
} tarn__track_fate;
tarn__track_fate tarn__track_fate_of(
    const tarn__track_scope *scope, const tarn__track_state *state);

/* Why a table's columns are extracted; NULL: they are not. */
typedef enum tarn__track_reason {
    TARN__TRACK_UNCHANGED,
    TARN__TRACK_IS_CREATED,
    TARN__TRACK_IS_UPDATED,
    TARN__TRACK_IS_BACKFILL
} tarn__track_reason;
tarn__track_reason tarn__track_reason_of(
    const tarn__track_scope *scope, const tarn__track_state *state);

#endif

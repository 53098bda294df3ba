/* Ways along edges, for the rooms above. */
#ifndef TARN_RECORD_TRAVERSE_H
#define TARN_RECORD_TRAVERSE_H

#include "record/edge.h"

/* One record that was reached. */
typedef struct tarn__traverse_row {
    int64_t depth;
    tarn__id id;
    bool has_key;
    tarn_slice key, table;
    tarn_slice path; /* JSON array of keys */
} tarn__traverse_row;

typedef struct tarn__traverse tarn__traverse;
/* As tarn_traverse(); the options are borrowed during the call only.  With `to`
 * TARN_NOT_FOUND may come from the first tarn__traverse_next().  missing_ok: a
 * start or a `to` that is not there gives no rows, as in SQL. */
TARN_MUST_CHECK tarn_status tarn__traverse_open(tarn_snapshot *snap,
    tarn_slice from, const tarn_traverse_options *options, bool missing_ok,
    tarn__traverse **out, tarn_error *err);
/* TARN_ROW / TARN_OK; slices are borrowed until the next call. */
TARN_MUST_CHECK tarn_status tarn__traverse_next(
    tarn__traverse *t, tarn__traverse_row *row, tarn_error *err);
void tarn__traverse_free(tarn__traverse *t);

#endif

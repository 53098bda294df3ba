/* What the source said about each table when the previous state was made. */
#ifndef TARN_TRACK_STAMPS_H
#define TARN_TRACK_STAMPS_H

#include "track/scan.h"
#include "track/states.h"

/* A stamp as a number that stands for it and for the table's type. */
uint64_t tarn__track_stamp(
    const uint64_t key[2], tarn_slice type, tarn_slice stamp);
/* States of the tables in DIR/table, `at` being the stamp of the last record of
 * a name. */
TARN_MUST_CHECK tarn_status tarn__track_stamps_read(tarn__scratch *scratch,
    const uint64_t key[2], const char *dir, const tarn__track_work *work,
    tarn__track_states **out, tarn_error *err);

#endif

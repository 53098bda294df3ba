/* Vectorised rows into a table: columns are filled a chunk (2,048) at a time. */
#ifndef TARN_DUCK_APPENDER_H
#define TARN_DUCK_APPENDER_H

#include "duck/duck.h"

typedef struct tarn__appender tarn__appender;

TARN_MUST_CHECK tarn_status tarn__appender_open(
    tarn__duck *duck, const char *table, tarn__appender **out, tarn_error *err);
/* Cells left to right: NULL, BOOL, INT64 (any integer column), DOUBLE, TEXT,
 * BLOB, TIME (TIMESTAMP or TIMESTAMPTZ column). */
TARN_MUST_CHECK tarn_status tarn__appender_row(
    tarn__appender *app, const tarn__cell *cells, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__appender_close(
    tarn__appender *app, tarn_error *err); /* flushes; frees in every case */

#endif

/* Cells into DuckDB's vectors.  For files of this room only. */
#ifndef TARN_DUCK_VECTOR_H
#define TARN_DUCK_VECTOR_H

#include "duck/duck_internal.h"

/* A column of a chunk that is being filled. */
typedef struct tarn__vcolumn {
    tarn_type kind; /* what it takes: see tarn__vcolumn_type() */
    duckdb_vector vector;
    void *data;
    uint64_t *validity; /* NULL until the first NULL of this chunk */
} tarn__vcolumn;

/* The vector's type for each kind: BOOLEAN, BIGINT, DOUBLE, VARCHAR, BLOB,
 * TIMESTAMPTZ, JSON; VARCHAR for NULL.  NULL when memory is out; the caller
 * destroys it. */
duckdb_logical_type tarn__vcolumn_type(tarn_type kind);
/* Start on a fresh chunk. */
void tarn__vcolumn_reset(tarn__vcolumn *c, duckdb_vector vector);
/* Numbers, times and booleans turn into text in a text column; INT64 and BOOL
 * go into DOUBLE, BOOL into INT64, text and bytes into each other.  Anything
 * else, and text that is not UTF-8, is TARN_BAD_INPUT. */
TARN_MUST_CHECK tarn_status tarn__vcolumn_put(
    tarn__vcolumn *c, idx_t row, const tarn__cell *cell, tarn_error *err);

#endif

/* Rows for a format that lacks some of DuckDB's types. */
#ifndef TARN_DUCK_SELECT_AS_H
#define TARN_DUCK_SELECT_AS_H

#include "duck/duck.h"

/* Append what stands for a column of this type, as SQL; nothing: itself. */
typedef tarn_status (*tarn__duck_as)(
    const char *name, const char *type, tarn_buf *sql, tarn_error *err);

/* Append SELECT * FROM `from`, columns of some types as others. */
TARN_MUST_CHECK tarn_status tarn__duck_select_as(tarn__duck *duck,
    const char *from, tarn__duck_as as, tarn_buf *sql, tarn_error *err);

/* A simple type and what it is cast to; a list of them ends with NULL. */
typedef struct tarn__duck_retype {
    const char *type; /* in capitals */
    const char *as;
} tarn__duck_retype;

/* For a tarn__duck_as: cast what has one of the types, also deep in lists and
 * structures; a value that does not fit fails the statement. */
TARN_MUST_CHECK tarn_status tarn__duck_cast_as(const tarn__duck_retype *types,
    const char *name, const char *type, tarn_buf *sql, tarn_error *err);
/* Integers of 128 bits, which Parquet has not, as exact decimals: DuckDB writes
 * them as doubles. */
TARN_MUST_CHECK tarn_status tarn__duck_parquet_as(
    const char *name, const char *type, tarn_buf *sql, tarn_error *err);

#endif

/* What a column of DuckDB's is in a database, and how its values get there. */
#ifndef TARN_FLOW_DB_TYPES_H
#define TARN_FLOW_DB_TYPES_H

#include "flow/driver/db.h"

/* The type of a column for CREATE TABLE, appended.  `type` is as DuckDB spells
 * it; `key`: the column is part of the primary key. */
TARN_MUST_CHECK tarn_status tarn__db_type_of(const tarn__db *db,
    const char *type, bool key, tarn_buf *out, tarn_error *err);

/* An expression in DuckDB's SQL, appended, that gives the value of `column` (a
 * quoted name) as this engine takes it: a text, bytes, an integer or a double.
 * `array`: the target is an array of PostgreSQL's. */
TARN_MUST_CHECK tarn_status tarn__db_value_of(const tarn__db *db,
    const char *type, bool array, const char *column, tarn_buf *out,
    tarn_error *err);

/* Is it a list of values without lists or structures in them? */
bool tarn__db_is_flat_list(const char *type);

#endif

/* What is above the cursor of an incremental step.
 *
 * I1  Rows are compared by the server, in an order in which the highest of them
 *     is the same here: none is skipped, none comes twice.  Texts, which
 *     collations order in their own ways, are compared as bytes of UTF-8.
 * I2  A column without such an order is refused before a row is read. */
#ifndef TARN_FLOW_DB_CURSOR_H
#define TARN_FLOW_DB_CURSOR_H

#include <tarn/driver.h>

#include "flow/driver/db.h"

/* Append WHERE ... to a SELECT without one, and its value to `values`; nothing
 * when the call has no cursor.  The value's text becomes *kept, to be freed
 * after the statement. */
TARN_MUST_CHECK tarn_status tarn__db_cursor_add(tarn__db *db,
    const tarn_driver_call *call, tarn_buf *sql, tarn__cell **values,
    size_t *count, char **kept, tarn_error *err);

/* How the column `name` of a result is ordered; TARN_BAD_INPUT: it is not there
 * or can be no cursor. */
TARN_MUST_CHECK tarn_status tarn__db_cursor_order(const tarn__db_stream *stream,
    const char *name, tarn__db_order *out, tarn_error *err);

#endif

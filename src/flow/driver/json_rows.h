/* JSON objects that come one after another -> a table whose types are found
 * over all of them. */
#ifndef TARN_FLOW_JSON_ROWS_H
#define TARN_FLOW_JSON_ROWS_H

#include <tarn/driver.h>

#include "base/json.h"
#include "flow/exchange.h"
#include "os/file.h"

#define TARN__JSON_ROWS_MAX_BYTES ((size_t)64 << 20) /* of one row */

typedef struct tarn__json_rows {
    tarn__file file; /* in the call's folder, a row a line */
    tarn_buf pending;
    size_t longest; /* of the rows so far, in bytes */
    int64_t count;
} tarn__json_rows;

TARN_MUST_CHECK tarn_status tarn__json_rows_open(
    tarn__json_rows *rows, const tarn_driver_call *call, tarn_error *err);
/* One value that is known to be JSON; line ends in it become blanks. */
TARN_MUST_CHECK tarn_status tarn__json_rows_add(
    tarn__json_rows *rows, tarn_slice json, tarn_error *err);
/* Make table main of them, or of those above the call's cursor (NULL: of
 * all).  `columns` (may be NULL) is an object of names and
 * SQL types: then these are the columns, all others are left out.  Without it
 * and without a row there is one column `json`. */
TARN_MUST_CHECK tarn_status tarn__json_rows_table(tarn__json_rows *rows,
    tarn__exchange *exchange, const tarn_driver_call *call,
    const tarn_driver_result *result, const json_t *columns, int64_t *count,
    tarn_error *err);
/* All that is left to do of an extractor: the table, above the cursor of an
 * incremental step, the new cursor, the metric rows_read, the file. */
TARN_MUST_CHECK tarn_status tarn__json_rows_finish(tarn__json_rows *rows,
    const tarn_driver_call *call, const tarn_driver_result *result,
    const json_t *columns, tarn_error *err);
void tarn__json_rows_close(tarn__json_rows *rows);

#endif

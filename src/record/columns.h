/* The columns of a record table in SQL. */
#ifndef TARN_RECORD_COLUMNS_H
#define TARN_RECORD_COLUMNS_H

#include "record/json_schema.h"
#include "record/live.h"

/* id, the schema's properties, created_at, modified_at, doc.  No two have one name,
 * whatever its case: the schema sees to it. */
typedef struct tarn__record_columns {
    tarn__live_column *items;
    size_t count;
    int *indexed; /* of each: its place among the schema's indexed fields; -1 */
} tarn__record_columns;

/* Points into `table`, which must outlive it. */
TARN_MUST_CHECK tarn_status tarn__record_columns_make(
    const tarn__record_table *table, tarn__record_columns *out,
    tarn_error *err);
/* A member inside the JSON as one column more, of kind PATH; name and path must
 * outlive it. */
TARN_MUST_CHECK tarn_status tarn__record_columns_add_path(
    const tarn__record_table *table, tarn__record_columns *columns,
    const char *name, const tarn_slice *path, size_t depth, tarn_error *err);
void tarn__record_columns_reset(tarn__record_columns *columns);

#endif

/* A table's or series' rows as SQL over its Parquet files. */
#ifndef TARN_TREE_ROWS_SQL_H
#define TARN_TREE_ROWS_SQL_H

#include "tree/parquet.h"

/* Append "read_parquet([…], union_by_name=true, …)" for all items of a table or
 * series.  A memory lake's content is written to the scratch folder first.
 * TARN_NOT_FOUND: it has none. */
TARN_MUST_CHECK tarn_status tarn__rows_sql(
    tarn_snapshot *snap, const tarn__id *node, tarn_buf *sql, tarn_error *err);

#endif

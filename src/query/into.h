/* A statement's rows as a table of a DuckDB file, types kept. */
#ifndef TARN_QUERY_INTO_H
#define TARN_QUERY_INTO_H

#include <tarn/query.h>

/* Make `table` in the DuckDB file at `host_path` (absolute; made when it is not
 * there) from the rows of one reading statement. */
TARN_MUST_CHECK tarn_status tarn__query_into(tarn_snapshot *snap,
    const char *sql, const tarn_query_options *options, const char *host_path,
    const char *table, int64_t *rows, tarn_error *err);

#endif

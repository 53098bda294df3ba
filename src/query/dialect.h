/* The short statements: LOOKUP and TRAVERSE. */
#ifndef TARN_QUERY_DIALECT_H
#define TARN_QUERY_DIALECT_H

#include "query/query_internal.h"
#include "record/traverse.h"

/* What a short statement says; texts in the session's arena. */
typedef struct tarn__dialect {
    bool lookup; /* else TRAVERSE */
    tarn_slice *keys;
    size_t key_count;
    tarn_traverse_options traverse; /* from keys[0] */
    tarn__session *session;
    const char *pushed; /* for --explain */
} tarn__dialect;

/* Is this text a short statement?  Then it is read.  TARN_BAD_INPUT: it begins
 * as one, and is none. */
TARN_MUST_CHECK tarn_status tarn__dialect_parse(tarn__session *session,
    const char *sql, const tarn_query_options *options, tarn__dialect **out,
    tarn_error *err);
/* The SQL that gives its rows (appended); its table function is registered. */
TARN_MUST_CHECK tarn_status tarn__dialect_sql(
    tarn__dialect *dialect, tarn_buf *sql, tarn_error *err);

#endif

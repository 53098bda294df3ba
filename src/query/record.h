/* Record tables in a statement: what it needs of them, which route answers. */
#ifndef TARN_QUERY_RECORD_H
#define TARN_QUERY_RECORD_H

#include "query/query_internal.h"
#include "record/column.h"
#include "record/columns.h"

/* A record table that a reference names; lives as long as the session. */
typedef struct tarn__record_source {
    tarn_snapshot *snap;
    tarn__record_table *table;
    tarn__record_columns columns;
    const tarn__live_filter *filter; /* in the session's arena; or NULL */
    bool whole;        /* the filter is all that stands in the statement's */
    bool strays;       /* its key's field is not always what finds a record */
    bool *needed;      /* of each column */
    bool starred;      /* columns of kind PATH are for filters alone */
    char function[32]; /* that reads it live */
    tarn__live live;
    bool registered;
    tarn__live_id *ids; /* by_id */
    size_t id_count, id_cap;
    struct tarn__record_source *next;
} tarn__record_source;

/* --- what a statement needs (record_needs.c) --- */

/* Before any reference is replaced: the names of columns that the statement
 * mentions, in lower case, and of each reference whether all columns of it may
 * be meant. */
TARN_MUST_CHECK tarn_status tarn__needs_find(tarn__session *session,
    tarn__guard *guard, const json_t *tree, tarn_error *err);
/* Rows after which the reference need not be read further, for a SELECT that
 * gives them as they come; -1: all are needed. */
int64_t tarn__needs_limit(const tarn__ref *ref);

/* --- members inside the JSON (record_paths.c) --- */

#define TARN__RECORD_PATH_MAX 16

/* What doc->>'$.a.b' names. */
typedef struct tarn__record_path {
    tarn_slice names[TARN__RECORD_PATH_MAX]; /* point into the expression */
    size_t depth;
    size_t from;           /* how many of them are the column's own */
    bool text;             /* as text; else as JSON */
    const char *qualifier; /* as written; NULL: none */
} tarn__record_path;
/* Is the expression such a member of the reference's rows, and which? */
bool tarn__record_path_of(const tarn__record_source *source,
    const tarn__ref *ref, const json_t *expr, tarn__record_path *path);
/* Its column, -1: it has none. */
int tarn__record_path_column(
    const tarn__record_source *source, const tarn__record_path *path);
/* Each that the reference's SELECT names gets a column, which takes its place
 * there.  Where all columns may be meant they are for filters alone. */
TARN_MUST_CHECK tarn_status tarn__record_paths_take(tarn__session *session,
    const tarn__ref *ref, tarn__record_source *source, tarn_error *err);

/* --- filters (record_filter.c) --- */

/* The part of the reference's filter that a scan can decide, in the session's
 * arena; *out NULL: there is none.  *whole: no part was left out. */
TARN_MUST_CHECK tarn_status tarn__record_filter_make(tarn__session *session,
    const tarn__ref *ref, const tarn__record_source *source,
    const tarn__live_filter **out, bool *whole, tarn_error *err);
/* The filter as SQL: a superset of its rows.  names: of each column; NULL: it is
 * not to be had.  *whole false: a part was left out.  Nothing is appended when
 * nothing is left. */
TARN_MUST_CHECK tarn_status tarn__record_filter_sql(
    const tarn__live_filter *filter, const tarn__live_column *columns,
    const char *const *names, tarn_buf *sql, bool *whole, tarn_error *err);

/* --- the column view (record_view.c) --- */

/* What each column is called in the view's table, in the arena; NULL: it is not
 * there. */
TARN_MUST_CHECK tarn_status tarn__view_names(tarn__session *session,
    const tarn__record_source *source, const char ***out, tarn_error *err);
/* Is all there that the statement needs? */
bool tarn__view_covers(
    const tarn__record_source *source, const char *const *names);
/* Could the view be of use?  It is not caught up for nothing. */
TARN_MUST_CHECK tarn_status tarn__view_useful(const tarn__record_source *source,
    const char *const *names, bool *useful, tarn_error *err);
/* The view's table, *number -1: none.  Attached at the first need. */
TARN_MUST_CHECK tarn_status tarn__view_table(tarn__session *session,
    const tarn__record_source *source, int64_t *number, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__view_sql(const tarn__record_source *source,
    const char *const *names, int64_t number, tarn_buf *sql, tarn_error *err);
/* What the ids of the rows begin with that a filter on indexed fields keeps, if
 * they are *few. */
TARN_MUST_CHECK tarn_status tarn__view_ids(tarn__session *session,
    tarn__record_source *source, const char *const *names, int64_t number,
    bool *few, tarn_error *err);

/* --- routes (record_table.c) --- */

/* Of an id the bytes that are known. */
TARN_MUST_CHECK tarn_status tarn__record_add_id(tarn__record_source *source,
    const tarn__id *id, size_t bytes, tarn_error *err);
/* In order, none of which begins with another. */
void tarn__record_sort_ids(tarn__record_source *source);

/* Before what the statement needs is known for good: the record table that a
 * reference names, if it names one, into ref->record. */
TARN_MUST_CHECK tarn_status tarn__record_open(
    tarn__session *session, tarn__ref *ref, tarn_error *err);
/* SQL for such a reference. */
TARN_MUST_CHECK tarn_status tarn__record_sql(
    tarn__session *session, tarn__ref *ref, tarn_buf *sql, tarn_error *err);
void tarn__record_sources_free(tarn__session *session);

#endif

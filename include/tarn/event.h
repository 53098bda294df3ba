/**
 * Events and profiles in a store: loading, and questions about them.
 *
 * An event table is `(event_name, event_time, distinct_id, insert_id,
 * properties JSON)`, a profile table `(distinct_id, properties JSON,
 * last_seen)`, either with a typed column more for each shredded property;
 * `_metadata(table_name, type, fetched_at, from_date, to_date, row_count)`
 * lists them.
 */
#ifndef TARN_EVENT_H
#define TARN_EVENT_H

#include <tarn/base.h>
#include <tarn/progress.h>
#include <tarn/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What happens to a table that is there already. */
typedef enum tarn_event_mode {
    TARN_EVENT_CREATE = 0, /* TARN_EXISTS */
    TARN_EVENT_APPEND,     /* it must be there, and gets what is new */
    TARN_EVENT_REPLACE
} tarn_event_mode;

/** One bad line.  `source` is borrowed from the caller of the load. */
typedef struct tarn_event_bad {
    const char *source;
    uint64_t line; /* counted from 1, blank lines too */
    char reason[120];
} tarn_event_bad;

/** read = loaded + duplicates + quarantined. */
typedef struct tarn_event_counts {
    uint64_t read; /* lines that are not blank */
    uint64_t loaded;
    uint64_t duplicates;
    uint64_t quarantined;
    uint64_t made_ids;     /* loaded ones that had no $insert_id */
    tarn_event_bad bad[3]; /* the first of the quarantined */
} tarn_event_counts;

#define TARN_EVENT_MAX_LINE_BYTES (16U << 20)

typedef struct tarn_event_options {
    bool profiles;
    tarn_event_mode mode;
    const char *const *shred; /* properties that get columns of their own */
    size_t shred_count;
    int64_t max_bad; /* more bad lines are TARN_BAD_INPUT; -1: any */
    /* Bad lines as JSON lines: into a file, or, once the load stands, to a
     * function in blocks of whole lines; both NULL: into _quarantine.  With a
     * failure of the function's the load fails, and stands all the same. */
    const char *quarantine;
    tarn_status (*on_quarantined)(void *arg, tarn_slice lines, tarn_error *err);
    size_t max_line_bytes; /* 0: TARN_EVENT_MAX_LINE_BYTES */
    uint64_t batch_size;   /* 0: 1000 */
    const char *from_date; /* for _metadata; NULL: as the events have it */
    const char *to_date;
    /* After each batch: the rows that were loaded so far. */
    void (*on_batch)(void *arg, uint64_t loaded);
    tarn_progress_fn progress; /* from any thread of the load */
    void *arg;                 /* of them all */
} tarn_event_options;
/* clang-format off */
#define TARN_EVENT_OPTIONS_INIT \
    {false, TARN_EVENT_CREATE, NULL, 0, -1, NULL, NULL, 0, 0, NULL, NULL, \
        NULL, NULL, NULL}
/* clang-format on */

/**
 * Load JSON lines, all or nothing: on failure, or when the process is killed,
 * the table is as it was.
 *
 * The first of several events with one insert_id (profiles: distinct_id) is
 * kept, in the order of the input, and none that the table has already.  Files
 * may be packed with gzip or zstd; "-" is standard input.
 *
 * @param paths  borrowed; counts->bad points to them.
 * @return TARN_EXISTS, TARN_NOT_FOUND see tarn_event_mode; TARN_CONFLICT the
 *         table is of the other kind; TARN_BAD_INPUT more than max_bad lines
 *         are bad, or a file is damaged; TARN_INVALID a bad name.
 *
 * Memory: about 25 bytes an id, beside 250 MB; what does not fit in
 * the store's limit is TARN_FAILED.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_load(tarn_store *store,
    const char *name, const char *const *paths, size_t count,
    const tarn_event_options *options, tarn_event_counts *counts,
    tarn_error *err);

/** Give the next record's JSON, borrowed until the next call: TARN_ROW, TARN_OK
 * at the end, or a failure, which ends the load.  From any one thread. */
typedef tarn_status (*tarn_event_next_fn)(
    void *arg, tarn_slice *json, tarn_error *err);

/** The same from records.  Strict unless options say otherwise (NULL options,
 * or max_bad 0): an error names batch and record. */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_load_records(tarn_store *store,
    const char *name, tarn_event_next_fn next, void *next_arg,
    const tarn_event_options *options, tarn_event_counts *counts,
    tarn_error *err);

typedef struct tarn_event_fetch_options {
    bool profiles;
    tarn_event_mode mode;
    const char *from;          /* first day, "2024-01-31"; events only */
    const char *to;            /* last day */
    const char *const *events; /* only these */
    size_t event_count;
    const char *where;    /* the service's own filter; NULL: none */
    int workers;          /* requests at a time; 0: 3 */
    int chunk_days;       /* days a request; 0: 7 */
    const char *base_url; /* NULL: the service's own */
    const char *user;     /* of a service account */
    const char *secret;
    tarn_progress_fn progress;
    void *arg;
} tarn_event_fetch_options;
/* clang-format off */
#define TARN_EVENT_FETCH_OPTIONS_INIT \
    {false, TARN_EVENT_CREATE, NULL, NULL, NULL, 0, NULL, 0, 0, NULL, NULL, \
        NULL, NULL, NULL}
/* clang-format on */

/**
 * Fetch from an export API and load what came, all or nothing.
 *
 * What was fetched lies in `STORE.fetch/` until it is loaded: after a failure
 * the same call fetches only what is missing.  Answers that say 429 or 5xx,
 * and connections that break, are tried again.
 *
 * @return as tarn_event_load(); TARN_IO the server did not answer well after
 *         several tries; TARN_FAILED it refuses the credentials; TARN_BAD_INPUT
 *         it does not understand the question.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_fetch(tarn_store *store,
    const char *name, const tarn_event_fetch_options *options,
    tarn_event_counts *counts, tarn_error *err);

/** Remove a table and what _metadata says of it, both or neither. */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_drop(
    tarn_store *store, const char *name, tarn_error *err);

/* ---- Questions.  Each appends one SQL statement for tarn_store_query(), and
 * is TARN_NOT_FOUND when the table is not there, TARN_CONFLICT when it is no
 * event table and must be one. ---- */

/** name, type, row_count, fetched_at, from_date, to_date */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_ls_sql(
    tarn_store *store, tarn_buf *sql, tarn_error *err);
/** name, type, nullable, primary_key */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_schema_sql(
    tarn_store *store, const char *name, tarn_buf *sql, tarn_error *err);
/** path, bytes, tables, rows, events, profiles, quarantined */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_info_sql(
    tarn_store *store, tarn_buf *sql, tarn_error *err);
/** The table's columns, of `count` rows drawn at random. */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_sample_sql(tarn_store *store,
    const char *name, int64_t count, tarn_buf *sql, tarn_error *err);
/** event, count, unique_users, first_seen, last_seen, pct_of_total */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_breakdown_sql(
    tarn_store *store, const char *name, tarn_buf *sql, tarn_error *err);
/** key; of one event's properties unless event is NULL */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_keys_sql(tarn_store *store,
    const char *name, const char *event, tarn_buf *sql, tarn_error *err);
/** column, type, count, null_pct, approx_unique, min, max, avg, std, q25, q50,
 * q75 */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_summary_sql(
    tarn_store *store, const char *name, tarn_buf *sql, tarn_error *err);
/** value, count, pct of a column, or of "properties.NAME" */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_column_sql(tarn_store *store,
    const char *name, const char *column, int64_t top, tarn_buf *sql,
    tarn_error *err);

typedef struct tarn_event_funnel {
    const char *const *steps; /* two or more */
    size_t step_count;
    int64_t window_us; /* from a user's first step to the last */
    const char *by;    /* property of the first step; NULL: none */
} tarn_event_funnel;
/** step, event, users, rate (of the first step's users), and with `by` value */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_funnel_sql(tarn_store *store,
    const char *name, const tarn_event_funnel *funnel, tarn_buf *sql,
    tarn_error *err);

typedef struct tarn_event_retention {
    const char *first;
    const char *again;
    const char *unit; /* "day", "week" or "month" */
    int periods;
} tarn_event_retention;
/** cohort, users, period, returned, rate */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_retention_sql(tarn_store *store,
    const char *name, const tarn_event_retention *retention, tarn_buf *sql,
    tarn_error *err);

typedef struct tarn_event_segment {
    const char *event;
    const char *by;   /* NULL: none */
    const char *unit; /* "minute", "hour", "day", "week", "month", ... */
} tarn_event_segment;
/** time, value, count, users */
TARN_API TARN_MUST_CHECK tarn_status tarn_event_segment_sql(tarn_store *store,
    const char *name, const tarn_event_segment *segment, tarn_buf *sql,
    tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

/* Records of one table as rows of SQL: read from the key view, on several
 * threads, only what is asked for, decoded only as far as it is asked for.
 *
 * What a column's value is stands in one place, tarn__live_value(): the column
 * view is filled by it too, so that both give the same answer. */
#ifndef TARN_RECORD_LIVE_H
#define TARN_RECORD_LIVE_H

#include "duck/feed.h"
#include "record/record.h"

typedef enum tarn__live_kind {
    TARN__LIVE_ID,
    TARN__LIVE_KEY,
    TARN__LIVE_CREATED,
    TARN__LIVE_MODIFIED,
    TARN__LIVE_DOC,
    TARN__LIVE_FIELD, /* a member, typed as `type` says; 0: as JSON */
    TARN__LIVE_PATH   /* a member as JSON, null too; a filter sees its text */
} tarn__live_kind;

typedef struct tarn__live_column {
    const char *name; /* in SQL */
    tarn__live_kind kind;
    tarn__row_type type;    /* of FIELD */
    const tarn_slice *path; /* of FIELD and PATH */
    size_t depth;
} tarn__live_column;

/* --- values --- */

typedef enum tarn__live_tag {
    TARN__LIVE_NULL,
    TARN__LIVE_I64, /* BIGINT, BOOLEAN, TIMESTAMP, DATE */
    TARN__LIVE_F64,
    TARN__LIVE_BYTES
} tarn__live_tag;

typedef struct tarn__live_datum {
    tarn__live_tag tag;
    int64_t i64;
    double f64;
    tarn_slice bytes;
} tarn__live_datum;

/* Which slot of a layout holds which column; made once a layout. */
typedef struct tarn__live_map tarn__live_map;
TARN_MUST_CHECK tarn_status tarn__live_map_create(
    const tarn__live_column *columns, size_t count,
    const tarn__row_layout *layout, tarn__live_map **out, tarn_error *err);
void tarn__live_map_free(tarn__live_map *map);
uint32_t tarn__live_map_number(const tarn__live_map *map);

/* The value of a column of a row whose JSON is at hand (row->json).  Bytes point
 * into the row, into `id` or into `scratch`, and hold until its next use. */
TARN_MUST_CHECK tarn_status tarn__live_value(const tarn__live_column *column,
    int slot, const tarn__row *row, const char *id, tarn_buf *scratch,
    tarn__live_datum *out, tarn_error *err);
/* A value of kind PATH (ptr NULL: none) as doc->>'path' has it; *known false: it is
 * a number or the like, whose text is DuckDB's to make. */
TARN_MUST_CHECK tarn_status tarn__live_text(tarn_slice json, tarn_buf *scratch,
    tarn__live_datum *out, bool *known, tarn_error *err);
/* -1: the layout has none. */
int tarn__live_slot(const tarn__live_map *map, size_t column);
/* A member of a record's text, outermost first; false: there is none. */
bool tarn__live_find(tarn_slice json, const tarn_slice *path, size_t depth,
    tarn__json_scan_value *out);

/* The column in a feed. */
tarn__column tarn__live_feed_column(
    const tarn__live_column *column, tarn__feed_type *type);
void tarn__live_put(const tarn__live_column *column,
    const tarn__live_datum *datum, tarn__feed_chunk *chunk, size_t col,
    size_t row);

/* --- filters: which rows need not be given --- */

typedef enum tarn__live_op {
    TARN__LIVE_AND,
    TARN__LIVE_OR,
    TARN__LIVE_NOT,
    TARN__LIVE_EQ,
    TARN__LIVE_NE,
    TARN__LIVE_LT,
    TARN__LIVE_LE,
    TARN__LIVE_GT,
    TARN__LIVE_GE,
    TARN__LIVE_IN,
    TARN__LIVE_IS_NULL,
    TARN__LIVE_PREFIX, /* LIKE 'text%': values[0] */
    TARN__LIVE_START,  /* LIKE 'text…': begins so, more is not known */
    TARN__LIVE_UNKNOWN /* DuckDB's to decide */
} tarn__live_op;

/* Values have the column's type; one that is NULL is SQL's NULL. */
typedef struct tarn__live_filter {
    tarn__live_op op;
    size_t column;
    const tarn__live_datum *values;
    size_t value_count;
    struct tarn__live_filter *const *children;
    size_t child_count;
} tarn__live_filter;

/* What a filter can be for a row: a set of these. */
enum { TARN__CAN_FALSE = 1, TARN__CAN_NULL = 2, TARN__CAN_TRUE = 4 };

typedef struct tarn__live_row {
    const tarn__live_column *columns;
    const tarn__live_map *map;
    const tarn__row *row;
    const char *id; /* text */
    tarn_buf *scratch;
} tarn__live_row;
TARN_MUST_CHECK tarn_status tarn__live_filter_run(
    const tarn__live_filter *filter, const tarn__live_row *row, unsigned *can,
    tarn_error *err);
/* Is the column one that the filter looks at? */
bool tarn__live_filter_uses(const tarn__live_filter *filter, size_t column);

/* --- the scan --- */

/* The rows whose ids begin with these bytes: one, when they are all. */
typedef struct tarn__live_id {
    tarn__id id; /* what follows them is 0 */
    size_t bytes;
} tarn__live_id;

typedef struct tarn__live {
    tarn_snapshot *snap;
    tarn_slice tenant;
    tarn_slice table;
    const tarn__live_column *columns;
    size_t column_count;
    const tarn__live_filter *filter; /* NULL: all rows; else DuckDB must filter
                                        again what comes out */
    int64_t limit;                   /* rows that certainly pass; -1: all */
    bool by_id;                      /* these and no others */
    const tarn__live_id *ids;        /* in order; none begins with another */
    size_t id_count;
    int threads;
    /* Filled by tarn__live_register(). */
    tarn__feed feed;
    tarn__column *feed_columns;
    tarn__feed_type *feed_types;
} tarn__live;

/* A table function `name` of the session; `live`, and all that it names, must
 * outlive the session. */
TARN_MUST_CHECK tarn_status tarn__live_register(
    tarn__duck *duck, const char *name, tarn__live *live, tarn_error *err);
void tarn__live_reset(tarn__live *live);

#endif

/* What the files of this room share.  No other room may include it. */
#ifndef TARN_DUCK_INTERNAL_H
#define TARN_DUCK_INTERNAL_H

#include <duckdb.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "duck/duck.h"
#include "os/threads.h"

typedef struct tarn__watch tarn__watch;

struct tarn__duck {
    duckdb_database db;
    duckdb_connection con;
    char *last_error; /* DuckDB's message in whole; NULL: none yet */
    char last_type[40];
    atomic_bool interrupted; /* by the caller, since the statement began */
    tarn__watch *watch;      /* NULL: nobody may stop it */
    /* A row source's own failure, which DuckDB would flatten into text. */
    tarn__mutex source_lock;
    tarn_error source_error;
};

/* One node of a column's type, with where its values of this chunk lie.
 *  - `data` and `validity` hold until the next chunk;
 *  - a MAP is a list whose one child is a struct of key and value;
 *  - a UNION's child 0 is its tag. */
typedef struct tarn__vnode {
    duckdb_type id;
    duckdb_type storage; /* of DECIMAL and ENUM: the integer below */
    uint8_t width;       /* of DECIMAL */
    uint8_t scale;       /* of DECIMAL */
    bool json;           /* VARCHAR known as JSON */
    idx_t array_size;
    size_t child_count;
    struct tarn__vnode *children;
    tarn_slice *names; /* of STRUCT and UNION children, or ENUM's labels */
    size_t name_count;
    const void *data;
    const uint64_t *validity; /* NULL: all valid */
} tarn__vnode;

typedef struct tarn__duck_column {
    char *name;
    tarn_type type;
    bool number; /* TEXT that is a bare number */
    tarn__vnode *node;
    tarn_buf text; /* the current row's */
} tarn__duck_column;

struct tarn__duck_result {
    tarn__duck *duck;
    duckdb_prepared_statement stmt; /* to run once more: see result.c */
    duckdb_result result;
    size_t column_count;
    tarn__duck_column *columns;
    tarn__arena arena; /* nodes and names */
    duckdb_data_chunk chunk;
    idx_t row;
    idx_t row_count;
    bool done;
};

/* fail.c: remember DuckDB's message (NULL: no memory), fill `err`, and return
 * the status that its kind maps to. */
TARN_MUST_CHECK tarn_status tarn__duck_fail(
    tarn__duck *duck, const char *message, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__duck_fail_data(
    tarn__duck *duck, duckdb_error_data data, tarn_error *err);
/* A row source failed: DuckDB is about to say so in its words. */
void tarn__duck_source_failed(tarn__duck *duck, const tarn_error *err);
/* The error of whatever fails once the watch was told to stop (watch.c). */
TARN_MUST_CHECK tarn_status tarn__watch_fail(
    const tarn__watch *watch, tarn_error *err);
void tarn__watch_end(tarn__watch *watch);

/* A statement starts: forget sources' failures and interrupts before it. */
void tarn__duck_begin(tarn__duck *duck);
/* DuckDB says that it was interrupted, but nobody did, and no row source has
 * failed either. */
bool tarn__duck_lost_reason(tarn__duck *duck, const char *message);

/* query.c: start the stream of r->stmt into r->result. */
TARN_MUST_CHECK tarn_status tarn__duck_start(
    tarn__duck_result *r, tarn_error *err);

/* bind.c: prepare one statement and bind its values. */
TARN_MUST_CHECK tarn_status tarn__duck_prepare(tarn__duck *duck,
    const char *sql, const tarn__duck_value *values, size_t count,
    duckdb_prepared_statement *out, tarn_error *err);

/* result.c: the next chunk that has rows into r->chunk, or r->done. */
TARN_MUST_CHECK tarn_status tarn__duck_fetch(
    tarn__duck_result *r, tarn_error *err);

/* node.c: types of a result's columns, and views of a chunk's vectors. */
TARN_MUST_CHECK tarn_status tarn__vnode_init(tarn__vnode *node,
    duckdb_logical_type type, tarn__arena *arena, tarn_error *err);
/* False when a value of this type, or one inside it, cannot be read. */
bool tarn__vnode_readable(const tarn__vnode *node);
void tarn__vnode_view(tarn__vnode *node, duckdb_vector vector);
bool tarn__vnode_valid(const tarn__vnode *node, idx_t row);
tarn_type tarn__vnode_type(const tarn__vnode *node);
/* The same of a type that is not nested. */
tarn_type tarn__scalar_type(duckdb_type id);
bool tarn__vnode_number(const tarn__vnode *node);
/* type_name.c: the type as SQL spells it. */
TARN_MUST_CHECK tarn_status tarn__vnode_sql(
    const tarn__vnode *node, tarn_buf *out, tarn_error *err);

/* A value that is not NULL, as text; nested ones as JSON (text.c). */
TARN_MUST_CHECK tarn_status tarn__vnode_text(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err);
/* Any value as JSON (nested.c). */
TARN_MUST_CHECK tarn_status tarn__vnode_json(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err);
/* Borrowed bytes of a VARCHAR, BLOB, BIT, BIGNUM or ENUM. */
tarn_slice tarn__vnode_bytes(const tarn__vnode *node, idx_t row);
/* Any integer type up to 64 bits signed. */
int64_t tarn__vnode_i64(const tarn__vnode *node, idx_t row);
/* Microseconds of TIMESTAMP*, but NS; false: infinite or too far off. */
bool tarn__vnode_time(const tarn__vnode *node, idx_t row, int64_t *us);
/* The double whose shortest text is the shortest text of the float. */
double tarn__duck_widen(float f);

/* number.c: digits of wide numbers. */
TARN_MUST_CHECK tarn_status tarn__digits_int(
    tarn_buf *out, duckdb_hugeint v, uint8_t scale, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__digits_uint(
    tarn_buf *out, duckdb_uhugeint v, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__digits_bignum(
    tarn_buf *out, tarn_slice bytes, tarn_error *err);

/* calendar.c: dates, times and intervals as text. */
TARN_MUST_CHECK tarn_status tarn__calendar_text(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err);

#endif

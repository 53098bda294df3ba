/* DuckDB behind our errors and ownership: sessions, statements, results.  The
 * only includer of duckdb.h is this room. */
#ifndef TARN_DUCK_DUCK_H
#define TARN_DUCK_DUCK_H

#include "base/json.h"
#include "base/progress.h"
#include "base/rows.h"

typedef struct tarn__duck tarn__duck; /* a database + connection */
typedef struct tarn__duck_result tarn__duck_result;

typedef struct tarn__duck_options {
    const char *path; /* NULL: in memory */
    bool read_only;
    uint64_t memory_bytes; /* 0: 2 GB */
    int threads;           /* 0: as many as there are */
    const char *temp_dir;  /* spill folder; NULL: none */
    bool external_access;  /* may SQL touch the host at all */
    bool unordered;        /* preserve_insertion_order=false */
} tarn__duck_options;
#define TARN__DUCK_OPTIONS_INIT              \
    {                                        \
        NULL, false, 0, 0, NULL, true, false \
    }

/* Open; extensions are never installed or loaded from outside; time zone UTC. */
TARN_MUST_CHECK tarn_status tarn__duck_open(
    const tarn__duck_options *options, tarn__duck **out, tarn_error *err);
void tarn__duck_close(tarn__duck *duck);
/* Another bound of its memory from now on; a statement may be running. */
TARN_MUST_CHECK tarn_status tarn__duck_set_memory(
    tarn__duck *duck, uint64_t bytes, tarn_error *err);

/* A bound value. */
typedef struct tarn__duck_value {
    tarn_type type; /* NULL, BOOL, INT64, DOUBLE, TEXT, BLOB, TIME */
    int64_t i64;
    double f64;
    tarn_slice bytes;
    const char *name; /* for $name; NULL: positional */
} tarn__duck_value;

/* Run statements that give no rows (several, ';'-separated, when there are no
 * values).  Errors of SQL are TARN_BAD_INPUT with DuckDB's first line. */
TARN_MUST_CHECK tarn_status tarn__duck_exec(
    tarn__duck *duck, const char *sql, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__duck_execf(
    tarn__duck *duck, tarn_error *err, const char *fmt, ...) TARN_PRINTF(3, 4);
/* One statement with values; *changed (may be NULL) = rows changed. */
TARN_MUST_CHECK tarn_status tarn__duck_exec_values(tarn__duck *duck,
    const char *sql, const tarn__duck_value *values, size_t count,
    int64_t *changed, tarn_error *err);

/* Could DuckDB run this one statement?  Nothing runs. */
TARN_MUST_CHECK tarn_status tarn__duck_check(
    tarn__duck *duck, const char *sql, tarn_error *err);

/* Run one statement and stream its rows: memory is O(chunk). */
TARN_MUST_CHECK tarn_status tarn__duck_query(tarn__duck *duck, const char *sql,
    const tarn__duck_value *values, size_t count, tarn__duck_result **out,
    tarn_error *err);
size_t tarn__duck_columns(const tarn__duck_result *r);
const char *tarn__duck_column_name(const tarn__duck_result *r, size_t col);
tarn_type tarn__duck_column_type(const tarn__duck_result *r, size_t col);
/* As tarn_rows_is_number(). */
bool tarn__duck_column_is_number(const tarn__duck_result *r, size_t col);
/* DuckDB's own spelling, such as DECIMAL(18,3)[], names in it quoted; NULL
 * when memory is out; tarn__free() it. */
char *tarn__duck_column_sql_type(const tarn__duck_result *r, size_t col);
/* TARN_ROW / TARN_OK / failure.  Cells are filled as tarn__cell says; every
 * type has a text form: lists, structs, maps, unions as JSON (NaN and infinity
 * as strings), DATE, TIMESTAMP* as ISO ('Z' on TIMESTAMPTZ and, because times
 * are UTC, on TIMESTAMP too), HUGEINT and DECIMAL as digits, BLOB raw bytes,
 * UUID, INTERVAL, BIT, TIME as DuckDB casts them. */
TARN_MUST_CHECK tarn_status tarn__duck_next(
    tarn__duck_result *r, tarn__cell *cells, tarn_error *err);
void tarn__duck_result_free(tarn__duck_result *r);
/* The same result as public rows; consumes `r` on success. */
TARN_MUST_CHECK tarn_status tarn__duck_rows(
    tarn__duck_result *r, tarn_rows **out, tarn_error *err);
/* Rows of the result's columns, whose cells come from the caller's own class;
 * the result stays the caller's. */
TARN_MUST_CHECK tarn_status tarn__duck_rows_of(const tarn__duck_result *r,
    const tarn__rows_class *cls, void *self, tarn_rows **out, tarn_error *err);
/* First column of the first row, for scalars. *found false: no row or NULL. */
TARN_MUST_CHECK tarn_status tarn__duck_int64(tarn__duck *duck, const char *sql,
    int64_t *out, bool *found, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__duck_text(tarn__duck *duck, const char *sql,
    char **out, tarn_error *err); /* NULL: no row or NULL; tarn__free() it */

/* Quote an identifier or a string literal into SQL text. */
TARN_MUST_CHECK tarn_status tarn__duck_quote_name(
    tarn_buf *out, tarn_slice name, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__duck_quote_text(
    tarn_buf *out, tarn_slice text, tarn_error *err);

/* The parse tree of one SELECT-like statement (json_serialize_sql), and back.
 * Anything else, or a second statement: TARN_BAD_INPUT. */
TARN_MUST_CHECK tarn_status tarn__duck_parse(
    tarn__duck *duck, const char *sql, json_t **tree, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__duck_unparse(
    tarn__duck *duck, json_t *tree, char **sql, tarn_error *err);

/* Stop what runs on this session from another thread or a signal poller. */
void tarn__duck_interrupt(tarn__duck *duck);
/* Once a session, until it closes: ask the callback ten times a second, from a
 * thread of its own; a yes interrupts what runs, and whatever fails from then on
 * is TARN_INTERRUPTED.  `what` is static; no callback, no watch. */
TARN_MUST_CHECK tarn_status tarn__duck_watch(tarn__duck *duck,
    const tarn__progress *progress, const char *what, tarn_error *err);
bool tarn__duck_stopped(const tarn__duck *duck); /* was there a yes? */
/* DuckDB's last error in whole, for details; borrowed until the next call. */
const char *tarn__duck_last_error(const tarn__duck *duck);
const char *tarn__duck_last_error_type(const tarn__duck *duck);
const char *tarn__duck_version(void);

#endif

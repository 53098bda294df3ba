/* How steps hand over: one DuckDB file a step, its inputs' attached read-only.
 *
 * X1 A step's file gets its name when it is whole: no .wal beside it, opened
 *    again read-only, with the tables and the rows that the driver told of.
 * X2 A statement of a user's is one SELECT, run where no file of the host can
 *    be opened: what it sees is the inputs. */
#ifndef TARN_FLOW_EXCHANGE_H
#define TARN_FLOW_EXCHANGE_H

#include <tarn/driver.h>

#include "duck/duck.h"

/* Append to SQL: %n a quoted name, %t a quoted text, %s as it is, %d an
 * int64_t, %% itself. */
TARN_MUST_CHECK tarn_status tarn__sql_add(
    tarn_buf *sql, tarn_error *err, const char *fmt, ...);

typedef struct tarn__made_table {
    char *name;
    int64_t rows;
} tarn__made_table;

/* One call's DuckDB: in memory, with the output's file and the inputs' ones
 * attached, stopped when the call is cancelled. */
typedef struct tarn__exchange tarn__exchange;

#define TARN__EXCHANGE_OUTPUT "tarn_out" /* the output, attached */

TARN_MUST_CHECK tarn_status tarn__exchange_open(
    const tarn_driver_call *call, tarn__exchange **out, tarn_error *err);
/* Checkpoint the output, let go of it, open it again read-only and count its
 * tables; TARN_INTERRUPTED when the call was cancelled meanwhile. */
TARN_MUST_CHECK tarn_status tarn__exchange_finish(
    tarn__exchange *x, tarn_error *err);
void tarn__exchange_free(tarn__exchange *x);

/* What DuckDB needs of a call's memory when rows pass through: with more, it
 * would only keep blocks that nobody reads again. */
uint64_t tarn__exchange_streaming(const tarn_driver_call *call);

tarn__duck *tarn__exchange_duck(tarn__exchange *x);
/* From now on SQL opens no file of the host. */
TARN_MUST_CHECK tarn_status tarn__exchange_lock(
    tarn__exchange *x, tarn_error *err);
/* The relation of an input's table, for FROM. */
TARN_MUST_CHECK tarn_status tarn__exchange_input(const tarn_driver_call *call,
    size_t input, size_t table, tarn_buf *sql, tarn_error *err);
/* The only table of the only input, for FROM: what a writer takes. */
TARN_MUST_CHECK tarn_status tarn__exchange_single(
    const tarn_driver_call *call, tarn_buf *sql, tarn_error *err);
/* Run one statement of our own; an interruption is told as one. */
TARN_MUST_CHECK tarn_status tarn__exchange_exec(tarn__exchange *x,
    const char *sql, const tarn__duck_value *values, size_t value_count,
    int64_t *changed, tarn_error *err);
/* Make a table of the output from a query of our own, and tell of it. */
TARN_MUST_CHECK tarn_status tarn__exchange_make(tarn__exchange *x,
    const tarn_driver_result *result, const char *table, const char *query,
    const tarn__duck_value *values, size_t value_count, int64_t *rows,
    tarn_error *err);
/* Judge a user's query, and make the names that it reads stand for inputs:
 * a step's id, `step.table`, `input` when there is but one, and what `names`
 * (an object from names to steps, or NULL) adds. */
TARN_MUST_CHECK tarn_status tarn__exchange_admit(
    tarn__exchange *x, const char *query, const json_t *names, tarn_error *err);

/* Make durable the file that a driver made, and give it its name; before, unless
 * the driver did so in tarn__exchange_finish(), check it against what was told. */
TARN_MUST_CHECK tarn_status tarn__exchange_seal(const char *made,
    const char *path, const tarn__made_table *tables, size_t count,
    bool checked, tarn_error *err);
/* Has a table of an attached file so many rows? */
TARN_MUST_CHECK tarn_status tarn__exchange_check(tarn__duck *duck,
    const char *catalog, const tarn__made_table *table, tarn_error *err);

/* --- conveniences of drivers --- */

void tarn__call_metric(
    const tarn_driver_call *call, const char *name, double v);
bool tarn__call_cancelled(const tarn_driver_call *call);
/* A path of the configuration, relative to the flow file.  tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__call_path(const tarn_driver_call *call,
    const char *path, char **out, tarn_error *err);

#endif

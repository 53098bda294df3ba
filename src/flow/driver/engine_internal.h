/* Between the files of the engine. */
#ifndef TARN_FLOW_DRIVER_ENGINE_INTERNAL_H
#define TARN_FLOW_DRIVER_ENGINE_INTERNAL_H

#include "flow/driver/adbc.h"
#include "flow/driver/engine.h"
#include "flow/driver/sql.h"
#include "os/threads.h"

/* How a parameter is written, in the words of Python's DB-API. */
typedef enum tarn__paramstyle {
    TARN__PARAMS_UNSAID,
    TARN__PARAMS_QMARK,   /* ? */
    TARN__PARAMS_DOLLAR,  /* $1: numeric_dollar */
    TARN__PARAMS_LITERAL, /* not at all */
} tarn__paramstyle;

struct tarn__engine {
    char *where; /* "adbc.NAME", for messages */
    json_t *connection;
    tarn__paramstyle style; /* as the connection says */
    struct AdbcDriver driver;
    struct AdbcDatabase database;
    tarn__mutex lock; /* over what follows, and sessions' beginnings */
    bool ready;       /* the database is initialised */
};

/* --- engine_session.c --- */

typedef struct tarn__engine_session {
    tarn__engine *engine;
    struct AdbcConnection connection;
    bool opened;
    struct AdbcStatement statement;
    tarn__mutex lock; /* over `running` */
    bool running;     /* there is a statement, to be cancelled */
} tarn__engine_session;

TARN_MUST_CHECK tarn_status tarn__engine_connect(
    tarn__engine *engine, tarn__engine_session *s, tarn_error *err);
void tarn__engine_disconnect(tarn__engine_session *s);
/* From another thread: end what runs, when the driver can. */
void tarn__engine_cancel(void *session);
/* The statement anew: the one before is released. */
TARN_MUST_CHECK tarn_status tarn__engine_statement(
    tarn__engine_session *s, tarn_error *err);
void tarn__engine_release(tarn__engine_session *s);
/* "PostgreSQL"; "": the driver does not say. */
void tarn__engine_vendor(tarn__engine_session *s, char *out, size_t size);

/* --- engine.c --- */

/* Call a function of the driver that may be missing. */
#define TARN__ADBC(engine, function, ...) \
    ((engine)->driver.function == NULL    \
            ? ADBC_STATUS_NOT_IMPLEMENTED \
            : (engine)->driver.function(__VA_ARGS__))
/* A failure of `what`, in one line, with the engine's own reason; releases
 * `error`. */
TARN_MUST_CHECK tarn_status tarn__engine_fail(const tarn__engine *engine,
    AdbcStatusCode code, struct AdbcError *error, const char *what,
    const char *mend, tarn_error *err);
void tarn__engine_forget(struct AdbcError *error);
/* Append an engine's words as one line. */
TARN_MUST_CHECK tarn_status tarn__engine_line(
    tarn_buf *out, const char *words, tarn_error *err);

/* --- engine_result.c --- */

/* Make a table of the step's file from the stream, which is released; *rows is
 * set when it is there. */
TARN_MUST_CHECK tarn_status tarn__engine_fetch(const tarn__engine *engine,
    const tarn_driver_call *call, tarn__exchange *x,
    const tarn_driver_result *result, const char *table,
    struct ArrowArrayStream *from, int64_t *rows, tarn_error *err);

/* --- engine_tables.c --- */

/* A table of an input by a name that queries may use. */
typedef struct tarn__engine_table {
    const char *step; /* NULL: the name stands alone */
    char *name;       /* in the engine */
    char *spelled;    /* as the query then has it; NULL: it does not */
    char *real;       /* a name of our own, when there is no temporary one */
    size_t input;
    size_t table;
    bool several; /* the step has several tables and none is `main` */
    bool joined;  /* the name is step_table: another one has the table's */
    bool made;    /* it is in the engine */
} tarn__engine_table;

typedef struct tarn__engine_tables {
    tarn__engine_table *items;
    size_t count;
    size_t cap;
} tarn__engine_tables;

/* Every name that the step's queries may use. */
TARN_MUST_CHECK tarn_status tarn__engine_tables_of(const tarn_driver_call *call,
    const json_t *names, tarn__engine_tables *out, tarn_error *err);
void tarn__engine_tables_free(tarn__engine_tables *tables);
/* --- engine_sql.c: a query's text, for the engine --- */

/* Append the query as the engine gets it: one statement, `step.table` as one
 * name, parameters in the style; what it names is marked as spelled. */
TARN_MUST_CHECK tarn_status tarn__engine_sql(const tarn_driver_call *call,
    tarn__engine_tables *tables, const tarn__sql_query *query,
    tarn__paramstyle style, tarn_buf *out, tarn_error *err);
/* Put common table expressions before it, one a table with a name of our own. */
TARN_MUST_CHECK tarn_status tarn__engine_sql_with(
    const tarn__engine_tables *tables, char quote, tarn_buf *sql,
    tarn_error *err);

#endif

/* One connection to a MariaDB, PostgreSQL or SQLite database, as extractors,
 * writers and query.h share it.
 *
 * B1  A value is bound, or it is not there: no text from outside becomes SQL,
 *     names are quoted.
 * B2  Rows stream: no more of them are in memory than one batch.
 * B3  A session's time zone is UTC and its text UTF-8.
 * B4  A message names engine, user, host and database, never the password. */
#ifndef TARN_FLOW_DB_H
#define TARN_FLOW_DB_H

#include "base/json.h"
#include "base/rows.h"

typedef struct tarn__db tarn__db;
typedef struct tarn__db_stream tarn__db_stream;

/* How the values of a column, as DuckDB has them, are ordered on the server:
 * what an incremental extractor may compare with its cursor. */
typedef enum tarn__db_order {
    TARN__DB_ORDER_NONE,   /* not as here, or not at all: no cursor */
    TARN__DB_ORDER_OWN,    /* as here */
    TARN__DB_ORDER_TEXT,   /* by a collation; as here once it is binary */
    TARN__DB_ORDER_NUMBER, /* as numbers; a text here */
} tarn__db_order;

/* A result's column. */
typedef struct tarn__db_column {
    char *name;
    tarn__db_order order;
    /* What the server must make of a cursor's text so that it compares without
     * loss: an expression in which %s stands for it; "": nothing. */
    char bound[32];
    tarn_type type; /* of its cells */
    /* Gives the value its own type in DuckDB: an expression in which %s stands
     * for the cell.  NULL: the cell is the value. */
    char *cast;
    int64_t nulled; /* values so far that no type of DuckDB's holds */
} tarn__db_column;

typedef struct tarn__db_class {
    const char *name; /* "mysql", "postgres", "sqlite" */
    char quote;       /* around names */
    bool backslash;   /* escapes in a text, and # begins a comment */
    bool dollar;      /* parameters are $1, $2, not ? */
    /* Texts as bytes of UTF-8, to be compared: %s stands for one. */
    const char *bytes;
    void (*close)(tarn__db *db);
    /* From another thread: end the statement that runs, if one does. */
    void (*cancel)(tarn__db *db);
    /* A statement that gives no rows; *changed: how many rows it changed. */
    tarn_status (*exec)(tarn__db *db, const char *sql, const tarn__cell *values,
        size_t count, int64_t *changed, tarn_error *err);
    tarn_status (*query)(tarn__db *db, const char *sql,
        const tarn__cell *values, size_t count, tarn__db_stream **out,
        tarn_error *err);
} tarn__db_class;

struct tarn__db {
    const tarn__db_class *cls;
    char *where; /* "mysql tarn@db.example/shop" */
    size_t batch_rows;
};

typedef struct tarn__db_stream_class {
    /* TARN_ROW, TARN_OK after the last, or a failure; bytes of cells are valid
     * until the next call. */
    tarn_status (*next)(
        tarn__db_stream *stream, tarn__cell *cells, tarn_error *err);
    void (*free)(tarn__db_stream *stream);
} tarn__db_stream_class;

/* Begins each engine's own; columns are freed by tarn__db_stream_free(). */
struct tarn__db_stream {
    const tarn__db_stream_class *cls;
    tarn__db *db;
    tarn__db_column *columns;
    size_t column_count;
    bool done; /* the last row was given, or a failure */
};

/* `connection` is a JSON object: host, port, socket, user, password, database,
 * tls (off, on, verify), tls_ca, connect_timeout; for SQLite path. */
TARN_MUST_CHECK tarn_status tarn__db_mysql_open(
    const json_t *connection, tarn__db **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__db_postgres_open(
    const json_t *connection, tarn__db **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__db_sqlite_open(const json_t *connection,
    const char *base_dir, bool make, tarn__db **out, tarn_error *err);
/* `engine` is "mysql", "mariadb", "postgres" or "sqlite"; only the last has use
 * for base_dir, and for `make`: make a file that is not there. */
TARN_MUST_CHECK tarn_status tarn__db_connect(const char *engine,
    const json_t *connection, const char *base_dir, bool make, tarn__db **out,
    tarn_error *err);
void tarn__db_close(tarn__db *db);

TARN_MUST_CHECK tarn_status tarn__db_exec(
    tarn__db *db, const char *sql, tarn_error *err);
/* Statements that end with NULL, one after the other. */
TARN_MUST_CHECK tarn_status tarn__db_exec_all(
    tarn__db *db, const char *const *statements, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__db_query(tarn__db *db, const char *sql,
    const tarn__cell *values, size_t count, tarn__db_stream **out,
    tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__db_next(
    tarn__db_stream *stream, tarn__cell *cells, tarn_error *err);
void tarn__db_stream_free(tarn__db_stream *stream);

/* Append a name in the engine's quotes. */
TARN_MUST_CHECK tarn_status tarn__db_quote(
    const tarn__db *db, tarn_buf *out, const char *name, tarn_error *err);
/* "a.b" is table b in schema a; a NULL schema is left out. */
TARN_MUST_CHECK tarn_status tarn__db_quote_table(const tarn__db *db,
    tarn_buf *out, const char *schema, const char *table, tarn_error *err);

/* A parameter in a statement: $1, $2 ... or {name}. */
typedef struct tarn__db_parameter {
    tarn_slice name; /* "1", or "name" */
    size_t at;       /* of its first byte in the statement */
    size_t len;
} tarn__db_parameter;
/* The next one at or after *at, texts, names and comments passed over; false:
 * none. */
bool tarn__db_parameter_next(const tarn__db_class *cls, const char *sql,
    bool braces, size_t *at, tarn__db_parameter *out);
/* Write `sql` with each $n for the engine: values_out then has one value a
 * parameter.  A number beyond `count` is TARN_BAD_INPUT. */
TARN_MUST_CHECK tarn_status tarn__db_number(const tarn__db *db, const char *sql,
    const tarn__cell *values, size_t count, tarn_buf *out,
    tarn__cell **values_out, size_t *count_out, tarn_error *err);

/* What a text is as a value: an integer, or text. */
tarn__cell tarn__db_text_value(const char *text);

/* For the engines: a column of a stream that is being made.  Both texts are
 * copied, cast may be NULL.  Its order is what the type suggests: none of bytes
 * and JSON, TARN__DB_ORDER_TEXT of texts that stay texts. */
TARN_MUST_CHECK tarn_status tarn__db_column_set(tarn__db_column *column,
    const char *name, tarn_type type, const char *cast, tarn_error *err);
/* A text cell, whose bytes must be UTF-8. */
TARN_MUST_CHECK tarn_status tarn__db_text_cell(const tarn__db_stream *stream,
    size_t col, tarn_slice bytes, tarn__cell *out, tarn_error *err);

#endif

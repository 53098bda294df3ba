/* Rows of PostgreSQL's in binary: bytes of a server, which may be anything.
 *
 * V1  Nothing is read beyond the bytes that were given, whatever lengths stand
 *     in them; a value whose length is not its type's is TARN_IO. */
#ifndef TARN_FLOW_POSTGRES_ROWS_H
#define TARN_FLOW_POSTGRES_ROWS_H

#include "flow/driver/db.h"

/* How the server is asked for a column. */
typedef enum tarn__pg_asked {
    TARN__PG_PLAIN,
    TARN__PG_AS_TEXT,
    TARN__PG_AS_JSON,       /* from here on arrays */
    TARN__PG_AS_JSON_TEXTS, /* whose numbers JSON would shorten */
    TARN__PG_AS_JSON_TIMES  /* which may be BC */
} tarn__pg_asked;

typedef struct tarn__pg_slot {
    tarn__pg_asked asked;
    unsigned oid;
    int form;
    char text[96]; /* of intervals and UUIDs */
} tarn__pg_slot;

/* What a column of that type is, by its object id and modifier. */
TARN_MUST_CHECK tarn_status tarn__pg_column(tarn__pg_slot *slot,
    tarn__db_column *column, const char *name, unsigned oid, int modifier,
    tarn_error *err);
bool tarn__pg_is_array(const tarn__pg_slot *slot);
/* The same for an array, once its dimensions are known; 0: they differ from
 * row to row. */
TARN_MUST_CHECK tarn_status tarn__pg_array(const tarn__pg_slot *slot,
    tarn__db_column *column, int dimensions, tarn_error *err);

/* A value of `stream`; its bytes must stay until the next row. */
TARN_MUST_CHECK tarn_status tarn__pg_value(tarn__db_stream *stream,
    tarn__pg_slot *slots, size_t col, tarn_slice bytes, tarn__cell *cell,
    tarn_error *err);

/* COPY's stream in pieces; each holds whole rows. */
typedef struct tarn__pg_copy {
    const char *at;
    const char *end;
    bool past_head;
    bool past_tail;
} tarn__pg_copy;
/* The next piece, when the last one is used up. */
TARN_MUST_CHECK tarn_status tarn__pg_copy_give(tarn__pg_copy *copy,
    const tarn__db_stream *stream, tarn_slice piece, tarn_error *err);
/* TARN_ROW, or TARN_OK: the next piece, please. */
TARN_MUST_CHECK tarn_status tarn__pg_copy_next(tarn__pg_copy *copy,
    tarn__db_stream *stream, tarn__pg_slot *slots, tarn__cell *cells,
    tarn_error *err);

#endif

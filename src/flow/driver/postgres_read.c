/* Rows from PostgreSQL, in binary: by COPY, or, where values are bound, which
 * COPY does not take, from a cursor.
 *
 * Types without a binary form here come as the server's text.  What DuckDB has
 * no value for is NULL and counted: times past the year 294246, and NaN and
 * infinity in a numeric of fixed precision. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/postgres.h"
#include "flow/driver/postgres_rows.h"

#define FIRST_ROWS 16
#define BATCH_BYTES ((size_t)8 << 20) /* of the cursor's rows */

typedef struct reading {
    tarn__db_stream base;
    tarn__pg_slot *slots;
    bool began;   /* the transaction is ours */
    bool copying; /* COPY runs */
    bool by_copy;
    char *copied; /* what COPY gave last */
    tarn__pg_copy copy;
    PGresult *rows; /* what the cursor gave last */
    int row;
    size_t bytes; /* of the longest of its rows yet */
    size_t asked; /* how many of them */
} reading;

static tarn__postgres *postgres_of(const reading *r)
{
    return (tarn__postgres *)r->base.db;
}

/* --- the statement --- */

static tarn_status describe(
    reading *r, const char *sql, size_t values, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    PGresult *result =
        db->api.PQprepare(db->handle, "", sql, (int)values, NULL);
    if (db->api.PQresultStatus(result) != PGRES_COMMAND_OK)
        return tarn__postgres_fail(db, result, err);
    db->api.PQclear(result);
    result = db->api.PQdescribePrepared(db->handle, "");
    if (db->api.PQresultStatus(result) != PGRES_COMMAND_OK)
        return tarn__postgres_fail(db, result, err);
    size_t count = (size_t)db->api.PQnfields(result);
    r->base.column_count = count;
    r->base.columns = tarn__calloc(count + 1, sizeof(*r->base.columns));
    r->slots = tarn__calloc(count + 1, sizeof(*r->slots));
    tarn_status st = r->base.columns == NULL || r->slots == NULL
        ? tarn__no_memory(err)
        : TARN_OK;
    if (st == TARN_OK && count == 0)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: the statement gives no rows (write a SELECT)", db->base.where);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = tarn__pg_column(&r->slots[i], &r->base.columns[i],
            db->api.PQfname(result, (int)i), db->api.PQftype(result, (int)i),
            db->api.PQfmod(result, (int)i), err);
    db->api.PQclear(result);
    return st;
}

static size_t sql_len(const char *sql)
{
    size_t len = strlen(sql);
    while (len > 0 && strchr("; \t\r\n", sql[len - 1]) != NULL)
        len--;
    return len;
}

/*  FROM (sql) AS q(c0, c1) */
static tarn_status add_source(
    const reading *r, const char *sql, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_str(out, " FROM (", err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, sql, sql_len(sql), err);
    /* A comment may end it. */
    if (st == TARN_OK)
        st = tarn__buf_str(out, "\n) AS tarn_q(", err);
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++)
        st = tarn__buf_printf(out, err, "%sc%zu", i > 0 ? ", " : "", i);
    return st == TARN_OK ? tarn__buf_char(out, ')', err) : st;
}

/* SELECT c0, CAST(c1 AS text) FROM (sql) AS q(c0, c1) */
static tarn_status wrap(
    const reading *r, const char *sql, tarn_buf *out, tarn_error *err)
{
    static const char *const forms[] = {
        [TARN__PG_PLAIN] = "%sc%zu",
        [TARN__PG_AS_TEXT] = "%sCAST(c%zu AS text)",
        [TARN__PG_AS_JSON] = "%sCAST(to_json(c%zu) AS text)",
        [TARN__PG_AS_JSON_TEXTS] = "%sCAST(to_json(CAST(c%zu AS text[])) AS "
                                   "text)",
        /* DuckDB has the (BC) behind the date. */
        [TARN__PG_AS_JSON_TIMES] =
            "%sregexp_replace(CAST(to_json(c%zu) AS text), "
            "'\"([^\"T]*)(T[^\" ]*)? BC\"', '\"\\1 (BC)\\2\"', 'g')",
    };
    tarn_status st = tarn__buf_str(out, "SELECT ", err);
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++)
        st = tarn__buf_printf(
            out, err, forms[r->slots[i].asked], i > 0 ? ", " : "", i);
    return st == TARN_OK ? add_source(r, sql, out, err) : st;
}

/* The one digit of a count of dimensions, of which there are at most 6. */
static int digit(const tarn__postgres *db, const PGresult *result, size_t col)
{
    return db->api.PQgetlength(result, 0, (int)col) == 1
        ? *db->api.PQgetvalue(result, 0, (int)col) - '0'
        : 0;
}

/* No type tells how many dimensions an array has: its values do, and are asked
 * for before any of them is read. */
static tarn_status find_dimensions(reading *r, const char *sql,
    const tarn__cell *values, size_t count, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    tarn_buf text = TARN_BUF_INIT;
    PGresult *result = NULL;
    size_t arrays = 0;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++)
        if (tarn__pg_is_array(&r->slots[i]))
            st = tarn__buf_printf(&text, err,
                "%s CAST(min(array_ndims(c%zu)) AS text), "
                "CAST(max(array_ndims(c%zu)) AS text)",
                arrays++ == 0 ? "SELECT" : ",", i, i);
    if (st == TARN_OK && arrays > 0)
        st = add_source(r, sql, &text, err);
    if (st == TARN_OK && arrays > 0)
        st = tarn__postgres_run(
            db, text.ptr, values, count, PGRES_TUPLES_OK, &result, err);
    arrays = 0;
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++) {
        if (!tarn__pg_is_array(&r->slots[i]))
            continue;
        int least = digit(db, result, 2 * arrays);
        int most = digit(db, result, 2 * arrays + 1);
        /* Empty arrays have none. */
        st = tarn__pg_array(&r->slots[i], &r->base.columns[i],
            most == 0           ? 1
                : least == most ? most
                                : 0,
            err);
        arrays++;
    }
    db->api.PQclear(result);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status start(reading *r, const char *sql, const tarn__cell *values,
    size_t count, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    tarn_buf text = TARN_BUF_INIT;
    PGresult *result = NULL;
    tarn_status st = tarn__buf_str(&text,
        count == 0 ? "COPY (" : "DECLARE tarn_rows NO SCROLL CURSOR FOR ", err);
    if (st == TARN_OK)
        st = wrap(r, sql, &text, err);
    if (st == TARN_OK && count == 0)
        st = tarn__buf_str(&text, ") TO STDOUT (FORMAT binary)", err);
    if (st == TARN_OK)
        st = tarn__postgres_run(db, text.ptr, values, count,
            count == 0 ? PGRES_COPY_OUT : PGRES_COMMAND_OK, &result, err);
    if (st == TARN_OK)
        db->api.PQclear(result);
    r->copying = r->by_copy = st == TARN_OK && count == 0;
    tarn_buf_reset(&text);
    return st;
}

/* --- COPY --- */

/* The server's last word; TARN_OK: all went well. */
static tarn_status end_copy(reading *r, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    tarn_status st = TARN_OK;
    PGresult *result;
    r->copying = false;
    while ((result = db->api.PQgetResult(db->handle)) != NULL) {
        if (db->api.PQresultStatus(result) == PGRES_COMMAND_OK || st != TARN_OK)
            db->api.PQclear(result);
        else
            st = tarn__postgres_fail(db, result, err);
    }
    return st;
}

static tarn_status more_copy(reading *r, bool *more, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    *more = false;
    if (r->copied != NULL)
        db->api.PQfreemem(r->copied);
    r->copied = NULL;
    r->copy.at = r->copy.end = NULL;
    int len = db->api.PQgetCopyData(db->handle, &r->copied, 0);
    if (len < 0)
        return end_copy(r, err);
    *more = true;
    return tarn__pg_copy_give(
        &r->copy, &r->base, (tarn_slice){r->copied, (size_t)len}, err);
}

static tarn_status next_copied(reading *r, tarn__cell *cells, tarn_error *err)
{
    tarn_status st = TARN_OK;
    bool more = r->copying;
    do {
        st = tarn__pg_copy_next(&r->copy, &r->base, r->slots, cells, err);
        if (st == TARN_OK && more)
            st = more_copy(r, &more, err);
    } while (st == TARN_OK && more);
    return st;
}

/* --- the cursor's --- */

/* All of them are in memory at once: as many as will be BATCH_BYTES when they
 * are as long as the longest yet, and not many more than the last, since none
 * may have been long yet. */
static size_t next_count(const reading *r)
{
    size_t most = r->base.db->batch_rows > 0 ? r->base.db->batch_rows : 10000;
    size_t count = r->asked == 0 ? FIRST_ROWS : r->asked * 8;
    size_t fits = BATCH_BYTES / (r->bytes + 1);
    count = count < fits ? count : fits + 1;
    return count < most ? count : most;
}

static tarn_status fetch(reading *r, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    char sql[64];
    r->asked = next_count(r);
    (void)snprintf(
        sql, sizeof sql, "FETCH FORWARD %zu FROM tarn_rows", r->asked);
    db->api.PQclear(r->rows);
    r->rows = NULL;
    r->row = 0;
    return tarn__postgres_run(db, sql, NULL, 0, PGRES_TUPLES_OK, &r->rows, err);
}

static tarn_status next_fetched(reading *r, tarn__cell *cells, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    tarn_status st = TARN_OK;
    if (r->rows == NULL || r->row == db->api.PQntuples(r->rows))
        st = fetch(r, err);
    if (st != TARN_OK || db->api.PQntuples(r->rows) == 0)
        return st;
    size_t bytes = 0;
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++) {
        int col = (int)i;
        bytes += (size_t)db->api.PQgetlength(r->rows, r->row, col);
        cells[i] = (tarn__cell){.type = TARN_NULL};
        if (db->api.PQgetisnull(r->rows, r->row, col) == 0)
            st = tarn__pg_value(&r->base, r->slots, i,
                (tarn_slice){db->api.PQgetvalue(r->rows, r->row, col),
                    (size_t)db->api.PQgetlength(r->rows, r->row, col)},
                &cells[i], err);
    }
    r->bytes = r->bytes > bytes ? r->bytes : bytes;
    r->row++;
    return st == TARN_OK ? TARN_ROW : st;
}

static tarn_status next(
    tarn__db_stream *stream, tarn__cell *cells, tarn_error *err)
{
    reading *r = (reading *)stream;
    return r->by_copy ? next_copied(r, cells, err)
                      : next_fetched(r, cells, err);
}

static void free_reading(tarn__db_stream *stream)
{
    reading *r = (reading *)stream;
    tarn__postgres *db = postgres_of(r);
    if (r->copying) {
        db->base.cls->cancel(&db->base);
        bool more = true;
        while (more && more_copy(r, &more, NULL) == TARN_OK)
            continue;
    }
    if (r->copied != NULL)
        db->api.PQfreemem(r->copied);
    db->api.PQclear(r->rows);
    /* It has read only. */
    if (r->began && tarn__db_exec(&db->base, "ROLLBACK", NULL) != TARN_OK)
        r->began = false;
    tarn__free(r->slots);
    tarn__free(r);
}

static const tarn__db_stream_class reading_class = {next, free_reading};

tarn_status tarn__postgres_query(tarn__db *base, const char *sql,
    const tarn__cell *values, size_t count, tarn__db_stream **out,
    tarn_error *err)
{
    tarn__postgres *db = (tarn__postgres *)base;
    reading *r = tarn__calloc(1, sizeof(*r));
    if (r == NULL)
        return tarn__no_memory(err);
    r->base.cls = &reading_class;
    r->base.db = base;
    tarn_status st = TARN_OK;
    if (db->api.PQtransactionStatus(db->handle) == PQTRANS_IDLE) {
        st = tarn__db_exec(
            base, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
        r->began = st == TARN_OK;
    }
    if (st == TARN_OK)
        st = describe(r, sql, count, err);
    if (st == TARN_OK)
        st = find_dimensions(r, sql, values, count, err);
    if (st == TARN_OK)
        st = start(r, sql, values, count, err);
    if (st == TARN_OK)
        *out = &r->base;
    else
        tarn__db_stream_free(&r->base);
    return st;
}

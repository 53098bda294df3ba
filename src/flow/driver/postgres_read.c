/* Rows from PostgreSQL, in binary: by COPY, or, where values are bound, which
 * COPY does not take, from a cursor.
 *
 * Types without a binary form here come as the server's text.  What DuckDB has
 * no value for is NULL and counted: times past the year 294246, and NaN and
 * infinity in a numeric of fixed precision. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/postgres.h"

#define EPOCH_US INT64_C(946684800000000) /* 2000-01-01 */
#define EPOCH_DAYS INT64_C(10957)
#define DAY_US INT64_C(86400000000)
#define HEADER_BYTES 19

typedef enum form {
    AS_TEXT, /* also JSON and bytes */
    AS_DECIMAL,
    AS_BOOL,
    AS_INT, /* of 2, 4 or 8 bytes */
    AS_OID,
    AS_FLOAT,
    AS_DOUBLE,
    AS_DATE,
    AS_TIMESTAMP,
    AS_INTERVAL,
    AS_UUID
} form;

/* How the server is asked for a column. */
typedef enum asked { ASKED_PLAIN, ASKED_TEXT, ASKED_JSON } asked;

typedef struct known {
    unsigned oid;
    form form;
    asked asked;
    tarn_type type;
    const char *cast;
} known;

#define LIST(type) "CAST(CAST(%s AS JSON) AS " type "[])"

static const known known_types[] = {
    {16, AS_BOOL, ASKED_PLAIN, TARN_BOOL, NULL},
    {17, AS_TEXT, ASKED_PLAIN, TARN_BLOB, NULL}, /* bytea */
    {18, AS_TEXT, ASKED_TEXT, TARN_TEXT, NULL},  /* "char" */
    {19, AS_TEXT, ASKED_PLAIN, TARN_TEXT, NULL}, /* name */
    {20, AS_INT, ASKED_PLAIN, TARN_INT64, NULL},
    {21, AS_INT, ASKED_PLAIN, TARN_INT64, "CAST(%s AS SMALLINT)"},
    {23, AS_INT, ASKED_PLAIN, TARN_INT64, "CAST(%s AS INTEGER)"},
    {25, AS_TEXT, ASKED_PLAIN, TARN_TEXT, NULL},
    {26, AS_OID, ASKED_PLAIN, TARN_INT64, "CAST(%s AS UINTEGER)"},
    {114, AS_TEXT, ASKED_PLAIN, TARN_JSON, NULL},
    {700, AS_FLOAT, ASKED_PLAIN, TARN_DOUBLE, "CAST(%s AS FLOAT)"},
    {701, AS_DOUBLE, ASKED_PLAIN, TARN_DOUBLE, NULL},
    {1042, AS_TEXT, ASKED_PLAIN, TARN_TEXT, NULL}, /* char(n) */
    {1043, AS_TEXT, ASKED_PLAIN, TARN_TEXT, NULL}, /* varchar */
    {1082, AS_DATE, ASKED_PLAIN, TARN_TIME, "CAST(%s AS DATE)"},
    {1083, AS_TEXT, ASKED_TEXT, TARN_TEXT, "CAST(%s AS TIME)"},
    {1114, AS_TIMESTAMP, ASKED_PLAIN, TARN_TIME, NULL},
    {1184, AS_TIMESTAMP, ASKED_PLAIN, TARN_TIME, "CAST(%s AS TIMESTAMPTZ)"},
    {1186, AS_INTERVAL, ASKED_PLAIN, TARN_TEXT, "CAST(%s AS INTERVAL)"},
    {1266, AS_TEXT, ASKED_TEXT, TARN_TEXT, "CAST(%s AS TIMETZ)"},
    {1560, AS_TEXT, ASKED_TEXT, TARN_TEXT, "CAST(%s AS BIT)"},
    {1562, AS_TEXT, ASKED_TEXT, TARN_TEXT, NULL}, /* may be empty */
    {2950, AS_UUID, ASKED_PLAIN, TARN_TEXT, "CAST(%s AS UUID)"},
    {3802, AS_TEXT, ASKED_TEXT, TARN_JSON, NULL}, /* jsonb */
    {1000, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("BOOLEAN")},
    {1005, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("SMALLINT")},
    {1007, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("INTEGER")},
    {1009, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("VARCHAR")},
    {1014, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("VARCHAR")},
    {1015, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("VARCHAR")},
    {1016, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("BIGINT")},
    {1021, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("FLOAT")},
    {1022, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("DOUBLE")},
    {1115, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("TIMESTAMP")},
    {1182, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("DATE")},
    {1185, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("TIMESTAMPTZ")},
    {2951, AS_TEXT, ASKED_JSON, TARN_TEXT, LIST("UUID")},
};

static const known other_type = {0, AS_TEXT, ASKED_TEXT, TARN_TEXT, NULL};

typedef struct slot {
    known type;
    char text[96]; /* of intervals and UUIDs */
} slot;

typedef struct reading {
    tarn__db_stream base;
    slot *slots;
    bool began;     /* the transaction is ours */
    bool copying;   /* COPY runs */
    bool past_head; /* of COPY's stream */
    char *copied;   /* what COPY gave last */
    const char *at;
    const char *end;
    PGresult *rows; /* what the cursor gave last */
    int row;
} reading;

static tarn__postgres *postgres_of(const reading *r)
{
    return (tarn__postgres *)r->base.db;
}

/* --- the statement --- */

#define NUMERIC 1700
#define NUMERIC_LIST 1231

static tarn_status set_column(
    reading *r, size_t col, const PGresult *about, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    unsigned oid = db->api.PQftype(about, (int)col);
    int mod = db->api.PQfmod(about, (int)col) - 4;
    int digits = mod >= 0 ? mod >> 16 & 0xffff : 0;
    int scale = mod >= 0 ? mod & 0x7ff : 0;
    bool fixed = digits > 0 && digits <= 38 && scale <= digits;
    char cast[80];
    known type = other_type;
    for (size_t i = 0; i < sizeof known_types / sizeof *known_types; i++)
        if (known_types[i].oid == oid)
            type = known_types[i];
    if (oid == NUMERIC && fixed) {
        (void)snprintf(
            cast, sizeof cast, "CAST(%%s AS DECIMAL(%d,%d))", digits, scale);
        type.form = AS_DECIMAL;
        type.cast = cast;
        type.oid = oid;
    } else if (oid == NUMERIC_LIST) {
        type.asked = ASKED_JSON;
        type.cast = LIST("VARCHAR");
    }
    r->slots[col].type = type;
    r->slots[col].type.cast = NULL;
    tarn_status st = tarn__db_column_set(&r->base.columns[col],
        db->api.PQfname(about, (int)col), type.type, type.cast, err);
    /* Ranges, addresses, enums: an order that their text has not. */
    if (oid == NUMERIC && !fixed)
        r->base.columns[col].order = TARN__DB_ORDER_NUMBER;
    else if (type.asked == ASKED_JSON || type.oid == 0)
        r->base.columns[col].order = TARN__DB_ORDER_NONE;
    return st;
}

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
        st = set_column(r, i, result, err);
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

/* SELECT c0, CAST(c1 AS text) FROM (sql) AS q(c0, c1) */
static tarn_status wrap(
    const reading *r, const char *sql, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_str(out, "SELECT ", err);
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++) {
        const char *comma = i > 0 ? ", " : "";
        switch (r->slots[i].type.asked) {
        case ASKED_PLAIN:
            st = tarn__buf_printf(out, err, "%sc%zu", comma, i);
            break;
        case ASKED_TEXT:
            st = tarn__buf_printf(out, err, "%sCAST(c%zu AS text)", comma, i);
            break;
        case ASKED_JSON:
            st = tarn__buf_printf(
                out, err, "%sCAST(to_json(c%zu) AS text)", comma, i);
            break;
        }
    }
    /* A comment may end it. */
    if (st == TARN_OK)
        st = tarn__buf_str(out, " FROM (", err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, sql, sql_len(sql), err);
    if (st == TARN_OK)
        st = tarn__buf_str(out, "\n) AS tarn_q(", err);
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++)
        st = tarn__buf_printf(out, err, "%sc%zu", i > 0 ? ", " : "", i);
    return st == TARN_OK ? tarn__buf_char(out, ')', err) : st;
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
    r->copying = st == TARN_OK && count == 0;
    tarn_buf_reset(&text);
    return st;
}

/* --- values --- */

static uint64_t big_endian(const char *ptr, size_t len)
{
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++)
        v = v << 8 | (unsigned char)ptr[i];
    return v;
}

static int64_t integer(const char *ptr, size_t len)
{
    uint64_t v = big_endian(ptr, len);
    if (len == 2)
        return (int16_t)v;
    return len == 4 ? (int32_t)v : (int64_t)v;
}

/* The infinities are DuckDB's; false: past what it has. */
static bool timestamp(int64_t v, int64_t *out)
{
    if (v == INT64_MAX || v == INT64_MIN) {
        *out = v == INT64_MAX ? INT64_MAX : -INT64_MAX;
        return true;
    }
    if (v > INT64_MAX - EPOCH_US - 1)
        return false;
    *out = v + EPOCH_US;
    return true;
}

static bool date(int64_t v, int64_t *out)
{
    if (v == INT32_MAX || v == INT32_MIN) {
        *out = v == INT32_MAX ? INT64_MAX : -INT64_MAX;
        return true;
    }
    v += EPOCH_DAYS;
    if (v > INT64_MAX / DAY_US - 1 || v < -(INT64_MAX / DAY_US) + 1)
        return false;
    *out = v * DAY_US;
    return true;
}

static tarn_slice interval(slot *s, const char *ptr)
{
    int n = snprintf(s->text, sizeof s->text,
        "%" PRId64 " months %" PRId64 " days %" PRId64 " microseconds",
        integer(ptr + 12, 4), integer(ptr + 8, 4), integer(ptr, 8));
    return (tarn_slice){s->text, (size_t)n};
}

static bool is_no_number(tarn_slice text)
{
    return text.len > 0 &&
        strchr("NI", text.ptr[text.len > 1 && text.ptr[0] == '-']) != NULL;
}

static void set_real(tarn__cell *cell, const char *ptr, size_t len)
{
    uint64_t bits = big_endian(ptr, len);
    cell->type = TARN_DOUBLE;
    if (len == 4) {
        uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, sizeof f);
        cell->f64 = (double)f;
    } else {
        memcpy(&cell->f64, &bits, sizeof cell->f64);
    }
}

/* Bytes of a value, which the library keeps until the next row. */
static tarn_status take(reading *r, size_t col, const char *ptr, size_t len,
    tarn__cell *cell, tarn_error *err)
{
    slot *s = &r->slots[col];
    bool fits = true;
    switch (s->type.form) {
    case AS_BOOL:
        *cell = (tarn__cell){.type = TARN_BOOL, .i64 = *ptr != 0};
        break;
    case AS_INT:
        *cell = (tarn__cell){.type = TARN_INT64, .i64 = integer(ptr, len)};
        break;
    case AS_OID:
        *cell = (tarn__cell){
            .type = TARN_INT64, .i64 = (int64_t)big_endian(ptr, len)};
        break;
    case AS_FLOAT:
    case AS_DOUBLE:
        set_real(cell, ptr, len);
        break;
    case AS_DATE:
    case AS_TIMESTAMP:
        cell->type = TARN_TIME;
        fits = s->type.form == AS_DATE
            ? date(integer(ptr, len), &cell->i64)
            : timestamp(integer(ptr, len), &cell->i64);
        break;
    case AS_INTERVAL:
        cell->type = TARN_TEXT;
        cell->bytes = interval(s, ptr);
        break;
    case AS_UUID:
        tarn__hex(ptr, len, s->text);
        cell->type = TARN_TEXT;
        cell->bytes = (tarn_slice){s->text, 2 * len};
        break;
    case AS_DECIMAL:
    case AS_TEXT:
        fits = s->type.form == AS_TEXT || !is_no_number((tarn_slice){ptr, len});
        if (fits)
            return tarn__db_text_cell(
                &r->base, col, (tarn_slice){ptr, len}, cell, err);
        break;
    }
    if (!fits) {
        *cell = (tarn__cell){.type = TARN_NULL};
        r->base.columns[col].nulled++;
    }
    return TARN_OK;
}

/* --- COPY's stream --- */

static tarn_status cut(const reading *r, tarn_error *err)
{
    return tarn__fail(err, TARN_IO, "%s: the stream of rows is cut or unknown",
        r->base.db->where);
}

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
    int len = db->api.PQgetCopyData(db->handle, &r->copied, 0);
    if (len < 0)
        return end_copy(r, err);
    r->at = r->copied;
    r->end = r->copied + len;
    if (!r->past_head) {
        if (len < HEADER_BYTES || memcmp(r->at, "PGCOPY\n", 7) != 0)
            return cut(r, err);
        uint64_t extension = big_endian(r->at + 15, 4);
        if (extension > (uint64_t)(len - HEADER_BYTES))
            return cut(r, err);
        r->at += HEADER_BYTES + extension;
        r->past_head = true;
    }
    *more = true;
    return TARN_OK;
}

static tarn_status next_copied(reading *r, tarn__cell *cells, tarn_error *err)
{
    tarn_status st = TARN_OK;
    bool more = r->copying;
    while (st == TARN_OK && more && r->at == r->end)
        st = more_copy(r, &more, err);
    if (st != TARN_OK || !more)
        return st;
    if (r->end - r->at < 2)
        return cut(r, err);
    int64_t count = integer(r->at, 2);
    r->at += 2;
    if (count == -1) { /* the end; what the server says comes after */
        r->at = r->end;
        return next_copied(r, cells, err);
    }
    if (count != (int64_t)r->base.column_count)
        return cut(r, err);
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++) {
        if (r->end - r->at < 4)
            return cut(r, err);
        int64_t len = integer(r->at, 4);
        r->at += 4;
        cells[i] = (tarn__cell){.type = TARN_NULL};
        if (len < 0)
            continue;
        if (len > r->end - r->at)
            return cut(r, err);
        st = take(r, i, r->at, (size_t)len, &cells[i], err);
        r->at += len;
    }
    return st == TARN_OK ? TARN_ROW : st;
}

/* --- the cursor's --- */

static tarn_status fetch(reading *r, tarn_error *err)
{
    tarn__postgres *db = postgres_of(r);
    char sql[64];
    size_t rows = db->base.batch_rows > 0 ? db->base.batch_rows : 10000;
    (void)snprintf(sql, sizeof sql, "FETCH FORWARD %zu FROM tarn_rows", rows);
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
    for (size_t i = 0; st == TARN_OK && i < r->base.column_count; i++) {
        int col = (int)i;
        cells[i] = (tarn__cell){.type = TARN_NULL};
        if (db->api.PQgetisnull(r->rows, r->row, col) == 0)
            st = take(r, i, db->api.PQgetvalue(r->rows, r->row, col),
                (size_t)db->api.PQgetlength(r->rows, r->row, col), &cells[i],
                err);
    }
    r->row++;
    return st == TARN_OK ? TARN_ROW : st;
}

static tarn_status next(
    tarn__db_stream *stream, tarn__cell *cells, tarn_error *err)
{
    reading *r = (reading *)stream;
    return r->past_head || r->copying ? next_copied(r, cells, err)
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
            r->at = r->end;
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
        st = start(r, sql, values, count, err);
    if (st == TARN_OK)
        *out = &r->base;
    else
        tarn__db_stream_free(&r->base);
    return st;
}

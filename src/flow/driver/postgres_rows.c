/* Types and values of PostgreSQL's rows, and COPY's stream of them. */
#include "flow/driver/postgres_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

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

typedef struct known {
    unsigned oid;
    form form;
    tarn__pg_asked asked;
    tarn_type type;
    const char *cast; /* of an array: its items' type */
} known;

static const known known_types[] = {
    {16, AS_BOOL, TARN__PG_PLAIN, TARN_BOOL, NULL},
    {17, AS_TEXT, TARN__PG_PLAIN, TARN_BLOB, NULL},   /* bytea */
    {18, AS_TEXT, TARN__PG_AS_TEXT, TARN_TEXT, NULL}, /* "char" */
    {19, AS_TEXT, TARN__PG_PLAIN, TARN_TEXT, NULL},   /* name */
    {20, AS_INT, TARN__PG_PLAIN, TARN_INT64, NULL},
    {21, AS_INT, TARN__PG_PLAIN, TARN_INT64, "CAST(%s AS SMALLINT)"},
    {23, AS_INT, TARN__PG_PLAIN, TARN_INT64, "CAST(%s AS INTEGER)"},
    {25, AS_TEXT, TARN__PG_PLAIN, TARN_TEXT, NULL},
    {26, AS_OID, TARN__PG_PLAIN, TARN_INT64, "CAST(%s AS UINTEGER)"},
    {114, AS_TEXT, TARN__PG_PLAIN, TARN_JSON, NULL},
    {700, AS_FLOAT, TARN__PG_PLAIN, TARN_DOUBLE, "CAST(%s AS FLOAT)"},
    {701, AS_DOUBLE, TARN__PG_PLAIN, TARN_DOUBLE, NULL},
    {1042, AS_TEXT, TARN__PG_PLAIN, TARN_TEXT, NULL}, /* char(n) */
    {1043, AS_TEXT, TARN__PG_PLAIN, TARN_TEXT, NULL}, /* varchar */
    {1082, AS_DATE, TARN__PG_PLAIN, TARN_TIME, "CAST(%s AS DATE)"},
    {1083, AS_TEXT, TARN__PG_AS_TEXT, TARN_TEXT, "CAST(%s AS TIME)"},
    {1114, AS_TIMESTAMP, TARN__PG_PLAIN, TARN_TIME, NULL},
    {1184, AS_TIMESTAMP, TARN__PG_PLAIN, TARN_TIME, "CAST(%s AS TIMESTAMPTZ)"},
    {1186, AS_INTERVAL, TARN__PG_PLAIN, TARN_TEXT, "CAST(%s AS INTERVAL)"},
    {1266, AS_TEXT, TARN__PG_AS_TEXT, TARN_TEXT, "CAST(%s AS TIMETZ)"},
    {1560, AS_TEXT, TARN__PG_AS_TEXT, TARN_TEXT, "CAST(%s AS BIT)"},
    {1562, AS_TEXT, TARN__PG_AS_TEXT, TARN_TEXT, NULL}, /* may be empty */
    {2950, AS_UUID, TARN__PG_PLAIN, TARN_TEXT, "CAST(%s AS UUID)"},
    {3802, AS_TEXT, TARN__PG_AS_TEXT, TARN_JSON, NULL}, /* jsonb */
    {1000, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "BOOLEAN"},
    {1005, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "SMALLINT"},
    {1007, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "INTEGER"},
    {1009, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "VARCHAR"},
    {1014, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "VARCHAR"},
    {1015, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "VARCHAR"},
    {1016, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "BIGINT"},
    {1021, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "FLOAT"},
    {1022, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "DOUBLE"},
    {199, AS_TEXT, TARN__PG_AS_JSON, TARN_JSON, NULL},
    {1028, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "UINTEGER"},
    {1183, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "TIME"},
    {1231, AS_TEXT, TARN__PG_AS_JSON_TEXTS, TARN_TEXT, "VARCHAR"},
    {3807, AS_TEXT, TARN__PG_AS_JSON, TARN_JSON, NULL},
    {1115, AS_TEXT, TARN__PG_AS_JSON_TIMES, TARN_TEXT, "TIMESTAMP"},
    {1182, AS_TEXT, TARN__PG_AS_JSON_TIMES, TARN_TEXT, "DATE"},
    {1185, AS_TEXT, TARN__PG_AS_JSON_TIMES, TARN_TEXT, "TIMESTAMPTZ"},
    {2951, AS_TEXT, TARN__PG_AS_JSON, TARN_TEXT, "UUID"},
};

static const known other_type = {0, AS_TEXT, TARN__PG_AS_TEXT, TARN_TEXT, NULL};

/* --- types --- */

#define NUMERIC 1700

static const known *find(unsigned oid)
{
    for (size_t i = 0; i < sizeof known_types / sizeof *known_types; i++)
        if (known_types[i].oid == oid)
            return &known_types[i];
    return &other_type;
}

bool tarn__pg_is_array(const tarn__pg_slot *slot)
{
    return slot->asked >= TARN__PG_AS_JSON;
}

tarn_status tarn__pg_array(const tarn__pg_slot *slot, tarn__db_column *column,
    int dimensions, tarn_error *err)
{
    tarn_buf cast = TARN_BUF_INIT;
    if (dimensions == 0 || find(slot->oid)->cast == NULL) {
        column->type = TARN_JSON;
        return TARN_OK;
    }
    tarn_status st = tarn__buf_printf(
        &cast, err, "CAST(CAST(%%s AS JSON) AS %s", find(slot->oid)->cast);
    for (int i = 0; st == TARN_OK && i < dimensions; i++)
        st = tarn__buf_str(&cast, "[]", err);
    if (st == TARN_OK)
        st = tarn__buf_char(&cast, ')', err);
    if (st == TARN_OK && (column->cast = tarn__buf_take(&cast)) == NULL)
        st = tarn__no_memory(err);
    tarn_buf_reset(&cast);
    return st;
}

tarn_status tarn__pg_column(tarn__pg_slot *slot, tarn__db_column *column,
    const char *name, unsigned oid, int modifier, tarn_error *err)
{
    const known *type = find(oid);
    char cast[80];
    const char *into = type->cast;
    int mod = modifier >= 4 ? modifier - 4 : 0;
    int digits = mod >> 16 & 0xffff;
    int scale = mod & 0x7ff;
    bool fixed =
        oid == NUMERIC && digits > 0 && digits <= 38 && scale <= digits;
    *slot = (tarn__pg_slot){type->asked, oid, (int)type->form, ""};
    if (fixed) {
        (void)snprintf(
            cast, sizeof cast, "CAST(%%s AS DECIMAL(%d,%d))", digits, scale);
        slot->form = AS_DECIMAL;
        into = cast;
    }
    bool array = tarn__pg_is_array(slot);
    tarn_status st =
        tarn__db_column_set(column, name, type->type, array ? NULL : into, err);
    /* Ranges, addresses, enums: an order that their text has not. */
    if (oid == NUMERIC && !fixed)
        column->order = TARN__DB_ORDER_NUMBER;
    else if (array || (type == &other_type && !fixed))
        column->order = TARN__DB_ORDER_NONE;
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

static tarn_slice interval(tarn__pg_slot *s, const char *ptr)
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

/* What the value of a form has; 0: any number of bytes. */
static bool is_length(int kind, size_t len)
{
    static const unsigned char lengths[] = {[AS_BOOL] = 1,
        [AS_OID] = 4,
        [AS_FLOAT] = 4,
        [AS_DOUBLE] = 8,
        [AS_DATE] = 4,
        [AS_TIMESTAMP] = 8,
        [AS_INTERVAL] = 16,
        [AS_UUID] = 16};
    if (kind == AS_INT)
        return len == 2 || len == 4 || len == 8;
    return kind == AS_TEXT || kind == AS_DECIMAL || lengths[kind] == len;
}

static tarn_status cut(const tarn__db_stream *stream, tarn_error *err)
{
    return tarn__fail(err, TARN_IO, "%s: the stream of rows is cut or unknown",
        stream->db->where);
}

tarn_status tarn__pg_value(tarn__db_stream *stream, tarn__pg_slot *slots,
    size_t col, tarn_slice bytes, tarn__cell *cell, tarn_error *err)
{
    tarn__pg_slot *s = &slots[col];
    const char *ptr = bytes.ptr;
    bool fits = true;
    *cell = (tarn__cell){.type = TARN_NULL};
    if (!is_length(s->form, bytes.len))
        return cut(stream, err);
    switch ((form)s->form) {
    case AS_BOOL:
        *cell = (tarn__cell){.type = TARN_BOOL, .i64 = *ptr != 0};
        break;
    case AS_INT:
        *cell =
            (tarn__cell){.type = TARN_INT64, .i64 = integer(ptr, bytes.len)};
        break;
    case AS_OID:
        *cell = (tarn__cell){
            .type = TARN_INT64, .i64 = (int64_t)big_endian(ptr, 4)};
        break;
    case AS_FLOAT:
    case AS_DOUBLE:
        set_real(cell, ptr, bytes.len);
        break;
    case AS_DATE:
    case AS_TIMESTAMP:
        cell->type = TARN_TIME;
        fits = s->form == AS_DATE ? date(integer(ptr, 4), &cell->i64)
                                  : timestamp(integer(ptr, 8), &cell->i64);
        break;
    case AS_INTERVAL:
        cell->type = TARN_TEXT;
        cell->bytes = interval(s, ptr);
        break;
    case AS_UUID:
        tarn__hex(ptr, 16, s->text);
        cell->type = TARN_TEXT;
        cell->bytes = (tarn_slice){s->text, 32};
        break;
    case AS_DECIMAL:
    case AS_TEXT:
        fits = s->form == AS_TEXT || !is_no_number(bytes);
        if (fits)
            return tarn__db_text_cell(stream, col, bytes, cell, err);
        break;
    }
    if (!fits) {
        *cell = (tarn__cell){.type = TARN_NULL};
        stream->columns[col].nulled++;
    }
    return TARN_OK;
}

/* --- COPY's stream --- */

tarn_status tarn__pg_copy_give(tarn__pg_copy *copy,
    const tarn__db_stream *stream, tarn_slice piece, tarn_error *err)
{
    copy->at = copy->end = piece.ptr;
    if (!copy->past_head) {
        if (piece.len < HEADER_BYTES || memcmp(piece.ptr, "PGCOPY\n", 7) != 0)
            return cut(stream, err);
        uint64_t extension = big_endian(piece.ptr + 15, 4);
        if (extension > piece.len - HEADER_BYTES)
            return cut(stream, err);
        copy->at += HEADER_BYTES + extension;
        copy->past_head = true;
    }
    copy->end = piece.ptr + piece.len;
    return TARN_OK;
}

/* A field's length and bytes; *len -1: NULL. */
static bool take_field(tarn__pg_copy *copy, int64_t *len, const char **ptr)
{
    if (copy->end - copy->at < 4)
        return false;
    *len = integer(copy->at, 4);
    copy->at += 4;
    *ptr = copy->at;
    if (*len < -1 || *len > copy->end - copy->at)
        return false;
    copy->at += *len > 0 ? *len : 0;
    return true;
}

tarn_status tarn__pg_copy_next(tarn__pg_copy *copy, tarn__db_stream *stream,
    tarn__pg_slot *slots, tarn__cell *cells, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (copy->at == copy->end)
        return TARN_OK;
    if (copy->past_tail || copy->end - copy->at < 2)
        return cut(stream, err);
    int64_t count = integer(copy->at, 2);
    copy->at += 2;
    copy->past_tail = count == -1;
    if (copy->past_tail)
        return copy->at == copy->end ? TARN_OK : cut(stream, err);
    if (count != (int64_t)stream->column_count)
        return cut(stream, err);
    for (size_t i = 0; st == TARN_OK && i < stream->column_count; i++) {
        int64_t len;
        const char *ptr;
        cells[i] = (tarn__cell){.type = TARN_NULL};
        if (!take_field(copy, &len, &ptr))
            return cut(stream, err);
        if (len >= 0)
            st = tarn__pg_value(stream, slots, i,
                (tarn_slice){ptr, (size_t)len}, &cells[i], err);
    }
    return st == TARN_OK ? TARN_ROW : st;
}

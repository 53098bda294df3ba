/* Rows from MariaDB and MySQL, streamed in the binary protocol.
 *
 * What DuckDB has no value for is NULL and counted: days that the calendar has
 * not, of month 0 or February 31, as the server's modes allow them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/mysql.h"

#define FIRST_BYTES 512
#define BINARY 63 /* the character set of bytes */

/* What becomes of a value. */
typedef enum form {
    AS_INT,
    AS_UNSIGNED, /* 64 bits: text */
    AS_FLOAT,
    AS_DOUBLE,
    AS_BYTES,
    AS_DATE,
    AS_TIME,
    AS_BIT
} form;

typedef struct slot {
    form form;
    unsigned bits;
    char *bytes; /* AS_BYTES, AS_BIT */
    size_t cap;
    int64_t i64;
    double f64;
    float f32;
    MYSQL_TIME time;
    unsigned long length;
    my_bool is_null;
    my_bool truncated;
    char text[72]; /* of BIT and unsigned numbers */
} slot;

typedef struct reading {
    tarn__db_stream base;
    MYSQL_STMT *stmt;
    MYSQL_BIND *binds;
    slot *slots;
    bool rebind;
} reading;

static tarn__mysql *mysql_of(const reading *r)
{
    return (tarn__mysql *)r->base.db;
}

static void free_reading(tarn__db_stream *stream)
{
    reading *r = (reading *)stream;
    for (size_t i = 0; r->slots != NULL && i < r->base.column_count; i++)
        tarn__free(r->slots[i].bytes);
    if (r->stmt != NULL)
        (void)mysql_of(r)->api.mysql_stmt_close(r->stmt);
    tarn__free(r->slots);
    tarn__free(r->binds);
    tarn__free(r);
}

/* --- types --- */

static bool is_format(
    const reading *r, const MYSQL_FIELD *field, const char *name)
{
    MARIADB_CONST_STRING text = {NULL, 0};
    size_t len = strlen(name);
    for (int kind = MARIADB_FIELD_ATTR_DATA_TYPE_NAME;
         kind <= MARIADB_FIELD_ATTR_FORMAT_NAME; kind++)
        if (mysql_of(r)->api.mariadb_field_attr(
                &text, field, (enum mariadb_field_attr_t)kind) == 0 &&
            text.length == len && memcmp(text.str, name, len) == 0)
            return true;
    return false;
}

/* A text beside a number is compared as a double, unless it is made exact. */
static void set_bound(tarn__db_column *c, const char *bound)
{
    (void)snprintf(c->bound, sizeof c->bound, "%s", bound);
}

static tarn_status set_integer(reading *r, size_t col, const MYSQL_FIELD *field,
    const char *type, tarn_error *err)
{
    char cast[48];
    bool is_unsigned = (field->flags & UNSIGNED_FLAG) != 0;
    bool wide = is_unsigned && field->type == MYSQL_TYPE_LONGLONG;
    if (wide)
        set_bound(&r->base.columns[col], "CAST(%s AS UNSIGNED)");
    (void)snprintf(cast, sizeof cast, "CAST(%%s AS %s%s)",
        is_unsigned && field->type != MYSQL_TYPE_YEAR ? "U" : "", type);
    r->slots[col].form = wide ? AS_UNSIGNED : AS_INT;
    return tarn__db_column_set(&r->base.columns[col], field->name,
        wide ? TARN_TEXT : TARN_INT64,
        strcmp(cast + 8, "BIGINT)") == 0 ? NULL : cast, err);
}

static tarn_status set_decimal(
    reading *r, size_t col, const MYSQL_FIELD *field, tarn_error *err)
{
    char cast[48];
    bool is_unsigned = (field->flags & UNSIGNED_FLAG) != 0;
    unsigned long digits = field->length;
    digits -= digits > 0 && field->decimals > 0 ? 1 : 0;
    digits -= digits > 0 && !is_unsigned ? 1 : 0;
    (void)snprintf(cast, sizeof cast, "CAST(%%s AS DECIMAL(%lu,%u))",
        digits > 0 ? digits : 1, field->decimals);
    tarn__db_column *c = &r->base.columns[col];
    bool fits = digits <= 38 && field->decimals <= digits;
    r->slots[col].form = AS_BYTES;
    set_bound(c, cast);
    tarn_status st =
        tarn__db_column_set(c, field->name, TARN_TEXT, fits ? cast : NULL, err);
    c->order = fits ? TARN__DB_ORDER_OWN : TARN__DB_ORDER_NUMBER;
    return st;
}

static tarn_status set_bytes(
    reading *r, size_t col, const MYSQL_FIELD *field, tarn_error *err)
{
    tarn_type type = TARN_TEXT;
    const char *cast = NULL;
    r->slots[col].form = AS_BYTES;
    if (field->type == MYSQL_TYPE_JSON || is_format(r, field, "json"))
        type = TARN_JSON;
    else if (is_format(r, field, "uuid"))
        cast = "CAST(%s AS UUID)";
    else if (is_format(r, field, "inet6") || is_format(r, field, "inet4"))
        type = TARN_TEXT;
    else if (field->type == MYSQL_TYPE_GEOMETRY ||
        (field->charsetnr == BINARY &&
            (field->flags & (ENUM_FLAG | SET_FLAG)) == 0 &&
            field->type != MYSQL_TYPE_NULL))
        type = TARN_BLOB;
    tarn_status st = tarn__db_column_set(
        &r->base.columns[col], field->name, type, cast, err);
    /* Versions of the server order UUIDs in different ways. */
    if (cast != NULL)
        r->base.columns[col].order = TARN__DB_ORDER_TEXT;
    return st;
}

static tarn_status set_bits(
    reading *r, size_t col, const MYSQL_FIELD *field, tarn_error *err)
{
    tarn__db_column *c = &r->base.columns[col];
    slot *s = &r->slots[col];
    s->form = AS_BIT;
    s->bits = field->length > 64 ? 64 : (unsigned)field->length;
    tarn_status st = s->bits == 1
        ? tarn__db_column_set(c, field->name, TARN_BOOL, NULL, err)
        : tarn__db_column_set(
              c, field->name, TARN_TEXT, "CAST(%s AS BIT)", err);
    c->order = TARN__DB_ORDER_NONE;
    return st;
}

static tarn_status set_column(
    reading *r, size_t col, const MYSQL_FIELD *field, tarn_error *err)
{
    tarn__db_column *c = &r->base.columns[col];
    slot *s = &r->slots[col];
    switch (field->type) {
    case MYSQL_TYPE_TINY:
        return set_integer(r, col, field, "TINYINT", err);
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR:
        return set_integer(r, col, field, "SMALLINT", err);
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
        return set_integer(r, col, field, "INTEGER", err);
    case MYSQL_TYPE_LONGLONG:
        return set_integer(r, col, field, "BIGINT", err);
    case MYSQL_TYPE_FLOAT:
        s->form = AS_FLOAT;
        return tarn__db_column_set(
            c, field->name, TARN_DOUBLE, "CAST(%s AS FLOAT)", err);
    case MYSQL_TYPE_DOUBLE:
        s->form = AS_DOUBLE;
        return tarn__db_column_set(c, field->name, TARN_DOUBLE, NULL, err);
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
        return set_decimal(r, col, field, err);
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
        s->form = AS_DATE;
        return tarn__db_column_set(
            c, field->name, TARN_TIME, "CAST(%s AS DATE)", err);
    case MYSQL_TYPE_DATETIME:
        s->form = AS_DATE;
        return tarn__db_column_set(c, field->name, TARN_TIME, NULL, err);
    case MYSQL_TYPE_TIMESTAMP:
        s->form = AS_DATE;
        return tarn__db_column_set(
            c, field->name, TARN_TIME, "CAST(%s AS TIMESTAMPTZ)", err);
    case MYSQL_TYPE_TIME:
        s->form = AS_TIME;
        return tarn__db_column_set(
            c, field->name, TARN_INT64, "to_microseconds(%s)", err);
    case MYSQL_TYPE_BIT:
        return set_bits(r, col, field, err);
    default:
        return set_bytes(r, col, field, err);
    }
}

/* --- buffers --- */

static void bind_slot(MYSQL_BIND *bind, slot *s, bool is_unsigned)
{
    memset(bind, 0, sizeof(*bind));
    bind->is_null = &s->is_null;
    bind->length = &s->length;
    bind->error = &s->truncated;
    switch (s->form) {
    case AS_INT:
    case AS_UNSIGNED:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = &s->i64;
        bind->is_unsigned = is_unsigned;
        return;
    case AS_FLOAT:
        bind->buffer_type = MYSQL_TYPE_FLOAT;
        bind->buffer = &s->f32;
        return;
    case AS_DOUBLE:
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        bind->buffer = &s->f64;
        return;
    case AS_DATE:
    case AS_TIME:
        bind->buffer_type =
            s->form == AS_DATE ? MYSQL_TYPE_DATETIME : MYSQL_TYPE_TIME;
        bind->buffer = &s->time;
        bind->buffer_length = sizeof s->time;
        return;
    case AS_BIT:
    case AS_BYTES:
        bind->buffer_type =
            s->form == AS_BIT ? MYSQL_TYPE_BIT : MYSQL_TYPE_BLOB;
        bind->buffer = s->bytes;
        bind->buffer_length = (unsigned long)s->cap - 1;
        return;
    }
}

static tarn_status make_slots(
    reading *r, const MYSQL_FIELD *fields, size_t count, tarn_error *err)
{
    r->base.columns = tarn__calloc(count, sizeof(*r->base.columns));
    r->base.column_count = count;
    r->slots = tarn__calloc(count, sizeof(*r->slots));
    r->binds = tarn__calloc(count, sizeof(*r->binds));
    if (r->base.columns == NULL || r->slots == NULL || r->binds == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        slot *s = &r->slots[i];
        tarn_status st = set_column(r, i, &fields[i], err);
        if (st != TARN_OK)
            return st;
        if (s->form == AS_BYTES || s->form == AS_BIT) {
            s->cap = FIRST_BYTES;
            s->bytes = tarn__malloc(s->cap);
            if (s->bytes == NULL)
                return tarn__no_memory(err);
        }
        bind_slot(&r->binds[i], s, (fields[i].flags & UNSIGNED_FLAG) != 0);
    }
    r->rebind = true;
    return TARN_OK;
}

/* A value that is longer than its buffer: a longer one, and again. */
static tarn_status take_rest(reading *r, size_t col, tarn_error *err)
{
    slot *s = &r->slots[col];
    tarn_status st =
        tarn__grow((void **)&s->bytes, &s->cap, s->length + 1, 1, err);
    if (st != TARN_OK)
        return st;
    r->binds[col].buffer = s->bytes;
    r->binds[col].buffer_length = (unsigned long)s->cap - 1;
    r->rebind = true;
    MYSQL_BIND bind = r->binds[col];
    if (mysql_of(r)->api.mysql_stmt_fetch_column(
            r->stmt, &bind, (unsigned)col, 0) != 0)
        return tarn__mysql_fail(mysql_of(r), r->stmt, err);
    return TARN_OK;
}

/* --- values --- */

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy =
        (153 * (int64_t)(m > 2 ? m - 3 : m + 9) + 2) / 5 + (int64_t)d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t clock_us(const MYSQL_TIME *t)
{
    return (((int64_t)t->hour * 60 + t->minute) * 60 + t->second) * 1000000 +
        (int64_t)t->second_part;
}

/* A clock's time of a day, or of many. */
static bool is_clock(const MYSQL_TIME *t)
{
    return t->hour < 100000 && t->minute < 60 && t->second < 60 &&
        t->second_part < 1000000 && t->day < 100000;
}

static bool is_date(const MYSQL_TIME *t)
{
    static const unsigned char days[] = {
        0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = t->year % 4 == 0 && (t->year % 100 != 0 || t->year % 400 == 0);
    return is_clock(t) && t->hour < 24 && t->year <= 9999 && t->month >= 1 &&
        t->month <= 12 && t->day >= 1 &&
        t->day <= days[t->month] + (t->month == 2 && leap ? 1u : 0u);
}

static void take_bits(slot *s, tarn__cell *cell)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s->length && i < 8; i++)
        v = v << 8 | (unsigned char)s->bytes[i];
    if (s->bits == 1) {
        *cell = (tarn__cell){.type = TARN_BOOL, .i64 = (int64_t)(v & 1)};
        return;
    }
    for (unsigned i = 0; i < s->bits; i++)
        s->text[i] = (v >> (s->bits - 1 - i) & 1) != 0 ? '1' : '0';
    s->text[s->bits] = '\0';
    cell->type = TARN_TEXT;
    cell->bytes = (tarn_slice){s->text, s->bits};
}

static tarn_status take(
    reading *r, size_t col, tarn__cell *cell, tarn_error *err)
{
    slot *s = &r->slots[col];
    *cell = (tarn__cell){.type = TARN_NULL};
    if (s->is_null)
        return TARN_OK;
    switch (s->form) {
    case AS_INT:
        cell->type = TARN_INT64;
        cell->i64 = s->i64;
        break;
    case AS_UNSIGNED:
        cell->type = TARN_TEXT;
        cell->bytes = (tarn_slice){s->text,
            (size_t)snprintf(
                s->text, sizeof s->text, "%" PRIu64, (uint64_t)s->i64)};
        break;
    case AS_FLOAT:
        cell->type = TARN_DOUBLE;
        cell->f64 = (double)s->f32;
        break;
    case AS_DOUBLE:
        cell->type = TARN_DOUBLE;
        cell->f64 = s->f64;
        break;
    case AS_DATE:
        if (!is_date(&s->time)) {
            r->base.columns[col].nulled++;
            break;
        }
        cell->type = TARN_TIME;
        cell->i64 = days_of(s->time.year, s->time.month, s->time.day) *
                INT64_C(86400000000) +
            clock_us(&s->time);
        break;
    case AS_TIME:
        if (!is_clock(&s->time)) {
            r->base.columns[col].nulled++;
            break;
        }
        cell->type = TARN_INT64;
        cell->i64 =
            clock_us(&s->time) + (int64_t)s->time.day * INT64_C(86400000000);
        if (s->time.neg)
            cell->i64 = -cell->i64;
        break;
    case AS_BIT:
        take_bits(s, cell);
        break;
    case AS_BYTES:
        if (s->length >= s->cap) {
            tarn_status st = take_rest(r, col, err);
            if (st != TARN_OK)
                return st;
        }
        s->bytes[s->length] = '\0';
        return tarn__db_text_cell(
            &r->base, col, (tarn_slice){s->bytes, s->length}, cell, err);
    }
    return TARN_OK;
}

static tarn_status next(
    tarn__db_stream *stream, tarn__cell *cells, tarn_error *err)
{
    reading *r = (reading *)stream;
    tarn__mysql *db = mysql_of(r);
    if (r->rebind && db->api.mysql_stmt_bind_result(r->stmt, r->binds) != 0)
        return tarn__mysql_fail(db, r->stmt, err);
    r->rebind = false;
    int code = db->api.mysql_stmt_fetch(r->stmt);
    if (code == MYSQL_NO_DATA)
        return TARN_OK;
    if (code != 0 && code != MYSQL_DATA_TRUNCATED)
        return tarn__mysql_fail(db, r->stmt, err);
    for (size_t i = 0; i < stream->column_count; i++) {
        tarn_status st = take(r, i, &cells[i], err);
        if (st != TARN_OK)
            return st;
    }
    return TARN_ROW;
}

static const tarn__db_stream_class reading_class = {next, free_reading};

tarn_status tarn__mysql_query(tarn__db *base, const char *sql,
    const tarn__cell *values, size_t count, tarn__db_stream **out,
    tarn_error *err)
{
    tarn__mysql *db = (tarn__mysql *)base;
    reading *r = tarn__calloc(1, sizeof(*r));
    if (r == NULL)
        return tarn__no_memory(err);
    r->base.cls = &reading_class;
    r->base.db = base;
    tarn_status st = tarn__mysql_execute(db, sql, values, count, &r->stmt, err);
    if (st == TARN_OK) {
        MYSQL_RES *meta = db->api.mysql_stmt_result_metadata(r->stmt);
        st = meta == NULL
            ? tarn__fail(err, TARN_BAD_INPUT,
                  "%s: the statement gives no rows (write a SELECT)",
                  base->where)
            : make_slots(r, db->api.mysql_fetch_fields(meta),
                  db->api.mysql_num_fields(meta), err);
        if (meta != NULL)
            db->api.mysql_free_result(meta);
    }
    if (st == TARN_OK)
        *out = &r->base;
    else
        tarn__db_stream_free(&r->base);
    return st;
}

/* How many columns, five bytes of each that say its type, and then the rows as
 * a library gives them that believes a server: bytes of cells lie within what
 * was given or in the column's own place, texts are UTF-8, times are in the
 * range of DuckDB's. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/mysql.h"

#define MOST_COLUMNS 8
#define MOST_BYTES 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum enum_field_types types[] = {MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT,
    MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_YEAR, MYSQL_TYPE_INT24,
    MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE, MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_DATE,
    MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIMESTAMP, MYSQL_TYPE_TIME, MYSQL_TYPE_BIT,
    MYSQL_TYPE_JSON, MYSQL_TYPE_NULL, MYSQL_TYPE_BLOB, MYSQL_TYPE_VAR_STRING,
    MYSQL_TYPE_STRING, MYSQL_TYPE_GEOMETRY};

/* --- a library --- */

static struct {
    const char *at;
    const char *end;
    MYSQL_FIELD fields[MOST_COLUMNS];
    unsigned count;
    MYSQL_BIND *binds;
    char values[MOST_COLUMNS][MOST_BYTES]; /* the row's bytes */
    unsigned long lengths[MOST_COLUMNS];
} server;

/* So many bytes of the input, and zeros behind its end. */
static void take(void *out, size_t len)
{
    size_t left = (size_t)(server.end - server.at);
    size_t n = len < left ? len : left;
    memset(out, 0, len);
    memcpy(out, server.at, n);
    server.at += n;
}

/* Only its address is used. */
static MYSQL_STMT *stmt_init(MYSQL *mysql)
{
    (void)mysql;
    return (MYSQL_STMT *)(void *)&server;
}

static int stmt_prepare(MYSQL_STMT *stmt, const char *sql, unsigned long len)
{
    (void)stmt;
    (void)sql;
    (void)len;
    return 0;
}

static unsigned long stmt_param_count(MYSQL_STMT *stmt)
{
    (void)stmt;
    return 0;
}

static int stmt_execute(MYSQL_STMT *stmt)
{
    (void)stmt;
    return 0;
}

static MYSQL_RES *stmt_result_metadata(MYSQL_STMT *stmt)
{
    return (MYSQL_RES *)(void *)stmt;
}

static unsigned num_fields(MYSQL_RES *result)
{
    (void)result;
    return server.count;
}

static MYSQL_FIELD *fetch_fields(MYSQL_RES *result)
{
    (void)result;
    return server.fields;
}

static void free_result(MYSQL_RES *result)
{
    (void)result;
}

static int field_attr(MARIADB_CONST_STRING *attr, const MYSQL_FIELD *field,
    enum mariadb_field_attr_t type)
{
    (void)type;
    attr->str = "uuid";
    attr->length = 4;
    return field->flags & ENUM_FLAG ? 1 : 0;
}

static my_bool stmt_bind_result(MYSQL_STMT *stmt, MYSQL_BIND *binds)
{
    (void)stmt;
    server.binds = binds;
    return 0;
}

static my_bool stmt_close(MYSQL_STMT *stmt)
{
    (void)stmt;
    return 0;
}

static const char *stmt_error(MYSQL_STMT *stmt)
{
    (void)stmt;
    return "no";
}

static unsigned stmt_errno(MYSQL_STMT *stmt)
{
    (void)stmt;
    return 2027;
}

static void give_bytes(const MYSQL_BIND *bind, unsigned col)
{
    unsigned long len = server.lengths[col];
    *bind->length = len;
    *bind->error = len > bind->buffer_length;
    memcpy(bind->buffer, server.values[col],
        len < bind->buffer_length ? len : bind->buffer_length);
}

static int stmt_fetch_column(
    MYSQL_STMT *stmt, MYSQL_BIND *bind, unsigned col, unsigned long offset)
{
    (void)stmt;
    if (col >= server.count || offset != 0)
        abort();
    give_bytes(bind, col);
    return 0;
}

static void give_time(const MYSQL_BIND *bind)
{
    unsigned char b[16];
    uint32_t n[2];
    MYSQL_TIME *t = bind->buffer;
    take(b, sizeof b);
    memcpy(n, b + 8, sizeof n);
    *t = (MYSQL_TIME){.year = (unsigned)b[0] << 8 | b[1],
        .month = b[2],
        .day = bind->buffer_type == MYSQL_TYPE_TIME ? n[1] : b[3],
        .hour = b[4],
        .minute = b[5],
        .second = b[6],
        .second_part = n[0],
        .neg = b[7] & 1};
}

static int stmt_fetch(MYSQL_STMT *stmt)
{
    (void)stmt;
    if (server.at == server.end)
        return MYSQL_NO_DATA;
    for (unsigned i = 0; i < server.count; i++) {
        MYSQL_BIND *bind = &server.binds[i];
        unsigned char control;
        take(&control, 1);
        *bind->is_null = control == 255;
        if (*bind->is_null)
            continue;
        switch (bind->buffer_type) {
        case MYSQL_TYPE_LONGLONG:
        case MYSQL_TYPE_DOUBLE:
            take(bind->buffer, 8);
            break;
        case MYSQL_TYPE_FLOAT:
            take(bind->buffer, 4);
            break;
        case MYSQL_TYPE_DATETIME:
        case MYSQL_TYPE_TIME:
            give_time(bind);
            break;
        default:
            server.lengths[i] = (unsigned long)control * 7;
            take(server.values[i], server.lengths[i]);
            give_bytes(bind, i);
            break;
        }
    }
    return 0;
}

static const tarn__mysql_api library = {
    .mysql_stmt_init = stmt_init,
    .mysql_stmt_prepare = stmt_prepare,
    .mysql_stmt_param_count = stmt_param_count,
    .mysql_stmt_execute = stmt_execute,
    .mysql_stmt_result_metadata = stmt_result_metadata,
    .mysql_stmt_bind_result = stmt_bind_result,
    .mysql_stmt_fetch = stmt_fetch,
    .mysql_stmt_fetch_column = stmt_fetch_column,
    .mysql_stmt_error = stmt_error,
    .mysql_stmt_errno = stmt_errno,
    .mysql_stmt_close = stmt_close,
    .mysql_num_fields = num_fields,
    .mysql_fetch_fields = fetch_fields,
    .mysql_free_result = free_result,
    .mariadb_field_attr = field_attr,
};

/* --- what comes of it --- */

static void check(const tarn__db_stream *stream, const tarn__cell *cells)
{
    volatile char sum = 0;
    for (size_t i = 0; i < stream->column_count; i++) {
        const tarn__cell *c = &cells[i];
        if (c->type == TARN_BLOB || c->type == TARN_TEXT ||
            c->type == TARN_JSON) {
            for (size_t k = 0; k < c->bytes.len; k++)
                sum = (char)(sum ^ c->bytes.ptr[k]);
            if (c->type != TARN_BLOB && !tarn__utf8_valid(c->bytes))
                abort();
        }
        /* The years 0 to 9999, as the server has them. */
        if (c->type == TARN_TIME &&
            (c->i64 < INT64_C(-62167219200000000) ||
                c->i64 >= INT64_C(253402300800000000)))
            abort();
    }
}

static bool take_fields(void)
{
    unsigned char head[5];
    static char name[] = "c";
    take(head, 1);
    server.count = head[0] % MOST_COLUMNS + 1;
    if ((size_t)(server.end - server.at) < 5 * (size_t)server.count)
        return false;
    for (unsigned i = 0; i < server.count; i++) {
        take(head, sizeof head);
        server.fields[i] = (MYSQL_FIELD){.name = name,
            .type = types[head[0] % (sizeof types / sizeof *types)],
            .flags = ((head[1] & 1) != 0 ? UNSIGNED_FLAG : 0u) |
                ((head[1] & 2) != 0 ? ENUM_FLAG : 0u),
            .charsetnr = (head[1] & 4) != 0 ? 63 : 45,
            .length = (unsigned long)head[2] << 8 | head[3],
            .decimals = head[4]};
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tarn__mysql db = {.api = library};
    tarn__db_stream *stream;
    tarn__cell cells[MOST_COLUMNS];
    static char where[] = "fuzz";
    tarn_status st;
    if (size == 0)
        return 0;
    db.base.where = where;
    server.at = (const char *)data;
    server.end = server.at + size;
    if (!take_fields())
        return 0;
    if (tarn__mysql_query(&db.base, "", NULL, 0, &stream, NULL) != TARN_OK)
        abort();
    while ((st = tarn__db_next(stream, cells, NULL)) == TARN_ROW)
        check(stream, cells);
    if (st != TARN_OK && st != TARN_BAD_INPUT)
        abort();
    tarn__db_stream_free(stream);
    return 0;
}

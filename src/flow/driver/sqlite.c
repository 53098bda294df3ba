/* SQLite databases.
 *
 * A value has a type of its own there, and a column need not keep to one: the
 * rows are read twice within one transaction, first for the types that are
 * there, so that no value is bent. */
#include <sqlite3.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/db.h"
#include "os/dynlib.h"
#include "os/file.h"

#define BUSY_MS 10000
#define SAFE_INTEGER INT64_C(9007199254740992) /* 2^53 */

#define FUNCTIONS(X)                \
    X(sqlite3_open_v2)              \
    X(sqlite3_close_v2)             \
    X(sqlite3_busy_timeout)         \
    X(sqlite3_errmsg)               \
    X(sqlite3_errcode)              \
    X(sqlite3_prepare_v2)           \
    X(sqlite3_step)                 \
    X(sqlite3_reset)                \
    X(sqlite3_finalize)             \
    X(sqlite3_stmt_readonly)        \
    X(sqlite3_bind_parameter_count) \
    X(sqlite3_bind_null)            \
    X(sqlite3_bind_int64)           \
    X(sqlite3_bind_double)          \
    X(sqlite3_bind_text64)          \
    X(sqlite3_bind_blob64)          \
    X(sqlite3_changes64)            \
    X(sqlite3_get_autocommit)       \
    X(sqlite3_column_count)         \
    X(sqlite3_column_name)          \
    X(sqlite3_column_decltype)      \
    X(sqlite3_column_type)          \
    X(sqlite3_column_int64)         \
    X(sqlite3_column_double)        \
    X(sqlite3_column_text)          \
    X(sqlite3_column_blob)          \
    X(sqlite3_column_bytes)         \
    X(sqlite3_interrupt)

typedef struct api {
    FUNCTIONS(TARN__DYNLIB_FIELD)
} api;

typedef struct sqlite {
    tarn__db base;
    api api;
    sqlite3 *handle;
    sqlite3_stmt *last; /* of exec, prepared already */
    char *last_sql;
} sqlite;

typedef struct reading {
    tarn__db_stream base;
    sqlite3_stmt *stmt;
    bool began; /* the transaction is ours */
    /* Texts of numbers that stand in a column of texts. */
    char (*texts)[40];
} reading;

static sqlite *sqlite_of(const tarn__db_stream *stream)
{
    return (sqlite *)stream->db;
}

static tarn_status fail(sqlite *db, tarn_error *err)
{
    int code = db->api.sqlite3_errcode(db->handle);
    tarn_status st = TARN_BAD_INPUT;
    const char *mend = "";
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        st = TARN_LOCKED;
        mend = " (another program writes it: try again)";
    } else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
        st = TARN_CORRUPT;
    } else if (code == SQLITE_IOERR || code == SQLITE_FULL ||
        code == SQLITE_READONLY || code == SQLITE_CANTOPEN) {
        st = TARN_IO;
    } else if (code == SQLITE_NOMEM) {
        return tarn__no_memory(err);
    }
    return tarn__fail(err, st, "%s: %s%s", db->base.where,
        db->api.sqlite3_errmsg(db->handle), mend);
}

/* --- statements --- */

static int bind_one(
    sqlite *db, sqlite3_stmt *stmt, int at, const tarn__cell *value)
{
    /* What is bound lives until the statement is done. */
    switch (value->type) {
    case TARN_NULL:
        return db->api.sqlite3_bind_null(stmt, at);
    case TARN_BOOL:
    case TARN_INT64:
    case TARN_TIME:
        return db->api.sqlite3_bind_int64(stmt, at, value->i64);
    case TARN_DOUBLE:
        return db->api.sqlite3_bind_double(stmt, at, value->f64);
    case TARN_BLOB:
        return db->api.sqlite3_bind_blob64(
            stmt, at, value->bytes.ptr, value->bytes.len, SQLITE_STATIC);
    case TARN_TEXT:
    case TARN_JSON:
        return db->api.sqlite3_bind_text64(stmt, at, value->bytes.ptr,
            value->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    }
    return SQLITE_MISUSE;
}

static tarn_status prepare(
    sqlite *db, const char *sql, sqlite3_stmt **out, tarn_error *err)
{
    const char *tail = NULL;
    *out = NULL;
    if (db->api.sqlite3_prepare_v2(db->handle, sql, -1, out, &tail) !=
        SQLITE_OK)
        return fail(db, err);
    while (*tail != '\0' && strchr("; \t\r\n", *tail) != NULL)
        tail++;
    if (*out != NULL && *tail == '\0')
        return TARN_OK;
    bool empty = *out == NULL;
    (void)db->api.sqlite3_finalize(*out);
    *out = NULL;
    return tarn__fail(err, TARN_BAD_INPUT, "%s: %s (one statement, please)",
        db->base.where, empty ? "no statement" : "a second statement");
}

static tarn_status bind_all(sqlite *db, sqlite3_stmt *stmt,
    const tarn__cell *values, size_t count, tarn_error *err)
{
    size_t wanted = (size_t)db->api.sqlite3_bind_parameter_count(stmt);
    if (wanted != count)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the statement has %zu parameters, and there are %zu values",
            db->base.where, wanted, count);
    for (size_t i = 0; i < count; i++)
        if (bind_one(db, stmt, (int)i + 1, &values[i]) != SQLITE_OK)
            return fail(db, err);
    return TARN_OK;
}

static void forget_last(sqlite *db)
{
    (void)db->api.sqlite3_finalize(db->last);
    tarn__free(db->last_sql);
    db->last = NULL;
    db->last_sql = NULL;
}

/* A writer says the same again and again. */
static tarn_status exec(tarn__db *base, const char *sql,
    const tarn__cell *values, size_t count, int64_t *changed, tarn_error *err)
{
    sqlite *db = (sqlite *)base;
    tarn_status st = TARN_OK;
    *changed = 0;
    if (db->last_sql == NULL || strcmp(db->last_sql, sql) != 0) {
        forget_last(db);
        st = prepare(db, sql, &db->last, err);
        db->last_sql = st == TARN_OK ? tarn__strdup(sql) : NULL;
        if (st == TARN_OK && db->last_sql == NULL)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK)
        st = bind_all(db, db->last, values, count, err);
    if (st == TARN_OK) {
        int code;
        do
            code = db->api.sqlite3_step(db->last);
        while (code == SQLITE_ROW);
        if (code != SQLITE_DONE)
            st = fail(db, err);
        (void)db->api.sqlite3_reset(db->last);
    }
    if (st == TARN_OK)
        *changed = db->api.sqlite3_changes64(db->handle);
    else
        forget_last(db);
    return st;
}

/* --- types --- */

/* What is in a column, or-ed. */
enum { HAS_INT = 1, HAS_REAL = 2, HAS_TEXT = 4, HAS_BLOB = 8, HAS_WIDE = 16 };

static unsigned kind_of(sqlite *db, sqlite3_stmt *stmt, int col)
{
    switch (db->api.sqlite3_column_type(stmt, col)) {
    case SQLITE_INTEGER: {
        int64_t v = db->api.sqlite3_column_int64(stmt, col);
        return HAS_INT | (v > SAFE_INTEGER || v < -SAFE_INTEGER ? HAS_WIDE : 0);
    }
    case SQLITE_FLOAT:
        return HAS_REAL;
    case SQLITE_TEXT:
        return HAS_TEXT;
    case SQLITE_BLOB:
        return HAS_BLOB;
    default:
        return 0;
    }
}

/* SQLite's own rules of affinity, for a column without a value. */
static tarn_type declared(const char *type)
{
    char upper[64] = "";
    for (size_t i = 0; type != NULL && type[i] != '\0' && i < 63; i++) {
        char c = type[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        upper[i + 1] = '\0';
    }
    if (strstr(upper, "INT") != NULL)
        return TARN_INT64;
    if (strstr(upper, "REAL") != NULL || strstr(upper, "FLOA") != NULL ||
        strstr(upper, "DOUB") != NULL)
        return TARN_DOUBLE;
    return strstr(upper, "BLOB") != NULL ? TARN_BLOB : TARN_TEXT;
}

static tarn_type type_for(unsigned kinds, const char *type)
{
    if (kinds == 0)
        return declared(type);
    if ((kinds & HAS_BLOB) != 0)
        return TARN_BLOB;
    /* A number beyond 2^53 beside one with a fraction fits no number type. */
    if ((kinds & HAS_TEXT) != 0 ||
        (kinds & (HAS_REAL | HAS_WIDE)) == (HAS_REAL | HAS_WIDE))
        return TARN_TEXT;
    return (kinds & HAS_REAL) != 0 ? TARN_DOUBLE : TARN_INT64;
}

static tarn_status find_types(reading *r, tarn_error *err)
{
    sqlite *db = sqlite_of(&r->base);
    size_t count = (size_t)db->api.sqlite3_column_count(r->stmt);
    unsigned *kinds = tarn__calloc(count + 1, sizeof(*kinds));
    r->base.columns = tarn__calloc(count + 1, sizeof(*r->base.columns));
    r->base.column_count = count;
    r->texts = tarn__calloc(count + 1, sizeof(*r->texts));
    int code = SQLITE_DONE;
    tarn_status st =
        kinds == NULL || r->base.columns == NULL || r->texts == NULL
        ? tarn__no_memory(err)
        : TARN_OK;
    while (
        st == TARN_OK && (code = db->api.sqlite3_step(r->stmt)) == SQLITE_ROW)
        for (size_t i = 0; i < count; i++)
            kinds[i] |= kind_of(db, r->stmt, (int)i);
    if (st == TARN_OK && code != SQLITE_DONE)
        st = fail(db, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        tarn__db_column *c = &r->base.columns[i];
        st =
            tarn__db_column_set(c, db->api.sqlite3_column_name(r->stmt, (int)i),
                type_for(
                    kinds[i], db->api.sqlite3_column_decltype(r->stmt, (int)i)),
                NULL, err);
        /* Texts here, among which numbers are no texts there. */
        if (c->type == TARN_TEXT && (kinds[i] & ~(unsigned)HAS_TEXT) != 0)
            c->order = TARN__DB_ORDER_NONE;
    }
    if (st == TARN_OK)
        (void)db->api.sqlite3_reset(r->stmt);
    tarn__free(kinds);
    return st;
}

/* --- rows --- */

static tarn_status take(
    reading *r, size_t col, tarn__cell *cell, tarn_error *err)
{
    sqlite *db = sqlite_of(&r->base);
    int at = (int)col;
    tarn_type type = r->base.columns[col].type;
    *cell = (tarn__cell){.type = TARN_NULL};
    int kind = db->api.sqlite3_column_type(r->stmt, at);
    if (kind == SQLITE_NULL)
        return TARN_OK;
    if (type == TARN_INT64) {
        *cell = (tarn__cell){
            .type = type, .i64 = db->api.sqlite3_column_int64(r->stmt, at)};
        return TARN_OK;
    }
    if (type == TARN_DOUBLE) {
        *cell = (tarn__cell){
            .type = type, .f64 = db->api.sqlite3_column_double(r->stmt, at)};
        return TARN_OK;
    }
    tarn_slice bytes;
    if (kind == SQLITE_FLOAT) {
        bytes = tarn_str(tarn__format_double(
            db->api.sqlite3_column_double(r->stmt, at), r->texts[col]));
    } else {
        bytes.ptr = kind == SQLITE_BLOB
            ? db->api.sqlite3_column_blob(r->stmt, at)
            : (const char *)db->api.sqlite3_column_text(r->stmt, at);
        bytes.len = (size_t)db->api.sqlite3_column_bytes(r->stmt, at);
        if (bytes.ptr == NULL && bytes.len > 0)
            return tarn__no_memory(err);
        if (bytes.ptr == NULL)
            bytes = tarn_str("");
    }
    return tarn__db_text_cell(&r->base, col, bytes, cell, err);
}

static tarn_status next(
    tarn__db_stream *stream, tarn__cell *cells, tarn_error *err)
{
    reading *r = (reading *)stream;
    sqlite *db = sqlite_of(stream);
    int code = db->api.sqlite3_step(r->stmt);
    if (code == SQLITE_DONE)
        return TARN_OK;
    if (code != SQLITE_ROW)
        return fail(db, err);
    for (size_t i = 0; i < stream->column_count; i++) {
        tarn_status st = take(r, i, &cells[i], err);
        if (st != TARN_OK)
            return st;
    }
    return TARN_ROW;
}

static void free_reading(tarn__db_stream *stream)
{
    reading *r = (reading *)stream;
    int64_t changed;
    (void)sqlite_of(stream)->api.sqlite3_finalize(r->stmt);
    if (r->began && exec(stream->db, "COMMIT", NULL, 0, &changed, NULL) != 0) {
        /* It has read only. */
    }
    tarn__free(r->texts);
    tarn__free(r);
}

static const tarn__db_stream_class reading_class = {next, free_reading};

static tarn_status query(tarn__db *base, const char *sql,
    const tarn__cell *values, size_t count, tarn__db_stream **out,
    tarn_error *err)
{
    sqlite *db = (sqlite *)base;
    reading *r = tarn__calloc(1, sizeof(*r));
    if (r == NULL)
        return tarn__no_memory(err);
    r->base.cls = &reading_class;
    r->base.db = base;
    tarn_status st = TARN_OK;
    if (db->api.sqlite3_get_autocommit(db->handle) != 0) {
        st = tarn__db_exec(base, "BEGIN", err);
        r->began = st == TARN_OK;
    }
    if (st == TARN_OK)
        st = prepare(db, sql, &r->stmt, err);
    if (st == TARN_OK &&
        (db->api.sqlite3_stmt_readonly(r->stmt) == 0 ||
            db->api.sqlite3_column_count(r->stmt) == 0))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: the statement does not read rows (write a SELECT)",
            base->where);
    if (st == TARN_OK)
        st = bind_all(db, r->stmt, values, count, err);
    if (st == TARN_OK)
        st = find_types(r, err);
    if (st == TARN_OK)
        *out = &r->base;
    else
        tarn__db_stream_free(&r->base);
    return st;
}

/* --- the file --- */

static void close_sqlite(tarn__db *base)
{
    sqlite *db = (sqlite *)base;
    if (db->api.sqlite3_finalize != NULL)
        forget_last(db);
    if (db->handle != NULL)
        (void)db->api.sqlite3_close_v2(db->handle);
    tarn__free(db);
}

static void cancel(tarn__db *base)
{
    sqlite *db = (sqlite *)base;
    db->api.sqlite3_interrupt(db->handle);
}

static const tarn__db_class sqlite_class = {
    .name = "sqlite",
    .quote = '"',
    .close = close_sqlite,
    .cancel = cancel,
    .exec = exec,
    .query = query,
};

static tarn_status load(api *out, tarn_error *err)
{
    static const char *const files[] = {
        "libsqlite3.so.0", "libsqlite3.dylib", NULL};
    static const char *const names[] = {FUNCTIONS(TARN__DYNLIB_NAME)};
    static const tarn__dynlib lib = {"libsqlite3", "libsqlite3-0", files, names,
        sizeof names / sizeof *names};
    return tarn__dynlib_load(&lib, out, err);
}

static tarn_status make_folder(const char *path, tarn_error *err)
{
    char *dir = tarn__strndup(path, (size_t)(tarn__path_base(path) - path));
    tarn_status st = dir == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK && *dir != '\0' && !tarn__path_is_dir(dir))
        st = tarn__mkdirs(dir, err);
    tarn__free(dir);
    return st;
}

static tarn_status open_file(
    sqlite *db, const char *path, bool make, tarn_error *err)
{
    tarn_status st = load(&db->api, err);
    if (st != TARN_OK)
        return st;
    if (!make && !tarn__path_exists(path))
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: no such file (check the connection's path)", db->base.where);
    if (make)
        st = make_folder(path, err);
    if (st != TARN_OK)
        return st;
    int flags = SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0);
    int code = db->api.sqlite3_open_v2(path, &db->handle, flags, NULL);
    if (code == SQLITE_OK)
        code = db->api.sqlite3_busy_timeout(db->handle, BUSY_MS);
    return code == SQLITE_OK ? TARN_OK : fail(db, err);
}

tarn_status tarn__db_sqlite_open(const json_t *connection, const char *base_dir,
    bool make, tarn__db **out, tarn_error *err)
{
    const char *name = tarn__json_text(connection, "path");
    *out = NULL;
    if (name == NULL || *name == '\0')
        return tarn__fail(
            err, TARN_BAD_INPUT, "sqlite: no file (give the path)");
    char *path = *name == '/' || base_dir == NULL
        ? tarn__strdup(name)
        : tarn__path_join(base_dir, name);
    sqlite *db = tarn__calloc(1, sizeof(*db));
    if (db == NULL || path == NULL) {
        tarn__free(path);
        tarn__free(db);
        return tarn__no_memory(err);
    }
    db->base.cls = &sqlite_class;
    db->base.where = tarn__sprintf("sqlite %s", path);
    tarn_status st = db->base.where == NULL ? tarn__no_memory(err)
                                            : open_file(db, path, make, err);
    tarn__free(path);
    if (st == TARN_OK)
        *out = &db->base;
    else
        tarn__db_close(&db->base);
    return st;
}

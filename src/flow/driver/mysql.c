/* MariaDB and MySQL: the connection, and statements.
 *
 * Every statement is prepared on the server: its values are bound, numbers
 * come in binary without loss, and one statement means one. */
#include "flow/driver/mysql.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/login.h"

static void close_mysql(tarn__db *base)
{
    tarn__mysql *db = (tarn__mysql *)base;
    if (db->handle != NULL)
        db->api.mysql_close(db->handle);
    json_decref(db->connection);
    tarn__free(db);
}

tarn_status tarn__mysql_fail(tarn__mysql *db, MYSQL_STMT *stmt, tarn_error *err)
{
    unsigned code = stmt == NULL ? 0 : db->api.mysql_stmt_errno(stmt);
    const char *why = code == 0 ? "" : db->api.mysql_stmt_error(stmt);
    /* What breaks between two rows is the connection's alone. */
    if (code == 0) {
        code = db->api.mysql_errno(db->handle);
        why = db->api.mysql_error(db->handle);
    }
    /* Codes from 2000 to 2999 are the client's: the connection is gone; so it is
     * when the server shuts down (1053) or ends it (1927). */
    bool lost = (code >= 2000 && code < 3000) || code == 1053 || code == 1927;
    tarn_status st = tarn__fail(
        err, lost ? TARN_IO : TARN_BAD_INPUT, "%s: %s", db->base.where, why);
    if (err != NULL) {
        err->origin = TARN_ORIGIN_REMOTE;
        err->origin_code = (int)code;
    }
    return st;
}

static void bind_value(
    MYSQL_BIND *bind, const tarn__cell *value, unsigned long *length)
{
    memset(bind, 0, sizeof(*bind));
    switch (value->type) {
    case TARN_NULL:
        bind->buffer_type = MYSQL_TYPE_NULL;
        return;
    case TARN_BOOL:
    case TARN_INT64:
    case TARN_TIME:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        memcpy(&bind->buffer, &(const void *){&value->i64}, sizeof(void *));
        return;
    case TARN_DOUBLE:
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        memcpy(&bind->buffer, &(const void *){&value->f64}, sizeof(void *));
        return;
    case TARN_TEXT:
    case TARN_BLOB:
    case TARN_JSON:
        bind->buffer_type =
            value->type == TARN_BLOB ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
        memcpy(&bind->buffer, &value->bytes.ptr, sizeof(void *));
        *length = (unsigned long)value->bytes.len;
        bind->buffer_length = *length;
        bind->length = length;
        return;
    }
}

static tarn_status bind_values(tarn__mysql *db, MYSQL_STMT *stmt,
    const tarn__cell *values, size_t count, tarn_error *err)
{
    size_t wanted = db->api.mysql_stmt_param_count(stmt);
    if (wanted != count)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the statement has %zu parameters, and there are %zu values",
            db->base.where, wanted, count);
    if (count == 0)
        return TARN_OK;
    MYSQL_BIND *binds = tarn__calloc(count, sizeof(*binds));
    unsigned long *lengths = tarn__calloc(count, sizeof(*lengths));
    tarn_status st =
        binds == NULL || lengths == NULL ? tarn__no_memory(err) : TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        bind_value(&binds[i], &values[i], &lengths[i]);
    if (st == TARN_OK && db->api.mysql_stmt_bind_param(stmt, binds) != 0)
        st = tarn__mysql_fail(db, stmt, err);
    /* The library keeps the binds, but the buffers and lengths are ours: they
     * are read by execute, which therefore comes before they go. */
    if (st == TARN_OK && db->api.mysql_stmt_execute(stmt) != 0)
        st = tarn__mysql_fail(db, stmt, err);
    tarn__free(binds);
    tarn__free(lengths);
    return st;
}

tarn_status tarn__mysql_execute(tarn__mysql *db, const char *sql,
    const tarn__cell *values, size_t count, MYSQL_STMT **out, tarn_error *err)
{
    MYSQL_STMT *stmt = db->api.mysql_stmt_init(db->handle);
    *out = NULL;
    if (stmt == NULL)
        return tarn__no_memory(err);
    tarn_status st = TARN_OK;
    if (db->api.mysql_stmt_prepare(stmt, sql, (unsigned long)strlen(sql)) != 0)
        st = tarn__mysql_fail(db, stmt, err);
    if (st == TARN_OK)
        st = bind_values(db, stmt, values, count, err);
    if (st == TARN_OK && count == 0 && db->api.mysql_stmt_execute(stmt) != 0)
        st = tarn__mysql_fail(db, stmt, err);
    if (st == TARN_OK)
        *out = stmt;
    else
        (void)db->api.mysql_stmt_close(stmt);
    return st;
}

/* What has no values need not be one of those that can be prepared. */
static tarn_status say(
    tarn__mysql *db, const char *sql, int64_t *changed, tarn_error *err)
{
    if (db->api.mysql_real_query(db->handle, sql, (unsigned long)strlen(sql)) !=
        0)
        return tarn__mysql_fail(db, NULL, err);
    MYSQL_RES *rows = db->api.mysql_store_result(db->handle);
    if (rows != NULL)
        db->api.mysql_free_result(rows);
    else
        *changed = (int64_t)db->api.mysql_affected_rows(db->handle);
    return TARN_OK;
}

static tarn_status exec(tarn__db *base, const char *sql,
    const tarn__cell *values, size_t count, int64_t *changed, tarn_error *err)
{
    tarn__mysql *db = (tarn__mysql *)base;
    MYSQL_STMT *stmt;
    *changed = 0;
    if (count == 0)
        return say(db, sql, changed, err);
    tarn_status st = tarn__mysql_execute(db, sql, values, count, &stmt, err);
    if (st != TARN_OK)
        return st;
    *changed = (int64_t)db->api.mysql_stmt_affected_rows(stmt);
    (void)db->api.mysql_stmt_close(stmt);
    return TARN_OK;
}

/* --- the connection --- */

/* Verified or not, the library is told so: its versions differ in what they do
 * without a word. */
static bool set_tls(tarn__mysql *db, const tarn__login *login)
{
    my_bool yes = 1;
    my_bool verified = login->tls == TARN__TLS_VERIFY;
    if (login->tls == TARN__TLS_UNSAID || login->tls == TARN__TLS_OFF)
        return true;
    return db->api.mysql_optionsv(db->handle, MYSQL_OPT_SSL_ENFORCE, &yes) ==
        0 &&
        db->api.mysql_optionsv(
            db->handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified) == 0 &&
        (login->tls_ca == NULL ||
            db->api.mysql_optionsv(
                db->handle, MYSQL_OPT_SSL_CA, login->tls_ca) == 0);
}

static tarn_status set_options(
    tarn__mysql *db, const tarn__login *login, tarn_error *err)
{
    /* The server may not ask for files of ours. */
    unsigned no = 0;
    MYSQL *h = db->handle;
    if (db->api.mysql_optionsv(
            h, MYSQL_OPT_CONNECT_TIMEOUT, &login->timeout_s) != 0 ||
        db->api.mysql_optionsv(h, MYSQL_OPT_LOCAL_INFILE, &no) != 0 ||
        db->api.mysql_optionsv(h, MYSQL_SET_CHARSET_NAME, "utf8mb4") != 0 ||
        !set_tls(db, login))
        return tarn__no_memory(err);
    return TARN_OK;
}

static tarn_status set_up_session(tarn__mysql *db, tarn_error *err)
{
    static const char *const statements[] = {
        "SET time_zone = '+00:00'",
        /* Names in double quotes are none; a backslash escapes. */
        "SET sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
        "NO_ENGINE_SUBSTITUTION'",
        /* An extractor that waits for its reader is no idle one. */
        "SET net_write_timeout = 3600",
        NULL,
    };
    return tarn__db_exec_all(&db->base, statements, err);
}

static tarn_status log_in(
    tarn__mysql *db, const tarn__login *login, tarn_error *err)
{
    if (db->api.mysql_real_connect(db->handle, login->host, login->user,
            login->password, login->database, login->port, login->socket,
            0) == NULL)
        return tarn__fail(err, TARN_FAILED,
            "%s: no connection: %s (check host, port, user, password, database "
            "and tls of the connection)",
            db->base.where, db->api.mysql_error(db->handle));
    if ((login->tls == TARN__TLS_ON || login->tls == TARN__TLS_VERIFY) &&
        db->api.mysql_get_ssl_cipher(db->handle) == NULL)
        return tarn__fail(err, TARN_FAILED,
            "%s: the server does not speak TLS (set it up there, or leave tls "
            "out)",
            db->base.where);
    return TARN_OK;
}

static void cancel(tarn__db *base);

static const tarn__db_class mysql_class = {
    .name = "mysql",
    .quote = '`',
    .backslash = true,
    .bytes = "CAST(CONVERT(%s USING utf8mb4) AS BINARY)",
    .close = close_mysql,
    .cancel = cancel,
    .exec = exec,
    .query = tarn__mysql_query,
};

static tarn_status load(tarn__mysql_api *api, tarn_error *err)
{
    static const char *const files[] = {
        "libmariadb.so.3", "libmariadb.3.dylib", NULL};
    static const char *const names[] = {
        TARN__MYSQL_FUNCTIONS(TARN__DYNLIB_NAME)};
    static const tarn__dynlib lib = {"libmariadb", "libmariadb3", files, names,
        sizeof names / sizeof *names};
    return tarn__dynlib_load(&lib, api, err);
}

tarn_status tarn__db_mysql_open(
    const json_t *connection, tarn__db **out, tarn_error *err)
{
    tarn__login login;
    *out = NULL;
    tarn__mysql *db = tarn__calloc(1, sizeof(*db));
    if (db == NULL)
        return tarn__no_memory(err);
    db->base.cls = &mysql_class;
    db->base.where = tarn__login_where("mysql", connection);
    db->connection = json_deep_copy(connection);
    tarn_status st = db->base.where == NULL || db->connection == NULL
        ? tarn__no_memory(err)
        : tarn__login_read(connection, db->base.where, &login, err);
    if (st == TARN_OK)
        st = load(&db->api, err);
    if (st == TARN_OK) {
        db->handle = db->api.mysql_init(NULL);
        if (db->handle == NULL)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK)
        st = set_options(db, &login, err);
    if (st == TARN_OK)
        st = log_in(db, &login, err);
    if (st == TARN_OK)
        st = set_up_session(db, err);
    if (st == TARN_OK)
        *out = &db->base;
    else
        tarn__db_close(&db->base);
    return st;
}

/* The server ends a statement when another session tells it to. */
static void cancel(tarn__db *base)
{
    tarn__mysql *db = (tarn__mysql *)base;
    tarn__db *other;
    int64_t changed;
    if (tarn__db_mysql_open(db->connection, &other, NULL) != TARN_OK)
        return;
    char sql[64];
    (void)snprintf(
        sql, sizeof sql, "KILL QUERY %lu", db->api.mysql_thread_id(db->handle));
    if (exec(other, sql, NULL, 0, &changed, NULL) != TARN_OK) {
        /* The statement ends when the connection does. */
    }
    tarn__db_close(other);
}

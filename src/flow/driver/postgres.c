/* PostgreSQL: the connection, statements, and COPY to the server. */
#include "flow/driver/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/login.h"

static void close_postgres(tarn__db *base)
{
    tarn__postgres *db = (tarn__postgres *)base;
    if (db->cancel != NULL)
        db->api.PQfreeCancel(db->cancel);
    if (db->handle != NULL)
        db->api.PQfinish(db->handle);
    tarn__free(db);
}

/* Classes 08, of connections, and 57P, of a server that goes or ends one. */
static bool is_lost(const char *state)
{
    return state != NULL &&
        (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0);
}

/* The first line of the server's words. */
static int first_line(const char *text)
{
    return (int)strcspn(text, "\n");
}

tarn_status tarn__postgres_fail(
    tarn__postgres *db, PGresult *result, tarn_error *err)
{
    const char *why = result == NULL
        ? NULL
        : db->api.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *hint = why == NULL
        ? NULL
        : db->api.PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    tarn_status st;
    if (why != NULL) {
        const char *state =
            db->api.PQresultErrorField(result, PG_DIAG_SQLSTATE);
        st = tarn__fail(err, is_lost(state) ? TARN_IO : TARN_BAD_INPUT,
            "%s: %.*s%s%.*s", db->base.where, first_line(why), why,
            hint == NULL ? "" : ": ", hint == NULL ? 0 : first_line(hint),
            hint == NULL ? "" : hint);
    } else {
        why = db->api.PQerrorMessage(db->handle);
        st = tarn__fail(
            err, TARN_IO, "%s: %.*s", db->base.where, first_line(why), why);
    }
    if (err != NULL)
        err->origin = TARN_ORIGIN_REMOTE;
    db->api.PQclear(result);
    return st;
}

/* --- statements --- */

/* Values as text; the server knows their types. */
typedef struct parameters {
    const char **texts;
    int *lengths;
    int *formats;
    char (*numbers)[40];
} parameters;

static void free_parameters(parameters *p)
{
    tarn__free(p->texts);
    tarn__free(p->lengths);
    tarn__free(p->formats);
    tarn__free(p->numbers);
}

/* Texts of cells end with a NUL (base/rows.h). */
static tarn_status set_parameters(
    parameters *p, const tarn__cell *values, size_t count, tarn_error *err)
{
    p->texts = tarn__calloc(count + 1, sizeof(*p->texts));
    p->lengths = tarn__calloc(count + 1, sizeof(*p->lengths));
    p->formats = tarn__calloc(count + 1, sizeof(*p->formats));
    p->numbers = tarn__calloc(count + 1, sizeof(*p->numbers));
    if (p->texts == NULL || p->lengths == NULL || p->formats == NULL ||
        p->numbers == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const tarn__cell *v = &values[i];
        char *number = p->numbers[i];
        p->texts[i] = number;
        if (v->type == TARN_NULL) {
            p->texts[i] = NULL;
        } else if (v->type == TARN_BOOL) {
            p->texts[i] = v->i64 != 0 ? "true" : "false";
        } else if (v->type == TARN_INT64 || v->type == TARN_TIME) {
            (void)snprintf(number, 40, "%lld", (long long)v->i64);
        } else if (v->type == TARN_DOUBLE) {
            (void)tarn__format_double(v->f64, number);
        } else {
            p->texts[i] = v->bytes.ptr;
            p->lengths[i] = (int)v->bytes.len;
            p->formats[i] = v->type == TARN_BLOB;
        }
    }
    return TARN_OK;
}

tarn_status tarn__postgres_run(tarn__postgres *db, const char *sql,
    const tarn__cell *values, size_t count, ExecStatusType wanted,
    PGresult **out, tarn_error *err)
{
    parameters p = {0};
    *out = NULL;
    tarn_status st = set_parameters(&p, values, count, err);
    if (st == TARN_OK) {
        /* The extended protocol: one statement means one. */
        PGresult *result = db->api.PQexecParams(db->handle, sql, (int)count,
            NULL, p.texts, p.lengths, p.formats, 1);
        if (db->api.PQresultStatus(result) == wanted)
            *out = result;
        else
            st = tarn__postgres_fail(db, result, err);
    }
    free_parameters(&p);
    return st;
}

static tarn_status exec(tarn__db *base, const char *sql,
    const tarn__cell *values, size_t count, int64_t *changed, tarn_error *err)
{
    tarn__postgres *db = (tarn__postgres *)base;
    PGresult *result;
    parameters p = {0};
    *changed = 0;
    tarn_status st = set_parameters(&p, values, count, err);
    if (st != TARN_OK) {
        free_parameters(&p);
        return st;
    }
    result = db->api.PQexecParams(
        db->handle, sql, (int)count, NULL, p.texts, p.lengths, p.formats, 0);
    free_parameters(&p);
    ExecStatusType status = db->api.PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return tarn__postgres_fail(db, result, err);
    (void)tarn__parse_i64(db->api.PQcmdTuples(result), changed);
    db->api.PQclear(result);
    return TARN_OK;
}

/* --- COPY to the server --- */

tarn_status tarn__postgres_copy_begin(
    tarn__db *base, const char *sql, tarn_error *err)
{
    tarn__postgres *db = (tarn__postgres *)base;
    PGresult *result;
    tarn_status st =
        tarn__postgres_run(db, sql, NULL, 0, PGRES_COPY_IN, &result, err);
    if (st == TARN_OK)
        db->api.PQclear(result);
    return st;
}

tarn_status tarn__postgres_copy_put(
    tarn__db *base, tarn_slice bytes, tarn_error *err)
{
    tarn__postgres *db = (tarn__postgres *)base;
    if (db->api.PQputCopyData(db->handle, bytes.ptr, (int)bytes.len) == 1)
        return TARN_OK;
    return tarn__postgres_fail(db, NULL, err);
}

tarn_status tarn__postgres_copy_end(
    tarn__db *base, int64_t *rows, tarn_error *err)
{
    tarn__postgres *db = (tarn__postgres *)base;
    PGresult *result;
    tarn_status st = TARN_OK;
    *rows = 0;
    if (db->api.PQputCopyEnd(db->handle, NULL) != 1)
        return tarn__postgres_fail(db, NULL, err);
    while ((result = db->api.PQgetResult(db->handle)) != NULL) {
        if (db->api.PQresultStatus(result) != PGRES_COMMAND_OK) {
            if (st == TARN_OK)
                st = tarn__postgres_fail(db, result, err);
            else
                db->api.PQclear(result);
            continue;
        }
        (void)tarn__parse_i64(db->api.PQcmdTuples(result), rows);
        db->api.PQclear(result);
    }
    return st;
}

/* --- the connection --- */

static void cancel(tarn__db *base)
{
    tarn__postgres *db = (tarn__postgres *)base;
    char why[256];
    (void)db->api.PQcancel(db->cancel, why, sizeof why);
}

static const tarn__db_class postgres_class = {
    .name = "postgres",
    .quote = '"',
    .dollar = true,
    .bytes = "CAST(%s AS text) COLLATE \"C\"",
    .close = close_postgres,
    .cancel = cancel,
    .exec = exec,
    .query = tarn__postgres_query,
};

static tarn_status load(tarn__postgres_api *api, tarn_error *err)
{
    static const char *const files[] = {"libpq.so.5", "libpq.5.dylib", NULL};
    static const char *const names[] = {
        TARN__POSTGRES_FUNCTIONS(TARN__DYNLIB_NAME)};
    static const tarn__dynlib lib = {
        "libpq", "libpq5", files, names, sizeof names / sizeof *names};
    return tarn__dynlib_load(&lib, api, err);
}

static const char *ssl_mode(tarn__tls tls)
{
    static const char *const modes[] = {
        [TARN__TLS_UNSAID] = NULL,
        [TARN__TLS_OFF] = "disable",
        [TARN__TLS_ON] = "require",
        [TARN__TLS_VERIFY] = "verify-full",
    };
    return modes[tls];
}

/* Notices are no errors, and stderr is not ours. */
static void ignore_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static tarn_status log_in(
    tarn__postgres *db, const tarn__login *login, tarn_error *err)
{
    char port[24] = "";
    char timeout[24];
    if (login->port > 0)
        (void)snprintf(port, sizeof port, "%u", login->port);
    (void)snprintf(timeout, sizeof timeout, "%u", login->timeout_s);
    const char *const names[] = {"host", "port", "user", "password", "dbname",
        "sslmode", "sslrootcert", "connect_timeout", "client_encoding",
        "fallback_application_name", NULL};
    const char *const values[] = {
        login->socket == NULL ? login->host : login->socket, port, login->user,
        login->password, login->database, ssl_mode(login->tls), login->tls_ca,
        timeout, "UTF8", "tarn", NULL};
    db->handle = db->api.PQconnectdbParams(names, values, 0);
    if (db->handle == NULL)
        return tarn__no_memory(err);
    if (db->api.PQstatus(db->handle) != CONNECTION_OK) {
        const char *why = db->api.PQerrorMessage(db->handle);
        return tarn__fail(err, TARN_FAILED,
            "%s: no connection: %.*s (check host, port, user, password, "
            "database and tls of the connection)",
            db->base.where, first_line(why), why);
    }
    /* The library asks for none on a socket, whatever it is told. */
    if ((login->tls == TARN__TLS_ON || login->tls == TARN__TLS_VERIFY) &&
        db->api.PQsslInUse(db->handle) == 0)
        return tarn__fail(err, TARN_FAILED,
            "%s: there is no TLS on a socket (name a host, or leave tls out)",
            db->base.where);
    db->cancel = db->api.PQgetCancel(db->handle);
    (void)db->api.PQsetNoticeProcessor(db->handle, ignore_notice, NULL);
    return db->cancel == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status set_up_session(tarn__postgres *db, tarn_error *err)
{
    static const char *const statements[] = {
        "SET TimeZone = 'UTC'",
        "SET DateStyle = 'ISO, YMD'",
        "SET IntervalStyle = 'postgres'",
        "SET extra_float_digits = 3",
        "SET standard_conforming_strings = on",
        "SET bytea_output = 'hex'",
        NULL,
    };
    return tarn__db_exec_all(&db->base, statements, err);
}

tarn_status tarn__db_postgres_open(
    const json_t *connection, tarn__db **out, tarn_error *err)
{
    tarn__login login;
    *out = NULL;
    tarn__postgres *db = tarn__calloc(1, sizeof(*db));
    if (db == NULL)
        return tarn__no_memory(err);
    db->base.cls = &postgres_class;
    db->base.where = tarn__login_where("postgres", connection);
    tarn_status st = db->base.where == NULL
        ? tarn__no_memory(err)
        : tarn__login_read(connection, db->base.where, &login, err);
    if (st == TARN_OK)
        st = load(&db->api, err);
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

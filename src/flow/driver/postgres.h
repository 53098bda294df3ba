/* libpq, as the files of the PostgreSQL engine share it. */
#ifndef TARN_FLOW_POSTGRES_H
#define TARN_FLOW_POSTGRES_H

#include <libpq-fe.h>

#include "flow/driver/db.h"
#include "os/dynlib.h"

#define TARN__POSTGRES_FUNCTIONS(X) \
    X(PQconnectdbParams)            \
    X(PQstatus)                     \
    X(PQsslInUse)                   \
    X(PQfinish)                     \
    X(PQerrorMessage)               \
    X(PQexec)                       \
    X(PQexecParams)                 \
    X(PQprepare)                    \
    X(PQdescribePrepared)           \
    X(PQresultStatus)               \
    X(PQresultErrorField)           \
    X(PQclear)                      \
    X(PQcmdTuples)                  \
    X(PQntuples)                    \
    X(PQnfields)                    \
    X(PQfname)                      \
    X(PQftype)                      \
    X(PQfmod)                       \
    X(PQgetvalue)                   \
    X(PQgetlength)                  \
    X(PQgetisnull)                  \
    X(PQgetResult)                  \
    X(PQgetCopyData)                \
    X(PQputCopyData)                \
    X(PQputCopyEnd)                 \
    X(PQfreemem)                    \
    X(PQtransactionStatus)          \
    X(PQsetNoticeProcessor)         \
    X(PQgetCancel)                  \
    X(PQcancel)                     \
    X(PQfreeCancel)

typedef struct tarn__postgres_api {
    TARN__POSTGRES_FUNCTIONS(TARN__DYNLIB_FIELD)
} tarn__postgres_api;

typedef struct tarn__postgres {
    tarn__db base;
    tarn__postgres_api api;
    PGconn *handle;
    PGcancel *cancel;
} tarn__postgres;

/* What the server says about a result (NULL: the connection), which is cleared.
 */
TARN_MUST_CHECK tarn_status tarn__postgres_fail(
    tarn__postgres *db, PGresult *result, tarn_error *err);
/* Run with bound values, rows in binary; TARN_OK when the status is `wanted`,
 * and the caller clears *out. */
TARN_MUST_CHECK tarn_status tarn__postgres_run(tarn__postgres *db,
    const char *sql, const tarn__cell *values, size_t count,
    ExecStatusType wanted, PGresult **out, tarn_error *err);
/* postgres_read.c */
TARN_MUST_CHECK tarn_status tarn__postgres_query(tarn__db *db, const char *sql,
    const tarn__cell *values, size_t count, tarn__db_stream **out,
    tarn_error *err);
/* COPY ... FROM STDIN: begin with its SQL, put its bytes, end. */
TARN_MUST_CHECK tarn_status tarn__postgres_copy_begin(
    tarn__db *db, const char *sql, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__postgres_copy_put(
    tarn__db *db, tarn_slice bytes, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__postgres_copy_end(
    tarn__db *db, int64_t *rows, tarn_error *err);

#endif

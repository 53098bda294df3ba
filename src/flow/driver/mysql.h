/* libmariadb, as the files of the MySQL engine share it. */
#ifndef TARN_FLOW_MYSQL_H
#define TARN_FLOW_MYSQL_H

#include <mysql.h>

#include "flow/driver/db.h"
#include "os/dynlib.h"

#define TARN__MYSQL_FUNCTIONS(X)  \
    X(mysql_init)                 \
    X(mysql_optionsv)             \
    X(mysql_real_connect)         \
    X(mysql_close)                \
    X(mysql_error)                \
    X(mysql_errno)                \
    X(mysql_real_query)           \
    X(mysql_store_result)         \
    X(mysql_affected_rows)        \
    X(mysql_thread_id)            \
    X(mysql_get_ssl_cipher)       \
    X(mysql_stmt_init)            \
    X(mysql_stmt_prepare)         \
    X(mysql_stmt_param_count)     \
    X(mysql_stmt_bind_param)      \
    X(mysql_stmt_execute)         \
    X(mysql_stmt_affected_rows)   \
    X(mysql_stmt_result_metadata) \
    X(mysql_stmt_bind_result)     \
    X(mysql_stmt_fetch)           \
    X(mysql_stmt_fetch_column)    \
    X(mysql_stmt_error)           \
    X(mysql_stmt_errno)           \
    X(mysql_stmt_close)           \
    X(mysql_num_fields)           \
    X(mysql_fetch_fields)         \
    X(mysql_free_result)          \
    X(mariadb_field_attr)

typedef struct tarn__mysql_api {
    TARN__MYSQL_FUNCTIONS(TARN__DYNLIB_FIELD)
} tarn__mysql_api;

typedef struct tarn__mysql {
    tarn__db base;
    tarn__mysql_api api;
    MYSQL *handle;
    json_t *connection; /* for the second one, that cancels */
} tarn__mysql;

/* A failed statement's words. */
TARN_MUST_CHECK tarn_status tarn__mysql_fail(
    tarn__mysql *db, MYSQL_STMT *stmt, tarn_error *err);
/* Prepare, bind and execute; the caller closes *out. */
TARN_MUST_CHECK tarn_status tarn__mysql_execute(tarn__mysql *db,
    const char *sql, const tarn__cell *values, size_t count, MYSQL_STMT **out,
    tarn_error *err);
/* mysql_read.c */
TARN_MUST_CHECK tarn_status tarn__mysql_query(tarn__db *db, const char *sql,
    const tarn__cell *values, size_t count, tarn__db_stream **out,
    tarn_error *err);

#endif

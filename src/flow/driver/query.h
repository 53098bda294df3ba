/* One query with bound values on a database connection, its rows as a stream:
 * what track asks its sources with. */
#ifndef TARN_FLOW_QUERY_H
#define TARN_FLOW_QUERY_H

#include "flow/driver/db.h"

/* What stands for {name} in a query. */
typedef struct tarn__query_value {
    const char *name;
    /* Bound as texts, whatever they read as; NULL is NULL.  A list gives one
     * parameter an item, with commas between, as in `id IN ({ids})`; an empty
     * one gives NULL. */
    const char *const *texts;
    size_t count; /* 1 for a value that is no list */
} tarn__query_value;

/* `engine` is "mysql", "mariadb", "postgres" or "sqlite"; `connection` a JSON
 * object, see db.h.  Close with tarn__db_close(). */
TARN_MUST_CHECK tarn_status tarn__query_connect(const char *engine,
    const char *connection, const char *base_dir, tarn__db **out,
    tarn_error *err);

/* A {name} that `values` lacks is TARN_BAD_INPUT.  The rows must be freed
 * before the next statement on the connection; at most 65,535 parameters. */
TARN_MUST_CHECK tarn_status tarn__query_run(tarn__db *db, const char *sql,
    const tarn__query_value *values, size_t count, tarn_rows **out,
    tarn_error *err);

#endif

/*
 * Calls of flow drivers without a runner: what they are given, and what they
 * told.  One of them at a time, in the sandbox of the test.
 */
#ifndef TARN_TEST_DRIVER_CALL_H
#define TARN_TEST_DRIVER_CALL_H

#include <tarn/driver.h>

#define DRIVER_CALL_TEXT 8192

typedef struct driver_call {
    tarn_driver_call call;
    void **state;
    tarn_driver_input input;
    int64_t rows; /* of all tables told */
    int tables;
    char table[64];                /* the last one told */
    char cursor[256];              /* "" when none was told */
    char events[DRIVER_CALL_TEXT]; /* "NAME FIELDS\n" each */
    double rows_read;
    double rows_written;
    /* NULL: from the call on; else from when this file holds something. */
    const char *cancel_when;
    int64_t cancel_after_us; /* 0: never, or at once when there is a file */
    int64_t started_us;      /* 0: not yet */
    tarn_error error;        /* of the last run */
} driver_call;

void driver_call_init(driver_call *c, void **state);
/* Give it an input whose table main is the query's. */
void driver_call_input(driver_call *c, const char *query);
/* Run; config and connection are JSON, with ' for ". */
tarn_status driver_call_run(driver_call *c, const tarn_driver *driver,
    const char *config, const char *connection);
/* The same; the test fails unless it is TARN_OK. */
void driver_call_good(driver_call *c, const tarn_driver *driver,
    const char *config, const char *connection);
/* Run a query as the servers' user at a host; MORE are further fields. */
tarn_status driver_call_log_in(driver_call *c, void **state,
    const tarn_driver *driver, const char *query, const char *host,
    const char *more);
/* How a server's certificate is looked at: `log_in` connects to a host with more
 * fields, `encrypted` looks at what came; `refused` is what a connection to a
 * name that is not the certificate's says. */
typedef tarn_status driver_call_tls(
    void **state, driver_call *c, const char *host, const char *more);
void driver_call_verifies(driver_call *c, void **state, const char *kind,
    driver_call_tls *log_in, void (*encrypted)(driver_call *c, tarn_status st),
    const char *refused);
/* A connection that its server ends, by the statement `end` (with %d: the first
 * column of `rows`), behind the first row: TARN_IO, and words of it. */
void driver_call_ended(const char *family, const char *kind, const char *rows,
    const char *end, const char *words);
/* A query on the output, as "a|b\n" lines; valid until the next. */
const char *driver_call_answer(driver_call *c, const char *query);

#endif

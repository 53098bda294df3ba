/* Statements, for tarn sql and tarn shell. */
#ifndef TARN_CLI_SQL_H
#define TARN_CLI_SQL_H

#include "cli/cli.h"

/* Run one statement and print its rows; fills in tenant and error. */
TARN_MUST_CHECK tarn_status tarn__cli_run_sql(cli_ctx *ctx, const char *sql,
    tarn_query_options *options, tarn_error *err);

#endif

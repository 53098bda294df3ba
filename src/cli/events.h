/* What the commands of `tarn events` share. */
#ifndef TARN_CLI_EVENTS_H
#define TARN_CLI_EVENTS_H

#include "cli/rows.h"

typedef enum cli_store_mode {
    CLI_STORE_READ,   /* it must be there */
    CLI_STORE_CHANGE, /* likewise */
    CLI_STORE_MAKE    /* made when it is not there */
} cli_store_mode;

/* --db FILE, --project ID, or $TARN_DB. */
TARN_MUST_CHECK tarn_status tarn__cli_store(cli_ctx *ctx, const cli_args *args,
    cli_store_mode mode, tarn_store **out, tarn_error *err);
/* Remember a failed statement for the error's JSON line; returns `st`. */
tarn_status tarn__cli_store_failed(
    cli_ctx *ctx, const tarn_store *store, tarn_status st);
/* The rows of a statement, or with --explain the statement; `sql` is freed. */
TARN_MUST_CHECK tarn_status tarn__cli_answer(cli_ctx *ctx, const cli_args *args,
    tarn_store *store, tarn_buf *sql, tarn_error *err);

/* "A,B,C" into parts, freed as one: tarn__cli_free(parts). */
const char **tarn__cli_parts(const char *text, size_t *count);
/* Counts of a load: a row on the output, notes on stderr. */
TARN_MUST_CHECK tarn_status tarn__cli_print_counts(
    cli_ctx *ctx, const tarn_event_counts *counts, tarn_error *err);

/* Flags that say which store, ended by the list's end. */
#define CLI_STORE_FLAGS                               \
    {"db", 0, "FILE", "the store; else $TARN_DB"},    \
    {                                                 \
        "project", 0, "ID", "the store ~/.tarn/ID.db" \
    }
#define CLI_EXPLAIN_FLAG                                      \
    {                                                         \
        "explain", 0, NULL, "print the SQL statement instead" \
    }

#endif

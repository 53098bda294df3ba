/* A flow as compiled: what check and compile give to the runner.
 *
 * F1 Steps stand in topological order: a step's needs have smaller indexes.
 *    Among those that are free to go first, the file's order decides.
 * F2 Configurations hold references, not their values: a secret's value is in
 *    `params` and in what tarn__flow_step_config() gives, nowhere else.
 * F3 Everything hangs from the flow and lives until tarn__flow_free(); it
 *    never changes, so any thread may read it. */
#ifndef TARN_FLOW_FLOW_H
#define TARN_FLOW_FLOW_H

#include <tarn/driver.h>
#include <tarn/flow.h>

#include "base/json.h"

#define TARN__FLOW_FINGERPRINT_BYTES 72 /* "sha256:" and 64 digits, NUL */

typedef struct tarn__flow_param {
    const char *name;
    const char *type;    /* string, integer, number, boolean, date */
    const json_t *value; /* of that type; a date is a string */
    bool secret;
    bool may_be_name; /* has an enum or a pattern */
} tarn__flow_param;

typedef struct tarn__flow_need {
    size_t step;       /* index */
    const char *table; /* NULL: all that it makes */
} tarn__flow_need;

typedef struct tarn__flow_incremental {
    const char *column;  /* NULL: the step is not incremental */
    const char *initial; /* as text; NULL: from the start */
    int64_t lag_us;      /* 0: none */
} tarn__flow_incremental;

typedef struct tarn__flow_step {
    const char *id;
    const tarn_driver *driver; /* static; driver->name is the component */
    tarn_step_mode mode;
    const tarn__flow_need *needs;
    size_t need_count;
    /* Canonical, defaults filled in, references in place, `connection` left
     * out.  Of the sql component, `names` gives inputs more names in SQL:
     * {"input_df": "movies", "input_db.main": "movies", "df_movies": ...}. */
    const json_t *config;
    const char *connection;         /* "mysql.prod"; NULL: none */
    const json_t *connection_value; /* references in place; NULL: none */
    int retry_attempts;             /* calls in all, at least 1 */
    int64_t retry_backoff_us;       /* before the second; then doubles */
    int64_t timeout_us;             /* of one call; 0: none */
    tarn__flow_incremental incremental;
    /* Of component, version, mode, needs' fingerprints and config as the
     * manifest has them, values of parameters and variables (no secret's)
     * in place. */
    char fingerprint[TARN__FLOW_FINGERPRINT_BYTES];
} tarn__flow_step;

typedef struct tarn__flow {
    const char *name;
    const char *path;     /* of the flow file, absolute */
    const char *base_dir; /* its folder */
    const char *profile;  /* NULL: none */
    bool oml;             /* the OML 0.1.0 dialect */
    const tarn__flow_param *params;
    size_t param_count;
    const tarn__flow_step *steps;
    size_t step_count;
    /* The connection of the engine that runs transforms of SQL, references in
     * place; NULL: DuckDB runs them. */
    const json_t *engine;
    const char *manifest; /* canonical YAML */
    char fingerprint[TARN__FLOW_FINGERPRINT_BYTES];
    struct tarn__flow_store *store; /* what the pointers point into */
} tarn__flow;

/* Check and compile.  Diagnostics are given in every case but lack of memory or
 * a file that cannot be read; with an error among them *out is NULL, and the
 * status TARN_BAD_INPUT with the first of them as message.  `options` may be
 * NULL. */
TARN_MUST_CHECK tarn_status tarn__flow_compile(const char *path,
    const tarn_flow_options *options, tarn__flow **out,
    tarn_flow_diagnostics **diagnostics, tarn_error *err);
/* The same for a run whose transforms of SQL an engine behind ADBC makes, the
 * connection `adbc.ENGINE`: their text is in its dialect.  TARN_NOT_FOUND: there
 * is no such connection.  NULL: DuckDB. */
TARN_MUST_CHECK tarn_status tarn__flow_compile_for(const char *path,
    const tarn_flow_options *options, const char *engine, tarn__flow **out,
    tarn_flow_diagnostics **diagnostics, tarn_error *err);
void tarn__flow_free(tarn__flow *flow);

/* A step's configuration as the driver gets it, a JSON object's text appended:
 * parameters and environment in place, SQL with bound values (registry.h).
 * `masked`: every secret as "***", for cleaned_config.json.
 * TARN_BAD_INPUT: an environment variable is not set. */
TARN_MUST_CHECK tarn_status tarn__flow_step_config(const tarn__flow *flow,
    size_t step, bool masked, tarn_buf *out, tarn_error *err);
/* Its connection likewise; nothing is appended when it has none. */
TARN_MUST_CHECK tarn_status tarn__flow_step_connection(const tarn__flow *flow,
    size_t step, bool masked, tarn_buf *out, tarn_error *err);

/* The connection "@FAMILY.ALIAS" (or "@FAMILY", its default) of a connections
 * file: its family, and its fields as JSON, environment in place.  Both are
 * appended. */
TARN_MUST_CHECK tarn_status tarn__flow_connection(const char *file,
    const char *name, tarn_buf *family, tarn_buf *fields, tarn_error *err);

/* Could every step get its configuration and connection now?  TARN_BAD_INPUT
 * names the first variable that is not set. */
TARN_MUST_CHECK tarn_status tarn__flow_ready(
    const tarn__flow *flow, tarn_error *err);

/* The secrets' values that this flow may meet: parameters, environment,
 * connections. */
typedef struct tarn__flow_secrets tarn__flow_secrets;
TARN_MUST_CHECK tarn_status tarn__flow_secrets_create(
    const tarn__flow *flow, tarn__flow_secrets **out, tarn_error *err);
/* Append `text` with every secret's value as "***": for messages, events and
 * whatever else a driver or a program says.  Any thread. */
TARN_MUST_CHECK tarn_status tarn__flow_secrets_mask(
    const tarn__flow_secrets *secrets, tarn_slice text, tarn_buf *out,
    tarn_error *err);
void tarn__flow_secrets_free(tarn__flow_secrets *secrets);

#endif

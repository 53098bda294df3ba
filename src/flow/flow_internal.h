/* What the files of check and compile share.
 *
 * C1 Nothing ends at the first fault: what can be judged is judged, and every
 *    fault is a diagnostic.  Only lack of memory and a file that cannot be
 *    read stop the work; they stand in `st`, and everything after is skipped.
 * C2 No diagnostic holds a parameter's or a variable's value. */
#ifndef TARN_FLOW_INTERNAL_H
#define TARN_FLOW_INTERNAL_H

#include "base/memory.h"
#include "base/yaml.h"
#include "duck/duck.h"
#include "flow/driver/registry.h"
#include "flow/flow.h"

/* --- places in a document (diagnostics.c) --- */

typedef enum tarn__doc {
    TARN__DOC_ARGUMENTS,
    TARN__DOC_FLOW,
    TARN__DOC_CONNECTIONS
} tarn__doc;

/* A value's place, as a list towards its document: on the stack of whoever
 * walks down. */
typedef struct tarn__spot {
    const struct tarn__spot *up; /* NULL: a document's root */
    const char *key;             /* NULL: an item of a list */
    size_t index;                /* of the item; of a root: the tarn__doc */
} tarn__spot;

/* What lives as long as a flow. */
typedef struct tarn__flow_store {
    tarn__arena arena;
    json_t *values; /* a list that keeps JSON values alive */
    tarn_buf manifest;
    struct tarn__query_plans **plans; /* one a step, as in the file */
    size_t plan_count;
    size_t plan_cap;
    size_t *file_index; /* of the flow's steps */
} tarn__flow_store;

/* A step while it is read; index is its place in the file. */
typedef struct tarn__raw_step {
    tarn__spot spot;
    const json_t *raw;     /* NULL: no mapping */
    bool alias;            /* the component has another spelling of its name */
    const char *id;        /* NULL: none that could be used */
    const char *component; /* as written */
    const tarn_driver *driver;
    tarn_step_mode mode; /* 0: none that could be used */
    json_t *config;      /* borrowed from the store */
    tarn__spot config_spot;
    tarn__flow_need *needs; /* step: index in the file */
    size_t need_count;
    const char *connection;
    const json_t *connection_value;
    int retry_attempts;
    int64_t retry_backoff_us;
    int64_t timeout_us;
    tarn__flow_incremental incremental;
    const json_t *incremental_value; /* as written */
    struct tarn__query_plans *plans;
} tarn__raw_step;

/* A flow that is no file: for tests. */
typedef struct tarn__flow_text {
    tarn_slice flow;
    tarn_slice connections; /* ptr NULL: none */
    tarn__duck *duck;       /* borrowed; NULL: opened when needed */
} tarn__flow_text;
/* As tarn__flow_compile(), without `strict` as tarn_flow_check(). */
TARN_MUST_CHECK tarn_status tarn__flow_compile_text(const tarn__flow_text *text,
    const tarn_flow_options *options, bool strict, tarn__flow **out,
    tarn_flow_diagnostics **diagnostics, tarn_error *err);

typedef struct tarn__compiler {
    const tarn_flow_options *options;
    const tarn__flow_text *text; /* NULL: a file */
    bool strict; /* compile: what is missing is an error, not a warning */
    const char *engine; /* an alias of family adbc; NULL: DuckDB runs the SQL */
    tarn__flow *flow;
    tarn__flow_store *store;
    tarn_flow_diagnostics *diagnostics;
    tarn__spot root;
    tarn__spot steps_spot;
    tarn__spot connections_root;
    tarn__spot arguments_root;
    tarn__yaml *yaml;
    json_t *document; /* borrowed from yaml */
    tarn__yaml *connections_yaml;
    json_t *connections; /* family -> alias -> fields; NULL: none */
    char *connections_path;
    tarn__flow_param *params;
    size_t param_count;
    tarn__raw_step *steps;
    size_t step_count;
    size_t *order; /* file indexes in the order of running */
    bool ordered;
    tarn__duck *duck; /* opened when first needed */
    tarn_status st;
    tarn_error err;
} tarn__compiler;

typedef enum tarn__severity { TARN__ERROR, TARN__WARNING } tarn__severity;

void tarn__diagnose(tarn__compiler *c, tarn__severity severity,
    const char *code, const tarn__spot *at, const char *fmt, ...)
    TARN_PRINTF(5, 6);
/* An error in a document that does not parse, where its parser stopped. */
void tarn__diagnose_syntax(tarn__compiler *c, const char *code,
    const tarn__spot *root, const tarn__yaml_fault *at, const char *why);
TARN_MUST_CHECK tarn_status tarn__diagnostics_create(
    tarn_flow_diagnostics **out, tarn_error *err);
void tarn__diagnostics_sort(tarn_flow_diagnostics *d);
/* TARN_BAD_INPUT with the first error's place and message. */
TARN_MUST_CHECK tarn_status tarn__diagnostics_fail(
    const tarn_flow_diagnostics *d, const char *path, tarn_error *err);
tarn__spot tarn__spot_key(const tarn__spot *up, const char *key);
tarn__spot tarn__spot_item(const tarn__spot *up, size_t index);

/* Remember that memory is out. */
void tarn__compiler_no_memory(tarn__compiler *c);
/* NULL, and the work stopped, when memory is out. */
void *tarn__keep_alloc(tarn__compiler *c, size_t size);
const char *tarn__keep_text(tarn__compiler *c, const char *text);
/* Takes over `value`, which may be NULL for lack of memory. */
json_t *tarn__keep_json(tarn__compiler *c, json_t *value);
/* An in-memory session; NULL when the work stopped. */
tarn__duck *tarn__compiler_duck(tarn__compiler *c);

/* --- words (words.c) --- */

/* The nearest of the words that were tried, for a hint. */
typedef struct tarn__nearest {
    const char *typed;
    const char *best;
    size_t distance;
    char text[120];
} tarn__nearest;
void tarn__nearest_try(tarn__nearest *n, const char *candidate);
/* "did you mean WORD?", or `otherwise`. */
const char *tarn__nearest_mend(tarn__nearest *n, const char *otherwise);
/* Append "a, b, c". */
void tarn__list_add(char *list, size_t size, const char *word);
/* "text", "integer", ... for messages. */
const char *tarn__json_kind(const json_t *value);
/* Is it of this type of JSON Schema? */
bool tarn__json_is(const json_t *value, const char *type);
/* "read, transform" of or-ed tarn_step_mode. */
void tarn__mode_words(unsigned modes, char *out, size_t size);
/* Every member of `object` must be one of the words (NULL-ended). */
void tarn__check_keys(tarn__compiler *c, const json_t *object,
    const tarn__spot *at, const char *const *words, const char *what);
/* The member as text; a diagnostic when it is there and none. */
const char *tarn__text_member(tarn__compiler *c, const json_t *object,
    const tarn__spot *at, const char *key);

/* --- secrets (secrets.c) --- */

/* Is this name one of a secret: password, token, ...? */
bool tarn__secret_name(const char *name);
/* Likewise of an environment variable, more widely. */
bool tarn__secret_variable(const char *name);
/* Is there a reference, and no default of one, in this text? */
bool tarn__from_outside(const char *text);
#define TARN__MASK "***"
/* Report literals under secret names, and credentials in URLs.  `schema` of the
 * object, or NULL. */
void tarn__check_secrets(tarn__compiler *c, const json_t *object,
    const tarn__spot *at, const json_t *schema);
/* Is a member of a secret name, by its schema or by its name? */
bool tarn__secret_member(const json_t *schema, const char *key);

/* --- references (reference.c) --- */

typedef enum tarn__reference_kind {
    TARN__REFERENCE_PARAM,
    TARN__REFERENCE_ENV,
    TARN__REFERENCE_BAD
} tarn__reference_kind;

typedef struct tarn__reference {
    tarn__reference_kind kind;
    tarn_slice whole;    /* with ${ and } */
    tarn_slice name;     /* of param or variable */
    tarn_slice fallback; /* after :- ; ptr NULL: none */
    bool bare;           /* ${NAME}, which only connections may have */
} tarn__reference;

/* The next reference at or after *at; *at moves past it.  `$${` is none. */
bool tarn__reference_next(tarn_slice text, size_t *at, tarn__reference *out);
bool tarn__reference_any(const char *text);
const tarn__flow_param *tarn__param_find(
    const tarn__flow_param *params, size_t count, tarn_slice name);
/* Report references in a value that name nothing, and variables that are not
 * set; `params`: may parameters stand here? */
void tarn__check_references(
    tarn__compiler *c, const json_t *value, const tarn__spot *at, bool params);
void tarn__check_reference(tarn__compiler *c, const tarn__reference *reference,
    const tarn__spot *at, bool params);
/* A reference's value as text (booleans true and false), appended.
 * TARN_BAD_INPUT: a variable that is not set. */
TARN_MUST_CHECK tarn_status tarn__reference_text(
    const tarn__reference *reference, const tarn__flow_param *param,
    tarn_buf *out, tarn_error *err);
bool tarn__reference_secret(
    const tarn__reference *reference, const tarn__flow_param *param);

/* What stands for references. */
typedef struct tarn__filling {
    const tarn__flow_param *params;
    size_t param_count;
    bool masked; /* secrets as *** */
    bool env;    /* variables too; else they stay references */
} tarn__filling;
/* A copy of the value with what its references stand for: a text that is one
 * reference becomes a value of the parameter's type.  A secret's references
 * stay when neither masked nor env. */
TARN_MUST_CHECK tarn_status tarn__fill(const tarn__filling *filling,
    const json_t *value, json_t **out, tarn_error *err);

/* --- params (params.c) --- */

void tarn__compile_params(tarn__compiler *c);

/* --- queries (query_text.c, query_check.c, query_write.c) --- */

typedef enum tarn__sql_dialect {
    TARN__SQL_NONE,
    TARN__SQL_DUCKDB,
    TARN__SQL_MYSQL,
    TARN__SQL_POSTGRES,
    TARN__SQL_SQLITE,
    TARN__SQL_GRAPHQL,
    TARN__SQL_ENGINE /* of an engine behind ADBC: read as DuckDB's */
} tarn__sql_dialect;

/* Where a reference stands; the letters are kept with the flow. */
typedef enum tarn__query_place {
    TARN__PLACE_VALUE = 'v',   /* a bound parameter */
    TARN__PLACE_TEXT = 't',    /* inside '...' */
    TARN__PLACE_NAME = 'n',    /* where only a name may stand */
    TARN__PLACE_QUOTED = 'q',  /* inside a quoted name */
    TARN__PLACE_COMMENT = 'c', /* left as it is */
    TARN__PLACE_GLUED = 'g',   /* part of a word or a number */
    TARN__PLACE_DOLLAR = 'd'   /* inside $$...$$ */
} tarn__query_place;

typedef struct tarn__query_piece {
    tarn_slice before; /* the text up to the reference */
    tarn__reference reference;
    tarn__query_place place;
    bool escapes; /* TEXT: a backslash escapes */
    char quote;   /* TEXT, QUOTED: the mark */
    bool named;   /* a bare one where, by what stands before, a name may be */
    bool sorts;   /* a bare one behind BY, where a value sorts nothing */
} tarn__query_piece;

typedef struct tarn__query_text {
    tarn__sql_dialect dialect;
    tarn__query_piece *pieces;
    size_t count;
    size_t cap;
    tarn_slice rest;      /* behind the last piece */
    bool own_parameter;   /* it has a parameter that is none of ours */
    bool second;          /* something stands behind a `;` */
    const char *unclosed; /* what is open at the end; NULL: nothing */
} tarn__query_text;

/* What a property's x-sql says. */
tarn__sql_dialect tarn__sql_dialect_of(const json_t *property);
/* Borrows from `sql`; bare references are VALUE, or NAME by what stands before
 * them. */
TARN_MUST_CHECK tarn_status tarn__query_read(tarn__sql_dialect dialect,
    const char *sql, tarn__query_text *out, tarn_error *err);
void tarn__query_reset(tarn__query_text *text);
/* Judge a step's queries; what was decided is kept for tarn__queries_write(). */
void tarn__check_queries(
    tarn__compiler *c, tarn__raw_step *step, const json_t *schema);

/* What was decided about one query. */
typedef struct tarn__query_plan {
    const char *key;    /* of the config's member */
    const char *member; /* of that; NULL: it is a text */
    tarn__sql_dialect dialect;
    const char *places; /* a letter a reference */
} tarn__query_plan;

typedef struct tarn__query_plans {
    tarn__query_plan *ptr;
    size_t count;
    size_t cap;
} tarn__query_plans;

tarn__query_plans *tarn__keep_plans(tarn__compiler *c);
/* Replace the queries in `config` (filled, else) by what the driver gets. */
TARN_MUST_CHECK tarn_status tarn__queries_write(const tarn__query_plans *plans,
    const tarn__filling *filling, const json_t *raw, json_t *config,
    tarn_error *err);

/* --- configuration and connections (config.c, connections.c) --- */

/* The config against the driver's schema, made canonical. */
void tarn__check_config(tarn__compiler *c, tarn__raw_step *step);
void tarn__read_connections(tarn__compiler *c);
/* Find the engine among them; TARN_NOT_FOUND: it is not there. */
void tarn__check_engine(tarn__compiler *c);
/* Take `connection` out of the config, and find what it names. */
void tarn__check_connection(
    tarn__compiler *c, tarn__raw_step *step, const json_t *schema);
/* Take `incremental` out of the config, or from beside it. */
void tarn__check_incremental(
    tarn__compiler *c, tarn__raw_step *step, const json_t *schema);

/* A connection's fields as a driver gets them, JSON appended. */
TARN_MUST_CHECK tarn_status tarn__connection_fill(
    const json_t *fields, bool masked, tarn_buf *out, tarn_error *err);

/* Its fields as they stand in the file, what is secret masked; JSON. */
TARN_MUST_CHECK tarn_status tarn__connection_show(
    const json_t *fields, tarn_buf *out, tarn_error *err);
/* Of "://user:password@"; ptr NULL: none. */
tarn_slice tarn__url_password(const char *text);
/* Append `text` without the secrets of these fields. */
TARN_MUST_CHECK tarn_status tarn__flow_mask_connection(
    const json_t *fields, const char *text, tarn_buf *out, tarn_error *err);
/* mysql is mariadb, postgres postgresql, http graphql. */
bool tarn__same_family(const char *a, const char *b);
/* The alias that a family's bare name means; NULL: none. */
const char *tarn__default_alias(const json_t *aliases);

/* --- steps (steps.c, needs.c, oml.c) --- */

void tarn__compile_steps(tarn__compiler *c);
/* Resolve `needs`, find cycles and names that collide, order the steps. */
void tarn__compile_needs(tarn__compiler *c);
/* The file's keys: is it of the OML dialect? */
bool tarn__oml_detect(tarn__compiler *c);
/* Write a step's config in our words; `names` for SQL. */
void tarn__oml_config(tarn__compiler *c, tarn__raw_step *step);
void tarn__oml_names(tarn__compiler *c);

/* --- manifest (manifest.c) --- */

/* Append canonical YAML: sorted keys, block style. */
TARN_MUST_CHECK tarn_status tarn__yaml_write(
    const json_t *value, tarn_buf *out, tarn_error *err);
void tarn__compile_manifest(tarn__compiler *c);

#endif

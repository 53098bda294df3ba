/* What the files of this room share.  No other room may include it. */
#ifndef TARN_QUERY_INTERNAL_H
#define TARN_QUERY_INTERNAL_H

#include <tarn/query.h>

#include "base/memory.h"
#include "duck/duck.h"
#include "lake/txn.h"
#include "os/scratch.h"
#include "os/threads.h"
#include "tree/content.h"
#include "tree/parquet.h"

/* --- the guard: what a statement may say (guard.c, functions.c) --- */

typedef enum tarn__ref_kind {
    TARN__REF_TABLE, /* FROM '/path', FROM lake.log, SHOW TABLES */
    TARN__REF_READ   /* FROM read_csv('/path', ...) and the like */
} tarn__ref_kind;

/* A place in the parse tree that names data.  `node` is replaced by what gives
 * the data; everything else points into the tree or the guard's arena. */
typedef struct tarn__ref {
    tarn__ref_kind kind;
    json_t *node;       /* borrowed */
    const char *schema; /* "" or "lake" */
    const char *text;   /* as written; of READ the function's name */
    const char *alias;  /* the user's, or "" */
    const char *called; /* its name in the statement that runs */
    json_t *where;      /* filter of the SELECT that it feeds, or NULL */
    bool joined;        /* with others: only qualified columns are its own */
    const char *shown;  /* for --explain */
    const char *pushed; /* for --explain */
    const char *route;  /* likewise */
    json_t *select;     /* the SELECT that it feeds, or NULL */
    bool starred;       /* all its columns may be meant (record_needs.c) */
    int64_t version;    /* that it reads; -1: none */
    struct tarn__record_source
        *record; /* that it names; NULL: none (record.h) */
} tarn__ref;

typedef struct tarn__guard {
    const tarn_param *params;
    size_t param_count;
    bool *param_used; /* in the arena */
    bool numbers;     /* a value that reads as a number is one */
    tarn__ref *refs;
    size_t ref_count;
    size_t ref_cap;
    json_t *qualifiers; /* first parts of x.y and x.*, each once */
    json_t *aliases;    /* names that the user gave to relations */
    tarn__arena arena;
    int depth;
} tarn__guard;

/* Walk the tree of one statement: refuse what may not be said, put parameters'
 * values in place, note every place that names data.  TARN_BAD_INPUT and
 * TARN_NOT_FOUND (a table that cannot be there).  `guard` is reset by the
 * caller in every case; refs point into `tree`; `numbers` is taken from it. */
TARN_MUST_CHECK tarn_status tarn__guard_run(tarn__guard *guard, json_t *tree,
    const tarn_param *params, size_t param_count, tarn_error *err);
void tarn__guard_reset(tarn__guard *guard);
/* Do the same places name the same data? */
bool tarn__guard_same(const tarn__guard *a, const tarn__guard *b);

/* Functions that a statement may call; names in lower case. */
bool tarn__function_allowed(const char *name);
/* Table functions without files. */
bool tarn__table_function_allowed(const char *name);
/* The reader of which this is a spelling ("read_csv", "read_json", ...), or
 * NULL. */
typedef struct tarn__read_function {
    const char *name;
    const char *format;  /* csv, json, parquet */
    const char *options; /* named arguments that it may have, ' '-separated */
} tarn__read_function;
const tarn__read_function *tarn__read_function_find(const char *name);
bool tarn__read_option_allowed(
    const tarn__read_function *function, const char *option);

/* The text of a constant VARCHAR, or of a cast of one; NULL otherwise. */
const char *tarn__constant_text(const json_t *expr);

/* --- the session (session.c) --- */

/* How a record table is read; tests ask for one of them, where it can answer. */
typedef enum tarn__route {
    TARN__ROUTE_ANY,
    TARN__ROUTE_POINT,
    TARN__ROUTE_COLUMN,
    TARN__ROUTE_IDS, /* from the column view, however many */
    TARN__ROUTE_SCAN
} tarn__route;

typedef struct tarn__session {
    tarn_snapshot *snap;
    tarn_lake *lake;
    const char *tenant;
    bool allow_host;
    tarn__duck *duck;
    tarn__scratch *scratch; /* NULL: none could be made */
    char *lake_dir;         /* real path; NULL: a lake in memory */
    char *temp_dir;
    tarn_snapshot **pinned; /* of other versions */
    size_t pinned_count;
    size_t pinned_cap;
    json_t *spilled;       /* set: our files in scratch, removed at the end */
    json_t *attached;      /* DuckDB files of the host: path -> alias */
    bool host_view;        /* one of their views is read */
    bool reads_log;        /* the log's own folder may be opened */
    json_t *allowed_dirs;  /* sets: what SQL may open: folders, */
    json_t *allowed_paths; /* and files */
    tarn__arena arena;
    tarn__object_id *objects; /* that SQL may open (files.c), in the arena */
    size_t object_count;
    size_t object_cap;
    bool has_nodes; /* the table functions that are registered */
    bool has_lines;
    bool has_edges;
    json_t *mentioned; /* names of columns, in lower case (record_needs.c) */
    struct tarn__record_source *records; /* record tables (record.h) */
    size_t record_count;
    struct tarn__colview *colview; /* attached; NULL: none */
    bool colview_tried;
    int64_t colview_version;
    tarn__route route;
} tarn__session;

/* spare.c: a DuckDB that another thread has opened, and its spill folder's path
 * (both the caller's); *duck NULL: there is none yet. */
TARN_MUST_CHECK tarn_status tarn__spare_take(tarn_lake *lake,
    tarn__scratch *scratch, tarn__duck **duck, char **temp_dir,
    tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__session_open(tarn_snapshot *snap,
    const tarn_query_options *options, tarn__session **out, tarn_error *err);
void tarn__session_close(tarn__session *session);
/* From now on SQL reaches the allowed files only, and can change no setting. */
TARN_MUST_CHECK tarn_status tarn__session_lock(
    tarn__session *session, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__session_allow_dir(
    tarn__session *session, const char *dir, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__session_allow_path(
    tarn__session *session, const char *path, tarn_error *err);
/* A file that is written, and what DuckDB puts beside it when it is a database
 * of its own (into.c). */
TARN_MUST_CHECK tarn_status tarn__session_allow_out(
    tarn__session *session, const char *path, tarn_error *err);
/* A snapshot of the lake at a version, kept until the session closes. */
TARN_MUST_CHECK tarn_status tarn__session_pin(tarn__session *session,
    int64_t version, tarn_snapshot **out, tarn_error *err);
/* A fresh path in scratch, removed with the session; in the arena. */
TARN_MUST_CHECK tarn_status tarn__session_scratch(tarn__session *session,
    const char *suffix, const char **path, tarn_error *err);

/* --- from names to relations --- */

/* What a name in FROM stands for (names.c). */
typedef struct tarn__name {
    tarn_snapshot *snap; /* at the version that it says */
    const char *path;    /* absolute lake path or glob */
    bool glob;
} tarn__name;
/* `at` is the tree's AT clause or NULL.  TARN_NOT_FOUND: no such path or
 * version. */
TARN_MUST_CHECK tarn_status tarn__name_resolve(tarn__session *session,
    const char *text, const json_t *at, tarn__name *out, tarn_error *err);
/* The snapshot that an AT clause names, the session's when NULL. */
TARN_MUST_CHECK tarn_status tarn__at_resolve(tarn__session *session,
    const json_t *at, tarn_snapshot **snap, tarn_error *err);
/* Is it how a host file is written: 'host:PATH', './PATH', '../PATH'? */
bool tarn__name_is_host(const char *text);

/* Files on disk that hold content, of one format (files.c). */
typedef struct tarn__source_file {
    const char *path; /* absolute; in the session's arena */
    uint64_t size_bytes;
} tarn__source_file;
typedef struct tarn__source_set {
    tarn__source_file *files; /* in the arena */
    size_t count;
    size_t cap;
    tarn__format format; /* NONE: lines */
    bool unpacked;       /* some came as .gz or .zst */
    bool uniform;        /* Parquet: all have the same columns and types */
    uint64_t total_bytes;
} tarn__source_set;
/* Files of everything that a name stands for, a set for each format, in order
 * of first appearance.  A computed node, a folder or an empty glob is an
 * error. */
typedef struct tarn__sources {
    tarn__source_set *sets; /* in the arena */
    size_t count;
    size_t cap;
} tarn__sources;
TARN_MUST_CHECK tarn_status tarn__sources_of_name(tarn__session *session,
    const tarn__name *name, tarn__ref *ref, tarn__sources *out,
    tarn_error *err);
/* A host file's path without "host:"; an error when none may be read. */
TARN_MUST_CHECK tarn_status tarn__host_path(tarn__session *session,
    const char *text, const char **path, tarn_error *err);
/* The real path, in the arena; an error inside the lake's own folder. */
TARN_MUST_CHECK tarn_status tarn__host_real(tarn__session *session,
    const char *written, const char **path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__sources_of_host(tarn__session *session,
    const char *text, tarn__sources *out, tarn_error *err);
/* Leave out versions of a series that ref->where excludes (prune.c); `ref` may
 * be NULL, `attrs` are the node's. */
TARN_MUST_CHECK tarn_status tarn__prune(tarn__session *session, tarn__ref *ref,
    const json_t *attrs, tarn__content *content, tarn_error *err);
/* Do all versions have the same columns and types? */
bool tarn__series_uniform(const json_t *attrs);

/* SQL that reads a table of a DuckDB file on the host, 'host:STORE:NAME';
 * *found false: `text` is not of that form (host_store.c). */
TARN_MUST_CHECK tarn_status tarn__host_store_sql(tarn__session *session,
    const char *text, tarn_buf *sql, bool *found, tarn_error *err);

/* SQL that reads sources, for FROM ( ... ) (relation.c). */
TARN_MUST_CHECK tarn_status tarn__relation_sql(
    const tarn__sources *sources, tarn_buf *sql, tarn_error *err);
/* ['a', 'b'] */
TARN_MUST_CHECK tarn_status tarn__path_list_sql(
    const tarn__source_set *set, tarn_buf *sql, tarn_error *err);
/* Replace each reference of the guard in the tree by what gives its data. */
TARN_MUST_CHECK tarn_status tarn__refs_replace(
    tarn__session *session, tarn__guard *guard, json_t *tree, tarn_error *err);
/* Put a relation's SQL in the place of a table reference, which keeps its
 * sample and column names. */
TARN_MUST_CHECK tarn_status tarn__graft(tarn__session *session, json_t *node,
    const char *sql, const char *alias, tarn_error *err);
/* FROM read_csv('/path', ...): its files in the place of the path
 * (read_function.c). */
TARN_MUST_CHECK tarn_status tarn__read_replace(
    tarn__session *session, tarn__ref *ref, tarn_error *err);
/* Names of relations by which columns can be qualified (aliases.c). */
TARN_MUST_CHECK tarn_status tarn__aliases_choose(tarn__session *session,
    const tarn__guard *guard, size_t ref, json_t *tree, const char **alias,
    tarn_error *err);

/* lake.log, lake.nodes, SHOW TABLES (lake_tables.c). */
TARN_MUST_CHECK tarn_status tarn__lake_table_sql(tarn__session *session,
    const char *name, tarn_snapshot *snap, tarn_buf *sql, tarn_error *err);
/* lake.runs and lake.run_events (run_tables.c). */
TARN_MUST_CHECK tarn_status tarn__run_table_sql(
    tarn__session *session, const char *name, tarn_buf *sql, tarn_error *err);
/* The table function that reads files without a known ending (lines.c), under
 * a name that no user's statement may call; once a session is enough. */
TARN_MUST_CHECK tarn_status tarn__lines_register(
    tarn__session *session, tarn_error *err);

/* --- the statement (statement.c) --- */

/* A statement made ready: only files that it needs are allowed, its SQL names
 * nothing but those. */
typedef struct tarn__statement {
    tarn__session *session;
    tarn__guard guard;
    char *sql;
} tarn__statement;
TARN_MUST_CHECK tarn_status tarn__statement_open(tarn_snapshot *snap,
    const char *sql, const tarn_query_options *options, const char *host_out,
    tarn__statement *out, tarn_error *err);
void tarn__statement_reset(tarn__statement *statement);
/* Hash again the objects that it may read: TARN_CORRUPT. */
TARN_MUST_CHECK tarn_status tarn__statement_verify(
    const tarn__statement *statement, tarn_error *err);
/* What becomes of a failure `st` that `err` (not NULL) tells: an interruption is
 * told as one, and options->error is filled. */
tarn_status tarn__statement_failed(const tarn__statement *statement,
    const tarn_query_options *options, const char *sql, tarn_status st,
    tarn_error *err);

/* Give columns without a name that which DuckDB would show (titles.c); before
 * the guard. */
TARN_MUST_CHECK tarn_status tarn__titles_keep(
    tarn__session *session, json_t *tree, tarn_error *err);

/* --- PIVOT without IN (pivot.c) --- */

/* Parse, with a mark where a PIVOT says no values. */
TARN_MUST_CHECK tarn_status tarn__statement_parse(
    tarn__session *session, const char *sql, json_t **tree, tarn_error *err);
/* Put the values that there are in the place of the marks: after the guard, with
 * all references replaced, before the session is locked. */
TARN_MUST_CHECK tarn_status tarn__pivots_fill(
    tarn__session *session, json_t *tree, tarn_error *err);

#endif

/* Between the files of this room. */
#ifndef TARN_DELTA_DELTA_INTERNAL_H
#define TARN_DELTA_DELTA_INTERNAL_H

#include "delta/delta.h"

/* What this room reads and writes: protocol (1,2), no table features. */
#define TARN__DELTA_READER 1
#define TARN__DELTA_WRITER 2
#define TARN__DELTA_HOUR_MS INT64_C(3600000)
/* A commit's file may have this many bytes: some 1.5 million removes. */
#define TARN__DELTA_COMMIT_BYTES ((size_t)256 << 20)

/* --- actions (action.c) ------------------------------------------------- */

typedef enum tarn__action_kind {
    TARN__ACTION_ADD,
    TARN__ACTION_REMOVE,
    TARN__ACTION_METADATA,
    TARN__ACTION_PROTOCOL,
    TARN__ACTION_COMMIT_INFO
} tarn__action_kind;

/* One action; takers set what they took to NULL. */
typedef struct tarn__action {
    tarn__action_kind kind;
    tarn__delta_file file; /* add; remove: path and data_change */
    int64_t deletion_ms;   /* remove */
    char *metadata;        /* metaData: the object's JSON text */
    int64_t timestamp_ms;  /* commitInfo, -1 when not told */
    char *operation;       /* commitInfo */
    char *tarn;            /* commitInfo, NULL: foreign */
} tarn__action;

/* Read one action from its JSON.  `where` names file and line. */
TARN_MUST_CHECK tarn_status tarn__action_parse(
    const tarn__delta_options *options, const json_t *json, const char *where,
    tarn__action *out, tarn_error *err);
void tarn__action_reset(tarn__action *action);

typedef tarn_status (*tarn__action_fn)(
    void *arg, tarn__action *action, tarn_error *err);

/* Every action of a commit's text, in order (read.c).  *stop, when a callback
 * set it, ends the walk. */
TARN_MUST_CHECK tarn_status tarn__actions_each(
    const tarn__delta_options *options, tarn_slice text, const char *name,
    tarn__action_fn fn, void *arg, const bool *stop, tarn_error *err);

/* A path as the log spells it: percent-decoded, beneath the table.  Owned. */
TARN_MUST_CHECK tarn_status tarn__log_path_decode(
    const char *text, const char *where, char **out, tarn_error *err);
/* Append such a spelling of a path; it needs no JSON escapes. */
TARN_MUST_CHECK tarn_status tarn__log_path_encode(
    tarn_buf *out, const char *path, tarn_error *err);

/* The table's schema in Delta's JSON (schema.c), and its comparison. */
TARN_MUST_CHECK tarn_status tarn__schema_json(
    const tarn__delta_options *options, tarn_buf *out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__schema_check(
    const tarn__delta_options *options, const char *schema_string,
    const char *where, tarn_error *err);

/* The text of a commit (commit_json.c).  table_id NULL: not the first. */
TARN_MUST_CHECK tarn_status tarn__commit_json(
    const tarn__delta_options *options, const tarn__delta_write *write,
    const char *table_id, tarn_buf *out, tarn_error *err);

/* --- files live at a version (state.c) ---------------------------------- */

/* From a path to its place in an array whose elements begin with the path. */
typedef struct tarn__path_map {
    struct tarn__path_slot *slots;
    size_t cap; /* 0 or a power of two */
    size_t count;
} tarn__path_map;

TARN_MUST_CHECK tarn_status tarn__path_map_put(tarn__path_map *map,
    const char *path, size_t at, tarn_error *err); /* replaces; borrows path */
bool tarn__path_map_get(
    const tarn__path_map *map, const char *path, size_t *at);
void tarn__path_map_remove(tarn__path_map *map, const char *path);
void tarn__path_map_reset(tarn__path_map *map);

typedef struct tarn__tombstone {
    char *path;
    int64_t deletion_ms;
    bool data_change;
} tarn__tombstone;

/* ST1 files and file_map hold the same paths, tombs and tomb_map too, and no
 *     path is in both.
 * ST2 version is -1 (nothing is known) or all versions up to it are applied.
 */
typedef struct tarn__delta_state {
    int64_t version;
    bool has_protocol;
    tarn__delta_file *files;
    size_t file_count, file_cap;
    tarn__path_map file_map;
    tarn__tombstone *tombs;
    size_t tomb_count, tomb_cap;
    tarn__path_map tomb_map;
    char *metadata; /* JSON text */
} tarn__delta_state;

void tarn__state_init(tarn__delta_state *state);
void tarn__state_reset(tarn__delta_state *state);
/* A tarn__action_fn whose arg is the state. */
TARN_MUST_CHECK tarn_status tarn__state_apply(
    void *arg, tarn__action *action, tarn_error *err);

/* --- the table ----------------------------------------------------------- */

/* What _last_checkpoint says; version -1: nothing usable (pointer.c). */
typedef struct tarn__pointer {
    int64_t version;
    int64_t action_count;
} tarn__pointer;

struct tarn__delta {
    char *dir;
    char *log_dir;
    char *data_dir;
    char *tmp_dir;
    tarn__delta_options options;
    tarn__duck *duck; /* opened when needed */
    tarn__delta_state state;
    tarn__pointer pointer; /* as last seen */
};

/* The file of a version; NULL when memory is out (delta.c). */
char *tarn__commit_path(const tarn__delta *delta, int64_t version);
char *tarn__checkpoint_path(const tarn__delta *delta, int64_t version);
/* Whether a file is there, or a failure. */
TARN_MUST_CHECK tarn_status tarn__delta_has(
    char *path, bool *there, tarn_error *err); /* takes path; NULL: no memory */

/* Versions whose files stand in the log folder, rising (listing.c). */
typedef struct tarn__listing {
    int64_t *commits;
    size_t commit_count, commit_cap;
    int64_t *checkpoints;
    size_t checkpoint_count, checkpoint_cap;
} tarn__listing;
TARN_MUST_CHECK tarn_status tarn__listing_read(
    const tarn__delta *delta, tarn__listing *out, tarn_error *err);
void tarn__listing_reset(tarn__listing *listing);

/* A commit's bytes; TARN_NOT_FOUND when there are none (read.c). */
TARN_MUST_CHECK tarn_status tarn__commit_slurp(const tarn__delta *delta,
    int64_t version, char **path, tarn_buf *text, tarn_error *err);
/* Its commitInfo alone: time (else the file's mtime) and whether it is ours. */
TARN_MUST_CHECK tarn_status tarn__commit_info(const tarn__delta *delta,
    const char *path, tarn_slice text, int64_t *timestamp_ms, bool *ours,
    tarn_error *err);

TARN_MUST_CHECK tarn_status tarn__pointer_read(
    const tarn__delta *delta, tarn__pointer *out, tarn_error *err);
/* What the file's bytes say; version -1 when they say nothing usable. */
TARN_MUST_CHECK tarn_status tarn__pointer_parse(
    tarn_slice text, tarn__pointer *out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__pointer_write(
    tarn__delta *delta, tarn__pointer pointer, tarn_error *err);

/* Bring delta->state to a version (files.c). */
TARN_MUST_CHECK tarn_status tarn__delta_load(
    tarn__delta *delta, int64_t version, tarn_error *err);

/* --- SQL over data files (rows.c) ---------------------------------------- */

/* Append a list of the files' absolute paths: ['…', …]; those with
 * wanted(arg, file), or all when wanted is NULL; *count of them. */
typedef bool (*tarn__file_fn)(const void *arg, const tarn__delta_file *file);
TARN_MUST_CHECK tarn_status tarn__files_list(const tarn__delta *delta,
    const tarn__delta_file *files, size_t file_count, tarn__file_fn wanted,
    const void *arg, tarn_buf *sql, size_t *count, tarn_error *err);
/* Append a relation of the files of such a list: read_parquet(…), or, when
 * count is 0, an empty one. */
TARN_MUST_CHECK tarn_status tarn__files_relation(const tarn__delta *delta,
    tarn_slice list, size_t count, tarn_buf *sql, tarn_error *err);

/* A query over data files failed with `st`: say which file is to blame, if one
 * is gone or cut.  Our SQL is never bad input: what is left is corrupt. */
tarn_status tarn__delta_blame(
    const tarn__delta *delta, tarn_status st, tarn_error *err);
/* May the file hold rows of versions in [from, to]? */
bool tarn__file_meets(const tarn__delta_file *file, int64_t from, int64_t to);

/* --- rewriting (data_files.c) ------------------------------------------ */

/* Run a query that gives the table's columns and write its rows into new data
 * files of at most some 256 MiB each, appended to *files, also when it fails
 * midway. */
TARN_MUST_CHECK tarn_status tarn__write_query(tarn__delta *delta,
    const char *sql, bool data_change, tarn__delta_file **files, size_t *count,
    tarn_error *err);
/* Remove such files from the disk, and free the array. */
void tarn__data_files_drop(
    tarn__delta *delta, tarn__delta_file **files, size_t *count);
/* What the rows of each file take unpacked (weigh.c); bytes[count]. */
TARN_MUST_CHECK tarn_status tarn__files_weigh(tarn__delta *delta,
    const tarn__delta_file *files, size_t count, int64_t *bytes,
    tarn_error *err);
/* As much as the session sorts without running out of its memory: it spills
 * what it sorts, but not all of it at any time. */
int64_t tarn__sortable_bytes(const tarn__delta *delta);
/* The entry of a map that a whole path on this machine means. */
bool tarn__path_map_find(
    const tarn__path_map *map, const char *whole, size_t *at);
/* Append "SELECT <columns of the table> FROM ". */
TARN_MUST_CHECK tarn_status tarn__put_select(
    const tarn__delta_options *options, tarn_buf *sql, tarn_error *err);
/* Append " ORDER BY <order_by>, version, seq". */
TARN_MUST_CHECK tarn_status tarn__put_order(
    tarn_buf *sql, const char *order_by, tarn_error *err);

/* --- small helpers -------------------------------------------------------- */

/* A failure that is about bytes on the disk: BAD_INPUT becomes CORRUPT. */
tarn_status tarn__as_corrupt(tarn_status st, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__copy_text(
    char **out, const char *text, tarn_error *err); /* NULL stays NULL */
TARN_MUST_CHECK tarn_status tarn__copy_paths(
    const tarn__delta_file *files, size_t count, char ***out, tarn_error *err);

#endif

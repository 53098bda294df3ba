/** The tree: files, streams, tables and series by path. */
#ifndef TARN_TREE_H
#define TARN_TREE_H

#include <tarn/lake.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tarn_kind {
    TARN_KIND_ANY = 0, /* in options: let the rules decide */
    TARN_KIND_DIR,
    TARN_KIND_LINK,
    TARN_KIND_FILE,
    TARN_KIND_STREAM,
    TARN_KIND_TABLE,
    TARN_KIND_SERIES,
    TARN_KIND_COMPUTED
} tarn_kind;

TARN_API const char *tarn_kind_name(tarn_kind kind);

/** One node as seen at one version.  Strings are owned by the struct. */
typedef struct tarn_node {
    char id[37];
    tarn_kind kind;
    char *path;     /* absolute */
    char *target;   /* of a link, else NULL */
    int64_t size_bytes;  /* of the whole content; 0 for dir and link */
    int64_t item_count;  /* versions that make up the content */
    int64_t row_count;   /* of a table or series; -1 unknown */
    int64_t version;     /* log version of the last change */
    int64_t created_us;
    int64_t modified_us;
} tarn_node;
#define TARN_NODE_INIT {{0}, TARN_KIND_ANY, NULL, NULL, 0, 0, -1, 0, 0, 0}
TARN_API void tarn_node_reset(tarn_node *node);

/** A path's node.  follow: through a link at the end. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_stat(tarn_snapshot *snap,
    const char *path, bool follow, tarn_node *out, tarn_error *err);

/** Nodes, one by one, in order of path (bytes). */
typedef struct tarn_tree_list tarn_tree_list;
typedef struct tarn_tree_list_options {
    bool recursive; /* all below a folder, not itself */
    bool all;       /* names that begin with a dot too */
} tarn_tree_list_options;
#define TARN_TREE_LIST_OPTIONS_INIT {false, false}
/** `pattern` is a path (a folder gives its entries, anything else itself) or a
 * glob (its matches).  TARN_NOT_FOUND: no such path; a glob may match nothing. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_list_open(tarn_snapshot *snap,
    const char *pattern, const tarn_tree_list_options *options,
    tarn_tree_list **out, tarn_error *err);
/** TARN_ROW and a node borrowed until the next call, or TARN_OK at the end. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_list_next(
    tarn_tree_list *list, const tarn_node **node, tarn_error *err);
TARN_API void tarn_tree_list_free(tarn_tree_list *list);

/** Bytes of a file or stream (of the newest item: a table's Parquet; a series
 * of one item likewise).  Hashes are checked when read to the end. */
typedef struct tarn_reader tarn_reader;
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_open(tarn_snapshot *snap,
    const char *path, tarn_reader **out, tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_reader_read(tarn_reader *reader,
    void *ptr, size_t len, size_t *got, tarn_error *err); /* 0: end */
TARN_API TARN_MUST_CHECK tarn_status tarn_reader_seek(
    tarn_reader *reader, uint64_t at, tarn_error *err);
TARN_API uint64_t tarn_reader_size(const tarn_reader *reader);
TARN_API void tarn_reader_close(tarn_reader *reader);
/** Whole content of at most max bytes. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_read(tarn_snapshot *snap,
    const char *path, size_t max_bytes, tarn_buf *out, tarn_error *err);

typedef struct tarn_put_options {
    tarn_kind as;            /* FILE, STREAM, TABLE, SERIES, or ANY */
    const char *time_column; /* of a series; NULL: found by name */
    bool replace;            /* a series or stream: start its list anew */
    bool update;             /* skip what has the same content */
    bool into_dir;           /* the destination was written with a final '/' */
    const char *format;      /* csv, tsv, json, jsonl, parquet; NULL: by name */
} tarn_put_options;
#define TARN_PUT_OPTIONS_INIT {TARN_KIND_ANY, NULL, false, false, false, NULL}

/** A host file or folder (recursive), or STORE.duckdb:TABLE.  Folders follow
 * `cp -r`.  *changed (may be NULL): nodes written. Parents are made. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_put_path(tarn_txn *txn,
    const char *path, const char *host_path, const tarn_put_options *options,
    int64_t *changed, tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_put_bytes(tarn_txn *txn,
    const char *path, tarn_slice bytes, const tarn_put_options *options,
    tarn_error *err);
/** Streamed: write, then finish. */
typedef struct tarn_writer tarn_writer;
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_put_open(tarn_txn *txn,
    const char *path, const tarn_put_options *options, tarn_writer **out,
    tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_writer_write(
    tarn_writer *writer, const void *ptr, size_t len, tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_writer_finish(
    tarn_writer *writer, tarn_error *err); /* frees in every case */
TARN_API void tarn_writer_abort(tarn_writer *writer);

/** A folder.  parents: those above it too, and one that is there is no error.
 * TARN_EXISTS: there is something; TARN_NOT_FOUND: its folder is not there. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_mkdir(
    tarn_txn *txn, const char *path, bool parents, tarn_error *err);
/** Remove a node from the head; earlier versions keep it.  TARN_NOT_FOUND;
 * TARN_CONFLICT: a folder that is not empty, and not recursive. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_rm(
    tarn_txn *txn, const char *path, bool recursive, tarn_error *err);
/** Move, or copy, a node with all below it: into `to` under its own name when
 * that is a folder, else as `to`.  No content is copied.  TARN_NOT_FOUND;
 * TARN_EXISTS: a folder stands in the way; TARN_INVALID: into itself. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_mv(
    tarn_txn *txn, const char *from, const char *to, tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_cp(
    tarn_txn *txn, const char *from, const char *to, tarn_error *err);
/** A symbolic link at `path`; `target` need not be there, and is relative to
 * the link's folder when it is relative.  TARN_EXISTS: `path` is there. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_ln(
    tarn_txn *txn, const char *target, const char *path, tarn_error *err);
/** Make the node, or the folder with all below it, what it was at `version`.
 * Nothing else changes: for what was moved out since, a new node comes.
 * TARN_NOT_FOUND: it was not there then, or the version is gone. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_revert(
    tarn_txn *txn, const char *path, int64_t version, tarn_error *err);
/** Merge the items of a stream or series into one; content and order stay.
 * TARN_NOT_FOUND; TARN_INVALID: another kind. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_collapse(
    tarn_txn *txn, const char *path, tarn_error *err);

typedef struct tarn_get_options {
    bool sync;   /* write only what differs */
    bool remove; /* with sync: also remove what the lake has not */
} tarn_get_options;
#define TARN_GET_OPTIONS_INIT {false, false}
/** A path or glob to the host: each into host_dir (made if missing) under its
 * own name. *written (may be NULL): files. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_get(tarn_snapshot *snap,
    const char *pattern, const char *host_dir,
    const tarn_get_options *options, int64_t *written, tarn_error *err);

/** section, name, value: what the node is ("node": kind, size, rows, range of
 * time), its versions with their sizes ("version"), its columns with their
 * types ("column").  TARN_NOT_FOUND. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_describe(
    tarn_snapshot *snap, const char *path, tarn_rows **out, tarn_error *err);
/** change, path, from, kind, size_before, size_after; path NULL: all. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_diff(tarn_lake *lake,
    int64_t v1, int64_t v2, const char *path, tarn_rows **out,
    tarn_error *err);
/** change (added, removed) and the columns of a table or series at `path`; where
 * it is there at one of the versions only, all of its rows. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_diff_rows(tarn_lake *lake,
    int64_t v1, int64_t v2, const char *path, tarn_rows **out,
    tarn_error *err);
/** One commit: space, op, kind, key, path, size. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_show(tarn_lake *lake,
    int64_t version, tarn_rows **out, tarn_error *err);
/** tarn_lake_log() of the commits that touched a node or anything below it,
 * under whatever path it had. */
TARN_API TARN_MUST_CHECK tarn_status tarn_tree_log(tarn_lake *lake,
    const char *path, int64_t limit, tarn_rows **out, tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

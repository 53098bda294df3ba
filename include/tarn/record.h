/** Records: JSON documents with a schema, an id and a tenant.
 *
 *  1. Every call works for one tenant, the default one ("default") when none
 *     is named; it neither sees nor touches another's tables, keys or ids.
 *  2. Wherever a record is named, ID, KEY and TABLE/KEY are understood; a KEY
 *     that several records have is TARN_CONFLICT, naming them.
 *  3. A record's text is kept byte for byte.
 */
#ifndef TARN_RECORD_H
#define TARN_RECORD_H

#include <tarn/lake.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tarn_record_options {
    const char *tenant; /* NULL: "default" */
    const char *table;  /* where a KEY is looked for; NULL: in all */
    bool deleted;       /* softly deleted records too */
    bool hard;          /* of rm: nothing of it stays but history */
    int64_t limit;      /* of ls; -1: all */
    bool migrate;       /* of schema put: another major version is meant */
    bool documents;     /* of put_lines: a record may span lines */
} tarn_record_options;
#define TARN_RECORD_OPTIONS_INIT                   \
    {                                              \
        NULL, NULL, false, false, -1, false, false \
    }

/* --- schemas --- */

/** Store a JSON Schema document (top-level `name` and `version`).
 *
 * A put of the same text changes nothing; records are not rewritten.
 *
 * @return TARN_OK; TARN_BAD_INPUT: no schema, the message names the place;
 *         TARN_CONFLICT: another major version, or a lower version, than the
 *         one that stands there.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_schema_put(tarn_txn *txn,
    tarn_slice json, const tarn_record_options *options, tarn_error *err);
/** TARN_NOT_FOUND; TARN_CONFLICT: its table holds records. */
TARN_API TARN_MUST_CHECK tarn_status tarn_schema_rm(tarn_txn *txn,
    const char *name, const tarn_record_options *options, tarn_error *err);
/** The text as it was put. */
TARN_API TARN_MUST_CHECK tarn_status tarn_schema_get(tarn_snapshot *snap,
    const char *name, const tarn_record_options *options, tarn_buf *json,
    tarn_error *err);
/** name, version, key, indexed, title. */
TARN_API TARN_MUST_CHECK tarn_status tarn_schema_ls(tarn_snapshot *snap,
    const tarn_record_options *options, tarn_rows **out, tarn_error *err);

/* --- writing --- */

/** Insert or replace one record; its created_at stays when it is replaced.
 *
 * @param json  one JSON object; kept as it is, without the white space around.
 * @param options may be NULL.
 * @return TARN_OK; TARN_NOT_FOUND: no such table; TARN_BAD_INPUT: no JSON
 *         object, a member twice, or not as the schema says.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_put_json(tarn_txn *txn,
    const char *table, tarn_slice json, const tarn_record_options *options,
    tarn_error *err);
/** The same, and the record's id as text. */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_put(tarn_txn *txn,
    const char *table, tarn_slice json, const tarn_record_options *options,
    char id[37], tarn_error *err);

/** Bytes to read: at most `len` into `ptr`; *got 0 at the end. */
typedef tarn_status (*tarn_record_read_fn)(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err);
/** Ids in the order of the input; they live until the transaction ends. */
typedef struct tarn_record_ids tarn_record_ids;
/** TARN_ROW and an id, or TARN_OK at the end. */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_ids_next(
    tarn_record_ids *ids, char id[37], tarn_error *err);
TARN_API int64_t tarn_record_ids_count(const tarn_record_ids *ids);
TARN_API void tarn_record_ids_free(tarn_record_ids *ids);

/** JSON lines, all or none, in bounded memory; blank lines are passed over.  Of
 * several lines with one key the last stands.
 *
 * @param name  what the input is called in messages.
 * @param[out] ids may be NULL; free with tarn_record_ids_free() before the lake
 *             is closed; usable after the commit.
 * @return as tarn_record_put_json(), the line named.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_put_lines(tarn_txn *txn,
    const char *table, const char *name, tarn_record_read_fn read, void *arg,
    const tarn_record_options *options, tarn_record_ids **ids, tarn_error *err);

/** Merge the members of `json` into a record, shallowly: what it does not name
 * stays as it was, byte for byte.  Checked against the schema.
 *
 * @return TARN_OK; TARN_NOT_FOUND; TARN_BAD_INPUT: as a put, or the record's
 *         key would change.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_update(tarn_txn *txn,
    const char *record, tarn_slice json, const tarn_record_options *options,
    tarn_error *err);
/** Hide a record; hard: remove it with its keys and edges, also one that is
 * hidden.  TARN_NOT_FOUND; TARN_CONFLICT: a key that several records have. */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_rm(tarn_txn *txn,
    const char *record, const tarn_record_options *options, tarn_error *err);

/* --- reading --- */

/** One record.  Texts are owned by the struct. */
typedef struct tarn_record {
    char id[37];
    char *table;
    tarn_buf key; /* may hold any bytes */
    bool has_key;
    int64_t version; /* log version of the last change */
    int64_t created_us;
    int64_t modified_us;
    bool deleted; /* then modified_us is when */
    tarn_buf json;
} tarn_record;
/* clang-format off */
#define TARN_RECORD_INIT                                                     \
    {{0}, NULL, TARN_BUF_INIT, false, -1, 0, 0, false, TARN_BUF_INIT}
/* clang-format on */
TARN_API void tarn_record_reset(tarn_record *record);

/** By ID, KEY or TABLE/KEY.  `out` is reused. */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_get(tarn_snapshot *snap,
    const char *record, const tarn_record_options *options, tarn_record *out,
    tarn_error *err);
/** By id in a table, the quickest way to a record's text (replaces what `json`
 * held).  TARN_NOT_FOUND: not there, or softly deleted. */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_get_json(tarn_snapshot *snap,
    const char *table, const char *id, const tarn_record_options *options,
    tarn_buf *json, tarn_error *err);
/** id, key, created_at, modified_at, deleted_at, doc, in order of id. */
TARN_API TARN_MUST_CHECK tarn_status tarn_record_ls(tarn_snapshot *snap,
    const char *table, const tarn_record_options *options, tarn_rows **out,
    tarn_error *err);
TARN_API TARN_MUST_CHECK tarn_status tarn_record_count(tarn_snapshot *snap,
    const char *table, const tarn_record_options *options, int64_t *count,
    tarn_error *err);

/* --- the lake's upkeep, with the column view in it --- */

/** As tarn_lake_check(), and "I4": a column view that differs from a rebuild. */
TARN_API TARN_MUST_CHECK tarn_status tarn_views_check(
    tarn_lake *lake, bool deep, tarn_rows **out, tarn_error *err);
/** As tarn_lake_rebuild(), "column" and "all" with every tenant's column view.
 * TARN_LOCKED: one is being queried. */
TARN_API TARN_MUST_CHECK tarn_status tarn_views_rebuild(
    tarn_lake *lake, const char *what, tarn_error *err);
/** As tarn_lake_status(), and "view_column TENANT": its version. */
TARN_API TARN_MUST_CHECK tarn_status tarn_views_status(
    tarn_lake *lake, tarn_rows **out, tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif

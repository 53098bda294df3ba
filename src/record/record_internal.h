/* What the files that write and read records share. */
#ifndef TARN_RECORD_RECORD_INTERNAL_H
#define TARN_RECORD_RECORD_INTERNAL_H

#include "record/record.h"

/* Scopes of a tenant's states, and the bytes of one of them. */
#define TARN__SCHEMA_SCOPE "schema"
#define TARN__SCHEMA_REST_SCOPE "schema+"
#define TARN__LAYOUT_SCOPE "layout"
#define TARN__STRAY_SCOPE "stray"
#define TARN__SCHEMA_PART_BYTES ((size_t)TARN__INLINE_MAX_BYTES - 1)

typedef struct tarn__table_cache tarn__table_cache;

/* --- table.c --- */

/* One state of a tenant. */
TARN_MUST_CHECK tarn_status tarn__tenant_state(tarn_snapshot *snap,
    tarn_slice tenant, const char *scope, tarn_slice name, tarn_buf *value,
    bool *found, tarn_error *err);
/* All of a scope, in order of name. */
typedef tarn_status (*tarn__state_fn)(
    void *arg, tarn_slice name, tarn_slice value, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__tenant_states(tarn_snapshot *snap,
    tarn_slice tenant, const char *scope, tarn__state_fn fn, void *arg,
    tarn_error *err);
/* Its put, or its end (value.ptr NULL), as an operation. */
TARN_MUST_CHECK tarn_status tarn__tenant_state_add(tarn_txn *txn,
    tarn_slice tenant, const char *scope, tarn_slice name, tarn_slice value,
    tarn_error *err);
/* TABLE/NUMBER, replacing what `out` held. */
TARN_MUST_CHECK tarn_status tarn__part_name(
    tarn_buf *out, tarn_slice table, uint32_t number, tarn_error *err);
/* The layout of these fields, 0 when there is none, and the highest number. */
TARN_MUST_CHECK tarn_status tarn__layout_find(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice table, tarn_slice fields, uint32_t *number,
    uint32_t *highest, tarn_error *err);
/* TARN_NOT_FOUND, saying so. */
TARN_MUST_CHECK tarn_status tarn__no_table(tarn_slice name, tarn_error *err);

/* --- target.c --- */

/* Whose record, which, in which table: NULL where it was not said. */
typedef struct tarn__record_target {
    char *tenant;
    char *record;
    char *table;
} tarn__record_target;
/* Copies; to be reset also after a failure. */
TARN_MUST_CHECK tarn_status tarn__record_target_init(
    tarn__record_target *target, const tarn_record_options *options,
    const char *record, const char *table, tarn_error *err);
void tarn__record_target_reset(tarn__record_target *target);

/* --- id.c --- */

/* A key's value as text (replacing): false when it is none (an array …). */
TARN_MUST_CHECK tarn_status tarn__record_key_text(
    const tarn__json_scan_value *value, tarn_buf *out, bool *is_key,
    tarn_error *err);

/* --- read.c --- */

/* tarn__record_read(), and the version that wrote the row (may be NULL). */
TARN_MUST_CHECK tarn_status tarn__record_read_version(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice table, const tarn__id *id, tarn_buf *payload,
    tarn__row *row, bool *found, int64_t *version, tarn_error *err);

/* --- stray.c --- */

/* From inside a step: the table has strays from here on. */
TARN_MUST_CHECK tarn_status tarn__record_note_strays(
    tarn_txn *txn, tarn_slice tenant, tarn_slice table, tarn_error *err);

/* --- put.c --- */

/* What a record becomes. */
typedef struct tarn__record_new {
    const tarn__record_table *table;
    tarn__id id;
    bool has_key;
    tarn_slice key;
    bool deleted;
    tarn_slice json;
    const char *object; /* SHA-256 in hex, when it is staged; else NULL */
    uint64_t size_bytes;
} tarn__record_new;
/* Is the row what the record is to become? */
bool tarn__record_same(const tarn__record_new *record, const tarn__row *row);
/* From inside a step: adds the operation.  old: the row that is there (NULL:
 * none); text: memory. */
TARN_MUST_CHECK tarn_status tarn__record_add(tarn_txn *txn,
    const tarn__record_new *record, const tarn__row *old, tarn_buf *text,
    tarn_error *err);
/* The operation, handed to `fn` instead. */
TARN_MUST_CHECK tarn_status tarn__record_give(const tarn__record_new *record,
    const tarn__row *old, tarn_buf *text, tarn__op_fn fn, void *arg,
    tarn_error *err);
/* The same, having looked at what is there: nothing when it is so already. */
TARN_MUST_CHECK tarn_status tarn__record_write(
    tarn_txn *txn, const tarn__record_new *record, tarn_error *err);
/* Before a step: the JSON as an object of the transaction, when it is large;
 * "" when it is to stand inline. */
TARN_MUST_CHECK tarn_status tarn__record_stage(tarn_txn *txn, tarn_slice json,
    char hex[TARN__SHA256_HEX_BYTES], tarn_error *err);
/* Without the white space around. */
tarn_slice tarn__record_trim(tarn_slice json);
/* --- update.c --- */

/* The members of `changes` in the place of, or behind, those of `json`, which is
 * a checked object (appended). */
TARN_MUST_CHECK tarn_status tarn__record_merge(
    tarn_slice json, tarn_slice changes, tarn_buf *out, tarn_error *err);

/* The options' tenant, and the defaults for NULL. */
TARN_MUST_CHECK tarn_status tarn__record_tenant(
    const tarn_record_options *options, tarn_slice *tenant, tarn_error *err);

#endif

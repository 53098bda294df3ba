/* Records, for the rooms above and for the other files of this one: tables at
 * a snapshot, ids, and reading a record by id or key. */
#ifndef TARN_RECORD_RECORD_H
#define TARN_RECORD_RECORD_H

#include <tarn/record.h>

#include "lake/record_row.h"
#include "lake/txn.h"

typedef struct tarn__json_schema tarn__json_schema; /* json_schema.h */

/* A tenant's name, the default one for NULL; TARN_INVALID: empty, not UTF-8,
 * or longer than 255 bytes. */
TARN_MUST_CHECK tarn_status tarn__tenant_of(
    const char *given, tarn_slice *out, tarn_error *err);

/* --- tables --- */

/* A record table as a snapshot sees it. */
typedef struct tarn__record_table {
    char *tenant;
    char *name;
    tarn_buf text; /* the schema, byte for byte */
    tarn__json_schema *schema;
    char *layout_text;        /* "3;i/age,…"; "" when there are no fields */
    tarn__row_layout *layout; /* of new records; number 0: no fields */
} tarn__record_table;
/* TARN_NOT_FOUND: the tenant has no such table. */
TARN_MUST_CHECK tarn_status tarn__record_table_open(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice name, tarn__record_table **out,
    tarn_error *err);
void tarn__record_table_free(tarn__record_table *table);
/* The schema's text only.  *found false: no such table. */
TARN_MUST_CHECK tarn_status tarn__schema_text(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice name, tarn_buf *text, bool *found,
    tarn_error *err);
/* Names of a tenant's tables in order of bytes, one call each. */
typedef tarn_status (*tarn__table_fn)(
    void *arg, tarn_slice name, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__record_tables(tarn_snapshot *snap,
    tarn_slice tenant, tarn__table_fn fn, void *arg, tarn_error *err);
/* The layout that rows name by number; layouts are kept for ever.  *out is NULL
 * for number 0. TARN_CORRUPT: there is none of that number. */
TARN_MUST_CHECK tarn_status tarn__record_layout(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice table, uint32_t number,
    tarn__row_layout **out, tarn_error *err);

/* --- ids --- */

/* What a record's id is made from. `key` is what it is found by, and its text
 * is in `text`. */
typedef struct tarn__record_key_of {
    bool has_key; /* else the id is random */
    tarn_buf text;
    bool has_ordinal;
    tarn_buf ordinal; /* its text: of a record with a uri */
    bool stray;       /* a uri goes before the schema's key field */
} tarn__record_key_of;
#define TARN__RECORD_KEY_OF_INIT                          \
    {                                                     \
        false, TARN_BUF_INIT, false, TARN_BUF_INIT, false \
    }
/* From a record's JSON text (an object): uri and ordinal (or chunk_ordinal),
 * else the schema's key field, else "key", else "name".  Only strings, numbers
 * and booleans are keys. */
TARN_MUST_CHECK tarn_status tarn__record_key_find(tarn_slice json,
    const char *key_field, tarn__record_key_of *out, tarn_error *err);
void tarn__record_key_reset(tarn__record_key_of *key);
/* The first 16 bytes of SHA-256 over tenant, table and key value (and ordinal),
 * each after its length, as a UUIDv8. */
TARN_MUST_CHECK tarn_status tarn__record_id(tarn__id *out, tarn_slice tenant,
    tarn_slice table, const tarn__record_key_of *key, tarn_error *err);

/* --- reading --- */

/* The row of a record, softly deleted ones too.  `row` points into `payload`,
 * whose old bytes go. */
TARN_MUST_CHECK tarn_status tarn__record_read(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice table, const tarn__id *id, tarn_buf *payload,
    tarn__row *row, bool *found, tarn_error *err);
/* The JSON text of a row, from the object when it is one (appended). */
TARN_MUST_CHECK tarn_status tarn__record_json(
    tarn_snapshot *snap, const tarn__row *row, tarn_buf *json, tarn_error *err);
/* The table that an id belongs to (replaces what `table` held). */
TARN_MUST_CHECK tarn_status tarn__record_table_of(tarn_snapshot *snap,
    tarn_slice tenant, const tarn__id *id, tarn_buf *table, bool *found,
    tarn_error *err);
/* Has, or had, the table a record whose key is another text than its uri, or than
 * the schema's key field when it has no uri?  Else `field = 'k'` is the record of
 * key k. */
TARN_MUST_CHECK tarn_status tarn__record_strays(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice table, bool *strays, tarn_error *err);
/* Records whose key value is `key`, in order of table, softly deleted ones too;
 * fn is called for each, and ends the walk with TARN_ROW. */
typedef tarn_status (*tarn__record_hit_fn)(
    void *arg, tarn_slice table, const tarn__id *id, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__record_by_key(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice key, tarn__record_hit_fn fn, void *arg,
    tarn_error *err);

/* One record, found. */
typedef struct tarn__record_ref {
    tarn__id id;
    char *table;
    tarn_buf key; /* has_key */
    bool has_key;
    bool deleted;
} tarn__record_ref;
#define TARN__RECORD_REF_INIT                    \
    {                                            \
        {{0}}, NULL, TARN_BUF_INIT, false, false \
    }
void tarn__record_ref_reset(tarn__record_ref *ref);
/* ID, KEY or TABLE/KEY -> one record.  An id that is there wins; else every
 * reading of `word` counts.  `table` NULL: any.  deleted: softly deleted ones
 * count too.  TARN_NOT_FOUND; TARN_CONFLICT: several, all named. */
TARN_MUST_CHECK tarn_status tarn__record_resolve(tarn_snapshot *snap,
    tarn_slice tenant, tarn_slice word, const char *table, bool deleted,
    tarn__record_ref *out, tarn_error *err);

#endif

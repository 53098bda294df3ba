/* Bytes of the key view: families, keys and values.  docs/FORMAT.md has them
 * byte by byte.
 *
 * A physical key is a logical key followed by be64(~version); a physical value
 * is one tag byte (0 tombstone, 1 live) followed by the payload.  Readers
 * (lake/reader.h) deal in logical keys and payloads. */
#ifndef TARN_LAKE_KEYS_H
#define TARN_LAKE_KEYS_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/id.h"
#include "lake/op.h"

typedef enum tarn__family {
    TARN__FAMILY_META, /* the one that is not versioned */
    TARN__FAMILY_NODE,
    TARN__FAMILY_ENTRY,
    TARN__FAMILY_VERSION,
    TARN__FAMILY_RECORD,
    TARN__FAMILY_KEY,
    TARN__FAMILY_EDGE,
    TARN__FAMILY_EDGE_IN,
    TARN__FAMILY_STATE,
    TARN__FAMILY_COUNT
} tarn__family;

/* An order-preserving, self-delimiting part of a key: 00 becomes 00 FF, the end
 * is 00 01. */
TARN_MUST_CHECK tarn_status tarn__key_part(
    tarn_buf *key, tarn_slice part, tarn_error *err);
/* Decodes one part (appended to `out`), moving the cursor; false: malformed. */
TARN_MUST_CHECK tarn_status tarn__key_part_read(
    tarn__cursor *c, tarn_buf *out, bool *ok, tarn_error *err);

/* --- the tree --- */

typedef enum tarn__kind {
    TARN__KIND_DIR = 1,
    TARN__KIND_LINK = 2,
    TARN__KIND_FILE = 3,
    TARN__KIND_STREAM = 4,
    TARN__KIND_TABLE = 5,
    TARN__KIND_SERIES = 6,
    TARN__KIND_COMPUTED = 7
} tarn__kind;
const char *tarn__kind_name(tarn__kind kind); /* "dir", ... */
bool tarn__kind_parse(tarn_slice name, tarn__kind *out);

/* The root folder's id; it has no entry and no parent. */
extern const tarn__id tarn__root_id;

/* NODE: key = id (16 bytes). */
typedef struct tarn__node {
    tarn__id id;
    tarn__kind kind;
    tarn__id parent;
    tarn_slice name;
    int64_t created_us;
    int64_t modified_us;
    int64_t version;  /* that wrote this entry */
    tarn_slice attrs; /* JSON object: link target, time column, factory ... */
} tarn__node;
/* Slices in `out` point into `payload`. */
bool tarn__node_decode(
    const tarn__id *id, tarn_slice payload, int64_t version, tarn__node *out);

/* ENTRY: key = parent id ‖ part(name); payload = child id, kind byte. */
TARN_MUST_CHECK tarn_status tarn__entry_key(
    tarn_buf *key, const tarn__id *parent, tarn_slice name, tarn_error *err);
bool tarn__entry_decode(tarn_slice payload, tarn__id *child, tarn__kind *kind);

/* VERSION: key = node id ‖ be64(~version) ‖ be32(~seq): newest item first. */
typedef struct tarn__item {
    int64_t version;
    int32_t seq;
    bool reset; /* a put: older items do not count */
    int64_t time_us;
    uint64_t size_bytes;
    bool is_object;
    uint8_t sha256[TARN__SHA256_BYTES]; /* when is_object */
    bool parquet;                       /* table or series */
    tarn_slice content;                 /* inline, else empty */
    bool has_bounds;
    int64_t min_time_us, max_time_us;
    int64_t rows; /* of Parquet; -1 unknown */
    /* Of the whole content list up to and including this item. */
    uint64_t total_bytes;
    uint64_t total_items;
    int64_t total_rows; /* -1 unknown */
    tarn__roll roll;    /* of the concatenated bytes; files and streams */
} tarn__item;
void tarn__item_key(
    const tarn__id *node, int64_t version, int32_t seq, char key[28]);
bool tarn__item_decode(tarn_slice key, tarn_slice payload, tarn__item *out);

/* STATE: key = part(tenant) ‖ part(scope) ‖ part(name); payload = the value. */
TARN_MUST_CHECK tarn_status tarn__state_key(tarn_buf *key, tarn_slice tenant,
    tarn_slice scope, tarn_slice name, tarn_error *err);

/* --- records --- */

#define TARN__DEFAULT_TENANT "default"

/* RECORD: key = part(tenant) ‖ part(table) ‖ id (16 bytes); payload = a row
 * (lake/record_row.h). */
TARN_MUST_CHECK tarn_status tarn__record_key(tarn_buf *key, tarn_slice tenant,
    tarn_slice table, const tarn__id *id, tarn_error *err);
/* Of every record of a table. */
TARN_MUST_CHECK tarn_status tarn__record_prefix(
    tarn_buf *key, tarn_slice tenant, tarn_slice table, tarn_error *err);
/* KEY: part(tenant) ‖ 'i' ‖ id (16 bytes); payload = the table's name. */
TARN_MUST_CHECK tarn_status tarn__table_of_id_key(
    tarn_buf *key, tarn_slice tenant, const tarn__id *id, tarn_error *err);
/* KEY: part(tenant) ‖ 'k' ‖ part(key value) ‖ part(table) ‖ id (16 bytes);
 * payload empty.  Softly deleted records have theirs too. */
TARN_MUST_CHECK tarn_status tarn__by_key_key(tarn_buf *key, tarn_slice tenant,
    tarn_slice value, tarn_slice table, const tarn__id *id, tarn_error *err);
/* Of every record with this key value, whatever the table. */
TARN_MUST_CHECK tarn_status tarn__by_key_prefix(
    tarn_buf *key, tarn_slice tenant, tarn_slice value, tarn_error *err);

/* The meta JSON of tree operations (docs/FORMAT.md):
 *   {"name", "parent", "created_at" (us), "attrs": {…},
 *    "from": {"parent","name"}          when the name or the parent changed,
 *    "rows", "total_bytes", "total_items", "total_rows", "roll" (hex hash)}
 * the last line on operations with content only. */

/* What one operation does to the view, in order.  payload.ptr NULL: tombstone.
 * Blind: looks at nothing but the operation, so that replay may be split and
 * repeated at will. */
typedef tarn_status (*tarn__emit_fn)(void *arg, tarn__family family,
    tarn_slice key, tarn_slice payload, tarn_error *err);
/* For many operations; or NULL.  families: bits of those that are wanted; what
 * is done to others may be left out. */
#define TARN__FAMILIES_ALL ((1u << TARN__FAMILY_COUNT) - 1)
typedef struct tarn__apply_memory tarn__apply_memory;
TARN_MUST_CHECK tarn_status tarn__apply_memory_create(
    tarn__apply_memory **out, uint32_t families, tarn_error *err);
void tarn__apply_memory_free(tarn__apply_memory *memory);
TARN_MUST_CHECK tarn_status tarn__op_apply(const tarn__op *op,
    tarn__apply_memory *memory, tarn__emit_fn emit, void *arg, tarn_error *err);

#endif

/* A record's row in the key view, and the layout that types its prefix.
 * docs/FORMAT.md, "Records", has it byte by byte.
 *
 *   u32 layout number | u8 flags | u8 0 | u16 fields | i64 created | i64 modified
 *   fields x u8 state, padded to 8 | fields x 8 bytes slot
 *   u32 key length (~0: none) | key | JSON text, or SHA-256 and u64 size
 *
 * Integers are little-endian: a scan reads them as they stand.  The prefix is
 * only a short cut: what it does not hold is read from the JSON. */
#ifndef TARN_LAKE_RECORD_ROW_H
#define TARN_LAKE_RECORD_ROW_H

#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "lake/op.h"

/* --- layouts --- */

typedef enum tarn__row_type {
    TARN__ROW_BIGINT = 'i',
    TARN__ROW_DOUBLE = 'd',
    TARN__ROW_BOOLEAN = 'b',
    TARN__ROW_VARCHAR = 's',
    TARN__ROW_TIMESTAMP = 't', /* us since 1970, UTC; of a date-time string */
    TARN__ROW_DATE = 'D'       /* days since 1970; of a date string */
} tarn__row_type;

/* Fields of a layout are at most this many; others are read from the JSON. */
#define TARN__ROW_MAX_FIELDS 64

#define TARN__ROW_MAX_NAME_BYTES 128 /* of a member in a layout */

typedef struct tarn__row_field {
    tarn__row_type type;
    const tarn_slice *path; /* member names, outermost first; unescaped */
    size_t depth;           /* of path; at least 1 */
} tarn__row_field;

/* Members on the way to fields, as a tree: for finding them in one pass. */
typedef struct tarn__row_member {
    tarn_slice name;
    int field;        /* -1: none of its own */
    int first_child;  /* -1: none */
    int next_sibling; /* -1: none */
} tarn__row_member;

typedef struct tarn__row_layout {
    uint32_t number; /* 0: no fields */
    uint16_t field_count;
    tarn__row_field *fields;
    tarn__row_member *members; /* [0] is the record itself */
    tarn__arena memory;        /* of all these */
} tarn__row_layout;

/* Text of a layout: "NUMBER;" then fields, parted by ',': the type's letter and
 * a JSON pointer in which ',' is "~2".  An example: "3;i/age,s/address/city".
 * An empty text is the layout without fields, number 0. */
TARN_MUST_CHECK tarn_status tarn__row_layout_parse(
    tarn_slice text, tarn__row_layout **out, tarn_error *err);
void tarn__row_layout_free(tarn__row_layout *layout);
/* One field's text (without the comma), appended. */
TARN_MUST_CHECK tarn_status tarn__row_field_text(tarn_buf *out,
    tarn__row_type type, const tarn_slice *path, size_t depth, tarn_error *err);

/* --- rows --- */

typedef enum tarn__row_state {
    TARN__ROW_ABSENT = 0, /* no such member, or null: NULL in SQL */
    TARN__ROW_VALUE = 1,  /* in the slot */
    TARN__ROW_IN_JSON = 2 /* there, but not as the type has it: see the JSON */
} tarn__row_state;

enum { TARN__ROW_DELETED = 1, TARN__ROW_OBJECT = 2 };

typedef struct tarn__row {
    uint32_t layout; /* number */
    uint16_t field_count;
    bool deleted;   /* softly; modified_us is when */
    bool is_object; /* the JSON is an object of size_bytes */
    int64_t created_us;
    int64_t modified_us;
    const char *states; /* field_count bytes */
    const char *slots;  /* field_count x 8 bytes */
    tarn_slice key;     /* ptr NULL: none */
    tarn_slice json;    /* empty when is_object */
    const uint8_t *sha256;
    uint64_t size_bytes;
} tarn__row;

/* Slices point into `payload`.  false: malformed. */
bool tarn__row_decode(tarn_slice payload, tarn__row *out);

static inline tarn__row_state tarn__row_state_of(
    const tarn__row *row, size_t field)
{
    return field < row->field_count ? (tarn__row_state)row->states[field]
                                    : TARN__ROW_IN_JSON;
}

/* Of BIGINT, BOOLEAN (0, 1), TIMESTAMP, DATE with state VALUE. */
static inline int64_t tarn__row_i64(const tarn__row *row, size_t field)
{
    int64_t v;
    memcpy(&v, row->slots + 8 * field, sizeof v);
    return v;
}

static inline double tarn__row_double(const tarn__row *row, size_t field)
{
    double v;
    memcpy(&v, row->slots + 8 * field, sizeof v);
    return v;
}

/* Of VARCHAR with state VALUE: the string's text between its quotes, in the
 * JSON; *escaped: it holds a backslash (tarn__json_scan_unescape).  false: the
 * slot points outside of the JSON. */
static inline bool tarn__row_text(
    const tarn__row *row, size_t field, tarn_slice *text, bool *escaped)
{
    uint32_t at, len;

    memcpy(&at, row->slots + 8 * field, sizeof at);
    memcpy(&len, row->slots + 8 * field + 4, sizeof len);
    *escaped = (len & 0x80000000u) != 0;
    len &= 0x7fffffffu;
    if ((uint64_t)at + len > row->json.len)
        return false;
    text->ptr = row->json.ptr + at;
    text->len = len;
    return true;
}

/* --- writing --- */

typedef struct tarn__row_source {
    const tarn__row_layout *layout; /* of another number than 0: json is read */
    bool deleted;
    int64_t created_us;
    int64_t modified_us;
    tarn_slice key; /* ptr NULL: none */
    tarn_slice json;
    const uint8_t *sha256; /* an object: json is empty, layout's number 0 */
    uint64_t size_bytes;   /* of the object */
} tarn__row_source;
/* Appends the row.  TARN_CORRUPT: the JSON is no object. */
TARN_MUST_CHECK tarn_status tarn__row_encode(
    tarn_buf *out, const tarn__row_source *source, tarn_error *err);

/* The value of one field as the prefix would have it: state and slot (of 8
 * bytes; `at` of a VARCHAR counted from `json`).  `value` stands in `json`. */
tarn__row_state tarn__row_slot(tarn__row_type type,
    const tarn__json_scan_value *value, const char *json, char slot[8]);

/* --- operations --- */

/* Meta of a record's operations (docs/FORMAT.md):
 *   {"key": text, "created_at": us, "layout": text, "deleted": true}
 * key: none when the id is random.  created_at: absent in the first put, where
 * it is the operation's time.  layout: absent when there are no fields, and of
 * a record whose JSON is an object.  A delete has key only. */
typedef struct tarn__record_meta {
    tarn_buf key; /* unescaped; has_key */
    bool has_key;
    bool has_created;
    int64_t created_us;
    tarn_slice layout;    /* into the meta text; empty: none */
    tarn_buf layout_text; /* its owner when it had escapes */
    bool deleted;
} tarn__record_meta;
#define TARN__RECORD_META_INIT                                          \
    {                                                                   \
        TARN_BUF_INIT, false, false, 0, {NULL, 0}, TARN_BUF_INIT, false \
    }
/* Reuses the struct's memory.  *ok false: malformed. */
TARN_MUST_CHECK tarn_status tarn__record_meta_read(
    tarn_slice text, tarn__record_meta *out, bool *ok, tarn_error *err);
void tarn__record_meta_reset(tarn__record_meta *meta);
TARN_MUST_CHECK tarn_status tarn__record_meta_write(
    tarn_buf *out, const tarn__record_meta *meta, tarn_error *err);

#endif

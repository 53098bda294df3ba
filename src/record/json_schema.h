/* JSON Schema (2020-12) of a record table: read once, then every record's bytes
 * are checked in one pass, without building a tree.
 *
 * A schema is immutable once it is there: any thread checks with it.
 * docs/FORMAT.md, "Fields", has the one table from JSON Schema to SQL types. */
#ifndef TARN_RECORD_JSON_SCHEMA_H
#define TARN_RECORD_JSON_SCHEMA_H

#include "lake/record_row.h"
#include "record/semver.h"

typedef struct tarn__json_schema tarn__json_schema;

/* A column of the record table. */
typedef struct tarn__json_schema_field {
    const char *name;       /* the property's, or a dotted path */
    const tarn_slice *path; /* member names, outermost first; unescaped */
    size_t depth;           /* of path: 1 for a property */
    const char *sql_type;   /* "BIGINT", …, "JSON": see docs/FORMAT.md */
    tarn__row_type type;    /* of a scalar; 0: JSON, no slot in the prefix */
    bool property;          /* else a path that x-tarn's `indexed` names */
    bool indexed;
    bool nullable; /* null is allowed, or the member may be absent */
} tarn__json_schema_field;

/* Read a schema document.  `what` names it in the error.
 *
 * TARN_BAD_INPUT: no JSON (line and column), or no schema that is understood
 * (the JSON pointer of the place). */
TARN_MUST_CHECK tarn_status tarn__json_schema_compile(tarn_slice text,
    const char *what, tarn__json_schema **out, tarn_error *err);
void tarn__json_schema_free(tarn__json_schema *schema);

/* All borrowed from the schema. */
const char *tarn__json_schema_name(const tarn__json_schema *schema);
const char *tarn__json_schema_title(const tarn__json_schema *schema); /* NULL */
const char *tarn__json_schema_version(const tarn__json_schema *schema);
tarn_slice tarn__json_schema_source(const tarn__json_schema *schema);
/* No `properties`: the table is free-form. */
bool tarn__json_schema_free_form(const tarn__json_schema *schema);
/* x-tarn's `key`, a member's name; NULL: none. */
const char *tarn__json_schema_key(const tarn__json_schema *schema);
/* Properties in schema order, then the indexed paths that are none. */
const tarn__json_schema_field *tarn__json_schema_fields(
    const tarn__json_schema *schema, size_t *count);
/* x-tarn's `embed`: fields whose text is embedded, joined by newlines. */
const tarn__json_schema_field *tarn__json_schema_embed(
    const tarn__json_schema *schema, size_t *count);
/* "cosine" (also when none is given), "ip" or "l2". */
const char *tarn__json_schema_metric(const tarn__json_schema *schema);
/* The fields of the layout of new records, without its number: "i/age,s/name";
 * nothing when there is no scalar field.  Indexed ones come first, so that they
 * are among the TARN__ROW_MAX_FIELDS.  Appended. */
TARN_MUST_CHECK tarn_status tarn__json_schema_layout(
    const tarn__json_schema *schema, tarn_buf *out, tarn_error *err);

/* Is `doc` one JSON object that the schema admits?  Duplicate member names are
 * refused at any depth, whatever the schema says.
 *
 * TARN_BAD_INPUT: "FIELD: what is wrong", FIELD as a path ("address.zip",
 * "tags[2]"); the caller adds the line. */
TARN_MUST_CHECK tarn_status tarn__json_schema_check(
    const tarn__json_schema *schema, tarn_slice doc, tarn_error *err);

/* May `next` replace `old` in a lake?  *same: it is the same document, though
 * its white space may differ.  TARN_CONFLICT: a lower version, the same one
 * with another text, or another major one and not `migrate`. */
TARN_MUST_CHECK tarn_status tarn__json_schema_change(
    const tarn__json_schema *old, const tarn__json_schema *next, bool migrate,
    bool *same, tarn_error *err);

/* May it be the name of a record table?  1 to 128 bytes of UTF-8: letters,
 * digits, '_' and '-', a letter or '_' first; beyond ASCII, any character but
 * controls and blanks. */
bool tarn__record_table_name_valid(tarn_slice name);

#endif

/* A schema as it is held: nodes that point to one another. */
#ifndef TARN_RECORD_JSON_SCHEMA_INTERNAL_H
#define TARN_RECORD_JSON_SCHEMA_INTERNAL_H

#include <inttypes.h>

#include "base/json_number.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "record/json_schema.h"
#include "record/json_schema_regex.h"

/* What a value can be; a number is an integer or has a fraction. */
enum {
    TARN__KIND_NULL = 1,
    TARN__KIND_BOOLEAN = 2,
    TARN__KIND_INTEGER = 4,
    TARN__KIND_FRACTION = 8,
    TARN__KIND_NUMBER = 12,
    TARN__KIND_STRING = 16,
    TARN__KIND_OBJECT = 32,
    TARN__KIND_ARRAY = 64,
    TARN__KIND_ANY = 127
};

/* By tarn__json_scan_kind. */
extern const uint8_t tarn__schema_kinds[];

typedef enum tarn__schema_format {
    TARN__FORMAT_NONE = 0,
    TARN__FORMAT_DATE_TIME,
    TARN__FORMAT_DATE,
    TARN__FORMAT_TIME,
    TARN__FORMAT_UUID,
    TARN__FORMAT_EMAIL,
    TARN__FORMAT_URI,
    TARN__FORMAT_HOSTNAME,
    TARN__FORMAT_IPV4,
    TARN__FORMAT_IPV6
} tarn__schema_format;

typedef struct tarn__schema_node tarn__schema_node;

typedef struct tarn__schema_list {
    tarn__schema_node **nodes;
    size_t count;
} tarn__schema_list;

/* A bound, as the schema writes it; text.ptr NULL: none. */
typedef struct tarn__schema_bound {
    tarn_slice text;
    tarn__json_number number;
} tarn__schema_bound;

typedef struct tarn__schema_numbers {
    tarn__schema_bound minimum;
    tarn__schema_bound maximum;
    tarn__schema_bound above; /* exclusiveMinimum */
    tarn__schema_bound below; /* exclusiveMaximum */
    tarn__schema_bound unit;  /* multipleOf */
} tarn__schema_numbers;

typedef struct tarn__schema_strings {
    uint64_t min_length; /* in code points */
    uint64_t max_length;
    tarn__schema_format format;
    tarn__regex *pattern; /* NULL: none; the schema's list owns it */
    tarn_slice pattern_text;
} tarn__schema_strings;

typedef struct tarn__schema_arrays {
    tarn__schema_list prefix;
    tarn__schema_node *items; /* NULL: anything, as below */
    tarn__schema_node *contains;
    uint64_t min_contains;
    uint64_t max_contains;
    uint64_t min_items;
    uint64_t max_items;
    bool unique;
} tarn__schema_arrays;

typedef struct tarn__schema_member {
    tarn_slice name; /* unescaped */
    uint64_t hash;
    tarn__schema_node *node; /* NULL: not in `properties` */
    const struct tarn__schema_need *needs;
    bool required;
} tarn__schema_member;

/* dependentRequired and dependentSchemas of one member. */
typedef struct tarn__schema_need {
    const struct tarn__schema_need *next;
    size_t *members; /* that must be there, as indices */
    size_t count;
    tarn__schema_node *node; /* that the whole object must meet */
} tarn__schema_need;

typedef struct tarn__schema_pattern {
    tarn__regex *regex;
    tarn__schema_node *node;
} tarn__schema_pattern;

typedef struct tarn__schema_objects {
    tarn__schema_member *members; /* properties first, in schema order */
    size_t count;
    size_t property_count;
    uint32_t *slots; /* open addressing: index + 1, 0 is free */
    size_t slot_mask;
    tarn__schema_pattern *patterns;
    size_t pattern_count;
    tarn__schema_node *additional;
    tarn__schema_node *names; /* propertyNames */
    uint64_t min_members;
    uint64_t max_members;
    size_t required_count;
} tarn__schema_objects;

/* Schemas for the value as a whole. */
typedef struct tarn__schema_logic {
    tarn__schema_node *ref;
    tarn__schema_list all;
    tarn__schema_list any;
    tarn__schema_list one;
    tarn__schema_node *none; /* not */
    tarn__schema_node *when; /* if, then, else */
    tarn__schema_node *then;
    tarn__schema_node *otherwise;
} tarn__schema_logic;

/* enum or const: forms by json_canon.h, sorted by their bytes. */
typedef struct tarn__schema_values {
    tarn_slice *forms;
    size_t count;
    tarn_slice text; /* for messages: the array, or const's value */
    bool is_const;
} tarn__schema_values;

struct tarn__schema_node {
    const char *at;   /* its place in the schema's text */
    uint8_t kinds;    /* that `type` admits; 0: the schema `false` */
    uint8_t possible; /* that anything in it admits, for its SQL type */
    tarn__schema_format format;    /* of the strings that it admits, likewise */
    uint32_t depth;                /* of schemas about the same value */
    tarn__schema_numbers *numbers; /* each NULL when no keyword is there */
    tarn__schema_strings *strings;
    tarn__schema_arrays *arrays;
    tarn__schema_objects *objects;
    tarn__schema_values *values;
    tarn__schema_values *constant;
    tarn__schema_logic *logic;
    tarn__schema_node *next; /* of all nodes, in order of discovery */
};

struct tarn__json_schema {
    tarn__arena arena; /* all of it but the regexes */
    tarn_slice source;
    tarn__schema_node *root;
    tarn__regex *regexes;
    const char *name;
    const char *title;
    const char *version;
    tarn__semver semver;
    const char *key;
    bool free_form;
    tarn__json_schema_field *fields;
    size_t field_count;
    tarn__json_schema_field *embed;
    size_t embed_count;
    const char *metric;
};

/* --- compiling (json_schema_compile.c) --- */

typedef struct tarn__schema_compiler {
    tarn__json_schema *schema;
    const char *what;
    tarn__schema_node **known; /* by place: open addressing */
    size_t known_cap;
    size_t node_count;
    tarn__schema_node *first;
    tarn__schema_node *last;
    tarn_error *err;
} tarn__schema_compiler;

/* "WHAT: #/pointer/to/at: MESSAGE", TARN_BAD_INPUT. */
TARN_MUST_CHECK tarn_status tarn__schema_refuse(const tarn__schema_compiler *c,
    const char *at, const char *fmt, ...) TARN_PRINTF(3, 4);
/* The node for the schema at a value; made when it is new, and filled in
 * later. */
TARN_MUST_CHECK tarn_status tarn__schema_node_of(tarn__schema_compiler *c,
    const tarn__json_scan_value *value, tarn__schema_node **out);
/* Zeroed memory of the schema's. */
TARN_MUST_CHECK tarn_status tarn__schema_alloc(
    tarn__schema_compiler *c, size_t count, size_t size, void *out);
/* A string value's text, NUL-terminated besides, in the schema's memory. */
TARN_MUST_CHECK tarn_status tarn__schema_string(tarn__schema_compiler *c,
    const tarn__json_scan_value *value, tarn_slice *out);
/* A string value as a regular expression; its text besides. */
TARN_MUST_CHECK tarn_status tarn__schema_regex(tarn__schema_compiler *c,
    const tarn__json_scan_value *value, tarn_slice *text, tarn__regex **out);
/* Fill in one node from its keywords (json_schema_keywords.c). */
TARN_MUST_CHECK tarn_status tarn__schema_fill(tarn__schema_compiler *c,
    tarn__schema_node *node, const tarn__json_scan_value *value);
/* `patterns`, `properties` and the like (json_schema_object.c). */
TARN_MUST_CHECK tarn_status tarn__schema_fill_objects(tarn__schema_compiler *c,
    tarn__schema_node *node, const tarn__json_scan_value *value);
/* A whole number of at least 0; too large is UINT64_MAX. */
TARN_MUST_CHECK tarn_status tarn__schema_count(const tarn__schema_compiler *c,
    const tarn__json_scan_value *value, uint64_t *out);
/* What $ref names (json_schema_ref.c). */
TARN_MUST_CHECK tarn_status tarn__schema_ref(tarn__schema_compiler *c,
    const tarn__json_scan_value *ref, tarn__schema_node **out);
/* The parts of an object or array, one after the other; none of other kinds. */
typedef struct tarn__schema_parts {
    tarn__json_scan scan;
    tarn__json_scan_kind kind;
    int state;
    tarn__json_scan_value name; /* of a member */
    tarn__json_scan_value value;
} tarn__schema_parts;
tarn__schema_parts tarn__schema_parts_of(const tarn__json_scan_value *whole);
bool tarn__schema_next(tarn__schema_parts *parts);
size_t tarn__schema_count_parts(const tarn__json_scan_value *whole);
/* A member of an object's text; false: there is none. */
bool tarn__schema_get(
    tarn_slice object, const char *name, tarn__json_scan_value *out);
/* The JSON pointer of a place in the schema's text, "#/…", cut to fit. */
void tarn__schema_pointer(
    tarn_slice source, const char *at, char *out, size_t size);
/* Name, version, key, fields (json_schema_table.c). */
TARN_MUST_CHECK tarn_status tarn__schema_table(tarn__schema_compiler *c);

/* The index of a member, `count` when it is not named. */
size_t tarn__schema_find(
    const tarn__schema_objects *objects, tarn_slice name, uint64_t hash);
uint64_t tarn__schema_hash(tarn_slice name);

/* Calls fn for each schema about the same value as `node`. */
typedef void (*tarn__schema_visit)(void *arg, tarn__schema_node *same);
void tarn__schema_each_same(
    const tarn__schema_node *node, tarn__schema_visit fn, void *arg);

#endif

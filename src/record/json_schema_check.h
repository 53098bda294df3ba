/* One check of one document: what its parts share. */
#ifndef TARN_RECORD_JSON_SCHEMA_CHECK_H
#define TARN_RECORD_JSON_SCHEMA_CHECK_H

#include "record/json_schema_internal.h"

/* Where a value stands: from the document's root down, on the stack. */
typedef struct tarn__schema_place {
    const struct tarn__schema_place *up; /* NULL: the root */
    tarn_slice name;                     /* as it stands; ptr NULL: an item */
    size_t index;
} tarn__schema_place;

/* A member's name that the schema does not name. */
typedef struct tarn__schema_seen {
    uint64_t hash;
    tarn_slice name; /* as it stands */
    bool escaped;
} tarn__schema_seen;

typedef struct tarn__schema_check {
    tarn_slice doc;
    tarn_error *err;
    tarn_status st;    /* what went wrong; TARN_OK so far */
    bool quiet;        /* a branch that may fail: no message is made */
    bool hard;         /* no branch saves it: no JSON, no memory, no end */
    const char *known; /* up to here no name stands twice */
    uint64_t steps_left;
    size_t depth;             /* of values and schemas */
    size_t nested;            /* of objects and arrays alone */
    tarn__schema_seen *names; /* a stack: an object's are its own */
    size_t name_count;
    size_t name_cap;
    uint64_t *bits; /* likewise: members that were there */
    size_t bit_words;
    size_t bit_cap;
    tarn_buf text;  /* a string without its escapes */
    tarn_buf forms; /* of values, by json_canon.h */
    tarn__regex_room *room;
} tarn__schema_check;

/* All return false when the value does not meet its schema, or on a failure;
 * c->st is set. */

/* The next value of `s`, which is moved past it.  node NULL: anything. */
bool tarn__schema_check_value(tarn__schema_check *c,
    const tarn__schema_node *node, tarn__json_scan *s,
    const tarn__schema_place *place);
bool tarn__schema_check_object(tarn__schema_check *c,
    const tarn__schema_objects *rules, tarn__json_scan *s,
    const tarn__schema_place *place);
bool tarn__schema_check_array(tarn__schema_check *c,
    const tarn__schema_arrays *rules, tarn__json_scan *s,
    const tarn__schema_place *place);
bool tarn__schema_check_number(tarn__schema_check *c,
    const tarn__schema_numbers *rules, const tarn__json_number *n,
    tarn_slice text, const tarn__schema_place *place);
bool tarn__schema_check_string(tarn__schema_check *c,
    const tarn__schema_strings *rules, const tarn__json_scan_value *v,
    const tarn__schema_place *place);
/* Schemas for the value that stands from `start` on. */
bool tarn__schema_check_logic(tarn__schema_check *c,
    const tarn__schema_logic *rules, const tarn__json_scan *start,
    const tarn__schema_place *place);
/* Does it meet the schema?  Without a message; false may be c->hard. */
bool tarn__schema_meets(tarn__schema_check *c, const tarn__schema_node *node,
    const tarn__json_scan *start, const tarn__schema_place *place);
/* enum, const: of the value `text`, quotes and all. */
bool tarn__schema_check_values(tarn__schema_check *c,
    const tarn__schema_values *rules, tarn_slice text,
    const tarn__schema_place *place);

/* A string's characters: its text, or c->text without escapes. */
bool tarn__schema_plain(
    tarn__schema_check *c, const tarn__json_scan_value *v, tarn_slice *out);
bool tarn__schema_match(tarn__schema_check *c, const tarn__regex *regex,
    tarn_slice text, bool *match, const tarn__schema_place *place);

/* "PLACE: MESSAGE"; always false. */
bool tarn__schema_fault(tarn__schema_check *c, const tarn__schema_place *place,
    const char *fmt, ...) TARN_PRINTF(3, 4);
/* One of the steps that a check may take; false: none is left. */
bool tarn__schema_step(tarn__schema_check *c);
/* `s` has stopped at what is no JSON; always false. */
bool tarn__schema_no_json(tarn__schema_check *c, const tarn__json_scan *s);
/* What does not depend on a branch: c->err is filled in.  Always false. */
bool tarn__schema_hard(tarn__schema_check *c, tarn_status st);
/* The member `name`, which is not there or stands below `up`. */
tarn__schema_place tarn__schema_below(
    const tarn__schema_place *up, tarn_slice name);
/* Bytes of a text for a message: at most 60, on a code point. */
int tarn__schema_cut(tarn_slice text);

bool tarn__schema_format_ok(tarn__schema_format format, tarn_slice text);
const char *tarn__schema_format_name(tarn__schema_format format);

#endif

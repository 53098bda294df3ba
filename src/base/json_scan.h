/* JSON text: checked to the letter of RFC 8259, never copied.  A lone half of
 * a surrogate pair in an escape is refused: nothing could read it back. */
#ifndef TARN_BASE_JSON_SCAN_H
#define TARN_BASE_JSON_SCAN_H

#include <tarn/base.h>

#define TARN__JSON_MAX_DEPTH 512

typedef struct tarn__json_scan {
    const char *at;
    const char *end;
    const char *why; /* after a failure: what is wrong at `at` */
    bool ended;      /* it is wrong because the text ends there */
} tarn__json_scan;

typedef enum tarn__json_scan_kind {
    TARN__JSON_NULL,
    TARN__JSON_FALSE,
    TARN__JSON_TRUE,
    TARN__JSON_NUMBER,
    TARN__JSON_STRING,
    TARN__JSON_OBJECT,
    TARN__JSON_ARRAY
} tarn__json_scan_kind;

/* One value: a string's text without its quotes, all others as they stand. */
typedef struct tarn__json_scan_value {
    tarn__json_scan_kind kind;
    bool escaped; /* a string that holds a backslash */
    tarn_slice text;
} tarn__json_scan_value;

static inline tarn__json_scan tarn__json_scan_of(tarn_slice text)
{
    tarn__json_scan s = {text.ptr, text.ptr + text.len, NULL, false};
    return s;
}

void tarn__json_scan_space(tarn__json_scan *s);
/* Any value, white space before it passed over. */
bool tarn__json_scan_next(tarn__json_scan *s, tarn__json_scan_value *out);
/* Members of an object, one a call.  *state is 0 at first, which takes '{'.
 * Past '}' `name` is a NULL slice.  false: not JSON. */
bool tarn__json_scan_member(tarn__json_scan *s, int *state,
    tarn__json_scan_value *name, tarn__json_scan_value *value);
/* The same but for the value, which the caller takes before the next name. */
bool tarn__json_scan_name(
    tarn__json_scan *s, int *state, tarn__json_scan_value *name);
/* Into nested values instead of past them.  Any value's kind, white space
 * before it passed over: a scalar is taken, of an object or array the opening
 * bracket is left to be taken next. */
bool tarn__json_scan_peek(tarn__json_scan *s, tarn__json_scan_value *out);
/* As tarn__json_scan_name(), for an array: *more is false past ']'. */
bool tarn__json_scan_item(tarn__json_scan *s, int *state, bool *more);
/* Nothing but white space is left. */
bool tarn__json_scan_end(tarn__json_scan *s);
/* A checked string's text without escapes, into `out`, which has room for
 * text.len bytes; returns the length. */
size_t tarn__json_scan_unescape(tarn_slice text, char *out);

#endif

/* JSON: reading small documents with jansson, writing text into a buffer. */
#ifndef TARN_BASE_JSON_H
#define TARN_BASE_JSON_H

#include <jansson.h>
#include <tarn/base.h>

/* Parse one document of any type.  `what` names it in the error (TARN_BAD_INPUT
 * with line and column).  Duplicate members are refused.  json_decref() it. */
TARN_MUST_CHECK tarn_status tarn__json_parse(
    tarn_slice text, const char *what, json_t **out, tarn_error *err);
/* Compact text, members in insertion order. */
TARN_MUST_CHECK tarn_status tarn__json_dump(
    const json_t *json, tarn_buf *out, tarn_error *err);
/* NULL when absent or of another type. */
const char *tarn__json_text(const json_t *object, const char *name);
/* False when absent or of another type. */
bool tarn__json_i64(const json_t *object, const char *name, int64_t *out);

/* Append a JSON string literal, quotes included.  Bytes that are not UTF-8
 * become U+FFFD. */
TARN_MUST_CHECK tarn_status tarn__json_quote(
    tarn_buf *out, tarn_slice text, tarn_error *err);
/* Append a JSON number for a double: shortest that reads back; NaN and the
 * infinities become null. */
TARN_MUST_CHECK tarn_status tarn__json_double(
    tarn_buf *out, double v, tarn_error *err);

#endif

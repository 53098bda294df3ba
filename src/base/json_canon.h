/* One byte form for each JSON value: two values are the same, as JSON Schema
 * has it, exactly when their forms are.  1.0 is 1, members have no order, and
 * an escape is the character it stands for.  The form is for comparing within
 * a process; it is stored nowhere. */
#ifndef TARN_BASE_JSON_CANON_H
#define TARN_BASE_JSON_CANON_H

#include <tarn/base.h>

/* Append the form of one checked JSON value.  On failure `out` is what it
 * was. */
TARN_MUST_CHECK tarn_status tarn__json_canon(
    tarn_slice json, tarn_buf *out, tarn_error *err);

#endif

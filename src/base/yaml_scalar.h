/* Scalars of YAML's core schema (YAML 1.2.2, 10.3) as jansson values. */
#ifndef TARN_BASE_YAML_SCALAR_H
#define TARN_BASE_YAML_SCALAR_H

#include "base/json.h"

/* `text` is NUL-terminated at text.len and UTF-8; `tag` the full tag, NULL when
 * there is none; `plain`: without quotes.  On NULL *why says what is wrong,
 * or is NULL too when memory is out. */
json_t *tarn__yaml_scalar(
    tarn_slice text, const char *tag, bool plain, const char **why);

#endif

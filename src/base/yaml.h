/* YAML through libfyaml, as jansson values with source positions. */
#ifndef TARN_BASE_YAML_H
#define TARN_BASE_YAML_H

#include "base/json.h"

typedef struct tarn__yaml tarn__yaml;

/* Parse all documents of a YAML text (core schema: null, bool, int, float,
 * string; duplicate keys refused; aliases expanded up to 1e6 nodes).  `what`
 * names the file in errors, which carry line and column. */
TARN_MUST_CHECK tarn_status tarn__yaml_parse(
    tarn_slice text, const char *what, tarn__yaml **out, tarn_error *err);
typedef struct tarn__yaml_fault {
    int line; /* from 1; 0: none */
    int column;
} tarn__yaml_fault;
/* The same, but the message is the reason alone, and its place apart. */
TARN_MUST_CHECK tarn_status tarn__yaml_parse_placed(tarn_slice text,
    tarn__yaml **out, tarn__yaml_fault *fault, tarn_error *err);
size_t tarn__yaml_count(const tarn__yaml *yaml);
/* Borrowed until tarn__yaml_free(). */
json_t *tarn__yaml_root(const tarn__yaml *yaml, size_t index);
/* Line and column (from 1) where a value stands, by JSON pointer such as
 * "/steps/0/id"; false when there is none. */
bool tarn__yaml_where(const tarn__yaml *yaml, size_t index, const char *pointer,
    int *line, int *column);
void tarn__yaml_free(tarn__yaml *yaml);

#endif

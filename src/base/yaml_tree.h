/* The inside of a tarn__yaml, for the two files that make and read it. */
#ifndef TARN_BASE_YAML_TREE_H
#define TARN_BASE_YAML_TREE_H

#include "base/memory.h"
#include "base/yaml.h"

/* Where a value stands; the tree has the form of the JSON value. */
typedef struct tarn__place {
    int line;
    int column;
    const char *key; /* NULL in a sequence and at the root */
    struct tarn__place *first;
    struct tarn__place *last;
    struct tarn__place *next;
} tarn__place;

typedef struct tarn__yaml_document {
    json_t *root;
    tarn__place *where;
} tarn__yaml_document;

struct tarn__yaml {
    tarn__arena arena; /* the places and their keys */
    tarn__yaml_document *documents;
    size_t count;
    size_t cap;
};

/* Parse `text` (UTF-8, not empty) and append its documents; on failure some
 * may have been added. */
TARN_MUST_CHECK tarn_status tarn__yaml_build(tarn__yaml *yaml, tarn_slice text,
    const char *what, tarn__yaml_fault *fault, tarn_error *err);

#endif

/* A chunk's vectors while C code fills them.  For files of this room only. */
#ifndef TARN_DUCK_FEED_CHUNK_H
#define TARN_DUCK_FEED_CHUNK_H

#include "duck/duck_internal.h"
#include "duck/feed.h"

typedef struct tarn__feed_column {
    duckdb_vector vector;
    void *data;
    uint64_t *validity; /* NULL until the first NULL of this chunk */
} tarn__feed_column;

struct tarn__feed_chunk {
    const tarn__feed *feed; /* NULL: of a map */
    tarn__duck *duck;
    void *worker;
    tarn__feed_column *columns;
};

/* A column's type; NULL when memory is out. */
duckdb_logical_type tarn__feed_column_type(
    const tarn__column *columns, const tarn__feed_type *types, size_t i);
/* Start on a fresh vector. */
void tarn__feed_column_reset(tarn__feed_column *c, duckdb_vector vector);

#endif

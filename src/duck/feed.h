/* Rows in bulk, made on several threads straight into DuckDB's vectors:
 * INSERT INTO t SELECT * FROM name().  Slower sources: table_function.h. */
#ifndef TARN_DUCK_FEED_H
#define TARN_DUCK_FEED_H

#include "duck/duck.h"

/* The chunk that a worker is filling. */
typedef struct tarn__feed_chunk tarn__feed_chunk;

typedef struct tarn__feed {
    const char *name; /* of the SQL function; a fresh one each time */
    /* BOOL, INT64, DOUBLE, TEXT, JSON, or TIME, which is a TIMESTAMP here. */
    const tarn__column *columns;
    size_t column_count;
    int threads;
    void *ctx;
    /* One worker a thread; none is made after another has failed. */
    tarn_status (*open)(void *ctx, void **worker, tarn_error *err);
    /* Fill up to `max` rows, every cell of each; *count 0: no more. */
    tarn_status (*fill)(void *worker, tarn__feed_chunk *chunk, size_t max,
        size_t *count, tarn_error *err);
    void (*close)(void *worker);
} tarn__feed;

/* `feed` and what it names must outlive the last statement that uses it. */
TARN_MUST_CHECK tarn_status tarn__duck_feed(
    tarn__duck *duck, const tarn__feed *feed, tarn_error *err);

/* The text is copied; it must be UTF-8. */
void tarn__feed_text(
    tarn__feed_chunk *chunk, size_t col, size_t row, tarn_slice text);
void tarn__feed_i64(tarn__feed_chunk *chunk, size_t col, size_t row, int64_t v);
void tarn__feed_bool(tarn__feed_chunk *chunk, size_t col, size_t row, bool v);
void tarn__feed_double(
    tarn__feed_chunk *chunk, size_t col, size_t row, double v);
void tarn__feed_null(tarn__feed_chunk *chunk, size_t col, size_t row);

#endif

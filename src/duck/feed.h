/* Rows in bulk, made on several threads straight into DuckDB's vectors:
 * INSERT INTO t SELECT * FROM name().  Slower sources: table_function.h. */
#ifndef TARN_DUCK_FEED_H
#define TARN_DUCK_FEED_H

#include "duck/duck.h"

/* The chunk that a worker is filling. */
typedef struct tarn__feed_chunk tarn__feed_chunk;

/* What the column's own type does not say. */
typedef enum tarn__feed_type {
    TARN__FEED_AS_COLUMN,
    TARN__FEED_TIMESTAMPTZ, /* of TIME */
    TARN__FEED_DATE         /* of INT64: days since 1970 */
} tarn__feed_type;

typedef struct tarn__feed {
    const char *name; /* of the SQL function; a fresh one each time */
    /* BOOL, INT64, DOUBLE, TEXT, JSON, or TIME, which is a TIMESTAMP here. */
    const tarn__column *columns;
    size_t column_count;
    const tarn__feed_type *types; /* of the columns; NULL: as they say */
    int threads;
    void *ctx;
    /* When given: called once a scan with the columns that DuckDB wants, which
     * alone are filled, by their place in `wanted`; *scan is the ctx of its
     * workers, and ended after them. */
    tarn_status (*begin)(void *ctx, const size_t *wanted, size_t wanted_count,
        void **scan, tarn_error *err);
    void (*end)(void *scan);
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
void tarn__feed_date(
    tarn__feed_chunk *chunk, size_t col, size_t row, int32_t v);
void tarn__feed_null(tarn__feed_chunk *chunk, size_t col, size_t row);

/* A C function as a scalar function of SQL: texts and bytes in, a STRUCT out. */
typedef struct tarn__map {
    const char *name;
    size_t arg_count; /* each TEXT; of `blobs` the bits: a BLOB */
    unsigned blobs;
    const tarn__column *columns; /* of the STRUCT */
    size_t column_count;
    const tarn__feed_type *types;
    void *ctx;
    /* One worker a chunk, any number at a time. */
    tarn_status (*open)(void *ctx, void **worker, tarn_error *err);
    /* Fill every cell of one row; ptr NULL: the argument is NULL. */
    tarn_status (*call)(void *worker, const tarn_slice *args,
        tarn__feed_chunk *chunk, size_t row, tarn_error *err);
    void (*close)(void *worker);
} tarn__map;
/* `map` and what it names must outlive the last statement that uses it. */
TARN_MUST_CHECK tarn_status tarn__duck_map(
    tarn__duck *duck, const tarn__map *map, tarn_error *err);

#endif

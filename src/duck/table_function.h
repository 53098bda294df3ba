/* A C row source as a DuckDB table function: chunk-wise, projection known. */
#ifndef TARN_DUCK_TABLE_FUNCTION_H
#define TARN_DUCK_TABLE_FUNCTION_H

#include "duck/duck.h"

/* Called once a scan with the arguments (all TEXT), from any thread. */
typedef struct tarn__source {
    const char *name; /* of the SQL function */
    size_t arg_count;
    /* Give columns (names copied) and a scan state. */
    tarn_status (*open)(void *ctx, const char *const *args, void **scan,
        tarn__column *columns, size_t max_columns, size_t *column_count,
        tarn_error *err);
    /* Fill cells of one row; only columns with wanted[i] need be filled. */
    tarn_status (*next)(
        void *scan, const bool *wanted, tarn__cell *cells, tarn_error *err);
    void (*close)(void *scan);
} tarn__source;

/* `ctx` must outlive the session; `source` is copied. */
TARN_MUST_CHECK tarn_status tarn__duck_register(
    tarn__duck *duck, const tarn__source *source, void *ctx, tarn_error *err);

#endif

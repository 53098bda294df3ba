/* An operation: one row of the log.  See DESIGN 3 and docs/FORMAT.md. */
#ifndef TARN_LAKE_OP_H
#define TARN_LAKE_OP_H

#include <tarn/base.h>

#include "delta/parquet_writer.h"

#define TARN__INLINE_MAX_BYTES 65536 /* content of this size is an object */

typedef enum tarn__op_type {
    TARN__OP_PUT,
    TARN__OP_APPEND,
    TARN__OP_DELETE
} tarn__op_type;

/* An absent column is a slice with ptr NULL, size_bytes -1, has_bounds false. */
typedef struct tarn__op {
    int64_t version;
    int32_t seq;
    int64_t time_us;
    const char *space; /* "tree", "record", "edge", "state" */
    tarn_slice tenant;
    tarn__op_type type;
    tarn_slice kind;
    tarn_slice key;
    bool has_bounds;
    int64_t min_time_us;
    int64_t max_time_us;
    int64_t size_bytes;
    tarn_slice object;  /* SHA-256, lower-case hex */
    tarn_slice content; /* inline bytes; ptr not NULL even when empty */
    tarn_slice meta;    /* JSON */
} tarn__op;
#define TARN__OP_INIT                                                        \
    {                                                                        \
        0, 0, 0, NULL, {NULL, 0}, TARN__OP_PUT, {NULL, 0}, {NULL, 0}, false, \
            0, 0, -1, {NULL, 0}, {NULL, 0},                                  \
        {                                                                    \
            NULL, 0                                                          \
        }                                                                    \
    }

/* The log's columns, in order; the first is version. */
#define TARN__OP_COLUMN_COUNT 14
extern const tarn__pq_column tarn__op_columns[TARN__OP_COLUMN_COUNT];

const char *tarn__op_type_name(tarn__op_type type); /* "put", ... */
bool tarn__op_type_parse(const char *name, size_t len, tarn__op_type *out);
/* The row of an operation; its slices are borrowed from `op`. */
void tarn__op_cells(
    const tarn__op *op, tarn__pq_cell cells[TARN__OP_COLUMN_COUNT]);

#endif

/* gzip and zstd files, unpacked by us: a cut or damaged one is an error here,
 * where DuckDB would give the rows before the damage. */
#ifndef TARN_TREE_UNPACK_H
#define TARN_TREE_UNPACK_H

#include <tarn/base.h>

typedef enum tarn__packing {
    TARN__PACKING_NONE,
    TARN__PACKING_GZIP,
    TARN__PACKING_ZSTD
} tarn__packing;

/* Write the content of a packed file to `to` (made or emptied).  TARN_BAD_INPUT
 * names `shown`. */
TARN_MUST_CHECK tarn_status tarn__unpack(const char *from, const char *shown,
    tarn__packing packing, const char *to, tarn_error *err);

#endif

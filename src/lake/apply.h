/* What the files of tarn__op_apply() share: one file a space. */
#ifndef TARN_LAKE_APPLY_H
#define TARN_LAKE_APPLY_H

#include "lake/keys.h"
#include "lake/record_row.h"

/* Memory that applying many operations uses again and again; it changes no
 * outcome. */
struct tarn__apply_memory {
    uint32_t families;
    tarn__row_layout *layout; /* of layout_text */
    tarn_buf layout_text;
    tarn__record_meta meta;
    tarn_buf key, row;
};

/* TARN_CORRUPT, naming the operation. */
TARN_MUST_CHECK tarn_status tarn__bad_op(
    const tarn__op *op, const char *why, tarn_error *err);

TARN_MUST_CHECK tarn_status tarn__apply_record(const tarn__op *op,
    tarn__apply_memory *memory, tarn__emit_fn emit, void *arg, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__apply_edge(const tarn__op *op,
    tarn__apply_memory *memory, tarn__emit_fn emit, void *arg, tarn_error *err);

#endif

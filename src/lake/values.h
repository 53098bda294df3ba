/* Encoding of the key view's payloads; decoders are in lake/keys.h. */
#ifndef TARN_LAKE_VALUES_H
#define TARN_LAKE_VALUES_H

#include "lake/keys.h"

TARN_MUST_CHECK tarn_status tarn__node_encode(
    tarn_buf *out, const tarn__node *node, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__item_encode(
    tarn_buf *out, const tarn__item *item, tarn_error *err);

#endif

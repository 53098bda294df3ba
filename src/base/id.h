/* UUIDs (RFC 9562). */
#ifndef TARN_BASE_ID_H
#define TARN_BASE_ID_H

#include <tarn/base.h>

typedef struct tarn__id {
    uint8_t bytes[16];
} tarn__id;

#define TARN__ID_TEXT_BYTES 37

/* A UUIDv7, rising within a process even inside one millisecond. */
TARN_MUST_CHECK tarn_status tarn__id_new(tarn__id *out, tarn_error *err);
const char *tarn__id_format(const tarn__id *id, char buf[TARN__ID_TEXT_BYTES]);
bool tarn__id_parse(tarn_slice text, tarn__id *out);
bool tarn__id_eq(const tarn__id *a, const tarn__id *b);
bool tarn__random(void *ptr, size_t len);

#endif

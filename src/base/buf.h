/* Growing tarn_buf.  Past its maximum: TARN_BAD_INPUT "too large". */
#ifndef TARN_BASE_BUF_H
#define TARN_BASE_BUF_H

#include <tarn/base.h>

TARN_MUST_CHECK tarn_status tarn__buf_reserve(
    tarn_buf *buf, size_t more, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__buf_append(
    tarn_buf *buf, const void *ptr, size_t len, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__buf_str(
    tarn_buf *buf, const char *s, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__buf_char(
    tarn_buf *buf, char c, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__buf_printf(
    tarn_buf *buf, tarn_error *err, const char *fmt, ...) TARN_PRINTF(3, 4);
void tarn__buf_clear(tarn_buf *buf); /* len 0, memory kept */
tarn_slice tarn__buf_slice(const tarn_buf *buf);
/* Take the bytes out, NUL-terminated (never NULL on success; an empty buffer
 * gives ""); the buffer is empty after; NULL only when memory is out. */
char *tarn__buf_take(tarn_buf *buf);

/* Fixed-width integers, for on-disk formats: be = big-endian (ordering). */
TARN_MUST_CHECK tarn_status tarn__buf_be64(
    tarn_buf *buf, uint64_t v, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__buf_be32(
    tarn_buf *buf, uint32_t v, tarn_error *err);
/* LEB128, unsigned. */
TARN_MUST_CHECK tarn_status tarn__buf_varint(
    tarn_buf *buf, uint64_t v, tarn_error *err);
uint64_t tarn__be64(const void *ptr);
uint32_t tarn__be32(const void *ptr);

/* Reading what those wrote: every getter fails with false, moving nothing, when
 * too few bytes are left. */
typedef struct tarn__cursor {
    const char *ptr;
    const char *end;
} tarn__cursor;
tarn__cursor tarn__cursor_of(tarn_slice s);
bool tarn__cursor_be64(tarn__cursor *c, uint64_t *v);
bool tarn__cursor_be32(tarn__cursor *c, uint32_t *v);
bool tarn__cursor_varint(tarn__cursor *c, uint64_t *v);
bool tarn__cursor_byte(tarn__cursor *c, uint8_t *v);
bool tarn__cursor_bytes(tarn__cursor *c, size_t len, tarn_slice *out);

#endif

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

void tarn_buf_reset(tarn_buf *buf)
{
    tarn__free(buf->ptr);
    buf->ptr = NULL;
    buf->len = 0;
    buf->cap = 0;
}

tarn_status tarn__buf_reserve(tarn_buf *buf, size_t more, tarn_error *err)
{
    if (buf->len > buf->max || more > buf->max - buf->len)
        return tarn__fail(
            err, TARN_BAD_INPUT, "too large: more than %zu bytes", buf->max);
    size_t need; /* with the NUL */
    if (__builtin_add_overflow(buf->len + 1, more, &need) ||
        buf->len == SIZE_MAX)
        return tarn__no_memory(err);
    if (need <= buf->cap)
        return TARN_OK;
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (buf->max < SIZE_MAX && cap > buf->max + 1)
        cap = buf->max + 1;
    char *ptr = tarn__realloc(buf->ptr, cap);
    if (ptr == NULL)
        return tarn__no_memory(err);
    buf->ptr = ptr;
    buf->cap = cap;
    buf->ptr[buf->len] = '\0';
    return TARN_OK;
}

tarn_status tarn__buf_append(
    tarn_buf *buf, const void *ptr, size_t len, tarn_error *err)
{
    tarn_status st = tarn__buf_reserve(buf, len, err);
    if (st != TARN_OK)
        return st;
    if (len > 0)
        memcpy(buf->ptr + buf->len, ptr, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
    return TARN_OK;
}

tarn_status tarn__buf_str(tarn_buf *buf, const char *s, tarn_error *err)
{
    return tarn__buf_append(buf, s, strlen(s), err);
}

tarn_status tarn__buf_char(tarn_buf *buf, char c, tarn_error *err)
{
    return tarn__buf_append(buf, &c, 1, err);
}

tarn_status tarn__buf_printf(
    tarn_buf *buf, tarn_error *err, const char *fmt, ...)
{
    size_t room = buf->cap - buf->len;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(room > 0 ? buf->ptr + buf->len : NULL, room, fmt, args);
    va_end(args);
    if (room > 0)
        buf->ptr[buf->len] = '\0'; /* nothing is appended yet */
    if (n < 0)
        return tarn__fail(err, TARN_FAILED, "text: cannot be formatted");
    size_t len = (size_t)n;
    tarn_status st = tarn__buf_reserve(buf, len, err);
    if (st != TARN_OK)
        return st;
    va_start(args, fmt);
    vsnprintf(buf->ptr + buf->len, len + 1, fmt, args);
    va_end(args);
    buf->len += len;
    return TARN_OK;
}

void tarn__buf_clear(tarn_buf *buf)
{
    buf->len = 0;
    if (buf->ptr != NULL)
        buf->ptr[0] = '\0';
}

tarn_slice tarn__buf_slice(const tarn_buf *buf)
{
    tarn_slice slice = {buf->ptr, buf->len};
    return slice;
}

char *tarn__buf_take(tarn_buf *buf)
{
    char *ptr = buf->ptr;
    if (ptr == NULL)
        return tarn__strndup("", 0);
    buf->ptr = NULL;
    buf->len = 0;
    buf->cap = 0;
    return ptr;
}

/* Big-endian integers and LEB128, appended. */

static void store_be(uint8_t *out, uint64_t v, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; v >>= 8)
        out[i] = (uint8_t)(v & 0xFF);
}

tarn_status tarn__buf_be64(tarn_buf *buf, uint64_t v, tarn_error *err)
{
    uint8_t bytes[8];
    store_be(bytes, v, sizeof(bytes));
    return tarn__buf_append(buf, bytes, sizeof(bytes), err);
}

tarn_status tarn__buf_be32(tarn_buf *buf, uint32_t v, tarn_error *err)
{
    uint8_t bytes[4];
    store_be(bytes, v, sizeof(bytes));
    return tarn__buf_append(buf, bytes, sizeof(bytes), err);
}

tarn_status tarn__buf_varint(tarn_buf *buf, uint64_t v, tarn_error *err)
{
    uint8_t bytes[10];
    size_t len = 0;
    while (v >= 0x80) {
        bytes[len++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    bytes[len++] = (uint8_t)v;
    return tarn__buf_append(buf, bytes, len, err);
}

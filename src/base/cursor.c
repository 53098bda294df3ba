#include "base/buf.h"

uint64_t tarn__be64(const void *ptr)
{
    const uint8_t *p = ptr;
    return (uint64_t)tarn__be32(p) << 32 | tarn__be32(p + 4);
}

uint32_t tarn__be32(const void *ptr)
{
    const uint8_t *p = ptr;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
        (uint32_t)p[3];
}

tarn__cursor tarn__cursor_of(tarn_slice s)
{
    tarn__cursor c = {s.ptr, s.len > 0 ? s.ptr + s.len : s.ptr};
    return c;
}

static size_t left(const tarn__cursor *c)
{
    return (size_t)(c->end - c->ptr);
}

bool tarn__cursor_be64(tarn__cursor *c, uint64_t *v)
{
    if (left(c) < 8)
        return false;
    *v = tarn__be64(c->ptr);
    c->ptr += 8;
    return true;
}

bool tarn__cursor_be32(tarn__cursor *c, uint32_t *v)
{
    if (left(c) < 4)
        return false;
    *v = tarn__be32(c->ptr);
    c->ptr += 4;
    return true;
}

bool tarn__cursor_varint(tarn__cursor *c, uint64_t *v)
{
    uint64_t value = 0;
    size_t have = left(c);
    for (size_t i = 0; i < have && i < 10; i++) {
        uint8_t byte = (uint8_t)c->ptr[i];
        if (i == 9 && byte > 1)
            return false; /* more than 64 bits */
        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *v = value;
            c->ptr += i + 1;
            return true;
        }
    }
    return false;
}

bool tarn__cursor_byte(tarn__cursor *c, uint8_t *v)
{
    if (left(c) < 1)
        return false;
    *v = (uint8_t)*c->ptr++;
    return true;
}

bool tarn__cursor_bytes(tarn__cursor *c, size_t len, tarn_slice *out)
{
    if (left(c) < len)
        return false;
    out->ptr = c->ptr;
    out->len = len;
    c->ptr += len;
    return true;
}

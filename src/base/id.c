#include "base/id.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/str.h"
#include "base/time.h"

/* The newest UUIDv7's 60 leading bits: 48 of milliseconds, 12 of what lies
 * below.  One for the process, as the order that it keeps is the process's. */
static atomic_uint_least64_t newest;

bool tarn__random(void *ptr, size_t len)
{
    uint8_t *p = ptr;
    while (len > 0) {
        size_t part = len < 256 ? len : 256;
        if (getentropy(p, part) != 0)
            return false;
        p += part;
        len -= part;
    }
    return true;
}

/* Milliseconds and, in 1/4096 of one, the rest; at least one above the last. */
static uint64_t next_stamp(void)
{
    uint64_t us = (uint64_t)tarn__now_us();
    uint64_t now = us / 1000 << 12 | us % 1000 * 4096 / 1000;
    uint64_t last = atomic_load(&newest);
    uint64_t next;
    do
        next = now > last ? now : last + 1;
    while (!atomic_compare_exchange_weak(&newest, &last, next));
    return next;
}

tarn_status tarn__id_new(tarn__id *out, tarn_error *err)
{
    tarn__id id;
    if (!tarn__random(id.bytes + 8, 8)) {
        memset(out, 0, sizeof(*out));
        return tarn__fail_os(err, errno, "random bytes for an id");
    }
    uint64_t stamp = next_stamp();
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(stamp >> (52 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | (stamp >> 8 & 0x0F));
    id.bytes[7] = (uint8_t)stamp;
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3F));
    *out = id;
    return TARN_OK;
}

const char *tarn__id_format(const tarn__id *id, char buf[TARN__ID_TEXT_BYTES])
{
    static const size_t ends[] = {4, 6, 8, 10, 16};
    char *p = buf;
    size_t at = 0;
    for (size_t i = 0; i < 5; i++) {
        if (i > 0)
            *p++ = '-';
        tarn__hex(id->bytes + at, ends[i] - at, p);
        p += 2 * (ends[i] - at);
        at = ends[i];
    }
    return buf;
}

bool tarn__id_parse(tarn_slice text, tarn__id *out)
{
    if (text.len != TARN__ID_TEXT_BYTES - 1)
        return false;
    char hex[32];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text.ptr[i] == '-'))
            return false;
        if (!dash)
            hex[len++] = text.ptr[i];
    }
    tarn__id id;
    if (!tarn__unhex(hex, len, id.bytes))
        return false;
    *out = id;
    return true;
}

bool tarn__id_eq(const tarn__id *a, const tarn__id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

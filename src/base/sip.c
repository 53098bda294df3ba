/* SipHash-1-3 with 128 bits (Aumasson, Bernstein: https://131002.net/siphash).
 */
#include <string.h>

#include "base/hash.h"

static uint64_t rotate(uint64_t v, int bits)
{
    return v << bits | v >> (64 - bits);
}

/* By value: it stays in registers. */
typedef struct sip {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t d;
} sip;

static inline sip sip_round(sip v)
{
    v.a += v.b;
    v.b = rotate(v.b, 13) ^ v.a;
    v.a = rotate(v.a, 32);
    v.c += v.d;
    v.d = rotate(v.d, 16) ^ v.c;
    v.a += v.d;
    v.d = rotate(v.d, 21) ^ v.a;
    v.c += v.b;
    v.b = rotate(v.b, 17) ^ v.c;
    v.c = rotate(v.c, 32);
    return v;
}

static inline sip sip_take(sip v, uint64_t m)
{
    v.d ^= m;
    v = sip_round(v);
    v.a ^= m;
    return v;
}

tarn__hash128 tarn__sip128(const uint64_t key[2], tarn_slice bytes)
{
    sip v = {0x736f6d6570736575U ^ key[0], 0x646f72616e646f6dU ^ key[1] ^ 0xEE,
        0x6c7967656e657261U ^ key[0], 0x7465646279746573U ^ key[1]};
    size_t at = 0;
    for (; at + 8 <= bytes.len; at += 8) {
        uint64_t m;
        memcpy(&m, bytes.ptr + at, 8);
        v = sip_take(v, m);
    }
    uint64_t last = (uint64_t)bytes.len << 56;
    for (size_t i = 0; at + i < bytes.len; i++)
        last |= (uint64_t)(unsigned char)bytes.ptr[at + i] << (8 * i);
    v = sip_take(v, last);
    v.c ^= 0xEE;
    for (int i = 0; i < 3; i++)
        v = sip_round(v);
    tarn__hash128 h;
    h.a = v.a ^ v.b ^ v.c ^ v.d;
    v.b ^= 0xDD;
    for (int i = 0; i < 3; i++)
        v = sip_round(v);
    h.b = v.a ^ v.b ^ v.c ^ v.d;
    h.b |= h.a == 0; /* never both 0 */
    return h;
}

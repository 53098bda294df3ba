/* SipHash-1-3 with 128 bits (Aumasson, Bernstein: https://131002.net/siphash).
 */
#include <string.h>

#include "base/hash.h"

static uint64_t rotate(uint64_t v, int bits)
{
    return v << bits | v >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

tarn__hash128 tarn__sip128(const uint64_t key[2], tarn_slice bytes)
{
    uint64_t v[4] = {0x736f6d6570736575U ^ key[0],
        0x646f72616e646f6dU ^ key[1] ^ 0xEE,
        0x6c7967656e657261U ^ key[0], 0x7465646279746573U ^ key[1]};
    size_t at = 0;
    for (; at + 8 <= bytes.len; at += 8) {
        uint64_t m;
        memcpy(&m, bytes.ptr + at, 8);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
    }
    uint64_t last = (uint64_t)bytes.len << 56;
    for (size_t i = 0; at + i < bytes.len; i++)
        last |= (uint64_t)(unsigned char)bytes.ptr[at + i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xEE;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    tarn__hash128 h;
    h.a = v[0] ^ v[1] ^ v[2] ^ v[3];
    v[1] ^= 0xDD;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    h.b = v[0] ^ v[1] ^ v[2] ^ v[3];
    h.b |= h.a == 0; /* never both 0 */
    return h;
}

/* The rolling digest: with p = 2^61 - 1 and g = BASE, a primitive root of p,
 *
 *     hash(b[0] .. b[n-1]) = sum of b[i] * g^(n-1-i)  mod p
 *
 * so hash(A||B) = hash(A) * g^len(B) + hash(B).  A block is summed before it is
 * reduced: each byte times the two 32-bit halves of its power, in two sums that
 * cannot overflow (BLOCK * 255 * 2^32 < 2^64). */
#include <pthread.h>

#include "base/hash.h"

__extension__ typedef unsigned __int128 wide;

#define MODULUS ((UINT64_C(1) << 61) - 1)
#define BASE UINT64_C(0x43F6A8885A308DE)
#define BLOCK 64

/* Constants of the process, computed once. */
static pthread_once_t powers_once = PTHREAD_ONCE_INIT;
static uint64_t block_power;      /* g^BLOCK */
static uint32_t power_low[BLOCK]; /* of g^(BLOCK-1-i) */
static uint32_t power_high[BLOCK];

/* v < 2^125 to a value below p. */
static uint64_t reduce(wide v)
{
    v = (v & MODULUS) + (v >> 61);
    uint64_t r = (uint64_t)(v & MODULUS) + (uint64_t)(v >> 61);
    return r >= MODULUS ? r - MODULUS : r;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return reduce((wide)a * b);
}

static void make_powers(void)
{
    uint64_t power = 1;
    for (int i = BLOCK; i-- > 0;) {
        power_low[i] = (uint32_t)power;
        power_high[i] = (uint32_t)(power >> 32);
        power = times(power, BASE);
    }
    block_power = power;
}

static uint64_t block_sum(const uint8_t *restrict p)
{
    uint64_t low = 0;
    uint64_t high = 0;
    for (int i = 0; i < BLOCK; i++) {
        low += (uint64_t)p[i] * power_low[i];
        high += (uint64_t)p[i] * power_high[i];
    }
    return reduce(((wide)high << 32) + low);
}

void tarn__roll_update(tarn__roll *roll, const void *ptr, size_t len)
{
    (void)pthread_once(&powers_once, make_powers);
    const uint8_t *p = ptr;
    uint64_t hash = roll->hash;
    roll->len += len;
    for (; len >= BLOCK; p += BLOCK, len -= BLOCK)
        hash = reduce((wide)hash * block_power + block_sum(p));
    for (; len > 0; p++, len--)
        hash = reduce((wide)hash * BASE + *p);
    roll->hash = hash;
}

tarn__roll tarn__roll_join(tarn__roll a, tarn__roll b)
{
    uint64_t shift = 1; /* g^b.len */
    uint64_t square = BASE;
    for (uint64_t n = b.len; n > 0; n >>= 1) {
        if (n & 1)
            shift = times(shift, square);
        square = times(square, square);
    }
    tarn__roll joined = {reduce((wide)a.hash * shift + b.hash), a.len + b.len};
    return joined;
}

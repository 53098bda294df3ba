/* Digits of integers wider than 64 bits, of decimals and of BIGNUM. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "duck/duck_internal.h"

__extension__ typedef unsigned __int128 u128;

#define U128_DIGITS 39

/* Digits of v, at least `least` of them, ending at `end`; returns the first. */
static char *write_u128(char *end, u128 v, size_t least)
{
    char *at = end;
    while (v > UINT64_MAX) {
        *--at = (char)('0' + (int)(v % 10));
        v /= 10;
    }
    for (uint64_t low = (uint64_t)v; low != 0; low /= 10)
        *--at = (char)('0' + (int)(low % 10));
    while ((size_t)(end - at) < least)
        *--at = '0';
    return at;
}

static tarn_status write_number(
    tarn_buf *out, bool negative, u128 v, uint8_t scale, tarn_error *err)
{
    char text[2 * U128_DIGITS];
    char *end = text + sizeof(text);
    char *at = write_u128(end, v, (size_t)scale + 1);
    if (scale > 0) {
        size_t whole = (size_t)(end - at) - scale;
        memmove(at - 1, at, whole);
        at--;
        at[whole] = '.';
    }
    if (negative)
        *--at = '-';
    return tarn__buf_append(out, at, (size_t)(end - at), err);
}

tarn_status tarn__digits_int(
    tarn_buf *out, duckdb_hugeint v, uint8_t scale, tarn_error *err)
{
    bool negative = v.upper < 0;
    u128 n = (u128)(uint64_t)v.upper << 64 | v.lower;
    return write_number(out, negative, negative ? -n : n, scale, err);
}

tarn_status tarn__digits_uint(tarn_buf *out, duckdb_uhugeint v, tarn_error *err)
{
    return write_number(out, false, (u128)v.upper << 64 | v.lower, 0, err);
}

#define LIMB 1000000000U
#define LIMB_DIGITS 9

/* limbs = limbs * 256 + byte, in base 10^9, least first. */
static void shift_in(uint32_t *limbs, size_t *count, uint8_t byte)
{
    uint64_t carry = byte;
    for (size_t i = 0; i < *count; i++) {
        uint64_t v = (uint64_t)limbs[i] * 256 + carry;
        limbs[i] = (uint32_t)(v % LIMB);
        carry = v / LIMB;
    }
    if (carry > 0)
        limbs[(*count)++] = (uint32_t)carry;
}

static tarn_status write_limbs(tarn_buf *out, bool negative,
    const uint32_t *limbs, size_t count, tarn_error *err)
{
    if (count == 0)
        return tarn__buf_char(out, '0', err);
    tarn_status st = negative ? tarn__buf_char(out, '-', err) : TARN_OK;
    for (size_t i = count; st == TARN_OK && i-- > 0;) {
        char text[LIMB_DIGITS + 1];
        char *end = text + LIMB_DIGITS;
        char *at = write_u128(end, limbs[i], i + 1 == count ? 1 : LIMB_DIGITS);
        st = tarn__buf_append(out, at, (size_t)(end - at), err);
    }
    return st;
}

/* Three bytes of header, whose top bit is set on numbers >= 0, then the
 * magnitude, most significant byte first; a negative one has all bits turned
 * over. */
tarn_status tarn__digits_bignum(
    tarn_buf *out, tarn_slice bytes, tarn_error *err)
{
    if (bytes.len < 4)
        return tarn__fail(
            err, TARN_CORRUPT, "BIGNUM of %zu bytes: too short", bytes.len);
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    bool negative = (p[0] & 0x80) == 0;
    uint8_t turn = negative ? 0xFF : 0;
    size_t len = bytes.len - 3;
    uint32_t *limbs = tarn__calloc(len / 3 + 2, sizeof(*limbs));
    if (limbs == NULL)
        return tarn__no_memory(err);
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        shift_in(limbs, &count, p[3 + i] ^ turn);
    tarn_status st = write_limbs(out, negative, limbs, count, err);
    tarn__free(limbs);
    return st;
}

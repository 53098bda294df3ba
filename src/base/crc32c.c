/* CRC-32C (Castagnoli, reflected polynomial 0x82F63B78): by the SSE4.2
 * instruction where the processor has it, else by a table, 8 bytes a step. */
#include <pthread.h>
#include <string.h>

#include "base/hash.h"

#define POLYNOMIAL UINT32_C(0x82F63B78)

/* table[k][b]: the CRC of byte b followed by k zero bytes.  A constant of the
 * process, computed once. */
static pthread_once_t table_once = PTHREAD_ONCE_INIT;
static uint32_t table[8][256];

static void make_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
        table[0][byte] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = table[k - 1][byte];
            table[k][byte] = before >> 8 ^ table[0][before & 0xFF];
        }
}

uint32_t tarn__crc32c_table(uint32_t crc, const void *ptr, size_t len)
{
    (void)pthread_once(&table_once, make_table);
    const uint8_t *p = ptr;
    crc = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
            (uint32_t)p[3] << 24;
        crc = table[7][crc & 0xFF] ^ table[6][crc >> 8 & 0xFF] ^
            table[5][crc >> 16 & 0xFF] ^ table[4][crc >> 24] ^ table[3][p[4]] ^
            table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
    }
    for (; len > 0; p++, len--)
        crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)

#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(
    uint32_t crc, const void *ptr, size_t len)
{
    const uint8_t *p = ptr;
    uint64_t wide = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = (uint32_t)wide;
    for (; len > 0; p++, len--)
        crc = _mm_crc32_u8(crc, *p);
    return ~crc;
}

uint32_t tarn__crc32c(uint32_t crc, const void *ptr, size_t len)
{
    if (__builtin_cpu_supports("sse4.2"))
        return crc32c_sse42(crc, ptr, len);
    return tarn__crc32c_table(crc, ptr, len);
}

#else

uint32_t tarn__crc32c(uint32_t crc, const void *ptr, size_t len)
{
    return tarn__crc32c_table(crc, ptr, len);
}

#endif

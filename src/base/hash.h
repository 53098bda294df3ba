/* Digests: SHA-256 (libcrypto, SHA-NI where there is one), a rolling digest, a
 * short keyed one and CRC-32C. */
#ifndef TARN_BASE_HASH_H
#define TARN_BASE_HASH_H

#include <tarn/base.h>

#define TARN__SHA256_BYTES 32
#define TARN__SHA256_HEX_BYTES 65

typedef struct tarn__sha256 tarn__sha256;

TARN_MUST_CHECK tarn_status tarn__sha256_create(
    tarn__sha256 **out, tarn_error *err);
void tarn__sha256_update(tarn__sha256 *sha, const void *ptr, size_t len);
/* Gives the digest and starts anew. */
void tarn__sha256_finish(tarn__sha256 *sha, uint8_t digest[TARN__SHA256_BYTES]);
void tarn__sha256_free(tarn__sha256 *sha);
TARN_MUST_CHECK tarn_status tarn__sha256_of(
    tarn_slice bytes, uint8_t digest[TARN__SHA256_BYTES], tarn_error *err);

/* A rolling digest of a growing byte sequence, whose state is its value: the
 * digest of A||B follows from the state after A and the bytes of B alone.
 * Polynomial over 2^61-1 with a fixed base (src/base/roll.c defines it); finds
 * accidents, not attacks. */
typedef struct tarn__roll {
    uint64_t hash;
    uint64_t len;
} tarn__roll;
/* clang-format off */
#define TARN__ROLL_INIT {0, 0}
/* clang-format on */
void tarn__roll_update(tarn__roll *roll, const void *ptr, size_t len);
/* State after A||B from the states of A and of B alone. */
tarn__roll tarn__roll_join(tarn__roll a, tarn__roll b);

/* A short keyed digest that stands for its bytes: among 10^9 of them two meet
 * with a chance of 10^-21, and nobody who lacks the key can choose them so.
 * Never both halves 0. */
typedef struct tarn__hash128 {
    uint64_t a;
    uint64_t b;
} tarn__hash128;
tarn__hash128 tarn__sip128(const uint64_t key[2], tarn_slice bytes);

/* CRC-32C of bytes, continued from `crc` (0 at the start). */
uint32_t tarn__crc32c(uint32_t crc, const void *ptr, size_t len);
/* The same without special instructions; apart so that tests can compare. */
uint32_t tarn__crc32c_table(uint32_t crc, const void *ptr, size_t len);

#endif

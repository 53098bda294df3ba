#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "unit/base/memory_sweep.h"

static void assert_digest(const uint8_t *digest, const char *hex)
{
    char text[TARN__SHA256_HEX_BYTES];
    tarn__hex(digest, TARN__SHA256_BYTES, text);
    assert_string_equal(text, hex);
}

#define SHA_EMPTY \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA_ABC \
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void sha256_gives_the_published_digests(void **state)
{
    (void)state;
    uint8_t digest[TARN__SHA256_BYTES];
    tarn_slice none = {NULL, 0};
    assert_int_equal(tarn__sha256_of(none, digest, NULL), TARN_OK);
    assert_digest(digest, SHA_EMPTY);
    assert_int_equal(tarn__sha256_of(tarn_str("abc"), digest, NULL), TARN_OK);
    assert_digest(digest, SHA_ABC);
}

static void a_finished_digest_starts_anew(void **state)
{
    (void)state;
    uint8_t digest[TARN__SHA256_BYTES];
    tarn__sha256 *sha;
    assert_int_equal(tarn__sha256_create(&sha, NULL), TARN_OK);
    for (int i = 0; i < 3; i++) {
        tarn__sha256_update(sha, "a", 1);
        tarn__sha256_update(sha, "", 0);
        tarn__sha256_update(sha, "bc", 2);
        tarn__sha256_finish(sha, digest);
        assert_digest(digest, SHA_ABC);
    }
    tarn__sha256_finish(sha, digest);
    assert_digest(digest, SHA_EMPTY);
    tarn__sha256_free(sha);
    tarn__sha256_free(NULL);
}

static tarn_status hash_abc(void *arg, tarn_error *err)
{
    return tarn__sha256_of(tarn_str("abc"), arg, err);
}

static void sha256_without_memory_says_so(void **state)
{
    (void)state;
    uint8_t digest[TARN__SHA256_BYTES];
    assert_int_equal(sweep_allocations(hash_abc, digest), 1);
    assert_digest(digest, SHA_ABC);
}

#define SAMPLE_BYTES 1000

static void fill_sample(uint8_t *bytes)
{
    uint32_t x = 1;
    for (size_t i = 0; i < SAMPLE_BYTES; i++) {
        x = x * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(x >> 24);
    }
}

static tarn__roll roll_of(const void *ptr, size_t len)
{
    tarn__roll roll = TARN__ROLL_INIT;
    tarn__roll_update(&roll, ptr, len);
    return roll;
}

static void assert_roll(tarn__roll a, tarn__roll b)
{
    assert_true(a.hash == b.hash);
    assert_true(a.len == b.len);
}

/* The definition, a byte at a time, by shifts and subtractions alone. */
static uint64_t slow_times(uint64_t a, uint64_t b)
{
    const uint64_t p = (UINT64_C(1) << 61) - 1;
    uint64_t product = 0;
    for (; b > 0; b >>= 1) {
        if ((b & 1) != 0)
            product = (product + a) % p;
        a = a * 2 % p;
    }
    return product;
}

static void the_rolling_digest_is_as_it_is_defined(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_BYTES];
    fill_sample(bytes);
    uint64_t expected = 0;
    for (size_t i = 0; i < SAMPLE_BYTES; i++)
        expected =
            (slow_times(expected, UINT64_C(0x43F6A8885A308DE)) + bytes[i]) %
            ((UINT64_C(1) << 61) - 1);
    assert_true(roll_of(bytes, SAMPLE_BYTES).hash == expected);
}

/* Stored in the lake: it must never change. */
static void the_rolling_digest_of_a_sample_is_pinned(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_BYTES];
    fill_sample(bytes);
    assert_true(
        roll_of(bytes, SAMPLE_BYTES).hash == UINT64_C(0x1168F5634F65B042));
    assert_true(roll_of("abc", 3).len == 3);
}

static void the_rolling_digest_does_not_see_how_bytes_are_split(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_BYTES];
    fill_sample(bytes);
    tarn__roll whole = roll_of(bytes, SAMPLE_BYTES);
    for (size_t step = 1; step < 200; step++) {
        tarn__roll roll = TARN__ROLL_INIT;
        for (size_t at = 0; at < SAMPLE_BYTES; at += step)
            tarn__roll_update(&roll, bytes + at,
                step < SAMPLE_BYTES - at ? step : SAMPLE_BYTES - at);
        assert_roll(roll, whole);
    }
}

static void joined_states_are_the_state_of_the_whole(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_BYTES];
    fill_sample(bytes);
    tarn__roll whole = roll_of(bytes, SAMPLE_BYTES);
    for (size_t at = 0; at <= SAMPLE_BYTES; at += 37)
        assert_roll(tarn__roll_join(roll_of(bytes, at),
                        roll_of(bytes + at, SAMPLE_BYTES - at)),
            whole);
}

static void a_flipped_bit_or_a_moved_byte_changes_the_rolling_digest(
    void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_BYTES];
    fill_sample(bytes);
    uint64_t before = roll_of(bytes, SAMPLE_BYTES).hash;
    for (size_t i = 0; i < SAMPLE_BYTES; i += 13) {
        bytes[i] ^= 1;
        assert_true(roll_of(bytes, SAMPLE_BYTES).hash != before);
        bytes[i] ^= 1;
    }
    uint8_t first = bytes[0];
    memmove(bytes, bytes + 1, SAMPLE_BYTES - 1);
    bytes[SAMPLE_BYTES - 1] = first;
    assert_true(roll_of(bytes, SAMPLE_BYTES).hash != before);
}

static void zeros_at_the_start_count_by_length(void **state)
{
    (void)state;
    assert_true(roll_of("\0\0\0", 3).len != roll_of("\0\0", 2).len);
    assert_true(roll_of("", 0).hash == 0);
}

static void crc32c_gives_the_published_values(void **state)
{
    (void)state;
    uint8_t bytes[32] = {0};
    assert_int_equal(tarn__crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(tarn__crc32c(0, bytes, 32), 0x8A9136AA);
    memset(bytes, 0xFF, 32);
    assert_int_equal(tarn__crc32c(0, bytes, 32), 0x62A8AB43);
    assert_int_equal(tarn__crc32c(0, NULL, 0), 0);
}

static void crc32c_continues(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_BYTES];
    fill_sample(bytes);
    uint32_t whole = tarn__crc32c(0, bytes, SAMPLE_BYTES);
    for (size_t at = 0; at <= SAMPLE_BYTES; at += 11) {
        uint32_t crc = tarn__crc32c(0, bytes, at);
        assert_int_equal(
            tarn__crc32c(crc, bytes + at, SAMPLE_BYTES - at), whole);
    }
}

static void crc32c_is_the_same_by_table_and_by_instruction(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_BYTES];
    fill_sample(bytes);
    for (size_t len = 0; len < 100; len++)
        assert_int_equal(tarn__crc32c(7, bytes + len, len),
            tarn__crc32c_table(7, bytes + len, len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(a_finished_digest_starts_anew),
        cmocka_unit_test(sha256_without_memory_says_so),
        cmocka_unit_test(the_rolling_digest_is_as_it_is_defined),
        cmocka_unit_test(the_rolling_digest_of_a_sample_is_pinned),
        cmocka_unit_test(the_rolling_digest_does_not_see_how_bytes_are_split),
        cmocka_unit_test(joined_states_are_the_state_of_the_whole),
        cmocka_unit_test(
            a_flipped_bit_or_a_moved_byte_changes_the_rolling_digest),
        cmocka_unit_test(zeros_at_the_start_count_by_length),
        cmocka_unit_test(crc32c_gives_the_published_values),
        cmocka_unit_test(crc32c_continues),
        cmocka_unit_test(crc32c_is_the_same_by_table_and_by_instruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "unit/base/memory_sweep.h"

static void appended_bytes_end_with_nul(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(tarn__buf_append(&buf, "a\0b", 3, NULL), TARN_OK);
    assert_int_equal(tarn__buf_str(&buf, "cd", NULL), TARN_OK);
    assert_int_equal(tarn__buf_char(&buf, 'e', NULL), TARN_OK);
    assert_int_equal(tarn__buf_append(&buf, NULL, 0, NULL), TARN_OK);
    assert_int_equal(buf.len, 6);
    assert_memory_equal(buf.ptr, "a\0bcde", 7);
    tarn_buf_reset(&buf);
}

static void a_buffer_takes_its_maximum_and_no_more(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_MAX(100);
    tarn_error err;
    for (int i = 0; i < 100; i++)
        assert_int_equal(tarn__buf_char(&buf, 'x', &err), TARN_OK);
    assert_int_equal(tarn__buf_char(&buf, 'x', &err), TARN_BAD_INPUT);
    assert_string_equal(err.message, "too large: more than 100 bytes");
    assert_int_equal(buf.len, 100);
    assert_int_equal(buf.cap, 101);
    assert_int_equal(tarn__buf_printf(&buf, &err, "%d", 1), TARN_BAD_INPUT);
    assert_int_equal(strlen(buf.ptr), 100);
    tarn_buf_reset(&buf);
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(tarn__buf_reserve(&buf, SIZE_MAX, NULL), TARN_NO_MEMORY);
    assert_int_equal(tarn__buf_char(&buf, 'x', NULL), TARN_OK);
    assert_int_equal(tarn__buf_reserve(&buf, SIZE_MAX, NULL), TARN_BAD_INPUT);
    assert_string_equal(buf.ptr, "x");
    tarn_buf_reset(&buf);
}

static void a_reservation_is_room_for_so_many_and_a_nul(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(tarn__buf_reserve(&buf, 1000, NULL), TARN_OK);
    char *before = buf.ptr;
    memset(buf.ptr, 'x', 1000);
    buf.ptr[1000] = '\0';
    buf.len = 1000;
    assert_int_equal(tarn__buf_reserve(&buf, 0, NULL), TARN_OK);
    assert_ptr_equal(buf.ptr, before);
    tarn_buf_reset(&buf);
}

static void printf_appends_what_fits_and_what_does_not(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(tarn__buf_printf(&buf, NULL, "%s", ""), TARN_OK);
    assert_string_equal(buf.ptr, "");
    for (int i = 0; i < 100; i++)
        assert_int_equal(
            tarn__buf_printf(&buf, NULL, "%d,%s;", i, "abc"), TARN_OK);
    assert_int_equal(tarn__buf_printf(&buf, NULL, "%0500d", 1), TARN_OK);
    assert_int_equal(buf.len, 10 * 6 + 90 * 7 + 500);
    assert_int_equal(strlen(buf.ptr), buf.len);
    assert_memory_equal(buf.ptr, "0,abc;1,abc;", 12);
    tarn_buf_reset(&buf);
}

static void clear_keeps_the_memory(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    tarn__buf_clear(&buf);
    assert_int_equal(tarn__buf_str(&buf, "abc", NULL), TARN_OK);
    size_t cap = buf.cap;
    tarn__buf_clear(&buf);
    assert_string_equal(buf.ptr, "");
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.cap, cap);
    tarn_buf_reset(&buf);
    assert_null(buf.ptr);
    assert_int_equal(buf.max, SIZE_MAX);
}

static void taken_bytes_leave_an_empty_buffer(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_MAX(10);
    assert_int_equal(tarn__buf_str(&buf, "abc", NULL), TARN_OK);
    char *taken = tarn__buf_take(&buf);
    assert_string_equal(taken, "abc");
    assert_int_equal(tarn__buf_slice(&buf).len, 0);
    assert_null(buf.ptr);
    assert_int_equal(buf.max, 10);
    tarn__free(taken);
    taken = tarn__buf_take(&buf);
    assert_string_equal(taken, "");
    tarn__free(taken);
}

static void integers_are_big_endian(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(
        tarn__buf_be64(&buf, UINT64_C(0x0102030405060708), NULL), TARN_OK);
    assert_int_equal(tarn__buf_be32(&buf, 0xFFFEFDFC, NULL), TARN_OK);
    assert_int_equal(buf.len, 12);
    assert_memory_equal(buf.ptr, "\1\2\3\4\5\6\7\10\xFF\xFE\xFD\xFC", 12);
    assert_true(tarn__be64(buf.ptr) == UINT64_C(0x0102030405060708));
    assert_int_equal(tarn__be32(buf.ptr + 8), 0xFFFEFDFC);
    tarn_buf_reset(&buf);
}

static const uint64_t samples[] = {0, 1, 127, 128, 255, 16383, 16384,
    UINT32_MAX, (UINT64_C(1) << 56) - 1, UINT64_C(1) << 63, UINT64_MAX};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void a_cursor_reads_back_what_was_written(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    for (size_t i = 0; i < SAMPLES; i++) {
        assert_int_equal(tarn__buf_varint(&buf, samples[i], NULL), TARN_OK);
        assert_int_equal(tarn__buf_be64(&buf, samples[i], NULL), TARN_OK);
        assert_int_equal(
            tarn__buf_be32(&buf, (uint32_t)samples[i], NULL), TARN_OK);
        assert_int_equal(tarn__buf_str(&buf, "xyz", NULL), TARN_OK);
    }
    tarn__cursor c = tarn__cursor_of(tarn__buf_slice(&buf));
    for (size_t i = 0; i < SAMPLES; i++) {
        uint64_t v;
        uint32_t w;
        uint8_t byte;
        tarn_slice s;
        assert_true(tarn__cursor_varint(&c, &v));
        assert_true(v == samples[i]);
        assert_true(tarn__cursor_be64(&c, &v));
        assert_true(v == samples[i]);
        assert_true(tarn__cursor_be32(&c, &w));
        assert_int_equal(w, (uint32_t)samples[i]);
        assert_true(tarn__cursor_byte(&c, &byte));
        assert_int_equal(byte, 'x');
        assert_true(tarn__cursor_bytes(&c, 2, &s));
        assert_memory_equal(s.ptr, "yz", 2);
    }
    assert_ptr_equal(c.ptr, c.end);
    tarn_buf_reset(&buf);
}

static void varints_are_leb128(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(tarn__buf_varint(&buf, 300, NULL), TARN_OK);
    assert_int_equal(buf.len, 2);
    assert_memory_equal(buf.ptr, "\xAC\x02", 2);
    tarn_buf_reset(&buf);
}

static void a_getter_that_lacks_bytes_moves_nothing(void **state)
{
    (void)state;
    tarn_slice seven = {"\x80\x80\x80\x80\x80\x80\x80", 7};
    tarn__cursor c = tarn__cursor_of(seven);
    uint64_t v;
    tarn_slice s;
    assert_false(tarn__cursor_be64(&c, &v));
    assert_false(tarn__cursor_varint(&c, &v));
    assert_false(tarn__cursor_bytes(&c, 8, &s));
    assert_false(tarn__cursor_bytes(&c, SIZE_MAX, &s));
    assert_ptr_equal(c.ptr, seven.ptr);
    assert_true(tarn__cursor_bytes(&c, 7, &s));
    uint32_t w;
    uint8_t byte;
    assert_false(tarn__cursor_be32(&c, &w));
    assert_false(tarn__cursor_byte(&c, &byte));
    assert_true(tarn__cursor_bytes(&c, 0, &s));
}

static void a_varint_of_more_than_64_bits_is_refused(void **state)
{
    (void)state;
    uint64_t v;
    tarn_slice most = {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10};
    tarn__cursor c = tarn__cursor_of(most);
    assert_true(tarn__cursor_varint(&c, &v));
    assert_true(v == UINT64_MAX);
    tarn_slice over = {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10};
    c = tarn__cursor_of(over);
    assert_false(tarn__cursor_varint(&c, &v));
    tarn_slice longer = {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11};
    c = tarn__cursor_of(longer);
    assert_false(tarn__cursor_varint(&c, &v));
}

static void a_cursor_of_nothing_has_nothing(void **state)
{
    (void)state;
    tarn_slice none = {NULL, 0};
    tarn__cursor c = tarn__cursor_of(none);
    uint8_t byte;
    assert_false(tarn__cursor_byte(&c, &byte));
}

static tarn_status fill(void *arg, tarn_error *err)
{
    (void)arg;
    tarn_buf buf = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&buf, "abc", err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&buf, err, "%0200d", 5);
    if (st == TARN_OK) {
        st = tarn__buf_reserve(&buf, 1000, err);
        assert_int_equal(buf.len, 203);
    }
    tarn_buf_reset(&buf);
    return st;
}

static void out_of_memory_is_reported(void **state)
{
    (void)state;
    assert_int_equal(sweep_allocations(fill, NULL), 3);
    tarn_buf buf = TARN_BUF_INIT;
    tarn__fault_alloc(1, false);
    assert_null(tarn__buf_take(&buf));
    tarn__fault_alloc(0, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appended_bytes_end_with_nul),
        cmocka_unit_test(a_buffer_takes_its_maximum_and_no_more),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(a_reservation_is_room_for_so_many_and_a_nul),
        cmocka_unit_test(printf_appends_what_fits_and_what_does_not),
        cmocka_unit_test(clear_keeps_the_memory),
        cmocka_unit_test(taken_bytes_leave_an_empty_buffer),
        cmocka_unit_test(integers_are_big_endian),
        cmocka_unit_test(a_cursor_reads_back_what_was_written),
        cmocka_unit_test(varints_are_leb128),
        cmocka_unit_test(a_getter_that_lacks_bytes_moves_nothing),
        cmocka_unit_test(a_varint_of_more_than_64_bits_is_refused),
        cmocka_unit_test(a_cursor_of_nothing_has_nothing),
        cmocka_unit_test(out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#include "unit/base/memory_sweep.h"

static void nothing_is_allocated_as_something(void **state)
{
    (void)state;
    void *a = tarn__malloc(0);
    void *b = tarn__calloc(0, 8);
    void *c = tarn__realloc(NULL, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    tarn__free(a);
    tarn__free(b);
    tarn__free(c);
    tarn__free(NULL);
}

static void calloc_refuses_a_product_that_overflows(void **state)
{
    (void)state;
    size_t volatile huge = SIZE_MAX / 2;
    assert_null(tarn__calloc(huge, 4));
}

static void strndup_ends_with_nul(void **state)
{
    (void)state;
    char *s = tarn__strndup("abcdef", 3);
    assert_string_equal(s, "abc");
    tarn__free(s);
    s = tarn__strndup(NULL, 0);
    assert_string_equal(s, "");
    tarn__free(s);
}

static void sprintf_makes_room_for_all(void **state)
{
    (void)state;
    char *s = tarn__sprintf("%0300d|%s", 7, "x");
    assert_int_equal(strlen(s), 302);
    assert_string_equal(s + 299, "7|x");
    tarn__free(s);
}

static void grow_keeps_what_is_there(void **state)
{
    (void)state;
    int64_t *array = NULL;
    size_t cap = 0;
    for (int64_t i = 0; i < 1000; i++) {
        assert_int_equal(tarn__grow((void **)&array, &cap, (size_t)i + 1,
                             sizeof(*array), NULL),
            TARN_OK);
        array[i] = i;
    }
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(array[i], i);
    assert_int_equal(cap, 1024);
    tarn__free(array);
}

static void grow_refuses_a_size_that_overflows(void **state)
{
    (void)state;
    void *array = NULL;
    size_t cap = 0;
    assert_int_equal(
        tarn__grow(&array, &cap, SIZE_MAX / 4, 8, NULL), TARN_NO_MEMORY);
    assert_null(array);
    assert_int_equal(cap, 0);
}

static void a_failed_grow_changes_nothing(void **state)
{
    (void)state;
    void *array = NULL;
    size_t cap = 0;
    assert_int_equal(tarn__grow(&array, &cap, 1, 8, NULL), TARN_OK);
    void *before = array;
    tarn__fault_alloc(1, false);
    assert_int_equal(tarn__grow(&array, &cap, 100, 8, NULL), TARN_NO_MEMORY);
    tarn__fault_alloc(0, false);
    assert_ptr_equal(array, before);
    assert_int_equal(cap, 8);
    tarn__free(array);
}

static bool fails(void)
{
    void *p = tarn__malloc(1);
    tarn__free(p);
    return p == NULL;
}

static void a_fault_hits_the_nth_call_once(void **state)
{
    (void)state;
    tarn__fault_alloc(2, false);
    assert_false(fails());
    assert_true(fails());
    assert_false(fails());
    assert_int_equal(tarn__fault_alloc_count(), 3);
    tarn__fault_alloc(0, false);
    assert_false(fails());
}

static void a_sticky_fault_hits_all_that_follow(void **state)
{
    (void)state;
    tarn__fault_alloc(2, true);
    assert_false(fails());
    assert_true(fails());
    assert_true(fails());
    tarn__fault_alloc(0, true);
    assert_false(fails());
    assert_int_equal(tarn__fault_alloc_count(), 1);
}

static void every_way_to_allocate_can_fail(void **state)
{
    (void)state;
    tarn__arena arena = TARN__ARENA_INIT;
    tarn__fault_alloc(1, true);
    assert_null(tarn__malloc(1));
    assert_null(tarn__calloc(1, 1));
    assert_null(tarn__realloc(NULL, 1));
    assert_null(tarn__strdup("a"));
    assert_null(tarn__strndup("a", 1));
    assert_null(tarn__sprintf("a"));
    assert_null(tarn__arena_alloc(&arena, 1));
    assert_null(tarn__arena_strdup(&arena, "a"));
    assert_null(tarn__arena_copy(&arena, tarn_str("a")).ptr);
    tarn__fault_alloc(0, false);
    assert_int_equal(arena.used_bytes, 0);
}

static void an_arena_gives_aligned_memory_apart(void **state)
{
    (void)state;
    tarn__arena arena = TARN__ARENA_INIT;
    char *parts[500];
    for (size_t i = 0; i < 500; i++) {
        parts[i] = tarn__arena_alloc(&arena, i * 7);
        assert_non_null(parts[i]);
        assert_int_equal((uintptr_t)parts[i] % 16, 0);
        memset(parts[i], (int)(i % 251), i * 7);
    }
    for (size_t i = 0; i < 500; i++)
        for (size_t k = 0; k < i * 7; k++)
            assert_int_equal((unsigned char)parts[i][k], i % 251);
    tarn__arena_reset(&arena);
}

static void a_large_piece_does_not_waste_the_chunk_in_use(void **state)
{
    (void)state;
    tarn__arena arena = TARN__ARENA_INIT;
    char *first = tarn__arena_alloc(&arena, 16);
    assert_non_null(tarn__arena_alloc(&arena, 1000000));
    char *second = tarn__arena_alloc(&arena, 16);
    assert_ptr_equal(second, first + 16);
    tarn__arena_reset(&arena);
}

static void an_arena_says_what_it_holds(void **state)
{
    (void)state;
    tarn__arena arena = TARN__ARENA_INIT;
    for (int i = 0; i < 10000; i++)
        assert_non_null(tarn__arena_alloc(&arena, 64));
    assert_in_range(arena.used_bytes, 640000, 1200000);
    tarn__arena_reset(&arena);
    assert_int_equal(arena.used_bytes, 0);
    assert_non_null(tarn__arena_alloc(&arena, 1));
    tarn__arena_reset(&arena);
}

static void an_arena_refuses_absurd_sizes(void **state)
{
    (void)state;
    tarn__arena arena = TARN__ARENA_INIT;
    assert_null(tarn__arena_alloc(&arena, SIZE_MAX));
    tarn_slice absurd = {"", SIZE_MAX};
    assert_null(tarn__arena_copy(&arena, absurd).ptr);
    tarn__arena_reset(&arena);
}

static void an_arena_copies_bytes_and_ends_them(void **state)
{
    (void)state;
    tarn__arena arena = TARN__ARENA_INIT;
    tarn_slice in = {"a\0b", 3};
    tarn_slice out = tarn__arena_copy(&arena, in);
    assert_int_equal(out.len, 3);
    assert_memory_equal(out.ptr, "a\0b", 4);
    tarn_slice none = {NULL, 0};
    out = tarn__arena_copy(&arena, none);
    assert_string_equal(out.ptr, "");
    assert_string_equal(tarn__arena_strdup(&arena, "text"), "text");
    tarn__arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_allocated_as_something),
        cmocka_unit_test(calloc_refuses_a_product_that_overflows),
        cmocka_unit_test(strndup_ends_with_nul),
        cmocka_unit_test(sprintf_makes_room_for_all),
        cmocka_unit_test(grow_keeps_what_is_there),
        cmocka_unit_test(grow_refuses_a_size_that_overflows),
        cmocka_unit_test(a_failed_grow_changes_nothing),
        cmocka_unit_test(a_fault_hits_the_nth_call_once),
        cmocka_unit_test(a_sticky_fault_hits_all_that_follow),
        cmocka_unit_test(every_way_to_allocate_can_fail),
        cmocka_unit_test(an_arena_gives_aligned_memory_apart),
        cmocka_unit_test(a_large_piece_does_not_waste_the_chunk_in_use),
        cmocka_unit_test(an_arena_says_what_it_holds),
        cmocka_unit_test(an_arena_refuses_absurd_sizes),
        cmocka_unit_test(an_arena_copies_bytes_and_ends_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/ordmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/str.h"
#include "unit/base/memory_sweep.h"

static tarn__ordmap *new_map(void)
{
    tarn__ordmap *map;
    assert_int_equal(tarn__ordmap_create(&map, NULL), TARN_OK);
    return map;
}

static void put(tarn__ordmap *map, const char *key, const char *value)
{
    assert_int_equal(
        tarn__ordmap_put(map, tarn_str(key), tarn_str(value), NULL), TARN_OK);
}

static void assert_value(
    const tarn__ordmap *map, const char *key, const char *value)
{
    tarn_slice found;
    assert_true(tarn__ordmap_get(map, tarn_str(key), &found));
    assert_true(tarn__slice_is(found, value));
    assert_int_equal(found.ptr[found.len], '\0');
}

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    tarn_slice v;
    assert_false(tarn__ordmap_get(map, tarn_str(""), &v));
    assert_null(tarn__ordmap_seek(map, tarn_str("")));
    assert_null(tarn__ordmap_before(map, tarn_str("\xFF")));
    assert_int_equal(tarn__ordmap_count(map), 0);
    tarn__ordmap_free(map);
    tarn__ordmap_free(NULL);
}

static void a_put_replaces_the_value_of_its_key(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    put(map, "k", "first");
    put(map, "k", "2");
    assert_value(map, "k", "2");
    put(map, "k", "");
    assert_value(map, "k", "");
    put(map, "k", "a longer one");
    assert_value(map, "k", "a longer one");
    assert_int_equal(tarn__ordmap_count(map), 1);
    tarn__ordmap_free(map);
}

static void replacing_with_what_fits_takes_no_memory(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    put(map, "k", "12345678");
    size_t before = tarn__ordmap_bytes(map);
    for (int i = 0; i < 100000; i++)
        put(map, "k", "8765432");
    assert_int_equal(tarn__ordmap_bytes(map), before);
    tarn__ordmap_free(map);
}

static void a_value_may_be_put_onto_itself(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    put(map, "k", "abcdef");
    tarn_slice v;
    assert_true(tarn__ordmap_get(map, tarn_str("k"), &v));
    tarn_slice tail = {v.ptr + 2, v.len - 2};
    assert_int_equal(tarn__ordmap_put(map, tarn_str("k"), tail, NULL), TARN_OK);
    assert_value(map, "k", "cdef");
    tarn__ordmap_free(map);
}

static void keys_compare_as_bytes(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    const tarn_slice sorted[] = {{"", 0}, {"\0", 1}, {"\0\0", 2}, {"\0a", 2},
        {"A", 1}, {"a", 1}, {"a\0", 2}, {"aa", 2}, {"b", 1}, {"\x80", 1},
        {"\xFF\xFF", 2}};
    const size_t count = sizeof(sorted) / sizeof(sorted[0]);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            tarn__ordmap_put(map, sorted[i * 7 % count], tarn_str("v"), NULL),
            TARN_OK);
    const tarn__ordnode *node = tarn__ordmap_seek(map, sorted[0]);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(node);
        assert_true(tarn__slice_eq(tarn__ordnode_key(node), sorted[i]));
        node = tarn__ordnode_next(node);
    }
    assert_null(node);
    tarn__ordmap_free(map);
}

static void seek_finds_the_first_not_below_and_before_the_last_below(
    void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    put(map, "b", "1");
    put(map, "d", "2");
    const struct {
        const char *key;
        const char *at;
        const char *before;
    } cases[] = {{"a", "b", NULL}, {"b", "b", NULL}, {"c", "d", "b"},
        {"d", "d", "b"}, {"e", NULL, "d"}};
    for (size_t i = 0; i < 5; i++) {
        tarn_slice key = tarn_str(cases[i].key);
        const tarn__ordnode *at = tarn__ordmap_seek(map, key);
        const tarn__ordnode *before = tarn__ordmap_before(map, key);
        assert_true(cases[i].at == NULL
                ? at == NULL
                : tarn__slice_is(tarn__ordnode_key(at), cases[i].at));
        assert_true(cases[i].before == NULL
                ? before == NULL
                : tarn__slice_is(tarn__ordnode_key(before), cases[i].before));
    }
    tarn__ordmap_free(map);
}

#define MANY 5000

static uint32_t key_number(uint32_t i)
{
    return i * 2654435761U % 10007 * 3;
}

static void many_keys_in_any_order_come_out_sorted(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    bool there[30021] = {false};
    size_t count = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%06u", (unsigned)key_number(i));
        put(map, key, key);
        count += !there[key_number(i)];
        there[key_number(i)] = true;
    }
    assert_int_equal(tarn__ordmap_count(map), count);
    const tarn__ordnode *node = tarn__ordmap_seek(map, tarn_str(""));
    for (unsigned i = 0; i < 30021; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%06u", i);
        tarn_slice value;
        assert_int_equal(
            tarn__ordmap_get(map, tarn_str(key), &value), there[i]);
        if (!there[i])
            continue;
        assert_true(tarn__slice_is(tarn__ordnode_key(node), key));
        assert_true(tarn__slice_is(tarn__ordnode_value(node), key));
        node = tarn__ordnode_next(node);
    }
    assert_null(node);
    tarn__ordmap_free(map);
}

static void rising_and_falling_keys_come_out_sorted(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    for (unsigned i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof(key), "m%05u", i);
        put(map, key, "");
        snprintf(key, sizeof(key), "a%05u", 1000 - i);
        put(map, key, "");
        snprintf(key, sizeof(key), "z%05u", i);
        put(map, key, "");
    }
    const tarn__ordnode *node = tarn__ordmap_seek(map, tarn_str(""));
    size_t count = 1;
    for (;; count++) {
        const tarn__ordnode *next = tarn__ordnode_next(node);
        if (next == NULL)
            break;
        assert_true(tarn__slice_cmp(
                        tarn__ordnode_key(node), tarn__ordnode_key(next)) < 0);
        node = next;
    }
    assert_int_equal(count, 3000);
    tarn__ordmap_free(map);
}

static void a_position_stays_good_while_others_are_put(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    put(map, "m", "here");
    const tarn__ordnode *node = tarn__ordmap_seek(map, tarn_str("m"));
    for (unsigned i = 0; i < 2000; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%c%u", i % 2 == 0 ? 'a' : 'z', i);
        put(map, key, "other");
    }
    assert_true(tarn__slice_is(tarn__ordnode_key(node), "m"));
    assert_true(tarn__slice_is(tarn__ordnode_value(node), "here"));
    assert_true(
        tarn__slice_is(tarn__ordnode_key(tarn__ordnode_next(node)), "z1"));
    tarn__ordmap_free(map);
}

static void the_bytes_in_use_cover_what_was_put(void **state)
{
    (void)state;
    tarn__ordmap *map = new_map();
    char value[1001];
    memset(value, 'x', 1000);
    value[1000] = '\0';
    for (unsigned i = 0; i < 500; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%u", i);
        put(map, key, value);
    }
    assert_in_range(tarn__ordmap_bytes(map), 500 * 1000, 2 * 500 * 1000);
    tarn__ordmap_free(map);
}

static tarn_status fill(void *arg, tarn_error *err)
{
    (void)arg;
    tarn__ordmap *map;
    tarn_status st = tarn__ordmap_create(&map, err);
    if (st != TARN_OK) {
        assert_null(map);
        return st;
    }
    char value[3001];
    memset(value, 'x', 3000);
    value[3000] = '\0';
    size_t count = 0;
    for (char c = 'a'; st == TARN_OK && c < 'f'; c++, count++) {
        char key[2] = {c, '\0'};
        st = tarn__ordmap_put(map, tarn_str(key), tarn_str("v"), err);
        if (st == TARN_OK)
            st = tarn__ordmap_put(map, tarn_str(key), tarn_str(value), err);
        if (st != TARN_OK)
            break;
    }
    /* Whatever failed, all that was put before is there, whole. */
    for (size_t i = 0; i < count; i++) {
        char key[2] = {(char)('a' + i), '\0'};
        assert_value(map, key, value);
    }
    assert_in_range(tarn__ordmap_count(map), count, count + 1);
    tarn__ordmap_free(map);
    return st;
}

static void a_put_without_memory_changes_nothing(void **state)
{
    (void)state;
    assert_true(sweep_allocations(fill, NULL) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(a_put_replaces_the_value_of_its_key),
        cmocka_unit_test(replacing_with_what_fits_takes_no_memory),
        cmocka_unit_test(a_value_may_be_put_onto_itself),
        cmocka_unit_test(keys_compare_as_bytes),
        cmocka_unit_test(
            seek_finds_the_first_not_below_and_before_the_last_below),
        cmocka_unit_test(many_keys_in_any_order_come_out_sorted),
        cmocka_unit_test(rising_and_falling_keys_come_out_sorted),
        cmocka_unit_test(a_position_stays_good_while_others_are_put),
        cmocka_unit_test(the_bytes_in_use_cover_what_was_put),
        cmocka_unit_test(a_put_without_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Sorting byte strings, in memory and in runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lake/sorter.h"
#include "support/sandbox.h"

static tarn_status scratch_in(void *arg, tarn__scratch **out, tarn_error *err)
{
    (void)err;
    *out = arg;
    return TARN_OK;
}

/* Adds count keys of few values, in no order. */
static tarn__sorter *fill(tarn__scratch *scratch, size_t max, int count)
{
    tarn__sorter *s;
    assert_int_equal(
        TARN_OK, tarn__sorter_create(max, scratch_in, scratch, &s, NULL));
    for (int i = 0; i < count; i++) {
        char key[32], value[32];
        snprintf(key, sizeof key, "key %d", i * 7919 % 1000);
        snprintf(value, sizeof value, "%d", i);
        assert_int_equal(
            TARN_OK, tarn__sorter_add(s, tarn_str(key), tarn_str(value), NULL));
    }
    return s;
}

/* In order, and equal keys in the order in which they came. */
static int in_order(tarn__sorter *s)
{
    tarn_slice key, value;
    char last[32] = "";
    long last_value = -1;
    int count = 0;
    assert_int_equal(TARN_OK, tarn__sorter_rewind(s, NULL));
    while (tarn__sorter_next(s, &key, &value, NULL) == TARN_ROW) {
        char now[32], number[32];
        snprintf(now, sizeof now, "%.*s", (int)key.len, key.ptr);
        snprintf(number, sizeof number, "%.*s", (int)value.len, value.ptr);
        long n = strtol(number, NULL, 10);
        int order = strcmp(last, now);
        assert_true(order < 0 || (order == 0 && last_value < n));
        strcpy(last, now);
        last_value = n;
        count++;
    }
    return count;
}

static void sorts(void **state, size_t max)
{
    tarn__scratch scratch = TARN__SCRATCH_INIT;
    assert_int_equal(
        TARN_OK, tarn__scratch_open(&scratch, sandbox_dir(state), NULL));
    tarn__sorter *s = fill(&scratch, max, 5000);
    assert_int_equal(5000, tarn__sorter_count(s));
    assert_int_equal(5000, in_order(s));
    assert_int_equal(5000, in_order(s));
    tarn__sorter_free(s);
    tarn__scratch_close(&scratch);
}

static void memory_is_sorted(void **state)
{
    sorts(state, (size_t)64 << 20);
}

static void runs_are_merged(void **state)
{
    sorts(state, 4096);
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    tarn__sorter *s = fill(NULL, 4096, 0);
    assert_int_equal(0, in_order(s));
    tarn__sorter_free(s);
}

static void readers_do_not_disturb_each_other(void **state)
{
    tarn__scratch scratch = TARN__SCRATCH_INIT;
    tarn__sorted *a, *b;
    tarn_slice key, other, value;
    assert_int_equal(
        TARN_OK, tarn__scratch_open(&scratch, sandbox_dir(state), NULL));
    tarn__sorter *s = fill(&scratch, 4096, 2000);
    assert_int_equal(TARN_OK, tarn__sorter_seal(s, NULL));
    assert_int_equal(TARN_OK, tarn__sorted_open(s, &a, NULL));
    assert_int_equal(TARN_OK, tarn__sorted_open(s, &b, NULL));
    for (int i = 0; i < 700; i++)
        assert_int_equal(TARN_ROW, tarn__sorted_next(a, &key, &value, NULL));
    for (int i = 0; i < 700; i++)
        assert_int_equal(TARN_ROW, tarn__sorted_next(b, &other, &value, NULL));
    assert_int_equal(key.len, other.len);
    assert_memory_equal(key.ptr, other.ptr, key.len);
    int left = 0;
    while (tarn__sorted_next(a, &key, &value, NULL) == TARN_ROW)
        left++;
    assert_int_equal(1300, left);
    tarn__sorted_free(a);
    tarn__sorted_free(b);
    tarn__sorter_free(s);
    tarn__scratch_close(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(memory_is_sorted),
        sandbox_test(runs_are_merged),
        sandbox_test(nothing_gives_nothing),
        sandbox_test(readers_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

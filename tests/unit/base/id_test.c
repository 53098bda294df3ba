#include "base/id.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "unit/base/memory_sweep.h"

static tarn__id new_id(void)
{
    tarn__id id;
    assert_int_equal(tarn__id_new(&id, NULL), TARN_OK);
    return id;
}

static void a_new_id_is_a_uuid_of_version_7(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        tarn__id id = new_id();
        assert_int_equal(id.bytes[6] >> 4, 7);
        assert_int_equal(id.bytes[8] >> 6, 2);
    }
}

static void a_new_id_begins_with_the_time(void **state)
{
    (void)state;
    int64_t before = tarn__now_us() / 1000;
    tarn__id id = new_id();
    int64_t after = tarn__now_us() / 1000;
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id.bytes[i];
    /* Ids of the tests before may have run a little ahead. */
    assert_in_range(ms, before, after + 1000);
}

static void ids_rise(void **state)
{
    (void)state;
    tarn__id last = new_id();
    for (int i = 0; i < 20000; i++) {
        tarn__id id = new_id();
        assert_true(memcmp(last.bytes, id.bytes, 16) < 0);
        last = id;
    }
}

#define PER_THREAD 2000

static void *make_ids(void *arg)
{
    tarn__id *ids = arg;
    for (int i = 0; i < PER_THREAD; i++)
        if (tarn__id_new(&ids[i], NULL) != TARN_OK)
            return ids;
    return NULL;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(tarn__id));
}

static void threads_never_share_an_id_and_each_sees_them_rise(void **state)
{
    (void)state;
    static tarn__id ids[4][PER_THREAD];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, make_ids, ids[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    for (int i = 0; i < 4; i++)
        for (int k = 1; k < PER_THREAD; k++)
            assert_true(by_bytes(&ids[i][k - 1], &ids[i][k]) < 0);
    tarn__id *all = ids[0];
    qsort(all, 4 * PER_THREAD, sizeof(*all), by_bytes);
    for (int k = 1; k < 4 * PER_THREAD; k++)
        assert_memory_not_equal(all[k - 1].bytes, all[k].bytes, 8);
}

static void an_id_reads_back(void **state)
{
    (void)state;
    const char *text = "00112233-4455-7677-8899-aabbccddeeff";
    tarn__id id;
    char buf[TARN__ID_TEXT_BYTES];
    assert_true(tarn__id_parse(tarn_str(text), &id));
    assert_string_equal(tarn__id_format(&id, buf), text);
    tarn__id other;
    assert_true(tarn__id_parse(
        tarn_str("00112233-4455-7677-8899-AABBCCDDEEFF"), &other));
    assert_true(tarn__id_eq(&id, &other));
    other = new_id();
    assert_false(tarn__id_eq(&id, &other));
}

static void what_is_no_id_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"", "00112233-4455-7677-8899-aabbccddeef",
        "00112233-4455-7677-8899-aabbccddeeff0",
        "0011223304455-7677-8899-aabbccddeeff",
        "00112233-4455-7677-8899-aabbccddeefg",
        "-0112233-4455-7677-8899-aabbccddeeff",
        "00112233445576778899aabbccddeeff0000"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        tarn__id id;
        assert_false(tarn__id_parse(tarn_str(bad[i]), &id));
    }
}

static void random_bytes_fill_any_length(void **state)
{
    (void)state;
    uint8_t a[1001] = {0};
    uint8_t b[1001] = {0};
    assert_true(tarn__random(a, 1000));
    assert_true(tarn__random(b, 1000));
    assert_memory_not_equal(a, b, 8);
    assert_memory_not_equal(a + 992, b + 992, 8);
    assert_int_equal(a[1000], 0);
    assert_true(tarn__random(a, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_id_is_a_uuid_of_version_7),
        cmocka_unit_test(a_new_id_begins_with_the_time),
        cmocka_unit_test(ids_rise),
        cmocka_unit_test(threads_never_share_an_id_and_each_sees_them_rise),
        cmocka_unit_test(an_id_reads_back),
        cmocka_unit_test(what_is_no_id_is_refused),
        cmocka_unit_test(random_bytes_fill_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

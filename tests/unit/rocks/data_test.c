/* Values, batches, iteration, bulk load, upkeep. */
#include <stdio.h>

#include "base/memory.h"
#include "os/file.h"
#include "os/process.h"
#include "unit/rocks/rig.h"

static void a_value_is_appended_whole(void **state)
{
    tarn__rocks *db = open_db(state);
    tarn_slice key = {"k\0y", 3};
    tarn_slice value = {"v\0l", 3};
    tarn_buf buf = TARN_BUF_INIT;
    bool found;
    assert_int_equal(TARN_OK, tarn__rocks_put(db, FIRST, key, value, NULL));
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            TARN_OK, tarn__rocks_get(db, FIRST, key, &buf, &found, NULL));
    assert_true(found);
    assert_int_equal(6, buf.len);
    assert_memory_equal("v\0lv\0l", buf.ptr, 6);
    assert_int_equal(
        TARN_OK, tarn__rocks_get(db, FIRST, tarn_str("k"), &buf, &found, NULL));
    assert_false(found);
    assert_int_equal(6, buf.len);
    tarn_buf_reset(&buf);
    tarn__rocks_close(db);
}

static void an_empty_value_is_not_an_absent_one(void **state)
{
    tarn__rocks *db = open_db(state);
    tarn_slice nothing = {NULL, 0};
    assert_int_equal(
        TARN_OK, tarn__rocks_put(db, FIRST, tarn_str("a"), nothing, NULL));
    assert_value(db, FIRST, "a", "");
    tarn__rocks_close(db);
}

static void a_value_beyond_the_buffers_maximum_is_not_found(void **state)
{
    tarn__rocks *db = open_db(state);
    tarn_buf buf = TARN_BUF_MAX(3);
    bool found;
    put(db, FIRST, "a", "too long");
    assert_int_equal(TARN_BAD_INPUT,
        tarn__rocks_get(db, FIRST, tarn_str("a"), &buf, &found, NULL));
    assert_false(found);
    tarn_buf_reset(&buf);
    tarn__rocks_close(db);
}

static void a_batch_goes_in_as_one_and_is_empty_after(void **state)
{
    tarn__rocks *db = open_db(state);
    tarn__rocks_batch *batch;
    put(db, FIRST, "old", "1");
    assert_int_equal(TARN_OK, tarn__rocks_batch_create(&batch, NULL));
    tarn__rocks_batch_put(batch, db, FIRST, tarn_str("a"), tarn_str("1"));
    tarn__rocks_batch_put(batch, db, PREFIXED, tarn_str("b"), tarn_str("22"));
    tarn__rocks_batch_delete(batch, db, FIRST, tarn_str("old"));
    assert_int_equal(3, tarn__rocks_batch_count(batch));
    assert_int_equal(8, tarn__rocks_batch_bytes(batch));
    assert_value(db, FIRST, "a", NULL);
    assert_int_equal(TARN_OK, tarn__rocks_batch_write(db, batch, true, NULL));
    assert_int_equal(0, tarn__rocks_batch_count(batch));
    assert_int_equal(0, tarn__rocks_batch_bytes(batch));
    assert_value(db, FIRST, "a", "1");
    assert_value(db, PREFIXED, "b", "22");
    assert_value(db, FIRST, "old", NULL);
    tarn__rocks_batch_free(batch);
    tarn__rocks_batch_free(NULL);
    tarn__rocks_close(db);
}

static void a_refused_batch_keeps_its_writes(void **state)
{
    tarn__rocks_close(open_db(state));
    tarn__rocks *reader = open_reader(state);
    tarn__rocks_batch *batch;
    assert_int_equal(TARN_OK, tarn__rocks_batch_create(&batch, NULL));
    tarn__rocks_batch_put(batch, reader, FIRST, tarn_str("a"), tarn_str("1"));
    assert_int_not_equal(
        TARN_OK, tarn__rocks_batch_write(reader, batch, false, NULL));
    assert_int_equal(1, tarn__rocks_batch_count(batch));
    tarn__rocks_batch_free(batch);
    tarn__rocks_close(reader);
}

static void a_seek_finds_the_key_or_the_next(void **state)
{
    tarn__rocks *db = open_db(state);
    put(db, FIRST, "b", "1");
    put(db, FIRST, "d", "2");
    tarn__rocks_iter *it = iterate(db, FIRST, false);
    tarn__rocks_iter_seek(it, tarn_str("b"));
    assert_at(it, "b");
    tarn__rocks_iter_seek(it, tarn_str("c"));
    assert_at(it, "d");
    tarn__rocks_iter_seek(it, tarn_str("e"));
    assert_at(it, NULL);
    tarn__rocks_iter_first(it);
    assert_at(it, "b");
    tarn__rocks_iter_next(it);
    assert_at(it, "d");
    tarn__rocks_iter_prev(it);
    assert_at(it, "b");
    tarn__rocks_iter_prev(it);
    assert_at(it, NULL);
    tarn__rocks_iter_free(it);
    tarn__rocks_close(db);
}

static void a_seek_back_finds_the_key_or_the_one_before(void **state)
{
    tarn__rocks *db = open_db(state);
    put(db, FIRST, "b", "1");
    put(db, FIRST, "d", "2");
    for (int flushed = 0; flushed < 2; flushed++) {
        tarn__rocks_iter *it = iterate(db, FIRST, false);
        tarn__rocks_iter_seek_back(it, tarn_str("d"));
        assert_at(it, "d");
        tarn__rocks_iter_seek_back(it, tarn_str("c"));
        assert_at(it, "b");
        tarn__rocks_iter_seek_back(it, tarn_str("zz"));
        assert_at(it, "d");
        tarn__rocks_iter_seek_back(it, tarn_str("a"));
        assert_at(it, NULL);
        tarn__rocks_iter_free(it);
        assert_int_equal(TARN_OK, tarn__rocks_flush(db, NULL));
    }
    tarn__rocks_close(db);
}

static void an_iterator_does_not_see_later_writes(void **state)
{
    tarn__rocks *db = open_db(state);
    put(db, FIRST, "a", "1");
    tarn__rocks_iter *it = iterate(db, FIRST, false);
    put(db, FIRST, "b", "2");
    tarn__rocks_iter_first(it);
    assert_at(it, "a");
    tarn__rocks_iter_next(it);
    assert_at(it, NULL);
    tarn__rocks_iter_free(it);
    tarn__rocks_iter_free(NULL);
    tarn__rocks_close(db);
}

/* Keys shorter than the prefix are there too. */
static void total_order_passes_over_prefixes(void **state)
{
    static const char *const keys[] = {"a", "aaaa1", "aaaa2", "bbbb1", "c"};
    tarn__rocks *db = open_db(state);
    for (size_t i = 0; i < 5; i++)
        put(db, PREFIXED, keys[i], "");
    for (int flushed = 0; flushed < 2; flushed++) {
        tarn__rocks_iter *it = iterate(db, PREFIXED, false);
        tarn__rocks_iter_seek(it, tarn_str(""));
        for (size_t i = 0; i < 5; i++) {
            assert_at(it, keys[i]);
            tarn__rocks_iter_next(it);
        }
        assert_at(it, NULL);
        tarn__rocks_iter_seek(it, tarn_str("aaaa3"));
        assert_at(it, "bbbb1");
        tarn__rocks_iter_seek_back(it, tarn_str("bbbb0"));
        assert_at(it, "aaaa2");
        tarn__rocks_iter_free(it);
        assert_int_equal(TARN_OK, tarn__rocks_flush(db, NULL));
    }
    tarn__rocks_close(db);
}

static void same_prefix_ends_with_the_prefix(void **state)
{
    tarn__rocks *db = open_db(state);
    put(db, PREFIXED, "aaaa1", "");
    put(db, PREFIXED, "aaaa2", "");
    put(db, PREFIXED, "bbbb1", "");
    for (int flushed = 0; flushed < 2; flushed++) {
        tarn__rocks_iter *it = iterate(db, PREFIXED, true);
        tarn__rocks_iter_seek(it, tarn_str("aaaa"));
        assert_at(it, "aaaa1");
        tarn__rocks_iter_next(it);
        assert_at(it, "aaaa2");
        tarn__rocks_iter_next(it);
        assert_at(it, NULL);
        tarn__rocks_iter_seek(it, tarn_str("aaaa3"));
        assert_at(it, NULL);
        tarn__rocks_iter_seek(it, tarn_str("cccc"));
        assert_at(it, NULL);
        tarn__rocks_iter_seek_back(it, tarn_str("bbbb9"));
        assert_at(it, "bbbb1");
        tarn__rocks_iter_seek_back(it, tarn_str("bbbb0"));
        assert_at(it, NULL);
        tarn__rocks_iter_free(it);
        assert_int_equal(TARN_OK, tarn__rocks_flush(db, NULL));
    }
    tarn__rocks_close(db);
}

static tarn__rocks_sst *load(void **state, tarn__rocks *db, size_t family)
{
    tarn__rocks_sst *sst;
    assert_int_equal(TARN_OK,
        tarn__rocks_sst_create(
            db, family, sandbox_path(state, "load.sst"), &sst, NULL));
    return sst;
}

static tarn_status add(tarn__rocks_sst *sst, const char *key)
{
    return tarn__rocks_sst_put(sst, tarn_str(key), tarn_str("loaded"), NULL);
}

static void loaded_keys_are_read_and_leave_no_log(void **state)
{
    tarn__rocks *db = open_db(state);
    put(db, PREFIXED, "aaaa1", "old");
    put(db, PREFIXED, "aaaa3", "old");
    tarn__rocks_sst *sst = load(state, db, PREFIXED);
    assert_int_equal(TARN_OK, add(sst, "aaaa1"));
    assert_int_equal(TARN_OK, add(sst, "aaaa2"));
    assert_value(db, PREFIXED, "aaaa2", NULL);
    assert_int_equal(TARN_OK, tarn__rocks_sst_ingest(sst, NULL));
    assert_value(db, PREFIXED, "aaaa1", "loaded");
    assert_value(db, PREFIXED, "aaaa2", "loaded");
    assert_value(db, PREFIXED, "aaaa3", "old");
    assert_false(sandbox_exists(state, "load.sst"));
    tarn__rocks_close(db);
    db = open_reader(state);
    assert_value(db, PREFIXED, "aaaa1", "loaded");
    tarn__rocks_iter *it = iterate(db, PREFIXED, true);
    tarn__rocks_iter_seek(it, tarn_str("aaaa2"));
    assert_at(it, "aaaa2");
    tarn__rocks_iter_free(it);
    tarn__rocks_close(db);
}

static void keys_that_do_not_rise_are_refused(void **state)
{
    tarn__rocks *db = open_db(state);
    tarn__rocks_sst *sst = load(state, db, FIRST);
    assert_int_equal(TARN_OK, add(sst, "b"));
    assert_int_equal(TARN_INVALID, add(sst, "b"));
    assert_int_equal(TARN_INVALID, add(sst, "a"));
    tarn__rocks_sst_abort(sst);
    tarn__rocks_sst_abort(NULL);
    assert_value(db, FIRST, "b", NULL);
    assert_false(sandbox_exists(state, "load.sst"));
    tarn__rocks_close(db);
}

static void a_load_of_nothing_is_fine(void **state)
{
    tarn__rocks *db = open_db(state);
    assert_int_equal(
        TARN_OK, tarn__rocks_sst_ingest(load(state, db, FIRST), NULL));
    tarn__rocks_close(db);
}

static void a_load_that_cannot_begin_leaves_nothing(void **state)
{
    tarn__rocks *db = open_db(state);
    tarn__rocks_sst *sst;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_OK,
        tarn__rocks_sst_create(
            db, FIRST, sandbox_path(state, "no/such/folder"), &sst, NULL));
    assert_int_not_equal(
        TARN_OK, tarn__rocks_sst_put(sst, tarn_str("a"), tarn_str("1"), &err));
    assert_int_equal(TARN_ORIGIN_ROCKSDB, err.origin);
    tarn__rocks_sst_abort(sst);
    tarn__rocks_close(db);
}

/* AddressSanitizer holds freed memory back for a while. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HELD_BACK_BYTES (256U << 20)
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define HELD_BACK_BYTES (256U << 20)
#endif
#ifndef HELD_BACK_BYTES
#define HELD_BACK_BYTES 0
#endif
#define LOAD_MEMORY_BYTES ((64U << 20) + HELD_BACK_BYTES)

/* Noise does not compress: 150 MB of it is three files. */
static void a_large_load_takes_little_memory(void **state)
{
    enum { VALUE_BYTES = 1 << 18, COUNT = 600 };
    tarn__rocks *db = open_db(state);
    tarn__rocks_sst *sst = load(state, db, FIRST);
    char *value = tarn__malloc(VALUE_BYTES);
    uint64_t noise = 88172645463325252;
    char key[16];
    for (size_t i = 0; i < VALUE_BYTES; i++) {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        value[i] = (char)noise;
    }
    uint64_t before = tarn__peak_memory_bytes();
    for (int i = 0; i < COUNT; i++) {
        snprintf(key, sizeof key, "%08d", i);
        assert_int_equal(TARN_OK,
            tarn__rocks_sst_put(
                sst, tarn_str(key), (tarn_slice){value, VALUE_BYTES}, NULL));
    }
    assert_true(sandbox_exists(state, "load.sst.1"));
    assert_int_equal(TARN_OK, tarn__rocks_sst_ingest(sst, NULL));
    assert_true(tarn__peak_memory_bytes() - before < LOAD_MEMORY_BYTES);
    assert_false(sandbox_exists(state, "load.sst"));
    assert_false(sandbox_exists(state, "load.sst.1"));
    tarn_buf buf = TARN_BUF_INIT;
    bool found;
    assert_int_equal(TARN_OK,
        tarn__rocks_get(db, FIRST, tarn_str("00000599"), &buf, &found, NULL));
    assert_true(found);
    assert_int_equal(VALUE_BYTES, buf.len);
    assert_true(tarn__rocks_disk_bytes(db) > 100 << 20);
    tarn_buf_reset(&buf);
    tarn__free(value);
    tarn__rocks_close(db);
}

static void the_unflushed_are_counted_until_the_flush(void **state)
{
    enum { BYTES = 100000 };
    tarn__rocks *db = open_db(state);
    char *value = tarn__calloc(1, BYTES);
    assert_int_equal(0, tarn__rocks_wal_bytes(db));
    assert_int_equal(TARN_OK,
        tarn__rocks_put(
            db, FIRST, tarn_str("a"), (tarn_slice){value, BYTES}, NULL));
    assert_true(tarn__rocks_wal_bytes(db) >= BYTES);
    assert_int_equal(TARN_OK, tarn__rocks_flush(db, NULL));
    assert_int_equal(0, tarn__rocks_wal_bytes(db));
    assert_int_equal(1, tarn__rocks_level0_files(db, FIRST));
    assert_int_equal(0, tarn__rocks_level0_files(db, PREFIXED));
    assert_int_equal(1, tarn__rocks_estimated_keys(db, FIRST));
    assert_true(tarn__rocks_disk_bytes(db) > 0);
    tarn__free(value);
    tarn__rocks_close(db);
}

static void compacting_empties_level_0(void **state)
{
    tarn__rocks *db = open_db(state);
    for (int i = 0; i < 3; i++) {
        put(db, FIRST, "a", "1");
        assert_int_equal(TARN_OK, tarn__rocks_flush(db, NULL));
    }
    assert_int_equal(3, tarn__rocks_level0_files(db, FIRST));
    assert_int_equal(TARN_OK, tarn__rocks_compact(db, FIRST, NULL));
    assert_int_equal(0, tarn__rocks_level0_files(db, FIRST));
    assert_value(db, FIRST, "a", "1");
    tarn__rocks_close(db);
}

static void settling_leaves_few_files_in_level_0(void **state)
{
    tarn__rocks *db = open_db(state);
    for (int i = 0; i < 20; i++) {
        put(db, FIRST, "a", "1");
        assert_int_equal(TARN_OK, tarn__rocks_flush(db, NULL));
    }
    assert_int_equal(TARN_OK, tarn__rocks_settle(db, FIRST, NULL));
    assert_true(tarn__rocks_level0_files(db, FIRST) < 8);
    assert_int_equal(TARN_OK, tarn__rocks_settle(db, PREFIXED, NULL));
    assert_value(db, FIRST, "a", "1");
    tarn__rocks_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_value_is_appended_whole),
        sandbox_test(an_empty_value_is_not_an_absent_one),
        sandbox_test(a_value_beyond_the_buffers_maximum_is_not_found),
        sandbox_test(a_batch_goes_in_as_one_and_is_empty_after),
        sandbox_test(a_refused_batch_keeps_its_writes),
        sandbox_test(a_seek_finds_the_key_or_the_next),
        sandbox_test(a_seek_back_finds_the_key_or_the_one_before),
        sandbox_test(an_iterator_does_not_see_later_writes),
        sandbox_test(total_order_passes_over_prefixes),
        sandbox_test(same_prefix_ends_with_the_prefix),
        sandbox_test(loaded_keys_are_read_and_leave_no_log),
        sandbox_test(keys_that_do_not_rise_are_refused),
        sandbox_test(a_load_of_nothing_is_fine),
        sandbox_test(a_load_that_cannot_begin_leaves_nothing),
        sandbox_test(a_large_load_takes_little_memory),
        sandbox_test(the_unflushed_are_counted_until_the_flush),
        sandbox_test(compacting_empties_level_0),
        sandbox_test(settling_leaves_few_files_in_level_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

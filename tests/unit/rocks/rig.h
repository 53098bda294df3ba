/* What the tests of this room share. */
#ifndef TARN_TEST_ROCKS_RIG_H
#define TARN_TEST_ROCKS_RIG_H

#include <string.h>

#include "rocks/rocks.h"
#include "support/sandbox.h"

enum { FIRST, PREFIXED, FAMILIES };

static const tarn__rocks_family families[FAMILIES] = {
    {"default", 0}, {"prefixed", 4}};

static const tarn__rocks_options defaults = {
    .families = families, .family_count = FAMILIES};

static inline tarn__rocks *open_db(void **state)
{
    tarn__rocks *db;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__rocks_open(sandbox_path(state, "db"), &defaults, &db, &err) !=
        TARN_OK)
        fail_msg("%s", err.message);
    return db;
}

static inline tarn__rocks *open_reader(void **state)
{
    tarn__rocks *db;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__rocks_open_read(
            sandbox_path(state, "db"), &defaults, &db, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return db;
}

static inline void put(
    tarn__rocks *db, size_t family, const char *key, const char *value)
{
    assert_int_equal(TARN_OK,
        tarn__rocks_put(db, family, tarn_str(key), tarn_str(value), NULL));
}

/* The key has this value; NULL: it is absent. */
static inline void assert_value(
    tarn__rocks *db, size_t family, const char *key, const char *value)
{
    tarn_buf buf = TARN_BUF_INIT;
    bool found;
    assert_int_equal(TARN_OK,
        tarn__rocks_get(db, family, tarn_str(key), &buf, &found, NULL));
    assert_int_equal(value != NULL, found);
    if (value != NULL) {
        assert_int_equal(strlen(value), buf.len);
        assert_memory_equal(value, buf.ptr, buf.len);
    }
    tarn_buf_reset(&buf);
}

/* The iterator stands on this key; NULL: on none, and nothing went wrong. */
static inline void assert_at(const tarn__rocks_iter *it, const char *key)
{
    assert_int_equal(key != NULL, tarn__rocks_iter_valid(it));
    assert_int_equal(TARN_OK, tarn__rocks_iter_status(it, NULL));
    if (key == NULL)
        return;
    tarn_slice at = tarn__rocks_iter_key(it);
    assert_int_equal(strlen(key), at.len);
    assert_memory_equal(key, at.ptr, at.len);
}

static inline tarn__rocks_iter *iterate(
    tarn__rocks *db, size_t family, bool same_prefix)
{
    tarn__rocks_iter *it;
    assert_int_equal(
        TARN_OK, tarn__rocks_iter_create(db, family, same_prefix, &it, NULL));
    return it;
}

#endif

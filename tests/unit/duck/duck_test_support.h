/* A session and its answers, for the tests of this room. */
#ifndef TARN_DUCK_TEST_SUPPORT_H
#define TARN_DUCK_TEST_SUPPORT_H

#include <string.h>

#include "base/memory.h"
#include "duck/duck.h"
#include "support/sandbox.h"

/* Setup and teardown: a session in memory that cannot touch the host. */
static inline int duck_setup(void **state)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.external_access = false;
    options.threads = 2;
    tarn__duck *duck;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__duck_open(&options, &duck, &err) != TARN_OK)
        return -1;
    *state = duck;
    return 0;
}

static inline int duck_teardown(void **state)
{
    tarn__duck_close(*state);
    return 0;
}

#define duck_test(name) \
    cmocka_unit_test_setup_teardown(name, duck_setup, duck_teardown)

/* End the test, with the message, unless all went well. */
static inline void ok(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s", err->message);
}

static inline void run(tarn__duck *duck, const char *sql)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_exec(duck, sql, &err), &err);
}

static inline tarn__duck_result *ask(tarn__duck *duck, const char *sql)
{
    tarn__duck_result *r;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_query(duck, sql, NULL, 0, &r, &err), &err);
    return r;
}

/* The first column of the first row, which must be a text; tarn__free() it. */
static inline char *text_of(tarn__duck *duck, const char *sql)
{
    char *text;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_text(duck, sql, &text, &err), &err);
    return text;
}

static inline void assert_text(
    tarn__duck *duck, const char *want, const char *sql)
{
    char *text = text_of(duck, sql);
    assert_non_null(text);
    assert_string_equal(want, text);
    tarn__free(text);
}

static inline void assert_int(tarn__duck *duck, int64_t want, const char *sql)
{
    int64_t v;
    bool found;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_int64(duck, sql, &v, &found, &err), &err);
    assert_true(found);
    assert_int_equal(want, v);
}

/* The statement fails so, with `words` in the message. */
static inline void assert_fails(
    tarn__duck *duck, tarn_status want, const char *words, const char *sql)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = tarn__duck_exec(duck, sql, &err);
    assert_int_equal(want, st);
    assert_int_equal(want, err.code);
    if (strstr(err.message, words) == NULL)
        fail_msg("'%s' is not in: %s", words, err.message);
}

#endif

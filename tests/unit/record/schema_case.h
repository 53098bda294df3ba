/* Short ways to say what a schema admits and refuses. */
#ifndef TARN_TEST_SCHEMA_CASE_H
#define TARN_TEST_SCHEMA_CASE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/json_schema.h"
#include "support/sandbox.h"

static inline tarn__json_schema *compiled(const char *text)
{
    tarn__json_schema *schema = NULL;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__json_schema_compile(tarn_str(text), "s.json", &schema, &err) !=
        TARN_OK)
        fail_msg("%s: %s", text, err.message);
    return schema;
}

/* The schema of a table whose one property x is of this schema; defs may
 * follow it: "{...}, \"$defs\": {...}" is no part of x. */
static inline tarn__json_schema *of_x(const char *x)
{
    char text[4096];
    snprintf(text, sizeof text,
        "{\"name\": \"t\", \"version\": \"1.0.0\", \"x-of\": %s, "
        "\"properties\": {\"x\": {\"$ref\": \"#/x-of\"}}}",
        x);
    return compiled(text);
}

static inline tarn_status check(
    const tarn__json_schema *schema, const char *doc, tarn_error *err)
{
    /* A block of exactly its size: a sanitizer sees a byte read beyond. */
    size_t len = strlen(doc);
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, doc, len);
    tarn_status st =
        tarn__json_schema_check(schema, (tarn_slice){copy, len}, err);
    free(copy);
    return st;
}

/* The schema of x admits the values, up to a NULL, and refuses the others. */
static inline void judge(
    const char *x, const char *const *good, const char *const *bad)
{
    tarn__json_schema *schema = of_x(x);
    char doc[4096];
    for (int k = 0; k < 2; k++)
        for (const char *const *v = k == 0 ? good : bad; *v != NULL; v++) {
            tarn_error err = TARN_ERROR_INIT;
            snprintf(doc, sizeof doc, "{\"x\": %s}", *v);
            tarn_status st = check(schema, doc, &err);
            if (st != (k == 0 ? TARN_OK : TARN_BAD_INPUT))
                fail_msg("%s: %s: %d %s", x, *v, (int)st, err.message);
            assert_int_equal(k == 1, strncmp(err.message, "x", 1) == 0);
        }
    tarn__json_schema_free(schema);
}

#define GOOD(...) ((const char *const[]){__VA_ARGS__, NULL})
#define BAD(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The document is refused with just this message. */
static inline void says(
    const char *schema_text, const char *doc, const char *message)
{
    tarn__json_schema *schema = compiled(schema_text);
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(check(schema, doc, &err), TARN_BAD_INPUT);
    assert_string_equal(err.message, message);
    tarn__json_schema_free(schema);
}

/* The text is no schema, and the message is this. */
static inline void is_no_schema(const char *text, const char *message)
{
    tarn__json_schema *schema = NULL;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__json_schema_compile(tarn_str(text), "s.json", &schema, &err) !=
        TARN_BAD_INPUT)
        fail_msg("taken: %s", text);
    assert_null(schema);
    assert_string_equal(err.message, message);
}

#define NONE ((const char *const[]){NULL})

#define HEAD "\"name\": \"t\", \"version\": \"1.0.0\""

#endif

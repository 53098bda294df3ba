/* A schema and records, parted by the first newline that ends a line: no byte
 * outside of them is read, what is refused says why, what is taken is JSON
 * without a name that stands twice, and the answer is the same twice. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/json_canon.h"
#include "base/str.h"
#include "record/json_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static tarn_slice copy_of(const char *text, size_t len)
{
    /* A block of exactly its size: a sanitizer sees the first byte beyond. */
    char *copy = malloc(len > 0 ? len : 1);
    assert(copy != NULL);
    memcpy(copy, text, len);
    return (tarn_slice){copy, len};
}

static void say_why(tarn_status st, const tarn_error *err)
{
    assert(st == TARN_OK || st == TARN_BAD_INPUT);
    assert(st == TARN_OK || err->message[0] != '\0');
    assert(tarn__utf8_valid(tarn_str(err->message)));
}

static void check_fields(const tarn__json_schema *schema)
{
    size_t count;
    tarn_buf layout = TARN_BUF_INIT;
    tarn__row_layout *parsed = NULL;
    tarn_error err = TARN_ERROR_INIT;
    const tarn__json_schema_field *f = tarn__json_schema_fields(schema, &count);
    for (size_t i = 0; i < count; i++)
        assert(f[i].depth > 0 && f[i].sql_type != NULL && f[i].name[0] != 0);
    assert(tarn__buf_str(&layout, "1;", &err) == TARN_OK);
    assert(tarn__json_schema_layout(schema, &layout, &err) == TARN_OK);
    if (layout.len > 2) {
        assert(tarn__row_layout_parse(
                   tarn__buf_slice(&layout), &parsed, &err) == TARN_OK);
        tarn__row_layout_free(parsed);
    }
    tarn_buf_reset(&layout);
}

static void check_record(
    const tarn__json_schema *schema, const char *text, size_t len)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_slice doc = copy_of(text, len);
    tarn_status st = tarn__json_schema_check(schema, doc, &err);
    say_why(st, &err);
    if (st == TARN_OK) {
        json_error_t why;
        tarn_buf form = TARN_BUF_INIT;
        json_t *json = json_loadb(doc.ptr, doc.len,
            JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL,
            &why);
        /* jansson refuses reals that are too large. */
        assert(json != NULL ||
            json_error_code(&why) == json_error_numeric_overflow);
        assert(json == NULL || json_is_object(json));
        json_decref(json);
        assert(tarn__json_canon(doc, &form, &err) == TARN_OK);
        tarn_buf_reset(&form);
    }
    assert(tarn__json_schema_check(schema, doc, NULL) == st);
    free((void *)(uintptr_t)doc.ptr);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    const char *cut = len > 0 ? memchr(text, '\n', len) : NULL;
    size_t head = cut != NULL ? (size_t)(cut - text) : len;
    tarn__json_schema *schema = NULL;
    tarn_error err = TARN_ERROR_INIT;
    tarn_slice source = copy_of(text, head);
    tarn_status st = tarn__json_schema_compile(source, "fuzz", &schema, &err);
    free((void *)(uintptr_t)source.ptr);
    say_why(st, &err);
    assert((st == TARN_OK) == (schema != NULL));
    if (schema != NULL)
        check_fields(schema);
    const char *at = text + head + (cut != NULL);
    const char *end = text + len;
    while (schema != NULL && at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        size_t line = next != NULL ? (size_t)(next - at) : (size_t)(end - at);
        check_record(schema, at, line);
        at += line + 1;
    }
    tarn__json_schema_free(schema);
    return 0;
}

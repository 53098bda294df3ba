#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/utf8.h"

tarn_status tarn__json_parse(
    tarn_slice text, const char *what, json_t **out, tarn_error *err)
{
    json_error_t fault;
    *out = json_loadb(text.ptr != NULL ? text.ptr : "", text.len,
        JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
    if (*out != NULL)
        return TARN_OK;
    if (json_error_code(&fault) == json_error_out_of_memory)
        return tarn__no_memory(err);
    /* What the text says near there is left out: it may be a secret. */
    char *near = strstr(fault.text, " near ");
    if (near != NULL)
        *near = '\0';
    return tarn__fail(err, TARN_BAD_INPUT, "%s: line %d, column %d: %s", what,
        fault.line > 0 ? fault.line : 1, fault.column > 0 ? fault.column : 1,
        fault.text);
}

static tarn_status dump(const json_t *json, tarn_buf *out, tarn_error *err);

static tarn_status dump_array(
    const json_t *array, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, '[', err);
    size_t count = json_array_size(array);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        if (i > 0)
            st = tarn__buf_char(out, ',', err);
        if (st == TARN_OK)
            st = dump(json_array_get(array, i), out, err);
    }
    return st == TARN_OK ? tarn__buf_char(out, ']', err) : st;
}

static tarn_status dump_object(
    const json_t *object, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, '{', err);
    /* jansson's iterators take no const, though they change nothing. */
    json_t *o = (json_t *)(uintptr_t)object;
    void *first = json_object_iter(o);
    for (void *i = first; st == TARN_OK && i != NULL;
         i = json_object_iter_next(o, i)) {
        if (i != first)
            st = tarn__buf_char(out, ',', err);
        if (st == TARN_OK)
            st = tarn__json_quote(out, tarn_str(json_object_iter_key(i)), err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, ':', err);
        if (st == TARN_OK)
            st = dump(json_object_iter_value(i), out, err);
    }
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}

static tarn_status dump(const json_t *json, tarn_buf *out, tarn_error *err)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return dump_object(json, out, err);
    case JSON_ARRAY:
        return dump_array(json, out, err);
    case JSON_STRING: {
        tarn_slice s = {json_string_value(json), json_string_length(json)};
        return tarn__json_quote(out, s, err);
    }
    case JSON_INTEGER:
        return tarn__buf_printf(
            out, err, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    case JSON_REAL:
        return tarn__json_double(out, json_real_value(json), err);
    case JSON_TRUE:
        return tarn__buf_str(out, "true", err);
    case JSON_FALSE:
        return tarn__buf_str(out, "false", err);
    default:
        return tarn__buf_str(out, "null", err);
    }
}

tarn_status tarn__json_dump(const json_t *json, tarn_buf *out, tarn_error *err)
{
    size_t before = out->len;
    tarn_status st = dump(json, out, err);
    if (st != TARN_OK && out->ptr != NULL) {
        out->len = before;
        out->ptr[before] = '\0';
    }
    return st;
}

const char *tarn__json_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

bool tarn__json_i64(const json_t *object, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value))
        return false;
    *out = json_integer_value(value);
    return true;
}

/* How many bytes from `at` on stand in a literal as they are. */
static size_t plain_run(tarn_slice text, size_t at)
{
    size_t start = at;
    while (at < text.len) {
        unsigned char c = (unsigned char)text.ptr[at];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
        uint32_t code_point;
        size_t len = tarn__utf8_next(text, at, &code_point);
        if (len == 0)
            break;
        at += len;
    }
    return at - start;
}

static tarn_status escape(tarn_buf *out, unsigned char c, tarn_error *err)
{
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    if (c >= 0x80)
        return tarn__buf_str(out, "\xEF\xBF\xBD", err);
    const char *found = c != 0 ? strchr(from, c) : NULL;
    if (found == NULL)
        return tarn__buf_printf(out, err, "\\u%04x", c);
    char pair[2] = {'\\', to[found - from]};
    return tarn__buf_append(out, pair, 2, err);
}

tarn_status tarn__json_quote(tarn_buf *out, tarn_slice text, tarn_error *err)
{
    size_t before = out->len;
    tarn_status st = tarn__buf_char(out, '"', err);
    size_t at = 0;
    while (st == TARN_OK && at < text.len) {
        size_t run = plain_run(text, at);
        st = tarn__buf_append(out, text.ptr + at, run, err);
        at += run;
        if (st == TARN_OK && at < text.len)
            st = escape(out, (unsigned char)text.ptr[at++], err);
    }
    if (st == TARN_OK)
        st = tarn__buf_char(out, '"', err);
    if (st != TARN_OK && out->ptr != NULL) {
        out->len = before;
        out->ptr[before] = '\0';
    }
    return st;
}

tarn_status tarn__json_double(tarn_buf *out, double v, tarn_error *err)
{
    if (isnan(v) || isinf(v))
        return tarn__buf_str(out, "null", err);
    char text[32];
    return tarn__buf_str(out, tarn__format_double(v, text), err);
}

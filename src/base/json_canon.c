/* The form: 'n', 'f', 't'; '#' sign, exponent and digits of a number; 's'
 * length and text; '[' items ']'; '{' members, sorted, '}'. */
#include "base/json_canon.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_number.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/str.h"

static tarn_status value(tarn__json_scan *s, tarn_buf *out, tarn_error *err);

static tarn_status text(
    const tarn__json_scan_value *v, tarn_buf *out, tarn_error *err)
{
    /* The length stands first: no text can look like what follows it. */
    size_t head = out->len + 1;
    tarn_status st = tarn__buf_reserve(out, v->text.len + 9, err);
    if (st != TARN_OK)
        return st;
    char *to = out->ptr + head + 8;
    uint64_t len = v->text.len;
    if (v->escaped)
        len = tarn__json_scan_unescape(v->text, to);
    else if (len > 0)
        memcpy(to, v->text.ptr, len);
    out->ptr[head - 1] = 's';
    memcpy(out->ptr + head, &len, sizeof len);
    out->len = head + 8 + len;
    out->ptr[out->len] = '\0';
    return TARN_OK;
}

static tarn_status number(tarn_slice json, tarn_buf *out, tarn_error *err)
{
    tarn__json_number n = tarn__json_number_of(json);
    tarn_status st = tarn__buf_append(out, n.negative ? "#-" : "#+", 2, err);
    if (st == TARN_OK)
        st = tarn__buf_be64(out, (uint64_t)n.exponent, err);
    for (const char *at = n.first; st == TARN_OK && at < n.last; at++)
        if (*at != '.')
            st = tarn__buf_char(out, *at, err);
    return st == TARN_OK ? tarn__buf_char(out, '#', err) : st;
}

static tarn_status array(tarn__json_scan *s, tarn_buf *out, tarn_error *err)
{
    int state = 0;
    bool more = true;
    tarn_status st = tarn__buf_char(out, '[', err);
    while (st == TARN_OK && tarn__json_scan_item(s, &state, &more) && more)
        st = value(s, out, err);
    return st == TARN_OK ? tarn__buf_char(out, ']', err) : st;
}

/* The members' forms, one after the other, and where each ends. */
static tarn_status members(tarn__json_scan *s, tarn_buf *out, size_t **ends,
    size_t *count, tarn_error *err)
{
    int state = 0;
    size_t cap = 0;
    tarn__json_scan_value name;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && tarn__json_scan_name(s, &state, &name) &&
        name.text.ptr != NULL) {
        st = tarn__grow((void **)ends, &cap, *count + 1, sizeof **ends, err);
        name.kind = TARN__JSON_STRING;
        if (st == TARN_OK)
            st = text(&name, out, err);
        if (st == TARN_OK)
            st = value(s, out, err);
        if (st == TARN_OK)
            (*ends)[(*count)++] = out->len;
    }
    return st;
}

static int by_bytes(const void *a, const void *b)
{
    return tarn__slice_cmp(*(const tarn_slice *)a, *(const tarn_slice *)b);
}

/* Put what stands from `start` on in order. */
static tarn_status sort_members(tarn_buf *out, size_t start, const size_t *ends,
    size_t count, tarn_error *err)
{
    if (count < 2)
        return TARN_OK;
    size_t len = out->len - start;
    tarn_slice *slices = tarn__malloc(count * sizeof *slices);
    char *copy = tarn__malloc(len);
    tarn_status st = TARN_OK;
    if (slices != NULL && copy != NULL) {
        memcpy(copy, out->ptr + start, len);
        for (size_t i = 0; i < count; i++) {
            size_t from = i > 0 ? ends[i - 1] : start;
            slices[i] = (tarn_slice){copy + (from - start), ends[i] - from};
        }
        qsort(slices, count, sizeof *slices, by_bytes);
        char *to = out->ptr + start;
        for (size_t i = 0; i < count; to += slices[i++].len)
            memcpy(to, slices[i].ptr, slices[i].len);
    } else {
        st = tarn__no_memory(err);
    }
    tarn__free(copy);
    tarn__free(slices);
    return st;
}

static tarn_status object(tarn__json_scan *s, tarn_buf *out, tarn_error *err)
{
    size_t *ends = NULL;
    size_t count = 0;
    tarn_status st = tarn__buf_char(out, '{', err);
    size_t start = out->len;
    if (st == TARN_OK)
        st = members(s, out, &ends, &count, err);
    if (st == TARN_OK)
        st = sort_members(out, start, ends, count, err);
    tarn__free(ends);
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}

static tarn_status value(tarn__json_scan *s, tarn_buf *out, tarn_error *err)
{
    tarn__json_scan_value v;
    if (!tarn__json_scan_peek(s, &v))
        return tarn__fail(err, TARN_BAD_INPUT, "JSON: %s", s->why);
    switch (v.kind) {
    case TARN__JSON_NULL:
        return tarn__buf_char(out, 'n', err);
    case TARN__JSON_FALSE:
        return tarn__buf_char(out, 'f', err);
    case TARN__JSON_TRUE:
        return tarn__buf_char(out, 't', err);
    case TARN__JSON_NUMBER:
        return number(v.text, out, err);
    case TARN__JSON_STRING:
        return text(&v, out, err);
    case TARN__JSON_ARRAY:
        return array(s, out, err);
    default:
        return object(s, out, err);
    }
}

tarn_status tarn__json_canon(tarn_slice json, tarn_buf *out, tarn_error *err)
{
    size_t before = out->len;
    tarn__json_scan s = tarn__json_scan_of(json);
    tarn_status st = value(&s, out, err);
    if (st != TARN_OK && out->ptr != NULL) {
        out->len = before;
        out->ptr[before] = '\0';
    }
    return st;
}

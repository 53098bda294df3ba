/* JSON text, checked in one pass, eight bytes at a time inside strings. */
#include "base/json_scan.h"

#include <string.h>

#include "base/utf8.h"

static bool fail(tarn__json_scan *s, const char *why)
{
    s->why = why;
    s->ended = s->at >= s->end;
    return false;
}

void tarn__json_scan_space(tarn__json_scan *s)
{
    while (s->at < s->end &&
        (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
    "the first of eight bytes is the lowest of a word");
#define ONES 0x0101010101010101U
#define HIGH 0x8080808080808080U

static uint64_t has_zero(uint64_t v)
{
    return (v - ONES) & ~v & HIGH;
}

/* Past bytes that need no look: neither quote, backslash, control character
 * nor a part of a longer code point. */
static const char *plain(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t v;
        memcpy(&v, at, 8);
        uint64_t stop = (v & HIGH) | has_zero(v ^ (ONES * '"')) |
            has_zero(v ^ (ONES * '\\')) | ((v - ONES * 0x20) & ~v & HIGH);
        if (stop != 0) /* the lowest mark is right, others may not be */
            return at + __builtin_ctzll(stop) / 8;
    }
    while (at < end && (unsigned char)*at >= 0x20 &&
        (unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
        at++;
    return at;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hex digits at `at`, -1 when they are not there. */
static int32_t unit_at(const char *at, const char *end)
{
    int32_t unit = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* At a backslash. */
static bool escape(tarn__json_scan *s)
{
    if (s->end - s->at < 2) {
        s->at = s->end;
        return fail(s, "a string is not closed");
    }
    if (s->at[1] != 'u') {
        if (memchr("\"\\/bfnrt", s->at[1], 8) == NULL)
            return fail(s, "a string has an unknown escape");
        s->at += 2;
        return true;
    }
    int32_t unit = unit_at(s->at + 2, s->end);
    if (unit < 0)
        return fail(s, "a string has a bad \\u escape");
    s->at += 6;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    int32_t low = s->end - s->at >= 6 && s->at[0] == '\\' && s->at[1] == 'u'
        ? unit_at(s->at + 2, s->end)
        : -1;
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return fail(s, "a string has half of a surrogate pair");
    s->at += 6;
    return true;
}

/* At a quote. */
static bool string(tarn__json_scan *s, tarn__json_scan_value *out)
{
    const char *start = ++s->at;
    out->kind = TARN__JSON_STRING;
    out->escaped = false;
    for (;;) {
        s->at = plain(s->at, s->end);
        if (s->at >= s->end)
            return fail(s, "a string is not closed");
        unsigned char c = (unsigned char)*s->at;
        if (c == '"')
            break;
        if (c == '\\') {
            out->escaped = true;
            if (!escape(s))
                return false;
        } else if (c < 0x20) {
            return fail(s, "a string has a control character");
        } else {
            uint32_t code;
            tarn_slice rest = {s->at, (size_t)(s->end - s->at)};
            size_t len = tarn__utf8_next(rest, 0, &code);
            if (len == 0)
                return fail(s, "is no UTF-8");
            s->at += len;
        }
    }
    out->text = (tarn_slice){start, (size_t)(s->at - start)};
    s->at++;
    return true;
}

static bool digits(tarn__json_scan *s)
{
    const char *start = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > start || fail(s, "a number lacks a digit");
}

static bool number(tarn__json_scan *s, tarn__json_scan_value *out)
{
    const char *start = s->at;
    if (*s->at == '-')
        s->at++;
    if (s->at < s->end && *s->at == '0')
        s->at++;
    else if (!digits(s))
        return false;
    if (s->at < s->end && *s->at == '.') {
        s->at++;
        if (!digits(s))
            return false;
    }
    if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
        s->at++;
        if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
            s->at++;
        if (!digits(s))
            return false;
    }
    out->kind = TARN__JSON_NUMBER;
    out->escaped = false;
    out->text = (tarn_slice){start, (size_t)(s->at - start)};
    return true;
}

static bool word(tarn__json_scan *s, tarn__json_scan_value *out,
    const char *text, size_t len, tarn__json_scan_kind kind)
{
    size_t left = (size_t)(s->end - s->at);
    if (left < len && memcmp(s->at, text, left) == 0) {
        s->at = s->end;
        return fail(s, "a word is cut");
    }
    if (left < len || memcmp(s->at, text, len) != 0)
        return fail(s, "a value is expected");
    *out = (tarn__json_scan_value){kind, false, {s->at, len}};
    s->at += len;
    return true;
}

/* A scalar, or the start of an object or array, which is not passed over. */
static bool scalar(tarn__json_scan *s, tarn__json_scan_value *out)
{
    if (s->at >= s->end)
        return fail(s, "a value is expected");
    switch (*s->at) {
    case '"':
        return string(s, out);
    case 't':
        return word(s, out, "true", 4, TARN__JSON_TRUE);
    case 'f':
        return word(s, out, "false", 5, TARN__JSON_FALSE);
    case 'n':
        return word(s, out, "null", 4, TARN__JSON_NULL);
    case '{':
    case '[':
        out->kind = *s->at == '{' ? TARN__JSON_OBJECT : TARN__JSON_ARRAY;
        out->escaped = false;
        out->text = (tarn_slice){s->at, 1};
        return true;
    default:
        if (*s->at == '-' || (*s->at >= '0' && *s->at <= '9'))
            return number(s, out);
        return fail(s, "a value is expected");
    }
}

/* "name" : */
static bool name_of(tarn__json_scan *s, tarn__json_scan_value *name)
{
    tarn__json_scan_space(s);
    if (s->at >= s->end || *s->at != '"')
        return fail(s, "a member's name is expected");
    if (!string(s, name))
        return false;
    tarn__json_scan_space(s);
    if (s->at >= s->end || *s->at != ':')
        return fail(s, "a colon is expected");
    s->at++;
    return true;
}

static char closer(char open)
{
    return open == '{' ? '}' : ']';
}

/* What opens at s->at, to its end: with a stack of its own. */
static bool nested(tarn__json_scan *s)
{
    char open[TARN__JSON_MAX_DEPTH];
    size_t depth = 0;
    tarn__json_scan_value value;
    for (;;) {
        tarn__json_scan_space(s);
        if (!scalar(s, &value))
            return false;
        if (value.kind == TARN__JSON_OBJECT || value.kind == TARN__JSON_ARRAY) {
            if (depth == TARN__JSON_MAX_DEPTH)
                return fail(s, "is nested deeper than 512");
            open[depth++] = *s->at++;
            tarn__json_scan_space(s);
            if (s->at >= s->end || *s->at != closer(open[depth - 1])) {
                if (open[depth - 1] == '{' && !name_of(s, &value))
                    return false;
                continue;
            }
        }
        while (depth > 0) {
            tarn__json_scan_space(s);
            if (s->at >= s->end)
                return fail(s, "an object or array is not closed");
            if (*s->at != closer(open[depth - 1]))
                break;
            s->at++;
            depth--;
        }
        if (depth == 0)
            return true;
        if (*s->at != ',')
            return fail(s, "a comma is expected");
        s->at++;
        if (open[depth - 1] == '{' && !name_of(s, &value))
            return false;
    }
}

bool tarn__json_scan_next(tarn__json_scan *s, tarn__json_scan_value *out)
{
    tarn__json_scan_space(s);
    if (!scalar(s, out))
        return false;
    if (out->kind != TARN__JSON_OBJECT && out->kind != TARN__JSON_ARRAY)
        return true;
    const char *start = s->at;
    if (!nested(s))
        return false;
    out->text = (tarn_slice){start, (size_t)(s->at - start)};
    return true;
}

bool tarn__json_scan_peek(tarn__json_scan *s, tarn__json_scan_value *out)
{
    tarn__json_scan_space(s);
    return scalar(s, out);
}

/* To the next part of an object or array: past its opening bracket at first,
 * past a comma later.  *more is false past the closing one. */
static bool part(tarn__json_scan *s, int *state, char opener, bool *more)
{
    const char *what = opener == '{' ? "is no JSON object" : "is no JSON array";
    tarn__json_scan_space(s);
    if (*state == 0) {
        if (s->at >= s->end || *s->at != opener)
            return fail(s, what);
        s->at++;
        tarn__json_scan_space(s);
    }
    *more = s->at >= s->end || *s->at != closer(opener);
    if (!*more) {
        s->at++;
        return true;
    }
    if (*state > 0) {
        if (s->at < s->end && *s->at != ',')
            return fail(s, "a comma is expected");
        if (s->at >= s->end)
            return fail(s,
                opener == '{' ? "an object is not closed"
                              : "an array is not closed");
        s->at++;
    }
    *state = 1;
    return true;
}

bool tarn__json_scan_name(
    tarn__json_scan *s, int *state, tarn__json_scan_value *name)
{
    bool more;
    name->text = (tarn_slice){NULL, 0};
    return part(s, state, '{', &more) && (!more || name_of(s, name));
}

bool tarn__json_scan_item(tarn__json_scan *s, int *state, bool *more)
{
    return part(s, state, '[', more);
}

bool tarn__json_scan_member(tarn__json_scan *s, int *state,
    tarn__json_scan_value *name, tarn__json_scan_value *value)
{
    return tarn__json_scan_name(s, state, name) &&
        (name->text.ptr == NULL || tarn__json_scan_next(s, value));
}

bool tarn__json_scan_end(tarn__json_scan *s)
{
    tarn__json_scan_space(s);
    return s->at == s->end || fail(s, "goes on after the object's end");
}

static size_t put_utf8(char *out, uint32_t code)
{
    unsigned char *o = (unsigned char *)out;
    if (code < 0x80) {
        o[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        o[0] = (unsigned char)(0xC0 | code >> 6);
        o[1] = (unsigned char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        o[0] = (unsigned char)(0xE0 | code >> 12);
        o[1] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
        o[2] = (unsigned char)(0x80 | (code & 0x3F));
        return 3;
    }
    o[0] = (unsigned char)(0xF0 | code >> 18);
    o[1] = (unsigned char)(0x80 | (code >> 12 & 0x3F));
    o[2] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
    o[3] = (unsigned char)(0x80 | (code & 0x3F));
    return 4;
}

static char short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

size_t tarn__json_scan_unescape(tarn_slice text, char *out)
{
    const char *at = text.ptr;
    const char *end = at + text.len;
    char *to = out;
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
        } else if (at[1] != 'u') {
            *to++ = short_escape(at[1]);
            at += 2;
        } else {
            uint32_t code = (uint32_t)unit_at(at + 2, end);
            at += 6;
            if (code >= 0xD800 && code <= 0xDBFF) {
                uint32_t low = (uint32_t)unit_at(at + 2, end);
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                at += 6;
            }
            to += put_utf8(to, code);
        }
    }
    return (size_t)(to - out);
}

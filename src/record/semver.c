#include "record/semver.h"

#include <string.h>

#include "base/str.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        c == '-';
}

/* Digits without a zero before them. */
static bool take_number(tarn_slice *s, uint64_t *out)
{
    size_t len = 0;
    uint64_t v = 0;
    for (; len < s->len && is_digit(s->ptr[len]); len++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s->ptr[len] - '0'), &v))
            return false;
    if (len == 0 || (len > 1 && s->ptr[0] == '0'))
        return false;
    s->ptr += len;
    s->len -= len;
    *out = v;
    return true;
}

/* The next of the words that dots part; false: none is left. */
static bool next_word(tarn_slice *s, tarn_slice *word)
{
    if (s->ptr == NULL)
        return false;
    const char *dot = memchr(s->ptr, '.', s->len);
    size_t len = dot != NULL ? (size_t)(dot - s->ptr) : s->len;
    *word = (tarn_slice){s->ptr, len};
    *s = dot != NULL ? (tarn_slice){dot + 1, s->len - len - 1}
                     : (tarn_slice){NULL, 0};
    return true;
}

static bool all_digits(tarn_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.ptr[i]))
            return false;
    return true;
}

/* Words of letters, digits and '-', parted by dots. */
static bool words_valid(tarn_slice s, bool zeros_may_lead)
{
    tarn_slice word;
    while (next_word(&s, &word)) {
        if (word.len == 0)
            return false;
        for (size_t i = 0; i < word.len; i++)
            if (!is_word(word.ptr[i]))
                return false;
        if (!zeros_may_lead && word.len > 1 && word.ptr[0] == '0' &&
            all_digits(word))
            return false;
    }
    return true;
}

bool tarn__semver_parse(tarn_slice text, tarn__semver *out)
{
    tarn__semver v = {0};
    if (text.len == 0 || !take_number(&text, &v.major) ||
        !tarn__slice_take(&text, '.') || !take_number(&text, &v.minor) ||
        !tarn__slice_take(&text, '.') || !take_number(&text, &v.patch))
        return false;
    const char *plus = memchr(text.ptr, '+', text.len);
    tarn_slice build = {NULL, 0};
    if (plus != NULL) {
        build.ptr = plus + 1;
        build.len = text.len - (size_t)(plus - text.ptr) - 1;
        text.len = (size_t)(plus - text.ptr);
    }
    if (tarn__slice_take(&text, '-')) {
        v.pre = text;
        if (!words_valid(text, false))
            return false;
    } else if (text.len > 0) {
        return false;
    }
    if (!words_valid(build, true))
        return false;
    *out = v;
    return true;
}

static int cmp_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Numbers by their value and before words; words by their bytes. */
static int cmp_word(tarn_slice a, tarn_slice b)
{
    bool number = all_digits(a);
    if (number != all_digits(b))
        return number ? -1 : 1;
    if (number && a.len != b.len)
        return a.len < b.len ? -1 : 1;
    int c = tarn__slice_cmp(a, b);
    return (c > 0) - (c < 0);
}

int tarn__semver_cmp(const tarn__semver *a, const tarn__semver *b)
{
    int c = cmp_u64(a->major, b->major);
    if (c == 0)
        c = cmp_u64(a->minor, b->minor);
    if (c == 0)
        c = cmp_u64(a->patch, b->patch);
    if (c != 0)
        return c;
    if (a->pre.len == 0 || b->pre.len == 0)
        return (a->pre.len == 0) - (b->pre.len == 0);
    tarn_slice left = a->pre;
    tarn_slice right = b->pre;
    tarn_slice x;
    tarn_slice y;
    for (;;) {
        bool more = next_word(&left, &x);
        bool other = next_word(&right, &y);
        if (!more || !other)
            return (int)more - (int)other;
        c = cmp_word(x, y);
        if (c != 0)
            return c;
    }
}

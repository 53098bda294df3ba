#include "base/str.h"

#include <string.h>

bool tarn__slice_eq(tarn_slice a, tarn_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool tarn__slice_is(tarn_slice a, const char *s)
{
    return tarn__slice_eq(a, tarn_str(s));
}

int tarn__slice_cmp(tarn_slice a, tarn_slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool tarn__slice_take(tarn_slice *s, char c)
{
    if (s->len == 0 || *s->ptr != c)
        return false;
    s->ptr++;
    s->len--;
    return true;
}

bool tarn__starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool tarn__ends_with(const char *s, const char *suffix)
{
    size_t len = strlen(s);
    size_t suffix_len = strlen(suffix);
    return len >= suffix_len && strcmp(s + len - suffix_len, suffix) == 0;
}

bool tarn__ends_with_nocase(const char *s, const char *suffix)
{
    size_t len = strlen(s);
    size_t suffix_len = strlen(suffix);
    return len >= suffix_len && tarn__eq_nocase(s + len - suffix_len, suffix);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool tarn__eq_nocase(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

void tarn__hex(const void *ptr, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = ptr;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * len] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tarn__unhex(const char *hex, size_t hex_len, void *out)
{
    if (hex_len % 2 != 0)
        return false;
    uint8_t *p = out;
    for (size_t i = 0; i < hex_len; i += 2) {
        int high = hex_value(hex[i]);
        int low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0)
            return false;
        p[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

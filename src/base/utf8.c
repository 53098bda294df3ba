#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

/* Second bytes that each lead byte allows (RFC 3629, the table of Unicode 3-7):
 * no surrogates, no overlong forms, nothing above U+10FFFF. */
size_t tarn__utf8_next(tarn_slice s, size_t at, uint32_t *code_point)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t have = s.len - at;
    unsigned char lead = p[0];
    if (lead < 0x80) {
        *code_point = lead;
        return 1;
    }
    size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || have < len)
        return 0;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high)
        return 0;
    uint32_t v = lead & (0x7FU >> len);
    v = v << 6 | (p[1] & 0x3FU);
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        v = v << 6 | (p[i] & 0x3FU);
    }
    *code_point = v;
    return len;
}

size_t tarn__utf8_ascii(tarn_slice s, size_t at)
{
    size_t start = at;
    for (; s.len - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, s.ptr + at, 8);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (at < s.len && (unsigned char)s.ptr[at] < 0x80)
        at++;
    return at - start;
}

bool tarn__utf8_valid(tarn_slice s)
{
    size_t at = 0;
    while (at < s.len) {
        at += tarn__utf8_ascii(s, at);
        if (at == s.len)
            break;
        uint32_t code_point;
        size_t len = tarn__utf8_next(s, at, &code_point);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

size_t tarn__utf8_cut(tarn_slice s, size_t max)
{
    if (s.len <= max)
        return s.len;
    size_t at = max;
    while (at > 0 && max - at < 3 && ((unsigned char)s.ptr[at] & 0xC0) == 0x80)
        at--;
    return at;
}

#include "cli/json.h"

#include <string.h>
#include <tarn/text.h>

static const char *short_escape(unsigned char c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    default:
        return NULL;
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Length of the strict UTF-8 sequence at text[at], 0 when there is none. */
static size_t sequence(tarn_slice text, size_t at)
{
    const unsigned char *p = (const unsigned char *)text.ptr + at;
    size_t left = text.len - at;
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool overlong =
        (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool outside =
        (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF4 && p[1] > 0x8F);
    return overlong || outside ? 0 : len;
}

void tarn__cli_json_quote(cli_buf *out, tarn_slice text)
{
    tarn__cli_add_char(out, '"');
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && is_plain((unsigned char)text.ptr[end]))
            end++;
        tarn__cli_add(out, text.ptr + at, end - at);
        at = end;
        if (at == text.len)
            break;
        unsigned char c = (unsigned char)text.ptr[at];
        const char *escape = short_escape(c);
        size_t len = c < 0x80 ? 1 : sequence(text, at);
        if (escape != NULL)
            tarn__cli_add_text(out, escape);
        else if (c < 0x80)
            tarn__cli_addf(out, "\\u%04x", c);
        else if (len > 0)
            tarn__cli_add(out, text.ptr + at, len);
        else
            tarn__cli_add_text(out, "\xEF\xBF\xBD");
        at += len > 0 ? len : 1;
    }
    tarn__cli_add_char(out, '"');
}

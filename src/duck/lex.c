#include "duck/lex.h"

#include <string.h>

static bool word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

static const char *block_comment(const char *p)
{
    int depth = 0;
    while (*p != '\0') {
        if (p[0] == '/' && p[1] == '*') {
            depth++;
            p += 2;
        } else if (p[0] == '*' && p[1] == '/') {
            p += 2;
            if (--depth == 0)
                break;
        } else {
            p++;
        }
    }
    return p;
}

const char *tarn__sql_space(const char *p)
{
    for (;;) {
        p += strspn(p, " \t\r\n\f\v");
        if (p[0] == '-' && p[1] == '-')
            p += strcspn(p, "\r\n");
        else if (p[0] == '/' && p[1] == '*')
            p = block_comment(p);
        else
            return p;
    }
}

/* A doubled mark is two quoted stretches side by side: no harm. */
static const char *quoted(const char *p, bool escapes)
{
    char mark = *p++;
    while (*p != '\0' && *p != mark) {
        if (escapes && p[0] == '\\' && p[1] != '\0')
            p++;
        p++;
    }
    return *p == '\0' ? p : p + 1;
}

/* $tag$ ... $tag$; anything else that begins with $ is one byte. */
static const char *dollars(const char *p)
{
    const char *tag_end = p + 1;
    if (*tag_end >= '0' && *tag_end <= '9')
        return tag_end; /* $1 is a parameter */
    while (word_byte(*tag_end))
        tag_end++;
    if (*tag_end != '$')
        return p + 1;
    size_t len = (size_t)(tag_end - p) + 1;
    for (const char *q = tag_end + 1; *q != '\0'; q++)
        if (strncmp(q, p, len) == 0)
            return q + len;
    return p + strlen(p);
}

const char *tarn__sql_token(const char *p)
{
    if ((p[0] == 'e' || p[0] == 'E') && p[1] == '\'')
        return quoted(p + 1, true);
    if (*p == '\'' || *p == '"')
        return quoted(p, false);
    if (*p == '$')
        return dollars(p);
    if (!word_byte(*p))
        return *p == '\0' ? p : p + 1;
    while (word_byte(*p) || *p == '$')
        p++;
    return p;
}

bool tarn__sql_word(const char *p, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < len; i++) {
        char c = p[i] >= 'a' && p[i] <= 'z' ? (char)(p[i] - 32) : p[i];
        if (c != word[i])
            return false;
    }
    return !word_byte(p[len]) && p[len] != '$';
}

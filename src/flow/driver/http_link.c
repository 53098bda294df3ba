/* Where the next page is. */
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/http_call.h"

/* --- the header --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *past_blanks(const char *p)
{
    while (is_blank(*p))
        p++;
    return p;
}

/* Is `next` one of the words? */
static bool says_next(tarn_slice words)
{
    const char *end = words.ptr + words.len;
    const char *p = words.ptr;
    while (p < end) {
        const char *word = p;
        while (p < end && !is_blank(*p))
            p++;
        if (p - word == 4 && strncasecmp(word, "next", 4) == 0)
            return true;
        p += p < end;
    }
    return false;
}

/* A value, in quotes or not; gives what is behind it. */
static const char *take_value(const char *p, tarn_slice *out)
{
    bool quoted = *p == '"';
    const char *from = p += quoted;
    while (*p != '\0' && (quoted ? *p != '"' : strchr(";, \t", *p) == NULL))
        p += quoted && *p == '\\' && p[1] != '\0' ? 2 : 1;
    *out = (tarn_slice){from, (size_t)(p - from)};
    return quoted && *p == '"' ? p + 1 : p;
}

/* ; name=value ; name ...  The first rel counts. */
static const char *take_params(const char *p, bool *next)
{
    bool told = false;
    *next = false;
    for (p = past_blanks(p); *p == ';'; p = past_blanks(p)) {
        tarn_slice value = {"", 0};
        p = past_blanks(p + 1);
        size_t len = strcspn(p, "=;, \t");
        bool rel = len == 3 && strncasecmp(p, "rel", 3) == 0;
        p = past_blanks(p + len);
        if (*p == '=')
            p = take_value(past_blanks(p + 1), &value);
        if (rel && !told)
            *next = says_next(value);
        told = told || rel;
    }
    return p;
}

tarn_slice tarn__http_next_link(const char *header)
{
    const char *p = header;
    while ((p = strchr(p, '<')) != NULL) {
        bool next;
        const char *end = strchr(p, '>');
        if (end == NULL)
            break;
        tarn_slice link = {p + 1, (size_t)(end - p - 1)};
        p = take_params(end + 1, &next);
        if (next)
            return link;
    }
    return (tarn_slice){NULL, 0};
}

/* --- addresses --- */

/* Length of "https:", 0: there is none. */
static size_t scheme_len(const char *url)
{
    size_t len = strspn(url,
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return len > 0 && url[len] == ':' ? len + 1 : 0;
}

/* Length of "https://host:port". */
static size_t origin_len(const char *url)
{
    size_t len = scheme_len(url);
    return len > 0 && strncmp(url + len, "//", 2) == 0
        ? len + 2 + strcspn(url + len + 2, "/?#")
        : 0;
}

/* An address whose host is told. */
static bool same_host(const char *from, const char *url)
{
    size_t origin = origin_len(from);
    return origin > 0 && origin_len(url) == origin &&
        strncasecmp(url, from, origin) == 0;
}

/* Length of what a link without a slash in front goes behind. */
static size_t folder_len(const char *from, size_t origin)
{
    size_t len = strcspn(from, "?#");
    while (len > origin && from[len - 1] != '/')
        len--;
    return len;
}

tarn_status tarn__http_call_follow(const tarn__http_call *c, const char *from,
    tarn_slice link, char **out, tarn_error *err)
{
    size_t origin = origin_len(from);
    size_t folder = folder_len(from, origin);
    *out = NULL;
    char *text = tarn__strndup(link.ptr, link.len);
    if (text == NULL)
        return tarn__no_memory(err);
    if (scheme_len(text) > 0)
        *out = tarn__strdup(text);
    else if (strncmp(text, "//", 2) == 0)
        *out = tarn__sprintf("%.*s%s", (int)scheme_len(from), from, text);
    else if (*text == '/')
        *out = tarn__sprintf("%.*s%s", (int)origin, from, text);
    else if (*text == '?')
        *out = tarn__sprintf("%.*s%s", (int)strcspn(from, "?#"), from, text);
    else
        *out = tarn__sprintf(
            "%.*s%s%s", (int)folder, from, folder == origin ? "/" : "", text);
    tarn__free(text);
    if (*out == NULL)
        return tarn__no_memory(err);
    if (same_host(from, *out))
        return TARN_OK;
    tarn__free(*out);
    *out = NULL;
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: its next page is on another host, which gets none of these "
        "headers",
        c->what);
}

/* --- circles --- */

tarn_status tarn__http_call_turn(
    tarn__http_call *c, const char *page, tarn_error *err)
{
    if (c->mark != NULL && strcmp(c->mark, page) == 0)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the next page is the same again, or was there before",
            c->what);
    c->turns++;
    if ((c->turns & (c->turns - 1)) != 0)
        return TARN_OK;
    tarn__free(c->mark);
    c->mark = tarn__strdup(page);
    return c->mark == NULL ? tarn__no_memory(err) : TARN_OK;
}

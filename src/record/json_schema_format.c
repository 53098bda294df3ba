/* The formats that are kept, each to the letter of its standard. */
#include <string.h>

#include "base/str.h"
#include "record/json_schema_check.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Exactly `digits` digits, from min to max. */
static bool take_number(
    tarn_slice *s, size_t digits, int min, int max, int *out)
{
    int v = 0;
    if (s->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (!is_digit(s->ptr[i]))
            return false;
        v = v * 10 + (s->ptr[i] - '0');
    }
    s->ptr += digits;
    s->len -= digits;
    *out = v;
    return v >= min && v <= max;
}

/* --- RFC 3339 --- */

static bool take_date(tarn_slice *s)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year;
    int month;
    int day;
    if (!take_number(s, 4, 0, 9999, &year) || !tarn__slice_take(s, '-') ||
        !take_number(s, 2, 1, 12, &month) || !tarn__slice_take(s, '-'))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int last = days[month - 1] + (leap && month == 2);
    return take_number(s, 2, 1, last, &day);
}

static bool take_time(tarn_slice *s)
{
    int hour;
    int minute;
    int second;
    int off_hour = 0;
    int off_minute = 0;
    if (!take_number(s, 2, 0, 23, &hour) || !tarn__slice_take(s, ':') ||
        !take_number(s, 2, 0, 59, &minute) || !tarn__slice_take(s, ':') ||
        !take_number(s, 2, 0, 60, &second))
        return false;
    if (tarn__slice_take(s, '.')) {
        size_t len = 0;
        while (len < s->len && is_digit(s->ptr[len]))
            len++;
        if (len == 0)
            return false;
        s->ptr += len;
        s->len -= len;
    }
    if (!tarn__slice_take(s, 'Z') && !tarn__slice_take(s, 'z')) {
        bool minus = s->len > 0 && *s->ptr == '-';
        if ((!tarn__slice_take(s, '+') && !tarn__slice_take(s, '-')) ||
            !take_number(s, 2, 0, 23, &off_hour) || !tarn__slice_take(s, ':') ||
            !take_number(s, 2, 0, 59, &off_minute))
            return false;
        if (!minus) {
            off_hour = -off_hour;
            off_minute = -off_minute;
        }
    }
    /* A leap second is the last of a day, UTC. */
    int utc = (hour + off_hour) * 60 + minute + off_minute;
    return second < 60 || (utc + 1440) % 1440 == 1439;
}

static bool date_ok(tarn_slice s)
{
    return take_date(&s) && s.len == 0;
}

static bool time_ok(tarn_slice s)
{
    return take_time(&s) && s.len == 0;
}

static bool date_time_ok(tarn_slice s)
{
    return take_date(&s) &&
        (tarn__slice_take(&s, 'T') || tarn__slice_take(&s, 't')) &&
        take_time(&s) && s.len == 0;
}

/* --- RFC 4122 --- */

static bool uuid_ok(tarn_slice s)
{
    if (s.len != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.ptr[i] != '-' : !is_hex(s.ptr[i]))
            return false;
    }
    return true;
}

/* --- addresses --- */

/* Labels of letters, digits and '-', parted by dots: RFC 1123. */
static bool host_ok(tarn_slice s)
{
    size_t label = 0;
    if (s.len == 0 || s.len > 253)
        return false;
    for (size_t i = 0; i <= s.len; i++) {
        if (i < s.len && s.ptr[i] != '.') {
            char c = s.ptr[i];
            if (!is_letter(c) && !is_digit(c) && c != '-')
                return false;
            if (label == 0 && c == '-')
                return false;
            label++;
            continue;
        }
        if (label == 0 || label > 63 || s.ptr[i - 1] == '-')
            return false;
        label = 0;
    }
    return true;
}

static bool ipv4_ok(tarn_slice s)
{
    for (int i = 0; i < 4; i++) {
        size_t len = 0;
        int v = 0;
        if (i > 0 && !tarn__slice_take(&s, '.'))
            return false;
        for (; len < s.len && len < 4 && is_digit(s.ptr[len]); len++)
            v = v * 10 + (s.ptr[len] - '0');
        if (len == 0 || v > 255 || (len > 1 && s.ptr[0] == '0'))
            return false;
        s.ptr += len;
        s.len -= len;
    }
    return s.len == 0;
}

/* Eight groups of up to four digits; `::` once stands for some of them; the
 * last two may be an IPv4 address. */
static bool ipv6_ok(tarn_slice s)
{
    int groups = 0;
    bool gap = false;
    if (s.len >= 2 && s.ptr[0] == ':' && s.ptr[1] == ':') {
        gap = true;
        s.ptr += 2;
        s.len -= 2;
    }
    while (s.len > 0) {
        size_t len = 0;
        while (len < s.len && len < 5 && is_hex(s.ptr[len]))
            len++;
        if (len < s.len && s.ptr[len] == '.')
            return ipv4_ok(s) && (gap ? groups <= 5 : groups == 6);
        if (len == 0 || len > 4)
            return false;
        groups++;
        s.ptr += len;
        s.len -= len;
        if (s.len == 0)
            break;
        if (!tarn__slice_take(&s, ':') || s.len == 0)
            return false;
        if (*s.ptr == ':') {
            if (gap)
                return false;
            gap = true;
            (void)tarn__slice_take(&s, ':');
        }
    }
    return gap ? groups <= 7 : groups == 8;
}

/* RFC 5321: "quoted", or words of these characters parted by dots. */
static bool local_ok(tarn_slice s)
{
    if (s.len == 0 || s.len > 64)
        return false;
    if (*s.ptr == '"') {
        if (s.len < 2 || s.ptr[s.len - 1] != '"')
            return false;
        for (size_t i = 1; i + 1 < s.len; i++) {
            char c = s.ptr[i];
            if (c < 32 || c > 126 || c == '"')
                return false;
            if (c == '\\' && (++i + 1 >= s.len || s.ptr[i] < 32))
                return false;
        }
        return true;
    }
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool dot = c == '.' && i > 0 && i + 1 < s.len && s.ptr[i - 1] != '.';
        if (!dot && !is_letter(c) && !is_digit(c) &&
            (c == '\0' || strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL))
            return false;
    }
    return true;
}

static bool email_ok(tarn_slice s)
{
    size_t at = s.len;
    while (at > 0 && s.ptr[at - 1] != '@')
        at--;
    if (at == 0 || !local_ok((tarn_slice){s.ptr, at - 1}))
        return false;
    tarn_slice domain = {s.ptr + at, s.len - at};
    if (domain.len < 2 || *domain.ptr != '[')
        return host_ok(domain);
    if (domain.ptr[domain.len - 1] != ']')
        return false;
    domain.ptr++;
    domain.len -= 2;
    if (domain.len > 5 && memcmp(domain.ptr, "IPv6:", 5) == 0)
        return ipv6_ok((tarn_slice){domain.ptr + 5, domain.len - 5});
    return ipv4_ok(domain);
}

/* --- RFC 3986 --- */

/* Each byte is of `extra`, a letter, a digit or one that any part may have; a
 * percent sign leads two digits. */
static bool all_of(tarn_slice s, const char *extra)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            if (s.len - i < 3 || !is_hex(s.ptr[i + 1]) || !is_hex(s.ptr[i + 2]))
                return false;
            i += 2;
        } else if (!is_letter(c) && !is_digit(c) &&
            (c == '\0' ||
                (strchr("-._~!$&'()*+,;=", c) == NULL &&
                    strchr(extra, c) == NULL))) {
            return false;
        }
    }
    return true;
}

static bool authority_ok(tarn_slice s)
{
    const char *at = memchr(s.ptr, '@', s.len);
    if (at != NULL) {
        if (!all_of((tarn_slice){s.ptr, (size_t)(at - s.ptr)}, ":"))
            return false;
        s.len -= (size_t)(at - s.ptr) + 1;
        s.ptr = at + 1;
    }
    if (s.len > 0 && *s.ptr == '[') {
        const char *close = memchr(s.ptr, ']', s.len);
        if (close == NULL)
            return false;
        tarn_slice inner = {s.ptr + 1, (size_t)(close - s.ptr) - 1};
        bool future = inner.len > 1 && (*inner.ptr | 0x20) == 'v';
        if (future ? !all_of(inner, ":") : !ipv6_ok(inner))
            return false;
        s.len -= (size_t)(close - s.ptr) + 1;
        s.ptr = close + 1;
        if (s.len > 0 && *s.ptr != ':')
            return false;
    }
    const char *colon = s.len > 0 ? memchr(s.ptr, ':', s.len) : NULL;
    size_t host = colon != NULL ? (size_t)(colon - s.ptr) : s.len;
    for (size_t i = host + 1; i < s.len; i++)
        if (!is_digit(s.ptr[i]))
            return false;
    return all_of((tarn_slice){s.ptr, host}, "");
}

/* Cut s at the first of `stops`; what follows it is `rest`, ptr NULL: none. */
static tarn_slice cut_at(tarn_slice *s, char stop)
{
    const char *at = s->len > 0 ? memchr(s->ptr, stop, s->len) : NULL;
    if (at == NULL)
        return (tarn_slice){NULL, 0};
    tarn_slice rest = {at + 1, s->len - (size_t)(at - s->ptr) - 1};
    s->len = (size_t)(at - s->ptr);
    return rest;
}

static bool uri_ok(tarn_slice s)
{
    size_t scheme = 0;
    while (scheme < s.len && s.ptr[scheme] != ':') {
        char c = s.ptr[scheme];
        if (!is_letter(c) &&
            (scheme == 0 || (!is_digit(c) && c != '+' && c != '-' && c != '.')))
            return false;
        scheme++;
    }
    if (scheme == 0 || scheme == s.len)
        return false;
    s.ptr += scheme + 1;
    s.len -= scheme + 1;
    tarn_slice fragment = cut_at(&s, '#');
    tarn_slice query = cut_at(&s, '?');
    if (!all_of(fragment, ":@/?") || !all_of(query, ":@/?"))
        return false;
    if (s.len >= 2 && s.ptr[0] == '/' && s.ptr[1] == '/') {
        tarn_slice authority = {s.ptr + 2, s.len - 2};
        (void)cut_at(&authority, '/');
        if (!authority_ok(authority))
            return false;
        s.ptr += 2 + authority.len;
        s.len -= 2 + authority.len;
    }
    return all_of(s, ":@/");
}

bool tarn__schema_format_ok(tarn__schema_format format, tarn_slice text)
{
    switch (format) {
    case TARN__FORMAT_DATE_TIME:
        return date_time_ok(text);
    case TARN__FORMAT_DATE:
        return date_ok(text);
    case TARN__FORMAT_TIME:
        return time_ok(text);
    case TARN__FORMAT_UUID:
        return uuid_ok(text);
    case TARN__FORMAT_EMAIL:
        return email_ok(text);
    case TARN__FORMAT_URI:
        return uri_ok(text);
    case TARN__FORMAT_HOSTNAME:
        return host_ok(text);
    case TARN__FORMAT_IPV4:
        return ipv4_ok(text);
    case TARN__FORMAT_IPV6:
        return ipv6_ok(text);
    default:
        return true;
    }
}

const char *tarn__schema_format_name(tarn__schema_format format)
{
    static const char *const names[] = {
        [TARN__FORMAT_DATE_TIME] =
            "date-time (RFC 3339, such as 2026-11-21T04:05:06Z)",
        [TARN__FORMAT_DATE] = "date (such as 2026-11-21)",
        [TARN__FORMAT_TIME] = "time (RFC 3339, such as 04:05:06Z)",
        [TARN__FORMAT_UUID] = "UUID",
        [TARN__FORMAT_EMAIL] = "e-mail address",
        [TARN__FORMAT_URI] = "URI",
        [TARN__FORMAT_HOSTNAME] = "host name",
        [TARN__FORMAT_IPV4] = "IPv4 address",
        [TARN__FORMAT_IPV6] = "IPv6 address"};
    return names[format];
}

/* Numbers, sizes and durations as text.  The C library's conversions of doubles
 * follow the locale of the host program; what is here never does. */
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

__extension__ typedef unsigned __int128 wide;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool tarn__parse_u64(const char *s, uint64_t *out)
{
    if (!is_digit(*s))
        return false;
    uint64_t v = 0;
    for (; is_digit(*s); s++) {
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
            return false;
    }
    if (*s != '\0')
        return false;
    *out = v;
    return true;
}

bool tarn__parse_i64(const char *s, int64_t *out)
{
    bool negative = *s == '-';
    uint64_t v;
    if (!tarn__parse_u64(s + (negative || *s == '+'), &v))
        return false;
    if (v > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* The "C" locale: a constant of the process, made once. */
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;
static locale_t c_locale;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* Digits, an optional point among or around them, an optional exponent. */
static bool is_decimal(const char *s)
{
    size_t digits = 0;
    s += *s == '-' || *s == '+';
    for (; is_digit(*s); s++)
        digits++;
    if (*s == '.')
        for (s++; is_digit(*s); s++)
            digits++;
    if (digits == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '-' || *s == '+';
        if (!is_digit(*s))
            return false;
        while (is_digit(*s))
            s++;
    }
    return *s == '\0';
}

bool tarn__parse_double(const char *s, double *out)
{
    if (!is_decimal(s))
        return false;
    (void)pthread_once(&c_locale_once, make_c_locale);
    double v =
        c_locale == (locale_t)0 ? strtod(s, NULL) : strtod_l(s, NULL, c_locale);
    if (isinf(v))
        return false;
    *out = v;
    return true;
}

/* Replace what stands for the decimal point by one. */
static void set_point(char *s)
{
    char *from = s + strspn(s, "-0123456789e+");
    if (*from == '\0' || *from == '.')
        return;
    size_t len = strcspn(from, "-0123456789e+");
    *from = '.';
    memmove(from + 1, from + len, strlen(from + len) + 1);
}

const char *tarn__format_double(double v, char buf[32])
{
    if (isnan(v) || isinf(v)) {
        snprintf(buf, 32, "%s", isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
        return buf;
    }
    if (v == trunc(v) && fabs(v) < 1e15) {
        snprintf(buf, 32, "%s%" PRId64 ".0", signbit(v) && v == 0 ? "-" : "",
            (int64_t)v);
        return buf;
    }
    /* Subnormal numbers have fewer digits than others. */
    int precision = fabs(v) < DBL_MIN ? 1 : DBL_DIG;
    for (; precision <= 17; precision++) {
        snprintf(buf, 32, "%.*g", precision, v);
        set_point(buf);
        double back;
        if (tarn__parse_double(buf, &back) && back == v)
            break;
    }
    if (strpbrk(buf, ".e") == NULL)
        memcpy(buf + strlen(buf), ".0", 3);
    return buf;
}

/* An unsigned decimal at the start of s: value = digits / 10^scale, at most
 * nine places (more are cut).  Returns what follows, NULL when there is none
 * or it has more than 64 bits. */
static const char *scan_decimal(const char *s, uint64_t *digits, int *scale)
{
    uint64_t v = 0;
    int places = 0;
    bool any = false;
    bool point = false;
    for (;; s++) {
        if (*s == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*s))
            break;
        any = true;
        if (point && places == 9)
            continue;
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
            return NULL;
        places += point;
    }
    *digits = v;
    *scale = places;
    return any ? s : NULL;
}

typedef struct unit {
    const char *name;
    uint64_t factor;
} unit;

/* A decimal and one of the units (the first is the default), whole string, as
 * a count of the smallest, cut to a whole number. */
static bool parse_with_unit(
    const char *s, const unit *units, size_t count, uint64_t max, uint64_t *out)
{
    uint64_t digits;
    int scale;
    const char *name = scan_decimal(s, &digits, &scale);
    if (name == NULL)
        return false;
    if (*name == ' ' && name[1] != '\0')
        name++;
    const unit *found = *name == '\0' ? &units[0] : NULL;
    for (size_t i = 0; i < count && found == NULL; i++)
        if (tarn__eq_nocase(name, units[i].name))
            found = &units[i];
    if (found == NULL)
        return false;
    wide v = (wide)digits * found->factor;
    for (; scale > 0; scale--)
        v /= 10;
    if (v > max)
        return false;
    *out = (uint64_t)v;
    return true;
}

bool tarn__parse_size(const char *s, uint64_t *bytes)
{
    static const uint64_t k = 1000;
    static const uint64_t ki = 1024;
    const unit units[] = {
        {"b", 1},
        {"k", k},
        {"kb", k},
        {"ki", ki},
        {"kib", ki},
        {"m", k * k},
        {"mb", k * k},
        {"mi", ki * ki},
        {"mib", ki * ki},
        {"g", k * k * k},
        {"gb", k * k * k},
        {"gi", ki * ki * ki},
        {"gib", ki * ki * ki},
        {"t", k * k * k * k},
        {"tb", k * k * k * k},
        {"ti", ki * ki * ki * ki},
        {"tib", ki * ki * ki * ki},
    };
    return parse_with_unit(
        s, units, sizeof(units) / sizeof(units[0]), UINT64_MAX, bytes);
}

bool tarn__parse_duration(const char *s, int64_t *us)
{
    const uint64_t second = 1000000;
    const unit units[] = {
        {"s", second},
        {"us", 1},
        {"ms", 1000},
        {"m", 60 * second},
        {"h", 3600 * second},
        {"d", 86400 * second},
        {"w", 604800 * second},
    };
    uint64_t v;
    if (!parse_with_unit(
            s, units, sizeof(units) / sizeof(units[0]), INT64_MAX, &v))
        return false;
    *us = (int64_t)v;
    return true;
}

const char *tarn__format_size(uint64_t bytes, char buf[16])
{
    static const char *const units[] = {"KB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        snprintf(buf, 16, "%u B", (unsigned)bytes);
        return buf;
    }
    /* Tenths of the unit, rounded half up. */
    uint64_t unit_bytes = 1000;
    size_t i = 0;
    while (i < 5 && bytes / unit_bytes >= 1000) {
        unit_bytes *= 1000;
        i++;
    }
    uint64_t tenths =
        (uint64_t)(((wide)bytes * 10 + unit_bytes / 2) / unit_bytes);
    if (tenths >= 10000 && i < 5) {
        tenths = 10;
        i++;
    }
    snprintf(buf, 16, "%u.%u %s", (unsigned)(tenths / 10),
        (unsigned)(tenths % 10), units[i]);
    return buf;
}

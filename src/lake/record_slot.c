/* What of a JSON value goes into a slot of 8 bytes. */
#include "base/str.h"
#include "lake/record_row.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number as digits x 10^exponent, without trailing zeros.  wide: it has more
 * digits than fit. */
typedef struct decimal {
    bool negative;
    bool wide;
    uint64_t digits;
    int64_t exponent;
} decimal;

static void add_digit(decimal *d, int64_t *zeros, char c)
{
    if (c == '0') {
        ++*zeros;
        return;
    }
    for (; *zeros >= 0; --*zeros)
        if (__builtin_mul_overflow(d->digits, (uint64_t)10, &d->digits))
            d->wide = true;
    *zeros = 0;
    if (__builtin_add_overflow(d->digits, (uint64_t)(c - '0'), &d->digits))
        d->wide = true;
}

/* `number` is checked JSON. */
static decimal decimal_of(tarn_slice number)
{
    decimal d = {false, false, 0, 0};
    const char *at = number.ptr;
    const char *end = at + number.len;
    int64_t zeros = 0, fraction = 0, exponent = 0;

    d.negative = *at == '-';
    at += d.negative;
    for (; at < end && is_digit(*at) && !d.wide; at++)
        add_digit(&d, &zeros, *at);
    if (at < end && *at == '.')
        for (at++; at < end && is_digit(*at) && !d.wide; at++, fraction++)
            add_digit(&d, &zeros, *at);
    if (at < end && (*at == 'e' || *at == 'E')) {
        bool down = at[1] == '-';
        at += 1 + (at[1] == '-' || at[1] == '+');
        for (; at < end && exponent < 100000; at++)
            exponent = exponent * 10 + (*at - '0');
        exponent = down ? -exponent : exponent;
    }
    d.exponent = exponent + zeros - fraction;
    return d;
}

bool tarn__json_number_i64(tarn_slice number, int64_t *out)
{
    decimal d = decimal_of(number);

    if (d.digits == 0 && !d.wide) {
        *out = 0;
        return true;
    }
    if (d.wide || d.exponent < 0 || d.exponent > 19)
        return false;
    for (; d.exponent > 0; d.exponent--)
        if (__builtin_mul_overflow(d.digits, (uint64_t)10, &d.digits))
            return false;
    if (d.digits > (uint64_t)INT64_MAX + d.negative)
        return false;
    *out = d.negative ? (int64_t)(0 - d.digits) : (int64_t)d.digits;
    return true;
}

bool tarn__json_number_double(tarn_slice number, double *out)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
        1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22};
    decimal d = decimal_of(number);
    char text[128];

    /* Both exact, so that one operation rounds once. */
    if (!d.wide && d.digits < (uint64_t)1 << 53 && d.exponent >= -22 &&
        d.exponent <= 22) {
        double v = (double)d.digits;
        v = d.exponent < 0 ? v / powers[-d.exponent] : v * powers[d.exponent];
        *out = d.negative ? -v : v;
        return true;
    }
    if (number.len > 120)
        return false;
    memcpy(text, number.ptr, number.len);
    text[number.len] = '\0';
    return tarn__parse_double(text, out);
}

/* `count` digits at `at` as a number, -1 when they are none. */
static int digits_at(const char *at, int count)
{
    int v = 0;

    for (int i = 0; i < count; i++) {
        if (!is_digit(at[i]))
            return -1;
        v = v * 10 + (at[i] - '0');
    }
    return v;
}

/* Days since 1970 of a proleptic Gregorian date. */
static int64_t days_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
        of_year - 719468;
}

static bool date_at(const char *s, int64_t *days)
{
    static const int lengths[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = digits_at(s, 4);
    int month = digits_at(s + 5, 2);
    int day = digits_at(s + 8, 2);

    if (year < 1 || month < 1 || month > 12 || day < 1 || s[4] != '-' ||
        s[7] != '-')
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > lengths[month - 1] + (month == 2 && leap))
        return false;
    *days = days_of(year, month, day);
    return true;
}

/* "Z" or "+hh:mm": minutes to the east. */
static bool offset_of(const char *s, size_t len, int *minutes)
{
    *minutes = 0;
    if (len == 1 && *s == 'Z')
        return true;
    if (len != 6 || (*s != '+' && *s != '-') || s[3] != ':')
        return false;
    int h = digits_at(s + 1, 2);
    int m = digits_at(s + 4, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59)
        return false;
    *minutes = (*s == '-' ? -1 : 1) * (h * 60 + m);
    return true;
}

static bool timestamp_of(tarn_slice s, int64_t *us)
{
    int64_t days, fraction = 0;
    size_t at = 19;
    int minutes;

    if (s.len < 20 || !date_at(s.ptr, &days) || s.ptr[10] != 'T' ||
        s.ptr[13] != ':' || s.ptr[16] != ':')
        return false;
    int h = digits_at(s.ptr + 11, 2);
    int m = digits_at(s.ptr + 14, 2);
    int sec = digits_at(s.ptr + 17, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59)
        return false;
    if (s.ptr[at] == '.') {
        int64_t unit = 100000;
        for (at++; at < s.len && is_digit(s.ptr[at]); at++, unit /= 10) {
            if (unit == 0)
                return false;
            fraction += (s.ptr[at] - '0') * unit;
        }
        if (at == 20)
            return false;
    }
    if (at >= s.len || !offset_of(s.ptr + at, s.len - at, &minutes))
        return false;
    *us = ((days * 24 + h) * 60 + m - minutes) * 60000000 +
        (int64_t)sec * 1000000 + fraction;
    return true;
}

static bool text_slot(
    const tarn__json_scan_value *value, const char *json, char slot[8])
{
    size_t start = (size_t)(value->text.ptr - json);
    uint32_t at = (uint32_t)start;
    uint32_t len = (uint32_t)value->text.len;

    if (value->text.len >= 0x80000000u || start > UINT32_MAX)
        return false;
    len |= value->escaped ? 0x80000000u : 0;
    memcpy(slot, &at, 4);
    memcpy(slot + 4, &len, 4);
    return true;
}

static bool number_slot(
    tarn__row_type type, const tarn__json_scan_value *value, char slot[8])
{
    int64_t v;
    double d;

    if (value->kind != TARN__JSON_NUMBER)
        return false;
    if (type == TARN__ROW_DOUBLE) {
        if (!tarn__json_number_double(value->text, &d))
            return false;
        memcpy(slot, &d, 8);
        return true;
    }
    if (!tarn__json_number_i64(value->text, &v))
        return false;
    memcpy(slot, &v, 8);
    return true;
}

static bool string_slot(tarn__row_type type, const tarn__json_scan_value *value,
    const char *json, char slot[8])
{
    int64_t v;

    if (value->kind != TARN__JSON_STRING)
        return false;
    if (type == TARN__ROW_VARCHAR)
        return text_slot(value, json, slot);
    if (type == TARN__ROW_DATE
            ? value->text.len != 10 || !date_at(value->text.ptr, &v)
            : !timestamp_of(value->text, &v))
        return false;
    memcpy(slot, &v, 8);
    return true;
}

tarn__row_state tarn__row_slot(tarn__row_type type,
    const tarn__json_scan_value *value, const char *json, char slot[8])
{
    bool fits = false;

    if (value->kind == TARN__JSON_NULL)
        return TARN__ROW_ABSENT;
    if (type == TARN__ROW_BIGINT || type == TARN__ROW_DOUBLE) {
        fits = number_slot(type, value, slot);
    } else if (type == TARN__ROW_BOOLEAN) {
        int64_t v = value->kind == TARN__JSON_TRUE;
        fits = v != 0 || value->kind == TARN__JSON_FALSE;
        if (fits)
            memcpy(slot, &v, 8);
    } else {
        fits = string_slot(type, value, json, slot);
    }
    return fits ? TARN__ROW_VALUE : TARN__ROW_IN_JSON;
}

/* What of a JSON value goes into a slot of 8 bytes. */
#include "base/json_number.h"
#include "lake/record_row.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
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
    if (len == 1 && (*s == 'Z' || *s == 'z'))
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

    if (s.len < 20 || !date_at(s.ptr, &days) || (s.ptr[10] | 0x20) != 't' ||
        s.ptr[13] != ':' || s.ptr[16] != ':')
        return false;
    int h = digits_at(s.ptr + 11, 2);
    int m = digits_at(s.ptr + 14, 2);
    int sec = digits_at(s.ptr + 17, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60)
        return false;
    if (s.ptr[at] == '.') {
        int64_t unit = 100000;
        for (at++; at < s.len && is_digit(s.ptr[at]); at++, unit /= 10)
            fraction += (s.ptr[at] - '0') * unit; /* beyond us: cut */
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
    tarn_slice text = value->text;
    char plain[256];
    if (value->escaped) {
        if (text.len > sizeof plain)
            return false;
        text = (tarn_slice){plain, tarn__json_scan_unescape(text, plain)};
    }
    if (type == TARN__ROW_DATE ? text.len != 10 || !date_at(text.ptr, &v)
                               : !timestamp_of(text, &v))
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

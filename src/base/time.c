#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)
#define DAY_SECONDS INT64_C(86400)

static int64_t clock_us(clockid_t clock)
{
    struct timespec ts;
    if (clock_gettime(clock, &ts) != 0)
        abort(); /* these two clocks are always there */
    return (int64_t)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

int64_t tarn__now_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

int64_t tarn__monotonic_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, in eras
 * of 400 years that begin on 1 March. */
static int64_t days_of_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year =
        (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_of_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

const char *tarn__time_format(int64_t us, char buf[TARN__TIME_TEXT_BYTES])
{
    int64_t seconds = floor_div(us, SECOND_US);
    int micros = (int)((us % SECOND_US + SECOND_US) % SECOND_US);
    int64_t days = floor_div(seconds, DAY_SECONDS);
    int second = (int)(seconds - days * DAY_SECONDS);
    int64_t year;
    int month;
    int day;
    date_of_days(days, &year, &month, &day);
    char fraction[12] = "";
    if (micros % 1000 != 0)
        snprintf(fraction, sizeof(fraction), ".%06d", micros);
    else if (micros != 0)
        snprintf(fraction, sizeof(fraction), ".%03d", micros / 1000);
    const char *sign = year < 0 ? "-" : year > 9999 ? "+" : "";
    snprintf(buf, TARN__TIME_TEXT_BYTES, "%s%04d-%02u-%02uT%02u:%02u:%02u%sZ",
        sign, abs((int)year), (uint8_t)month, (uint8_t)day,
        (uint8_t)(second / 3600), (uint8_t)(second / 60 % 60),
        (uint8_t)(second % 60), fraction);
    return buf;
}

/* Reading: each takes what it finds at *s and moves on, or gives false. */

static bool take(const char **s, char c)
{
    if (**s != c)
        return false;
    (*s)++;
    return true;
}

/* Exactly `digits` digits, at most max. */
static bool take_number(const char **s, int digits, int max, int *out)
{
    int v = 0;
    for (int i = 0; i < digits; i++, (*s)++) {
        if (**s < '0' || **s > '9')
            return false;
        v = v * 10 + (**s - '0');
    }
    *out = v;
    return v <= max;
}

/* Four digits, or a sign and four to six. */
static bool take_year(const char **s, int64_t *year)
{
    bool negative = **s == '-';
    bool sign = negative || **s == '+';
    *s += sign;
    int64_t v = 0;
    int digits = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++, digits++) {
        if (digits == 6)
            return false;
        v = v * 10 + (**s - '0');
    }
    if (digits < 4 || (digits > 4 && !sign))
        return false;
    *year = negative ? -v : v;
    return true;
}

static bool take_date(const char **s, int64_t *days)
{
    static const int month_days[] = {
        31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year;
    int month;
    int day;
    if (!take_year(s, &year) || !take(s, '-') ||
        !take_number(s, 2, 12, &month) || month < 1 || !take(s, '-') ||
        !take_number(s, 2, month_days[month - 1], &day) || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2 && day == 29 && !leap)
        return false;
    *days = days_of_date(year, month, day);
    return true;
}

/* hh:mm[:ss[.fraction]]; digits beyond microseconds are cut. */
static bool take_clock(const char **s, int64_t *us)
{
    int hour;
    int minute;
    int second = 0;
    int64_t micros = 0;
    if (!take_number(s, 2, 23, &hour) || !take(s, ':') ||
        !take_number(s, 2, 59, &minute))
        return false;
    if (take(s, ':')) {
        if (!take_number(s, 2, 59, &second))
            return false;
        if (take(s, '.') || take(s, ',')) {
            int64_t unit = SECOND_US / 10;
            if (**s < '0' || **s > '9')
                return false;
            for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
                micros += (**s - '0') * unit;
        }
    }
    *us = ((int64_t)hour * 3600 + minute * 60 + second) * SECOND_US + micros;
    return true;
}

/* Nothing, Z, +hh, +hhmm or +hh:mm. */
static bool take_offset(const char **s, int64_t *us)
{
    *us = 0;
    if (take(s, 'Z') || take(s, 'z') || **s == '\0')
        return true;
    bool negative = **s == '-';
    int hour;
    int minute = 0;
    if ((!take(s, '+') && !take(s, '-')) || !take_number(s, 2, 23, &hour))
        return false;
    if ((take(s, ':') || **s != '\0') && !take_number(s, 2, 59, &minute))
        return false;
    int64_t offset = ((int64_t)hour * 3600 + minute * 60) * SECOND_US;
    *us = negative ? -offset : offset;
    return true;
}

bool tarn__time_parse(const char *text, int64_t *us)
{
    const char *s = text;
    int64_t days;
    int64_t clock = 0;
    int64_t offset = 0;
    if (!take_date(&s, &days))
        return false;
    if (take(&s, 'T') || take(&s, 't') || take(&s, ' ')) {
        if (!take_clock(&s, &clock))
            return false;
        (void)take(&s, ' '); /* "2026-11-21 04:05:06 +01", as SQL prints */
        if (!take_offset(&s, &offset))
            return false;
    }
    int64_t v;
    if (*s != '\0' ||
        __builtin_mul_overflow(days, DAY_SECONDS * SECOND_US, &v) ||
        __builtin_add_overflow(v, clock - offset, &v))
        return false;
    *us = v;
    return true;
}

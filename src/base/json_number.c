#include "base/json_number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define MAX_EXPONENT INT64_C(1000000000000000000)

__extension__ typedef unsigned __int128 wide;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* After the 'e'. */
static int64_t exponent_of(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    int64_t v = 0;
    for (; at < end; at++)
        v = v < MAX_EXPONENT / 10 ? v * 10 + (*at - '0') : MAX_EXPONENT;
    return negative ? -v : v;
}

/* The value, when it is an integer that fits. */
static bool small_of(const tarn__json_number *n, int64_t *out)
{
    uint64_t v = 0;
    if (n->exponent > 19 || n->exponent < (int64_t)n->digits)
        return n->digits == 0;
    for (const char *at = n->first; at < n->last; at++)
        if (*at != '.' &&
            (__builtin_mul_overflow(v, 10, &v) ||
                __builtin_add_overflow(v, (uint64_t)(*at - '0'), &v)))
            return false;
    for (int64_t i = (int64_t)n->digits; i < n->exponent; i++)
        if (__builtin_mul_overflow(v, 10, &v))
            return false;
    if (v > (uint64_t)INT64_MAX + n->negative)
        return false;
    *out = n->negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* What nearly all are: up to 18 digits and nothing else. */
static bool plain_integer(tarn_slice text, int64_t *out)
{
    size_t sign = text.len > 0 && text.ptr[0] == '-';
    int64_t v = 0;
    if (text.len - sign > 18)
        return false;
    for (size_t i = sign; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return false;
        v = v * 10 + (text.ptr[i] - '0');
    }
    *out = sign != 0 ? -v : v;
    return true;
}

/* first, last, digits and exponent. */
static void read_digits(tarn__json_number *n, const char *at, const char *end)
{
    const char *point = NULL;
    const char *after = at; /* the mantissa's end */
    for (; after < end && *after != 'e' && *after != 'E'; after++)
        if (*after == '.')
            point = after;
    for (; at < after; at++) {
        if (!is_digit(*at) || *at == '0')
            continue;
        if (n->first == NULL)
            n->first = at;
        n->last = at + 1;
    }
    if (n->first == NULL)
        return;
    bool within = point != NULL && point > n->first && point < n->last;
    n->digits = (size_t)(n->last - n->first) - within;
    /* How far the point stands behind the first digit. */
    n->exponent = (point != NULL ? point : after) - n->first;
    if (point != NULL && point < n->first)
        n->exponent++;
    if (after < end)
        n->exponent += exponent_of(after + 1, end);
}

tarn__json_number tarn__json_number_of(tarn_slice text)
{
    tarn__json_number n = {0};
    size_t sign = text.len > 0 && text.ptr[0] == '-';
    read_digits(&n, text.ptr + sign, text.ptr + text.len);
    n.negative = sign != 0 && n.digits > 0;
    n.is_small = plain_integer(text, &n.small) || small_of(&n, &n.small);
    return n;
}

static int cmp_digits(const tarn__json_number *a, const tarn__json_number *b)
{
    const char *x = a->first;
    const char *y = b->first;
    for (;;) {
        if (x < a->last && *x == '.')
            x++;
        if (y < b->last && *y == '.')
            y++;
        if (x == a->last || y == b->last)
            return (x < a->last) - (y < b->last);
        if (*x != *y)
            return *x < *y ? -1 : 1;
        x++;
        y++;
    }
}

int tarn__json_number_cmp(
    const tarn__json_number *a, const tarn__json_number *b)
{
    if (a->is_small && b->is_small)
        return (a->small > b->small) - (a->small < b->small);
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    int sign = a->negative ? -1 : 1;
    if (a->digits == 0 || b->digits == 0)
        return sign * ((a->digits > 0) - (b->digits > 0));
    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -sign : sign;
    return sign * cmp_digits(a, b);
}

bool tarn__json_number_is_integer(const tarn__json_number *n)
{
    return n->is_small || n->exponent >= (int64_t)n->digits;
}

static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t m)
{
    return (uint64_t)((wide)a * b % m);
}

static uint64_t digits_mod(const tarn__json_number *n, uint64_t m)
{
    uint64_t v = 0;
    for (const char *at = n->first; at < n->last; at++)
        if (*at != '.')
            v = (uint64_t)(((wide)v * 10 + (unsigned char)(*at - '0')) % m);
    return v;
}

bool tarn__json_number_is_multiple(
    const tarn__json_number *n, const tarn__json_number *unit)
{
    if (n->digits == 0)
        return true;
    if (n->is_small && unit->is_small)
        return n->small % unit->small == 0;
    /* n = a x 10^i and unit = b x 10^j; neither a nor b ends in 0. */
    int64_t i = n->exponent - (int64_t)n->digits;
    int64_t j = unit->exponent - (int64_t)unit->digits;
    if (i < j)
        return false; /* b x 10^(j-i) ends in 0, a does not */
    uint64_t b = digits_mod(unit, UINT64_MAX); /* its digits as they are */
    uint64_t rest = digits_mod(n, b);
    uint64_t power = 10 % b;
    for (uint64_t k = (uint64_t)(i - j); k > 0; k >>= 1) {
        if ((k & 1) != 0)
            rest = mul_mod(rest, power, b);
        power = mul_mod(power, power, b);
    }
    return rest % b == 0;
}

bool tarn__json_number_i64(tarn_slice text, int64_t *out)
{
    if (plain_integer(text, out))
        return true;
    tarn__json_number n = tarn__json_number_of(text);
    if (n.is_small)
        *out = n.small;
    return n.is_small;
}

/* Up to 15 digits as an integer. */
static double few_digits(const tarn__json_number *n)
{
    int64_t v = 0;
    for (const char *at = n->first; at < n->last; at++)
        if (*at != '.')
            v = v * 10 + (*at - '0');
    return (double)v;
}

/* What decides between two doubles stands in the first 767 digits, but for
 * whether anything follows. */
#define ENOUGH_DIGITS 780

static bool many_digits(const tarn__json_number *n, double *out)
{
    char text[ENOUGH_DIGITS + 40] = "0.";
    size_t len = 2;
    if (n->exponent > 400)
        return false;
    for (const char *at = n->first; at < n->last && len < ENOUGH_DIGITS; at++)
        if (*at != '.')
            text[len++] = *at;
    if (n->digits > len - 2)
        text[len++] = '1';
    snprintf(text + len, sizeof text - len, "e%" PRId64,
        n->exponent < -400 ? -400 : n->exponent);
    return tarn__parse_double(text, out);
}

bool tarn__json_number_double(tarn_slice text, double *out)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
        1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22};
    tarn__json_number n = tarn__json_number_of(text);
    double v = 0;
    int64_t power = n.exponent - (int64_t)n.digits;
    if (n.digits <= 15 && power >= -22 && power <= 22) {
        /* Both exact, so that one operation rounds once. */
        v = few_digits(&n);
        v = power < 0 ? v / powers[-power] : v * powers[power];
    } else if (!many_digits(&n, &v)) {
        return false;
    }
    /* Of -0.0 too, which n holds as no other than 0. */
    *out = *text.ptr == '-' ? -v : v;
    return true;
}

/* Digits with the point behind the first `whole` of them, zeros where there
 * are none; whole may be below 1. */
static tarn_status plain_text(
    const tarn__json_number *n, int64_t whole, tarn_buf *out, tarn_error *err)
{
    tarn_status st = whole < 1 ? tarn__buf_str(out, "0.", err) : TARN_OK;
    for (int64_t i = whole; st == TARN_OK && i < 0; i++)
        st = tarn__buf_char(out, '0', err);
    int64_t at = 0;
    for (const char *c = n->first; st == TARN_OK && c < n->last; c++) {
        if (*c == '.')
            continue;
        if (at++ == whole && whole > 0)
            st = tarn__buf_char(out, '.', err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, *c, err);
    }
    for (; st == TARN_OK && at < whole; at++)
        st = tarn__buf_char(out, '0', err);
    return st;
}

tarn_status tarn__json_number_text(
    tarn_slice text, tarn_buf *out, tarn_error *err)
{
    tarn__json_number n = tarn__json_number_of(text);
    tarn_status st = n.negative ? tarn__buf_char(out, '-', err) : TARN_OK;
    if (st != TARN_OK)
        return st;
    if (n.digits == 0)
        return tarn__buf_char(out, '0', err);
    if (n.exponent > -6 && n.exponent <= 21)
        return plain_text(&n, n.exponent, out, err);
    st = plain_text(&n, 1, out, err);
    return st == TARN_OK
        ? tarn__buf_printf(out, err, "e%+" PRId64, n.exponent - 1)
        : st;
}

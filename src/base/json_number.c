#include "base/json_number.h"

#include <string.h>

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
    for (; at < end && v < MAX_EXPONENT; at++)
        v = v * 10 + (*at - '0');
    if (v > MAX_EXPONENT)
        v = MAX_EXPONENT;
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

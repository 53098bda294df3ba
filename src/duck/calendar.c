/* Dates, times and intervals as text.  What ISO 8601 knows is written as it
 * wants; TIME and INTERVAL as DuckDB casts them to VARCHAR. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/time.h"
#include "duck/duck_internal.h"

#define SECOND_US INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)
#define TEXT_BYTES 64

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static tarn_status append(
    tarn_buf *out, const char *text, int len, tarn_error *err)
{
    return tarn__buf_append(out, text, (size_t)len, err);
}

static tarn_status infinite(tarn_buf *out, bool positive, tarn_error *err)
{
    return tarn__buf_str(out, positive ? "infinity" : "-infinity", err);
}

static tarn_status date_text(tarn_buf *out, int32_t days, tarn_error *err)
{
    if (!duckdb_is_finite_date((duckdb_date){days}))
        return infinite(out, days > 0, err);
    duckdb_date_struct d = duckdb_from_date((duckdb_date){days});
    char text[TEXT_BYTES];
    const char *form =
        d.year < 0 || d.year > 9999 ? "%+05d-%02d-%02d" : "%04d-%02d-%02d";
    int n = snprintf(text, sizeof(text), form, d.year, d.month, d.day);
    return append(out, text, n, err);
}

/* "hh:mm:ss", then the fraction without zeros at its end; returns the length.
 * `unit` is the parts of a second that `t` counts: 10^6 or 10^9. */
static int clock_text(char *text, uint64_t t, uint64_t unit)
{
    uint64_t seconds = t / unit;
    uint64_t fraction = t % unit;
    int n = snprintf(text, TEXT_BYTES, "%02llu:%02llu:%02llu",
        (unsigned long long)(seconds / 3600),
        (unsigned long long)(seconds / 60 % 60),
        (unsigned long long)(seconds % 60));
    if (fraction == 0)
        return n;
    int digits = unit == (uint64_t)SECOND_NS ? 9 : 6;
    n += snprintf(text + n, (size_t)(TEXT_BYTES - n), ".%0*llu", digits,
        (unsigned long long)fraction);
    while (text[n - 1] == '0')
        n--;
    return n;
}

static tarn_status time_text(
    tarn_buf *out, int64_t t, int64_t unit, tarn_error *err)
{
    char text[TEXT_BYTES];
    return append(
        out, text, clock_text(text, (uint64_t)t, (uint64_t)unit), err);
}

static tarn_status time_tz_text(
    tarn_buf *out, duckdb_time_tz bits, tarn_error *err)
{
    duckdb_time_tz_struct t = duckdb_from_time_tz(bits);
    char text[TEXT_BYTES];
    int64_t us = duckdb_to_time(t.time).micros;
    int n = clock_text(text, (uint64_t)us, (uint64_t)SECOND_US);
    int offset = t.offset < 0 ? -t.offset : t.offset;
    n += snprintf(text + n, (size_t)(TEXT_BYTES - n), "%c%02d",
        t.offset < 0 ? '-' : '+', offset / 3600);
    if (offset % 3600 != 0)
        n += snprintf(
            text + n, (size_t)(TEXT_BYTES - n), ":%02d", offset / 60 % 60);
    if (offset % 60 != 0)
        n += snprintf(text + n, (size_t)(TEXT_BYTES - n), ":%02d", offset % 60);
    return append(out, text, n, err);
}

static tarn_status timestamp_ns_text(tarn_buf *out, int64_t ns, tarn_error *err)
{
    if (!duckdb_is_finite_timestamp_ns((duckdb_timestamp_ns){ns}))
        return infinite(out, ns > 0, err);
    char text[TARN__TIME_TEXT_BYTES];
    int64_t us = floor_div(ns, 1000);
    if (us * 1000 == ns)
        return tarn__buf_str(out, tarn__time_format(us, text), err);
    int64_t second = floor_div(ns, SECOND_NS);
    tarn__time_format(second * SECOND_US, text);
    text[strlen(text) - 1] = '\0'; /* the Z */
    return tarn__buf_printf(
        out, err, "%s.%09lldZ", text, (long long)(ns - second * SECOND_NS));
}

bool tarn__vnode_time(const tarn__vnode *node, idx_t row, int64_t *us)
{
    int64_t t = ((const int64_t *)node->data)[row];
    if (t == INT64_MAX || t == -INT64_MAX)
        return false; /* infinity in every one of these types */
    int64_t unit = node->id == DUCKDB_TYPE_TIMESTAMP_S ? SECOND_US
        : node->id == DUCKDB_TYPE_TIMESTAMP_MS         ? 1000
                                                       : 1;
    return !__builtin_mul_overflow(t, unit, us);
}

static tarn_status timestamp_text(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    int64_t us;
    if (!tarn__vnode_time(node, row, &us))
        return infinite(out, ((const int64_t *)node->data)[row] > 0, err);
    char text[TARN__TIME_TEXT_BYTES];
    return tarn__buf_str(out, tarn__time_format(us, text), err);
}

static int unit_text(char *text, int n, int64_t value, const char *unit)
{
    if (value == 0)
        return n;
    return n +
        snprintf(text + n, (size_t)(TEXT_BYTES - n), "%s%lld %s%s",
            n == 0 ? "" : " ", (long long)value, unit,
            value == 1 || value == -1 ? "" : "s");
}

static tarn_status interval_text(
    tarn_buf *out, const duckdb_interval *v, tarn_error *err)
{
    char text[TEXT_BYTES];
    int n = unit_text(text, 0, v->months / 12, "year");
    n = unit_text(text, n, v->months % 12, "month");
    n = unit_text(text, n, v->days, "day");
    if (v->micros == 0 && n > 0)
        return append(out, text, n, err);
    tarn_status st = append(out, text, n, err);
    if (st == TARN_OK && n > 0)
        st = tarn__buf_char(out, ' ', err);
    if (st == TARN_OK && v->micros < 0)
        st = tarn__buf_char(out, '-', err);
    if (st != TARN_OK)
        return st;
    uint64_t us = (uint64_t)v->micros;
    n = clock_text(text, v->micros < 0 ? -us : us, (uint64_t)SECOND_US);
    return append(out, text, n, err);
}

tarn_status tarn__calendar_text(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    const void *data = node->data;
    switch (node->id) {
    case DUCKDB_TYPE_DATE:
        return date_text(out, ((const int32_t *)data)[row], err);
    case DUCKDB_TYPE_TIME:
        return time_text(out, ((const int64_t *)data)[row], SECOND_US, err);
    case DUCKDB_TYPE_TIME_NS:
        return time_text(out, ((const int64_t *)data)[row], SECOND_NS, err);
    case DUCKDB_TYPE_TIME_TZ:
        return time_tz_text(out, ((const duckdb_time_tz *)data)[row], err);
    case DUCKDB_TYPE_TIMESTAMP_NS:
        return timestamp_ns_text(out, ((const int64_t *)data)[row], err);
    case DUCKDB_TYPE_INTERVAL:
        return interval_text(out, &((const duckdb_interval *)data)[row], err);
    default:
        return timestamp_text(node, row, out, err);
    }
}

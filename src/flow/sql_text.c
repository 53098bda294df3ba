/* SQL text with names and texts quoted. */
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "flow/exchange.h"

static tarn_status add_one(
    tarn_buf *sql, char kind, va_list *args, tarn_error *err)
{
    switch (kind) {
    case 'n':
        return tarn__duck_quote_name(
            sql, tarn_str(va_arg(*args, const char *)), err);
    case 't':
        return tarn__duck_quote_text(
            sql, tarn_str(va_arg(*args, const char *)), err);
    case 's':
        return tarn__buf_str(sql, va_arg(*args, const char *), err);
    case 'd':
        return tarn__buf_printf(
            sql, err, "%lld", (long long)va_arg(*args, int64_t));
    default:
        return tarn__buf_char(sql, kind, err);
    }
}

tarn_status tarn__sql_add(tarn_buf *sql, tarn_error *err, const char *fmt, ...)
{
    va_list args;
    tarn_status st = TARN_OK;
    va_start(args, fmt);
    while (st == TARN_OK && *fmt != '\0') {
        size_t plain = strcspn(fmt, "%");
        st = tarn__buf_append(sql, fmt, plain, err);
        fmt += plain;
        if (st == TARN_OK && *fmt == '%') {
            st = add_one(sql, fmt[1], &args, err);
            fmt += 2;
        }
    }
    va_end(args);
    return st;
}

/* Names and texts as SQL. */
#include "base/buf.h"
#include "base/error.h"
#include "duck/duck.h"

static tarn_status quote(
    tarn_buf *out, tarn_slice s, char mark, tarn_error *err)
{
    tarn_status st = tarn__buf_reserve(out, s.len + 2, err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, mark, err);
    for (size_t i = 0; st == TARN_OK && i < s.len; i++) {
        if (s.ptr[i] == '\0')
            return tarn__fail(err, TARN_BAD_INPUT,
                "SQL text: holds a NUL (pass it as a value)");
        if (s.ptr[i] == mark)
            st = tarn__buf_char(out, mark, err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, s.ptr[i], err);
    }
    return st == TARN_OK ? tarn__buf_char(out, mark, err) : st;
}

tarn_status tarn__duck_quote_name(
    tarn_buf *out, tarn_slice name, tarn_error *err)
{
    if (name.len == 0)
        return tarn__fail(err, TARN_BAD_INPUT, "SQL name: is empty");
    return quote(out, name, '"', err);
}

tarn_status tarn__duck_quote_text(
    tarn_buf *out, tarn_slice text, tarn_error *err)
{
    return quote(out, text, '\'', err);
}

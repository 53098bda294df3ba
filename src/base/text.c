/* The public face of str.h and time.h. */
#include <tarn/text.h>

#include "base/str.h"
#include "base/time.h"

_Static_assert(TARN_TEXT_BYTES >= TARN__TIME_TEXT_BYTES, "a time fits");

size_t tarn_text_width(tarn_slice text)
{
    return tarn__utf8_width(text);
}

size_t tarn_text_cut(tarn_slice text, size_t max_bytes)
{
    return tarn__utf8_cut(text, max_bytes);
}

bool tarn_parse_int64(const char *text, int64_t *out)
{
    return tarn__parse_i64(text, out);
}

bool tarn_parse_bytes(const char *text, uint64_t *bytes)
{
    return tarn__parse_size(text, bytes);
}

bool tarn_parse_duration(const char *text, int64_t *us)
{
    return tarn__parse_duration(text, us);
}

const char *tarn_format_bytes(uint64_t bytes, char buf[TARN_TEXT_BYTES])
{
    return tarn__format_size(bytes, buf);
}

const char *tarn_format_time(int64_t us, char buf[TARN_TEXT_BYTES])
{
    return tarn__time_format(us, buf);
}

/** Text for people: widths, sizes, durations, times. */
#ifndef TARN_TEXT_H
#define TARN_TEXT_H

#include <tarn/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Columns that UTF-8 takes on a terminal; controls count 0, a byte that is
 * not UTF-8 counts 1. */
TARN_API size_t tarn_text_width(tarn_slice text);
/** The largest length <= max_bytes that ends on a code point. */
TARN_API size_t tarn_text_cut(tarn_slice text, size_t max_bytes);

/** The parsers take the whole string or return false, *out untouched. */
TARN_API bool tarn_parse_int64(const char *text, int64_t *out);
/** "2GB", "512MiB", "1.5k", "100". */
TARN_API bool tarn_parse_bytes(const char *text, uint64_t *bytes);
/** "30d", "1h", "90s", "250ms", "2w", "1.5h"; a bare number is seconds. */
TARN_API bool tarn_parse_duration(const char *text, int64_t *us);

#define TARN_TEXT_BYTES 48
/** "1.5 KB", into buf; returns buf. */
TARN_API const char *tarn_format_bytes(
    uint64_t bytes, char buf[TARN_TEXT_BYTES]);
/** "2026-11-21T03:59:03.123456Z", no fraction when 0, into buf; returns buf. */
TARN_API const char *tarn_format_time(int64_t us, char buf[TARN_TEXT_BYTES]);

#ifdef __cplusplus
}
#endif
#endif

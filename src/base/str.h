/* Text: comparison, UTF-8, numbers, sizes, durations, hex. */
#ifndef TARN_BASE_STR_H
#define TARN_BASE_STR_H

#include <tarn/base.h>

bool tarn__slice_eq(tarn_slice a, tarn_slice b);
bool tarn__slice_is(tarn_slice a, const char *s);
int tarn__slice_cmp(tarn_slice a, tarn_slice b); /* memcmp order */
/* Cut `c` off the front; false: it does not stand there. */
bool tarn__slice_take(tarn_slice *s, char c);
bool tarn__starts_with(const char *s, const char *prefix);
bool tarn__ends_with(const char *s, const char *suffix);
bool tarn__ends_with_nocase(const char *s, const char *suffix); /* ASCII */
bool tarn__eq_nocase(const char *a, const char *b);             /* ASCII */

/* Strict UTF-8 (no surrogates, no overlong forms). */
bool tarn__utf8_valid(tarn_slice s);
/* Largest length <= max that ends on a code point; s is valid UTF-8 (else it
 * may end anywhere, but never later). */
size_t tarn__utf8_cut(tarn_slice s, size_t max);
/* Columns that s takes on a terminal: wcwidth() with a table of our own;
 * controls count 0, a byte that is not UTF-8 counts 1. */
size_t tarn__utf8_width(tarn_slice s);

/* The checked parsers: whole string or false (then *out is untouched).  A sign
 * for i64 and double; no blanks, hex, inf or nan; too large is false. */
bool tarn__parse_i64(const char *s, int64_t *out);
bool tarn__parse_u64(const char *s, uint64_t *out);
bool tarn__parse_double(const char *s, double *out);
/* Shortest decimal that reads back as v, always with a point or an exponent:
 * "0.1", "1.0", "1e+20"; "nan", "inf", "-inf". */
const char *tarn__format_double(double v, char buf[32]);
/* "2GB", "512MiB", "1.5k", "100": decimal and binary units, case ignored. */
bool tarn__parse_size(const char *s, uint64_t *bytes);
/* "30d", "1h", "90s", "5m", "250ms", "2w", "1.5h"; a bare number
 * is seconds. */
bool tarn__parse_duration(const char *s, int64_t *us);
/* "1.5 KB" style for people, into buf[16]. */
const char *tarn__format_size(uint64_t bytes, char buf[16]);

/* Lower-case hex; `out` needs 2*len+1. */
void tarn__hex(const void *ptr, size_t len, char *out);
bool tarn__unhex(const char *hex, size_t hex_len, void *out);

#endif

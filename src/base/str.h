/* Text: comparison, UTF-8, numbers, sizes, durations, hex. */
#ifndef TARN_BASE_STR_H
#define TARN_BASE_STR_H

#include <tarn/base.h>

bool tarn__slice_eq(tarn_slice a, tarn_slice b);
bool tarn__slice_is(tarn_slice a, const char *s);
int tarn__slice_cmp(tarn_slice a, tarn_slice b); /* memcmp order */
bool tarn__starts_with(const char *s, const char *prefix);
bool tarn__ends_with(const char *s, const char *suffix);
bool tarn__ends_with_nocase(const char *s, const char *suffix); /* ASCII */
bool tarn__eq_nocase(const char *a, const char *b);             /* ASCII */

/* Strict UTF-8 (no surrogates, no overlong forms). */
bool tarn__utf8_valid(tarn_slice s);
/* Largest length <= max that ends on a code point of valid UTF-8. */
size_t tarn__utf8_cut(tarn_slice s, size_t max);
/* Columns that s takes on a terminal (wcwidth semantics, own table). */
size_t tarn__utf8_width(tarn_slice s);

/* The checked parsers: whole string or false. */
bool tarn__parse_i64(const char *s, int64_t *out);
bool tarn__parse_u64(const char *s, uint64_t *out);
bool tarn__parse_double(const char *s, double *out);
/* "2GB", "512MiB", "100": decimal and binary units, case ignored. */
bool tarn__parse_size(const char *s, uint64_t *bytes);
/* "30d", "1h", "90s", "5m", "250ms", "2w"; a bare number is seconds. */
bool tarn__parse_duration(const char *s, int64_t *us);
/* "1.5 KB" style for people, into buf[16]. */
const char *tarn__format_size(uint64_t bytes, char buf[16]);

/* Lower-case hex; `out` needs 2*len+1. */
void tarn__hex(const void *ptr, size_t len, char *out);
bool tarn__unhex(const char *hex, size_t hex_len, void *out);

#endif

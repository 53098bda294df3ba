/* Walking over UTF-8 by code points. */
#ifndef TARN_BASE_UTF8_H
#define TARN_BASE_UTF8_H

#include <tarn/base.h>

/* The length of the code point at s[at], at < s.len; 0 when the bytes there
 * are not strict UTF-8. */
size_t tarn__utf8_next(tarn_slice s, size_t at, uint32_t *code_point);
/* How many bytes from s[at] on are ASCII. */
size_t tarn__utf8_ascii(tarn_slice s, size_t at);

#endif

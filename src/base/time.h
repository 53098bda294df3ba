/* Time: microseconds since 1970-01-01 UTC. */
#ifndef TARN_BASE_TIME_H
#define TARN_BASE_TIME_H

#include <tarn/base.h>

#define TARN__TIME_TEXT_BYTES 48

int64_t tarn__now_us(void);
int64_t tarn__monotonic_us(void);
/* "2026-11-21T03:59:03.123456Z": no fraction when 0, else 3 or 6 digits.
 * Years outside 0000..9999 get a sign, as ISO 8601 wants. */
const char *tarn__time_format(int64_t us, char buf[TARN__TIME_TEXT_BYTES]);
/* ISO date, or date and time with 'T' or a space, seconds and fraction
 * optional, offset optional (Z, +hh:mm, +hhmm, +hh); none means UTC. */
bool tarn__time_parse(const char *text, int64_t *us);

#endif

/* JSON numbers as they are written: compared digit by digit, never rounded. */
#ifndef TARN_BASE_JSON_NUMBER_H
#define TARN_BASE_JSON_NUMBER_H

#include <tarn/base.h>

/* 0.DIGITS x 10^exponent.  Exponents beyond 10^18 count as 10^18. */
typedef struct tarn__json_number {
    bool negative; /* never for 0 */
    bool is_small; /* an integer that fits: `small` holds it */
    int64_t small;
    const char *first; /* its first and past its last digit that is not 0; */
    const char *last;  /* between them may stand the point; NULL for 0 */
    size_t digits;     /* how many there are between them; 0 for 0 */
    int64_t exponent;
} tarn__json_number;

/* `text` is a checked JSON number and must outlive the result. */
tarn__json_number tarn__json_number_of(tarn_slice text);
int tarn__json_number_cmp(
    const tarn__json_number *a, const tarn__json_number *b);
/* 1.0 and 1e3 are. */
bool tarn__json_number_is_integer(const tarn__json_number *n);
/* Is n a multiple of unit?  unit > 0 has at most 18 digits. */
bool tarn__json_number_is_multiple(
    const tarn__json_number *n, const tarn__json_number *unit);
/* The integer, when it is one within 64 bits: 7, 7.0, 7e2. */
bool tarn__json_number_i64(tarn_slice text, int64_t *out);
/* The nearest double; false: it is too large for one. */
bool tarn__json_number_double(tarn_slice text, double *out);
/* One text for each number, all its digits: 1.50 and 15e-1 are "1.5".  From
 * 10^21 on and below 10^-6 with an exponent: "1.5e+30".  Appended. */
TARN_MUST_CHECK tarn_status tarn__json_number_text(
    tarn_slice text, tarn_buf *out, tarn_error *err);

#endif

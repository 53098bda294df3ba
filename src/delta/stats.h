/* Smallest and largest value and the nulls of a column, and Delta's
 * per-file statistics made of them.
 *
 * S1 A bound never lies inside the column's true range: what is cut or
 *    rounded moves outwards or is left out. */
#ifndef TARN_DELTA_STATS_H
#define TARN_DELTA_STATS_H

#include "delta/parquet_writer.h"

#define TARN__BOUND_CHARS 32
#define TARN__BOUND_BYTES (TARN__BOUND_CHARS * 4)

/* A string's first characters: at most 32, and none from a NUL on. */
typedef struct tarn__bound_text {
    char bytes[TARN__BOUND_BYTES];
    uint8_t len;
    bool cut; /* of a value with these first characters more follows */
} tarn__bound_text;

typedef struct tarn__bounds {
    int64_t nulls;
    bool any; /* a value that is not null was seen */
    int64_t min, max;
    tarn__bound_text min_text, max_text;
} tarn__bounds;

void tarn__bounds_i64(tarn__bounds *b, int64_t v);
void tarn__bounds_text(tarn__bounds *b, tarn_slice v); /* UTF-8 */
void tarn__bounds_null(tarn__bounds *b);
void tarn__bounds_merge(tarn__bounds *into, const tarn__bounds *from);
/* The smallest text of 32 characters that is above all that begin with `t`;
 * false when there is none. */
bool tarn__bound_raise(tarn__bound_text *t);

/* Append {"numRecords":…,"minValues":…} of the columns marked `stats`. */
TARN_MUST_CHECK tarn_status tarn__stats_json(const tarn__pq_column *columns,
    size_t column_count, const tarn__bounds *bounds, int64_t row_count,
    tarn_buf *out, tarn_error *err);
/* The bounds of an integer column in such a text: 0 and INT64_MAX when they
 * are not told.  TARN_NO_MEMORY, or TARN_OK. */
TARN_MUST_CHECK tarn_status tarn__stats_range(const char *stats,
    const char *column, int64_t *min, int64_t *max, tarn_error *err);

#endif

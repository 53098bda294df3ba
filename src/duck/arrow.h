/* Results as Arrow C data: ArrowArrayStream over a result. */
#ifndef TARN_DUCK_ARROW_H
#define TARN_DUCK_ARROW_H

#include <tarn/arrow.h>

#include "duck/duck.h"

/* Fill *stream (caller-allocated); consumes `r`, of which no row has been read,
 * on success.  The session must outlive the stream; arrays and schemas that
 * came out of it live on their own.  Types are DuckDB's choice: times stay
 * times, a HUGEINT is a decimal, a UUID a string. */
TARN_MUST_CHECK tarn_status tarn__duck_arrow(
    tarn__duck_result *r, struct ArrowArrayStream *stream, tarn_error *err);

/* A temporary view `name` over a stream, which the caller keeps and releases
 * when nothing reads the view any more; its rows can be read once, a batch at a
 * time.  A failure of the stream becomes the reading statement's. */
TARN_MUST_CHECK tarn_status tarn__duck_arrow_view(tarn__duck *duck,
    const char *name, struct ArrowArrayStream *stream, tarn_error *err);

#endif

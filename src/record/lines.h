/* Records of a stream of text, checked on several threads, in order. */
#ifndef TARN_RECORD_LINES_H
#define TARN_RECORD_LINES_H

#include "record/record_internal.h"

/* A checked record.  Slices live until the next one is taken. */
typedef struct tarn__line_record {
    int64_t line;
    tarn__id id;
    bool has_key;
    bool stray;
    tarn_slice key;
    tarn_slice json;
} tarn__line_record;
/* Called in the order of the input, never by two threads at once. */
typedef tarn_status (*tarn__line_fn)(
    void *arg, const tarn__line_record *record, tarn_error *err);

typedef struct tarn__lines_source {
    const char *name; /* in messages */
    tarn_record_read_fn read;
    void *arg;
    bool documents; /* a record may span lines */
    tarn__progress *progress;
} tarn__lines_source;

/* TARN_BAD_INPUT: "NAME line N: …", the first of the input. */
TARN_MUST_CHECK tarn_status tarn__lines_read(const tarn__lines_source *source,
    const tarn__record_table *table, int threads, tarn__line_fn fn, void *arg,
    tarn_error *err);

#endif

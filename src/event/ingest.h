/* From lines to rows: read, checked and deduplicated by several threads. */
#ifndef TARN_EVENT_INGEST_H
#define TARN_EVENT_INGEST_H

#include <stdatomic.h>

#include "base/rows.h"
#include "duck/feed.h"
#include "event/aside.h"
#include "event/blocks.h"
#include "event/ids.h"
#include "event/record.h"
#include "os/threads.h"

/* State of one load.
 *
 * N1  Blocks are taken in order under read_lock, and parsed by whoever took
 *     them.
 * N2  Blocks are deduplicated and counted in order, by whose turn it is:
 *     which of two equal ids came first depends on the input alone.
 * N3  After a failure no turn comes any more; `error` is the first one.
 */
typedef struct tarn__ingest {
    const tarn_event_options *options;
    const char *const *paths;
    bool records; /* lines are a caller's records */
    size_t max_line;
    tarn__event_shreds shreds;
    tarn_type shred_types[TARN__EVENT_SHRED_MAX];
    atomic_bool misfits[TARN__EVENT_SHRED_MAX]; /* a value is not of the type */
    atomic_bool no_numbers[TARN__EVENT_SHRED_MAX]; /* ... nor a number */
    tarn__event_ids *ids;
    tarn__aside *spool;
    tarn_event_counts *counts;
    int64_t min_time_us;
    int64_t max_time_us;

    tarn__mutex read_lock;
    tarn__line_blocks *blocks;

    tarn__mutex turn_lock;
    tarn__cond turn_came;
    uint64_t turn;
    bool failed;
    tarn_error error;

    /* Under the turn. */
    size_t source; /* of the last block */
    uint64_t line; /* lines of the source before this block */
    uint64_t batch_read;
} tarn__ingest;

void tarn__ingest_init(tarn__ingest *in);
/* Find the types of the shredded properties in the first block. */
TARN_MUST_CHECK tarn_status tarn__ingest_guess(
    tarn__ingest *in, tarn_error *err);
/* The columns that a worker fills, into `columns` (at least 5 +
 * TARN__EVENT_SHRED_MAX); returns how many. */
size_t tarn__ingest_columns(const tarn__ingest *in, tarn__column *columns);
/* The callbacks of a tarn__feed whose ctx is the intake. */
TARN_MUST_CHECK tarn_status tarn__ingest_open(
    void *ctx, void **worker, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__ingest_fill(void *worker,
    tarn__feed_chunk *chunk, size_t max, size_t *count, tarn_error *err);
void tarn__ingest_close(void *worker);
void tarn__ingest_reset(tarn__ingest *in);

#endif

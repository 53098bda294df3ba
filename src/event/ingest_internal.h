/* A worker of the intake, for the files that are its steps. */
#ifndef TARN_EVENT_INGEST_INTERNAL_H
#define TARN_EVENT_INGEST_INTERNAL_H

#include "event/ingest.h"

typedef struct tarn__ingest_row {
    tarn__event_record record;
    tarn__hash128 hash;
    uint64_t line; /* of the block, from 1 */
    bool made_id;
} tarn__ingest_row;

typedef struct tarn__ingest_bad {
    uint64_t line;
    tarn_slice text;
    char reason[TARN__EVENT_RECORD_REASON_BYTES];
} tarn__ingest_bad;

typedef struct tarn__ingest_worker {
    tarn__ingest *in;
    tarn__line_block block;
    char *room; /* derived texts of this block */
    size_t room_cap;
    tarn__event_room at;
    tarn__ingest_row *rows;
    size_t row_count;
    size_t row_cap;
    size_t row_at;             /* the next to go out */
    tarn__event_shred *shreds; /* of each row */
    size_t shred_cap;
    tarn__ingest_bad *bad;
    size_t bad_count;
    size_t bad_cap;
    uint64_t line_count;
} tarn__ingest_worker;

/* parse.c: the block's lines as rows and bad lines. */
TARN_MUST_CHECK tarn_status tarn__ingest_parse(
    tarn__ingest_worker *w, tarn_error *err);
/* turn.c: wait for the block's turn, count, drop duplicates. */
TARN_MUST_CHECK tarn_status tarn__ingest_settle(
    tarn__ingest_worker *w, tarn_error *err);
void tarn__ingest_fail(tarn__ingest *in, const tarn_error *err);

#endif

/* Whole lines, megabytes of them at a time, of one source after the other. */
#ifndef TARN_EVENT_BLOCKS_H
#define TARN_EVENT_BLOCKS_H

#include "event/source.h"

#define TARN__LINE_BLOCK_BYTES (2U << 20)

typedef struct tarn__line_block {
    char *bytes;
    size_t len; /* 0: no more */
    size_t cap;
    uint64_t seq;  /* counted from 0 */
    size_t source; /* which path */
    bool cut;      /* the source's last line has no line end */
    bool too_long; /* it is the start of one line that is too long */
} tarn__line_block;

typedef struct tarn__line_blocks tarn__line_blocks;

/* `first` (may be NULL) is read instead of paths; taken over on success. */
TARN_MUST_CHECK tarn_status tarn__line_blocks_create(const char *const *paths,
    size_t count, tarn__line_bytes *first, size_t max_line,
    tarn__line_blocks **out, tarn_error *err);
/* See tarn__line_bytes_watch(). */
void tarn__line_blocks_watch(
    tarn__line_blocks *blocks, tarn_progress_fn fn, void *arg);
/* The next block into a caller's, whose memory is used again. */
TARN_MUST_CHECK tarn_status tarn__line_blocks_next(
    tarn__line_blocks *blocks, tarn__line_block *block, tarn_error *err);
/* Give a block back to be the next one. */
void tarn__line_blocks_unread(
    tarn__line_blocks *blocks, tarn__line_block *block);
/* Any thread, also while another reads. */
uint64_t tarn__line_blocks_done(const tarn__line_blocks *blocks);
uint64_t tarn__line_blocks_total(
    const tarn__line_blocks *blocks); /* 0: unknown */
void tarn__line_block_reset(tarn__line_block *block);
void tarn__line_blocks_free(tarn__line_blocks *blocks);

#endif

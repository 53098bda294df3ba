/* Whole lines, megabytes of them at a time. */
#include "event/blocks.h"

#include <stdatomic.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct tarn__line_blocks {
    const char *const *paths;
    size_t count;
    size_t at; /* the source that is read */
    tarn__line_bytes *bytes;
    bool fresh; /* nothing of the source was given yet */
    size_t max_line;
    char *carry; /* the start of a line */
    size_t carry_len;
    size_t carry_cap;
    tarn_progress_fn watch;
    void *watch_arg;
    uint64_t seq;
    uint64_t closed; /* bytes of sources that are closed */
    /* What others may ask for while a block is read. */
    atomic_uint_least64_t done;
    atomic_uint_least64_t total;
    tarn__line_block unread; /* len 0: none */
};

tarn_status tarn__line_blocks_create(const char *const *paths, size_t count,
    tarn__line_bytes *first, size_t max_line, tarn__line_blocks **out,
    tarn_error *err)
{
    *out = tarn__calloc(1, sizeof(**out));
    if (*out == NULL)
        return tarn__no_memory(err);
    (*out)->paths = paths;
    (*out)->count = first != NULL ? 1 : count;
    (*out)->bytes = first;
    (*out)->fresh = true;
    (*out)->max_line = max_line;
    return TARN_OK;
}

static tarn_status reserve(
    char **ptr, size_t *cap, size_t need, tarn_error *err)
{
    if (need <= *cap)
        return TARN_OK;
    char *bigger = tarn__realloc(*ptr, need);
    if (bigger == NULL)
        return tarn__no_memory(err);
    *ptr = bigger;
    *cap = need;
    return TARN_OK;
}

static tarn_status carry(
    tarn__line_blocks *b, const char *ptr, size_t len, tarn_error *err)
{
    tarn_status st = reserve(&b->carry, &b->carry_cap, len, err);
    if (st == TARN_OK && len > 0)
        memcpy(b->carry, ptr, len);
    b->carry_len = st == TARN_OK ? len : 0;
    return st;
}

static void close_source(tarn__line_blocks *b)
{
    b->closed += tarn__line_bytes_done(b->bytes);
    tarn__line_bytes_free(b->bytes);
    b->bytes = NULL;
    b->at++;
    b->fresh = true;
}

/* Fill up to `want` bytes; *ended: the source is at its end. */
static tarn_status fill(tarn__line_blocks *b, tarn__line_block *block,
    size_t want, bool *ended, tarn_error *err)
{
    *ended = false;
    tarn_status st = reserve(&block->bytes, &block->cap, want, err);
    while (st == TARN_OK && block->len < want && !*ended) {
        size_t got;
        st = tarn__line_bytes_read(
            b->bytes, block->bytes + block->len, want - block->len, &got, err);
        block->len += got;
        *ended = st == TARN_OK && got == 0;
    }
    return st;
}

/* The rest of a line of which the block holds the start. */
static tarn_status skip_line(
    tarn__line_blocks *b, tarn__line_block *block, tarn_error *err)
{
    const size_t keep = 1024;
    block->too_long = true;
    for (;;) {
        bool ended;
        block->len = keep;
        tarn_status st = fill(b, block, block->cap, &ended, err);
        if (st != TARN_OK)
            return st;
        char *end = memchr(block->bytes + keep, '\n', block->len - keep);
        if (end != NULL)
            st = carry(
                b, end + 1, block->len - (size_t)(end + 1 - block->bytes), err);
        block->len = keep;
        if (st != TARN_OK || end != NULL)
            return st;
        if (ended) {
            close_source(b);
            return TARN_OK;
        }
    }
}

static tarn_status read_lines(
    tarn__line_blocks *b, tarn__line_block *block, tarn_error *err)
{
    size_t want = TARN__LINE_BLOCK_BYTES;
    bool ended;
    for (;;) {
        tarn_status st = fill(b, block, want, &ended, err);
        if (st != TARN_OK)
            return st;
        if (ended) {
            block->cut = block->len > 0 && block->bytes[block->len - 1] != '\n';
            close_source(b);
            return TARN_OK;
        }
        const char *end = memrchr(block->bytes, '\n', block->len);
        if (end != NULL) {
            size_t whole = (size_t)(end + 1 - block->bytes);
            st = carry(b, end + 1, block->len - whole, err);
            block->len = whole;
            return st;
        }
        if (block->len > b->max_line)
            return skip_line(b, block, err);
        want = block->len * 2;
    }
}

static void skip_mark(tarn__line_block *block)
{
    if (block->len >= 3 && memcmp(block->bytes, "\xef\xbb\xbf", 3) == 0) {
        block->len -= 3;
        memmove(block->bytes, block->bytes + 3, block->len);
    }
}

static void swap(tarn__line_block *a, tarn__line_block *b)
{
    tarn__line_block t = *a;
    *a = *b;
    *b = t;
}

tarn_status tarn__line_blocks_next(
    tarn__line_blocks *b, tarn__line_block *block, tarn_error *err)
{
    if (b->unread.len > 0) {
        swap(block, &b->unread);
        b->unread.len = 0;
        return TARN_OK;
    }
    block->len = 0;
    block->cut = false;
    block->too_long = false;
    while (block->len == 0) {
        if (b->bytes == NULL) {
            if (b->at == b->count)
                return TARN_OK;
            tarn_status st =
                tarn__line_bytes_open(b->paths[b->at], &b->bytes, err);
            if (st != TARN_OK)
                return st;
            tarn__line_bytes_watch(b->bytes, b->watch, b->watch_arg);
            b->total = b->count == 1 ? tarn__line_bytes_total(b->bytes) : 0;
        }
        tarn_status st = reserve(&block->bytes, &block->cap, b->carry_len, err);
        if (st != TARN_OK)
            return st;
        if (b->carry_len > 0)
            memcpy(block->bytes, b->carry, b->carry_len);
        block->len = b->carry_len;
        b->carry_len = 0;
        block->source = b->at;
        bool fresh = b->fresh;
        b->fresh = false;
        st = read_lines(b, block, err);
        if (st != TARN_OK)
            return st;
        if (fresh)
            skip_mark(block);
    }
    block->seq = b->seq++;
    b->done =
        b->closed + (b->bytes == NULL ? 0 : tarn__line_bytes_done(b->bytes));
    return TARN_OK;
}

void tarn__line_blocks_watch(
    tarn__line_blocks *blocks, tarn_progress_fn fn, void *arg)
{
    blocks->watch = fn;
    blocks->watch_arg = arg;
}

void tarn__line_blocks_unread(
    tarn__line_blocks *blocks, tarn__line_block *block)
{
    swap(&blocks->unread, block);
}

uint64_t tarn__line_blocks_done(const tarn__line_blocks *blocks)
{
    return blocks->done;
}

uint64_t tarn__line_blocks_total(const tarn__line_blocks *blocks)
{
    return blocks->total;
}

void tarn__line_block_reset(tarn__line_block *block)
{
    tarn__free(block->bytes);
    memset(block, 0, sizeof(*block));
}

void tarn__line_blocks_free(tarn__line_blocks *blocks)
{
    if (blocks == NULL)
        return;
    tarn__line_bytes_free(blocks->bytes);
    tarn__line_block_reset(&blocks->unread);
    tarn__free(blocks->carry);
    tarn__free(blocks);
}

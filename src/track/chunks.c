/* Chunks: files of so many records each. */
#include "track/chunks.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"

#define PLACE_SHIFT 40
#define MAX_CHUNKS ((uint64_t)1 << 23)
#define OFFSET_MASK (((uint64_t)1 << PLACE_SHIFT) - 1)
#define COPY_BYTES ((size_t)256 << 10)

struct tarn__track_chunks {
    char *dir;
    uint64_t max_records;
    uint64_t chunk;   /* of the next record, if it has room */
    uint64_t records; /* in it */
    uint64_t bytes;   /* in it */
    uint64_t last;    /* place */
};

tarn_status tarn__track_batch_end(tarn__track_batch *b, tarn_error *err)
{
    tarn_status st = tarn__grow(
        (void **)&b->ends, &b->end_cap, b->count + 1, sizeof(*b->ends), err);
    if (st == TARN_OK)
        b->ends[b->count++] = b->bytes.len;
    return st;
}

void tarn__track_batch_clear(tarn__track_batch *b)
{
    tarn__buf_clear(&b->bytes);
    b->count = 0;
}

void tarn__track_batch_reset(tarn__track_batch *b)
{
    tarn_buf_reset(&b->bytes);
    tarn__free(b->ends);
    tarn__free(b->places);
    *b = (tarn__track_batch)TARN__TRACK_BATCH_INIT;
}

tarn_status tarn__track_chunks_create(const char *dir, uint64_t max_records,
    tarn__track_chunks **out, tarn_error *err)
{
    *out = NULL;
    tarn__track_chunks *c = tarn__calloc(1, sizeof(*c));
    if (c == NULL)
        return tarn__no_memory(err);
    c->max_records = max_records;
    c->dir = tarn__strdup(dir);
    if (c->dir == NULL) {
        tarn__free(c);
        return tarn__no_memory(err);
    }
    *out = c;
    return TARN_OK;
}

static tarn_status open_chunk(const tarn__track_chunks *c, uint64_t chunk,
    const char *suffix, tarn__open_mode mode, tarn__file *file, tarn_error *err)
{
    char *path = tarn__sprintf(
        "%s/chunk-%llu.json%s", c->dir, (unsigned long long)chunk, suffix);
    tarn_status st = path == NULL ? tarn__no_memory(err)
                                  : tarn__file_open(file, path, mode, err);
    tarn__free(path);
    return st;
}

tarn_status tarn__track_chunks_place(
    tarn__track_chunks *c, tarn__track_batch *b, tarn_error *err)
{
    size_t begin = 0;
    tarn_status st = tarn__grow(
        (void **)&b->places, &b->place_cap, b->count, sizeof(*b->places), err);
    for (size_t i = 0; st == TARN_OK && i < b->count; i++) {
        if (c->records == c->max_records || c->bytes >> (PLACE_SHIFT - 1) > 0) {
            if (++c->chunk == MAX_CHUNKS)
                return tarn__fail(err, TARN_INVALID,
                    "%s: more than %llu files (choose a larger --chunk-size)",
                    c->dir, (unsigned long long)MAX_CHUNKS);
            c->records = 0;
            c->bytes = 0;
        }
        b->places[i] = c->chunk << PLACE_SHIFT | c->bytes;
        c->last = b->places[i];
        c->records++;
        c->bytes += b->ends[i] - begin;
        begin = b->ends[i];
    }
    return st;
}

tarn_status tarn__track_chunks_write(
    const tarn__track_chunks *c, const tarn__track_batch *b, tarn_error *err)
{
    size_t begin = 0;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < b->count;) {
        uint64_t place = b->places[i];
        tarn__file file = TARN__FILE_INIT;
        while (
            i < b->count && b->places[i] >> PLACE_SHIFT == place >> PLACE_SHIFT)
            i++;
        st = open_chunk(
            c, place >> PLACE_SHIFT, "", TARN__OPEN_READ_WRITE, &file, err);
        if (st == TARN_OK)
            st = tarn__file_write_at(&file, place & OFFSET_MASK,
                b->bytes.ptr + begin, b->ends[i - 1] - begin, err);
        tarn__file_close(&file);
        begin = b->ends[i - 1];
    }
    return st;
}

uint64_t tarn__track_chunks_last(const tarn__track_chunks *c)
{
    return c->last;
}

/* --- taking records out --- */

typedef struct rewrite {
    const tarn__track_chunks *chunks;
    bool open;
    uint64_t chunk;
    tarn__file from;
    tarn__file to;
    uint64_t at;   /* what is before it is copied, or was dropped */
    uint64_t kept; /* bytes */
    char *buffer;
} rewrite;

static tarn_status copy_until(rewrite *r, uint64_t end, tarn_error *err)
{
    tarn_status st = TARN_OK;
    while (st == TARN_OK && r->at < end) {
        size_t want =
            end - r->at < COPY_BYTES ? (size_t)(end - r->at) : COPY_BYTES;
        size_t got;
        st = tarn__file_read_at(&r->from, r->at, r->buffer, want, &got, err);
        if (st != TARN_OK || got == 0)
            break;
        st = tarn__file_write(&r->to, r->buffer, got, err);
        r->at += got;
        r->kept += got;
    }
    return st;
}

static tarn_status skip_record(rewrite *r, tarn_error *err)
{
    for (;;) {
        size_t got;
        tarn_status st = tarn__file_read_at(
            &r->from, r->at, r->buffer, COPY_BYTES, &got, err);
        if (st != TARN_OK || got == 0)
            return st;
        const char *end = memchr(r->buffer, '\n', got);
        r->at += end == NULL ? got : (size_t)(end + 1 - r->buffer);
        if (end != NULL)
            return TARN_OK;
    }
}

static tarn_status end_chunk(rewrite *r, tarn_error *err)
{
    if (!r->open)
        return TARN_OK;
    tarn_status st = copy_until(r, UINT64_MAX, err);
    if (st == TARN_OK && r->kept > 0)
        st = tarn__rename(r->to.path, r->from.path, err);
    else if (st == TARN_OK)
        st = tarn__unlink(r->to.path, err);
    if (st == TARN_OK && r->kept == 0)
        st = tarn__unlink(r->from.path, err);
    tarn__file_close(&r->from);
    tarn__file_close(&r->to);
    r->open = false;
    return st;
}

static tarn_status begin_chunk(rewrite *r, uint64_t chunk, tarn_error *err)
{
    if (r->open && r->chunk == chunk)
        return TARN_OK;
    tarn_status st = end_chunk(r, err);
    if (st == TARN_OK)
        st = open_chunk(r->chunks, chunk, "", TARN__OPEN_READ, &r->from, err);
    if (st == TARN_OK)
        st = open_chunk(
            r->chunks, chunk, ".new", TARN__OPEN_CREATE, &r->to, err);
    r->open = st == TARN_OK;
    r->chunk = chunk;
    r->at = 0;
    r->kept = 0;
    return st;
}

static tarn_status drop_some(
    void *ctx, const tarn__track_entry *entries, size_t count, tarn_error *err)
{
    rewrite *r = ctx;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        st = begin_chunk(r, entries[i].a >> PLACE_SHIFT, err);
        if (st == TARN_OK)
            st = copy_until(r, entries[i].a & OFFSET_MASK, err);
        if (st == TARN_OK)
            st = skip_record(r, err);
    }
    return st;
}

tarn_status tarn__track_chunks_drop(tarn__track_chunks *c,
    tarn__track_runs *places, int threads, tarn_error *err)
{
    rewrite r = {.chunks = c, .from = TARN__FILE_INIT, .to = TARN__FILE_INIT};
    r.buffer = tarn__malloc(COPY_BYTES);
    if (r.buffer == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__track_runs_fold(places, threads, drop_some, &r, err);
    if (st == TARN_OK)
        st = end_chunk(&r, err);
    tarn__file_close(&r.from);
    tarn__file_close(&r.to);
    tarn__free(r.buffer);
    return st;
}

void tarn__track_chunks_free(tarn__track_chunks *c)
{
    if (c == NULL)
        return;
    tarn__free(c->dir);
    tarn__free(c);
}

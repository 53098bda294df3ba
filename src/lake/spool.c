#include "lake/spool.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define CHUNK_BYTES ((size_t)1 << 20)

void tarn__spool_init(tarn__spool *spool, size_t max_bytes)
{
    *spool = (tarn__spool){TARN_BUF_INIT, TARN__FILE_INIT, 0, 0, max_bytes};
}

static tarn_status spill(
    tarn__spool *spool, tarn__scratch_fn scratch, void *arg, tarn_error *err)
{
    tarn_status st = TARN_OK;

    if (spool->file.fd < 0) {
        tarn__scratch *dir = NULL;
        st = scratch(arg, &dir, err);
        if (st != TARN_OK)
            return st;
        char *path = tarn__scratch_name(dir, ".spool");
        if (path == NULL)
            return tarn__no_memory(err);
        st = tarn__file_open(&spool->file, path, TARN__OPEN_READ_WRITE, err);
        if (st == TARN_OK)
            st = tarn__unlink(path, err);
        tarn__free(path);
    }
    if (st == TARN_OK)
        st = tarn__file_write_at(&spool->file, spool->file_bytes,
            spool->memory.ptr, spool->memory.len, err);
    if (st == TARN_OK) {
        spool->file_bytes += spool->memory.len;
        tarn__buf_clear(&spool->memory);
    }
    return st;
}

tarn_status tarn__spool_add(tarn__spool *spool, tarn_slice bytes,
    tarn__scratch_fn scratch, void *arg, tarn_error *err)
{
    size_t before = spool->memory.len;

    if (bytes.len > UINT32_MAX)
        return tarn__fail(err, TARN_BAD_INPUT,
            "an operation of %zu bytes: more than 4 GiB (put less at once)",
            bytes.len);
    tarn_status st = tarn__buf_be32(&spool->memory, (uint32_t)bytes.len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(&spool->memory, bytes.ptr, bytes.len, err);
    if (st != TARN_OK) {
        spool->memory.len = before;
        return st;
    }
    spool->count++;
    if (spool->memory.len >= spool->max_bytes)
        st = spill(spool, scratch, arg, err);
    return st;
}

void tarn__spool_reset(tarn__spool *spool)
{
    tarn_buf_reset(&spool->memory);
    tarn__file_close(&spool->file);
    tarn__spool_init(spool, spool->max_bytes);
}

void tarn__spool_read_init(tarn__spool_reader *reader, tarn__spool *spool)
{
    *reader = (tarn__spool_reader){spool, 0, 0, TARN_BUF_INIT, 0};
}

void tarn__spool_read_from(
    tarn__spool_reader *reader, tarn__spool *spool, uint64_t bytes)
{
    tarn__spool_read_init(reader, spool);
    reader->file_at = bytes < spool->file_bytes ? bytes : spool->file_bytes;
    reader->memory_at = (size_t)(bytes - reader->file_at);
}

uint64_t tarn__spool_bytes(const tarn__spool *spool)
{
    return spool->file_bytes + spool->memory.len;
}

void tarn__spool_read_reset(tarn__spool_reader *reader)
{
    tarn_buf_reset(&reader->chunk);
}

/* Make at least `need` unread bytes stand in the chunk. */
static tarn_status fill(
    tarn__spool_reader *reader, size_t need, tarn_error *err)
{
    tarn_buf *chunk = &reader->chunk;
    size_t have = chunk->len - reader->chunk_at;

    if (have >= need)
        return TARN_OK;
    if (have > 0)
        memmove(chunk->ptr, chunk->ptr + reader->chunk_at, have);
    chunk->len = have;
    reader->chunk_at = 0;
    size_t want = need - have > CHUNK_BYTES ? need - have : CHUNK_BYTES;
    tarn_status st = tarn__buf_reserve(chunk, want, err);
    while (st == TARN_OK && chunk->len < need) {
        size_t got = 0;
        st = tarn__file_read_at(&reader->spool->file, reader->file_at,
            chunk->ptr + chunk->len, want - (chunk->len - have), &got, err);
        if (st == TARN_OK && got == 0)
            st = tarn__fail(err, TARN_CORRUPT,
                "%s: the scratch file ended early (try again)",
                reader->spool->file.path);
        chunk->len += got;
        reader->file_at += got;
    }
    return st;
}

static tarn_status read_file(
    tarn__spool_reader *reader, tarn_slice *bytes, tarn_error *err)
{
    tarn_status st = fill(reader, 4, err);
    if (st != TARN_OK)
        return st;
    size_t len = tarn__be32(reader->chunk.ptr + reader->chunk_at);
    st = fill(reader, 4 + len, err);
    if (st != TARN_OK)
        return st;
    bytes->ptr = reader->chunk.ptr + reader->chunk_at + 4;
    bytes->len = len;
    reader->chunk_at += 4 + len;
    return TARN_ROW;
}

tarn_status tarn__spool_read(
    tarn__spool_reader *reader, tarn_slice *bytes, tarn_error *err)
{
    tarn__spool *spool = reader->spool;
    size_t unread = reader->chunk.len - reader->chunk_at;

    if (reader->file_at - unread < spool->file_bytes)
        return read_file(reader, bytes, err);
    if (reader->memory_at == spool->memory.len)
        return TARN_OK;
    const char *at = spool->memory.ptr + reader->memory_at;
    bytes->len = tarn__be32(at);
    bytes->ptr = at + 4;
    reader->memory_at += 4 + bytes->len;
    return TARN_ROW;
}

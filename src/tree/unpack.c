#include "tree/unpack.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"

#define IN_BYTES ((size_t)128 * 1024)
#define OUT_BYTES ((size_t)256 * 1024)

typedef struct unpacking {
    const char *shown;
    tarn__file in;
    tarn__file out;
    char *in_block;
    char *out_block;
} unpacking;

static tarn_status broken(const unpacking *u, const char *why, tarn_error *err)
{
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: %s (fetch it again, or unpack it to see what is there)", u->shown,
        why);
}

static tarn_status read_block(unpacking *u, size_t *got, tarn_error *err)
{
    return tarn__file_read(&u->in, u->in_block, IN_BYTES, got, err);
}

/* All of what is in the inflater's input; *ended when a member is complete. */
static tarn_status inflate_block(
    unpacking *u, z_stream *z, bool *ended, tarn_error *err)
{
    while (z->avail_in > 0) {
        if (*ended) {
            if (inflateReset(z) != Z_OK)
                return broken(u, "is damaged gzip", err);
            *ended = false;
        }
        z->next_out = (Bytef *)u->out_block;
        z->avail_out = (uInt)OUT_BYTES;
        int rc = inflate(z, Z_NO_FLUSH);
        if (rc == Z_MEM_ERROR)
            return tarn__no_memory(err);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return broken(u, "is no gzip file, or a damaged one", err);
        *ended = rc == Z_STREAM_END;
        tarn_status st = tarn__file_write(
            &u->out, u->out_block, OUT_BYTES - z->avail_out, err);
        if (st != TARN_OK)
            return st;
    }
    return TARN_OK;
}

static tarn_status unpack_gzip(unpacking *u, tarn_error *err)
{
    z_stream z;
    memset(&z, 0, sizeof(z));
    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return tarn__no_memory(err);
    bool ended = false;
    size_t got = 0;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && (st = read_block(u, &got, err)) == TARN_OK &&
        got > 0) {
        z.next_in = (Bytef *)u->in_block;
        z.avail_in = (uInt)got;
        st = inflate_block(u, &z, &ended, err);
    }
    if (st == TARN_OK && !ended)
        st = broken(u, "is a gzip file that was cut off", err);
    (void)inflateEnd(&z);
    return st;
}

static tarn_status unpack_zstd(unpacking *u, tarn_error *err)
{
    ZSTD_DCtx *z = ZSTD_createDCtx();
    if (z == NULL)
        return tarn__no_memory(err);
    size_t want = 1; /* 0 at the end of a frame */
    size_t got = 0;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && (st = read_block(u, &got, err)) == TARN_OK &&
        got > 0) {
        ZSTD_inBuffer in = {u->in_block, got, 0};
        bool full = false;
        while (st == TARN_OK && (in.pos < in.size || full)) {
            ZSTD_outBuffer out = {u->out_block, OUT_BYTES, 0};
            want = ZSTD_decompressStream(z, &out, &in);
            full = out.pos == OUT_BYTES;
            if (ZSTD_isError(want))
                st = broken(u, "is no zstd file, or a damaged one", err);
            else
                st = tarn__file_write(&u->out, u->out_block, out.pos, err);
        }
    }
    if (st == TARN_OK && want != 0)
        st = broken(u, "is a zstd file that was cut off", err);
    (void)ZSTD_freeDCtx(z);
    return st;
}

tarn_status tarn__unpack(const char *from, const char *shown,
    tarn__packing packing, const char *to, tarn_error *err)
{
    unpacking u = {shown, TARN__FILE_INIT, TARN__FILE_INIT, NULL, NULL};
    u.in_block = tarn__malloc(IN_BYTES);
    u.out_block = tarn__malloc(OUT_BYTES);
    tarn_status st = u.in_block == NULL || u.out_block == NULL
        ? tarn__no_memory(err)
        : TARN_OK;
    if (st == TARN_OK)
        st = tarn__file_open(&u.in, from, TARN__OPEN_READ, err);
    if (st == TARN_OK)
        st = tarn__file_open(&u.out, to, TARN__OPEN_TRUNCATE, err);
    if (st == TARN_OK)
        st = packing == TARN__PACKING_GZIP ? unpack_gzip(&u, err)
                                           : unpack_zstd(&u, err);
    tarn__file_close(&u.in);
    tarn__file_close(&u.out);
    tarn__free(u.in_block);
    tarn__free(u.out_block);
    return st;
}

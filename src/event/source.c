/* Bytes of lines, unpacked. */
#include "event/source.h"

#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"

#define IN_BYTES (256U << 10)
#define WATCH_US 100000

typedef enum packing { UNKNOWN, PLAIN, GZIP, ZSTANDARD, RECORDS } packing;

struct tarn__line_bytes {
    packing packing;
    tarn__file file;
    uint64_t done;
    uint64_t total;
    char *in;
    size_t in_at;
    size_t in_len;
    bool in_ended;
    bool inside; /* a frame of gzip or zstd is not at its end */
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool waits;             /* it is no regular file */
    tarn_progress_fn watch; /* NULL: none */
    void *watch_arg;
    tarn_event_next_fn next;
    void *arg;
    tarn_slice record; /* what is left of it */
    bool record_open;  /* its line end is still to come */
};

static tarn_status read_file(
    tarn__line_bytes *b, char *to, size_t len, size_t *got, tarn_error *err)
{
    *got = 0;
    while (
        b->waits && b->watch != NULL && !tarn__file_ready(&b->file, WATCH_US))
        if (b->watch(b->watch_arg, "load", b->done, 0))
            return tarn__fail(
                err, TARN_INTERRUPTED, "interrupted (nothing is loaded)");
    tarn_status st = tarn__file_read(&b->file, to, len, got, err);
    b->done += *got;
    return st;
}

static tarn_status refill(tarn__line_bytes *b, tarn_error *err)
{
    size_t got;
    if (b->in_ended)
        return TARN_OK;
    tarn_status st = read_file(b, b->in, IN_BYTES, &got, err);
    if (st != TARN_OK)
        return st;
    b->in_at = 0;
    b->in_len = got;
    b->in_ended = got == 0;
    return TARN_OK;
}

/* Magic numbers: RFC 1952, RFC 8878. */
static tarn_status detect(tarn__line_bytes *b, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t have = 0;
    while (st == TARN_OK && have < 4 && !b->in_ended) {
        size_t got;
        st = read_file(b, b->in + have, IN_BYTES - have, &got, err);
        b->in_ended = got == 0;
        have += got;
    }
    b->in_len = have;
    b->packing = PLAIN;
    if (st != TARN_OK)
        return st;
    if (have >= 2 && memcmp(b->in, "\x1f\x8b", 2) == 0) {
        b->packing = GZIP;
        if (inflateInit2(&b->gzip, 15 + 16) != Z_OK)
            return tarn__no_memory(err);
    } else if (have >= 4 && memcmp(b->in, "\x28\xb5\x2f\xfd", 4) == 0) {
        b->packing = ZSTANDARD;
        b->zstd = ZSTD_createDStream();
        if (b->zstd == NULL)
            return tarn__no_memory(err);
    }
    return TARN_OK;
}

tarn_status tarn__line_bytes_open(
    const char *path, tarn__line_bytes **out, tarn_error *err)
{
    tarn__stat st_of;
    *out = NULL;
    tarn__line_bytes *b = tarn__calloc(1, sizeof(*b));
    if (b == NULL)
        return tarn__no_memory(err);
    b->file = (tarn__file)TARN__FILE_INIT;
    b->in = tarn__malloc(IN_BYTES);
    tarn_status st = b->in == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK && strcmp(path, "-") == 0)
        tarn__file_stdin(&b->file);
    else if (st == TARN_OK)
        st = tarn__file_open(&b->file, path, TARN__OPEN_READ, err);
    if (st == TARN_OK && tarn__file_stat(&b->file, &st_of, NULL) == TARN_OK) {
        if (st_of.kind == TARN__FILE_DIR)
            st = tarn__fail(err, TARN_INVALID,
                "%s: is a folder (name the files in it)", path);
        b->waits = st_of.kind != TARN__FILE_REGULAR;
        b->total = b->waits ? 0 : st_of.size_bytes;
    }
    if (st != TARN_OK) {
        tarn__line_bytes_free(b);
        return st;
    }
    *out = b;
    return TARN_OK;
}

tarn_status tarn__line_bytes_iterator(
    tarn_event_next_fn next, void *arg, tarn__line_bytes **out, tarn_error *err)
{
    *out = tarn__calloc(1, sizeof(**out));
    if (*out == NULL)
        return tarn__no_memory(err);
    (*out)->packing = RECORDS;
    (*out)->file = (tarn__file)TARN__FILE_INIT;
    (*out)->next = next;
    (*out)->arg = arg;
    return TARN_OK;
}

static tarn_status damaged(
    const tarn__line_bytes *b, const char *why, tarn_error *err)
{
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: is damaged near byte %llu: %s (fetch or pack it again)",
        b->file.path == NULL ? "standard input" : b->file.path,
        (unsigned long long)b->done, why);
}

static tarn_status read_plain(
    tarn__line_bytes *b, char *to, size_t len, size_t *got, tarn_error *err)
{
    if (b->in_at < b->in_len) {
        size_t left = b->in_len - b->in_at;
        *got = left < len ? left : len;
        memcpy(to, b->in + b->in_at, *got);
        b->in_at += *got;
        return TARN_OK;
    }
    return read_file(b, to, len, got, err);
}

static tarn_status read_gzip(
    tarn__line_bytes *b, char *to, size_t len, size_t *got, tarn_error *err)
{
    unsigned room = len > IN_BYTES * 16 ? IN_BYTES * 16 : (unsigned)len;
    b->gzip.next_out = (unsigned char *)to;
    b->gzip.avail_out = room;
    while (b->gzip.avail_out == room) {
        if (b->in_at == b->in_len) {
            tarn_status st = refill(b, err);
            if (st != TARN_OK)
                return st;
            if (b->in_ended)
                return b->inside ? damaged(b, "it ends too early", err)
                                 : TARN_OK;
        }
        b->gzip.next_in = (unsigned char *)b->in + b->in_at;
        b->gzip.avail_in = (unsigned)(b->in_len - b->in_at);
        b->inside = true;
        int rc = inflate(&b->gzip, Z_NO_FLUSH);
        b->in_at = b->in_len - b->gzip.avail_in;
        if (rc == Z_STREAM_END) {
            b->inside = false; /* another member may follow */
            if (inflateReset(&b->gzip) != Z_OK)
                return damaged(b, "its end is wrong", err);
        } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
            return rc == Z_MEM_ERROR ? tarn__no_memory(err)
                                     : damaged(b, "it is no gzip", err);
        }
    }
    *got = room - b->gzip.avail_out;
    return TARN_OK;
}

static tarn_status read_zstd(
    tarn__line_bytes *b, char *to, size_t len, size_t *got, tarn_error *err)
{
    ZSTD_outBuffer out = {to, len, 0};
    while (out.pos == 0) {
        if (b->in_at == b->in_len) {
            tarn_status st = refill(b, err);
            if (st != TARN_OK)
                return st;
            if (b->in_ended)
                return b->inside ? damaged(b, "it ends too early", err)
                                 : TARN_OK;
        }
        ZSTD_inBuffer in = {b->in, b->in_len, b->in_at};
        size_t rc = ZSTD_decompressStream(b->zstd, &out, &in);
        b->in_at = in.pos;
        if (ZSTD_isError(rc))
            return damaged(b, ZSTD_getErrorName(rc), err);
        b->inside = rc != 0;
    }
    *got = out.pos;
    return TARN_OK;
}

static tarn_status read_records(
    tarn__line_bytes *b, char *to, size_t len, size_t *got, tarn_error *err)
{
    while (*got < len) {
        if (b->record.len == 0 && b->record_open) {
            to[(*got)++] = '\n';
            b->record_open = false;
            continue;
        }
        if (b->record.len == 0) {
            if (b->in_ended)
                break;
            tarn_status st = b->next(b->arg, &b->record, err);
            b->in_ended = st != TARN_ROW;
            if (st != TARN_ROW && st != TARN_OK)
                return err != NULL && err->code == TARN_OK
                    ? tarn__fail(err, st, "records: their source failed")
                    : st;
            b->record_open = st == TARN_ROW;
            if (st == TARN_OK)
                b->record.len = 0;
            continue;
        }
        size_t n = len - *got < b->record.len ? len - *got : b->record.len;
        for (size_t i = 0; i < n; i++) {
            char c = b->record.ptr[i];
            to[*got + i] = c == '\n' || c == '\r' ? ' ' : c;
        }
        *got += n;
        b->record.ptr += n;
        b->record.len -= n;
    }
    return TARN_OK;
}

tarn_status tarn__line_bytes_read(
    tarn__line_bytes *b, char *to, size_t len, size_t *got, tarn_error *err)
{
    *got = 0;
    tarn_status st = b->packing == UNKNOWN ? detect(b, err) : TARN_OK;
    if (st != TARN_OK)
        return st;
    switch (b->packing) {
    case GZIP:
        return read_gzip(b, to, len, got, err);
    case ZSTANDARD:
        return read_zstd(b, to, len, got, err);
    case RECORDS:
        return read_records(b, to, len, got, err);
    case UNKNOWN:
    case PLAIN:
        break;
    }
    return read_plain(b, to, len, got, err);
}

void tarn__line_bytes_watch(tarn__line_bytes *b, tarn_progress_fn fn, void *arg)
{
    b->watch = fn;
    b->watch_arg = arg;
}

uint64_t tarn__line_bytes_done(const tarn__line_bytes *b)
{
    return b->done;
}

uint64_t tarn__line_bytes_total(const tarn__line_bytes *b)
{
    return b->total;
}

void tarn__line_bytes_free(tarn__line_bytes *b)
{
    if (b == NULL)
        return;
    if (b->packing == GZIP)
        (void)inflateEnd(&b->gzip);
    (void)ZSTD_freeDStream(b->zstd);
    tarn__file_close(&b->file);
    tarn__free(b->in);
    tarn__free(b);
}

/* Reading an object; read in order from its beginning to its end, it is
 * hashed on the way. */
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "object/object_internal.h"

struct tarn__object_reader {
    tarn__file file;
    tarn__object_id id;
    uint64_t size_bytes;
    uint64_t at;
    tarn__sha256 *sha; /* NULL after a seek, and after the check */
};

tarn_status tarn__object_open(const tarn__objects *objects, tarn__object_id id,
    tarn__object_reader **out, tarn_error *err)
{
    static const tarn__file closed = TARN__FILE_INIT;
    *out = NULL;
    tarn__object_reader *r = tarn__calloc(1, sizeof(*r));
    if (r == NULL)
        return tarn__no_memory(err);
    r->file = closed;
    r->id = id;
    char *path = tarn__object_path(objects, id);
    tarn__stat stat = {.size_bytes = 0};
    tarn_status st = path == NULL
        ? tarn__no_memory(err)
        : tarn__file_open(&r->file, path, TARN__OPEN_READ, err);
    if (st == TARN_NOT_FOUND)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "%s: the object is not there (restore it, or see tarn check)",
            path);
    if (st == TARN_OK)
        st = tarn__file_stat(&r->file, &stat, err);
    if (st == TARN_OK)
        st = tarn__sha256_create(&r->sha, err);
    tarn__free(path);
    if (st != TARN_OK) {
        tarn__object_close(r);
        return st;
    }
    r->size_bytes = stat.size_bytes;
    *out = r;
    return TARN_OK;
}

/* At the end of a reading in order. */
static tarn_status check_hash(tarn__object_reader *r, tarn_error *err)
{
    uint8_t digest[TARN__SHA256_BYTES];
    char hex[TARN__SHA256_HEX_BYTES];
    tarn__sha256_finish(r->sha, digest);
    tarn__sha256_free(r->sha);
    r->sha = NULL;
    tarn_slice is = {(const char *)digest, sizeof(digest)};
    tarn_slice name = {(const char *)r->id.sha256, sizeof(r->id.sha256)};
    if (tarn__slice_eq(is, name))
        return TARN_OK;
    tarn__hex(digest, sizeof(digest), hex);
    return tarn__fail(err, TARN_CORRUPT,
        "%s: the object's bytes hash to %s (restore it)", r->file.path, hex);
}

tarn_status tarn__object_read(
    tarn__object_reader *r, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    tarn_status st = tarn__file_read_at(&r->file, r->at, ptr, len, got, err);
    if (st != TARN_OK || len == 0)
        return st;
    r->at += *got;
    if (r->sha == NULL)
        return TARN_OK;
    tarn__sha256_update(r->sha, ptr, *got);
    if (*got > 0 && r->at != r->size_bytes)
        return TARN_OK;
    st = check_hash(r, err);
    if (st != TARN_OK)
        *got = 0;
    return st;
}

tarn_status tarn__object_seek(
    tarn__object_reader *r, uint64_t at, tarn_error *err)
{
    (void)err;
    if (at == r->at)
        return TARN_OK;
    tarn__sha256_free(r->sha);
    r->sha = NULL;
    r->at = at;
    return TARN_OK;
}

uint64_t tarn__object_size(const tarn__object_reader *r)
{
    return r->size_bytes;
}

void tarn__object_close(tarn__object_reader *r)
{
    if (r == NULL)
        return;
    tarn__sha256_free(r->sha);
    tarn__file_close(&r->file);
    tarn__free(r);
}

tarn_status tarn__object_verify(
    const tarn__objects *objects, tarn__object_id id, tarn_error *err)
{
    tarn__object_reader *r = NULL;
    tarn_status st = tarn__object_open(objects, id, &r, err);
    if (st != TARN_OK)
        return st;
    unsigned char *piece = tarn__malloc(TARN__OBJECT_PIECE_BYTES);
    if (piece == NULL)
        st = tarn__no_memory(err);
    size_t got = 1;
    while (st == TARN_OK && got > 0)
        st = tarn__object_read(r, piece, TARN__OBJECT_PIECE_BYTES, &got, err);
    tarn__free(piece);
    tarn__object_close(r);
    return st;
}

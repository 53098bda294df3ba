/* Whole small files at once. */
#include "base/buf.h"
#include "base/error.h"
#include "os/file.h"

#define CHUNK_BYTES 16384

static tarn_status read_all(
    tarn__file *file, size_t max, tarn_buf *out, tarn_error *err)
{
    char chunk[CHUNK_BYTES];
    size_t total = 0;
    for (;;) {
        size_t got;
        tarn_status st = tarn__file_read(file, chunk, sizeof chunk, &got, err);
        if (st != TARN_OK || got == 0)
            return st;
        if (got > max - total)
            return tarn__fail(err, TARN_BAD_INPUT, "%s: larger than %zu bytes",
                file->path, max);
        total += got;
        st = tarn__buf_append(out, chunk, got, err);
        if (st != TARN_OK)
            return st;
    }
}

tarn_status tarn__file_slurp(
    const char *path, size_t max, tarn_buf *out, tarn_error *err)
{
    tarn__file file;
    tarn_status st = tarn__file_open(&file, path, TARN__OPEN_READ, err);
    if (st != TARN_OK)
        return st;
    size_t before = out->len;
    st = read_all(&file, max, out, err);
    tarn__file_close(&file);
    if (st != TARN_OK && out->ptr != NULL) {
        out->len = before;
        out->ptr[before] = '\0';
    }
    return st;
}

tarn_status tarn__file_spill(
    const char *path, tarn_slice bytes, tarn_error *err)
{
    tarn__file file;
    tarn_status st = tarn__file_open(&file, path, TARN__OPEN_TRUNCATE, err);
    if (st != TARN_OK)
        return st;
    st = tarn__file_write(&file, bytes.ptr, bytes.len, err);
    tarn__file_close(&file);
    return st;
}

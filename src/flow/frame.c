/* "TW", type, 0, length and CRC-32C of the payload (big-endian), payload. */
#include "flow/frame.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/str.h"
#include "os/file.h"

static const char types[] = "HQASXFDEMVPTCBR";

tarn_status tarn__frame_parse(
    tarn_slice bytes, tarn__frame *out, size_t *used, tarn_error *err)
{
    *used = 0;
    if (bytes.len < TARN__FRAME_HEADER_BYTES)
        return TARN_OK;
    const char *p = bytes.ptr;
    size_t len = tarn__be32(p + 4);
    if (p[0] != 'T' || p[1] != 'W' || p[2] == '\0' ||
        strchr(types, p[2]) == NULL || p[3] != 0)
        return tarn__fail(err, TARN_CORRUPT,
            "worker: said what is no frame (is something printed on its "
            "standard output?)");
    if (len > TARN__FRAME_PAYLOAD_MAX)
        return tarn__fail(
            err, TARN_CORRUPT, "worker: a frame of %zu bytes is too long", len);
    if (bytes.len - TARN__FRAME_HEADER_BYTES < len)
        return TARN_OK;
    p += TARN__FRAME_HEADER_BYTES;
    if (tarn__crc32c(0, p, len) != tarn__be32(bytes.ptr + 8))
        return tarn__fail(
            err, TARN_CORRUPT, "worker: a frame was damaged on its way");
    out->type = bytes.ptr[2];
    out->payload = (tarn_slice){p, len};
    *used = TARN__FRAME_HEADER_BYTES + len;
    return TARN_ROW;
}

tarn_status tarn__frame_object(
    const tarn__frame *frame, json_t **out, tarn_error *err)
{
    tarn_status st = tarn__json_parse(frame->payload, "worker", out, err);
    if (st == TARN_OK && !json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        st = tarn__fail(
            err, TARN_CORRUPT, "worker: a frame that holds no object");
    }
    return st;
}

tarn_status tarn__frame_add(
    tarn_buf *out, char type, tarn_slice payload, tarn_error *err)
{
    const char head[4] = {'T', 'W', type, 0};
    if (payload.len > TARN__FRAME_PAYLOAD_MAX)
        return tarn__fail(err, TARN_BAD_INPUT,
            "worker: %zu bytes are too many for a frame", payload.len);
    tarn_status st = tarn__buf_append(out, head, sizeof(head), err);
    if (st == TARN_OK)
        st = tarn__buf_be32(out, (uint32_t)payload.len, err);
    if (st == TARN_OK)
        st =
            tarn__buf_be32(out, tarn__crc32c(0, payload.ptr, payload.len), err);
    return st == TARN_OK && payload.len > 0
        ? tarn__buf_append(out, payload.ptr, payload.len, err)
        : st;
}

tarn_status tarn__frame_add_object(
    tarn_buf *out, char type, json_t *object, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = object == NULL ? tarn__no_memory(err)
                                    : tarn__json_dump(object, &text, err);
    if (st == TARN_OK)
        st = tarn__frame_add(out, type, tarn__buf_slice(&text), err);
    tarn_buf_reset(&text);
    json_decref(object);
    return st;
}

tarn_status tarn__file_sha(
    const char *path, char hex[TARN__SHA_HEX], tarn_error *err)
{
    tarn__file file = TARN__FILE_INIT;
    tarn__sha256 *sha = NULL;
    uint8_t digest[TARN__SHA256_BYTES];
    size_t got = 1;
    char *block = tarn__malloc(TARN__FRAME_DATA_BYTES);
    tarn_status st =
        block == NULL ? tarn__no_memory(err) : tarn__sha256_create(&sha, err);
    if (st == TARN_OK)
        st = tarn__file_open(&file, path, TARN__OPEN_READ, err);
    while (st == TARN_OK && got > 0) {
        st = tarn__file_read(&file, block, TARN__FRAME_DATA_BYTES, &got, err);
        if (st == TARN_OK)
            tarn__sha256_update(sha, block, got);
    }
    if (st == TARN_OK) {
        tarn__sha256_finish(sha, digest);
        tarn__hex(digest, sizeof(digest), hex);
    }
    tarn__file_close(&file);
    tarn__sha256_free(sha);
    tarn__free(block);
    return st;
}

static tarn_status send_blocks(const tarn__frame_sink *sink, tarn__file *file,
    uint64_t at, char *block, tarn_error *err)
{
    tarn_buf out = TARN_BUF_INIT;
    size_t got = 1;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && got > 0) {
        st = tarn__file_read_at(
            file, at, block, TARN__FRAME_DATA_BYTES, &got, err);
        tarn__buf_clear(&out);
        tarn_slice bytes = {block, got};
        if (st == TARN_OK && got > 0)
            st = tarn__frame_add(&out, TARN__FRAME_DATA, bytes, err);
        if (st == TARN_OK && got > 0)
            st = sink->send(sink->ctx, tarn__buf_slice(&out), err);
        at += got;
    }
    tarn_buf_reset(&out);
    return st;
}

tarn_status tarn__frame_send_file(const tarn__frame_sink *sink,
    const char *path, uint64_t at, tarn_error *err)
{
    tarn__file file = TARN__FILE_INIT;
    tarn_buf out = TARN_BUF_INIT;
    char hex[TARN__SHA_HEX];
    char *block = tarn__malloc(TARN__FRAME_DATA_BYTES);
    if (block == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__file_sha(path, hex, err);
    if (st == TARN_OK)
        st = tarn__file_open(&file, path, TARN__OPEN_READ, err);
    if (st == TARN_OK)
        st = send_blocks(sink, &file, at, block, err);
    if (st == TARN_OK)
        st = tarn__frame_add_object(
            &out, TARN__FRAME_END, json_pack("{s:s}", "sha", hex), err);
    if (st == TARN_OK)
        st = sink->send(sink->ctx, tarn__buf_slice(&out), err);
    tarn__file_close(&file);
    tarn_buf_reset(&out);
    tarn__free(block);
    return st;
}

bool tarn__frame_inner(const char *path)
{
    return path != NULL && *path != '/' && strcmp(path, "..") != 0 &&
        strncmp(path, "../", 3) != 0 && strstr(path, "/../") == NULL &&
        !tarn__ends_with(path, "/..");
}

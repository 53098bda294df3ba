/* Bad lines, kept aside. */
#include "event/aside.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"

#define FLUSH_BYTES (1U << 20)

static tarn_status flush(tarn__aside *spool, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (!spool->open) {
        st = tarn__file_open(
            &spool->file, spool->path, TARN__OPEN_TRUNCATE, err);
        spool->open = st == TARN_OK;
    }
    if (st == TARN_OK && spool->buf.len > 0)
        st =
            tarn__file_write(&spool->file, spool->buf.ptr, spool->buf.len, err);
    tarn__buf_clear(&spool->buf);
    return st;
}

tarn_status tarn__aside_add(tarn__aside *spool, const char *source,
    uint64_t line, const char *reason, tarn_slice text, tarn_error *err)
{
    tarn_buf *b = &spool->buf;
    size_t start = b->len;
    tarn_status st = tarn__buf_char(b, '{', err);
    if (st == TARN_OK && spool->sources) {
        st = tarn__buf_str(b, "\"source\":", err);
        if (st == TARN_OK)
            st = tarn__json_quote(b, tarn_str(source), err);
        if (st == TARN_OK)
            st = tarn__buf_char(b, ',', err);
    }
    if (st == TARN_OK)
        st = tarn__buf_printf(
            b, err, "\"line\":%llu,\"reason\":", (unsigned long long)line);
    if (st == TARN_OK)
        st = tarn__json_quote(b, tarn_str(reason), err);
    if (st == TARN_OK)
        st = tarn__buf_str(b, ",\"text\":", err);
    if (st == TARN_OK)
        st = tarn__json_quote(b, text, err);
    if (st == TARN_OK)
        st = tarn__buf_str(b, "}\n", err);
    if (st == TARN_OK && b->len - start > spool->longest)
        spool->longest = b->len - start;
    if (st == TARN_OK && b->len >= FLUSH_BYTES)
        st = flush(spool, err);
    spool->count += st == TARN_OK;
    return st;
}

tarn_status tarn__aside_finish(tarn__aside *spool, tarn_error *err)
{
    tarn_status st = flush(spool, err);
    tarn__file_close(&spool->file);
    spool->open = false;
    return st;
}

tarn_status tarn__aside_tell(const tarn__aside *spool,
    tarn_status (*fn)(void *arg, tarn_slice lines, tarn_error *err), void *arg,
    tarn_error *err)
{
    tarn__file file = TARN__FILE_INIT;
    tarn_buf block = TARN_BUF_INIT;
    size_t room = FLUSH_BYTES + spool->longest;
    size_t got = 1;
    tarn_status st = tarn__file_open(&file, spool->path, TARN__OPEN_READ, err);
    if (st == TARN_OK)
        st = tarn__buf_reserve(&block, room, err);
    while (st == TARN_OK && got > 0) {
        st = tarn__file_read(
            &file, block.ptr + block.len, room - block.len, &got, err);
        if (st != TARN_OK)
            break;
        block.len += got;
        size_t whole = block.len;
        while (whole > 0 && block.ptr[whole - 1] != '\n')
            whole--;
        if (whole > 0)
            st = fn(arg, (tarn_slice){block.ptr, whole}, err);
        memmove(block.ptr, block.ptr + whole, block.len - whole);
        block.len -= whole;
    }
    tarn__file_close(&file);
    tarn_buf_reset(&block);
    return st;
}

void tarn__aside_reset(tarn__aside *spool)
{
    tarn__file_close(&spool->file);
    tarn_buf_reset(&spool->buf);
    tarn__free(spool->path);
    *spool = (tarn__aside)TARN__ASIDE_INIT;
}

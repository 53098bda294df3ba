#include "cli/lines.h"

#include <string.h>

#include "cli/host.h"

#define CHUNK_BYTES ((size_t)1 << 18)
#define LINE_BYTES ((size_t)64 << 20)

tarn_status tarn__cli_lines_open(
    cli_lines *lines, const char *path, tarn_error *err)
{
    *lines = (cli_lines){.name = path, .fd = CLI_STDIN};
    if (strcmp(path, "-") == 0) {
        lines->name = "standard input";
        return TARN_OK;
    }
    int failed = tarn__cli_open_read(path, &lines->fd);
    return failed == 0 ? TARN_OK : tarn__cli_fail_os(err, failed, "%s", path);
}

/* Room at the end of the buffer, what was handed out taken from its start. */
static tarn_status fill(cli_lines *lines, tarn_error *err)
{
    cli_buf *buf = &lines->buf;
    if (lines->at > 0)
        memmove(buf->ptr, buf->ptr + lines->at, buf->len - lines->at);
    buf->len -= lines->at;
    lines->at = 0;
    if (buf->len > LINE_BYTES)
        return tarn__cli_fail(err, TARN_BAD_INPUT,
            "%s: line %lld is longer than 64 MiB", lines->name,
            (long long)lines->number + 1);
    buf->ptr = tarn__cli_grow(buf->ptr, &buf->cap, buf->len + CHUNK_BYTES, 1);
    size_t got;
    int failed =
        tarn__cli_read(lines->fd, buf->ptr + buf->len, CHUNK_BYTES, &got);
    if (failed != 0)
        return tarn__cli_fail_os(err, failed, "%s", lines->name);
    lines->ended = got == 0;
    buf->len += got;
    return TARN_OK;
}

tarn_status tarn__cli_lines_next(
    cli_lines *lines, const char **line, size_t *len, tarn_error *err)
{
    cli_buf *buf = &lines->buf;
    size_t seen = 0; /* bytes of the line that hold no end */
    for (;;) {
        char *start = buf->ptr == NULL ? NULL : buf->ptr + lines->at;
        size_t left = buf->len - lines->at;
        char *end =
            left == seen ? NULL : memchr(start + seen, '\n', left - seen);
        if (end != NULL || (lines->ended && left > 0)) {
            *line = start;
            *len = end == NULL ? left : (size_t)(end - start);
            lines->at += *len + (end != NULL);
            lines->number++;
            return TARN_ROW;
        }
        if (lines->ended)
            return TARN_OK;
        seen = left;
        tarn_status st = fill(lines, err);
        if (st != TARN_OK)
            return st;
    }
}

void tarn__cli_lines_close(cli_lines *lines)
{
    tarn__cli_close(lines->fd);
    tarn__cli_buf_reset(&lines->buf);
}

tarn_status tarn__cli_read_all(const char *path, cli_buf *out, tarn_error *err)
{
    cli_lines lines;
    tarn_status st = tarn__cli_lines_open(&lines, path, err);
    if (st != TARN_OK)
        return st;
    while (st == TARN_OK && !lines.ended)
        st = fill(&lines, err);
    if (st == TARN_OK)
        tarn__cli_add(out, lines.buf.ptr, lines.buf.len);
    tarn__cli_lines_close(&lines);
    return st;
}

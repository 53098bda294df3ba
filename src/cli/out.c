#include "cli/out.h"

#include <errno.h>
#include <string.h>

#include "cli/host.h"

#define BUFFER_BYTES ((size_t)1 << 18)
#define HELD_BYTES ((size_t)8 << 20)

struct cli_out {
    int fd;
    bool is_stdout;
    char *target; /* of a file; NULL: standard output */
    char *tmp;    /* NULL: fd is the target itself */
    bool held;
    int scratch; /* what is held beyond HELD_BYTES; -1: none */
    int failed;  /* errno of the first failure */
    bool closed; /* the reader went away */
    cli_buf buf;
};

tarn_status tarn__cli_out_open(
    const char *path, bool held, cli_out **out, tarn_error *err)
{
    cli_out *o = tarn__cli_alloc(sizeof(*o));
    *out = NULL;
    o->fd = CLI_STDOUT;
    o->scratch = -1;
    o->held = held;
    o->is_stdout = path == NULL || strcmp(path, "-") == 0;
    if (!o->is_stdout) {
        bool regular;
        int failed = tarn__cli_create_beside(
            path, &o->target, &o->tmp, &o->fd, &regular);
        if (failed != 0) {
            tarn__cli_free(o);
            return tarn__cli_fail_os(err, failed, "%s", path);
        }
    }
    *out = o;
    return TARN_OK;
}

static void send_to(cli_out *out, int fd, const void *ptr, size_t len)
{
    if (tarn__cli_out_stopped(out))
        return;
    int failed = tarn__cli_write(fd, ptr, len);
    if (failed == EPIPE && out->is_stdout)
        out->closed = true;
    else if (failed != 0)
        out->failed = failed;
}

void tarn__cli_out_flush(cli_out *out)
{
    if (out->held) {
        if (out->buf.len < HELD_BYTES)
            return;
        if (out->scratch < 0)
            out->failed = tarn__cli_open_scratch(&out->scratch);
        send_to(out, out->scratch, out->buf.ptr, out->buf.len);
    } else if (out->buf.len > 0) {
        send_to(out, out->fd, out->buf.ptr, out->buf.len);
    }
    out->buf.len = 0;
}

void tarn__cli_out_add(cli_out *out, const void *ptr, size_t len)
{
    if (tarn__cli_out_stopped(out))
        return;
    if (!out->held && out->buf.len == 0 && len >= BUFFER_BYTES) {
        send_to(out, out->fd, ptr, len);
        return;
    }
    tarn__cli_add(&out->buf, ptr, len);
    if (out->buf.len >= BUFFER_BYTES)
        tarn__cli_out_flush(out);
}

void tarn__cli_out_text(cli_out *out, const char *s)
{
    tarn__cli_out_add(out, s, strlen(s));
}

bool tarn__cli_out_stopped(const cli_out *out)
{
    return out->closed || out->failed != 0;
}

bool tarn__cli_out_is_terminal(const cli_out *out)
{
    return out->is_stdout && tarn__cli_is_terminal(out->fd);
}

int tarn__cli_out_columns(const cli_out *out)
{
    return out->is_stdout ? tarn__cli_columns(out->fd) : 0;
}

/* What stands in the scratch file goes before what is in memory. */
static void send_scratch(cli_out *out)
{
    char *chunk = tarn__cli_alloc(BUFFER_BYTES);
    int failed = tarn__cli_rewind(out->scratch);
    size_t got = 1;
    while (failed == 0 && got > 0 && !tarn__cli_out_stopped(out)) {
        failed = tarn__cli_read(out->scratch, chunk, BUFFER_BYTES, &got);
        send_to(out, out->fd, chunk, got);
    }
    if (failed != 0 && out->failed == 0)
        out->failed = failed;
    tarn__cli_close(out->scratch);
    out->scratch = -1;
    tarn__cli_free(chunk);
}

void tarn__cli_out_release(cli_out *out)
{
    if (!out->held)
        return;
    out->held = false;
    if (out->scratch >= 0)
        send_scratch(out);
}

static void out_free(cli_out *out)
{
    tarn__cli_close(out->scratch);
    tarn__cli_close(out->fd);
    tarn__cli_buf_reset(&out->buf);
    tarn__cli_free(out->tmp);
    tarn__cli_free(out->target);
    tarn__cli_free(out);
}

tarn_status tarn__cli_out_finish(cli_out *out, tarn_error *err)
{
    tarn__cli_out_release(out);
    tarn__cli_out_flush(out);
    if (out->failed == 0 && out->tmp != NULL)
        out->failed = tarn__cli_rename(out->tmp, out->target);
    if (out->failed != 0) {
        tarn_status st = tarn__cli_fail_os(err, out->failed, "%s",
            out->target == NULL ? "standard output" : out->target);
        out->buf.len = 0;
        tarn__cli_out_abort(out);
        return st;
    }
    out_free(out);
    return TARN_OK;
}

void tarn__cli_out_abort(cli_out *out)
{
    if (out == NULL)
        return;
    /* What a pipe was already given has no other end than this one. */
    if (out->is_stdout && !out->held)
        tarn__cli_out_flush(out);
    if (out->tmp != NULL)
        tarn__cli_unlink(out->tmp);
    out_free(out);
}

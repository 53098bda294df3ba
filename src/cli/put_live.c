/* tarn put - PATH --every T: what arrives is committed in whole lines, so that
 * a kill loses no more than what came since, and no line is torn. */
#include <string.h>

#include "cli/host.h"
#include "cli/put.h"

#define CHUNK_BYTES ((size_t)1 << 16)
#define BATCH_BYTES ((size_t)64 << 20) /* committed early beyond this */

typedef struct live {
    cli_ctx *ctx;
    const char *path;
    tarn_put_options options;
    bool parsed;    /* a series: lines are rows */
    bool csv;       /* whose first line names the columns */
    cli_buf head;   /* that line */
    cli_buf data;   /* what is not committed */
    int64_t due_us; /* when the next commit is due; 0: nothing waits */
} live;

static bool keeps_head(live *l)
{
    return l->csv && l->head.len == 0;
}

/* Bytes up to the last line end; all of them at the end of the input. */
static size_t whole_lines(const live *l, bool at_end)
{
    if (at_end)
        return l->data.len;
    const char *last =
        l->data.len == 0 ? NULL : memrchr(l->data.ptr, '\n', l->data.len);
    return last == NULL ? 0 : (size_t)(last - l->data.ptr) + 1;
}

static void drop(live *l, size_t len)
{
    l->data.len -= len;
    memmove(l->data.ptr, l->data.ptr + len, l->data.len);
}

/* The first line of a CSV goes before each batch: it is kept aside. */
static size_t take_head(live *l, size_t len)
{
    if (!keeps_head(l) || len == 0)
        return 0;
    const char *end = memchr(l->data.ptr, '\n', len);
    size_t head = end == NULL ? len : (size_t)(end - l->data.ptr) + 1;
    tarn__cli_add(&l->head, l->data.ptr, head);
    drop(l, head);
    return head;
}

static tarn_status put_lines(live *l, size_t len, tarn_error *err)
{
    tarn_txn *txn;
    cli_buf rows = CLI_BUF_INIT;
    tarn_slice bytes = {l->data.ptr, len};
    tarn_status st = tarn__cli_txn(l->ctx, &txn, err);
    if (st != TARN_OK)
        return st;
    if (l->head.len > 0) {
        tarn__cli_add(&rows, l->head.ptr, l->head.len);
        tarn__cli_add(&rows, l->data.ptr, len);
        bytes = (tarn_slice){rows.ptr, rows.len};
    }
    st = tarn_tree_put_bytes(txn, l->path, bytes, &l->options, err);
    tarn__cli_buf_reset(&rows);
    if (st == TARN_OK)
        st = tarn__cli_commit(l->ctx, err);
    if (l->ctx->txn != NULL)
        tarn_txn_abort(l->ctx->txn);
    l->ctx->txn = NULL;
    return st;
}

/* What is not committed stays for another try. */
static tarn_status flush(live *l, bool at_end, tarn_error *err)
{
    size_t len = whole_lines(l, at_end);
    len -= take_head(l, len);
    tarn_status st = len == 0 ? TARN_OK : put_lines(l, len, err);
    if (st == TARN_OK && len > 0) {
        drop(l, len);
        l->options.replace = false; /* it did, once */
    }
    l->due_us = 0;
    return st;
}

static void choose_format(live *l)
{
    if (l->parsed && l->options.format == NULL && l->data.len > 0) {
        l->options.format = tarn__cli_sniff(l->data.ptr, l->data.len);
        l->csv = strcmp(l->options.format, "csv") == 0;
    }
}

/* Read what is there, or wait until the commit is due; *end at the end. */
static int gather(live *l, int64_t every_us, char *chunk, bool *end)
{
    bool ready;
    size_t got;
    int64_t now = tarn__cli_now_us();
    int64_t wait = l->due_us == 0 ? -1 : l->due_us - now;
    int failed = tarn__cli_wait_input(
        CLI_STDIN, l->due_us != 0 && wait < 0 ? 0 : wait, &ready);
    if (failed != 0 || !ready)
        return failed;
    failed = tarn__cli_read(CLI_STDIN, chunk, CHUNK_BYTES, &got);
    if (failed != 0)
        return failed;
    *end = got == 0;
    tarn__cli_add(&l->data, chunk, got);
    choose_format(l);
    if (l->due_us == 0 && got > 0)
        l->due_us = tarn__cli_now_us() + every_us;
    return 0;
}

/* Someone who ends a feed with Ctrl-C still wants the lines that came. */
static tarn_status stop(live *l, bool at_end, tarn_error *err)
{
    tarn__cli_forget_interrupt();
    tarn_status st = flush(l, at_end, err);
    return st != TARN_OK
        ? st
        : tarn__cli_fail(err, TARN_INTERRUPTED,
              "interrupted: the whole lines that had come are committed "
              "(what followed was not read)");
}

tarn_status tarn__cli_put_live(cli_ctx *ctx, const char *path,
    const tarn_put_options *options, int64_t every_us, tarn_error *err)
{
    live l = {.ctx = ctx, .path = path, .options = *options};
    l.parsed = options->as == TARN_KIND_SERIES;
    l.csv = options->format != NULL && strcmp(options->format, "csv") == 0;
    char *chunk = tarn__cli_alloc(CHUNK_BYTES);
    tarn_status st = TARN_OK;
    bool end = false;
    while (st == TARN_OK && !end) {
        int failed = gather(&l, every_us, chunk, &end);
        if (failed != 0 && tarn__cli_interrupted())
            st = TARN_INTERRUPTED;
        else if (failed != 0)
            st = tarn__cli_fail_os(err, failed, "standard input");
        else if (end || l.data.len > BATCH_BYTES ||
            (l.due_us != 0 && tarn__cli_now_us() >= l.due_us))
            st = flush(&l, end, err);
        if (st == TARN_INTERRUPTED) {
            st = stop(&l, end, err);
            break;
        }
    }
    tarn__cli_free(chunk);
    tarn__cli_buf_reset(&l.head);
    tarn__cli_buf_reset(&l.data);
    return st;
}

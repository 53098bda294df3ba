/* Records of many files on many threads.
 *
 * S1  A block is a stretch of one file; a line belongs to the block in which
 *     it starts.  Blocks are numbered as they are given out, in order.
 * S2  A block is settled when all before it are: what is counted, written and
 *     reported depends on the input alone.
 * S3  After a failure nothing is settled any more.
 */
#include "track/scan.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "os/threads.h"

#define BLOCK_BYTES ((uint64_t)2 << 20)
#define MORE_BYTES ((size_t)64 << 10)

typedef struct block {
    uint64_t number;
    size_t file;
    uint64_t from; /* in the file */
    uint64_t to;
} block;

typedef struct bad_line {
    uint64_t line; /* of the block, from 1 */
    tarn_slice text;
    bool too_long;
} bad_line;

typedef struct shared {
    const tarn__track_scan *scan;
    tarn__mutex lock; /* of what is given out */
    block next;
    tarn__turns turns;
    /* Within turns: */
    uint64_t line; /* of the file, before the block */
    uint64_t done; /* bytes */
} shared;

typedef struct reader {
    shared *all;
    void *worker;
    tarn__file file;
    const char *path; /* of the file that is open; NULL: none */
    char *bytes;
    size_t cap;
    size_t len;
    tarn__track_room room;
    uint64_t line_count;
    bad_line *bad;
    size_t bad_count;
    size_t bad_cap;
} reader;

static bool give_out(shared *all, block *out)
{
    const tarn__track_folder *folder = all->scan->folder;
    tarn__mutex_lock(&all->lock);
    while (all->next.file < folder->count &&
        all->next.from >= folder->files[all->next.file].size) {
        all->next.file++;
        all->next.from = 0;
    }
    bool there = all->next.file < folder->count;
    if (there) {
        uint64_t size = folder->files[all->next.file].size;
        *out = all->next;
        out->to =
            size - out->from < BLOCK_BYTES ? size : out->from + BLOCK_BYTES;
        all->next.from = out->to;
        all->next.number++;
    }
    tarn__mutex_unlock(&all->lock);
    return there;
}

static tarn_status open_file(reader *r, const char *path, tarn_error *err)
{
    if (r->path == path)
        return TARN_OK;
    tarn__file_close(&r->file);
    r->path = NULL;
    tarn_status st = tarn__file_open(&r->file, path, TARN__OPEN_READ, err);
    if (st == TARN_OK)
        r->path = path;
    return st;
}

/* Add `more` bytes of the file from `at`; *got 0: there are none. */
static tarn_status read_more(
    reader *r, uint64_t at, size_t more, size_t *got, tarn_error *err)
{
    tarn_status st =
        tarn__grow((void **)&r->bytes, &r->cap, r->len + more, 1, err);
    if (st == TARN_OK)
        st =
            tarn__file_read_at(&r->file, at, r->bytes + r->len, more, got, err);
    if (st == TARN_OK)
        r->len += *got;
    return st;
}

/* The block's lines (S1): *begin is where the first starts, r->len where the
 * last ends.  *too_long: the last is cut. */
static tarn_status read_block(
    reader *r, const block *b, size_t *begin, bool *too_long, tarn_error *err)
{
    uint64_t from = b->from == 0 ? 0 : b->from - 1;
    size_t got;
    *too_long = false;
    r->len = 0;
    tarn_status st = read_more(r, from, (size_t)(b->to - from), &got, err);
    if (st != TARN_OK)
        return st;
    *begin = 0;
    if (b->from > 0 && r->len > 0) {
        const char *end = memchr(r->bytes, '\n', r->len - 1);
        *begin = end == NULL ? r->len : (size_t)(end + 1 - r->bytes);
    } else if (r->len >= 3 && memcmp(r->bytes, "\xef\xbb\xbf", 3) == 0) {
        *begin = 3;
    }
    if (*begin >= r->len)
        return TARN_OK;
    size_t start = r->len;
    while (st == TARN_OK && r->bytes[r->len - 1] != '\n') {
        size_t before = r->len;
        st = read_more(r, from + r->len, MORE_BYTES, &got, err);
        if (st != TARN_OK || got == 0)
            break;
        const char *end = memchr(r->bytes + before, '\n', got);
        if (end != NULL)
            r->len = (size_t)(end + 1 - r->bytes);
        *too_long = end == NULL && r->len - start > TARN__TRACK_MAX_LINE_BYTES;
        if (end != NULL || *too_long)
            break;
    }
    return st;
}

static tarn_status keep_bad(
    reader *r, tarn_slice text, bool too_long, tarn_error *err)
{
    tarn_status st = tarn__grow(
        (void **)&r->bad, &r->bad_cap, r->bad_count + 1, sizeof(*r->bad), err);
    if (st == TARN_OK)
        r->bad[r->bad_count++] = (bad_line){r->line_count, text, too_long};
    return st;
}

static bool is_blank(tarn_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(" \t\r", text.ptr[i]) == NULL || text.ptr[i] == '\0')
            return false;
    return true;
}

static tarn_status take_line(
    reader *r, tarn_slice text, uint64_t at, tarn_error *err)
{
    const tarn__track_scan *scan = r->all->scan;
    tarn__track_record record;
    char reason[TARN__TRACK_REASON_BYTES];
    bool good;
    if (text.len > 0 && text.ptr[text.len - 1] == '\r')
        text.len--;
    if (is_blank(text))
        return TARN_OK;
    tarn_status st = tarn__track_parse(
        text, scan->need, &r->room, &record, &good, reason, err);
    if (st != TARN_OK)
        return st;
    return good ? scan->record(r->worker, &record, at, err)
                : keep_bad(r, text, false, err);
}

static tarn_status take_lines(
    reader *r, const block *b, size_t begin, bool too_long, tarn_error *err)
{
    const tarn__track_file *file = &r->all->scan->folder->files[b->file];
    uint64_t base = file->base + (b->from == 0 ? 0 : b->from - 1);
    bool strict = !r->all->scan->work->options->tolerant;
    tarn_status st = TARN_OK;
    r->line_count = 0;
    r->bad_count = 0;
    for (size_t at = begin; st == TARN_OK && at < r->len;) {
        const char *end = memchr(r->bytes + at, '\n', r->len - at);
        size_t stop = end == NULL ? r->len : (size_t)(end - r->bytes);
        tarn_slice text = {r->bytes + at, stop - at};
        r->line_count++;
        if (too_long && end == NULL)
            st = keep_bad(r, text, true, err);
        else
            st = take_line(r, text, base + at, err);
        if (strict && r->bad_count > 0)
            return st;
        at = stop + 1;
    }
    return st;
}

static tarn_status tell_bad(
    reader *r, const char *path, const bad_line *bad, tarn_error *err)
{
    const tarn__track_work *work = r->all->scan->work;
    tarn__track_record record;
    char reason[TARN__TRACK_REASON_BYTES] = "is longer than 64 MiB";
    bool good;
    if (!bad->too_long) {
        tarn_status st = tarn__track_parse(bad->text, r->all->scan->need,
            &r->room, &record, &good, reason, err);
        if (st != TARN_OK)
            return st;
    }
    unsigned long long line = r->all->line + bad->line;
    if (!work->options->tolerant)
        return tarn__fail(err, TARN_BAD_INPUT, "%s:%llu: the record %s (%s)",
            path, line, reason,
            work->options->mend != NULL
                ? work->options->mend
                : "mend it, or leave such lines out with --tolerant");
    if (work->bad != NULL)
        (*work->bad)++;
    if (work->options->on_bad != NULL)
        work->options->on_bad(work->options->arg, path, line, reason);
    return TARN_OK;
}

static tarn_status settle(reader *r, const block *b, tarn_error *err)
{
    shared *all = r->all;
    const tarn__track_scan *scan = all->scan;
    const tarn_track_options *o = scan->work->options;
    if (b->from == 0)
        all->line = 0;
    bool told = scan->again && o->tolerant;
    for (size_t i = 0; i < r->bad_count && !told; i++) {
        tarn_status st =
            tell_bad(r, scan->folder->files[b->file].path, &r->bad[i], err);
        if (st != TARN_OK)
            return st;
    }
    all->line += r->line_count;
    all->done += b->to - b->from;
    if (o->progress != NULL &&
        o->progress(
            o->progress_arg, scan->what, all->done, scan->folder->total))
        return tarn__fail(
            err, TARN_INTERRUPTED, "interrupted (nothing was written)");
    return scan->settle == NULL ? TARN_OK : scan->settle(r->worker, err);
}

static tarn_status do_block(reader *r, const block *b, tarn_error *err)
{
    size_t begin;
    bool too_long;
    shared *all = r->all;
    tarn_status st = open_file(r, all->scan->folder->files[b->file].path, err);
    if (st == TARN_OK)
        st = read_block(r, b, &begin, &too_long, err);
    if (st == TARN_OK)
        st = take_lines(r, b, begin, too_long, err);
    if (st != TARN_OK)
        return st;
    if (!tarn__turns_wait(&all->turns, b->number)) {
        *err = all->turns.error;
        return err->code;
    }
    st = settle(r, b, err);
    if (st != TARN_OK)
        return st;
    tarn__turns_pass(&all->turns);
    return all->scan->settled == NULL ? TARN_OK
                                      : all->scan->settled(r->worker, err);
}

static tarn_status read_all(void *ctx, tarn_error *err)
{
    shared *all = ctx;
    reader r = {.all = all, .file = TARN__FILE_INIT};
    block b;
    tarn_status st = all->scan->open(all->scan->ctx, &r.worker, err);
    while (st == TARN_OK && give_out(all, &b))
        st = do_block(&r, &b, err);
    if (st != TARN_OK)
        tarn__turns_fail(&all->turns, err);
    all->scan->close(r.worker);
    tarn__file_close(&r.file);
    tarn__track_room_reset(&r.room);
    tarn__free(r.bytes);
    tarn__free(r.bad);
    return st;
}

tarn_status tarn__track_scan_run(const tarn__track_scan *scan, tarn_error *err)
{
    shared all = {.scan = scan};
    uint64_t blocks = scan->folder->total / BLOCK_BYTES + 1;
    int threads = scan->work->threads;
    if (blocks < (uint64_t)threads)
        threads = (int)blocks;
    tarn__mutex_init(&all.lock);
    tarn__turns_init(&all.turns);
    tarn_status st = tarn__parallel(threads, read_all, &all, err);
    tarn__turns_free(&all.turns);
    tarn__mutex_free(&all.lock);
    return st;
}

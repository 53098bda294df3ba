/* Blocks of whole lines are cut off the stream by whoever is free, checked, and
 * handed on in the order in which they were cut. */
#include "record/lines.h"

#include "base/error.h"
#include "base/str.h"
#include "os/threads.h"
#include "record/json_schema.h"

#define CHUNK_BYTES ((size_t)256 << 10)
#define LINE_MAX_BYTES ((size_t)64 << 20)

/* Where a text of documents stands. */
typedef struct nesting {
    int64_t depth;
    bool in_string;
    bool escaped;
} nesting;

/* The stream; under the mutex. */
typedef struct stream {
    const tarn__lines_source *source;
    const tarn__record_table *table;
    tarn__line_fn fn;
    void *arg;
    tarn__mutex mutex;
    tarn_buf rest; /* cut off from, not handed out yet */
    size_t seen;   /* bytes of `rest` whose nesting is known */
    nesting at;
    int64_t line; /* of the first byte of `rest` */
    uint64_t blocks;
    uint64_t bytes; /* read */
    bool ended;
    tarn__turns turns;
} stream;

/* What one thread works on. */
typedef struct worker {
    tarn_buf text;
    int64_t line;
    uint64_t number;
    tarn__record_key_of key;
    tarn_buf keys; /* of all records of the block */
    tarn__line_record *records;
    size_t count, cap;
    size_t *key_ends; /* in `keys` */
    size_t key_cap;
} worker;

/* --- cutting --- */

static void step(nesting *n, char c)
{
    if (n->in_string) {
        if (n->escaped)
            n->escaped = false;
        else if (c == '\\')
            n->escaped = true;
        else if (c == '"')
            n->in_string = false;
        return;
    }
    if (c == '"')
        n->in_string = true;
    else if (c == '{' || c == '[')
        n->depth++;
    else if (c == '}' || c == ']')
        n->depth--;
}

/* Bytes behind the last line end at which a record may end; 0: none yet. */
static size_t cut(stream *s)
{
    size_t found = 0;

    if (!s->source->documents) {
        for (size_t i = s->rest.len; i > s->seen && found == 0; i--)
            if (s->rest.ptr[i - 1] == '\n')
                found = i;
        s->seen = found > 0 ? 0 : s->rest.len;
        return found;
    }
    for (; s->seen < s->rest.len; s->seen++) {
        char c = s->rest.ptr[s->seen];
        step(&s->at, c);
        if (c == '\n' && s->at.depth <= 0 && !s->at.in_string) {
            found = s->seen + 1;
            s->at.depth = 0;
        }
    }
    if (found > 0)
        s->seen -= found;
    return found;
}

static tarn_status too_long(const stream *s, tarn_error *err)
{
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s line %lld: longer than 64 MiB (split it)", s->source->name,
        (long long)s->line);
}

static int64_t count_lines(tarn_slice text)
{
    int64_t n = 0;
    const char *end = text.ptr + text.len;

    for (const char *p = text.ptr; text.len > 0 && p < end; p++) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (p == NULL)
            break;
        n++;
    }
    return n;
}

/* The next whole lines into w->text; *more false: there are none. */
static tarn_status take(stream *s, worker *w, bool *more, tarn_error *err)
{
    size_t len = 0;
    tarn_status st = TARN_OK;

    tarn__buf_clear(&w->text);
    while (st == TARN_OK && len == 0 && !s->ended) {
        size_t got = 0;
        if (s->rest.len > LINE_MAX_BYTES)
            return too_long(s, err);
        st = tarn__buf_reserve(&s->rest, CHUNK_BYTES, err);
        if (st == TARN_OK)
            st = s->source->read(s->source->arg, s->rest.ptr + s->rest.len,
                CHUNK_BYTES, &got, err);
        if (st != TARN_OK)
            return st;
        s->rest.len += got;
        s->bytes += got;
        if (tarn__progress_step(s->source->progress, "records", s->bytes, 0))
            return tarn__fail(err, TARN_INTERRUPTED,
                "%s: interrupted (nothing was changed)", s->source->name);
        s->ended = got == 0;
        len = s->ended ? s->rest.len : cut(s);
    }
    *more = len > 0;
    if (len > 0)
        st = tarn__buf_append(&w->text, s->rest.ptr, len, err);
    if (st != TARN_OK || len == 0)
        return st;
    w->line = s->line;
    w->number = s->blocks++;
    s->line += count_lines(tarn__buf_slice(&w->text));
    memmove(s->rest.ptr, s->rest.ptr + len, s->rest.len - len);
    s->rest.len -= len;
    return TARN_OK;
}

/* --- checking --- */

static tarn_status check(
    const stream *s, worker *w, tarn_slice json, int64_t line, tarn_error *err)
{
    const tarn__record_table *t = s->table;
    tarn__line_record record = {.line = line, .json = json};

    tarn_status st = tarn__json_schema_check(t->schema, json, err);
    if (st == TARN_OK)
        st = tarn__record_key_find(
            json, tarn__json_schema_key(t->schema), &w->key, err);
    if (st == TARN_OK)
        st = tarn__record_id(
            &record.id, tarn_str(t->tenant), tarn_str(t->name), &w->key, err);
    if (st == TARN_OK)
        st = tarn__grow((void **)&w->records, &w->cap, w->count + 1,
            sizeof *w->records, err);
    if (st == TARN_OK)
        st = tarn__grow((void **)&w->key_ends, &w->key_cap, w->count + 1,
            sizeof *w->key_ends, err);
    record.has_key = w->key.has_key;
    record.stray = w->key.stray;
    if (st == TARN_OK && w->key.has_key)
        st = tarn__buf_append(&w->keys, w->key.text.ptr, w->key.text.len, err);
    if (st == TARN_OK) {
        w->key_ends[w->count] = w->keys.len;
        w->records[w->count++] = record;
    } else {
        tarn__error_prefix(
            err, "%s line %lld", s->source->name, (long long)line);
    }
    return st;
}

/* The length of the record at `text`, its line end left out. */
static size_t record_bytes(const stream *s, tarn_slice text)
{
    nesting n = {0, false, false};

    if (!s->source->documents) {
        const char *end = memchr(text.ptr, '\n', text.len);
        return end != NULL ? (size_t)(end - text.ptr) : text.len;
    }
    for (size_t i = 0; i < text.len; i++) {
        step(&n, text.ptr[i]);
        if (text.ptr[i] == '\n' && n.depth <= 0 && !n.in_string)
            return i;
    }
    return text.len;
}

static tarn_status check_block(const stream *s, worker *w, tarn_error *err)
{
    tarn_slice text = tarn__buf_slice(&w->text);
    int64_t line = w->line;
    tarn_status st = TARN_OK;

    w->count = 0;
    tarn__buf_clear(&w->keys);
    while (text.len > 0 && st == TARN_OK) {
        size_t len = record_bytes(s, text);
        tarn_slice whole = {text.ptr, len};
        tarn_slice json = tarn__record_trim(whole);
        if (json.len > 0)
            st = check(s, w, json, line, err);
        line += 1 + (s->source->documents ? count_lines(whole) : 0);
        len += len < text.len;
        text = (tarn_slice){text.ptr + len, text.len - len};
    }
    return st;
}

static tarn_status hand_on(const stream *s, worker *w, tarn_error *err)
{
    size_t at = 0;
    tarn_status st = TARN_OK;

    for (size_t i = 0; i < w->count && st == TARN_OK; i++) {
        tarn__line_record *r = &w->records[i];
        if (r->has_key)
            r->key = (tarn_slice){w->keys.ptr != NULL ? w->keys.ptr + at : "",
                w->key_ends[i] - at};
        at = w->key_ends[i];
        st = s->fn(s->arg, r, err);
    }
    return st;
}

/* --- threads --- */

static tarn_status settle(
    stream *s, worker *w, tarn_status st, tarn_error *why, tarn_error *err)
{
    if (!tarn__turns_wait(&s->turns, w->number))
        return TARN_ROW; /* another's failure is the outcome */
    if (st == TARN_OK)
        st = hand_on(s, w, why);
    if (st == TARN_OK) {
        tarn__turns_pass(&s->turns);
        return TARN_OK;
    }
    tarn__turns_fail(&s->turns, why);
    if (err != NULL)
        *err = *why;
    return st;
}

static tarn_status work_on(stream *s, worker *w, tarn_error *err)
{
    tarn_error why = TARN_ERROR_INIT;
    bool more = false;

    for (;;) {
        tarn__mutex_lock(&s->mutex);
        tarn_status st = take(s, w, &more, &why);
        if (st != TARN_OK) {
            w->number = s->blocks++;
            s->ended = true;
            s->rest.len = 0;
        }
        tarn__mutex_unlock(&s->mutex);
        if (st == TARN_OK && !more)
            return TARN_OK;
        if (st == TARN_OK)
            st = check_block(s, w, &why);
        st = settle(s, w, st, &why, err);
        if (st != TARN_OK)
            return st == TARN_ROW ? TARN_OK : st;
    }
}

static tarn_status work(void *ctx, tarn_error *err)
{
    worker w = {.text = TARN_BUF_INIT,
        .key = TARN__RECORD_KEY_OF_INIT,
        .keys = TARN_BUF_INIT};
    tarn_status st = work_on(ctx, &w, err);

    tarn_buf_reset(&w.text);
    tarn_buf_reset(&w.keys);
    tarn__record_key_reset(&w.key);
    tarn__free(w.records);
    tarn__free(w.key_ends);
    return st;
}

tarn_status tarn__lines_read(const tarn__lines_source *source,
    const tarn__record_table *table, int threads, tarn__line_fn fn, void *arg,
    tarn_error *err)
{
    stream s = {.source = source,
        .table = table,
        .fn = fn,
        .arg = arg,
        .rest = TARN_BUF_INIT,
        .line = 1};

    tarn__mutex_init(&s.mutex);
    tarn__turns_init(&s.turns);
    tarn_status st = tarn__parallel(threads, work, &s, err);
    if (s.turns.failed) {
        st = s.turns.error.code;
        if (err != NULL)
            *err = s.turns.error;
    }
    tarn__turns_free(&s.turns);
    tarn__mutex_free(&s.mutex);
    tarn_buf_reset(&s.rest);
    return st;
}

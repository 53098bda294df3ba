/* The workers of a load, and how their rows go out. */
#include "event/ingest.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "event/ingest_internal.h"

void tarn__ingest_init(tarn__ingest *in)
{
    memset(in, 0, sizeof(*in));
    in->min_time_us = INT64_MAX;
    in->max_time_us = INT64_MIN;
    tarn__mutex_init(&in->read_lock);
    tarn__mutex_init(&in->turn_lock);
    tarn__cond_init(&in->turn_came);
}

void tarn__ingest_reset(tarn__ingest *in)
{
    tarn__line_blocks_free(in->blocks);
    tarn__event_ids_free(in->ids);
    tarn__mutex_free(&in->read_lock);
    tarn__mutex_free(&in->turn_lock);
    tarn__cond_free(&in->turn_came);
}

size_t tarn__ingest_columns(const tarn__ingest *in, tarn__column *columns)
{
    static const tarn__column event[] = {{"event_name", TARN_TEXT},
        {"event_time", TARN_TIME}, {"distinct_id", TARN_TEXT},
        {"insert_id", TARN_TEXT}, {"properties", TARN_JSON}};
    static const tarn__column profile[] = {{"distinct_id", TARN_TEXT},
        {"properties", TARN_JSON}, {"last_seen", TARN_TIME}};
    size_t count = in->options->profiles ? 3 : 5;
    memcpy(columns, in->options->profiles ? profile : event,
        count * sizeof(*columns));
    for (size_t i = 0; i < in->shreds.count; i++)
        columns[count++] =
            (tarn__column){in->shreds.names[i], in->shred_types[i]};
    return count;
}

tarn_status tarn__ingest_open(void *ctx, void **worker, tarn_error *err)
{
    tarn__ingest_worker *w = tarn__calloc(1, sizeof(*w));
    if (w == NULL)
        return tarn__no_memory(err);
    w->in = ctx;
    *worker = w;
    return TARN_OK;
}

void tarn__ingest_close(void *worker)
{
    tarn__ingest_worker *w = worker;
    tarn__line_block_reset(&w->block);
    tarn__free(w->room);
    tarn__free(w->rows);
    tarn__free(w->shreds);
    tarn__free(w->bad);
    tarn__free(w);
}

/* --- types of shredded properties --- */

static bool whole_number(tarn_slice text, int64_t *v)
{
    char buf[32];
    if (text.len >= sizeof buf)
        return false;
    memcpy(buf, text.ptr, text.len);
    buf[text.len] = '\0';
    return tarn__parse_i64(buf, v);
}

static bool any_number(tarn_slice text, double *v)
{
    char buf[512];
    if (text.len >= sizeof buf)
        return false;
    memcpy(buf, text.ptr, text.len);
    buf[text.len] = '\0';
    return tarn__parse_double(buf, v);
}

/* The narrowest type for a value beside those seen before (NULL: none). */
static tarn_type widen(tarn_type seen, const tarn__event_shred *s)
{
    int64_t i;
    tarn_type type = TARN_TEXT;
    if (s->kind == TARN__JSON_NULL)
        return seen;
    if (s->kind == TARN__JSON_TRUE || s->kind == TARN__JSON_FALSE)
        type = TARN_BOOL;
    else if (s->kind == TARN__JSON_NUMBER)
        type = whole_number(s->text, &i) ? TARN_INT64 : TARN_DOUBLE;
    if (seen == TARN_NULL || seen == type)
        return type;
    bool numbers = (seen == TARN_INT64 || seen == TARN_DOUBLE) &&
        (type == TARN_INT64 || type == TARN_DOUBLE);
    return numbers ? TARN_DOUBLE : TARN_TEXT;
}

tarn_status tarn__ingest_guess(tarn__ingest *in, tarn_error *err)
{
    tarn__ingest_worker *w;
    void *worker = NULL;
    size_t width = in->shreds.count;
    tarn_status st = tarn__ingest_open(in, &worker, err);
    if (st != TARN_OK)
        return st;
    w = worker;
    st = tarn__line_blocks_next(in->blocks, &w->block, err);
    if (st == TARN_OK && w->block.len > 0)
        st = tarn__ingest_parse(w, err);
    for (size_t i = 0; st == TARN_OK && i < width; i++) {
        tarn_type type = TARN_NULL;
        for (size_t row = 0; row < w->row_count; row++)
            type = widen(type, &w->shreds[row * width + i]);
        in->shred_types[i] = type == TARN_NULL ? TARN_TEXT : type;
    }
    if (st == TARN_OK)
        tarn__line_blocks_unread(in->blocks, &w->block);
    tarn__ingest_close(w);
    return st;
}

/* --- rows on their way out --- */

static void misfit(tarn__ingest *in, size_t i, const tarn__event_shred *s,
    tarn__feed_chunk *chunk, size_t col, size_t row)
{
    atomic_store_explicit(&in->misfits[i], true, memory_order_relaxed);
    if (s->kind != TARN__JSON_NUMBER)
        atomic_store_explicit(&in->no_numbers[i], true, memory_order_relaxed);
    tarn__feed_null(chunk, col, row);
}

static void put_shred(tarn__ingest *in, size_t i, const tarn__event_shred *s,
    tarn__feed_chunk *chunk, size_t col, size_t row)
{
    int64_t v;
    double f;
    bool number = s->kind == TARN__JSON_NUMBER;
    if (s->kind == TARN__JSON_NULL)
        tarn__feed_null(chunk, col, row);
    else if (in->shred_types[i] == TARN_TEXT)
        tarn__feed_text(chunk, col, row, s->text);
    else if (in->shred_types[i] == TARN_BOOL &&
        (s->kind == TARN__JSON_TRUE || s->kind == TARN__JSON_FALSE))
        tarn__feed_bool(chunk, col, row, s->kind == TARN__JSON_TRUE);
    else if (in->shred_types[i] == TARN_INT64 && number &&
        whole_number(s->text, &v))
        tarn__feed_i64(chunk, col, row, v);
    else if (in->shred_types[i] == TARN_DOUBLE && number &&
        any_number(s->text, &f))
        tarn__feed_double(chunk, col, row, f);
    else
        misfit(in, i, s, chunk, col, row);
}

static void put_row(
    tarn__ingest_worker *w, size_t from, tarn__feed_chunk *chunk, size_t row)
{
    tarn__ingest *in = w->in;
    const tarn__event_record *r = &w->rows[from].record;
    size_t base = 5;
    if (in->options->profiles) {
        tarn__feed_text(chunk, 0, row, r->distinct_id);
        tarn__feed_text(chunk, 1, row, r->properties);
        if (r->has_time)
            tarn__feed_i64(chunk, 2, row, r->time_us);
        else
            tarn__feed_null(chunk, 2, row);
        base = 3;
    } else {
        tarn__feed_text(chunk, 0, row, r->event);
        tarn__feed_i64(chunk, 1, row, r->time_us);
        tarn__feed_text(chunk, 2, row, r->distinct_id);
        tarn__feed_text(chunk, 3, row, r->insert_id);
        tarn__feed_text(chunk, 4, row, r->properties);
    }
    for (size_t i = 0; i < in->shreds.count; i++)
        put_shred(in, i, &w->shreds[from * in->shreds.count + i], chunk,
            base + i, row);
}

static tarn_status next_block(tarn__ingest_worker *w, tarn_error *err)
{
    tarn__ingest *in = w->in;
    tarn__mutex_lock(&in->read_lock);
    tarn_status st = tarn__line_blocks_next(in->blocks, &w->block, err);
    tarn__mutex_unlock(&in->read_lock);
    if (st != TARN_OK || w->block.len == 0)
        return st;
    st = tarn__ingest_parse(w, err);
    return st == TARN_OK ? tarn__ingest_settle(w, err) : st;
}

tarn_status tarn__ingest_fill(void *worker, tarn__feed_chunk *chunk, size_t max,
    size_t *count, tarn_error *err)
{
    tarn__ingest_worker *w = worker;
    tarn_error local = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &local : err;
    *count = 0;
    while (w->row_at == w->row_count) {
        tarn_status st = next_block(w, e);
        if (st != TARN_OK) {
            tarn__ingest_fail(w->in, e);
            return st;
        }
        if (w->block.len == 0)
            return TARN_OK;
    }
    size_t left = w->row_count - w->row_at;
    size_t n = left < max ? left : max;
    for (size_t i = 0; i < n; i++)
        put_row(w, w->row_at + i, chunk, i);
    w->row_at += n;
    *count = n;
    return TARN_OK;
}

/* What happens in the order of the input: counting and dropping duplicates
 * (N2). */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "event/ingest_internal.h"

#define AHEAD 8

void tarn__ingest_fail(tarn__ingest *in, const tarn_error *err)
{
    tarn__mutex_lock(&in->turn_lock);
    if (!in->failed)
        in->error = *err;
    in->failed = true;
    tarn__cond_broadcast(&in->turn_came);
    tarn__mutex_unlock(&in->turn_lock);
}

static const char *source_name(const tarn__ingest *in)
{
    if (in->records)
        return "records";
    const char *path = in->paths[in->source];
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static tarn_status too_many(tarn__ingest *in, const tarn__ingest_bad *bad,
    uint64_t line, tarn_error *err)
{
    unsigned long long n = line;
    unsigned long long size =
        in->options->batch_size == 0 ? 1000 : in->options->batch_size;
    if (in->records)
        return tarn__fail(err, TARN_BAD_INPUT,
            "batch %llu, record %llu: %s (nothing is loaded)",
            (n - 1) / size + 1, (n - 1) % size + 1, bad->reason);
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: line %llu: %s (nothing is loaded; mend it, or allow bad lines "
        "with --max-bad)",
        source_name(in), n, bad->reason);
}

static tarn_status settle_bad(tarn__ingest_worker *w, tarn_error *err)
{
    tarn__ingest *in = w->in;
    tarn_event_counts *c = in->counts;
    for (size_t i = 0; i < w->bad_count; i++) {
        const tarn__ingest_bad *bad = &w->bad[i];
        uint64_t line = in->line + bad->line;
        if (c->quarantined < 3) {
            tarn_event_bad *first = &c->bad[c->quarantined];
            first->source = source_name(in);
            first->line = line;
            memcpy(first->reason, bad->reason, sizeof first->reason);
        }
        c->quarantined++;
        c->read++;
        if (in->options->max_bad >= 0 &&
            c->quarantined > (uint64_t)in->options->max_bad)
            return too_many(in, bad, line, err);
        tarn_status st = tarn__aside_add(
            in->spool, source_name(in), line, bad->reason, bad->text, err);
        if (st != TARN_OK)
            return st;
    }
    return TARN_OK;
}

static void count_batch(tarn__ingest *in)
{
    uint64_t size =
        in->options->batch_size == 0 ? 1000 : in->options->batch_size;
    if (++in->batch_read < size)
        return;
    in->batch_read = 0;
    if (in->options->on_batch != NULL)
        in->options->on_batch(in->options->arg, in->counts->loaded);
}

/* Keep the rows whose ids are new, in place. */
static tarn_status settle_rows(tarn__ingest_worker *w, tarn_error *err)
{
    tarn__ingest *in = w->in;
    tarn_event_counts *c = in->counts;
    size_t width = in->shreds.count;
    size_t kept = 0;
    for (size_t i = 0; i < w->row_count; i++) {
        tarn__ingest_row *row = &w->rows[i];
        bool added;
        if (i + AHEAD < w->row_count)
            tarn__event_ids_prefetch(in->ids, w->rows[i + AHEAD].hash);
        tarn_status st = tarn__event_ids_add(in->ids, row->hash, &added, err);
        if (st != TARN_OK)
            return st;
        c->read++;
        if (added) {
            c->loaded++;
            c->made_ids += row->made_id;
            if (row->record.has_time && row->record.time_us < in->min_time_us)
                in->min_time_us = row->record.time_us;
            if (row->record.has_time && row->record.time_us > in->max_time_us)
                in->max_time_us = row->record.time_us;
            if (width > 0 && kept < i)
                memcpy(w->shreds + kept * width, w->shreds + i * width,
                    width * sizeof(*w->shreds));
            w->rows[kept++] = *row;
        } else {
            c->duplicates++;
        }
        count_batch(in);
    }
    w->row_count = kept;
    return TARN_OK;
}

static tarn_status settle(tarn__ingest_worker *w, tarn_error *err)
{
    tarn__ingest *in = w->in;
    if (w->block.source != in->source) {
        in->source = w->block.source;
        in->line = 0;
    }
    tarn_status st = settle_rows(w, err);
    if (st == TARN_OK)
        st = settle_bad(w, err);
    in->line += w->line_count;
    if (st == TARN_OK && in->options->progress != NULL &&
        in->options->progress(in->options->arg, "load",
            tarn__line_blocks_done(in->blocks),
            tarn__line_blocks_total(in->blocks)))
        st = tarn__fail(
            err, TARN_INTERRUPTED, "interrupted (nothing is loaded)");
    return st;
}

tarn_status tarn__ingest_settle(tarn__ingest_worker *w, tarn_error *err)
{
    tarn__ingest *in = w->in;
    tarn__mutex_lock(&in->turn_lock);
    while (in->turn != w->block.seq && !in->failed)
        tarn__cond_wait(&in->turn_came, &in->turn_lock);
    bool failed = in->failed;
    if (failed && err != NULL)
        *err = in->error;
    tarn__mutex_unlock(&in->turn_lock);
    if (failed)
        return err == NULL ? TARN_FAILED : err->code;
    tarn_status st = settle(w, err);
    if (st != TARN_OK)
        return st;
    tarn__mutex_lock(&in->turn_lock);
    in->turn++;
    tarn__cond_broadcast(&in->turn_came);
    tarn__mutex_unlock(&in->turn_lock);
    return TARN_OK;
}

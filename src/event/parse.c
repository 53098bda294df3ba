/* The lines of a block as rows and bad lines. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/memory.h"
#include "event/ingest_internal.h"

static bool is_blank(tarn_slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (memchr(" \t\r\v\f", line.ptr[i], 5) == NULL)
            return false;
    return true;
}

static tarn_status add_bad(tarn__ingest_worker *w, tarn_slice text,
    tarn__ingest_bad **out, tarn_error *err)
{
    tarn_status st = tarn__grow(
        (void **)&w->bad, &w->bad_cap, w->bad_count + 1, sizeof(*w->bad), err);
    if (st != TARN_OK)
        return st;
    *out = &w->bad[w->bad_count++];
    (*out)->line = w->line_count;
    (*out)->text = text;
    return TARN_OK;
}

static tarn_status make_id(
    tarn__ingest_worker *w, tarn__ingest_row *row, tarn_error *err)
{
    tarn__id id;
    char text[TARN__ID_TEXT_BYTES];
    tarn_status st = tarn__id_new(&id, err);
    if (st != TARN_OK)
        return st;
    memcpy(w->at.at, tarn__id_format(&id, text), TARN__ID_TEXT_BYTES - 1);
    row->record.insert_id = (tarn_slice){w->at.at, TARN__ID_TEXT_BYTES - 1};
    w->at.at += TARN__ID_TEXT_BYTES - 1;
    row->made_id = true;
    return TARN_OK;
}

static tarn_status add_row(tarn__ingest_worker *w, tarn_error *err)
{
    size_t width = w->in->shreds.count;
    tarn_status st = tarn__grow((void **)&w->rows, &w->row_cap,
        w->row_count + 1, sizeof(*w->rows), err);
    if (st == TARN_OK && width > 0)
        st = tarn__grow((void **)&w->shreds, &w->shred_cap,
            (w->row_count + 1) * width, sizeof(*w->shreds), err);
    return st;
}

static tarn_status read_line(
    tarn__ingest_worker *w, tarn_slice line, bool cut, tarn_error *err)
{
    tarn__ingest *in = w->in;
    tarn__ingest_bad *bad;
    bool profiles = in->options->profiles;
    if (line.len > in->max_line || w->block.too_long) {
        tarn_status st = add_bad(w, line, &bad, err);
        if (st == TARN_OK)
            (void)snprintf(bad->reason, sizeof bad->reason,
                "is longer than %zu bytes", in->max_line);
        return st;
    }
    tarn_status st = add_row(w, err);
    if (st != TARN_OK)
        return st;
    tarn__ingest_row *row = &w->rows[w->row_count];
    tarn__event_shred *shreds =
        w->shreds == NULL ? NULL : w->shreds + w->row_count * in->shreds.count;
    char reason[TARN__EVENT_RECORD_REASON_BYTES];
    char *start = w->at.at;
    if (!tarn__event_record_read(line, profiles, cut, &in->shreds, &w->at,
            &row->record, shreds, reason)) {
        w->at.at = start;
        st = add_bad(w, line, &bad, err);
        if (st == TARN_OK)
            memcpy(bad->reason, reason, sizeof reason);
        return st;
    }
    row->line = w->line_count;
    row->made_id = false;
    if (!profiles && row->record.insert_id.len == 0)
        st = make_id(w, row, err);
    row->hash = tarn__event_ids_hash(
        in->ids, profiles ? row->record.distinct_id : row->record.insert_id);
    w->row_count++;
    return st;
}

tarn_status tarn__ingest_parse(tarn__ingest_worker *w, tarn_error *err)
{
    const char *at = w->block.bytes;
    const char *end = at + w->block.len;
    size_t need = 2 * w->block.len + 64;
    w->row_count = w->row_at = w->bad_count = 0;
    w->line_count = 0;
    if (need > w->room_cap) {
        tarn__free(w->room);
        w->room = tarn__malloc(need);
        w->room_cap = w->room == NULL ? 0 : need;
        if (w->room == NULL)
            return tarn__no_memory(err);
    }
    w->at.at = w->room;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        bool cut = stop == NULL && w->block.cut;
        if (stop == NULL)
            stop = end;
        tarn_slice line = {at, (size_t)(stop - at)};
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        w->line_count++;
        if (!is_blank(line))
            st = read_line(w, line, cut, err);
        at = stop + 1;
    }
    return st;
}

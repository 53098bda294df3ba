/* The new current state: what was extracted, and what still holds. */
#include <string.h>

#include "base/error.h"
#include "track/make.h"
#include "track/sink.h"

enum { CURRENT, CARRIED, EXTRACTED, REMOVED };

static tarn_status choose_old_column(const tarn__track_scope *scope,
    tarn__track_look *look, const tarn__track_record *r, uint64_t at,
    tarn__track_choice *choice, tarn_error *err)
{
    const tarn__track_state *state;
    (void)at;
    tarn_status st = tarn__track_look_up(look, r->parent, &state, err);
    if (st != TARN_OK)
        return st;
    choice->act = TARN__TRACK_SKIP;
    switch (tarn__track_fate_of(scope, state)) {
    case TARN__TRACK_CARRIED:
        *choice = (tarn__track_choice){TARN__TRACK_COPY_UNCHANGED, CARRIED};
        break;
    case TARN__TRACK_EXTRACTED:
        choice->tally = EXTRACTED;
        break;
    case TARN__TRACK_GONE:
        choice->tally = REMOVED;
        break;
    }
    return TARN_OK;
}

static tarn_status merge_columns(tarn__track_scope *scope, const char *dir,
    tarn_track_merge_counts *counts, tarn_error *err)
{
    const tarn__track_copy old = {.what = "carry",
        .folder = &scope->old_columns,
        .need = TARN__TRACK_NAME_AND_PARENT,
        .choose = choose_old_column};
    /* After the old ones: of one name the new one stays. */
    const tarn__track_copy current = {.what = "columns",
        .folder = &scope->columns,
        .need = TARN__TRACK_NAME_AND_PARENT,
        .again = true};
    tarn__track_sink sink;
    tarn_status st = tarn__track_sink_open(&sink, scope, dir, "column",
        scope->old_columns.total + scope->columns.total, err);
    if (st != TARN_OK)
        return st;
    st = tarn__track_sink_copy(&sink, &old, err);
    if (st == TARN_OK)
        st = tarn__track_sink_copy(&sink, &current, err);
    if (st == TARN_OK)
        st = tarn__track_sink_finish(&sink, err);
    counts->columns_from_current = sink.tallies[CURRENT];
    counts->columns_carried = sink.tallies[CARRIED];
    counts->excluded_extracted = sink.tallies[EXTRACTED];
    counts->excluded_removed = sink.tallies[REMOVED];
    counts->columns_total = sink.tallies[CURRENT] + sink.tallies[CARRIED];
    counts->duplicates += sink.duplicates;
    tarn__track_sink_close(&sink);
    return st;
}

static tarn_status merge_all(void *ctx, tarn__track_scope *scope,
    const tarn__track_making *making, const char *dir, tarn_error *err)
{
    static const char *const kinds[] = {"table", "schema", "database"};
    tarn_track_merge_counts *counts = ctx;
    tarn_status st = merge_columns(scope, dir, counts, err);
    for (size_t i = 0; st == TARN_OK && i < 3; i++) {
        const tarn__track_copy how = {
            .need = TARN__TRACK_NAME, .again = i == 0};
        int64_t count;
        st = tarn__track_copy_kind(scope, making->current, kinds[i], &how, dir,
            &count, &counts->duplicates, err);
    }
    counts->bad = scope->bad;
    return st;
}

tarn_status tarn_track_merge(const char *current, const char *previous,
    const char *out, const tarn_track_options *options,
    tarn_track_merge_counts *counts, tarn_error *err)
{
    const tarn__track_making making = {.current = current,
        .previous = previous,
        .out = out,
        .in_place = true,
        .columns = true,
        .options = options,
        .fill = merge_all,
        .ctx = counts};
    memset(counts, 0, sizeof(*counts));
    tarn_status st = tarn__track_make(&making, err);
    if (st != TARN_OK)
        memset(counts, 0, sizeof(*counts));
    return st;
}

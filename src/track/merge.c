/* The new current state: what was extracted, and what still holds. */
#include <string.h>

#include "base/error.h"
#include "track/out.h"
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

static tarn_status merge_all(tarn__track_scope *scope, const char *current,
    const char *dir, tarn_track_merge_counts *counts, tarn_error *err)
{
    static const char *const kinds[] = {"table", "schema", "database"};
    tarn_status st = merge_columns(scope, dir, counts, err);
    for (size_t i = 0; st == TARN_OK && i < 3; i++) {
        const tarn__track_copy how = {
            .need = TARN__TRACK_NAME, .again = i == 0};
        int64_t count;
        st = tarn__track_copy_kind(scope, current, kinds[i], &how, dir, &count,
            &counts->duplicates, err);
    }
    return st;
}

tarn_status tarn_track_merge(const char *current, const char *previous,
    const char *out_path, const tarn_track_options *options,
    tarn_track_merge_counts *counts, tarn_error *err)
{
    static const tarn_track_options defaults = TARN_TRACK_OPTIONS_INIT;
    tarn__track_scope scope;
    tarn__track_out out;
    memset(counts, 0, sizeof(*counts));
    if (options == NULL)
        options = &defaults;
    tarn_status st =
        tarn__track_out_open(&out, out_path, options->replace, err);
    if (st != TARN_OK)
        return st;
    st = tarn__track_scope_open(&scope, current, previous, true, options, err);
    if (st == TARN_OK) {
        st = merge_all(&scope, current, out.stage, counts, err);
        counts->bad = scope.bad;
        tarn__track_scope_close(&scope);
    }
    if (st == TARN_OK)
        st = tarn__track_out_publish(&out, err);
    tarn__track_out_close(&out);
    if (st != TARN_OK)
        memset(counts, 0, sizeof(*counts));
    return st;
}

/* Who is there: tables of both states and parents of the current columns, as
 * sorted entries folded into one state a name.
 *
 * P1  Of records with one name the last in order counts.
 * P2  A table is the same as before when the previous state has one of its
 *     name and type.
 */
#include "track/scope.h"

#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/str.h"
#include "os/file.h"
#include "os/process.h"
#include "store/store.h"
#include "track/gather.h"

/* An entry: a and b are the name's hash; v is what it is, and where; w is the
 * type's hash and the label. */
#define KIND_SHIFT 62
#define AT_MASK (((uint64_t)1 << KIND_SHIFT) - 1)
#define LABEL_MASK 3U
enum { CURRENT, PREVIOUS, PARENT };

typedef struct kind_of_entry {
    const tarn__track_scope *scope;
    unsigned kind;
} kind_of_entry;

static tarn__track_entry entry_of(
    const void *ctx, const tarn__track_record *r, uint64_t at)
{
    const kind_of_entry *k = ctx;
    const uint64_t *key = k->scope->key;
    bool parent = k->kind == PARENT;
    tarn__hash128 hash = tarn__sip128(key, parent ? r->parent : r->name);
    tarn__track_entry e = {.a = hash.a, .b = hash.b};
    e.v = (uint64_t)k->kind << KIND_SHIFT | (parent ? 0 : at);
    if (!parent) {
        e.w = tarn__sip128(key, r->type).a & ~(uint64_t)LABEL_MASK;
        e.w |= (unsigned)r->label;
    }
    return e;
}

static tarn_status collect(tarn__track_scope *s, tarn__track_runs *runs,
    unsigned kind, const tarn__track_folder *folder, const char *what,
    tarn_error *err)
{
    const kind_of_entry ctx = {s, kind};
    const tarn__track_gather gather = {.what = what,
        .work = &s->work,
        .folder = folder,
        .need = kind == PARENT ? TARN__TRACK_NAME_AND_PARENT : TARN__TRACK_NAME,
        .ctx = &ctx,
        .entry = entry_of,
        .once = kind == PARENT,
        .runs = runs};
    return tarn__track_gather_run(&gather, err);
}

/* --- one state a name --- */

static unsigned kind_of(const tarn__track_entry *e)
{
    return (unsigned)(e->v >> KIND_SHIFT);
}

static tarn_status add_name(tarn__track_scope *s,
    const tarn__track_entry *entries, size_t count, tarn_error *err)
{
    tarn__track_state state = {.known = false};
    uint64_t type = 0;
    int64_t records = 0;
    for (size_t i = 0; i < count; i++) {
        const tarn__track_entry *e = &entries[i];
        uint64_t its_type = e->w & ~(uint64_t)LABEL_MASK;
        if (kind_of(e) == CURRENT) {
            records++;
            type = its_type;
            state.known = true;
            state.label = (tarn__track_label)(e->w & LABEL_MASK);
            state.at = e->v & AT_MASK;
        } else if (kind_of(e) == PREVIOUS) {
            state.same = state.same || its_type == type;
        } else {
            state.extracted = true;
        }
    }
    if (!state.known)
        return TARN_OK;
    s->table_duplicates += records - 1;
    tarn__hash128 name = {entries[0].a, entries[0].b};
    return tarn__track_states_add(s->states, name, &state, err);
}

static tarn_status add_names(
    void *ctx, const tarn__track_entry *entries, size_t count, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t from = 0; st == TARN_OK && from < count;) {
        size_t to = from + 1;
        while (to < count && entries[to].a == entries[from].a &&
            entries[to].b == entries[from].b)
            to++;
        st = add_name(ctx, entries + from, to - from, err);
        from = to;
    }
    return st;
}

static tarn_status learn(tarn__track_scope *s, bool columns, tarn_error *err)
{
    tarn__track_runs *runs = NULL;
    uint64_t bytes = s->tables.total + s->old_tables.total;
    tarn_status st = tarn__track_runs_create(
        &s->scratch, UINT64_MAX, bytes / 256, &runs, err);
    if (st == TARN_OK)
        st = collect(s, runs, CURRENT, &s->tables, "tables", err);
    if (st == TARN_OK && tarn__track_runs_count(runs) == 0)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "the current state: has no tables (extract some into table/)");
    if (st == TARN_OK)
        st = collect(s, runs, PREVIOUS, &s->old_tables, "tables", err);
    if (st == TARN_OK && columns)
        st = collect(s, runs, PARENT, &s->columns, "columns", err);
    if (st == TARN_OK)
        st = tarn__track_runs_fold(runs, s->work.threads, add_names, s, err);
    if (st == TARN_OK)
        st = tarn__track_states_seal(s->states, err);
    tarn__track_runs_free(runs);
    return st;
}

/* --- open and close --- */

static tarn_status check_current(const char *current, tarn_error *err)
{
    return tarn__path_is_dir(current)
        ? TARN_OK
        : tarn__fail(err, TARN_NOT_FOUND,
              "%s: there is no such folder (name the current state's)",
              current);
}

static tarn_status check_previous(const char *previous, tarn_error *err)
{
    return previous == NULL || previous[0] != '\0'
        ? TARN_OK
        : tarn__fail(err, TARN_INVALID,
              "the previous state: has no name (write - for none)");
}

static tarn_status read_folders(tarn__track_scope *s, const char *current,
    const char *previous, tarn_error *err)
{
    tarn_status st = check_current(current, err);
    if (st == TARN_OK)
        st = check_previous(previous, err);
    if (st == TARN_OK)
        st = tarn__track_folder_read(current, "table", &s->tables, err);
    if (st == TARN_OK)
        st = tarn__track_folder_read(current, "column", &s->columns, err);
    if (st == TARN_OK)
        st = tarn__track_folder_read(previous, "table", &s->old_tables, err);
    if (st == TARN_OK)
        st = tarn__track_folder_read(previous, "column", &s->old_columns, err);
    s->has_previous = s->old_tables.count > 0;
    return st;
}

tarn_status tarn__track_scope_open(tarn__track_scope *s, const char *current,
    const char *previous, bool columns, const tarn_track_options *options,
    tarn_error *err)
{
    memset(s, 0, sizeof(*s));
    s->scratch = (tarn__scratch)TARN__SCRATCH_INIT;
    s->work.options = options;
    s->work.threads =
        options->threads > 0 ? options->threads : tarn__cpu_count();
    s->work.bad = &s->bad;
    tarn_status st = tarn__random(s->key, sizeof s->key)
        ? TARN_OK
        : tarn__fail(err, TARN_IO, "no random bytes");
    if (st == TARN_OK)
        st = read_folders(s, current, previous, err);
    if (st == TARN_OK)
        st = tarn__store_scratch(&s->scratch, options->temp_dir, err);
    if (st == TARN_OK)
        st = tarn__track_states_create(
            &s->scratch, TARN__TRACK_NEAR_STATES, &s->states, err);
    if (st == TARN_OK)
        st = learn(s, columns, err);
    if (st != TARN_OK)
        tarn__track_scope_close(s);
    return st;
}

void tarn__track_scope_close(tarn__track_scope *s)
{
    tarn__track_states_free(s->states);
    s->states = NULL;
    tarn__track_folder_reset(&s->tables);
    tarn__track_folder_reset(&s->columns);
    tarn__track_folder_reset(&s->old_tables);
    tarn__track_folder_reset(&s->old_columns);
    tarn__store_scratch_close(&s->scratch);
}

/* --- the rules --- */

tarn__track_reason tarn__track_reason_of(
    const tarn__track_scope *s, const tarn__track_state *state)
{
    switch (state->label) {
    case TARN__TRACK_CREATED:
        return TARN__TRACK_IS_CREATED;
    case TARN__TRACK_UPDATED:
        return TARN__TRACK_IS_UPDATED;
    case TARN__TRACK_NONE:
        if (!s->has_previous)
            return TARN__TRACK_IS_CREATED;
        break;
    case TARN__TRACK_NO_CHANGE:
        break;
    }
    return state->same ? TARN__TRACK_UNCHANGED : TARN__TRACK_IS_BACKFILL;
}

tarn__track_fate tarn__track_fate_of(
    const tarn__track_scope *s, const tarn__track_state *state)
{
    if (!state->known)
        return TARN__TRACK_GONE;
    if (state->extracted)
        return TARN__TRACK_EXTRACTED;
    /* Columns without tables beside them: nothing says that one is new. */
    bool changed = state->label == TARN__TRACK_CREATED ||
        state->label == TARN__TRACK_UPDATED ||
        (s->has_previous && !state->same);
    return changed ? TARN__TRACK_EXTRACTED : TARN__TRACK_CARRIED;
}

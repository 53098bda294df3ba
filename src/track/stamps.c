/* Stamps of the previous tables, by name. */
#include "track/stamps.h"

#include "base/error.h"
#include "track/gather.h"

typedef struct reading {
    const uint64_t *key;
    tarn__track_runs *runs;
    tarn__track_states *states;
} reading;

uint64_t tarn__track_stamp(
    const uint64_t key[2], tarn_slice type, tarn_slice stamp)
{
    return tarn__sip128(key, stamp).a ^ tarn__sip128(key, type).b;
}

static tarn__track_entry entry_of(
    const void *ctx, const tarn__track_record *r, uint64_t at)
{
    const reading *all = ctx;
    tarn__hash128 name = tarn__sip128(all->key, r->name);
    return (tarn__track_entry){
        name.a, name.b, at, tarn__track_stamp(all->key, r->type, r->stamp)};
}

static tarn_status add_last(
    void *ctx, const tarn__track_entry *entries, size_t count, tarn_error *err)
{
    reading *r = ctx;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        const tarn__track_entry *e = &entries[i];
        if (i + 1 < count && e[1].a == e->a && e[1].b == e->b)
            continue;
        const tarn__track_state state = {.known = true, .at = e->w};
        st = tarn__track_states_add(
            r->states, (tarn__hash128){e->a, e->b}, &state, err);
    }
    return st;
}

static tarn_status read_all(reading *r, const tarn__track_folder *folder,
    const tarn__track_work *work, tarn_error *err)
{
    const tarn__track_gather gather = {.what = "previous tables",
        .work = work,
        .folder = folder,
        .need = TARN__TRACK_NAME,
        .ctx = r,
        .entry = entry_of,
        .runs = r->runs};
    tarn_status st = tarn__track_gather_run(&gather, err);
    if (st == TARN_OK)
        st = tarn__track_runs_fold(r->runs, work->threads, add_last, r, err);
    return st == TARN_OK ? tarn__track_states_seal(r->states, err) : st;
}

tarn_status tarn__track_stamps_read(tarn__scratch *scratch,
    const uint64_t key[2], const char *dir, const tarn__track_work *work,
    tarn__track_states **out, tarn_error *err)
{
    tarn__track_folder folder;
    reading r = {.key = key};
    *out = NULL;
    tarn_status st = tarn__track_folder_read(dir, "table", &folder, err);
    if (st != TARN_OK)
        return st;
    st = tarn__track_runs_create(
        scratch, UINT64_MAX, folder.total / 256, &r.runs, err);
    if (st == TARN_OK)
        st = tarn__track_states_create(
            scratch, TARN__TRACK_NEAR_STATES, &r.states, err);
    if (st == TARN_OK)
        st = read_all(&r, &folder, work, err);
    tarn__track_runs_free(r.runs);
    tarn__track_folder_reset(&folder);
    if (st != TARN_OK)
        tarn__track_states_free(r.states);
    else
        *out = r.states;
    return st;
}

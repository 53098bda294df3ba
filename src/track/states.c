/* States of tables by the hash of their name.
 *
 * They come sorted and are loaded as files, so that nothing is merged; a name
 * that is not there is answered by the Bloom filter.  A few need no database,
 * which would take longer to make than all the rest; of many, so many as a
 * fixed room holds are kept in memory before it: a look there takes a tenth
 * of a microsecond, in the database some five. */
#include "track/states.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "rocks/rocks.h"

#define KEY_BYTES 16
#define VALUE_BYTES 9
#define SAME 1U
#define EXTRACTED 2U
#define LABEL_SHIFT 2
#define CACHE_SLOTS 4096U /* a power of two */

typedef struct slot {
    tarn__hash128 name; /* both halves 0: free */
    tarn__track_state state;
} slot;

struct tarn__track_states {
    slot *near; /* the first ones, sorted */
    size_t near_count;
    size_t near_cap;
    size_t near_max;
    uint32_t *starts; /* in `near`, by the leading bits of names */
    int start_shift;
    tarn__rocks *db; /* all; NULL: there are few, and all are near */
    char *path;
    char *load_path;
    tarn__rocks_sst *load; /* NULL: none was added since the last seal */
};

tarn_status tarn__track_states_create(tarn__scratch *scratch, size_t near,
    tarn__track_states **out, tarn_error *err)
{
    *out = NULL;
    tarn__track_states *s = tarn__calloc(1, sizeof(*s));
    if (s == NULL)
        return tarn__no_memory(err);
    s->near_max = near;
    s->path = tarn__scratch_name(scratch, ".states");
    s->load_path = tarn__scratch_name(scratch, ".sst");
    if (s->path == NULL || s->load_path == NULL) {
        tarn__track_states_free(s);
        return tarn__no_memory(err);
    }
    *out = s;
    return TARN_OK;
}

static void put_be64(char *to, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        to[i] = (char)(v >> (56 - 8 * i));
}

static void key_of(tarn__hash128 name, char key[KEY_BYTES])
{
    put_be64(key, name.a);
    put_be64(key + 8, name.b);
}

static tarn_status put(tarn__track_states *s, const slot *of, tarn_error *err)
{
    char key[KEY_BYTES];
    char value[VALUE_BYTES];
    key_of(of->name, key);
    value[0] = (char)((of->state.same ? SAME : 0U) |
        (of->state.extracted ? EXTRACTED : 0U) |
        (unsigned)of->state.label << LABEL_SHIFT);
    put_be64(value + 1, of->state.at);
    return tarn__rocks_sst_put(s->load, (tarn_slice){key, sizeof key},
        (tarn_slice){value, sizeof value}, err);
}

/* There are many: all go into a database. */
static tarn_status begin_load(tarn__track_states *s, tarn_error *err)
{
    static const tarn__rocks_family family = {"default", 0};
    const tarn__rocks_options options = {
        .families = &family, .family_count = 1, .no_wal = true};
    tarn_status st = tarn__rocks_open(s->path, &options, &s->db, err);
    if (st == TARN_OK)
        st = tarn__rocks_sst_create(s->db, 0, s->load_path, &s->load, err);
    for (size_t i = 0; st == TARN_OK && i < s->near_count; i++)
        st = put(s, &s->near[i], err);
    return st;
}

tarn_status tarn__track_states_add(tarn__track_states *s, tarn__hash128 name,
    const tarn__track_state *state, tarn_error *err)
{
    const slot one = {name, *state};
    tarn_status st = TARN_OK;
    if (s->load == NULL &&
        (s->near_count == TARN__TRACK_FEW_STATES ||
            s->near_count == s->near_max))
        st = begin_load(s, err);
    if (st == TARN_OK && s->load != NULL)
        st = put(s, &one, err);
    if (st != TARN_OK || s->near_count == s->near_max)
        return st;
    st = tarn__grow((void **)&s->near, &s->near_cap, s->near_count + 1,
        sizeof(*s->near), err);
    if (st == TARN_OK)
        s->near[s->near_count++] = one;
    return st;
}

/* Where names with the same leading bits start: some four each. */
static tarn_status index_near(tarn__track_states *s, tarn_error *err)
{
    int bits = 1;
    while (((size_t)4 << bits) < s->near_count)
        bits++;
    size_t count = (size_t)1 << bits;
    s->starts = tarn__calloc(count + 1, sizeof(*s->starts));
    if (s->starts == NULL)
        return tarn__no_memory(err);
    s->start_shift = 64 - bits;
    for (size_t i = 0; i < s->near_count; i++)
        s->starts[(s->near[i].name.a >> s->start_shift) + 1]++;
    for (size_t i = 0; i < count; i++)
        s->starts[i + 1] += s->starts[i];
    return TARN_OK;
}

tarn_status tarn__track_states_seal(tarn__track_states *s, tarn_error *err)
{
    tarn__rocks_sst *load = s->load;
    s->load = NULL;
    tarn_status st = load == NULL ? TARN_OK : tarn__rocks_sst_ingest(load, err);
    return st == TARN_OK ? index_near(s, err) : st;
}

void tarn__track_states_free(tarn__track_states *s)
{
    if (s == NULL)
        return;
    if (s->load != NULL)
        tarn__rocks_sst_abort(s->load);
    if (s->db != NULL)
        tarn__rocks_close(s->db);
    tarn__free(s->near);
    tarn__free(s->starts);
    tarn__free(s->path); /* its files go with the scratch folder */
    tarn__free(s->load_path);
    tarn__free(s);
}

/* --- looking them up --- */

struct tarn__track_look {
    tarn__track_states *states;
    uint64_t key[2];
    tarn_buf value;
    tarn_buf last; /* the name that was asked for last */
    const slot *last_slot;
    slot nobody;             /* nothing is known of it */
    slot slots[CACHE_SLOTS]; /* from the database */
};

tarn_status tarn__track_look_create(tarn__track_states *states,
    const uint64_t key[2], tarn__track_look **out, tarn_error *err)
{
    *out = tarn__calloc(1, sizeof(**out));
    if (*out == NULL)
        return tarn__no_memory(err);
    (*out)->states = states;
    memcpy((*out)->key, key, sizeof(*out)->key);
    (*out)->value = (tarn_buf)TARN_BUF_INIT;
    (*out)->last = (tarn_buf)TARN_BUF_INIT;
    return TARN_OK;
}

/* In memory; `nobody` when it is nowhere, NULL when the database knows. */
static const slot *find_near(
    const tarn__track_states *s, tarn__hash128 name, const slot *nobody)
{
    size_t bucket = (size_t)(name.a >> s->start_shift);
    for (size_t i = s->starts[bucket]; i < s->starts[bucket + 1]; i++)
        if (s->near[i].name.a == name.a && s->near[i].name.b == name.b)
            return &s->near[i];
    bool beyond = s->near_count == s->near_max && s->near_count > 0 &&
        name.a >= s->near[s->near_count - 1].name.a;
    return s->db != NULL && beyond ? NULL : nobody;
}

static tarn_status fill(
    tarn__track_look *look, tarn__hash128 name, slot *to, tarn_error *err)
{
    char key[KEY_BYTES];
    bool found;
    key_of(name, key);
    tarn__buf_clear(&look->value);
    to->name = (tarn__hash128){0, 0};
    memset(&to->state, 0, sizeof to->state);
    tarn_status st = tarn__rocks_get(look->states->db, 0,
        (tarn_slice){key, sizeof key}, &look->value, &found, err);
    if (st != TARN_OK)
        return st;
    if (found && look->value.len == VALUE_BYTES) {
        unsigned flags = (unsigned char)look->value.ptr[0];
        to->state.known = true;
        to->state.same = (flags & SAME) != 0;
        to->state.extracted = (flags & EXTRACTED) != 0;
        to->state.label = (tarn__track_label)(flags >> LABEL_SHIFT);
        to->state.at = tarn__be64(look->value.ptr + 1);
    }
    to->name = name;
    return TARN_OK;
}

static tarn_status find(tarn__track_look *look, tarn__hash128 name,
    const slot **out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    *out = find_near(look->states, name, &look->nobody);
    if (*out != NULL)
        return TARN_OK;
    slot *s = &look->slots[name.b & (CACHE_SLOTS - 1)];
    if (s->name.a != name.a || s->name.b != name.b)
        st = fill(look, name, s, err);
    *out = s;
    return st;
}

tarn_status tarn__track_look_up(tarn__track_look *look, tarn_slice name,
    const tarn__track_state **state, tarn_error *err)
{
    if (look->last_slot == NULL ||
        !tarn__slice_eq(tarn__buf_slice(&look->last), name)) {
        const slot *found;
        tarn_status st = find(look, tarn__sip128(look->key, name), &found, err);
        look->last_slot = NULL;
        tarn__buf_clear(&look->last);
        if (st == TARN_OK)
            st = tarn__buf_append(&look->last, name.ptr, name.len, err);
        if (st != TARN_OK)
            return st;
        look->last_slot = found;
    }
    *state = &look->last_slot->state;
    return TARN_OK;
}

void tarn__track_look_free(tarn__track_look *look)
{
    if (look == NULL)
        return;
    tarn_buf_reset(&look->value);
    tarn_buf_reset(&look->last);
    tarn__free(look);
}

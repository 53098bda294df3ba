/* States of tables by the hash of their name.
 *
 * They come sorted and are loaded as files, so that nothing is merged; a name
 * that is not there is answered by the Bloom filter.  A few stay in memory:
 * the database alone would take longer to make than all the rest. */
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
    slot *few; /* sorted; while there is no database */
    size_t few_count;
    size_t few_cap;
    tarn__rocks *db; /* NULL: there are few */
    char *path;
    char *load_path;
    tarn__rocks_sst *load; /* NULL: none was added since the last seal */
};

tarn_status tarn__track_states_create(
    tarn__scratch *scratch, tarn__track_states **out, tarn_error *err)
{
    *out = NULL;
    tarn__track_states *s = tarn__calloc(1, sizeof(*s));
    if (s == NULL)
        return tarn__no_memory(err);
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

/* There are many: from now on they go into a database. */
static tarn_status begin_load(tarn__track_states *s, tarn_error *err)
{
    static const tarn__rocks_family family = {"default", 0};
    const tarn__rocks_options options = {
        .families = &family, .family_count = 1, .no_wal = true};
    tarn_status st = tarn__rocks_open(s->path, &options, &s->db, err);
    if (st == TARN_OK)
        st = tarn__rocks_sst_create(s->db, 0, s->load_path, &s->load, err);
    for (size_t i = 0; st == TARN_OK && i < s->few_count; i++)
        st = put(s, &s->few[i], err);
    tarn__free(s->few);
    s->few = NULL;
    s->few_count = 0;
    return st;
}

tarn_status tarn__track_states_add(tarn__track_states *s, tarn__hash128 name,
    const tarn__track_state *state, tarn_error *err)
{
    const slot one = {name, *state};
    if (s->load == NULL && s->few_count < TARN__TRACK_FEW_STATES) {
        tarn_status st = tarn__grow((void **)&s->few, &s->few_cap,
            s->few_count + 1, sizeof(*s->few), err);
        if (st == TARN_OK)
            s->few[s->few_count++] = one;
        return st;
    }
    if (s->load == NULL) {
        tarn_status st = begin_load(s, err);
        if (st != TARN_OK)
            return st;
    }
    return put(s, &one, err);
}

tarn_status tarn__track_states_seal(tarn__track_states *s, tarn_error *err)
{
    tarn__rocks_sst *load = s->load;
    s->load = NULL;
    return load == NULL ? TARN_OK : tarn__rocks_sst_ingest(load, err);
}

void tarn__track_states_free(tarn__track_states *s)
{
    if (s == NULL)
        return;
    if (s->load != NULL)
        tarn__rocks_sst_abort(s->load);
    if (s->db != NULL)
        tarn__rocks_close(s->db);
    tarn__free(s->few);
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
    slot slots[CACHE_SLOTS];
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

static int compare(const void *a, const void *b)
{
    const slot *x = a;
    const slot *y = b;
    if (x->name.a != y->name.a)
        return x->name.a < y->name.a ? -1 : 1;
    return x->name.b < y->name.b ? -1 : x->name.b > y->name.b;
}

/* Of the few; all false when it is not there. */
static void fill_few(const tarn__track_states *s, tarn__hash128 name, slot *to)
{
    *to = (slot){.name = name};
    const slot *found = s->few_count == 0
        ? NULL
        : bsearch(to, s->few, s->few_count, sizeof(*to), compare);
    if (found != NULL)
        to->state = found->state;
}

static tarn_status fill(
    tarn__track_look *look, tarn__hash128 name, slot *to, tarn_error *err)
{
    char key[KEY_BYTES];
    bool found;
    if (look->states->db == NULL) {
        fill_few(look->states, name, to);
        return TARN_OK;
    }
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

tarn_status tarn__track_look_up(tarn__track_look *look, tarn_slice name,
    const tarn__track_state **state, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (look->last_slot == NULL ||
        !tarn__slice_eq(tarn__buf_slice(&look->last), name)) {
        tarn__hash128 hash = tarn__sip128(look->key, name);
        slot *s = &look->slots[hash.b & (CACHE_SLOTS - 1)];
        if (s->name.a != hash.a || s->name.b != hash.b)
            st = fill(look, hash, s, err);
        look->last_slot = NULL;
        tarn__buf_clear(&look->last);
        if (st == TARN_OK)
            st = tarn__buf_append(&look->last, name.ptr, name.len, err);
        if (st != TARN_OK)
            return st;
        look->last_slot = s;
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

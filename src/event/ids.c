/* The ids that were seen.
 *
 * A hash stands for its id: 128 bits under a random key, so
 * that of 10^9 ids two different ones meet with a chance of 10^-21, and nobody
 * can choose them so.  Parts of the set grow one by one: there is never twice
 * the whole of it. */
#include "event/ids.h"

#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/memory.h"
#include "base/str.h"

#define PARTS 1024
#define FIRST_SLOTS 16

typedef struct part {
    tarn__hash128 *slots; /* both halves 0: free */
    uint32_t capacity;
    uint32_t count;
} part;

struct tarn__event_ids {
    uint64_t key[2];
    uint64_t max_bytes;
    uint64_t bytes;
    uint64_t count;
    part parts[PARTS];
};

tarn_status tarn__event_ids_create(
    uint64_t max_bytes, tarn__event_ids **out, tarn_error *err)
{
    *out = NULL;
    tarn__event_ids *set = tarn__calloc(1, sizeof(*set));
    if (set == NULL)
        return tarn__no_memory(err);
    set->max_bytes = max_bytes;
    if (!tarn__random(set->key, sizeof set->key)) {
        tarn__free(set);
        return tarn__fail(err, TARN_IO, "no random bytes");
    }
    *out = set;
    return TARN_OK;
}

tarn__hash128 tarn__event_ids_hash(const tarn__event_ids *set, tarn_slice id)
{
    return tarn__sip128(set->key, id);
}

static size_t part_of(tarn__hash128 hash)
{
    return hash.a >> 54;
}

static uint32_t first_slot(const part *p, tarn__hash128 hash)
{
    return (uint32_t)((hash.b >> 32) * p->capacity >> 32);
}

/* The slot where the hash is, or belongs. */
static tarn__hash128 *find(const part *p, tarn__hash128 hash)
{
    uint32_t i = first_slot(p, hash);
    while ((p->slots[i].a | p->slots[i].b) != 0 &&
        (p->slots[i].a != hash.a || p->slots[i].b != hash.b))
        i = i + 1 == p->capacity ? 0 : i + 1;
    return &p->slots[i];
}

static tarn_status grow(tarn__event_ids *set, part *p, tarn_error *err)
{
    part bigger = {NULL,
        p->capacity == 0 ? FIRST_SLOTS : p->capacity + p->capacity / 2,
        p->count};
    uint64_t more =
        (uint64_t)(bigger.capacity - p->capacity) * sizeof(*p->slots);
    if (set->bytes + more > set->max_bytes) {
        char size[16];
        return tarn__fail(err, TARN_FAILED,
            "%llu distinct ids need more than %s of memory (allow more with "
            "--memory, or load in several parts with --append)",
            (unsigned long long)set->count,
            tarn__format_size(set->max_bytes, size));
    }
    bigger.slots = tarn__calloc(bigger.capacity, sizeof(*bigger.slots));
    if (bigger.slots == NULL)
        return tarn__no_memory(err);
    for (uint32_t i = 0; i < p->capacity; i++)
        if ((p->slots[i].a | p->slots[i].b) != 0)
            *find(&bigger, p->slots[i]) = p->slots[i];
    tarn__free(p->slots);
    *p = bigger;
    set->bytes += more;
    return TARN_OK;
}

tarn_status tarn__event_ids_add(
    tarn__event_ids *set, tarn__hash128 hash, bool *added, tarn_error *err)
{
    part *p = &set->parts[part_of(hash)];
    *added = false;
    if (p->count >= p->capacity - p->capacity / 8) {
        tarn_status st = grow(set, p, err);
        if (st != TARN_OK)
            return st;
    }
    tarn__hash128 *slot = find(p, hash);
    if ((slot->a | slot->b) != 0)
        return TARN_OK;
    *slot = hash;
    p->count++;
    set->count++;
    *added = true;
    return TARN_OK;
}

void tarn__event_ids_prefetch(const tarn__event_ids *set, tarn__hash128 hash)
{
    const part *p = &set->parts[part_of(hash)];
    if (p->capacity > 0)
        __builtin_prefetch(&p->slots[first_slot(p, hash)]);
}

void tarn__event_ids_free(tarn__event_ids *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < PARTS; i++)
        tarn__free(set->parts[i].slots);
    tarn__free(set);
}

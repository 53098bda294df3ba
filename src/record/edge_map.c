#include "record/edge_map.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"

/* Ids are digests, or times and random bits: their last bytes are spread. */
static tarn__id_slot *slot_of(const tarn__id_map *map, const tarn__id *id)
{
    uint64_t at = tarn__be64(id->bytes + 8);
    tarn__id_slot *slot = &map->slots[at & (map->cap - 1)];

    while (slot->value != 0 && !tarn__id_eq(&slot->id, id))
        slot = &map->slots[++at & (map->cap - 1)];
    return slot;
}

bool tarn__id_map_get(
    const tarn__id_map *map, const tarn__id *id, uint32_t *value)
{
    if (map->cap == 0)
        return false;
    const tarn__id_slot *slot = slot_of(map, id);
    *value = slot->value - 1;
    return slot->value != 0;
}

static tarn_status widen(tarn__id_map *map, tarn_error *err)
{
    tarn__id_map wider = {NULL, map->cap == 0 ? 256 : map->cap * 2, map->count};

    wider.slots = tarn__calloc(wider.cap, sizeof *wider.slots);
    if (wider.slots == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < map->cap; i++)
        if (map->slots[i].value != 0)
            *slot_of(&wider, &map->slots[i].id) = map->slots[i];
    tarn__free(map->slots);
    *map = wider;
    return TARN_OK;
}

tarn_status tarn__id_map_add(
    tarn__id_map *map, const tarn__id *id, uint32_t value, tarn_error *err)
{
    if (2 * (map->count + 1) > map->cap) {
        tarn_status st = widen(map, err);
        if (st != TARN_OK)
            return st;
    }
    *slot_of(map, id) = (tarn__id_slot){*id, value + 1};
    map->count++;
    return TARN_OK;
}

size_t tarn__id_map_bytes(const tarn__id_map *map)
{
    return map->cap * sizeof *map->slots;
}

void tarn__id_map_reset(tarn__id_map *map)
{
    tarn__free(map->slots);
    *map = (tarn__id_map)TARN__ID_MAP_INIT;
}

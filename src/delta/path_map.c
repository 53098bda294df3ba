/* Open addressing, linear probing, no more than three quarters full. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"

struct tarn__path_slot {
    const char *path; /* NULL: free */
    size_t at;
};

/* FNV-1a. */
static size_t hash(const char *path)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *path != '\0'; path++)
        h = (h ^ (unsigned char)*path) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 32);
}

/* The slot that holds a path, or the free one where it would go. */
static size_t find(const tarn__path_map *map, const char *path)
{
    size_t i = hash(path) & (map->cap - 1);
    while (map->slots[i].path != NULL && strcmp(map->slots[i].path, path) != 0)
        i = (i + 1) & (map->cap - 1);
    return i;
}

static tarn_status grow(tarn__path_map *map, tarn_error *err)
{
    tarn__path_map wider = {NULL, map->cap == 0 ? 64 : map->cap * 2, 0};
    wider.slots = tarn__calloc(wider.cap, sizeof(*wider.slots));
    if (wider.slots == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < map->cap; i++)
        if (map->slots[i].path != NULL)
            wider.slots[find(&wider, map->slots[i].path)] = map->slots[i];
    wider.count = map->count;
    tarn__free(map->slots);
    *map = wider;
    return TARN_OK;
}

tarn_status tarn__path_map_put(
    tarn__path_map *map, const char *path, size_t at, tarn_error *err)
{
    if (map->count + 1 > map->cap - map->cap / 4) {
        tarn_status st = grow(map, err);
        if (st != TARN_OK)
            return st;
    }
    struct tarn__path_slot *slot = &map->slots[find(map, path)];
    if (slot->path == NULL)
        map->count++;
    slot->path = path;
    slot->at = at;
    return TARN_OK;
}

bool tarn__path_map_get(const tarn__path_map *map, const char *path, size_t *at)
{
    if (map->cap == 0)
        return false;
    const struct tarn__path_slot *slot = &map->slots[find(map, path)];
    if (slot->path == NULL)
        return false;
    *at = slot->at;
    return true;
}

/* What stands behind the freed slot moves up, as far as it may. */
void tarn__path_map_remove(tarn__path_map *map, const char *path)
{
    if (map->cap == 0)
        return;
    size_t mask = map->cap - 1;
    size_t hole = find(map, path);
    if (map->slots[hole].path == NULL)
        return;
    map->count--;
    for (size_t i = (hole + 1) & mask; map->slots[i].path != NULL;
         i = (i + 1) & mask) {
        size_t home = hash(map->slots[i].path) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole].path = NULL;
}

void tarn__path_map_reset(tarn__path_map *map)
{
    tarn__free(map->slots);
    *map = (tarn__path_map){NULL, 0, 0};
}

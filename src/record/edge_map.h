/* From ids (or digests of 16 bytes) to small numbers, in memory. */
#ifndef TARN_RECORD_EDGE_MAP_H
#define TARN_RECORD_EDGE_MAP_H

#include "base/id.h"

typedef struct tarn__id_slot {
    tarn__id id;
    uint32_t value; /* plus 1; 0: free */
} tarn__id_slot;

typedef struct tarn__id_map {
    tarn__id_slot *slots; /* a power of two of them; at most half are used */
    size_t cap, count;
} tarn__id_map;
#define TARN__ID_MAP_INIT \
    {                     \
        NULL, 0, 0        \
    }

bool tarn__id_map_get(
    const tarn__id_map *map, const tarn__id *id, uint32_t *value);
/* The id is not there yet; value < UINT32_MAX. */
TARN_MUST_CHECK tarn_status tarn__id_map_add(
    tarn__id_map *map, const tarn__id *id, uint32_t value, tarn_error *err);
size_t tarn__id_map_bytes(const tarn__id_map *map);
void tarn__id_map_reset(tarn__id_map *map);

#endif

/* A skip list: an entry stands in level 0 and, with chance 1/4 each, in the
 * next.  Entries are made once and never move, so a position stays good while
 * others are put.
 *
 * O1  Keys rise strictly along every level, in memcmp() order.
 * O2  Level i+1 is a subsequence of level i.
 * O3  tail[i] is the last entry of level i, or the head: a key above all
 *     others is appended without a search. */
#include "base/ordmap.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"

#define LEVELS 16

struct tarn__ordnode {
    tarn_slice key;
    char *value;
    size_t value_len;
    size_t value_cap;
    struct tarn__ordnode *next[]; /* as many as the entry has levels */
};

struct tarn__ordmap {
    tarn__arena arena;
    tarn__ordnode *head; /* before all keys, in every level */
    tarn__ordnode *tail[LEVELS];
    int levels; /* in use, 1 at least */
    size_t count;
    uint64_t random;
};

static tarn__ordnode *new_node(tarn__arena *arena, int levels)
{
    size_t size =
        sizeof(tarn__ordnode) + (size_t)levels * sizeof(tarn__ordnode *);
    tarn__ordnode *node = tarn__arena_alloc(arena, size);
    if (node != NULL)
        memset(node, 0, size);
    return node;
}

tarn_status tarn__ordmap_create(tarn__ordmap **out, tarn_error *err)
{
    *out = NULL;
    tarn__ordmap *map = tarn__calloc(1, sizeof(*map));
    if (map == NULL)
        return tarn__no_memory(err);
    map->head = new_node(&map->arena, LEVELS);
    if (map->head == NULL) {
        tarn__free(map);
        return tarn__no_memory(err);
    }
    for (int i = 0; i < LEVELS; i++)
        map->tail[i] = map->head;
    map->levels = 1;
    map->random = UINT64_C(0x9E3779B97F4A7C15);
    *out = map;
    return TARN_OK;
}

/* xorshift64: heights need be no better than this, and tests repeat. */
static int random_levels(tarn__ordmap *map)
{
    uint64_t x = map->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    map->random = x;
    int levels = 1;
    for (x >>= 20; levels < LEVELS && (x & 3) == 0; x >>= 2)
        levels++;
    return levels;
}

/* The last node with a key below `key` in level 0, the head when none; with
 * path[i], the same of every level in use. */
static tarn__ordnode *search(
    const tarn__ordmap *map, tarn_slice key, tarn__ordnode **path)
{
    tarn__ordnode *node = map->head;
    /* The entry that stopped the level above stops this one too. */
    const tarn__ordnode *stop = NULL;
    for (int i = map->levels; i-- > 0;) {
        tarn__ordnode *next = node->next[i];
        while (next != NULL && next != stop &&
            tarn__slice_cmp(next->key, key) < 0) {
            node = next;
            next = node->next[i];
        }
        stop = next;
        if (path != NULL)
            path[i] = node;
    }
    return node;
}

static tarn_status set_value(
    tarn__ordmap *map, tarn__ordnode *node, tarn_slice value, tarn_error *err)
{
    if (value.len > node->value_cap || node->value == NULL) {
        tarn_slice copy = tarn__arena_copy(&map->arena, value);
        if (copy.ptr == NULL)
            return tarn__no_memory(err);
        node->value = (char *)(uintptr_t)copy.ptr;
        node->value_cap = value.len;
    } else if (value.len > 0) {
        memmove(node->value, value.ptr, value.len);
    }
    node->value[value.len] = '\0';
    node->value_len = value.len;
    return TARN_OK;
}

tarn_status tarn__ordmap_put(
    tarn__ordmap *map, tarn_slice key, tarn_slice value, tarn_error *err)
{
    tarn__ordnode *path[LEVELS];
    const tarn__ordnode *last = map->tail[0];
    if (last == map->head || tarn__slice_cmp(last->key, key) < 0) {
        memcpy(path, map->tail, sizeof(path));
    } else {
        tarn__ordnode *found = search(map, key, path)->next[0];
        if (found != NULL && tarn__slice_eq(found->key, key))
            return set_value(map, found, value, err);
    }
    int levels = random_levels(map);
    tarn__ordnode *node = new_node(&map->arena, levels);
    if (node == NULL)
        return tarn__no_memory(err);
    node->key = tarn__arena_copy(&map->arena, key);
    if (node->key.ptr == NULL)
        return tarn__no_memory(err);
    tarn_status st = set_value(map, node, value, err);
    if (st != TARN_OK)
        return st;
    for (; map->levels < levels; map->levels++)
        path[map->levels] = map->head;
    for (int i = 0; i < levels; i++) {
        node->next[i] = path[i]->next[i];
        path[i]->next[i] = node;
        if (map->tail[i] == path[i])
            map->tail[i] = node;
    }
    map->count++;
    return TARN_OK;
}

bool tarn__ordmap_get(
    const tarn__ordmap *map, tarn_slice key, tarn_slice *value)
{
    const tarn__ordnode *node = tarn__ordmap_seek(map, key);
    if (node == NULL || !tarn__slice_eq(node->key, key))
        return false;
    *value = tarn__ordnode_value(node);
    return true;
}

const tarn__ordnode *tarn__ordmap_seek(const tarn__ordmap *map, tarn_slice key)
{
    return search(map, key, NULL)->next[0];
}

const tarn__ordnode *tarn__ordmap_before(
    const tarn__ordmap *map, tarn_slice key)
{
    const tarn__ordnode *node = search(map, key, NULL);
    return node == map->head ? NULL : node;
}

const tarn__ordnode *tarn__ordnode_next(const tarn__ordnode *node)
{
    return node->next[0];
}

tarn_slice tarn__ordnode_key(const tarn__ordnode *node)
{
    return node->key;
}

tarn_slice tarn__ordnode_value(const tarn__ordnode *node)
{
    tarn_slice value = {node->value, node->value_len};
    return value;
}

size_t tarn__ordmap_bytes(const tarn__ordmap *map)
{
    return sizeof(*map) + map->arena.used_bytes;
}

size_t tarn__ordmap_count(const tarn__ordmap *map)
{
    return map->count;
}

void tarn__ordmap_free(tarn__ordmap *map)
{
    if (map == NULL)
        return;
    tarn__arena_reset(&map->arena);
    tarn__free(map);
}

/* The content list of a node. */
#include "tree/content.h"

#include <string.h>

#include "base/error.h"
#include "tree/items.h"

tarn_status tarn__items_scan(tarn_snapshot *snap, const tarn__id *node,
    tarn__item_fn fn, void *arg, tarn_error *err)
{
    tarn_slice prefix = {(const char *)node->bytes, sizeof(node->bytes)};
    tarn_slice start = {NULL, 0};
    tarn_slice key;
    tarn_slice payload;
    tarn__scan *scan = NULL;
    bool last = false;
    tarn_status st =
        tarn__read_scan(snap, TARN__FAMILY_VERSION, prefix, start, &scan, err);
    if (st != TARN_OK)
        return st;
    while (!last &&
        (st = tarn__scan_next(scan, &key, &payload, NULL, err)) == TARN_ROW) {
        tarn__item item;
        if (!tarn__item_decode(key, payload, &item)) {
            st = tarn__fail(err, TARN_CORRUPT,
                "an item of the key view: does not parse (tarn rebuild key)");
            break;
        }
        last = item.reset;
        st = fn(arg, &item, err);
        if (st != TARN_OK)
            break;
    }
    tarn__scan_free(scan);
    return st == TARN_ROW ? TARN_OK : st;
}

typedef struct gathering {
    tarn__content *out;
    size_t cap;
    bool inline_bytes;
} gathering;

static tarn_status gather(void *arg, const tarn__item *item, tarn_error *err)
{
    gathering *g = arg;
    tarn__content *out = g->out;
    void *items = out->items;
    tarn_status st =
        tarn__grow(&items, &g->cap, out->count + 1, sizeof(*out->items), err);
    out->items = items;
    if (st != TARN_OK)
        return st;
    tarn__item *copy = &out->items[out->count];
    *copy = *item;
    copy->content = (tarn_slice){NULL, 0};
    if (!item->is_object && g->inline_bytes) {
        copy->content = tarn__arena_copy(&out->arena, item->content);
        if (copy->content.ptr == NULL)
            return tarn__no_memory(err);
    }
    out->count++;
    return TARN_OK;
}

tarn_status tarn__tree_content(tarn_snapshot *snap, const tarn__id *node,
    bool inline_bytes, tarn__content *out, tarn_error *err)
{
    *out = (tarn__content)TARN__CONTENT_INIT;
    gathering g = {out, 0, inline_bytes};
    tarn_status st = tarn__items_scan(snap, node, gather, &g, err);
    if (st != TARN_OK) {
        tarn__content_reset(out);
        return st;
    }
    for (size_t i = 0; i < out->count / 2; i++) {
        tarn__item swap = out->items[i];
        out->items[i] = out->items[out->count - 1 - i];
        out->items[out->count - 1 - i] = swap;
    }
    return TARN_OK;
}

void tarn__content_reset(tarn__content *content)
{
    tarn__free(content->items);
    tarn__arena_reset(&content->arena);
    *content = (tarn__content)TARN__CONTENT_INIT;
}

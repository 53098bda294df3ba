/* The content list of a node. */
#include "tree/content.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "tree/items.h"
#include "tree/node.h"

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

/* Inline bytes are fetched one by one: a list of them may not fit in memory. */
static tarn_status same_item(tarn_snapshot *const snaps[2],
    const tarn__id *node, const tarn__item *const listed[2], bool *same,
    tarn_error *err)
{
    tarn_buf hold[2] = {TARN_BUF_INIT, TARN_BUF_INIT};
    tarn__item items[2];
    tarn_status st = TARN_OK;

    *same = listed[0]->is_object == listed[1]->is_object &&
        listed[0]->size_bytes == listed[1]->size_bytes;
    if (!*same)
        return TARN_OK;
    if (listed[0]->is_object) {
        *same = memcmp(listed[0]->sha256, listed[1]->sha256,
                    TARN__SHA256_BYTES) == 0;
        return TARN_OK;
    }
    for (int i = 0; st == TARN_OK && i < 2; i++)
        st = tarn__item_get(snaps[i], node, listed[i]->version, listed[i]->seq,
            &items[i], &hold[i], err);
    *same = st == TARN_OK && tarn__slice_eq(items[0].content, items[1].content);
    tarn_buf_reset(&hold[0]);
    tarn_buf_reset(&hold[1]);
    return st;
}

static tarn_status same_lists(tarn_snapshot *const snaps[2],
    const tarn__id *node, bool *same, tarn_error *err)
{
    tarn__content lists[2] = {TARN__CONTENT_INIT, TARN__CONTENT_INIT};
    tarn_status st = tarn__tree_content(snaps[0], node, false, &lists[0], err);
    if (st == TARN_OK)
        st = tarn__tree_content(snaps[1], node, false, &lists[1], err);
    *same = st == TARN_OK && lists[0].count == lists[1].count;
    for (size_t i = 0; st == TARN_OK && *same && i < lists[0].count; i++) {
        const tarn__item *const pair[2] = {
            &lists[0].items[i], &lists[1].items[i]};
        st = same_item(snaps, node, pair, same, err);
    }
    tarn__content_reset(&lists[0]);
    tarn__content_reset(&lists[1]);
    return st;
}

tarn_status tarn__items_same(tarn_snapshot *a, tarn_snapshot *b,
    const tarn__id *node, bool *same, tarn_error *err)
{
    tarn_snapshot *const snaps[2] = {a, b};
    tarn_buf hold[2] = {TARN_BUF_INIT, TARN_BUF_INIT};
    tarn__item newest[2];
    bool found[2] = {false, false};
    tarn_status st = TARN_OK;

    *same = false;
    for (int i = 0; st == TARN_OK && i < 2; i++)
        st = tarn__item_newest(
            snaps[i], node, &newest[i], &hold[i], &found[i], err);
    if (st == TARN_OK && (!found[0] || !found[1]))
        *same = found[0] == found[1];
    else if (st == TARN_OK && newest[0].version == newest[1].version &&
        newest[0].seq == newest[1].seq)
        *same = true;
    else if (st == TARN_OK && newest[0].total_items == newest[1].total_items &&
        newest[0].total_bytes == newest[1].total_bytes)
        st = same_lists(snaps, node, same, err);
    tarn_buf_reset(&hold[0]);
    tarn_buf_reset(&hold[1]);
    return st;
}

#include "tree/walk.h"

#include <string.h>

#include "base/error.h"

typedef struct level {
    tarn__id folder;
    tarn__id *children;
    size_t count, cap, next;
} level;

typedef struct walk {
    tarn_snapshot *snap;
    tarn__walk_fn fn;
    void *arg;
    level *levels;
    size_t depth, cap;
} walk;

static tarn_status open_entries(
    tarn_snapshot *snap, const tarn__id *id, tarn__scan **scan, tarn_error *err)
{
    const tarn_slice prefix = {(const char *)id->bytes, sizeof id->bytes};
    return tarn__read_scan(
        snap, TARN__FAMILY_ENTRY, prefix, (tarn_slice){NULL, 0}, scan, err);
}

static tarn_status add_child(level *l, tarn_slice payload, tarn_error *err)
{
    tarn__id child;
    tarn__kind kind;
    void *raw = l->children;

    if (!tarn__entry_decode(payload, &child, &kind))
        return tarn__fail(err, TARN_CORRUPT,
            "views/key: an entry is malformed (tarn rebuild key)");
    tarn_status st =
        tarn__grow(&raw, &l->cap, l->count + 1, sizeof *l->children, err);
    l->children = raw;
    if (st == TARN_OK)
        l->children[l->count++] = child;
    return st;
}

static tarn_status read_children(tarn_snapshot *snap, level *l, tarn_error *err)
{
    tarn__scan *scan = NULL;
    tarn_slice key, payload;

    tarn_status st = open_entries(snap, &l->folder, &scan, err);
    while (st == TARN_OK &&
        (st = tarn__scan_next(scan, &key, &payload, NULL, err)) == TARN_ROW)
        st = add_child(l, payload, err);
    tarn__scan_free(scan);
    return st;
}

static tarn_status enter(walk *w, const tarn__id *id, tarn_error *err)
{
    void *raw = w->levels;
    tarn_status st =
        tarn__grow(&raw, &w->cap, w->depth + 1, sizeof *w->levels, err);

    w->levels = raw;
    if (st != TARN_OK)
        return st;
    level *l = &w->levels[w->depth++];
    *l = (level){.folder = *id};
    return read_children(w->snap, l, err);
}

static tarn_status visit(
    walk *w, const tarn__id *id, bool leaving, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;

    tarn_status st = tarn__node_load(w->snap, id, &node, &payload, err);
    if (st == TARN_OK)
        st = w->fn(w->arg, &node, leaving, err);
    if (st == TARN_OK && !leaving && node.kind == TARN__KIND_DIR)
        st = enter(w, id, err);
    tarn_buf_reset(&payload);
    return st;
}

tarn_status tarn__tree_walk(tarn_snapshot *snap, const tarn__id *id,
    tarn__walk_fn fn, void *arg, tarn_error *err)
{
    walk w = {snap, fn, arg, NULL, 0, 0};

    tarn_status st = visit(&w, id, false, err);
    while (st == TARN_OK && w.depth > 0) {
        level *l = &w.levels[w.depth - 1];
        if (l->next < l->count) {
            st = visit(&w, &l->children[l->next++], false, err);
            continue;
        }
        const tarn__id folder = l->folder;
        tarn__free(l->children);
        w.depth--;
        st = visit(&w, &folder, true, err);
    }
    while (w.depth > 0)
        tarn__free(w.levels[--w.depth].children);
    tarn__free(w.levels);
    return st;
}

tarn_status tarn__folder_empty(
    tarn_snapshot *snap, const tarn__id *id, bool *empty, tarn_error *err)
{
    tarn__scan *scan = NULL;
    tarn_slice key, payload;

    *empty = true;
    tarn_status st = open_entries(snap, id, &scan, err);
    if (st == TARN_OK)
        st = tarn__scan_next(scan, &key, &payload, NULL, err);
    tarn__scan_free(scan);
    if (st != TARN_ROW)
        return st;
    *empty = false;
    return TARN_OK;
}

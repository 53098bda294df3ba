/* revert: a node, or a folder with all below it, as it was at a version.
 *
 * In three passes, so that names may have changed hands in any way: what has
 * come since goes; what stands in another place below the path leaves it; then
 * each node of that version gets its place, attributes and content.
 *
 * V1  Nothing outside of the path changes: a node that was moved out of it stays
 *     where it is, and a new one comes in its place.  All others keep their
 *     ids. */
#include <string.h>

#include "base/error.h"
#include "base/ordmap.h"
#include "base/str.h"
#include "tree/draft.h"
#include "tree/items.h"
#include "tree/path.h"
#include "tree/put.h"
#include "tree/walk.h"

typedef struct revert {
    char *path;
    tarn_snapshot *old;
} revert;

typedef struct work {
    tarn_txn *txn;
    tarn_snapshot *old;
    tarn__id top;    /* of the version's node */
    tarn__id parent; /* that holds it now */
    tarn_slice name;
    tarn__ordmap *wanted; /* ids of the version's nodes */
    tarn__ordmap *here;   /* those of them that stand below the path now */
    tarn__ordmap *fresh;  /* and of those that stand elsewhere, the new ids */
} work;

static void revert_free(void *arg)
{
    revert *r = arg;

    tarn_snapshot_free(r->old);
    tarn__free(r->path);
    tarn__free(r);
}

static const tarn_slice present = {"", 0};

static tarn_slice id_key(const tarn__id *id)
{
    return (tarn_slice){(const char *)id->bytes, sizeof id->bytes};
}

static bool has(const tarn__ordmap *map, const tarn__id *id)
{
    tarn_slice ignored;
    return tarn__ordmap_get(map, id_key(id), &ignored);
}

static bool is_root(const tarn__id *id)
{
    return tarn__id_eq(id, &tarn__root_id);
}

static tarn_status want(
    void *arg, const tarn__node *node, bool leaving, tarn_error *err)
{
    work *w = arg;
    return leaving
        ? TARN_OK
        : tarn__ordmap_put(w->wanted, id_key(&node->id), present, err);
}

static tarn_status drop(work *w, const tarn__node *node, tarn_error *err)
{
    const tarn__draft gone = tarn__draft_of(node);

    return tarn__draft_delete(w->txn, &gone, err);
}

static tarn_status drop_unwanted(
    void *arg, const tarn__node *node, bool leaving, tarn_error *err)
{
    work *w = arg;

    if (has(w->wanted, &node->id))
        return leaving
            ? TARN_OK
            : tarn__ordmap_put(w->here, id_key(&node->id), present, err);
    if (node->kind == TARN__KIND_DIR && !leaving)
        return TARN_OK;
    return drop(w, node, err);
}

/* Where the version's node is to stand now. */
static tarn__draft place_for(const work *w, const tarn__node *node)
{
    tarn__draft draft = tarn__draft_of(node);
    tarn_slice fresh;

    if (tarn__ordmap_get(w->fresh, id_key(&node->parent), &fresh))
        memcpy(draft.parent.bytes, fresh.ptr, sizeof draft.parent.bytes);
    if (tarn__id_eq(&node->id, &w->top) && !is_root(&node->id)) {
        draft.parent = w->parent;
        draft.name = w->name;
    }
    return draft;
}

/* What stands elsewhere below the path leaves its place first. */
static tarn_status vacate(
    void *arg, const tarn__node *node, bool leaving, tarn_error *err)
{
    work *w = arg;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node now;
    bool found = false;

    if (leaving || is_root(&node->id) || !has(w->here, &node->id))
        return TARN_OK;
    const tarn__draft draft = place_for(w, node);
    tarn_status st = tarn__node_find(
        tarn_txn_snapshot(w->txn), &node->id, &now, &payload, &found, err);
    if (st == TARN_OK && found &&
        (!tarn__id_eq(&now.parent, &draft.parent) ||
            !tarn__slice_eq(now.name, draft.name)))
        st = drop(w, &now, err);
    tarn_buf_reset(&payload);
    return st;
}

/* V1: a new node, as that one was. */
static tarn_status renew(work *w, tarn__draft *draft, tarn_error *err)
{
    const tarn__id old = draft->id;

    tarn_status st = tarn__id_new(&draft->id, err);
    return st == TARN_OK
        ? tarn__ordmap_put(w->fresh, id_key(&old), id_key(&draft->id), err)
        : st;
}

static tarn_status restore(
    void *arg, const tarn__node *node, bool leaving, tarn_error *err)
{
    work *w = arg;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node now;
    bool found = false, same = true;

    if (leaving || is_root(&node->id))
        return TARN_OK;
    tarn__draft draft = place_for(w, node);
    tarn_status st = tarn__node_find(
        tarn_txn_snapshot(w->txn), &node->id, &now, &payload, &found, err);
    if (st == TARN_OK && found && !has(w->here, &node->id)) {
        st = renew(w, &draft, err);
        found = false;
    }
    bool whole = found && now.kind == node->kind &&
        tarn__slice_eq(now.attrs, node->attrs);
    tarn_buf_reset(&payload);
    /* A delete ended its content too, though the view may still have it. */
    if (st == TARN_OK && tarn__kind_has_content(node->kind)) {
        same = false;
        if (found)
            st = tarn__items_same(
                w->old, tarn_txn_snapshot(w->txn), &node->id, &same, err);
    }
    if (st != TARN_OK || (whole && same))
        return st;
    return same
        ? tarn__draft_put(w->txn, &draft, err)
        : tarn__draft_copy_content(w->txn, &draft, w->old, &node->id, err);
}

/* What stands at the path now, unless it is the very node. */
static tarn_status clear_place(work *w, const tarn__place *now, tarn_error *err)
{
    if (now->missing > 0)
        return TARN_OK;
    return tarn__tree_walk(tarn_txn_snapshot(w->txn),
        &tarn__place_last(now)->id, drop_unwanted, w, err);
}

static tarn_status find_parent(work *w, const tarn__place *now, tarn_error *err)
{
    int64_t count = 0;
    bool made;

    if (is_root(&w->top))
        return TARN_OK;
    w->name = tarn__place_name(now);
    return tarn__plant_parents(w->txn, now, &w->parent, &made, &count, err);
}

static tarn_status run_passes(work *w, const tarn__place *now, tarn_error *err)
{
    tarn_status st = tarn__tree_walk(w->old, &w->top, want, w, err);
    if (st == TARN_OK)
        st = find_parent(w, now, err);
    if (st == TARN_OK)
        st = clear_place(w, now, err);
    if (st == TARN_OK)
        st = tarn__tree_walk(w->old, &w->top, vacate, w, err);
    if (st == TARN_OK)
        st = tarn__tree_walk(w->old, &w->top, restore, w, err);
    return st;
}

static tarn_status run(tarn_txn *txn, void *arg, tarn_error *err)
{
    const revert *r = arg;
    work w = {.txn = txn, .old = r->old};
    tarn__place then = TARN__PLACE_INIT, now = TARN__PLACE_INIT;

    tarn_status st =
        tarn__place_find(r->old, r->path, TARN__FIND_NODE, &then, err);
    if (st == TARN_OK)
        st = tarn__place_find(
            tarn_txn_snapshot(txn), r->path, TARN__FIND_MISSING, &now, err);
    if (st == TARN_OK)
        st = tarn__ordmap_create(&w.wanted, err);
    if (st == TARN_OK)
        st = tarn__ordmap_create(&w.here, err);
    if (st == TARN_OK)
        st = tarn__ordmap_create(&w.fresh, err);
    if (st == TARN_OK) {
        w.top = tarn__place_last(&then)->id;
        st = run_passes(&w, &now, err);
    }
    tarn__ordmap_free(w.wanted);
    tarn__ordmap_free(w.here);
    tarn__ordmap_free(w.fresh);
    tarn__place_reset(&then);
    tarn__place_reset(&now);
    return st;
}

tarn_status tarn_tree_revert(
    tarn_txn *txn, const char *path, int64_t version, tarn_error *err)
{
    static const tarn__step step = {run, revert_free};
    revert *r = tarn__calloc(1, sizeof *r);

    if (r == NULL)
        return tarn__no_memory(err);
    r->path = tarn__strdup(path);
    tarn_status st = r->path != NULL ? TARN_OK : tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn_snapshot_open(tarn__txn_lake(txn), version, &r->old, err);
    if (st != TARN_OK) {
        revert_free(r);
        return st;
    }
    return tarn__txn_step(txn, &step, r, err);
}

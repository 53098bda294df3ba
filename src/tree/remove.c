/* rm: a node, or a folder with all below it; one delete a node, the deepest
 * first. */
#include <string.h>

#include "base/error.h"
#include "tree/draft.h"
#include "tree/node.h"
#include "tree/walk.h"

typedef struct removal {
    char *path;
    bool recursive;
} removal;

static void removal_free(void *arg)
{
    removal *r = arg;

    tarn__free(r->path);
    tarn__free(r);
}

static tarn_status remove_one(
    void *arg, const tarn__node *node, bool leaving, tarn_error *err)
{
    tarn_txn *txn = arg;

    if (node->kind == TARN__KIND_DIR && !leaving)
        return TARN_OK; /* its inside first */
    const tarn__draft gone = tarn__draft_of(node);
    return tarn__draft_delete(txn, &gone, err);
}

static tarn_status run(tarn_txn *txn, void *arg, tarn_error *err)
{
    const removal *r = arg;
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn__place place = TARN__PLACE_INIT;
    bool empty = true;

    tarn_status st =
        tarn__place_find(snap, r->path, TARN__FIND_NODE, &place, err);
    if (st == TARN_OK && tarn__place_parent(&place) == NULL)
        st = tarn__fail(err, TARN_INVALID,
            "/: the root cannot be removed (remove what is in it)");
    if (st == TARN_OK && !r->recursive &&
        tarn__place_last(&place)->kind == TARN__KIND_DIR)
        st = tarn__folder_empty(
            snap, &tarn__place_last(&place)->id, &empty, err);
    if (st == TARN_OK && !empty)
        st = tarn__fail(err, TARN_CONFLICT,
            "%s: is a folder with something in it (rm -r removes all)",
            r->path);
    if (st == TARN_OK)
        st = tarn__tree_walk(
            snap, &tarn__place_last(&place)->id, remove_one, txn, err);
    tarn__place_reset(&place);
    return st;
}

tarn_status tarn_tree_rm(
    tarn_txn *txn, const char *path, bool recursive, tarn_error *err)
{
    static const tarn__step step = {run, removal_free};
    removal *r = tarn__calloc(1, sizeof *r);

    if (r == NULL)
        return tarn__no_memory(err);
    r->recursive = recursive;
    r->path = tarn__strdup(path);
    if (r->path == NULL) {
        tarn__free(r);
        return tarn__no_memory(err);
    }
    return tarn__txn_step(txn, &step, r, err);
}

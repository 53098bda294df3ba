/* cp inside the lake: content lists are shared, no bytes move. */
#include <string.h>

#include "base/error.h"
#include "tree/path.h"
#include "tree/put.h"
#include "tree/walk.h"

typedef struct copying {
    tarn__seeds *seeds;
    const tarn__id *top; /* the folder whose inside it is; not seeded */
} copying;

static tarn_status seed_link(
    tarn__seeds *seeds, const tarn__node *node, tarn_error *err)
{
    char *target = NULL;

    tarn_status st = tarn__node_attr(node, "target", &target, err);
    if (st == TARN_OK) {
        const tarn__seed seed = {.type = TARN__SEED_LINK,
            .name = node->name,
            .kind = TARN__KIND_LINK,
            .target = tarn_str(target != NULL ? target : "")};
        st = tarn__seeds_add(seeds, &seed, err);
    }
    tarn__free(target);
    return st;
}

static tarn_status seed_node(
    void *arg, const tarn__node *node, bool leaving, tarn_error *err)
{
    copying *c = arg;

    if (tarn__id_eq(&node->id, c->top))
        return TARN_OK;
    if (node->kind == TARN__KIND_DIR)
        return leaving ? tarn__seeds_leave(c->seeds, err)
                       : tarn__seeds_dir(c->seeds, node->name, err);
    if (node->kind == TARN__KIND_LINK)
        return seed_link(c->seeds, node, err);
    const tarn__seed seed = {.type = TARN__SEED_COPY,
        .name = node->name,
        .kind = node->kind,
        .from = node->id,
        .attrs = node->attrs};
    return tarn__seeds_add(c->seeds, &seed, err);
}

/* Is the destination the source, or inside of it? */
static tarn_status check_apart(tarn_txn *txn, const tarn__put *put,
    const tarn__id *source, tarn_error *err)
{
    tarn__place to = TARN__PLACE_INIT;
    bool within = false;

    tarn_status st = tarn__place_find(tarn_txn_snapshot(txn), put->path,
        TARN__FIND_FOLLOW | TARN__FIND_MISSING, &to, err);
    for (size_t i = 0; st == TARN_OK && i < to.count; i++)
        within = within || tarn__id_eq(&to.levels[i].id, source);
    if (st == TARN_OK && within)
        st = tarn__fail(err, TARN_INVALID,
            "%s: cannot be copied onto or into itself (give another place)",
            put->copy_from);
    tarn__place_reset(&to);
    return st;
}

tarn_status tarn__copy_seeds(tarn_txn *txn, tarn__put *put, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn__place from = TARN__PLACE_INIT;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;
    static const tarn__id none = {{0}};

    tarn__seeds_reset(&put->seeds);
    tarn__seeds_init(&put->seeds, tarn__txn_lake(txn));
    tarn_status st =
        tarn__place_find(snap, put->copy_from, TARN__FIND_NODE, &from, err);
    if (st == TARN_OK)
        st = tarn__node_load(
            snap, &tarn__place_last(&from)->id, &node, &payload, err);
    if (st == TARN_OK)
        st = check_apart(txn, put, &node.id, err);
    if (st == TARN_OK) {
        put->folder = node.kind == TARN__KIND_DIR;
        copying c = {&put->seeds, put->folder ? &node.id : &none};
        st = tarn__tree_walk(snap, &node.id, seed_node, &c, err);
    }
    tarn__place_reset(&from);
    tarn_buf_reset(&payload);
    return st;
}

tarn_status tarn_tree_cp(
    tarn_txn *txn, const char *from, const char *to, tarn_error *err)
{
    static const tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    tarn_buf clean = TARN_BUF_INIT;
    tarn__put *put = NULL;

    tarn_status st = tarn__path_clean(tarn_str(from), &clean, err);
    if (st == TARN_OK && clean.len == 1)
        st = tarn__fail(err, TARN_INVALID,
            "/: the root cannot be copied (copy what is in it)");
    if (st == TARN_OK) {
        tarn_slice name = tarn__path_name(tarn__buf_slice(&clean));
        st = tarn__put_create(txn, to, name.ptr, &options, &put, err);
    }
    if (st == TARN_OK) {
        put->rules.copying = true;
        put->copy_from = clean.ptr;
        clean = (tarn_buf)TARN_BUF_INIT;
        st = tarn__put_run(txn, put, NULL, err);
    }
    tarn_buf_reset(&clean);
    return st;
}

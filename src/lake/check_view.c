/* The key view against a replay (I3), its clock (I7), and the tree's shape. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "lake/check.h"
#include "os/file.h"

/* Entries of one family of one database, those above `applied` left out. */
typedef struct side {
    tarn__rocks_iter *it;
    int64_t applied;
} side;

static bool above(const side *s)
{
    tarn_slice key = tarn__rocks_iter_key(s->it);

    return key.len >= TARN__VERSION_BYTES &&
        (int64_t)~tarn__be64(key.ptr + key.len - TARN__VERSION_BYTES) >
        s->applied;
}

static bool settle(side *s)
{
    while (tarn__rocks_iter_valid(s->it) && above(s))
        tarn__rocks_iter_next(s->it);
    return tarn__rocks_iter_valid(s->it);
}

static tarn_status compare_sides(side *view, side *replay, const char *family,
    tarn__faults *faults, tarn_error *err)
{
    tarn__rocks_iter_first(view->it);
    tarn__rocks_iter_first(replay->it);
    for (;;) {
        bool a = settle(view);
        bool b = settle(replay);
        if (!a && !b)
            break;
        if (a != b ||
            !tarn__slice_eq(tarn__rocks_iter_key(view->it),
                tarn__rocks_iter_key(replay->it)) ||
            !tarn__slice_eq(tarn__rocks_iter_value(view->it),
                tarn__rocks_iter_value(replay->it)))
            return tarn__fault(faults, "I3", family,
                "the key view differs from a replay of the log (tarn rebuild "
                "key)",
                err);
        tarn__rocks_iter_next(view->it);
        tarn__rocks_iter_next(replay->it);
    }
    tarn_status st = tarn__rocks_iter_status(view->it, err);
    return st == TARN_OK ? tarn__rocks_iter_status(replay->it, err) : st;
}

static tarn_status compare_family(tarn_lake *lake, tarn__rocks *replay,
    size_t family, int64_t applied, tarn__faults *faults, tarn_error *err)
{
    side a = {NULL, applied};
    side b = {NULL, applied};

    tarn_status st =
        tarn__rocks_iter_create(lake->view.db, family, false, &a.it, err);
    if (st == TARN_OK)
        st = tarn__rocks_iter_create(replay, family, false, &b.it, err);
    if (st == TARN_OK)
        st = compare_sides(
            &a, &b, tarn__view_rocks.families[family].name, faults, err);
    tarn__rocks_iter_free(a.it);
    tarn__rocks_iter_free(b.it);
    return st;
}

static tarn_status compare_views(
    tarn_lake *lake, const char *path, tarn__faults *faults, tarn_error *err)
{
    tarn__rocks *replay = NULL;
    tarn_status st =
        tarn__rocks_open_read(path, &tarn__view_rocks, &replay, err);

    pthread_rwlock_rdlock(&lake->view.lock);
    for (size_t f = TARN__FAMILY_META + 1;
         st == TARN_OK && f < TARN__FAMILY_COUNT && lake->view.db != NULL; f++)
        st = compare_family(
            lake, replay, f, lake->view.applied.version, faults, err);
    pthread_rwlock_unlock(&lake->view.lock);
    tarn__rocks_close(replay);
    return st;
}

/* The replay's database stands in the scratch folder. */
tarn_status tarn__check_key_view(
    tarn_lake *lake, int64_t head, tarn__faults *faults, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    tarn__applied applied = lake->view.applied;
    bool matches;

    if (lake->view.mode != TARN__VIEW_READ &&
        lake->view.mode != TARN__VIEW_WRITE)
        return TARN_OK; /* made from the log a moment ago, in memory */
    if (applied.excess)
        return TARN_OK; /* gc is at work, or was killed: it is made anew */
    tarn_status st = tarn__applied_matches(lake, &applied, head, &matches, err);
    if (st == TARN_OK && !matches)
        return tarn__fault(faults, "I7", "views/key",
            "the key view belongs to another timeline (tarn rebuild key)", err);
    if (st == TARN_OK)
        st = tarn__lake_scratch(lake, &scratch, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__scratch_name(scratch, ".check");
    if (path == NULL)
        return tarn__no_memory(err);
    st = tarn__build_key(lake, path, applied.version, err);
    if (st == TARN_OK)
        st = compare_views(lake, path, faults, err);
    /* What stays goes with the scratch folder. */
    if (tarn__remove_tree(path, NULL) != TARN_OK)
        tarn__log(
            &lake->logger, TARN__LOG_INFO, "lake", "leftover", "path=%s", path);
    tarn__free(path);
    return st;
}

/* --- the tree --- */

static tarn_status tree_fault(
    tarn__faults *faults, const tarn__id *id, const char *what, tarn_error *err)
{
    char where[TARN__ID_TEXT_BYTES];
    return tarn__fault(faults, "tree", tarn__id_format(id, where), what, err);
}

static tarn_status check_place(tarn_snapshot *snap, const tarn__node *node,
    tarn__faults *faults, tarn_error *err)
{
    tarn_buf key = TARN_BUF_INIT;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__id child;
    tarn__kind kind;
    bool found = false;

    tarn_status st = tarn__entry_key(&key, &node->parent, node->name, err);
    if (st == TARN_OK)
        st = tarn__read_get(snap, TARN__FAMILY_ENTRY, tarn__buf_slice(&key),
            &payload, &found, NULL, err);
    if (st == TARN_OK &&
        (!found ||
            !tarn__entry_decode(tarn__buf_slice(&payload), &child, &kind) ||
            !tarn__id_eq(&child, &node->id) || kind != node->kind))
        st = tree_fault(faults, &node->id,
            "the node has no entry in its folder (report this)", err);
    tarn_buf_reset(&key);
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status check_parent(tarn_snapshot *snap, const tarn__node *node,
    tarn__faults *faults, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn_slice key = {(const char *)node->parent.bytes, 16};
    tarn__node parent;
    bool found = true;

    if (tarn__id_eq(&node->parent, &tarn__root_id))
        return TARN_OK;
    tarn_status st = tarn__read_get(
        snap, TARN__FAMILY_NODE, key, &payload, &found, NULL, err);
    if (st == TARN_OK &&
        (!found ||
            !tarn__node_decode(
                &node->parent, tarn__buf_slice(&payload), 0, &parent) ||
            parent.kind != TARN__KIND_DIR))
        st = tree_fault(faults, &node->id,
            "the node's parent is no folder (report this)", err);
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status check_node(tarn_snapshot *snap, tarn_slice key,
    tarn_slice payload, tarn__faults *faults, tarn_error *err)
{
    tarn__id id;
    tarn__node node;

    if (key.len != sizeof id.bytes)
        return tarn__fault(
            faults, "I3", "node", "a node's key is malformed", err);
    memcpy(id.bytes, key.ptr, sizeof id.bytes);
    if (!tarn__node_decode(&id, payload, 0, &node))
        return tree_fault(faults, &id, "the node is malformed", err);
    if (tarn__id_eq(&id, &tarn__root_id))
        return TARN_OK;
    tarn_status st = check_place(snap, &node, faults, err);
    return st == TARN_OK ? check_parent(snap, &node, faults, err) : st;
}

static tarn_status check_entry(tarn_snapshot *snap, tarn_slice payload,
    tarn__faults *faults, tarn_error *err)
{
    tarn_buf node = TARN_BUF_INIT;
    tarn__id child;
    tarn__kind kind;
    bool found = false;

    if (!tarn__entry_decode(payload, &child, &kind))
        return tarn__fault(faults, "I3", "entry", "an entry is malformed", err);
    tarn_status st = tarn__read_get(snap, TARN__FAMILY_NODE,
        (tarn_slice){(const char *)child.bytes, 16}, &node, &found, NULL, err);
    if (st == TARN_OK && !found)
        st = tree_fault(
            faults, &child, "an entry without its node (report this)", err);
    tarn_buf_reset(&node);
    return st;
}

static tarn_status check_family(tarn_snapshot *snap, tarn__family family,
    tarn__faults *faults, tarn_error *err)
{
    tarn_slice none = {"", 0};
    tarn__scan *scan = NULL;
    tarn_slice key, payload;

    tarn_status st =
        tarn__read_scan(snap, family, none, (tarn_slice){NULL, 0}, &scan, err);
    while (st == TARN_OK &&
        (st = tarn__scan_next(scan, &key, &payload, NULL, err)) == TARN_ROW)
        st = family == TARN__FAMILY_NODE
            ? check_node(snap, key, payload, faults, err)
            : check_entry(snap, payload, faults, err);
    tarn__scan_free(scan);
    return st;
}

tarn_status tarn__check_tree(
    tarn_lake *lake, tarn__faults *faults, tarn_error *err)
{
    tarn_snapshot *snap = NULL;

    tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = check_family(snap, TARN__FAMILY_NODE, faults, err);
    if (st == TARN_OK)
        st = check_family(snap, TARN__FAMILY_ENTRY, faults, err);
    tarn_snapshot_free(snap);
    return st;
}

/* mkdir, ln, mv: names come and change. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "tree/path.h"
#include "tree/seed.h"

/* A step of two paths and a flag. */
typedef struct edit {
    char *a;
    char *b;
    bool flag;
} edit;

static void edit_free(void *arg)
{
    edit *e = arg;

    tarn__free(e->a);
    tarn__free(e->b);
    tarn__free(e);
}

static tarn_status take_step(tarn_txn *txn, const tarn__step *step,
    const char *a, const char *b, bool flag, tarn_error *err)
{
    edit *e = tarn__calloc(1, sizeof *e);

    if (e == NULL)
        return tarn__no_memory(err);
    e->a = tarn__strdup(a);
    e->b = b != NULL ? tarn__strdup(b) : NULL;
    e->flag = flag;
    if (e->a == NULL || (b != NULL && e->b == NULL)) {
        edit_free(e);
        return tarn__no_memory(err);
    }
    return tarn__txn_step(txn, step, e, err);
}

/* --- mkdir --- */

static tarn_status run_mkdir(tarn_txn *txn, void *arg, tarn_error *err)
{
    const edit *e = arg;
    tarn__place place = TARN__PLACE_INIT;
    tarn__id parent, made;
    bool fresh;
    int64_t count = 0;

    tarn_status st = tarn__place_find(tarn_txn_snapshot(txn), e->a,
        TARN__FIND_FOLLOW | TARN__FIND_MISSING, &place, err);
    if (st == TARN_OK && place.missing == 0) {
        if (!e->flag || tarn__place_last(&place)->kind != TARN__KIND_DIR)
            st = tarn__fail(err, TARN_EXISTS, "%s: is there already%s", e->a,
                e->flag ? ", and is no folder (give another path)"
                        : " (mkdir -p is content with that)");
    } else if (st == TARN_OK && place.missing > 1 && !e->flag) {
        st = tarn__fail(err, TARN_NOT_FOUND,
            "%s: its folder is not there (make it too with mkdir -p)", e->a);
    } else if (st == TARN_OK) {
        st = tarn__plant_parents(txn, &place, &parent, &fresh, &count, err);
        if (st == TARN_OK)
            st = tarn__plant_dir(
                txn, &parent, tarn__place_name(&place), &made, err);
    }
    tarn__place_reset(&place);
    return st;
}

tarn_status tarn_tree_mkdir(
    tarn_txn *txn, const char *path, bool parents, tarn_error *err)
{
    static const tarn__step step = {run_mkdir, edit_free};
    return take_step(txn, &step, path, NULL, parents, err);
}

/* --- ln --- */

static tarn_status run_ln(tarn_txn *txn, void *arg, tarn_error *err)
{
    const edit *e = arg; /* a: the link, b: its target */
    const tarn__plant_rules rules = {false, false, false};
    tarn__place place = TARN__PLACE_INIT;
    tarn__id parent;
    bool fresh;
    int64_t count = 0;

    tarn_status st = tarn__place_find(
        tarn_txn_snapshot(txn), e->a, TARN__FIND_MISSING, &place, err);
    if (st == TARN_OK && place.missing == 0)
        st = tarn__fail(err, TARN_EXISTS,
            "%s: is there already (tarn rm it, or give another path)", e->a);
    if (st == TARN_OK && place.missing > 1)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "%s: its folder is not there (make it with tarn mkdir -p)", e->a);
    if (st == TARN_OK)
        st = tarn__plant_parents(txn, &place, &parent, &fresh, &count, err);
    const tarn__seed seed = {.type = TARN__SEED_LINK,
        .kind = TARN__KIND_LINK,
        .name = st == TARN_OK ? tarn__place_name(&place) : (tarn_slice){"", 0},
        .target = tarn_str(e->b)};
    if (st == TARN_OK)
        st =
            tarn__plant_one(txn, &parent, true, &seed, &rules, "", &count, err);
    tarn__place_reset(&place);
    return st;
}

tarn_status tarn_tree_ln(
    tarn_txn *txn, const char *target, const char *path, tarn_error *err)
{
    static const tarn__step step = {run_ln, edit_free};

    if (target[0] == '\0' || !tarn__utf8_valid(tarn_str(target)))
        return tarn__fail(err, TARN_INVALID,
            "%s: a link needs a target in UTF-8 (give one)", path);
    return take_step(txn, &step, path, target, false, err);
}

/* --- mv --- */

typedef struct move {
    tarn__place from, to;
    tarn__id parent; /* that will hold it */
    tarn_slice name;
    tarn__node node; /* that moves */
    tarn_buf payload;
    bool over; /* something stands there and goes */
    tarn__id over_id;
} move;

/* Into a folder that is there under the old name; else as the path. */
static tarn_status find_target(
    tarn_txn *txn, const edit *e, move *m, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn__kind kind;

    tarn_status st = tarn__place_find(
        snap, e->b, TARN__FIND_FOLLOW | TARN__FIND_MISSING, &m->to, err);
    if (st != TARN_OK)
        return st;
    const tarn__level *last = tarn__place_last(&m->to);
    bool there = m->to.missing == 0;
    if (there && last->kind == TARN__KIND_DIR) {
        m->parent = last->id;
        m->name = tarn__place_name(&m->from);
        return tarn__entry_find(
            snap, &m->parent, m->name, &m->over_id, &kind, &m->over, err);
    }
    if (tarn__path_names_folder(e->b))
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: no such folder (make it with tarn mkdir -p)", e->b);
    /* No folder: a link there is what gives way, not where it leads. */
    tarn__place_reset(&m->to);
    st = tarn__place_find(snap, e->b, TARN__FIND_MISSING, &m->to, err);
    if (st != TARN_OK)
        return st;
    last = tarn__place_last(&m->to);
    there = m->to.missing == 0;
    if (m->to.missing > 1)
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: its folder is not there (make it with tarn mkdir -p)", e->b);
    m->parent = there ? tarn__place_parent(&m->to)->id : last->id;
    m->name = tarn__place_name(&m->to);
    m->over = there;
    if (there)
        m->over_id = last->id;
    return TARN_OK;
}

static tarn_status check_move(
    tarn_txn *txn, const edit *e, move *m, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn__node over;
    tarn_buf payload = TARN_BUF_INIT;

    for (size_t i = 0; i < m->to.count; i++)
        if (tarn__id_eq(&m->to.levels[i].id, &m->node.id) &&
            m->node.kind == TARN__KIND_DIR)
            return tarn__fail(err, TARN_INVALID,
                "%s: cannot move into itself (give another place)", e->a);
    if (!m->over || tarn__id_eq(&m->over_id, &m->node.id))
        return TARN_OK;
    tarn_status st = tarn__node_load(snap, &m->over_id, &over, &payload, err);
    if (st == TARN_OK &&
        (over.kind == TARN__KIND_DIR || m->node.kind == TARN__KIND_DIR))
        st = tarn__fail(err, TARN_EXISTS,
            "%s: a %s of that name is there already (tarn rm it, or give "
            "another name)",
            e->b, tarn__kind_name(over.kind));
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status drop_over(tarn_txn *txn, const move *m, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node over;

    tarn_status st = tarn__node_load(
        tarn_txn_snapshot(txn), &m->over_id, &over, &payload, err);
    if (st == TARN_OK) {
        const tarn__draft gone = tarn__draft_of(&over);
        st = tarn__draft_delete(txn, &gone, err);
    }
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status move_node(
    tarn_txn *txn, const edit *e, move *m, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);

    tarn_status st =
        tarn__place_find(snap, e->a, TARN__FIND_NODE, &m->from, err);
    if (st == TARN_OK && tarn__place_parent(&m->from) == NULL)
        st = tarn__fail(err, TARN_INVALID,
            "/: the root stays where it is (move what is in it)");
    if (st == TARN_OK)
        st = tarn__node_load(
            snap, &tarn__place_last(&m->from)->id, &m->node, &m->payload, err);
    if (st == TARN_OK)
        st = find_target(txn, e, m, err);
    if (st == TARN_OK)
        st = tarn__name_check(m->name, err);
    if (st == TARN_OK)
        st = check_move(txn, e, m, err);
    if (st != TARN_OK || (m->over && tarn__id_eq(&m->over_id, &m->node.id)))
        return st;
    if (m->over)
        st = drop_over(txn, m, err);
    tarn__draft draft = tarn__draft_of(&m->node);
    draft.moved = true;
    draft.from_parent = m->node.parent;
    draft.from_name = m->node.name;
    draft.parent = m->parent;
    draft.name = m->name;
    return st == TARN_OK ? tarn__draft_put(txn, &draft, err) : st;
}

static tarn_status run_mv(tarn_txn *txn, void *arg, tarn_error *err)
{
    move m = {.from = TARN__PLACE_INIT,
        .to = TARN__PLACE_INIT,
        .payload = TARN_BUF_INIT};

    tarn_status st = move_node(txn, arg, &m, err);
    tarn__place_reset(&m.from);
    tarn__place_reset(&m.to);
    tarn_buf_reset(&m.payload);
    return st;
}

tarn_status tarn_tree_mv(
    tarn_txn *txn, const char *from, const char *to, tarn_error *err)
{
    static const tarn__step step = {run_mv, edit_free};
    return take_step(txn, &step, from, to, false, err);
}

/* From path to node. */
#include "tree/node.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "tree/path.h"

#define MAX_LINKS 40

typedef struct walk {
    tarn_snapshot *snap;
    const char *given; /* for messages */
    tarn__parts rest;  /* names that are still to be gone */
    tarn_buf expanded; /* where `rest` points once a link was met */
    int links;
    unsigned how;
} walk;

tarn_status tarn__entry_find(tarn_snapshot *snap, const tarn__id *parent,
    tarn_slice name, tarn__id *child, tarn__kind *kind, bool *found,
    tarn_error *err)
{
    tarn_buf key = TARN_BUF_INIT;
    tarn_buf payload = TARN_BUF_INIT;
    tarn_status st = tarn__entry_key(&key, parent, name, err);
    if (st == TARN_OK)
        st = tarn__read_get(snap, TARN__FAMILY_ENTRY, tarn__buf_slice(&key),
            &payload, found, NULL, err);
    if (st == TARN_OK && *found &&
        !tarn__entry_decode(tarn__buf_slice(&payload), child, kind))
        st = tarn__fail(err, TARN_CORRUPT,
            "the entry '%.*s' of the key view: does not parse (tarn rebuild "
            "key)",
            (int)name.len, name.ptr);
    tarn_buf_reset(&key);
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status push(
    tarn__place *place, const tarn__id *id, tarn__kind kind, tarn_error *err)
{
    void *levels = place->levels;
    tarn_status st = tarn__grow(
        &levels, &place->cap, place->count + 1, sizeof(tarn__level), err);
    place->levels = levels;
    if (st != TARN_OK)
        return st;
    tarn__level *level = &place->levels[place->count++];
    level->id = *id;
    level->kind = kind;
    level->path_len = place->path.len;
    return TARN_OK;
}

static tarn_status append_name(
    tarn__place *place, tarn_slice name, tarn_error *err)
{
    tarn_status st = tarn__buf_char(&place->path, '/', err);
    if (st == TARN_OK)
        st = tarn__buf_append(&place->path, name.ptr, name.len, err);
    return st;
}

static void cut_path(tarn__place *place, size_t len)
{
    place->path.len = len;
    if (place->path.ptr != NULL)
        place->path.ptr[len] = '\0';
}

static void go_up(tarn__place *place)
{
    if (place->missing > 0) {
        size_t len = place->path.len;
        while (place->path.ptr[len - 1] != '/')
            len--;
        cut_path(place, len - 1);
        place->missing--;
    } else if (place->count > 1) {
        place->count--;
        cut_path(place, place->levels[place->count - 1].path_len);
    }
}

/* Go on with a link's target before what is left of the path. */
static tarn_status follow(
    walk *w, tarn__place *place, const tarn__id *link, tarn_error *err)
{
    if (++w->links > MAX_LINKS)
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: more than %d links on the way (is there a loop?)", w->given,
            MAX_LINKS);
    tarn_buf payload = TARN_BUF_INIT;
    tarn_buf next = TARN_BUF_MAX(TARN__PATH_MAX_BYTES);
    char *target = NULL;
    tarn__node node;
    tarn_status st = tarn__node_load(w->snap, link, &node, &payload, err);
    if (st == TARN_OK)
        st = tarn__node_attr(&node, "target", &target, err);
    if (st == TARN_OK && target != NULL)
        st = tarn__buf_str(&next, target, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&next, '/', err);
    if (st == TARN_OK)
        st = tarn__buf_append(
            &next, w->rest.ptr, (size_t)(w->rest.end - w->rest.ptr), err);
    if (st == TARN_OK) {
        if (next.ptr[0] == '/') {
            place->count = 1;
            cut_path(place, 0);
        }
        tarn_buf_reset(&w->expanded);
        w->expanded = next;
        w->rest = tarn__parts_of(tarn__buf_slice(&w->expanded));
    } else {
        tarn_buf_reset(&next);
    }
    tarn__free(target);
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status no_folder(
    const walk *w, const tarn__place *place, tarn_error *err)
{
    const tarn__level *at = tarn__place_last(place);
    return tarn__fail(err,
        (w->how & TARN__FIND_MISSING) != 0 ? TARN_CONFLICT : TARN_NOT_FOUND,
        "%s: %s is a %s, and nothing can be below it", w->given,
        tarn__place_text(place), tarn__kind_name(at->kind));
}

static tarn_status step(
    walk *w, tarn__place *place, tarn_slice name, tarn_error *err)
{
    const tarn__level *at = tarn__place_last(place);
    bool above = tarn__slice_is(name, "..");
    if (place->missing == 0 && at->kind != TARN__KIND_DIR)
        return no_folder(w, place, err);
    if (above)
        go_up(place);
    if (above || tarn__slice_is(name, "."))
        return TARN_OK;
    tarn_status st = tarn__name_check(name, err);
    tarn__id child;
    tarn__kind kind = TARN__KIND_DIR;
    bool found = false;
    if (st == TARN_OK && place->missing == 0)
        st = tarn__entry_find(
            w->snap, &at->id, name, &child, &kind, &found, err);
    if (st != TARN_OK)
        return st;
    if (!found) {
        if ((w->how & TARN__FIND_MISSING) == 0)
            return tarn__fail(err, TARN_NOT_FOUND,
                "%s: is not there (at version %lld)", w->given,
                (long long)tarn_snapshot_version(w->snap));
        place->missing++;
        return append_name(place, name, err);
    }
    tarn__parts ahead = w->rest;
    tarn_slice unused;
    if (kind == TARN__KIND_LINK &&
        ((w->how & TARN__FIND_FOLLOW) != 0 ||
            tarn__parts_next(&ahead, &unused)))
        return follow(w, place, &child, err);
    st = append_name(place, name, err);
    return st == TARN_OK ? push(place, &child, kind, err) : st;
}

tarn_status tarn__place_find(tarn_snapshot *snap, const char *path,
    unsigned how, tarn__place *out, tarn_error *err)
{
    *out = (tarn__place)TARN__PLACE_INIT;
    tarn_slice text = tarn_str(path);
    if (text.len == 0)
        return tarn__fail(
            err, TARN_INVALID, "a path: is empty ('/' is the root)");
    if (text.len > TARN__PATH_MAX_BYTES)
        return tarn__fail(err, TARN_INVALID,
            "a path: has %zu bytes (%d are the most)", text.len,
            TARN__PATH_MAX_BYTES);
    walk w = {snap, path, tarn__parts_of(text), TARN_BUF_INIT, 0, how};
    tarn_status st = push(out, &tarn__root_id, TARN__KIND_DIR, err);
    tarn_slice name;
    while (st == TARN_OK && tarn__parts_next(&w.rest, &name))
        st = step(&w, out, name, err);
    if (st == TARN_OK && out->path.len == 0)
        st = tarn__buf_char(&out->path, '/', err);
    tarn_buf_reset(&w.expanded);
    if (st != TARN_OK)
        tarn__place_reset(out);
    return st;
}

void tarn__place_reset(tarn__place *place)
{
    tarn_buf_reset(&place->path);
    tarn__free(place->levels);
    *place = (tarn__place)TARN__PLACE_INIT;
}

const tarn__level *tarn__place_last(const tarn__place *place)
{
    return &place->levels[place->count - 1];
}

const tarn__level *tarn__place_parent(const tarn__place *place)
{
    return place->count < 2 ? NULL : &place->levels[place->count - 2];
}

tarn_slice tarn__place_name(const tarn__place *place)
{
    return tarn__path_name(tarn__buf_slice(&place->path));
}

const char *tarn__place_text(const tarn__place *place)
{
    return place->path.len == 0 ? "/" : place->path.ptr;
}

tarn_status tarn__means_pattern(
    tarn_snapshot *snap, const char *path, bool *yes, tarn_error *err)
{
    tarn__place place;
    *yes = tarn__is_glob(path);
    if (!*yes)
        return TARN_OK;
    tarn_status st = tarn__place_find(snap, path, TARN__FIND_NODE, &place, err);
    *yes = st != TARN_OK;
    tarn__place_reset(&place);
    return st == TARN_NOT_FOUND ? TARN_OK : st;
}

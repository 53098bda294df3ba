/* tarn_tree_diff(): two versions' nodes side by side, in order of id. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rows.h"
#include "base/str.h"
#include "tree/items.h"
#include "tree/node.h"
#include "tree/path.h"

/* One line of the answer. */
typedef struct change {
    const char *what;
    char *path;
    char *from; /* moved: the old path */
    tarn__kind kind;
    int64_t size_before, size_after; /* -1: none */
} change;

/* One version's nodes, one after the other. */
typedef struct side {
    tarn_snapshot *snap;
    tarn__scan *scan;
    bool there;
    tarn__node node;
    tarn_buf payload; /* holds node's slices */
} side;

typedef struct diff {
    side a, b;       /* before, after */
    int64_t older;   /* what has not been written since is the same */
    tarn_buf within; /* clean path, empty: all */
    change *changes;
    size_t count, cap;
} diff;

static tarn_status advance(side *s, tarn_error *err)
{
    tarn_slice key, payload;
    tarn__id id;
    int64_t version;

    tarn_status st = tarn__scan_next(s->scan, &key, &payload, &version, err);
    s->there = st == TARN_ROW;
    if (st != TARN_ROW)
        return st;
    tarn__buf_clear(&s->payload);
    st = tarn__buf_append(&s->payload, payload.ptr, payload.len, err);
    if (st != TARN_OK)
        return st;
    if (key.len == sizeof id.bytes) {
        memcpy(id.bytes, key.ptr, sizeof id.bytes);
        if (tarn__node_decode(
                &id, tarn__buf_slice(&s->payload), version, &s->node))
            return TARN_OK;
    }
    return tarn__fail(
        err, TARN_CORRUPT, "views/key: a node is malformed (tarn rebuild key)");
}

static tarn_status side_open(
    side *s, tarn_lake *lake, int64_t version, tarn_error *err)
{
    s->payload = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = tarn_snapshot_open(lake, version, &s->snap, err);
    if (st == TARN_OK)
        st = tarn__read_scan(s->snap, TARN__FAMILY_NODE, (tarn_slice){"", 0},
            (tarn_slice){NULL, 0}, &s->scan, err);
    return st == TARN_OK ? advance(s, err) : st;
}

static void side_close(side *s)
{
    tarn__scan_free(s->scan);
    tarn_snapshot_free(s->snap);
    tarn_buf_reset(&s->payload);
}

/* The node's path, NULL when it lies outside of what was asked for. */
static tarn_status path_of(diff *d, side *s, char **path, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    bool found;

    *path = NULL;
    tarn_status st = tarn__node_path(s->snap, &s->node.id, &text, &found, err);
    if (st == TARN_OK && found &&
        (d->within.len == 0 ||
            tarn__path_within(
                tarn__buf_slice(&d->within), tarn__buf_slice(&text)))) {
        *path = tarn__buf_take(&text);
        if (*path == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&text);
    return st;
}

static tarn_status size_of(side *s, int64_t *size, tarn_error *err)
{
    tarn_buf hold = TARN_BUF_INIT;
    tarn__item item;
    bool found = false;
    tarn_status st = TARN_OK;

    *size = -1;
    if (tarn__kind_has_content(s->node.kind))
        st = tarn__item_newest(s->snap, &s->node.id, &item, &hold, &found, err);
    if (st == TARN_OK && found)
        *size = (int64_t)item.total_bytes;
    tarn_buf_reset(&hold);
    return st;
}

/* Takes the paths over. */
static tarn_status add(
    diff *d, const char *what, char *path, char *from, tarn_error *err)
{
    void *raw = d->changes;
    tarn_status st =
        tarn__grow(&raw, &d->cap, d->count + 1, sizeof *d->changes, err);

    d->changes = raw;
    if (st != TARN_OK) {
        tarn__free(path);
        tarn__free(from);
        return st;
    }
    bool before = strcmp(what, "added") != 0;
    bool after = strcmp(what, "removed") != 0;
    change *c = &d->changes[d->count++];
    *c = (change){
        what, path, from, after ? d->b.node.kind : d->a.node.kind, -1, -1};
    if (before)
        st = size_of(&d->a, &c->size_before, err);
    if (st == TARN_OK && after)
        st = size_of(&d->b, &c->size_after, err);
    return st;
}

static tarn_status one_side(diff *d, side *s, const char *what, tarn_error *err)
{
    char *path;
    tarn_status st = path_of(d, s, &path, err);

    if (st != TARN_OK || path == NULL)
        return st;
    return add(d, what, path, NULL, err);
}

/* The same content list, or other items of the same bytes. */
static tarn_status same_content(diff *d, bool *same, tarn_error *err)
{
    tarn_buf hold_a = TARN_BUF_INIT, hold_b = TARN_BUF_INIT;
    tarn__item a, b;
    bool found_a = false, found_b = false;

    *same = tarn__slice_eq(d->a.node.attrs, d->b.node.attrs);
    if (!*same || !tarn__kind_has_content(d->b.node.kind))
        return TARN_OK;
    tarn_status st =
        tarn__item_newest(d->a.snap, &d->a.node.id, &a, &hold_a, &found_a, err);
    if (st == TARN_OK)
        st = tarn__item_newest(
            d->b.snap, &d->b.node.id, &b, &hold_b, &found_b, err);
    if (st == TARN_OK && found_a && found_b && tarn__item_rolled(&a) &&
        tarn__item_rolled(&b))
        *same = a.roll.hash == b.roll.hash && a.total_bytes == b.total_bytes;
    else if (st == TARN_OK)
        st = tarn__items_same(d->a.snap, d->b.snap, &d->a.node.id, same, err);
    tarn_buf_reset(&hold_a);
    tarn_buf_reset(&hold_b);
    return st;
}

static tarn_status compare_place(diff *d, tarn_error *err)
{
    char *from = NULL, *to = NULL;

    if (tarn__id_eq(&d->a.node.parent, &d->b.node.parent) &&
        tarn__slice_eq(d->a.node.name, d->b.node.name))
        return TARN_OK;
    tarn_status st = path_of(d, &d->a, &from, err);
    if (st == TARN_OK)
        st = path_of(d, &d->b, &to, err);
    if (st != TARN_OK || (from == NULL && to == NULL)) {
        tarn__free(from);
        tarn__free(to);
        return st;
    }
    /* In or out of the part that was asked for. */
    if (from == NULL)
        return add(d, "added", to, NULL, err);
    if (to == NULL)
        return add(d, "removed", from, NULL, err);
    return add(d, "moved", to, from, err);
}

static tarn_status compare(diff *d, tarn_error *err)
{
    bool same = true;

    if (d->a.node.version <= d->older && d->b.node.version <= d->older)
        return TARN_OK;
    if (tarn__id_eq(&d->a.node.id, &tarn__root_id))
        return TARN_OK;
    tarn_status st = compare_place(d, err);
    if (st == TARN_OK)
        st = same_content(d, &same, err);
    return st == TARN_OK && !same ? one_side(d, &d->b, "changed", err) : st;
}

static tarn_status walk(diff *d, tarn_error *err)
{
    tarn_status st = TARN_OK;

    while (st == TARN_OK && (d->a.there || d->b.there)) {
        int order = !d->a.there ? 1
            : !d->b.there       ? -1
                          : memcmp(d->a.node.id.bytes, d->b.node.id.bytes, 16);
        if (order < 0)
            st = one_side(d, &d->a, "removed", err);
        else if (order > 0)
            st = one_side(d, &d->b, "added", err);
        else
            st = compare(d, err);
        if (st == TARN_OK && order <= 0)
            st = advance(&d->a, err);
        if (st == TARN_OK && order >= 0)
            st = advance(&d->b, err);
    }
    return st;
}

static int by_path(const void *x, const void *y)
{
    const change *a = x;
    const change *b = y;
    int order = strcmp(a->path, b->path);

    return order != 0 ? order : strcmp(a->what, b->what);
}

static tarn_status add_size(tarn__table *table, int64_t size, tarn_error *err)
{
    return size < 0 ? tarn__table_null(table, err)
                    : tarn__table_i64(table, size, err);
}

static tarn_status report(diff *d, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {
        {.name = "change", .type = TARN_TEXT},
        {.name = "path", .type = TARN_TEXT},
        {.name = "from", .type = TARN_TEXT},
        {.name = "kind", .type = TARN_TEXT},
        {.name = "size_before", .type = TARN_INT64},
        {.name = "size_after", .type = TARN_INT64}};
    tarn__table *table = NULL;

    if (d->count > 0)
        qsort(d->changes, d->count, sizeof *d->changes, by_path);
    tarn_status st = tarn__table_create(columns, 6, &table, err);
    for (size_t i = 0; st == TARN_OK && i < d->count; i++) {
        const change *c = &d->changes[i];
        st = tarn__table_text(table, c->what, err);
        if (st == TARN_OK)
            st = tarn__table_text(table, c->path, err);
        if (st == TARN_OK)
            st = tarn__table_text(table, c->from, err);
        if (st == TARN_OK)
            st = tarn__table_text(table, tarn__kind_name(c->kind), err);
        if (st == TARN_OK)
            st = add_size(table, c->size_before, err);
        if (st == TARN_OK)
            st = add_size(table, c->size_after, err);
    }
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    return st;
}

/* A path that stands in neither version is a mistake, not an empty answer. */
static tarn_status check_path(diff *d, const char *path, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;

    tarn_status st = tarn__path_clean(tarn_str(path), &d->within, err);
    if (st != TARN_OK)
        return st;
    st = tarn__tree_resolve(
        d->b.snap, d->within.ptr, false, &node, &payload, NULL);
    if (st == TARN_NOT_FOUND)
        st = tarn__tree_resolve(
            d->a.snap, d->within.ptr, false, &node, &payload, err);
    tarn_buf_reset(&payload);
    if (d->within.len == 1)
        tarn__buf_clear(&d->within); /* the root: all */
    return st;
}

tarn_status tarn_tree_diff(tarn_lake *lake, int64_t v1, int64_t v2,
    const char *path, tarn_rows **out, tarn_error *err)
{
    diff d = {.within = TARN_BUF_INIT};

    *out = NULL;
    tarn_status st = side_open(&d.a, lake, v1, err);
    if (st == TARN_OK)
        st = side_open(&d.b, lake, v2, err);
    if (st == TARN_OK) {
        int64_t after = tarn_snapshot_version(d.b.snap);
        d.older = tarn_snapshot_version(d.a.snap);
        d.older = after < d.older ? after : d.older;
        if (path != NULL)
            st = check_path(&d, path, err);
    }
    if (st == TARN_OK)
        st = walk(&d, err);
    if (st == TARN_OK)
        st = report(&d, out, err);
    for (size_t i = 0; i < d.count; i++) {
        tarn__free(d.changes[i].path);
        tarn__free(d.changes[i].from);
    }
    tarn__free(d.changes);
    tarn_buf_reset(&d.within);
    side_close(&d.a);
    side_close(&d.b);
    return st;
}

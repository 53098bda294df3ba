/* Seeds -> operations: how what comes meets what is there.
 *
 *   there          | DIR        LINK            CONTENT, COPY
 *   ---------------+------------------------------------------------
 *   nothing        | new        new             new
 *   folder         | gone into  conflict        conflict
 *   link           | conflict   new target      conflict
 *   same kind      | conflict   conflict        put, or append if it grows
 *   another kind   | conflict   conflict        put with replace, or conflict
 *   computed       | conflict   conflict        conflict */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "tree/path.h"
#include "tree/seed.h"

/* What a seed finds at its name. */
typedef struct meeting {
    bool there;
    tarn__node node;
    tarn_buf payload;
    tarn__item item; /* newest */
    tarn_buf hold;
    bool has_item;
} meeting;

static void meeting_reset(meeting *m)
{
    tarn_buf_reset(&m->payload);
    tarn_buf_reset(&m->hold);
}

static tarn_status meet(tarn_txn *txn, const tarn__id *parent, tarn_slice name,
    meeting *m, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn__id id;
    tarn__kind kind;
    tarn_status st =
        tarn__entry_find(snap, parent, name, &id, &kind, &m->there, err);
    if (st == TARN_OK && m->there)
        st = tarn__node_load(snap, &id, &m->node, &m->payload, err);
    if (st == TARN_OK && m->there && tarn__kind_has_content(kind))
        st =
            tarn__item_newest(snap, &id, &m->item, &m->hold, &m->has_item, err);
    return st;
}

static tarn_status in_the_way(const meeting *m, const char *shown,
    tarn_slice name, const char *what, tarn_error *err)
{
    return tarn__fail(err, TARN_CONFLICT,
        "%s%s%.*s: is a %s, and %s does not go there (tarn rm it, or give "
        "another name)",
        shown, strcmp(shown, "/") == 0 ? "" : "/", (int)name.len, name.ptr,
        tarn__kind_name(m->node.kind), what);
}

static bool is_same(const meeting *m, const tarn__seed *seed, char *source)
{
    if (!m->has_item || m->node.kind != seed->kind)
        return false;
    if (source != NULL && seed->source.ptr != NULL &&
        tarn__slice_is(seed->source, source))
        return true;
    if (tarn__piece_same(&seed->piece, &m->item))
        return true;
    return seed->kind == TARN__KIND_STREAM &&
        m->item.total_bytes == seed->piece.size_bytes &&
        tarn__item_rolled(&m->item) &&
        m->item.roll.hash == seed->piece.roll.hash;
}

static tarn_status check_content(const meeting *m, const tarn__seed *seed,
    const tarn__plant_rules *rules, const char *shown, tarn_error *err)
{
    const char *slash = strcmp(shown, "/") == 0 ? "" : "/";
    int len = (int)seed->name.len;
    const char *name = seed->name.ptr;
    if (!tarn__kind_has_content(m->node.kind))
        return in_the_way(m, shown, seed->name, "content", err);
    if (seed->type == TARN__SEED_COPY && tarn__id_eq(&m->node.id, &seed->from))
        return tarn__fail(err, TARN_INVALID,
            "%s%s%.*s: cannot be copied onto itself (give another place)",
            shown, slash, len, name);
    if (rules->copying || rules->replace)
        return TARN_OK;
    if (m->node.kind != seed->kind)
        return tarn__fail(err, TARN_CONFLICT,
            "%s%s%.*s: is a %s, not a %s (--replace makes it one)", shown,
            slash, len, name, tarn__kind_name(m->node.kind),
            tarn__kind_name(seed->kind));
    char *column = NULL;
    char *source = NULL;
    tarn_status st = tarn__node_attr(&m->node, "time_column", &column, err);
    if (st == TARN_OK && column != NULL && seed->time_column.ptr != NULL &&
        !tarn__slice_is(seed->time_column, column))
        st = tarn__fail(err, TARN_CONFLICT,
            "%s%s%.*s: its time column is '%s', not '%.*s' (--replace starts "
            "it anew)",
            shown, slash, len, name, column, (int)seed->time_column.len,
            seed->time_column.ptr);
    if (st == TARN_OK && seed->unstaged)
        st = tarn__node_attr(&m->node, "source", &source, err);
    if (st == TARN_OK && seed->unstaged && !is_same(m, seed, source))
        st = tarn__fail(err, TARN_CONFLICT,
            "%s%s%.*s: was changed by another meanwhile (run it again)", shown,
            slash, len, name);
    tarn__free(column);
    tarn__free(source);
    return st;
}

static tarn_status check_meeting(const meeting *m, const tarn__seed *seed,
    const tarn__plant_rules *rules, const char *shown, tarn_error *err)
{
    if (!m->there) {
        if (seed->type == TARN__SEED_CONTENT && seed->unstaged)
            return tarn__fail(err, TARN_CONFLICT,
                "%.*s: was removed by another meanwhile (run it again)",
                (int)seed->name.len, seed->name.ptr);
        return TARN_OK;
    }
    if (seed->type == TARN__SEED_DIR)
        return m->node.kind == TARN__KIND_DIR
            ? TARN_OK
            : in_the_way(m, shown, seed->name, "a folder", err);
    if (seed->type == TARN__SEED_LINK)
        return m->node.kind == TARN__KIND_LINK
            ? TARN_OK
            : in_the_way(m, shown, seed->name, "a link", err);
    return check_content(m, seed, rules, shown, err);
}

tarn_status tarn__plant_check(tarn_txn *txn, const tarn__id *parent,
    const tarn__seed *seed, const tarn__plant_rules *rules, const char *shown,
    tarn_error *err)
{
    meeting m;
    memset(&m, 0, sizeof(m));
    m.payload = m.hold = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = meet(txn, parent, seed->name, &m, err);
    if (st == TARN_OK)
        st = check_meeting(&m, seed, rules, shown, err);
    meeting_reset(&m);
    return st;
}

static tarn_status set_text(
    json_t *attrs, const char *name, tarn_slice text, tarn_error *err)
{
    json_t *value = json_stringn(text.ptr, text.len);
    if (value == NULL || json_object_set_new(attrs, name, value) != 0)
        return tarn__no_memory(err);
    return TARN_OK;
}

/* `schema` is that of every item while `mixed` is absent: then some of them
 * unite as all do. */
static tarn_status set_schema(
    json_t *attrs, tarn_slice schema, bool anew, tarn_error *err)
{
    const char *had = tarn__json_text(attrs, "schema");
    bool mixed = !anew && (had == NULL || !tarn__slice_is(schema, had));
    if (anew)
        (void)json_object_del(attrs, "mixed");
    if (mixed && json_object_set_new(attrs, "mixed", json_true()) != 0)
        return tarn__no_memory(err);
    return set_text(attrs, "schema", schema, err);
}

/* The attributes that content brings, over those that are there. */
static tarn_status content_attrs(const meeting *m, const tarn__seed *seed,
    bool anew, tarn_buf *out, tarn_error *err)
{
    bool had = m->there && m->node.attrs.len > 0;
    bool series = seed->kind == TARN__KIND_SERIES && seed->schema.len > 0;
    if (!had && !series && seed->time_column.ptr == NULL &&
        seed->source.ptr == NULL)
        return TARN_OK;
    json_t *attrs = NULL;
    tarn_status st = TARN_OK;
    if (had) {
        st = tarn__json_parse(m->node.attrs, "attributes", &attrs, err);
        if (st != TARN_OK)
            return st;
    } else {
        attrs = json_object();
        if (attrs == NULL)
            return tarn__no_memory(err);
    }
    (void)json_object_del(attrs, "source");
    if (anew)
        (void)json_object_del(attrs, "time_column");
    if (seed->time_column.ptr != NULL)
        st = set_text(attrs, "time_column", seed->time_column, err);
    if (st == TARN_OK && seed->source.ptr != NULL)
        st = set_text(attrs, "source", seed->source, err);
    if (st == TARN_OK && series)
        st = set_schema(attrs, seed->schema, anew || !m->has_item, err);
    if (st == TARN_OK && json_object_size(attrs) > 0)
        st = tarn__json_dump(attrs, out, err);
    json_decref(attrs);
    return st;
}

static tarn_status draft_for(tarn_txn *txn, const tarn__id *parent,
    const meeting *m, const tarn__seed *seed, tarn__draft *draft,
    tarn_error *err)
{
    if (!m->there)
        return tarn__draft_new(txn, seed->kind, parent, seed->name, draft, err);
    *draft = tarn__draft_of(&m->node);
    draft->kind = seed->kind;
    return TARN_OK;
}

/* Text without rows: it says neither what its columns are nor anything new. */
static bool says_nothing(const tarn__seed *seed)
{
    return seed->kind == TARN__KIND_SERIES && seed->piece.rows == 0 &&
        seed->schema.len == 0;
}

/* A series that has had only such text takes its columns from what comes. */
static tarn_status is_blank(const meeting *m, bool *blank, tarn_error *err)
{
    char *schema = NULL;
    tarn_status st = TARN_OK;
    *blank = m->there && m->node.kind == TARN__KIND_SERIES && m->has_item &&
        m->item.total_rows == 0;
    if (*blank)
        st = tarn__node_attr(&m->node, "schema", &schema, err);
    *blank = *blank && schema == NULL;
    tarn__free(schema);
    return st;
}

static tarn_status write_content(tarn_txn *txn, const tarn__id *parent,
    const meeting *m, const tarn__seed *seed, const tarn__plant_rules *rules,
    bool *wrote, tarn_error *err)
{
    tarn_buf attrs = TARN_BUF_INIT;
    char *source = NULL;
    tarn__draft draft;
    bool anew = rules->replace || !m->there || m->node.kind != seed->kind;
    bool blank = false;
    if (!anew && m->has_item && says_nothing(seed)) {
        *wrote = false;
        return TARN_OK;
    }
    tarn_status st = is_blank(m, &blank, err);
    if (st != TARN_OK)
        return st;
    anew = anew || blank;
    if (m->there && rules->update && !anew) {
        st = tarn__node_attr(&m->node, "source", &source, err);
        *wrote = st != TARN_OK || !is_same(m, seed, source);
        tarn__free(source);
        if (!*wrote || st != TARN_OK)
            return st;
    }
    st = draft_for(txn, parent, m, seed, &draft, err);
    if (st == TARN_OK)
        st = content_attrs(m, seed, anew, &attrs, err);
    draft.attrs = tarn__buf_slice(&attrs);
    if (st == TARN_OK)
        st = tarn__draft_append(txn, &draft, &seed->piece,
            m->has_item && !anew && tarn__kind_grows(seed->kind) ? &m->item
                                                                 : NULL,
            err);
    tarn_buf_reset(&attrs);
    return st;
}

static tarn_status write_link(tarn_txn *txn, const tarn__id *parent,
    const meeting *m, const tarn__seed *seed, bool *wrote, tarn_error *err)
{
    tarn_buf attrs = TARN_BUF_INIT;
    tarn__draft draft;
    tarn_status st = draft_for(txn, parent, m, seed, &draft, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&attrs, "{\"target\":", err);
    if (st == TARN_OK)
        st = tarn__json_quote(&attrs, seed->target, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&attrs, '}', err);
    draft.attrs = tarn__buf_slice(&attrs);
    *wrote = !m->there || !tarn__slice_eq(m->node.attrs, draft.attrs);
    if (st == TARN_OK && *wrote)
        st = tarn__draft_put(txn, &draft, err);
    tarn_buf_reset(&attrs);
    return st;
}

static tarn_status write_copy(tarn_txn *txn, const tarn__id *parent,
    const meeting *m, const tarn__seed *seed, tarn_error *err)
{
    tarn__draft draft;
    tarn_status st = draft_for(txn, parent, m, seed, &draft, err);
    draft.attrs = seed->attrs;
    if (st == TARN_OK && !tarn__kind_has_content(seed->kind))
        return tarn__draft_put(txn, &draft, err);
    if (st == TARN_OK)
        st = tarn__draft_copy_content(
            txn, &draft, tarn_txn_snapshot(txn), &seed->from, err);
    return st;
}

tarn_status tarn__plant_one(tarn_txn *txn, const tarn__id *parent,
    bool parent_new, const tarn__seed *seed, const tarn__plant_rules *rules,
    const char *shown, int64_t *count, tarn_error *err)
{
    meeting m;
    memset(&m, 0, sizeof(m));
    m.payload = m.hold = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    bool wrote = true;
    if (!parent_new)
        st = meet(txn, parent, seed->name, &m, err);
    if (st == TARN_OK)
        st = check_meeting(&m, seed, rules, shown, err);
    if (st == TARN_OK && seed->type == TARN__SEED_CONTENT)
        st = write_content(txn, parent, &m, seed, rules, &wrote, err);
    else if (st == TARN_OK && seed->type == TARN__SEED_LINK)
        st = write_link(txn, parent, &m, seed, &wrote, err);
    else if (st == TARN_OK)
        st = write_copy(txn, parent, &m, seed, err);
    if (st == TARN_OK)
        *count += wrote;
    meeting_reset(&m);
    return st;
}

tarn_status tarn__plant_dir(tarn_txn *txn, const tarn__id *parent,
    tarn_slice name, tarn__id *out, tarn_error *err)
{
    tarn__draft draft;
    tarn_status st =
        tarn__draft_new(txn, TARN__KIND_DIR, parent, name, &draft, err);
    if (st == TARN_OK)
        st = tarn__draft_put(txn, &draft, err);
    *out = draft.id;
    return st;
}

tarn_status tarn__plant_parents(tarn_txn *txn, const tarn__place *place,
    tarn__id *parent, bool *made, int64_t *count, tarn_error *err)
{
    const tarn__level *last = tarn__place_last(place);
    tarn_slice rest = {
        place->path.ptr + last->path_len, place->path.len - last->path_len};
    tarn__parts parts = tarn__parts_of(rest);
    tarn_slice name;
    tarn_status st = TARN_OK;
    *made = false;
    if (place->missing == 0) {
        *parent = tarn__place_parent(place)->id;
        return TARN_OK;
    }
    *parent = last->id;
    for (size_t i = 1; st == TARN_OK && i < place->missing; i++) {
        if (!tarn__parts_next(&parts, &name))
            break;
        st = tarn__plant_dir(txn, parent, name, parent, err);
        *made = true;
        ++*count;
    }
    return st;
}

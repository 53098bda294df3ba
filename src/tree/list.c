/* tarn_tree_list_*: a folder's entries, all below it, or a pattern's matches, in
 * byte order of path, with one scan a level in memory.
 *
 * Byte order puts "a-b" between "a" and "a/x": a folder's inside comes when the
 * next name of its level is greater than the folder's name and '/'.  Until then
 * the folder waits on its level's stack; the last one that came goes first. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "tree/glob.h"
#include "tree/node.h"
#include "tree/path.h"

typedef struct waiting {
    tarn__id id;
    char *name;
    tarn__glob_set set;
} waiting;

typedef struct level {
    tarn__scan *scan;
    tarn__id parent;
    tarn__glob_set set; /* what is still to be matched here */
    size_t path_len;    /* of the folder's path, no '/' at its end */
    bool loaded, ended; /* the entry that comes next */
    tarn_buf name;
    tarn__id id;
    tarn__kind kind;
    waiting *stack;
    size_t count, cap;
} level;

struct tarn_tree_list {
    tarn_snapshot *snap;
    tarn_tree_list_options options;
    bool matching; /* a pattern; else a folder's entries */
    bool single;   /* the node itself, once */
    tarn__glob glob;
    tarn_buf path; /* of the level at work, or of the single node */
    level *levels;
    size_t depth, cap;
    tarn_node node; /* given out */
};

static void level_reset(level *l)
{
    for (size_t i = 0; i < l->count; i++)
        tarn__free(l->stack[i].name);
    tarn__free(l->stack);
    tarn__scan_free(l->scan);
    tarn_buf_reset(&l->name);
}

void tarn_tree_list_free(tarn_tree_list *list)
{
    if (list == NULL)
        return;
    while (list->depth > 0)
        level_reset(&list->levels[--list->depth]);
    tarn__free(list->levels);
    tarn__glob_reset(&list->glob);
    tarn_buf_reset(&list->path);
    tarn_node_reset(&list->node);
    tarn__free(list);
}

/* The entries of a folder that the pattern can match: all, those that begin
 * with its next literal, or the one of that name. */
static tarn_status open_scan(tarn_tree_list *list, level *l, tarn_error *err)
{
    tarn_buf prefix = TARN_BUF_INIT;
    tarn_slice literal = {"", 0};
    bool whole = false;

    if (list->matching)
        literal = tarn__glob_literal(&list->glob, &l->set, &whole);
    tarn_status st =
        tarn__buf_append(&prefix, l->parent.bytes, sizeof l->parent.bytes, err);
    if (st == TARN_OK)
        st = whole ? tarn__key_part(&prefix, literal, err)
                   : tarn__buf_append(&prefix, literal.ptr, literal.len, err);
    if (st == TARN_OK)
        st = tarn__read_scan(list->snap, TARN__FAMILY_ENTRY,
            tarn__buf_slice(&prefix), (tarn_slice){NULL, 0}, &l->scan, err);
    tarn_buf_reset(&prefix);
    return st;
}

/* Go into a folder whose path stands in list->path. */
static tarn_status push(tarn_tree_list *list, const tarn__id *folder,
    const tarn__glob_set *set, tarn_error *err)
{
    void *raw = list->levels;
    tarn_status st = tarn__grow(
        &raw, &list->cap, list->depth + 1, sizeof *list->levels, err);

    list->levels = raw;
    if (st != TARN_OK)
        return st;
    level *l = &list->levels[list->depth];
    *l = (level){.parent = *folder,
        .set = *set,
        .path_len = list->path.len,
        .name = TARN_BUF_INIT};
    st = open_scan(list, l, err);
    if (st == TARN_OK)
        list->depth++;
    return st;
}

static tarn_status start_single(
    tarn_tree_list *list, const char *clean, tarn_error *err)
{
    list->single = true;
    tarn__buf_clear(&list->path);
    return tarn__buf_str(&list->path, clean, err);
}

static tarn_status start_path(
    tarn_tree_list *list, const char *clean, tarn_error *err)
{
    tarn__glob_set none = {{0}};
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;

    tarn_status st =
        tarn__tree_resolve(list->snap, clean, false, &node, &payload, err);
    if (st == TARN_OK && node.kind == TARN__KIND_LINK &&
        tarn__tree_resolve(list->snap, clean, true, &node, &payload, NULL) !=
            TARN_OK)
        node.kind = TARN__KIND_LINK; /* leads nowhere: shown itself */
    if (st == TARN_OK && node.kind == TARN__KIND_DIR) {
        st = tarn__buf_str(
            &list->path, strcmp(clean, "/") == 0 ? "" : clean, err);
        if (st == TARN_OK)
            st = push(list, &node.id, &none, err);
    } else if (st == TARN_OK) {
        st = start_single(list, clean, err);
    }
    tarn_buf_reset(&payload);
    return st;
}

/* Bytes of a pattern before its first part that is no plain name. */
static size_t plain_bytes(const char *pattern)
{
    tarn__parts parts = tarn__parts_of(tarn_str(pattern));
    tarn_slice part;
    size_t len = 0;

    while (tarn__parts_next(&parts, &part) && !tarn__glob_wild(part))
        len = (size_t)(part.ptr + part.len - pattern);
    return len;
}

/* The plain names at the beginning are a path like any other, links and all;
 * matching starts in the folder that they lead to. */
static tarn_status start_glob(
    tarn_tree_list *list, const char *clean, tarn_error *err)
{
    const size_t plain = plain_bytes(clean);
    tarn__place folder = TARN__PLACE_INIT;

    list->matching = true;
    tarn_status st = tarn__glob_init(&list->glob, tarn_str(clean + plain), err);
    if (st == TARN_OK)
        st = tarn__buf_append(&list->path, clean, plain, err);
    if (st == TARN_OK)
        st = tarn__place_find(list->snap, plain > 0 ? list->path.ptr : "/",
            TARN__FIND_FOLLOW, &folder, err);
    if (st == TARN_OK && tarn__place_last(&folder)->kind == TARN__KIND_DIR) {
        tarn__glob_set set = tarn__glob_start(&list->glob);
        st = push(list, &tarn__place_last(&folder)->id, &set, err);
    }
    tarn__place_reset(&folder);
    return st == TARN_NOT_FOUND ? TARN_OK : st; /* matches nothing */
}

tarn_status tarn_tree_list_open(tarn_snapshot *snap, const char *pattern,
    const tarn_tree_list_options *options, tarn_tree_list **out,
    tarn_error *err)
{
    static const tarn_tree_list_options defaults = TARN_TREE_LIST_OPTIONS_INIT;
    tarn_buf clean = TARN_BUF_INIT;
    tarn_tree_list *list = tarn__calloc(1, sizeof *list);

    *out = NULL;
    if (list == NULL)
        return tarn__no_memory(err);
    list->snap = snap;
    list->options = options != NULL ? *options : defaults;
    list->path = (tarn_buf)TARN_BUF_INIT;
    bool globs = false;
    tarn_status st = tarn__path_clean(tarn_str(pattern), &clean, err);
    if (st == TARN_OK)
        st = tarn__means_pattern(snap, clean.ptr, &globs, err);
    if (st == TARN_OK)
        st = globs ? start_glob(list, clean.ptr, err)
                   : start_path(list, clean.ptr, err);
    tarn_buf_reset(&clean);
    if (st != TARN_OK) {
        tarn_tree_list_free(list);
        return st;
    }
    *out = list;
    return TARN_OK;
}

/* Make the level's next entry stand ready. */
static tarn_status load(level *l, tarn_error *err)
{
    tarn_slice key, payload;
    bool ok = false;

    if (l->loaded || l->ended)
        return TARN_OK;
    tarn_status st = tarn__scan_next(l->scan, &key, &payload, NULL, err);
    if (st == TARN_OK)
        l->ended = true;
    if (st != TARN_ROW)
        return st;
    tarn__buf_clear(&l->name);
    tarn__cursor c = tarn__cursor_of(key);
    c.ptr += sizeof l->parent.bytes;
    st = tarn__key_part_read(&c, &l->name, &ok, err);
    if (st == TARN_OK &&
        (!ok || !tarn__entry_decode(payload, &l->id, &l->kind)))
        st = tarn__fail(err, TARN_CORRUPT,
            "views/key: an entry is malformed (tarn rebuild key)");
    l->loaded = st == TARN_OK;
    return st;
}

/* Does the inside of a waiting folder come before the next name? */
static bool comes_first(const waiting *folder, const level *l)
{
    size_t len = strlen(folder->name);

    if (l->ended)
        return true;
    size_t common = l->name.len < len ? l->name.len : len;
    int order = memcmp(folder->name, l->name.ptr, common);
    if (order != 0)
        return order < 0;
    return l->name.len > len && '/' < (unsigned char)l->name.ptr[len];
}

static tarn_status wait_for(
    level *l, const tarn__glob_set *set, tarn_error *err)
{
    void *raw = l->stack;
    tarn_status st =
        tarn__grow(&raw, &l->cap, l->count + 1, sizeof *l->stack, err);

    l->stack = raw;
    if (st != TARN_OK)
        return st;
    char *name = tarn__strndup(l->name.ptr, l->name.len);
    if (name == NULL)
        return tarn__no_memory(err);
    l->stack[l->count++] = (waiting){l->id, name, *set};
    return TARN_OK;
}

static tarn_status set_path(
    tarn_tree_list *list, size_t base_len, tarn_slice name, tarn_error *err)
{
    list->path.len = base_len;
    tarn_status st = tarn__buf_char(&list->path, '/', err);
    return st == TARN_OK
        ? tarn__buf_append(&list->path, name.ptr, name.len, err)
        : st;
}

static tarn_status go_into(tarn_tree_list *list, tarn_error *err)
{
    level *l = &list->levels[list->depth - 1];
    waiting folder = l->stack[--l->count];

    tarn_status st = set_path(list, l->path_len, tarn_str(folder.name), err);
    tarn__free(folder.name);
    return st == TARN_OK ? push(list, &folder.id, &folder.set, err) : st;
}

/* What to do with the entry that stands ready. */
static void judge(const tarn_tree_list *list, const level *l,
    tarn__glob_set *set, bool *show, bool *enter)
{
    tarn_slice name = tarn__buf_slice(&l->name);
    bool dir = l->kind == TARN__KIND_DIR;

    if (list->matching) {
        *set = tarn__glob_next(&list->glob, &l->set, name, list->options.all);
        *show = tarn__glob_done(&list->glob, set);
        *enter = dir && tarn__glob_goes_on(&list->glob, set);
        return;
    }
    *set = l->set;
    *show = list->options.all || name.ptr[0] != '.';
    *enter = *show && dir && list->options.recursive;
}

static tarn_status give(
    tarn_tree_list *list, const tarn__id *id, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;

    tarn_status st = tarn__node_load(list->snap, id, &node, &payload, err);
    if (st == TARN_OK)
        st = tarn__node_public(
            list->snap, &node, tarn__buf_slice(&list->path), &list->node, err);
    tarn_buf_reset(&payload);
    return st == TARN_OK ? TARN_ROW : st;
}

static tarn_status give_single(tarn_tree_list *list, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;

    list->single = false;
    tarn_status st = tarn__tree_resolve(
        list->snap, list->path.ptr, false, &node, &payload, err);
    tarn_buf_reset(&payload);
    return st == TARN_OK ? give(list, &node.id, err) : st;
}

static tarn_status step(tarn_tree_list *list, tarn_error *err)
{
    level *l = &list->levels[list->depth - 1];
    tarn__glob_set set;
    bool show, enter;

    tarn_status st = load(l, err);
    if (st != TARN_OK)
        return st;
    if (l->count > 0 && comes_first(&l->stack[l->count - 1], l))
        return go_into(list, err);
    if (l->ended) {
        level_reset(l);
        list->depth--;
        return TARN_OK;
    }
    judge(list, l, &set, &show, &enter);
    l->loaded = false;
    if (enter)
        st = wait_for(l, &set, err);
    if (st != TARN_OK || !show)
        return st;
    st = set_path(list, l->path_len, tarn__buf_slice(&l->name), err);
    return st == TARN_OK ? give(list, &l->id, err) : st;
}

tarn_status tarn_tree_list_next(
    tarn_tree_list *list, const tarn_node **node, tarn_error *err)
{
    tarn_status st = TARN_OK;

    *node = NULL;
    if (list->single)
        st = give_single(list, err);
    while (st == TARN_OK && list->depth > 0)
        st = step(list, err);
    if (st == TARN_ROW)
        *node = &list->node;
    return st;
}

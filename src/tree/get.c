/* tarn_tree_get(): nodes to the host, under their own names. */
#include <string.h>

#include "base/error.h"
#include "base/ordmap.h"
#include "base/str.h"
#include "os/durable.h"
#include "os/file.h"
#include "tree/items.h"
#include "tree/path.h"
#include "tree/rows_sql.h"
#include "tree/walk.h"

#define BLOCK_BYTES ((size_t)256 * 1024)

/* One node's way to the host. */
typedef struct getting {
    tarn_snapshot *snap;
    const tarn_get_options *options;
    tarn__duck *duck; /* opened when first needed */
    char *block;
    tarn_buf path;  /* of the host folder at work */
    tarn_slice top; /* the name of what was asked for, until it is entered */
    size_t given;   /* of path: the host folder that was named */
    char *real;     /* and where that is */
    char *lake;     /* the lake's own folder; NULL: it is in memory */
    int64_t written;
    uint64_t bytes; /* read so far */
} getting;

static tarn_status push_name(getting *g, tarn_slice name, tarn_error *err)
{
    tarn_status st = tarn__buf_char(&g->path, '/', err);
    return st == TARN_OK ? tarn__buf_append(&g->path, name.ptr, name.len, err)
                         : st;
}

static void pop_name(getting *g, size_t len)
{
    g->path.len = len;
    g->path.ptr[len] = '\0';
}

/* Nothing is written over the lake's own files.  `whole`: nor may a folder go
 * that the lake lies in. */
static tarn_status is_lakes(
    const getting *g, bool whole, bool *is, tarn_error *err)
{
    *is = false;
    if (g->lake == NULL)
        return TARN_OK;
    char *path = tarn__sprintf("%s%s", g->real, g->path.ptr + g->given);
    if (path == NULL)
        return tarn__no_memory(err);
    *is = tarn__lake_owns(g->lake, path) ||
        (whole && tarn__path_below(g->lake, path) != NULL);
    tarn__free(path);
    return TARN_OK;
}

static tarn_status refuse_lakes(const getting *g, bool whole, tarn_error *err)
{
    bool is;
    tarn_status st = is_lakes(g, whole, &is, err);

    return st == TARN_OK && is
        ? tarn__fail(err, TARN_INVALID,
              "%s: is the lake's own (get it into another folder)", g->path.ptr)
        : st;
}

/* What is in the way.  A link never leads elsewhere: it gives way to a file, as
 * to another link.  A file or link where a folder is to be, and a folder where
 * none is, are the user's to move, unless the host's folder is to become the
 * lake's (remove). */
static tarn_status clear_way(
    getting *g, tarn__file_kind wanted, tarn_error *err)
{
    tarn__stat found;
    tarn_status st = tarn__stat_path(g->path.ptr, false, &found, NULL);

    if (st == TARN_NOT_FOUND)
        return TARN_OK;
    if (st != TARN_OK)
        return tarn__stat_path(g->path.ptr, false, &found, err);
    if (found.kind == wanted)
        return TARN_OK;
    if (g->options->remove) {
        st = refuse_lakes(g, true, err);
        return st == TARN_OK ? tarn__remove_tree(g->path.ptr, err) : st;
    }
    if (found.kind != TARN__FILE_DIR && wanted != TARN__FILE_DIR)
        return tarn__unlink(g->path.ptr, err);
    return tarn__fail(err, TARN_EXISTS, "%s: is %s on the host (move it away)",
        g->path.ptr, found.kind == TARN__FILE_DIR ? "a folder" : "no folder");
}

static tarn_status go_on(const getting *g, tarn_error *err)
{
    return tarn__progress_step(
               tarn__lake_progress(tarn__snapshot_lake(g->snap)), "get",
               g->bytes, 0)
        ? tarn__fail(err, TARN_INTERRUPTED, "%s: interrupted", g->path.ptr)
        : TARN_OK;
}

/* Whole or not at all: beside, then renamed over. */
static tarn_status copy_bytes(
    getting *g, tarn_reader *reader, tarn__file *file, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t got = 1;

    if (g->block == NULL)
        g->block = tarn__malloc(BLOCK_BYTES);
    if (g->block == NULL)
        return tarn__no_memory(err);
    while (st == TARN_OK && got > 0) {
        st = tarn_reader_read(reader, g->block, BLOCK_BYTES, &got, err);
        if (st == TARN_OK && got > 0)
            st = tarn__file_write(file, g->block, got, err);
        g->bytes += got;
        if (st == TARN_OK)
            st = go_on(g, err);
    }
    return st;
}

static tarn_status copy_rows(
    getting *g, const tarn__node *node, const char *beside, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = TARN_OK;

    if (g->duck == NULL)
        st = tarn__tree_duck(tarn__snapshot_lake(g->snap), &g->duck, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "FROM ", err);
    if (st == TARN_OK)
        st = tarn__rows_sql(g->snap, &node->id, &sql, err);
    if (st == TARN_OK)
        st = tarn__copy_parquet(g->duck, sql.ptr, beside, 0, err);
    tarn_buf_reset(&sql);
    return st;
}

/* Does the host's file hold the same bytes?  Sizes first, then the bytes. */
static tarn_status is_same(
    getting *g, tarn_reader *reader, bool *same, tarn_error *err)
{
    tarn__stat found;
    tarn__file file = TARN__FILE_INIT;
    size_t got = 1, have = 0;

    *same = false;
    if (tarn__stat_path(g->path.ptr, false, &found, NULL) != TARN_OK ||
        found.kind != TARN__FILE_REGULAR ||
        found.size_bytes != tarn_reader_size(reader))
        return TARN_OK;
    char *other = tarn__malloc(2 * BLOCK_BYTES);
    if (other == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__file_open(&file, g->path.ptr, TARN__OPEN_READ, err);
    *same = st == TARN_OK;
    while (st == TARN_OK && *same && got > 0) {
        st = tarn_reader_read(reader, other, BLOCK_BYTES, &got, err);
        g->bytes += got;
        if (st == TARN_OK)
            st = go_on(g, err);
        for (size_t at = 0; st == TARN_OK && *same && at < got; at += have) {
            st = tarn__file_read(
                &file, other + BLOCK_BYTES, got - at, &have, err);
            *same = st == TARN_OK && have > 0 &&
                memcmp(other + at, other + BLOCK_BYTES, have) == 0;
        }
    }
    tarn__file_close(&file);
    tarn__free(other);
    if (st == TARN_OK)
        st = tarn_reader_seek(reader, 0, err);
    return st;
}

static tarn_status write_beside(
    getting *g, const tarn__node *node, tarn_reader *reader, tarn_error *err)
{
    tarn__file file;

    tarn_status st = tarn__open_beside(&file, g->path.ptr, err);
    if (st != TARN_OK)
        return st;
    st = reader != NULL ? copy_bytes(g, reader, &file, err)
                        : copy_rows(g, node, file.path, err);
    if (st == TARN_OK)
        st = clear_way(g, TARN__FILE_REGULAR, err);
    if (st == TARN_OK)
        st = tarn__rename(file.path, g->path.ptr, err);
    if (st != TARN_OK)
        (void)!tarn__unlink(file.path, NULL);
    tarn__file_close(&file);
    if (st == TARN_OK)
        g->written++;
    return st;
}

static tarn_status get_file(getting *g, const tarn__node *node, tarn_error *err)
{
    tarn_reader *reader = NULL;
    tarn_buf hold = TARN_BUF_INIT;
    tarn__item newest;
    bool found = false, same = false;

    tarn_status st =
        tarn__item_newest(g->snap, &node->id, &newest, &hold, &found, err);
    /* A series of several versions becomes one file by way of SQL. */
    bool merge =
        node->kind == TARN__KIND_SERIES && found && newest.total_items > 1;
    if (st == TARN_OK && !merge)
        st = tarn__reader_open(g->snap, &node->id, g->path.ptr, &reader, err);
    if (st == TARN_OK && !merge && g->options->sync)
        st = is_same(g, reader, &same, err);
    if (st == TARN_OK && !same)
        st = write_beside(g, node, reader, err);
    tarn_reader_close(reader);
    tarn_buf_reset(&hold);
    return st;
}

static tarn_status get_link(getting *g, const tarn__node *node, tarn_error *err)
{
    char *target = NULL, *have = NULL;

    tarn_status st = tarn__node_attr(node, "target", &target, err);
    if (st == TARN_OK && target == NULL)
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: a link without a target (tarn rebuild key)", g->path.ptr);
    if (st == TARN_OK)
        st = clear_way(g, TARN__FILE_LINK, err);
    if (st == TARN_OK && tarn__readlink(g->path.ptr, &have, NULL) == TARN_OK &&
        strcmp(have, target) != 0)
        st = tarn__unlink(g->path.ptr, err);
    if (st == TARN_OK && (have == NULL || strcmp(have, target) != 0)) {
        st = tarn__symlink(target, g->path.ptr, err);
        g->written += st == TARN_OK;
    }
    tarn__free(target);
    tarn__free(have);
    return st;
}

/* The lake's own folder stays, whatever it lies in. */
static tarn_status remove_stranger(getting *g, tarn_error *err)
{
    bool lakes;
    tarn_status st = is_lakes(g, true, &lakes, err);

    return st == TARN_OK && !lakes ? tarn__remove_tree(g->path.ptr, err) : st;
}

/* --delete: what the lake's folder has not leaves the host's. */
static tarn_status remove_strangers(
    getting *g, const tarn__node *node, tarn_error *err)
{
    tarn_snapshot *snap = g->snap;
    tarn__dir *dir = NULL;
    tarn__dirent entry;
    tarn__id child;
    tarn__kind kind;
    bool found;

    tarn_status st = tarn__dir_open(g->path.ptr, &dir, err);
    while (
        st == TARN_OK && (st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        const size_t len = g->path.len;
        st = tarn__entry_find(
            snap, &node->id, tarn_str(entry.name), &child, &kind, &found, err);
        if (st == TARN_OK && !found) {
            st = push_name(g, tarn_str(entry.name), err);
            if (st == TARN_OK)
                st = remove_stranger(g, err);
            pop_name(g, len);
        }
    }
    tarn__dir_close(dir);
    return st;
}

static tarn_status enter_folder(
    getting *g, const tarn__node *node, tarn_error *err)
{
    tarn_status st = clear_way(g, TARN__FILE_DIR, err);

    if (st == TARN_OK)
        st = tarn__mkdirs(g->path.ptr, err);
    return st == TARN_OK && g->options->remove ? remove_strangers(g, node, err)
                                               : st;
}

static tarn_status get_node(
    void *arg, const tarn__node *node, bool leaving, tarn_error *err)
{
    getting *g = arg;
    const size_t len = g->path.len;
    bool root = tarn__id_eq(&node->id, &tarn__root_id);
    tarn_status st = TARN_OK;

    if (leaving) {
        size_t up = g->path.len;
        while (!root && up > 0 && g->path.ptr[up - 1] != '/')
            up--;
        if (!root)
            pop_name(g, up - 1);
        return TARN_OK;
    }
    st = go_on(g, err);
    if (st != TARN_OK)
        return st;
    tarn_slice name = g->top.len > 0 ? g->top : node->name;
    g->top = (tarn_slice){NULL, 0};
    if (name.len > 0)
        st = push_name(g, name, err);
    if (st == TARN_OK)
        st = refuse_lakes(g, false, err);
    if (st != TARN_OK)
        return st;
    if (node->kind == TARN__KIND_DIR)
        return enter_folder(g, node, err); /* its name goes when it is left */
    if (node->kind == TARN__KIND_LINK)
        st = get_link(g, node, err);
    else
        st = get_file(g, node, err);
    pop_name(g, len);
    return st;
}

/* What a link leads to has the link's name on the host, as with cp. */
static tarn_status get_path(
    getting *g, const char *path, bool follow, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn_buf clean = TARN_BUF_INIT;
    tarn__node node;

    tarn_status st =
        tarn__tree_resolve(g->snap, path, follow, &node, &payload, err);
    if (st == TARN_OK)
        st = tarn__path_clean(tarn_str(path), &clean, err);
    if (st == TARN_OK) {
        g->top = tarn__path_name(tarn__buf_slice(&clean));
        st = tarn__tree_walk(g->snap, &node.id, get_node, g, err);
    }
    tarn_buf_reset(&payload);
    tarn_buf_reset(&clean);
    return st;
}

/* Two matches of one name: the second would replace the first.  What lies in a
 * folder that matches too is not lost: it stands in that. */
static tarn_status claim(tarn__ordmap *claimed, tarn_buf *folder,
    const tarn_node *node, tarn_error *err)
{
    const char *path = node->path;
    tarn_slice outer = tarn__buf_slice(folder);
    if (outer.len > 0 && tarn__path_within(outer, tarn_str(path)))
        return TARN_OK;
    if (node->kind == TARN_KIND_DIR) {
        tarn__buf_clear(folder);
        tarn_status st = tarn__buf_str(folder, path, err);
        if (st != TARN_OK)
            return st;
    }
    tarn_slice name = tarn__path_name(tarn_str(path));
    tarn_slice other;

    if (tarn__ordmap_get(claimed, name, &other))
        return tarn__fail(err, TARN_EXISTS,
            "%.*s and %s: have one name, and only one can have it there (get "
            "them into folders of their own)",
            (int)other.len, other.ptr, path);
    return tarn__ordmap_put(claimed, name, tarn_str(path), err);
}

static tarn_status claim_matches(
    getting *g, const char *pattern, tarn_error *err)
{
    tarn_tree_list *list = NULL;
    tarn__ordmap *claimed = NULL;
    tarn_buf folder = TARN_BUF_INIT;
    const tarn_node *node;

    tarn_status st = tarn__ordmap_create(&claimed, err);
    if (st == TARN_OK)
        st = tarn_tree_list_open(g->snap, pattern, NULL, &list, err);
    while (st == TARN_OK &&
        (st = tarn_tree_list_next(list, &node, err)) == TARN_ROW)
        st = claim(claimed, &folder, node, err);
    tarn_tree_list_free(list);
    tarn_buf_reset(&folder);
    tarn__ordmap_free(claimed);
    return st;
}

static tarn_status get_matches(getting *g, const char *pattern, tarn_error *err)
{
    tarn_tree_list *list = NULL;
    const tarn_node *node;
    int64_t count = 0;

    tarn_status st = claim_matches(g, pattern, err);
    if (st == TARN_OK)
        st = tarn_tree_list_open(g->snap, pattern, NULL, &list, err);
    while (st == TARN_OK &&
        (st = tarn_tree_list_next(list, &node, err)) == TARN_ROW) {
        count++;
        st = get_path(g, node->path, false, err);
    }
    tarn_tree_list_free(list);
    if (st == TARN_OK && count == 0)
        st = tarn__fail(
            err, TARN_NOT_FOUND, "%s: matches nothing (see tarn ls)", pattern);
    return st;
}

static tarn_status find_lake(getting *g, const char *host_dir, tarn_error *err)
{
    const tarn_lake *lake = tarn__snapshot_lake(g->snap);

    g->given = g->path.len;
    if (tarn__lake_is_memory(lake))
        return TARN_OK;
    tarn_status st = tarn__realpath(host_dir, &g->real, err);
    if (st == TARN_OK && strcmp(g->real, "/") == 0)
        g->real[0] = '\0';
    return st == TARN_OK ? tarn__realpath(tarn_lake_dir(lake), &g->lake, err)
                         : st;
}

tarn_status tarn_tree_get(tarn_snapshot *snap, const char *pattern,
    const char *host_dir, const tarn_get_options *options, int64_t *written,
    tarn_error *err)
{
    static const tarn_get_options defaults = TARN_GET_OPTIONS_INIT;
    getting g = {.snap = snap,
        .options = options != NULL ? options : &defaults,
        .path = TARN_BUF_INIT};

    if (written != NULL)
        *written = 0;
    tarn_status st = tarn__mkdirs(host_dir, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&g.path, host_dir, err);
    while (g.path.len > 1 && g.path.ptr[g.path.len - 1] == '/')
        pop_name(&g, g.path.len - 1);
    if (st == TARN_OK)
        st = find_lake(&g, host_dir, err);
    bool globs = false;
    if (st == TARN_OK)
        st = tarn__means_pattern(snap, pattern, &globs, err);
    if (st == TARN_OK)
        st = globs ? get_matches(&g, pattern, err)
                   : get_path(&g, pattern, true, err);
    if (written != NULL)
        *written = g.written;
    tarn__duck_close(g.duck);
    tarn__free(g.block);
    tarn__free(g.real);
    tarn__free(g.lake);
    tarn_buf_reset(&g.path);
    return st;
}

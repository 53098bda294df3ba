/* tarn_tree_put_path(): a host file, a folder with all in it, or a table of a
 * DuckDB file. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "duck/attach.h"
#include "os/file.h"
#include "tree/path.h"
#include "tree/put.h"

/* --- folders --- */

typedef struct host_level {
    char **names; /* sorted */
    size_t count, cap, next;
    size_t path_len; /* of the host path, up to this folder */
    bool had;        /* the lake has a folder here: `id` */
    tarn__id id;
} host_level;

typedef struct host_walk {
    tarn__stage *stage;
    const tarn_put_options *options;
    tarn__seeds *seeds;
    tarn__stat own; /* the lake's own folder */
    tarn_buf path;
    host_level *levels;
    size_t depth, cap;
} host_walk;

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void level_reset(host_level *l)
{
    for (size_t i = 0; i < l->count; i++)
        tarn__free(l->names[i]);
    tarn__free(l->names);
}

static tarn_status add_name(
    host_level *l, const char *dir, const char *name, tarn_error *err)
{
    tarn_status st = tarn__name_check(tarn_str(name), err);
    if (st != TARN_OK) {
        tarn__error_prefix(err, "%s", dir);
        return st == TARN_INVALID && err != NULL ? (err->code = TARN_BAD_INPUT)
                                                 : st;
    }
    void *raw = l->names;
    st = tarn__grow(&raw, &l->cap, l->count + 1, sizeof *l->names, err);
    l->names = raw;
    if (st != TARN_OK)
        return st;
    l->names[l->count] = tarn__strdup(name);
    if (l->names[l->count] == NULL)
        return tarn__no_memory(err);
    l->count++;
    return TARN_OK;
}

static tarn_status read_names(host_level *l, const char *path, tarn_error *err)
{
    tarn__dir *dir = NULL;
    tarn__dirent entry;

    tarn_status st = tarn__dir_open(path, &dir, err);
    while (st == TARN_OK && (st = tarn__dir_next(dir, &entry, err)) == TARN_ROW)
        st = add_name(l, path, entry.name, err);
    tarn__dir_close(dir);
    if (st == TARN_OK && l->count > 0)
        qsort(l->names, l->count, sizeof *l->names, by_name);
    return st;
}

static tarn_status enter(
    host_walk *w, bool had, const tarn__id *id, tarn_error *err)
{
    void *raw = w->levels;
    tarn_status st =
        tarn__grow(&raw, &w->cap, w->depth + 1, sizeof *w->levels, err);

    w->levels = raw;
    if (st != TARN_OK)
        return st;
    host_level *l = &w->levels[w->depth++];
    *l = (host_level){.path_len = w->path.len, .had = had};
    if (had)
        l->id = *id;
    return read_names(l, w->path.ptr, err);
}

/* What the lake has under the name, below a folder that it has. */
static tarn_status find_had(const host_walk *w, const host_level *l,
    const char *name, tarn__id *id, bool *found, tarn_error *err)
{
    tarn__kind kind;

    *found = false;
    if (!l->had)
        return TARN_OK;
    return tarn__entry_find(tarn_txn_snapshot(w->stage->txn), &l->id,
        tarn_str(name), id, &kind, found, err);
}

static tarn_status put_file(host_walk *w, const char *name, bool found,
    const tarn__id *id, tarn_error *err)
{
    tarn__had had = TARN__HAD_INIT;
    tarn__cargo cargo = TARN__CARGO_INIT;
    tarn_status st = TARN_OK;

    if (found)
        st = tarn__had_load(tarn_txn_snapshot(w->stage->txn), id, &had, err);
    if (st == TARN_OK)
        st = tarn__stage_file_at(w->stage, w->path.ptr, w->path.ptr,
            tarn__stage_kind(w->options, &had, name), w->options, &had, &cargo,
            err);
    if (st == TARN_OK)
        st = tarn__put_cargo(w->seeds, tarn_str(name), &cargo, err);
    tarn__cargo_reset(&cargo);
    tarn__had_reset(&had);
    return st;
}

static tarn_status put_link(host_walk *w, const char *name, tarn_error *err)
{
    char *target = NULL;
    tarn_status st = tarn__readlink(w->path.ptr, &target, err);

    if (st == TARN_OK && !tarn__utf8_valid(tarn_str(target)))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: its target is not UTF-8 (rename what it points to)",
            w->path.ptr);
    if (st == TARN_OK) {
        const tarn__seed seed = {.type = TARN__SEED_LINK,
            .name = tarn_str(name),
            .kind = TARN__KIND_LINK,
            .target = tarn_str(target)};
        st = tarn__seeds_add(w->seeds, &seed, err);
    }
    tarn__free(target);
    return st;
}

static bool is_own(const host_walk *w, const tarn__stat *found)
{
    return found->device == w->own.device && found->inode == w->own.inode;
}

/* A lake that swallows itself would hold half a commit of its own. */
static tarn_status refuse_own(const char *path, tarn_error *err)
{
    return tarn__fail(err, TARN_INVALID,
        "%s: is the lake itself (put what stands beside it by name)", path);
}

static tarn_status put_entry(
    host_walk *w, const host_level *l, const char *name, tarn_error *err)
{
    tarn__stat found;
    tarn__id id = {{0}};
    bool had = false;

    tarn_status st = tarn__stat_path(w->path.ptr, false, &found, err);
    if (st == TARN_OK)
        st = find_had(w, l, name, &id, &had, err);
    if (st != TARN_OK)
        return st;
    switch (found.kind) {
    case TARN__FILE_DIR:
        if (is_own(w, &found))
            return refuse_own(w->path.ptr, err);
        st = tarn__seeds_dir(w->seeds, tarn_str(name), err);
        return st == TARN_OK ? enter(w, had, &id, err) : st;
    case TARN__FILE_LINK:
        return put_link(w, name, err);
    case TARN__FILE_REGULAR:
        return put_file(w, name, had, &id, err);
    default:
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: neither a file, a folder nor a link (move it away)",
            w->path.ptr);
    }
}

static tarn_status next_entry(host_walk *w, tarn_error *err)
{
    host_level *l = &w->levels[w->depth - 1];

    if (l->next == l->count) {
        level_reset(l);
        w->depth--;
        return w->depth > 0 ? tarn__seeds_leave(w->seeds, err) : TARN_OK;
    }
    const char *name = l->names[l->next++];
    w->path.len = l->path_len;
    tarn_status st = tarn__buf_char(&w->path, '/', err);
    if (st == TARN_OK)
        st = tarn__buf_str(&w->path, name, err);
    return st == TARN_OK ? put_entry(w, l, name, err) : st;
}

static tarn_status walk_folder(tarn__stage *stage, const char *host_path,
    const tarn_put_options *options, const tarn__had *had,
    const tarn__id *had_id, tarn__seeds *seeds, tarn_error *err)
{
    host_walk w = {.stage = stage,
        .options = options,
        .seeds = seeds,
        .path = TARN_BUF_INIT};
    tarn__stat top;

    tarn_status st = tarn__stat_path(host_path, true, &top, err);
    if (st == TARN_OK && !stage->memory)
        st = tarn__stat_path(tarn_lake_dir(stage->lake), true, &w.own, err);
    if (st == TARN_OK && is_own(&w, &top))
        st = refuse_own(host_path, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&w.path, host_path, err);
    while (w.path.len > 1 && w.path.ptr[w.path.len - 1] == '/')
        w.path.ptr[--w.path.len] = '\0';
    if (st == TARN_OK)
        st = enter(&w, had->there && had->kind == TARN__KIND_DIR, had_id, err);
    while (st == TARN_OK && w.depth > 0)
        st = next_entry(&w, err);
    while (w.depth > 0)
        level_reset(&w.levels[--w.depth]);
    tarn__free(w.levels);
    tarn_buf_reset(&w.path);
    return st;
}

/* --- one source --- */

static tarn_status stage_file(tarn__stage *stage, const char *host_path,
    const char *table, const tarn_put_options *options, tarn__put *put,
    tarn_error *err)
{
    tarn__had had = TARN__HAD_INIT;
    tarn__cargo cargo = TARN__CARGO_INIT;
    tarn__kind kind;

    tarn_status st = tarn__put_had(stage->txn, put, &had, err);
    if (st == TARN_OK && table != NULL) {
        kind = options->as == TARN_KIND_SERIES ||
                (options->as == TARN_KIND_ANY && had.there &&
                    had.kind == TARN__KIND_SERIES)
            ? TARN__KIND_SERIES
            : TARN__KIND_TABLE;
        st = tarn__stage_store(
            stage, host_path, table, kind, options, &had, &cargo, err);
    } else if (st == TARN_OK) {
        kind = tarn__stage_kind(options, &had, put->name);
        st = tarn__stage_file_at(
            stage, host_path, host_path, kind, options, &had, &cargo, err);
    }
    if (st == TARN_OK)
        st = tarn__put_cargo(&put->seeds, (tarn_slice){"", 0}, &cargo, err);
    tarn__cargo_reset(&cargo);
    tarn__had_reset(&had);
    return st;
}

/* The folder that a folder put would fill, when it is there already. */
static tarn_status find_folder(tarn_txn *txn, const tarn__put *put,
    tarn__had *had, tarn__id *id, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn__place place = TARN__PLACE_INIT;
    tarn__kind kind;

    *had = (tarn__had)TARN__HAD_INIT;
    tarn_status st = tarn__place_find(
        snap, put->path, TARN__FIND_FOLLOW | TARN__FIND_MISSING, &place, err);
    if (st == TARN_OK && place.missing == 0 &&
        tarn__place_last(&place)->kind == TARN__KIND_DIR) {
        st = tarn__entry_find(snap, &tarn__place_last(&place)->id,
            tarn_str(put->name), id, &kind, &had->there, err);
        had->kind = kind;
    }
    tarn__place_reset(&place);
    return st;
}

static tarn_status stage_folder(tarn__stage *stage, const char *host_path,
    const tarn_put_options *options, tarn__put *put, tarn_error *err)
{
    tarn__had had;
    tarn__id id = {{0}};

    put->folder = true;
    tarn_status st = find_folder(stage->txn, put, &had, &id, err);
    return st == TARN_OK
        ? walk_folder(stage, host_path, options, &had, &id, &put->seeds, err)
        : st;
}

/* The source's own name: the last of its path, "." and ".." looked through. */
static tarn_status own_name(const char *host_path, char **name, tarn_error *err)
{
    char *real = NULL;
    size_t len = strlen(host_path);

    while (len > 1 && host_path[len - 1] == '/')
        len--;
    char *plain = tarn__strndup(host_path, len);
    if (plain == NULL)
        return tarn__no_memory(err);
    const char *base = tarn__path_base(plain);
    tarn_status st = TARN_OK;
    if (strcmp(base, ".") == 0 || strcmp(base, "..") == 0) {
        st = tarn__realpath(plain, &real, err);
        base = real != NULL ? tarn__path_base(real) : "";
    }
    if (st == TARN_OK)
        *name = tarn__strdup(base);
    if (st == TARN_OK && *name == NULL)
        st = tarn__no_memory(err);
    tarn__free(plain);
    tarn__free(real);
    return st;
}

static tarn_status stage_source(tarn__stage *stage, const char *host_path,
    const char *table, const tarn_put_options *options, tarn__put *put,
    tarn_error *err)
{
    tarn__stat found;
    tarn_status st = tarn__stat_path(host_path, true, &found, err);

    if (st != TARN_OK)
        return st;
    if (table == NULL && found.kind == TARN__FILE_DIR)
        return stage_folder(stage, host_path, options, put, err);
    return stage_file(stage, host_path, table, options, put, err);
}

tarn_status tarn_tree_put_path(tarn_txn *txn, const char *path,
    const char *host_path, const tarn_put_options *options, int64_t *changed,
    tarn_error *err)
{
    static const tarn_put_options defaults = TARN_PUT_OPTIONS_INIT;
    const tarn_put_options *o = options != NULL ? options : &defaults;
    const char *table = NULL;
    char *store = NULL, *name = NULL;
    tarn__put *put = NULL;
    tarn__stage stage;

    if (changed != NULL)
        *changed = 0;
    tarn_status st = tarn__put_check(o, err);
    if (st != TARN_OK)
        return st;
    tarn__stage_init(&stage, txn);
    st = tarn__duck_split_store(host_path, &store, &table, err);
    if (st == TARN_OK && store == NULL)
        st = own_name(host_path, &name, err);
    else if (st == TARN_OK && (name = tarn__strdup(table)) == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn__put_create(txn, path, name, o, &put, err);
    if (st == TARN_OK)
        st = stage_source(
            &stage, store != NULL ? store : host_path, table, o, put, err);
    tarn__stage_reset(&stage);
    tarn__free(store);
    tarn__free(name);
    if (st == TARN_OK)
        return tarn__put_run(txn, put, changed, err);
    tarn__put_free(put);
    return st;
}

/* A pattern over the host's folders, walked part by part. */
#include "flow/host_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "tree/glob.h"

#define LEVELS_MAX 100

void tarn__host_files_reset(tarn__host_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        tarn__free(files->items[i].path);
    tarn__free(files->items);
    *files = (tarn__host_files)TARN__HOST_FILES_INIT;
}

static tarn_status add(tarn__host_files *out, const char *path, tarn_error *err)
{
    tarn__stat stat;
    tarn_status st = tarn__stat_path(path, true, &stat, err);
    if (st == TARN_OK)
        st = tarn__grow((void **)&out->items, &out->cap, out->count + 1,
            sizeof(*out->items), err);
    char *copy = st == TARN_OK ? tarn__strdup(path) : NULL;
    if (st == TARN_OK && copy == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        out->items[out->count++] =
            (tarn__host_file){copy, stat.size_bytes, stat.mtime_us};
    return st;
}

/* What cannot be looked at is no reason to leave out what is in it; a link that
 * leads nowhere is no folder. */
static tarn_status is_folder(const char *path, bool *folder, tarn_error *err)
{
    tarn__stat stat;
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = tarn__stat_path(path, true, &stat, &why);
    *folder = st == TARN_OK && stat.kind == TARN__FILE_DIR;
    if (st == TARN_OK || st == TARN_NOT_FOUND || why.origin_code == ELOOP)
        return TARN_OK;
    if (err != NULL)
        *err = why;
    return st;
}

static tarn_status walk(const tarn__glob *glob, const char *dir,
    const tarn__glob_set *at, int level, tarn__host_files *out,
    tarn_error *err);

static tarn_status entry(const tarn__glob *glob, const char *dir,
    const char *name, const tarn__glob_set *at, int level,
    tarn__host_files *out, tarn_error *err)
{
    tarn__glob_set next = tarn__glob_next(glob, at, tarn_str(name), false);
    bool done = tarn__glob_done(glob, &next);
    bool on = tarn__glob_goes_on(glob, &next) && level < LEVELS_MAX;
    if (!done && !on)
        return TARN_OK;
    char *path = tarn__path_join(dir, name);
    if (path == NULL)
        return tarn__no_memory(err);
    bool folder = false;
    tarn_status st = is_folder(path, &folder, err);
    if (st == TARN_OK && folder && on)
        st = walk(glob, path, &next, level + 1, out, err);
    else if (st == TARN_OK && !folder && done)
        st = add(out, path, err);
    tarn__free(path);
    return st;
}

static tarn_status walk(const tarn__glob *glob, const char *dir,
    const tarn__glob_set *at, int level, tarn__host_files *out, tarn_error *err)
{
    tarn__dir *handle;
    tarn__dirent found;
    tarn_status st = tarn__dir_open(dir, &handle, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(handle, &found, err)) == TARN_ROW) {
        st = entry(glob, dir, found.name, at, level, out, err);
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(handle);
    return st;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(
        ((const tarn__host_file *)a)->path, ((const tarn__host_file *)b)->path);
}

/* The folder before the first part that is a pattern. */
static size_t literal_length(const char *pattern)
{
    size_t wild = strcspn(pattern, "*?[");
    while (wild > 0 && pattern[wild - 1] != '/')
        wild--;
    return wild;
}

static tarn_status matches(
    const char *pattern, tarn__host_files *out, tarn_error *err)
{
    tarn__glob glob = TARN__GLOB_INIT;
    size_t before = out->count;
    size_t len = literal_length(pattern);
    char *dir = tarn__strndup(pattern, len > 1 ? len - 1 : 1);
    if (dir == NULL)
        return tarn__no_memory(err);
    bool folder = false;
    tarn_status st = tarn__glob_init(&glob, tarn_str(pattern + len), err);
    if (st == TARN_OK)
        st = is_folder(dir, &folder, err);
    if (st == TARN_OK && folder) {
        tarn__glob_set start = tarn__glob_start(&glob);
        st = walk(&glob, dir, &start, 0, out, err);
    }
    if (st == TARN_OK && out->count > before)
        qsort(out->items + before, out->count - before, sizeof(*out->items),
            by_path);
    tarn__glob_reset(&glob);
    tarn__free(dir);
    return st;
}

tarn_status tarn__host_files_find(
    const char *pattern, tarn__host_files *out, tarn_error *err)
{
    bool there, folder = false;
    tarn_status st = tarn__path_look(pattern, &there, err);
    if (st == TARN_OK && !there && strpbrk(pattern, "*?[") != NULL)
        return matches(pattern, out, err);
    if (st == TARN_OK)
        st = is_folder(pattern, &folder, err);
    if (st == TARN_OK && folder)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: is a folder (name files in it, such as %s/*.csv)", pattern,
            pattern);
    if (st == TARN_OK)
        st = add(out, pattern, err);
    return st == TARN_NOT_FOUND
        ? tarn__fail(err, st, "%s: is not there (look at config.path)", pattern)
        : st;
}

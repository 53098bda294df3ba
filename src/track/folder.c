/* The files of one kind of entity. */
#include "track/folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "os/file.h"

/* *wanted false: it is none of ours. */
static tarn_status look(
    const char *path, const char *name, bool *wanted, tarn_error *err)
{
    static const char *const packed[] = {
        ".json.gz", ".jsonl.gz", ".json.zst", ".jsonl.zst"};
    *wanted = false;
    if (name[0] == '.')
        return TARN_OK;
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
        if (tarn__ends_with(name, packed[i]))
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: packed files are not read here (unpack it)", path);
    *wanted = tarn__ends_with(name, ".json") || tarn__ends_with(name, ".jsonl");
    return TARN_OK;
}

static tarn_status add(tarn__track_folder *folder, const char *path,
    const char *name, tarn_error *err)
{
    bool wanted;
    tarn__stat of;
    tarn_status st = look(path, name, &wanted, err);
    if (st == TARN_OK && wanted)
        st = tarn__stat_path(path, true, &of, err);
    if (st != TARN_OK || !wanted)
        return st;
    if (of.kind != TARN__FILE_REGULAR)
        return tarn__fail(
            err, TARN_BAD_INPUT, "%s: is no file (remove it)", path);
    st = tarn__grow((void **)&folder->files, &folder->cap, folder->count + 1,
        sizeof(*folder->files), err);
    if (st != TARN_OK)
        return st;
    char *copy = tarn__strdup(path);
    if (copy == NULL)
        return tarn__no_memory(err);
    folder->files[folder->count++] = (tarn__track_file){copy, of.size_bytes, 0};
    return TARN_OK;
}

static tarn_status list(
    tarn__track_folder *folder, const char *dir, tarn_error *err)
{
    tarn__dir *listing;
    tarn__dirent entry;
    tarn_status st = tarn__dir_open(dir, &listing, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(listing, &entry, err)) == TARN_ROW) {
        char *path = tarn__path_join(dir, entry.name);
        st = path == NULL ? tarn__no_memory(err)
                          : add(folder, path, entry.name, err);
        tarn__free(path);
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(listing);
    return st;
}

static int by_name(const void *a, const void *b)
{
    const tarn__track_file *x = a;
    const tarn__track_file *y = b;
    return strcmp(x->path, y->path);
}

tarn_status tarn__track_folder_read(
    const char *dir, const char *kind, tarn__track_folder *out, tarn_error *err)
{
    *out = (tarn__track_folder)TARN__TRACK_FOLDER_INIT;
    if (dir == NULL)
        return TARN_OK;
    char *path = tarn__path_join(dir, kind);
    if (path == NULL)
        return tarn__no_memory(err);
    /* Only what is surely not there has no files. */
    tarn__stat of;
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = tarn__stat_path(path, true, &of, &why);
    if (st == TARN_OK)
        st = list(out, path, err);
    else if (st == TARN_NOT_FOUND)
        st = TARN_OK;
    else if (err != NULL)
        *err = why;
    tarn__free(path);
    if (st != TARN_OK) {
        tarn__track_folder_reset(out);
        return st;
    }
    if (out->count > 0)
        qsort(out->files, out->count, sizeof(*out->files), by_name);
    for (size_t i = 0; i < out->count; i++) {
        out->files[i].base = out->total;
        out->total += out->files[i].size + 1;
    }
    return TARN_OK;
}

void tarn__track_folder_reset(tarn__track_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        tarn__free(folder->files[i].path);
    tarn__free(folder->files);
    *folder = (tarn__track_folder)TARN__TRACK_FOLDER_INIT;
}

const tarn__track_file *tarn__track_folder_at(
    const tarn__track_folder *folder, uint64_t at)
{
    size_t low = 0;
    size_t high = folder->count;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (folder->files[mid].base <= at)
            low = mid;
        else
            high = mid;
    }
    return &folder->files[low];
}

/* All objects in order of name, and what does not belong beside them. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "object/object_internal.h"

/* The names in one folder, sorted. */
struct names {
    char **names;
    size_t count, cap;
    size_t next;
};

struct tarn__object_walk {
    char *dir;
    struct names folders; /* and files beside them */
    char *folder;         /* the one being walked: its path, or NULL */
    char folder_name[3];  /* and its two digits */
    struct names files;
    char *path; /* what the last item borrowed */
};

static void names_reset(struct names *n)
{
    for (size_t i = 0; i < n->count; i++)
        tarn__free(n->names[i]);
    tarn__free(n->names);
    *n = (struct names){NULL, 0, 0, 0};
}

static tarn_status add_name(struct names *n, const char *name, tarn_error *err)
{
    void *raw = n->names;
    tarn_status st =
        tarn__grow(&raw, &n->cap, n->count + 1, sizeof(*n->names), err);
    n->names = raw;
    if (st != TARN_OK)
        return st;
    n->names[n->count] = tarn__strdup(name);
    if (n->names[n->count] == NULL)
        return tarn__no_memory(err);
    n->count++;
    return TARN_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static tarn_status read_names(
    const char *path, struct names *out, tarn_error *err)
{
    tarn__dir *dir = NULL;
    tarn__dirent entry;
    tarn_status st = tarn__dir_open(path, &dir, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        st = add_name(out, entry.name, err);
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(dir);
    if (st == TARN_OK && out->count > 0)
        qsort(out->names, out->count, sizeof(*out->names), compare);
    if (st != TARN_OK)
        names_reset(out);
    return st;
}

tarn_status tarn__object_walk_open(
    const tarn__objects *objects, tarn__object_walk **out, tarn_error *err)
{
    *out = NULL;
    tarn__object_walk *walk = tarn__calloc(1, sizeof(*walk));
    if (walk == NULL)
        return tarn__no_memory(err);
    walk->dir = tarn__strdup(objects->dir);
    tarn_status st = walk->dir == NULL
        ? tarn__no_memory(err)
        : read_names(walk->dir, &walk->folders, err);
    if (st != TARN_OK) {
        tarn__object_walk_close(walk);
        return st;
    }
    *out = walk;
    return TARN_OK;
}

void tarn__object_walk_close(tarn__object_walk *walk)
{
    if (walk == NULL)
        return;
    names_reset(&walk->folders);
    names_reset(&walk->files);
    tarn__free(walk->dir);
    tarn__free(walk->folder);
    tarn__free(walk->path);
    tarn__free(walk);
}

static bool is_hex(const char *s, size_t len)
{
    return strspn(s, "0123456789abcdef") >= len;
}

/* The id that folder and file name spell; false: none. */
static bool parse_id(const char *folder, const char *name, tarn__object_id *id)
{
    char hex[TARN__SHA256_HEX_BYTES] = {0};
    size_t rest = TARN__SHA256_HEX_BYTES - 3;
    if (strlen(name) < rest || !is_hex(name, rest))
        return false;
    id->parquet = strcmp(name + rest, ".parquet") == 0;
    if (!id->parquet && name[rest] != '\0')
        return false;
    memcpy(hex, folder, 2);
    memcpy(hex + 2, name, rest);
    return tarn__unhex(hex, TARN__SHA256_HEX_BYTES - 1, id->sha256);
}

/* Fill an item for a path; takes the path.  False: it is gone by now. */
static tarn_status make_item(tarn__object_walk *walk, char *path,
    tarn__object_item *out, bool *gone, tarn_error *err)
{
    tarn__free(walk->path);
    walk->path = path;
    *gone = false;
    if (path == NULL)
        return tarn__no_memory(err);
    tarn__stat stat;
    tarn_status st = tarn__stat_path(path, false, &stat, err);
    *gone = st == TARN_NOT_FOUND;
    if (st != TARN_OK)
        return *gone ? TARN_OK : st;
    out->path = path;
    out->size_bytes = stat.size_bytes;
    out->mtime_us = stat.mtime_us;
    if (stat.kind != TARN__FILE_REGULAR)
        out->stray = true;
    return TARN_OK;
}

static tarn_status next_file(tarn__object_walk *walk, tarn__object_item *out,
    bool *gone, tarn_error *err)
{
    static const tarn__object_id zero = {.parquet = false};
    const char *name = walk->files.names[walk->files.next++];
    out->stray = !parse_id(walk->folder_name, name, &out->id);
    tarn_status st =
        make_item(walk, tarn__path_join(walk->folder, name), out, gone, err);
    if (out->stray)
        out->id = zero;
    return st;
}

/* Into the next folder; what is no folder of objects is an item itself. */
static tarn_status next_folder(tarn__object_walk *walk, tarn__object_item *out,
    bool *found, tarn_error *err)
{
    *found = false;
    const char *name = walk->folders.names[walk->folders.next++];
    char *path = tarn__path_join(walk->dir, name);
    if (path == NULL)
        return tarn__no_memory(err);
    if (strlen(name) != 2 || !is_hex(name, 2) || !tarn__path_is_dir(path)) {
        bool gone;
        out->stray = true;
        tarn_status st = make_item(walk, path, out, &gone, err);
        *found = !gone;
        return st;
    }
    tarn__free(walk->folder);
    walk->folder = path;
    memcpy(walk->folder_name, name, 3);
    names_reset(&walk->files);
    return read_names(path, &walk->files, err);
}

tarn_status tarn__object_walk_next(
    tarn__object_walk *walk, tarn__object_item *out, tarn_error *err)
{
    static const tarn__object_item none = {.path = NULL};
    for (;;) {
        *out = none;
        tarn_status st;
        bool found = false;
        if (walk->files.next < walk->files.count) {
            bool gone = false;
            st = next_file(walk, out, &gone, err);
            found = !gone;
        } else if (walk->folders.next < walk->folders.count) {
            st = next_folder(walk, out, &found, err);
        } else {
            return TARN_OK;
        }
        if (st != TARN_OK) {
            *out = none;
            return st;
        }
        if (found)
            return TARN_ROW;
    }
}

/* The folder of objects: names, publishing, removing.
 *
 * O1 A file whose name is an object's holds that object's bytes, durably,
 *    before its name appears.
 * O2 tarn__objects_publish() returns after the disk has every name: of the
 *    object in its folder, and of the folder. */
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "object/object_internal.h"
#include "os/durable.h"

tarn_status tarn__objects_open(
    const char *dir, tarn__objects **out, tarn_error *err)
{
    *out = NULL;
    tarn__objects *objects = tarn__calloc(1, sizeof(*objects));
    if (objects == NULL)
        return tarn__no_memory(err);
    objects->dir = tarn__strdup(dir);
    if (objects->dir == NULL) {
        tarn__free(objects);
        return tarn__no_memory(err);
    }
    *out = objects;
    return TARN_OK;
}

void tarn__objects_close(tarn__objects *objects)
{
    if (objects == NULL)
        return;
    tarn__free(objects->dir);
    tarn__free(objects);
}

static char *folder_path(const tarn__objects *objects, uint8_t first)
{
    return tarn__sprintf("%s/%02x", objects->dir, first);
}

char *tarn__object_path(const tarn__objects *objects, tarn__object_id id)
{
    char hex[TARN__SHA256_HEX_BYTES];
    tarn__hex(id.sha256, TARN__SHA256_BYTES, hex);
    return tarn__sprintf("%s/%.2s/%s%s", objects->dir, hex, hex + 2,
        id.parquet ? ".parquet" : "");
}

bool tarn__object_exists(const tarn__objects *objects, tarn__object_id id)
{
    char *path = tarn__object_path(objects, id);
    bool there = path != NULL && tarn__path_exists(path);
    tarn__free(path);
    return there;
}

/* A folder that is there may be another process's of a moment ago, which was
 * killed before it synced: once a handle, the folder above is synced. */
static tarn_status make_folder(
    tarn__objects *objects, uint8_t first, tarn_error *err)
{
    if (objects->folder_durable[first])
        return TARN_OK;
    char *path = folder_path(objects, first);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__mkdir(path, err);
    tarn__free(path);
    return st == TARN_EXISTS ? TARN_OK : st;
}

static tarn_status place(
    tarn__objects *objects, tarn__staged *staged, tarn_error *err)
{
    tarn_status st = make_folder(objects, staged->id.sha256[0], err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__object_path(objects, staged->id);
    if (path == NULL)
        return tarn__no_memory(err);
    st = tarn__rename(staged->path, path, err);
    tarn__free(path);
    if (st == TARN_OK) {
        tarn__free(staged->path);
        staged->path = NULL;
    }
    return st;
}

static tarn_status sync_folder(
    const tarn__objects *objects, uint8_t first, tarn_error *err)
{
    char *path = folder_path(objects, first);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__sync_dir(path, err);
    tarn__free(path);
    return st;
}

tarn_status tarn__objects_publish(
    tarn__objects *objects, tarn__staged *staged, size_t count, tarn_error *err)
{
    bool touched[TARN__OBJECT_FOLDERS] = {false};
    bool above = false;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        uint8_t first = staged[i].id.sha256[0];
        touched[first] = true;
        above = above || !objects->folder_durable[first];
        st = place(objects, &staged[i], err);
    }
    for (size_t f = 0; st == TARN_OK && f < TARN__OBJECT_FOLDERS; f++)
        if (touched[f])
            st = sync_folder(objects, (uint8_t)f, err);
    if (st == TARN_OK && above)
        st = tarn__sync_dir(objects->dir, err);
    for (size_t f = 0; st == TARN_OK && f < TARN__OBJECT_FOLDERS; f++)
        if (touched[f])
            objects->folder_durable[f] = true;
    return st;
}

tarn_status tarn__object_remove(
    const tarn__objects *objects, tarn__object_id id, tarn_error *err)
{
    char *path = tarn__object_path(objects, id);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__unlink(path, err);
    tarn__free(path);
    return st;
}

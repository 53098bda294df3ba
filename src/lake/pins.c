/* Which versions readers hold: shared flocks on tmp/pins/<version>. */
#include "base/str.h"
#include "lake/gc_internal.h"
#include "os/file.h"

/* One that nobody holds goes: under its lock, so that a reader that has just
 * opened it finds it gone and makes it anew. */
static bool is_held(const char *path)
{
    tarn__lock lock = TARN__LOCK_INIT;

    if (tarn__lock_take(&lock, path, false, 0, NULL) != TARN_OK)
        return true; /* or is another user's: to be safe */
    (void)!tarn__unlink(path, NULL);
    tarn__lock_release(&lock);
    return false;
}

tarn_status tarn__pins_oldest(
    tarn_lake *lake, int64_t *version, tarn_error *err)
{
    tarn__dir *dir = NULL;
    tarn__dirent entry;
    int64_t pinned;

    *version = INT64_MAX;
    tarn_status st = tarn__dir_open(lake->at.pins, &dir, err);
    if (st == TARN_NOT_FOUND)
        return TARN_OK;
    while (
        st == TARN_OK && (st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        st = TARN_OK;
        if (!tarn__parse_i64(entry.name, &pinned))
            continue;
        char *path = tarn__path_join(lake->at.pins, entry.name);
        if (path == NULL) {
            st = tarn__no_memory(err);
            break;
        }
        if (pinned < *version && is_held(path))
            *version = pinned;
        tarn__free(path);
    }
    tarn__dir_close(dir);
    return st;
}

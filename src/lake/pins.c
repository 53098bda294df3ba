/* Which versions readers hold: shared flocks on tmp/pins/<version>. */
#include "base/str.h"
#include "lake/gc_internal.h"
#include "os/file.h"

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
    while (st == TARN_OK
        && (st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        st = TARN_OK;
        if (!tarn__parse_i64(entry.name, &pinned))
            continue;
        char *path = tarn__path_join(lake->at.pins, entry.name);
        if (path == NULL) {
            st = tarn__no_memory(err);
            break;
        }
        if (tarn__lock_busy(path)) {
            if (pinned < *version)
                *version = pinned;
        } else if (tarn__unlink(path, NULL) != TARN_OK) {
            tarn__log(&lake->logger, TARN__LOG_INFO, "lake", "leftover",
                "path=%s", path);
        }
        tarn__free(path);
    }
    tarn__dir_close(dir);
    return st;
}

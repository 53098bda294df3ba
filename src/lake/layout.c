#include "lake/lake_internal.h"
#include "lake/txn.h"
#include "os/file.h"

bool tarn__lake_owns(const char *dir, const char *path)
{
    static const char *const own[] = {"tarn.json", "log", "objects", "views",
        "runs", "tmp", "lock", "lock.want"};
    const char *rest = tarn__path_below(path, dir);

    for (size_t i = 0; rest != NULL && i < sizeof own / sizeof own[0]; i++)
        if (tarn__path_below(rest, own[i]) != NULL)
            return true;
    return false;
}

tarn_status tarn__layout_make(
    tarn__layout *at, const char *dir, tarn_error *err)
{
    at->dir = tarn__strdup(dir);
    at->config = tarn__path_join(dir, "tarn.json");
    at->log = tarn__path_join(dir, "log");
    at->objects = tarn__path_join(dir, "objects");
    at->views = tarn__path_join(dir, "views");
    at->key = tarn__path_join(dir, "views/key");
    at->gate = tarn__path_join(dir, "views/gate");
    at->runs = tarn__path_join(dir, "runs");
    at->tmp = tarn__path_join(dir, "tmp");
    at->pins = tarn__path_join(dir, "tmp/pins");
    at->lock = tarn__path_join(dir, "lock");
    at->want = tarn__path_join(dir, "lock.want");
    if (at->dir == NULL || at->config == NULL || at->log == NULL ||
        at->objects == NULL || at->views == NULL || at->key == NULL ||
        at->gate == NULL || at->runs == NULL || at->tmp == NULL ||
        at->pins == NULL || at->lock == NULL || at->want == NULL) {
        tarn__layout_reset(at);
        return tarn__no_memory(err);
    }
    return TARN_OK;
}

void tarn__layout_reset(tarn__layout *at)
{
    char **all[] = {&at->dir, &at->config, &at->log, &at->objects, &at->views,
        &at->key, &at->gate, &at->runs, &at->tmp, &at->pins, &at->lock,
        &at->want};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        tarn__free(*all[i]);
        *all[i] = NULL;
    }
}

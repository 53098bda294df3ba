/* Folders that are gone with the process. */
#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "os/process.h"
#include "os/vanish.h"
#include "store/store_internal.h"

tarn_status tarn__store_home(char **out, tarn_error *err)
{
    const char *home = tarn__env("HOME");
    *out = home != NULL
        ? tarn__path_join(home, ".tarn")
        : tarn__sprintf("/tmp/tarn-%lld", (long long)tarn__user_id());
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status default_parent(char **out, tarn_error *err)
{
    char *home = NULL;
    *out = NULL;
    tarn_status st = tarn__store_home(&home, err);
    if (st != TARN_OK)
        return st;
    *out = tarn__path_join(home, "tmp");
    tarn__free(home);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

tarn_status tarn__store_scratch(
    tarn__scratch *scratch, const char *parent, tarn_error *err)
{
    char *own = NULL;
    tarn_status st = TARN_OK;
    if (parent == NULL)
        st = default_parent(&own, err);
    const char *dir = parent == NULL ? own : parent;
    if (st == TARN_OK)
        st = tarn__mkdirs(dir, err);
    /* What cannot be swept does not hinder: it is another's, or in use. */
    if (st == TARN_OK && tarn__scratch_sweep(dir, NULL, NULL) != TARN_OK)
        st = TARN_OK;
    if (st == TARN_OK)
        st = tarn__scratch_open(scratch, dir, err);
    if (st == TARN_OK) {
        st = tarn__vanish_add(scratch->path, err);
        if (st != TARN_OK)
            tarn__scratch_close(scratch);
    }
    tarn__free(own);
    return st;
}

void tarn__store_scratch_close(tarn__scratch *scratch)
{
    if (scratch->path == NULL)
        return;
    tarn__vanish_forget(scratch->path);
    tarn__scratch_close(scratch);
}

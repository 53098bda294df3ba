/* The one place that loads shared libraries. */
#include <dlfcn.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/dynlib.h"
#include "os/file.h"

/* A pointer to a function is as wide as one to data (POSIX), but C has no
 * conversion between them. */
static bool look_up(void *handle, const char *name, void *function)
{
    void *found = dlsym(handle, name);
    if (found != NULL)
        memcpy(function, &found, sizeof found);
    return found != NULL;
}

/* The loader's words, without the name that the message has already. */
static const char *reason(const char *file)
{
    const char *text = dlerror();
    if (text == NULL)
        return "unknown error";
    size_t len = strlen(file);
    if (strncmp(text, file, len) == 0 && strncmp(text + len, ": ", 2) == 0)
        return text + len + 2;
    return text;
}

tarn_status tarn__dynlib_load(
    const tarn__dynlib *lib, void *table, tarn_error *err)
{
    void *handle = NULL;
    for (size_t i = 0; handle == NULL && lib->files[i] != NULL; i++)
        handle = dlopen(lib->files[i], RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return tarn__fail(err, TARN_FAILED,
            "%s: cannot be loaded: %s (install it: apt-get install %s)",
            lib->what, reason(lib->files[0]), lib->package);
    for (size_t i = 0; i < lib->count; i++)
        if (!look_up(handle, lib->names[i], (char *)table + i * sizeof(void *)))
            return tarn__fail(err, TARN_FAILED,
                "%s: it has no %s (install a newer %s)", lib->what,
                lib->names[i], lib->package);
    return TARN_OK;
}

tarn_status tarn__dynlib_function(
    const char *path, const char *name, void *function, tarn_error *err)
{
    char *real = NULL;
    /* The loader searches its own folders for a name without a slash. */
    tarn_status st = tarn__realpath(path, &real, err);
    if (st != TARN_OK)
        return st;
    void *handle = dlopen(real, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: it cannot be loaded as a shared library: %s", path,
            reason(real));
    else if (!look_up(handle, name, function))
        st = tarn__fail(
            err, TARN_BAD_INPUT, "%s: it has no function %s", path, name);
    tarn__free(real);
    return st;
}

tarn_status tarn__dynlib_search(
    const char *file, const char *name, void *function, tarn_error *err)
{
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return tarn__fail(err, TARN_NOT_FOUND, "%s: cannot be loaded: %s", file,
            reason(file));
    return look_up(handle, name, function)
        ? TARN_OK
        : tarn__fail(
              err, TARN_BAD_INPUT, "%s: it has no function %s", file, name);
}

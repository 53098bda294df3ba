/* Names in folders: making, moving and removing them, and taking paths
 * apart. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "os/os_internal.h"

tarn_status tarn__mkdir(const char *path, tarn_error *err)
{
    int rc = tarn__io_fails() ? -1 : mkdir(path, 0777);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot make the folder %s", path);
    return TARN_OK;
}

/* Make `path`; that it is there already is fine when it is a folder. */
static tarn_status mkdir_or_keep(const char *path, tarn_error *err)
{
    tarn_status st = tarn__mkdir(path, err);
    return st == TARN_EXISTS && tarn__path_is_dir(path) ? TARN_OK : st;
}

tarn_status tarn__mkdirs(const char *path, tarn_error *err)
{
    if (tarn__path_is_dir(path))
        return TARN_OK;
    char *part = tarn__strdup(path);
    if (part == NULL)
        return tarn__no_memory(err);
    tarn_status st = TARN_OK;
    for (char *p = part + 1; st == TARN_OK && part[0] && *p; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        if (!tarn__path_is_dir(part))
            st = mkdir_or_keep(part, err);
        *p = '/';
    }
    if (st == TARN_OK)
        st = mkdir_or_keep(part, err);
    tarn__free(part);
    return st;
}

tarn_status tarn__unlink(const char *path, tarn_error *err)
{
    int rc = tarn__io_fails() ? -1 : unlink(path);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot remove %s", path);
    return TARN_OK;
}

tarn_status tarn__rmdir(const char *path, tarn_error *err)
{
    int rc = tarn__io_fails() ? -1 : rmdir(path);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot remove the folder %s", path);
    return TARN_OK;
}

tarn_status tarn__rename(const char *from, const char *to, tarn_error *err)
{
    int rc = tarn__io_fails() ? -1 : rename(from, to);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot rename %s to %s", from, to);
    return TARN_OK;
}

tarn_status tarn__swap_names(const char *a, const char *b, tarn_error *err)
{
    int rc = tarn__io_fails()
        ? -1
        : renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot exchange %s and %s", a, b);
    return TARN_OK;
}

tarn_status tarn__link(const char *from, const char *to, tarn_error *err)
{
    int rc = tarn__io_fails() ? -1 : link(from, to);
    /* File systems without hard links (exFAT, some of FUSE) can still move
     * a file to where nothing is. */
    if (rc < 0 && (errno == EPERM || errno == EOPNOTSUPP))
        rc = tarn__io_fails()
            ? -1
            : renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot put %s in place", to);
    return TARN_OK;
}

tarn_status tarn__symlink(const char *target, const char *path, tarn_error *err)
{
    int rc = tarn__io_fails() ? -1 : symlink(target, path);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot make the link %s", path);
    return TARN_OK;
}

static tarn_status own(const char *text, char **out, tarn_error *err)
{
    *out = tarn__strdup(text);
    return *out != NULL ? TARN_OK : tarn__no_memory(err);
}

tarn_status tarn__readlink(const char *path, char **target, tarn_error *err)
{
    char text[PATH_MAX + 1];
    *target = NULL;
    ssize_t n = tarn__io_fails() ? -1 : readlink(path, text, PATH_MAX);
    if (n < 0)
        return tarn__fail_os(err, errno, "cannot read the link %s", path);
    text[n] = '\0';
    return own(text, target, err);
}

tarn_status tarn__realpath(const char *path, char **out, tarn_error *err)
{
    char text[PATH_MAX + 1];
    *out = NULL;
    char *found = tarn__io_fails() ? NULL : realpath(path, text);
    if (found == NULL)
        return tarn__fail_os(err, errno, "cannot resolve %s", path);
    return own(text, out, err);
}

tarn_status tarn__cwd(char **out, tarn_error *err)
{
    char text[PATH_MAX + 1];
    *out = NULL;
    char *found = tarn__io_fails() ? NULL : getcwd(text, sizeof text);
    if (found == NULL)
        return tarn__fail_os(err, errno, "cannot name the working folder");
    return own(text, out, err);
}

char *tarn__path_join(const char *a, const char *b)
{
    size_t len = strlen(a);
    bool slash = len > 0 && a[len - 1] != '/';
    return tarn__sprintf("%s%s%s", a, slash ? "/" : "", b);
}

const char *tarn__path_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    bool slash = len > 0 && folder[len - 1] == '/';
    if (strncmp(path, folder, len) != 0 ||
        (path[len] != '\0' && path[len] != '/' && !slash))
        return NULL;
    return path + len + (path[len] == '/');
}

const char *tarn__path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

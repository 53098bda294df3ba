/* Reading a folder's entries. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "os/os_internal.h"
#include "os/stat_internal.h"

struct tarn__dir {
    DIR *stream;
    char *path;
};

tarn_status tarn__dir_open(const char *path, tarn__dir **out, tarn_error *err)
{
    *out = NULL;
    tarn__dir *dir = tarn__calloc(1, sizeof *dir);
    if (dir == NULL)
        return tarn__no_memory(err);
    dir->path = tarn__strdup(path);
    if (dir->path == NULL) {
        tarn__free(dir);
        return tarn__no_memory(err);
    }
    dir->stream = tarn__io_fails() ? NULL : opendir(path);
    if (dir->stream == NULL) {
        int os_errno = errno;
        tarn__dir_close(dir);
        return tarn__fail_os(err, os_errno, "cannot read the folder %s", path);
    }
    *out = dir;
    return TARN_OK;
}

/* The entry's kind, from the entry itself where the file system tells it. */
static bool kind_of(
    tarn__dir *dir, const struct dirent *entry, tarn__file_kind *kind)
{
    if (entry->d_type != DT_UNKNOWN) {
        *kind = tarn__kind_of((mode_t)DTTOIF(entry->d_type));
        return true;
    }
    struct stat st;
    int rc = tarn__io_fails()
        ? -1
        : fstatat(dirfd(dir->stream), entry->d_name, &st, AT_SYMLINK_NOFOLLOW);
    if (rc == 0)
        *kind = tarn__kind_of(st.st_mode);
    return rc == 0;
}

tarn_status tarn__dir_next(tarn__dir *dir, tarn__dirent *out, tarn_error *err)
{
    *out = (tarn__dirent){0};
    for (;;) {
        errno = 0;
        struct dirent *entry = tarn__io_fails() ? NULL : readdir(dir->stream);
        if (entry == NULL && errno == 0)
            return TARN_OK;
        if (entry == NULL)
            break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (kind_of(dir, entry, &out->kind)) {
            out->name = entry->d_name;
            return TARN_ROW;
        }
        if (errno != ENOENT) /* it may have gone since */
            break;
    }
    return tarn__fail_os(err, errno, "cannot read the folder %s", dir->path);
}

void tarn__dir_close(tarn__dir *dir)
{
    if (dir == NULL)
        return;
    if (dir->stream != NULL)
        (void)closedir(dir->stream);
    tarn__free(dir->path);
    tarn__free(dir);
}

/* Durable writing.
 *
 * D1  A file gets its name only when its bytes are on the disk.
 * D2  Once the name may have reached the disk, a failure is TARN_UNKNOWN and
 *     not a failure that says "nothing changed".
 * D3  No fsync is repeated: after a failed one the kernel may have dropped
 *     the pages, and a second one would succeed over lost bytes.
 */
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "os/file.h"
#include "os/os_internal.h"

#define NAME_TRIES 16
#define LEVELS_MOST 100

static tarn_status sync_opened(const char *path, int flags, tarn_error *err)
{
    int fd = tarn__io_fails() ? -1 : open(path, flags | O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return tarn__fail_os(err, errno, "cannot open %s", path);
    int rc = tarn__io_fails() ? -1 : fsync(fd);
    int os_errno = errno;
    (void)close(fd);
    if (rc < 0)
        return tarn__fail_os(
            err, os_errno, "cannot write %s to the disk", path);
    return TARN_OK;
}

tarn_status tarn__sync_dir(const char *path, tarn_error *err)
{
    return sync_opened(path, O_DIRECTORY, err);
}

tarn_status tarn__sync_path(const char *path, tarn_error *err)
{
    return sync_opened(path, 0, err);
}

static tarn_status sync_below(
    const char *path, int level, uint64_t *bytes, tarn_error *err)
{
    tarn__stat stat;
    tarn__dir *dir;
    tarn__dirent entry;
    tarn_status st = tarn__stat_path(path, false, &stat, err);
    if (st != TARN_OK || stat.kind != TARN__FILE_DIR || level > LEVELS_MOST) {
        *bytes += st == TARN_OK ? stat.size_bytes : 0;
        return st == TARN_OK ? tarn__sync_path(path, err) : st;
    }
    st = tarn__dir_open(path, &dir, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        char *child = tarn__path_join(path, entry.name);
        st = child == NULL ? tarn__no_memory(err)
                           : sync_below(child, level + 1, bytes, err);
        tarn__free(child);
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(dir);
    return st == TARN_OK ? tarn__sync_dir(path, err) : st;
}

tarn_status tarn__sync_tree(const char *path, uint64_t *bytes, tarn_error *err)
{
    uint64_t count = 0;
    tarn_status st = sync_below(path, 0, &count, err);
    if (bytes != NULL)
        *bytes = count;
    return st;
}

/* The folder that `path` stands in; NULL when memory is out. */
static char *parent_of(const char *path)
{
    size_t len = (size_t)(tarn__path_base(path) - path);
    return len == 0 ? tarn__strdup(".") : tarn__strndup(path, len);
}

static tarn_status sync_parent(const char *path, tarn_error *err)
{
    char *dir = parent_of(path);
    if (dir == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__sync_dir(dir, err);
    tarn__free(dir);
    return st;
}

/* After the name is in place: any failure leaves the outcome open. */
static tarn_status settle(const char *path, tarn_error *err)
{
    tarn_status st = sync_parent(path, err);
    if (st == TARN_OK)
        return TARN_OK;
    if (err != NULL)
        err->code = TARN_UNKNOWN;
    tarn__error_prefix(
        err, "%s is in place, but may not outlast a power cut", path);
    return TARN_UNKNOWN;
}

/* A new file of a name that nobody has, open for writing. */
static tarn_status open_temp(
    tarn__file *file, const char *tmp_dir, const char *prefix, tarn_error *err)
{
    tarn_status st = TARN_EXISTS;
    for (int i = 0; i < NAME_TRIES && st == TARN_EXISTS; i++) {
        uint8_t noise[8];
        char hex[2 * sizeof noise + 1];
        if (getrandom(noise, sizeof noise, 0) != (ssize_t)sizeof noise)
            return tarn__fail_os(err, errno, "cannot name a temporary file");
        tarn__hex(noise, sizeof noise, hex);
        char *path = tarn__sprintf("%s/%s%s", tmp_dir, prefix, hex);
        if (path == NULL)
            return tarn__no_memory(err);
        st = tarn__file_open(file, path, TARN__OPEN_CREATE, err);
        tarn__free(path);
    }
    return st;
}

/* A temporary file that holds `bytes`, on the disk (D1).  *temp is its path;
 * tarn__free() it. */
static tarn_status write_temp(const char *tmp_dir, tarn_slice bytes,
    int64_t mtime_us, char **temp, tarn_error *err)
{
    tarn__file file = TARN__FILE_INIT;
    *temp = NULL;
    tarn_status st = open_temp(&file, tmp_dir, "new-", err);
    if (st != TARN_OK)
        return st;
    st = tarn__file_write(&file, bytes.ptr, bytes.len, err);
    if (st == TARN_OK && mtime_us > 0)
        st = tarn__file_set_mtime(&file, mtime_us, err);
    if (st == TARN_OK)
        st = tarn__file_sync(&file, err);
    if (st != TARN_OK) {
        tarn__ignore(tarn__unlink(file.path, NULL));
    } else {
        *temp = file.path;
        file.path = NULL;
        (void)close(file.fd);
        file.fd = -1;
    }
    tarn__file_close(&file);
    return st;
}

tarn_status tarn__open_beside(
    tarn__file *file, const char *path, tarn_error *err)
{
    *file = (tarn__file)TARN__FILE_INIT;
    char *dir = parent_of(path);
    tarn_status st = dir == NULL ? tarn__no_memory(err)
                                 : open_temp(file, dir, ".tarn-", err);
    tarn__free(dir);
    return st;
}

tarn_status tarn__replace_with(
    tarn__file *file, const char *path, tarn_error *err)
{
    tarn_status st = tarn__file_sync(file, err);
    if (st == TARN_OK)
        st = tarn__rename(file->path, path, err);
    if (st != TARN_OK)
        tarn__ignore(tarn__unlink(file->path, NULL));
    tarn__file_close(file);
    return st == TARN_OK ? settle(path, err) : st;
}

tarn_status tarn__replace_durably(
    const char *path, const char *tmp_dir, tarn_slice bytes, tarn_error *err)
{
    char *temp;
    tarn_status st = write_temp(tmp_dir, bytes, 0, &temp, err);
    if (st != TARN_OK)
        return st;
    st = tarn__rename(temp, path, err);
    if (st != TARN_OK)
        tarn__ignore(tarn__unlink(temp, NULL));
    tarn__free(temp);
    return st == TARN_OK ? settle(path, err) : st;
}

tarn_status tarn__create_durably(const char *path, const char *tmp_dir,
    tarn_slice bytes, int64_t mtime_us, tarn_error *err)
{
    char *temp;
    tarn_status st = write_temp(tmp_dir, bytes, mtime_us, &temp, err);
    if (st != TARN_OK)
        return st;
    st = tarn__link(temp, path, err);
    if (st == TARN_OK)
        st = settle(path, err);
    tarn__ignore(tarn__unlink(temp, NULL));
    tarn__free(temp);
    return st;
}

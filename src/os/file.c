/* Open files: reading, writing, syncing.
 *
 * A short write is continued and an interrupted call repeated; a failed fsync
 * is not, because the kernel may by then have dropped the dirty pages. */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/os_internal.h"
#include "os/stat_internal.h"

static const char *label(const tarn__file *file)
{
    return file->path != NULL ? file->path : "standard input";
}

static int flags_of(tarn__open_mode mode)
{
    switch (mode) {
    case TARN__OPEN_READ:
        return O_RDONLY;
    case TARN__OPEN_READ_READY:
        return O_RDONLY | O_NONBLOCK;
    case TARN__OPEN_CREATE:
    case TARN__OPEN_PRIVATE:
        return O_WRONLY | O_CREAT | O_EXCL;
    case TARN__OPEN_TRUNCATE:
        return O_WRONLY | O_CREAT | O_TRUNC;
    case TARN__OPEN_READ_WRITE:
        break;
    }
    return O_RDWR | O_CREAT;
}

tarn_status tarn__file_open(
    tarn__file *file, const char *path, tarn__open_mode mode, tarn_error *err)
{
    file->fd = -1;
    file->path = tarn__strdup(path);
    if (file->path == NULL)
        return tarn__no_memory(err);
    int flags = flags_of(mode) | O_CLOEXEC | O_NOCTTY;
    mode_t rights = mode == TARN__OPEN_PRIVATE ? 0600 : 0666;
    int fd;
    do {
        fd = tarn__io_fails() ? -1 : open(path, flags, rights);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        int os_errno = errno;
        tarn__free(file->path);
        file->path = NULL;
        return tarn__fail_os(err, os_errno, "cannot %s %s",
            mode == TARN__OPEN_CREATE ? "create" : "open", path);
    }
    file->fd = fd;
    return TARN_OK;
}

void tarn__file_stdin(tarn__file *file)
{
    file->fd = STDIN_FILENO;
    file->path = NULL;
}

tarn_status tarn__file_read(
    tarn__file *file, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    *got = 0;
    ssize_t n;
    do {
        n = tarn__io_fails() ? -1 : read(file->fd, ptr, len);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return tarn__fail_os(err, errno, "cannot read %s", label(file));
    *got = (size_t)n;
    return TARN_OK;
}

bool tarn__file_ready(const tarn__file *file, int64_t timeout_us)
{
    struct pollfd fd = {.fd = file->fd, .events = POLLIN};
    int n = poll(&fd, 1, (int)(timeout_us / 1000));
    return n > 0 || (n < 0 && errno != EINTR);
}

tarn_status tarn__file_read_at(tarn__file *file, uint64_t at, void *ptr,
    size_t len, size_t *got, tarn_error *err)
{
    *got = 0;
    size_t done = 0;
    while (done < len) {
        ssize_t n = tarn__io_fails() ? -1
                                     : pread(file->fd, (char *)ptr + done,
                                           len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tarn__fail_os(err, errno, "cannot read %s", label(file));
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *got = done;
    return TARN_OK;
}

tarn_status tarn__file_write(
    tarn__file *file, const void *ptr, size_t len, tarn_error *err)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = tarn__io_fails()
            ? -1
            : write(file->fd, (const char *)ptr + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tarn__fail_os(err, errno, "cannot write %s", label(file));
        done += (size_t)n;
    }
    return TARN_OK;
}

tarn_status tarn__file_write_at(
    tarn__file *file, uint64_t at, const void *ptr, size_t len, tarn_error *err)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = tarn__io_fails()
            ? -1
            : pwrite(file->fd, (const char *)ptr + done, len - done,
                  (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tarn__fail_os(err, errno, "cannot write %s", label(file));
        done += (size_t)n;
    }
    return TARN_OK;
}

tarn_status tarn__file_truncate(
    tarn__file *file, uint64_t size, tarn_error *err)
{
    int rc;
    do {
        rc = tarn__io_fails() ? -1 : ftruncate(file->fd, (off_t)size);
    } while (rc < 0 && errno == EINTR);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot resize %s", label(file));
    return TARN_OK;
}

tarn_status tarn__file_sync(tarn__file *file, tarn_error *err)
{
    int rc = tarn__io_fails() ? -1 : fsync(file->fd);
    if (rc < 0)
        return tarn__fail_os(
            err, errno, "cannot write %s to the disk", label(file));
    return TARN_OK;
}

tarn_status tarn__file_stat(tarn__file *file, tarn__stat *out, tarn_error *err)
{
    struct stat st;
    int rc = tarn__io_fails() ? -1 : fstat(file->fd, &st);
    if (rc < 0) {
        *out = (tarn__stat){0};
        return tarn__fail_os(err, errno, "cannot examine %s", label(file));
    }
    *out = tarn__stat_of(&st);
    return TARN_OK;
}

tarn_status tarn__file_set_mtime(
    tarn__file *file, int64_t mtime_us, tarn_error *err)
{
    struct timespec times[2];
    tarn__mtime_spec(mtime_us, times);
    int rc = tarn__io_fails() ? -1 : futimens(file->fd, times);
    if (rc < 0)
        return tarn__fail_os(
            err, errno, "cannot set the time of %s", label(file));
    return TARN_OK;
}

void tarn__file_flush_hint(tarn__file *file, uint64_t at, uint64_t len)
{
    (void)sync_file_range(
        file->fd, (off_t)at, (off_t)len, SYNC_FILE_RANGE_WRITE);
}

void tarn__file_forget_hint(tarn__file *file, uint64_t at, uint64_t len)
{
    (void)posix_fadvise(file->fd, (off_t)at, (off_t)len, POSIX_FADV_DONTNEED);
}

void tarn__file_close(tarn__file *file)
{
    bool is_stdin = file->path == NULL;
    if (file->fd >= 0 && !is_stdin)
        (void)close(file->fd);
    tarn__free(file->path);
    file->fd = -1;
    file->path = NULL;
}

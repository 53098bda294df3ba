/* Calls that change what a file holds. */
#include "crash/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

/* Of n bytes just written at the descriptor's position: where they begin. */
static uint64_t before_position(int fd, ssize_t n)
{
    int saved = errno;
    off_t now = lseek(fd, 0, SEEK_CUR);
    errno = saved;
    return now >= n ? (uint64_t)(now - n) : 0;
}

static void note_write(int fd, uint64_t at, const void *data, ssize_t n)
{
    if (n > 0)
        shim_put(
            RECORD_WRITE, 0, shim_handle(fd), at, NULL, NULL, data, (size_t)n);
}

SHOWN ssize_t write(int fd, const void *data, size_t len)
{
    NEXT(write);
    if (shim_handle(fd) == 0)
        return next(fd, data, len);
    pthread_mutex_lock(&shim_mutex);
    ssize_t n = next(fd, data, len);
    note_write(fd, before_position(fd, n), data, n);
    pthread_mutex_unlock(&shim_mutex);
    return n;
}

SHOWN ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    NEXT(pwrite);
    if (shim_handle(fd) == 0)
        return next(fd, data, len, at);
    pthread_mutex_lock(&shim_mutex);
    ssize_t n = next(fd, data, len, at);
    note_write(fd, (uint64_t)at, data, n);
    pthread_mutex_unlock(&shim_mutex);
    return n;
}
ssize_t pwrite64(int fd, const void *data, size_t len, off_t at)
    ALSO_KNOWN_AS("pwrite");

static void note_parts(
    int fd, uint64_t at, const struct iovec *parts, int count, ssize_t n)
{
    for (int i = 0; i < count && n > 0; i++) {
        ssize_t len = (ssize_t)parts[i].iov_len;
        if (len > n)
            len = n;
        note_write(fd, at, parts[i].iov_base, len);
        at += (uint64_t)len;
        n -= len;
    }
}

SHOWN ssize_t writev(int fd, const struct iovec *parts, int count)
{
    NEXT(writev);
    if (shim_handle(fd) == 0)
        return next(fd, parts, count);
    pthread_mutex_lock(&shim_mutex);
    ssize_t n = next(fd, parts, count);
    note_parts(fd, before_position(fd, n), parts, count, n);
    pthread_mutex_unlock(&shim_mutex);
    return n;
}

SHOWN ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    NEXT(pwritev);
    if (shim_handle(fd) == 0)
        return next(fd, parts, count, at);
    pthread_mutex_lock(&shim_mutex);
    ssize_t n = next(fd, parts, count, at);
    note_parts(fd, (uint64_t)at, parts, count, n);
    pthread_mutex_unlock(&shim_mutex);
    return n;
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at)
    ALSO_KNOWN_AS("pwritev");

SHOWN ssize_t copy_file_range(
    int in, off64_t *in_at, int to, off64_t *to_at, size_t len, unsigned flags)
{
    NEXT(copy_file_range);
    if (shim_handle(to) == 0)
        return next(in, in_at, to, to_at, len, flags);
    shim_missed("copy_file_range");
    ssize_t n = next(in, in_at, to, to_at, len, flags);
    return n;
}

SHOWN ssize_t sendfile(int to, int in, off_t *at, size_t len)
{
    NEXT(sendfile);
    if (shim_handle(to) == 0)
        return next(to, in, at, len);
    shim_missed("sendfile");
    return next(to, in, at, len);
}
ssize_t sendfile64(int to, int in, off_t *at, size_t len)
    ALSO_KNOWN_AS("sendfile");

SHOWN int ftruncate(int fd, off_t size)
{
    NEXT(ftruncate);
    if (shim_handle(fd) == 0)
        return next(fd, size);
    pthread_mutex_lock(&shim_mutex);
    int rc = next(fd, size);
    if (rc == 0)
        shim_put(RECORD_TRUNCATE, 0, shim_handle(fd), (uint64_t)size, NULL,
            NULL, NULL, 0);
    pthread_mutex_unlock(&shim_mutex);
    return rc;
}
int ftruncate64(int fd, off_t size) ALSO_KNOWN_AS("ftruncate");

SHOWN int fallocate(int fd, int mode, off_t at, off_t len)
{
    NEXT(fallocate);
    if (shim_handle(fd) == 0)
        return next(fd, mode, at, len);
    if ((mode & ~FALLOC_FL_KEEP_SIZE) != 0)
        shim_missed("fallocate");
    pthread_mutex_lock(&shim_mutex);
    int rc = next(fd, mode, at, len);
    if (rc == 0 && mode == 0)
        shim_put(RECORD_EXTEND, 0, shim_handle(fd), (uint64_t)(at + len), NULL,
            NULL, NULL, 0);
    pthread_mutex_unlock(&shim_mutex);
    return rc;
}
int fallocate64(int fd, int mode, off_t at, off_t len)
    ALSO_KNOWN_AS("fallocate");

SHOWN int posix_fallocate(int fd, off_t at, off_t len)
{
    NEXT(posix_fallocate);
    if (shim_handle(fd) == 0)
        return next(fd, at, len);
    pthread_mutex_lock(&shim_mutex);
    int rc = next(fd, at, len);
    if (rc == 0)
        shim_put(RECORD_EXTEND, 0, shim_handle(fd), (uint64_t)(at + len), NULL,
            NULL, NULL, 0);
    pthread_mutex_unlock(&shim_mutex);
    return rc;
}
int posix_fallocate64(int fd, off_t at, off_t len)
    ALSO_KNOWN_AS("posix_fallocate");

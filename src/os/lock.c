/* flock.
 *
 * K1  A held lock is on the file that the path names: a file that was removed
 *     or replaced between open and flock is let go, and the new one taken.
 * K2  The descriptor is closed on exec, so that a program that we start does
 *     not keep a lock after us.
 */
#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "os/os_internal.h"
#include "os/process.h"

#define PAUSE_MIN_US 200
#define PAUSE_MAX_US 10000
#define HOLDER_MAX_BYTES 4096

static int open_lock(const char *path, bool shared)
{
    int fd = tarn__io_fails()
        ? -1
        : open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0 && shared && (errno == EROFS || errno == EACCES))
        fd =
            tarn__io_fails() ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return fd;
}

/* K1.  Is fd still what path names? -1: errno. */
static int still_named(int fd, const char *path)
{
    struct stat mine;
    struct stat named;
    int rc = tarn__io_fails() ? -1 : fstat(fd, &mine);
    if (rc == 0)
        rc = tarn__io_fails() ? -1 : stat(path, &named);
    if (rc < 0)
        return errno == ENOENT ? 0 : -1;
    return mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
}

/* One try.  *fd is the lock, or -1 with TARN_OK: the file was replaced. */
static tarn_status try_once(
    const char *path, bool shared, int *out, tarn_error *err)
{
    *out = -1;
    int fd = open_lock(path, shared);
    if (fd < 0)
        return errno == EINTR
            ? TARN_OK
            : tarn__fail_os(err, errno, "cannot open the lock %s", path);
    int op = (shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    int rc = tarn__io_fails() ? -1 : flock(fd, op);
    int named = rc == 0 ? still_named(fd, path) : 0;
    if (rc == 0 && named == 1) {
        *out = fd;
        return TARN_OK;
    }
    int os_errno = errno;
    bool failed = rc < 0 || named < 0;
    (void)close(fd);
    if (rc < 0 && os_errno == EWOULDBLOCK)
        return tarn__fail(
            err, TARN_LOCKED, "%s: held by another process", path);
    if (failed && os_errno != EINTR)
        return tarn__fail_os(err, os_errno, "cannot lock %s", path);
    return TARN_OK;
}

static tarn_status take(
    const char *path, bool shared, int64_t wait_us, int *fd, tarn_error *err)
{
    int64_t until = tarn__monotonic_us() + (wait_us > 0 ? wait_us : 0);
    int64_t pause = PAUSE_MIN_US;
    for (;;) {
        tarn_status st = try_once(path, shared, fd, err);
        if (*fd >= 0 || (st != TARN_OK && st != TARN_LOCKED))
            return st;
        if (st == TARN_OK)
            continue;
        int64_t left = until - tarn__monotonic_us();
        if (wait_us >= 0 && left <= 0)
            return st;
        if (tarn__interrupted())
            return tarn__fail(err, TARN_INTERRUPTED,
                "interrupted while waiting for %s", path);
        tarn__sleep_us(wait_us >= 0 && left < pause ? left : pause);
        pause = pause * 2 < PAUSE_MAX_US ? pause * 2 : PAUSE_MAX_US;
    }
}

tarn_status tarn__lock_take(tarn__lock *lock, const char *path, bool shared,
    int64_t wait_us, tarn_error *err)
{
    lock->fd = -1;
    lock->path = tarn__strdup(path);
    if (lock->path == NULL)
        return tarn__no_memory(err);
    tarn_status st = take(path, shared, wait_us, &lock->fd, err);
    if (st != TARN_OK)
        tarn__lock_release(lock);
    return st;
}

static bool is_refused(const char *path, int op)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    bool refused = flock(fd, op | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    (void)close(fd); /* lets go of what it may have got */
    return refused;
}

/* Those who look at the same time share: none takes another for the holder. */
bool tarn__lock_busy(const char *path)
{
    return is_refused(path, LOCK_SH);
}

bool tarn__lock_in_use(const char *path)
{
    return is_refused(path, LOCK_EX);
}

/* One pwrite that also covers what was there before, so that a reader finds
 * the old text or the new one, at worst with empty lines after it. */
tarn_status tarn__lock_write(tarn__lock *lock, tarn_slice text, tarn_error *err)
{
    char block[HOLDER_MAX_BYTES];
    if (text.len > sizeof block)
        return tarn__fail(err, TARN_INVALID,
            "%s: text of %zu bytes for a lock (at most %zu)", lock->path,
            text.len, sizeof block);
    struct stat st;
    int rc = tarn__io_fails() ? -1 : fstat(lock->fd, &st);
    size_t len = text.len;
    if (rc == 0 && st.st_size > (off_t)len)
        len = st.st_size < (off_t)sizeof block ? (size_t)st.st_size
                                               : sizeof block;
    memset(block, '\n', sizeof block);
    if (text.len > 0)
        memcpy(block, text.ptr, text.len);
    for (size_t done = 0; rc == 0 && done < len;) {
        ssize_t n = tarn__io_fails()
            ? -1
            : pwrite(lock->fd, block + done, len - done, (off_t)done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            rc = -1;
    }
    if (rc == 0)
        rc = tarn__io_fails() ? -1 : ftruncate(lock->fd, (off_t)text.len);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot write %s", lock->path);
    return TARN_OK;
}

void tarn__lock_release(tarn__lock *lock)
{
    /* Closing alone would leave it to a child that was forked meanwhile. */
    if (lock->fd >= 0) {
        (void)flock(lock->fd, LOCK_UN);
        (void)close(lock->fd);
    }
    tarn__free(lock->path);
    lock->fd = -1;
    lock->path = NULL;
}

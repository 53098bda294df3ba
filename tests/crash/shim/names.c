/* Calls that change names and times, and those that make changes last. */
#include "crash/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- one name --- */

/* Make the call, then the record when the entry lies below the root. */
#define WITH_ENTRY(dirfd, path, call, record)         \
    char buf[PATH_MAX];                               \
    if (!shim_on())                                   \
        return call;                                  \
    pthread_mutex_lock(&shim_mutex);                  \
    const char *entry = shim_entry(dirfd, path, buf); \
    int rc = call;                                    \
    if (rc == 0 && entry != NULL)                     \
        record;                                       \
    pthread_mutex_unlock(&shim_mutex);                \
    return rc

static void note(record_op op, const char *entry)
{
    shim_put(op, 0, 0, 0, entry, NULL, NULL, 0);
}

SHOWN int mkdir(const char *path, mode_t mode)
{
    NEXT(mkdir);
    WITH_ENTRY(AT_FDCWD, path, next(path, mode), note(RECORD_MKDIR, entry));
}

SHOWN int mkdirat(int dirfd, const char *path, mode_t mode)
{
    NEXT(mkdirat);
    WITH_ENTRY(dirfd, path, next(dirfd, path, mode), note(RECORD_MKDIR, entry));
}

SHOWN int rmdir(const char *path)
{
    NEXT(rmdir);
    WITH_ENTRY(AT_FDCWD, path, next(path), note(RECORD_RMDIR, entry));
}

SHOWN int unlink(const char *path)
{
    NEXT(unlink);
    WITH_ENTRY(AT_FDCWD, path, next(path), note(RECORD_UNLINK, entry));
}

SHOWN int unlinkat(int dirfd, const char *path, int flags)
{
    NEXT(unlinkat);
    WITH_ENTRY(dirfd, path, next(dirfd, path, flags),
        note(flags & AT_REMOVEDIR ? RECORD_RMDIR : RECORD_UNLINK, entry));
}

SHOWN int remove(const char *path)
{
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return rmdir(path);
    return unlink(path);
}

static void note_link(const char *target, const char *entry)
{
    shim_put(RECORD_SYMLINK, 0, 0, 0, entry, NULL, target, strlen(target));
}

SHOWN int symlink(const char *target, const char *path)
{
    NEXT(symlink);
    WITH_ENTRY(AT_FDCWD, path, next(target, path), note_link(target, entry));
}

SHOWN int symlinkat(const char *target, int dirfd, const char *path)
{
    NEXT(symlinkat);
    WITH_ENTRY(
        dirfd, path, next(target, dirfd, path), note_link(target, entry));
}

/* --- two names --- */

/* What comes from elsewhere, or goes there, is beyond the recording. */
#define WITH_ENTRIES(op, from_dir, from, to_dir, to, call)                    \
    char from_buf[PATH_MAX], to_buf[PATH_MAX];                                \
    if (!shim_on())                                                           \
        return call;                                                          \
    pthread_mutex_lock(&shim_mutex);                                          \
    const char *old = shim_entry(from_dir, from, from_buf);                   \
    const char *new = shim_entry(to_dir, to, to_buf);                         \
    int rc = call;                                                            \
    if (rc == 0 && (old != NULL) != (new != NULL))                            \
        shim_put(                                                             \
            RECORD_MISSED, 0, 0, 0, "a move across the root", NULL, NULL, 0); \
    else if (rc == 0 && old != NULL)                                          \
        shim_put(op, 0, 0, 0, old, new, NULL, 0);                             \
    pthread_mutex_unlock(&shim_mutex);                                        \
    return rc

SHOWN int rename(const char *from, const char *to)
{
    NEXT(rename);
    WITH_ENTRIES(RECORD_RENAME, AT_FDCWD, from, AT_FDCWD, to, next(from, to));
}

SHOWN int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    NEXT(renameat);
    WITH_ENTRIES(RECORD_RENAME, from_dir, from, to_dir, to,
        next(from_dir, from, to_dir, to));
}

SHOWN int renameat2(
    int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    NEXT(renameat2);
    if (flags & ~(unsigned)RENAME_NOREPLACE)
        shim_missed("renameat2");
    WITH_ENTRIES(RECORD_RENAME, from_dir, from, to_dir, to,
        next(from_dir, from, to_dir, to, flags));
}

SHOWN int link(const char *from, const char *to)
{
    NEXT(link);
    WITH_ENTRIES(RECORD_LINK, AT_FDCWD, from, AT_FDCWD, to, next(from, to));
}

SHOWN int linkat(
    int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    NEXT(linkat);
    if (flags != 0)
        shim_missed("linkat");
    WITH_ENTRIES(RECORD_LINK, from_dir, from, to_dir, to,
        next(from_dir, from, to_dir, to, flags));
}

/* --- times --- */

static uint64_t nanoseconds(const struct timespec *times)
{
    struct timespec t;
    if (times == NULL || times[1].tv_nsec == UTIME_NOW)
        clock_gettime(CLOCK_REALTIME, &t);
    else
        t = times[1];
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

SHOWN int futimens(int fd, const struct timespec times[2])
{
    NEXT(futimens);
    if (shim_handle(fd) == 0)
        return next(fd, times);
    pthread_mutex_lock(&shim_mutex);
    int rc = next(fd, times);
    if (rc == 0)
        shim_put(RECORD_TIME, 0, shim_handle(fd), nanoseconds(times), NULL,
            NULL, NULL, 0);
    pthread_mutex_unlock(&shim_mutex);
    return rc;
}

SHOWN int utimensat(
    int dirfd, const char *path, const struct timespec times[2], int flags)
{
    NEXT(utimensat);
    WITH_ENTRY(dirfd, path, next(dirfd, path, times, flags),
        shim_put(
            RECORD_PATH_TIME, 0, 0, nanoseconds(times), entry, NULL, NULL, 0));
}

/* --- what makes changes last --- */

static int sync_with(int (*next)(int), int fd)
{
    if (shim_handle(fd) == 0)
        return next(fd);
    pthread_mutex_lock(&shim_mutex);
    int rc = next(fd);
    if (rc == 0)
        shim_put(RECORD_SYNC, 0, shim_handle(fd), 0, NULL, NULL, NULL, 0);
    pthread_mutex_unlock(&shim_mutex);
    return rc;
}

SHOWN int fsync(int fd)
{
    NEXT(fsync);
    return sync_with(next, fd);
}

SHOWN int fdatasync(int fd)
{
    NEXT(fdatasync);
    return sync_with(next, fd);
}

/* Preloaded into a process: records every call that changes the disk below one
 * folder, the engines' calls included, with its content (recording.h).
 *
 * A call and its record are made under one lock, so that their orders agree.
 * Processes are recorded one after the other: each appends to the same file.
 * What it cannot record (shared writable mappings, stdio for writing, nameless
 * files) becomes a RECORD_MISSED, on which the sweep fails. */
#include "crash/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FD_MAX 65536

pthread_mutex_t shim_mutex = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_len;
static int out = -1;
static uint32_t opened;
static uint64_t handles[FD_MAX]; /* 0: not below the root */

static void die(const char *what)
{
    static const char head[] = "shim: ";
    NEXT(write);
    (void)!next(2, head, sizeof head - 1);
    (void)!next(2, what, strlen(what));
    (void)!next(2, "\n", 1);
    _exit(99);
}

__attribute__((constructor)) static void begin(void)
{
    NEXT(open);
    const char *dir = getenv(RECORD_ROOT_ENV);
    const char *file = getenv(RECORD_FILE_ENV);
    if (dir == NULL || file == NULL)
        return;
    if (realpath(dir, root) == NULL)
        die("the root is not there");
    root_len = strlen(root);
    out = next(file, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (out < 0)
        die("the recording is not there");
    int high = fcntl(out, F_DUPFD_CLOEXEC, 1000);
    if (high >= 0) {
        (void)close(out);
        out = high;
    }
}

/* Relative to the root, or NULL. */
static const char *below(const char *path)
{
    if (out < 0 || strncmp(path, root, root_len) != 0)
        return NULL;
    if (path[root_len] == '\0')
        return "";
    return path[root_len] == '/' ? path + root_len + 1 : NULL;
}

void shim_put(record_op op, int flags, uint64_t handle, uint64_t at,
    const char *path, const char *other, const void *data, size_t len)
{
    NEXT(writev);
    record_head head = {0};
    int saved = errno;
    head.op = (uint16_t)op;
    head.flags = (uint16_t)flags;
    head.handle = handle;
    head.at = at;
    head.path_bytes = path != NULL ? (uint32_t)strlen(path) : 0;
    head.other_bytes = other != NULL ? (uint32_t)strlen(other) : 0;
    head.data_bytes = (uint32_t)len;
    size_t total = sizeof head + head.path_bytes + head.other_bytes + len;
    head.total_bytes = (uint32_t)total;
    struct iovec parts[4] = {
        {&head, sizeof head},
        {(void *)(uintptr_t)path, head.path_bytes},
        {(void *)(uintptr_t)other, head.other_bytes},
        {(void *)(uintptr_t)data, len},
    };
    if (total > UINT32_MAX || next(out, parts, 4) != (ssize_t)total)
        die("the recording cannot be written");
    errno = saved;
}

void shim_missed(const char *what)
{
    pthread_mutex_lock(&shim_mutex);
    shim_put(RECORD_MISSED, 0, 0, 0, what, NULL, NULL, 0);
    pthread_mutex_unlock(&shim_mutex);
}

bool shim_on(void)
{
    return out >= 0;
}

uint64_t shim_handle(int fd)
{
    return out >= 0 && fd >= 0 && fd < FD_MAX ? handles[fd] : 0;
}

/* Absolute path of a descriptor, false when it has none. */
static bool fd_path(int fd, char *path)
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, PATH_MAX - 1);
    if (len < 0)
        return false;
    path[len] = '\0';
    return true;
}

/* The absolute path of an entry: its folder resolved, its own name kept, so
 * that a link stands for itself. */
const char *shim_entry(int dirfd, const char *path, char *buf)
{
    char given[PATH_MAX];
    char folder[PATH_MAX];
    if (out < 0)
        return NULL;
    if (path[0] == '/' || dirfd == AT_FDCWD) {
        (void)snprintf(given, sizeof given, "%s", path);
    } else {
        if (!fd_path(dirfd, folder))
            return NULL;
        if (snprintf(given, sizeof given, "%s/%s", folder, path) >= PATH_MAX)
            return NULL;
    }
    size_t len = strlen(given);
    while (len > 1 && given[len - 1] == '/')
        given[--len] = '\0';
    char *slash = strrchr(given, '/');
    const char *name = slash != NULL ? slash + 1 : given;
    char tail[NAME_MAX + 1];
    (void)snprintf(tail, sizeof tail, "%s", name);
    if (slash == NULL)
        (void)snprintf(given, sizeof given, ".");
    else
        slash[slash == given] = '\0';
    if (realpath(given, folder) == NULL)
        return NULL;
    if (snprintf(buf, PATH_MAX, "%s/%s", strcmp(folder, "/") ? folder : "",
            tail) >= PATH_MAX)
        return NULL;
    return below(buf);
}

/* --- openings --- */

static void remember(int fd, uint64_t handle)
{
    if (fd >= FD_MAX)
        die("a descriptor beyond the table");
    handles[fd] = handle;
}

static void note_open(int fd, int flags)
{
    char path[PATH_MAX];
    if (fd < 0 || out < 0 || fd == out)
        return;
    int saved = errno;
    const char *rel = fd_path(fd, path) ? below(path) : NULL;
    if (rel != NULL) {
        uint64_t handle = (uint64_t)getpid() << 32 | ++opened;
        int how = 0;
        if (flags & O_CREAT)
            how |= RECORD_CREATE;
        if ((flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY)
            how |= RECORD_CUT;
        shim_put(RECORD_OPEN, how, handle, 0, rel, NULL, NULL, 0);
        if ((flags & O_TMPFILE) == O_TMPFILE)
            shim_put(RECORD_MISSED, 0, 0, 0, "O_TMPFILE", NULL, NULL, 0);
        remember(fd, handle);
    } else {
        remember(fd, 0);
    }
    errno = saved;
}

#define MODE_OF(flags)                                           \
    mode_t mode = 0;                                             \
    if (((flags)&O_CREAT) || ((flags)&O_TMPFILE) == O_TMPFILE) { \
        va_list args;                                            \
        va_start(args, flags);                                   \
        mode = (mode_t)va_arg(args, int);                        \
        va_end(args);                                            \
    }

static int open_at(int dirfd, const char *path, int flags, mode_t mode)
{
    NEXT(openat);
    pthread_mutex_lock(&shim_mutex);
    int fd = next(dirfd, path, flags, mode);
    note_open(fd, flags);
    pthread_mutex_unlock(&shim_mutex);
    return fd;
}

SHOWN int open(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}

SHOWN int openat(int dirfd, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(dirfd, path, flags, mode);
}

SHOWN int creat(const char *path, mode_t mode)
{
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int open64(const char *path, int flags, ...) ALSO_KNOWN_AS("open");
int openat64(int dirfd, const char *path, int flags, ...)
    ALSO_KNOWN_AS("openat");
int creat64(const char *path, mode_t mode) ALSO_KNOWN_AS("creat");

/* What fortified callers use for flags without O_CREAT. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags) ALSO_KNOWN_AS("__open_2");
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags)
    ALSO_KNOWN_AS("__openat_2");
SHOWN int __open_2(const char *path, int flags)
{
    return open_at(AT_FDCWD, path, flags, 0);
}
SHOWN int __openat_2(int dirfd, const char *path, int flags)
{
    return open_at(dirfd, path, flags, 0);
}

SHOWN int close(int fd)
{
    NEXT(close);
    pthread_mutex_lock(&shim_mutex);
    if (out >= 0 && fd >= 0 && fd < FD_MAX)
        handles[fd] = 0;
    int rc = next(fd);
    pthread_mutex_unlock(&shim_mutex);
    return rc;
}

SHOWN int dup(int fd)
{
    NEXT(dup);
    int copy = next(fd);
    if (copy >= 0 && out >= 0)
        remember(copy, shim_handle(fd));
    return copy;
}

SHOWN int dup2(int fd, int to)
{
    NEXT(dup2);
    int copy = next(fd, to);
    if (copy >= 0 && out >= 0)
        remember(copy, shim_handle(fd));
    return copy;
}

SHOWN FILE *fopen(const char *path, const char *mode)
{
    NEXT(fopen);
    char buf[PATH_MAX];
    if (strpbrk(mode, "wa+") != NULL && shim_entry(AT_FDCWD, path, buf))
        shim_missed("fopen");
    return next(path, mode);
}
FILE *fopen64(const char *path, const char *mode) ALSO_KNOWN_AS("fopen");

SHOWN FILE *fdopen(int fd, const char *mode)
{
    NEXT(fdopen);
    if (strpbrk(mode, "wa+") != NULL && shim_handle(fd) != 0)
        shim_missed("fdopen");
    return next(fd, mode);
}

SHOWN void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
    NEXT(mmap);
    if ((flags & MAP_SHARED) && (prot & PROT_WRITE) && shim_handle(fd) != 0)
        shim_missed("mmap");
    return next(addr, len, prot, flags, fd, at);
}
void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t at)
    ALSO_KNOWN_AS("mmap");

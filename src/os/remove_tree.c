/* Removing a folder and all below it.
 *
 * One descriptor is open at a time, whatever the depth: going down opens a
 * child, going up opens "..", and the identity noted on the way down tells
 * whether that is still the folder we came from.  Everything is addressed by
 * name in an open folder and no link is ever followed, so a tree that someone
 * else changes meanwhile cannot lead us out of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "os/os_internal.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* A folder above the current one, and what the current one is called there. */
typedef struct level {
    dev_t device;
    ino_t inode;
    char *child;
} level;

typedef struct walk {
    const char *path; /* of the root, for messages */
    int fd;           /* the folder that we stand in */
    level *above;
    size_t depth;
    size_t cap;
} walk;

static tarn_status fail(const walk *w, int os_errno, tarn_error *err)
{
    return tarn__fail_os(err, os_errno, "cannot remove %s", w->path);
}

static int open_at(int fd, const char *name)
{
    return tarn__io_fails() ? -1 : openat(fd, name, DIR_FLAGS);
}

/* Remove `name`, which is no folder.  1: it is one. 0: gone. -1: errno. */
static int unlink_entry(int fd, const struct dirent *entry)
{
    if (entry->d_type == DT_DIR)
        return 1;
    int rc = tarn__io_fails() ? -1 : unlinkat(fd, entry->d_name, 0);
    if (rc == 0 || errno == ENOENT)
        return 0;
    return errno == EISDIR ? 1 : -1;
}

/* Remove the files of the current folder, and find a folder in it: *child is
 * NULL when there is none left. */
static tarn_status clear_files(walk *w, char **child, tarn_error *err)
{
    *child = NULL;
    int fd = open_at(w->fd, ".");
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (stream == NULL) {
        tarn_status st = fail(w, errno, err);
        if (fd >= 0)
            (void)close(fd);
        return st;
    }
    tarn_status st = TARN_OK;
    while (st == TARN_OK && *child == NULL) {
        errno = 0;
        struct dirent *entry = tarn__io_fails() ? NULL : readdir(stream);
        if (entry == NULL) {
            st = errno != 0 ? fail(w, errno, err) : TARN_OK;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int rc = unlink_entry(fd, entry);
        if (rc < 0)
            st = fail(w, errno, err);
        if (rc == 1 && (*child = tarn__strdup(entry->d_name)) == NULL)
            st = tarn__no_memory(err);
    }
    (void)closedir(stream);
    return st;
}

/* Takes over `child`. */
static tarn_status go_down(walk *w, char *child, tarn_error *err)
{
    struct stat here;
    int fd = -1;
    tarn_status st = tarn__grow(
        (void **)&w->above, &w->cap, w->depth + 1, sizeof *w->above, err);
    if (st != TARN_OK)
        goto fail;
    if (fstat(w->fd, &here) < 0 || (fd = open_at(w->fd, child)) < 0) {
        st = fail(w, errno, err);
        goto fail;
    }
    w->above[w->depth++] = (level){here.st_dev, here.st_ino, child};
    (void)close(w->fd);
    w->fd = fd;
    return TARN_OK;

fail:
    tarn__free(child);
    return st;
}

/* Leave the empty folder that we stand in and remove it. */
static tarn_status go_up(walk *w, tarn_error *err)
{
    level *up = &w->above[w->depth - 1];
    struct stat there;
    int fd = open_at(w->fd, "..");
    if (fd < 0)
        return fail(w, errno, err);
    (void)close(w->fd);
    w->fd = fd;
    if (fstat(fd, &there) < 0)
        return fail(w, errno, err);
    if (there.st_dev != up->device || there.st_ino != up->inode)
        return tarn__fail(err, TARN_IO,
            "cannot remove %s: someone moved a folder in it (try again)",
            w->path);
    int rc = tarn__io_fails() ? -1 : unlinkat(fd, up->child, AT_REMOVEDIR);
    if (rc < 0 && errno != ENOENT)
        return fail(w, errno, err);
    tarn__free(up->child);
    w->depth--;
    return TARN_OK;
}

static tarn_status clear_tree(walk *w, tarn_error *err)
{
    for (;;) {
        char *child;
        tarn_status st = clear_files(w, &child, err);
        if (st == TARN_OK && child == NULL && w->depth == 0)
            return TARN_OK;
        if (st == TARN_OK)
            st = child != NULL ? go_down(w, child, err) : go_up(w, err);
        if (st != TARN_OK)
            return st;
    }
}

tarn_status tarn__remove_tree(const char *path, tarn_error *err)
{
    walk w = {.path = path};
    w.fd = open_at(AT_FDCWD, path);
    if (w.fd < 0 && errno == ENOENT)
        return TARN_OK;
    if (w.fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
        tarn_status st = tarn__unlink(path, err);
        return st == TARN_NOT_FOUND ? TARN_OK : st;
    }
    if (w.fd < 0)
        return fail(&w, errno, err);
    tarn_status st = clear_tree(&w, err);
    (void)close(w.fd);
    while (w.depth > 0)
        tarn__free(w.above[--w.depth].child);
    tarn__free(w.above);
    if (st != TARN_OK)
        return st;
    st = tarn__rmdir(path, err);
    return st == TARN_NOT_FOUND ? TARN_OK : st;
}

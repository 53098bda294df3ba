/* What a path or a file is. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>

#include "base/error.h"
#include "os/file.h"
#include "os/os_internal.h"
#include "os/stat_internal.h"

#define US_PER_S 1000000

tarn__file_kind tarn__kind_of(mode_t mode)
{
    if (S_ISREG(mode))
        return TARN__FILE_REGULAR;
    if (S_ISDIR(mode))
        return TARN__FILE_DIR;
    if (S_ISLNK(mode))
        return TARN__FILE_LINK;
    return TARN__FILE_OTHER;
}

tarn__stat tarn__stat_of(const struct stat *st)
{
    return (tarn__stat){
        .kind = tarn__kind_of(st->st_mode),
        .size_bytes = (uint64_t)st->st_size,
        .mtime_us =
            (int64_t)st->st_mtim.tv_sec * US_PER_S + st->st_mtim.tv_nsec / 1000,
        .mode = (uint32_t)(st->st_mode & 07777),
        .device = (uint64_t)st->st_dev,
        .inode = (uint64_t)st->st_ino,
    };
}

void tarn__mtime_spec(int64_t mtime_us, struct timespec times[2])
{
    int64_t s = mtime_us / US_PER_S;
    int64_t us = mtime_us % US_PER_S;
    if (us < 0) {
        us += US_PER_S;
        s--;
    }
    times[0] = (struct timespec){.tv_nsec = UTIME_OMIT};
    times[1] = (struct timespec){.tv_sec = (time_t)s, .tv_nsec = us * 1000};
}

tarn_status tarn__stat_path(
    const char *path, bool follow, tarn__stat *out, tarn_error *err)
{
    struct stat st;
    int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
    int rc = tarn__io_fails() ? -1 : fstatat(AT_FDCWD, path, &st, flags);
    if (rc < 0) {
        *out = (tarn__stat){0};
        return tarn__fail_os(err, errno, "cannot examine %s", path);
    }
    *out = tarn__stat_of(&st);
    return TARN_OK;
}

tarn_status tarn__path_look(const char *path, bool *there, tarn_error *err)
{
    tarn__stat found;
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = tarn__stat_path(path, false, &found, &why);
    *there = st == TARN_OK;
    if (st == TARN_OK || st == TARN_NOT_FOUND)
        return TARN_OK;
    if (err != NULL)
        *err = why;
    return st;
}

bool tarn__path_exists(const char *path)
{
    tarn__stat st;
    return tarn__stat_path(path, false, &st, NULL) == TARN_OK;
}

bool tarn__path_is_dir(const char *path)
{
    tarn__stat st;
    return tarn__stat_path(path, true, &st, NULL) == TARN_OK &&
        st.kind == TARN__FILE_DIR;
}

tarn_status tarn__path_set_mtime(
    const char *path, int64_t mtime_us, tarn_error *err)
{
    struct timespec times[2];
    tarn__mtime_spec(mtime_us, times);
    int rc = tarn__io_fails() ? -1 : utimensat(AT_FDCWD, path, times, 0);
    if (rc < 0)
        return tarn__fail_os(err, errno, "cannot set the time of %s", path);
    return TARN_OK;
}

/* Files and folders.  The only code that reads or writes them. */
#ifndef TARN_OS_FILE_H
#define TARN_OS_FILE_H

#include <tarn/base.h>

typedef struct tarn__file {
    int fd;     /* -1 when closed; always O_CLOEXEC */
    char *path; /* owned, for messages */
} tarn__file;
#define TARN__FILE_INIT \
    {                   \
        -1, NULL        \
    }

typedef enum tarn__open_mode {
    TARN__OPEN_READ,
    TARN__OPEN_READ_READY, /* a FIFO's too, though nobody writes to it yet: ask
                            * tarn__file_ready() before each read */
    TARN__OPEN_CREATE,     /* write, must not exist */
    TARN__OPEN_PRIVATE,    /* the same, for nobody else's eyes */
    TARN__OPEN_TRUNCATE,   /* write, made or emptied */
    TARN__OPEN_READ_WRITE  /* made when absent, contents kept */
} tarn__open_mode;

typedef enum tarn__file_kind {
    TARN__FILE_REGULAR,
    TARN__FILE_DIR,
    TARN__FILE_LINK,
    TARN__FILE_OTHER /* fifo, socket, device */
} tarn__file_kind;

typedef struct tarn__stat {
    tarn__file_kind kind;
    uint64_t size_bytes;
    int64_t mtime_us;
    uint32_t mode; /* permission bits */
    uint64_t device;
    uint64_t inode;
} tarn__stat;

TARN_MUST_CHECK tarn_status tarn__file_open(
    tarn__file *file, const char *path, tarn__open_mode mode, tarn_error *err);
/* Standard input as a file; not closed by tarn__file_close(). */
void tarn__file_stdin(tarn__file *file);
/* One read of up to len bytes; *got 0 at the end.  Retries EINTR. */
TARN_MUST_CHECK tarn_status tarn__file_read(
    tarn__file *file, void *ptr, size_t len, size_t *got, tarn_error *err);
/* Would a read not wait?  Waits for that at most timeout_us; true on errors, a
 * read tells them. */
bool tarn__file_ready(const tarn__file *file, int64_t timeout_us);
/* len bytes, fewer only at the end. */
TARN_MUST_CHECK tarn_status tarn__file_read_at(tarn__file *file, uint64_t at,
    void *ptr, size_t len, size_t *got, tarn_error *err);
/* All of len, or a failure. */
TARN_MUST_CHECK tarn_status tarn__file_write(
    tarn__file *file, const void *ptr, size_t len, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__file_write_at(tarn__file *file, uint64_t at,
    const void *ptr, size_t len, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__file_truncate(
    tarn__file *file, uint64_t size, tarn_error *err);
/* Never retried: after a failure the file's state is unknown. */
TARN_MUST_CHECK tarn_status tarn__file_sync(tarn__file *file, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__file_stat(
    tarn__file *file, tarn__stat *out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__file_set_mtime(
    tarn__file *file, int64_t mtime_us, tarn_error *err);
/* Begin writing dirty pages of a range to disk now, so that a later sync is
 * short; advice only. */
void tarn__file_flush_hint(tarn__file *file, uint64_t at, uint64_t len);
/* Let the machine's cache forget what of a range is on the disk already;
 * advice only. */
void tarn__file_forget_hint(tarn__file *file, uint64_t at, uint64_t len);
void tarn__file_close(tarn__file *file); /* idempotent; errors are ignored */

TARN_MUST_CHECK tarn_status tarn__stat_path(
    const char *path, bool follow, tarn__stat *out, tarn_error *err);
/* Is there something?  A link is, wherever it leads.  That it cannot be told is
 * an error. */
TARN_MUST_CHECK tarn_status tarn__path_look(
    const char *path, bool *there, tarn_error *err);
/* False also on errors: nothing may be deleted, or made anew, on its word. */
bool tarn__path_exists(const char *path);
/* Links are followed. */
bool tarn__path_is_dir(const char *path);
TARN_MUST_CHECK tarn_status tarn__path_set_mtime(
    const char *path, int64_t mtime_us, tarn_error *err);

/* Whole file, at most max bytes (TARN_BAD_INPUT beyond). */
TARN_MUST_CHECK tarn_status tarn__file_slurp(
    const char *path, size_t max, tarn_buf *out, tarn_error *err);
/* Write a file whole, no durability asked. */
TARN_MUST_CHECK tarn_status tarn__file_spill(
    const char *path, tarn_slice bytes, tarn_error *err);

TARN_MUST_CHECK tarn_status tarn__mkdir(const char *path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__mkdirs(const char *path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__unlink(const char *path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__rmdir(const char *path, tarn_error *err);
/* Folder and all below it; absent is fine; links are not followed. */
TARN_MUST_CHECK tarn_status tarn__remove_tree(
    const char *path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__rename(
    const char *from, const char *to, tarn_error *err); /* replaces */
/* Each takes the other's name, at one stroke; not on every file system. */
TARN_MUST_CHECK tarn_status tarn__swap_names(
    const char *a, const char *b, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__link(
    const char *from, const char *to, tarn_error *err); /* TARN_EXISTS */
TARN_MUST_CHECK tarn_status tarn__symlink(
    const char *target, const char *path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__readlink(
    const char *path, char **target, tarn_error *err);
/* Real absolute path of something that exists; tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__realpath(
    const char *path, char **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__cwd(char **out, tarn_error *err);
/* "a" + "b" -> "a/b"; NULL when memory is out; tarn__free() it. */
char *tarn__path_join(const char *a, const char *b);
/* What follows `folder` in a path at or below it, without '/'; NULL: it is
 * elsewhere.  Both are resolved. */
const char *tarn__path_below(const char *path, const char *folder);
/* What follows the last '/'; borrowed from path. */
const char *tarn__path_base(const char *path);

typedef struct tarn__dir tarn__dir;
typedef struct tarn__dirent {
    const char *name; /* borrowed until the next call; any bytes but NUL, '/' */
    tarn__file_kind kind;
} tarn__dirent;
TARN_MUST_CHECK tarn_status tarn__dir_open(
    const char *path, tarn__dir **out, tarn_error *err);
/* TARN_ROW, or TARN_OK at the end; no "." and ".."; any order. */
TARN_MUST_CHECK tarn_status tarn__dir_next(
    tarn__dir *dir, tarn__dirent *out, tarn_error *err);
void tarn__dir_close(tarn__dir *dir);

#endif

#include "event/bad_file.h"

#include "base/error.h"
#include "base/memory.h"
#include "os/durable.h"

static tarn_status check_other(const tarn__stat *mine, const char *given,
    const char *other, tarn_error *err)
{
    tarn__stat stat;
    tarn_status st =
        other == NULL ? TARN_OK : tarn__stat_path(other, true, &stat, err);
    if (st == TARN_NOT_FOUND) /* the store is not made yet */
        return TARN_OK;
    bool same = st == TARN_OK && other != NULL && stat.device == mine->device &&
        stat.inode == mine->inode;
    return !same ? st
                 : tarn__fail(err, TARN_INVALID,
                       "%s: is %s itself, not a file for bad lines (name "
                       "another)",
                       given, other);
}

tarn_status tarn__bad_file_find(tarn__bad_file *file, const char *given,
    const char *store, const char *const *sources, size_t count,
    tarn_error *err)
{
    tarn__stat stat;
    if (*given == '\0')
        return tarn__fail(err, TARN_INVALID,
            "file of bad lines: its name is empty (give one)");
    bool there;
    tarn_status st = tarn__path_look(given, &there, err);
    if (st == TARN_OK && !there) {
        file->path = tarn__strdup(given);
        return file->path == NULL ? tarn__no_memory(err) : TARN_OK;
    }
    if (st == TARN_OK)
        st = tarn__stat_path(given, true, &stat, err);
    if (st == TARN_OK && stat.kind == TARN__FILE_DIR)
        st = tarn__fail(err, TARN_INVALID,
            "%s: is a folder, not a file for bad lines (name one in it)",
            given);
    if (st == TARN_OK)
        st = check_other(&stat, given, store, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = check_other(&stat, given, sources[i], err);
    if (st != TARN_OK)
        return st;
    file->written = stat.kind != TARN__FILE_REGULAR;
    if (!file->written) /* through a link: what it names is replaced */
        return tarn__realpath(given, &file->path, err);
    file->path = tarn__strdup(given);
    return file->path == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status write_lines(void *arg, tarn_slice lines, tarn_error *err)
{
    return tarn__file_write(arg, lines.ptr, lines.len, err);
}

tarn_status tarn__bad_file_make(
    const tarn__bad_file *file, const tarn__aside *spool, tarn_error *err)
{
    tarn__file out = TARN__FILE_INIT;
    tarn_status st = file->written
        ? tarn__file_open(&out, file->path, TARN__OPEN_TRUNCATE, err)
        : tarn__open_beside(&out, file->path, err);
    if (st == TARN_OK)
        st = tarn__aside_tell(spool, write_lines, &out, err);
    if (st == TARN_OK && !file->written)
        st = tarn__replace_with(&out, file->path, err);
    else if (out.path != NULL && !file->written)
        (void)!tarn__unlink(out.path, NULL);
    tarn__file_close(&out);
    return st;
}

void tarn__bad_file_reset(tarn__bad_file *file)
{
    tarn__free(file->path);
    *file = (tarn__bad_file)TARN__BAD_FILE_INIT;
}

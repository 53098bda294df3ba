/* Removing what runs left. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rows.h"
#include "base/time.h"
#include "flow/run_internal.h"
#include "os/file.h"

#define DEPTH_MAX 20

static uint64_t bytes_of(const char *path, int depth)
{
    tarn__stat stat;
    tarn__dir *dir;
    tarn__dirent entry;
    uint64_t bytes = 0;
    if (tarn__stat_path(path, false, &stat, NULL) != TARN_OK)
        return 0;
    if (stat.kind != TARN__FILE_DIR || depth > DEPTH_MAX)
        return stat.size_bytes;
    if (tarn__dir_open(path, &dir, NULL) != TARN_OK)
        return 0;
    while (tarn__dir_next(dir, &entry, NULL) == TARN_ROW) {
        char *child = tarn__path_join(path, entry.name);
        bytes += child == NULL ? 0 : bytes_of(child, depth + 1);
        tarn__free(child);
    }
    tarn__dir_close(dir);
    return bytes;
}

/* When a run ended; when it was last written, if it was killed. */
static int64_t ended_us(const json_t *status, const char *dir)
{
    int64_t us;
    tarn__stat stat;
    const char *text = tarn__json_text(status, "ended");
    if (text != NULL && tarn__time_parse(text, &us))
        return us;
    return tarn__stat_path(dir, true, &stat, NULL) == TARN_OK ? stat.mtime_us
                                                              : INT64_MAX;
}

static tarn_status add_row(tarn__table *t, const char *name,
    const json_t *status, uint64_t bytes, tarn_error *err)
{
    int64_t us;
    const char *started = tarn__json_text(status, "started");
    tarn_status st = tarn__table_text(t, name, err);
    if (st == TARN_OK)
        st = tarn__table_text(t, tarn__json_text(status, "flow"), err);
    if (st == TARN_OK)
        st = started != NULL && tarn__time_parse(started, &us)
            ? tarn__table_i64(t, us, err)
            : tarn__table_null(t, err);
    return st == TARN_OK ? tarn__table_i64(t, (int64_t)bytes, err) : st;
}

/* The lock is held while its folder goes: nobody begins to resume it. */
static tarn_status remove_run(const char *dir, tarn_error *err)
{
    tarn__lock lock = TARN__LOCK_INIT;
    char *path = tarn__path_join(dir, "lock");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__lock_take(&lock, path, false, 0, err);
    tarn__free(path);
    if (st == TARN_LOCKED)
        return TARN_OK;
    if (st == TARN_OK)
        st = tarn__remove_tree(dir, err);
    tarn__lock_release(&lock);
    return st;
}

static tarn_status look_at(tarn__table *t, const char *runs, const char *name,
    int64_t before_us, bool dry_run, tarn_error *err)
{
    json_t *status = NULL;
    char *dir = tarn__path_join(runs, name);
    if (dir == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__run_status(runs, name, &status, NULL);
    st = st == TARN_NO_MEMORY ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK && !tarn__run_busy(dir) &&
        ended_us(status, dir) <= before_us) {
        st = add_row(t, name, status, bytes_of(dir, 0), err);
        if (st == TARN_OK && !dry_run)
            st = remove_run(dir, err);
    }
    json_decref(status);
    tarn__free(dir);
    return st;
}

tarn_status tarn_flow_gc(const char *runs_dir, int64_t keep_us, bool dry_run,
    tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{"run", TARN_TEXT},
        {"flow", TARN_TEXT}, {"started", TARN_TIME}, {"bytes", TARN_INT64}};
    tarn__table *t;
    char **names = NULL;
    size_t count = 0;
    int64_t before = tarn__now_us() - keep_us;
    *out = NULL;
    tarn_status st = tarn__table_create(columns, 4, &t, err);
    if (st != TARN_OK)
        return st;
    st = tarn__run_names(runs_dir, &names, &count, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = look_at(t, runs_dir, names[i], before, dry_run, err);
    tarn__run_names_free(names, count);
    if (st == TARN_OK)
        st = tarn__table_rows(t, out, err);
    if (st != TARN_OK)
        tarn__table_free(t);
    return st;
}

/* The deleting half of gc: log files first, then the objects that no log file
 * on disk names any more. */
#include <stdio.h>
#include <string.h>

#include "base/ordmap.h"
#include "base/str.h"
#include "base/time.h"
#include "lake/gc_internal.h"
#include "os/file.h"

typedef struct sweep {
    tarn_lake *lake;
    tarn__gc *gc;
    bool dry_run;
    int64_t cutoff_us; /* unneeded since before this */
    int64_t pinned;
    tarn__ordmap *kept;   /* paths of log files that stay */
    tarn__ordmap *needed; /* names of objects, 'p' behind Parquet ones */
} sweep;

static const tarn_slice present = {"", 0};

static tarn_status keep_file(sweep *s, const char *path, tarn_error *err)
{
    return tarn__ordmap_put(s->kept, tarn_str(path), present, err);
}

/* A dry run's rewriting is not committed: as if it were. */
static tarn_status keep_as_if(sweep *s, bool grace, tarn_error *err)
{
    const tarn__gc *gc = s->gc;
    tarn_status st = TARN_OK;

    for (size_t i = 0; st == TARN_OK && i < gc->add_count; i++)
        st = keep_file(s, gc->adds[i].path, err);
    /* Its removes would be recent: within the grace, after every pin. */
    for (size_t i = 0; st == TARN_OK && i < gc->remove_count &&
         (grace || s->pinned != INT64_MAX);
         i++)
        st = keep_file(s, gc->removes[i], err);
    return st;
}

static bool is_going(const tarn__gc *gc, const char *path)
{
    for (size_t i = 0; i < gc->remove_count; i++)
        if (strcmp(gc->removes[i], path) == 0)
            return true;
    return false;
}

/* Files live now. */
static tarn_status keep_live(sweep *s, tarn_error *err)
{
    const tarn__delta_file *files;
    size_t count;

    tarn_status st = tarn__delta_files(
        s->lake->delta, s->lake->writer.head, &files, &count, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        if (!s->dry_run || !is_going(s->gc, files[i].path))
            st = keep_file(s, files[i].path, err);
    return st;
}

/* Files removed by a commit of the grace, or of a version that a reader from
 * before it may still scan. */
static tarn_status keep_recent(sweep *s, tarn_error *err)
{
    tarn__delta_commit commit = {0};
    int64_t first;

    tarn_status st = tarn__delta_first(s->lake->delta, &first, err);
    for (int64_t v = s->lake->writer.head; st == TARN_OK && v >= first; v--) {
        st = tarn__delta_read(s->lake->delta, v, &commit, err);
        if (st != TARN_OK)
            break;
        bool recent =
            commit.timestamp_ms * 1000 > s->cutoff_us || v > s->pinned;
        for (size_t i = 0; recent && i < commit.remove_count && st == TARN_OK;
             i++)
            st = keep_file(s, commit.removes[i], err);
        tarn__delta_commit_reset(&commit);
        if (!recent)
            break;
    }
    return st;
}

static tarn_status drop_log_file(sweep *s, const char *name, tarn_error *err)
{
    tarn_slice ignored;
    tarn__stat found;
    char relative[512];

    if (snprintf(relative, sizeof relative, "data/%s", name) >=
        (int)sizeof relative)
        return TARN_OK;
    if (tarn__ordmap_get(s->kept, tarn_str(relative), &ignored))
        return TARN_OK;
    char *path = tarn__path_join(s->lake->at.log, relative);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__stat_path(path, false, &found, err);
    /* Named by nobody and made a moment ago: stays, but is not looked into; a
     * killed writer may have left half of it. */
    if (st == TARN_OK && found.kind == TARN__FILE_REGULAR &&
        found.mtime_us <= s->cutoff_us) {
        s->gc->file_count++;
        s->gc->file_bytes += (int64_t)found.size_bytes;
        if (!s->dry_run)
            st = tarn__unlink(path, err);
    }
    tarn__free(path);
    return st;
}

static tarn_status sweep_log(sweep *s, tarn_error *err)
{
    tarn__dir *dir = NULL;
    tarn__dirent entry;
    char *path = tarn__path_join(s->lake->at.log, "data");

    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__dir_open(path, &dir, err);
    tarn__free(path);
    while (st == TARN_OK && (st = tarn__dir_next(dir, &entry, err)) == TARN_ROW)
        st = drop_log_file(s, entry.name, err);
    tarn__dir_close(dir);
    return st;
}

static tarn_status add_kept(
    const sweep *s, const char *relative, tarn_buf *sql, tarn_error *err)
{
    char *path = tarn__path_join(s->lake->at.log, relative);
    bool there;

    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__path_look(path, &there, err);
    if (st == TARN_OK && there) { /* else an earlier gc has swept it */
        if (sql->ptr[sql->len - 1] != '[')
            st = tarn__buf_char(sql, ',', err);
        if (st == TARN_OK)
            st = tarn__quote_file(sql, path, err);
    }
    tarn__free(path);
    return st;
}

/* SQL over the log files that stay; *any false: there is none. */
static tarn_status kept_relation(
    sweep *s, tarn_buf *sql, bool *any, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql,
        "SELECT DISTINCT object, (space = 'tree' AND kind IN ('table', "
        "'series')) FROM read_parquet([",
        err);
    const tarn__ordnode *n = tarn__ordmap_seek(s->kept, present);
    for (; n != NULL && st == TARN_OK; n = tarn__ordnode_next(n))
        st = add_kept(s, tarn__ordnode_key(n).ptr, sql, err);
    *any = st == TARN_OK && sql->ptr[sql->len - 1] != '[';
    return st == TARN_OK
        ? tarn__buf_str(
              sql, "], hive_partitioning=false) WHERE object IS NOT NULL", err)
        : st;
}

static tarn_status find_needed(sweep *s, tarn_error *err)
{
    tarn__duck *duck = NULL;
    tarn__duck_result *rows = NULL;
    tarn__cell cells[2];
    tarn_buf sql = TARN_BUF_INIT;
    char name[2 * TARN__SHA256_BYTES + 2];
    bool any = false;

    tarn_status st = tarn__delta_session(s->lake->delta, &duck, err);
    if (st == TARN_OK)
        st = kept_relation(s, &sql, &any, err);
    if (st == TARN_OK && any)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &rows, err);
    while (st == TARN_OK && any &&
        (st = tarn__duck_next(rows, cells, err)) == TARN_ROW) {
        snprintf(name, sizeof name, "%.64s%s", cells[0].bytes.ptr,
            cells[1].i64 != 0 ? "p" : "");
        st = tarn__ordmap_put(s->needed, tarn_str(name), present, err);
    }
    tarn__duck_result_free(rows);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status drop_object(
    sweep *s, const tarn__object_item *item, tarn_error *err)
{
    char name[2 * TARN__SHA256_BYTES + 2];
    tarn_slice ignored;

    if (item->mtime_us > s->cutoff_us)
        return TARN_OK;
    tarn__hex(item->id.sha256, sizeof item->id.sha256, name);
    if (item->id.parquet)
        memcpy(name + 2 * TARN__SHA256_BYTES, "p", 2);
    if (!item->stray && tarn__ordmap_get(s->needed, tarn_str(name), &ignored))
        return TARN_OK;
    if (item->stray && tarn__path_is_dir(item->path))
        return TARN_OK; /* not ours */
    s->gc->object_count++;
    s->gc->object_bytes += (int64_t)item->size_bytes;
    if (s->dry_run)
        return TARN_OK;
    if (item->stray)
        return tarn__unlink(item->path, err);
    return tarn__object_remove(s->lake->objects, item->id, err);
}

static tarn_status sweep_objects(sweep *s, tarn_error *err)
{
    tarn__object_walk *walk = NULL;
    tarn__object_item item;

    tarn_status st = tarn__object_walk_open(s->lake->objects, &walk, err);
    while (st == TARN_OK &&
        (st = tarn__object_walk_next(walk, &item, err)) == TARN_ROW)
        st = drop_object(s, &item, err);
    tarn__object_walk_close(walk);
    return st;
}

tarn_status tarn__gc_sweep(tarn_lake *lake, const tarn_gc_options *options,
    tarn__gc *gc, tarn_error *err)
{
    sweep s = {.lake = lake, .gc = gc, .dry_run = options->dry_run};

    /* The commits of this very run count as before now. */
    s.cutoff_us = tarn__now_us() + 1000 - options->grace_us;
    if (lake->writer.head_time_us > s.cutoff_us && options->grace_us == 0)
        s.cutoff_us = lake->writer.head_time_us;
    tarn_status st = tarn__pins_oldest(lake, &s.pinned, err);
    if (st == TARN_OK)
        st = tarn__ordmap_create(&s.kept, err);
    if (st == TARN_OK)
        st = tarn__ordmap_create(&s.needed, err);
    if (st == TARN_OK && s.dry_run)
        st = keep_as_if(&s, options->grace_us > 0, err);
    if (st == TARN_OK)
        st = keep_live(&s, err);
    if (st == TARN_OK)
        st = keep_recent(&s, err);
    if (st == TARN_OK)
        st = sweep_log(&s, err);
    if (st == TARN_OK)
        st = find_needed(&s, err);
    if (st == TARN_OK)
        st = sweep_objects(&s, err);
    tarn__ordmap_free(s.kept);
    tarn__ordmap_free(s.needed);
    return st;
}

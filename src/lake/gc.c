/* Garbage collection (DESIGN 3, gc).  Under the lock:
 *
 *  1. the horizon H is committed as a state operation;
 *  2. the log's files are rewritten without the history below H; before that
 *     commit the key view is marked as holding more than the log (I3);
 *  3. a checkpoint; the key view anew; then what nobody needs is deleted.
 *
 * Killed between any two of them, the next run finds what is left to do.
 *
 * A thing is deleted only when it has been unneeded for the grace, counted from
 * the commit that made it so, and nobody pins a version from before that commit.
 * A file that no commit ever named counts from its mtime. */
#include <stdio.h>

#include "base/rows.h"
#include "base/time.h"
#include "lake/gc_internal.h"
#include "os/file.h"

#define ORDER_BY "space, tenant, kind, key, version, seq"

/* Rows to keep at horizon %1: all above it; below it, of each key that is not
 * deleted there, the newest operation and all since its last content put (or
 * first append). */
static const char keep_sql[] =
    "version > %lld OR (version, seq) IN (SELECT (version, seq) FROM ("
    "SELECT version, seq, place, max(place) OVER k AS last, "
    "arg_max(op, place) OVER k AS last_op, "
    "coalesce(max(CASE WHEN op = 'put' AND has THEN place END) OVER k, "
    "min(CASE WHEN op = 'append' THEN place END) OVER k) AS base FROM ("
    "SELECT version, seq, op, space, tenant, kind, key, "
    "(content IS NOT NULL OR object IS NOT NULL) AS has, "
    "version::HUGEINT * 4294967296 + seq AS place "
    "FROM rows WHERE version <= %lld) "
    "WINDOW k AS (PARTITION BY space, tenant, kind, key)) "
    "WHERE last_op <> 'delete' AND place >= coalesce(base, last))";

/* Step 1.  The horizon as a state; the operation's commit is the new head. */
static tarn_status commit_horizon(
    tarn_lake *lake, int64_t horizon, int64_t *version, tarn_error *err)
{
    static const char *const argv[] = {"gc", NULL};
    char text[32];
    tarn__spool ops;
    tarn_buf bytes = TARN_BUF_INIT;
    tarn__op op = TARN__OP_INIT;

    tarn__spool_init(&ops, lake->bounds.spool_bytes);
    snprintf(text, sizeof text, "%lld", (long long)horizon);
    op.space = "state";
    op.kind = tarn_str("lake");
    op.key = tarn_str("horizon");
    op.content = tarn_str(text);
    op.size_bytes = (int64_t)op.content.len;
    tarn_status st = tarn__op_encode(&bytes, &op, err);
    if (st == TARN_OK)
        st = tarn__spool_add(&ops, tarn__buf_slice(&bytes), NULL, NULL, err);
    const tarn__commit commit = {.ops = &ops,
        .argv = lake->upkeep.argv == NULL ? argv : lake->upkeep.argv,
        .message = lake->upkeep.message};
    if (st == TARN_OK)
        st = tarn__commit_run(lake, &commit, version, err);
    tarn_buf_reset(&bytes);
    tarn__spool_reset(&ops);
    return st;
}

/* Step 1, with no reader below H: one that pinned its version before it could
 * see H holds H back (see stand_on() in snapshot.c). */
static tarn_status announce(tarn_lake *lake, int64_t before, int64_t *horizon,
    int64_t *version, tarn_error *err)
{
    int64_t pinned;

    tarn_status st = commit_horizon(lake, *horizon, version, err);
    if (st == TARN_OK)
        st = tarn__pins_oldest(lake, &pinned, err);
    if (st != TARN_OK || pinned >= *horizon)
        return st;
    *horizon = pinned > before ? pinned : before;
    return commit_horizon(lake, *horizon, version, err);
}

/* Step 2. */
static tarn_status rewrite(tarn_lake *lake, int64_t horizon, bool dry_run,
    tarn__gc *gc, tarn_error *err)
{
    char sql[1024];
    tarn_buf fields = TARN_BUF_INIT;

    snprintf(sql, sizeof sql, keep_sql, (long long)horizon, (long long)horizon);
    tarn_status st =
        tarn__delta_rewrite(lake->delta, lake->writer.head, sql, ORDER_BY,
            &gc->adds, &gc->add_count, &gc->removes, &gc->remove_count, err);
    if (st != TARN_OK || dry_run || gc->remove_count == 0)
        return st;
    st = tarn__upkeep_fields(lake, "gc", &fields, err);
    const tarn__delta_write write = {
        .operation = "DELETE",
        .tarn = fields.ptr,
        .adds = gc->adds,
        .add_count = gc->add_count,
        .removes = (const char *const *)gc->removes,
        .remove_count = gc->remove_count,
        .data_change = true,
    };
    if (st == TARN_OK)
        st = tarn__view_mark_excess(&lake->view, err);
    if (st == TARN_OK)
        st = tarn__commit_files(lake, &write, &gc->version, err);
    tarn_buf_reset(&fields);
    return st;
}

/* A dry run has written files that no commit names. */
static void reset(tarn_lake *lake, bool dry_run, tarn__gc *gc)
{
    for (size_t i = 0; dry_run && i < gc->add_count; i++) {
        char *path = tarn__path_join(lake->at.log, gc->adds[i].path);
        if (path != NULL)
            (void)!tarn__unlink(path, NULL); /* else the next gc's */
        tarn__free(path);
    }
    tarn__delta_files_free(gc->adds, gc->add_count);
    tarn__delta_paths_free(gc->removes, gc->remove_count);
}

/* The horizon's own operations, which every run replaces. */
#define OWN "(space = 'state' AND kind = 'lake' AND key = 'horizon')"

static tarn_status count_rows(
    tarn_lake *lake, const char *where, int64_t *count, tarn_error *err)
{
    tarn__duck *duck = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    bool found;

    tarn_status st = tarn__delta_session(lake->delta, &duck, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "WITH rows AS (SELECT * FROM ", err);
    if (st == TARN_OK)
        st = tarn__delta_relation(lake->delta, lake->writer.head, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            ") SELECT count(*) FROM rows WHERE NOT " OWN " AND (%s)", where);
    if (st == TARN_OK)
        st = tarn__duck_int64(duck, sql.ptr, count, &found, err);
    tarn_buf_reset(&sql);
    return st;
}

/* Rows that leave at `horizon`, and whether there is something to do at all:
 * only gc's own commits since the last horizon are nothing. */
static tarn_status look(tarn_lake *lake, int64_t before, int64_t horizon,
    tarn__gc *gc, bool *due, tarn_error *err)
{
    char since[80];
    int64_t fresh = 0;
    tarn_buf where = TARN_BUF_INIT;

    tarn_status st = tarn__buf_str(&where, "NOT (", err);
    if (st == TARN_OK)
        st = tarn__buf_printf(
            &where, err, keep_sql, (long long)horizon, (long long)horizon);
    if (st == TARN_OK)
        st = tarn__buf_char(&where, ')', err);
    if (st == TARN_OK)
        st = count_rows(lake, where.ptr, &gc->operations, err);
    tarn_buf_reset(&where);
    snprintf(since, sizeof since, "version > %lld AND version <= %lld",
        (long long)before, (long long)horizon);
    if (st == TARN_OK && gc->operations == 0)
        st = count_rows(lake, since, &fresh, err);
    *due = gc->operations > 0 || fresh > 0;
    return st;
}

/* The version that stood at the age, or an older one that a reader pins. */
static tarn_status choose_horizon(tarn_lake *lake,
    const tarn_gc_options *options, int64_t *horizon, tarn_error *err)
{
    int64_t now_us = tarn__now_us();
    int64_t head_us = lake->writer.head_time_us;
    /* Commits that follow fast, or a clock set back, leave the head ahead. */
    int64_t cut = (now_us > head_us ? now_us : head_us) - options->retain_us;
    int64_t pinned;

    tarn_status st = tarn__delta_version_at(
        lake->delta, lake->writer.head, cut, horizon, err);
    if (st == TARN_NOT_FOUND) {
        *horizon = 0;
        st = TARN_OK;
    }
    if (st == TARN_OK)
        st = tarn__pins_oldest(lake, &pinned, err);
    if (st == TARN_OK && pinned < *horizon)
        *horizon = pinned;
    return st;
}

static tarn_status drop_history(tarn_lake *lake, const tarn_gc_options *options,
    tarn__gc *gc, tarn_error *err)
{
    int64_t horizon, before;
    bool due = false;

    tarn_status st = choose_horizon(lake, options, &horizon, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(lake, &before, err);
    if (st == TARN_OK && horizon < before)
        horizon = before; /* whose run may have been killed */
    if (st == TARN_OK)
        st = look(lake, before, horizon, gc, &due, err);
    if (st != TARN_OK || !due)
        return st;
    if (options->dry_run)
        return rewrite(lake, horizon, true, gc, err);
    if (horizon > before)
        st = announce(lake, before, &horizon, &gc->version, err);
    if (st == TARN_OK)
        st = rewrite(lake, horizon, false, gc, err);
    if (st == TARN_OK)
        st = tarn__delta_checkpoint(lake->delta, lake->writer.head, err);
    return st == TARN_OK ? tarn__rebuild_key(lake, err) : st;
}

static tarn_status add_row(tarn__table *table, const char *what, int64_t count,
    int64_t bytes, tarn_error *err)
{
    tarn_status st = tarn__table_text(table, what, err);
    if (st == TARN_OK)
        st = tarn__table_i64(table, count, err);
    return st == TARN_OK ? tarn__table_i64(table, bytes, err) : st;
}

static tarn_status report(const tarn__gc *gc, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{.name = "what", .type = TARN_TEXT},
        {.name = "count", .type = TARN_INT64},
        {.name = "bytes", .type = TARN_INT64}};
    tarn__table *table = NULL;

    tarn_status st = tarn__table_create(columns, 3, &table, err);
    if (st == TARN_OK)
        st = add_row(table, "operations", gc->operations, 0, err);
    if (st == TARN_OK)
        st = add_row(table, "log files", gc->file_count, gc->file_bytes, err);
    if (st == TARN_OK)
        st = add_row(table, "objects", gc->object_count, gc->object_bytes, err);
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    return st;
}

static tarn_status collect(tarn_lake *lake, const tarn_gc_options *options,
    tarn__gc *gc, tarn_error *err)
{
    tarn_status st = TARN_OK;

    pthread_mutex_lock(&lake->open_mutex);
    pthread_mutex_lock(&lake->delta_mutex);
    if (!options->retain_forever)
        st = drop_history(lake, options, gc, err);
    if (st == TARN_OK)
        st = tarn__gc_sweep(lake, options, gc, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    pthread_mutex_unlock(&lake->open_mutex);
    return st;
}

tarn_status tarn_lake_gc(tarn_lake *lake, const tarn_gc_options *options,
    int64_t *version, tarn_rows **out, tarn_error *err)
{
    static const tarn_gc_options defaults = TARN_GC_OPTIONS_INIT;
    tarn__gc gc = {.version = -1};

    *out = NULL;
    *version = -1;
    tarn_status st = tarn__lake_usable(lake, true, err);
    if (st == TARN_OK && lake->memory)
        st = tarn__fail(err, TARN_INVALID,
            "a lake in memory keeps everything (open a lake on disk)");
    if (st == TARN_OK)
        st = tarn__writer_take(lake, lake->options.wait_us, err);
    if (st != TARN_OK)
        return st;
    if (options == NULL)
        options = &defaults;
    st = collect(lake, options, &gc, err);
    reset(lake, options->dry_run, &gc);
    tarn__writer_give(lake);
    *version = gc.version;
    return st == TARN_OK ? report(&gc, out, err) : st;
}

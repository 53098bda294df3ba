/* Garbage collection (DESIGN 3, gc).  Under the lock:
 *
 *  1. the horizon H is committed as a state operation;
 *  2. the log's files are rewritten without the history below H;
 *  3. a checkpoint; the key view anew; then what nobody needs is deleted.
 *
 * A thing is deleted only when it has been unneeded for the grace, counted from
 * the commit that made it so, and nobody pins a version from before that commit.
 * A file that no commit ever named counts from its mtime. */
#include <stdio.h>

#include "base/rows.h"
#include "base/time.h"
#include "lake/gc_internal.h"

#define ORDER_BY "space, tenant, kind, key, version, seq"

/* Rows to keep at horizon %1: all above it; below it, of each key that is not
 * deleted there, the newest operation and all since its last content put (or
 * first append). */
static const char keep_sql[] =
    "version > %lld OR (version, seq) IN (SELECT (version, seq) FROM ("
    "SELECT version, seq, at, max(at) OVER k AS last, "
    "arg_max(op, at) OVER k AS last_op, "
    "coalesce(max(CASE WHEN op = 'put' AND has THEN at END) OVER k, "
    "min(CASE WHEN op = 'append' THEN at END) OVER k) AS base FROM ("
    "SELECT version, seq, op, space, tenant, kind, key, "
    "(content IS NOT NULL OR object IS NOT NULL) AS has, "
    "version::HUGEINT * 4294967296 + seq AS at "
    "FROM rows WHERE version <= %lld) "
    "WINDOW k AS (PARTITION BY space, tenant, kind, key)) "
    "WHERE last_op <> 'delete' AND at >= coalesce(base, last))";

/* Step 1.  The horizon as a state; the operation's commit is the new head. */
static tarn_status commit_horizon(
    tarn_lake *lake, int64_t horizon, int64_t *version, tarn_error *err)
{
    static const char *const argv[] = {"gc", NULL};
    char text[32];
    tarn__spool ops;
    tarn_buf bytes = TARN_BUF_INIT;
    tarn__op op = TARN__OP_INIT;

    tarn__spool_init(&ops);
    snprintf(text, sizeof text, "%lld", (long long)horizon);
    op.space = "state";
    op.kind = tarn_str("lake");
    op.key = tarn_str("horizon");
    op.content = tarn_str(text);
    op.size_bytes = (int64_t)op.content.len;
    tarn_status st = tarn__op_encode(&bytes, &op, err);
    if (st == TARN_OK)
        st = tarn__spool_add(&ops, tarn__buf_slice(&bytes), NULL, NULL, err);
    const tarn__commit commit = {.ops = &ops, .argv = argv};
    if (st == TARN_OK)
        st = tarn__commit_run(lake, &commit, version, err);
    tarn_buf_reset(&bytes);
    tarn__spool_reset(&ops);
    return st;
}

/* Step 2. */
static tarn_status rewrite(tarn_lake *lake, int64_t horizon,
    tarn__gc *gc, tarn_error *err)
{
    tarn__delta_file *adds = NULL;
    char **removes = NULL;
    size_t add_count = 0, remove_count = 0;
    char sql[1024];

    snprintf(sql, sizeof sql, keep_sql, (long long)horizon,
        (long long)horizon);
    tarn_status st = tarn__delta_rewrite(lake->delta, lake->writer.head, sql,
        ORDER_BY, &adds, &add_count, &removes, &remove_count, err);
    if (st == TARN_OK && remove_count > 0) {
        const tarn__delta_write write = {
            .operation = "DELETE",
            .tarn = "{\"command\":[\"gc\"],\"operations\":0,"
                    "\"tool\":\"0.1.0\"}",
            .adds = adds,
            .add_count = add_count,
            .removes = (const char *const *)removes,
            .remove_count = remove_count,
            .data_change = true,
        };
        st = tarn__commit_files(lake, &write, &gc->version, err);
    }
    tarn__delta_files_free(adds, add_count);
    tarn__delta_paths_free(removes, remove_count);
    return st;
}

static tarn_status count_going(tarn_lake *lake, int64_t horizon,
    tarn__gc *gc, tarn_error *err)
{
    tarn__duck *duck = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    bool found;

    tarn_status st = tarn__delta_session(lake->delta, &duck, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "WITH rows AS (SELECT * FROM ", err);
    if (st == TARN_OK)
        st = tarn__delta_relation(
            lake->delta, lake->writer.head, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, ") SELECT count(*) FROM rows WHERE NOT (",
            err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, keep_sql, (long long)horizon,
            (long long)horizon);
    if (st == TARN_OK)
        st = tarn__buf_char(&sql, ')', err);
    if (st == TARN_OK)
        st = tarn__duck_int64(duck, sql.ptr, &gc->operations, &found, err);
    tarn_buf_reset(&sql);
    return st;
}

/* The version that stood at the age, or an older one that a reader pins. */
static tarn_status choose_horizon(tarn_lake *lake,
    const tarn_gc_options *options, int64_t *horizon, tarn_error *err)
{
    int64_t cut = tarn__now_us() - options->retain_us;
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

static tarn_status drop_history(tarn_lake *lake,
    const tarn_gc_options *options, tarn__gc *gc, tarn_error *err)
{
    int64_t horizon, before;

    tarn_status st = choose_horizon(lake, options, &horizon, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(lake, &before, err);
    if (st != TARN_OK || horizon <= before)
        return st;
    st = count_going(lake, horizon, gc, err);
    if (st != TARN_OK || options->dry_run)
        return st;
    st = commit_horizon(lake, horizon, &gc->version, err);
    if (st == TARN_OK)
        st = rewrite(lake, horizon, gc, err);
    if (st == TARN_OK)
        st = tarn__delta_checkpoint(lake->delta, lake->writer.head, err);
    return st == TARN_OK ? tarn__rebuild_key(lake, err) : st;
}

static tarn_status add_row(tarn__table *table, const char *what,
    int64_t count, int64_t bytes, tarn_error *err)
{
    tarn_status st = tarn__table_text(table, what, err);
    if (st == TARN_OK)
        st = tarn__table_i64(table, count, err);
    return st == TARN_OK ? tarn__table_i64(table, bytes, err) : st;
}

static tarn_status report(
    const tarn__gc *gc, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {
        {.name = "what", .type = TARN_TEXT},
        {.name = "count", .type = TARN_INT64},
        {.name = "bytes", .type = TARN_INT64}};
    tarn__table *table = NULL;

    tarn_status st = tarn__table_create(columns, 3, &table, err);
    if (st == TARN_OK)
        st = add_row(table, "operations", gc->operations, 0, err);
    if (st == TARN_OK)
        st = add_row(
            table, "log files", gc->file_count, gc->file_bytes, err);
    if (st == TARN_OK)
        st = add_row(
            table, "objects", gc->object_count, gc->object_bytes, err);
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
    st = collect(lake, options != NULL ? options : &defaults, &gc, err);
    tarn__writer_give(lake);
    *version = gc.version;
    return st == TARN_OK ? report(&gc, out, err) : st;
}

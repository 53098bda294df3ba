/* Removing what runs left. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rows.h"
#include "base/time.h"
#include "flow/run_internal.h"
#include "os/file.h"

#define DEPTH_MAX 20
#define LEFT_US (INT64_C(3600) * 1000000)

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

/* --- folders that go ---
 *
 * A run first has another name, by which nobody resumes it; then the lake
 * forgets that it has committed; then its folder goes.  What is killed on the
 * way is done by the next call. */

typedef struct gc {
    const char *runs;
    const tarn_flow_gc_options *options;
    int64_t before_us;
    tarn__table *rows;
    json_t *flows; /* whose newest run was seen */
    json_t *gone;  /* names of runs */
} gc;

static tarn_status gone_too(gc *g, const char *name, tarn_error *err)
{
    return json_array_append_new(g->gone, json_string(name)) == 0
        ? TARN_OK
        : tarn__no_memory(err);
}

/* The lock is held while its folder has another name: nobody begins to resume
 * it. */
static tarn_status take_away(
    gc *g, const char *name, const char *dir, bool *taken, tarn_error *err)
{
    tarn__lock lock = TARN__LOCK_INIT;
    char *path = tarn__path_join(dir, "lock");
    char *to = tarn__sprintf("%s/%s%s", g->runs, TARN__RUN_GONE, name);
    *taken = false;
    tarn_status st = path == NULL || to == NULL
        ? tarn__no_memory(err)
        : tarn__lock_take(&lock, path, false, 0, err);
    if (st == TARN_OK) {
        st = tarn__rename(dir, to, err);
        *taken = st == TARN_OK;
    } else if (st == TARN_LOCKED) {
        st = TARN_OK;
    }
    tarn__lock_release(&lock);
    tarn__free(path);
    tarn__free(to);
    return st == TARN_OK && *taken ? gone_too(g, name, err) : st;
}

/* Is it the newest run of its flow?  Names come newest first. */
static bool is_newest(gc *g, const json_t *status)
{
    const char *flow = tarn__json_text(status, "flow");
    if (flow == NULL || json_object_get(g->flows, flow) != NULL)
        return false;
    (void)json_object_set_new(g->flows, flow, json_true());
    return true;
}

static bool may_go(gc *g, const json_t *status, const char *dir)
{
    const char *was = tarn__json_text(status, "status");
    bool success = was != NULL && strcmp(was, "success") == 0;
    bool resumable = is_newest(g, status) && !success;
    return !resumable && !tarn__run_busy(dir) &&
        ended_us(status, dir) <= g->before_us;
}

static tarn_status look_at(gc *g, const char *name, tarn_error *err)
{
    json_t *status = NULL;
    bool taken = true;
    char *dir = tarn__path_join(g->runs, name);
    if (dir == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__run_status(g->runs, name, &status, err);
    /* Without one, or with one that is torn, its folder tells its age. */
    if (st == TARN_NOT_FOUND || st == TARN_BAD_INPUT)
        st = TARN_OK;
    if (st == TARN_OK && may_go(g, status, dir)) {
        uint64_t bytes = bytes_of(dir, 0);
        if (!g->options->dry_run)
            st = take_away(g, name, dir, &taken, err);
        if (st == TARN_OK && taken)
            st = add_row(g->rows, name, status, bytes, err);
    }
    json_decref(status);
    tarn__free(dir);
    return st;
}

/* A run that is being made has its lock within moments. */
static bool is_left(const char *dir)
{
    tarn__stat stat;
    return tarn__stat_path(dir, true, &stat, NULL) == TARN_OK &&
        stat.mtime_us < tarn__now_us() - LEFT_US && !tarn__run_busy(dir);
}

/* What was killed before it was a run, or on its way out. */
static tarn_status look_at_hidden(gc *g, const char *name, tarn_error *err)
{
    static const char fresh[] = TARN__RUN_NEW;
    static const char gone[] = TARN__RUN_GONE;
    if (strncmp(name, gone, sizeof(gone) - 1) == 0)
        return gone_too(g, name + sizeof(gone) - 1, err);
    if (strncmp(name, fresh, sizeof(fresh) - 1) != 0)
        return TARN_OK;
    char *dir = tarn__path_join(g->runs, name);
    if (dir == NULL)
        return tarn__no_memory(err);
    tarn_status st = is_left(dir) ? tarn__remove_tree(dir, err) : TARN_OK;
    tarn__free(dir);
    return st;
}

static tarn_status find_hidden(gc *g, tarn_error *err)
{
    tarn__dir *dir;
    tarn__dirent entry;
    if (!tarn__path_is_dir(g->runs))
        return TARN_OK;
    tarn_status st = tarn__dir_open(g->runs, &dir, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        st = entry.kind == TARN__FILE_DIR ? look_at_hidden(g, entry.name, err)
                                          : TARN_OK;
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(dir);
    return st;
}

/* --- what the lake knows of them --- */

static tarn_status forget(
    gc *g, tarn_lake *lake, int64_t *version, tarn_error *err)
{
    tarn_txn_options options = TARN_TXN_OPTIONS_INIT;
    tarn_txn *txn;
    size_t i;
    json_t *name;
    options.message = g->options->message;
    options.argv = g->options->argv;
    tarn_status st = tarn_txn_begin(lake, &options, &txn, err);
    if (st != TARN_OK)
        return st;
    json_array_foreach(g->gone, i, name)
    {
        if (st == TARN_OK)
            st = tarn_state_rm(
                txn, TARN__RUN_COMMITTED, json_string_value(name), err);
        st = st == TARN_NOT_FOUND ? TARN_OK : st;
    }
    if (st == TARN_OK)
        return tarn_txn_commit(txn, version, err);
    tarn_txn_abort(txn);
    return st;
}

static tarn_status forget_all(gc *g, int64_t *version, tarn_error *err)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    tarn_lake *lake;
    if (g->options->lake_dir == NULL || json_array_size(g->gone) == 0)
        return TARN_OK;
    options.wait_us = g->options->wait_us;
    tarn_status st = tarn_lake_open(g->options->lake_dir, &options, &lake, err);
    if (st != TARN_OK)
        return st;
    st = forget(g, lake, version, err);
    tarn_lake_close(lake);
    return st;
}

static tarn_status remove_all(const gc *g, tarn_error *err)
{
    size_t i;
    json_t *name;
    tarn_status st = TARN_OK;
    json_array_foreach(g->gone, i, name)
    {
        char *dir = tarn__sprintf(
            "%s/%s%s", g->runs, TARN__RUN_GONE, json_string_value(name));
        if (st == TARN_OK)
            st = dir == NULL ? tarn__no_memory(err)
                             : tarn__remove_tree(dir, err);
        tarn__free(dir);
    }
    return st;
}

static tarn_status sweep(gc *g, int64_t *version, tarn_error *err)
{
    char **names = NULL;
    size_t count = 0;
    tarn_status st = tarn__run_names(g->runs, &names, &count, err);
    if (st == TARN_OK && !g->options->dry_run)
        st = find_hidden(g, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = look_at(g, names[i], err);
    tarn__run_names_free(names, count);
    if (st == TARN_OK && !g->options->dry_run)
        st = forget_all(g, version, err);
    return st == TARN_OK && !g->options->dry_run ? remove_all(g, err) : st;
}

tarn_status tarn_flow_gc(const char *runs_dir,
    const tarn_flow_gc_options *options, int64_t *version, tarn_rows **out,
    tarn_error *err)
{
    static const tarn__column columns[] = {{"run", TARN_TEXT},
        {"flow", TARN_TEXT}, {"started", TARN_TIME}, {"bytes", TARN_INT64}};
    gc g = {.runs = runs_dir,
        .options = options,
        .before_us = tarn__now_us() - options->keep_us,
        .flows = json_object(),
        .gone = json_array()};
    *out = NULL;
    *version = -1;
    tarn_status st = g.flows == NULL || g.gone == NULL
        ? tarn__no_memory(err)
        : tarn__table_create(columns, 4, &g.rows, err);
    if (st == TARN_OK)
        st = sweep(&g, version, err);
    json_decref(g.flows);
    json_decref(g.gone);
    if (st == TARN_OK)
        st = tarn__table_rows(g.rows, out, err);
    if (st != TARN_OK)
        tarn__table_free(g.rows);
    return st;
}

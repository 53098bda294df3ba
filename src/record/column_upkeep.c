/* Column views as a whole: made anew, compared with a rebuild, listed. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "lake/history.h"
#include "os/file.h"
#include "record/column_internal.h"

#define LOCK_WAIT_US 10000000
#define OLD_CATALOG "tarn__old"

static tarn_status open_duck(
    tarn_lake *lake, char **temp_dir, tarn__duck **out, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    *out = NULL;
    *temp_dir = NULL;
    tarn_status st = tarn__lake_scratch(lake, &scratch, err);
    if (st != TARN_OK)
        return st;
    *temp_dir = tarn__scratch_name(scratch, ".spill");
    if (*temp_dir == NULL)
        return tarn__no_memory(err);
    options.memory_bytes = tarn__lake_memory_bytes(lake);
    options.threads = tarn__lake_threads(lake);
    options.temp_dir = *temp_dir;
    return tarn__duck_open(&options, out, err);
}

static void close_duck(tarn__duck *duck, char *temp_dir)
{
    tarn__duck_close(duck);
    if (temp_dir != NULL)
        (void)!tarn__remove_tree(temp_dir, NULL);
    tarn__free(temp_dir);
}

static tarn_status named_lock(
    tarn__lock *lock, const char *path, bool shared, tarn_error *err)
{
    tarn_status st = tarn__lock_take(lock, path, shared, LOCK_WAIT_US, err);
    return st == TARN_LOCKED ? tarn__fail(err, TARN_LOCKED,
                                   "%s: the view is in use (try again)", path)
                             : st;
}

/* --- rebuild --- */

/* The tenants that the log speaks of: a set. */
static tarn_status tenants_of(tarn__duck *duck, tarn_lake *lake,
    int64_t version, json_t *set, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__lake_rows_sql(lake, 0, version, "DISTINCT tenant",
        "space = 'record' AND tenant IS NOT NULL", &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &rows, err);
    tarn_buf_reset(&sql);
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, &cell, err)) == TARN_ROW)
        st = json_object_setn_new_nocheck(
                 set, cell.bytes.ptr, cell.bytes.len, json_true()) != 0
            ? tarn__no_memory(err)
            : TARN_OK;
    tarn__duck_result_free(rows);
    return st;
}

static tarn_status rebuild_one(
    tarn__duck *duck, tarn_snapshot *snap, tarn_slice tenant, tarn_error *err)
{
    tarn__column_paths paths;
    tarn__lock lock = TARN__LOCK_INIT;
    tarn_status st =
        tarn__column_paths_make(tarn__snapshot_lake(snap), tenant, &paths, err);
    if (st == TARN_OK)
        st = tarn__mkdirs(paths.dir, err);
    if (st == TARN_OK)
        st = named_lock(&lock, paths.lock, false, err);
    if (st == TARN_OK)
        st = tarn__column_make_anew(duck, snap, tenant, &paths, err);
    tarn__lock_release(&lock);
    tarn__column_paths_reset(&paths);
    return st;
}

static tarn_status rebuild_all(
    tarn_lake *lake, tarn_snapshot *snap, json_t *set, tarn_error *err)
{
    tarn__duck *duck = NULL;
    char *temp_dir = NULL;
    const char *tenant;
    json_t *value;
    tarn_status st = open_duck(lake, &temp_dir, &duck, err);
    if (st == TARN_OK)
        st = tenants_of(duck, lake, tarn_snapshot_version(snap), set, err);
    close_duck(duck, temp_dir);
    json_object_foreach(set, tenant, value)
    {
        if (st == TARN_OK)
            st = open_duck(lake, &temp_dir, &duck, err);
        else
            break;
        if (st == TARN_OK)
            st = rebuild_one(duck, snap, tarn_str(tenant), err);
        close_duck(duck, temp_dir);
    }
    return st;
}

tarn_status tarn__colviews_rebuild(tarn_lake *lake, tarn_error *err)
{
    tarn_snapshot *snap = NULL;
    json_t *set = json_object();
    if (tarn__lake_is_memory(lake)) {
        json_decref(set);
        return TARN_OK;
    }
    tarn_status st = set == NULL
        ? tarn__no_memory(err)
        : tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = rebuild_all(lake, snap, set, err);
    tarn_snapshot_free(snap);
    json_decref(set);
    return st;
}

/* --- what there is --- */

/* A file that was found, attached under the shared lock. */
typedef struct found {
    tarn_lake *lake;
    tarn__column_paths paths;
    tarn__duck *duck;
    char *temp_dir;
    tarn__lock lock;
    bool opens;   /* DuckDB takes it */
    char *tenant; /* NULL: it was never filled */
    tarn__column_applied applied;
} found;

static tarn_status read_tenant(found *f, tarn_error *err)
{
    tarn_slice any = {NULL, 0};
    tarn_status st =
        tarn__column_attach_file(f->duck, f->paths.file, true, err);
    f->opens = st == TARN_OK;
    if (st == TARN_OK)
        st = tarn__column_applied_read(f->duck, any, &f->applied, err);
    if (st == TARN_OK && f->applied.version >= 0)
        st = tarn__duck_text(f->duck,
            "SELECT tenant FROM " TARN__COLUMN_CATALOG ".applied", &f->tenant,
            err);
    if (st == TARN_NO_MEMORY || st == TARN_INTERRUPTED)
        return st;
    return TARN_OK;
}

static void found_reset(found *f)
{
    close_duck(f->duck, f->temp_dir);
    tarn__lock_release(&f->lock);
    tarn__column_paths_reset(&f->paths);
    tarn__free(f->tenant);
}

static tarn_status found_open(
    found *f, const char *dir, const char *name, tarn_error *err)
{
    size_t stem = strlen(name) - strlen(".duckdb");
    f->lock = (tarn__lock)TARN__LOCK_INIT;
    f->applied.version = -1;
    f->paths.file = tarn__path_join(dir, name);
    f->paths.wal = tarn__sprintf("%s/%s.wal", dir, name);
    f->paths.lock = tarn__sprintf("%s/%.*s.lock", dir, (int)stem, name);
    if (f->paths.file == NULL || f->paths.wal == NULL || f->paths.lock == NULL)
        return tarn__no_memory(err);
    tarn_status st = named_lock(&f->lock, f->paths.lock, true, err);
    if (st == TARN_OK)
        st = open_duck(f->lake, &f->temp_dir, &f->duck, err);
    /* One with a WAL is made anew at its next use. */
    return st == TARN_OK && !tarn__path_exists(f->paths.wal)
        ? read_tenant(f, err)
        : st;
}

typedef tarn_status (*found_fn)(void *arg, found *f, tarn_error *err);

static tarn_status each_file(
    tarn_lake *lake, found_fn fn, void *arg, tarn_error *err)
{
    tarn__dir *dir = NULL;
    tarn__dirent entry;
    char *path = tarn__path_join(tarn_lake_dir(lake), "views/column");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st =
        tarn__path_is_dir(path) ? tarn__dir_open(path, &dir, err) : TARN_OK;
    while (dir != NULL && st == TARN_OK &&
        (st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        st = TARN_OK;
        if (!tarn__ends_with(entry.name, ".duckdb"))
            continue;
        found f = {.lake = lake};
        st = found_open(&f, path, entry.name, err);
        if (st == TARN_OK)
            st = fn(arg, &f, err);
        found_reset(&f);
    }
    tarn__dir_close(dir);
    tarn__free(path);
    return st;
}

typedef struct listing {
    tarn__colview_fn fn;
    void *arg;
} listing;

static tarn_status list_one(void *arg, found *f, tarn_error *err)
{
    const listing *l = arg;
    return f->tenant == NULL
        ? TARN_OK
        : l->fn(l->arg, f->tenant, f->applied.version, err);
}

tarn_status tarn__colviews_each(
    tarn_lake *lake, tarn__colview_fn fn, void *arg, tarn_error *err)
{
    listing l = {fn, arg};
    return tarn__lake_is_memory(lake) ? TARN_OK
                                      : each_file(lake, list_one, &l, err);
}

/* --- check --- */

typedef struct checking {
    tarn__colview_fault_fn fn;
    void *arg;
} checking;

/* Pairs of relations of one table; a table that only one has gives a row too. */
static const char pairs_sql[] =
    "SELECT n.number, o.number FROM " TARN__COLUMN_CATALOG
    ".tables n FULL JOIN " OLD_CATALOG
    ".tables o ON n.name = o.name AND n.signature = o.signature";

static tarn_status compare_pair(
    tarn__duck *duck, const tarn__cell *pair, bool *same, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    int64_t count = 1;
    bool some;
    if (pair[0].type == TARN_NULL || pair[1].type == TARN_NULL) {
        *same = false;
        return TARN_OK;
    }
    tarn_status st = tarn__buf_printf(&sql, err,
        "WITH n AS (FROM " TARN__COLUMN_CATALOG ".main.t%" PRId64
        "), o AS (FROM " OLD_CATALOG ".main.t%" PRId64
        ") SELECT (SELECT count(*) FROM (FROM n EXCEPT ALL FROM o)) + "
        "(SELECT count(*) FROM (FROM o EXCEPT ALL FROM n))",
        pair[0].i64, pair[1].i64);
    if (st == TARN_OK)
        st = tarn__duck_int64(duck, sql.ptr, &count, &some, err);
    tarn_buf_reset(&sql);
    *same = *same && count == 0;
    return st;
}

static tarn_status compare(tarn__duck *duck, bool *same, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cells[2];
    tarn__cell *pairs = NULL;
    size_t count = 0, cap = 0;
    tarn_status st = tarn__duck_query(duck, pairs_sql, NULL, 0, &rows, err);
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, cells, err)) == TARN_ROW) {
        void *raw = pairs;
        st = tarn__grow(&raw, &cap, count + 2, sizeof(*pairs), err);
        pairs = raw;
        if (st == TARN_OK)
            memcpy(&pairs[count], cells, sizeof(cells));
        count += 2;
    }
    tarn__duck_result_free(rows);
    *same = true;
    for (size_t i = 0; st == TARN_OK && *same && i < count; i += 2)
        st = compare_pair(duck, &pairs[i], same, err);
    tarn__free(pairs);
    return st;
}

/* A rebuild beside it, in scratch, in the session where it is attached. */
static tarn_status compare_with_rebuild(
    found *f, tarn_snapshot *snap, bool *same, tarn_error *err)
{
    const tarn__column_applied nothing = {.version = -1};
    tarn__scratch *scratch = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    char *beside = NULL;
    tarn_status st = tarn__column_detach(f->duck, err);
    if (st == TARN_OK)
        st = tarn__lake_scratch(f->lake, &scratch, err);
    if (st == TARN_OK) {
        beside = tarn__scratch_name(scratch, ".duckdb");
        if (beside == NULL)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK)
        st = tarn__column_attach_file(f->duck, beside, false, err);
    if (st == TARN_OK)
        st = tarn__column_fill(
            f->duck, snap, tarn_str(f->tenant), &nothing, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "ATTACH ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(&sql, tarn_str(f->paths.file), err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, " AS " OLD_CATALOG " (READ_ONLY)", err);
    if (st == TARN_OK)
        st = tarn__duck_exec(f->duck, sql.ptr, err);
    if (st == TARN_OK)
        st = compare(f->duck, same, err);
    tarn_buf_reset(&sql);
    tarn__duck_close(f->duck);
    f->duck = NULL;
    if (beside != NULL && tarn__path_exists(beside))
        (void)!tarn__unlink(beside, NULL);
    tarn__free(beside);
    return st;
}

static tarn_status check_one(void *arg, found *f, tarn_error *err)
{
    const checking *c = arg;
    tarn_snapshot *snap = NULL;
    tarn_error why = TARN_ERROR_INIT;
    bool ours = false, same = false;
    if (tarn__path_exists(f->paths.wal))
        return TARN_OK;
    if (!f->opens)
        return c->fn(c->arg, f->paths.file,
            "the column view does not read (tarn rebuild column)", err);
    /* Whoever began it did not come to an end: it is made anew. */
    if (f->tenant == NULL)
        return TARN_OK;
    tarn_status st = tarn__column_is_ours(f->lake, &f->applied, &ours, err);
    /* Of another log: nobody reads it any more. */
    if (st != TARN_OK || !ours)
        return st;
    st = tarn_snapshot_open(f->lake, f->applied.version, &snap, err);
    if (st == TARN_NOT_FOUND) /* below the horizon: it is made anew */
        return TARN_OK;
    if (st == TARN_OK)
        st = compare_with_rebuild(f, snap, &same, &why);
    tarn_snapshot_free(snap);
    if (st == TARN_NO_MEMORY || st == TARN_INTERRUPTED) {
        if (err != NULL)
            *err = why;
        return st;
    }
    return st == TARN_OK && same
        ? TARN_OK
        : c->fn(c->arg, f->paths.file,
              st == TARN_OK ? "the column view differs from a rebuild (tarn "
                              "rebuild column)"
                            : why.message,
              err);
}

tarn_status tarn__colviews_check(
    tarn_lake *lake, tarn__colview_fault_fn fn, void *arg, tarn_error *err)
{
    checking c = {fn, arg};
    return tarn__lake_is_memory(lake) ? TARN_OK
                                      : each_file(lake, check_one, &c, err);
}

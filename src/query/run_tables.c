/* lake.runs and lake.run_events: what runs of flows left in LAKE/runs. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "os/file.h"
#include "os/lock.h"
#include "query/query_internal.h"
#include "tree/parquet.h"

#define NO_RUNS                                                          \
    "SELECT NULL::VARCHAR AS run, NULL::VARCHAR AS flow, NULL::VARCHAR " \
    "AS status, NULL::TIMESTAMPTZ AS started, NULL::DOUBLE AS seconds, " \
    "NULL::BIGINT AS steps, NULL::BIGINT AS rows WHERE false"
#define NO_EVENTS                                                   \
    "SELECT NULL::VARCHAR AS run, NULL::TIMESTAMPTZ AS ts, "        \
    "NULL::VARCHAR AS event, NULL::VARCHAR AS step, NULL::JSON AS " \
    "fields WHERE false"

/* Runs that have a file of this name, as a list of paths; and those at which
 * nobody is at work, as a list of names. */
typedef struct runs {
    tarn_buf paths;
    tarn_buf idle;
    size_t count;
} runs;

static bool is_idle(const char *dir)
{
    char *lock = tarn__path_join(dir, "lock");
    bool busy =
        lock != NULL && tarn__path_exists(lock) && tarn__lock_busy(lock);
    tarn__free(lock);
    return !busy;
}

static tarn_status add_run(tarn__session *s, const char *dir, const char *name,
    const char *file, runs *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    char *run = tarn__path_join(dir, name);
    char *path = run == NULL ? NULL : tarn__path_join(run, file);
    if (path == NULL)
        st = tarn__no_memory(err);
    bool there = false;
    if (st == TARN_OK)
        st = tarn__path_look(path, &there, err);
    if (st == TARN_OK && there) {
        const char *comma = out->count++ > 0 ? ", " : "";
        st = tarn__session_allow_path(s, path, err);
        if (st == TARN_OK)
            st = tarn__buf_str(&out->paths, comma, err);
        if (st == TARN_OK)
            st = tarn__sql_path(&out->paths, path, err);
        if (st == TARN_OK && is_idle(run)) {
            st = tarn__buf_str(&out->idle, ", ", err);
            if (st == TARN_OK)
                st = tarn__duck_quote_text(&out->idle, tarn_str(name), err);
        }
    }
    tarn__free(path);
    tarn__free(run);
    return st;
}

static tarn_status find_runs(
    tarn__session *s, const char *file, runs *out, tarn_error *err)
{
    tarn__dir *handle;
    tarn__dirent entry;
    char *dir =
        s->lake_dir == NULL ? NULL : tarn__path_join(s->lake_dir, "runs");
    if (dir == NULL || !tarn__path_is_dir(dir)) {
        tarn__free(dir);
        return TARN_OK;
    }
    tarn_status st = tarn__dir_open(dir, &handle, err);
    if (st == TARN_OK) {
        while ((st = tarn__dir_next(handle, &entry, err)) == TARN_ROW) {
            /* A hidden one is no run yet, or no more. */
            if (entry.kind == TARN__FILE_DIR && entry.name[0] != '.')
                st = add_run(s, dir, entry.name, file, out, err);
            else
                st = TARN_OK;
            if (st != TARN_OK)
                break;
        }
        tarn__dir_close(handle);
    }
    tarn__free(dir);
    return st;
}

static tarn_status runs_sql(tarn__session *s, tarn_buf *sql, tarn_error *err)
{
    runs r = {.paths = TARN_BUF_INIT, .idle = TARN_BUF_INIT};
    tarn_status st = find_runs(s, "status.json", &r, err);
    if (st == TARN_OK && r.count == 0)
        st = tarn__buf_str(sql, NO_RUNS, err);
    else if (st == TARN_OK)
        /* One that says that it runs, and that nobody works at, was killed. */
        st = tarn__buf_printf(sql, err,
            "SELECT run, flow, CASE WHEN status = 'running' AND run IN (''%s) "
            "THEN 'failed' ELSE status END AS status, started, seconds, "
            "steps_completed AS steps, rows FROM read_json([%s], "
            "format='unstructured', hive_partitioning=false, "
            "maximum_object_size=67108864, columns={run: 'VARCHAR', flow: "
            "'VARCHAR', status: 'VARCHAR', started: 'TIMESTAMPTZ', seconds: "
            "'DOUBLE', steps_completed: 'BIGINT', rows: 'BIGINT'})",
            r.idle.ptr == NULL ? "" : r.idle.ptr, r.paths.ptr);
    tarn_buf_reset(&r.paths);
    tarn_buf_reset(&r.idle);
    return st;
}

static tarn_status events_sql(tarn__session *s, tarn_buf *sql, tarn_error *err)
{
    runs r = {.paths = TARN_BUF_INIT, .idle = TARN_BUF_INIT};
    tarn_status st = find_runs(s, "logs/events.jsonl", &r, err);
    if (st == TARN_OK && r.count == 0)
        st = tarn__buf_str(sql, NO_EVENTS, err);
    else if (st == TARN_OK)
        /* The last line of a run at work may be on its way. */
        st = tarn__buf_printf(sql, err,
            "SELECT json->>'run' AS run, (json->>'ts')::TIMESTAMPTZ AS ts, "
            "json->>'event' AS event, json->>'step' AS step, "
            "json_merge_patch(json, '{\"run\":null,\"ts\":null,\"event\":null,"
            "\"step\":null}') AS fields FROM read_json_objects([%s], "
            "format='newline_delimited', ignore_errors=true, "
            "hive_partitioning=false) WHERE json IS NOT NULL",
            r.paths.ptr);
    tarn_buf_reset(&r.paths);
    tarn_buf_reset(&r.idle);
    return st;
}

tarn_status tarn__run_table_sql(
    tarn__session *s, const char *name, tarn_buf *sql, tarn_error *err)
{
    return tarn__eq_nocase(name, "runs") ? runs_sql(s, sql, err)
                                         : events_sql(s, sql, err);
}

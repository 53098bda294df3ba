/* One statement's DuckDB: in memory, and locked before the statement runs. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "os/file.h"
#include "query/record.h"
#include "record/record.h"

static tarn_status find_dir(tarn__session *s, tarn_error *err)
{
    if (tarn__lake_is_memory(s->lake))
        return TARN_OK;
    return tarn__realpath(tarn_lake_dir(s->lake), &s->lake_dir, err);
}

/* Reading a lake must work where nothing can be written: without scratch the
 * engine does not spill, and content that needs a file fails when it comes. */
static tarn_status find_scratch(tarn__session *s, tarn_error *err)
{
    tarn_status st = tarn__lake_scratch(s->lake, &s->scratch, NULL);
    if (st != TARN_OK) {
        s->scratch = NULL;
        return st == TARN_NO_MEMORY ? tarn__no_memory(err) : TARN_OK;
    }
    st = tarn__spare_take(s->lake, s->scratch, &s->duck, &s->temp_dir, err);
    if (st != TARN_OK || s->duck != NULL)
        return st;
    s->temp_dir = tarn__scratch_name(s->scratch, ".spill");
    return s->temp_dir == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status open_duck(tarn__session *s, tarn_error *err)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    if (s->duck != NULL) /* a spare */
        return TARN_OK;
    options.memory_bytes = tarn__lake_memory_bytes(s->lake);
    options.threads = tarn__lake_threads(s->lake);
    options.temp_dir = s->temp_dir;
    return tarn__duck_open(&options, &s->duck, err);
}

static tarn_status find_route(
    tarn__session *s, const char *route, tarn_error *err)
{
    static const char *const names[] = {
        [TARN__ROUTE_POINT] = "point",
        [TARN__ROUTE_COLUMN] = "column",
        [TARN__ROUTE_IDS] = "ids",
        [TARN__ROUTE_SCAN] = "scan",
    };
    if (route == NULL)
        return TARN_OK;
    for (int i = TARN__ROUTE_POINT; i <= TARN__ROUTE_SCAN; i++)
        if (strcmp(route, names[i]) == 0) {
            s->route = (tarn__route)i;
            return TARN_OK;
        }
    return tarn__fail(err, TARN_INVALID,
        "route %s: not known (point, column, ids or scan)", route);
}

static tarn_status start(
    tarn__session *s, const tarn_query_options *options, tarn_error *err)
{
    tarn_slice tenant;
    tarn_status st = tarn__tenant_of(options->tenant, &tenant, err);
    if (st != TARN_OK)
        return st;
    s->allow_host = options->allow_host;
    s->tenant = tarn__arena_strdup(&s->arena, tenant.ptr);
    s->spilled = json_object();
    s->attached = json_object();
    s->allowed_dirs = json_object();
    s->allowed_paths = json_object();
    if (s->tenant == NULL || s->spilled == NULL || s->attached == NULL ||
        s->allowed_dirs == NULL || s->allowed_paths == NULL)
        return tarn__no_memory(err);
    st = find_route(s, options->route, err);
    if (st == TARN_OK)
        st = find_dir(s, err);
    if (st == TARN_OK)
        st = find_scratch(s, err);
    if (st == TARN_OK)
        st = open_duck(s, err);
    if (st == TARN_OK && s->temp_dir != NULL)
        st = tarn__session_allow_dir(s, s->temp_dir, err);
    return st;
}

tarn_status tarn__session_open(tarn_snapshot *snap,
    const tarn_query_options *options, tarn__session **out, tarn_error *err)
{
    *out = NULL;
    tarn__session *s = tarn__calloc(1, sizeof(*s));
    if (s == NULL)
        return tarn__no_memory(err);
    s->snap = snap;
    s->lake = tarn__snapshot_lake(snap);
    tarn_status st = start(s, options, err);
    if (st == TARN_OK)
        *out = s;
    else
        tarn__session_close(s);
    return st;
}

static void remove_spilled(tarn__session *s)
{
    const char *path;
    json_t *value;
    json_object_foreach(s->spilled, path, value)
    {
        if (tarn__path_exists(path))
            (void)!tarn__unlink(path, NULL);
    }
    if (s->temp_dir != NULL)
        (void)!tarn__remove_tree(s->temp_dir, NULL);
}

void tarn__session_close(tarn__session *s)
{
    if (s == NULL)
        return;
    tarn__duck_close(s->duck);
    tarn__record_sources_free(s);
    remove_spilled(s);
    for (size_t i = 0; i < s->pinned_count; i++)
        tarn_snapshot_free(s->pinned[i]);
    tarn__free(s->pinned);
    json_decref(s->mentioned);
    json_decref(s->spilled);
    json_decref(s->attached);
    json_decref(s->allowed_dirs);
    json_decref(s->allowed_paths);
    tarn__free(s->lake_dir);
    tarn__free(s->temp_dir);
    tarn__arena_reset(&s->arena);
    tarn__free(s);
}

static tarn_status add_path(json_t *set, const char *path, tarn_error *err)
{
    return json_object_set_new_nocheck(set, path, json_true()) != 0
        ? tarn__no_memory(err)
        : TARN_OK;
}

/* DuckDB asks before it expands a pattern, so that a path with such characters
 * is also allowed as it is written to stand for itself. */
static tarn_status allow(json_t *set, const char *path, tarn_error *err)
{
    tarn_buf literal = TARN_BUF_INIT;
    tarn_status st = add_path(set, path, err);
    if (strpbrk(path, "*?[") == NULL)
        return st;
    for (const char *p = path; st == TARN_OK && *p != '\0'; p++)
        st = strchr("*?[", *p) == NULL
            ? tarn__buf_char(&literal, *p, err)
            : tarn__buf_printf(&literal, err, "[%c]", *p);
    if (st == TARN_OK)
        st = add_path(set, literal.ptr, err);
    tarn_buf_reset(&literal);
    return st;
}

tarn_status tarn__session_allow_dir(
    tarn__session *s, const char *dir, tarn_error *err)
{
    return allow(s->allowed_dirs, dir, err);
}

tarn_status tarn__session_allow_path(
    tarn__session *s, const char *path, tarn_error *err)
{
    return allow(s->allowed_paths, path, err);
}

static tarn_status set_list(
    tarn__session *s, const char *setting, json_t *paths, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_printf(&sql, err, "SET %s = [", setting);
    const char *path;
    json_t *value;
    const char *comma = "";
    json_object_foreach(paths, path, value)
    {
        if (st == TARN_OK)
            st = tarn__buf_str(&sql, comma, err);
        if (st == TARN_OK)
            st = tarn__duck_quote_text(&sql, tarn_str(path), err);
        comma = ", ";
    }
    if (st == TARN_OK)
        st = tarn__buf_char(&sql, ']', err);
    if (st == TARN_OK && json_object_size(paths) > 0)
        st = tarn__duck_exec(s->duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__session_lock(tarn__session *s, tarn_error *err)
{
    if (s->host_view && s->reads_log)
        return tarn__fail(err, TARN_BAD_INPUT,
            "lake.log: not in one statement with a view of a DuckDB file, "
            "which "
            "could read it too (tarn put FILE:VIEW /path first)");
    tarn_status st = set_list(s, "allowed_directories", s->allowed_dirs, err);
    if (st == TARN_OK)
        st = set_list(s, "allowed_paths", s->allowed_paths, err);
    if (st == TARN_OK)
        st = tarn__duck_exec(s->duck,
            "SET enable_external_access = false; "
            "SET lock_configuration = true",
            err);
    return st;
}

tarn_status tarn__session_pin(
    tarn__session *s, int64_t version, tarn_snapshot **out, tarn_error *err)
{
    *out = NULL;
    if (version == tarn_snapshot_version(s->snap)) {
        *out = s->snap;
        return TARN_OK;
    }
    for (size_t i = 0; i < s->pinned_count; i++)
        if (tarn_snapshot_version(s->pinned[i]) == version) {
            *out = s->pinned[i];
            return TARN_OK;
        }
    tarn_status st = tarn__grow((void **)&s->pinned, &s->pinned_cap,
        s->pinned_count + 1, sizeof(tarn_snapshot *), err);
    if (st == TARN_OK)
        st = tarn_snapshot_open(s->lake, version, out, err);
    if (st == TARN_OK)
        s->pinned[s->pinned_count++] = *out;
    return st;
}

tarn_status tarn__session_scratch(
    tarn__session *s, const char *suffix, const char **path, tarn_error *err)
{
    *path = NULL;
    if (s->scratch == NULL) {
        /* It failed before; now its reason is wanted. */
        tarn_status st = tarn__lake_scratch(s->lake, &s->scratch, err);
        if (st != TARN_OK)
            return st;
    }
    char *name = tarn__scratch_name(s->scratch, suffix);
    const char *copy =
        name == NULL ? NULL : tarn__arena_strdup(&s->arena, name);
    tarn__free(name);
    if (copy == NULL)
        return tarn__no_memory(err);
    tarn_status st = add_path(s->spilled, copy, err);
    if (st == TARN_OK)
        *path = copy;
    return st;
}

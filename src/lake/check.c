/* tarn_lake_check(): the invariants that can be looked at from outside. */
#include <stdio.h>

#include "base/rows.h"
#include "base/str.h"
#include "lake/check.h"
#include "os/file.h"

tarn_status tarn__fault(tarn__faults *faults, const char *fault,
    const char *where, const char *what, tarn_error *err)
{
    faults->count++;
    tarn_status st = tarn__table_text(faults->table, fault, err);
    if (st == TARN_OK)
        st = tarn__table_text(faults->table, where, err);
    return st == TARN_OK ? tarn__table_text(faults->table, what, err) : st;
}

static tarn_status check_files(
    tarn_lake *lake, int64_t head, tarn__faults *faults, tarn_error *err)
{
    const tarn__delta_file *files;
    size_t count;
    tarn__stat found;

    tarn_status st = tarn__delta_files(lake->delta, head, &files, &count, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        char *path = tarn__path_join(lake->at.log, files[i].path);
        if (path == NULL)
            return tarn__no_memory(err);
        tarn_status have = tarn__stat_path(path, true, &found, NULL);
        tarn__free(path);
        if (have == TARN_NOT_FOUND)
            st = tarn__fault(faults, "I1", files[i].path,
                "a file of the log is not there (restore it from a remote)",
                err);
        else if (have == TARN_OK &&
            found.size_bytes != (uint64_t)files[i].size_bytes)
            st = tarn__fault(faults, "I1", files[i].path,
                "a file of the log has another size than its commit says "
                "(restore it from a remote)",
                err);
    }
    return st;
}

static tarn_status check_commit(
    tarn_lake *lake, int64_t version, tarn__faults *faults, tarn_error *err)
{
    tarn__delta_commit commit = {0};
    tarn_error why = TARN_ERROR_INIT;
    char where[40];

    snprintf(where, sizeof where, "version %lld", (long long)version);
    tarn_status st = tarn__delta_read(lake->delta, version, &commit, &why);
    if (st == TARN_NO_MEMORY)
        return tarn__no_memory(err);
    if (st != TARN_OK)
        return tarn__fault(faults, "I5", where, why.message, err);
    st = TARN_OK;
    if (commit.tarn == NULL)
        st = tarn__fault(faults, "foreign", where,
            "a commit that Tarn did not make (nobody else may write a lake's "
            "log)",
            err);
    tarn__delta_commit_reset(&commit);
    return st;
}

/* I5. */
static tarn_status check_gap(
    int64_t horizon, int64_t first, tarn__faults *faults, tarn_error *err)
{
    char where[80];

    snprintf(where, sizeof where, "versions %lld to %lld", (long long)horizon,
        (long long)first - 1);
    return tarn__fault(faults, "I5", where,
        "commits between the horizon and the oldest one are not there "
        "(restore them from a remote)",
        err);
}

tarn_status tarn__check_log(tarn_lake *lake, int64_t head, int64_t horizon,
    tarn__faults *faults, tarn_error *err)
{
    int64_t first;

    tarn_status st = tarn__delta_first(lake->delta, &first, err);
    if (st == TARN_OK && first > horizon)
        st = check_gap(horizon, first, faults, err);
    for (int64_t v = first; st == TARN_OK && v <= head; v++)
        st = check_commit(lake, v, faults, err);
    return st == TARN_OK ? check_files(lake, head, faults, err) : st;
}

/* *same false: the file has another size than the log says. */
static tarn_status same_size(tarn_lake *lake, tarn__object_id id,
    const tarn__cell *size, bool *same, tarn_error *err)
{
    char *path = tarn__object_path(lake->objects, id);
    tarn__stat found;

    *same = true;
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__stat_path(path, true, &found, err);
    if (st == TARN_OK && size->type != TARN_NULL)
        *same = found.size_bytes == (uint64_t)size->i64;
    tarn__free(path);
    return st;
}

static tarn_status check_object(tarn_lake *lake, const tarn__cell *cells,
    bool deep, tarn__faults *faults, tarn_error *err)
{
    tarn__object_id id = {.parquet = cells[1].i64 != 0};
    tarn_error why = TARN_ERROR_INIT;
    const char *hex = cells[0].bytes.ptr;

    if (cells[0].bytes.len != 2 * sizeof id.sha256 ||
        !tarn__unhex(hex, cells[0].bytes.len, id.sha256))
        return tarn__fault(
            faults, "I2", hex, "an object's name is malformed", err);
    if (!tarn__object_exists(lake->objects, id))
        return tarn__fault(faults, "I2", hex,
            "an object that the log names is not there (restore it from a "
            "remote)",
            err);
    bool same;
    tarn_status st = same_size(lake, id, &cells[2], &same, err);
    if (st != TARN_OK)
        return st;
    if (!same)
        return tarn__fault(faults, "I2", hex,
            "an object has another size than the log says (restore it from a "
            "remote)",
            err);
    if (!deep)
        return TARN_OK;
    st = tarn__object_verify(lake->objects, id, &why);
    if (st == TARN_OK)
        return TARN_OK;
    if (st == TARN_NO_MEMORY)
        return tarn__no_memory(err);
    return tarn__fault(faults, "I2", hex, why.message, err);
}

tarn_status tarn__check_objects(tarn_lake *lake, int64_t head, bool deep,
    tarn__faults *faults, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cells[3];

    tarn_status st = tarn__delta_rows(lake->delta, head, 0, head,
        "DISTINCT object, (space = 'tree' AND kind IN ('table', 'series')), "
        "size",
        "object IS NOT NULL", false, &rows, err);
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, cells, err)) == TARN_ROW) {
        st = check_object(lake, cells, deep, faults, err);
        if (st == TARN_OK &&
            tarn__progress_step(&lake->progress, "check", 0, 0))
            st = tarn__fail(err, TARN_INTERRUPTED, "interrupted");
    }
    tarn__duck_result_free(rows);
    return st;
}

/* What a checker could not read is a fault as well. */
static tarn_status as_fault(tarn_status st, const char *fault,
    const tarn_error *why, tarn__faults *faults, tarn_error *err)
{
    if (st == TARN_CORRUPT || st == TARN_BAD_INPUT)
        return faults->count > 0
            ? TARN_OK /* which has been told */
            : tarn__fault(faults, fault, "log", why->message, err);
    if (st != TARN_OK && err != NULL)
        *err = *why;
    return st;
}

/* Under open_mutex and delta_mutex: nobody moves the view.  The writer may have
 * closed it, or committed, since `head` was read. */
static tarn_status hold_view(tarn_lake *lake, int64_t *head, tarn_error *err)
{
    tarn_status st = TARN_OK;

    if (lake->view.mode == TARN__VIEW_CLOSED)
        st =
            tarn__view_open_read(&lake->view, lake->at.key, lake->at.gate, err);
    if (lake->view.applied.version > *head)
        *head = lake->view.applied.version;
    return st;
}

static tarn_status check_held(tarn_lake *lake, int64_t head, int64_t horizon,
    bool deep, tarn__faults *faults, tarn_error *err)
{
    tarn_error why = TARN_ERROR_INIT;

    tarn_status st = hold_view(lake, &head, err);
    if (st != TARN_OK)
        return st;
    st = tarn__check_log(lake, head, horizon, faults, &why);
    st = as_fault(st, "I5", &why, faults, err);
    if (st != TARN_OK || faults->count > 0)
        return st; /* the others stand on a log that can be read */
    st = tarn__check_objects(lake, head, deep, faults, &why);
    if (st == TARN_OK)
        st = tarn__check_key_view(lake, head, faults, &why);
    return as_fault(st, "I1", &why, faults, err);
}

/* Does what the view holds make sense? */
static tarn_status check_sense(
    tarn_lake *lake, bool deep, tarn__faults *faults, tarn_error *err)
{
    tarn_status st = tarn__check_tree(lake, faults, err);
    return st == TARN_OK && deep ? tarn__check_records(lake, faults, err) : st;
}

static tarn_status run_checks(
    tarn_lake *lake, bool deep, tarn__faults *faults, tarn_error *err)
{
    tarn_error why = TARN_ERROR_INIT;
    int64_t head = -1, horizon = 0;

    tarn_status st = tarn_lake_head(lake, &head, &why);
    if (st == TARN_OK)
        st = tarn__lake_horizon(lake, &horizon, &why);
    st = as_fault(st, "I5", &why, faults, err);
    if (st != TARN_OK || faults->count > 0)
        return st;
    pthread_mutex_lock(&lake->open_mutex);
    pthread_mutex_lock(&lake->delta_mutex);
    st = check_held(lake, head, horizon, deep, faults, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    pthread_mutex_unlock(&lake->open_mutex);
    if (st == TARN_OK && faults->count == 0)
        st = check_sense(lake, deep, faults, err);
    return st;
}

tarn_status tarn_lake_check(
    tarn_lake *lake, bool deep, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{.name = "fault", .type = TARN_TEXT},
        {.name = "where", .type = TARN_TEXT},
        {.name = "what", .type = TARN_TEXT}};
    tarn__faults faults = {NULL, 0};

    *out = NULL;
    tarn_status st = tarn__lake_usable(lake, false, err);
    if (st == TARN_OK)
        st = tarn__table_create(columns, 3, &faults.table, err);
    if (st == TARN_OK)
        st = lake->memory ? check_sense(lake, deep, &faults, err)
                          : run_checks(lake, deep, &faults, err);
    if (st == TARN_OK)
        st = tarn__table_rows(faults.table, out, err);
    if (st != TARN_OK)
        tarn__table_free(faults.table);
    return st;
}

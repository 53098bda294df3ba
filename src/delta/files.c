/* The files live at a version: a checkpoint, and the commits after it.
 *
 *   state at v' <= v   --tail-->                         state at v
 *   nothing known      --newest readable checkpoint <= v, or none--> tail
 *
 * A checkpoint is a copy of what the commits say: one that does not read is
 * passed over for an older one, or for the commits from 0 on. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"

/* From this far behind a checkpoint is the shorter way. */
#define TAIL_MOST 100

/* All rows of a checkpoint, each an action as JSON. */
static tarn_status apply_rows(tarn__delta *delta, tarn__duck_result *rows,
    const char *path, tarn__delta_state *state, tarn_error *err)
{
    tarn__cell cell;
    tarn_status st;
    for (int64_t n = 1; (st = tarn__duck_next(rows, &cell, err)) == TARN_ROW;
         n++) {
        char *where = tarn__sprintf("%s: row %" PRId64, path, n);
        if (where == NULL)
            return tarn__no_memory(err);
        json_t *json = NULL;
        tarn__action action;
        st = tarn__json_parse(cell.bytes, where, &json, err);
        if (st == TARN_OK)
            st = tarn__action_parse(&delta->options, json, where, &action, err);
        json_decref(json);
        tarn__free(where);
        if (st != TARN_OK)
            return tarn__as_corrupt(st, err);
        st = tarn__state_apply(state, &action, err);
        tarn__action_reset(&action);
        if (st != TARN_OK)
            return st;
    }
    return st;
}

static tarn_status check_whole(
    const tarn__delta_state *state, const char *name, tarn_error *err)
{
    if (state->has_protocol && state->metadata != NULL)
        return TARN_OK;
    return tarn__fail(err, TARN_CORRUPT,
        "%s: no action says %s (restore the file)", name,
        state->has_protocol ? "metaData" : "protocol");
}

static tarn_status load_checkpoint(
    tarn__delta *delta, int64_t version, tarn_error *err)
{
    char *path = tarn__checkpoint_path(delta, version);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn__duck *duck = NULL;
    tarn__duck_result *rows = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__delta_session(delta, &duck, err);
    if (st == TARN_OK)
        st = tarn__buf_str(
            &sql, "SELECT to_json(action) FROM read_parquet(", err);
    if (st == TARN_OK)
        st = tarn__quote_file(&sql, path, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, ", hive_partitioning=false) action", err);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &rows, err);
    if (st == TARN_OK)
        st = apply_rows(delta, rows, path, &delta->state, err);
    if (st == TARN_BAD_INPUT)
        tarn__error_prefix(err, "%s", path);
    st = tarn__as_corrupt(st, err);
    tarn__duck_result_free(rows);
    if (st == TARN_OK)
        st = check_whole(&delta->state, path, err);
    if (st == TARN_OK)
        delta->state.version = version;
    else
        tarn__state_reset(&delta->state);
    tarn_buf_reset(&sql);
    tarn__free(path);
    return st;
}

/* Only what other checkpoints or the commits can make good. */
static bool passed_over(tarn_status st)
{
    return st == TARN_CORRUPT || st == TARN_NOT_FOUND;
}

/* Load one checkpoint, or leave the state empty, and in *bad why, when it does
 * not read. */
static tarn_status try_checkpoint(
    tarn__delta *delta, int64_t version, tarn_error *bad, tarn_error *err)
{
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = load_checkpoint(delta, version, &why);
    if (passed_over(st)) {
        if (bad->code == TARN_OK)
            *bad = why;
        return TARN_OK;
    }
    if (st != TARN_OK && err != NULL)
        *err = why;
    return st;
}

/* The newest checkpoint at or below `version` that reads; none: the state
 * stays empty.  *bad: the first that did not read, if any. */
static tarn_status load_newest(
    tarn__delta *delta, int64_t version, tarn_error *bad, tarn_error *err)
{
    tarn__listing l;
    tarn_status st = tarn__listing_read(delta, &l, err);
    for (size_t i = l.checkpoint_count;
         st == TARN_OK && delta->state.version < 0 && i > 0; i--)
        if (l.checkpoints[i - 1] <= version)
            st = try_checkpoint(delta, l.checkpoints[i - 1], bad, err);
    tarn__listing_reset(&l);
    return st;
}

static tarn_status load_base(
    tarn__delta *delta, int64_t version, tarn_error *bad, tarn_error *err)
{
    tarn_status st = tarn__pointer_read(delta, &delta->pointer, err);
    if (st != TARN_OK)
        return st;
    if (delta->pointer.version >= 0 && delta->pointer.version <= version) {
        st = try_checkpoint(delta, delta->pointer.version, bad, err);
        if (st != TARN_OK || delta->state.version >= 0)
            return st;
    }
    return load_newest(delta, version, bad, err);
}

static tarn_status apply_commit(
    tarn__delta *delta, int64_t version, tarn_error *err)
{
    char *path = NULL;
    tarn_buf text = TARN_BUF_MAX(TARN__DELTA_COMMIT_BYTES);
    tarn_status st = tarn__commit_slurp(delta, version, &path, &text, err);
    if (st == TARN_OK)
        st = tarn__actions_each(&delta->options, tarn__buf_slice(&text), path,
            tarn__state_apply, &delta->state, NULL, err);
    if (st == TARN_OK && version == 0)
        st = check_whole(&delta->state, path, err);
    if (st == TARN_OK)
        delta->state.version = version;
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

/* A commit on the way to `version` has no file. */
static tarn_status fail_missing(tarn__delta *delta, int64_t missing,
    int64_t version, const tarn_error *bad, tarn_error *err)
{
    if (missing == 0 && bad->code != TARN_OK) {
        if (err != NULL)
            *err = *bad;
        return bad->code;
    }
    bool there = false;
    tarn_status st =
        tarn__delta_has(tarn__commit_path(delta, version), &there, err);
    if (st != TARN_OK)
        return st;
    if (!there)
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: there is no version %" PRId64, delta->log_dir, version);
    if (missing == 0)
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: version %" PRId64 " is no longer kept (no checkpoint leads "
            "to it)",
            delta->log_dir, version);
    return tarn__fail(err, TARN_CORRUPT,
        "%s: version %" PRId64 " is missing, later ones are there (restore "
        "%020" PRId64 ".json)",
        delta->log_dir, missing, missing);
}

tarn_status tarn__delta_load(
    tarn__delta *delta, int64_t version, tarn_error *err)
{
    tarn__delta_state *state = &delta->state;
    tarn_error bad = TARN_ERROR_INIT;
    tarn_status st = TARN_OK;
    if (version < 0)
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: there is no version %" PRId64, delta->log_dir, version);
    if (state->version > version)
        tarn__state_reset(state);
    if (state->version >= 0 && version - state->version > TAIL_MOST) {
        st = tarn__pointer_read(delta, &delta->pointer, err);
        if (st == TARN_OK && delta->pointer.version <= version &&
            delta->pointer.version - state->version > TAIL_MOST)
            tarn__state_reset(state);
    }
    if (st == TARN_OK && state->version < 0)
        st = load_base(delta, version, &bad, err);
    while (st == TARN_OK && state->version < version) {
        int64_t next = state->version + 1;
        st = apply_commit(delta, next, err);
        if (st == TARN_NOT_FOUND)
            st = fail_missing(delta, next, version, &bad, err);
    }
    if (st != TARN_OK)
        tarn__state_reset(state);
    return st;
}

tarn_status tarn__delta_files(tarn__delta *delta, int64_t version,
    const tarn__delta_file **files, size_t *count, tarn_error *err)
{
    *files = NULL;
    *count = 0;
    tarn_status st = tarn__delta_load(delta, version, err);
    if (st != TARN_OK)
        return st;
    *files = delta->state.files;
    *count = delta->state.file_count;
    return TARN_OK;
}

/* The key view from the log: what is missing, or everything (I3, I7). */
#include <string.h>

#include "lake/lake_internal.h"
#include "os/file.h"

static const char op_select[] =
    "version, seq, epoch_us(time), space, tenant, op, kind, key, "
    "epoch_us(min_time), epoch_us(max_time), size, object, content, meta";
static const char op_select_bare[] =
    "version, seq, epoch_us(time), space, tenant, op, kind, key, "
    "epoch_us(min_time), epoch_us(max_time), size, object, NULL::BLOB, meta";

static tarn_slice text_or_null(const tarn__cell *cell)
{
    return cell->type == TARN_NULL ? (tarn_slice){NULL, 0} : cell->bytes;
}

static bool space_of(const tarn__cell *cell, const char **out)
{
    static const char *const names[] = {"tree", "record", "edge", "state"};

    for (size_t i = 0; i < 4; i++) {
        if (cell->type != TARN_NULL && cell->bytes.len == strlen(names[i]) &&
            memcmp(cell->bytes.ptr, names[i], cell->bytes.len) == 0) {
            *out = names[i];
            return true;
        }
    }
    return false;
}

static tarn_status row_to_op(
    const tarn__cell *cells, tarn__op *op, tarn_error *err)
{
    *op = (tarn__op)TARN__OP_INIT;
    op->version = cells[0].i64;
    op->seq = (int32_t)cells[1].i64;
    op->time_us = cells[2].i64;
    op->tenant = text_or_null(&cells[4]);
    op->kind = text_or_null(&cells[6]);
    op->key = text_or_null(&cells[7]);
    op->has_bounds = cells[8].type != TARN_NULL && cells[9].type != TARN_NULL;
    op->min_time_us = cells[8].i64;
    op->max_time_us = cells[9].i64;
    op->size_bytes = cells[10].type == TARN_NULL ? -1 : cells[10].i64;
    op->object = text_or_null(&cells[11]);
    op->content = text_or_null(&cells[12]);
    op->meta = text_or_null(&cells[13]);
    if (!space_of(&cells[3], &op->space) || cells[5].type == TARN_NULL ||
        !tarn__op_type_parse(
            cells[5].bytes.ptr, cells[5].bytes.len, &op->type) ||
        op->kind.ptr == NULL || op->key.ptr == NULL)
        return tarn__fail(err, TARN_CORRUPT,
            "log version %lld: an operation is malformed (restore the log "
            "from a remote)",
            (long long)op->version);
    return TARN_OK;
}

/* Hands each row of a scan to fn. */
static tarn_status each_op(
    tarn__delta_scan *rows, tarn__op_fn fn, void *arg, tarn_error *err)
{
    tarn__cell cells[TARN__OP_COLUMN_COUNT];
    tarn__op op;
    tarn_status st;

    while ((st = tarn__delta_scan_next(rows, cells, err)) == TARN_ROW) {
        st = row_to_op(cells, &op, err);
        if (st == TARN_OK)
            st = fn(arg, &op, err);
        if (st != TARN_OK)
            return st;
    }
    return st;
}

static tarn_status ops_of(tarn__delta *delta, int64_t head, int64_t from,
    int64_t to, const char *where, bool content, tarn__op_fn fn, void *arg,
    tarn_error *err)
{
    tarn__delta_scan *rows = NULL;
    tarn_status st = tarn__delta_scan_open(delta, head, from, to,
        content ? op_select : op_select_bare, where, &rows, err);

    if (st == TARN_OK)
        st = each_op(rows, fn, arg, err);
    tarn__delta_scan_close(rows);
    return st;
}

tarn_status tarn__lake_ops(tarn_lake *lake, int64_t from, int64_t to,
    const char *where, bool content, tarn__op_fn fn, void *arg, tarn_error *err)
{
    tarn__delta *delta = NULL;
    int64_t head;

    if (lake->memory)
        return tarn__fail(err, TARN_INVALID,
            "a lake in memory keeps no log (open a lake on disk)");
    /* Of the files that live now: those of `to` may have been merged into
     * others and be gone. */
    tarn_status st = tarn__lake_catch_up(lake, &head, err);
    /* A session of its own: fn may read the lake while rows stream. */
    if (st == TARN_OK)
        st = tarn__delta_for(lake, &delta, err);
    if (st == TARN_OK)
        st = ops_of(delta, head > to ? head : to, from, to, where, content, fn,
            arg, err);
    tarn__delta_close(delta);
    return st;
}

tarn_status tarn__applied_matches(tarn_lake *lake, const tarn__applied *applied,
    int64_t head, bool *matches, tarn_error *err)
{
    uint8_t sha256[TARN__SHA256_BYTES];
    int64_t time_ms;

    *matches = false;
    if (applied->version < 0 || applied->version > head)
        return TARN_OK;
    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st = tarn__delta_fingerprint(
        lake->delta, applied->version, sha256, &time_ms, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    if (st == TARN_NOT_FOUND)
        return TARN_OK;
    *matches =
        st == TARN_OK && memcmp(sha256, applied->sha256, sizeof sha256) == 0;
    return st;
}

static tarn_status apply_one(void *arg, const tarn__op *op, tarn_error *err)
{
    return tarn__applier_op(arg, op, err);
}

static tarn_status count_rows(tarn_lake *lake, int64_t from, int64_t head,
    int64_t *count, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    tarn_status st = tarn__delta_rows(
        lake->delta, head, from, head, "count(*)", NULL, false, &rows, err);

    *count = 0;
    if (st == TARN_OK) {
        st = tarn__duck_next(rows, &cell, err);
        if (st == TARN_ROW) {
            *count = cell.i64;
            st = TARN_OK;
        }
    }
    tarn__duck_result_free(rows);
    return st;
}

/* Apply versions from..head to an open database. */
static tarn_status apply_range(tarn_lake *lake, tarn__rocks *db, int64_t from,
    int64_t head, tarn__applied *applied, tarn_error *err)
{
    tarn__applier *applier = NULL;
    tarn__scratch *scratch = NULL;
    int64_t count, time_ms;

    tarn_status st = count_rows(lake, from, head, &count, err);
    if (st == TARN_OK)
        st = tarn__lake_scratch(lake, &scratch, err);
    if (st == TARN_OK)
        st = tarn__applier_create(db,
            (uint64_t)count > lake->bounds.bulk_operations, TARN__FAMILIES_ALL,
            scratch, &applier, err);
    if (st == TARN_OK)
        st = ops_of(
            lake->delta, head, from, head, NULL, true, apply_one, applier, err);
    applied->version = head;
    if (st == TARN_OK)
        st = tarn__delta_fingerprint(
            lake->delta, head, applied->sha256, &time_ms, err);
    if (st == TARN_OK)
        st = tarn__applier_finish(applier, applied, err);
    tarn__applier_free(applier);
    return st;
}

/* The horizon that the log speaks of: what is replayed from it holds nothing
 * older. */
static tarn_status log_horizon(
    tarn_lake *lake, int64_t head, int64_t *horizon, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cell;

    *horizon = 0;
    tarn_status st = tarn__delta_rows(lake->delta, head, 0, head,
        "max_by(TRY_CAST(decode(content) AS BIGINT), version)",
        "space = 'state' AND kind = 'lake' AND key = 'horizon' "
        "AND content IS NOT NULL",
        false, &rows, err);
    if (st == TARN_OK) {
        st = tarn__duck_next(rows, &cell, err);
        if (st == TARN_ROW) {
            *horizon = cell.type == TARN_NULL ? 0 : cell.i64;
            st = TARN_OK;
        }
    }
    tarn__duck_result_free(rows);
    return st;
}

/* A whole view at `path`, closed again. */
tarn_status tarn__build_key(
    tarn_lake *lake, const char *path, int64_t head, tarn_error *err)
{
    tarn__rocks *db = NULL;
    tarn__applied applied = TARN__APPLIED_INIT;

    tarn_status st = log_horizon(lake, head, &applied.horizon, err);
    if (st == TARN_OK)
        st = tarn__rocks_open(path, &tarn__view_rocks, &db, err);
    if (st == TARN_OK)
        st = apply_range(lake, db, 0, head, &applied, err);
    if (st == TARN_OK)
        st = tarn__rocks_flush(db, err);
    tarn__rocks_close(db);
    return st;
}

/* Put the view at `beside` in the place of the old one.  No reader opens it
 * meanwhile; those that have it open keep its files. */
static tarn_status swap(
    tarn_lake *lake, const char *beside, const char *old, tarn_error *err)
{
    tarn__lock gate = TARN__LOCK_INIT;

    tarn__view_close(&lake->view, lake->at.gate);
    tarn_status st = tarn__lock_take(&gate, lake->at.gate, false, -1, err);
    if (st == TARN_OK && tarn__path_exists(lake->at.key))
        st = tarn__rename(lake->at.key, old, err);
    if (st == TARN_OK)
        st = tarn__rename(beside, lake->at.key, err);
    tarn__lock_release(&gate);
    if (st == TARN_OK)
        st = tarn__remove_tree(old, err);
    if (st == TARN_OK)
        st = tarn__view_open_write(
            &lake->view, lake->at.key, lake->at.gate, err);
    /* Closed: the writer must not go on with it. */
    if (st != TARN_OK)
        lake->writer.behind = true;
    return st;
}

/* Build the view beside the old one, then swap. */
static tarn_status rebuild(tarn_lake *lake, int64_t head, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    char *beside = NULL, *old = NULL;

    tarn_status st = tarn__mkdirs(lake->at.views, err);
    if (st == TARN_OK)
        st = tarn__lake_scratch(lake, &scratch, err);
    if (st != TARN_OK)
        return st;
    beside = tarn__scratch_name(scratch, ".key");
    old = tarn__scratch_name(scratch, ".old");
    if (beside == NULL || old == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn__build_key(lake, beside, head, err);
    if (st == TARN_OK)
        st = swap(lake, beside, old, err);
    tarn__free(beside);
    tarn__free(old);
    return st;
}

tarn_status tarn__replay(tarn_lake *lake, int64_t head, tarn_error *err)
{
    tarn__view *view = &lake->view;
    tarn__applied applied = view->applied;
    bool matches;

    tarn_status st = tarn__applied_matches(lake, &applied, head, &matches, err);
    if (st != TARN_OK)
        return st;
    if (!matches || applied.excess) {
        tarn__log(&lake->logger, TARN__LOG_INFO, "lake", "rebuild",
            "head=%lld applied=%lld", (long long)head,
            (long long)applied.version);
        return rebuild(lake, head, err);
    }
    if (applied.version == head)
        return TARN_OK;
    tarn__log(&lake->logger, TARN__LOG_INFO, "lake", "replay",
        "from=%lld to=%lld", (long long)applied.version + 1, (long long)head);
    st = apply_range(lake, view->db, applied.version + 1, head, &applied, err);
    if (st == TARN_OK)
        tarn__view_set_applied(view, &applied);
    return st;
}

tarn_status tarn__rebuild_key(tarn_lake *lake, tarn_error *err)
{
    pthread_mutex_lock(&lake->open_mutex);
    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st = rebuild(lake, lake->writer.head, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    pthread_mutex_unlock(&lake->open_mutex);
    return st;
}

static tarn_status apply_to_maps(void *arg, const tarn__op *op, tarn_error *err)
{
    return tarn__maps_apply(arg, op, err);
}

static void install_maps(tarn__view *view, tarn__ordmap **maps, int64_t head,
    bool whole, int64_t horizon)
{
    pthread_rwlock_wrlock(&view->lock);
    for (int f = 0; f < TARN__FAMILY_COUNT; f++) {
        tarn__ordmap *old = view->maps[f];
        view->maps[f] = maps[f];
        maps[f] = old;
    }
    view->tail_version = head;
    view->generation++;
    if (whole) {
        view->mode = TARN__VIEW_MEMORY;
        view->applied.horizon = horizon;
    }
    pthread_rwlock_unlock(&view->lock);
}

tarn_status tarn__replay_tail(
    tarn_lake *lake, int64_t head, bool whole, tarn_error *err)
{
    tarn__ordmap *maps[TARN__FAMILY_COUNT] = {NULL};
    int64_t from = whole ? 0 : lake->view.applied.version + 1;
    int64_t horizon = 0;
    tarn_status st = TARN_OK;

    for (int f = 0; f < TARN__FAMILY_COUNT && st == TARN_OK; f++)
        st = tarn__ordmap_create(&maps[f], err);
    pthread_mutex_lock(&lake->delta_mutex);
    if (st == TARN_OK && whole)
        st = log_horizon(lake, head, &horizon, err);
    if (st == TARN_OK)
        st = ops_of(lake->delta, head, from, head, NULL, true, apply_to_maps,
            maps, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    if (st == TARN_OK)
        install_maps(&lake->view, maps, head, whole, horizon);
    for (int f = 0; f < TARN__FAMILY_COUNT; f++)
        tarn__ordmap_free(maps[f]);
    return st;
}

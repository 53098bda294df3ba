/* The column view as a file: found, attached, caught up, given back.
 *
 *   shared lock, attach read-only ── applied is the snapshot's ──▶ READY
 *        │ it is behind, of another log, broken or not there
 *        ▼
 *   exclusive lock, attach, tarn__column_fill(), detach; then once more
 *
 * A file beside which a WAL stands was being filled when its process died: it is
 * made anew, because DuckDB's replay is not to be trusted (DESIGN 16).  A new one
 * is made under another name, and takes its own when it is whole. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "lake/history.h"
#include "os/file.h"
#include "record/column_internal.h"

#define NAME_MAX_BYTES 150

struct tarn__colview {
    tarn__lock lock;
    json_t *tables; /* name -> number */
};

/* --- where --- */

/* A tenant as a file's name: other than letters, digits, '_' and '-' as %XX; a
 * long one by its hash. */
static tarn_status file_name(tarn_slice tenant, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < tenant.len; i++) {
        char c = tenant.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
            c == '_' || c == '-';
        st = plain ? tarn__buf_char(out, c, err)
                   : tarn__buf_printf(out, err, "%%%02X", (unsigned char)c);
    }
    if (st != TARN_OK || out->len <= NAME_MAX_BYTES)
        return st;
    uint8_t sha256[TARN__SHA256_BYTES];
    char hex[TARN__SHA256_HEX_BYTES];
    st = tarn__sha256_of(tenant, sha256, err);
    if (st != TARN_OK)
        return st;
    tarn__hex(sha256, sizeof(sha256), hex);
    tarn__buf_clear(out);
    return tarn__buf_printf(out, err, "%%%s", hex);
}

tarn_status tarn__column_paths_make(tarn_lake *lake, tarn_slice tenant,
    tarn__column_paths *out, tarn_error *err)
{
    tarn_buf name = TARN_BUF_INIT;
    *out = (tarn__column_paths){.dir = NULL};
    tarn_status st = file_name(tenant, &name, err);
    if (st == TARN_OK) {
        out->dir = tarn__path_join(tarn_lake_dir(lake), "views/column");
        if (out->dir != NULL) {
            out->file = tarn__sprintf("%s/%s.duckdb", out->dir, name.ptr);
            out->wal = tarn__sprintf("%s/%s.duckdb.wal", out->dir, name.ptr);
            out->fresh = tarn__sprintf("%s/%s.new", out->dir, name.ptr);
            out->fresh_wal = tarn__sprintf("%s/%s.new.wal", out->dir, name.ptr);
            out->lock = tarn__sprintf("%s/%s.lock", out->dir, name.ptr);
        }
        if (out->file == NULL || out->wal == NULL || out->fresh == NULL ||
            out->fresh_wal == NULL || out->lock == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&name);
    if (st != TARN_OK)
        tarn__column_paths_reset(out);
    return st;
}

void tarn__column_paths_reset(tarn__column_paths *paths)
{
    tarn__free(paths->dir);
    tarn__free(paths->file);
    tarn__free(paths->wal);
    tarn__free(paths->fresh);
    tarn__free(paths->fresh_wal);
    tarn__free(paths->lock);
    *paths = (tarn__column_paths){.dir = NULL};
}

tarn_status tarn__column_attach_file(
    tarn__duck *duck, const char *path, bool read_only, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&sql, "ATTACH ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(&sql, tarn_str(path), err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, " AS " TARN__COLUMN_CATALOG "%s",
            read_only ? " (READ_ONLY)" : "");
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__column_detach(tarn__duck *duck, tarn_error *err)
{
    return tarn__duck_exec(duck, "DETACH " TARN__COLUMN_CATALOG, err);
}

/* --- what it holds --- */

tarn_status tarn__column_applied_read(tarn__duck *duck, tarn_slice tenant,
    tarn__column_applied *out, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cells[4];
    *out = (tarn__column_applied){.version = -1};
    tarn_status st = tarn__duck_query(duck,
        "SELECT format, tenant, version, sha256 FROM " TARN__COLUMN_CATALOG
        ".applied",
        NULL, 0, &rows, err);
    if (st == TARN_OK) {
        st = tarn__duck_next(rows, cells, err);
        if (st == TARN_ROW && cells[0].i64 == TARN__COLUMN_FORMAT &&
            (tenant.ptr == NULL || tarn__slice_eq(cells[1].bytes, tenant)) &&
            cells[3].bytes.len == sizeof(out->sha256) - 1) {
            out->version = cells[2].i64;
            memcpy(out->sha256, cells[3].bytes.ptr, sizeof(out->sha256) - 1);
        }
        if (st == TARN_ROW)
            st = TARN_OK;
    }
    tarn__duck_result_free(rows);
    return st;
}

tarn_status tarn__column_is_ours(tarn_lake *lake,
    const tarn__column_applied *applied, bool *ours, tarn_error *err)
{
    uint8_t sha256[TARN__SHA256_BYTES];
    char hex[TARN__SHA256_HEX_BYTES];
    *ours = false;
    if (applied->version < 0)
        return TARN_OK;
    tarn_status st =
        tarn__lake_fingerprint(lake, applied->version, sha256, err);
    if (st == TARN_NOT_FOUND)
        return TARN_OK;
    tarn__hex(sha256, sizeof(sha256), hex);
    *ours = st == TARN_OK && strcmp(hex, applied->sha256) == 0;
    return st;
}

static tarn_status read_tables(
    tarn__duck *duck, tarn__colview *view, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cells[2];
    view->tables = json_object();
    tarn_status st = view->tables == NULL
        ? tarn__no_memory(err)
        : tarn__duck_query(duck,
              "SELECT name, number FROM " TARN__COLUMN_CATALOG ".tables", NULL,
              0, &rows, err);
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, cells, err)) == TARN_ROW)
        st = json_object_setn_new_nocheck(view->tables, cells[0].bytes.ptr,
                 cells[0].bytes.len, json_integer(cells[1].i64)) != 0
            ? tarn__no_memory(err)
            : TARN_OK;
    tarn__duck_result_free(rows);
    return st;
}

int64_t tarn__colview_table(const tarn__colview *view, tarn_slice table)
{
    const json_t *number = json_object_getn(view->tables, table.ptr, table.len);
    return number == NULL ? -1 : json_integer_value(number);
}

/* A number below 2^32 is 4 bytes. */
int64_t tarn__colview_place(const tarn__id *id)
{
    uint64_t head = tarn__be64(id->bytes);
    bool timed = id->bytes[6] >> 4 == 7 && head >> 32 != 0;
    return (int64_t)(timed ? head : head >> 32);
}

size_t tarn__colview_place_bytes(int64_t place, tarn__id *out)
{
    uint64_t head = (uint64_t)place;
    bool timed = head >> 32 != 0;
    *out = (tarn__id){{0}};
    if (!timed)
        head <<= 32;
    for (int i = 0; i < 8; i++)
        out->bytes[i] = (uint8_t)(head >> (56 - 8 * i));
    return timed ? 8 : 4;
}

void tarn__colview_free(tarn__colview *view)
{
    if (view == NULL)
        return;
    tarn__lock_release(&view->lock);
    json_decref(view->tables);
    tarn__free(view);
}

/* --- attaching --- */

/* Is there a file that was closed as it should be? */
static tarn_status is_whole(
    const tarn__column_paths *paths, bool *whole, tarn_error *err)
{
    bool torn = false;
    tarn_status st = tarn__path_look(paths->file, whole, err);
    if (st == TARN_OK && *whole)
        st = tarn__path_look(paths->wal, &torn, err);
    *whole = *whole && !torn;
    return st;
}

/* Under the shared lock.  *ready: it stays attached. */
static tarn_status look(tarn__duck *duck, tarn_snapshot *snap,
    tarn_slice tenant, const tarn__column_paths *paths, tarn__colview *view,
    bool *ready, tarn_error *err)
{
    tarn__column_applied applied;
    bool whole;
    *ready = false;
    tarn_status st = is_whole(paths, &whole, err);
    if (st != TARN_OK || !whole)
        return st;
    st = tarn__column_attach_file(duck, paths->file, true, err);
    if (st != TARN_OK)
        return st;
    st = tarn__column_applied_read(duck, tenant, &applied, err);
    if (st == TARN_OK && applied.version == tarn_snapshot_version(snap))
        st = tarn__column_is_ours(
            tarn__snapshot_lake(snap), &applied, ready, err);
    if (st == TARN_OK && *ready)
        st = read_tables(duck, view, err);
    if (st == TARN_OK && *ready)
        return TARN_OK;
    *ready = false;
    tarn_status gone = tarn__column_detach(duck, NULL);
    return st == TARN_OK ? gone : st;
}

static tarn_status remove_file(const char *path, tarn_error *err)
{
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = tarn__unlink(path, &why);
    if (st == TARN_OK || st == TARN_NOT_FOUND)
        return TARN_OK;
    if (err != NULL)
        *err = why;
    return st;
}

/* The WAL last: what it stood beside is of no use without it. */
static tarn_status remove_files(
    const char *file, const char *wal, tarn_error *err)
{
    tarn_status st = remove_file(file, err);
    return st == TARN_OK ? remove_file(wal, err) : st;
}

/* From where the attached file can be caught up; version -1: from nothing. */
static tarn_status starting_point(tarn__duck *duck, tarn_snapshot *snap,
    tarn_slice tenant, tarn__column_applied *applied, tarn_error *err)
{
    tarn_lake *lake = tarn__snapshot_lake(snap);
    bool ours;
    int64_t horizon;
    tarn_status st = tarn__column_applied_read(duck, tenant, applied, err);
    if (st == TARN_OK)
        st = tarn__column_is_ours(lake, applied, &ours, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(lake, &horizon, err);
    /* gc has taken deletes below the horizon out of the log. */
    if (st == TARN_OK && (!ours || applied->version < horizon))
        applied->version = -1;
    return st;
}

/* Under the exclusive lock: the file caught up from what it holds.  *anew: it is
 * of no use. */
static tarn_status advance(tarn__duck *duck, tarn_snapshot *snap,
    tarn_slice tenant, const tarn__column_paths *paths, bool *anew,
    tarn_error *err)
{
    tarn__column_applied applied;
    bool whole;
    *anew = true;
    tarn_status looked = is_whole(paths, &whole, err);
    if (looked != TARN_OK || !whole)
        return looked;
    if (tarn__column_attach_file(duck, paths->file, false, NULL) != TARN_OK)
        return TARN_OK;
    tarn_status st = starting_point(duck, snap, tenant, &applied, err);
    if (st == TARN_OK && applied.version >= 0) {
        *anew = false;
        /* Of a later version: an old snapshot goes round it. */
        if (applied.version < tarn_snapshot_version(snap))
            st = tarn__column_fill(duck, snap, tenant, &applied, err);
    }
    (void)!tarn__column_detach(duck, NULL);
    if (st != TARN_OK && st != TARN_NO_MEMORY && st != TARN_INTERRUPTED) {
        *anew = true;
        st = TARN_OK;
    }
    return st;
}

tarn_status tarn__column_make_anew(tarn__duck *duck, tarn_snapshot *snap,
    tarn_slice tenant, const tarn__column_paths *paths, tarn_error *err)
{
    const tarn__column_applied nothing = {.version = -1};
    tarn_status st = remove_files(paths->fresh, paths->fresh_wal, err);
    if (st == TARN_OK)
        st = tarn__column_attach_file(duck, paths->fresh, false, err);
    if (st != TARN_OK)
        return st;
    st = tarn__column_fill(duck, snap, tenant, &nothing, err);
    tarn_status gone = tarn__column_detach(duck, st == TARN_OK ? err : NULL);
    if (st == TARN_OK)
        st = gone;
    bool torn = false;
    if (st == TARN_OK)
        st = tarn__path_look(paths->fresh_wal, &torn, err);
    if (st == TARN_OK && torn)
        st = tarn__fail(err, TARN_FAILED,
            "%s: not all of it is in the file (try again)", paths->fresh);
    if (st == TARN_OK)
        st = remove_files(paths->file, paths->wal, err);
    if (st == TARN_OK)
        st = tarn__rename(paths->fresh, paths->file, err);
    if (st != TARN_OK)
        (void)!remove_files(paths->fresh, paths->fresh_wal, NULL);
    return st;
}

static tarn_status catch_up(tarn__duck *duck, tarn_snapshot *snap,
    tarn_slice tenant, const tarn__column_paths *paths, tarn_error *err)
{
    bool anew;
    tarn_status st = advance(duck, snap, tenant, paths, &anew, err);
    return st == TARN_OK && anew
        ? tarn__column_make_anew(duck, snap, tenant, paths, err)
        : st;
}

/* One attempt at `look`, then one to catch up and look again. */
static tarn_status attach(tarn__duck *duck, tarn_snapshot *snap,
    tarn_slice tenant, const tarn__column_paths *paths, tarn__colview *view,
    bool *ready, tarn_error *err)
{
    tarn_lake *lake = tarn__snapshot_lake(snap);
    *ready = false;
    tarn_status st = TARN_OK;
    if (!tarn__lake_is_read_only(lake))
        st = tarn__mkdirs(paths->dir, err);
    for (int i = 0; st == TARN_OK && !*ready && i < 2; i++) {
        if (i > 0) {
            tarn__lock_release(&view->lock);
            if (tarn__lake_is_read_only(lake))
                break;
            st = tarn__lock_take(&view->lock, paths->lock, false, 0, err);
            if (st == TARN_OK)
                st = catch_up(duck, snap, tenant, paths, err);
            tarn__lock_release(&view->lock);
        }
        if (st == TARN_OK)
            st = tarn__lock_take(&view->lock, paths->lock, true, 0, err);
        if (st == TARN_OK)
            st = look(duck, snap, tenant, paths, view, ready, err);
        /* What does not read is made anew. */
        if (i == 0 && (st == TARN_CORRUPT || st == TARN_BAD_INPUT))
            st = TARN_OK;
    }
    return st;
}

tarn_status tarn__colview_attach(tarn__duck *duck, tarn_snapshot *snap,
    tarn_slice tenant, tarn__colview **out, tarn_error *err)
{
    tarn_lake *lake = tarn__snapshot_lake(snap);
    tarn__column_paths paths;
    tarn_error why = TARN_ERROR_INIT;
    bool ready;
    *out = NULL;
    if (tarn__lake_is_memory(lake) || tarn__snapshot_is_txn(snap))
        return TARN_OK;
    tarn__colview *view = tarn__calloc(1, sizeof(*view));
    if (view == NULL)
        return tarn__no_memory(err);
    view->lock = (tarn__lock)TARN__LOCK_INIT;
    tarn_status st = tarn__column_paths_make(lake, tenant, &paths, &why);
    if (st == TARN_OK)
        st = attach(duck, snap, tenant, &paths, view, &ready, &why);
    tarn__column_paths_reset(&paths);
    if (st == TARN_OK && ready) {
        *out = view;
        return TARN_OK;
    }
    tarn__colview_free(view);
    if (st == TARN_OK)
        return TARN_OK;
    if (st == TARN_NO_MEMORY || st == TARN_INTERRUPTED) {
        if (err != NULL)
            *err = why;
        return st;
    }
    tarn__log(tarn__lake_logger(lake), TARN__LOG_INFO, "record", "round",
        "view=column why=%s", why.message);
    return TARN_OK;
}

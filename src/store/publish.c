/* Sealing a file for others: checkpoint, reopen, verify, rename. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "duck/duck.h"
#include "os/durable.h"
#include "os/file.h"
#include "store/store_internal.h"

/* "SCHEMA.TABLE ROWS" a line, of all tables. */
static tarn_status survey(tarn__duck *duck, tarn_buf *out, tarn_error *err)
{
    char *sql = NULL;
    char *text = NULL;
    tarn_status st = tarn__duck_text(duck,
        "SELECT coalesce(string_agg('SELECT ''' || replace(schema_name || '.' "
        "|| table_name, '''', '''''') || ' '' || count(*) AS t FROM \"' || "
        "replace(schema_name, '\"', '\"\"') || '\".\"' || replace(table_name, "
        "'\"', '\"\"') || '\"', ' UNION ALL ' ORDER BY schema_name, "
        "table_name), 'SELECT ''''') FROM duckdb_tables() WHERE NOT "
        "temporary AND NOT internal",
        &sql, err);
    char *wrapped = st != TARN_OK || sql == NULL
        ? NULL
        : tarn__sprintf("SELECT string_agg(t, '\n') FROM (%s) AS s(t)", sql);
    if (st == TARN_OK && wrapped == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn__duck_text(duck, wrapped, &text, err);
    if (st == TARN_OK && text != NULL)
        st = tarn__buf_str(out, text, err);
    tarn__free(text);
    tarn__free(wrapped);
    tarn__free(sql);
    return st;
}

static tarn_status verify(
    const char *path, const tarn_buf *before, tarn_error *err)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    tarn__duck *duck = NULL;
    tarn_buf after = TARN_BUF_INIT;
    options.path = path;
    options.read_only = true;
    tarn_status st = tarn__duck_open(&options, &duck, err);
    if (st == TARN_OK)
        st = survey(duck, &after, err);
    if (st == TARN_OK &&
        (after.len != before->len ||
            (after.len > 0 && memcmp(after.ptr, before->ptr, after.len) != 0)))
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: holds other rows than were written (make it again)", path);
    tarn__duck_close(duck);
    tarn_buf_reset(&after);
    return st;
}

static tarn_status refuse_wal(const char *path, tarn_error *err)
{
    char *wal = tarn__sprintf("%s.wal", path);
    if (wal == NULL)
        return tarn__no_memory(err);
    bool there;
    tarn_status st = tarn__path_look(wal, &there, err);
    if (st == TARN_OK && there)
        st = tarn__fail(err, TARN_FAILED,
            "%s: is there after the store was closed (is the disk full?)", wal);
    tarn__free(wal);
    return st;
}

static tarn_status move(const char *from, const char *to, tarn_error *err)
{
    const char *base = tarn__path_base(to);
    char *dir =
        base == to ? tarn__strdup(".") : tarn__strndup(to, (size_t)(base - to));
    if (dir == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__sync_path(from, err);
    if (st == TARN_OK)
        st = tarn__rename(from, to, err);
    if (st == TARN_OK)
        st = tarn__sync_dir(dir, err);
    tarn__free(dir);
    return st;
}

tarn_status tarn_store_publish(
    tarn_store *store, const char *path, tarn_error *err)
{
    tarn_buf before = TARN_BUF_INIT;
    tarn_status st = tarn__store_check(store, err);
    if (st == TARN_OK && (store->kind != STORE_PERSISTENT || store->read_only))
        st = tarn__fail(err, TARN_INVALID,
            "%s: cannot be published (only a persistent store that is open "
            "for writing can)",
            store->path == NULL ? "a store in memory" : store->path);
    if (st == TARN_OK)
        st = survey(store->duck, &before, err);
    if (st == TARN_OK)
        st = tarn_store_close(store, err);
    if (st == TARN_OK)
        st = refuse_wal(store->path, err);
    if (st == TARN_OK)
        st = verify(store->path, &before, err);
    if (st == TARN_OK)
        st = move(store->path, path, err);
    tarn_buf_reset(&before);
    return st;
}

#include "duck/attach.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "os/file.h"

tarn_status tarn__duck_split_store(
    const char *source, char **path, const char **table, tarn_error *err)
{
    const char *colon = strrchr(source, ':');

    *path = NULL;
    *table = NULL;
    if (colon == NULL || colon[1] == '\0' || tarn__path_exists(source))
        return TARN_OK;
    char *file = tarn__strndup(source, (size_t)(colon - source));
    if (file == NULL)
        return tarn__no_memory(err);
    if (!tarn__path_exists(file) || tarn__path_is_dir(file)) {
        tarn__free(file);
        return TARN_OK;
    }
    *path = file;
    *table = colon + 1;
    return TARN_OK;
}

tarn_status tarn__duck_attach(
    tarn__duck *duck, const char *path, const char *alias, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&sql, "ATTACH ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(&sql, tarn_str(path), err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, " AS %s (READ_ONLY)", alias);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status qualified(tarn_buf *sql, const char *alias,
    const char *table, bool split, tarn_error *err)
{
    const char *dot = split ? strchr(table, '.') : NULL;
    tarn_status st = tarn__buf_printf(sql, err, "%s.", alias);
    if (st == TARN_OK && dot != NULL) {
        tarn_slice schema = {table, (size_t)(dot - table)};
        st = tarn__duck_quote_name(sql, schema, err);
        if (st == TARN_OK)
            st = tarn__buf_char(sql, '.', err);
        table = dot + 1;
    }
    return st == TARN_OK ? tarn__duck_quote_name(sql, tarn_str(table), err)
                         : st;
}

/* The name as SQL into `out`, empty when there is nothing of that name. */
static tarn_status try_name(tarn__duck *duck, const char *alias,
    const char *table, bool split, tarn_buf *out, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn__duck_result *r = NULL;
    tarn__buf_clear(out);
    tarn_status st = qualified(out, alias, table, split, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, "SELECT * FROM %s LIMIT 0", out->ptr);
    if (st == TARN_OK) {
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &r, err);
        if (st == TARN_BAD_INPUT) {
            tarn__buf_clear(out);
            st = TARN_OK;
        }
    }
    tarn__duck_result_free(r);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status no_table(tarn__duck *duck, const char *alias,
    const char *table, const char *shown, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    char *names = NULL;
    tarn_status st = tarn__buf_printf(&sql, err,
        "SELECT string_agg(table_name, ', ' ORDER BY table_name) FROM "
        "duckdb_tables() WHERE database_name = '%s'",
        alias);
    if (st == TARN_OK)
        st = tarn__duck_text(duck, sql.ptr, &names, err);
    if (st == TARN_OK)
        st =
            tarn__fail(err, TARN_NOT_FOUND, "%s: has no table '%s' (it has %s)",
                shown, table, names == NULL ? "none" : names);
    tarn__free(names);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__duck_attached_name(tarn__duck *duck, const char *alias,
    const char *table, const char *shown, tarn_buf *sql, tarn_error *err)
{
    tarn_buf name = TARN_BUF_INIT;
    tarn_status st = try_name(duck, alias, table, false, &name, err);
    if (st == TARN_OK && name.len == 0 && strchr(table, '.') != NULL)
        st = try_name(duck, alias, table, true, &name, err);
    if (st == TARN_OK && name.len == 0)
        st = no_table(duck, alias, table, shown, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, name.ptr, err);
    tarn_buf_reset(&name);
    return st;
}

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

/* The name as SQL into `out`, empty when there is nothing of that name.  The
 * catalogue is asked: to bind a view would be to do what it says. */
static tarn_status try_name(tarn__duck *duck, const char *alias,
    const char *table, bool split, tarn_buf *out, bool *view, tarn_error *err)
{
    static const char sql[] =
        "SELECT view FROM (SELECT false AS view, database_name AS d, "
        "schema_name AS s, table_name AS n FROM duckdb_tables() UNION ALL "
        "SELECT true, database_name, schema_name, view_name FROM "
        "duckdb_views() WHERE NOT internal) WHERE d = ? AND lower(s) = "
        "lower(?) AND lower(n) = lower(?)";
    const char *dot = split ? strchr(table, '.') : NULL;
    const tarn__duck_value values[] = {
        {.type = TARN_TEXT, .bytes = tarn_str(alias)},
        {.type = TARN_TEXT,
            .bytes = dot == NULL ? tarn_str("main")
                                 : (tarn_slice){table, (size_t)(dot - table)}},
        {.type = TARN_TEXT, .bytes = tarn_str(dot == NULL ? table : dot + 1)}};
    tarn__duck_result *r = NULL;
    tarn__cell cell;
    tarn__buf_clear(out);
    tarn_status st = tarn__duck_query(duck, sql, values, 3, &r, err);
    if (st == TARN_OK)
        st = tarn__duck_next(r, &cell, err);
    if (st == TARN_ROW) {
        *view = cell.i64 != 0;
        st = qualified(out, alias, table, split, err);
    }
    tarn__duck_result_free(r);
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
    const char *table, const char *shown, tarn_buf *sql, bool *view,
    tarn_error *err)
{
    tarn_buf name = TARN_BUF_INIT;
    *view = false;
    tarn_status st = try_name(duck, alias, table, false, &name, view, err);
    if (st == TARN_OK && name.len == 0 && strchr(table, '.') != NULL)
        st = try_name(duck, alias, table, true, &name, view, err);
    if (st == TARN_OK && name.len == 0)
        st = no_table(duck, alias, table, shown, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, name.ptr, err);
    tarn_buf_reset(&name);
    return st;
}

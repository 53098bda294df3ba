/* Rewriting: rows leave the table for good (gc), files without such rows stay
 * as they are. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"

/* The table of names of files that must go; it lives in our session only. */
#define GOING "rewrite_files"

/* "WITH rows AS NOT MATERIALIZED (SELECT * FROM <files, filename too>) " */
static tarn_status put_rows(
    tarn__delta *delta, int64_t head, tarn_buf *sql, tarn_error *err)
{
    const tarn__delta_file *files;
    size_t file_count;
    size_t count = 0;
    tarn_status st = tarn__delta_files(delta, head, &files, &file_count, err);
    if (st == TARN_OK)
        st = tarn__buf_str(
            sql, "WITH rows AS NOT MATERIALIZED (FROM read_parquet(", err);
    if (st == TARN_OK)
        st = tarn__files_list(
            delta, files, file_count, NULL, NULL, sql, &count, err);
    return st == TARN_OK ? tarn__buf_str(sql,
                               ", hive_partitioning=false, "
                               "filename=true)) ",
                               err)
                         : st;
}

static tarn_status find_going(tarn__duck *duck, const tarn_buf *rows,
    const char *keep_sql, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st =
        tarn__buf_str(&sql, "CREATE OR REPLACE TABLE " GOING " AS ", err);
    if (st == TARN_OK)
        st = tarn__buf_append(&sql, rows->ptr, rows->len, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            "SELECT DISTINCT filename FROM rows "
            "WHERE NOT coalesce((%s), false)",
            keep_sql);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

/* The live file that a whole path means. */
static bool find_live(
    const tarn__delta_state *state, const char *whole, size_t *at)
{
    for (const char *s = whole; s != NULL; s = strchr(s, '/')) {
        if (*s == '/')
            s++;
        if (tarn__path_map_get(&state->file_map, s, at))
            return true;
    }
    return false;
}

static tarn_status collect_going(tarn__delta *delta, tarn__duck *duck,
    char ***out, size_t *count, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    size_t cap = 0;
    tarn_status st = tarn__duck_query(
        duck, "SELECT filename FROM " GOING, NULL, 0, &rows, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__duck_next(rows, &cell, err)) == TARN_ROW) {
        size_t at;
        void *raw = *out;
        if (!find_live(&delta->state, cell.bytes.ptr, &at)) {
            st = tarn__fail(err, TARN_CORRUPT,
                "%.200s: the file is not one of the log's", cell.bytes.ptr);
            break;
        }
        st = tarn__grow(&raw, &cap, *count + 1, sizeof(**out), err);
        *out = raw;
        if (st == TARN_OK)
            st = tarn__copy_text(
                &(*out)[*count], delta->state.files[at].path, err);
        if (st != TARN_OK)
            break;
        (*count)++;
    }
    tarn__duck_result_free(rows);
    return st;
}

static tarn_status write_kept(tarn__delta *delta, const tarn_buf *rows,
    const char *keep_sql, const char *order_by, tarn__delta_file **adds,
    size_t *add_count, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_append(&sql, rows->ptr, rows->len, err);
    if (st == TARN_OK)
        st = tarn__put_select(&delta->options, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            "rows WHERE (%s) AND filename IN (FROM " GOING ")", keep_sql);
    if (st == TARN_OK)
        st = tarn__put_order(&sql, order_by, err);
    if (st == TARN_OK)
        st = tarn__write_query(delta, sql.ptr, true, adds, add_count, err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__delta_rewrite(tarn__delta *delta, int64_t head,
    const char *keep_sql, const char *order_by, tarn__delta_file **adds,
    size_t *add_count, char ***removes, size_t *remove_count, tarn_error *err)
{
    *adds = NULL;
    *removes = NULL;
    *add_count = *remove_count = 0;
    char **paths = NULL;
    size_t path_count = 0;
    tarn__duck *duck = NULL;
    tarn_buf rows = TARN_BUF_INIT;
    tarn_status st = tarn__delta_load(delta, head, err);
    if (st != TARN_OK || delta->state.file_count == 0)
        return st;
    st = tarn__delta_session(delta, &duck, err);
    if (st == TARN_OK)
        st = put_rows(delta, head, &rows, err);
    if (st == TARN_OK)
        st = find_going(duck, &rows, keep_sql, err);
    if (st == TARN_OK)
        st = collect_going(delta, duck, &paths, &path_count, err);
    if (st == TARN_OK && path_count > 0)
        st = write_kept(delta, &rows, keep_sql, order_by, adds, add_count, err);
    tarn_buf_reset(&rows);
    if (st != TARN_OK) {
        tarn__delta_paths_free(paths, path_count);
        return st;
    }
    *removes = paths;
    *remove_count = path_count;
    return TARN_OK;
}

/* Rewriting: rows leave the table for good (gc), files without such rows stay
 * as they are.
 *
 * The condition is looked at once, over all rows: what goes is kept by its
 * place in the log, (version, seq).  Then the files that hold such rows are
 * written anew, as many together as the session can sort; one that is larger
 * than that keeps its order. */
#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"

/* Tables of our session: rows that go, and the files that hold them. */
#define GOING_ROWS "rewrite_rows"
#define GOING_FILES "rewrite_files"

/* "read_parquet(<all live files>, …, filename=true)" */
static tarn_status put_all(tarn__delta *delta, tarn_buf *sql, tarn_error *err)
{
    size_t count = 0;
    tarn_status st = tarn__buf_str(sql, "read_parquet(", err);
    if (st == TARN_OK)
        st = tarn__files_list(delta, delta->state.files,
            delta->state.file_count, NULL, NULL, sql, &count, err);
    return st == TARN_OK
        ? tarn__buf_str(sql, ", hive_partitioning=false, filename=true)", err)
        : st;
}

static tarn_status find_going(
    tarn__delta *delta, tarn__duck *duck, const char *keep_sql, tarn_error *err)
{
    tarn_buf all = TARN_BUF_INIT;
    tarn_status st = put_all(delta, &all, err);
    tarn_buf sql = TARN_BUF_INIT;
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            "CREATE OR REPLACE TABLE " GOING_ROWS " AS "
            "WITH rows AS NOT MATERIALIZED (FROM %s) "
            "SELECT version, seq FROM rows WHERE NOT coalesce((%s), false)",
            all.ptr, keep_sql);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    tarn__buf_clear(&sql);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            "CREATE OR REPLACE TABLE " GOING_FILES " AS "
            "SELECT DISTINCT filename FROM %s "
            "SEMI JOIN " GOING_ROWS " USING (version, seq)",
            all.ptr);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    tarn_buf_reset(&all);
    tarn_buf_reset(&sql);
    return tarn__delta_blame(delta, st, err);
}

/* Shallow copies of the live files that hold rows that go; in order of name,
 * which is that of making. */
static tarn_status collect_going(tarn__delta *delta, tarn__duck *duck,
    tarn__delta_file **out, size_t *count, tarn_error *err)
{
    const tarn__delta_state *state = &delta->state;
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    tarn__delta_file *going = tarn__calloc(state->file_count, sizeof(*going));
    if (going == NULL)
        return tarn__no_memory(err);
    *out = going;
    tarn_status st = tarn__duck_query(duck,
        "SELECT filename FROM " GOING_FILES " ORDER BY filename", NULL, 0,
        &rows, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__duck_next(rows, &cell, err)) == TARN_ROW) {
        size_t at;
        if (!tarn__path_map_find(&state->file_map, cell.bytes.ptr, &at) ||
            *count == state->file_count) {
            st = tarn__fail(err, TARN_CORRUPT,
                "%.200s: the file is not one of the log's", cell.bytes.ptr);
            break;
        }
        going[(*count)++] = state->files[at];
    }
    tarn__duck_result_free(rows);
    return st;
}

/* The rows of a slice that stay, into new files. */
static tarn_status write_kept(tarn__delta *delta, const tarn__delta_file *slice,
    size_t slice_count, const char *order_by, bool sort,
    tarn__delta_file **adds, size_t *add_count, tarn_error *err)
{
    size_t count = 0;
    tarn_buf list = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__put_select(&delta->options, &sql, err);
    if (st == TARN_OK)
        st = tarn__files_list(
            delta, slice, slice_count, NULL, NULL, &list, &count, err);
    if (st == TARN_OK)
        st = tarn__files_relation(
            delta, tarn__buf_slice(&list), count, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(
            &sql, " ANTI JOIN " GOING_ROWS " USING (version, seq)", err);
    if (st == TARN_OK && sort)
        st = tarn__put_order(&sql, order_by, err);
    if (st == TARN_OK)
        st = tarn__write_query(delta, sql.ptr, true, adds, add_count, err);
    tarn_buf_reset(&list);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status write_slices(tarn__delta *delta,
    const tarn__delta_file *going, size_t count, const char *order_by,
    tarn__delta_file **adds, size_t *add_count, tarn_error *err)
{
    const int64_t most = tarn__sortable_bytes(delta);
    int64_t *bytes = tarn__calloc(count, sizeof(*bytes));
    if (bytes == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__files_weigh(delta, going, count, bytes, err);
    for (size_t from = 0; st == TARN_OK && from < count;) {
        size_t to = from + 1;
        int64_t sum = bytes[from];
        while (to < count && sum + bytes[to] <= most)
            sum += bytes[to++];
        st = write_kept(delta, going + from, to - from, order_by, sum <= most,
            adds, add_count, err);
        from = to;
    }
    tarn__free(bytes);
    return st;
}

static tarn_status rewrite(tarn__delta *delta, const char *keep_sql,
    const char *order_by, tarn__delta_file **going, size_t *going_count,
    tarn__delta_file **adds, size_t *add_count, tarn_error *err)
{
    tarn__duck *duck = NULL;
    tarn_status st = tarn__delta_session(delta, &duck, err);
    if (st == TARN_OK)
        st = find_going(delta, duck, keep_sql, err);
    if (st == TARN_OK)
        st = collect_going(delta, duck, going, going_count, err);
    if (st == TARN_OK && *going_count > 0)
        st = write_slices(
            delta, *going, *going_count, order_by, adds, add_count, err);
    if (duck != NULL) {
        tarn_status dropped = tarn__duck_exec(duck,
            "DROP TABLE IF EXISTS " GOING_ROWS
            "; DROP TABLE IF EXISTS " GOING_FILES,
            NULL);
        (void)dropped; /* the next rewrite replaces them */
    }
    return st;
}

tarn_status tarn__delta_rewrite(tarn__delta *delta, int64_t head,
    const char *keep_sql, const char *order_by, tarn__delta_file **adds,
    size_t *add_count, char ***removes, size_t *remove_count, tarn_error *err)
{
    *adds = NULL;
    *removes = NULL;
    *add_count = *remove_count = 0;
    tarn__delta_file *going = NULL;
    size_t going_count = 0;
    tarn_status st = tarn__delta_load(delta, head, err);
    if (st != TARN_OK || delta->state.file_count == 0)
        return st;
    st = rewrite(
        delta, keep_sql, order_by, &going, &going_count, adds, add_count, err);
    if (st == TARN_OK && going_count > 0)
        st = tarn__copy_paths(going, going_count, removes, err);
    tarn__free(going);
    if (st != TARN_OK) {
        tarn__data_files_drop(delta, adds, add_count);
        return st;
    }
    *remove_count = going_count;
    return TARN_OK;
}

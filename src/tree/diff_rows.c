/* diff --rows: what a table's or series' rows have lost and gained. */
#include "base/error.h"
#include "tree/node.h"
#include "tree/rows_sql.h"

/* The rows live as long as their session and snapshots. */
typedef struct row_diff {
    tarn_snapshot *before, *after;
    tarn__duck *duck;
    tarn__duck_result *result;
} row_diff;

static void diff_free(void *self)
{
    row_diff *d = self;

    tarn__duck_result_free(d->result);
    tarn__duck_close(d->duck);
    tarn_snapshot_free(d->before);
    tarn_snapshot_free(d->after);
    tarn__free(d);
}

static tarn_status side_sql(
    tarn_snapshot *snap, const char *path, tarn_buf *sql, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;

    tarn_status st = tarn__tree_resolve(snap, path, true, &node, &payload, err);
    if (st == TARN_OK && !tarn__kind_is_rows(node.kind))
        st = tarn__fail(err, TARN_INVALID,
            "%s: is a %s, which has no rows (diff --rows is for tables and "
            "series)",
            path, tarn__kind_name(node.kind));
    if (st == TARN_OK)
        st = tarn__rows_sql(snap, &node.id, sql, err);
    tarn_buf_reset(&payload);
    return st;
}

/* Of a table that is there at one of the versions only, the other has no rows.
 */
static tarn_status no_rows(const tarn_buf *like, tarn_buf *sql, tarn_error *err)
{
    tarn__buf_clear(sql);
    return tarn__buf_printf(sql, err, "(FROM %s LIMIT 0)", like->ptr);
}

static tarn_status sides_sql(const row_diff *d, const char *path,
    tarn_buf *before, tarn_buf *after, tarn_error *err)
{
    tarn_status had = side_sql(d->before, path, before, err);
    if (had != TARN_OK && had != TARN_NOT_FOUND)
        return had;
    tarn_error gone = TARN_ERROR_INIT;
    tarn_status has = side_sql(d->after, path, after, &gone);
    if (had == TARN_OK && has == TARN_NOT_FOUND)
        return no_rows(before, after, err);
    if (had == TARN_NOT_FOUND && has == TARN_OK)
        return no_rows(after, before, err);
    if (has != TARN_OK && err != NULL)
        *err = gone;
    return has;
}

/* Both ways with duplicates counted; columns that one side lacks are NULL
 * there. */
static tarn_status diff_sql(
    const row_diff *d, const char *path, tarn_buf *sql, tarn_error *err)
{
    tarn_buf before = TARN_BUF_INIT, after = TARN_BUF_INIT;

    tarn_status st = sides_sql(d, path, &before, &after, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            "WITH a AS (FROM %s UNION ALL BY NAME FROM %s LIMIT 0), "
            "b AS (FROM a UNION ALL BY NAME FROM %s), "
            "c AS (FROM a UNION ALL BY NAME FROM %s) "
            "SELECT 'removed' AS change, * FROM (FROM b EXCEPT ALL FROM c) "
            "UNION ALL "
            "SELECT 'added' AS change, * FROM (FROM c EXCEPT ALL FROM b)",
            before.ptr, after.ptr, before.ptr, after.ptr);
    tarn_buf_reset(&before);
    tarn_buf_reset(&after);
    return st;
}

static tarn_status start(row_diff *d, tarn_lake *lake, int64_t v1, int64_t v2,
    const char *path, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;

    tarn_status st = tarn_snapshot_open(lake, v1, &d->before, err);
    if (st == TARN_OK)
        st = tarn_snapshot_open(lake, v2, &d->after, err);
    if (st == TARN_OK)
        st = tarn__tree_duck(lake, &d->duck, err);
    if (st == TARN_OK)
        st = diff_sql(d, path, &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_query(d->duck, sql.ptr, NULL, 0, &d->result, err);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status next_row(void *self, tarn__cell *cells, tarn_error *err)
{
    row_diff *d = self;
    return tarn__duck_next(d->result, cells, err);
}

tarn_status tarn_tree_diff_rows(tarn_lake *lake, int64_t v1, int64_t v2,
    const char *path, tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {next_row, diff_free};
    row_diff *d = tarn__calloc(1, sizeof *d);

    *out = NULL;
    if (d == NULL)
        return tarn__no_memory(err);
    tarn_status st = start(d, lake, v1, v2, path, err);
    if (st == TARN_OK)
        st = tarn__duck_rows_of(d->result, &cls, d, out, err);
    if (st != TARN_OK)
        diff_free(d);
    return st;
}

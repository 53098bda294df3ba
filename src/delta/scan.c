/* Rows in order of (version, seq), in memory that does not grow with them.
 *
 * DuckDB's sort does not spill wide rows: 3 GB of rows of 60 KB do not pass
 * through a session of 2 GB.  So what may be too much for one sort is planned:
 * one pass over the lengths of the cells gives the places where a part ends,
 * then a query a part. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"

/* Below a thousandth of what can be sorted, files are not asked what they
 * unpack to. */
#define ASK_SHARE 1000
#define ROW_BYTES 64 /* of the cells with a fixed length, and the sort's own */

struct place {
    int64_t version;
    int64_t seq;
};

struct tarn__delta_scan {
    tarn__delta *delta; /* borrowed */
    int64_t head, from, to;
    char *select;
    char *where;         /* or NULL */
    struct place *parts; /* where each begins; NULL: all is one */
    size_t part_count, part_cap;
    size_t next;
    tarn__duck_result *rows; /* of the part before `next`; NULL between two */
};

/* What the files that the rows stand in unpack to, roughly. */
static tarn_status estimate(
    tarn__delta_scan *scan, int64_t *bytes, tarn_error *err)
{
    tarn__delta *delta = scan->delta;
    const tarn__delta_state *state = &delta->state;
    const int64_t most = tarn__sortable_bytes(delta);
    size_t count = 0;
    *bytes = 0;
    tarn__delta_file *files =
        tarn__calloc(state->file_count + 1, sizeof(*files));
    if (files == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < state->file_count; i++)
        if (tarn__file_meets(&state->files[i], scan->from, scan->to)) {
            files[count++] = state->files[i];
            *bytes += state->files[i].size_bytes;
        }
    tarn_status st = TARN_OK;
    if (*bytes > most / ASK_SHARE) {
        int64_t *weights = tarn__calloc(count, sizeof(*weights));
        st = weights == NULL
            ? tarn__no_memory(err)
            : tarn__files_weigh(delta, files, count, weights, err);
        *bytes = 0;
        for (size_t i = 0; st == TARN_OK && i < count; i++)
            *bytes += weights[i];
        tarn__free(weights);
    }
    tarn__free(files);
    return st;
}

/* "version, seq, 64 + <lengths of texts and blobs> AS bytes" */
static tarn_status put_lengths(
    const tarn__delta_options *options, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_printf(sql, err, "version, seq, %d", ROW_BYTES);
    for (size_t i = 0; st == TARN_OK && i < options->column_count; i++) {
        const tarn__pq_column *column = &options->columns[i];
        const char *length = column->type == TARN__PQ_STRING ? "strlen"
            : column->type == TARN__PQ_BINARY                ? "octet_length"
                                                             : NULL;
        if (length == NULL)
            continue;
        st = tarn__buf_printf(sql, err, " + coalesce(%s(", length);
        if (st == TARN_OK)
            st = tarn__duck_quote_name(sql, tarn_str(column->name), err);
        if (st == TARN_OK)
            st = tarn__buf_str(sql, "), 0)", err);
    }
    return st == TARN_OK ? tarn__buf_str(sql, " AS bytes", err) : st;
}

static tarn_status put_plan(
    tarn__delta_scan *scan, tarn_buf *sql, tarn_error *err)
{
    tarn_buf lengths = TARN_BUF_INIT;
    tarn_status st = put_lengths(&scan->delta->options, &lengths, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "WITH lengths AS NOT MATERIALIZED (", err);
    if (st == TARN_OK)
        st = tarn__delta_rows_sql(scan->delta, scan->head, scan->from, scan->to,
            lengths.ptr, scan->where, sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            "), parts AS (SELECT version, seq, version::HUGEINT * 4294967296 "
            "+ seq AS place, sum(bytes) OVER (ORDER BY version, seq) // "
            "%" PRId64 " AS part FROM lengths) "
            "SELECT arg_min(version, place), arg_min(seq, place) "
            "FROM parts GROUP BY part ORDER BY min(place)",
            tarn__sortable_bytes(scan->delta));
    tarn_buf_reset(&lengths);
    return st;
}

static tarn_status plan(tarn__delta_scan *scan, tarn_error *err)
{
    tarn__duck *duck = NULL;
    tarn__duck_result *rows = NULL;
    tarn__cell cells[2];
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = put_plan(scan, &sql, err);
    if (st == TARN_OK)
        st = tarn__delta_session(scan->delta, &duck, err);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &rows, err);
    tarn_buf_reset(&sql);
    while (st == TARN_OK) {
        st = tarn__duck_next(rows, cells, err);
        if (st != TARN_ROW)
            break;
        void *raw = scan->parts;
        st = tarn__grow(&raw, &scan->part_cap, scan->part_count + 1,
            sizeof(*scan->parts), err);
        scan->parts = raw;
        if (st == TARN_OK)
            scan->parts[scan->part_count++] =
                (struct place){cells[0].i64, cells[1].i64};
    }
    tarn__duck_result_free(rows);
    return tarn__delta_blame(scan->delta, st, err);
}

tarn_status tarn__delta_scan_open(tarn__delta *delta, int64_t head,
    int64_t from, int64_t to, const char *select, const char *where,
    tarn__delta_scan **out, tarn_error *err)
{
    *out = NULL;
    int64_t bytes = 0;
    tarn__delta_scan *scan = tarn__calloc(1, sizeof(*scan));
    if (scan == NULL)
        return tarn__no_memory(err);
    scan->delta = delta;
    scan->head = head;
    scan->from = from;
    scan->to = to;
    tarn_status st = tarn__copy_text(&scan->select, select, err);
    if (st == TARN_OK)
        st = tarn__copy_text(&scan->where, where, err);
    if (st == TARN_OK)
        st = tarn__delta_load(delta, head, err);
    if (st == TARN_OK)
        st = estimate(scan, &bytes, err);
    if (st == TARN_OK && bytes > tarn__sortable_bytes(delta))
        st = plan(scan, err);
    if (st != TARN_OK) {
        tarn__delta_scan_close(scan);
        return st;
    }
    *out = scan;
    return TARN_OK;
}

/* The part that begins at parts[next]. */
static tarn_status open_part(tarn__delta_scan *scan, tarn_error *err)
{
    const struct place *lo = &scan->parts[scan->next];
    bool last = scan->next + 1 == scan->part_count;
    const struct place *hi = last ? NULL : lo + 1;
    tarn_buf where = TARN_BUF_INIT;
    tarn_status st = tarn__buf_printf(&where, err,
        "(version > %" PRId64 " OR seq >= %" PRId64 ")", lo->version, lo->seq);
    if (st == TARN_OK && !last)
        st = tarn__buf_printf(&where, err,
            " AND (version < %" PRId64 " OR seq < %" PRId64 ")", hi->version,
            hi->seq);
    if (st == TARN_OK && scan->where != NULL)
        st = tarn__buf_printf(&where, err, " AND (%s)", scan->where);
    if (st == TARN_OK)
        st = tarn__delta_rows(scan->delta, scan->head, lo->version,
            last ? scan->to : hi->version, scan->select, where.ptr, true,
            &scan->rows, err);
    tarn_buf_reset(&where);
    return st;
}

/* The next part's rows, or TARN_OK with none after the last. */
static tarn_status next_part(tarn__delta_scan *scan, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (scan->parts != NULL && scan->next < scan->part_count)
        st = open_part(scan, err);
    else if (scan->parts == NULL && scan->next == 0)
        st = tarn__delta_rows(scan->delta, scan->head, scan->from, scan->to,
            scan->select, scan->where, true, &scan->rows, err);
    scan->next++;
    return st;
}

tarn_status tarn__delta_scan_next(
    tarn__delta_scan *scan, tarn__cell *cells, tarn_error *err)
{
    for (;;) {
        if (scan->rows == NULL) {
            tarn_status st = next_part(scan, err);
            if (st != TARN_OK || scan->rows == NULL)
                return st;
        }
        tarn_status st = tarn__duck_next(scan->rows, cells, err);
        if (st != TARN_OK)
            return tarn__delta_blame(scan->delta, st, err);
        tarn__duck_result_free(scan->rows);
        scan->rows = NULL;
    }
}

void tarn__delta_scan_close(tarn__delta_scan *scan)
{
    if (scan == NULL)
        return;
    tarn__duck_result_free(scan->rows);
    tarn__free(scan->parts);
    tarn__free(scan->select);
    tarn__free(scan->where);
    tarn__free(scan);
}

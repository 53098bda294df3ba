/* The rows of a query, in its order, into new data files. */
#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "delta/delta_internal.h"
#include "os/file.h"

#define FILE_BYTES ((uint64_t)256 << 20)

struct sink {
    tarn__delta *delta;
    bool data_change;
    int64_t now_ms;
    tarn__pq_writer *writer; /* NULL between two files */
    char *path;
    tarn__delta_file *files;
    size_t count, cap;
};

static tarn_status finish_file(struct sink *s, tarn_error *err)
{
    if (s->writer == NULL)
        return TARN_OK;
    void *raw = s->files;
    tarn_status st =
        tarn__grow(&raw, &s->cap, s->count + 1, sizeof(*s->files), err);
    s->files = raw;
    if (st != TARN_OK)
        return st;
    tarn__delta_file *file = &s->files[s->count];
    st = tarn__delta_file_finish(
        s->delta, s->writer, s->path, s->now_ms, file, err);
    s->writer = NULL;
    s->path = NULL;
    if (st != TARN_OK)
        return st;
    file->data_change = s->data_change;
    s->count++;
    return TARN_OK;
}

static tarn_status put_row(struct sink *s, const tarn__cell *row,
    tarn__pq_cell *cells, tarn_error *err)
{
    for (size_t i = 0; i < s->delta->options.column_count; i++)
        cells[i] =
            (tarn__pq_cell){row[i].type == TARN_NULL, row[i].i64, row[i].bytes};
    tarn_status st = TARN_OK;
    if (s->writer == NULL)
        st = tarn__delta_file_open(s->delta, &s->path, &s->writer, err);
    if (st == TARN_OK)
        st = tarn__pq_row(s->writer, cells, err);
    if (st == TARN_OK && tarn__pq_bytes(s->writer) >= FILE_BYTES)
        st = finish_file(s, err);
    return st;
}

static tarn_status put_rows(
    struct sink *s, tarn__duck_result *rows, tarn_error *err)
{
    size_t count = s->delta->options.column_count;
    tarn__cell *row = tarn__calloc(count, sizeof(*row));
    tarn__pq_cell *cells = tarn__calloc(count, sizeof(*cells));
    tarn_status st =
        row == NULL || cells == NULL ? tarn__no_memory(err) : TARN_OK;
    while (st == TARN_OK) {
        st = tarn__duck_next(rows, row, err);
        if (st != TARN_ROW)
            break;
        st = put_row(s, row, cells, err);
    }
    tarn__free(row);
    tarn__free(cells);
    return st == TARN_OK ? finish_file(s, err) : st;
}

void tarn__data_files_drop(
    tarn__delta *delta, tarn__delta_file **files, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        char *path = tarn__path_join(delta->dir, (*files)[i].path);
        if (path != NULL) {
            tarn_status st = tarn__unlink(path, NULL);
            (void)st; /* no commit names it: gc finds it */
        }
        tarn__free(path);
    }
    tarn__delta_files_free(*files, *count);
    *files = NULL;
    *count = 0;
}

tarn_status tarn__write_query(tarn__delta *delta, const char *sql,
    bool data_change, tarn__delta_file **files, size_t *count, tarn_error *err)
{
    struct sink s = {.delta = delta,
        .data_change = data_change,
        .now_ms = tarn__now_us() / 1000,
        .files = *files,
        .count = *count,
        .cap = *count};
    tarn__duck *duck = NULL;
    tarn__duck_result *rows = NULL;
    tarn_status st = tarn__delta_session(delta, &duck, err);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql, NULL, 0, &rows, err);
    if (st == TARN_OK)
        st = put_rows(&s, rows, err);
    tarn__duck_result_free(rows);
    if (st != TARN_OK) {
        tarn__pq_abort(s.writer);
        tarn__free(s.path);
    }
    *files = s.files;
    *count = s.count;
    return tarn__delta_blame(delta, st, err);
}

tarn_status tarn__put_select(
    const tarn__delta_options *options, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql, "SELECT ", err);
    for (size_t i = 0; st == TARN_OK && i < options->column_count; i++) {
        if (i > 0)
            st = tarn__buf_char(sql, ',', err);
        if (st == TARN_OK)
            st = tarn__duck_quote_name(
                sql, tarn_str(options->columns[i].name), err);
    }
    return st == TARN_OK ? tarn__buf_str(sql, " FROM ", err) : st;
}

tarn_status tarn__put_order(
    tarn_buf *sql, const char *order_by, tarn_error *err)
{
    bool given = order_by != NULL && order_by[0] != '\0';
    return tarn__buf_printf(sql, err, " ORDER BY %s%s version, seq",
        given ? order_by : "", given ? "," : "");
}

/* Rows that no query gave, such as listings, as a Parquet file. */
#include <string.h>

#include "cli/host.h"
#include "cli/rows.h"

typedef struct parquet_writer {
    cli_ctx *ctx;
    size_t count;
    tarn_slice *cells;
    tarn_parquet *parquet; /* NULL after a failure */
    tarn_status failed;
    tarn_error err;
} parquet_writer;

static void *begin(cli_ctx *ctx, const cli_column *columns, size_t count)
{
    parquet_writer *w = tarn__cli_alloc(sizeof(*w));
    const char **names = tarn__cli_alloc(count * sizeof(*names));
    tarn_type *types = tarn__cli_alloc(count * sizeof(*types));
    for (size_t i = 0; i < count; i++) {
        names[i] = columns[i].name;
        types[i] = columns[i].type;
    }
    w->ctx = ctx;
    w->count = count;
    w->cells = tarn__cli_alloc(count * sizeof(*w->cells));
    w->failed = tarn_parquet_open(names, types, count, &w->parquet, &w->err);
    tarn__cli_free(types);
    tarn__cli_free(names);
    return w;
}

static void row(void *self, const cli_cell *cells)
{
    parquet_writer *w = self;
    if (w->failed != TARN_OK)
        return;
    for (size_t i = 0; i < w->count; i++)
        w->cells[i] = cells[i].null ? (tarn_slice){NULL, 0} : cells[i].text;
    w->failed = tarn_parquet_row(w->parquet, w->cells, &w->err);
}

static tarn_status send(parquet_writer *w, tarn_error *err)
{
    char *dir;
    char *path;
    int failed = tarn__cli_scratch_name(&dir, &path);
    if (failed != 0)
        return tarn__cli_fail_os(err, failed, "a folder for scratch files");
    tarn_status st = tarn_parquet_finish(w->parquet, path, err);
    w->parquet = NULL;
    if (st == TARN_OK)
        st = tarn__cli_send_file(w->ctx, path, err);
    tarn__cli_remove_scratch(dir, path);
    tarn__cli_free(path);
    tarn__cli_free(dir);
    return st;
}

static tarn_status end(void *self, bool whole, tarn_error *err)
{
    parquet_writer *w = self;
    tarn_status st = w->failed;
    if (st != TARN_OK)
        *err = w->err;
    else if (whole)
        st = send(w, err);
    tarn_parquet_abort(w->parquet);
    tarn__cli_free(w->cells);
    tarn__cli_free(w);
    return st;
}

const cli_writer_class tarn__cli_parquet_writer = {begin, row, end};

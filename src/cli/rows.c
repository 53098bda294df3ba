#include "cli/rows.h"

#include <string.h>

#include "cli/host.h"

static const cli_writer_class *class_of(const cli_ctx *ctx, cli_format format)
{
    switch (format) {
    case CLI_FORMAT_TABLE:
        return &tarn__cli_table_writer;
    case CLI_FORMAT_CSV:
        return &tarn__cli_csv_writer;
    case CLI_FORMAT_TSV:
        return &tarn__cli_tsv_writer;
    case CLI_FORMAT_JSON:
        return &tarn__cli_json_writer;
    case CLI_FORMAT_JSONL:
        return &tarn__cli_jsonl_writer;
    case CLI_FORMAT_PLAIN:
        return &tarn__cli_plain_writer;
    case CLI_FORMAT_PARQUET:
        return &tarn__cli_parquet_writer;
    case CLI_FORMAT_AUTO:
        break;
    }
    return tarn__cli_out_is_terminal(ctx->out) ? &tarn__cli_table_writer
                                               : &tarn__cli_csv_writer;
}

static tarn_status check_parquet(const cli_ctx *ctx, tarn_error *err)
{
    if (tarn__cli_out_is_terminal(ctx->out))
        return tarn__cli_fail(err, TARN_INVALID,
            "--format parquet: is no text for a terminal (add -o FILE, or "
            "send it into a pipe)");
    return TARN_OK;
}

tarn_status tarn__cli_writer_open(cli_writer *writer, cli_ctx *ctx,
    cli_format usual, const cli_column *columns, size_t count, tarn_error *err)
{
    cli_format format = ctx->settings.format;
    const cli_writer_class *cls =
        class_of(ctx, format == CLI_FORMAT_AUTO ? usual : format);
    *writer = (cli_writer){NULL, NULL, ctx->out};
    if (cls == &tarn__cli_parquet_writer) {
        tarn_status st = check_parquet(ctx, err);
        if (st != TARN_OK)
            return st;
    }
    writer->cls = cls;
    writer->self = cls->begin(ctx, columns, count);
    return TARN_OK;
}

void tarn__cli_writer_row(cli_writer *writer, const cli_cell *cells)
{
    writer->cls->row(writer->self, cells);
}

tarn_status tarn__cli_writer_close(
    cli_writer *writer, tarn_status st, tarn_error *err)
{
    tarn_error unwanted = TARN_ERROR_INIT;
    const cli_writer_class *cls = writer->cls;
    void *self = writer->self;
    *writer = (cli_writer){NULL, NULL, NULL};
    if (cls == NULL)
        return st;
    if (st == TARN_OK)
        return cls->end(self, true, err);
    (void)cls->end(self, false, &unwanted);
    return st;
}

static void fill_cells(tarn_rows *rows, cli_cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cells[i].null = tarn_rows_is_null(rows, i);
        cells[i].text =
            cells[i].null ? (tarn_slice){"", 0} : tarn_rows_bytes(rows, i);
    }
}

static bool passes(
    const cli_filter *filter, const tarn_rows *rows, const cli_cell *cells)
{
    const cli_cell *cell = &cells[filter->col];
    if (filter->at_most < INT64_MAX &&
        tarn_rows_int64(rows, filter->col) > filter->at_most)
        return false;
    return filter->text == NULL ||
        (!cell->null && cell->text.len == strlen(filter->text) &&
            memcmp(cell->text.ptr, filter->text, cell->text.len) == 0);
}

static tarn_status print(cli_ctx *ctx, tarn_rows *rows, cli_format usual,
    const cli_filter *filter, int64_t *count, tarn_error *err)
{
    size_t width = tarn_rows_column_count(rows);
    cli_column *columns = tarn__cli_alloc(width * sizeof(*columns));
    cli_cell *cells = tarn__cli_alloc(width * sizeof(*cells));
    for (size_t i = 0; i < width; i++)
        columns[i] = (cli_column){tarn_rows_column_name(rows, i),
            tarn_rows_column_type(rows, i), tarn_rows_is_number(rows, i)};
    cli_writer writer;
    int64_t printed = 0;
    tarn_status st =
        tarn__cli_writer_open(&writer, ctx, usual, columns, width, err);
    while (st == TARN_OK && printed != filter->limit &&
        !tarn__cli_out_stopped(ctx->out)) {
        if (tarn__cli_interrupted()) {
            st = tarn__cli_fail_interrupted(err);
            break;
        }
        st = tarn_rows_next(rows, err);
        if (st != TARN_ROW)
            break;
        st = TARN_OK;
        fill_cells(rows, cells, width);
        if (!passes(filter, rows, cells))
            continue;
        tarn__cli_writer_row(&writer, cells);
        printed++;
    }
    tarn__cli_progress_clear(ctx->progress);
    st = tarn__cli_writer_close(&writer, st, err);
    tarn__cli_free(cells);
    tarn__cli_free(columns);
    tarn_rows_free(rows);
    if (count != NULL)
        *count = printed;
    return st;
}

tarn_status tarn__cli_print_rows(cli_ctx *ctx, tarn_rows *rows,
    cli_format usual, int64_t *count, tarn_error *err)
{
    cli_filter all = {0, NULL, INT64_MAX, -1};
    return print(ctx, rows, usual, &all, count, err);
}

tarn_status tarn__cli_print_where(
    cli_ctx *ctx, tarn_rows *rows, const cli_filter *filter, tarn_error *err)
{
    return print(ctx, rows, CLI_FORMAT_AUTO, filter, NULL, err);
}

tarn_status tarn__cli_send_file(cli_ctx *ctx, const char *path, tarn_error *err)
{
    int fd;
    int failed = tarn__cli_open_read(path, &fd);
    if (failed != 0)
        return tarn__cli_fail_os(err, failed, "%s", path);
    const size_t size = (size_t)1 << 20;
    char *chunk = tarn__cli_alloc(size);
    size_t got = 1;
    while (failed == 0 && got > 0 && !tarn__cli_out_stopped(ctx->out)) {
        failed = tarn__cli_read(fd, chunk, size, &got);
        tarn__cli_out_add(ctx->out, chunk, got);
    }
    tarn__cli_free(chunk);
    tarn__cli_close(fd);
    return failed == 0 ? TARN_OK : tarn__cli_fail_os(err, failed, "%s", path);
}

tarn_status tarn__cli_print_parquet(cli_ctx *ctx, tarn_snapshot *snap,
    const char *sql, const tarn_query_options *options, tarn_error *err)
{
    char *dir;
    char *path;
    tarn_status st = check_parquet(ctx, err);
    if (st != TARN_OK)
        return st;
    int failed = tarn__cli_scratch_name(&dir, &path);
    if (failed != 0)
        return tarn__cli_fail_os(err, failed, "a folder for scratch files");
    st = tarn_query_parquet(snap, sql, options, path, err);
    if (st == TARN_OK)
        st = tarn__cli_send_file(ctx, path, err);
    tarn__cli_remove_scratch(dir, path);
    tarn__cli_free(path);
    tarn__cli_free(dir);
    return st;
}

tarn_slice tarn__cli_cell_text(
    const cli_column *column, const cli_cell *cell, cli_buf *scratch)
{
    if (column->type != TARN_BLOB)
        return cell->text;
    scratch->len = 0;
    for (size_t i = 0; i < cell->text.len; i++) {
        unsigned char c = (unsigned char)cell->text.ptr[i];
        if (c >= 0x20 && c < 0x7F && c != '\\')
            tarn__cli_add_char(scratch, (char)c);
        else
            tarn__cli_addf(scratch, "\\x%02X", c);
    }
    return (tarn_slice){scratch->ptr == NULL ? "" : scratch->ptr, scratch->len};
}

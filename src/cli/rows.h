/* Rows in the format that was asked for. */
#ifndef TARN_CLI_ROWS_H
#define TARN_CLI_ROWS_H

#include "cli/out.h"

typedef struct cli_column {
    const char *name;
    tarn_type type;
    bool number; /* values are bare numbers, whatever the type */
} cli_column;

typedef struct cli_cell {
    bool null;
    tarn_slice text; /* bytes of a BLOB; valid during the call */
} cli_cell;

/* One format.  Cells come in order of columns; `self` is freed by end(). */
typedef struct cli_writer_class {
    void *(*begin)(cli_ctx *ctx, const cli_column *columns, size_t count);
    void (*row)(void *self, const cli_cell *cells);
    /* whole: no row is missing. */
    tarn_status (*end)(void *self, bool whole, tarn_error *err);
} cli_writer_class;

typedef struct cli_writer {
    const cli_writer_class *cls;
    void *self;
    cli_out *out;
} cli_writer;

/* ctx->settings.format, else `usual`, else a table on a terminal and CSV
 * anywhere else.  The columns must outlive the writer. */
TARN_MUST_CHECK tarn_status tarn__cli_writer_open(cli_writer *writer,
    cli_ctx *ctx, cli_format usual, const cli_column *columns, size_t count,
    tarn_error *err);
void tarn__cli_writer_row(cli_writer *writer, const cli_cell *cells);
/* `st` is what became of the rows; a failure of the end when that was well. */
TARN_MUST_CHECK tarn_status tarn__cli_writer_close(
    cli_writer *writer, tarn_status st, tarn_error *err);

/* All rows; frees them in every case.  *count (may be NULL): how many. */
TARN_MUST_CHECK tarn_status tarn__cli_print_rows(cli_ctx *ctx, tarn_rows *rows,
    cli_format usual, int64_t *count, tarn_error *err);
/* Only those whose column `col` is this text (NULL: any) and this number at
 * most, and of these the first `limit`. */
typedef struct cli_filter {
    size_t col;
    const char *text;
    int64_t at_most; /* INT64_MAX: any */
    int64_t limit;   /* -1: all */
} cli_filter;
TARN_MUST_CHECK tarn_status tarn__cli_print_where(
    cli_ctx *ctx, tarn_rows *rows, const cli_filter *filter, tarn_error *err);
/* A host file's bytes to the output. */
TARN_MUST_CHECK tarn_status tarn__cli_send_file(
    cli_ctx *ctx, const char *path, tarn_error *err);
/* A finished Parquet file of a statement's rows, to the output. */
TARN_MUST_CHECK tarn_status tarn__cli_print_parquet(cli_ctx *ctx,
    tarn_snapshot *snap, const char *sql, const tarn_query_options *options,
    tarn_error *err);

/* A cell as text, blobs with what is not printable as \xAB; in *scratch when
 * it had to be written anew. */
tarn_slice tarn__cli_cell_text(
    const cli_column *column, const cli_cell *cell, cli_buf *scratch);

extern const cli_writer_class tarn__cli_table_writer;
extern const cli_writer_class tarn__cli_csv_writer;
extern const cli_writer_class tarn__cli_tsv_writer;
extern const cli_writer_class tarn__cli_plain_writer;
extern const cli_writer_class tarn__cli_json_writer;
extern const cli_writer_class tarn__cli_jsonl_writer;
extern const cli_writer_class tarn__cli_parquet_writer;

#endif

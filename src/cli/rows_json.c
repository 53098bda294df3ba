/* One array of objects, or an object a line. */
#include <string.h>

#include "cli/json.h"
#include "cli/rows.h"

typedef struct json_writer {
    cli_out *out;
    const cli_column *columns;
    size_t count;
    bool array;
    bool any;
    cli_buf line;
    cli_buf scratch;
} json_writer;

static json_writer *begin(cli_ctx *ctx, const cli_column *columns, size_t count)
{
    json_writer *w = tarn__cli_alloc(sizeof(*w));
    w->out = ctx->out;
    w->columns = columns;
    w->count = count;
    return w;
}

static void *begin_lines(cli_ctx *ctx, const cli_column *columns, size_t count)
{
    return begin(ctx, columns, count);
}

static void *begin_array(cli_ctx *ctx, const cli_column *columns, size_t count)
{
    json_writer *w = begin(ctx, columns, count);
    w->array = true;
    tarn__cli_out_text(w->out, "[");
    return w;
}

/* JSON has no word for what is not finite. */
static bool is_finite(tarn_slice text)
{
    char last = text.len == 0 ? 'n' : text.ptr[text.len - 1];
    return (last >= '0' && last <= '9') || last == '.';
}

/* JSON as it stands, but on one line: a bare line end is white space in it. */
static void add_json(json_writer *w, tarn_slice text)
{
    size_t from = w->line.len;
    tarn__cli_add(&w->line, text.ptr, text.len);
    for (size_t i = from; i < w->line.len; i++)
        if (w->line.ptr[i] == '\n' || w->line.ptr[i] == '\r')
            w->line.ptr[i] = ' ';
}

static void add_value(
    json_writer *w, const cli_column *column, const cli_cell *cell)
{
    if (cell->null) {
        tarn__cli_add_text(&w->line, "null");
        return;
    }
    tarn_slice text = tarn__cli_cell_text(column, cell, &w->scratch);
    if (column->type == TARN_JSON || column->type == TARN_BOOL)
        add_json(w, text);
    else if (!column->number)
        tarn__cli_json_quote(&w->line, text);
    else if (is_finite(text))
        tarn__cli_add(&w->line, text.ptr, text.len);
    else
        tarn__cli_add_text(&w->line, "null");
}

static void row(void *self, const cli_cell *cells)
{
    json_writer *w = self;
    w->line.len = 0;
    if (w->array)
        tarn__cli_add_text(&w->line, w->any ? ",\n" : "\n");
    w->any = true;
    tarn__cli_add_char(&w->line, '{');
    for (size_t i = 0; i < w->count; i++) {
        if (i > 0)
            tarn__cli_add_char(&w->line, ',');
        tarn__cli_json_quote(&w->line, tarn_str(w->columns[i].name));
        tarn__cli_add_char(&w->line, ':');
        add_value(w, &w->columns[i], &cells[i]);
    }
    tarn__cli_add_text(&w->line, w->array ? "}" : "}\n");
    tarn__cli_out_add(w->out, w->line.ptr, w->line.len);
}

static tarn_status end(void *self, bool whole, tarn_error *err)
{
    json_writer *w = self;
    (void)err;
    if (w->array && whole)
        tarn__cli_out_text(w->out, w->any ? "\n]\n" : "]\n");
    tarn__cli_buf_reset(&w->line);
    tarn__cli_buf_reset(&w->scratch);
    tarn__cli_free(w);
    return TARN_OK;
}

const cli_writer_class tarn__cli_json_writer = {begin_array, row, end};
const cli_writer_class tarn__cli_jsonl_writer = {begin_lines, row, end};

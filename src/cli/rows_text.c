/* CSV, TSV and bare values: a line a row. */
#include <string.h>

#include "cli/rows.h"

typedef struct text_writer {
    cli_out *out;
    const cli_column *columns;
    size_t count;
    cli_buf line;
    cli_buf scratch;
} text_writer;

static void *begin_plain(cli_ctx *ctx, const cli_column *columns, size_t count)
{
    text_writer *w = tarn__cli_alloc(sizeof(*w));
    w->out = ctx->out;
    w->columns = columns;
    w->count = count;
    return w;
}

static tarn_status end(void *self, bool whole, tarn_error *err)
{
    text_writer *w = self;
    (void)err;
    (void)whole;
    tarn__cli_buf_reset(&w->line);
    tarn__cli_buf_reset(&w->scratch);
    tarn__cli_free(w);
    return TARN_OK;
}

static void send_line(text_writer *w)
{
    tarn__cli_add_char(&w->line, '\n');
    tarn__cli_out_add(w->out, w->line.ptr, w->line.len);
    w->line.len = 0;
}

static bool needs_quotes(tarn_slice text)
{
    if (text.len == 0)
        return true; /* NULL is the one without */
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ',' || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

static void add_csv(cli_buf *line, tarn_slice text)
{
    if (!needs_quotes(text)) {
        tarn__cli_add(line, text.ptr, text.len);
        return;
    }
    tarn__cli_add_char(line, '"');
    for (size_t at = 0; at < text.len;) {
        const char *quote = memchr(text.ptr + at, '"', text.len - at);
        size_t end_at =
            quote == NULL ? text.len : (size_t)(quote - text.ptr) + 1;
        tarn__cli_add(line, text.ptr + at, end_at - at);
        if (quote != NULL)
            tarn__cli_add_char(line, '"');
        at = end_at;
    }
    tarn__cli_add_char(line, '"');
}

static void row_csv(void *self, const cli_cell *cells)
{
    text_writer *w = self;
    for (size_t i = 0; i < w->count; i++) {
        if (i > 0)
            tarn__cli_add_char(&w->line, ',');
        if (!cells[i].null)
            add_csv(&w->line,
                tarn__cli_cell_text(&w->columns[i], &cells[i], &w->scratch));
    }
    send_line(w);
}

static void *begin_csv(cli_ctx *ctx, const cli_column *columns, size_t count)
{
    text_writer *w = begin_plain(ctx, columns, count);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            tarn__cli_add_char(&w->line, ',');
        add_csv(&w->line, tarn_str(columns[i].name));
    }
    send_line(w);
    return w;
}

/* Tabs, line ends and backslashes are escaped with a backslash; the empty
 * string is "", so a text of two quotes is escaped as well. */
static void add_tsv(cli_buf *line, tarn_slice text)
{
    if (text.len == 0) {
        tarn__cli_add_text(line, "\"\"");
        return;
    }
    if (text.len == 2 && memcmp(text.ptr, "\"\"", 2) == 0) {
        tarn__cli_add_text(line, "\\\"\\\"");
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '\t':
            tarn__cli_add_text(line, "\\t");
            break;
        case '\n':
            tarn__cli_add_text(line, "\\n");
            break;
        case '\r':
            tarn__cli_add_text(line, "\\r");
            break;
        case '\\':
            tarn__cli_add_text(line, "\\\\");
            break;
        default:
            tarn__cli_add_char(line, text.ptr[i]);
        }
    }
}

static void row_tsv(void *self, const cli_cell *cells)
{
    text_writer *w = self;
    for (size_t i = 0; i < w->count; i++) {
        if (i > 0)
            tarn__cli_add_char(&w->line, '\t');
        if (!cells[i].null)
            add_tsv(&w->line,
                tarn__cli_cell_text(&w->columns[i], &cells[i], &w->scratch));
    }
    send_line(w);
}

static void *begin_tsv(cli_ctx *ctx, const cli_column *columns, size_t count)
{
    text_writer *w = begin_plain(ctx, columns, count);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            tarn__cli_add_char(&w->line, '\t');
        add_tsv(&w->line, tarn_str(columns[i].name));
    }
    send_line(w);
    return w;
}

static void row_plain(void *self, const cli_cell *cells)
{
    text_writer *w = self;
    for (size_t i = 0; i < w->count; i++) {
        if (i > 0)
            tarn__cli_add_char(&w->line, '\t');
        tarn__cli_add(&w->line, cells[i].text.ptr, cells[i].text.len);
    }
    send_line(w);
}

const cli_writer_class tarn__cli_csv_writer = {begin_csv, row_csv, end};
const cli_writer_class tarn__cli_tsv_writer = {begin_tsv, row_tsv, end};
const cli_writer_class tarn__cli_plain_writer = {begin_plain, row_plain, end};

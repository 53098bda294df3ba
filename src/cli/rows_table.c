/* A table for people: fitted to the terminal, of as many rows as they want to
 * see, with their count. */
#include <inttypes.h>
#include <string.h>

#include "cli/host.h"
#include "cli/rows.h"

#define TERMINAL_ROWS 40
#define MEASURED_ROWS 1000 /* widths are those of the first rows */
#define NARROW 8           /* no column is made narrower than this */
#define CELL_BYTES 4096    /* of which a terminal shows the beginning */

typedef struct table_writer {
    cli_out *out;
    const cli_column *columns;
    size_t count;
    size_t shown; /* columns */
    size_t *widths;
    int64_t limit;   /* rows to show; -1: all */
    int64_t rows;    /* that there are */
    size_t terminal; /* its width; 0: none */
    bool color;
    bool measured;
    char **held; /* cells of the rows before the widths are known */
    size_t held_cap;
    size_t held_rows;
    cli_buf line;
    cli_buf scratch;
} table_writer;

/* Text that stays in its cell and drives no terminal. */
static char *readable(
    table_writer *w, const cli_column *column, const cli_cell *cell)
{
    if (cell->null)
        return NULL;
    tarn_slice text = tarn__cli_cell_text(column, cell, &w->scratch);
    if (w->terminal > 0 && text.len > CELL_BYTES)
        text.len = tarn_text_cut(text, CELL_BYTES);
    cli_buf out = CLI_BUF_INIT;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool c1 = c == 0xC2 && i + 1 < text.len &&
            (unsigned char)text.ptr[i + 1] < 0xA0;
        if (c == '\n')
            tarn__cli_add_text(&out, "\\n");
        else if (c == '\t')
            tarn__cli_add_text(&out, "\\t");
        else if (c < 0x20 || c == 0x7F)
            tarn__cli_addf(&out, "\\x%02X", c);
        else if (c1)
            tarn__cli_addf(&out, "\\x%02X", (unsigned char)text.ptr[++i]);
        else
            tarn__cli_add_char(&out, (char)c);
    }
    return out.ptr == NULL ? tarn__cli_strdup("") : out.ptr;
}

static const char *shown_text(const char *cell)
{
    return cell == NULL ? "NULL" : cell;
}

/* Bytes of text that fit into a width; *used is what they take. */
static size_t fitting(tarn_slice text, size_t width, size_t *used)
{
    size_t at = 0;
    *used = 0;
    while (at < text.len) {
        size_t next = at + 1;
        while (
            next < text.len && ((unsigned char)text.ptr[next] & 0xC0) == 0x80)
            next++;
        size_t more = tarn_text_width((tarn_slice){text.ptr + at, next - at});
        if (*used + more > width)
            break;
        *used += more;
        at = next;
    }
    return at;
}

static void add_cell(
    table_writer *w, const char *text, size_t width, bool right, bool last)
{
    tarn_slice whole = tarn_str(text);
    size_t used = tarn_text_width(whole);
    /* Nothing is lost where there is no edge. */
    bool cut = used > width && w->terminal > 0;
    width = cut || used < width ? width : used;
    size_t len = whole.len;
    if (cut) {
        len = fitting(whole, width - 1, &used);
        used++;
    }
    if (right)
        tarn__cli_add_fill(&w->line, ' ', width - used);
    tarn__cli_add(&w->line, text, len);
    if (cut)
        tarn__cli_add_text(&w->line, "…");
    if (!right && !last)
        tarn__cli_add_fill(&w->line, ' ', width - used);
}

static void send_line(table_writer *w)
{
    tarn__cli_add_char(&w->line, '\n');
    tarn__cli_out_add(w->out, w->line.ptr, w->line.len);
    w->line.len = 0;
}

static void print_row(table_writer *w, char *const *cells)
{
    for (size_t i = 0; i < w->shown; i++) {
        if (i > 0)
            tarn__cli_add_text(&w->line, "  ");
        bool dim = cells[i] == NULL && w->color;
        if (dim)
            tarn__cli_add_text(&w->line, "\033[2m");
        add_cell(w, shown_text(cells[i]), w->widths[i], w->columns[i].number,
            i + 1 == w->shown);
        if (dim)
            tarn__cli_add_text(&w->line, "\033[0m");
    }
    send_line(w);
}

static void print_head(table_writer *w)
{
    for (size_t i = 0; i < w->shown; i++) {
        if (i > 0)
            tarn__cli_add_text(&w->line, "  ");
        if (w->color)
            tarn__cli_add_text(&w->line, "\033[1m");
        add_cell(w, w->columns[i].name, w->widths[i], w->columns[i].number,
            i + 1 == w->shown);
        if (w->color)
            tarn__cli_add_text(&w->line, "\033[0m");
    }
    send_line(w);
    for (size_t i = 0; i < w->shown; i++) {
        if (i > 0)
            tarn__cli_add_text(&w->line, "  ");
        tarn__cli_add_fill(&w->line, '-', w->widths[i]);
    }
    send_line(w);
}

static size_t total_width(const table_writer *w)
{
    size_t total = w->shown == 0 ? 0 : 2 * (w->shown - 1);
    for (size_t i = 0; i < w->shown; i++)
        total += w->widths[i];
    return total;
}

/* Take from the widest column until all fit, then leave out the last ones. */
static void fit(table_writer *w)
{
    size_t total = total_width(w);
    while (total > w->terminal) {
        size_t widest = 0;
        for (size_t i = 1; i < w->shown; i++)
            if (w->widths[i] > w->widths[widest])
                widest = i;
        if (w->widths[widest] <= NARROW)
            break;
        w->widths[widest]--;
        total--;
    }
    while (w->shown > 1 && total_width(w) > w->terminal)
        w->shown--;
    if (w->shown == 1 && w->widths[0] > w->terminal)
        w->widths[0] = w->terminal;
}

static void measure(table_writer *w)
{
    w->measured = true;
    for (size_t i = 0; i < w->count; i++) {
        size_t width = tarn_text_width(tarn_str(w->columns[i].name));
        for (size_t row = 0; row < w->held_rows; row++) {
            const char *cell = shown_text(w->held[row * w->count + i]);
            size_t mine = tarn_text_width(tarn_str(cell));
            width = mine > width ? mine : width;
        }
        w->widths[i] = width == 0 ? 1 : width;
    }
    if (w->terminal > 0)
        fit(w);
    print_head(w);
    for (size_t row = 0; row < w->held_rows; row++)
        print_row(w, w->held + row * w->count);
    for (size_t i = 0; i < w->held_rows * w->count; i++)
        tarn__cli_free(w->held[i]);
    w->held_rows = 0;
}

static void *begin(cli_ctx *ctx, const cli_column *columns, size_t count)
{
    table_writer *w = tarn__cli_alloc(sizeof(*w));
    w->out = ctx->out;
    w->columns = columns;
    w->count = count;
    w->shown = count;
    w->widths = tarn__cli_alloc(count * sizeof(*w->widths));
    int width = tarn__cli_out_columns(ctx->out);
    bool terminal = tarn__cli_out_is_terminal(ctx->out);
    w->terminal = !terminal ? 0 : width > 0 ? (size_t)width : 80;
    w->color = terminal && tarn__cli_env("NO_COLOR") == NULL;
    w->limit = ctx->settings.max_rows;
    if (w->limit == -2)
        w->limit = terminal ? TERMINAL_ROWS : -1;
    return w;
}

static void row(void *self, const cli_cell *cells)
{
    table_writer *w = self;
    w->rows++;
    if (w->limit >= 0 && w->rows > w->limit)
        return;
    size_t first = w->held_rows * w->count;
    w->held = tarn__cli_grow(
        w->held, &w->held_cap, first + w->count, sizeof(*w->held));
    for (size_t i = 0; i < w->count; i++)
        w->held[first + i] = readable(w, &w->columns[i], &cells[i]);
    if (w->measured) {
        print_row(w, w->held);
        for (size_t i = 0; i < w->count; i++)
            tarn__cli_free(w->held[i]);
    } else if (++w->held_rows == MEASURED_ROWS) {
        measure(w);
    }
}

static void print_foot(table_writer *w)
{
    tarn__cli_addf(
        &w->line, "%" PRId64 " row%s", w->rows, w->rows == 1 ? "" : "s");
    if (w->limit >= 0 && w->rows > w->limit)
        tarn__cli_addf(&w->line,
            ", %" PRId64 " shown (--max-rows all shows all)", w->limit);
    if (w->shown < w->count)
        tarn__cli_addf(
            &w->line, ", %zu of %zu columns shown", w->shown, w->count);
    send_line(w);
}

static tarn_status end(void *self, bool whole, tarn_error *err)
{
    table_writer *w = self;
    (void)err;
    if (!w->measured)
        measure(w);
    if (whole)
        print_foot(w);
    tarn__cli_buf_reset(&w->line);
    tarn__cli_buf_reset(&w->scratch);
    tarn__cli_free(w->held);
    tarn__cli_free(w->widths);
    tarn__cli_free(w);
    return TARN_OK;
}

const cli_writer_class tarn__cli_table_writer = {begin, row, end};

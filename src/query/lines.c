/* Files without a known ending as rows: line_no, line.
 *
 * A line ends at LF or CR LF, which are not part of it; the last may end at the
 * file's end.  Bytes that are not UTF-8 become U+FFFD, because text of SQL is
 * UTF-8. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/utf8.h"
#include "duck/table_function.h"
#include "os/file.h"
#include "query/query_internal.h"

#define BLOCK_BYTES ((size_t)64 * 1024)
#define LINE_MAX_BYTES ((size_t)64 * 1024 * 1024)

typedef struct lines_scan {
    tarn__file file;
    char *block;
    size_t at;
    size_t got;
    bool end;
    int64_t line_no;
    tarn_buf line;
    tarn_buf clean;
} lines_scan;

static void lines_close(void *arg)
{
    lines_scan *scan = arg;
    if (scan == NULL)
        return;
    tarn__file_close(&scan->file);
    tarn_buf_reset(&scan->line);
    tarn_buf_reset(&scan->clean);
    tarn__free(scan->block);
    tarn__free(scan);
}

static tarn_status lines_open(void *ctx, const char *const *args, void **out,
    tarn__column *columns, size_t max_columns, size_t *column_count,
    tarn_error *err)
{
    (void)ctx;
    *out = NULL;
    if (max_columns < 2)
        return tarn__fail(err, TARN_INVALID, "lines: not called so");
    columns[0] = (tarn__column){"line_no", TARN_INT64};
    columns[1] = (tarn__column){"line", TARN_TEXT};
    *column_count = 2;
    lines_scan *scan = tarn__calloc(1, sizeof(*scan));
    if (scan == NULL)
        return tarn__no_memory(err);
    scan->file = (tarn__file)TARN__FILE_INIT;
    scan->line = (tarn_buf)TARN_BUF_MAX(LINE_MAX_BYTES);
    scan->clean = (tarn_buf)TARN_BUF_MAX(3 * LINE_MAX_BYTES);
    scan->block = tarn__malloc(BLOCK_BYTES);
    tarn_status st = scan->block == NULL
        ? tarn__no_memory(err)
        : tarn__file_open(&scan->file, args[0], TARN__OPEN_READ, err);
    if (st == TARN_OK)
        *out = scan;
    else
        lines_close(scan);
    return st;
}

/* The next line into scan->line; *found false at the end. */
static tarn_status read_line(lines_scan *scan, bool *found, tarn_error *err)
{
    tarn_status st = TARN_OK;
    bool whole = false;
    tarn__buf_clear(&scan->line);
    *found = false;
    while (st == TARN_OK && !whole) {
        if (scan->at == scan->got && !scan->end) {
            scan->at = 0;
            st = tarn__file_read(
                &scan->file, scan->block, BLOCK_BYTES, &scan->got, err);
            scan->end = scan->got == 0;
        }
        if (st != TARN_OK || scan->end)
            break;
        const char *start = scan->block + scan->at;
        size_t left = scan->got - scan->at;
        const char *lf = memchr(start, '\n', left);
        size_t len = lf == NULL ? left : (size_t)(lf - start);
        whole = lf != NULL;
        *found = true;
        st = tarn__buf_append(&scan->line, start, len, err);
        scan->at += len + (whole ? 1 : 0);
    }
    if (scan->line.len > 0 && whole &&
        scan->line.ptr[scan->line.len - 1] == '\r')
        scan->line.len--;
    return st;
}

/* The line as UTF-8, in scan->clean. */
static tarn_status clean_line(lines_scan *scan, tarn_error *err)
{
    tarn_slice raw = tarn__buf_slice(&scan->line);
    tarn_status st = TARN_OK;
    tarn__buf_clear(&scan->clean);
    for (size_t at = 0; st == TARN_OK && at < raw.len;) {
        uint32_t code_point;
        size_t len = tarn__utf8_next(raw, at, &code_point);
        st = len == 0 ? tarn__buf_str(&scan->clean, "\xEF\xBF\xBD", err)
                      : tarn__buf_append(&scan->clean, raw.ptr + at, len, err);
        at += len == 0 ? 1 : len;
    }
    return st;
}

static tarn_status lines_next(
    void *arg, const bool *wanted, tarn__cell *cells, tarn_error *err)
{
    lines_scan *scan = arg;
    bool found;
    tarn_status st = read_line(scan, &found, err);
    if (st != TARN_OK || !found)
        return st;
    scan->line_no++;
    cells[0] = (tarn__cell){.type = TARN_INT64, .i64 = scan->line_no};
    if (!wanted[1])
        return TARN_ROW;
    tarn_slice line = tarn__buf_slice(&scan->line);
    if (!tarn__utf8_valid(line)) {
        st = clean_line(scan, err);
        line = tarn__buf_slice(&scan->clean);
    }
    if (st != TARN_OK)
        return st;
    if (line.ptr == NULL)
        line.ptr = "";
    cells[1] = (tarn__cell){.type = TARN_TEXT, .bytes = line};
    return TARN_ROW;
}

tarn_status tarn__lines_register(tarn__session *s, tarn_error *err)
{
    static const tarn__source source = {
        "tarn__lines", 1, lines_open, lines_next, lines_close};
    if (s->has_lines)
        return TARN_OK;
    tarn_status st = tarn__duck_register(s->duck, &source, s, err);
    s->has_lines = st == TARN_OK;
    return st;
}

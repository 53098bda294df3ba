/* Quotes of a csv.  DuckDB reads mixed line ends, and quotes in unquoted fields,
 * only when it is not strict, and then drops what stands behind a closing quote
 * without a word. */
#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "tree/parquet.h"

#define BLOCK_BYTES ((size_t)256 * 1024)

typedef struct scan {
    enum { AT_START, PLAIN, QUOTED, CLOSED, BEHIND } at;
    char delimiter;
    bool cr; /* the last byte was one */
    int64_t line;
    int64_t began; /* the line at which the quoted field begins */
} scan;

static bool ends_line(scan *s, char c)
{
    bool second = c == '\n' && s->cr; /* of \r\n */
    s->cr = c == '\r';
    if (c != '\n' && c != '\r')
        return false;
    s->line += !second;
    return true;
}

/* False: something stands behind a closing quote. */
static bool step(scan *s, char c)
{
    bool ended = ends_line(s, c) || c == s->delimiter;

    if (s->at == QUOTED) {
        if (c == '"')
            s->at = CLOSED;
    } else if (ended) {
        s->at = AT_START;
    } else if (s->at == CLOSED && c == '"') {
        s->at = QUOTED; /* a doubled one */
    } else if (s->at == CLOSED || s->at == BEHIND) {
        s->at = BEHIND;
        return c == ' ';
    } else if (s->at == AT_START && c != ' ') {
        s->at = c == '"' ? QUOTED : PLAIN;
        s->began = s->line;
    }
    return true;
}

tarn_status tarn__csv_quotes_check(
    const char *path, const char *shown, char delimiter, tarn_error *err)
{
    tarn__file file = TARN__FILE_INIT;
    scan s = {AT_START, delimiter, false, 1, 1};
    size_t got = 1;
    bool fine = true;
    char *block = tarn__malloc(BLOCK_BYTES);

    if (block == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__file_open(&file, path, TARN__OPEN_READ, err);
    while (st == TARN_OK && fine && got > 0) {
        st = tarn__file_read(&file, block, BLOCK_BYTES, &got, err);
        for (size_t i = 0; st == TARN_OK && fine && i < got; i++)
            fine = step(&s, block[i]);
    }
    if (st == TARN_OK && !fine)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: line %lld: a field goes on behind its closing quote (double "
            "the "
            "quotes inside, or put the file without --as)",
            shown, (long long)s.began);
    tarn__file_close(&file);
    tarn__free(block);
    return st;
}

/* Names and words of formats; sessions. */
#include "base/error.h"
#include "base/str.h"
#include "tree/parquet.h"

static const struct {
    const char *word;
    tarn__format format;
} formats[] = {
    {"csv", TARN__FORMAT_CSV},
    {"tsv", TARN__FORMAT_TSV},
    {"json", TARN__FORMAT_JSON},
    {"jsonl", TARN__FORMAT_JSONL},
    {"ndjson", TARN__FORMAT_JSONL},
    {"parquet", TARN__FORMAT_PARQUET},
};

tarn__format tarn__format_parse(const char *word)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (tarn__eq_nocase(word, formats[i].word))
            return formats[i].format;
    }
    return TARN__FORMAT_NONE;
}

/* Does name, cut to len, end in '.' and the word? */
static bool ends_in(const char *name, size_t len, const char *word)
{
    size_t word_len = tarn_str(word).len;
    if (len <= word_len || name[len - word_len - 1] != '.')
        return false;
    for (size_t i = 0; i < word_len; i++) {
        char c = name[len - word_len + i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != word[i])
            return false;
    }
    return true;
}

tarn__format tarn__format_of(const char *name, tarn__packing *packing)
{
    size_t len = tarn_str(name).len;
    *packing = TARN__PACKING_NONE;
    if (ends_in(name, len, "gz")) {
        *packing = TARN__PACKING_GZIP;
        len -= 3;
    } else if (ends_in(name, len, "zst")) {
        *packing = TARN__PACKING_ZSTD;
        len -= 4;
    }
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (ends_in(name, len, formats[i].word))
            return formats[i].format;
    }
    return TARN__FORMAT_NONE;
}

tarn_status tarn__tree_duck(tarn_lake *lake, tarn__duck **out, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    tarn_status st = tarn__lake_scratch(lake, &scratch, err);
    if (st != TARN_OK)
        return st;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.memory_bytes = tarn__lake_memory_bytes(lake);
    options.threads = tarn__lake_threads(lake);
    options.temp_dir = scratch->path;
    st = tarn__duck_open(&options, out, err);
    if (st == TARN_OK)
        st = tarn__duck_watch(*out, tarn__lake_progress(lake), "rows", err);
    if (st != TARN_OK) {
        tarn__duck_close(*out);
        *out = NULL;
    }
    return st;
}

tarn_status tarn__sql_path(tarn_buf *sql, const char *path, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    for (const char *p = path; st == TARN_OK && *p != '\0'; p++) {
        bool glob = *p == '*' || *p == '?' || *p == '[';
        st = glob ? tarn__buf_printf(&text, err, "[%c]", *p)
                  : tarn__buf_char(&text, *p, err);
    }
    if (st == TARN_OK)
        st = tarn__duck_quote_text(sql, tarn__buf_slice(&text), err);
    tarn_buf_reset(&text);
    return st;
}

tarn_status tarn__copy_parquet(tarn__duck *duck, const char *query,
    const char *out_path, int64_t group_rows, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_printf(&sql, err, "COPY (%s) TO ", query);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(&sql, tarn_str(out_path), err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %lld)",
            (long long)group_rows);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

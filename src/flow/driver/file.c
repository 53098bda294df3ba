/* file.extractor: CSV, TSV, JSON, JSON lines and Parquet from the host. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/exchange.h"
#include "flow/host_files.h"
#include "os/file.h"
#include "tree/parquet.h"

/* Below this, types are found from every row and not from a sample. */
#define SNIFF_WHOLE_BYTES ((uint64_t)32 * 1024 * 1024)
#define SNIFF_ROWS 204800
#define HEAD_BYTES 65536

typedef struct source {
    const tarn_driver_call *call;
    json_t *config;
    tarn__host_files files;
    tarn__format format;
    uint64_t bytes;
    size_t unpacked;    /* files that lie in the call's folder */
    char delimiter[16]; /* of CSV */
    bool lenient;       /* quotes in unquoted fields, mixed line ends */
} source;

static tarn_status format_of(source *s, tarn_error *err)
{
    const char *word = tarn__json_text(s->config, "format");
    tarn__packing packing;
    s->format = word != NULL
        ? tarn__format_parse(word)
        : tarn__format_of(s->files.items[0].path, &packing);
    if (s->format != TARN__FORMAT_NONE)
        return TARN_OK;
    return tarn__fail(err, TARN_BAD_INPUT,
        "step %s: %s: its name does not tell what it holds (give format: csv, "
        "tsv, json, jsonl or parquet)",
        s->call->step_id, word == NULL ? s->files.items[0].path : word);
}

/* DuckDB would take a cut .gz for a short one. */
static tarn_status unpack(source *s, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < s->files.count; i++) {
        tarn__host_file *file = &s->files.items[i];
        tarn__packing packing = TARN__PACKING_NONE;
        (void)tarn__format_of(file->path, &packing);
        s->bytes += file->size_bytes;
        if (packing == TARN__PACKING_NONE || s->format == TARN__FORMAT_PARQUET)
            continue;
        char *to =
            tarn__sprintf("%s/unpacked-%zu", s->call->temp_dir, s->unpacked++);
        if (to == NULL)
            return tarn__no_memory(err);
        st = tarn__unpack(file->path, file->path, packing, to, err);
        tarn__free(file->path);
        file->path = to;
    }
    return st;
}

/* --- CSV --- */

/* The first line with fields, in head; freed by the caller. */
static tarn_status read_header(
    const source *s, size_t index, char **head, tarn_error *err)
{
    tarn__file file = TARN__FILE_INIT;
    size_t got = 0;
    int64_t skip = 0;
    const char *comment = tarn__config_text(s->config, "comment", "");
    char *text = tarn__malloc(HEAD_BYTES);
    *head = text;
    if (text == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__file_open(
        &file, s->files.items[index].path, TARN__OPEN_READ, err);
    if (st == TARN_OK)
        st = tarn__file_read_at(&file, 0, text, HEAD_BYTES - 1, &got, err);
    tarn__file_close(&file);
    text[got] = '\0';
    (void)tarn__json_i64(s->config, "skip_rows", &skip);
    char *line = text;
    while (*line != '\0' &&
        (skip-- > 0 || (*comment != '\0' && *line == *comment))) {
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    line[strcspn(line, "\r\n")] = '\0';
    memmove(text, line, strlen(line) + 1);
    return st;
}

static size_t count_outside_quotes(const char *line, char c)
{
    size_t count = 0;
    bool quoted = false;
    for (; *line != '\0'; line++) {
        quoted = quoted != (*line == '"');
        count += !quoted && *line == c;
    }
    return count;
}

/* ',' unless the header has none, but has ';', a tab or '|'. */
static tarn_status find_delimiter(
    const source *s, char *delimiter, tarn_error *err)
{
    char *head;
    size_t most = 0;
    *delimiter = ',';
    tarn_status st = read_header(s, 0, &head, err);
    if (st == TARN_OK && count_outside_quotes(head, ',') == 0)
        for (const char *c = ";\t|"; *c != '\0'; c++) {
            size_t count = count_outside_quotes(head, *c);
            if (count > most) {
                most = count;
                *delimiter = *c;
            }
        }
    tarn__free(head);
    return st;
}

static tarn_status csv_delimiter(source *s, tarn_buf *sql, tarn_error *err)
{
    const char *given = tarn__json_text(s->config, "delimiter");
    tarn_status st = TARN_OK;
    s->delimiter[0] = '\t';
    if (given == NULL && s->format == TARN__FORMAT_CSV)
        st = find_delimiter(s, s->delimiter, err);
    else if (given != NULL)
        (void)snprintf(s->delimiter, sizeof(s->delimiter), "%s", given);
    return st == TARN_OK ? tarn__sql_add(sql, err, ", delim=%t", s->delimiter)
                         : st;
}

static tarn_status csv_types(source *s, tarn_buf *sql, tarn_error *err)
{
    json_t *types = json_object_get(s->config, "types");
    const char *comma = "";
    const char *name;
    json_t *type;
    if (json_object_size(types) == 0)
        return TARN_OK;
    tarn_status st = tarn__buf_str(sql, ", types={", err);
    json_object_foreach(types, name, type)
    {
        if (st == TARN_OK && json_is_string(type))
            st = tarn__sql_add(
                sql, err, "%s%t: %t", comma, name, json_string_value(type));
        comma = ", ";
    }
    return st == TARN_OK ? tarn__buf_char(sql, '}', err) : st;
}

static tarn_status csv_options(source *s, tarn_buf *sql, tarn_error *err)
{
    int64_t skip = 0;
    (void)tarn__json_i64(s->config, "skip_rows", &skip);
    bool lenient = strcmp(tarn__config_text(s->config, "on_bad_lines", "error"),
                       "skip") == 0;
    const json_t *nulls = json_object_get(s->config, "null_values");
    tarn_status st = csv_delimiter(s, sql, err);
    if (st == TARN_OK)
        st = tarn__sql_add(sql, err,
            ", header=%s, skip=%d, quote='\"', escape='\"', comment=%t, "
            "null_padding=false, ignore_errors=%s, compression='none'",
            tarn__config_bool(s->config, "header", true) ? "true" : "false",
            skip, tarn__config_text(s->config, "comment", ""),
            lenient ? "true" : "false");
    const char *encoding = tarn__json_text(s->config, "encoding");
    if (st == TARN_OK && encoding != NULL)
        st = tarn__sql_add(sql, err, ", encoding=%t", encoding);
    if (st == TARN_OK && nulls != NULL) {
        st = tarn__buf_str(sql, ", nullstr=", err);
        if (st == TARN_OK)
            st = tarn__config_texts_sql(sql, nulls, err);
    }
    return st;
}

static tarn_status csv_found(source *s, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = csv_options(s, sql, err);
    if (st == TARN_OK)
        st = tarn__sql_add(sql, err, ", sample_size=%d%s",
            (int64_t)(s->bytes <= SNIFF_WHOLE_BYTES ? -1 : SNIFF_ROWS),
            s->lenient ? ", strict_mode=false" : "");
    return st == TARN_OK ? csv_types(s, sql, err) : st;
}

/* Read a file as text with as many columns as its header has: DuckDB names the
 * line at which that does not work. */
static tarn_status csv_probe(
    source *s, tarn__exchange *x, size_t index, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    char *head;
    tarn_status st = read_header(s, index, &head, err);
    size_t columns =
        st == TARN_OK ? 1 + count_outside_quotes(head, s->delimiter[0]) : 0;
    tarn__free(head);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "SELECT count(*) FROM read_csv(", err);
    if (st == TARN_OK)
        st = tarn__sql_path(&sql, s->files.items[index].path, err);
    if (st == TARN_OK)
        st = csv_options(s, &sql, err);
    for (size_t i = 0; st == TARN_OK && i < columns; i++)
        st = tarn__sql_add(&sql, err, "%s'c%d': 'VARCHAR'",
            i == 0 ? ", auto_detect=false, columns={" : ", ", (int64_t)i);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "})", err);
    if (st == TARN_OK)
        st = tarn__exchange_exec(x, sql.ptr, NULL, 0, NULL, err);
    tarn_buf_reset(&sql);
    return st;
}

/* --- all --- */

static tarn_status json_options(source *s, tarn_buf *sql, tarn_error *err)
{
    return tarn__sql_add(sql, err,
        ", compression='uncompressed', format=%t, maximum_object_size=%d%s",
        s->format == TARN__FORMAT_JSONL ? "newline_delimited" : "auto",
        (int64_t)16777216 * (s->format == TARN__FORMAT_JSONL ? 1 : 4),
        s->bytes <= SNIFF_WHOLE_BYTES ? ", sample_size=-1" : "");
}

static tarn_status paths(const source *s, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < s->files.count; i++) {
        st = tarn__buf_str(sql, i == 0 ? "[" : ", ", err);
        if (st == TARN_OK)
            st = tarn__sql_path(sql, s->files.items[i].path, err);
    }
    return st == TARN_OK ? tarn__buf_char(sql, ']', err) : st;
}

static tarn_status relation(source *s, tarn_buf *sql, tarn_error *err)
{
    bool csv = s->format == TARN__FORMAT_CSV || s->format == TARN__FORMAT_TSV;
    bool parquet = s->format == TARN__FORMAT_PARQUET;
    tarn_status st = tarn__sql_add(sql, err, " FROM %s(",
        parquet   ? "read_parquet"
            : csv ? "read_csv"
                  : "read_json");
    if (st == TARN_OK)
        st = paths(s, sql, err);
    if (st == TARN_OK && csv)
        st = csv_found(s, sql, err);
    if (st == TARN_OK && !csv && !parquet)
        st = json_options(s, sql, err);
    return st == TARN_OK
        ? tarn__sql_add(sql, err, "%s, hive_partitioning=false)",
              s->files.count > 1 ? ", union_by_name=true" : "")
        : st;
}

static tarn_status query_of(source *s, tarn_buf *sql, tarn_error *err)
{
    const json_t *columns = json_object_get(s->config, "columns");
    int64_t limit = -1;
    tarn_status st = tarn__buf_str(sql, "SELECT ", err);
    if (st == TARN_OK)
        st = json_array_size(columns) > 0
            ? tarn__config_names_sql(sql, columns, err)
            : tarn__buf_char(sql, '*', err);
    if (st == TARN_OK)
        st = relation(s, sql, err);
    if (st == TARN_OK && tarn__json_i64(s->config, "limit", &limit))
        st = tarn__sql_add(sql, err, " LIMIT %d", limit);
    return st;
}

static tarn_status find(source *s, tarn_error *err)
{
    const char *path;
    char *pattern = NULL;
    tarn_status st = tarn__config_need(s->call, s->config, "path", &path, err);
    if (st == TARN_OK)
        st = tarn__call_path(s->call, path, &pattern, err);
    if (st == TARN_OK)
        st = tarn__host_files_find(pattern, &s->files, err);
    if (st == TARN_OK && s->files.count == 0)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "%s: no file matches (look at config.path)", pattern);
    tarn__free(pattern);
    if (st == TARN_OK)
        st = format_of(s, err);
    return st == TARN_OK ? unpack(s, err) : st;
}

static bool says(tarn__exchange *x, const char *words)
{
    const char *full = tarn__duck_last_error(tarn__exchange_duck(x));
    return full != NULL && strstr(full, words) != NULL;
}

/* DuckDB's many lines about CSV -> one that names the file and the line. */
static tarn_status explain(tarn__exchange *x, tarn_status st, tarn_error *err)
{
    const char *full = tarn__duck_last_error(tarn__exchange_duck(x));
    const char *line = full == NULL ? NULL : strstr(full, "Error on Line: ");
    if (st != TARN_BAD_INPUT || line == NULL)
        return st;
    line += strlen("Error on Line: ");
    const char *why = strstr(line, "Expected Number of Columns");
    if (why == NULL)
        why = strstr(line, "Error when converting");
    if (why == NULL)
        why = strstr(line, "Invalid unicode");
    const char *file = strstr(line, "file = ");
    file = file == NULL ? "csv" : file + strlen("file = ");
    return tarn__fail(err, TARN_BAD_INPUT,
        "%.*s: line %.*s: %.*s (mend the line, give on_bad_lines: skip, or "
        "its column a type)",
        (int)strcspn(file, "\n"), file, (int)strcspn(line, "\n"), line,
        why == NULL ? 0 : (int)strcspn(why, "\n"), why == NULL ? "" : why);
}

static tarn_status make(source *s, tarn__exchange *x,
    const tarn_driver_result *result, int64_t *rows, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = query_of(s, &sql, err);
    if (st == TARN_OK)
        st =
            tarn__exchange_make(x, result, "main", sql.ptr, NULL, 0, rows, err);
    tarn_buf_reset(&sql);
    return st;
}

/* Where DuckDB finds no rule in a CSV, it is asked again without the strict
 * ones, and then for the line. */
static tarn_status make_all(source *s, tarn__exchange *x,
    const tarn_driver_result *result, int64_t *rows, tarn_error *err)
{
    tarn_error first = TARN_ERROR_INIT;
    tarn_status st = make(s, x, result, rows, &first);
    bool lost = st == TARN_BAD_INPUT && says(x, "sniffing file");
    for (size_t i = 0; lost && i < s->files.count; i++) {
        tarn_status probed = csv_probe(s, x, i, err);
        if (probed != TARN_OK)
            return explain(x, probed, err);
    }
    if (lost) {
        s->lenient = true;
        st = make(s, x, result, rows, &first);
    }
    st = explain(x, st, &first);
    if (st != TARN_OK && err != NULL)
        *err = first;
    return st;
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    source s = {.call = call};
    tarn__exchange *x = NULL;
    int64_t rows = 0;
    tarn_status st = tarn__config_open(call, &s.config, err);
    if (st == TARN_OK)
        st = find(&s, err);
    if (st == TARN_OK)
        st = tarn__exchange_open(call, &x, err);
    if (st == TARN_OK)
        st = make_all(&s, x, result, &rows, err);
    if (st == TARN_OK)
        st = tarn__exchange_finish(x, err);
    if (st == TARN_OK) {
        tarn__call_metric(call, "rows_read", (double)rows);
        tarn__call_metric(call, "bytes", (double)s.bytes);
    }
    tarn__exchange_free(x);
    tarn__host_files_reset(&s.files);
    json_decref(s.config);
    return st;
}

static const char schema[] =
    "{\"type\":\"object\",\"required\":[\"path\"],"
    "\"additionalProperties\":false,\"properties\":{"
    "\"path\":{\"type\":\"string\"},"
    "\"format\":{\"enum\":[\"csv\",\"tsv\",\"json\",\"jsonl\",\"parquet\"]},"
    "\"columns\":{\"type\":\"array\"},"
    "\"limit\":{\"type\":\"integer\",\"minimum\":0},"
    "\"delimiter\":{\"type\":\"string\"},"
    "\"header\":{\"type\":\"boolean\"},"
    "\"skip_rows\":{\"type\":\"integer\",\"minimum\":0},"
    "\"null_values\":{\"type\":\"array\"},"
    "\"comment\":{\"type\":\"string\"},"
    "\"on_bad_lines\":{\"enum\":[\"error\",\"skip\"]},"
    "\"encoding\":{\"type\":\"string\"},"
    "\"types\":{\"type\":\"object\",\"additionalProperties\":true}}}";

const tarn_driver tarn__driver_file = {.abi = TARN_DRIVER_ABI,
    .name = "file.extractor",
    .version = "1.0.0",
    .modes = TARN_STEP_READ,
    .config_schema = schema,
    .run = run};

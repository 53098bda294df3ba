/* csv, tsv, json, jsonl -> Parquet.
 *
 * The rules, which src/tree/README.md gives to users: the first line of a csv is
 * its header, always; the delimiter is ',' unless the header has none and has
 * ';', a tab or '|'; quotes are '"', doubled inside; a row has as many fields
 * as the header; text is UTF-8; an empty field is NULL. A file that holds a
 * header alone gives a table without rows, all columns text. An empty file is an
 * error. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "os/file.h"
#include "tree/parquet.h"

/* DuckDB's own buffer is 16 lines at their longest, and taken whole. */
#define CSV_LINES "max_line_size=16777216, buffer_size=33554432"
/* What lies deeper stays JSON text: DuckDB's Parquet reader takes twice as long
 * for each level of lists (24 levels: 2 s, 100: for ever). */
#define TYPED_DEPTH "20"
#define MANY_ROWS 122880 /* in a row group, when rows are small */
#define FEW_ROWS 2048
#define GROUP_BYTES ((uint64_t)64 * 1024 * 1024)
#define LOOK_BYTES ((size_t)1024 * 1024)

typedef struct source {
    tarn__duck *duck;
    const char *path;
    const char *shown;
    tarn_buf head; /* the first bytes of the file */
    uint64_t size_bytes;
} source;

static tarn_status look(source *s, tarn_error *err)
{
    tarn__file file = TARN__FILE_INIT;
    tarn__stat stat;
    size_t got = 0;
    tarn_status st = tarn__file_open(&file, s->path, TARN__OPEN_READ, err);
    if (st == TARN_OK)
        st = tarn__file_stat(&file, &stat, err);
    if (st == TARN_OK)
        st = tarn__buf_reserve(&s->head, LOOK_BYTES, err);
    if (st == TARN_OK)
        st = tarn__file_read_at(&file, 0, s->head.ptr, LOOK_BYTES, &got, err);
    if (st == TARN_OK) {
        s->head.len = got;
        s->head.ptr[got] = '\0';
        s->size_bytes = stat.size_bytes;
    }
    tarn__file_close(&file);
    return st;
}

/* Rows for a row group of about GROUP_BYTES, going by the file's beginning. */
static int64_t group_rows(const source *s)
{
    uint64_t lines = 1;
    for (size_t i = 0; i < s->head.len; i++)
        lines += s->head.ptr[i] == '\n';
    uint64_t rows = GROUP_BYTES / (s->head.len / lines + 1);
    if (rows > MANY_ROWS)
        rows = MANY_ROWS;
    return rows < FEW_ROWS ? FEW_ROWS : (int64_t)rows;
}

/* The header's end, its quoted line breaks passed over, and how often `c`
 * stands in it outside of quotes. */
static size_t count_in_header(const source *s, char c)
{
    size_t count = 0;
    bool quoted = false;
    for (size_t i = 0; i < s->head.len; i++) {
        char at = s->head.ptr[i];
        if (at == '"')
            quoted = !quoted;
        if (!quoted && (at == '\n' || at == '\r'))
            break;
        count += !quoted && at == c;
    }
    return count;
}

static char delimiter_of(const source *s, tarn__format format)
{
    if (format == TARN__FORMAT_TSV)
        return '\t';
    char best = ',';
    size_t most = 0;
    if (count_in_header(s, ',') > 0)
        return ',';
    for (const char *c = ";\t|"; *c != '\0'; c++) {
        size_t count = count_in_header(s, *c);
        if (count > most) {
            most = count;
            best = *c;
        }
    }
    return best;
}

/* How a csv is read. */
typedef struct dialect {
    char delimiter;
    bool strict;
    const char *types; /* more options, each after a comma */
} dialect;

static tarn_status csv_relation(
    const source *s, const dialect *d, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql, "FROM read_csv(", err);
    if (st == TARN_OK)
        st = tarn__sql_path(sql, s->path, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            ", delim='%c', header=true, skip=0, quote='\"', escape='\"', "
            "comment='', sample_size=-1, null_padding=false, "
            "ignore_errors=false, hive_partitioning=false, "
            "compression='none', " CSV_LINES ", strict_mode=%s%s)",
            d->delimiter, d->strict ? "true" : "false", d->types);
    return st;
}

/* Read all as text with as many columns as the header has: DuckDB names the
 * line at which that does not work. */
static tarn_status csv_probe(
    const source *s, char delimiter, tarn_buf *sql, tarn_error *err)
{
    size_t columns = 1 + count_in_header(s, delimiter);
    tarn_status st = tarn__buf_str(sql, "SELECT count(*) FROM read_csv(", err);
    if (st == TARN_OK)
        st = tarn__sql_path(sql, s->path, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            ", delim='%c', header=true, skip=0, quote='\"', escape='\"', "
            "comment='', null_padding=false, ignore_errors=false, "
            "hive_partitioning=false, compression='none', "
            "auto_detect=false, " CSV_LINES ", columns={",
            delimiter);
    for (size_t i = 0; st == TARN_OK && i < columns; i++)
        st = tarn__buf_printf(
            sql, err, "%s'c%zu': 'VARCHAR'", i > 0 ? ", " : "", i);
    return st == TARN_OK ? tarn__buf_str(sql, "})", err) : st;
}

/* The value that follows `label` in DuckDB's text, up to the line's end. */
static tarn_slice after(const char *text, const char *label)
{
    tarn_slice none = {NULL, 0};
    const char *at = strstr(text, label);
    if (at == NULL)
        return none;
    at += strlen(label);
    tarn_slice value = {at, strcspn(at, "\n")};
    return value;
}

/* DuckDB's many lines -> our one. */
static tarn_status bad_csv(const source *s, tarn_error *err)
{
    const char *full = tarn__duck_last_error(s->duck);
    tarn_slice line = after(full, "CSV Error on Line: ");
    tarn_slice original = after(full, "Original Line:");
    if (line.ptr == NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: is not read as csv: %.*s (look for an unclosed quote)",
            s->shown, (int)strcspn(full, "\n"), full);
    const char *why = original.ptr != NULL ? original.ptr + original.len
                                           : line.ptr + line.len;
    why += strspn(why, "\n");
    /* An original line of several: its reason comes behind them. */
    const char *reason = strstr(full, "Expected Number of Columns");
    if (reason == NULL)
        reason = strstr(full, "Error when converting");
    if (reason == NULL)
        reason = strstr(full, "Invalid unicode");
    if (reason == NULL)
        reason = strstr(full, "Value with unterminated quote");
    if (reason != NULL)
        why = reason;
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: line %.*s: %.*s (mend the line, or put the file without --as)",
        s->shown, (int)line.len, line.ptr, (int)strcspn(why, "\n"), why);
}

static tarn_status copy_dialect(
    const source *s, const dialect *d, const char *out_path, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = csv_relation(s, d, &sql, err);
    if (st == TARN_OK)
        st = tarn__copy_parquet(s->duck, sql.ptr, out_path, group_rows(s), err);
    tarn_buf_reset(&sql);
    return st;
}

/* Once more, where whole numbers would have lost digits. */
static tarn_status keep_digits(
    const source *s, dialect d, const char *out_path, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_buf types = TARN_BUF_INIT;
    tarn_buf option = TARN_BUF_INIT;
    d.types = ", all_varchar=true";
    tarn_status st = csv_relation(s, &d, &text, err);
    if (st == TARN_OK)
        st = tarn__wide_types(s->duck, out_path, text.ptr, &types, err);
    if (st == TARN_OK && types.len > 0) {
        st = tarn__buf_printf(&option, err, ", types={%s}", types.ptr);
        d.types = option.ptr;
        if (st == TARN_OK)
            st = copy_dialect(s, &d, out_path, err);
    }
    tarn_buf_reset(&text);
    tarn_buf_reset(&types);
    tarn_buf_reset(&option);
    return st;
}

static bool names_a_line(const source *s)
{
    return strstr(tarn__duck_last_error(s->duck), "CSV Error on Line") != NULL;
}

static tarn_status copy_csv(
    const source *s, tarn__format format, const char *out_path, tarn_error *err)
{
    dialect d = {delimiter_of(s, format), true, ""};
    tarn_status st = copy_dialect(s, &d, out_path, err);
    if (st == TARN_BAD_INPUT && !names_a_line(s)) {
        /* Mixed line ends, and quotes in unquoted fields. */
        d.strict = false;
        st = tarn__csv_quotes_check(s->path, s->shown, d.delimiter, err);
        if (st != TARN_OK)
            return st;
        st = copy_dialect(s, &d, out_path, err);
    }
    if (st == TARN_BAD_INPUT && !names_a_line(s)) {
        tarn_buf sql = TARN_BUF_INIT;
        st = csv_probe(s, d.delimiter, &sql, err);
        if (st == TARN_OK)
            st = tarn__duck_exec(s->duck, sql.ptr, err);
        if (st == TARN_OK)
            st = TARN_BAD_INPUT;
        tarn_buf_reset(&sql);
    }
    if (st == TARN_OK)
        st = keep_digits(s, d, out_path, err);
    return st == TARN_BAD_INPUT ? bad_csv(s, err) : st;
}

/* columns: members of a STRUCT literal with the types of those that are read;
 * NULL: all, as they are found. */
static tarn_status json_relation(const source *s, tarn__format format,
    const char *columns, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql, "FROM read_json(", err);
    if (st == TARN_OK)
        st = tarn__sql_path(sql, s->path, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            ", format='%s', sample_size=-1, maximum_depth=" TYPED_DEPTH ", "
            "map_inference_threshold=-1, field_appearance_threshold=0, "
            "maximum_object_size=134217728, ignore_errors=false, "
            "hive_partitioning=false, compression='uncompressed'",
            format == TARN__FORMAT_JSONL ? "newline_delimited" : "auto");
    if (st == TARN_OK && columns != NULL)
        st = tarn__buf_printf(sql, err, ", columns={%s}", columns);
    return st == TARN_OK ? tarn__buf_char(sql, ')', err) : st;
}

/* "… at byte 6 in line 3: unexpected character." -> ours.  DuckDB counts lines
 * and records from 1 and has already counted the one that it cannot read. */
static tarn_status bad_json(const source *s, tarn_error *err)
{
    const char *full = tarn__duck_last_error(s->duck);
    tarn_slice byte = after(full, "\", at byte ");
    tarn_slice line = after(full, " in line ");
    tarn_slice record = after(full, " in record/value ");
    tarn_slice place = line.ptr != NULL ? line : record;
    char digits[24];
    int64_t number = 0;
    size_t len = place.ptr == NULL ? 0 : strspn(place.ptr, "0123456789");
    if (len > 0 && len < sizeof(digits)) {
        memcpy(digits, place.ptr, len);
        digits[len] = '\0';
    }
    if (byte.ptr == NULL || len == 0 || len >= sizeof(digits) ||
        !tarn__parse_i64(digits, &number))
        return tarn__fail(err, TARN_BAD_INPUT, "%s: is no good JSON: %.*s",
            s->shown, (int)strcspn(full, "\n"), full);
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: is no good JSON: %s %lld, byte %.*s%.*s", s->shown,
        line.ptr != NULL ? "line" : "record", (long long)number - 1,
        (int)strspn(byte.ptr, "0123456789"), byte.ptr, (int)(place.len - len),
        place.ptr + len);
}

/* DuckDB takes an array that ends behind a comma for whole. */
static tarn_status check_array_ends(const source *s, tarn_error *err)
{
    const char *blanks = " \t\r\n";
    tarn__file file = TARN__FILE_INIT;
    char tail[4096];
    size_t got = 0;
    size_t i = 0;
    while (i < s->head.len && strchr(blanks, s->head.ptr[i]) != NULL)
        i++;
    if (s->head.ptr[i] != '[')
        return TARN_OK;
    uint64_t at =
        s->size_bytes > sizeof(tail) ? s->size_bytes - sizeof(tail) : 0;
    tarn_status st = tarn__file_open(&file, s->path, TARN__OPEN_READ, err);
    if (st == TARN_OK)
        st = tarn__file_read_at(&file, at, tail, sizeof(tail), &got, err);
    tarn__file_close(&file);
    while (got > 0 && strchr(blanks, tail[got - 1]) != NULL)
        got--;
    if (st == TARN_OK && got > 0 && tail[got - 1] == ',')
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: is no good JSON: its array has no end (fetch it again)",
            s->shown);
    return st;
}

/* A list of a relation's columns: "t.name AS name", or "'name': 'VARCHAR'". */
static tarn_status list_columns(const source *s, const char *relation,
    bool as_text, tarn_buf *out, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn__duck_result *r = NULL;
    tarn_status st = tarn__buf_printf(&sql, err, "%s LIMIT 0", relation);
    if (st == TARN_OK)
        st = tarn__duck_query(s->duck, sql.ptr, NULL, 0, &r, err);
    size_t count = st == TARN_OK ? tarn__duck_columns(r) : 0;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        const tarn_slice name = tarn_str(tarn__duck_column_name(r, i));
        st = tarn__buf_str(out, i > 0 ? ", " : "", err);
        if (st == TARN_OK && as_text)
            st = tarn__duck_quote_text(out, name, err);
        else if (st == TARN_OK)
            st = tarn__buf_str(out, "t.", err);
        if (st == TARN_OK && !as_text)
            st = tarn__duck_quote_name(out, name, err);
        if (st == TARN_OK)
            st = tarn__buf_str(out, as_text ? ": 'VARCHAR'" : " AS ", err);
        if (st == TARN_OK && !as_text)
            st = tarn__duck_quote_name(out, name, err);
    }
    tarn__duck_result_free(r);
    tarn_buf_reset(&sql);
    return st;
}

/* The types that keep the digits of what was copied as `out_path`. */
static tarn_status json_types(const source *s, tarn__format format,
    const char *out_path, tarn_buf *types, tarn_error *err)
{
    tarn_buf typed = TARN_BUF_INIT;
    tarn_buf columns = TARN_BUF_INIT;
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&typed, "FROM read_parquet(", err);
    if (st == TARN_OK)
        st = tarn__sql_path(&typed, out_path, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&typed, ')', err);
    if (st == TARN_OK)
        st = list_columns(s, typed.ptr, true, &columns, err);
    if (st == TARN_OK)
        st = json_relation(s, format, columns.ptr, &text, err);
    if (st == TARN_OK)
        st = tarn__wide_types(s->duck, out_path, text.ptr, types, err);
    tarn_buf_reset(&typed);
    tarn_buf_reset(&columns);
    tarn_buf_reset(&text);
    return st;
}

/* Once more, with those columns read as these types, row beside row. */
static tarn_status copy_wide(const source *s, tarn__format format,
    const char *found, const char *types, const char *out_path, tarn_error *err)
{
    tarn_buf wide = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = json_relation(s, format, types, &wide, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "SELECT p.* REPLACE (", err);
    if (st == TARN_OK)
        st = list_columns(s, wide.ptr, false, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(
            &sql, err, ") FROM (%s) p POSITIONAL JOIN (%s) t", found, wide.ptr);
    if (st == TARN_OK)
        st = tarn__copy_parquet(s->duck, sql.ptr, out_path, group_rows(s), err);
    tarn_buf_reset(&wide);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status copy_json(
    const source *s, tarn__format format, const char *out_path, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_buf types = TARN_BUF_INIT;
    tarn_status st = check_array_ends(s, err);
    if (st == TARN_OK)
        st = json_relation(s, format, NULL, &sql, err);
    if (st == TARN_OK)
        st = tarn__copy_parquet(s->duck, sql.ptr, out_path, group_rows(s), err);
    if (st == TARN_OK)
        st = json_types(s, format, out_path, &types, err);
    if (st == TARN_OK && types.len > 0)
        st = copy_wide(s, format, sql.ptr, types.ptr, out_path, err);
    if (st == TARN_BAD_INPUT)
        st = bad_json(s, err);
    tarn_buf_reset(&types);
    tarn_buf_reset(&sql);
    return st;
}

static bool only_blanks(const source *s)
{
    size_t i =
        s->head.len >= 3 && memcmp(s->head.ptr, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < s->head.len && strchr(" \t\r\n", s->head.ptr[i]) != NULL &&
        s->head.ptr[i] != '\0')
        i++;
    return i == s->head.len && s->size_bytes == s->head.len;
}

tarn_status tarn__rows_to_parquet(tarn__duck *duck, const char *path,
    const char *shown, tarn__format format, const char *out_path,
    tarn_error *err)
{
    source s = {duck, path, shown, TARN_BUF_INIT, 0};
    tarn_status st = look(&s, err);
    if (st == TARN_OK && only_blanks(&s))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: is empty, so it has no columns (put it without --as, or "
            "give it a header)",
            shown);
    else if (st == TARN_OK && memchr(s.head.ptr, '\0', s.head.len) != NULL)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: holds NUL bytes, so it is no text (is it UTF-16? convert it "
            "to UTF-8)",
            shown);
    else if (st == TARN_OK &&
        (format == TARN__FORMAT_CSV || format == TARN__FORMAT_TSV))
        st = copy_csv(&s, format, out_path, err);
    else if (st == TARN_OK)
        st = copy_json(&s, format, out_path, err);
    tarn_buf_reset(&s.head);
    return st;
}

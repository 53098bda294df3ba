/* SQL to a parse tree and back, by DuckDB's own parser.
 *
 * The tree is JSON.  Two things in it need care on the way through jansson:
 * integers beyond 64 bits signed (the halves of a HUGEINT), which are carried
 * as texts BIG_MARK and digits, and Infinity, which DuckDB writes but cannot
 * read back.  The tree itself is described in README.md. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "duck/duck_internal.h"

/* skip_empty would leave out members that json_deserialize_sql asks for. */
#define SERIALIZE                                                  \
    "SELECT json_serialize_sql(?::VARCHAR, skip_default := true, " \
    "skip_null := true)"
#define DESERIALIZE "SELECT json_deserialize_sql(?::JSON)"

/* In JSON text, both ways. */
#define BIG_MARK "\"\\u0001int:"
#define SAFE_DIGITS 18 /* any integer of so many fits in 64 bits */

/* First column of the first row of a statement with one text value. */
static tarn_status ask_text(tarn__duck *duck, const char *sql, tarn_slice arg,
    tarn_buf *out, tarn_error *err)
{
    const tarn__duck_value value = {.type = TARN_TEXT, .bytes = arg};
    tarn__duck_result *r;
    tarn_status st = tarn__duck_query(duck, sql, &value, 1, &r, err);
    if (st != TARN_OK)
        return st;
    tarn__cell cell;
    st = tarn__duck_next(r, &cell, err);
    if (st == TARN_ROW)
        st = cell.type == TARN_NULL
            ? tarn__fail(err, TARN_FAILED, "DuckDB's parser: gave NULL")
            : tarn__buf_append(out, cell.bytes.ptr, cell.bytes.len, err);
    tarn__duck_result_free(r);
    return st;
}

static size_t string_end(tarn_slice s, size_t at)
{
    for (at++; at < s.len && s.ptr[at] != '"'; at++)
        if (s.ptr[at] == '\\')
            at++;
    return at < s.len ? at + 1 : s.len;
}

/* A number or a word. */
static size_t bare_end(tarn_slice s, size_t at)
{
    while (at < s.len && strchr(",:]}[{\" \n\r\t", s.ptr[at]) == NULL)
        at++;
    return at;
}

static tarn_status pack_bare(
    tarn_buf *out, const char *token, size_t len, tarn_error *err)
{
    if (strspn(token, "-IN") > 0 && strcspn(token, "0123456789") >= len)
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: holds a number beyond DOUBLE (write 'inf'::DOUBLE)");
    bool big = len > SAFE_DIGITS && strspn(token, "-0123456789") >= len;
    tarn_status st = big ? tarn__buf_str(out, BIG_MARK, err) : TARN_OK;
    if (st == TARN_OK)
        st = tarn__buf_append(out, token, len, err);
    if (st == TARN_OK && big)
        st = tarn__buf_char(out, '"', err);
    return st;
}

/* Big integers into marked texts. */
static tarn_status pack(tarn_slice json, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_reserve(out, json.len, err);
    size_t at = 0;
    while (st == TARN_OK && at < json.len) {
        char c = json.ptr[at];
        size_t end = at + 1;
        if (c == '"') {
            end = string_end(json, at);
            st = tarn__buf_append(out, json.ptr + at, end - at, err);
        } else if (strchr(",:]}[{ \n\r\t", c) != NULL) {
            st = tarn__buf_char(out, c, err);
        } else {
            end = bare_end(json, at);
            st = pack_bare(out, json.ptr + at, end - at, err);
        }
        at = end;
    }
    return st;
}

/* Marked texts into big integers. */
static tarn_status unpack(const char *json, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    const char *mark;
    while (st == TARN_OK && (mark = strstr(json, BIG_MARK)) != NULL) {
        const char *digits = mark + strlen(BIG_MARK);
        size_t len = strspn(digits, "-0123456789");
        bool ours = digits[len] == '"';
        const char *end = ours ? mark : digits;
        st = tarn__buf_append(out, json, (size_t)(end - json), err);
        if (st == TARN_OK && ours)
            st = tarn__buf_append(out, digits, len, err);
        json = ours ? digits + len + 1 : digits;
    }
    return st == TARN_OK ? tarn__buf_str(out, json, err) : st;
}

/* The parser's refusal; positions are bytes from 0. */
static tarn_status refuse(const json_t *tree, const char *sql, tarn_error *err)
{
    const char *why = tarn__json_text(tree, "error_message");
    const char *kind = tarn__json_text(tree, "error_type");
    const char *position = tarn__json_text(tree, "position");
    if (kind != NULL && strcmp(kind, "not implemented") == 0 && why != NULL &&
        strstr(why, "Only SELECT") != NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: not a statement that reads (SELECT, FROM, VALUES, "
            "DESCRIBE, SUMMARIZE, SHOW, PIVOT or UNPIVOT)");
    int64_t at;
    if (position == NULL || !tarn__parse_i64(position, &at) || at < 0 ||
        (size_t)at > strlen(sql))
        return tarn__fail(err, TARN_BAD_INPUT, "SQL: %s",
            why == NULL ? "does not parse" : why);
    size_t line = 1;
    const char *start = sql;
    for (const char *p = sql; p < sql + at; p++)
        if (*p == '\n') {
            line++;
            start = p + 1;
        }
    size_t column = 1;
    for (const char *p = start; p < sql + at; p++)
        column += ((unsigned char)*p & 0xC0) != 0x80;
    return tarn__fail(err, TARN_BAD_INPUT, "SQL, line %zu, column %zu: %s",
        line, column, why == NULL ? "does not parse" : why);
}

/* The one statement of the answer, which `tree` still owns. */
static tarn_status only_statement(
    const json_t *tree, const char *sql, json_t **statement, tarn_error *err)
{
    if (json_is_true(json_object_get(tree, "error")))
        return refuse(tree, sql, err);
    const json_t *statements = json_object_get(tree, "statements");
    size_t count = json_array_size(statements);
    if (count == 0)
        return tarn__fail(err, TARN_BAD_INPUT, "SQL: holds no statement");
    if (count > 1)
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: holds %zu statements (give one at a time)", count);
    *statement = json_array_get(statements, 0);
    return TARN_OK;
}

tarn_status tarn__duck_parse_once(
    tarn__duck *duck, const char *sql, json_t **tree, tarn_error *err)
{
    *tree = NULL;
    tarn_buf raw = TARN_BUF_INIT;
    tarn_buf text = TARN_BUF_INIT;
    json_t *whole = NULL;
    json_t *statement = NULL;
    tarn_status st = ask_text(duck, SERIALIZE, tarn_str(sql), &raw, err);
    if (st == TARN_OK)
        st = pack(tarn__buf_slice(&raw), &text, err);
    if (st == TARN_OK)
        st = tarn__json_parse(
            tarn__buf_slice(&text), "DuckDB's parse tree", &whole, err);
    if (st == TARN_OK)
        st = only_statement(whole, sql, &statement, err);
    if (st == TARN_OK)
        *tree = json_incref(statement);
    json_decref(whole);
    tarn_buf_reset(&text);
    tarn_buf_reset(&raw);
    return st;
}

tarn_status tarn__duck_parse(
    tarn__duck *duck, const char *sql, json_t **tree, tarn_error *err)
{
    return tarn__duck_parse_once(duck, sql, tree, err);
}

/* {"statements":[TREE]}, big integers bare. */
static tarn_status whole_text(
    const json_t *tree, tarn_buf *out, tarn_error *err)
{
    tarn_buf dump = TARN_BUF_INIT;
    tarn_status st = tarn__json_dump(tree, &dump, err);
    if (st == TARN_OK)
        st = tarn__buf_str(out, "{\"error\":false,\"statements\":[", err);
    if (st == TARN_OK)
        st = unpack(dump.ptr, out, err);
    if (st == TARN_OK)
        st = tarn__buf_str(out, "]}", err);
    tarn_buf_reset(&dump);
    return st;
}

tarn_status tarn__duck_unparse(
    tarn__duck *duck, json_t *tree, char **sql, tarn_error *err)
{
    *sql = NULL;
    tarn_buf text = TARN_BUF_INIT;
    tarn_buf out = TARN_BUF_INIT;
    tarn_status st = whole_text(tree, &text, err);
    if (st == TARN_OK)
        st = ask_text(duck, DESERIALIZE, tarn__buf_slice(&text), &out, err);
    if (st == TARN_OK) {
        *sql = tarn__buf_take(&out);
        if (*sql == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&out);
    tarn_buf_reset(&text);
    return st;
}

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

/* How carried integers begin in JSON text, quote and all; other texts that
 * begin with MARK have it twice in the tree. */
#define MARK "\"\\u0001"
#define BIG_MARK MARK "int:"
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

static bool begins(const char *token, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && memcmp(token, with, n) == 0;
}

/* A text that begins with our mark's first byte gets one more of it. */
static tarn_status pack_string(
    tarn_buf *out, const char *token, size_t len, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (begins(token, len, MARK))
        st = tarn__buf_str(out, MARK, err);
    size_t quote = st == TARN_OK && begins(token, len, MARK) ? 1 : 0;
    if (st == TARN_OK)
        st = tarn__buf_append(out, token + quote, len - quote, err);
    return st;
}

static tarn_status unpack_string(
    tarn_buf *out, const char *token, size_t len, tarn_error *err)
{
    size_t skip = strlen(BIG_MARK);
    if (begins(token, len, BIG_MARK))
        return tarn__buf_append(out, token + skip, len - skip - 1, err);
    if (!begins(token, len, MARK))
        return tarn__buf_append(out, token, len, err);
    skip = strlen(MARK);
    tarn_status st = tarn__buf_char(out, '"', err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, token + skip, len - skip, err);
    return st;
}

typedef tarn_status (*token_fn)(
    tarn_buf *out, const char *token, size_t len, tarn_error *err);

static tarn_status copy_token(
    tarn_buf *out, const char *token, size_t len, tarn_error *err)
{
    return tarn__buf_append(out, token, len, err);
}

/* Copies JSON text token by token. */
static tarn_status rewrite(tarn_slice json, token_fn string, token_fn bare,
    tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_reserve(out, json.len, err);
    size_t at = 0;
    while (st == TARN_OK && at < json.len) {
        const char *token = json.ptr + at;
        size_t end = at + 1;
        if (*token == '"') {
            end = string_end(json, at);
            st = string(out, token, end - at, err);
        } else if (strchr(",:]}[{ \n\r\t", *token) != NULL) {
            st = tarn__buf_char(out, *token, err);
        } else {
            end = bare_end(json, at);
            st = bare(out, token, end - at, err);
        }
        at = end;
    }
    return st;
}

/* Keep the parser's own words for who asks for the last error.  Without memory
 * for them the message alone is told. */
static void keep_words(tarn__duck *duck, const char *why, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    if (tarn__buf_printf(&text, NULL, "Parser Error: %s", why) == TARN_OK) {
        (void)!tarn__duck_fail(duck, text.ptr, NULL);
        if (err != NULL)
            err->origin = TARN_ORIGIN_DUCKDB;
    }
    tarn_buf_reset(&text);
}

/* The parser's refusal; positions are code points from 0. */
static tarn_status refuse(
    tarn__duck *duck, const json_t *tree, const char *sql, tarn_error *err)
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
    if (position == NULL || !tarn__parse_i64(position, &at))
        return tarn__fail(err, TARN_BAD_INPUT, "SQL: %s",
            why == NULL ? "does not parse" : why);
    size_t line = 1;
    size_t column = 1;
    for (const char *p = sql; *p != '\0' && at > 0; p++) {
        column++;
        if (*p == '\n') {
            line++;
            column = 1;
        }
        while (((unsigned char)p[1] & 0xC0) == 0x80)
            p++;
        at--;
    }
    why = why == NULL ? "does not parse" : why;
    tarn_status st = tarn__fail(err, TARN_BAD_INPUT,
        "SQL, line %zu, column %zu: %s", line, column, why);
    keep_words(duck, why, err);
    return st;
}

/* The one statement of the answer, which `tree` still owns. */
static tarn_status only_statement(tarn__duck *duck, const json_t *tree,
    const char *sql, json_t **statement, tarn_error *err)
{
    if (json_is_true(json_object_get(tree, "error")))
        return refuse(duck, tree, sql, err);
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

tarn_status tarn__duck_parse(
    tarn__duck *duck, const char *sql, json_t **tree, tarn_error *err)
{
    *tree = NULL;
    tarn_buf raw = TARN_BUF_INIT;
    tarn_buf text = TARN_BUF_INIT;
    json_t *whole = NULL;
    json_t *statement = NULL;
    tarn_status st = ask_text(duck, SERIALIZE, tarn_str(sql), &raw, err);
    if (st == TARN_OK)
        st = rewrite(tarn__buf_slice(&raw), pack_string, pack_bare, &text, err);
    if (st == TARN_OK)
        st = tarn__json_parse(
            tarn__buf_slice(&text), "DuckDB's parse tree", &whole, err);
    if (st == TARN_OK)
        st = only_statement(duck, whole, sql, &statement, err);
    if (st == TARN_OK)
        *tree = json_incref(statement);
    json_decref(whole);
    tarn_buf_reset(&text);
    tarn_buf_reset(&raw);
    return st;
}

/* A DOUBLE constant would come back as 0.1, which is a DECIMAL: write it as
 * CAST('0.1' AS DOUBLE).  Turns `node` itself into the cast. */
static tarn_status cast_double(json_t *node, double v, tarn_error *err)
{
    char text[32];
    json_t *child = json_pack("{s:s, s:s, s:{s:{s:s}, s:b, s:s}}", "class",
        "CONSTANT", "type", "VALUE_CONSTANT", "value", "type", "id", "VARCHAR",
        "is_null", 0, "value", tarn__format_double(v, text));
    json_t *cast = json_pack("{s:s, s:s, s:o, s:{s:s}}", "class", "CAST",
        "type", "OPERATOR_CAST", "child", child, "cast_type", "id", "DOUBLE");
    bool done = cast != NULL && json_object_del(node, "value") == 0 &&
        json_object_update(node, cast) == 0;
    json_decref(cast);
    return done ? TARN_OK : tarn__no_memory(err);
}

static tarn_status cast_doubles(json_t *node, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (json_is_array(node)) {
        for (size_t i = 0; st == TARN_OK && i < json_array_size(node); i++)
            st = cast_doubles(json_array_get(node, i), err);
        return st;
    }
    if (!json_is_object(node))
        return TARN_OK;
    const char *class = tarn__json_text(node, "class");
    const json_t *value = json_object_get(node, "value");
    const char *id = tarn__json_text(json_object_get(value, "type"), "id");
    const json_t *number = json_object_get(value, "value");
    if (class != NULL && strcmp(class, "CONSTANT") == 0 && id != NULL &&
        strcmp(id, "DOUBLE") == 0 && json_is_number(number))
        return cast_double(node, json_number_value(number), err);
    void *at = json_object_iter(node);
    for (; st == TARN_OK && at != NULL; at = json_object_iter_next(node, at))
        st = cast_doubles(json_object_iter_value(at), err);
    return st;
}

/* {"statements":[TREE]}, big integers bare. */
static tarn_status whole_text(
    const json_t *tree, tarn_buf *out, tarn_error *err)
{
    tarn_buf dump = TARN_BUF_INIT;
    json_t *copy = json_deep_copy(tree);
    if (copy == NULL)
        return tarn__no_memory(err);
    tarn_status st = cast_doubles(copy, err);
    if (st == TARN_OK)
        st = tarn__json_dump(copy, &dump, err);
    json_decref(copy);
    if (st == TARN_OK)
        st = tarn__buf_str(out, "{\"error\":false,\"statements\":[", err);
    if (st == TARN_OK)
        st = rewrite(
            tarn__buf_slice(&dump), unpack_string, copy_token, out, err);
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

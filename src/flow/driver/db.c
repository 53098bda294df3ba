/* What all databases share: names, parameters, columns. */
#include "flow/driver/db.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"

tarn_status tarn__db_connect(const char *engine, const json_t *connection,
    const char *base_dir, bool make, tarn__db **out, tarn_error *err)
{
    *out = NULL;
    if (strcmp(engine, "mysql") == 0 || strcmp(engine, "mariadb") == 0)
        return tarn__db_mysql_open(connection, out, err);
    if (strcmp(engine, "postgres") == 0)
        return tarn__db_postgres_open(connection, out, err);
    if (strcmp(engine, "sqlite") == 0)
        return tarn__db_sqlite_open(connection, base_dir, make, out, err);
    return tarn__fail(err, TARN_INVALID,
        "%s: no such kind of database (mysql, postgres or sqlite)", engine);
}

void tarn__db_close(tarn__db *db)
{
    if (db == NULL)
        return;
    tarn__free(db->where);
    db->cls->close(db);
}

tarn_status tarn__db_exec(tarn__db *db, const char *sql, tarn_error *err)
{
    int64_t changed;
    return db->cls->exec(db, sql, NULL, 0, &changed, err);
}

tarn_status tarn__db_exec_all(
    tarn__db *db, const char *const *statements, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (; st == TARN_OK && *statements != NULL; statements++)
        st = tarn__db_exec(db, *statements, err);
    return st;
}

tarn_status tarn__db_query(tarn__db *db, const char *sql,
    const tarn__cell *values, size_t count, tarn__db_stream **out,
    tarn_error *err)
{
    *out = NULL;
    return db->cls->query(db, sql, values, count, out, err);
}

tarn_status tarn__db_next(
    tarn__db_stream *stream, tarn__cell *cells, tarn_error *err)
{
    if (stream->done)
        return TARN_OK;
    tarn_status st = stream->cls->next(stream, cells, err);
    stream->done = st != TARN_ROW;
    return st;
}

void tarn__db_stream_free(tarn__db_stream *stream)
{
    if (stream == NULL)
        return;
    for (size_t i = 0; stream->columns != NULL && i < stream->column_count;
         i++) {
        tarn__free(stream->columns[i].name);
        tarn__free(stream->columns[i].cast);
    }
    tarn__free(stream->columns);
    stream->cls->free(stream);
}

/* --- names --- */

static tarn_status quote(const tarn__db *db, tarn_buf *out, const char *name,
    size_t len, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, db->cls->quote, err);
    for (size_t i = 0; st == TARN_OK && i < len; i++) {
        if (name[i] == db->cls->quote)
            st = tarn__buf_char(out, db->cls->quote, err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, name[i], err);
    }
    if (st == TARN_OK)
        st = tarn__buf_char(out, db->cls->quote, err);
    return st;
}

tarn_status tarn__db_quote(
    const tarn__db *db, tarn_buf *out, const char *name, tarn_error *err)
{
    return quote(db, out, name, strlen(name), err);
}

tarn_status tarn__db_quote_table(const tarn__db *db, tarn_buf *out,
    const char *schema, const char *table, tarn_error *err)
{
    size_t len = schema == NULL ? 0 : strlen(schema);
    const char *dot = strchr(table, '.');
    if (schema == NULL && dot != NULL) {
        schema = table;
        len = (size_t)(dot - table);
        table = dot + 1;
    }
    tarn_status st = TARN_OK;
    if (schema != NULL)
        st = quote(db, out, schema, len, err);
    if (st == TARN_OK && schema != NULL)
        st = tarn__buf_char(out, '.', err);
    return st == TARN_OK ? tarn__db_quote(db, out, table, err) : st;
}

/* --- parameters --- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
        (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Past the closing quote, or the end. */
static const char *past_quote(const char *p, char q, bool backslash)
{
    for (p++; *p != '\0'; p++) {
        if (backslash && *p == '\\' && p[1] != '\0')
            p++;
        else if (*p == q && p[1] == q)
            p++;
        else if (*p == q)
            return p + 1;
    }
    return p;
}

static const char *past(const char *p, const char *mark)
{
    const char *end = strstr(p, mark);
    return end == NULL ? p + strlen(p) : end + strlen(mark);
}

/* Past PostgreSQL's $tag$ ... $tag$; NULL when none begins at p. */
static const char *past_dollar_quote(const char *p)
{
    const char *end = p + 1;
    char tag[64];
    while (is_word(*end) && !(end == p + 1 && is_digit(*end)))
        end++;
    size_t len = (size_t)(end + 1 - p);
    if (*end != '$' || len >= sizeof tag)
        return NULL;
    memcpy(tag, p, len);
    tag[len] = '\0';
    return past(end + 1, tag);
}

/* Past what is no place for a parameter; p itself when it may be one. */
static const char *past_words(const tarn__db_class *cls, const char *p)
{
    if (*p == '\'' || *p == '"' || *p == '`') {
        /* E'...' is PostgreSQL's text with backslashes. */
        return past_quote(p, *p, cls->backslash && *p != '`');
    }
    if (cls->dollar && (*p == 'e' || *p == 'E') && p[1] == '\'')
        return past_quote(p + 1, '\'', true);
    if (is_word(*p)) {
        while (is_word(*p) || *p == '$')
            p++;
        return p;
    }
    if (p[0] == '-' && p[1] == '-')
        return past(p, "\n");
    if (cls->backslash && *p == '#')
        return past(p, "\n");
    if (p[0] == '/' && p[1] == '*')
        return past(p + 2, "*/");
    if (cls->dollar && *p == '$') {
        const char *end = past_dollar_quote(p);
        return end == NULL ? p : end;
    }
    return p;
}

bool tarn__db_parameter_next(const tarn__db_class *cls, const char *sql,
    bool braces, size_t *at, tarn__db_parameter *out)
{
    const char *p = sql + *at;
    while (*p != '\0') {
        const char *next = past_words(cls, p);
        const char *end = p + 1;
        if (next != p) {
            p = next;
            continue;
        }
        if (*p == (braces ? '{' : '$')) {
            while (braces ? is_word(*end) : is_digit(*end))
                end++;
            if (end > p + 1 && (!braces || *end == '}')) {
                out->name = (tarn_slice){p + 1, (size_t)(end - p - 1)};
                out->at = (size_t)(p - sql);
                out->len = (size_t)(end - p) + (braces ? 1 : 0);
                *at = out->at + out->len;
                return true;
            }
        }
        p++;
    }
    return false;
}

static tarn_status number_one(const tarn__db *db,
    const tarn__db_parameter *parameter, const tarn__cell *values, size_t count,
    tarn__cell **list, size_t *cap, size_t *list_count, tarn_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < parameter->name.len && n <= count; i++)
        n = n * 10 + (size_t)(parameter->name.ptr[i] - '0');
    if (n == 0 || n > count)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the query names parameter $%.*s, and there are %zu", db->where,
            (int)parameter->name.len, parameter->name.ptr, count);
    tarn_status st =
        tarn__grow((void **)list, cap, *list_count + 1, sizeof(**list), err);
    if (st == TARN_OK)
        (*list)[(*list_count)++] = values[n - 1];
    return st;
}

tarn_status tarn__db_number(const tarn__db *db, const char *sql,
    const tarn__cell *values, size_t count, tarn_buf *out,
    tarn__cell **values_out, size_t *count_out, tarn_error *err)
{
    tarn__db_parameter parameter;
    size_t at = 0;
    size_t done = 0;
    size_t cap = 0;
    tarn_status st = TARN_OK;
    *values_out = NULL;
    *count_out = 0;
    while (st == TARN_OK && count > 0 &&
        tarn__db_parameter_next(db->cls, sql, false, &at, &parameter)) {
        st = number_one(
            db, &parameter, values, count, values_out, &cap, count_out, err);
        if (st == TARN_OK)
            st = tarn__buf_append(out, sql + done, parameter.at - done, err);
        done = at;
        if (st == TARN_OK)
            st = db->cls->dollar
                ? tarn__buf_printf(out, err, "$%zu", *count_out)
                : tarn__buf_char(out, '?', err);
    }
    if (st == TARN_OK)
        st = tarn__buf_str(out, sql + done, err);
    if (st != TARN_OK) {
        tarn__free(*values_out);
        *values_out = NULL;
        *count_out = 0;
    }
    return st;
}

tarn__cell tarn__db_text_value(const char *text)
{
    tarn__cell cell = {TARN_TEXT, 0, 0, tarn_str(text)};
    if (tarn__parse_i64(text, &cell.i64) && text[0] != '+' &&
        !(text[0] == '0' && text[1] != '\0'))
        cell.type = TARN_INT64;
    return cell;
}

/* --- columns --- */

tarn_status tarn__db_column_set(tarn__db_column *column, const char *name,
    tarn_type type, const char *cast, tarn_error *err)
{
    column->type = type;
    column->order = type == TARN_BLOB || type == TARN_JSON ? TARN__DB_ORDER_NONE
        : type == TARN_TEXT && cast == NULL                ? TARN__DB_ORDER_TEXT
                                                           : TARN__DB_ORDER_OWN;
    column->name = tarn__strdup(name);
    column->cast = cast == NULL ? NULL : tarn__strdup(cast);
    if (column->name == NULL || (cast != NULL && column->cast == NULL))
        return tarn__no_memory(err);
    return TARN_OK;
}

tarn_status tarn__db_text_cell(const tarn__db_stream *stream, size_t col,
    tarn_slice bytes, tarn__cell *out, tarn_error *err)
{
    out->type = stream->columns[col].type;
    out->bytes = bytes;
    if (out->type != TARN_BLOB && !tarn__utf8_valid(bytes))
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: column %s has a text that is not UTF-8 (cast it to a binary "
            "type in the query)",
            stream->db->where, stream->columns[col].name);
    return TARN_OK;
}

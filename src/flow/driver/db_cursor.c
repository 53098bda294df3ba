/* The condition of an incremental extractor, in each server's SQL. */
#include "flow/driver/db_cursor.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"

static const tarn__db_column *find(
    const tarn__db_stream *stream, const char *name)
{
    for (size_t i = 0; i < stream->column_count; i++)
        if (strcasecmp(stream->columns[i].name, name) == 0)
            return &stream->columns[i];
    return NULL;
}

tarn_status tarn__db_cursor_order(const tarn__db_stream *stream,
    const char *name, tarn__db_order *out, tarn_error *err)
{
    const tarn__db_column *c = find(stream, name);
    *out = TARN__DB_ORDER_NONE;
    if (c == NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the rows have no column %s, by which the step is incremental "
            "(select it)",
            stream->db->where, name);
    if (c->order == TARN__DB_ORDER_NONE)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the type of column %s has no order that a cursor can follow "
            "(cast it to a number, a time or a text in the query)",
            stream->db->where, name);
    *out = c->order;
    return TARN_OK;
}

/* The column as the statement will give it; without its rows. */
static tarn_status ask_column(tarn__db *db, const char *name,
    const tarn_buf *sql, const tarn__cell *values, size_t count,
    tarn__db_column *out, tarn_error *err)
{
    tarn_buf ask = TARN_BUF_INIT;
    tarn__db_stream *stream = NULL;
    tarn_status st = tarn__buf_str(&ask, sql->ptr, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&ask, " LIMIT 0", err);
    if (st == TARN_OK)
        st = tarn__db_query(db, ask.ptr, values, count, &stream, err);
    if (st == TARN_OK)
        st = tarn__db_cursor_order(stream, name, &out->order, err);
    if (st == TARN_OK)
        memcpy(out->bound, find(stream, name)->bound, sizeof out->bound);
    tarn__db_stream_free(stream);
    tarn_buf_reset(&ask);
    return st;
}

/* A time as ISO spells it, for servers that want no T and no Z. */
static void make_plain(char *text)
{
    size_t len = strlen(text);
    int64_t us;
    if (len < 12 || text[len - 1] != 'Z' || !tarn__time_parse(text, &us))
        return;
    text[len - 1] = '\0';
    char *t = strchr(text, 'T');
    if (t != NULL)
        *t = ' ';
}

/* `form` with `what` in the place of each %s. */
static tarn_status add_form(
    tarn_buf *sql, const char *form, const char *what, tarn_error *err)
{
    const char *mark;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && (mark = strstr(form, "%s")) != NULL) {
        st = tarn__buf_append(sql, form, (size_t)(mark - form), err);
        if (st == TARN_OK)
            st = tarn__buf_str(sql, what, err);
        form = mark + 2;
    }
    return st == TARN_OK ? tarn__buf_str(sql, form, err) : st;
}

/* The value's place is `number`, for SQLite, which says it twice. */
static tarn_status add_condition(const tarn__db *db, const tarn__db_column *c,
    const char *column, size_t number, tarn_buf *sql, tarn_error *err)
{
    char place[24] = "?";
    bool bytes = c->order == TARN__DB_ORDER_TEXT;
    const char *value = bytes ? db->cls->bytes : c->bound;
    tarn_status st = tarn__buf_str(sql, " WHERE ", err);
    if (db->cls->dollar)
        (void)snprintf(place, sizeof place, "$%zu", number);
    if (st == TARN_OK)
        st = add_form(sql, bytes ? db->cls->bytes : "%s", column, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, " > ", err);
    return st == TARN_OK
        ? add_form(sql, *value == '\0' ? "%s" : value, place, err)
        : st;
}

/* SQLite's values have their types each for itself, and so their order. */
static tarn_status add_by_value(
    const char *column, size_t number, tarn_buf *sql, tarn_error *err)
{
    char place[24];
    (void)snprintf(place, sizeof place, "?%zu", number);
    tarn_status st = add_form(
        sql, " WHERE CASE typeof(%s) WHEN 'text' THEN %s", column, err);
    if (st == TARN_OK)
        st = add_form(sql, " COLLATE BINARY > %s ELSE ", place, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, column, err);
    return st == TARN_OK
        ? add_form(sql, " > CAST(%s AS NUMERIC) END", place, err)
        : st;
}

tarn_status tarn__db_cursor_add(tarn__db *db, const tarn_driver_call *call,
    tarn_buf *sql, tarn__cell **values, size_t *count, char **kept,
    tarn_error *err)
{
    tarn__db_column c = {.order = TARN__DB_ORDER_TEXT};
    tarn_buf column = TARN_BUF_INIT;
    size_t cap = *count;
    *kept = NULL;
    if (call->cursor_column == NULL || call->cursor == NULL)
        return TARN_OK;
    tarn_status st = tarn__db_quote(db, &column, call->cursor_column, err);
    if (st == TARN_OK && db->cls->bytes != NULL)
        st = ask_column(db, call->cursor_column, sql, *values, *count, &c, err);
    if (st == TARN_OK)
        st = tarn__grow(
            (void **)values, &cap, *count + 1, sizeof(**values), err);
    if (st == TARN_OK && (*kept = tarn__strdup(call->cursor)) == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK && c.order != TARN__DB_ORDER_TEXT)
        make_plain(*kept);
    if (st == TARN_OK) {
        tarn__cell text = {TARN_TEXT, 0, 0, tarn_str(*kept)};
        (*values)[(*count)++] =
            c.order == TARN__DB_ORDER_TEXT ? text : tarn__db_text_value(*kept);
        st = db->cls->bytes == NULL
            ? add_by_value(column.ptr, *count, sql, err)
            : add_condition(db, &c, column.ptr, *count, sql, err);
    }
    tarn_buf_reset(&column);
    return st;
}

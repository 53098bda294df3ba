/* Rows of JSON, kept in a file until all are there. */
#include "flow/driver/json_rows.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/step.h"
#include "tree/parquet.h"

#define FLUSH_BYTES ((size_t)1 << 18)
/* DuckDB's buffers are as long as twice the longest row that it expects. */
#define LEAST_BYTES ((size_t)1 << 20)

tarn_status tarn__json_rows_open(
    tarn__json_rows *rows, const tarn_driver_call *call, tarn_error *err)
{
    *rows =
        (tarn__json_rows){.file = TARN__FILE_INIT, .pending = TARN_BUF_INIT};
    char *path = tarn__path_join(call->temp_dir, "rows.jsonl");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st =
        tarn__file_open(&rows->file, path, TARN__OPEN_TRUNCATE, err);
    tarn__free(path);
    return st;
}

static tarn_status flush(tarn__json_rows *rows, tarn_error *err)
{
    tarn_status st = tarn__file_write(
        &rows->file, rows->pending.ptr, rows->pending.len, err);
    tarn__buf_clear(&rows->pending);
    return st;
}

tarn_status tarn__json_rows_add(
    tarn__json_rows *rows, tarn_slice json, tarn_error *err)
{
    size_t from = rows->pending.len;
    if (json.len > rows->longest)
        rows->longest = json.len;
    tarn_status st = tarn__buf_append(&rows->pending, json.ptr, json.len, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&rows->pending, '\n', err);
    if (st != TARN_OK)
        return st;
    /* JSON has line ends between its tokens only. */
    for (char *p = rows->pending.ptr + from; json.len > 0; p++, json.len--)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    rows->count++;
    return rows->pending.len > FLUSH_BYTES ? flush(rows, err) : TARN_OK;
}

/* A type goes into SQL as it is: it must look like one. */
static bool is_type(const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                (*p >= '0' && *p <= '9') || *p == ' ' || *p == '_' ||
                *p == '(' || *p == ')' || *p == ',' || *p == '[' || *p == ']' ||
                *p == '"'))
            return false;
    return *text != '\0';
}

static tarn_status type_of(
    const char *name, const json_t *type, const char **out, tarn_error *err)
{
    *out = json_string_value(type);
    if (*out != NULL && is_type(*out))
        return TARN_OK;
    return tarn__fail(err, TARN_BAD_INPUT,
        "config.columns.%s: no SQL type (such as BIGINT)", name);
}

static tarn_status add_columns(
    const json_t *columns, tarn_buf *sql, tarn_error *err)
{
    const char *name;
    json_t *type;
    json_t *list;
    bool first = true;
    memcpy(&list, &columns, sizeof list);
    tarn_status st = tarn__buf_str(sql, ", columns={", err);
    json_object_foreach(list, name, type)
    {
        const char *text = NULL;
        if (st == TARN_OK)
            st = type_of(name, type, &text, err);
        if (st != TARN_OK)
            break;
        st = tarn__sql_add(sql, err, first ? "%t: %t" : ", %t: %t", name, text);
        first = false;
    }
    return st == TARN_OK ? tarn__buf_char(sql, '}', err) : st;
}

/* Without rows: the columns alone. */
static tarn_status empty_query(
    const json_t *columns, tarn_buf *sql, tarn_error *err)
{
    const char *name;
    json_t *type;
    json_t *list;
    bool first = true;
    memcpy(&list, &columns, sizeof list);
    tarn_status st = tarn__buf_str(sql, "SELECT ", err);
    if (st == TARN_OK && json_object_size(columns) == 0)
        st = tarn__buf_str(sql, "NULL::JSON AS json", err);
    json_object_foreach(list, name, type)
    {
        const char *text = NULL;
        if (st == TARN_OK)
            st = type_of(name, type, &text, err);
        if (st == TARN_OK)
            st = tarn__sql_add(sql, err,
                first ? "CAST(NULL AS %s) AS %n" : ", CAST(NULL AS %s) AS %n",
                text, name);
        first = false;
    }
    return st == TARN_OK ? tarn__buf_str(sql, " WHERE false", err) : st;
}

static tarn_status rows_query(const tarn__json_rows *rows,
    const json_t *columns, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql, "SELECT * FROM read_json(", err);
    if (st == TARN_OK)
        st = tarn__sql_path(sql, rows->file.path, err);
    if (st == TARN_OK)
        st = tarn__sql_add(sql, err,
            ", format='newline_delimited', maximum_object_size=%d, "
            "hive_partitioning=false, compression='uncompressed'",
            (int64_t)(rows->longest > LEAST_BYTES ? rows->longest + 16
                                                  : LEAST_BYTES));
    if (st == TARN_OK)
        st = json_object_size(columns) > 0
            ? add_columns(columns, sql, err)
            : tarn__buf_str(sql,
                  ", sample_size=-1, maximum_depth=20, "
                  "map_inference_threshold=-1, field_appearance_threshold=0",
                  err);
    return st == TARN_OK ? tarn__buf_char(sql, ')', err) : st;
}

static tarn_status above_cursor(
    const tarn_driver_call *call, tarn_buf *sql, tarn_error *err)
{
    if (call == NULL || call->cursor_column == NULL || call->cursor == NULL)
        return TARN_OK;
    return tarn__sql_add(
        sql, err, " WHERE %n > %t", call->cursor_column, call->cursor);
}

tarn_status tarn__json_rows_table(tarn__json_rows *rows,
    tarn__exchange *exchange, const tarn_driver_call *call,
    const tarn_driver_result *result, const json_t *columns, int64_t *count,
    tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    *count = 0;
    tarn_status st = flush(rows, err);
    if (st == TARN_OK)
        st = rows->count == 0 ? empty_query(columns, &sql, err)
                              : rows_query(rows, columns, &sql, err);
    if (st == TARN_OK && rows->count > 0)
        st = above_cursor(call, &sql, err);
    if (st == TARN_OK)
        st = tarn__exchange_make(
            exchange, result, "main", sql.ptr, NULL, 0, count, err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__json_rows_finish(tarn__json_rows *rows,
    const tarn_driver_call *call, const tarn_driver_result *result,
    const json_t *columns, tarn_error *err)
{
    tarn__exchange *exchange;
    int64_t count;
    tarn_status st = tarn__exchange_open(call, &exchange, err);
    if (st == TARN_OK)
        st = tarn__json_rows_table(
            rows, exchange, call, result, columns, &count, err);
    if (st == TARN_OK && rows->count > 0)
        st = tarn__step_tell_cursor(call, exchange, false, result, err);
    if (st == TARN_OK) {
        tarn__call_metric(call, "rows_read", (double)rows->count);
        st = tarn__exchange_finish(exchange, err);
    }
    tarn__exchange_free(exchange);
    return st;
}

void tarn__json_rows_close(tarn__json_rows *rows)
{
    tarn__file_close(&rows->file);
    tarn_buf_reset(&rows->pending);
}

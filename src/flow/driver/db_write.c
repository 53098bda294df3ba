/* mysql.writer, postgres.writer, sqlite.writer.
 *
 * W1  All rows are there or none: one transaction, committed last.
 * W2  Readers of the table see the rows before a replace or those after it.
 * W3  A key that comes twice in an upsert has its last row's values. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/driver/db_types.h"
#include "flow/driver/postgres.h"
#include "flow/driver/query.h"
#include "flow/driver/step.h"
#include "flow/exchange.h"

#define MAX_PARAMETERS 65000
#define BATCH_BYTES ((size_t)4 << 20)

typedef enum write_mode { APPEND, REPLACE, UPSERT } write_mode;

typedef struct column {
    char *name;
    char *type;   /* DuckDB's spelling */
    char *quoted; /* as the engine quotes it */
    bool key;
    bool array; /* an array of PostgreSQL's */
} column;

typedef struct writing {
    tarn__driver_step step;
    tarn__db *db;
    tarn__exchange *exchange;
    write_mode mode;
    const char *table;  /* of the config */
    const char *schema; /* of the config, or NULL */
    tarn_buf target;    /* quoted */
    tarn_buf source;    /* the input, for FROM */
    tarn_buf list;      /* quoted columns with commas */
    tarn_buf keys;      /* quoted key columns with commas */
    column *columns;
    size_t count;
    size_t key_count;
    int64_t rows;
} writing;

/* --- what is to be written --- */

static tarn_status add_to_list(
    tarn_buf *list, const char *quoted, tarn_error *err)
{
    tarn_status st = list->len > 0 ? tarn__buf_str(list, ", ", err) : TARN_OK;
    return st == TARN_OK ? tarn__buf_str(list, quoted, err) : st;
}

static tarn_status take_columns(writing *w, tarn_error *err)
{
    tarn__duck *duck = tarn__exchange_duck(w->exchange);
    tarn__duck_result *result = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st =
        tarn__sql_add(&sql, err, "SELECT * FROM %s LIMIT 0", w->source.ptr);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &result, err);
    tarn_buf_reset(&sql);
    if (st != TARN_OK)
        return st;
    w->count = tarn__duck_columns(result);
    w->columns = tarn__calloc(w->count, sizeof(*w->columns));
    if (w->columns == NULL)
        st = tarn__no_memory(err);
    for (size_t i = 0; st == TARN_OK && i < w->count; i++) {
        column *c = &w->columns[i];
        tarn_buf quoted = TARN_BUF_INIT;
        c->name = tarn__strdup(tarn__duck_column_name(result, i));
        c->type = tarn__duck_column_sql_type(result, i);
        if (c->name == NULL || c->type == NULL)
            st = tarn__no_memory(err);
        if (st == TARN_OK)
            st = tarn__db_quote(w->db, &quoted, c->name, err);
        if (st == TARN_OK)
            st = add_to_list(&w->list, quoted.ptr, err);
        c->quoted = st == TARN_OK ? tarn__buf_take(&quoted) : NULL;
        c->array = st == TARN_OK && w->db->cls->dollar &&
            tarn__db_is_flat_list(c->type);
        tarn_buf_reset(&quoted);
        if (st == TARN_OK && c->quoted == NULL)
            st = tarn__no_memory(err);
    }
    tarn__duck_result_free(result);
    return st;
}

static tarn_status take_key(writing *w, const char *name, tarn_error *err)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->columns[i].name, name) == 0) {
            w->columns[i].key = true;
            w->key_count++;
            return add_to_list(&w->keys, w->columns[i].quoted, err);
        }
    return tarn__fail(err, TARN_BAD_INPUT,
        "config.primary_key: %s is no column of the input", name);
}

static tarn_status take_keys(writing *w, tarn_error *err)
{
    const json_t *key = json_object_get(w->step.config, "primary_key");
    tarn_status st = TARN_OK;
    if (json_is_string(key))
        return take_key(w, json_string_value(key), err);
    for (size_t i = 0; st == TARN_OK && i < json_array_size(key); i++) {
        const char *name = json_string_value(json_array_get(key, i));
        st = name == NULL ? tarn__fail(err, TARN_BAD_INPUT,
                                "config.primary_key[%zu]: no name", i)
                          : take_key(w, name, err);
    }
    if (st == TARN_OK && w->key_count == 0 && w->mode == UPSERT)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "config: an upsert needs a primary_key (name its columns)");
    return st;
}

static tarn_status take_config(writing *w, tarn_error *err)
{
    const json_t *config = w->step.config;
    const char *mode = tarn__config_text(config, "write_mode", "append");
    tarn_status st =
        tarn__config_need(w->step.call, config, "table", &w->table, err);
    w->schema = tarn__json_text(config, "schema");
    if (st == TARN_OK && strcmp(mode, "replace") == 0)
        w->mode = REPLACE;
    else if (st == TARN_OK && strcmp(mode, "upsert") == 0)
        w->mode = UPSERT;
    else if (st == TARN_OK && strcmp(mode, "append") != 0)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "config.write_mode: %s (append, replace or upsert)", mode);
    return st == TARN_OK
        ? tarn__db_quote_table(w->db, &w->target, w->schema, w->table, err)
        : st;
}

/* --- the table --- */

static tarn_status create_table(writing *w, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    if (!tarn__config_bool(w->step.config, "create_table", false))
        return TARN_OK;
    tarn_status st = tarn__sql_add(
        &sql, err, "CREATE TABLE IF NOT EXISTS %s (", w->target.ptr);
    for (size_t i = 0; st == TARN_OK && i < w->count; i++) {
        const column *c = &w->columns[i];
        st = tarn__sql_add(&sql, err, "%s%s ", i > 0 ? ", " : "", c->quoted);
        if (st == TARN_OK)
            st = tarn__db_type_of(w->db, c->type, c->key, &sql, err);
        if (st == TARN_OK && c->key)
            st = tarn__buf_str(&sql, " NOT NULL", err);
    }
    if (st == TARN_OK && w->key_count > 0)
        st = tarn__sql_add(&sql, err, ", PRIMARY KEY (%s)", w->keys.ptr);
    if (st == TARN_OK)
        st = tarn__buf_char(&sql, ')', err);
    if (st == TARN_OK)
        st = tarn__db_exec(w->db, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

/* The first cell of the first row, as text or "". */
static tarn_status ask(tarn__db *db, const char *sql, const tarn__cell *values,
    size_t count, char *out, size_t len, tarn_error *err)
{
    tarn__db_stream *stream;
    tarn__cell cells[4];
    out[0] = '\0';
    tarn_status st = tarn__db_query(db, sql, values, count, &stream, err);
    if (st != TARN_OK)
        return st;
    st = tarn__db_next(stream, cells, err);
    if (st == TARN_ROW) {
        st = TARN_OK;
        if (cells[0].type == TARN_INT64)
            (void)snprintf(out, len, "%lld", (long long)cells[0].i64);
        else if (cells[0].type != TARN_NULL)
            (void)snprintf(
                out, len, "%.*s", (int)cells[0].bytes.len, cells[0].bytes.ptr);
    }
    tarn__db_stream_free(stream);
    return st;
}

/* Schema and table as values; a NULL schema is the session's. */
static void target_values(
    const writing *w, tarn__cell out[2], char *schema, size_t schema_len)
{
    const char *dot = strchr(w->table, '.');
    const char *table = w->table;
    out[0] = (tarn__cell){.type = TARN_NULL};
    schema[0] = '\0';
    if (w->schema != NULL) {
        (void)snprintf(schema, schema_len, "%s", w->schema);
    } else if (dot != NULL) {
        (void)snprintf(
            schema, schema_len, "%.*s", (int)(dot - w->table), w->table);
        table = dot + 1;
    }
    if (schema[0] != '\0')
        out[0] = (tarn__cell){.type = TARN_TEXT, .bytes = tarn_str(schema)};
    out[1] = (tarn__cell){.type = TARN_TEXT, .bytes = tarn_str(table)};
}

/* A table that knows no transactions would be half replaced (W1, W2). */
static tarn_status check_mysql_engine(writing *w, tarn_error *err)
{
    char schema[256];
    char engine[64];
    tarn__cell values[2];
    target_values(w, values, schema, sizeof schema);
    tarn_status st = ask(w->db,
        "SELECT engine FROM information_schema.tables WHERE table_schema = "
        "COALESCE(?, DATABASE()) AND table_name = ?",
        values, 2, engine, sizeof engine, err);
    if (st != TARN_OK || strcmp(engine, "InnoDB") == 0 || engine[0] == '\0')
        return st;
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: table %s has the engine %s, which knows no transactions: rows "
        "could be half written (ALTER TABLE %s ENGINE=InnoDB)",
        w->db->where, w->table, engine, w->table);
}

/* Without a unique index an upsert would append. */
static tarn_status check_mysql_key(writing *w, tarn_error *err)
{
    char schema[256];
    char found[32];
    tarn_buf sql = TARN_BUF_INIT;
    tarn__cell *values = tarn__calloc(w->key_count + 2, sizeof(*values));
    size_t count = 2;
    if (values == NULL)
        return tarn__no_memory(err);
    target_values(w, values, schema, sizeof schema);
    tarn_status st = tarn__buf_printf(&sql, err,
        "SELECT index_name FROM information_schema.statistics WHERE "
        "table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND "
        "non_unique = 0 GROUP BY index_name HAVING COUNT(*) = %zu AND "
        "SUM(column_name IN (",
        w->key_count);
    for (size_t i = 0; st == TARN_OK && i < w->count; i++) {
        if (!w->columns[i].key)
            continue;
        st = tarn__buf_str(&sql, count > 2 ? ", ?" : "?", err);
        values[count++] = (tarn__cell){
            .type = TARN_TEXT, .bytes = tarn_str(w->columns[i].name)};
    }
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, ")) = %zu", w->key_count);
    if (st == TARN_OK)
        st = ask(w->db, sql.ptr, values, count, found, sizeof found, err);
    tarn_buf_reset(&sql);
    tarn__free(values);
    if (st == TARN_OK && found[0] == '\0')
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: table %s has no unique index on exactly the primary_key (add "
            "one, or mend primary_key)",
            w->db->where, w->table);
    return st;
}

/* A list goes into an array as one, into all else as JSON. */
static tarn_status find_arrays(writing *w, tarn_error *err)
{
    char schema[256];
    char kind[64];
    tarn__cell values[3];
    tarn_status st = TARN_OK;
    target_values(w, values, schema, sizeof schema);
    for (size_t i = 0; st == TARN_OK && i < w->count; i++) {
        if (!w->columns[i].array)
            continue;
        values[2] = (tarn__cell){
            .type = TARN_TEXT, .bytes = tarn_str(w->columns[i].name)};
        st = ask(w->db,
            "SELECT data_type::text FROM information_schema.columns WHERE "
            "table_schema = COALESCE($1, current_schema()) AND table_name = "
            "$2 AND column_name = $3",
            values, 3, kind, sizeof kind, err);
        w->columns[i].array = strcmp(kind, "ARRAY") == 0;
    }
    return st;
}

static tarn_status check_target(writing *w, tarn_error *err)
{
    if (w->db->cls->dollar)
        return find_arrays(w, err);
    if (!w->db->cls->backslash)
        return TARN_OK;
    tarn_status st = check_mysql_engine(w, err);
    return st == TARN_OK && w->mode == UPSERT ? check_mysql_key(w, err) : st;
}

/* --- rows --- */

static tarn_status open_rows(
    writing *w, tarn__duck_result **out, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_buf name = TARN_BUF_INIT;
    *out = NULL;
    tarn_status st = tarn__buf_str(&sql, "SELECT ", err);
    for (size_t i = 0; st == TARN_OK && i < w->count; i++) {
        const column *c = &w->columns[i];
        tarn__buf_clear(&name);
        st = tarn__sql_add(&name, err, "%n", c->name);
        if (st == TARN_OK && i > 0)
            st = tarn__buf_str(&sql, ", ", err);
        if (st == TARN_OK)
            st = tarn__db_value_of(
                w->db, c->type, c->array, name.ptr, &sql, err);
    }
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err, " FROM %s", w->source.ptr);
    if (st == TARN_OK)
        st = tarn__duck_query(
            tarn__exchange_duck(w->exchange), sql.ptr, NULL, 0, out, err);
    tarn_buf_reset(&sql);
    tarn_buf_reset(&name);
    return st;
}

static tarn_status one_more(writing *w, tarn_error *err)
{
    const tarn_driver_call *call = w->step.call;
    if (++w->rows % 10000 != 0)
        return TARN_OK;
    if (call->progress != NULL)
        call->progress(call->ctx, w->rows);
    return tarn__step_alive(call, err);
}

/* --- by INSERT --- */

static tarn_status add_update(
    const writing *w, const char *form, tarn_buf *sql, tarn_error *err)
{
    bool first = true;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < w->count; i++) {
        const column *c = &w->columns[i];
        if (c->key && w->key_count < w->count)
            continue;
        st = tarn__sql_add(sql, err, first ? "%s = " : ", %s = ", c->quoted);
        if (st == TARN_OK)
            st = tarn__sql_add(sql, err, form, c->quoted);
        first = false;
    }
    return st;
}

static tarn_status insert_sql(
    const writing *w, size_t rows, tarn_buf *sql, tarn_error *err)
{
    tarn__buf_clear(sql);
    tarn_status st = tarn__sql_add(
        sql, err, "INSERT INTO %s (%s) VALUES ", w->target.ptr, w->list.ptr);
    for (size_t r = 0; st == TARN_OK && r < rows; r++) {
        st = tarn__buf_str(sql, r > 0 ? ", (" : "(", err);
        for (size_t i = 0; st == TARN_OK && i < w->count; i++)
            st = tarn__buf_str(sql, i > 0 ? ",?" : "?", err);
        if (st == TARN_OK)
            st = tarn__buf_char(sql, ')', err);
    }
    if (st != TARN_OK || w->mode != UPSERT)
        return st;
    if (w->db->cls->backslash) {
        st = tarn__buf_str(sql, " ON DUPLICATE KEY UPDATE ", err);
        return st == TARN_OK ? add_update(w, "VALUES(%s)", sql, err) : st;
    }
    st = tarn__sql_add(
        sql, err, " ON CONFLICT (%s) DO UPDATE SET ", w->keys.ptr);
    return st == TARN_OK ? add_update(w, "excluded.%s", sql, err) : st;
}

typedef struct batch {
    tarn__arena arena;
    tarn__cell *cells;
    size_t rows;
    size_t max;
    tarn_buf sql;
    size_t sql_rows; /* that sql is for */
} batch;

static tarn_status send(writing *w, batch *b, tarn_error *err)
{
    int64_t changed;
    tarn_status st = TARN_OK;
    if (b->rows == 0)
        return TARN_OK;
    if (b->sql_rows != b->rows)
        st = insert_sql(w, b->rows, &b->sql, err);
    b->sql_rows = b->rows;
    if (st == TARN_OK)
        st = w->db->cls->exec(
            w->db, b->sql.ptr, b->cells, b->rows * w->count, &changed, err);
    b->rows = 0;
    tarn__arena_reset(&b->arena);
    return st;
}

static tarn_status keep_row(
    writing *w, batch *b, const tarn__cell *row, tarn_error *err)
{
    tarn__cell *to = b->cells + b->rows * w->count;
    for (size_t i = 0; i < w->count; i++) {
        to[i] = row[i];
        if (row[i].type != TARN_TEXT && row[i].type != TARN_BLOB &&
            row[i].type != TARN_JSON)
            continue;
        to[i].bytes = tarn__arena_copy(&b->arena, row[i].bytes);
        if (to[i].bytes.ptr == NULL)
            return tarn__no_memory(err);
    }
    b->rows++;
    return TARN_OK;
}

static tarn_status insert_rows(
    writing *w, tarn__duck_result *rows, tarn_error *err)
{
    int64_t size = 1000;
    batch b = {.arena = TARN__ARENA_INIT, .sql = TARN_BUF_INIT};
    (void)tarn__json_i64(w->step.config, "batch_size", &size);
    /* A statement that is prepared once serves SQLite best. */
    b.max = !w->db->cls->backslash || size < 1 ? 1 : (size_t)size;
    if (b.max > MAX_PARAMETERS / w->count)
        b.max = w->count < MAX_PARAMETERS ? MAX_PARAMETERS / w->count : 1;
    b.cells = tarn__calloc(b.max * w->count, sizeof(*b.cells));
    tarn__cell *row = tarn__calloc(w->count, sizeof(*row));
    tarn_status st =
        b.cells == NULL || row == NULL ? tarn__no_memory(err) : TARN_OK;
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, row, err)) == TARN_ROW) {
        st = keep_row(w, &b, row, err);
        if (st == TARN_OK &&
            (b.rows == b.max || b.arena.used_bytes > BATCH_BYTES))
            st = send(w, &b, err);
        if (st == TARN_OK)
            st = one_more(w, err);
    }
    if (st == TARN_OK)
        st = send(w, &b, err);
    tarn__arena_reset(&b.arena);
    tarn_buf_reset(&b.sql);
    tarn__free(b.cells);
    tarn__free(row);
    return st;
}

/* --- by COPY --- */

static tarn_status add_escaped(tarn_buf *out, tarn_slice text, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t from = 0;
    for (size_t i = 0; st == TARN_OK && i < text.len; i++) {
        char c = text.ptr[i];
        if (c != '\\' && c != '\t' && c != '\n' && c != '\r')
            continue;
        const char *form = c == '\\' ? "\\\\"
            : c == '\t'              ? "\\t"
            : c == '\n'              ? "\\n"
                                     : "\\r";
        st = tarn__buf_append(out, text.ptr + from, i - from, err);
        if (st == TARN_OK)
            st = tarn__buf_str(out, form, err);
        from = i + 1;
    }
    return st == TARN_OK
        ? tarn__buf_append(out, text.ptr + from, text.len - from, err)
        : st;
}

static tarn_status add_line(
    const writing *w, const tarn__cell *row, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < w->count; i++) {
        if (i > 0)
            st = tarn__buf_char(out, '\t', err);
        if (st != TARN_OK)
            return st;
        if (row[i].type == TARN_NULL)
            st = tarn__buf_str(out, "\\N", err);
        else if (row[i].type == TARN_INT64)
            st = tarn__buf_printf(out, err, "%lld", (long long)row[i].i64);
        else
            st = add_escaped(out, row[i].bytes, err);
    }
    return st == TARN_OK ? tarn__buf_char(out, '\n', err) : st;
}

static tarn_status copy_rows(
    writing *w, const char *into, tarn__duck_result *rows, tarn_error *err)
{
    tarn_buf out = TARN_BUF_INIT;
    int64_t copied;
    tarn__cell *row = tarn__calloc(w->count, sizeof(*row));
    tarn_status st = row == NULL
        ? tarn__no_memory(err)
        : tarn__sql_add(
              &out, err, "COPY %s (%s) FROM STDIN", into, w->list.ptr);
    if (st == TARN_OK)
        st = tarn__postgres_copy_begin(w->db, out.ptr, err);
    tarn__buf_clear(&out);
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, row, err)) == TARN_ROW) {
        st = add_line(w, row, &out, err);
        if (st == TARN_OK && out.len > BATCH_BYTES / 4) {
            st = tarn__postgres_copy_put(w->db, tarn__buf_slice(&out), err);
            tarn__buf_clear(&out);
        }
        if (st == TARN_OK)
            st = one_more(w, err);
    }
    if (st == TARN_OK && out.len > 0)
        st = tarn__postgres_copy_put(w->db, tarn__buf_slice(&out), err);
    if (st == TARN_OK)
        st = tarn__postgres_copy_end(w->db, &copied, err);
    tarn_buf_reset(&out);
    tarn__free(row);
    return st;
}

/* Rows first go to a table of this session, then over. */
static tarn_status merge_rows(
    writing *w, tarn__duck_result *rows, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__sql_add(&sql, err,
        "CREATE TEMP TABLE tarn_stage ON COMMIT DROP AS SELECT %s FROM %s WITH "
        "NO DATA",
        w->list.ptr, w->target.ptr);
    if (st == TARN_OK)
        st = tarn__db_exec(w->db, sql.ptr, err);
    if (st == TARN_OK)
        st = tarn__db_exec(
            w->db, "ALTER TABLE tarn_stage ADD tarn_n bigserial", err);
    if (st == TARN_OK)
        st = copy_rows(w, "tarn_stage", rows, err);
    tarn__buf_clear(&sql);
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err,
            "INSERT INTO %s (%s) SELECT DISTINCT ON (%s) %s FROM tarn_stage "
            "ORDER BY %s, tarn_n DESC ON CONFLICT (%s) DO UPDATE SET ",
            w->target.ptr, w->list.ptr, w->keys.ptr, w->list.ptr, w->keys.ptr,
            w->keys.ptr);
    if (st == TARN_OK)
        st = add_update(w, "excluded.%s", &sql, err);
    if (st == TARN_OK)
        st = tarn__db_exec(w->db, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

/* --- all of it --- */

static tarn_status empty_target(writing *w, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    /* Readers go on reading; two that replace come one after the other. */
    if (w->db->cls->dollar)
        st = tarn__sql_add(&sql, err,
            "LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE", w->target.ptr);
    if (st == TARN_OK && w->db->cls->dollar)
        st = tarn__db_exec(w->db, sql.ptr, err);
    tarn__buf_clear(&sql);
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err, "DELETE FROM %s", w->target.ptr);
    if (st == TARN_OK)
        st = tarn__db_exec(w->db, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status write_rows(writing *w, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    bool postgres = w->db->cls->dollar;
    tarn_status st = tarn__db_exec(w->db,
        postgres || w->db->cls->backslash ? "START TRANSACTION"
                                          : "BEGIN IMMEDIATE",
        err);
    if (st == TARN_OK && w->mode == REPLACE)
        st = empty_target(w, err);
    if (st == TARN_OK)
        st = open_rows(w, &rows, err);
    if (st == TARN_OK)
        st = !postgres          ? insert_rows(w, rows, err)
            : w->mode == UPSERT ? merge_rows(w, rows, err)
                                : copy_rows(w, w->target.ptr, rows, err);
    tarn__duck_result_free(rows);
    if (st == TARN_OK)
        st = tarn__step_alive(w->step.call, err);
    /* Closing the connection takes all of it back. */
    if (st != TARN_OK)
        return st;
    st = tarn__db_exec(w->db, "COMMIT", err);
    if (st == TARN_IO)
        st = tarn__fail(err, TARN_UNKNOWN,
            "%s: the connection went while %s was committed: the rows may be "
            "there or not (look before running it again)",
            w->db->where, w->table);
    return st;
}

static tarn_status prepare(writing *w, const char *engine, tarn_error *err)
{
    const tarn_driver_call *call = w->step.call;
    bool own = strcmp(engine, "sqlite") == 0 &&
        json_object_get(w->step.config, "path") != NULL;
    tarn_status st = tarn__db_connect(engine,
        own ? w->step.config : w->step.connection, call->base_dir,
        tarn__config_bool(w->step.config, "create_table", false), &w->db, err);
    if (st == TARN_OK)
        st = take_config(w, err);
    if (st == TARN_OK)
        st = tarn__exchange_single(call, &w->source, err);
    if (st == TARN_OK)
        st = tarn__exchange_open(call, &w->exchange, err);
    if (st == TARN_OK)
        st = take_columns(w, err);
    return st == TARN_OK ? take_keys(w, err) : st;
}

static void clean_up(writing *w)
{
    for (size_t i = 0; w->columns != NULL && i < w->count; i++) {
        tarn__free(w->columns[i].name);
        tarn__free(w->columns[i].type);
        tarn__free(w->columns[i].quoted);
    }
    tarn__free(w->columns);
    tarn__exchange_free(w->exchange);
    tarn__db_close(w->db);
    tarn_buf_reset(&w->target);
    tarn_buf_reset(&w->source);
    tarn_buf_reset(&w->list);
    tarn_buf_reset(&w->keys);
    tarn__step_close(&w->step);
}

static tarn_status write_step(
    const char *engine, const tarn_driver_call *call, tarn_error *err)
{
    writing w = {.target = TARN_BUF_INIT,
        .source = TARN_BUF_INIT,
        .list = TARN_BUF_INIT,
        .keys = TARN_BUF_INIT};
    tarn__step_watch *watch = NULL;
    tarn_status st = tarn__step_open(&w.step, call, err);
    if (st == TARN_OK)
        st = prepare(&w, engine, err);
    if (st == TARN_OK)
        st = tarn__step_watch_start(
            call, tarn__step_cancel_db, w.db, &watch, err);
    if (st == TARN_OK)
        st = create_table(&w, err);
    if (st == TARN_OK)
        st = check_target(&w, err);
    if (st == TARN_OK)
        st = write_rows(&w, err);
    tarn__step_watch_stop(watch);
    if (st != TARN_OK && st != TARN_INTERRUPTED && st != TARN_UNKNOWN &&
        tarn__step_alive(call, NULL) != TARN_OK)
        st = tarn__step_alive(call, err);
    if (st == TARN_OK)
        tarn__call_metric(call, "rows_written", (double)w.rows);
    clean_up(&w);
    return st;
}

static tarn_status test_target(const char *engine, const char *connection,
    const char *base_dir, tarn_error *err)
{
    tarn__db *db;
    tarn_status st =
        tarn__query_connect(engine, connection, base_dir, &db, err);
    tarn__db_close(db);
    return st;
}

#define SCHEMA(family, required, more)                                       \
    "{\"type\":\"object\",\"x-connection\":\"" family                        \
    "\",\"x-connection-required\":" required                                 \
    ",\"required\":[\"table\"],\"properties\":{" more                        \
    "\"table\":{\"type\":\"string\"},\"schema\":{\"type\":\"string\"},"      \
    "\"write_mode\":{\"enum\":[\"append\",\"replace\",\"upsert\"],"          \
    "\"default\":\"append\"},"                                               \
    "\"primary_key\":{\"x-secret\":false,\"x-needs-with\":{\"write_mode\":[" \
    "\"upsert\"]}},"                                                         \
    "\"create_table\":{\"type\":\"boolean\",\"default\":false},"             \
    "\"batch_size\":{\"type\":\"integer\",\"minimum\":1,"                    \
    "\"maximum\":1000000,\"default\":1000}}}"

#define WRITER(engine, required, more)                                   \
    static tarn_status write_##engine(const tarn_driver_call *call,      \
        const tarn_driver_result *result, tarn_error *err)               \
    {                                                                    \
        (void)result;                                                    \
        return write_step(#engine, call, err);                           \
    }                                                                    \
    static tarn_status test_##engine(                                    \
        const char *connection, const char *base_dir, tarn_error *err)   \
    {                                                                    \
        return test_target(#engine, connection, base_dir, err);          \
    }                                                                    \
    const tarn_driver tarn__driver_##engine##_writer = {TARN_DRIVER_ABI, \
        #engine ".writer", "1", TARN_STEP_WRITE,                         \
        SCHEMA(#engine, required, more), write_##engine, test_##engine}

WRITER(mysql, "true", "");
WRITER(postgres, "true", "");
WRITER(sqlite, "false", "\"path\":{\"type\":\"string\"},");

/* The public functions. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/rows.h"
#include "base/str.h"
#include "duck/arrow.h"
#include "duck/select_as.h"
#include "os/file.h"
#include "query/query_internal.h"
#include "tree/path.h"

static const tarn_query_options default_options = TARN_QUERY_OPTIONS_INIT;

/* --- rows --- */

typedef struct query_rows {
    tarn__statement statement;
    tarn__duck_result *result;
    tarn_query_options options; /* only `error` is used */
    char *sql;
    bool whole; /* all of its objects is read: hashes are verified at the end */
} query_rows;

static tarn_status next_row(void *self, tarn__cell *cells, tarn_error *err)
{
    query_rows *rows = self;
    tarn_error own = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &own : err;
    tarn_status st = tarn__duck_next(rows->result, cells, e);
    if (st == TARN_OK && rows->whole)
        return tarn__statement_verify(&rows->statement, e);
    if (st == TARN_ROW || st == TARN_OK)
        return st;
    return tarn__statement_failed(
        &rows->statement, &rows->options, rows->sql, st, e);
}

static void free_rows(void *self)
{
    query_rows *rows = self;
    tarn__duck_result_free(rows->result);
    tarn__statement_reset(&rows->statement);
    tarn__free(rows->sql);
    tarn__free(rows);
}

static const tarn__rows_class query_class = {next_row, free_rows};

static tarn_status make_rows(query_rows *self, tarn_rows **out, tarn_error *err)
{
    size_t count = tarn__duck_columns(self->result);
    tarn__column *columns = tarn__calloc(count + 1, sizeof(*columns));
    if (columns == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++)
        columns[i] = (tarn__column){tarn__duck_column_name(self->result, i),
            tarn__duck_column_type(self->result, i)};
    tarn_status st =
        tarn__rows_create(&query_class, self, columns, count, out, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        if (tarn__duck_column_is_number(self->result, i))
            tarn__rows_set_number(*out, i);
    tarn__free(columns);
    return st;
}

/* Takes over the statement in every case. */
static tarn_status run(tarn__statement *statement, const char *sql,
    const tarn_query_options *options, bool whole, tarn_rows **out,
    tarn_error *err)
{
    query_rows *self = tarn__calloc(1, sizeof(*self));
    if (self == NULL) {
        tarn__statement_reset(statement);
        return tarn__no_memory(err);
    }
    self->statement = *statement;
    self->options.error = options->error;
    self->whole = whole;
    self->sql = tarn__strdup(sql);
    tarn_status st = self->sql == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK)
        st = tarn__duck_query(self->statement.session->duck,
            self->statement.sql, NULL, 0, &self->result, err);
    if (st != TARN_OK)
        st = tarn__statement_failed(&self->statement, options, sql, st, err);
    if (st == TARN_OK)
        st = make_rows(self, out, err);
    if (st != TARN_OK)
        free_rows(self);
    return st;
}

static tarn_status add_route(
    tarn__table *table, const tarn__ref *ref, tarn_error *err)
{
    tarn_status st = tarn__table_text(table, ref->shown, err);
    if (st == TARN_OK)
        st = tarn__table_text(table, ref->route, err);
    if (st == TARN_OK)
        st = tarn__table_text(table, ref->pushed, err);
    if (st == TARN_OK)
        st = ref->version < 0 ? tarn__table_null(table, err)
                              : tarn__table_i64(table, ref->version, err);
    return st;
}

static tarn_status routes(
    const tarn__guard *guard, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{"table", TARN_TEXT},
        {"route", TARN_TEXT}, {"pushed", TARN_TEXT}, {"version", TARN_INT64}};
    tarn__table *table;
    tarn_status st = tarn__table_create(columns, 4, &table, err);
    for (size_t i = 0; st == TARN_OK && i < guard->ref_count; i++)
        st = add_route(table, &guard->refs[i], err);
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    return st;
}

static bool damaged(tarn_status st)
{
    return st == TARN_CORRUPT || st == TARN_IO || st == TARN_FAILED;
}

/* A column view whose blocks do not read is gone round. */
static tarn_status run_round(tarn_snapshot *snap, const char *sql,
    const tarn_query_options *options, tarn_rows **out, tarn_error *err)
{
    tarn_query_options scan = *options;
    tarn__statement statement;
    scan.route = "scan";
    tarn_status st =
        tarn__statement_open(snap, sql, &scan, NULL, &statement, err);
    return st == TARN_OK ? run(&statement, sql, &scan, false, out, err) : st;
}

tarn_status tarn_query(tarn_snapshot *snap, const char *sql,
    const tarn_query_options *options, tarn_rows **out, tarn_error *err)
{
    const tarn_query_options *o = options == NULL ? &default_options : options;
    tarn__statement statement;
    tarn_error own = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &own : err;
    *out = NULL;
    tarn_status st = tarn__statement_open(snap, sql, o, NULL, &statement, e);
    if (st != TARN_OK)
        return st;
    if (!o->explain) {
        bool viewed = statement.session->colview != NULL;
        st = run(&statement, sql, o, false, out, e);
        return viewed && damaged(st) ? run_round(snap, sql, o, out, e) : st;
    }
    st = routes(&statement.guard, out, e);
    tarn__statement_reset(&statement);
    return st;
}

tarn_status tarn_query_table(
    tarn_snapshot *snap, const char *path, tarn_rows **out, tarn_error *err)
{
    tarn__node node;
    tarn_buf buf = TARN_BUF_INIT;
    *out = NULL;
    tarn_status st = tarn__tree_resolve(snap, path, true, &node, &buf, err);
    if (st == TARN_OK && node.kind != TARN__KIND_TABLE &&
        node.kind != TARN__KIND_SERIES)
        st = tarn__fail(err, TARN_INVALID, "%s: a %s, which has no rows", path,
            tarn__kind_name(node.kind));
    tarn_buf clean = TARN_BUF_INIT;
    tarn__buf_clear(&buf);
    if (st == TARN_OK)
        st = tarn__path_clean(tarn_str(path), &clean, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&buf, "FROM ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_name(&buf, tarn__buf_slice(&clean), err);
    tarn_buf_reset(&clean);
    tarn__statement statement;
    tarn_error own = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &own : err;
    if (st == TARN_OK)
        st = tarn__statement_open(
            snap, buf.ptr, &default_options, NULL, &statement, e);
    if (st == TARN_OK)
        st = run(&statement, buf.ptr, &default_options, true, out, e);
    tarn_buf_reset(&buf);
    return st;
}

/* --- Arrow --- */

/* A stream around DuckDB's, which keeps what that one needs. */
typedef struct query_stream {
    struct ArrowArrayStream inner;
    tarn__statement statement;
} query_stream;

static int stream_schema(
    struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    query_stream *self = stream->private_data;
    return self->inner.get_schema(&self->inner, out);
}

static int stream_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    query_stream *self = stream->private_data;
    return self->inner.get_next(&self->inner, out);
}

static const char *stream_error(struct ArrowArrayStream *stream)
{
    query_stream *self = stream->private_data;
    return self->inner.get_last_error(&self->inner);
}

static void stream_release(struct ArrowArrayStream *stream)
{
    query_stream *self = stream->private_data;
    if (self->inner.release != NULL)
        self->inner.release(&self->inner);
    tarn__statement_reset(&self->statement);
    tarn__free(self);
    stream->release = NULL;
}

static tarn_status start_stream(query_stream *self, tarn_error *err)
{
    tarn__duck_result *result = NULL;
    tarn_status st = tarn__duck_query(self->statement.session->duck,
        self->statement.sql, NULL, 0, &result, err);
    if (st == TARN_OK)
        st = tarn__duck_arrow(result, &self->inner, err);
    if (st != TARN_OK)
        tarn__duck_result_free(result);
    return st;
}

tarn_status tarn_query_arrow(tarn_snapshot *snap, const char *sql,
    const tarn_query_options *options, struct ArrowArrayStream *stream,
    tarn_error *err)
{
    const tarn_query_options *o = options == NULL ? &default_options : options;
    tarn_error own = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &own : err;
    memset(stream, 0, sizeof(*stream));
    query_stream *self = tarn__calloc(1, sizeof(*self));
    if (self == NULL)
        return tarn__no_memory(e);
    tarn_status st =
        tarn__statement_open(snap, sql, o, NULL, &self->statement, e);
    if (st == TARN_OK) {
        st = start_stream(self, e);
        if (st != TARN_OK) {
            st = tarn__statement_failed(&self->statement, o, sql, st, e);
            tarn__statement_reset(&self->statement);
        }
    }
    if (st != TARN_OK) {
        tarn__free(self);
        return st;
    }
    *stream = (struct ArrowArrayStream){.get_schema = stream_schema,
        .get_next = stream_next,
        .get_last_error = stream_error,
        .release = stream_release,
        .private_data = self};
    return TARN_OK;
}

/* --- a Parquet file --- */

/* The absolute form of a host path that need not exist; tarn__free() it. */
static tarn_status absolute(const char *path, char **out, tarn_error *err)
{
    char *cwd = NULL;
    *out = NULL;
    if (*path == '/') {
        *out = tarn__strdup(path);
        return *out == NULL ? tarn__no_memory(err) : TARN_OK;
    }
    tarn_status st = tarn__cwd(&cwd, err);
    if (st != TARN_OK)
        return st;
    *out = tarn__path_join(cwd, path);
    tarn__free(cwd);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status copy_to(
    const tarn__statement *statement, const char *path, tarn_error *err)
{
    tarn__duck *duck = statement->session->duck;
    tarn_buf from = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_printf(&from, err, "(%s)", statement->sql);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "COPY (", err);
    if (st == TARN_OK)
        st = tarn__duck_select_as(
            duck, from.ptr, tarn__duck_parquet_as, &sql, err);
    tarn_buf_reset(&from);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, ") TO ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(&sql, tarn_str(path), err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, " (FORMAT parquet, USE_TMP_FILE false)", err);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

/* The file is ours from here on: nobody else's is written over, or removed. */
static tarn_status claim(const char *path, tarn_error *err)
{
    tarn__file file;
    tarn_status st = tarn__file_open(&file, path, TARN__OPEN_CREATE, err);
    if (st == TARN_OK)
        tarn__file_close(&file);
    return st != TARN_EXISTS
        ? st
        : tarn__fail(err, TARN_EXISTS,
              "%s: there is one already (remove it, or take another name)",
              path);
}

tarn_status tarn_query_parquet(tarn_snapshot *snap, const char *sql,
    const tarn_query_options *options, const char *host_path, tarn_error *err)
{
    const tarn_query_options *o = options == NULL ? &default_options : options;
    tarn__statement statement;
    tarn_error own = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &own : err;
    char *path = NULL;
    tarn_status st = absolute(host_path, &path, e);
    if (st == TARN_OK)
        st = claim(path, e);
    bool claimed = st == TARN_OK;
    if (st == TARN_OK)
        st = tarn__statement_open(snap, sql, o, path, &statement, e);
    if (st == TARN_OK) {
        st = copy_to(&statement, path, e);
        if (st != TARN_OK)
            st = tarn__statement_failed(&statement, o, sql, st, e);
        tarn__statement_reset(&statement);
    }
    if (st != TARN_OK && claimed)
        (void)!tarn__unlink(path, NULL);
    tarn__free(path);
    return st;
}

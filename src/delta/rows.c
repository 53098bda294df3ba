/* SQL over the rows of data files. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"
#include "os/file.h"

tarn_status tarn__quote_file(tarn_buf *sql, const char *path, tarn_error *err)
{
    tarn_buf plain = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    for (; st == TARN_OK && *path != '\0'; path++)
        st = strchr("*?[", *path) != NULL
            ? tarn__buf_printf(&plain, err, "[%c]", *path)
            : tarn__buf_char(&plain, *path, err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(sql, tarn__buf_slice(&plain), err);
    tarn_buf_reset(&plain);
    return st;
}

static tarn_status put_file(const tarn__delta *delta,
    const tarn__delta_file *file, tarn_buf *sql, tarn_error *err)
{
    char *path = tarn__path_join(delta->dir, file->path);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__quote_file(sql, path, err);
    tarn__free(path);
    return st;
}

tarn_status tarn__files_list(const tarn__delta *delta,
    const tarn__delta_file *files, size_t file_count, tarn__file_fn wanted,
    const void *arg, tarn_buf *sql, size_t *count, tarn_error *err)
{
    *count = 0;
    tarn_status st = tarn__buf_char(sql, '[', err);
    for (size_t i = 0; st == TARN_OK && i < file_count; i++) {
        if (wanted != NULL && !wanted(arg, &files[i]))
            continue;
        if ((*count)++ > 0)
            st = tarn__buf_char(sql, ',', err);
        if (st == TARN_OK)
            st = put_file(delta, &files[i], sql, err);
    }
    return st == TARN_OK ? tarn__buf_char(sql, ']', err) : st;
}

static const char *sql_type(tarn__pq_type type)
{
    switch (type) {
    case TARN__PQ_INT64:
        return "BIGINT";
    case TARN__PQ_INT32:
        return "INTEGER";
    case TARN__PQ_BINARY:
        return "BLOB";
    case TARN__PQ_TIMESTAMP:
        return "TIMESTAMPTZ";
    case TARN__PQ_STRING:
        break;
    }
    return "VARCHAR";
}

/* (SELECT NULL::BIGINT AS version, … WHERE false) */
static tarn_status put_empty(
    const tarn__delta *delta, tarn_buf *sql, tarn_error *err)
{
    const tarn__delta_options *options = &delta->options;
    tarn_status st = tarn__buf_str(sql, "(SELECT", err);
    for (size_t i = 0; st == TARN_OK && i < options->column_count; i++) {
        st = tarn__buf_printf(sql, err, "%s NULL::%s AS ", i == 0 ? "" : ",",
            sql_type(options->columns[i].type));
        if (st == TARN_OK)
            st = tarn__duck_quote_name(
                sql, tarn_str(options->columns[i].name), err);
    }
    return st == TARN_OK ? tarn__buf_str(sql, " WHERE false)", err) : st;
}

/* A folder called a=b above the table must not become a column. */
tarn_status tarn__files_relation(const tarn__delta *delta, tarn_slice list,
    size_t count, tarn_buf *sql, tarn_error *err)
{
    if (count == 0)
        return put_empty(delta, sql, err);
    tarn_status st = tarn__buf_str(sql, "read_parquet(", err);
    if (st == TARN_OK)
        st = tarn__buf_append(sql, list.ptr, list.len, err);
    return st == TARN_OK ? tarn__buf_str(sql, ", hive_partitioning=false)", err)
                         : st;
}

bool tarn__file_meets(const tarn__delta_file *file, int64_t from, int64_t to)
{
    return file->max_version >= from && file->min_version <= to;
}

struct span {
    int64_t from, to;
};

static bool meets(const void *arg, const tarn__delta_file *file)
{
    const struct span *span = arg;
    return tarn__file_meets(file, span->from, span->to);
}

static tarn_status relation(tarn__delta *delta, int64_t version,
    const struct span *span, tarn_buf *sql, tarn_error *err)
{
    const tarn__delta_file *files;
    size_t file_count;
    size_t count = 0;
    tarn_buf list = TARN_BUF_INIT;
    tarn_status st =
        tarn__delta_files(delta, version, &files, &file_count, err);
    if (st == TARN_OK)
        st = tarn__files_list(delta, files, file_count,
            span == NULL ? NULL : meets, span, &list, &count, err);
    if (st == TARN_OK)
        st = tarn__files_relation(
            delta, tarn__buf_slice(&list), count, sql, err);
    tarn_buf_reset(&list);
    return st;
}

tarn_status tarn__delta_relation(
    tarn__delta *delta, int64_t version, tarn_buf *sql, tarn_error *err)
{
    return relation(delta, version, NULL, sql, err);
}

/* Why a live file does not read, as far as its size tells. */
static tarn_status blame_file(
    const tarn__delta *delta, const tarn__delta_file *file, tarn_error *err)
{
    char *path = tarn__path_join(delta->dir, file->path);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn__stat stat = {.size_bytes = 0};
    tarn_status st = tarn__stat_path(path, true, &stat, NULL);
    if (st == TARN_NOT_FOUND)
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: the file is gone (gc may have removed it just now: try "
            "again; else restore it)",
            path);
    else if (st == TARN_OK && stat.size_bytes != (uint64_t)file->size_bytes)
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: the file has %" PRIu64 " bytes, the log says %" PRId64
            " (restore it)",
            path, stat.size_bytes, file->size_bytes);
    else
        st = TARN_OK;
    tarn__free(path);
    return st;
}

tarn_status tarn__delta_blame(
    const tarn__delta *delta, tarn_status st, tarn_error *err)
{
    if (st != TARN_IO && st != TARN_BAD_INPUT && st != TARN_NOT_FOUND)
        return st;
    for (size_t i = 0; i < delta->state.file_count; i++) {
        tarn_status found = blame_file(delta, &delta->state.files[i], err);
        if (found != TARN_OK)
            return found;
    }
    if (st == TARN_BAD_INPUT)
        tarn__error_prefix(err, "%s", delta->data_dir);
    return tarn__as_corrupt(st, err);
}

tarn_status tarn__delta_rows(tarn__delta *delta, int64_t head, int64_t from,
    int64_t to, const char *select, const char *where, bool order,
    tarn__duck_result **out, tarn_error *err)
{
    *out = NULL;
    tarn__duck *duck = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st =
        tarn__delta_rows_sql(delta, head, from, to, select, where, &sql, err);
    if (st == TARN_OK && order)
        st = tarn__buf_str(&sql, " ORDER BY version, seq", err);
    if (st == TARN_OK)
        st = tarn__delta_session(delta, &duck, err);
    if (st == TARN_OK)
        st = tarn__delta_blame(
            delta, tarn__duck_query(duck, sql.ptr, NULL, 0, out, err), err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__delta_rows_sql(tarn__delta *delta, int64_t head, int64_t from,
    int64_t to, const char *select, const char *where, tarn_buf *sql,
    tarn_error *err)
{
    const struct span span = {from, to};
    tarn_status st =
        tarn__buf_str(sql, "WITH rows AS NOT MATERIALIZED (FROM ", err);
    if (st == TARN_OK)
        st = relation(delta, head, &span, sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            ") SELECT %s FROM rows WHERE version BETWEEN %" PRId64
            " AND %" PRId64,
            select, from, to);
    if (st == TARN_OK && where != NULL)
        st = tarn__buf_printf(sql, err, " AND (%s)", where);
    return st;
}

/* What a Parquet file says of itself, and tables of DuckDB files. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "duck/attach.h"
#include "duck/select_as.h"
#include "tree/parquet.h"

static bool is_time_type(const char *type)
{
    return strcmp(type, "DATE") == 0 || tarn__starts_with(type, "TIMESTAMP");
}

static tarn_status query_file(tarn__duck *duck, const char *before,
    const char *path, const char *behind, tarn__duck_result **out,
    tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st =
        tarn__buf_printf(&sql, err, "%s FROM read_parquet(", before);
    if (st == TARN_OK)
        st = tarn__sql_path(&sql, path, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(
            &sql, err, ", hive_partitioning=false) %s", behind);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, out, err);
    tarn_buf_reset(&sql);
    return st;
}

/* The index of a column by its exact name, else by the first that is the same
 * but for case; SIZE_MAX: none. */
static size_t column_index(const tarn__duck_result *r, const char *name)
{
    size_t loose = SIZE_MAX;
    for (size_t i = 0; i < tarn__duck_columns(r); i++) {
        const char *at = tarn__duck_column_name(r, i);
        if (strcmp(at, name) == 0)
            return i;
        if (loose == SIZE_MAX && tarn__eq_nocase(at, name))
            loose = i;
    }
    return loose;
}

static tarn_status given_column(tarn__duck_result *r, const char *shown,
    const char *name, bool lenient, bool untyped, char **column, char **type,
    tarn_error *err)
{
    size_t i = column_index(r, name);
    if (i == SIZE_MAX)
        return lenient ? TARN_OK
                       : tarn__fail(err, TARN_BAD_INPUT,
                             "%s: has no column '%s' (--time-column names one "
                             "that it has)",
                             shown, name);
    *type = tarn__duck_column_sql_type(r, i);
    if (*type == NULL)
        return tarn__no_memory(err);
    if (!untyped && !is_time_type(*type))
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: column '%s' is %s, not a time (make it TIMESTAMP or DATE; "
            "--time-column names another)",
            shown, name, *type);
    *column = tarn__strdup(tarn__duck_column_name(r, i));
    return *column == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status found_column(
    tarn__duck_result *r, char **column, char **type, tarn_error *err)
{
    static const char *const names[] = {
        "timestamp", "time", "ts", "event_time", "datetime"};
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        size_t i = column_index(r, names[n]);
        if (i == SIZE_MAX)
            continue;
        *type = tarn__duck_column_sql_type(r, i);
        if (*type == NULL)
            return tarn__no_memory(err);
        if (is_time_type(*type)) {
            *column = tarn__strdup(tarn__duck_column_name(r, i));
            return *column == NULL ? tarn__no_memory(err) : TARN_OK;
        }
        tarn__free(*type);
        *type = NULL;
    }
    return TARN_OK;
}

/* One row of integers. */
static tarn_status fetch(tarn__duck *duck, const char *select, const char *path,
    int64_t *values, bool *null, size_t count, tarn_error *err)
{
    tarn__duck_result *r = NULL;
    tarn__cell cells[4];
    tarn_status st = query_file(duck, select, path, "", &r, err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_next(r, cells, err);
    for (size_t i = 0; st == TARN_ROW && i < count; i++) {
        null[i] = cells[i].type == TARN_NULL;
        values[i] = null[i] ? 0 : cells[i].i64;
    }
    tarn__duck_result_free(r);
    return st == TARN_ROW ? TARN_OK : st;
}

static bool out_of_range(const tarn__duck *duck)
{
    const char *type = tarn__duck_last_error_type(duck);
    return strcmp(type, "Conversion") == 0 || strcmp(type, "Out of Range") == 0;
}

/* Nanoseconds are cut to microseconds by the cast: one is given on either
 * side.  Times without end have no place on the axis: no bounds then. */
static tarn_status bounds(tarn__duck *duck, const char *path, const char *type,
    tarn__facts *out, tarn_error *err)
{
    tarn_buf name = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    int64_t values[3];
    bool null[3];
    tarn_status st =
        tarn__duck_quote_name(&name, tarn_str(out->time_column), err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            "SELECT epoch_us(min(CAST(%s AS TIMESTAMP))), "
            "epoch_us(max(CAST(%s AS TIMESTAMP))), "
            "CAST(coalesce(bool_or(isinf(CAST(%s AS TIMESTAMP))), false) AS "
            "BIGINT)",
            name.ptr, name.ptr, name.ptr);
    if (st == TARN_OK)
        st = fetch(duck, sql.ptr, path, values, null, 3, err);
    if (st == TARN_OK && !null[0] && values[2] == 0) {
        int64_t slack = strcmp(type, "TIMESTAMP_NS") == 0 ? 1 : 0;
        out->has_bounds = true;
        out->min_time_us = values[0] - slack;
        out->max_time_us = values[1] + slack;
    }
    tarn_buf_reset(&name);
    tarn_buf_reset(&sql);
    return st == TARN_BAD_INPUT && out_of_range(duck) ? TARN_OK : st;
}

static tarn_status schema_digest(const tarn__duck_result *r,
    char digest[TARN__SCHEMA_BYTES], tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    uint8_t sha[TARN__SHA256_BYTES];
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < tarn__duck_columns(r); i++) {
        char *type = tarn__duck_column_sql_type(r, i);
        st = type == NULL ? tarn__no_memory(err)
                          : tarn__buf_printf(&text, err, "%s%c%s%c",
                                tarn__duck_column_name(r, i), 0, type, 0);
        tarn__free(type);
    }
    if (st == TARN_OK)
        st = tarn__sha256_of(tarn__buf_slice(&text), sha, err);
    if (st == TARN_OK)
        tarn__hex(sha, (TARN__SCHEMA_BYTES - 1) / 2, digest);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status no_parquet(
    const tarn__duck *duck, const char *shown, tarn_error *err)
{
    const char *full = tarn__duck_last_error(duck);
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: is no Parquet file that can be read: %.*s", shown,
        (int)strcspn(full, "\n"), full);
}

tarn_status tarn__parquet_facts(tarn__duck *duck, const char *path,
    const char *shown, const char *time_column, bool find, bool lenient,
    bool text, tarn__facts *out, tarn_error *err)
{
    *out = (tarn__facts){.rows = 0};
    tarn__duck_result *r = NULL;
    char *type = NULL;
    bool null;
    tarn_status st =
        fetch(duck, "SELECT count(*)", path, &out->rows, &null, 1, err);
    out->untyped = text && out->rows == 0;
    if (st == TARN_OK)
        st = query_file(duck, "SELECT *", path, "LIMIT 0", &r, err);
    if (st == TARN_BAD_INPUT)
        return no_parquet(duck, shown, err);
    if (st == TARN_OK && time_column != NULL)
        st = given_column(r, shown, time_column, lenient, out->untyped,
            &out->time_column, &type, err);
    else if (st == TARN_OK && find)
        st = found_column(r, &out->time_column, &type, err);
    if (st == TARN_OK && !out->untyped)
        st = schema_digest(r, out->schema, err);
    tarn__duck_result_free(r);
    if (st == TARN_OK && out->time_column != NULL && out->rows > 0) {
        st = bounds(duck, path, type, out, err);
        if (st == TARN_BAD_INPUT)
            st = no_parquet(duck, shown, err);
    }
    tarn__free(type);
    if (st != TARN_OK) {
        tarn__free(out->time_column);
        *out = (tarn__facts){.rows = 0};
    }
    return st;
}

tarn_status tarn__store_to_parquet(tarn__duck *duck, const char *store,
    const char *table, const char *out_path, tarn_error *err)
{
    tarn_buf from = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    bool view;
    tarn_status st = tarn__duck_attach(duck, store, "tarn_store", err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_attached_name(
        duck, "tarn_store", table, store, &from, &view, err);
    if (st == TARN_OK)
        st = tarn__duck_select_as(
            duck, from.ptr, tarn__duck_parquet_as, &sql, err);
    if (st == TARN_OK)
        st = tarn__copy_parquet(duck, sql.ptr, out_path, 122880, err);
    tarn_status detached =
        tarn__duck_exec(duck, "DETACH tarn_store", st == TARN_OK ? err : NULL);
    tarn_buf_reset(&sql);
    tarn_buf_reset(&from);
    return st == TARN_OK ? detached : st;
}

/* Questions about a table, each one SQL statement. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "event/table.h"

/* FORMAT with each `@` as the quoted table. */
static tarn_status over(
    const char *name, const char *format, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (const char *at = format; st == TARN_OK && *at != '\0'; at++)
        st = *at == '@' ? tarn_store_quote_name(sql, name, err)
                        : tarn__buf_char(sql, *at, err);
    return st;
}

tarn_status tarn_event_ls_sql(tarn_store *store, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st = tarn__event_table_find(store, "_metadata", &kind, err);
    if (st != TARN_OK)
        return st;
    if (kind == TARN__EVENT_TABLE_NONE)
        return tarn__buf_str(sql,
            "SELECT NULL::VARCHAR AS name, NULL::VARCHAR AS type, "
            "NULL::BIGINT AS row_count, NULL::TIMESTAMP AS fetched_at, "
            "NULL::DATE AS from_date, NULL::DATE AS to_date WHERE false",
            err);
    return tarn__buf_str(sql,
        "SELECT table_name AS name, type, row_count, fetched_at, from_date, "
        "to_date FROM _metadata ORDER BY table_name",
        err);
}

tarn_status tarn_event_schema_sql(
    tarn_store *store, const char *name, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st = tarn__event_table_need(store, name, false, &kind, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            "SELECT column_name AS name, data_type AS type, is_nullable AS "
            "nullable, column_name = '%s' AS primary_key FROM "
            "duckdb_columns() WHERE schema_name = 'main' AND "
            "lower(table_name) = lower(",
            kind == TARN__EVENT_TABLE_EVENTS         ? "insert_id"
                : kind == TARN__EVENT_TABLE_PROFILES ? "distinct_id"
                                                     : "");
    if (st == TARN_OK)
        st = tarn_store_quote_text(sql, name, err);
    return st == TARN_OK ? tarn__buf_str(sql, ") ORDER BY column_index", err)
                         : st;
}

tarn_status tarn_event_info_sql(
    tarn_store *store, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind meta;
    tarn__event_table_kind bad = TARN__EVENT_TABLE_NONE;
    const char *path = tarn_store_path(store);
    tarn_status st = tarn__event_table_find(store, "_metadata", &meta, err);
    if (st == TARN_OK)
        st = tarn__event_table_find(store, "_quarantine", &bad, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "SELECT ", err);
    if (st == TARN_OK)
        st = tarn_store_quote_text(sql, path == NULL ? "" : path, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            " AS path, (SELECT block_size * total_blocks FROM "
            "pragma_database_size() LIMIT 1) AS bytes, count(*) AS tables, "
            "coalesce(sum(row_count), 0)::BIGINT AS rows, coalesce("
            "sum(row_count) FILTER (type = 'events'), 0)::BIGINT AS events, "
            "coalesce(sum(row_count) FILTER (type = 'profiles'), 0)::BIGINT "
            "AS profiles, %s AS quarantined FROM %s",
            bad == TARN__EVENT_TABLE_NONE
                ? "0"
                : "(SELECT count(*) FROM _quarantine)",
            meta == TARN__EVENT_TABLE_NONE
                ? "(SELECT 0 AS row_count, '' AS type WHERE false)"
                : "_metadata");
    return st;
}

tarn_status tarn_event_sample_sql(tarn_store *store, const char *name,
    int64_t count, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st = tarn__event_table_need(store, name, false, &kind, err);
    if (st == TARN_OK)
        st = over(name, "SELECT * FROM @ USING SAMPLE reservoir(", sql, err);
    return st == TARN_OK
        ? tarn__buf_printf(sql, err, "%lld ROWS)", (long long)count)
        : st;
}

tarn_status tarn_event_breakdown_sql(
    tarn_store *store, const char *name, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st = tarn__event_table_need(store, name, true, &kind, err);
    if (st != TARN_OK)
        return st;
    /* A user's events first, then the users: it is less to hold than all
     * (event, user) pairs of a DISTINCT inside each group. */
    return over(name,
        "SELECT event_name AS event, sum(n)::BIGINT AS count, count(*) AS "
        "unique_users, min(first_seen) AS first_seen, max(last_seen) AS "
        "last_seen, round(100.0 * sum(n) / sum(sum(n)) OVER (), 2) AS "
        "pct_of_total FROM (SELECT event_name, distinct_id, count(*) AS n, "
        "min(event_time) AS first_seen, max(event_time) AS last_seen FROM @ "
        "GROUP BY ALL) GROUP BY event_name ORDER BY count DESC, event",
        sql, err);
}

tarn_status tarn_event_keys_sql(tarn_store *store, const char *name,
    const char *event, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st =
        tarn__event_table_need(store, name, event != NULL, &kind, err);
    /* Equal sets of names are put together before they are taken apart. */
    if (st == TARN_OK)
        st = over(name,
            "SELECT DISTINCT unnest(keys) AS key FROM (SELECT DISTINCT "
            "json_keys(properties) AS keys FROM @",
            sql, err);
    if (st == TARN_OK && event != NULL) {
        st = tarn__buf_str(sql, " WHERE event_name = ", err);
        if (st == TARN_OK)
            st = tarn_store_quote_text(sql, event, err);
    }
    return st == TARN_OK ? tarn__buf_str(sql, ") ORDER BY key", err) : st;
}

/* SUMMARIZE gives texts; a time's is DuckDB's, not ISO. */
#define SUMMARY(name)                                                       \
    "CASE WHEN column_type = 'TIMESTAMP' THEN replace(" name ", ' ', 'T') " \
    "|| 'Z' ELSE " name " END AS " name

tarn_status tarn_event_summary_sql(
    tarn_store *store, const char *name, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st = tarn__event_table_need(store, name, false, &kind, err);
    if (st != TARN_OK)
        return st;
    return over(name,
        "SELECT column_name AS \"column\", column_type AS type, count, "
        "null_percentage AS null_pct, approx_unique, " SUMMARY(
            "min") ", " SUMMARY("max") ", " SUMMARY("avg") ", std, " SUMMARY("q"
                                                                             "2"
                                                                             "5") ", " SUMMARY("q50") ", " SUMMARY("q75") " FROM (SUMMARIZE @)",
        sql, err);
}

/* The expression of a column's value: a column, or properties.NAME. */
static tarn_status value_of(tarn_store *store, const char *name,
    const char *column, tarn_buf *sql, tarn_error *err)
{
    static const char prefix[] = "properties.";
    bool has;
    if (strncmp(column, prefix, sizeof prefix - 1) == 0)
        return tarn__event_table_property(
            store, name, column + sizeof prefix - 1, sql, err);
    tarn_status st = tarn__event_table_has(store, name, column, &has, err);
    if (st == TARN_OK && !has)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "table %s: has no column %s (tarn events schema %s lists them; a "
            "property is properties.%s)",
            name, column, name, column);
    return st == TARN_OK ? tarn_store_quote_name(sql, column, err) : st;
}

tarn_status tarn_event_column_sql(tarn_store *store, const char *name,
    const char *column, int64_t top, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st = tarn__event_table_need(store, name, false, &kind, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "SELECT ", err);
    if (st == TARN_OK)
        st = value_of(store, name, column, sql, err);
    if (st == TARN_OK)
        st = over(name,
            " AS value, count(*) AS count, round(100.0 * count(*) / "
            "sum(count(*)) OVER (), 2) AS pct FROM @ GROUP BY 1 ORDER BY "
            "count DESC, value LIMIT ",
            sql, err);
    return st == TARN_OK ? tarn__buf_printf(sql, err, "%lld", (long long)top)
                         : st;
}

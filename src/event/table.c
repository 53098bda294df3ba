/* The tables of an event store. */
#include "event/table.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"

tarn_status tarn__event_table_check_name(const char *name, tarn_error *err)
{
    size_t len = strlen(name);
    bool good = len > 0 && len <= 128;
    for (size_t i = 0; good && i < len; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        good = letter || (i > 0 && (c == '_' || (c >= '0' && c <= '9')));
    }
    if (good)
        return TARN_OK;
    return tarn__fail(err, TARN_INVALID,
        "table '%s': is no table's name (a letter, then letters, digits and "
        "underscores)",
        name);
}

static tarn_status text_of(tarn_store *store, const char *sql, const char *name,
    const char *column, tarn_buf *out, bool *found, tarn_error *err)
{
    tarn_value values[2] = {{.type = TARN_TEXT, .bytes = tarn_str(name)},
        {.type = TARN_TEXT, .bytes = tarn_str(column == NULL ? "" : column)}};
    return tarn_store_scalar(
        store, sql, values, column == NULL ? 1 : 2, out, found, err);
}

static tarn_status has_table(
    tarn_store *store, const char *name, bool *has, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = text_of(store,
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'main' AND "
        "NOT temporary AND lower(table_name) = lower(?)",
        name, NULL, &text, has, err);
    tarn_buf_reset(&text);
    return st;
}

tarn_status tarn__event_table_find(tarn_store *store, const char *name,
    tarn__event_table_kind *kind, tarn_error *err)
{
    tarn_buf type = TARN_BUF_INIT;
    bool has;
    bool found = false;
    *kind = TARN__EVENT_TABLE_NONE;
    tarn_status st = has_table(store, name, &has, err);
    if (st != TARN_OK || !has)
        return st;
    st = has_table(store, "_metadata", &has, err);
    if (st == TARN_OK && has)
        st = text_of(store,
            "SELECT type FROM _metadata WHERE lower(table_name) = lower(?)",
            name, NULL, &type, &found, err);
    if (st == TARN_OK)
        *kind = !found                        ? TARN__EVENT_TABLE_OTHER
            : strcmp(type.ptr, "events") == 0 ? TARN__EVENT_TABLE_EVENTS
                                              : TARN__EVENT_TABLE_PROFILES;
    tarn_buf_reset(&type);
    return st;
}

tarn_status tarn__event_table_need(tarn_store *store, const char *name,
    bool events, tarn__event_table_kind *kind, tarn_error *err)
{
    tarn_status st = tarn__event_table_check_name(name, err);
    if (st == TARN_OK)
        st = tarn__event_table_find(store, name, kind, err);
    if (st != TARN_OK)
        return st;
    if (*kind == TARN__EVENT_TABLE_NONE)
        return tarn__fail(err, TARN_NOT_FOUND,
            "table %s: is not in this store (tarn events ls lists them)", name);
    if (events && *kind != TARN__EVENT_TABLE_EVENTS)
        return tarn__fail(err, TARN_CONFLICT,
            "table %s: holds no events (tarn events ls says what it holds)",
            name);
    return TARN_OK;
}

tarn_status tarn__event_table_has(tarn_store *store, const char *name,
    const char *column, bool *has, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = text_of(store,
        "SELECT 1 FROM duckdb_columns() WHERE schema_name = 'main' AND "
        "lower(table_name) = lower($1) AND lower(column_name) = lower($2)",
        name, column, &text, has, err);
    tarn_buf_reset(&text);
    return st;
}

bool tarn__event_table_is_base(bool profiles, const char *column)
{
    static const char *const events[] = {"event_name", "event_time",
        "distinct_id", "insert_id", "properties", NULL};
    static const char *const others[] = {
        "distinct_id", "properties", "last_seen", NULL};
    for (const char *const *c = profiles ? others : events; *c != NULL; c++)
        if (strcmp(*c, column) == 0)
            return true;
    return false;
}

tarn_status tarn__event_table_catalogue(tarn_store *store, tarn_error *err)
{
    return tarn_store_exec(store,
        "CREATE TABLE IF NOT EXISTS _metadata (table_name VARCHAR NOT NULL, "
        "type VARCHAR NOT NULL, fetched_at TIMESTAMP NOT NULL, from_date "
        "DATE, to_date DATE, row_count BIGINT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS _quarantine (table_name VARCHAR, source "
        "VARCHAR, line BIGINT, reason VARCHAR, text VARCHAR, loaded_at "
        "TIMESTAMP)",
        err);
}

/* A member's name inside a JSON path inside an SQL text. */
static tarn_status path_part(
    const char *name, size_t len, tarn_buf *path, tarn_error *err)
{
    tarn_status st = tarn__buf_str(path, ".\"", err);
    for (size_t i = 0; st == TARN_OK && i < len; i++) {
        if (name[i] == '"' || name[i] == '\\')
            st = tarn__buf_char(path, '\\', err);
        if (st == TARN_OK)
            st = tarn__buf_char(path, name[i], err);
    }
    return st == TARN_OK ? tarn__buf_char(path, '"', err) : st;
}

static tarn_status extract(
    const char *property, bool split, tarn_buf *sql, tarn_error *err)
{
    tarn_buf path = TARN_BUF_INIT;
    const char *at = property;
    tarn_status st = tarn__buf_char(&path, '$', err);
    while (st == TARN_OK && at != NULL) {
        const char *dot = split ? strchr(at, '.') : NULL;
        size_t len = dot == NULL ? strlen(at) : (size_t)(dot - at);
        st = path_part(at, len, &path, err);
        at = dot == NULL ? NULL : dot + 1;
    }
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "(properties->>", err);
    if (st == TARN_OK)
        st = tarn_store_quote_text(sql, path.ptr, err);
    if (st == TARN_OK)
        st = tarn__buf_char(sql, ')', err);
    tarn_buf_reset(&path);
    return st;
}

tarn_status tarn__event_table_member(
    const char *property, tarn_buf *sql, tarn_error *err)
{
    return extract(property, false, sql, err);
}

tarn_status tarn__event_table_json_path(
    const char *property, tarn_buf *sql, tarn_error *err)
{
    if (strchr(property, '.') == NULL)
        return extract(property, false, sql, err);
    /* A name may hold dots of its own. */
    tarn_status st = tarn__buf_str(sql, "coalesce(", err);
    if (st == TARN_OK)
        st = extract(property, false, sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, ", ", err);
    if (st == TARN_OK)
        st = extract(property, true, sql, err);
    return st == TARN_OK ? tarn__buf_char(sql, ')', err) : st;
}

tarn_status tarn__event_table_property(tarn_store *store, const char *name,
    const char *property, tarn_buf *sql, tarn_error *err)
{
    bool has = false;
    tarn_status st = TARN_OK;
    if (!tarn__event_table_is_base(false, property))
        st = tarn__event_table_has(store, name, property, &has, err);
    if (st != TARN_OK)
        return st;
    if (!has)
        return tarn__event_table_json_path(property, sql, err);
    st = tarn__buf_str(sql, "CAST(", err);
    if (st == TARN_OK)
        st = tarn_store_quote_name(sql, property, err);
    return st == TARN_OK ? tarn__buf_str(sql, " AS VARCHAR)", err) : st;
}

/* The table that is loaded: made, widened, written down. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "event/load.h"

#define STAGE "_tarn_stage"

static tarn_status run(tarn__event_load *l, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn_store_exec(l->store, sql->ptr, err);
    tarn_buf_reset(sql);
    return st;
}

tarn_status tarn__event_load_target(
    const tarn__event_load *l, bool stage, tarn_buf *sql, tarn_error *err)
{
    return stage ? tarn__buf_str(sql, STAGE, err)
                 : tarn_store_quote_name(sql, l->name, err);
}

tarn_status tarn__event_load_check(tarn__event_load *l, tarn_error *err)
{
    tarn_status st = tarn__event_table_check_name(l->name, err);
    if (st == TARN_OK && tarn_store_is_read_only(l->store))
        st = tarn__fail(err, TARN_INVALID, "%s: is open for reading only",
            tarn_store_path(l->store));
    if (st == TARN_OK)
        st = tarn__event_table_find(l->store, l->name, &l->found, err);
    if (st != TARN_OK)
        return st;
    bool append = l->options->mode == TARN_EVENT_APPEND;
    if (l->found == TARN__EVENT_TABLE_NONE && append)
        return tarn__fail(err, TARN_NOT_FOUND,
            "table %s: is not in this store (load it without --append)",
            l->name);
    if (l->found != TARN__EVENT_TABLE_NONE &&
        l->options->mode == TARN_EVENT_CREATE)
        return tarn__fail(err, TARN_EXISTS,
            "table %s: is already there (--append adds to it, --replace makes "
            "it anew)",
            l->name);
    bool same = l->found ==
        (l->options->profiles ? TARN__EVENT_TABLE_PROFILES
                              : TARN__EVENT_TABLE_EVENTS);
    if (append && !same)
        return tarn__fail(err, TARN_CONFLICT,
            "table %s: does not hold %s (choose another name)", l->name,
            l->options->profiles ? "profiles" : "events");
    return TARN_OK;
}

static tarn_status add_shred(
    tarn__event_load *l, const char *name, tarn_error *err)
{
    tarn__event_shreds *s = &l->intake.shreds;
    size_t len = strlen(name);
    for (size_t i = 0; i < s->count; i++)
        if (tarn__eq_nocase(s->names[i], name))
            return TARN_OK;
    if (len == 0 || !tarn__utf8_valid(tarn_str(name)) ||
        tarn__event_table_is_base(l->options->profiles, name))
        return tarn__fail(err, TARN_INVALID,
            "--shred '%s': cannot be a column of its own (name a property)",
            name);
    if (s->count == TARN__EVENT_SHRED_MAX)
        return tarn__fail(err, TARN_INVALID,
            "--shred: at most %d properties can have columns of their own",
            TARN__EVENT_SHRED_MAX);
    s->names[s->count] = name;
    s->lens[s->count++] = len;
    return TARN_OK;
}

static tarn_type type_of(const char *sql)
{
    return strcmp(sql, "BIGINT") == 0 ? TARN_INT64
        : strcmp(sql, "DOUBLE") == 0  ? TARN_DOUBLE
        : strcmp(sql, "BOOLEAN") == 0 ? TARN_BOOL
                                      : TARN_TEXT;
}

static const char *sql_type(tarn_type type)
{
    switch (type) {
    case TARN_INT64:
        return "BIGINT";
    case TARN_DOUBLE:
        return "DOUBLE";
    case TARN_BOOL:
        return "BOOLEAN";
    case TARN_TIME:
        return "TIMESTAMP";
    case TARN_JSON:
        return "JSON";
    default:
        return "VARCHAR";
    }
}

/* The columns of their own that the table has already keep their types; new
 * ones are text, whatever older rows have there. */
static tarn_status keep_types(tarn__event_load *l, tarn_error *err)
{
    tarn_rows *rows;
    tarn_value name = {.type = TARN_TEXT, .bytes = tarn_str(l->name)};
    tarn__event_shreds *s = &l->intake.shreds;
    tarn_status st = tarn_store_query(l->store,
        "SELECT column_name, data_type FROM duckdb_columns() WHERE "
        "schema_name = 'main' AND lower(table_name) = lower(?) ORDER BY "
        "column_index",
        &name, 1, &rows, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; i < s->count; i++)
        l->intake.shred_types[i] = TARN_TEXT;
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW)
        for (size_t i = 0; i < s->count; i++)
            if (tarn__eq_nocase(s->names[i], tarn_rows_text(rows, 0)))
                l->intake.shred_types[i] = type_of(tarn_rows_text(rows, 1));
    tarn_rows_free(rows);
    return st;
}

/* The names live as long as the load: those of a table are copied. */
static tarn_status columns_of_table(
    tarn__event_load *l, tarn__arena *arena, tarn_error *err)
{
    tarn_rows *rows;
    tarn_value name = {.type = TARN_TEXT, .bytes = tarn_str(l->name)};
    tarn_status st = tarn_store_query(l->store,
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'main' "
        "AND lower(table_name) = lower(?) ORDER BY column_index",
        &name, 1, &rows, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW) {
        const char *column = tarn_rows_text(rows, 0);
        if (tarn__event_table_is_base(l->options->profiles, column))
            continue;
        column = tarn__arena_strdup(arena, column);
        st = column == NULL ? tarn__no_memory(err) : add_shred(l, column, err);
        if (st != TARN_OK)
            break;
    }
    tarn_rows_free(rows);
    return st;
}

tarn_status tarn__event_load_columns(tarn__event_load *l, tarn_error *err)
{
    bool append = l->options->mode == TARN_EVENT_APPEND;
    tarn_status st = TARN_OK;
    if (append)
        st = columns_of_table(l, &l->arena, err);
    for (size_t i = 0; st == TARN_OK && i < l->options->shred_count; i++)
        st = add_shred(l, l->options->shred[i], err);
    if (st == TARN_OK && l->intake.shreds.count > 0)
        st = tarn__ingest_guess(&l->intake, err);
    if (st == TARN_OK && append && l->intake.shreds.count > 0)
        st = keep_types(l, err);
    return st;
}

static tarn_status create(tarn__event_load *l, bool stage, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn__column columns[5 + TARN__EVENT_SHRED_MAX];
    size_t count = tarn__ingest_columns(&l->intake, columns);
    size_t base = count - l->intake.shreds.count;
    tarn_status st = tarn__buf_str(
        &sql, stage ? "CREATE TEMP TABLE " : "CREATE TABLE ", err);
    if (st == TARN_OK)
        st = tarn__event_load_target(l, stage, &sql, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        bool needed = l->options->profiles ? i == 0 : i < base - 1;
        st = tarn__buf_str(&sql, i == 0 ? " (" : ", ", err);
        if (st == TARN_OK)
            st = tarn_store_quote_name(&sql, columns[i].name, err);
        if (st == TARN_OK)
            st = tarn__buf_printf(&sql, err, " %s%s", sql_type(columns[i].type),
                needed ? " NOT NULL" : "");
    }
    if (st == TARN_OK)
        st = tarn__buf_char(&sql, ')', err);
    if (st == TARN_OK)
        st = run(l, &sql, err);
    tarn_buf_reset(&sql);
    return st;
}

/* x = what properties say, in the column's type. */
static tarn_status alter(tarn__event_load *l, const char *action,
    const char *name, tarn_type type, const char *link, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&sql, action, err);
    if (st == TARN_OK)
        st = tarn__event_load_target(l, false, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, link, err);
    if (st == TARN_OK)
        st = tarn_store_quote_name(&sql, name, err);
    if (st == TARN_OK && strncmp(action, "ALTER", 5) == 0)
        st = tarn__buf_printf(&sql, err, " %s%s",
            strstr(link, "ADD") != NULL ? "" : "SET DATA TYPE ",
            sql_type(type));
    bool fill = strstr(link, "ADD") == NULL;
    if (st == TARN_OK && fill)
        st = tarn__buf_str(&sql,
            strncmp(action, "ALTER", 5) == 0 ? " USING TRY_CAST("
                                             : " = TRY_CAST(",
            err);
    if (st == TARN_OK && fill)
        st = tarn__event_table_member(name, &sql, err);
    if (st == TARN_OK && fill)
        st = tarn__buf_printf(&sql, err, " AS %s)", sql_type(type));
    if (st == TARN_OK)
        st = run(l, &sql, err);
    tarn_buf_reset(&sql);
    return st;
}

/* A property that an older load did not shred. */
static tarn_status add_column(tarn__event_load *l, size_t i, tarn_error *err)
{
    bool has;
    const char *name = l->intake.shreds.names[i];
    tarn_type type = l->intake.shred_types[i];
    tarn_status st = tarn__event_table_has(l->store, l->name, name, &has, err);
    if (st != TARN_OK || has)
        return st;
    st = alter(l, "ALTER TABLE ", name, type, " ADD COLUMN ", err);
    if (st == TARN_OK)
        st = alter(l, "UPDATE ", name, type, " SET ", err);
    return st;
}

tarn_status tarn__event_load_prepare(tarn__event_load *l, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__event_table_catalogue(l->store, err);
    if (st == TARN_OK && l->options->mode == TARN_EVENT_REPLACE) {
        st = tarn__buf_str(&sql, "DROP TABLE IF EXISTS ", err);
        if (st == TARN_OK)
            st = tarn__event_load_target(l, false, &sql, err);
        if (st == TARN_OK)
            st = run(l, &sql, err);
    }
    for (size_t i = 0; st == TARN_OK && i < l->intake.shreds.count; i++)
        if (l->options->mode == TARN_EVENT_APPEND)
            st = add_column(l, i, err);
    if (st == TARN_OK && l->options->mode != TARN_EVENT_APPEND)
        st = create(l, false, err);
    if (st == TARN_OK && l->stage)
        st = create(l, true, err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__event_load_widen(tarn__event_load *l, tarn_error *err)
{
    tarn__ingest *in = &l->intake;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < in->shreds.count; i++) {
        if (!atomic_load(&in->misfits[i]))
            continue;
        bool text =
            atomic_load(&in->no_numbers[i]) || in->shred_types[i] != TARN_INT64;
        st = alter(l, "ALTER TABLE ", in->shreds.names[i],
            text ? TARN_TEXT : TARN_DOUBLE, " ALTER COLUMN ", err);
    }
    return st;
}

/* --- _metadata --- */

static tarn_value date_of(
    const char *given, int64_t us, bool some, char *buf, size_t size)
{
    if (given == NULL && !some)
        return (tarn_value){.type = TARN_NULL};
    char text[TARN__TIME_TEXT_BYTES];
    if (given == NULL)
        given = tarn__time_format(us, text);
    size_t len = strcspn(given, "T ");
    if (len >= size)
        len = size - 1;
    memcpy(buf, given, len);
    return (tarn_value){.type = TARN_TEXT, .bytes = {buf, len}};
}

tarn_status tarn__event_load_record(tarn__event_load *l, tarn_error *err)
{
    char from[48];
    char to[48];
    tarn_buf sql = TARN_BUF_INIT;
    const tarn__ingest *in = &l->intake;
    bool some = !l->options->profiles && in->min_time_us <= in->max_time_us;
    bool merge = l->options->mode == TARN_EVENT_APPEND;
    tarn_value values[] = {
        {.name = "name", .type = TARN_TEXT, .bytes = tarn_str(l->name)},
        {.name = "type",
            .type = TARN_TEXT,
            .bytes = tarn_str(l->options->profiles ? "profiles" : "events")},
        date_of(
            l->options->from_date, in->min_time_us, some, from, sizeof from),
        date_of(l->options->to_date, in->max_time_us, some, to, sizeof to)};
    values[2].name = "from";
    values[3].name = "to";
    tarn_status st = tarn__buf_printf(&sql, err,
        "CREATE OR REPLACE TEMP TABLE _tarn_metadata AS SELECT $name AS "
        "table_name, $type AS type, now()::TIMESTAMP AS fetched_at, "
        "least($from::DATE, min(from_date)) AS from_date, "
        "greatest($to::DATE, max(to_date)) AS to_date, (SELECT count(*) FROM "
        "%s",
        "");
    if (st == TARN_OK)
        st = tarn__event_load_target(l, false, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            ") AS row_count FROM _metadata WHERE %s table_name = $name",
            merge ? "" : "false AND");
    if (st == TARN_OK)
        st = tarn_store_exec_values(l->store, sql.ptr, values, 4, NULL, err);
    tarn_buf_reset(&sql);
    if (st == TARN_OK)
        st = tarn_store_exec_values(l->store,
            "DELETE FROM _metadata WHERE lower(table_name) = lower($name)",
            values, 1, NULL, err);
    if (st == TARN_OK)
        st = tarn_store_exec(l->store,
            "INSERT INTO _metadata SELECT * FROM _tarn_metadata; DROP TABLE "
            "_tarn_metadata",
            err);
    return st;
}

/* Types, there and back. */
#include "flow/driver/db_types.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

typedef enum engine { MYSQL, POSTGRES, SQLITE } engine;

typedef struct known {
    const char *duck;
    const char *names[3]; /* by engine */
} known;

/* A type that stands for itself is NULL. */
static const known known_types[] = {
    {"BOOLEAN", {"BOOLEAN", "boolean", "INTEGER"}},
    {"TINYINT", {"TINYINT", "smallint", "INTEGER"}},
    {"SMALLINT", {"SMALLINT", "smallint", "INTEGER"}},
    {"INTEGER", {"INT", "integer", "INTEGER"}},
    {"BIGINT", {"BIGINT", "bigint", "INTEGER"}},
    {"HUGEINT", {"DECIMAL(39,0)", "numeric(39,0)", "TEXT"}},
    {"UTINYINT", {"TINYINT UNSIGNED", "smallint", "INTEGER"}},
    {"USMALLINT", {"SMALLINT UNSIGNED", "integer", "INTEGER"}},
    {"UINTEGER", {"INT UNSIGNED", "bigint", "INTEGER"}},
    {"UBIGINT", {"BIGINT UNSIGNED", "numeric(20,0)", "TEXT"}},
    {"UHUGEINT", {"DECIMAL(39,0)", "numeric(39,0)", "TEXT"}},
    {"FLOAT", {"FLOAT", "real", "REAL"}},
    {"DOUBLE", {"DOUBLE", "double precision", "REAL"}},
    {"VARCHAR", {"LONGTEXT", "text", "TEXT"}},
    {"JSON", {"JSON", "json", "TEXT"}},
    {"BLOB", {"LONGBLOB", "bytea", "BLOB"}},
    {"DATE", {"DATE", "date", "TEXT"}},
    {"TIME", {"TIME(6)", "time", "TEXT"}},
    {"TIME WITH TIME ZONE", {"VARCHAR(30)", "timetz", "TEXT"}},
    {"TIMESTAMP", {"DATETIME(6)", "timestamp", "TEXT"}},
    {"TIMESTAMP_S", {"DATETIME", "timestamp", "TEXT"}},
    {"TIMESTAMP_MS", {"DATETIME(3)", "timestamp", "TEXT"}},
    {"TIMESTAMP_NS", {"DATETIME(6)", "timestamp", "TEXT"}},
    {"TIMESTAMP WITH TIME ZONE", {"TIMESTAMP(6) NULL", "timestamptz", "TEXT"}},
    {"INTERVAL", {"TIME(6)", "interval", "TEXT"}},
    {"UUID", {"CHAR(36)", "uuid", "TEXT"}},
    {"BIT", {"BIT(64)", "bit varying", "TEXT"}},
};

static engine engine_of(const tarn__db *db)
{
    if (db->cls->dollar)
        return POSTGRES;
    return db->cls->backslash ? MYSQL : SQLITE;
}

static const known *find(const char *type)
{
    for (size_t i = 0; i < sizeof known_types / sizeof *known_types; i++)
        if (strcmp(known_types[i].duck, type) == 0)
            return &known_types[i];
    return NULL;
}

static bool is_decimal(const char *type)
{
    return tarn__starts_with(type, "DECIMAL(") && tarn__ends_with(type, ")");
}

static bool is_nested(const char *type)
{
    return tarn__ends_with(type, "]") || tarn__starts_with(type, "STRUCT(") ||
        tarn__starts_with(type, "MAP(") || tarn__starts_with(type, "UNION(");
}

/* The length of the item's type; 0: no list of plain items. */
static size_t item_len(const char *type)
{
    char item[64];
    size_t len = strlen(type);
    if (len < 3 || strcmp(type + len - 2, "[]") != 0 || len - 2 >= sizeof item)
        return 0;
    memcpy(item, type, len - 2);
    item[len - 2] = '\0';
    return find(item) != NULL || is_decimal(item) ? len - 2 : 0;
}

bool tarn__db_is_flat_list(const char *type)
{
    return item_len(type) > 0;
}

tarn_status tarn__db_type_of(const tarn__db *db, const char *type, bool key,
    tarn_buf *out, tarn_error *err)
{
    engine e = engine_of(db);
    const known *t = find(type);
    size_t len = e == POSTGRES ? item_len(type) : 0;
    if (len > 0) {
        char item[64];
        memcpy(item, type, len);
        item[len] = '\0';
        tarn_status st = tarn__db_type_of(db, item, false, out, err);
        return st == TARN_OK ? tarn__buf_str(out, "[]", err) : st;
    }
    /* MySQL's indexes want a length. */
    if (e == MYSQL && key && t != NULL && strcmp(t->duck, "VARCHAR") == 0)
        return tarn__buf_str(out, "VARCHAR(255)", err);
    if (e == MYSQL && key && t != NULL && strcmp(t->duck, "BLOB") == 0)
        return tarn__buf_str(out, "VARBINARY(255)", err);
    if (t != NULL)
        return tarn__buf_str(out, t->names[e], err);
    if (is_decimal(type)) {
        if (e == SQLITE)
            return tarn__buf_str(out, "TEXT", err);
        return tarn__buf_printf(out, err, "%s%s",
            e == MYSQL ? "DECIMAL" : "numeric", type + strlen("DECIMAL"));
    }
    if (is_nested(type))
        return tarn__buf_str(out,
            e == SQLITE      ? "TEXT"
                : e == MYSQL ? "JSON"
                             : "json",
            err);
    return tarn__buf_str(out, find("VARCHAR")->names[e], err);
}

/* --- values --- */

static bool is_one_of(const char *type, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(type, *list) == 0)
            return true;
    return false;
}

/* {"a","b\"c",NULL}; NULL stays one. */
#define ARRAY_LITERAL                                                      \
    "('{' || array_to_string(list_transform(%s, lambda x: CASE WHEN x IS " \
    "NULL THEN 'NULL' ELSE '\"' || replace(replace(CAST(x AS VARCHAR), "   \
    "'\\', '\\\\'), '\"', '\\\"') || '\"' END), ',') || '}')"

static const char *form_of(engine e, const char *type, bool array)
{
    static const char *const integers[] = {"TINYINT", "SMALLINT", "INTEGER",
        "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", NULL};
    static const char *const reals[] = {"FLOAT", "DOUBLE", NULL};
    static const char *const texts[] = {"VARCHAR", "JSON", NULL};
    if (e == POSTGRES && array && tarn__ends_with(type, "]"))
        return ARRAY_LITERAL;
    if (is_nested(type))
        return "CAST(to_json(%s) AS VARCHAR)";
    if (is_one_of(type, integers))
        return "CAST(%s AS BIGINT)";
    if (strcmp(type, "BOOLEAN") == 0)
        return e == POSTGRES ? "CAST(%s AS VARCHAR)" : "CAST(%s AS BIGINT)";
    if (e == SQLITE && is_one_of(type, reals))
        return "CAST(%s AS DOUBLE)";
    if (is_one_of(type, texts))
        return "CAST(%s AS VARCHAR)";
    if (strcmp(type, "BLOB") == 0)
        return e == POSTGRES ? "('\\x' || hex(%s))" : "%s";
    if (strcmp(type, "BIT") == 0 && e == MYSQL)
        return "CAST(CAST(%s AS VARCHAR)::BIT AS BIGINT)";
    /* All sessions are in UTC, and not all take a zone. */
    if (strcmp(type, "TIMESTAMP WITH TIME ZONE") == 0)
        return "CAST(CAST(%s AS TIMESTAMP) AS VARCHAR)";
    return "CAST(%s AS VARCHAR)";
}

tarn_status tarn__db_value_of(const tarn__db *db, const char *type, bool array,
    const char *column, tarn_buf *out, tarn_error *err)
{
    const char *form = form_of(engine_of(db), type, array);
    const char *mark = strstr(form, "%s");
    tarn_status st = tarn__buf_append(out, form, (size_t)(mark - form), err);
    if (st == TARN_OK)
        st = tarn__buf_str(out, column, err);
    return st == TARN_OK ? tarn__buf_str(out, mark + 2, err) : st;
}

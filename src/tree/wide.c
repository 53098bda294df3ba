/* Whole numbers that are too large for BIGINT: DuckDB takes such a column of a
 * csv or of JSON for DOUBLE, and its last digits are gone. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "tree/parquet.h"

/* Doubles are exact below 2^53. */
#define TOO_LARGE \
    "(max(abs($)) FILTER (isfinite($)) >= 9007199254740992)::VARCHAR"
/* NULL: not all are whole numbers.  DECIMAL has 38 digits. */
#define WIDE_TYPE                                        \
    "CASE WHEN bool_and(regexp_full_match(trim($), "     \
    "'[-+]?[0-9]+')) THEN CASE WHEN max(length(ltrim("   \
    "trim($), '+-0'))) <= 38 THEN 'DECIMAL(38,0)' ELSE " \
    "'VARCHAR' END END"

/* The value of an expression over a relation, $ standing for a column; *value
 * NULL when it is NULL. */
static tarn_status ask(tarn__duck *duck, const char *expression,
    const char *column, const char *relation, char **value, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&sql, "SELECT ", err);
    *value = NULL;
    for (const char *p = expression; st == TARN_OK && *p != '\0'; p++)
        st = *p == '$' ? tarn__duck_quote_name(&sql, tarn_str(column), err)
                       : tarn__buf_char(&sql, *p, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, " %s", relation);
    if (st == TARN_OK)
        st = tarn__duck_text(duck, sql.ptr, value, err);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status look_at(tarn__duck *duck, const char *column,
    const char *typed, const char *text, tarn_buf *types, tarn_error *err)
{
    char *large = NULL;
    char *type = NULL;
    tarn_status st = ask(duck, TOO_LARGE, column, typed, &large, err);
    if (st == TARN_OK && large != NULL && strcmp(large, "true") == 0)
        st = ask(duck, WIDE_TYPE, column, text, &type, err);
    if (st == TARN_OK && type != NULL) {
        st = tarn__buf_str(types, types->len > 0 ? ", " : "", err);
        if (st == TARN_OK)
            st = tarn__duck_quote_text(types, tarn_str(column), err);
        if (st == TARN_OK)
            st = tarn__buf_printf(types, err, ": '%s'", type);
    }
    tarn__free(large);
    tarn__free(type);
    return st;
}

tarn_status tarn__wide_types(tarn__duck *duck, const char *parquet,
    const char *text, tarn_buf *types, tarn_error *err)
{
    tarn_buf typed = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    char **names = NULL;
    size_t count = 0;
    tarn__duck_result *r = NULL;
    tarn_status st = tarn__buf_str(&typed, "FROM read_parquet(", err);
    if (st == TARN_OK)
        st = tarn__sql_path(&typed, parquet, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&typed, ')', err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, "%s LIMIT 0", typed.ptr);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &r, err);
    size_t columns = st == TARN_OK ? tarn__duck_columns(r) : 0;
    if (columns > 0 && (names = tarn__calloc(columns, sizeof *names)) == NULL)
        st = tarn__no_memory(err);
    for (size_t i = 0; st == TARN_OK && i < columns; i++)
        if (tarn__duck_column_type(r, i) == TARN_DOUBLE) {
            names[count] = tarn__strdup(tarn__duck_column_name(r, i));
            if (names[count++] == NULL)
                st = tarn__no_memory(err);
        }
    tarn__duck_result_free(r);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = look_at(duck, names[i], typed.ptr, text, types, err);
    for (size_t i = 0; i < count; i++)
        tarn__free(names[i]);
    tarn__free(names);
    tarn_buf_reset(&typed);
    tarn_buf_reset(&sql);
    return st;
}

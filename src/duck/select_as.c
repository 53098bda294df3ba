/* What a format has no type for, as its nearest. */
#include "duck/select_as.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "duck/lex.h"

tarn_status tarn__duck_select_as(tarn__duck *duck, const char *from,
    tarn__duck_as as, tarn_buf *sql, tarn_error *err)
{
    tarn_buf ask = TARN_BUF_INIT;
    tarn_buf changed = TARN_BUF_INIT;
    tarn__duck_result *r = NULL;
    tarn_status st = tarn__buf_printf(&ask, err, "FROM %s LIMIT 0", from);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, ask.ptr, NULL, 0, &r, err);
    tarn_buf_reset(&ask);
    for (size_t i = 0; st == TARN_OK && i < tarn__duck_columns(r); i++) {
        const char *name = tarn__duck_column_name(r, i);
        char *type = tarn__duck_column_sql_type(r, i);
        size_t before = changed.len;
        st =
            type == NULL ? tarn__no_memory(err) : as(name, type, &changed, err);
        if (st == TARN_OK && changed.len > before)
            st = tarn__buf_str(&changed, " AS ", err);
        if (st == TARN_OK && changed.len > before)
            st = tarn__duck_quote_name(&changed, tarn_str(name), err);
        if (st == TARN_OK && changed.len > before)
            st = tarn__buf_char(&changed, ',', err);
        tarn__free(type);
    }
    tarn__duck_result_free(r);
    if (st == TARN_OK && changed.len > 0)
        changed.ptr[changed.len - 1] = ')';
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err, "SELECT *%s%s FROM %s",
            changed.len > 0 ? " REPLACE (" : "",
            changed.len > 0 ? changed.ptr : "", from);
    tarn_buf_reset(&changed);
    return st;
}

/* The one of them whose name stands here. */
static const tarn__duck_retype *find(
    const tarn__duck_retype *types, const char *name)
{
    for (; types->type != NULL; types++)
        if (tarn__sql_word(name, types->type))
            return types;
    return NULL;
}

tarn_status tarn__duck_cast_as(const tarn__duck_retype *types, const char *name,
    const char *type, tarn_buf *sql, tarn_error *err)
{
    tarn_buf made = TARN_BUF_INIT;
    bool changed = false;
    tarn_status st = TARN_OK;
    /* Members' names and an ENUM's values stand in quotes: each is a token. */
    for (const char *p = type; st == TARN_OK && *p != '\0';) {
        const tarn__duck_retype *t = find(types, p);
        const char *end = t == NULL ? tarn__sql_token(p) : p + strlen(t->type);
        changed = changed || t != NULL;
        st = t != NULL ? tarn__buf_str(&made, t->as, err)
                       : tarn__buf_append(&made, p, (size_t)(end - p), err);
        p = end;
    }
    if (st == TARN_OK && changed)
        st = tarn__buf_str(sql, "CAST(", err);
    if (st == TARN_OK && changed)
        st = tarn__duck_quote_name(sql, tarn_str(name), err);
    if (st == TARN_OK && changed)
        st = tarn__buf_printf(sql, err, " AS %s)", made.ptr);
    tarn_buf_reset(&made);
    return st;
}

tarn_status tarn__duck_parquet_as(
    const char *name, const char *type, tarn_buf *sql, tarn_error *err)
{
    static const tarn__duck_retype types[] = {{"HUGEINT", "DECIMAL(38,0)"},
        {"UHUGEINT", "DECIMAL(38,0)"}, {NULL, NULL}};
    return tarn__duck_cast_as(types, name, type, sql, err);
}

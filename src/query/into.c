/* A statement's rows, as they are, into a DuckDB file. */
#include "query/into.h"

#include "base/buf.h"
#include "base/error.h"
#include "query/query_internal.h"

tarn_status tarn__session_allow_out(
    tarn__session *session, const char *path, tarn_error *err)
{
    static const char *const endings[] = {
        "", ".wal", ".wal.checkpoint", ".wal.recovery"};
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < 4; i++) {
        char *name = tarn__sprintf("%s%s", path, endings[i]);
        st = name == NULL ? tarn__no_memory(err)
                          : tarn__session_allow_path(session, name, err);
        tarn__free(name);
    }
    return st;
}

static tarn_status attach(tarn__duck *duck, const char *path, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&sql, "ATTACH ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(&sql, tarn_str(path), err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, " AS tarn__into", err);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status make(const tarn__statement *statement, const char *table,
    int64_t *rows, tarn_error *err)
{
    tarn__duck *duck = statement->session->duck;
    tarn_buf name = TARN_BUF_INIT;
    bool found;
    tarn_status st = tarn__buf_str(&name, "tarn__into.main.", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_name(&name, tarn_str(table), err);
    if (st == TARN_OK)
        st = tarn__duck_execf(duck, err, "CREATE TABLE %s AS FROM (%s)",
            name.ptr, statement->sql);
    char *count = st == TARN_OK
        ? tarn__sprintf("SELECT count(*) FROM %s", name.ptr)
        : NULL;
    if (st == TARN_OK && count == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn__duck_int64(duck, count, rows, &found, err);
    if (st == TARN_OK)
        st = tarn__duck_exec(
            duck, "CHECKPOINT tarn__into; DETACH tarn__into", err);
    tarn__free(count);
    tarn_buf_reset(&name);
    return st;
}

tarn_status tarn__query_into(tarn_snapshot *snap, const char *sql,
    const tarn_query_options *options, const char *host_path, const char *table,
    int64_t *rows, tarn_error *err)
{
    static const tarn_query_options defaults = TARN_QUERY_OPTIONS_INIT;
    const tarn_query_options *o = options == NULL ? &defaults : options;
    tarn_error own = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &own : err;
    tarn__statement statement;
    *rows = 0;
    tarn_status st =
        tarn__statement_open(snap, sql, o, host_path, &statement, e);
    if (st != TARN_OK)
        return st;
    st = attach(statement.session->duck, host_path, e);
    if (st == TARN_OK)
        st = make(&statement, table, rows, e);
    if (st != TARN_OK)
        st = tarn__statement_failed(&statement, o, sql, st, e);
    tarn__statement_reset(&statement);
    return st;
}

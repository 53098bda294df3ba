/* 'host:STORE.duckdb:NAME': a table or view of a DuckDB file on the host, attached
 * read-only before the session is locked.  A view runs after that, as a part of
 * the statement: it may read what the statement's own references stand for, and
 * so never beside lake.log, whose folder has every tenant's rows. */
#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "duck/attach.h"
#include "os/file.h"
#include "query/query_internal.h"

/* The alias under which the file is attached; once a session. */
static tarn_status attach(
    tarn__session *s, const char *path, const char **alias, tarn_error *err)
{
    *alias = tarn__json_text(s->attached, path);
    if (*alias != NULL)
        return TARN_OK;
    char name[32];
    snprintf(
        name, sizeof(name), "tarn__store_%zu", json_object_size(s->attached));
    tarn_status st = tarn__duck_attach(s->duck, path, name, err);
    if (st != TARN_OK)
        return st;
    if (json_object_set_new_nocheck(s->attached, path, json_string(name)) != 0)
        return tarn__no_memory(err);
    *alias = tarn__json_text(s->attached, path);
    return TARN_OK;
}

tarn_status tarn__host_store_sql(tarn__session *s, const char *text,
    tarn_buf *sql, bool *found, tarn_error *err)
{
    const char *table, *alias, *written, *path;
    char *store = NULL;
    bool view = false;

    *found = false;
    tarn_status st = tarn__host_path(s, text, &written, err);
    if (st == TARN_OK)
        st = tarn__duck_split_store(written, &store, &table, err);
    if (st != TARN_OK || store == NULL)
        return st;
    *found = true;
    st = tarn__host_real(s, store, &path, err);
    if (st == TARN_OK)
        st = attach(s, path, &alias, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "SELECT * FROM ", err);
    if (st == TARN_OK)
        st = tarn__duck_attached_name(
            s->duck, alias, table, store, sql, &view, err);
    s->host_view = s->host_view || view;
    tarn__free(store);
    return st;
}

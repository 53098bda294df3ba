/* Removing a table and what is written of it. */
#include "base/buf.h"
#include "event/table.h"

static tarn_status drop(tarn_store *store, const char *name, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_value value = {.type = TARN_TEXT, .bytes = tarn_str(name)};
    tarn_status st = tarn__buf_str(&sql, "DROP TABLE ", err);
    if (st == TARN_OK)
        st = tarn_store_quote_name(&sql, name, err);
    if (st == TARN_OK)
        st = tarn_store_exec(store, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st == TARN_OK
        ? tarn_store_exec_values(store,
              "DELETE FROM _metadata WHERE lower(table_name) = lower(?)",
              &value, 1, NULL, err)
        : st;
}

tarn_status tarn_event_drop(
    tarn_store *store, const char *name, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st = tarn__event_table_need(store, name, false, &kind, err);
    if (st == TARN_OK)
        st = tarn__event_table_catalogue(store, err);
    if (st == TARN_OK)
        st = tarn_store_exec(store, "BEGIN TRANSACTION", err);
    if (st != TARN_OK)
        return st;
    st = drop(store, name, err);
    if (st == TARN_OK)
        return tarn_store_exec(store, "COMMIT", err);
    tarn_status undone = tarn_store_exec(store, "ROLLBACK", NULL);
    (void)undone; /* what was begun cannot be committed any more */
    return st;
}

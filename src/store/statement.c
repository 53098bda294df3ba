/* Statements on a store: rows, values, one value, Arrow. */
#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/rows.h"
#include "duck/arrow.h"
#include "os/process.h"
#include "store/store_internal.h"

tarn_status tarn__store_check(const tarn_store *store, tarn_error *err)
{
    bool ours = store->pid == tarn__pid();
    if (ours && store->duck != NULL)
        return TARN_OK;
    return tarn__fail(err, TARN_INVALID, "%s: %s",
        store->path == NULL ? "a store in memory" : store->path,
        ours ? "is closed (open it again)"
             : "was opened before fork() (open it anew)");
}

/* Without memory the words are lost, the error itself is not. */
void tarn__store_failed(tarn_store *store, const char *sql)
{
    tarn__free(store->query);
    tarn__free(store->failure_type);
    tarn__free(store->failure_message);
    store->query = tarn__strdup(sql);
    store->failure_type = tarn__strdup(tarn__duck_last_error_type(store->duck));
    store->failure_message = tarn__strdup(tarn__duck_last_error(store->duck));
}

static const char *or_empty(const char *s)
{
    return s == NULL ? "" : s;
}

tarn_store_failure tarn_store_last_failure(const tarn_store *store)
{
    return (tarn_store_failure){or_empty(store->query),
        or_empty(store->failure_type), or_empty(store->failure_message)};
}

/* The same values in the words of the room below. */
static tarn_status translate(const tarn_value *values, size_t count,
    tarn__duck_value **out, tarn_error *err)
{
    *out = tarn__calloc(count, sizeof(**out));
    if (*out == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++)
        (*out)[i] = (tarn__duck_value){values[i].type, values[i].i64,
            values[i].f64, values[i].bytes, values[i].name};
    return TARN_OK;
}

tarn_status tarn_store_exec(tarn_store *store, const char *sql, tarn_error *err)
{
    tarn_status st = tarn__store_check(store, err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_exec(store->duck, sql, err);
    if (st != TARN_OK)
        tarn__store_failed(store, sql);
    return st;
}

tarn_status tarn_store_exec_values(tarn_store *store, const char *sql,
    const tarn_value *values, size_t count, int64_t *changed, tarn_error *err)
{
    tarn__duck_value *bound = NULL;
    if (changed != NULL)
        *changed = 0;
    tarn_status st = tarn__store_check(store, err);
    if (st == TARN_OK)
        st = translate(values, count, &bound, err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_exec_values(store->duck, sql, bound, count, changed, err);
    if (st != TARN_OK)
        tarn__store_failed(store, sql);
    tarn__free(bound);
    return st;
}

static tarn_status run(tarn_store *store, const char *sql,
    const tarn_value *values, size_t count, tarn__duck_result **out,
    tarn_error *err)
{
    tarn__duck_value *bound = NULL;
    *out = NULL;
    tarn_status st = tarn__store_check(store, err);
    if (st == TARN_OK)
        st = translate(values, count, &bound, err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_query(store->duck, sql, bound, count, out, err);
    if (st != TARN_OK)
        tarn__store_failed(store, sql);
    tarn__free(bound);
    return st;
}

tarn_status tarn_store_query(tarn_store *store, const char *sql,
    const tarn_value *values, size_t count, tarn_rows **out, tarn_error *err)
{
    tarn__duck_result *result;
    *out = NULL;
    tarn_status st = run(store, sql, values, count, &result, err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_rows(result, out, err);
    if (st != TARN_OK)
        tarn__duck_result_free(result);
    return st;
}

tarn_status tarn_store_query_arrow(tarn_store *store, const char *sql,
    const tarn_value *values, size_t count, struct ArrowArrayStream *stream,
    tarn_error *err)
{
    tarn__duck_result *result;
    tarn_status st = run(store, sql, values, count, &result, err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_arrow(result, stream, err);
    if (st != TARN_OK)
        tarn__duck_result_free(result);
    return st;
}

tarn_status tarn_store_scalar(tarn_store *store, const char *sql,
    const tarn_value *values, size_t count, tarn_buf *out, bool *found,
    tarn_error *err)
{
    tarn_rows *rows;
    *found = false;
    tarn_status st = tarn_store_query(store, sql, values, count, &rows, err);
    if (st != TARN_OK)
        return st;
    st = tarn_rows_next(rows, err);
    if (st == TARN_ROW) {
        st = TARN_OK;
        if (tarn_rows_column_count(rows) > 0 && !tarn_rows_is_null(rows, 0)) {
            tarn_slice text = tarn_rows_bytes(rows, 0);
            st = tarn__buf_append(out, text.ptr, text.len, err);
            *found = st == TARN_OK;
        }
    } else if (st != TARN_OK) {
        tarn__store_failed(store, sql);
    }
    tarn_rows_free(rows);
    return st;
}

void tarn_store_interrupt(tarn_store *store)
{
    if (store->duck != NULL)
        tarn__duck_interrupt(store->duck);
}

tarn_status tarn_store_quote_name(
    tarn_buf *out, const char *name, tarn_error *err)
{
    return tarn__duck_quote_name(out, tarn_str(name), err);
}

tarn_status tarn_store_quote_text(
    tarn_buf *out, const char *text, tarn_error *err)
{
    return tarn__duck_quote_text(out, tarn_str(text), err);
}

/* One step of SQL in an engine: its tables there, and its queries. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/id.h"
#include "base/memory.h"
#include "duck/arrow.h"
#include "duck/select_as.h"
#include "flow/driver/config.h"
#include "flow/driver/engine_internal.h"
#include "flow/driver/step.h"

#define MEND_INGEST                                                        \
    "this engine takes no tables in bulk: use --target local, or a newer " \
    "driver"

typedef struct step {
    tarn__engine *engine;
    const tarn_driver_call *call;
    const tarn_driver_result *result;
    json_t *config;
    tarn__sql_query *queries;
    size_t query_count;
    tarn__exchange *x;
    tarn__engine_session session;
    tarn__engine_tables tables;
    char vendor[80];
    bool vendor_known;
    bool exact; /* DuckDB too: Arrow names every type to it */
    int64_t rows;
} step;

/* Of a call that was told to stop, whatever the engine says. */
static tarn_status told(const step *s, tarn_status st, tarn_error *err)
{
    if (st == TARN_OK || st == TARN_NO_MEMORY || !tarn__call_cancelled(s->call))
        return st;
    return tarn__fail(
        err, TARN_INTERRUPTED, "step %s: cancelled", s->call->step_id);
}

static const char *vendor(step *s)
{
    if (!s->vendor_known)
        tarn__engine_vendor(&s->session, s->vendor, sizeof(s->vendor));
    s->vendor_known = true;
    return s->vendor;
}

static bool is_one_of(const char *vendor, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(vendor, *words) != NULL)
            return true;
    return false;
}

/* What most engines take, and those that do not. */
static tarn__paramstyle style_of(step *s)
{
    static const char *const dollars[] = {
        "postgres", "redshift", "cockroach", "greenplum", NULL};
    if (s->engine->style != TARN__PARAMS_UNSAID)
        return s->engine->style;
    return is_one_of(vendor(s), dollars) ? TARN__PARAMS_DOLLAR
                                         : TARN__PARAMS_QMARK;
}

static char quote_of(step *s)
{
    static const char *const ticks[] = {
        "mysql", "mariadb", "bigquery", "spark", "databricks", "hive", NULL};
    return is_one_of(vendor(s), ticks) ? '`' : '"';
}

/* A statement that gives no rows. */
static AdbcStatusCode execute(step *s, const char *sql, struct AdbcError *error)
{
    if (tarn__engine_statement(&s->session, NULL) != TARN_OK)
        return ADBC_STATUS_UNKNOWN;
    struct AdbcStatement *statement = &s->session.statement;
    AdbcStatusCode code =
        s->engine->driver.StatementSetSqlQuery(statement, sql, error);
    if (code == ADBC_STATUS_OK)
        code = s->engine->driver.StatementExecuteQuery(
            statement, NULL, NULL, error);
    tarn__engine_release(&s->session);
    return code;
}

/* --- types --- */

/* DuckDB's own, which Arrow as such has not, go both ways when both are told
 * to name them. */
static tarn_status agree_on_types(step *s, tarn_error *err)
{
    static const char all[] = "SET arrow_lossless_conversion = true";
    static const char *const duck[] = {"duckdb", NULL};
    struct AdbcError error = {0};
    if (!is_one_of(vendor(s), duck))
        return TARN_OK;
    s->exact = execute(s, all, &error) == ADBC_STATUS_OK;
    tarn__engine_forget(&error);
    return s->exact ? tarn__duck_exec(tarn__exchange_duck(s->x), all, err)
                    : TARN_OK;
}

/* To others what they may know. */
static tarn_status usual(
    const char *name, const char *type, tarn_buf *sql, tarn_error *err)
{
    static const tarn__duck_retype types[] = {{"HUGEINT", "DECIMAL(38,0)"},
        {"UHUGEINT", "DECIMAL(38,0)"}, {"BIGNUM", "VARCHAR"},
        {"BIT", "VARCHAR"}, {"TIME WITH TIME ZONE", "VARCHAR"}, {NULL, NULL}};
    return tarn__duck_cast_as(types, name, type, sql, err);
}

/* --- tables into the engine --- */

static void drop_stream(struct ArrowArrayStream *stream)
{
    if (stream->release != NULL)
        stream->release(stream);
}

static tarn_status open_table(step *s, const tarn__engine_table *t,
    struct ArrowArrayStream *stream, tarn_error *err)
{
    tarn__duck *duck = tarn__exchange_duck(s->x);
    tarn__duck_result *rows = NULL;
    tarn_buf from = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st =
        tarn__exchange_input(s->call, t->input, t->table, &from, err);
    if (st == TARN_OK)
        st = s->exact ? tarn__buf_printf(&sql, err, "FROM %s", from.ptr)
                      : tarn__duck_select_as(duck, from.ptr, usual, &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &rows, err);
    if (st == TARN_OK) {
        st = tarn__duck_arrow(rows, stream, err);
        if (st != TARN_OK)
            tarn__duck_result_free(rows);
    }
    tarn_buf_reset(&from);
    tarn_buf_reset(&sql);
    return st;
}

/* One attempt; ADBC_STATUS_OK, or why not. */
static AdbcStatusCode ingest(step *s, const char *name, bool temporary,
    struct ArrowArrayStream *stream, struct AdbcError *error)
{
    const struct {
        const char *key;
        const char *value;
    } options[] = {{"adbc.ingest.target_table", name},
        {"adbc.ingest.mode", "adbc.ingest.mode.create"},
        {"adbc.ingest.temporary", "true"}};
    struct AdbcStatement *statement = &s->session.statement;
    int64_t rows = -1;
    AdbcStatusCode code = ADBC_STATUS_OK;
    for (size_t i = 0; code == ADBC_STATUS_OK && i < (temporary ? 3U : 2U); i++)
        code = TARN__ADBC(s->engine, StatementSetOption, statement,
            options[i].key, options[i].value, error);
    if (code == ADBC_STATUS_OK) {
        code = TARN__ADBC(
            s->engine, StatementBindStream, statement, stream, error);
        if (code == ADBC_STATUS_OK)
            stream->release = NULL; /* it is the driver's now */
    }
    if (code == ADBC_STATUS_OK)
        code = s->engine->driver.StatementExecuteQuery(
            statement, NULL, &rows, error);
    return code;
}

static tarn_status put_once(step *s, const tarn__engine_table *t,
    const char *name, bool temporary, AdbcStatusCode *code,
    struct AdbcError *error, tarn_error *err)
{
    struct ArrowArrayStream stream = {0};
    tarn_status st = tarn__engine_statement(&s->session, err);
    if (st == TARN_OK)
        st = open_table(s, t, &stream, err);
    if (st == TARN_OK)
        *code = ingest(s, name, temporary, &stream, error);
    drop_stream(&stream);
    tarn__engine_release(&s->session);
    return st;
}

/* A name that no other run has. */
static tarn_status own_name(tarn__engine_table *t, tarn_error *err)
{
    tarn__id id;
    char text[TARN__ID_TEXT_BYTES];
    tarn_status st = tarn__id_new(&id, err);
    if (st != TARN_OK)
        return st;
    (void)tarn__id_format(&id, text);
    for (char *p = text; *p != '\0'; p++)
        *p = *p == '-' ? '_' : *p;
    t->real = tarn__sprintf("tarn_%s", text);
    return t->real == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status put_table(step *s, tarn__engine_table *t, tarn_error *err)
{
    struct AdbcError error = {0};
    AdbcStatusCode code = ADBC_STATUS_OK;
    tarn_status st = put_once(s, t, t->name, true, &code, &error, err);
    if (st == TARN_OK && code == ADBC_STATUS_NOT_IMPLEMENTED) {
        tarn__engine_forget(&error);
        st = own_name(t, err);
        t->made = st == TARN_OK;
        if (st == TARN_OK)
            st = put_once(s, t, t->real, false, &code, &error, err);
    }
    if (st == TARN_OK && code != ADBC_STATUS_OK) {
        char what[200];
        (void)snprintf(
            what, sizeof(what), "table %.150s cannot be put in", t->name);
        st = tarn__engine_fail(s->engine, code, &error, what,
            code == ADBC_STATUS_NOT_IMPLEMENTED ? MEND_INGEST : "", err);
    }
    tarn__engine_forget(&error);
    t->made = st == TARN_OK || t->made;
    return told(s, st, err);
}

/* Those that the queries name: found by writing them once. */
static tarn_status put_tables(step *s, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < s->query_count; i++)
        st = tarn__engine_sql(
            s->call, &s->tables, &s->queries[i], TARN__PARAMS_QMARK, &sql, err);
    tarn_buf_reset(&sql);
    for (size_t i = 0; st == TARN_OK && i < s->tables.count; i++) {
        tarn__engine_table *t = &s->tables.items[i];
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again = again ||
                (s->tables.items[k].made &&
                    strcasecmp(s->tables.items[k].name, t->name) == 0);
        if (t->spelled != NULL && !again)
            st = put_table(s, t, err);
    }
    return st;
}

/* What no session's end takes away; one that stays is told of. */
static void drop_tables(step *s)
{
    for (size_t i = 0; i < s->tables.count; i++) {
        const tarn__engine_table *t = &s->tables.items[i];
        struct AdbcError error = {0};
        char sql[200];
        if (t->real == NULL || !t->made)
            continue;
        (void)snprintf(sql, sizeof(sql), "DROP TABLE %c%s%c", quote_of(s),
            t->real, quote_of(s));
        bool gone = execute(s, sql, &error) == ADBC_STATUS_OK;
        tarn__engine_forget(&error);
        (void)snprintf(sql, sizeof(sql), "{\"table\":\"%s\"}", t->real);
        if (!gone && s->call->event != NULL)
            s->call->event(s->call->ctx, "table_left", sql);
    }
}

/* --- values --- */

static tarn_status values_sql(
    const json_t *values, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql, "SELECT ", err);
    for (size_t i = 0; st == TARN_OK && i < json_array_size(values); i++) {
        const json_t *value = json_array_get(values, i);
        const char *type = json_is_object(value) ? "DATE"
            : json_is_string(value)              ? "VARCHAR"
            : json_is_integer(value)             ? "BIGINT"
            : json_is_real(value)                ? "DOUBLE"
                                                 : "BOOLEAN";
        st = tarn__buf_printf(sql, err, "%sCAST($%zu AS %s) AS \"%zu\"",
            i == 0 ? "" : ", ", i + 1, type, i + 1);
    }
    return st;
}

/* One row of them, as Arrow. */
static tarn_status values_stream(step *s, const json_t *values,
    struct ArrowArrayStream *stream, tarn_error *err)
{
    size_t count = json_array_size(values);
    tarn_buf sql = TARN_BUF_INIT;
    tarn__duck_result *rows = NULL;
    tarn__duck_value *list = tarn__calloc(count + 1, sizeof(*list));
    tarn_status st = list == NULL ? tarn__no_memory(err) : TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        const json_t *value = json_array_get(values, i);
        const json_t *date = json_object_get(value, "date");
        list[i] = tarn__sql_value(date == NULL ? value : date);
    }
    if (st == TARN_OK)
        st = values_sql(values, &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_query(
            tarn__exchange_duck(s->x), sql.ptr, list, count, &rows, err);
    if (st == TARN_OK) {
        st = tarn__duck_arrow(rows, stream, err);
        if (st != TARN_OK)
            tarn__duck_result_free(rows);
    }
    tarn__free(list);
    tarn_buf_reset(&sql);
    return st;
}

static AdbcStatusCode prepare(step *s, struct AdbcError *error)
{
    AdbcStatusCode code =
        TARN__ADBC(s->engine, StatementPrepare, &s->session.statement, error);
    if (code == ADBC_STATUS_NOT_IMPLEMENTED) {
        tarn__engine_forget(error);
        return ADBC_STATUS_OK;
    }
    return code;
}

/* The row by itself: a driver may read it while our DuckDB is at work on the
 * result, and a stream of that DuckDB's would then wait for itself. */
static tarn_status take_row(const step *s, struct ArrowArrayStream *stream,
    struct ArrowArray *row, struct ArrowSchema *schema, tarn_error *err)
{
    if (stream->get_schema(stream, schema) == 0 &&
        stream->get_next(stream, row) == 0 && row->release != NULL)
        return TARN_OK;
    const char *why = stream->get_last_error(stream);
    return tarn__fail(err, TARN_FAILED, "%s: the query's values: %s",
        s->engine->where, why == NULL ? "there are none" : why);
}

static tarn_status bind(step *s, const json_t *values, AdbcStatusCode *code,
    struct AdbcError *error, tarn_error *err)
{
    struct ArrowArrayStream stream = {0};
    struct ArrowArray row = {0};
    struct ArrowSchema schema = {0};
    *code = prepare(s, error);
    if (*code != ADBC_STATUS_OK)
        return TARN_OK;
    tarn_status st = values_stream(s, values, &stream, err);
    if (st == TARN_OK)
        st = take_row(s, &stream, &row, &schema, err);
    drop_stream(&stream);
    if (st == TARN_OK) {
        *code = TARN__ADBC(s->engine, StatementBind, &s->session.statement,
            &row, &schema, error);
        if (*code == ADBC_STATUS_OK)
            return TARN_OK; /* they are the driver's now */
    }
    if (row.release != NULL)
        row.release(&row);
    if (schema.release != NULL)
        schema.release(&schema);
    return st;
}

/* --- a query --- */

static tarn_status write_sql(step *s, const tarn__sql_query *q,
    tarn__paramstyle style, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__engine_sql(s->call, &s->tables, q, style, out, err);
    return st == TARN_OK
        ? tarn__engine_sql_with(&s->tables, quote_of(s), out, err)
        : st;
}

static tarn_status query_failed(
    step *s, AdbcStatusCode code, struct AdbcError *error, tarn_error *err)
{
    return tarn__engine_fail(s->engine, code, error, "the query fails",
        "mend it: it is in the engine's dialect", err);
}

/* The statement with its text and values; *bound false: the engine binds
 * none. */
static tarn_status set_query(step *s, const tarn__sql_query *q,
    tarn__paramstyle style, bool *bound, tarn_error *err)
{
    struct AdbcError error = {0};
    tarn_buf sql = TARN_BUF_INIT;
    AdbcStatusCode code = ADBC_STATUS_OK;
    *bound = true;
    tarn_status st = write_sql(s, q, style, &sql, err);
    if (st == TARN_OK)
        st = tarn__engine_statement(&s->session, err);
    if (st == TARN_OK)
        code = s->engine->driver.StatementSetSqlQuery(
            &s->session.statement, sql.ptr == NULL ? "" : sql.ptr, &error);
    if (st == TARN_OK && code == ADBC_STATUS_OK &&
        json_array_size(q->values) > 0 && style != TARN__PARAMS_LITERAL) {
        st = bind(s, q->values, &code, &error, err);
        *bound = code != ADBC_STATUS_NOT_IMPLEMENTED;
    }
    if (st == TARN_OK && code != ADBC_STATUS_OK && *bound)
        st = query_failed(s, code, &error, err);
    tarn__engine_forget(&error);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status run_query(step *s, const tarn__sql_query *q, tarn_error *err)
{
    struct AdbcError error = {0};
    struct ArrowArrayStream stream = {0};
    int64_t rows = -1;
    int64_t fetched = 0;
    bool bound;
    tarn_status st = set_query(s, q,
        json_array_size(q->values) > 0 ? style_of(s) : TARN__PARAMS_QMARK,
        &bound, err);
    if (st == TARN_OK && !bound)
        st = set_query(s, q, TARN__PARAMS_LITERAL, &bound, err);
    if (st == TARN_OK) {
        AdbcStatusCode code = s->engine->driver.StatementExecuteQuery(
            &s->session.statement, &stream, &rows, &error);
        if (code != ADBC_STATUS_OK)
            st = query_failed(s, code, &error, err);
        else if (stream.release == NULL)
            st = tarn__fail(err, TARN_FAILED,
                "%s: the query gives no rows (write a SELECT)",
                s->engine->where);
        else
            st = tarn__engine_fetch(s->engine, s->call, s->x, s->result,
                q->name, &stream, &fetched, err);
    }
    s->rows += fetched;
    tarn__engine_release(&s->session);
    return told(s, st, err);
}

/* --- the step --- */

static tarn_status work(step *s, tarn_error *err)
{
    tarn__step_watch *watch = NULL;
    tarn_status st = tarn__engine_connect(s->engine, &s->session, err);
    if (st == TARN_OK)
        st = tarn__step_watch_start(
            s->call, tarn__engine_cancel, &s->session, &watch, err);
    if (st == TARN_OK)
        st = agree_on_types(s, err);
    if (st == TARN_OK)
        st = put_tables(s, err);
    for (size_t i = 0; st == TARN_OK && i < s->query_count; i++)
        st = run_query(s, &s->queries[i], err);
    tarn__step_watch_stop(watch);
    if (s->session.opened)
        drop_tables(s);
    tarn__engine_disconnect(&s->session);
    return told(s, st, err);
}

tarn_status tarn__engine_run(tarn__engine *engine, const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    step s = {.engine = engine, .call = call, .result = result};
    tarn_status st = tarn__config_open(call, &s.config, err);
    if (st == TARN_OK)
        st = tarn__sql_queries(call, s.config, &s.queries, &s.query_count, err);
    if (st == TARN_OK)
        st = tarn__engine_tables_of(
            call, json_object_get(s.config, "names"), &s.tables, err);
    if (st == TARN_OK)
        st = tarn__exchange_open(call, &s.x, err);
    if (st == TARN_OK)
        st = tarn__sql_count_inputs(s.x, call, err);
    if (st == TARN_OK)
        st = work(&s, err);
    if (st == TARN_OK)
        st = tarn__exchange_finish(s.x, err);
    if (st == TARN_OK)
        tarn__call_metric(call, "rows_processed", (double)s.rows);
    tarn__exchange_free(s.x);
    tarn__engine_tables_free(&s.tables);
    tarn__free(s.queries);
    json_decref(s.config);
    return st;
}

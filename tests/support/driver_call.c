#include "support/driver_call.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/time.h"
#include "duck/duck.h"
#include "flow/driver/query.h"
#include "support/sandbox.h"
#include "support/servers.h"

static void take_metric(void *ctx, const char *name, double value)
{
    driver_call *c = ctx;
    if (strcmp(name, "rows_read") == 0)
        c->rows_read = value;
    if (strcmp(name, "rows_written") == 0)
        c->rows_written = value;
}

static void take_event(void *ctx, const char *name, const char *fields)
{
    driver_call *c = ctx;
    size_t len = strlen(c->events);
    (void)snprintf(c->events + len, sizeof c->events - len, "%s %s\n", name,
        fields == NULL ? "" : fields);
}

static bool is_cancelled(void *ctx)
{
    driver_call *c = ctx;
    struct stat st;
    if (c->started_us == 0 && stat(c->cancel_when, &st) == 0 && st.st_size > 0)
        c->started_us = c->cancel_when == NULL ? tarn__monotonic_us() : 0;
    return (c->cancel_after_us > 0 || c->cancel_when != NULL) &&
        c->started_us > 0 &&
        tarn__monotonic_us() - c->started_us >= c->cancel_after_us;
}

static tarn_status take_table(
    void *ctx, const char *name, int64_t rows, tarn_error *err)
{
    driver_call *c = ctx;
    (void)err;
    c->tables++;
    c->rows += rows;
    (void)snprintf(c->table, sizeof c->table, "%s", name);
    return TARN_OK;
}

static tarn_status take_cursor(void *ctx, const char *value, tarn_error *err)
{
    driver_call *c = ctx;
    (void)err;
    (void)snprintf(c->cursor, sizeof c->cursor, "%s", value);
    return TARN_OK;
}

void driver_call_init(driver_call *c, void **state)
{
    memset(c, 0, sizeof(*c));
    c->state = state;
    c->call = (tarn_driver_call){
        .abi = TARN_DRIVER_ABI,
        .step_id = "one",
        .mode = TARN_STEP_READ,
        .output = sandbox_path(state, "one.duckdb"),
        .base_dir = sandbox_dir(state),
        .temp_dir = sandbox_mkdir(state, "temp"),
        .memory_bytes = (uint64_t)256 << 20,
        .threads = 2,
        .ctx = c,
        .metric = take_metric,
        .event = take_event,
        .cancelled = is_cancelled,
    };
}

void driver_call_input(driver_call *c, const char *query)
{
    static const char *const tables[] = {"main"};
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck_options o = TARN__DUCK_OPTIONS_INIT;
    tarn__duck *duck;
    o.path = sandbox_path(c->state, "in.duckdb");
    (void)remove(o.path);
    assert_int_equal(TARN_OK, tarn__duck_open(&o, &duck, &err));
    if (tarn__duck_execf(duck, &err, "CREATE TABLE main.main AS %s; CHECKPOINT",
            query) != TARN_OK)
        fail_msg("%s", err.message);
    tarn__duck_close(duck);
    c->input = (tarn_driver_input){"in", o.path, tables, 1};
    c->call.inputs = &c->input;
    c->call.input_count = 1;
}

static char *with_quotes(const char *text)
{
    char *out = text == NULL ? NULL : tarn__strdup(text);
    for (char *p = out; p != NULL && *p != '\0'; p++)
        if (*p == '\'')
            *p = '"';
    return out;
}

tarn_status driver_call_run(driver_call *c, const tarn_driver *driver,
    const char *config, const char *connection)
{
    const tarn_driver_result result = {c, take_table, take_cursor};
    char *config_json = with_quotes(config);
    char *connection_json = with_quotes(connection);
    c->error = (tarn_error)TARN_ERROR_INIT;
    c->tables = 0;
    c->rows = 0;
    c->cursor[0] = c->events[0] = '\0';
    c->rows_read = c->rows_written = -1;
    c->started_us = tarn__monotonic_us();
    c->call.config = config_json;
    c->call.connection = connection_json;
    if (c->call.output != NULL)
        (void)remove(c->call.output);
    tarn_status st = driver->run(&c->call, &result, &c->error);
    tarn__free(config_json);
    tarn__free(connection_json);
    return st;
}

void driver_call_good(driver_call *c, const tarn_driver *driver,
    const char *config, const char *connection)
{
    if (driver_call_run(c, driver, config, connection) != TARN_OK)
        fail_msg("%s", c->error.message);
}

tarn_status driver_call_log_in(driver_call *c, void **state,
    const tarn_driver *driver, const char *query, const char *host,
    const char *more)
{
    char connection[600];
    driver_call_init(c, state);
    (void)snprintf(connection, sizeof connection,
        "{'host':'%s','user':'tarn','password':'p4ss-w0rd','database':'shop',"
        "%s}",
        host, more);
    return driver_call_run(c, driver, query, connection);
}

void driver_call_verifies(driver_call *c, void **state, const char *kind,
    driver_call_tls *log_in, void (*encrypted)(driver_call *c, tarn_status st),
    const char *refused)
{
    char ca[300];
    server_tls tls = server_tls_of(kind);
    (void)snprintf(ca, sizeof ca, "'tls':'verify','tls_ca':'%s'", tls.ca);
    encrypted(c, log_in(state, c, tls.named, ca));
    assert_int_equal(TARN_FAILED, log_in(state, c, tls.other, ca));
    assert_non_null(strstr(c->error.message, refused));
    assert_int_equal(
        TARN_FAILED, log_in(state, c, tls.named, "'tls':'verify'"));
    encrypted(c, log_in(state, c, tls.other, "'tls':'on'"));
}

void driver_call_ended(const char *family, const char *kind, const char *rows,
    const char *end, const char *words)
{
    tarn__db *db;
    tarn__db_stream *stream;
    tarn__cell row[2];
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st;
    const char *mark = strstr(end, "%d");
    char sql[200];
    assert_int_equal(TARN_OK,
        tarn__query_connect(family, server_connection(kind), NULL, &db, &err));
    assert_int_equal(TARN_OK, tarn__db_query(db, rows, NULL, 0, &stream, &err));
    assert_int_equal(TARN_ROW, tarn__db_next(stream, row, &err));
    (void)snprintf(sql, sizeof sql, "%.*s%d%s", (int)(mark - end), end,
        (int)row[0].i64, mark + 2);
    server_sql(kind, sql);
    while ((st = tarn__db_next(stream, row, &err)) == TARN_ROW)
        continue;
    assert_int_equal(TARN_IO, st);
    assert_non_null(strstr(err.message, words));
    tarn__db_stream_free(stream);
    tarn__db_close(db);
}

const char *driver_call_answer(driver_call *c, const char *query)
{
    static char out[DRIVER_CALL_TEXT];
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck_options o = TARN__DUCK_OPTIONS_INIT;
    tarn__duck *duck;
    tarn__duck_result *result = NULL;
    tarn_rows *rows = NULL;
    size_t len = 0;
    tarn_status st;
    o.path = c->call.output;
    o.read_only = true;
    out[0] = '\0';
    if (tarn__duck_open(&o, &duck, &err) != TARN_OK ||
        tarn__duck_query(duck, query, NULL, 0, &result, &err) != TARN_OK ||
        tarn__duck_rows(result, &rows, &err) != TARN_OK)
        fail_msg("%s", err.message);
    while ((st = tarn_rows_next(rows, &err)) == TARN_ROW) {
        for (size_t i = 0; i < tarn_rows_column_count(rows); i++) {
            const char *text = tarn_rows_text(rows, i);
            len += (size_t)snprintf(out + len, sizeof out - len, "%s%s",
                i > 0 ? "|" : "", text == NULL ? "NULL" : text);
        }
        len += (size_t)snprintf(out + len, sizeof out - len, "\n");
        assert_true(len < sizeof out);
    }
    if (st != TARN_OK)
        fail_msg("%s", err.message);
    if (len > 0)
        out[len - 1] = '\0';
    tarn_rows_free(rows);
    tarn__duck_close(duck);
    return out;
}

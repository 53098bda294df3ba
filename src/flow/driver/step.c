/* What drivers share. */
#include "flow/driver/step.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/config.h"
#include "flow/exchange.h"
#include "os/process.h"
#include "os/threads.h"

#define WATCH_US 50000

tarn_status tarn__step_open(
    tarn__driver_step *step, const tarn_driver_call *call, tarn_error *err)
{
    *step = (tarn__driver_step){.call = call};
    tarn_status st = tarn__config_open(call, &step->config, err);
    if (st == TARN_OK)
        st = tarn__json_parse(
            tarn_str(call->connection == NULL ? "{}" : call->connection),
            "connection", &step->connection, err);
    if (st != TARN_OK)
        tarn__step_close(step);
    return st;
}

void tarn__step_close(tarn__driver_step *step)
{
    json_decref(step->config);
    json_decref(step->connection);
    step->config = step->connection = NULL;
}

tarn_status tarn__step_alive(const tarn_driver_call *call, tarn_error *err)
{
    if (tarn__call_cancelled(call))
        return tarn__fail(
            err, TARN_INTERRUPTED, "step %s: cancelled", call->step_id);
    return TARN_OK;
}

/* Texts that order as the numbers in them do, however long these are: the
 * digits before the point are counted first; of negative ones all is the other
 * way round. */
#define NUMBER_KEY                                                            \
    "CASE WHEN c = '-Infinity' THEN '' WHEN c IN ('Infinity', 'NaN') THEN "   \
    "'2' || c WHEN c[1] = '-' THEN '0' || lpad(CAST(999999 - strpos(c || "    \
    "'.', '.') AS VARCHAR), 6, '0') || translate(substr(c, 2), '0123456789'," \
    " '9876543210') || '~' ELSE '1' || lpad(CAST(strpos(c || '.', '.') AS "   \
    "VARCHAR), 6, '0') || c END"

tarn_status tarn__step_tell_cursor(const tarn_driver_call *call,
    tarn__exchange *exchange, bool numbers, const tarn_driver_result *result,
    tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    char *cursor = NULL;
    if (call->cursor_column == NULL)
        return TARN_OK;
    tarn_status st = tarn__sql_add(&sql, err,
        /* A float as the double that it is: as text it would be another. */
        "SELECT CASE typeof(m) WHEN 'TIMESTAMP WITH TIME ZONE' THEN "
        "CAST(CAST(m AS TIMESTAMP) AS VARCHAR) WHEN 'FLOAT' THEN "
        "CAST(CAST(m AS DOUBLE) AS VARCHAR) ELSE CAST(m AS VARCHAR) END "
        "FROM (SELECT ");
    if (st == TARN_OK)
        st = tarn__buf_str(
            &sql, numbers ? "arg_max(c, " NUMBER_KEY ")" : "max(c)", err);
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err,
            " AS m FROM (SELECT %n AS c FROM " TARN__EXCHANGE_OUTPUT
            ".main.main))",
            call->cursor_column);
    if (st == TARN_OK)
        st = tarn__duck_text(
            tarn__exchange_duck(exchange), sql.ptr, &cursor, err);
    if (st == TARN_OK && cursor != NULL)
        st = result->set_cursor(result->ctx, cursor, err);
    tarn__free(cursor);
    tarn_buf_reset(&sql);
    return st;
}

/* --- cancelling --- */

struct tarn__step_watch {
    const tarn_driver_call *call;
    void (*cancel)(void *self);
    void *self;
    pthread_t thread;
    tarn__mutex mutex;
    bool stopped;
};

static bool is_stopped(tarn__step_watch *watch)
{
    tarn__mutex_lock(&watch->mutex);
    bool stopped = watch->stopped;
    tarn__mutex_unlock(&watch->mutex);
    return stopped;
}

/* A statement that is between two others when it is cancelled runs on, so it
 * is told again. */
static void *watch_call(void *arg)
{
    tarn__step_watch *watch = arg;
    int turns = 0;
    while (!is_stopped(watch)) {
        if (watch->call->cancelled(watch->call->ctx) && turns++ % 10 == 0)
            watch->cancel(watch->self);
        tarn__sleep_us(WATCH_US);
    }
    return NULL;
}

void tarn__step_cancel_db(void *db)
{
    ((tarn__db *)db)->cls->cancel(db);
}

tarn_status tarn__step_watch_start(const tarn_driver_call *call,
    void (*cancel)(void *self), void *self, tarn__step_watch **out,
    tarn_error *err)
{
    *out = NULL;
    if (call->cancelled == NULL)
        return TARN_OK;
    tarn__step_watch *watch = tarn__calloc(1, sizeof(*watch));
    if (watch == NULL)
        return tarn__no_memory(err);
    watch->call = call;
    watch->cancel = cancel;
    watch->self = self;
    tarn__mutex_init(&watch->mutex);
    int code = pthread_create(&watch->thread, NULL, watch_call, watch);
    if (code != 0) {
        tarn__mutex_free(&watch->mutex);
        tarn__free(watch);
        return tarn__fail_os(err, code, "a thread for step %s", call->step_id);
    }
    *out = watch;
    return TARN_OK;
}

void tarn__step_watch_stop(tarn__step_watch *watch)
{
    if (watch == NULL)
        return;
    tarn__mutex_lock(&watch->mutex);
    watch->stopped = true;
    tarn__mutex_unlock(&watch->mutex);
    (void)pthread_join(watch->thread, NULL);
    tarn__mutex_free(&watch->mutex);
    tarn__free(watch);
}

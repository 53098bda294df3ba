/* An engine's database, and sessions in it. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/driver/engine_internal.h"
#include "os/file.h"

#define CONNECTION_OPTION "adbc.connection."

/* --- the database --- */

/* One option, of the connection where its name says so. */
static tarn_status set_option(tarn__engine *engine,
    struct AdbcConnection *connection, const char *key, const json_t *value,
    tarn_error *err)
{
    struct AdbcError error = {0};
    tarn_buf text = TARN_BUF_INIT;
    tarn_buf what = TARN_BUF_INIT;
    tarn_status st = json_is_string(value)
        ? tarn__buf_str(&text, json_string_value(value), err)
        : tarn__json_dump(value, &text, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&what, err, "option %s", key);
    if (st == TARN_OK) {
        const char *v = text.ptr == NULL ? "" : text.ptr;
        AdbcStatusCode code = connection == NULL
            ? TARN__ADBC(
                  engine, DatabaseSetOption, &engine->database, key, v, &error)
            : TARN__ADBC(
                  engine, ConnectionSetOption, connection, key, v, &error);
        if (code != ADBC_STATUS_OK)
            st = tarn__engine_fail(engine, code, &error, what.ptr,
                "look at the driver's documentation", err);
    }
    tarn_buf_reset(&what);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status set_options(
    tarn__engine *engine, struct AdbcConnection *connection, tarn_error *err)
{
    static const char *const fields[] = {"uri", "username", "password"};
    const json_t *options = json_object_get(engine->connection, "options");
    tarn_status st = TARN_OK;
    const char *key;
    json_t *value;
    for (size_t i = 0; connection == NULL && st == TARN_OK && i < 3; i++) {
        const json_t *field = json_object_get(engine->connection, fields[i]);
        if (field != NULL)
            st = set_option(engine, NULL, fields[i], field, err);
    }
    json_object_foreach((json_t *)options, key, value)
    {
        bool own =
            strncmp(key, CONNECTION_OPTION, strlen(CONNECTION_OPTION)) == 0;
        if (st == TARN_OK && own == (connection != NULL))
            st = set_option(engine, connection, key, value, err);
    }
    return st;
}

static tarn_status open_database(tarn__engine *engine, tarn_error *err)
{
    static const char what[] = "the database does not open";
    struct AdbcError error = {0};
    engine->database = (struct AdbcDatabase){NULL, &engine->driver};
    AdbcStatusCode code = engine->driver.DatabaseNew(&engine->database, &error);
    if (code != ADBC_STATUS_OK)
        return tarn__engine_fail(engine, code, &error, what, "", err);
    tarn_status st = set_options(engine, NULL, err);
    if (st == TARN_OK) {
        code = engine->driver.DatabaseInit(&engine->database, &error);
        if (code != ADBC_STATUS_OK)
            st = tarn__engine_fail(engine, code, &error, what,
                "check the connection's uri and options", err);
    }
    engine->ready = st == TARN_OK;
    if (st != TARN_OK) {
        (void)engine->driver.DatabaseRelease(&engine->database, &error);
        tarn__engine_forget(&error);
        engine->database = (struct AdbcDatabase){NULL, NULL};
    }
    return st;
}

/* --- sessions --- */

static tarn_status connect(
    tarn__engine *engine, tarn__engine_session *s, tarn_error *err)
{
    static const char what[] = "no connection";
    struct AdbcError error = {0};
    s->connection = (struct AdbcConnection){NULL, &engine->driver};
    AdbcStatusCode code = engine->driver.ConnectionNew(&s->connection, &error);
    if (code != ADBC_STATUS_OK)
        return tarn__engine_fail(engine, code, &error, what, "", err);
    s->opened = true;
    tarn_status st = set_options(engine, &s->connection, err);
    if (st != TARN_OK)
        return st;
    code = engine->driver.ConnectionInit(
        &s->connection, &engine->database, &error);
    return code == ADBC_STATUS_OK
        ? TARN_OK
        : tarn__engine_fail(engine, code, &error, what,
              "check the connection's uri and options", err);
}

tarn_status tarn__engine_connect(
    tarn__engine *engine, tarn__engine_session *s, tarn_error *err)
{
    *s = (tarn__engine_session){.engine = engine};
    tarn__mutex_init(&s->lock);
    tarn__mutex_lock(&engine->lock);
    tarn_status st = engine->ready ? TARN_OK : open_database(engine, err);
    if (st == TARN_OK)
        st = connect(engine, s, err);
    tarn__mutex_unlock(&engine->lock);
    return st;
}

void tarn__engine_release(tarn__engine_session *s)
{
    struct AdbcError error = {0};
    tarn__mutex_lock(&s->lock);
    bool was = s->running;
    s->running = false;
    tarn__mutex_unlock(&s->lock);
    if (was)
        (void)s->engine->driver.StatementRelease(&s->statement, &error);
    tarn__engine_forget(&error);
}

void tarn__engine_disconnect(tarn__engine_session *s)
{
    struct AdbcError error = {0};
    if (s->engine == NULL)
        return;
    tarn__engine_release(s);
    if (s->opened)
        (void)s->engine->driver.ConnectionRelease(&s->connection, &error);
    tarn__engine_forget(&error);
    tarn__mutex_free(&s->lock);
    s->engine = NULL;
}

tarn_status tarn__engine_statement(tarn__engine_session *s, tarn_error *err)
{
    struct AdbcError error = {0};
    tarn__engine_release(s);
    s->statement = (struct AdbcStatement){NULL, &s->engine->driver};
    AdbcStatusCode code =
        s->engine->driver.StatementNew(&s->connection, &s->statement, &error);
    if (code != ADBC_STATUS_OK)
        return tarn__engine_fail(
            s->engine, code, &error, "no statement", "", err);
    tarn__mutex_lock(&s->lock);
    s->running = true;
    tarn__mutex_unlock(&s->lock);
    return TARN_OK;
}

void tarn__engine_cancel(void *session)
{
    tarn__engine_session *s = session;
    const struct AdbcDriver *d = &s->engine->driver;
    struct AdbcError error = {0};
    tarn__mutex_lock(&s->lock);
    if (s->running && d->StatementCancel != NULL)
        (void)d->StatementCancel(&s->statement, &error);
    else if (s->running && d->ConnectionCancel != NULL)
        (void)d->ConnectionCancel(&s->connection, &error);
    tarn__mutex_unlock(&s->lock);
    tarn__engine_forget(&error);
}

/* --- who it is --- */

/* The text of the first row of info_name, info_value (a dense union whose
 * first child is text).  Each array may begin anywhere in its buffers. */
static void first_text(const struct ArrowArray *rows, char *out, size_t size)
{
    if (rows->length < 1 || rows->n_children < 2)
        return;
    const struct ArrowArray *value = rows->children[1];
    int64_t row = rows->offset + value->offset;
    if (value->n_buffers < 2 || value->n_children < 1 ||
        value->buffers[0] == NULL || value->buffers[1] == NULL ||
        ((const int8_t *)value->buffers[0])[row] != 0)
        return;
    const struct ArrowArray *texts = value->children[0];
    int64_t at = ((const int32_t *)value->buffers[1])[row];
    if (texts->n_buffers < 3 || at < 0 || at >= texts->length ||
        texts->buffers[1] == NULL || texts->buffers[2] == NULL)
        return;
    const int32_t *offsets =
        (const int32_t *)texts->buffers[1] + texts->offset + at;
    int32_t len = offsets[1] - offsets[0];
    if (len > 0)
        (void)snprintf(out, size, "%.*s", (int)len,
            (const char *)texts->buffers[2] + offsets[0]);
}

void tarn__engine_vendor(tarn__engine_session *s, char *out, size_t size)
{
    static const uint32_t wanted[] = {ADBC_INFO_VENDOR_NAME};
    struct AdbcError error = {0};
    struct ArrowArrayStream stream = {0};
    struct ArrowArray rows = {0};
    *out = '\0';
    AdbcStatusCode code = TARN__ADBC(s->engine, ConnectionGetInfo,
        &s->connection, wanted, 1, &stream, &error);
    tarn__engine_forget(&error);
    if (code != ADBC_STATUS_OK || stream.release == NULL)
        return;
    if (stream.get_next(&stream, &rows) == 0 && rows.release != NULL) {
        first_text(&rows, out, size);
        rows.release(&rows);
    }
    stream.release(&stream);
}

tarn_status tarn__engine_test(
    const char *connection, const char *base_dir, tarn_error *err)
{
    tarn__engine *engine = NULL;
    json_t *fields = NULL;
    tarn__engine_session session = {0};
    tarn_status st =
        tarn__json_parse(tarn_str(connection), "connection", &fields, err);
    const char *driver = tarn__json_text(fields, "driver");
    if (st == TARN_OK)
        st = tarn__engine_open(driver == NULL ? "?" : tarn__path_base(driver),
            fields, base_dir, &engine, err);
    if (st == TARN_OK)
        st = tarn__engine_connect(engine, &session, err);
    tarn__engine_disconnect(&session);
    tarn__engine_close(engine);
    json_decref(fields);
    return st;
}

/* Fields of connections. */
#include "flow/driver/login.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"

#define TIMEOUT_S 10
#define LONGEST_TIMEOUT_S 86400

static const char *const server_fields[] = {"host", "port", "socket", "user",
    "password", "database", "tls", "tls_ca", "connect_timeout", NULL};

const char *const *tarn__login_fields(const char *family)
{
    static const char *const file_fields[] = {"path", NULL};
    static const char *const http_fields[] = {
        "url", "headers", "user", "password", "token", NULL};
    if (strcmp(family, "mysql") == 0 || strcmp(family, "mariadb") == 0 ||
        strcmp(family, "postgres") == 0 || strcmp(family, "postgresql") == 0)
        return server_fields;
    static const char *const engine_fields[] = {"driver", "entrypoint", "uri",
        "username", "password", "paramstyle", "options", NULL};
    if (strcmp(family, "sqlite") == 0)
        return file_fields;
    if (strcmp(family, "adbc") == 0)
        return engine_fields;
    return strcmp(family, "http") == 0 || strcmp(family, "graphql") == 0
        ? http_fields
        : NULL;
}

static const char *text_of(
    const json_t *connection, const char *name, const char *otherwise)
{
    const char *text = tarn__json_text(connection, name);
    return text == NULL || *text == '\0' ? otherwise : text;
}

char *tarn__login_where(const char *engine, const json_t *connection)
{
    return tarn__sprintf("%s %s@%s/%s", engine, text_of(connection, "user", ""),
        text_of(connection, "socket", text_of(connection, "host", "localhost")),
        text_of(connection, "database", ""));
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static tarn_status check_names(
    const json_t *connection, const char *where, tarn_error *err)
{
    /* Of the OML dialect, about pools that are not here. */
    static const char *const ignored[] = {
        "pool_size", "pool_recycle", "echo", NULL};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)connection, name, value)
    {
        if (!is_one_of(name, server_fields) && !is_one_of(name, ignored))
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: the connection has no field %s (host, port, socket, user, "
                "password, database, tls, tls_ca or connect_timeout)",
                where, name);
    }
    return TARN_OK;
}

static tarn_status take_text(const json_t *connection, const char *where,
    const char *name, const char **out, tarn_error *err)
{
    const json_t *value = json_object_get(connection, name);
    *out = json_string_value(value);
    if (value == NULL || json_is_null(value) || *out != NULL)
        return TARN_OK;
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: the connection's %s is no text (quote it)", where, name);
}

/* A number, or the text of one, as the environment has it. */
static tarn_status take_number(const json_t *connection, const char *where,
    const char *name, int64_t max, unsigned *out, tarn_error *err)
{
    const json_t *value = json_object_get(connection, name);
    const char *text = json_string_value(value);
    int64_t n = json_integer_value(value);
    if (value == NULL || json_is_null(value))
        return TARN_OK;
    if ((text != NULL ? !tarn__parse_i64(text, &n) : !json_is_integer(value)) ||
        n < 1 || n > max)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the connection's %s is no number from 1 to %d", where, name,
            (int)max);
    *out = (unsigned)n;
    return TARN_OK;
}

static tarn_status take_tls(const json_t *connection, const char *where,
    tarn__login *out, tarn_error *err)
{
    const json_t *value = json_object_get(connection, "tls");
    const char *word = json_is_true(value) ? "on"
        : json_is_false(value)             ? "off"
                                           : json_string_value(value);
    if (value == NULL || json_is_null(value))
        out->tls = out->tls_ca == NULL ? TARN__TLS_UNSAID : TARN__TLS_VERIFY;
    else if (word != NULL && strcmp(word, "off") == 0)
        out->tls = TARN__TLS_OFF;
    else if (word != NULL && strcmp(word, "on") == 0)
        out->tls = TARN__TLS_ON;
    else if (word != NULL && strcmp(word, "verify") == 0)
        out->tls = TARN__TLS_VERIFY;
    else
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the connection's tls is off, on or verify", where);
    if (out->tls == TARN__TLS_OFF && out->tls_ca != NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: the connection has tls_ca, and tls: off (leave one out)",
            where);
    return TARN_OK;
}

tarn_status tarn__login_read(const json_t *connection, const char *where,
    tarn__login *out, tarn_error *err)
{
    *out = (tarn__login){.timeout_s = TIMEOUT_S};
    const struct {
        const char *name;
        const char **text;
    } texts[] = {{"host", &out->host}, {"socket", &out->socket},
        {"user", &out->user}, {"password", &out->password},
        {"database", &out->database}, {"tls_ca", &out->tls_ca}};
    tarn_status st = check_names(connection, where, err);
    for (size_t i = 0; st == TARN_OK && i < sizeof texts / sizeof *texts; i++)
        st = take_text(connection, where, texts[i].name, texts[i].text, err);
    if (st == TARN_OK)
        st = take_number(connection, where, "port", 65535, &out->port, err);
    if (st == TARN_OK)
        st = take_number(connection, where, "connect_timeout",
            LONGEST_TIMEOUT_S, &out->timeout_s, err);
    return st == TARN_OK ? take_tls(connection, where, out, err) : st;
}

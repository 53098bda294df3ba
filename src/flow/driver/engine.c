/* An engine behind ADBC: its driver, what it says when it fails. */
#include "flow/driver/engine.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/engine_internal.h"
#include "os/dynlib.h"
#include "os/file.h"

/* --- failures --- */

static const char *code_words(AdbcStatusCode code)
{
    static const char *const words[] = {"no reason given", "unknown error",
        "not implemented", "not found", "already there", "invalid argument",
        "invalid state", "invalid data", "an integrity rule is broken",
        "internal error", "I/O error", "cancelled", "timed out",
        "not authenticated", "not authorized"};
    return words[code < sizeof(words) / sizeof(words[0]) ? code : 0];
}

static tarn_status status_of(AdbcStatusCode code)
{
    switch (code) {
    case ADBC_STATUS_NOT_FOUND:
    case ADBC_STATUS_ALREADY_EXISTS:
    case ADBC_STATUS_INVALID_ARGUMENT:
    case ADBC_STATUS_INVALID_DATA:
    case ADBC_STATUS_INTEGRITY:
        return TARN_BAD_INPUT;
    case ADBC_STATUS_IO:
    case ADBC_STATUS_TIMEOUT:
        return TARN_IO;
    default:
        return TARN_FAILED;
    }
}

void tarn__engine_forget(struct AdbcError *error)
{
    if (error->release != NULL)
        error->release(error);
    *error = (struct AdbcError){0};
}

tarn_status tarn__engine_line(tarn_buf *out, const char *words, tarn_error *err)
{
    tarn_status st = TARN_OK;
    bool blank = false;
    /* What follows a blank line points into the query. */
    for (; st == TARN_OK && *words != '\0' && strncmp(words, "\n\n", 2) != 0;
         words++) {
        if (isspace((unsigned char)*words) || iscntrl((unsigned char)*words)) {
            blank = out->len > 0;
            continue;
        }
        if (blank)
            st = tarn__buf_char(out, ' ', err);
        blank = false;
        if (st == TARN_OK)
            st = tarn__buf_char(out, *words, err);
    }
    return st;
}

tarn_status tarn__engine_fail(const tarn__engine *engine, AdbcStatusCode code,
    struct AdbcError *error, const char *what, const char *mend,
    tarn_error *err)
{
    tarn_buf line = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    if (error->message != NULL)
        st = tarn__engine_line(&line, error->message, err);
    if (st == TARN_OK)
        st = tarn__fail(err, status_of(code), "%s: %s: %s%s%s%s", engine->where,
            what, line.len > 0 ? line.ptr : code_words(code),
            *mend == '\0' ? "" : " (", mend, *mend == '\0' ? "" : ")");
    tarn_buf_reset(&line);
    tarn__engine_forget(error);
    return st;
}

/* --- the driver's library --- */

/* libadbc_driver_sqlite.so.1 -> AdbcDriverSqliteInit, as driver managers guess
 * it; NULL: no memory. */
static char *guess_entry(const char *file)
{
    const char *base = tarn__path_base(file);
    static const char *const prefixes[] = {"lib", "adbc_driver_", "adbc_"};
    tarn_buf out = TARN_BUF_INIT;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(base, prefixes[i], strlen(prefixes[i])) == 0)
            base += strlen(prefixes[i]);
    tarn_status st = tarn__buf_str(&out, "AdbcDriver", NULL);
    bool upper = true;
    for (; st == TARN_OK && *base != '\0' && *base != '.'; base++) {
        if (isalnum((unsigned char)*base))
            st = tarn__buf_char(&out,
                (char)(upper ? toupper((unsigned char)*base) : *base), NULL);
        upper = !isalnum((unsigned char)*base);
    }
    if (st == TARN_OK)
        st = tarn__buf_str(&out, "Init", NULL);
    char *made = st == TARN_OK ? tarn__buf_take(&out) : NULL;
    tarn_buf_reset(&out);
    return made;
}

/* A file, or a name that the loader knows: adbc_driver_sqlite. */
static tarn_status find_function(const char *driver, const char *base_dir,
    const char *entry, AdbcDriverInitFunc *init, tarn_error *err)
{
    char *path = *driver == '/' || base_dir == NULL
        ? tarn__strdup(driver)
        : tarn__path_join(base_dir, driver);
    char *library = tarn__sprintf("lib%s.so", driver);
    tarn_status st =
        path == NULL || library == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK &&
        (strchr(driver, '/') != NULL || tarn__path_exists(path))) {
        st = tarn__dynlib_function(path, entry, (void *)init, err);
    } else if (st == TARN_OK) {
        st = tarn__dynlib_search(library, entry, (void *)init, err);
        if (st == TARN_NOT_FOUND)
            st = tarn__dynlib_search(driver, entry, (void *)init, err);
    }
    tarn__free(path);
    tarn__free(library);
    return st;
}

static tarn_status find_init(const tarn__engine *engine, const char *base_dir,
    AdbcDriverInitFunc *init, tarn_error *err)
{
    const char *driver = tarn__json_text(engine->connection, "driver");
    const char *entry = tarn__json_text(engine->connection, "entrypoint");
    tarn_status st = find_function(
        driver, base_dir, entry == NULL ? "AdbcDriverInit" : entry, init, err);
    if (st == TARN_BAD_INPUT && entry == NULL) {
        char *guess = guess_entry(driver);
        tarn_error other = TARN_ERROR_INIT;
        tarn_status again = guess == NULL
            ? TARN_NO_MEMORY
            : find_function(driver, base_dir, guess, init, &other);
        tarn__free(guess);
        st = again == TARN_OK         ? TARN_OK
            : again == TARN_NO_MEMORY ? tarn__no_memory(err)
                                      : st;
    }
    if (st == TARN_NOT_FOUND || st == TARN_BAD_INPUT) {
        const tarn_error why = *err;
        return tarn__fail(err, st, "%s: %s (%s)", engine->where, why.message,
            st == TARN_NOT_FOUND
                ? "give the path of the engine's ADBC driver as driver"
                : "give the driver's library as driver, and the name of its "
                  "init function as entrypoint");
    }
    return st;
}

/* What every driver has. */
static bool whole(const struct AdbcDriver *d)
{
    return d->DatabaseNew != NULL && d->DatabaseInit != NULL &&
        d->DatabaseRelease != NULL && d->ConnectionNew != NULL &&
        d->ConnectionInit != NULL && d->ConnectionRelease != NULL &&
        d->StatementNew != NULL && d->StatementRelease != NULL &&
        d->StatementSetSqlQuery != NULL && d->StatementExecuteQuery != NULL;
}

static tarn_status load(
    tarn__engine *engine, const char *base_dir, tarn_error *err)
{
    static const int versions[] = {ADBC_VERSION_1_1_0, ADBC_VERSION_1_0_0};
    AdbcDriverInitFunc init = NULL;
    struct AdbcError error = {0};
    AdbcStatusCode code = ADBC_STATUS_NOT_IMPLEMENTED;
    tarn_status st = find_init(engine, base_dir, &init, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; i < 2 && code != ADBC_STATUS_OK; i++) {
        tarn__engine_forget(&error);
        engine->driver = (struct AdbcDriver){0};
        code = init(versions[i], &engine->driver, &error);
    }
    if (code != ADBC_STATUS_OK)
        engine->driver = (struct AdbcDriver){0};
    if (code == ADBC_STATUS_OK && whole(&engine->driver))
        return TARN_OK;
    if (code != ADBC_STATUS_OK && code != ADBC_STATUS_NOT_IMPLEMENTED)
        return tarn__engine_fail(
            engine, code, &error, "the driver does not start", "", err);
    tarn__engine_forget(&error);
    return tarn__fail(err, TARN_FAILED,
        code == ADBC_STATUS_OK
            ? "%s: the driver has not all functions of ADBC 1.0 (install a "
              "newer one)"
            : "%s: the driver speaks neither ADBC 1.1 nor 1.0 (install one "
              "that does)",
        engine->where);
}

/* --- the connection's fields --- */

static tarn_status read_style(tarn__engine *engine, tarn_error *err)
{
    static const char *const words[] = {
        NULL, "qmark", "numeric_dollar", "literal"};
    const char *word = tarn__json_text(engine->connection, "paramstyle");
    engine->style = TARN__PARAMS_UNSAID;
    if (json_object_get(engine->connection, "paramstyle") == NULL)
        return TARN_OK;
    for (size_t i = 1; word != NULL && i < 4; i++)
        if (strcmp(word, words[i]) == 0)
            engine->style = (tarn__paramstyle)i;
    return engine->style != TARN__PARAMS_UNSAID
        ? TARN_OK
        : tarn__fail(err, TARN_BAD_INPUT,
              "%s: paramstyle is qmark (?), numeric_dollar ($1) or literal",
              engine->where);
}

static tarn_status check_fields(const tarn__engine *engine, tarn_error *err)
{
    static const char *const texts[] = {
        "driver", "entrypoint", "uri", "username", "password"};
    const json_t *options = json_object_get(engine->connection, "options");
    const char *key;
    json_t *value;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const json_t *field = json_object_get(engine->connection, texts[i]);
        if (field != NULL && !json_is_string(field))
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: %s is no text (quote it)", engine->where, texts[i]);
    }
    const char *driver = tarn__json_text(engine->connection, "driver");
    if (driver == NULL || *driver == '\0')
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: names no driver (give the path of the engine's ADBC driver "
            "as driver)",
            engine->where);
    if (options != NULL && !json_is_object(options))
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: options is no mapping (write options: {KEY: VALUE})",
            engine->where);
    json_object_foreach((json_t *)options, key, value)
    {
        if (json_is_object(value) || json_is_array(value) ||
            json_is_null(value))
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: options.%s is no text, number or boolean", engine->where,
                key);
    }
    return TARN_OK;
}

tarn_status tarn__engine_open(const char *name, const json_t *connection,
    const char *base_dir, tarn__engine **out, tarn_error *err)
{
    *out = NULL;
    tarn__engine *engine = tarn__calloc(1, sizeof(*engine));
    if (engine == NULL)
        return tarn__no_memory(err);
    tarn__mutex_init(&engine->lock);
    engine->where = tarn__sprintf("adbc.%s", name);
    engine->connection = json_deep_copy(connection);
    tarn_status st = engine->where == NULL || engine->connection == NULL
        ? tarn__no_memory(err)
        : TARN_OK;
    if (st == TARN_OK)
        st = check_fields(engine, err);
    if (st == TARN_OK)
        st = read_style(engine, err);
    if (st == TARN_OK)
        st = load(engine, base_dir, err);
    if (st == TARN_OK)
        *out = engine;
    else
        tarn__engine_close(engine);
    return st;
}

void tarn__engine_close(tarn__engine *engine)
{
    struct AdbcError error = {0};
    if (engine == NULL)
        return;
    if (engine->database.private_data != NULL)
        (void)engine->driver.DatabaseRelease(&engine->database, &error);
    tarn__engine_forget(&error);
    if (engine->driver.release != NULL)
        (void)engine->driver.release(&engine->driver, &error);
    tarn__engine_forget(&error);
    tarn__mutex_free(&engine->lock);
    json_decref(engine->connection);
    tarn__free(engine->where);
    tarn__free(engine);
}

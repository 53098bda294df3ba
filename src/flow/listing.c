/* What there is: components, and the connections of a file. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/rows.h"
#include "base/str.h"
#include "flow/driver/engine.h"
#include "flow/flow_internal.h"
#include "os/file.h"

#define CONNECTIONS_MAX_BYTES 4194304

/* --- components --- */

/* The properties of the schema, the required ones with a star. */
static tarn_status config_text(
    const tarn_driver *driver, tarn_buf *out, tarn_error *err)
{
    json_t *schema = NULL;
    const char *key;
    json_t *property;
    if (driver->config_schema == NULL)
        return TARN_OK;
    tarn_status st = tarn__json_parse(
        tarn_str(driver->config_schema), driver->name, &schema, err);
    if (st == TARN_OK && tarn__json_text(schema, "x-connection") != NULL)
        st = tarn__buf_str(out,
            json_is_true(json_object_get(schema, "x-connection-required"))
                ? "connection*"
                : "connection",
            err);
    const json_t *required = json_object_get(schema, "required");
    json_object_foreach(json_object_get(schema, "properties"), key, property)
    {
        bool needed = false;
        for (size_t i = 0; i < json_array_size(required); i++) {
            const char *name = json_string_value(json_array_get(required, i));
            needed = needed || (name != NULL && strcmp(name, key) == 0);
        }
        if (st == TARN_OK)
            st = tarn__buf_printf(out, err, "%s%s%s", out->len > 0 ? " " : "",
                key, needed ? "*" : "");
    }
    json_decref(schema);
    return st;
}

static tarn_status add_driver(
    tarn__table *table, const tarn_driver *driver, tarn_error *err)
{
    char modes[40];
    tarn_buf config = TARN_BUF_INIT;
    tarn__mode_words(driver->modes, modes, sizeof(modes));
    tarn_status st = config_text(driver, &config, err);
    if (st == TARN_OK)
        st = tarn__table_text(table, driver->name, err);
    if (st == TARN_OK)
        st = tarn__table_text(table, driver->version, err);
    if (st == TARN_OK)
        st = tarn__table_text(table, modes, err);
    if (st == TARN_OK)
        st = tarn__table_text(table, config.ptr == NULL ? "" : config.ptr, err);
    tarn_buf_reset(&config);
    return st;
}

tarn_status tarn_flow_drivers(tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{"component", TARN_TEXT},
        {"version", TARN_TEXT}, {"modes", TARN_TEXT}, {"config", TARN_TEXT}};
    tarn__table *table;
    size_t count;
    *out = NULL;
    const tarn_driver *const *drivers = tarn__driver_all(&count);
    tarn_status st = tarn__table_create(columns, 4, &table, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = add_driver(table, drivers[i], err);
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    return st;
}

/* --- connections --- */

typedef struct listing {
    tarn__table *table;
    bool test;
    char *base_dir;
} listing;

typedef tarn_status tester(
    const char *connection, const char *base_dir, tarn_error *err);

/* That of the first driver of the family that can test; no component is of
 * family adbc. */
static tarn_status find_tester(
    const char *family, tester **out, tarn_error *err)
{
    size_t count;
    tarn_status st = TARN_OK;
    const tarn_driver *const *drivers = tarn__driver_all(&count);
    *out = strcmp(family, "adbc") == 0 ? tarn__engine_test : NULL;
    for (size_t i = 0; st == TARN_OK && *out == NULL && i < count; i++) {
        json_t *schema = NULL;
        if (drivers[i]->test == NULL || drivers[i]->config_schema == NULL)
            continue;
        st = tarn__json_parse(tarn_str(drivers[i]->config_schema),
            drivers[i]->name, &schema, err);
        const char *own = tarn__json_text(schema, "x-connection");
        if (own != NULL && tarn__same_family(own, family))
            *out = drivers[i]->test;
        json_decref(schema);
    }
    return st;
}

/* An error of the other end is an answer, with the secrets masked. */
static tarn_status test(listing *l, const char *family, const json_t *fields,
    const char **status, tarn_buf *message, tarn_error *err)
{
    tester *reach;
    tarn_buf text = TARN_BUF_INIT;
    tarn_error fault = TARN_ERROR_INIT;
    *status = "skipped";
    tarn_status st = find_tester(family, &reach, err);
    if (st != TARN_OK)
        return st;
    if (reach == NULL)
        return tarn__buf_str(message, "no component tests this family", err);
    tarn_status got = tarn__connection_fill(fields, false, &text, &fault);
    if (got == TARN_OK)
        got = reach(text.ptr, l->base_dir, &fault);
    tarn_buf_reset(&text);
    *status = got == TARN_OK ? "ok" : "failed";
    if (got == TARN_NO_MEMORY || got == TARN_INTERRUPTED) {
        if (err != NULL)
            *err = fault;
        return got;
    }
    return got == TARN_OK
        ? TARN_OK
        : tarn__flow_mask_connection(fields, fault.message, message, err);
}

static tarn_status add_connection(listing *l, const char *family,
    const char *alias, const json_t *fields, bool usual, tarn_error *err)
{
    tarn_buf name = TARN_BUF_INIT;
    tarn_buf shown = TARN_BUF_INIT;
    tarn_buf message = TARN_BUF_INIT;
    const char *status = NULL;
    tarn_status st = tarn__buf_printf(&name, err, "@%s.%s", family, alias);
    if (st == TARN_OK)
        st = tarn__connection_show(fields, &shown, err);
    if (st == TARN_OK && l->test)
        st = test(l, family, fields, &status, &message, err);
    if (st == TARN_OK)
        st = tarn__table_text(l->table, name.ptr, err);
    if (st == TARN_OK)
        st = tarn__table_i64(l->table, usual, err);
    if (st == TARN_OK)
        st = tarn__table_text(l->table, shown.ptr, err);
    if (st == TARN_OK && l->test)
        st = tarn__table_text(l->table, status, err);
    if (st == TARN_OK && l->test)
        st = tarn__table_text(
            l->table, message.len == 0 ? "" : message.ptr, err);
    tarn_buf_reset(&message);
    tarn_buf_reset(&shown);
    tarn_buf_reset(&name);
    return st;
}

static tarn_status add_family(
    listing *l, const char *family, const json_t *aliases, tarn_error *err)
{
    const char *usual = tarn__default_alias(aliases);
    const char *alias;
    json_t *fields;
    tarn_status st = TARN_OK;
    json_object_foreach((json_t *)aliases, alias, fields)
    {
        if (st == TARN_OK && json_is_object(fields))
            st = add_connection(l, family, alias, fields,
                usual != NULL && strcmp(usual, alias) == 0, err);
    }
    return st;
}

static tarn_status list(const tarn__yaml *yaml, const char *path, bool test,
    tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{"connection", TARN_TEXT},
        {"default", TARN_BOOL}, {"fields", TARN_JSON}, {"status", TARN_TEXT},
        {"message", TARN_TEXT}};
    listing l = {NULL, test, NULL};
    const char *family;
    json_t *aliases;
    tarn_status st = tarn__table_create(columns, test ? 5 : 3, &l.table, err);
    if (st != TARN_OK)
        return st;
    st = tarn__realpath(path, &l.base_dir, err);
    if (st == TARN_OK)
        *strrchr(l.base_dir, '/') = '\0';
    json_object_foreach(
        json_object_get(tarn__yaml_root(yaml, 0), "connections"), family,
        aliases)
    {
        if (st == TARN_OK)
            st = add_family(&l, family, aliases, err);
    }
    tarn__free(l.base_dir);
    if (st == TARN_OK)
        st = tarn__table_rows(l.table, out, err);
    if (st != TARN_OK)
        tarn__table_free(l.table);
    return st;
}

tarn_status tarn_flow_connections(
    const char *path, bool test, tarn_rows **out, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn__yaml *yaml = NULL;
    *out = NULL;
    path = path == NULL ? "connections.yaml" : path;
    tarn_status st = tarn__file_slurp(path, CONNECTIONS_MAX_BYTES, &text, err);
    if (st == TARN_OK)
        st = tarn__yaml_parse(tarn__buf_slice(&text), path, &yaml, err);
    if (st == TARN_OK &&
        !json_is_object(
            json_object_get(tarn__yaml_root(yaml, 0), "connections")))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: has no connections (write connections: {FAMILY: {ALIAS: "
            "{...}}})",
            path);
    if (st == TARN_OK)
        st = list(yaml, path, test, out, err);
    tarn__yaml_free(yaml);
    tarn_buf_reset(&text);
    return st;
}

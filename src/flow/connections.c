/* Connections: the file beside the flow, the choice of an alias. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/driver/login.h"
#include "flow/flow_internal.h"
#include "os/file.h"

#define CONNECTIONS_MAX_BYTES 4194304

/* --- the file --- */

/* A word that is misspelt would leave a connection without what was asked. */
static void check_fields(tarn__compiler *c, const char *family,
    const json_t *fields, const tarn__spot *at)
{
    const char *const *known = tarn__login_fields(family);
    const char *words[16] = {NULL};
    size_t count = 0;
    tarn__check_secrets(c, fields, at, NULL);
    for (; known != NULL && known[count] != NULL; count++)
        words[count] = known[count];
    words[count] = "default";
    if (known != NULL && !c->flow->oml)
        tarn__check_keys(c, fields, at, words, "a connection");
}

static void check_shape(tarn__compiler *c)
{
    static const char *const keys[] = {"connections", "version", NULL};
    const json_t *root = tarn__yaml_root(c->connections_yaml, 0);
    tarn__spot all = tarn__spot_key(&c->connections_root, "connections");
    if (root != NULL && !json_is_object(root)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &c->connections_root,
            "the file is %s (write connections: {FAMILY: {ALIAS: {...}}})",
            tarn__json_kind(root));
        return;
    }
    tarn__check_keys(c, root, &c->connections_root, keys, "a connections file");
    const char *family;
    json_t *aliases;
    json_object_foreach(json_object_get(root, "connections"), family, aliases)
    {
        tarn__spot spot = tarn__spot_key(&all, family);
        const char *alias;
        json_t *fields;
        if (!json_is_object(aliases))
            tarn__diagnose(c, TARN__ERROR, "bad_type", &spot,
                "%s: is %s (write {ALIAS: {host: ...}})", family,
                tarn__json_kind(aliases));
        json_object_foreach(aliases, alias, fields)
        {
            tarn__spot one = tarn__spot_key(&spot, alias);
            if (!json_is_object(fields))
                tarn__diagnose(c, TARN__ERROR, "bad_type", &one,
                    "%s.%s: is %s (write {host: ...})", family, alias,
                    tarn__json_kind(fields));
            else
                check_fields(c, family, fields, &one);
        }
    }
    c->connections = json_object_get(root, "connections");
}

/* A file that was named must be there; one beside the flow may be. */
void tarn__read_connections(tarn__compiler *c)
{
    const char *named = c->options->connections;
    tarn_buf text = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn__yaml_fault fault = {0, 0};
    c->connections_path = named != NULL
        ? tarn__strdup(named)
        : tarn__path_join(c->flow->base_dir, "connections.yaml");
    if (c->connections_path == NULL) {
        tarn__compiler_no_memory(c);
        return;
    }
    if (c->text != NULL
            ? c->text->connections.ptr == NULL
            : named == NULL && !tarn__path_exists(c->connections_path))
        return;
    tarn_status st = c->text != NULL
        ? tarn__buf_append(
              &text, c->text->connections.ptr, c->text->connections.len, &err)
        : tarn__file_slurp(
              c->connections_path, CONNECTIONS_MAX_BYTES, &text, &err);
    if (st == TARN_OK)
        st = tarn__yaml_parse_placed(
            tarn__buf_slice(&text), &c->connections_yaml, &fault, &err);
    tarn_buf_reset(&text);
    if (st == TARN_NO_MEMORY)
        tarn__compiler_no_memory(c);
    else if (st != TARN_OK && fault.line > 0)
        tarn__diagnose_syntax(
            c, "connections_file", &c->connections_root, &fault, err.message);
    else if (st != TARN_OK)
        tarn__diagnose(c, TARN__ERROR, "connections_file", &c->connections_root,
            "%s", err.message);
    else
        check_shape(c);
}

/* --- the choice --- */

bool tarn__same_family(const char *a, const char *b)
{
    static const char *const twins[][2] = {
        {"mariadb", "mysql"}, {"postgresql", "postgres"}, {"graphql", "http"}};
    for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
        a = strcmp(a, twins[i][0]) == 0 ? twins[i][1] : a;
        b = strcmp(b, twins[i][0]) == 0 ? twins[i][1] : b;
    }
    return strcmp(a, b) == 0;
}

const char *tarn__default_alias(const json_t *aliases)
{
    const char *alias;
    json_t *fields;
    json_object_foreach((json_t *)aliases, alias, fields)
    {
        if (json_is_true(json_object_get(fields, "default")))
            return alias;
    }
    if (json_object_get(aliases, "default") != NULL)
        return "default";
    if (json_object_size(aliases) == 1)
        return json_object_iter_key(json_object_iter((json_t *)aliases));
    return NULL;
}

static void no_alias(tarn__compiler *c, const tarn__spot *at,
    const char *family, const char *alias, const json_t *aliases)
{
    tarn__nearest nearest = {.typed = alias == NULL ? "" : alias};
    char list[300] = "";
    char mend[360];
    const char *name;
    json_t *fields;
    json_object_foreach((json_t *)aliases, name, fields)
    {
        tarn__nearest_try(&nearest, name);
        tarn__list_add(list, sizeof(list), name);
    }
    snprintf(mend, sizeof(mend),
        *list == '\0' ? "put it into %.*s%s" : "there is %.*s%s", 300,
        *list == '\0' ? tarn__path_base(c->connections_path) : list, "");
    if (alias == NULL)
        tarn__diagnose(c, TARN__ERROR, "ambiguous_connection", at,
            "@%s: has no default among its aliases (name one of %s, or mark "
            "one default: true)",
            family, list);
    else
        tarn__diagnose(c, TARN__ERROR, "unknown_connection", at,
            "@%s.%s: there is no such connection (%s)", family, alias,
            tarn__nearest_mend(&nearest, mend));
}

/* The fields without `default`. */
static json_t *fields_of(tarn__compiler *c, const json_t *fields)
{
    json_t *copy = tarn__keep_json(c, json_deep_copy(fields));
    json_object_del(copy, "default");
    return copy;
}

static void choose(tarn__compiler *c, tarn__raw_step *step,
    const tarn__spot *at, const char *family, const char *alias)
{
    const char *key = family;
    const json_t *aliases = json_object_get(c->connections, family);
    json_t *twin;
    if (aliases == NULL)
        json_object_foreach(c->connections, key, twin)
        {
            if (tarn__same_family(key, family)) {
                aliases = twin;
                family = key;
                break;
            }
        }
    if (alias == NULL)
        alias = json_object_size(aliases) == 0 ? "default"
                                               : tarn__default_alias(aliases);
    const json_t *fields =
        alias == NULL ? NULL : json_object_get(aliases, alias);
    if (!json_is_object(fields)) {
        no_alias(c, at, family, alias, aliases);
        return;
    }
    tarn__spot all = tarn__spot_key(&c->connections_root, "connections");
    tarn__spot of_family = tarn__spot_key(&all, family);
    tarn__spot one = tarn__spot_key(&of_family, alias);
    tarn__check_references(c, fields, &one, false);
    char *name = tarn__sprintf("%s.%s", family, alias);
    if (name == NULL)
        tarn__compiler_no_memory(c);
    else
        step->connection = tarn__keep_text(c, name);
    tarn__free(name);
    step->connection_value = fields_of(c, fields);
}

void tarn__check_engine(tarn__compiler *c)
{
    const json_t *aliases = json_object_get(c->connections, "adbc");
    const json_t *fields = json_object_get(aliases, c->engine);
    char list[300] = "";
    const char *name;
    json_t *other;
    if (json_is_object(fields)) {
        tarn__spot all = tarn__spot_key(&c->connections_root, "connections");
        tarn__spot family = tarn__spot_key(&all, "adbc");
        tarn__spot one = tarn__spot_key(&family, c->engine);
        tarn__check_references(c, fields, &one, false);
        c->flow->engine = fields_of(c, fields);
        return;
    }
    json_object_foreach((json_t *)aliases, name, other)
    {
        tarn__list_add(list, sizeof(list), name);
    }
    c->st = tarn__fail(&c->err, TARN_NOT_FOUND,
        "--target adbc:%s: there is no such connection (%s%s)", c->engine,
        *list == '\0' ? "put connections: {adbc: {NAME: {driver: FILE, uri: "
                        "...}}} into "
                      : "there is ",
        *list == '\0' ? c->connections_path : list);
}

/* "@family.alias" or "@family"; false when it is neither. */
static bool take_apart(const char *text, char family[100], const char **alias)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                  "QRSTUVWXYZ0123456789_-";
    size_t len = text[0] == '@' ? strspn(text + 1, letters) : 0;
    if (len == 0 || len > 99)
        return false;
    memcpy(family, text + 1, len);
    family[len] = '\0';
    *alias = NULL;
    if (text[1 + len] == '\0')
        return true;
    if (text[1 + len] != '.')
        return false;
    *alias = text + len + 2;
    size_t rest = strspn(*alias, letters);
    return rest > 0 && (*alias)[rest] == '\0';
}

static void named(tarn__compiler *c, tarn__raw_step *step, const char *wanted,
    const char *text, const tarn__spot *at)
{
    char family[100];
    const char *alias;
    if (!take_apart(text, family, &alias)) {
        tarn__diagnose(c, TARN__ERROR, "bad_connection", at,
            "connection: is no name of one (write \"@FAMILY.ALIAS\", in "
            "quotes)");
        return;
    }
    if (wanted != NULL && !tarn__same_family(family, wanted)) {
        tarn__diagnose(c, TARN__ERROR, "connection_family", at,
            "@%s: is not for %s (name one of @%s)", family, step->driver->name,
            wanted);
        return;
    }
    choose(c, step, at, family, alias);
}

/* `connection` leaves the config: the driver gets it by itself. */
void tarn__check_connection(
    tarn__compiler *c, tarn__raw_step *step, const json_t *schema)
{
    const char *family = tarn__json_text(schema, "x-connection");
    const json_t *more = json_object_get(schema, "additionalProperties");
    bool open = schema == NULL || (more != NULL && !json_is_false(more));
    json_t *value = json_object_get(step->config, "connection");
    tarn__spot at = tarn__spot_key(&step->config_spot, "connection");
    bool required =
        json_is_true(json_object_get(schema, "x-connection-required"));
    if (value == NULL && required)
        choose(c, step, &at, family == NULL ? "" : family, NULL);
    if (value == NULL || (family == NULL && !open))
        return;
    const tarn__filling filling = {c->params, c->param_count, false, false};
    json_t *filled = NULL;
    c->st = tarn__fill(&filling, value, &filled, &c->err);
    filled = tarn__keep_json(c, filled);
    if (filled != NULL && !json_is_string(filled))
        tarn__diagnose(c, TARN__ERROR, "bad_connection", &at,
            "connection: is %s (write \"@FAMILY.ALIAS\", and its fields into "
            "connections.yaml)",
            tarn__json_kind(filled));
    else if (filled != NULL)
        named(c, step, family, json_string_value(filled), &at);
    json_object_del(step->config, "connection");
}

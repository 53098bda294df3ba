/* The OML 0.1.0 dialect: its keys, its components' configurations in our
 * words, and the names that its SQL has for inputs. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"
#include "flow/flow_internal.h"

static const char *const forbidden[] = {
    "version", "connectors", "tasks", "outputs", NULL};

bool tarn__oml_detect(tarn__compiler *c)
{
    const json_t *version = json_object_get(c->document, "oml_version");
    tarn__spot at = tarn__spot_key(&c->root, "oml_version");
    if (version == NULL)
        return false;
    if (!json_is_string(version))
        tarn__diagnose(c, TARN__ERROR, "bad_type", &at,
            "oml_version: is %s (write \"0.1.0\", in quotes)",
            tarn__json_kind(version));
    else if (strcmp(json_string_value(version), "0.1.0") != 0)
        tarn__diagnose(c, TARN__WARNING, "oml_version", &at,
            "oml_version: is read as 0.1.0 (write 0.1.0)");
    for (size_t i = 0; forbidden[i] != NULL; i++) {
        tarn__spot spot = tarn__spot_key(&c->root, forbidden[i]);
        if (json_object_get(c->document, forbidden[i]) != NULL)
            tarn__diagnose(c, TARN__ERROR, "forbidden_key", &spot,
                "%s: is not of this dialect (take it away)", forbidden[i]);
    }
    return true;
}

/* --- configurations --- */

typedef struct translation {
    tarn__compiler *c;
    tarn__raw_step *step;
} translation;

static json_t *get(const translation *t, const char *key)
{
    return json_object_get(t->step->config, key);
}

static void put(translation *t, const char *key, json_t *value)
{
    if (value == NULL || json_object_set_new(t->step->config, key, value) != 0)
        tarn__compiler_no_memory(t->c);
}

static void drop(translation *t, const char *key)
{
    json_object_del(t->step->config, key);
}

static void rename_key(translation *t, const char *from, const char *to)
{
    json_t *value = get(t, from);
    if (value == NULL || get(t, to) != NULL)
        return;
    put(t, to, json_incref(value));
    drop(t, from);
}

/* What only tuned the other system. */
static void ignore(translation *t, const char *key)
{
    tarn__spot at = tarn__spot_key(&t->step->config_spot, key);
    if (get(t, key) == NULL)
        return;
    tarn__diagnose(t->c, TARN__WARNING, "ignored_key", &at,
        "%s: has no meaning here (take it away)", key);
    drop(t, key);
}

static void ignore_all(translation *t, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        ignore(t, *keys);
}

static void drop_utf8(translation *t)
{
    const char *encoding = json_string_value(get(t, "encoding"));
    if (encoding != NULL &&
        (tarn__eq_nocase(encoding, "utf-8") ||
            tarn__eq_nocase(encoding, "utf8")))
        drop(t, "encoding");
}

/* A data frame's type as one of SQL. */
static const char *sql_type(const char *dtype)
{
    static const char *const types[][2] = {{"int", "BIGINT"}, {"Int", "BIGINT"},
        {"float", "DOUBLE"}, {"Float", "DOUBLE"}, {"str", "VARCHAR"},
        {"object", "VARCHAR"}, {"bool", "BOOLEAN"}, {"datetime", "TIMESTAMP"},
        {"date", "DATE"}};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (tarn__starts_with(dtype, types[i][0]))
            return types[i][1];
    return dtype;
}

static void csv_types(translation *t)
{
    json_t *types = get(t, "types");
    json_t *dates = get(t, "parse_dates");
    const char *column;
    json_t *dtype;
    json_object_foreach(types, column, dtype)
    {
        if (json_is_string(dtype) &&
            json_string_set(dtype, sql_type(json_string_value(dtype))) != 0)
            tarn__compiler_no_memory(t->c);
    }
    if (json_array_size(dates) > 0 && types == NULL) {
        put(t, "types", json_object());
        types = get(t, "types");
    }
    for (size_t i = 0; i < json_array_size(dates); i++) {
        const char *name = json_string_value(json_array_get(dates, i));
        if (name != NULL &&
            json_object_set_new(types, name, json_string("TIMESTAMP")) != 0)
            tarn__compiler_no_memory(t->c);
    }
    drop(t, "parse_dates");
}

/* A header's row number: rows before it are skipped. */
static void csv_header(translation *t)
{
    const json_t *header = get(t, "header");
    if (!json_is_integer(header))
        return;
    json_int_t rows = json_integer_value(header);
    rows += json_integer_value(get(t, "skip_rows"));
    put(t, "header", json_true());
    put(t, "skip_rows", json_integer(rows));
}

/* The folder of a filesystem connection goes before the path. */
static void csv_base(translation *t)
{
    const char *name = json_string_value(get(t, "connection"));
    const char *path = json_string_value(get(t, "path"));
    if (name == NULL)
        return;
    const char *dot = strchr(name, '.');
    const json_t *aliases = dot == NULL
        ? NULL
        : json_object_getn(
              t->c->connections, name + 1, (size_t)(dot - name) - 1);
    const char *base = dot == NULL
        ? NULL
        : tarn__json_text(json_object_get(aliases, dot + 1), "base_dir");
    tarn__spot at = tarn__spot_key(&t->step->config_spot, "connection");
    if (base == NULL) {
        tarn__diagnose(t->c, TARN__ERROR, "unknown_connection", &at,
            "%s: there is no such connection with a base_dir (give one, or "
            "a path without it)",
            name);
    } else if (path != NULL && *path != '/') {
        char *joined = tarn__sprintf("%s/%s", base, path);
        put(t, "path", joined == NULL ? NULL : json_string(joined));
        tarn__free(joined);
    }
    drop(t, "connection");
}

static void file_extractor(translation *t)
{
    static const char *const ignored[] = {
        "chunk_size", "skip_blank_lines", "discovery", "compression", NULL};
    rename_key(t, "dtype", "types");
    rename_key(t, "na_values", "null_values");
    if (t->step->alias && get(t, "format") == NULL)
        put(t, "format", json_string("csv"));
    csv_base(t);
    csv_header(t);
    csv_types(t);
    drop_utf8(t);
    ignore_all(t, ignored);
}

static void csv_writer(translation *t)
{
    static const char *const ignored[] = {"chunk_size", "create_dirs", NULL};
    if (get(t, "sort_columns") == NULL)
        put(t, "sort_columns", json_true());
    drop_utf8(t);
    ignore_all(t, ignored);
}

static void database(translation *t)
{
    static const char *const ignored[] = {
        "pool_size", "pool_recycle", "echo", "offset", NULL};
    const char *schema = json_string_value(get(t, "schema"));
    const char *table = json_string_value(get(t, "table"));
    rename_key(t, "upsert_keys", "primary_key");
    rename_key(t, "create_if_missing", "create_table");
    if (schema != NULL && table != NULL) {
        char *joined = tarn__sprintf("%s.%s", schema, table);
        put(t, "table", joined == NULL ? NULL : json_string(joined));
        tarn__free(joined);
        drop(t, "schema");
    }
    ignore_all(t, ignored);
}

static void header_value(
    translation *t, const char *header, const char *before, const char *value)
{
    json_t *headers = get(t, "headers");
    char *text = tarn__sprintf("%s%s", before, value);
    if (headers == NULL) {
        put(t, "headers", json_object());
        headers = get(t, "headers");
    }
    if (text == NULL ||
        json_object_set_new(headers, header, json_string(text)) != 0)
        tarn__compiler_no_memory(t->c);
    tarn__free(text);
}

static void graphql_auth(translation *t)
{
    const char *type = json_string_value(get(t, "auth_type"));
    const char *token = json_string_value(get(t, "auth_token"));
    const char *header = json_string_value(get(t, "auth_header_name"));
    tarn__spot at = tarn__spot_key(&t->step->config_spot, "auth_type");
    if (token != NULL && !tarn__reference_any(token)) {
        tarn__spot spot = tarn__spot_key(&t->step->config_spot, "auth_token");
        tarn__diagnose(t->c, TARN__ERROR, "inline_secret", &spot,
            "auth_token: a secret stands in the file (name it: ${env:NAME})");
    }
    if (type != NULL && token != NULL && strcmp(type, "bearer") == 0)
        header_value(t, "Authorization", "Bearer ", token);
    else if (type != NULL && token != NULL && strcmp(type, "api_key") == 0)
        header_value(t, header == NULL ? "X-API-Key" : header, "", token);
    else if (type != NULL && strcmp(type, "none") != 0)
        tarn__diagnose(t->c, TARN__ERROR, "bad_value", &at,
            "auth_type: %s is not known here (write headers: "
            "{Authorization: ...})",
            type);
    drop(t, "auth_type");
    drop(t, "auth_token");
    drop(t, "auth_header_name");
}

static void graphql_paging(translation *t)
{
    static const char *const fields[][2] = {{"pagination_path", "path"},
        {"pagination_cursor_field", "cursor_field"},
        {"pagination_has_next_field", "has_next_field"},
        {"pagination_variable_name", "variable"}, {"max_pages", "max_pages"}};
    bool wanted = json_is_true(get(t, "pagination_enabled"));
    json_t *paging = wanted ? json_pack("{s:s}", "kind", "cursor") : NULL;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        json_t *value = get(t, fields[i][0]);
        bool all = json_is_integer(value) && json_integer_value(value) == 0;
        if (paging != NULL && value != NULL && !all &&
            json_object_set(paging, fields[i][1], value) != 0)
            tarn__compiler_no_memory(t->c);
        drop(t, fields[i][0]);
    }
    drop(t, "pagination_enabled");
    if (wanted)
        put(t, "paging", paging);
}

/* Retries are calls beside the first. */
static void graphql_retry(translation *t)
{
    const json_t *retries = get(t, "max_retries");
    json_t *delay = get(t, "retry_delay");
    if (json_is_integer(retries) && get(t, "retry") == NULL)
        put(t, "retry",
            json_pack("{s:I, s:o}", "attempts", json_integer_value(retries) + 1,
                "backoff",
                json_is_number(delay) ? json_incref(delay) : json_integer(1)));
    drop(t, "max_retries");
    drop(t, "retry_delay");
}

static void graphql(translation *t)
{
    static const char *const ignored[] = {"flatten_result", "validate_ssl",
        "auth_username", "auth_password", NULL};
    rename_key(t, "endpoint", "url");
    graphql_retry(t);
    graphql_auth(t);
    graphql_paging(t);
    ignore_all(t, ignored);
}

void tarn__oml_config(tarn__compiler *c, tarn__raw_step *step)
{
    translation t = {c, step};
    const char *name = step->driver->name;
    if (strcmp(name, "file.extractor") == 0)
        file_extractor(&t);
    else if (strcmp(name, "csv.writer") == 0)
        csv_writer(&t);
    else if (strcmp(name, "graphql.extractor") == 0)
        graphql(&t);
    else if (tarn__starts_with(name, "mysql.") ||
        tarn__starts_with(name, "postgres."))
        database(&t);
}

/* --- names in SQL --- */

/* "df_" and the id with every byte that no name has as _. */
static void frame_name(const char *id, tarn_buf *out, tarn__compiler *c)
{
    c->st = tarn__buf_str(
        out, isdigit((unsigned char)*id) ? "df__" : "df_", &c->err);
    for (; c->st == TARN_OK && *id != '\0'; id++)
        c->st = tarn__buf_char(
            out, isalnum((unsigned char)*id) ? *id : '_', &c->err);
}

/* Two ids with one frame name: each gets the beginning of its hash. */
static bool frame_collides(
    tarn__compiler *c, const tarn__raw_step *step, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < c->step_count && c->st == TARN_OK; i++) {
        tarn_buf other = TARN_BUF_INIT;
        if (&c->steps[i] == step || c->steps[i].id == NULL)
            continue;
        frame_name(c->steps[i].id, &other, c);
        found = found || (c->st == TARN_OK && tarn__eq_nocase(other.ptr, name));
        tarn_buf_reset(&other);
    }
    return found;
}

static void add_name(tarn__compiler *c, json_t *names, const char *name,
    const tarn__raw_step *input)
{
    if (c->st == TARN_OK &&
        json_object_set_new(names, name, json_string(input->id)) != 0)
        tarn__compiler_no_memory(c);
}

static void add_frame(
    tarn__compiler *c, json_t *names, const tarn__raw_step *input)
{
    tarn_buf name = TARN_BUF_INIT;
    uint8_t digest[TARN__SHA256_BYTES];
    char hex[9];
    frame_name(input->id, &name, c);
    if (c->st == TARN_OK && frame_collides(c, input, name.ptr) &&
        c->st == TARN_OK) {
        c->st = tarn__sha256_of(tarn_str(input->id), digest, &c->err);
        tarn__hex(digest, 4, hex);
        if (c->st == TARN_OK)
            c->st = tarn__buf_printf(&name, &c->err, "_%s", hex);
    }
    if (c->st == TARN_OK)
        add_name(c, names, name.ptr, input);
    tarn_buf_reset(&name);
}

void tarn__oml_names(tarn__compiler *c)
{
    for (size_t i = 0; i < c->step_count && c->st == TARN_OK; i++) {
        tarn__raw_step *step = &c->steps[i];
        if (step->driver == NULL || step->need_count == 0 ||
            strcmp(step->driver->name, "sql") != 0 || step->config == NULL)
            continue;
        json_t *names = json_object();
        if (names == NULL ||
            json_object_set_new(step->config, "names", names) != 0) {
            tarn__compiler_no_memory(c);
            return;
        }
        for (size_t n = 0; n < step->need_count; n++)
            if (step->needs[n].table == NULL)
                add_frame(c, names, &c->steps[step->needs[n].step]);
        if (step->need_count != 1 || step->needs[0].table != NULL)
            continue;
        const tarn__raw_step *input = &c->steps[step->needs[0].step];
        add_name(c, names, "df", input);
        add_name(c, names, "input_df", input);
        add_name(c, names, "input_db.main", input);
    }
}

/* A step's configuration and connection as a driver gets them. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"

static tarn_status parse_schema(
    const tarn_driver *driver, json_t **out, tarn_error *err)
{
    *out = NULL;
    return driver->config_schema == NULL
        ? TARN_OK
        : tarn__json_parse(
              tarn_str(driver->config_schema), driver->name, out, err);
}

/* Members of secret names as ***, whatever they hold. */
static tarn_status mask_members(
    json_t *value, const json_t *schema, tarn_error *err)
{
    tarn_status st = TARN_OK;
    const json_t *properties = json_object_get(schema, "properties");
    const char *key;
    json_t *member;
    void *next;
    for (size_t i = 0; st == TARN_OK && i < json_array_size(value); i++)
        st = mask_members(
            json_array_get(value, i), json_object_get(schema, "items"), err);
    json_object_foreach_safe(value, next, key, member)
    {
        bool secret = tarn__secret_member(schema, key);
        if (st == TARN_OK && secret && !json_is_boolean(member)) {
            if (json_object_set_new(value, key, json_string(TARN__MASK)) != 0)
                st = tarn__no_memory(err);
        } else if (st == TARN_OK) {
            st = mask_members(member, json_object_get(properties, key), err);
        }
    }
    return st;
}

/* A variable's text where the schema wants a number or a boolean. */
static tarn_status convert(
    json_t *config, const json_t *schema, tarn_error *err)
{
    const char *key;
    json_t *property;
    json_object_foreach(json_object_get(schema, "properties"), key, property)
    {
        const char *type = tarn__json_text(property, "type");
        const char *text = json_string_value(json_object_get(config, key));
        int64_t i64;
        double f64;
        json_t *made = NULL;
        if (type == NULL || text == NULL || strcmp(type, "string") == 0)
            continue;
        bool number = strcmp(type, "number") == 0;
        if ((number || strcmp(type, "integer") == 0) &&
            tarn__parse_i64(text, &i64))
            made = json_integer(i64);
        else if (number && tarn__parse_double(text, &f64))
            made = json_real(f64);
        else if (strcmp(type, "boolean") == 0 && strcmp(text, "true") == 0)
            made = json_true();
        else if (strcmp(type, "boolean") == 0 && strcmp(text, "false") == 0)
            made = json_false();
        else if (strcmp(text, TARN__MASK) == 0)
            continue;
        else if (number || strcmp(type, "integer") == 0 ||
            strcmp(type, "boolean") == 0)
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: its variable holds no %s (set it to one)", key, type);
        else
            continue;
        if (made == NULL || json_object_set_new(config, key, made) != 0)
            return tarn__no_memory(err);
    }
    return TARN_OK;
}

static tarn_status fill_config(const tarn__flow *flow, size_t index,
    const tarn__filling *filling, json_t *schema, json_t **out, tarn_error *err)
{
    const tarn__flow_step *step = &flow->steps[index];
    const tarn__flow_store *store = flow->store;
    const tarn__query_plans *plans = store->plans[store->file_index[index]];
    json_t *config;
    *out = NULL;
    tarn_status st = tarn__fill(filling, step->config, &config, err);
    if (st == TARN_OK)
        st = convert(config, schema, err);
    if (st == TARN_OK)
        st = tarn__queries_write(plans, filling, step->config, config, err);
    if (st == TARN_OK && filling->masked)
        st = mask_members(config, schema, err);
    if (st != TARN_OK) {
        json_decref(config);
        return st;
    }
    *out = config;
    return TARN_OK;
}

tarn_status tarn__flow_step_config(const tarn__flow *flow, size_t step,
    bool masked, tarn_buf *out, tarn_error *err)
{
    const tarn__filling filling = {
        flow->params, flow->param_count, masked, true};
    json_t *schema;
    json_t *config = NULL;
    tarn_status st = parse_schema(flow->steps[step].driver, &schema, err);
    if (st == TARN_OK)
        st = fill_config(flow, step, &filling, schema, &config, err);
    if (st == TARN_OK)
        st = tarn__json_dump(config, out, err);
    json_decref(config);
    json_decref(schema);
    if (st == TARN_BAD_INPUT)
        tarn__error_prefix(err, "%s", flow->steps[step].id);
    return st;
}

/* Numbers that a variable may give as text. */
static tarn_status convert_connection(json_t *fields, tarn_error *err)
{
    static const char *const numbers[] = {
        "port", "timeout", "connect_timeout", NULL};
    for (size_t i = 0; numbers[i] != NULL; i++) {
        int64_t v;
        const char *text =
            json_string_value(json_object_get(fields, numbers[i]));
        if (text != NULL && tarn__parse_i64(text, &v) &&
            json_object_set_new(fields, numbers[i], json_integer(v)) != 0)
            return tarn__no_memory(err);
    }
    return TARN_OK;
}

tarn_status tarn__connection_fill(
    const json_t *fields, bool masked, tarn_buf *out, tarn_error *err)
{
    const tarn__filling filling = {NULL, 0, masked, true};
    json_t *filled;
    tarn_status st = tarn__fill(&filling, fields, &filled, err);
    if (st == TARN_OK)
        st = convert_connection(filled, err);
    if (st == TARN_OK && masked)
        st = mask_members(filled, NULL, err);
    if (st == TARN_OK)
        st = tarn__json_dump(filled, out, err);
    json_decref(filled);
    return st;
}

tarn_status tarn__connection_show(
    const json_t *fields, tarn_buf *out, tarn_error *err)
{
    json_t *copy = json_deep_copy(fields);
    tarn_status st = copy == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK)
        st = mask_members(copy, NULL, err);
    if (st == TARN_OK)
        st = tarn__json_dump(copy, out, err);
    json_decref(copy);
    return st;
}

tarn_status tarn__flow_step_connection(const tarn__flow *flow, size_t step,
    bool masked, tarn_buf *out, tarn_error *err)
{
    const tarn__flow_step *s = &flow->steps[step];
    if (s->connection_value == NULL)
        return TARN_OK;
    tarn_status st =
        tarn__connection_fill(s->connection_value, masked, out, err);
    if (st == TARN_BAD_INPUT)
        tarn__error_prefix(err, "@%s", s->connection);
    return st;
}

tarn_status tarn__flow_ready(const tarn__flow *flow, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < flow->step_count; i++) {
        tarn_buf text = TARN_BUF_INIT;
        st = tarn__flow_step_config(flow, i, false, &text, err);
        if (st == TARN_OK)
            st = tarn__flow_step_connection(flow, i, false, &text, err);
        tarn_buf_reset(&text);
    }
    return st;
}

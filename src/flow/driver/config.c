/* Reading configurations. */
#include "flow/driver/config.h"

#include "base/buf.h"
#include "base/error.h"
#include "flow/exchange.h"

tarn_status tarn__config_open(
    const tarn_driver_call *call, json_t **out, tarn_error *err)
{
    tarn_status st =
        tarn__json_parse(tarn_str(call->config), "config", out, err);
    if (st == TARN_OK && !json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        st = tarn__fail(err, TARN_BAD_INPUT,
            "step %s: its config is no mapping", call->step_id);
    }
    return st;
}

tarn_status tarn__config_need(const tarn_driver_call *call,
    const json_t *config, const char *name, const char **out, tarn_error *err)
{
    *out = tarn__json_text(config, name);
    if (*out != NULL && **out != '\0')
        return TARN_OK;
    *out = NULL;
    return tarn__fail(err, TARN_BAD_INPUT,
        "step %s: config.%s is missing (give it as a text)", call->step_id,
        name);
}

const char *tarn__config_text(
    const json_t *config, const char *name, const char *otherwise)
{
    const char *text = tarn__json_text(config, name);
    return text == NULL ? otherwise : text;
}

bool tarn__config_bool(const json_t *config, const char *name, bool otherwise)
{
    const json_t *value = json_object_get(config, name);
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

static tarn_status add_each(
    tarn_buf *sql, const json_t *list, const char *fmt, tarn_error *err)
{
    if (json_is_string(list))
        return tarn__sql_add(sql, err, fmt, json_string_value(list));
    tarn_status st = TARN_OK;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (st == TARN_OK && i > 0)
            st = tarn__buf_str(sql, ", ", err);
        if (st == TARN_OK && json_is_string(item))
            st = tarn__sql_add(sql, err, fmt, json_string_value(item));
    }
    return st;
}

tarn_status tarn__config_texts_sql(
    tarn_buf *sql, const json_t *list, tarn_error *err)
{
    tarn_status st = tarn__buf_char(sql, '[', err);
    if (st == TARN_OK)
        st = add_each(sql, list, "%t", err);
    return st == TARN_OK ? tarn__buf_char(sql, ']', err) : st;
}

tarn_status tarn__config_names_sql(
    tarn_buf *sql, const json_t *list, tarn_error *err)
{
    return add_each(sql, list, "%n", err);
}

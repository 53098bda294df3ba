/* A step's configuration against its driver's schema (driver/registry.h). */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"

static void check_value(tarn__compiler *c, const json_t *value,
    const json_t *schema, const tarn__spot *at, const char *what);

/* References that only a run can follow. */
static bool open_text(const json_t *value)
{
    return json_is_string(value) &&
        tarn__reference_any(json_string_value(value));
}

static const char *type_word(const char *type)
{
    static const char *const words[][2] = {{"string", "a text"},
        {"integer", "an integer"}, {"number", "a number"},
        {"boolean", "true or false"}, {"array", "a list"},
        {"object", "a mapping"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i][0], type) == 0)
            return words[i][1];
    return type;
}

static bool check_type(tarn__compiler *c, const json_t *value,
    const json_t *schema, const tarn__spot *at, const char *what)
{
    const json_t *type = json_object_get(schema, "type");
    char wanted[120] = "";
    if (json_is_string(type)) {
        if (tarn__json_is(value, json_string_value(type)))
            return true;
        tarn__list_add(
            wanted, sizeof(wanted), type_word(json_string_value(type)));
    }
    for (size_t i = 0; i < json_array_size(type); i++) {
        const char *one = json_string_value(json_array_get(type, i));
        if (one != NULL && tarn__json_is(value, one))
            return true;
        if (one != NULL)
            tarn__list_add(wanted, sizeof(wanted), type_word(one));
    }
    if (*wanted == '\0')
        return true;
    tarn__diagnose(c, TARN__ERROR, "bad_type", at, "%s: is %s (give %s)", what,
        tarn__json_kind(value), wanted);
    return false;
}

static void check_enum(tarn__compiler *c, const json_t *value,
    const json_t *schema, const tarn__spot *at, const char *what)
{
    const json_t *all = json_object_get(schema, "enum");
    const char *typed = json_string_value(value);
    tarn__nearest nearest = {.typed = typed == NULL ? "" : typed};
    char list[300] = "";
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        if (json_equal(one, value))
            return;
        if (json_is_string(one)) {
            tarn__nearest_try(&nearest, json_string_value(one));
            tarn__list_add(list, sizeof(list), json_string_value(one));
        }
    }
    char mend[340];
    snprintf(mend, sizeof(mend), "give one of %s", list);
    if (json_is_array(all))
        tarn__diagnose(c, TARN__ERROR, "bad_value", at,
            "%s: has no such value (%s)", what,
            tarn__nearest_mend(&nearest, mend));
}

static void check_bounds(tarn__compiler *c, const json_t *value,
    const json_t *schema, const tarn__spot *at, const char *what)
{
    const json_t *min = json_object_get(schema, "minimum");
    const json_t *max = json_object_get(schema, "maximum");
    if (!json_is_number(value))
        return;
    double v = json_number_value(value);
    if (json_is_number(min) && v < json_number_value(min))
        tarn__diagnose(c, TARN__ERROR, "bad_value", at,
            "%s: is too small (give at least %g)", what,
            json_number_value(min));
    if (json_is_number(max) && v > json_number_value(max))
        tarn__diagnose(c, TARN__ERROR, "bad_value", at,
            "%s: is too large (give at most %g)", what, json_number_value(max));
}

static void unknown_member(tarn__compiler *c, const json_t *properties,
    const char *key, const tarn__spot *at, const char *what)
{
    tarn__nearest nearest = {.typed = key};
    char list[400] = "";
    char mend[440];
    const char *name;
    json_t *property;
    json_object_foreach((json_t *)properties, name, property)
    {
        tarn__nearest_try(&nearest, name);
        tarn__list_add(list, sizeof(list), name);
    }
    snprintf(mend, sizeof(mend), "it may have %s", list);
    tarn__diagnose(c, TARN__ERROR, "unknown_config_key", at,
        "%s: is no key of %s (%s)", key, what,
        tarn__nearest_mend(&nearest, mend));
}

static void check_object(tarn__compiler *c, const json_t *value,
    const json_t *schema, const tarn__spot *at, const char *what)
{
    const json_t *properties = json_object_get(schema, "properties");
    const json_t *more = json_object_get(schema, "additionalProperties");
    bool open = more == NULL ? properties == NULL : !json_is_false(more);
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)value, key, member)
    {
        const json_t *property = json_object_get(properties, key);
        tarn__spot spot = tarn__spot_key(at, key);
        if (property != NULL)
            check_value(c, member, property, &spot, key);
        else if (!open)
            unknown_member(c, properties, key, &spot, what);
        else if (json_is_object(more))
            check_value(c, member, more, &spot, key);
    }
    const json_t *required = json_object_get(schema, "required");
    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *name = json_string_value(json_array_get(required, i));
        tarn__spot spot = tarn__spot_key(at, name == NULL ? "" : name);
        if (name != NULL && json_object_get(value, name) == NULL)
            tarn__diagnose(c, TARN__ERROR, "missing_config_key", &spot,
                "%s: is missing in %s (give it)", name, what);
    }
}

static void check_value(tarn__compiler *c, const json_t *value,
    const json_t *schema, const tarn__spot *at, const char *what)
{
    if (open_text(value) || !json_is_object(schema) ||
        !check_type(c, value, schema, at, what))
        return;
    check_enum(c, value, schema, at, what);
    check_bounds(c, value, schema, at, what);
    if (json_is_object(value))
        check_object(c, value, schema, at, what);
    const json_t *items = json_object_get(schema, "items");
    for (size_t i = 0; json_is_array(value) && i < json_array_size(value);
         i++) {
        tarn__spot spot = tarn__spot_item(at, i);
        check_value(c, json_array_get(value, i), items, &spot, what);
    }
}

/* --- what JSON Schema has no word for --- */

static void check_one_of(
    tarn__compiler *c, const tarn__raw_step *step, const json_t *schema)
{
    const json_t *lists = json_object_get(schema, "x-one-of");
    for (size_t i = 0; i < json_array_size(lists); i++) {
        const json_t *list = json_array_get(lists, i);
        char names[200] = "";
        size_t there = 0;
        for (size_t n = 0; n < json_array_size(list); n++) {
            const char *name = json_string_value(json_array_get(list, n));
            if (name == NULL)
                continue;
            there += json_object_get(step->config, name) != NULL ? 1 : 0;
            tarn__list_add(names, sizeof(names), name);
        }
        if (there == 0)
            tarn__diagnose(c, TARN__ERROR, "missing_config_key",
                &step->config_spot, "%s: is without any of %s (give one)",
                step->driver->name, names);
        else if (there > 1)
            tarn__diagnose(c, TARN__ERROR, "config_conflict",
                &step->config_spot, "%s: has more than one of %s (keep one)",
                step->driver->name, names);
    }
}

static void check_needed_with(tarn__compiler *c, const tarn__raw_step *step,
    const json_t *filled, const json_t *schema)
{
    const char *name;
    json_t *property;
    json_object_foreach(json_object_get(schema, "properties"), name, property)
    {
        const char *other;
        json_t *values;
        tarn__spot spot = tarn__spot_key(&step->config_spot, name);
        json_object_foreach(
            json_object_get(property, "x-needs-with"), other, values)
        {
            const json_t *value = json_object_get(filled, other);
            for (size_t i = 0; i < json_array_size(values); i++)
                if (json_object_get(filled, name) == NULL &&
                    json_is_string(value) &&
                    json_equal(json_array_get(values, i), value))
                    tarn__diagnose(c, TARN__ERROR, "missing_config_key", &spot,
                        "%s: is missing, which %s: %s needs (give it)", name,
                        other, json_string_value(value));
        }
    }
}

static void fill_defaults(
    tarn__compiler *c, tarn__raw_step *step, const json_t *schema)
{
    const char *name;
    json_t *property;
    json_object_foreach(json_object_get(schema, "properties"), name, property)
    {
        json_t *otherwise = json_object_get(property, "default");
        if (otherwise == NULL || json_object_get(step->config, name) != NULL)
            continue;
        json_t *copy = json_deep_copy(otherwise);
        if (copy == NULL || json_object_set_new(step->config, name, copy) != 0)
            tarn__compiler_no_memory(c);
    }
}

/* Those in queries are judged by where they stand (query_check.c). */
static void check_references(
    tarn__compiler *c, const tarn__raw_step *step, const json_t *schema)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *key;
    json_t *value;
    json_object_foreach(step->config, key, value)
    {
        tarn__spot spot = tarn__spot_key(&step->config_spot, key);
        if (tarn__sql_dialect_of(json_object_get(properties, key)) ==
            TARN__SQL_NONE)
            tarn__check_references(c, value, &spot, true);
    }
}

/* A known key with null is what is not there. */
static void drop_nulls(json_t *object, const json_t *schema)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value)
    {
        if (json_is_null(value) &&
            (json_object_get(properties, key) != NULL ||
                strcmp(key, "connection") == 0 ||
                strcmp(key, "incremental") == 0))
            json_object_del(object, key);
    }
}

void tarn__check_config(tarn__compiler *c, tarn__raw_step *step)
{
    const tarn__filling filling = {c->params, c->param_count, false, false};
    const char *text = step->driver->config_schema;
    json_t *schema = NULL;
    json_t *filled = NULL;
    if (c->st != TARN_OK)
        return;
    if (text != NULL)
        c->st = tarn__json_parse(
            tarn_str(text), step->driver->name, &schema, &c->err);
    drop_nulls(step->config, schema);
    tarn__check_secrets(c, step->config, &step->config_spot, schema);
    check_references(c, step, schema);
    if (c->st == TARN_OK)
        tarn__check_connection(c, step, schema);
    if (c->st == TARN_OK)
        tarn__check_incremental(c, step, schema);
    if (c->st == TARN_OK)
        fill_defaults(c, step, schema);
    if (c->st == TARN_OK)
        c->st = tarn__fill(&filling, step->config, &filled, &c->err);
    if (c->st == TARN_OK && schema != NULL) {
        check_value(c, filled, schema, &step->config_spot, step->driver->name);
        check_one_of(c, step, schema);
        check_needed_with(c, step, filled, schema);
        tarn__check_queries(c, step, schema);
    }
    json_decref(filled);
    json_decref(schema);
}

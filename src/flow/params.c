/* Parameters: what the file declares, what a profile and the caller set. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "flow/flow_internal.h"
#include "os/file.h"

#define PARAM_FILE_MAX_BYTES 1048576

/* A declaration while it is read. */
typedef struct declaration {
    tarn__flow_param *param;
    const json_t *spec; /* NULL: only a default was given */
    tarn__spot spot;
    bool told; /* what keeps it from having a value */
} declaration;

/* --- values --- */

static bool is_date(const char *text)
{
    int64_t us;
    return strlen(text) == 10 && tarn__time_parse(text, &us);
}

static bool fits(const char *type, const json_t *value)
{
    if (strcmp(type, "date") == 0)
        return json_is_string(value) && is_date(json_string_value(value));
    return tarn__json_is(value, type);
}

static const char *type_of(const json_t *value)
{
    return json_is_integer(value) ? "integer"
        : json_is_real(value)     ? "number"
        : json_is_boolean(value)  ? "boolean"
                                  : "string";
}

/* A text from outside as a value of the type; NULL when it is none. */
static json_t *value_from_text(const char *type, const char *text, size_t len)
{
    int64_t i64;
    double f64;
    if (strcmp(type, "integer") == 0)
        return tarn__parse_i64(text, &i64) ? json_integer(i64) : NULL;
    if (strcmp(type, "number") == 0)
        return tarn__parse_i64(text, &i64)   ? json_integer(i64)
            : tarn__parse_double(text, &f64) ? json_real(f64)
                                             : NULL;
    if (strcmp(type, "boolean") == 0)
        return strcmp(text, "true") == 0 ? json_true()
            : strcmp(text, "false") == 0 ? json_false()
                                         : NULL;
    if (strcmp(type, "date") == 0 && !is_date(text))
        return NULL;
    return json_stringn(text, len);
}

static int compare(const json_t *a, const json_t *b)
{
    if (json_is_string(a) && json_is_string(b))
        return strcmp(json_string_value(a), json_string_value(b));
    if (json_is_integer(a) && json_is_integer(b))
        return json_integer_value(a) < json_integer_value(b)
            ? -1
            : json_integer_value(a) > json_integer_value(b);
    double x = json_number_value(a);
    double y = json_number_value(b);
    return x < y ? -1 : x > y;
}

static bool matches(tarn__compiler *c, const char *pattern, const char *text,
    const tarn__spot *pattern_spot)
{
    tarn__duck *duck = tarn__compiler_duck(c);
    if (duck == NULL)
        return true;
    const tarn__duck_value values[] = {
        {.type = TARN_TEXT, .bytes = tarn_str(text)},
        {.type = TARN_TEXT, .bytes = tarn_str(pattern)}};
    tarn__duck_result *r = NULL;
    tarn__cell cell = {.i64 = 1};
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = tarn__duck_query(duck,
        "SELECT regexp_full_match(?::VARCHAR, ?::VARCHAR)", values, 2, &r,
        &err);
    if (st == TARN_OK)
        st = tarn__duck_next(r, &cell, &err);
    tarn__duck_result_free(r);
    if (st == TARN_NO_MEMORY)
        tarn__compiler_no_memory(c);
    else if (st != TARN_ROW)
        tarn__diagnose(c, TARN__ERROR, "bad_param", pattern_spot,
            "pattern: is no regular expression (RE2's form)");
    return st != TARN_ROW || cell.i64 != 0;
}

/* --- constraints --- */

/* `shown` is how a message names the value: never by itself. */
static void check_range(tarn__compiler *c, const declaration *d,
    const json_t *value, const tarn__spot *at)
{
    const json_t *min = json_object_get(d->spec, "min");
    const json_t *max = json_object_get(d->spec, "max");
    const char *type = d->param->type;
    if (min != NULL && fits(type, min) && compare(value, min) < 0)
        tarn__diagnose(c, TARN__ERROR, "param_out_of_range", at,
            "param %s: is below its min (give a larger one)", d->param->name);
    if (max != NULL && fits(type, max) && compare(value, max) > 0)
        tarn__diagnose(c, TARN__ERROR, "param_out_of_range", at,
            "param %s: is above its max (give a smaller one)", d->param->name);
}

static void check_enum(tarn__compiler *c, const declaration *d,
    const json_t *value, const tarn__spot *at)
{
    const json_t *all = json_object_get(d->spec, "enum");
    char list[300] = "";
    bool found = false;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        char *text = json_is_string(one)
            ? tarn__strdup(json_string_value(one))
            : json_dumps(one, JSON_COMPACT | JSON_ENCODE_ANY);
        if (text == NULL) {
            tarn__compiler_no_memory(c);
            return;
        }
        found = found || json_equal(one, value) ||
            (json_is_number(one) && json_is_number(value) &&
                compare(one, value) == 0);
        tarn__list_add(list, sizeof(list), text);
        tarn__free(text);
    }
    if (json_is_array(all) && !found)
        tarn__diagnose(c, TARN__ERROR, "param_not_in_enum", at,
            "param %s: is none of its enum (give one of %s)", d->param->name,
            list);
}

/* Is the value of the declared type and within its bounds? */
static bool check_value(tarn__compiler *c, const declaration *d,
    const json_t *value, const tarn__spot *at)
{
    const char *type = d->param->type;
    if (!fits(type, value)) {
        tarn__diagnose(c, TARN__ERROR, "param_type", at,
            "param %s: is %s, not of type %s (%s)", d->param->name,
            tarn__json_kind(value), type,
            strcmp(type, "string") == 0     ? "put it in quotes"
                : strcmp(type, "date") == 0 ? "write it as 2026-11-21"
                                            : "give one");
        return false;
    }
    check_range(c, d, value, at);
    check_enum(c, d, value, at);
    const char *pattern = tarn__json_text(d->spec, "pattern");
    tarn__spot spot = tarn__spot_key(&d->spot, "pattern");
    if (pattern != NULL && json_is_string(value) &&
        !matches(c, pattern, json_string_value(value), &spot))
        tarn__diagnose(c, TARN__ERROR, "param_no_match", at,
            "param %s: does not match its pattern %s (the whole of it must)",
            d->param->name, pattern);
    return true;
}

static void set_value(tarn__compiler *c, const declaration *d, json_t *value,
    const tarn__spot *at)
{
    value = tarn__keep_json(c, value);
    if (value != NULL && check_value(c, d, value, at))
        d->param->value = value;
}

/* A text of the file, perhaps with ${env:NAME}, or of the caller. */
static void set_text(tarn__compiler *c, const declaration *d, const char *text,
    size_t len, const tarn__spot *at)
{
    json_t *value = memchr(text, '\0', len) != NULL
        ? NULL
        : value_from_text(d->param->type, text, len);
    if (value != NULL)
        set_value(c, d, value, at);
    else
        tarn__diagnose(c, TARN__ERROR, "param_type", at,
            "param %s: is not of type %s (give one%s)", d->param->name,
            d->param->type,
            strcmp(d->param->type, "date") == 0 ? ", such as 2026-11-21" : "");
}

/* --- the file --- */

static const char *const types[] = {
    "string", "integer", "number", "boolean", "date", NULL};

static const char *declared_type(
    tarn__compiler *c, const declaration *d, const json_t *given)
{
    const char *type = tarn__text_member(c, d->spec, &d->spot, "type");
    tarn__spot spot = tarn__spot_key(&d->spot, "type");
    const json_t *first = json_array_get(json_object_get(d->spec, "enum"), 0);
    for (size_t i = 0; type != NULL && types[i] != NULL; i++)
        if (strcmp(types[i], type) == 0)
            return types[i];
    if (type != NULL) {
        tarn__nearest nearest = {.typed = type};
        for (size_t i = 0; types[i] != NULL; i++)
            tarn__nearest_try(&nearest, types[i]);
        tarn__diagnose(c, TARN__ERROR, "bad_param", &spot,
            "type: %s is no type (%s)", type,
            tarn__nearest_mend(
                &nearest, "give string, integer, number, boolean or date"));
        return "string";
    }
    return type_of(first != NULL ? first : given);
}

/* Are the bounds themselves of the type? */
static void check_bounds(tarn__compiler *c, const declaration *d)
{
    static const char *const bounds[] = {"min", "max", NULL};
    const char *type = d->param->type;
    bool ordered = strcmp(type, "string") != 0 && strcmp(type, "boolean") != 0;
    for (size_t i = 0; bounds[i] != NULL; i++) {
        const json_t *bound = json_object_get(d->spec, bounds[i]);
        tarn__spot spot = tarn__spot_key(&d->spot, bounds[i]);
        if (bound != NULL && (!ordered || !fits(type, bound)))
            tarn__diagnose(c, TARN__ERROR, "bad_param", &spot,
                "%s: does not fit type %s (integers, numbers and dates have "
                "bounds, of their own type)",
                bounds[i], type);
    }
    const json_t *all = json_object_get(d->spec, "enum");
    tarn__spot spot = tarn__spot_key(&d->spot, "enum");
    bool fine = all == NULL || json_array_size(all) > 0;
    for (size_t i = 0; i < json_array_size(all); i++)
        fine = fine && fits(type, json_array_get(all, i));
    if (!fine)
        tarn__diagnose(c, TARN__ERROR, "bad_param", &spot,
            "enum: is no list of values of type %s (give a list)", type);
    spot = tarn__spot_key(&d->spot, "pattern");
    if (tarn__text_member(c, d->spec, &d->spot, "pattern") != NULL &&
        strcmp(type, "string") != 0)
        tarn__diagnose(c, TARN__ERROR, "bad_param", &spot,
            "pattern: is for type string (take it away)");
    spot = tarn__spot_key(&d->spot, "secret");
    const json_t *secret = json_object_get(d->spec, "secret");
    if (secret != NULL && !json_is_boolean(secret))
        tarn__diagnose(c, TARN__ERROR, "bad_type", &spot,
            "secret: is %s (give true or false)", tarn__json_kind(secret));
}

/* A param that takes a secret's variable is one. */
static void inherit_secret(tarn__flow_param *param, const char *text)
{
    tarn__reference r;
    size_t at = 0;
    while (text != NULL && tarn__reference_next(tarn_str(text), &at, &r))
        if (tarn__reference_secret(&r, NULL))
            param->secret = true;
}

/* A default may be ${env:NAME}; of a secret it must. */
static void set_default(tarn__compiler *c, const declaration *d,
    const json_t *value, const tarn__spot *at)
{
    tarn__flow_param *param = d->param;
    const char *text = json_string_value(value);
    inherit_secret(param, text);
    bool outside = text != NULL && tarn__reference_any(text);
    if (param->secret && !(outside && tarn__from_outside(text))) {
        tarn__diagnose(c, TARN__ERROR, "inline_secret", at,
            "param %s: a secret stands in the file (write "
            "default: ${env:NAME}, or give --param %s=@FILE)",
            param->name, param->name);
        return;
    }
    if (!outside) {
        set_value(c, d, json_deep_copy(value), at);
        return;
    }
    tarn__check_references(c, value, at, false);
    const tarn__filling filling = {NULL, 0, false, true};
    json_t *filled = NULL;
    tarn_error unset = TARN_ERROR_INIT;
    tarn_status st = tarn__fill(&filling, value, &filled, &unset);
    if (st == TARN_NO_MEMORY)
        tarn__compiler_no_memory(c);
    if (st == TARN_OK && json_is_string(filled))
        set_text(
            c, d, json_string_value(filled), json_string_length(filled), at);
    json_decref(filled);
}

static bool plain_name(const char *name)
{
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
    size_t len = strlen(name);
    return len > 0 && len <= 100 && strchr(LETTERS, name[0]) != NULL &&
        strspn(name, LETTERS "-0123456789") == len;
#undef LETTERS
}

static void declare(
    tarn__compiler *c, declaration *d, const char *name, const json_t *value)
{
    static const char *const keys[] = {"type", "default", "enum", "min", "max",
        "pattern", "secret", "description", NULL};
    tarn__spot default_spot = tarn__spot_key(&d->spot, "default");
    const json_t *given = value;
    d->param->name = tarn__keep_text(c, name);
    d->param->type = "string";
    if (!plain_name(name))
        tarn__diagnose(c, TARN__ERROR, "bad_name", &d->spot,
            "param %s: is no name (letters, digits, _ and -, at most 100, "
            "beginning with a letter)",
            name);
    if (json_is_array(value)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &d->spot,
            "param %s: is a list (give a value, or {type: ..., default: ...})",
            name);
        return;
    }
    if (json_is_object(value)) {
        d->spec = value;
        given = json_object_get(value, "default");
        tarn__check_keys(c, value, &d->spot, keys, "a param");
    }
    d->param->type = declared_type(c, d, given);
    d->param->secret = tarn__secret_name(name) ||
        json_is_true(json_object_get(d->spec, "secret"));
    d->param->may_be_name = json_is_array(json_object_get(d->spec, "enum")) ||
        json_is_string(json_object_get(d->spec, "pattern"));
    check_bounds(c, d);
    if (given != NULL && !json_is_null(given))
        set_default(c, d, given, d->spec == NULL ? &d->spot : &default_spot);
}

/* --- what is set --- */

static declaration *find(declaration *all, size_t count, tarn__compiler *c,
    tarn_slice name, const tarn__spot *at)
{
    tarn__nearest nearest = {0};
    char typed[120];
    size_t len = name.len < sizeof(typed) - 1 ? name.len : sizeof(typed) - 1;
    memcpy(typed, name.ptr, len);
    typed[len] = '\0';
    nearest.typed = typed;
    for (size_t i = 0; i < count; i++) {
        if (tarn__slice_is(name, all[i].param->name))
            return &all[i];
        tarn__nearest_try(&nearest, all[i].param->name);
    }
    tarn__diagnose(c, TARN__ERROR, "unknown_param", at,
        "param %s: the flow has none of this name (%s)", typed,
        tarn__nearest_mend(&nearest, "declare it under params"));
    return NULL;
}

/* Were there errors since, the param has no value because of them. */
static void judged(tarn__compiler *c, declaration *d, size_t errors_before)
{
    d->told = d->told || tarn_flow_error_count(c->diagnostics) > errors_before;
}

/* Every profile is checked, one is taken. */
static void profile(tarn__compiler *c, declaration *all, size_t count,
    const char *name, const json_t *body, const tarn__spot *at)
{
    static const char *const keys[] = {"params", "description", NULL};
    bool chosen =
        c->options->profile != NULL && strcmp(c->options->profile, name) == 0;
    if (!json_is_object(body)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", at,
            "profile %s: is %s (write {params: {...}})", name,
            tarn__json_kind(body));
        return;
    }
    tarn__check_keys(c, body, at, keys, "a profile");
    tarn__spot params_spot = tarn__spot_key(at, "params");
    json_t *list = json_object_get(body, "params");
    const char *key;
    json_t *value;
    if (list != NULL && !json_is_object(list))
        tarn__diagnose(c, TARN__ERROR, "bad_type", &params_spot,
            "profile %s: its params are %s (write {NAME: VALUE})", name,
            tarn__json_kind(list));
    json_object_foreach(list, key, value)
    {
        tarn__spot spot = tarn__spot_key(&params_spot, key);
        declaration *d = find(all, count, c, tarn_str(key), &spot);
        if (d == NULL)
            continue;
        const json_t *before = d->param->value;
        size_t errors = tarn_flow_error_count(c->diagnostics);
        set_default(c, d, value, &spot);
        if (!chosen)
            d->param->value = before;
        else
            judged(c, d, errors);
    }
}

static void profiles(tarn__compiler *c, declaration *all, size_t count)
{
    const json_t *list = json_object_get(c->document, "profiles");
    tarn__spot spot = tarn__spot_key(&c->root, "profiles");
    const char *wanted = c->options->profile;
    char names[300] = "";
    if (list != NULL && !json_is_object(list))
        tarn__diagnose(c, TARN__ERROR, "bad_type", &spot,
            "profiles: is %s (write {NAME: {params: {...}}})",
            tarn__json_kind(list));
    const char *key;
    json_t *body;
    json_object_foreach((json_t *)list, key, body)
    {
        tarn__spot one = tarn__spot_key(&spot, key);
        profile(c, all, count, key, body, &one);
        tarn__list_add(names, sizeof(names), key);
    }
    tarn__spot argument = tarn__spot_key(&c->arguments_root, "--profile");
    if (wanted != NULL && json_object_get(list, wanted) == NULL)
        tarn__diagnose(c, TARN__ERROR, "unknown_profile", &argument,
            "profile %s: the flow has none of this name (it has %s)", wanted,
            *names == '\0' ? "no profiles" : names);
}

static void set_from_file(tarn__compiler *c, const declaration *d,
    const char *path, const tarn__spot *at)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = tarn__file_slurp(path, PARAM_FILE_MAX_BYTES, &text, &err);
    if (st == TARN_OK && text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.ptr[--text.len] = '\0';
    if (st == TARN_OK && text.len > 0 && text.ptr[text.len - 1] == '\r')
        text.ptr[--text.len] = '\0';
    if (st == TARN_OK && !tarn__utf8_valid(tarn__buf_slice(&text)))
        st = tarn__fail(
            &err, TARN_BAD_INPUT, "%s: not UTF-8 (convert the file)", path);
    if (st == TARN_NO_MEMORY)
        tarn__compiler_no_memory(c);
    else if (st != TARN_OK)
        tarn__diagnose(c, TARN__ERROR, "param_file", at, "param %s: %s",
            d->param->name, err.message);
    else
        set_text(c, d, text.ptr == NULL ? "" : text.ptr, text.len, at);
    tarn_buf_reset(&text);
}

static void set_given(tarn__compiler *c, const declaration *d,
    const char *value, const tarn__spot *at)
{
    if (d->param->secret)
        tarn__diagnose(c, TARN__WARNING, "secret_in_arguments", at,
            "param %s: the process list shows a secret given as text (write "
            "--param %s=@FILE)",
            d->param->name, d->param->name);
    if (!tarn__utf8_valid(tarn_str(value)))
        tarn__diagnose(c, TARN__ERROR, "param_type", at,
            "param %s: is not UTF-8 (give text)", d->param->name);
    else
        set_text(c, d, value, strlen(value), at);
}

static void argument(
    tarn__compiler *c, declaration *all, size_t count, const char *given)
{
    const char *equals = strchr(given, '=');
    tarn__spot flag = tarn__spot_key(&c->arguments_root, "--param");
    if (equals == NULL || equals == given) {
        tarn__diagnose(c, TARN__ERROR, "bad_argument", &flag,
            "--param: has no name and value (write --param NAME=VALUE, or "
            "NAME=@FILE)");
        return;
    }
    tarn_slice name = {given, (size_t)(equals - given)};
    declaration *d = find(all, count, c, name, &flag);
    if (d == NULL)
        return;
    tarn__spot spot = tarn__spot_key(&flag, d->param->name);
    const char *value = equals + 1;
    size_t errors = tarn_flow_error_count(c->diagnostics);
    d->param->value = NULL;
    if (value[0] == '@' && value[1] != '@')
        set_from_file(c, d, value + 1, &spot);
    else
        set_given(c, d, value[0] == '@' ? value + 1 : value, &spot);
    judged(c, d, errors);
}

static void missing(tarn__compiler *c, const declaration *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].param->value == NULL && !all[i].told)
            tarn__diagnose(c, c->strict ? TARN__ERROR : TARN__WARNING,
                "missing_param", &all[i].spot,
                "param %s: has no value (give --param %s=%s, or a default)",
                all[i].param->name, all[i].param->name,
                all[i].param->secret ? "@FILE" : "VALUE");
}

void tarn__compile_params(tarn__compiler *c)
{
    const json_t *list = json_object_get(c->document, "params");
    tarn__spot spot = tarn__spot_key(&c->root, "params");
    size_t count = json_object_size(list);
    if (list != NULL && !json_is_object(list))
        tarn__diagnose(c, TARN__ERROR, "bad_type", &spot,
            "params: is %s (write {NAME: {type: ..., default: ...}})",
            tarn__json_kind(list));
    c->params = tarn__keep_alloc(c, (count + 1) * sizeof(*c->params));
    declaration *all = tarn__keep_alloc(c, (count + 1) * sizeof(*all));
    if (c->params == NULL || all == NULL)
        return;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)list, key, value)
    {
        declaration *d = &all[c->param_count];
        d->param = &c->params[c->param_count++];
        d->spot = tarn__spot_key(&spot, key);
        size_t errors = tarn_flow_error_count(c->diagnostics);
        declare(c, d, key, value);
        judged(c, d, errors);
    }
    profiles(c, all, count);
    for (size_t i = 0; i < c->options->param_count; i++)
        argument(c, all, count, c->options->params[i]);
    missing(c, all, count);
}

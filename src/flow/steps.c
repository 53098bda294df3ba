/* The steps of a flow file: identity, component, mode, retry, incremental. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"

#define STEPS_MAX 10000
#define ID_MAX_BYTES 200
#define ATTEMPTS_MAX 100

static const char *const keys[] = {"id", "component", "mode", "needs", "config",
    "retry", "timeout", "incremental", "description", NULL};
/* The OML dialect's older words too. */
static const char *const oml_keys[] = {"id", "component", "mode", "needs",
    "config", "retry", "timeout", "incremental", "description", "uses", "with",
    "inputs", NULL};

/* --- id --- */

static bool is_file_name(const char *id)
{
    if (*id == '\0' || strlen(id) > ID_MAX_BYTES || strcmp(id, ".") == 0 ||
        strcmp(id, "..") == 0)
        return false;
    for (; *id != '\0'; id++)
        if (*id == '/' || (unsigned char)*id < 0x20 || *id == 0x7f)
            return false;
    return true;
}

static void read_id(tarn__compiler *c, tarn__raw_step *step)
{
    const json_t *value = json_object_get(step->raw, "id");
    tarn__spot at = tarn__spot_key(&step->spot, "id");
    char digits[32];
    const char *id = json_string_value(value);
    if (json_is_integer(value)) {
        snprintf(digits, sizeof(digits), "%lld",
            (long long)json_integer_value(value));
        id = digits;
    }
    if (value == NULL) {
        tarn__diagnose(c, TARN__ERROR, "missing_key", &at,
            "id: is missing (give the step a name)");
        return;
    }
    if (id == NULL) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &at,
            "id: is %s (put it in quotes)", tarn__json_kind(value));
        return;
    }
    if (!is_file_name(id)) {
        tarn__diagnose(c, TARN__ERROR, "bad_name", &at,
            "id: can be no file's name (1 to %d bytes without / and control "
            "characters)",
            ID_MAX_BYTES);
        return;
    }
    for (tarn__raw_step *other = c->steps; other < step; other++) {
        if (other->id == NULL || !tarn__eq_nocase(other->id, id))
            continue;
        if (strcmp(other->id, id) == 0)
            tarn__diagnose(c, TARN__ERROR, "duplicate_id", &at,
                "%s: is the id of steps[%zu] too (rename one)", id,
                (size_t)(other - c->steps));
        else
            tarn__diagnose(c, TARN__ERROR, "colliding_id", &at,
                "%s: is in SQL the same name as %s (rename one)", id,
                other->id);
        return;
    }
    step->id = tarn__keep_text(c, id);
}

/* --- component and mode --- */

static const tarn_driver *find_driver(const char *name, bool *alias)
{
    size_t count;
    const tarn__driver_alias *aliases = tarn__driver_alias_all(&count);
    *alias = false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(aliases[i].alias, name) == 0) {
            *alias = true;
            return tarn__driver_find(aliases[i].name);
        }
    return tarn__driver_find(name);
}

static void unknown_component(
    tarn__compiler *c, const char *name, const tarn__spot *at)
{
    tarn__nearest nearest = {.typed = name};
    size_t count;
    const tarn_driver *const *drivers = tarn__driver_all(&count);
    for (size_t i = 0; i < count; i++)
        tarn__nearest_try(&nearest, drivers[i]->name);
    tarn__diagnose(c, TARN__ERROR, "unknown_component", at,
        "%s: there is no such component (%s)", name,
        tarn__nearest_mend(&nearest, "tarn flow drivers lists them"));
}

static void read_component(tarn__compiler *c, tarn__raw_step *step)
{
    const char *key = "component";
    if (c->flow->oml && json_object_get(step->raw, key) == NULL &&
        json_object_get(step->raw, "uses") != NULL)
        key = "uses";
    tarn__spot at = tarn__spot_key(&step->spot, key);
    step->component = tarn__text_member(c, step->raw, &step->spot, key);
    if (json_object_get(step->raw, key) == NULL)
        tarn__diagnose(c, TARN__ERROR, "missing_key", &at,
            "component: is missing (tarn flow drivers lists them)");
    if (step->component == NULL)
        return;
    step->driver = find_driver(step->component, &step->alias);
    if (step->driver == NULL)
        unknown_component(c, step->component, &at);
}

static tarn_step_mode mode_of(const char *word)
{
    return strcmp(word, "read") == 0     ? TARN_STEP_READ
        : strcmp(word, "transform") == 0 ? TARN_STEP_TRANSFORM
        : strcmp(word, "write") == 0     ? TARN_STEP_WRITE
                                         : (tarn_step_mode)0;
}

static void read_mode(tarn__compiler *c, tarn__raw_step *step)
{
    char words[40];
    tarn__spot at = tarn__spot_key(&step->spot, "mode");
    const char *mode = tarn__text_member(c, step->raw, &step->spot, "mode");
    unsigned modes = step->driver == NULL
        ? TARN_STEP_READ | TARN_STEP_TRANSFORM | TARN_STEP_WRITE
        : step->driver->modes;
    tarn__mode_words(modes, words, sizeof(words));
    if (json_object_get(step->raw, "mode") == NULL)
        tarn__diagnose(c, TARN__ERROR, "missing_key", &at,
            "mode: is missing (give %s)", words);
    if (mode == NULL)
        return;
    tarn_step_mode found = mode_of(mode);
    if (found == 0)
        tarn__diagnose(c, TARN__ERROR, "bad_mode", &at,
            "mode: %s is none (give %s)", mode, words);
    else if ((modes & found) == 0)
        tarn__diagnose(c, TARN__ERROR, "wrong_mode", &at,
            "mode: %s cannot %s (give %s)", step->component, mode, words);
    step->mode = found;
}

/* --- retry, timeout, incremental --- */

/* A duration of a member: text such as 10m, or seconds. */
static bool duration(tarn__compiler *c, const json_t *object,
    const tarn__spot *up, const char *key, int64_t *us)
{
    const tarn__filling filling = {c->params, c->param_count, false, false};
    const json_t *value = json_object_get(object, key);
    tarn__spot at = tarn__spot_key(up, key);
    json_t *filled = NULL;
    int64_t found = -1;
    if (value == NULL || c->st != TARN_OK)
        return false;
    tarn__check_references(c, value, &at, true);
    c->st = tarn__fill(&filling, value, &filled, &c->err);
    if (json_is_string(filled) &&
        !tarn__parse_duration(json_string_value(filled), &found))
        found = -1;
    if (json_is_number(filled) && json_number_value(filled) < 1e9)
        found = (int64_t)(json_number_value(filled) * 1e6);
    if (c->st == TARN_OK && found < 0)
        tarn__diagnose(c, TARN__ERROR, "bad_duration", &at,
            "%s: is no length of time (write 30s, 10m or 1h)", key);
    json_decref(filled);
    if (found >= 0)
        *us = found;
    return found >= 0;
}

static void read_retry(tarn__compiler *c, tarn__raw_step *step)
{
    static const char *const retry_keys[] = {"attempts", "backoff", NULL};
    const json_t *retry = json_object_get(step->raw, "retry");
    tarn__spot at = tarn__spot_key(&step->spot, "retry");
    tarn__spot attempts_at = tarn__spot_key(&at, "attempts");
    step->retry_attempts = 1;
    step->retry_backoff_us = 1000000;
    if (retry == NULL)
        return;
    if (!json_is_object(retry)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &at,
            "retry: is %s (write {attempts: 3, backoff: 2s})",
            tarn__json_kind(retry));
        return;
    }
    tarn__check_keys(c, retry, &at, retry_keys, "retry");
    const json_t *attempts = json_object_get(retry, "attempts");
    int64_t n = json_is_integer(attempts) ? json_integer_value(attempts) : 0;
    if (attempts != NULL && (n < 1 || n > ATTEMPTS_MAX))
        tarn__diagnose(c, TARN__ERROR, "bad_value", &attempts_at,
            "attempts: is not from 1 to %d (give how many calls in all)",
            ATTEMPTS_MAX);
    else if (attempts != NULL)
        step->retry_attempts = (int)n;
    (void)duration(c, retry, &at, "backoff", &step->retry_backoff_us);
}

/* The first value that counts, as text. */
static const char *initial_text(
    tarn__compiler *c, const json_t *value, const tarn__spot *at)
{
    const tarn__filling filling = {c->params, c->param_count, false, true};
    json_t *filled = NULL;
    tarn_error unset = TARN_ERROR_INIT;
    tarn__check_references(c, value, at, true);
    tarn_status st = tarn__fill(&filling, value, &filled, &unset);
    if (st == TARN_NO_MEMORY)
        tarn__compiler_no_memory(c);
    filled = st == TARN_OK ? tarn__keep_json(c, filled) : NULL;
    if (filled == NULL || json_is_string(filled))
        return json_string_value(filled);
    if (json_is_number(filled)) {
        char *text = json_dumps(filled, JSON_ENCODE_ANY);
        const char *kept = text == NULL ? NULL : tarn__keep_text(c, text);
        tarn__free(text);
        return kept;
    }
    tarn__diagnose(c, TARN__ERROR, "bad_type", at,
        "initial: is %s (give a value of the column)", tarn__json_kind(filled));
    return NULL;
}

void tarn__check_incremental(
    tarn__compiler *c, tarn__raw_step *step, const json_t *schema)
{
    static const char *const inner[] = {"column", "initial", "lag", NULL};
    const json_t *own =
        json_object_get(json_object_get(schema, "properties"), "incremental");
    json_t *value = json_object_get(step->config, "incremental");
    tarn__spot at = tarn__spot_key(&step->config_spot, "incremental");
    if (value != NULL && schema == NULL)
        return; /* a program's own */
    if (value == NULL) {
        value = json_object_get(step->raw, "incremental");
        at = tarn__spot_key(&step->spot, "incremental");
    }
    if (value == NULL)
        return;
    value = tarn__keep_json(c, json_deep_copy(value));
    json_object_del(step->config, "incremental");
    if (own == NULL && !json_is_true(json_object_get(schema, "x-incremental")))
        tarn__diagnose(c, TARN__ERROR, "not_incremental", &at,
            "incremental: %s cannot be (take it away)", step->component);
    if (!json_is_object(value)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &at,
            "incremental: is %s (write {column: updated_at})",
            value == NULL ? "nothing" : tarn__json_kind(value));
        return;
    }
    tarn__check_keys(c, value, &at, inner, "incremental");
    tarn__spot column_at = tarn__spot_key(&at, "column");
    tarn__spot initial_at = tarn__spot_key(&at, "initial");
    step->incremental.column = tarn__text_member(c, value, &at, "column");
    if (json_object_get(value, "column") == NULL)
        tarn__diagnose(c, TARN__ERROR, "missing_key", &column_at,
            "column: is missing in incremental (name the one that rises)");
    const json_t *initial = json_object_get(value, "initial");
    if (initial != NULL)
        step->incremental.initial = initial_text(c, initial, &initial_at);
    (void)duration(c, value, &at, "lag", &step->incremental.lag_us);
    step->incremental_value = value;
}

/* --- a step --- */

/* A copy of the config, so that it can be made canonical. */
static void read_config(tarn__compiler *c, tarn__raw_step *step)
{
    const char *key = "config";
    if (c->flow->oml && json_object_get(step->raw, key) == NULL &&
        json_object_get(step->raw, "with") != NULL)
        key = "with";
    const json_t *config = json_object_get(step->raw, key);
    step->config_spot = tarn__spot_key(&step->spot, key);
    if (config != NULL && !json_is_null(config) && !json_is_object(config)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &step->config_spot,
            "config: is %s (give a mapping)", tarn__json_kind(config));
        config = NULL;
    }
    step->config = tarn__keep_json(
        c, json_is_object(config) ? json_deep_copy(config) : json_object());
}

static void read_step(
    tarn__compiler *c, tarn__raw_step *step, const json_t *value)
{
    step->retry_attempts = 1;
    step->plans = tarn__keep_plans(c);
    if (!json_is_object(value)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &step->spot,
            "the step is %s (write {id: ..., component: ..., mode: ...})",
            tarn__json_kind(value));
        return;
    }
    step->raw = value;
    tarn__check_keys(
        c, value, &step->spot, c->flow->oml ? oml_keys : keys, "a step");
    read_id(c, step);
    read_component(c, step);
    read_mode(c, step);
    read_retry(c, step);
    (void)duration(c, value, &step->spot, "timeout", &step->timeout_us);
    read_config(c, step);
}

void tarn__compile_steps(tarn__compiler *c)
{
    const json_t *list = json_object_get(c->document, "steps");
    c->steps_spot = tarn__spot_key(&c->root, "steps");
    size_t count = json_array_size(list);
    if (list != NULL && !json_is_array(list))
        tarn__diagnose(c, TARN__ERROR, "bad_type", &c->steps_spot,
            "steps: is %s (give a list)", tarn__json_kind(list));
    else if (count == 0)
        tarn__diagnose(c, TARN__ERROR,
            list == NULL ? "missing_key" : "no_steps", &c->steps_spot,
            "steps: are missing (give a list of at least one)");
    if (count > STEPS_MAX) {
        tarn__diagnose(c, TARN__ERROR, "too_many_steps", &c->steps_spot,
            "steps: are more than %d (make several flows)", STEPS_MAX);
        return;
    }
    c->steps = tarn__keep_alloc(c, (count + 1) * sizeof(*c->steps));
    for (size_t i = 0; i < count && c->st == TARN_OK; i++) {
        tarn__raw_step *step = &c->steps[i];
        step->spot = tarn__spot_item(&c->steps_spot, i);
        c->step_count = i + 1;
        read_step(c, step, json_array_get(list, i));
    }
    for (size_t i = 0; i < c->step_count && c->st == TARN_OK; i++) {
        tarn__raw_step *step = &c->steps[i];
        if (step->driver == NULL || step->config == NULL)
            continue;
        if (c->flow->oml || step->alias)
            tarn__oml_config(c, step);
        tarn__check_config(c, step);
    }
}

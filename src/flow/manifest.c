/* The manifest: canonical YAML, and fingerprints over canonical JSON.
 *
 * M1 Equal meaning gives equal bytes: keys are sorted, defaults filled in,
 *    nulls gone; comments, spacing and key order leave no trace.
 * M2 It holds references, never what they stand for; a connection's member of
 *    a secret name is left out, and so is a secret param's value.
 * M3 The fingerprint is the digest of all the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"
#include "flow/flow_internal.h"

#define MANIFEST_VERSION 1
#define DEPTH_MAX 500

/* --- canonical YAML --- */

/* May this text stand without quotes, and be read as a text again? */
static bool plain(const char *text)
{
    static const char *const words[] = {
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", NULL};
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    if (*text == '\0' || strchr(letters, *text) == NULL)
        return false;
    for (size_t i = 0; words[i] != NULL; i++)
        if (tarn__eq_nocase(words[i], text))
            return false;
    for (; *text != '\0'; text++)
        if (strchr(letters, *text) == NULL &&
            strchr("0123456789-./", *text) == NULL)
            return false;
    return true;
}

static tarn_status write_text(
    const char *text, size_t len, tarn_buf *out, tarn_error *err)
{
    if (strlen(text) == len && plain(text))
        return tarn__buf_str(out, text, err);
    return tarn__json_quote(out, (tarn_slice){text, len}, err);
}

static tarn_status write_scalar(
    const json_t *value, tarn_buf *out, tarn_error *err)
{
    if (json_is_string(value))
        return write_text(
            json_string_value(value), json_string_length(value), out, err);
    if (json_is_array(value))
        return tarn__buf_str(out, "[]", err);
    if (json_is_object(value))
        return tarn__buf_str(out, "{}", err);
    if (json_is_real(value))
        return tarn__json_double(out, json_real_value(value), err);
    return tarn__json_dump(value, out, err);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted keys; tarn__free() the list, not the keys. */
static const char **sorted_keys(const json_t *object)
{
    size_t count = 0;
    const char **list =
        tarn__calloc(json_object_size(object) + 1, sizeof(*list));
    const char *key;
    json_t *value;
    if (list == NULL)
        return NULL;
    json_object_foreach((json_t *)object, key, value)
    {
        list[count++] = key;
    }
    qsort(list, count, sizeof(*list), by_text);
    return list;
}

static tarn_status write_node(const json_t *value, int depth, bool after_key,
    tarn_buf *out, tarn_error *err);

static tarn_status indent(int depth, tarn_buf *out, tarn_error *err)
{
    return tarn__buf_printf(out, err, "%*s", depth * 2, "");
}

static tarn_status write_members(
    const json_t *object, int depth, tarn_buf *out, tarn_error *err)
{
    const char **list = sorted_keys(object);
    tarn_status st = list == NULL ? tarn__no_memory(err) : TARN_OK;
    for (size_t i = 0; st == TARN_OK && list[i] != NULL; i++) {
        if (i > 0)
            st = indent(depth, out, err);
        if (st == TARN_OK)
            st = write_text(list[i], strlen(list[i]), out, err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, ':', err);
        if (st == TARN_OK)
            st = write_node(
                json_object_get(object, list[i]), depth, true, out, err);
    }
    tarn__free(list);
    return st;
}

static tarn_status write_items(
    const json_t *array, int depth, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < json_array_size(array); i++) {
        if (i > 0)
            st = indent(depth, out, err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, '-', err);
        if (st == TARN_OK)
            st = write_node(json_array_get(array, i), depth, false, out, err);
    }
    return st;
}

static bool empty(const json_t *value)
{
    return json_is_object(value) ? json_object_size(value) == 0
        : json_is_array(value)   ? json_array_size(value) == 0
                                 : true;
}

/* Behind a key's colon, or a list's dash. */
static tarn_status write_node(const json_t *value, int depth, bool after_key,
    tarn_buf *out, tarn_error *err)
{
    if (depth > DEPTH_MAX)
        return tarn__fail(err, TARN_BAD_INPUT,
            "a flow: is nested more than %d levels deep", DEPTH_MAX);
    if (empty(value)) {
        tarn_status st = tarn__buf_char(out, ' ', err);
        if (st == TARN_OK)
            st = write_scalar(value, out, err);
        return st == TARN_OK ? tarn__buf_char(out, '\n', err) : st;
    }
    tarn_status st = tarn__buf_char(out, after_key ? '\n' : ' ', err);
    if (st == TARN_OK && after_key)
        st = indent(depth + 1, out, err);
    if (st != TARN_OK)
        return st;
    return json_is_object(value) ? write_members(value, depth + 1, out, err)
                                 : write_items(value, depth + 1, out, err);
}

tarn_status tarn__yaml_write(
    const json_t *value, tarn_buf *out, tarn_error *err)
{
    return json_is_object(value) ? write_members(value, 0, out, err)
                                 : write_items(value, 0, out, err);
}

/* --- fingerprints --- */

/* Sorted, compact, without a trace of how it was written. */
static tarn_status fingerprint(const json_t *value,
    char out[TARN__FLOW_FINGERPRINT_BYTES], tarn_error *err)
{
    uint8_t digest[TARN__SHA256_BYTES];
    char hex[TARN__SHA256_HEX_BYTES];
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__sha256_of(tarn_str(text), digest, err);
    tarn__free(text);
    if (st != TARN_OK)
        return st;
    tarn__hex(digest, sizeof(digest), hex);
    snprintf(out, TARN__FLOW_FINGERPRINT_BYTES, "sha256:%s", hex);
    return TARN_OK;
}

/* --- building --- */

static void set(
    tarn__compiler *c, json_t *object, const char *key, json_t *value)
{
    if (value == NULL || json_object_set_new(object, key, value) != 0)
        tarn__compiler_no_memory(c);
}

static json_t *seconds(int64_t us)
{
    return us % 1000000 == 0 ? json_integer(us / 1000000)
                             : json_real((double)us / 1e6);
}

static json_t *param_json(tarn__compiler *c, const tarn__flow_param *param)
{
    json_t *made = json_object();
    set(c, made, "type", json_string(param->type));
    if (param->secret)
        set(c, made, "secret", json_true());
    else if (param->value != NULL)
        set(c, made, "value", json_deep_copy(param->value));
    return made;
}

static json_t *params_json(tarn__compiler *c)
{
    json_t *made = json_object();
    for (size_t i = 0; i < c->param_count && c->st == TARN_OK; i++)
        set(c, made, c->params[i].name, param_json(c, &c->params[i]));
    return made;
}

/* A variable's value, when it is no secret's; an unset one is null. */
static void used_variable(
    tarn__compiler *c, const tarn__reference *r, json_t *out)
{
    tarn_buf value = TARN_BUF_INIT;
    tarn_error unset = TARN_ERROR_INIT;
    if (tarn__reference_secret(r, NULL))
        return;
    tarn_status st = tarn__reference_text(r, NULL, &value, &unset);
    char *name = tarn__strndup(r->name.ptr, r->name.len);
    if (st == TARN_NO_MEMORY || name == NULL)
        tarn__compiler_no_memory(c);
    else
        set(c, out, name,
            st == TARN_OK
                ? json_stringn(value.len == 0 ? "" : value.ptr, value.len)
                : json_null());
    tarn__free(name);
    tarn_buf_reset(&value);
}

/* What a value's references stand for, secrets left out. */
static void used(
    tarn__compiler *c, const json_t *value, json_t *params, json_t *variables)
{
    size_t at = 0;
    tarn__reference r;
    const char *key;
    json_t *member;
    while (json_is_string(value) &&
        tarn__reference_next(tarn_str(json_string_value(value)), &at, &r)) {
        const tarn__flow_param *param = r.kind != TARN__REFERENCE_PARAM
            ? NULL
            : tarn__param_find(c->params, c->param_count, r.name);
        if (param != NULL)
            set(c, params, param->name, param_json(c, param));
        else if (r.kind == TARN__REFERENCE_ENV)
            used_variable(c, &r, variables);
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        used(c, json_array_get(value, i), params, variables);
    json_object_foreach((json_t *)value, key, member)
    {
        if (!tarn__secret_member(NULL, key))
            used(c, member, params, variables);
    }
}

/* What names a need: an id, or id.table. */
static json_t *need_json(tarn__compiler *c, const tarn__flow_need *need)
{
    const char *id = c->steps[need->step].id;
    return need->table == NULL ? json_string(id)
                               : json_sprintf("%s.%s", id, need->table);
}

static int by_need(const void *a, const void *b)
{
    return strcmp(json_string_value(*(json_t *const *)a),
        json_string_value(*(json_t *const *)b));
}

static json_t *needs_json(tarn__compiler *c, const tarn__raw_step *step)
{
    json_t *made = json_array();
    json_t **list = tarn__calloc(step->need_count + 1, sizeof(json_t *));
    bool fine = list != NULL && made != NULL;
    for (size_t i = 0; fine && i < step->need_count; i++) {
        list[i] = need_json(c, &step->needs[i]);
        fine = list[i] != NULL;
    }
    if (fine)
        qsort(list, step->need_count, sizeof(json_t *), by_need);
    for (size_t i = 0; list != NULL && i < step->need_count; i++)
        fine = fine && json_array_append(made, list[i]) == 0;
    for (size_t i = 0; list != NULL && i < step->need_count; i++)
        json_decref(list[i]);
    tarn__free(list);
    if (!fine)
        tarn__compiler_no_memory(c);
    return made;
}

/* What makes the step what it is. */
static json_t *step_json(tarn__compiler *c, const tarn__raw_step *step)
{
    static const char *const modes[] = {"", "read", "transform", "", "write"};
    json_t *made = json_object();
    set(c, made, "id", json_string(step->id));
    set(c, made, "component", json_string(step->driver->name));
    set(c, made, "version", json_string(step->driver->version));
    set(c, made, "mode", json_string(modes[step->mode]));
    set(c, made, "needs", needs_json(c, step));
    set(c, made, "config", json_deep_copy(step->config));
    if (step->connection != NULL)
        set(c, made, "connection", json_sprintf("@%s", step->connection));
    if (step->incremental_value != NULL)
        set(c, made, "incremental", json_deep_copy(step->incremental_value));
    if (step->retry_attempts > 1) {
        set(c, made, "retry",
            json_pack("{s:i, s:o?}", "attempts", step->retry_attempts,
                "backoff", seconds(step->retry_backoff_us)));
    }
    if (step->timeout_us > 0)
        set(c, made, "timeout", seconds(step->timeout_us));
    return made;
}

/* Without members of secret names; references stay. */
static json_t *public_connection(tarn__compiler *c, const json_t *fields)
{
    json_t *made = json_object();
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)fields, key, value)
    {
        if (tarn__secret_member(NULL, key))
            continue;
        set(c, made, key,
            json_is_object(value) ? public_connection(c, value)
                                  : json_deep_copy(value));
    }
    return made;
}

static json_t *connections_json(tarn__compiler *c)
{
    json_t *made = json_object();
    for (size_t i = 0; i < c->step_count && c->st == TARN_OK; i++)
        if (c->steps[i].connection_value != NULL)
            set(c, made, c->steps[i].connection,
                public_connection(c, c->steps[i].connection_value));
    return made;
}

/* The step's own fingerprint also covers what its references stand for, its
 * connection, and the fingerprints of what it needs. */
static void fingerprint_step(tarn__compiler *c, const json_t *made,
    const tarn__raw_step *raw, tarn__flow_step *step)
{
    json_t *all = json_deep_copy(made);
    json_t *params = json_object();
    json_t *variables = json_object();
    json_t *needs = json_array();
    used(c, raw->config, params, variables);
    for (size_t i = 0; i < step->need_count && c->st == TARN_OK; i++)
        if (json_array_append_new(needs,
                json_string(c->flow->steps[step->needs[i].step].fingerprint)) !=
            0)
            tarn__compiler_no_memory(c);
    if (raw->connection_value != NULL) {
        json_t *fields = public_connection(c, raw->connection_value);
        used(c, fields, params, variables);
        set(c, all, "connection_fields", fields);
    }
    set(c, all, "params", params);
    set(c, all, "variables", variables);
    set(c, all, "inputs", needs);
    if (c->st == TARN_OK)
        c->st = fingerprint(all, step->fingerprint, &c->err);
    json_decref(all);
}

static json_t *steps_json(tarn__compiler *c)
{
    tarn__flow_step *steps = (tarn__flow_step *)c->flow->steps;
    json_t *made = json_array();
    for (size_t i = 0; i < c->step_count && c->st == TARN_OK; i++) {
        const tarn__raw_step *raw = &c->steps[c->order[i]];
        json_t *step = step_json(c, raw);
        if (c->st == TARN_OK)
            fingerprint_step(c, step, raw, &steps[i]);
        if (json_array_append_new(made, step) != 0)
            tarn__compiler_no_memory(c);
    }
    return made;
}

void tarn__compile_manifest(tarn__compiler *c)
{
    static const char *const copied[] = {"description", "metadata", NULL};
    json_t *all = json_object();
    set(c, all, "manifest", json_integer(MANIFEST_VERSION));
    set(c, all, "name", json_string(c->flow->name));
    if (c->flow->oml)
        set(c, all, "oml_version", json_string("0.1.0"));
    for (size_t i = 0; copied[i] != NULL; i++) {
        const json_t *value = json_object_get(c->document, copied[i]);
        if (value != NULL)
            set(c, all, copied[i], json_deep_copy(value));
    }
    set(c, all, "params", params_json(c));
    set(c, all, "connections", connections_json(c));
    set(c, all, "steps", steps_json(c));
    if (c->st == TARN_OK)
        c->st = fingerprint(all, c->flow->fingerprint, &c->err);
    set(c, all, "fingerprint", json_string(c->flow->fingerprint));
    if (c->st == TARN_OK)
        c->st = tarn__yaml_write(all, &c->store->manifest, &c->err);
    c->flow->manifest = c->store->manifest.ptr;
    json_decref(all);
}

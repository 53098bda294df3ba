/* References: ${params.NAME}, ${env:NAME}, ${env:NAME:-default}. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"
#include "os/process.h"

#define NAME_MAX 190

static bool name_of(tarn_slice s, bool dashes)
{
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.ptr[i];
        bool letter =
            (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
        bool other =
            i > 0 && ((ch >= '0' && ch <= '9') || (dashes && ch == '-'));
        if (!letter && !other)
            return false;
    }
    return s.len > 0 && s.len <= NAME_MAX;
}

static bool upper(tarn_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] >= 'a' && s.ptr[i] <= 'z')
            return false;
    return true;
}

static tarn_slice behind(tarn_slice s, size_t skip)
{
    return (tarn_slice){s.ptr + skip, s.len - skip};
}

/* What stands between the braces. */
static void take_apart(tarn_slice inner, tarn__reference *out)
{
    static const char params[] = "params.";
    static const char env[] = "env:";
    if (inner.len > 7 && memcmp(inner.ptr, params, 7) == 0) {
        out->name = behind(inner, 7);
        if (name_of(out->name, true))
            out->kind = TARN__REFERENCE_PARAM;
        return;
    }
    if (inner.len > 4 && memcmp(inner.ptr, env, 4) == 0) {
        out->name = behind(inner, 4);
        const char *colon = memchr(out->name.ptr, ':', out->name.len);
        if (colon != NULL) {
            size_t len = (size_t)(colon - out->name.ptr);
            if (len + 1 >= out->name.len || colon[1] != '-')
                return;
            out->fallback = behind(out->name, len + 2);
            out->name.len = len;
        }
        if (name_of(out->name, false))
            out->kind = TARN__REFERENCE_ENV;
        return;
    }
    out->bare = name_of(inner, false) && upper(inner);
    if (out->bare) {
        out->name = inner;
        out->kind = TARN__REFERENCE_ENV;
    }
}

bool tarn__reference_next(tarn_slice text, size_t *at, tarn__reference *out)
{
    memset(out, 0, sizeof(*out));
    for (size_t i = *at; i + 1 < text.len; i++) {
        if (text.ptr[i] != '$')
            continue;
        if (text.ptr[i + 1] == '$' && i + 2 < text.len &&
            text.ptr[i + 2] == '{') {
            i += 2; /* a literal ${ */
            continue;
        }
        if (text.ptr[i + 1] != '{')
            continue;
        const char *close = memchr(text.ptr + i + 2, '}', text.len - i - 2);
        size_t end = close == NULL ? text.len : (size_t)(close - text.ptr) + 1;
        out->kind = TARN__REFERENCE_BAD;
        out->whole = (tarn_slice){text.ptr + i, end - i};
        *at = end;
        if (close != NULL)
            take_apart((tarn_slice){text.ptr + i + 2, end - i - 3}, out);
        return true;
    }
    *at = text.len;
    return false;
}

bool tarn__reference_any(const char *text)
{
    size_t at = 0;
    tarn__reference r;
    return tarn__reference_next(tarn_str(text), &at, &r);
}

const tarn__flow_param *tarn__param_find(
    const tarn__flow_param *params, size_t count, tarn_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (tarn__slice_is(name, params[i].name))
            return &params[i];
    return NULL;
}

static const char *variable(const tarn__reference *r, char name[NAME_MAX + 1])
{
    memcpy(name, r->name.ptr, r->name.len);
    name[r->name.len] = '\0';
    return name;
}

bool tarn__reference_secret(
    const tarn__reference *r, const tarn__flow_param *param)
{
    char name[NAME_MAX + 1];
    if (r->kind == TARN__REFERENCE_PARAM)
        return param != NULL && param->secret;
    return r->kind == TARN__REFERENCE_ENV &&
        tarn__secret_variable(variable(r, name));
}

/* --- checking --- */

static void check_param(tarn__compiler *c, const tarn__reference *r,
    const tarn__spot *at, bool params)
{
    char name[NAME_MAX + 1];
    variable(r, name);
    if (!params) {
        tarn__diagnose(c, TARN__ERROR, "bad_reference", at,
            "${params.%s}: no param may stand here (give a value, or "
            "${env:NAME} in a connection)",
            name);
        return;
    }
    tarn__nearest nearest = {.typed = name};
    if (tarn__param_find(c->params, c->param_count, r->name) != NULL)
        return;
    for (size_t i = 0; i < c->param_count; i++)
        tarn__nearest_try(&nearest, c->params[i].name);
    tarn__diagnose(c, TARN__ERROR, "unknown_param", at,
        "${params.%s}: is no param of this flow (%s)", name,
        tarn__nearest_mend(&nearest, "declare it under params"));
}

void tarn__check_reference(tarn__compiler *c, const tarn__reference *r,
    const tarn__spot *at, bool params)
{
    char name[NAME_MAX + 1];
    if (r->kind == TARN__REFERENCE_PARAM)
        check_param(c, r, at, params);
    else if (r->kind == TARN__REFERENCE_BAD || (r->bare && params))
        tarn__diagnose(c, TARN__ERROR, "bad_reference", at,
            "%.*s: names nothing (write ${params.NAME}, ${env:NAME} or "
            "${env:NAME:-default}; $${ is a plain ${)",
            (int)(r->whole.len < 100 ? r->whole.len : 100), r->whole.ptr);
    else if (r->fallback.ptr == NULL && tarn__env(variable(r, name)) == NULL)
        tarn__diagnose(c, TARN__WARNING, "unset_variable", at,
            "${env:%s}: is not set here (export it before the run, or "
            "write a default: ${env:%s:-value})",
            name, name);
}

static void check_text(
    tarn__compiler *c, const char *text, const tarn__spot *at, bool params)
{
    size_t from = 0;
    tarn__reference r;
    while (tarn__reference_next(tarn_str(text), &from, &r))
        tarn__check_reference(c, &r, at, params);
}

void tarn__check_references(
    tarn__compiler *c, const json_t *value, const tarn__spot *at, bool params)
{
    if (json_is_string(value))
        check_text(c, json_string_value(value), at, params);
    for (size_t i = 0; json_is_array(value) && i < json_array_size(value);
         i++) {
        tarn__spot spot = tarn__spot_item(at, i);
        tarn__check_references(c, json_array_get(value, i), &spot, params);
    }
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)value, key, member)
    {
        tarn__spot spot = tarn__spot_key(at, key);
        tarn__check_references(c, member, &spot, params);
    }
}

/* --- values --- */

static tarn_status scalar_text(
    const json_t *value, tarn_buf *out, tarn_error *err)
{
    char digits[32];
    if (json_is_string(value))
        return tarn__buf_append(
            out, json_string_value(value), json_string_length(value), err);
    if (json_is_integer(value))
        return tarn__buf_printf(
            out, err, "%lld", (long long)json_integer_value(value));
    if (json_is_real(value))
        return tarn__buf_str(
            out, tarn__format_double(json_real_value(value), digits), err);
    return tarn__buf_str(out, json_is_true(value) ? "true" : "false", err);
}

tarn_status tarn__reference_text(const tarn__reference *r,
    const tarn__flow_param *param, tarn_buf *out, tarn_error *err)
{
    char name[NAME_MAX + 1];
    if (r->kind == TARN__REFERENCE_PARAM && param != NULL &&
        param->value != NULL)
        return scalar_text(param->value, out, err);
    if (r->kind != TARN__REFERENCE_ENV)
        return tarn__buf_append(out, r->whole.ptr, r->whole.len, err);
    const char *value = tarn__env(variable(r, name));
    if (value != NULL && !tarn__utf8_valid(tarn_str(value)))
        return tarn__fail(
            err, TARN_BAD_INPUT, "${env:%s}: is not UTF-8 (set it anew)", name);
    if (value != NULL)
        return tarn__buf_str(out, value, err);
    if (r->fallback.ptr != NULL)
        return tarn__buf_append(out, r->fallback.ptr, r->fallback.len, err);
    return tarn__fail(err, TARN_BAD_INPUT,
        "${env:%s}: is not set (export it before the run)", name);
}

/* --- filling --- */

static tarn_status fill_object(
    const tarn__filling *f, const json_t *value, json_t *out, tarn_error *err);

/* Does this reference stay as it is? */
static bool stays(const tarn__filling *f, const tarn__reference *r,
    const tarn__flow_param *param)
{
    if (r->kind == TARN__REFERENCE_PARAM)
        return param == NULL || param->value == NULL ||
            (param->secret && !f->env && !f->masked);
    return r->kind == TARN__REFERENCE_BAD || !f->env;
}

static tarn_status add_reference(const tarn__filling *f,
    const tarn__reference *r, tarn_buf *out, tarn_error *err)
{
    const tarn__flow_param *param = r->kind != TARN__REFERENCE_PARAM
        ? NULL
        : tarn__param_find(f->params, f->param_count, r->name);
    if (stays(f, r, param))
        return tarn__buf_append(out, r->whole.ptr, r->whole.len, err);
    if (f->masked && tarn__reference_secret(r, param))
        return tarn__buf_str(out, TARN__MASK, err);
    return tarn__reference_text(r, param, out, err);
}

/* Plain text, `$${` in it as `${`. */
static tarn_status add_plain(
    const char *text, size_t len, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < len; i++)
        if (text[i] != '$' || i + 2 >= len || text[i + 1] != '$' ||
            text[i + 2] != '{')
            st = tarn__buf_char(out, text[i], err);
    return st;
}

static tarn_status fill_text(
    const tarn__filling *f, const json_t *value, json_t **out, tarn_error *err)
{
    tarn_slice text = {json_string_value(value), json_string_length(value)};
    tarn_buf made = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    tarn__reference r;
    size_t from = 0;
    size_t at = 0;
    while (st == TARN_OK && tarn__reference_next(text, &at, &r)) {
        const tarn__flow_param *param = r.kind != TARN__REFERENCE_PARAM
            ? NULL
            : tarn__param_find(f->params, f->param_count, r.name);
        if (r.whole.len == text.len && param != NULL && !stays(f, &r, param) &&
            !(f->masked && param->secret)) {
            *out = json_deep_copy(param->value);
            return *out == NULL ? tarn__no_memory(err) : TARN_OK;
        }
        size_t begin = (size_t)(r.whole.ptr - text.ptr);
        st = add_plain(text.ptr + from, begin - from, &made, err);
        if (st == TARN_OK)
            st = add_reference(f, &r, &made, err);
        from = at;
    }
    if (st == TARN_OK)
        st = add_plain(text.ptr + from, text.len - from, &made, err);
    if (st == TARN_OK) {
        *out = json_stringn(made.ptr == NULL ? "" : made.ptr, made.len);
        st = *out == NULL ? tarn__no_memory(err) : TARN_OK;
    }
    tarn_buf_reset(&made);
    return st;
}

tarn_status tarn__fill(
    const tarn__filling *f, const json_t *value, json_t **out, tarn_error *err)
{
    *out = NULL;
    if (json_is_string(value))
        return fill_text(f, value, out, err);
    json_t *made = json_is_object(value) ? json_object()
        : json_is_array(value)           ? json_array()
                                         : json_deep_copy(value);
    tarn_status st = made == NULL ? tarn__no_memory(err) : TARN_OK;
    for (size_t i = 0;
         st == TARN_OK && json_is_array(value) && i < json_array_size(value);
         i++) {
        json_t *item;
        st = tarn__fill(f, json_array_get(value, i), &item, err);
        if (st == TARN_OK && json_array_append_new(made, item) != 0)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK && json_is_object(value))
        st = fill_object(f, value, made, err);
    if (st != TARN_OK) {
        json_decref(made);
        return st;
    }
    *out = made;
    return TARN_OK;
}

static tarn_status fill_object(
    const tarn__filling *f, const json_t *value, json_t *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)value, key, member)
    {
        json_t *filled = NULL;
        if (st == TARN_OK)
            st = tarn__fill(f, member, &filled, err);
        if (st == TARN_OK && json_object_set_new(out, key, filled) != 0)
            st = tarn__no_memory(err);
    }
    return st;
}

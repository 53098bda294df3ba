/* Ways into an answer; its text was checked before. */
#include <string.h>

#include "base/error.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/http_call.h"

typedef struct walk {
    bool found;
    tarn_status (*take)(void *ctx, tarn_slice value, tarn_error *err);
    void *ctx;
} walk;

/* A value as it stands, its quotes included. */
static tarn_slice whole(const tarn__json_scan_value *v)
{
    return v->kind == TARN__JSON_STRING
        ? (tarn_slice){v->text.ptr - 1, v->text.len + 2}
        : v->text;
}

static tarn_status each_item(walk *w, tarn_slice array, const char *rest,
    tarn_status (*then)(
        walk *w, tarn_slice json, const char *path, tarn_error *err),
    tarn_error *err)
{
    tarn__json_scan s = tarn__json_scan_of(array);
    tarn__json_scan_value item;
    tarn_status st = TARN_OK;
    tarn__json_scan_space(&s);
    if (s.at == s.end)
        return TARN_OK;
    s.at++; /* '[': an empty array has ']' next */
    tarn__json_scan_space(&s);
    if (s.at < s.end && *s.at == ']')
        return TARN_OK;
    while (st == TARN_OK && tarn__json_scan_next(&s, &item)) {
        st = then(w, whole(&item), rest, err);
        tarn__json_scan_space(&s);
        if (s.at == s.end || *s.at != ',')
            break;
        s.at++;
    }
    return st;
}

static tarn_status give(
    walk *w, tarn_slice json, const char *path, tarn_error *err)
{
    (void)path;
    return w->take(w->ctx, json, err);
}

static bool is_name(
    const tarn__json_scan_value *name, const char *text, size_t len)
{
    char plain[256];
    if (!name->escaped)
        return tarn__slice_eq(name->text, (tarn_slice){text, len});
    if (name->text.len > sizeof plain)
        return false;
    size_t n = tarn__json_scan_unescape(name->text, plain);
    return n == len && memcmp(plain, text, len) == 0;
}

static bool member(tarn_slice object, const char *name, size_t len,
    tarn__json_scan_value *value)
{
    tarn__json_scan s = tarn__json_scan_of(object);
    tarn__json_scan_value found;
    int state = 0;
    tarn__json_scan_space(&s);
    if (s.at == s.end || *s.at != '{')
        return false;
    while (tarn__json_scan_member(&s, &state, &found, value) &&
        found.text.ptr != NULL)
        if (is_name(&found, name, len))
            return true;
    return false;
}

static tarn_status step_in(
    walk *w, tarn_slice json, const char *path, tarn_error *err)
{
    tarn__json_scan s = tarn__json_scan_of(json);
    tarn__json_scan_value value;
    if (*path == '\0' || !tarn__json_scan_next(&s, &value)) {
        w->found = true;
        if (json.len > 0 && json.ptr[0] == '[')
            return each_item(w, json, path, give, err);
        if (json.len == 4 && memcmp(json.ptr, "null", 4) == 0)
            return TARN_OK;
        return give(w, json, path, err);
    }
    size_t len = strcspn(path, ".[");
    const char *rest = path + len;
    if (len > 0) {
        if (!member(json, path, len, &value))
            return TARN_OK;
        json = whole(&value);
    }
    if (strncmp(rest, "[*]", 3) == 0) {
        rest += 3;
        rest += *rest == '.';
        w->found = true;
        return json.len > 0 && json.ptr[0] == '['
            ? each_item(w, json, rest, step_in, err)
            : TARN_OK;
    }
    if (*rest == '[')
        return TARN_OK; /* no way that we know */
    return step_in(w, json, rest + (*rest == '.'), err);
}

static tarn_slice trimmed(tarn_slice json)
{
    while (json.len > 0 && strchr(" \t\r\n", json.ptr[0]) != NULL) {
        json.ptr++;
        json.len--;
    }
    while (json.len > 0 && strchr(" \t\r\n", json.ptr[json.len - 1]) != NULL)
        json.len--;
    return json;
}

tarn_status tarn__json_path_each(tarn_slice json, const char *path, bool *found,
    tarn_status (*take)(void *ctx, tarn_slice value, tarn_error *err),
    void *ctx, tarn_error *err)
{
    walk w = {false, take, ctx};
    if (*path == '$')
        path += 1 + (path[1] == '.');
    tarn_status st = step_in(&w, trimmed(json), path, err);
    *found = w.found;
    return st;
}

static tarn_status take_text(void *ctx, tarn_slice value, tarn_error *err)
{
    char **out = ctx;
    bool text = value.len >= 2 && value.ptr[0] == '"';
    if (*out != NULL)
        return TARN_OK;
    if (text)
        value = (tarn_slice){value.ptr + 1, value.len - 2};
    if (value.len == 0)
        return TARN_OK;
    *out = tarn__strndup(value.ptr, value.len);
    if (*out == NULL)
        return tarn__no_memory(err);
    if (text)
        (*out)[tarn__json_scan_unescape(value, *out)] = '\0';
    return TARN_OK;
}

tarn_status tarn__json_path_text(
    tarn_slice json, const char *path, char **out, tarn_error *err)
{
    bool found;
    *out = NULL;
    tarn_status st =
        tarn__json_path_each(json, path, &found, take_text, out, err);
    if (st != TARN_OK) {
        tarn__free(*out);
        *out = NULL;
    }
    return st;
}

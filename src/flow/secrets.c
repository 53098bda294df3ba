/* Secrets: what is one, by its name or its schema; and that none stands in a
 * file. */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "flow/flow_internal.h"

/* --- names --- */

static void fold(const char *name, char *out, size_t size)
{
    size_t i = 0;
    for (; name[i] != '\0' && i + 1 < size; i++)
        out[i] = name[i] == '-' ? '_' : (char)tolower((unsigned char)name[i]);
    out[i] = '\0';
}

static bool holds(const char *name, const char *const *words)
{
    char folded[200];
    fold(name, folded, sizeof(folded));
    for (; *words != NULL; words++)
        if (strstr(folded, *words) != NULL)
            return true;
    return false;
}

bool tarn__secret_name(const char *name)
{
    static const char *const words[] = {"password", "passwd", "passphrase",
        "token", "secret", "api_key", "apikey", "authorization", "credential",
        "private_key", "service_role_key", "anon_key", NULL};
    return holds(name, words);
}

bool tarn__secret_variable(const char *name)
{
    static const char *const words[] = {
        "pass", "pwd", "key", "auth", "private", "dsn", NULL};
    return tarn__secret_name(name) || holds(name, words);
}

/* A name that speaks of a secret's place or form, not of the secret. */
static bool about_a_secret(const char *name)
{
    static const char *const ends[] = {"_path", "_url", "_field", "_param",
        "_header", "_name", "_file", "_type", "_column", "tokens", NULL};
    char folded[200];
    fold(name, folded, sizeof(folded));
    /* Flight SQL's option of this name is the header's value. */
    if (tarn__ends_with(folded, ".authorization_header"))
        return false;
    for (size_t i = 0; ends[i] != NULL; i++)
        if (tarn__ends_with(folded, ends[i]))
            return true;
    return false;
}

bool tarn__secret_member(const json_t *schema, const char *key)
{
    const json_t *property =
        json_object_get(json_object_get(schema, "properties"), key);
    const json_t *mark = json_object_get(property, "x-secret");
    if (json_is_boolean(mark))
        return json_is_true(mark);
    return tarn__secret_name(key) && !about_a_secret(key);
}

/* --- no literal in a file --- */

/* A reference that gives the value without a literal of its own. */
bool tarn__from_outside(const char *text)
{
    tarn__reference r;
    size_t at = 0;
    bool found = false;
    while (tarn__reference_next(tarn_str(text), &at, &r)) {
        found = true;
        if (r.fallback.len > 0)
            return false;
    }
    return found;
}

tarn_slice tarn__url_password(const char *text)
{
    const tarn_slice none = {NULL, 0};
    const char *host = strstr(text, "://");
    if (host == NULL)
        return none;
    host += 3;
    size_t len = strcspn(host, "/?#@ \n\"'");
    if (host[len] != '@')
        return none;
    const char *colon = memchr(host, ':', len);
    if (colon == NULL || colon + 1 >= host + len)
        return none;
    return (tarn_slice){colon + 1, (size_t)(host + len - colon - 1)};
}

/* One without a reference for the password. */
static bool url_with_password(const char *text)
{
    tarn_slice password = tarn__url_password(text);
    return password.ptr != NULL && strncmp(password.ptr, "${", 2) != 0;
}

static void check_text(
    tarn__compiler *c, const json_t *value, const tarn__spot *at)
{
    const char *text = json_string_value(value);
    tarn__reference r;
    size_t from = 0;
    if (url_with_password(text))
        tarn__diagnose(c, TARN__ERROR, "inline_secret", at,
            "a password stands in a URL (name it: ${env:NAME}, or a secret "
            "param)");
    while (tarn__reference_next(tarn_str(text), &from, &r)) {
        char name[200];
        if (r.kind != TARN__REFERENCE_ENV || r.fallback.len == 0)
            continue;
        memset(name, 0, sizeof(name));
        memcpy(name, r.name.ptr, r.name.len < 199 ? r.name.len : 199);
        if (tarn__secret_variable(name))
            tarn__diagnose(c, TARN__ERROR, "inline_secret", at,
                "${env:%s}: a secret has a default in the file (leave the "
                "default out)",
                name);
    }
}

/* A secret's member may have no param that is none. */
static void check_param_secret(
    tarn__compiler *c, const char *text, const tarn__spot *at)
{
    tarn__reference r;
    size_t from = 0;
    while (tarn__reference_next(tarn_str(text), &from, &r)) {
        const tarn__flow_param *param = r.kind != TARN__REFERENCE_PARAM
            ? NULL
            : tarn__param_find(c->params, c->param_count, r.name);
        if (param != NULL && !param->secret)
            tarn__diagnose(c, TARN__ERROR, "open_secret", at,
                "param %s: is used as a secret and is shown (mark it "
                "secret: true)",
                param->name);
    }
}

static void check_value(tarn__compiler *c, const json_t *value,
    const tarn__spot *at, const json_t *schema)
{
    if (json_is_string(value))
        check_text(c, value, at);
    else if (json_is_object(value))
        tarn__check_secrets(c, value, at, schema);
    for (size_t i = 0; json_is_array(value) && i < json_array_size(value);
         i++) {
        tarn__spot spot = tarn__spot_item(at, i);
        check_value(c, json_array_get(value, i), &spot,
            json_object_get(schema, "items"));
    }
}

void tarn__check_secrets(tarn__compiler *c, const json_t *object,
    const tarn__spot *at, const json_t *schema)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        tarn__spot spot = tarn__spot_key(at, key);
        const char *text = json_string_value(value);
        bool literal = json_is_number(value) ||
            (text != NULL && *text != '\0' && !tarn__from_outside(text));
        if (literal && tarn__secret_member(schema, key))
            tarn__diagnose(c, TARN__ERROR, "inline_secret", &spot,
                "%s: a secret stands in the file (name it: ${env:NAME}, or a "
                "secret param)",
                key);
        else
            check_value(c, value, &spot, json_object_get(properties, key));
        if (!literal && text != NULL && tarn__secret_member(schema, key))
            check_param_secret(c, text, &spot);
    }
}

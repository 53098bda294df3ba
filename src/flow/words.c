/* Small things of check: what is kept, hints, keys, kinds. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"

void tarn__compiler_no_memory(tarn__compiler *c)
{
    if (c->st == TARN_OK)
        c->st = tarn__no_memory(&c->err);
}

void *tarn__keep_alloc(tarn__compiler *c, size_t size)
{
    void *p = tarn__arena_alloc(&c->store->arena, size);
    if (p == NULL)
        tarn__compiler_no_memory(c);
    else
        memset(p, 0, size);
    return p;
}

const char *tarn__keep_text(tarn__compiler *c, const char *text)
{
    const char *copy = tarn__arena_strdup(&c->store->arena, text);
    if (copy == NULL)
        tarn__compiler_no_memory(c);
    return copy;
}

json_t *tarn__keep_json(tarn__compiler *c, json_t *value)
{
    if (value == NULL || json_array_append_new(c->store->values, value) != 0) {
        tarn__compiler_no_memory(c);
        return NULL;
    }
    return value;
}

tarn__duck *tarn__compiler_duck(tarn__compiler *c)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.threads = 1;
    options.external_access = false;
    if (c->st == TARN_OK && c->duck == NULL)
        c->st = tarn__duck_open(&options, &c->duck, &c->err);
    return c->st == TARN_OK ? c->duck : NULL;
}

/* --- hints --- */

#define WORD_MAX 40

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein's distance; SIZE_MAX for words too long to bother. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t n = strlen(b);
    if (n > WORD_MAX || strlen(a) > WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1,
                diagonal + (a[i] == b[j - 1] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[n];
}

void tarn__nearest_try(tarn__nearest *n, const char *candidate)
{
    size_t d = distance(n->typed, candidate);
    if (d > 2 && d > strlen(n->typed) / 3)
        return;
    if (d >= strlen(candidate) || (n->best != NULL && d >= n->distance))
        return;
    n->best = candidate;
    n->distance = d;
}

const char *tarn__nearest_mend(tarn__nearest *n, const char *otherwise)
{
    if (n->best == NULL)
        return otherwise;
    snprintf(n->text, sizeof(n->text), "did you mean %s?", n->best);
    return n->text;
}

void tarn__list_add(char *list, size_t size, const char *word)
{
    size_t len = strlen(list);
    snprintf(list + len, size - len, "%s%s", len > 0 ? ", " : "", word);
}

/* --- values --- */

const char *tarn__json_kind(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "a mapping";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        return "null";
    }
    return "?";
}

void tarn__mode_words(unsigned modes, char *out, size_t size)
{
    *out = '\0';
    if (modes & TARN_STEP_READ)
        tarn__list_add(out, size, "read");
    if (modes & TARN_STEP_TRANSFORM)
        tarn__list_add(out, size, "transform");
    if (modes & TARN_STEP_WRITE)
        tarn__list_add(out, size, "write");
}

bool tarn__json_is(const json_t *value, const char *type)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return strcmp(type, "object") == 0;
    case JSON_ARRAY:
        return strcmp(type, "array") == 0;
    case JSON_STRING:
        return strcmp(type, "string") == 0;
    case JSON_INTEGER:
        return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
    case JSON_REAL:
        return strcmp(type, "number") == 0;
    case JSON_TRUE:
    case JSON_FALSE:
        return strcmp(type, "boolean") == 0;
    case JSON_NULL:
        break;
    }
    return strcmp(type, "null") == 0;
}

void tarn__check_keys(tarn__compiler *c, const json_t *object,
    const tarn__spot *at, const char *const *words, const char *what)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        tarn__nearest nearest = {.typed = key};
        char list[300] = "";
        bool known = false;
        for (size_t i = 0; words[i] != NULL; i++) {
            known = known || strcmp(words[i], key) == 0;
            tarn__nearest_try(&nearest, words[i]);
            tarn__list_add(list, sizeof(list), words[i]);
        }
        char all[340];
        snprintf(all, sizeof(all), "it may have %s", list);
        tarn__spot spot = tarn__spot_key(at, key);
        if (!known)
            tarn__diagnose(c, TARN__ERROR, "unknown_key", &spot,
                "%s: is no key of %s (%s)", key, what,
                tarn__nearest_mend(&nearest, all));
    }
}

const char *tarn__text_member(tarn__compiler *c, const json_t *object,
    const tarn__spot *at, const char *key)
{
    const json_t *value = json_object_get(object, key);
    tarn__spot spot = tarn__spot_key(at, key);
    if (value == NULL || json_is_string(value))
        return json_string_value(value);
    tarn__diagnose(c, TARN__ERROR, "bad_type", &spot,
        "%s: is %s, not a text (put it in quotes)", key,
        tarn__json_kind(value));
    return NULL;
}

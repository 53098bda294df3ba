/* Names by which the columns of an unnamed reference can be qualified.
 *
 * FROM '/sensors/wind.series' may be meant by "/sensors/wind.series".x, and,
 * where only one reference fits, by "wind.series".x and wind.x.  DuckDB knows
 * one alias, so the one that the statement uses is taken.  Two paths that
 * differ in case alone would be one alias to DuckDB: the statement's
 * qualifiers are rewritten then. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "query/query_internal.h"

#define SPELLINGS 4

/* What a path may be called: as written, without @version, the last name, and
 * that without its ending; NULL where there is none. */
typedef struct spellings {
    const char *text[SPELLINGS];
} spellings;

static tarn_status spell(
    tarn__session *s, const char *written, spellings *out, tarn_error *err)
{
    char *path = tarn__arena_strdup(&s->arena, written);
    if (path == NULL)
        return tarn__no_memory(err);
    char *at = strrchr(path, '@');
    if (at != NULL && strchr(at, '/') == NULL)
        *at = '\0';
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *colon = tarn__name_is_host(path) ? strrchr(name, ':') : NULL;
    if (colon != NULL) /* of 'host:FILE', or of a store's table */
        name = colon + 1;
    char *stem = tarn__arena_strdup(&s->arena, name);
    if (stem == NULL)
        return tarn__no_memory(err);
    char *dot = strchr(stem, '.');
    if (dot != NULL && dot != stem)
        *dot = '\0';
    *out = (spellings){{written, path, name, stem}};
    return TARN_OK;
}

static bool has_key(const json_t *set, const char *name)
{
    const char *key;
    const json_t *value;
    json_object_foreach((json_t *)set, key, value)
    {
        if (tarn__eq_nocase(key, name))
            return true;
    }
    return false;
}

static bool unnamed(const tarn__ref *ref)
{
    return ref->kind == TARN__REF_TABLE && *ref->alias == '\0';
}

/* Could another unnamed reference be called so? */
static tarn_status taken(tarn__session *s, const tarn__guard *guard, size_t ref,
    const char *name, bool *out, tarn_error *err)
{
    *out = false;
    for (size_t i = 0; i < guard->ref_count; i++) {
        spellings other;
        if (i == ref || !unnamed(&guard->refs[i]))
            continue;
        tarn_status st = spell(s, guard->refs[i].text, &other, err);
        if (st != TARN_OK)
            return st;
        for (size_t k = 0; k < SPELLINGS; k++)
            *out = *out || tarn__eq_nocase(other.text[k], name);
    }
    return TARN_OK;
}

typedef struct qualifier {
    const char *schema; /* "lake", or NULL: none stands before the name */
    const char *from;
    const char *to;
} qualifier;

static bool is_text(const json_t *value, const char *text, bool nocase)
{
    const char *s = json_string_value(value);
    return s != NULL &&
        (nocase ? tarn__eq_nocase(s, text) : strcmp(s, text) == 0);
}

/* x.y, where x is the qualifier. */
static tarn_status rename_column(
    json_t *names, const qualifier *q, tarn_error *err)
{
    size_t count = json_array_size(names);
    if (q->schema == NULL) {
        if (count > 1 && is_text(json_array_get(names, 0), q->from, false) &&
            json_array_set_new(names, 0, json_string(q->to)) != 0)
            return tarn__no_memory(err);
    } else if (count > 2 &&
        is_text(json_array_get(names, 0), q->schema, true) &&
        is_text(json_array_get(names, 1), q->from, true)) {
        json_array_remove(names, 0);
    }
    return TARN_OK;
}

/* A qualifier in the whole tree becomes the alias that DuckDB knows. */
static tarn_status requalify(json_t *node, const qualifier *q, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t i;
    json_t *child;
    const char *key;
    if (json_is_array(node)) {
        json_array_foreach(node, i, child)
        {
            if (st == TARN_OK)
                st = requalify(child, q, err);
        }
        return st;
    }
    if (!json_is_object(node))
        return TARN_OK;
    st = rename_column(json_object_get(node, "column_names"), q, err);
    if (st == TARN_OK && q->schema == NULL &&
        is_text(json_object_get(node, "relation_name"), q->from, false) &&
        json_object_set_new(node, "relation_name", json_string(q->to)) != 0)
        st = tarn__no_memory(err);
    json_object_foreach(node, key, child)
    {
        if (st == TARN_OK)
            st = requalify(child, q, err);
    }
    return st;
}

static bool differs_in_case_alone(
    const tarn__guard *guard, size_t ref, const char *text)
{
    for (size_t i = 0; i < guard->ref_count; i++)
        if (i != ref && unnamed(&guard->refs[i]) &&
            strcmp(guard->refs[i].text, text) != 0 &&
            tarn__eq_nocase(guard->refs[i].text, text))
            return true;
    return false;
}

static tarn_status number(tarn__session *s, size_t ref, const char *text,
    json_t *tree, const char **alias, tarn_error *err)
{
    char suffix[24];
    snprintf(suffix, sizeof(suffix), " (%zu)", ref + 1);
    size_t len = strlen(text);
    char *numbered = tarn__arena_alloc(&s->arena, len + strlen(suffix) + 1);
    if (numbered == NULL)
        return tarn__no_memory(err);
    memcpy(numbered, text, len);
    memcpy(numbered + len, suffix, strlen(suffix) + 1);
    *alias = numbered;
    const qualifier q = {NULL, text, numbered};
    return requalify(tree, &q, err);
}

tarn_status tarn__aliases_choose(tarn__session *s, const tarn__guard *guard,
    size_t ref, json_t *tree, const char **alias, tarn_error *err)
{
    const char *text = guard->refs[ref].text;
    spellings mine;
    *alias = text;
    if (*guard->refs[ref].schema != '\0') {
        const qualifier q = {guard->refs[ref].schema, text, text};
        return requalify(tree, &q, err);
    }
    if (differs_in_case_alone(guard, ref, text))
        return number(s, ref, text, tree, alias, err);
    tarn_status st = spell(s, text, &mine, err);
    for (size_t k = 0; st == TARN_OK && k < SPELLINGS; k++) {
        bool other = false;
        if (!has_key(guard->qualifiers, mine.text[k]) ||
            has_key(guard->aliases, mine.text[k]))
            continue;
        if (k > 0)
            st = taken(s, guard, ref, mine.text[k], &other, err);
        if (st == TARN_OK && !other) {
            *alias = mine.text[k];
            return TARN_OK;
        }
    }
    return st;
}

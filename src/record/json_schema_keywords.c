/* What each keyword says, but those of objects (json_schema_object.c).  A
 * keyword that is none of JSON Schema's is passed over, as the standard has
 * it; one that would be an assertion and is not kept here is refused. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_canon.h"
#include "base/str.h"
#include "record/json_schema_internal.h"

typedef tarn_status (*keyword_fn)(tarn__schema_compiler *c,
    tarn__schema_node *node, const char *name, const tarn__json_scan_value *v);

/* --- type --- */

static const struct {
    const char *name;
    uint8_t kinds;
} types[] = {{"null", TARN__KIND_NULL}, {"boolean", TARN__KIND_BOOLEAN},
    {"integer", TARN__KIND_INTEGER}, {"number", TARN__KIND_NUMBER},
    {"string", TARN__KIND_STRING}, {"array", TARN__KIND_ARRAY},
    {"object", TARN__KIND_OBJECT}};

static tarn_status add_type(
    tarn__schema_compiler *c, const tarn__json_scan_value *v, uint8_t *kinds)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (v->kind == TARN__JSON_STRING &&
            tarn__slice_is(v->text, types[i].name)) {
            *kinds |= types[i].kinds;
            return TARN_OK;
        }
    return tarn__schema_refuse(c, v->text.ptr,
        "'%.*s' is no type (null, boolean, integer, number, string, array or "
        "object)",
        v->text.len < 40 ? (int)v->text.len : 40, v->text.ptr);
}

static tarn_status type(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    (void)name;
    uint8_t kinds = 0;
    if (v->kind != TARN__JSON_ARRAY) {
        tarn_status st = add_type(c, v, &kinds);
        node->kinds = kinds;
        return st;
    }
    tarn__schema_parts p = tarn__schema_parts_of(v);
    tarn_status st = TARN_OK;
    while (st == TARN_OK && tarn__schema_next(&p))
        st = add_type(c, &p.value, &kinds);
    if (st == TARN_OK && kinds == 0)
        return tarn__schema_refuse(c, v->text.ptr, "names no type");
    node->kinds = kinds;
    return st;
}

/* --- numbers and counts --- */

static tarn_status bound(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    tarn_status st = TARN_OK;
    if (v->kind != TARN__JSON_NUMBER)
        return tarn__schema_refuse(c, v->text.ptr, "is no number");
    if (node->numbers == NULL)
        st = tarn__schema_alloc(c, 1, sizeof *node->numbers, &node->numbers);
    if (st != TARN_OK)
        return st;
    tarn__schema_numbers *n = node->numbers;
    tarn__schema_bound *to = strcmp(name, "minimum") == 0 ? &n->minimum
        : strcmp(name, "maximum") == 0                    ? &n->maximum
        : strcmp(name, "exclusiveMinimum") == 0           ? &n->above
        : strcmp(name, "exclusiveMaximum") == 0           ? &n->below
                                                          : &n->unit;
    *to = (tarn__schema_bound){v->text, tarn__json_number_of(v->text)};
    if (to == &n->unit &&
        (to->number.negative || to->number.digits == 0 ||
            to->number.digits > 18))
        return tarn__schema_refuse(
            c, v->text.ptr, "is no number above 0 of at most 18 digits");
    return TARN_OK;
}

tarn_status tarn__schema_count(const tarn__schema_compiler *c,
    const tarn__json_scan_value *v, uint64_t *out)
{
    tarn__json_number n = {0};
    if (v->kind == TARN__JSON_NUMBER)
        n = tarn__json_number_of(v->text);
    if (v->kind != TARN__JSON_NUMBER || n.negative ||
        !tarn__json_number_is_integer(&n))
        return tarn__schema_refuse(
            c, v->text.ptr, "is no whole number of at least 0");
    *out = n.is_small ? (uint64_t)n.small : UINT64_MAX;
    return TARN_OK;
}

static tarn_status need_strings(
    tarn__schema_compiler *c, tarn__schema_node *node)
{
    if (node->strings != NULL)
        return TARN_OK;
    tarn_status st =
        tarn__schema_alloc(c, 1, sizeof *node->strings, &node->strings);
    if (st == TARN_OK)
        node->strings->max_length = UINT64_MAX;
    return st;
}

static tarn_status need_arrays(
    tarn__schema_compiler *c, tarn__schema_node *node)
{
    if (node->arrays != NULL)
        return TARN_OK;
    tarn_status st =
        tarn__schema_alloc(c, 1, sizeof *node->arrays, &node->arrays);
    if (st == TARN_OK) {
        node->arrays->max_items = UINT64_MAX;
        node->arrays->max_contains = UINT64_MAX;
        node->arrays->min_contains = 1;
    }
    return st;
}

static tarn_status string_length(tarn__schema_compiler *c,
    tarn__schema_node *node, const char *name, const tarn__json_scan_value *v)
{
    tarn_status st = need_strings(c, node);
    if (st != TARN_OK)
        return st;
    return tarn__schema_count(c, v,
        strcmp(name, "minLength") == 0 ? &node->strings->min_length
                                       : &node->strings->max_length);
}

static tarn_status item_count(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    tarn_status st = need_arrays(c, node);
    if (st != TARN_OK)
        return st;
    tarn__schema_arrays *a = node->arrays;
    return tarn__schema_count(c, v,
        strcmp(name, "minItems") == 0          ? &a->min_items
            : strcmp(name, "maxItems") == 0    ? &a->max_items
            : strcmp(name, "minContains") == 0 ? &a->min_contains
                                               : &a->max_contains);
}

/* --- strings --- */

tarn_status tarn__schema_regex(tarn__schema_compiler *c,
    const tarn__json_scan_value *value, tarn_slice *text, tarn__regex **out)
{
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = tarn__schema_string(c, value, text);
    if (st != TARN_OK)
        return st;
    st = tarn__regex_compile(*text, &c->schema->regexes, &why);
    if (st == TARN_BAD_INPUT)
        return tarn__schema_refuse(
            c, value->text.ptr, "is no regular expression: %s", why.message);
    if (st != TARN_OK)
        return tarn__no_memory(c->err);
    *out = c->schema->regexes;
    return TARN_OK;
}

static tarn_status pattern(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    (void)name;
    if (v->kind != TARN__JSON_STRING)
        return tarn__schema_refuse(c, v->text.ptr, "is no string");
    tarn_status st = need_strings(c, node);
    if (st != TARN_OK)
        return st;
    tarn__schema_strings *to = node->strings;
    return tarn__schema_regex(c, v, &to->pattern_text, &to->pattern);
}

static tarn_status format(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    static const struct {
        const char *name;
        tarn__schema_format format;
    } formats[] = {{"date-time", TARN__FORMAT_DATE_TIME},
        {"date", TARN__FORMAT_DATE}, {"time", TARN__FORMAT_TIME},
        {"uuid", TARN__FORMAT_UUID}, {"email", TARN__FORMAT_EMAIL},
        {"uri", TARN__FORMAT_URI}, {"hostname", TARN__FORMAT_HOSTNAME},
        {"ipv4", TARN__FORMAT_IPV4}, {"ipv6", TARN__FORMAT_IPV6}};
    (void)name;
    if (v->kind != TARN__JSON_STRING)
        return tarn__schema_refuse(c, v->text.ptr, "is no string");
    tarn_status st = need_strings(c, node);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (tarn__slice_is(v->text, formats[i].name))
            node->strings->format = formats[i].format;
    return TARN_OK; /* one that is not known says nothing */
}

/* --- enum and const --- */

static int by_bytes(const void *a, const void *b)
{
    return tarn__slice_cmp(*(const tarn_slice *)a, *(const tarn_slice *)b);
}

static tarn_slice whole(const tarn__json_scan_value *v)
{
    if (v->kind != TARN__JSON_STRING)
        return v->text;
    return (tarn_slice){v->text.ptr - 1, v->text.len + 2};
}

/* The form of a value, into the schema's memory. */
static tarn_status form_of(
    tarn__schema_compiler *c, const tarn__json_scan_value *v, tarn_slice *out)
{
    tarn_buf form = TARN_BUF_INIT;
    tarn_status st = tarn__json_canon(whole(v), &form, c->err);
    if (st == TARN_OK) {
        *out = tarn__arena_copy(&c->schema->arena, tarn__buf_slice(&form));
        if (out->ptr == NULL)
            st = tarn__no_memory(c->err);
    }
    tarn_buf_reset(&form);
    return st;
}

static tarn_status values(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    tarn__schema_values *to;
    bool is_const = strcmp(name, "const") == 0;
    size_t count = is_const ? 1 : tarn__schema_count_parts(v);
    if (!is_const && (v->kind != TARN__JSON_ARRAY || count == 0))
        return tarn__schema_refuse(
            c, v->text.ptr, "is no array of at least one value");
    tarn_status st = tarn__schema_alloc(c, 1, sizeof *to, &to);
    if (st == TARN_OK)
        st = tarn__schema_alloc(c, count, sizeof *to->forms, &to->forms);
    if (st != TARN_OK)
        return st;
    to->text = whole(v);
    to->is_const = is_const;
    *(is_const ? &node->constant : &node->values) = to;
    if (is_const)
        return form_of(c, v, &to->forms[to->count++]);
    tarn__schema_parts p = tarn__schema_parts_of(v);
    while (st == TARN_OK && tarn__schema_next(&p))
        st = form_of(c, &p.value, &to->forms[to->count++]);
    if (st == TARN_OK)
        qsort(to->forms, to->count, sizeof *to->forms, by_bytes);
    return st;
}

/* --- arrays --- */

static tarn_status list(tarn__schema_compiler *c,
    const tarn__json_scan_value *v, tarn__schema_list *out)
{
    size_t count = tarn__schema_count_parts(v);
    if (v->kind != TARN__JSON_ARRAY || count == 0)
        return tarn__schema_refuse(
            c, v->text.ptr, "is no array of at least one schema");
    tarn_status st =
        tarn__schema_alloc(c, count, sizeof *out->nodes, &out->nodes);
    tarn__schema_parts p = tarn__schema_parts_of(v);
    while (st == TARN_OK && tarn__schema_next(&p))
        st = tarn__schema_node_of(c, &p.value, &out->nodes[out->count++]);
    return st;
}

static tarn_status items(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    tarn_status st = need_arrays(c, node);
    if (st != TARN_OK)
        return st;
    if (strcmp(name, "contains") == 0)
        return tarn__schema_node_of(c, v, &node->arrays->contains);
    if (strcmp(name, "prefixItems") == 0)
        return list(c, v, &node->arrays->prefix);
    if (v->kind == TARN__JSON_ARRAY)
        return tarn__schema_refuse(c, v->text.ptr,
            "is an array, as drafts before 2020-12 had it (use prefixItems)");
    return tarn__schema_node_of(c, v, &node->arrays->items);
}

static tarn_status unique(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    (void)name;
    if (v->kind != TARN__JSON_TRUE && v->kind != TARN__JSON_FALSE)
        return tarn__schema_refuse(c, v->text.ptr, "is neither true nor false");
    tarn_status st = need_arrays(c, node);
    if (st == TARN_OK)
        node->arrays->unique = v->kind == TARN__JSON_TRUE;
    return st;
}

/* --- schemas for the value as a whole --- */

static tarn_status logic(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    tarn_status st = TARN_OK;
    if (node->logic == NULL)
        st = tarn__schema_alloc(c, 1, sizeof *node->logic, &node->logic);
    if (st != TARN_OK)
        return st;
    tarn__schema_logic *to = node->logic;
    if (strcmp(name, "$ref") == 0) {
        if (v->kind != TARN__JSON_STRING)
            return tarn__schema_refuse(c, v->text.ptr, "is no string");
        return tarn__schema_ref(c, v, &to->ref);
    }
    if (strcmp(name, "allOf") == 0)
        return list(c, v, &to->all);
    if (strcmp(name, "anyOf") == 0)
        return list(c, v, &to->any);
    if (strcmp(name, "oneOf") == 0)
        return list(c, v, &to->one);
    return tarn__schema_node_of(c, v,
        strcmp(name, "not") == 0        ? &to->none
            : strcmp(name, "if") == 0   ? &to->when
            : strcmp(name, "then") == 0 ? &to->then
                                        : &to->otherwise);
}

static tarn_status refused(tarn__schema_compiler *c, tarn__schema_node *node,
    const char *name, const tarn__json_scan_value *v)
{
    (void)node;
    return tarn__schema_refuse(
        c, v->text.ptr, "'%s' is a keyword that is not kept here", name);
}

static const struct {
    const char *name;
    keyword_fn fn;
} keywords[] = {{"type", type}, {"minimum", bound}, {"maximum", bound},
    {"exclusiveMinimum", bound}, {"exclusiveMaximum", bound},
    {"multipleOf", bound}, {"minLength", string_length},
    {"maxLength", string_length}, {"pattern", pattern}, {"format", format},
    {"enum", values}, {"const", values}, {"items", items},
    {"prefixItems", items}, {"contains", items}, {"minContains", item_count},
    {"maxContains", item_count}, {"minItems", item_count},
    {"maxItems", item_count}, {"uniqueItems", unique}, {"$ref", logic},
    {"allOf", logic}, {"anyOf", logic}, {"oneOf", logic}, {"not", logic},
    {"if", logic}, {"then", logic}, {"else", logic},
    {"unevaluatedProperties", refused}, {"unevaluatedItems", refused},
    {"additionalItems", refused}, {"dependencies", refused},
    {"$dynamicRef", refused}, {"$recursiveRef", refused}};

tarn_status tarn__schema_fill(tarn__schema_compiler *c, tarn__schema_node *node,
    const tarn__json_scan_value *value)
{
    tarn__schema_parts p = tarn__schema_parts_of(value);
    tarn_status st = TARN_OK;
    while (st == TARN_OK && tarn__schema_next(&p))
        for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
            if (tarn__slice_is(p.name.text, keywords[i].name)) {
                st = keywords[i].fn(c, node, keywords[i].name, &p.value);
                break;
            }
    return st == TARN_OK ? tarn__schema_fill_objects(c, node, value) : st;
}

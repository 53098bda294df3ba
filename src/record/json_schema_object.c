/* The keywords of objects: they make one table of member names. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "record/json_schema_internal.h"

uint64_t tarn__schema_hash(tarn_slice name)
{
    uint64_t h = name.len * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = 0;
    for (; at + 8 <= name.len; at += 8) {
        uint64_t word;
        memcpy(&word, name.ptr + at, 8);
        h = (h ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
        h ^= h >> 32;
    }
    for (; at < name.len; at++)
        h = (h ^ (unsigned char)name.ptr[at]) * UINT64_C(0x100000001B3);
    h ^= h >> 29;
    h *= UINT64_C(0xC4CEB9FE1A85EC53);
    return h ^ h >> 32;
}

size_t tarn__schema_find(
    const tarn__schema_objects *objects, tarn_slice name, uint64_t hash)
{
    if (objects->slots == NULL)
        return objects->count;
    for (size_t i = hash & objects->slot_mask; objects->slots[i] != 0;
         i = (i + 1) & objects->slot_mask) {
        size_t at = objects->slots[i] - 1;
        if (objects->members[at].hash == hash &&
            tarn__slice_eq(objects->members[at].name, name))
            return at;
    }
    return objects->count;
}

typedef struct keywords {
    tarn__json_scan_value properties;
    tarn__json_scan_value required;
    tarn__json_scan_value additional;
    tarn__json_scan_value patterns;
    tarn__json_scan_value names;
    tarn__json_scan_value min;
    tarn__json_scan_value max;
    tarn__json_scan_value needed;  /* dependentRequired */
    tarn__json_scan_value schemas; /* dependentSchemas */
} keywords;

/* What a keyword that is not there has for its text. */
static const char nothing[] = "";

static bool is_there(const tarn__json_scan_value *v)
{
    return v->text.ptr != nothing;
}

static bool find_keywords(tarn_slice object, keywords *k)
{
    const struct {
        const char *name;
        tarn__json_scan_value *to;
    } all[] = {{"properties", &k->properties}, {"required", &k->required},
        {"additionalProperties", &k->additional},
        {"patternProperties", &k->patterns}, {"propertyNames", &k->names},
        {"minProperties", &k->min}, {"maxProperties", &k->max},
        {"dependentRequired", &k->needed}, {"dependentSchemas", &k->schemas}};
    tarn__json_scan_value whole = {TARN__JSON_OBJECT, false, object};
    tarn__schema_parts p = tarn__schema_parts_of(&whole);
    bool found = false;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i].to =
            (tarn__json_scan_value){TARN__JSON_NULL, false, {nothing, 0}};
    while (tarn__schema_next(&p))
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            if (tarn__slice_is(p.name.text, all[i].name)) {
                *all[i].to = p.value;
                found = true;
            }
    return found;
}

static tarn_status expect(const tarn__schema_compiler *c,
    const tarn__json_scan_value *v, tarn__json_scan_kind kind)
{
    if (!is_there(v) || v->kind == kind)
        return TARN_OK;
    return tarn__schema_refuse(c, v->text.ptr,
        kind == TARN__JSON_OBJECT ? "is no object" : "is no array");
}

/* The member of that name, which is added when it is new. */
static tarn_status member(tarn__schema_compiler *c, tarn__schema_objects *o,
    const tarn__json_scan_value *name, size_t *out)
{
    tarn_slice text;
    if (name->kind != TARN__JSON_STRING)
        return tarn__schema_refuse(c, name->text.ptr, "is no name");
    tarn_status st = tarn__schema_string(c, name, &text);
    if (st != TARN_OK)
        return st;
    uint64_t hash = tarn__schema_hash(text);
    size_t at = tarn__schema_find(o, text, hash);
    if (at == o->count) {
        o->members[at].name = text;
        o->members[at].hash = hash;
        size_t slot = hash & o->slot_mask;
        while (o->slots[slot] != 0)
            slot = (slot + 1) & o->slot_mask;
        o->slots[slot] = (uint32_t)++o->count;
    }
    *out = at;
    return TARN_OK;
}

static tarn_status make_table(
    tarn__schema_compiler *c, tarn__schema_objects *o, const keywords *k)
{
    size_t room = tarn__schema_count_parts(&k->properties) +
        tarn__schema_count_parts(&k->required) +
        tarn__schema_count_parts(&k->needed) +
        tarn__schema_count_parts(&k->schemas);
    tarn__schema_parts needed = tarn__schema_parts_of(&k->needed);
    while (tarn__schema_next(&needed))
        room += tarn__schema_count_parts(&needed.value);
    if (room == 0)
        return TARN_OK;
    size_t slots = 8;
    while (slots < room * 2)
        slots *= 2;
    o->slot_mask = slots - 1;
    tarn_status st =
        tarn__schema_alloc(c, room, sizeof *o->members, &o->members);
    if (st == TARN_OK)
        st = tarn__schema_alloc(c, slots, sizeof *o->slots, &o->slots);
    return st;
}

static tarn_status properties(tarn__schema_compiler *c, tarn__schema_objects *o,
    const tarn__json_scan_value *object)
{
    tarn__schema_parts p = tarn__schema_parts_of(object);
    tarn_status st = expect(c, object, TARN__JSON_OBJECT);
    while (st == TARN_OK && tarn__schema_next(&p)) {
        size_t at;
        st = member(c, o, &p.name, &at);
        if (st == TARN_OK)
            st = tarn__schema_node_of(c, &p.value, &o->members[at].node);
    }
    o->property_count = o->count;
    return st;
}

static tarn_status required(tarn__schema_compiler *c, tarn__schema_objects *o,
    const tarn__json_scan_value *array)
{
    tarn__schema_parts p = tarn__schema_parts_of(array);
    tarn_status st = expect(c, array, TARN__JSON_ARRAY);
    while (st == TARN_OK && tarn__schema_next(&p)) {
        size_t at;
        st = member(c, o, &p.value, &at);
        if (st == TARN_OK && !o->members[at].required) {
            o->members[at].required = true;
            o->required_count++;
        }
    }
    return st;
}

static tarn_status need_names(tarn__schema_compiler *c, tarn__schema_objects *o,
    const tarn__json_scan_value *array, struct tarn__schema_need *need)
{
    tarn__schema_parts p = tarn__schema_parts_of(array);
    tarn_status st = expect(c, array, TARN__JSON_ARRAY);
    if (st == TARN_OK)
        st = tarn__schema_alloc(c, tarn__schema_count_parts(array),
            sizeof *need->members, &need->members);
    while (st == TARN_OK && tarn__schema_next(&p))
        st = member(c, o, &p.value, &need->members[need->count++]);
    return st;
}

/* dependentRequired and dependentSchemas: {name: array or schema}. */
static tarn_status needs(tarn__schema_compiler *c, tarn__schema_objects *o,
    const tarn__json_scan_value *object, bool are_names)
{
    tarn__schema_parts p = tarn__schema_parts_of(object);
    tarn_status st = expect(c, object, TARN__JSON_OBJECT);
    while (st == TARN_OK && tarn__schema_next(&p)) {
        size_t at;
        struct tarn__schema_need *need;
        st = member(c, o, &p.name, &at);
        if (st == TARN_OK)
            st = tarn__schema_alloc(c, 1, sizeof *need, &need);
        if (st != TARN_OK)
            break;
        need->next = o->members[at].needs;
        o->members[at].needs = need;
        st = are_names ? need_names(c, o, &p.value, need)
                       : tarn__schema_node_of(c, &p.value, &need->node);
    }
    return st;
}

static tarn_status patterns(tarn__schema_compiler *c, tarn__schema_objects *o,
    const tarn__json_scan_value *object)
{
    tarn__schema_parts p = tarn__schema_parts_of(object);
    tarn_status st = expect(c, object, TARN__JSON_OBJECT);
    if (st == TARN_OK)
        st = tarn__schema_alloc(c, tarn__schema_count_parts(object),
            sizeof *o->patterns, &o->patterns);
    while (st == TARN_OK && tarn__schema_next(&p)) {
        tarn_slice text;
        tarn__schema_pattern *to = &o->patterns[o->pattern_count++];
        st = tarn__schema_regex(c, &p.name, &text, &to->regex);
        if (st == TARN_OK)
            st = tarn__schema_node_of(c, &p.value, &to->node);
    }
    return st;
}

static tarn_status node_if(tarn__schema_compiler *c,
    const tarn__json_scan_value *v, tarn__schema_node **out)
{
    return is_there(v) ? tarn__schema_node_of(c, v, out) : TARN_OK;
}

static tarn_status count_if(const tarn__schema_compiler *c,
    const tarn__json_scan_value *v, uint64_t *out)
{
    return is_there(v) ? tarn__schema_count(c, v, out) : TARN_OK;
}

tarn_status tarn__schema_fill_objects(tarn__schema_compiler *c,
    tarn__schema_node *node, const tarn__json_scan_value *value)
{
    keywords k;
    if (!find_keywords(value->text, &k))
        return TARN_OK;
    tarn__schema_objects *o;
    tarn_status st = tarn__schema_alloc(c, 1, sizeof *o, &o);
    if (st != TARN_OK)
        return st;
    node->objects = o;
    o->max_members = UINT64_MAX;
    st = make_table(c, o, &k);
    if (st == TARN_OK)
        st = properties(c, o, &k.properties);
    if (st == TARN_OK)
        st = required(c, o, &k.required);
    if (st == TARN_OK)
        st = needs(c, o, &k.needed, true);
    if (st == TARN_OK)
        st = needs(c, o, &k.schemas, false);
    if (st == TARN_OK)
        st = patterns(c, o, &k.patterns);
    if (st == TARN_OK)
        st = node_if(c, &k.additional, &o->additional);
    if (st == TARN_OK)
        st = node_if(c, &k.names, &o->names);
    if (st == TARN_OK)
        st = count_if(c, &k.min, &o->min_members);
    return st == TARN_OK ? count_if(c, &k.max, &o->max_members) : st;
}

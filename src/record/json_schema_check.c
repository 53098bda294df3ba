/* A document against its schema, in one pass over its bytes.  Only schemas
 * about the same value (anyOf and the like) look at it again, and how much
 * that may be is bounded by the document's length. */
#include "record/json_schema_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

/* Values that are looked at, the same one again and again included. */
#define STEPS_ALWAYS 100000
#define STEPS_PER_BYTE 200
/* Values within values, and schemas that lead to schemas: C's stack. */
#define MAX_DEPTH 2048

/* --- messages --- */

int tarn__schema_cut(tarn_slice text)
{
    return (int)tarn__utf8_cut(text, text.len < 60 ? text.len : 60);
}

tarn__schema_place tarn__schema_below(
    const tarn__schema_place *up, tarn_slice name)
{
    return (tarn__schema_place){up, name, 0};
}

/* The path of a place, from its end to the front of `out`. */
static const char *path_of(
    const tarn__schema_place *place, char *out, size_t size)
{
    size_t at = size - 1;
    out[at] = '\0';
    for (; place->up != NULL; place = place->up) {
        char index[32];
        const char *part = place->name.ptr;
        size_t len = (size_t)tarn__schema_cut(place->name);
        if (part == NULL) {
            len = (size_t)snprintf(index, sizeof index, "[%zu]", place->index);
            part = index;
        }
        bool dot = out[at] != '\0' && out[at] != '[';
        if (len + dot + 3 > at) { /* the path's end is what tells most */
            memcpy(out + at - 3, "...", 3);
            return out + at - 3;
        }
        if (dot)
            out[--at] = '.';
        at -= len;
        memcpy(out + at, part, len);
    }
    return out[at] != '\0' ? out + at : "the record";
}

bool tarn__schema_fault(tarn__schema_check *c, const tarn__schema_place *place,
    const char *fmt, ...)
{
    c->st = TARN_BAD_INPUT;
    if (c->quiet || c->err == NULL)
        return false;
    char message[300];
    char path[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    (void)!tarn__fail(c->err, TARN_BAD_INPUT, "%s: %s",
        path_of(place, path, sizeof path), message);
    return false;
}

bool tarn__schema_hard(tarn__schema_check *c, tarn_status st)
{
    c->st = st;
    c->hard = true;
    return false;
}

bool tarn__schema_no_json(tarn__schema_check *c, const tarn__json_scan *s)
{
    return tarn__schema_hard(c,
        tarn__fail(c->err, TARN_BAD_INPUT, "byte %zu: %s",
            (size_t)(s->at - c->doc.ptr) + 1, s->why));
}

bool tarn__schema_step(tarn__schema_check *c)
{
    if (c->steps_left-- > 0)
        return true;
    c->steps_left = 0;
    return tarn__schema_hard(c,
        tarn__fail(c->err, TARN_BAD_INPUT,
            "the record: checking takes too many steps (its schema tries too "
            "many alternatives)"));
}

/* --- values --- */

static const char *const kind_names[] = {"null", "a boolean", "an integer",
    "a number", "a string", "an object", "an array"};

static bool wrong_kind(tarn__schema_check *c, const tarn__schema_node *node,
    uint8_t kind, const tarn__schema_place *place)
{
    char wanted[120] = "";
    size_t len = 0;
    uint8_t kinds = node->kinds;
    if (c->quiet)
        return tarn__schema_fault(c, place, "%s", "");
    if (kinds == 0)
        return tarn__schema_fault(c, place, "is not allowed");
    if ((kinds & TARN__KIND_FRACTION) != 0)
        kinds &= (uint8_t)~TARN__KIND_INTEGER;
    for (size_t i = 0; i < 7; i++)
        if ((kinds >> i & 1) != 0)
            len += (size_t)snprintf(wanted + len, sizeof wanted - len, "%s%s",
                len > 0 ? " or " : "", kind_names[i]);
    size_t is = 0;
    while (kind >> is != 1)
        is++;
    return tarn__schema_fault(c, place, "is %s%s, not %s", kind_names[is],
        kind == TARN__KIND_FRACTION ? " with a fraction" : "", wanted);
}

static bool kind_ok(tarn__schema_check *c, const tarn__schema_node *node,
    uint8_t kind, const tarn__schema_place *place)
{
    return (node->kinds & kind) != 0 || wrong_kind(c, node, kind, place);
}

/* The whole value, quotes and all, that began at or behind `start`. */
static tarn_slice whole(const tarn__json_scan *start, const tarn__json_scan *s)
{
    tarn__json_scan from = *start;
    tarn__json_scan_space(&from);
    return (tarn_slice){from.at, (size_t)(s->at - from.at)};
}

static bool number(tarn__schema_check *c, const tarn__schema_node *node,
    tarn_slice text, const tarn__schema_place *place)
{
    if (node->kinds == TARN__KIND_ANY && node->numbers == NULL)
        return true;
    tarn__json_number n = tarn__json_number_of(text);
    uint8_t kind = tarn__json_number_is_integer(&n) ? TARN__KIND_INTEGER
                                                    : TARN__KIND_FRACTION;
    return kind_ok(c, node, kind, place) &&
        (node->numbers == NULL ||
            tarn__schema_check_number(c, node->numbers, &n, text, place));
}

static bool within(tarn__schema_check *c, const tarn__schema_node *node,
    const tarn__json_scan_value *v, tarn__json_scan *s,
    const tarn__schema_place *place)
{
    bool object = v->kind == TARN__JSON_OBJECT;
    if (c->nested == TARN__JSON_MAX_DEPTH) {
        s->why = "is nested deeper than 512";
        return tarn__schema_no_json(c, s);
    }
    if (!kind_ok(c, node, object ? TARN__KIND_OBJECT : TARN__KIND_ARRAY, place))
        return false;
    c->nested++;
    bool ok = object ? tarn__schema_check_object(c, node->objects, s, place)
                     : tarn__schema_check_array(c, node->arrays, s, place);
    c->nested--;
    return ok;
}

/* What the value is by itself; `s` moves past it. */
static bool by_kind(tarn__schema_check *c, const tarn__schema_node *node,
    const tarn__json_scan_value *v, tarn__json_scan *s,
    const tarn__schema_place *place)
{
    switch (v->kind) {
    case TARN__JSON_NULL:
        return kind_ok(c, node, TARN__KIND_NULL, place);
    case TARN__JSON_FALSE:
    case TARN__JSON_TRUE:
        return kind_ok(c, node, TARN__KIND_BOOLEAN, place);
    case TARN__JSON_NUMBER:
        return number(c, node, v->text, place);
    case TARN__JSON_STRING:
        return kind_ok(c, node, TARN__KIND_STRING, place) &&
            (node->strings == NULL ||
                tarn__schema_check_string(c, node->strings, v, place));
    default:
        return within(c, node, v, s, place);
    }
}

static bool check_value(tarn__schema_check *c, const tarn__schema_node *node,
    tarn__json_scan *s, const tarn__schema_place *place)
{
    static const tarn__schema_node anything = {.kinds = TARN__KIND_ANY};
    tarn__json_scan start = *s;
    tarn__json_scan_value v;
    if (node == NULL)
        node = &anything;
    if (!tarn__json_scan_peek(s, &v))
        return tarn__schema_no_json(c, s);
    if (!by_kind(c, node, &v, s, place))
        return false;
    if (!c->quiet && node->logic != NULL && s->at > c->known)
        c->known = s->at; /* what comes now looks at it again */
    if (node->values != NULL &&
        !tarn__schema_check_values(c, node->values, whole(&start, s), place))
        return false;
    if (node->constant != NULL &&
        !tarn__schema_check_values(c, node->constant, whole(&start, s), place))
        return false;
    return node->logic == NULL ||
        tarn__schema_check_logic(c, node->logic, &start, place);
}

bool tarn__schema_check_value(tarn__schema_check *c,
    const tarn__schema_node *node, tarn__json_scan *s,
    const tarn__schema_place *place)
{
    if (!tarn__schema_step(c))
        return false;
    if (c->depth == MAX_DEPTH)
        return tarn__schema_hard(c,
            tarn__fail(c->err, TARN_BAD_INPUT,
                "the record: is nested too deeply for its schema"));
    c->depth++;
    bool ok = check_value(c, node, s, place);
    c->depth--;
    return ok;
}

/* --- the same value again --- */

bool tarn__schema_meets(tarn__schema_check *c, const tarn__schema_node *node,
    const tarn__json_scan *start, const tarn__schema_place *place)
{
    tarn__json_scan s = *start;
    size_t names = c->name_count;
    size_t words = c->bit_words;
    size_t forms = c->forms.len;
    bool quiet = c->quiet;
    c->quiet = true;
    bool ok = tarn__schema_check_value(c, node, &s, place);
    c->quiet = quiet;
    if (!ok && !c->hard) {
        c->st = TARN_OK;
        c->name_count = names;
        c->bit_words = words;
        c->forms.len = forms;
    }
    return ok;
}

static bool again(tarn__schema_check *c, const tarn__schema_node *node,
    const tarn__json_scan *start, const tarn__schema_place *place)
{
    tarn__json_scan s = *start;
    return node == NULL || tarn__schema_check_value(c, node, &s, place);
}

/* Which kind `start` is, as a bit of TARN__KIND_*; a number is both. */
static uint8_t kind_at(const tarn__json_scan *start)
{
    tarn__json_scan s = *start;
    tarn__json_scan_value v;
    return tarn__json_scan_peek(&s, &v) ? tarn__schema_kinds[v.kind] : 0;
}

/* None of the alternatives.  When just one is for values of this kind, or all
 * others are for null, what that one says tells more. */
static bool none_of(tarn__schema_check *c, const tarn__schema_list *list,
    const char *name, const tarn__json_scan *start,
    const tarn__schema_place *place)
{
    uint8_t kind = kind_at(start);
    const tarn__schema_node *only[2] = {NULL, NULL};
    size_t count[2] = {0, 0};
    if (c->quiet)
        return tarn__schema_fault(c, place, "%s", "");
    for (size_t i = 0; i < list->count; i++) {
        uint8_t kinds = list->nodes[i]->possible;
        bool fits[2] = {(kinds & kind) != 0, (kinds & ~TARN__KIND_NULL) != 0};
        for (size_t k = 0; k < 2; k++)
            if (fits[k]) {
                only[k] = list->nodes[i];
                count[k]++;
            }
    }
    const tarn__schema_node *node = count[0] == 1 ? only[0]
        : count[0] == 0 && count[1] == 1          ? only[1]
                                                  : NULL;
    if (node != NULL && !again(c, node, start, place))
        return false;
    return tarn__schema_fault(
        c, place, "matches none of the %zu schemas of %s", list->count, name);
}

static bool any_of(tarn__schema_check *c, const tarn__schema_list *list,
    const tarn__json_scan *start, const tarn__schema_place *place)
{
    for (size_t i = 0; i < list->count; i++) {
        if (tarn__schema_meets(c, list->nodes[i], start, place))
            return true;
        if (c->hard)
            return false;
    }
    return list->count == 0 || none_of(c, list, "anyOf", start, place);
}

static bool one_of(tarn__schema_check *c, const tarn__schema_list *list,
    const tarn__json_scan *start, const tarn__schema_place *place)
{
    size_t first = list->count;
    for (size_t i = 0; i < list->count; i++) {
        if (tarn__schema_meets(c, list->nodes[i], start, place)) {
            if (first < list->count)
                return tarn__schema_fault(c, place,
                    "matches schemas %zu and %zu of oneOf, not just one", first,
                    i);
            first = i;
        }
        if (c->hard)
            return false;
    }
    return list->count == 0 || first < list->count ||
        none_of(c, list, "oneOf", start, place);
}

bool tarn__schema_check_logic(tarn__schema_check *c,
    const tarn__schema_logic *rules, const tarn__json_scan *start,
    const tarn__schema_place *place)
{
    if (!again(c, rules->ref, start, place))
        return false;
    for (size_t i = 0; i < rules->all.count; i++)
        if (!again(c, rules->all.nodes[i], start, place))
            return false;
    if (!any_of(c, &rules->any, start, place) ||
        !one_of(c, &rules->one, start, place))
        return false;
    if (rules->none != NULL && tarn__schema_meets(c, rules->none, start, place))
        return tarn__schema_fault(
            c, place, "matches the schema that `not` rules out");
    if (c->hard || rules->when == NULL)
        return !c->hard;
    bool met = tarn__schema_meets(c, rules->when, start, place);
    return !c->hard &&
        again(c, met ? rules->then : rules->otherwise, start, place);
}

/* --- the whole --- */

tarn_status tarn__json_schema_check(
    const tarn__json_schema *schema, tarn_slice doc, tarn_error *err)
{
    tarn__schema_check c = {.doc = doc,
        .err = err,
        .known = doc.ptr,
        .steps_left = STEPS_ALWAYS + STEPS_PER_BYTE * (uint64_t)doc.len,
        .text = TARN_BUF_INIT,
        .forms = TARN_BUF_INIT};
    static const tarn__schema_place root = {NULL, {NULL, 0}, 0};
    tarn__json_scan s = tarn__json_scan_of(doc);
    tarn__json_scan_value v;
    bool ok = tarn__json_scan_peek(&s, &v);
    if (!ok)
        (void)tarn__schema_no_json(&c, &s);
    else if (v.kind != TARN__JSON_OBJECT)
        ok = tarn__schema_fault(&c, &root, "is no JSON object");
    s = tarn__json_scan_of(doc);
    if (ok)
        ok = tarn__schema_check_value(
            &c, schema != NULL ? schema->root : NULL, &s, &root);
    if (ok && !tarn__json_scan_end(&s))
        (void)tarn__schema_no_json(&c, &s);
    tarn__free(c.names);
    tarn__free(c.bits);
    tarn_buf_reset(&c.text);
    tarn_buf_reset(&c.forms);
    tarn__regex_room_free(c.room);
    return c.st;
}

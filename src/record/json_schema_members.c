/* Objects and arrays against their keywords. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_canon.h"
#include "base/str.h"
#include "record/json_schema_check.h"

static const tarn__schema_objects no_rules = {.max_members = UINT64_MAX};

/* An object on its way. */
typedef struct walk {
    tarn__schema_check *c;
    const tarn__schema_objects *rules;
    const tarn__schema_place *place;
    size_t names; /* where its part of c->names begins */
    size_t words; /* and of c->bits */
    size_t next;  /* the member that stands here if they keep the order */
    size_t required;
    uint64_t count;
    bool known; /* no name of it stands twice: it was looked at before */
} walk;

static bool twice(walk *w, tarn_slice name, const tarn__schema_place *place)
{
    tarn__schema_place at = tarn__schema_below(place, name);
    w->c->quiet = false;
    (void)tarn__schema_fault(w->c, &at, "stands there twice");
    return tarn__schema_hard(w->c, TARN_BAD_INPUT);
}

static bool reserve_bits(walk *w)
{
    size_t words = (w->rules->count + 63) / 64;
    tarn__schema_check *c = w->c;
    w->words = c->bit_words;
    if (words == 0)
        return true;
    tarn_status st = tarn__grow((void **)&c->bits, &c->bit_cap,
        c->bit_words + words, sizeof *c->bits, c->err);
    if (st != TARN_OK)
        return tarn__schema_hard(c, st);
    memset(c->bits + c->bit_words, 0, words * sizeof *c->bits);
    c->bit_words += words;
    return true;
}

static bool was_there(const walk *w, size_t i)
{
    return (w->c->bits[w->words + i / 64] >> (i % 64) & 1) != 0;
}

/* Which member of the schema's it is; rules->count: none. */
static size_t index_of(walk *w, tarn_slice name, uint64_t *hash)
{
    const tarn__schema_objects *rules = w->rules;
    if (w->next < rules->count &&
        tarn__slice_eq(rules->members[w->next].name, name))
        return w->next++;
    *hash = tarn__schema_hash(name);
    size_t at = tarn__schema_find(rules, name, *hash);
    if (at < rules->count)
        w->next = at + 1;
    return at;
}

static bool remember(walk *w, const tarn__json_scan_value *name, uint64_t hash)
{
    tarn__schema_check *c = w->c;
    if (c->name_count == c->name_cap) {
        tarn_status st = tarn__grow((void **)&c->names, &c->name_cap,
            c->name_count + 1, sizeof *c->names, c->err);
        if (st != TARN_OK)
            return tarn__schema_hard(c, st);
    }
    c->names[c->name_count++] =
        (tarn__schema_seen){hash, name->text, name->escaped};
    return true;
}

/* --- names that stand twice --- */

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const tarn__schema_seen *)a)->hash;
    uint64_t y = ((const tarn__schema_seen *)b)->hash;
    return (x > y) - (x < y);
}

static bool same_name(
    walk *w, const tarn__schema_seen *a, const tarn__schema_seen *b, bool *same)
{
    *same = false;
    if (a->hash != b->hash)
        return true;
    if (!a->escaped && !b->escaped) {
        *same = tarn__slice_eq(a->name, b->name);
        return true;
    }
    char *text = tarn__malloc(a->name.len + b->name.len + 1);
    if (text == NULL)
        return tarn__schema_hard(w->c, tarn__no_memory(w->c->err));
    size_t len = tarn__json_scan_unescape(a->name, text);
    size_t other = tarn__json_scan_unescape(b->name, text + len);
    *same = len == other && memcmp(text, text + len, len) == 0;
    tarn__free(text);
    return true;
}

/* All pairs when there are few; else those of the same hash, neighbours once
 * sorted.  Whoever makes many names of one hash runs out of steps. */
static bool no_name_twice(walk *w)
{
    tarn__schema_check *c = w->c;
    size_t count = c->name_count - w->names;
    if (count < 2)
        return true;
    tarn__schema_seen *names = c->names + w->names;
    bool many = count > 12;
    bool same;
    if (many)
        qsort(names, count, sizeof *names, by_hash);
    for (size_t i = 0; i + 1 < count; i++)
        for (size_t k = i + 1; k < count; k++) {
            if (many && names[k].hash != names[i].hash)
                break;
            if (many && !tarn__schema_step(c))
                return false;
            if (!same_name(w, &names[i], &names[k], &same))
                return false;
            if (same)
                return twice(w, names[k].name, w->place);
        }
    return true;
}

/* --- members --- */

/* The value of a member that the schema does not name, or that patterns may
 * speak of besides. */
static bool by_pattern(walk *w, const tarn__schema_node *own,
    const tarn__json_scan_value *name, tarn__json_scan *s,
    const tarn__schema_place *at)
{
    const tarn__schema_objects *rules = w->rules;
    const tarn__schema_node *node = own;
    tarn__json_scan start = *s;
    bool matched = own != NULL;
    for (size_t i = 0; i < rules->pattern_count; i++) {
        bool match;
        tarn_slice text;
        if (!tarn__schema_plain(w->c, name, &text) ||
            !tarn__schema_match(
                w->c, rules->patterns[i].regex, text, &match, at))
            return false;
        if (!match)
            continue;
        if (matched) {
            tarn__json_scan copy = start;
            if (!tarn__schema_check_value(
                    w->c, rules->patterns[i].node, &copy, at))
                return false;
        } else {
            node = rules->patterns[i].node;
        }
        matched = true;
    }
    if (!matched) {
        node = rules->additional;
        if (node != NULL && node->kinds == 0)
            return tarn__schema_fault(w->c, at,
                "is no property of the schema, which allows no others");
    }
    return tarn__schema_check_value(w->c, node, s, at);
}

/* propertyNames: the name, as if it were a value. */
static bool name_ok(
    walk *w, const tarn__json_scan_value *name, const tarn__schema_place *at)
{
    tarn__json_scan s = tarn__json_scan_of(
        (tarn_slice){name->text.ptr - 1, name->text.len + 2});
    return w->rules->names == NULL ||
        tarn__schema_check_value(w->c, w->rules->names, &s, at);
}

static bool member(
    walk *w, const tarn__json_scan_value *name, tarn__json_scan *s)
{
    const tarn__schema_objects *rules = w->rules;
    tarn__schema_place at = tarn__schema_below(w->place, name->text);
    const tarn__schema_node *node = NULL;
    uint64_t hash = 0;
    tarn_slice text;
    w->count++;
    if (!tarn__schema_plain(w->c, name, &text))
        return false;
    size_t i = index_of(w, text, &hash);
    if (i < rules->count) {
        if (was_there(w, i))
            return twice(w, name->text, w->place);
        w->c->bits[w->words + i / 64] |= UINT64_C(1) << (i % 64);
        w->required += rules->members[i].required;
        node = rules->members[i].node;
    } else if (!w->known && !remember(w, name, hash)) {
        return false;
    }
    if (!name_ok(w, name, &at))
        return false;
    if (node != NULL && rules->pattern_count == 0)
        return tarn__schema_check_value(w->c, node, s, &at);
    return by_pattern(w, node, name, s, &at);
}

/* --- what holds for the object as a whole --- */

static bool missing(walk *w)
{
    size_t i = 0;
    while (!w->rules->members[i].required || was_there(w, i))
        i++;
    tarn__schema_place at =
        tarn__schema_below(w->place, w->rules->members[i].name);
    return tarn__schema_fault(w->c, &at, "is missing (it is required)");
}

static bool needs_met(walk *w, const tarn__json_scan *start)
{
    const tarn__schema_objects *rules = w->rules;
    for (size_t i = 0; i < rules->count; i++) {
        const struct tarn__schema_need *n = rules->members[i].needs;
        if (n == NULL || !was_there(w, i))
            continue;
        for (; n != NULL; n = n->next) {
            for (size_t k = 0; k < n->count; k++) {
                tarn_slice name = rules->members[n->members[k]].name;
                tarn__schema_place at = tarn__schema_below(w->place, name);
                if (!was_there(w, n->members[k]))
                    return tarn__schema_fault(w->c, &at,
                        "is missing (it is required with %.*s)",
                        tarn__schema_cut(rules->members[i].name),
                        rules->members[i].name.ptr);
            }
            tarn__json_scan s = *start;
            if (n->node != NULL &&
                !tarn__schema_check_value(w->c, n->node, &s, w->place))
                return false;
        }
    }
    return true;
}

static bool whole_ok(walk *w, const tarn__json_scan *start)
{
    const tarn__schema_objects *rules = w->rules;
    if (w->required < rules->required_count)
        return missing(w);
    if (w->count < rules->min_members)
        return tarn__schema_fault(w->c, w->place,
            "has %" PRIu64 " members, at least %" PRIu64 " are needed",
            w->count, rules->min_members);
    if (w->count > rules->max_members)
        return tarn__schema_fault(w->c, w->place,
            "has %" PRIu64 " members, at most %" PRIu64 " are allowed",
            w->count, rules->max_members);
    return needs_met(w, start);
}

bool tarn__schema_check_object(tarn__schema_check *c,
    const tarn__schema_objects *rules, tarn__json_scan *s,
    const tarn__schema_place *place)
{
    tarn__json_scan start = *s;
    walk w = {.c = c,
        .rules = rules != NULL ? rules : &no_rules,
        .place = place,
        .names = c->name_count,
        .known = s->at < c->known};
    tarn__json_scan_value name;
    int state = 0;
    if (!reserve_bits(&w))
        return false;
    for (;;) {
        if (!tarn__json_scan_name(s, &state, &name))
            return tarn__schema_no_json(c, s);
        if (name.text.ptr == NULL)
            break;
        if (!member(&w, &name, s))
            return false;
    }
    if (!w.known && !no_name_twice(&w))
        return false;
    c->name_count = w.names;
    bool ok = whole_ok(&w, &start);
    c->bit_words = w.words;
    return ok;
}

/* --- arrays --- */

static int by_bytes(const void *a, const void *b)
{
    return tarn__slice_cmp(*(const tarn_slice *)a, *(const tarn_slice *)b);
}

/* No two of the array's items are the same. */
static bool all_differ(tarn__schema_check *c, const tarn__json_scan *start,
    size_t count, const tarn__schema_place *place)
{
    size_t before = c->forms.len;
    size_t *ends = tarn__malloc((count + 1) * sizeof *ends);
    tarn_slice *forms = tarn__malloc((count + 1) * sizeof *forms);
    tarn_status st =
        ends != NULL && forms != NULL ? TARN_OK : tarn__no_memory(c->err);
    tarn__json_scan s = *start;
    tarn__json_scan_value v;
    int state = 0;
    bool more = true;
    bool same = false;
    for (size_t i = 0; st == TARN_OK && i < count &&
         tarn__json_scan_item(&s, &state, &more) &&
         tarn__json_scan_next(&s, &v);
         i++) {
        bool text = v.kind == TARN__JSON_STRING;
        tarn_slice json = {v.text.ptr - text, v.text.len + 2 * text};
        st = tarn__json_canon(json, &c->forms, c->err);
        ends[i] = c->forms.len;
    }
    if (st == TARN_OK) {
        for (size_t i = 0; i < count; i++) {
            size_t from = i > 0 ? ends[i - 1] : before;
            forms[i] = (tarn_slice){c->forms.ptr + from, ends[i] - from};
        }
        qsort(forms, count, sizeof *forms, by_bytes);
        for (size_t i = 1; i < count && !same; i++)
            same = tarn__slice_eq(forms[i - 1], forms[i]);
    }
    tarn__free(forms);
    tarn__free(ends);
    c->forms.len = before;
    if (st != TARN_OK)
        return tarn__schema_hard(c, st);
    return !same ||
        tarn__schema_fault(c, place, "has the same item twice (uniqueItems)");
}

static bool counts_ok(tarn__schema_check *c, const tarn__schema_arrays *rules,
    uint64_t count, uint64_t found, const tarn__schema_place *place)
{
    if (count < rules->min_items)
        return tarn__schema_fault(c, place,
            "has %" PRIu64 " items, at least %" PRIu64 " are needed", count,
            rules->min_items);
    if (count > rules->max_items)
        return tarn__schema_fault(c, place,
            "has %" PRIu64 " items, at most %" PRIu64 " are allowed", count,
            rules->max_items);
    if (rules->contains == NULL)
        return true;
    if (found < rules->min_contains)
        return tarn__schema_fault(c, place,
            "has %" PRIu64 " items that match `contains`, at least %" PRIu64
            " are needed",
            found, rules->min_contains);
    return found <= rules->max_contains ||
        tarn__schema_fault(c, place,
            "has %" PRIu64 " items that match `contains`, at most %" PRIu64
            " are allowed",
            found, rules->max_contains);
}

bool tarn__schema_check_array(tarn__schema_check *c,
    const tarn__schema_arrays *rules, tarn__json_scan *s,
    const tarn__schema_place *place)
{
    static const tarn__schema_arrays none = {
        .max_items = UINT64_MAX, .max_contains = UINT64_MAX};
    tarn__json_scan start = *s;
    tarn__schema_place at = {place, {NULL, 0}, 0};
    uint64_t found = 0;
    int state = 0;
    bool more = true;
    if (rules == NULL)
        rules = &none;
    for (;; at.index++) {
        if (!tarn__json_scan_item(s, &state, &more))
            return tarn__schema_no_json(c, s);
        if (!more)
            break;
        if (rules->contains != NULL) {
            found += tarn__schema_meets(c, rules->contains, s, &at);
            if (c->hard)
                return false;
        }
        const tarn__schema_node *node = at.index < rules->prefix.count
            ? rules->prefix.nodes[at.index]
            : rules->items;
        if (!tarn__schema_check_value(c, node, s, &at))
            return false;
    }
    return counts_ok(c, rules, at.index, found, place) &&
        (!rules->unique || all_differ(c, &start, at.index, place));
}

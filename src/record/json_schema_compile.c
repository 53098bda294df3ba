/* From a schema's text to nodes.
 *
 * Every schema in the document is a node, known by its place.  A node is made
 * when something points to it and filled in later, from a list: neither depth
 * nor a chain of $ref recurses. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "record/json_schema_internal.h"

#define MAX_SOURCE_BYTES ((size_t)4 << 20)
/* Schemas about one value that lead to one another. */
#define MAX_CHAIN 64

const uint8_t tarn__schema_kinds[] = {TARN__KIND_NULL, TARN__KIND_BOOLEAN,
    TARN__KIND_BOOLEAN, TARN__KIND_NUMBER, TARN__KIND_STRING, TARN__KIND_OBJECT,
    TARN__KIND_ARRAY};

tarn_status tarn__schema_refuse(
    const tarn__schema_compiler *c, const char *at, const char *fmt, ...)
{
    char message[300];
    char pointer[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    tarn__schema_pointer(c->schema->source, at, pointer, sizeof pointer);
    return tarn__fail(
        c->err, TARN_BAD_INPUT, "%s: %s: %s", c->what, pointer, message);
}

tarn_status tarn__schema_alloc(
    tarn__schema_compiler *c, size_t count, size_t size, void *out)
{
    size_t bytes;
    void *memory = NULL;
    if (!__builtin_mul_overflow(count > 0 ? count : 1, size, &bytes))
        memory = tarn__arena_alloc(&c->schema->arena, bytes);
    memcpy(out, &memory, sizeof memory);
    if (memory == NULL)
        return tarn__no_memory(c->err);
    memset(memory, 0, bytes);
    return TARN_OK;
}

tarn_status tarn__schema_string(tarn__schema_compiler *c,
    const tarn__json_scan_value *value, tarn_slice *out)
{
    char *text;
    tarn_status st = tarn__schema_alloc(c, value->text.len + 1, 1, &text);
    if (st != TARN_OK)
        return st;
    out->ptr = text;
    out->len = tarn__json_scan_unescape(value->text, text);
    return TARN_OK;
}

static size_t slot_of(const tarn__schema_compiler *c, const char *at)
{
    uint64_t mixed =
        (uint64_t)(at - c->schema->source.ptr) * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(mixed >> 20) & (c->known_cap - 1);
    while (c->known[i] != NULL && c->known[i]->at != at)
        i = (i + 1) & (c->known_cap - 1);
    return i;
}

static tarn_status grow_known(tarn__schema_compiler *c)
{
    size_t cap = c->known_cap > 0 ? c->known_cap * 2 : 64;
    tarn__schema_node **known = tarn__calloc(cap, sizeof(*known));
    if (known == NULL)
        return tarn__no_memory(c->err);
    tarn__free(c->known);
    c->known = known;
    c->known_cap = cap;
    for (tarn__schema_node *n = c->first; n != NULL; n = n->next)
        known[slot_of(c, n->at)] = n;
    return TARN_OK;
}

tarn_status tarn__schema_node_of(tarn__schema_compiler *c,
    const tarn__json_scan_value *value, tarn__schema_node **out)
{
    if (value->kind != TARN__JSON_OBJECT && value->kind != TARN__JSON_TRUE &&
        value->kind != TARN__JSON_FALSE)
        return tarn__schema_refuse(
            c, value->text.ptr, "is no schema (an object, true or false)");
    if (c->node_count * 2 >= c->known_cap) {
        tarn_status st = grow_known(c);
        if (st != TARN_OK)
            return st;
    }
    size_t slot = slot_of(c, value->text.ptr);
    if (c->known[slot] == NULL) {
        tarn__schema_node *node;
        tarn_status st = tarn__schema_alloc(c, 1, sizeof *node, &node);
        if (st != TARN_OK)
            return st;
        node->at = value->text.ptr;
        node->kinds = value->kind == TARN__JSON_FALSE ? 0 : TARN__KIND_ANY;
        c->known[slot] = node;
        c->node_count++;
        *(c->last != NULL ? &c->last->next : &c->first) = node;
        c->last = node;
    }
    *out = c->known[slot];
    return TARN_OK;
}

static tarn_status fill_all(tarn__schema_compiler *c)
{
    tarn_status st = TARN_OK;
    const char *end = c->schema->source.ptr + c->schema->source.len;
    for (tarn__schema_node *n = c->first; st == TARN_OK && n != NULL;
         n = n->next) {
        if (*n->at != '{')
            continue;
        tarn__json_scan s = {n->at, end, NULL, false};
        tarn__json_scan_value value;
        if (tarn__json_scan_next(&s, &value))
            st = tarn__schema_fill(c, n, &value);
    }
    return st;
}

void tarn__schema_each_same(
    const tarn__schema_node *node, tarn__schema_visit fn, void *arg)
{
    const tarn__schema_logic *logic = node->logic;
    if (node->objects != NULL)
        for (size_t i = 0; i < node->objects->count; i++)
            for (const tarn__schema_need *n = node->objects->members[i].needs;
                 n != NULL; n = n->next)
                if (n->node != NULL)
                    fn(arg, n->node);
    if (logic == NULL)
        return;
    tarn__schema_node *single[] = {
        logic->ref, logic->none, logic->when, logic->then, logic->otherwise};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (single[i] != NULL)
            fn(arg, single[i]);
    const tarn__schema_list *lists[] = {&logic->all, &logic->any, &logic->one};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            fn(arg, lists[k]->nodes[i]);
}

/* --- order: a schema after those that lead to it --- */

typedef struct order {
    tarn__schema_node **ready;
    size_t count;
    uint32_t depth;
} order;

/* While the order is made, `possible` is free and `depth` counts what leads
 * to a node. */
static void count_in(void *arg, tarn__schema_node *node)
{
    (void)arg;
    node->depth++;
}

static void count_out(void *arg, tarn__schema_node *node)
{
    order *o = arg;
    if (--node->depth == 0)
        o->ready[o->count++] = node;
}

static void deepen(void *arg, tarn__schema_node *node)
{
    order *o = arg;
    if (node->depth < o->depth + 1)
        node->depth = o->depth + 1;
}

/* Fills o->ready with all nodes, those that lead to others first. */
static tarn_status sort_nodes(tarn__schema_compiler *c, order *o)
{
    for (tarn__schema_node *n = c->first; n != NULL; n = n->next)
        tarn__schema_each_same(n, count_in, NULL);
    for (tarn__schema_node *n = c->first; n != NULL; n = n->next)
        if (n->depth == 0)
            o->ready[o->count++] = n;
    for (size_t i = 0; i < o->count; i++)
        tarn__schema_each_same(o->ready[i], count_out, o);
    for (tarn__schema_node *n = c->first; n != NULL; n = n->next)
        if (n->depth > 0)
            return tarn__schema_refuse(c, n->at,
                "leads back to itself for the same value, so that checking "
                "would not end (refer to it from a property or an item)");
    for (size_t i = 0; i < o->count; i++) {
        o->depth = o->ready[i]->depth;
        if (o->depth > MAX_CHAIN)
            return tarn__schema_refuse(c, o->ready[i]->at,
                "more than %d schemas for the same value lead to it",
                MAX_CHAIN);
        tarn__schema_each_same(o->ready[i], deepen, o);
    }
    return TARN_OK;
}

/* --- what a value can be, for its SQL type --- */

static void join_formats(
    const tarn__schema_node *node, uint8_t *kinds, int *format)
{
    if ((node->possible & TARN__KIND_STRING) != 0)
        *format = *format < 0 || *format == (int)node->format
            ? (int)node->format
            : TARN__FORMAT_NONE;
    *kinds |= node->possible;
}

static void narrow_any(tarn__schema_node *node, const tarn__schema_list *list)
{
    uint8_t kinds = 0;
    int format = -1;
    if (list->count == 0)
        return;
    for (size_t i = 0; i < list->count; i++)
        join_formats(list->nodes[i], &kinds, &format);
    node->possible &= kinds;
    if (node->format == TARN__FORMAT_NONE && format > 0)
        node->format = (tarn__schema_format)format;
}

static void narrow(tarn__schema_node *node, const tarn__schema_node *by)
{
    if (by == NULL)
        return;
    node->possible &= by->possible;
    if (node->format == TARN__FORMAT_NONE)
        node->format = by->format;
}

static uint8_t kind_of(const tarn__json_scan_value *v)
{
    if (v->kind != TARN__JSON_NUMBER)
        return tarn__schema_kinds[v->kind];
    tarn__json_number n = tarn__json_number_of(v->text);
    return tarn__json_number_is_integer(&n) ? TARN__KIND_INTEGER
                                            : TARN__KIND_FRACTION;
}

static void narrow_values(
    tarn__schema_node *node, const tarn__schema_values *values)
{
    uint8_t kinds = 0;
    if (values == NULL)
        return;
    tarn__json_scan s = tarn__json_scan_of(values->text);
    tarn__json_scan_value whole;
    if (!tarn__json_scan_next(&s, &whole))
        return;
    tarn__schema_parts p = tarn__schema_parts_of(&whole);
    if (values->is_const)
        kinds = kind_of(&whole);
    else
        while (tarn__schema_next(&p))
            kinds |= kind_of(&p.value);
    node->possible &= kinds;
}

static void find_possible(tarn__schema_node *node)
{
    const tarn__schema_logic *logic = node->logic;
    node->possible = node->kinds;
    if (node->strings != NULL)
        node->format = node->strings->format;
    narrow_values(node, node->values);
    narrow_values(node, node->constant);
    if (logic == NULL)
        return;
    narrow(node, logic->ref);
    for (size_t i = 0; i < logic->all.count; i++)
        narrow(node, logic->all.nodes[i]);
    narrow_any(node, &logic->any);
    narrow_any(node, &logic->one);
}

static tarn_status settle(tarn__schema_compiler *c)
{
    order o = {tarn__calloc(c->node_count, sizeof *o.ready), 0, 0};
    if (o.ready == NULL)
        return tarn__no_memory(c->err);
    tarn_status st = sort_nodes(c, &o);
    for (size_t i = o.count; st == TARN_OK && i-- > 0;)
        find_possible(o.ready[i]);
    tarn__free(o.ready);
    return st;
}

/* --- the whole --- */

/* The text is JSON, without a member that stands there twice. */
static tarn_status look_over(tarn__schema_compiler *c)
{
    tarn_slice source = c->schema->source;
    tarn__json_scan s = tarn__json_scan_of(source);
    tarn__json_scan_value value;
    if (!tarn__json_scan_next(&s, &value) || !tarn__json_scan_end(&s)) {
        int line = 1;
        const char *start = source.ptr;
        for (const char *at = source.ptr; at < s.at; at++)
            if (*at == '\n') {
                line++;
                start = at + 1;
            }
        return tarn__fail(c->err, TARN_BAD_INPUT, "%s: line %d, column %zu: %s",
            c->what, line, (size_t)(s.at - start) + 1, s.why);
    }
    if (value.kind != TARN__JSON_OBJECT)
        return tarn__fail(c->err, TARN_BAD_INPUT,
            "%s: is no JSON object, as a schema is", c->what);
    tarn_status st = tarn__json_schema_check(NULL, source, c->err);
    if (st == TARN_BAD_INPUT)
        tarn__error_prefix(c->err, "%s", c->what);
    return st;
}

static tarn_status compile(tarn__schema_compiler *c)
{
    tarn_status st = look_over(c);
    tarn__json_scan s = tarn__json_scan_of(c->schema->source);
    tarn__json_scan_value root;
    if (st == TARN_OK && tarn__json_scan_next(&s, &root))
        st = tarn__schema_node_of(c, &root, &c->schema->root);
    if (st == TARN_OK)
        st = fill_all(c);
    if (st == TARN_OK)
        st = settle(c);
    return st == TARN_OK ? tarn__schema_table(c) : st;
}

tarn_status tarn__json_schema_compile(
    tarn_slice text, const char *what, tarn__json_schema **out, tarn_error *err)
{
    *out = NULL;
    if (text.len > MAX_SOURCE_BYTES)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: a schema of more than 4 MiB (what is it made from?)", what);
    tarn__json_schema *schema = tarn__calloc(1, sizeof *schema);
    if (schema == NULL)
        return tarn__no_memory(err);
    tarn__schema_compiler c = {.schema = schema, .what = what, .err = err};
    schema->source = tarn__arena_copy(&schema->arena, text);
    tarn_status st =
        schema->source.ptr != NULL ? compile(&c) : tarn__no_memory(err);
    tarn__free(c.known);
    if (st != TARN_OK) {
        tarn__json_schema_free(schema);
        return st;
    }
    *out = schema;
    return TARN_OK;
}

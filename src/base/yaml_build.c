/* From the parser's events to jansson values and their places. */
#include <libfyaml.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/yaml_scalar.h"
#include "base/yaml_tree.h"

#define MAX_DEPTH 200
#define MAX_NODES 1000000

typedef struct anchor {
    const char *name;
    json_t *value; /* a reference of its own */
    tarn__place *where;
    size_t nodes;
    struct anchor *next;
} anchor;

typedef struct builder {
    struct fy_parser *parser;
    struct fy_diag *diag;
    const char *what;
    tarn__yaml *yaml;
    anchor *anchors; /* of this document, newest first */
    size_t nodes;
    int line; /* of the newest event */
    int column;
    struct fy_mark end;      /* of the event before */
    tarn__yaml_fault *fault; /* NULL: the message tells the place */
    tarn_error *err;
} builder;

static tarn_status fail_at(
    const builder *b, int line, int column, const char *why)
{
    if (b->fault == NULL)
        return tarn__fail(b->err, TARN_BAD_INPUT, "%s: line %d, column %d: %s",
            b->what, line, column, why);
    *b->fault = (tarn__yaml_fault){line, column};
    return tarn__fail(b->err, TARN_BAD_INPUT, "%s", why);
}

static tarn_status fail_here(const builder *b, const char *why)
{
    return fail_at(b, b->line, b->column, why);
}

static tarn_status fail_twice(const builder *b, const char *key)
{
    char *why = tarn__sprintf("the key %s stands here a second time", key);
    tarn_status st = why == NULL ? tarn__no_memory(b->err) : fail_here(b, why);
    tarn__free(why);
    return st;
}

/* What the parser complained about first. */
static tarn_status parser_failure(const builder *b)
{
    void *at = NULL;
    const struct fy_diag_error *fault = fy_diag_errors_iterate(b->diag, &at);
    if (fault == NULL || fault->msg == NULL)
        return fail_here(b, "this is not YAML");
    return fail_at(b, fault->line > 0 ? fault->line : 1,
        fault->column > 0 ? fault->column : 1, fault->msg);
}

/* The next event, NULL on a parser's failure. */
static struct fy_event *next_event(builder *b)
{
    struct fy_event *event = fy_parser_parse(b->parser);
    if (event == NULL)
        return NULL;
    /* An empty value has no mark: it stands where the last thing ended. */
    const struct fy_mark *start = fy_event_start_mark(event);
    if (start == NULL)
        start = &b->end;
    b->line = start->line + 1;
    b->column = start->column + 1;
    const struct fy_mark *end = fy_event_end_mark(event);
    if (end != NULL)
        b->end = *end;
    return event;
}

static tarn_status count_nodes(builder *b, size_t more)
{
    b->nodes += more;
    if (b->nodes > MAX_NODES)
        return fail_here(b, "more than a million values (use fewer aliases)");
    return TARN_OK;
}

static tarn__place *add_place(builder *b, tarn__place *parent)
{
    tarn__place *at = tarn__arena_alloc(&b->yaml->arena, sizeof(*at));
    if (at == NULL)
        return NULL;
    memset(at, 0, sizeof(*at));
    if (parent == NULL)
        return at;
    if (parent->first == NULL)
        parent->first = at;
    else
        parent->last->next = at;
    parent->last = at;
    return at;
}

static tarn_status add_anchor(builder *b, struct fy_token *token, json_t *value,
    tarn__place *where, size_t nodes)
{
    tarn_slice name;
    name.ptr = fy_token_get_text(token, &name.len);
    if (name.ptr == NULL)
        return tarn__no_memory(b->err);
    anchor *a = tarn__arena_alloc(&b->yaml->arena, sizeof(*a));
    tarn_slice copy = tarn__arena_copy(&b->yaml->arena, name);
    if (a == NULL || copy.ptr == NULL)
        return tarn__no_memory(b->err);
    a->name = copy.ptr;
    a->value = json_incref(value);
    a->where = where;
    a->nodes = nodes;
    a->next = b->anchors;
    b->anchors = a;
    return TARN_OK;
}

static void drop_anchors(builder *b)
{
    for (; b->anchors != NULL; b->anchors = b->anchors->next)
        json_decref(b->anchors->value);
}

static tarn_status find_anchor(
    builder *b, struct fy_event *event, const anchor **out)
{
    tarn_slice name;
    name.ptr = fy_token_get_text(event->alias.anchor, &name.len);
    if (name.ptr == NULL)
        return tarn__no_memory(b->err);
    for (const anchor *a = b->anchors; a != NULL; a = a->next)
        if (tarn__slice_is(name, a->name)) {
            *out = a;
            return TARN_OK;
        }
    return fail_here(b, "an alias of an anchor that does not stand before it");
}

static tarn_status build_alias(
    builder *b, struct fy_event *event, tarn__place *at, json_t **out)
{
    const anchor *a = NULL;
    tarn_status st = find_anchor(b, event, &a);
    if (st == TARN_OK)
        st = count_nodes(b, a->nodes);
    if (st != TARN_OK)
        return st;
    at->first = a->where->first;
    at->last = a->where->last;
    *out = json_deep_copy(a->value);
    return *out == NULL ? tarn__no_memory(b->err) : TARN_OK;
}

/* The text of a scalar's token, which is absent when the text is empty. */
static tarn_status scalar_text(
    builder *b, struct fy_event *event, tarn_slice *out)
{
    *out = tarn_str("");
    struct fy_token *token = fy_event_get_token(event);
    if (token == NULL)
        return TARN_OK;
    out->ptr = fy_token_get_text0(token);
    out->len = fy_token_get_text_length(token);
    if (out->ptr == NULL || out->len == SIZE_MAX)
        return tarn__no_memory(b->err);
    if (!tarn__utf8_valid(*out))
        return fail_here(b, "an escape that is no character");
    return TARN_OK;
}

static bool is_plain(struct fy_event *event)
{
    struct fy_token *token = fy_event_get_token(event);
    return token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;
}

static tarn_status build_scalar(
    builder *b, struct fy_event *event, json_t **out)
{
    tarn_slice text;
    tarn_status st = scalar_text(b, event, &text);
    if (st != TARN_OK)
        return st;
    struct fy_token *tag = fy_event_get_tag_token(event);
    const char *tag_text = tag != NULL ? fy_token_get_text0(tag) : NULL;
    const char *why;
    *out = tarn__yaml_scalar(text, tag_text, is_plain(event), &why);
    if (*out != NULL)
        return TARN_OK;
    return why != NULL ? fail_here(b, why) : tarn__no_memory(b->err);
}

static tarn_status build(builder *b, struct fy_event *event, int depth,
    tarn__place *at, json_t **out);

static tarn_status build_sequence(
    builder *b, int depth, tarn__place *at, json_t **out)
{
    json_t *array = json_array();
    tarn_status st = array == NULL ? tarn__no_memory(b->err) : TARN_OK;
    while (st == TARN_OK) {
        struct fy_event *event = next_event(b);
        if (event == NULL) {
            st = parser_failure(b);
            break;
        }
        if (event->type == FYET_SEQUENCE_END) {
            fy_parser_event_free(b->parser, event);
            *out = array;
            return TARN_OK;
        }
        tarn__place *item_place = add_place(b, at);
        json_t *item = NULL;
        st = build(b, event, depth + 1, item_place, &item);
        if (st == TARN_OK && json_array_append_new(array, item) != 0)
            st = tarn__no_memory(b->err);
    }
    json_decref(array);
    return st;
}

/* The text of a member's key, copied, from a scalar or an alias of a string. */
static tarn_status build_key(
    builder *b, struct fy_event *event, const json_t *object, const char **out)
{
    tarn_slice text;
    tarn_status st;
    if (event->type == FYET_SCALAR) {
        st = scalar_text(b, event, &text);
    } else if (event->type == FYET_ALIAS) {
        const anchor *a = NULL;
        st = find_anchor(b, event, &a);
        if (st == TARN_OK && !json_is_string(a->value))
            st = fail_here(b, "a key that is not text");
        if (st == TARN_OK) {
            text.ptr = json_string_value(a->value);
            text.len = json_string_length(a->value);
        }
    } else {
        st = fail_here(b, "a key that is not text");
    }
    if (st != TARN_OK)
        return st;
    if (memchr(text.ptr, '\0', text.len) != NULL)
        return fail_here(b, "a key with U+0000 in it");
    if (tarn__slice_is(text, "<<") && is_plain(event))
        return fail_here(
            b, "merge keys are not YAML 1.2 (write the members out)");
    if (json_object_get(object, text.ptr) != NULL)
        return fail_twice(b, text.ptr);
    *out = tarn__arena_copy(&b->yaml->arena, text).ptr;
    if (*out == NULL)
        return tarn__no_memory(b->err);
    struct fy_token *name = fy_event_get_anchor_token(event);
    if (name == NULL)
        return TARN_OK;
    json_t *value = json_string(*out);
    tarn__place *where = add_place(b, NULL);
    st = value == NULL || where == NULL ? tarn__no_memory(b->err)
                                        : add_anchor(b, name, value, where, 1);
    json_decref(value);
    return st;
}

/* One member, whose key is `event`. */
static tarn_status build_member(builder *b, struct fy_event *event, int depth,
    tarn__place *at, json_t *object)
{
    const char *key = NULL;
    tarn_status st = build_key(b, event, object, &key);
    fy_parser_event_free(b->parser, event);
    if (st != TARN_OK)
        return st;
    event = next_event(b);
    if (event == NULL)
        return parser_failure(b);
    tarn__place *value_place = add_place(b, at);
    if (value_place != NULL)
        value_place->key = key;
    json_t *value = NULL;
    st = build(b, event, depth + 1, value_place, &value);
    if (st == TARN_OK && json_object_set_new(object, key, value) != 0)
        st = tarn__no_memory(b->err);
    return st;
}

static tarn_status build_mapping(
    builder *b, int depth, tarn__place *at, json_t **out)
{
    json_t *object = json_object();
    tarn_status st = object == NULL ? tarn__no_memory(b->err) : TARN_OK;
    while (st == TARN_OK) {
        struct fy_event *event = next_event(b);
        if (event == NULL) {
            st = parser_failure(b);
            break;
        }
        if (event->type == FYET_MAPPING_END) {
            fy_parser_event_free(b->parser, event);
            *out = object;
            return TARN_OK;
        }
        st = build_member(b, event, depth, at, object);
    }
    json_decref(object);
    return st;
}

static tarn_status check_collection_tag(
    builder *b, struct fy_event *event, const char *allowed)
{
    struct fy_token *tag = fy_event_get_tag_token(event);
    const char *text = tag != NULL ? fy_token_get_text0(tag) : NULL;
    if (text == NULL || strcmp(text, "!") == 0 || strcmp(text, allowed) == 0)
        return TARN_OK;
    return fail_here(b, "the tag is not known here (remove it)");
}

/* The value that begins with `event`, which is consumed; `at` is NULL when
 * memory was out. */
static tarn_status build(builder *b, struct fy_event *event, int depth,
    tarn__place *at, json_t **out)
{
    size_t nodes = b->nodes;
    json_t *value = NULL;
    tarn_status st = at == NULL ? tarn__no_memory(b->err) : count_nodes(b, 1);
    if (st == TARN_OK && depth > MAX_DEPTH)
        st = fail_here(b, "nested too deeply");
    if (st == TARN_OK) {
        at->line = b->line;
        at->column = b->column;
        switch (event->type) {
        case FYET_SCALAR:
            st = build_scalar(b, event, &value);
            break;
        case FYET_ALIAS:
            st = build_alias(b, event, at, &value);
            break;
        case FYET_SEQUENCE_START:
            st = check_collection_tag(b, event, "tag:yaml.org,2002:seq");
            if (st == TARN_OK)
                st = build_sequence(b, depth, at, &value);
            break;
        case FYET_MAPPING_START:
            st = check_collection_tag(b, event, "tag:yaml.org,2002:map");
            if (st == TARN_OK)
                st = build_mapping(b, depth, at, &value);
            break;
        default:
            st = fail_here(b, "a value is missing");
        }
    }
    struct fy_token *name =
        event->type == FYET_ALIAS ? NULL : fy_event_get_anchor_token(event);
    if (st == TARN_OK && name != NULL)
        st = add_anchor(b, name, value, at, b->nodes - nodes);
    fy_parser_event_free(b->parser, event);
    if (st == TARN_OK)
        *out = value;
    else
        json_decref(value);
    return st;
}

static tarn_status build_document(builder *b)
{
    tarn__yaml *yaml = b->yaml;
    tarn_status st = tarn__grow((void **)&yaml->documents, &yaml->cap,
        yaml->count + 1, sizeof(*yaml->documents), b->err);
    if (st != TARN_OK)
        return st;
    struct fy_event *event = next_event(b);
    if (event == NULL)
        return parser_failure(b);
    tarn__yaml_document doc = {NULL, add_place(b, NULL)};
    st = build(b, event, 0, doc.where, &doc.root);
    drop_anchors(b);
    if (st == TARN_OK)
        yaml->documents[yaml->count++] = doc;
    return st;
}

static tarn_status build_all(builder *b)
{
    struct fy_event *event;
    while ((event = next_event(b)) != NULL) {
        enum fy_event_type type = event->type;
        fy_parser_event_free(b->parser, event);
        tarn_status st = TARN_OK;
        if (type == FYET_DOCUMENT_START)
            st = build_document(b);
        if (st != TARN_OK)
            return st;
    }
    return fy_parser_get_stream_error(b->parser) ? parser_failure(b) : TARN_OK;
}

static tarn_status parse(builder *b, tarn_slice text)
{
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL; /* nothing is printed */
    diag_cfg.level = FYET_ERROR;
    diag_cfg.colorize = false;
    b->diag = fy_diag_create(&diag_cfg);
    if (b->diag == NULL)
        return tarn__no_memory(b->err);
    fy_diag_set_collect_errors(b->diag, true);
    struct fy_parse_cfg cfg = {0};
    cfg.flags = FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE |
        FYPCF_DISABLE_MMAP_OPT | FYPCF_COLLECT_DIAG;
    cfg.diag = b->diag;
    b->parser = fy_parser_create(&cfg);
    if (b->parser == NULL ||
        fy_parser_set_string(b->parser, text.ptr, text.len) != 0)
        return tarn__no_memory(b->err);
    return build_all(b);
}

tarn_status tarn__yaml_build(tarn__yaml *yaml, tarn_slice text,
    const char *what, tarn__yaml_fault *fault, tarn_error *err)
{
    builder b = {.what = what,
        .yaml = yaml,
        .line = 1,
        .column = 1,
        .fault = fault,
        .err = err};
    tarn_status st = parse(&b, text);
    drop_anchors(&b);
    if (b.parser != NULL)
        fy_parser_destroy(b.parser);
    if (b.diag != NULL)
        fy_diag_destroy(b.diag);
    return st;
}

/* What makes a schema a table: its name and version, its columns, and what
 * x-tarn says of them. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "record/json_schema_internal.h"

/* Columns that every record table has besides (docs/FORMAT.md, "Fields"). */
static const char *const system_names[] = {
    "id", "created_at", "modified_at", "deleted_at", "doc"};

static tarn_status text_of(
    tarn__schema_compiler *c, const tarn__json_scan_value *v, tarn_slice *out)
{
    if (v->kind != TARN__JSON_STRING)
        return tarn__schema_refuse(c, v->text.ptr, "is no string");
    tarn_status st = tarn__schema_string(c, v, out);
    if (st == TARN_OK &&
        memchr(out->ptr, '\0', out->len + 1) != out->ptr + out->len)
        return tarn__schema_refuse(c, v->text.ptr, "holds U+0000");
    return st;
}

static tarn_status name_and_version(tarn__schema_compiler *c)
{
    tarn__json_schema *schema = c->schema;
    tarn__json_scan_value v;
    tarn_slice text;
    if (!tarn__schema_get(schema->source, "name", &v))
        return tarn__schema_refuse(c, schema->source.ptr,
            "has no 'name' (the table's, such as \"name\": \"people\")");
    tarn_status st = text_of(c, &v, &text);
    if (st != TARN_OK)
        return st;
    if (!tarn__record_table_name_valid(text))
        return tarn__schema_refuse(c, v.text.ptr,
            "'%.60s' can be no table's name (letters, digits, _ and -, a "
            "letter or _ first, at most 128 bytes)",
            text.ptr);
    schema->name = text.ptr;
    if (!tarn__schema_get(schema->source, "version", &v))
        return tarn__schema_refuse(c, schema->source.ptr,
            "has no 'version' (such as \"version\": \"1.0.0\")");
    st = text_of(c, &v, &text);
    if (st != TARN_OK)
        return st;
    if (!tarn__semver_parse(text, &schema->semver))
        return tarn__schema_refuse(c, v.text.ptr,
            "'%.40s' is no semantic version (such as 1.0.0)", text.ptr);
    schema->version = text.ptr;
    if (tarn__schema_get(schema->source, "title", &v) &&
        v.kind == TARN__JSON_STRING) {
        st = tarn__schema_string(c, &v, &text);
        schema->title = text.ptr;
    }
    return st;
}

/* --- types --- */

static const struct {
    tarn__row_type type;
    const char *sql;
} sql_types[] = {{TARN__ROW_BIGINT, "BIGINT"}, {TARN__ROW_DOUBLE, "DOUBLE"},
    {TARN__ROW_BOOLEAN, "BOOLEAN"}, {TARN__ROW_VARCHAR, "VARCHAR"},
    {TARN__ROW_TIMESTAMP, "TIMESTAMP"}, {TARN__ROW_DATE, "DATE"}};

/* 0: JSON.  docs/FORMAT.md, "Fields", is this function. */
static tarn__row_type type_of(const tarn__schema_node *node)
{
    switch (node->possible & ~TARN__KIND_NULL) {
    case TARN__KIND_INTEGER:
        return TARN__ROW_BIGINT;
    case TARN__KIND_FRACTION:
    case TARN__KIND_NUMBER:
        return TARN__ROW_DOUBLE;
    case TARN__KIND_BOOLEAN:
        return TARN__ROW_BOOLEAN;
    case TARN__KIND_STRING:
        return node->format == TARN__FORMAT_DATE_TIME ? TARN__ROW_TIMESTAMP
            : node->format == TARN__FORMAT_DATE       ? TARN__ROW_DATE
                                                      : TARN__ROW_VARCHAR;
    default:
        return (tarn__row_type)0;
    }
}

static void set_type(
    tarn__json_schema_field *field, const tarn__schema_node *node)
{
    field->sql_type = "JSON";
    field->type = node != NULL ? type_of(node) : (tarn__row_type)0;
    for (size_t i = 0; i < sizeof sql_types / sizeof *sql_types; i++)
        if (sql_types[i].type == field->type)
            field->sql_type = sql_types[i].sql;
}

/* --- properties --- */

static tarn_status too_long(const tarn__schema_compiler *c, const char *at)
{
    return tarn__schema_refuse(c, at,
        "its name has more than %d bytes, and can be no column's (leave it out "
        "of `properties`; a record may have it all the same)",
        TARN__ROW_MAX_NAME_BYTES);
}

/* Column names are the same whatever their case. */
static tarn_status name_free(
    tarn__schema_compiler *c, const tarn__schema_member *m, size_t before)
{
    const tarn__json_schema *schema = c->schema;
    const char *at = m->node->at;
    if (m->name.len == 0 || memchr(m->name.ptr, '\0', m->name.len) != NULL)
        return tarn__schema_refuse(
            c, at, "its name is empty or holds U+0000, and can be no column's");
    if (m->name.len > TARN__ROW_MAX_NAME_BYTES)
        return too_long(c, at);
    for (size_t i = 0; i < sizeof system_names / sizeof *system_names; i++)
        if (tarn__eq_nocase(m->name.ptr, system_names[i]))
            return tarn__schema_refuse(c, at,
                "'%s' is a column that every record table has (name the "
                "property otherwise)",
                system_names[i]);
    for (size_t i = 0; i < before; i++)
        if (tarn__eq_nocase(m->name.ptr, schema->fields[i].name))
            return tarn__schema_refuse(c, at,
                "'%.60s' and '%.60s' differ in case only, and cannot both be "
                "columns (leave one out of `properties`)",
                schema->fields[i].name, m->name.ptr);
    return TARN_OK;
}

static tarn_status properties(tarn__schema_compiler *c)
{
    tarn__json_schema *schema = c->schema;
    const tarn__schema_objects *o = schema->root->objects;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && o != NULL && i < o->property_count;
         i++) {
        const tarn__schema_member *m = &o->members[i];
        tarn__json_schema_field *f = &schema->fields[i];
        st = name_free(c, m, i);
        f->name = m->name.ptr;
        f->path = &m->name;
        f->depth = 1;
        f->property = true;
        f->nullable =
            !m->required || (m->node->possible & TARN__KIND_NULL) != 0;
        set_type(f, m->node);
        schema->field_count = i + 1;
    }
    return st;
}

/* --- the paths that x-tarn names --- */

static const tarn__schema_node *property_of(
    const tarn__schema_node *node, tarn_slice name, bool *open);

/* In the schemas that hold besides: $ref and allOf, and any of anyOf, oneOf,
 * as a model that may be null is written. */
static const tarn__schema_node *property_besides(
    const tarn__schema_node *node, tarn_slice name, bool *open)
{
    const tarn__schema_logic *logic = node->logic;
    const tarn__schema_node *found = NULL;
    if (logic == NULL)
        return NULL;
    if (logic->ref != NULL)
        found = property_of(logic->ref, name, open);
    const tarn__schema_list *lists[] = {&logic->all, &logic->any, &logic->one};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        for (size_t i = 0; found == NULL && i < lists[k]->count; i++)
            found = property_of(lists[k]->nodes[i], name, open);
    return found;
}

/* NULL: none of that name; *open turns false where a schema lists others. */
static const tarn__schema_node *property_of(
    const tarn__schema_node *node, tarn_slice name, bool *open)
{
    const tarn__schema_objects *o = node->objects;
    if (o != NULL) {
        size_t at = tarn__schema_find(o, name, tarn__schema_hash(name));
        if (at < o->count && o->members[at].node != NULL)
            return o->members[at].node;
        if (o->property_count > 0)
            *open = false;
    }
    return property_besides(node, name, open);
}

static tarn_status split(
    tarn__schema_compiler *c, tarn_slice text, tarn__json_schema_field *field)
{
    tarn_slice *path;
    size_t depth = 1;
    for (size_t i = 0; i < text.len; i++)
        depth += text.ptr[i] == '.';
    tarn_status st = tarn__schema_alloc(c, depth, sizeof *path, &path);
    if (st != TARN_OK)
        return st;
    field->path = path;
    field->depth = depth;
    const char *at = text.ptr;
    for (size_t i = 0; i < depth; i++) {
        const char *dot = memchr(at, '.', text.len - (size_t)(at - text.ptr));
        const char *end = dot != NULL ? dot : text.ptr + text.len;
        path[i] = (tarn_slice){at, (size_t)(end - at)};
        at = end + 1;
    }
    return TARN_OK;
}

/* The field that a name in x-tarn means: a property of just that name, or a
 * path of names parted by dots. */
static tarn_status resolve(tarn__schema_compiler *c,
    const tarn__json_scan_value *v, tarn__json_schema_field *field)
{
    const tarn__json_schema *schema = c->schema;
    tarn_slice text;
    tarn_status st = text_of(c, v, &text);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; i < schema->field_count; i++)
        if (tarn__slice_is(text, schema->fields[i].name)) {
            *field = schema->fields[i];
            return TARN_OK;
        }
    memset(field, 0, sizeof *field);
    field->name = text.ptr;
    field->nullable = true;
    st = split(c, text, field);
    const tarn__schema_node *node = schema->root;
    bool open = true;
    for (size_t i = 0; st == TARN_OK && i < field->depth; i++) {
        if (field->path[i].len == 0 || field->depth > TARN__JSON_MAX_DEPTH)
            return tarn__schema_refuse(
                c, v->text.ptr, "'%.60s' is no path of names", text.ptr);
        if (field->path[i].len > TARN__ROW_MAX_NAME_BYTES)
            return too_long(c, v->text.ptr);
        if (node != NULL)
            node = property_of(node, field->path[i], &open);
        if (node == NULL && !open)
            return tarn__schema_refuse(c, v->text.ptr,
                "'%.60s' is no property of the schema", text.ptr);
    }
    set_type(field, node);
    return st;
}

/* --- x-tarn --- */

typedef struct extras {
    tarn__json_scan_value key;
    tarn__json_scan_value indexed;
    tarn__json_scan_value embed;
    tarn__json_scan_value metric;
    bool has_key;
    bool has_indexed;
    bool has_embed;
    bool has_metric;
} extras;

static tarn_status read_extras(tarn__schema_compiler *c, extras *e)
{
    tarn_slice source = c->schema->source;
    tarn__json_scan_value v;
    memset(e, 0, sizeof *e);
    if (tarn__schema_get(source, "json_schema_extra", &v)) {
        if (v.kind != TARN__JSON_OBJECT)
            return tarn__schema_refuse(c, v.text.ptr, "is no object");
        e->has_key = tarn__schema_get(v.text, "key_field", &e->key);
        e->has_indexed =
            tarn__schema_get(v.text, "indexed_fields", &e->indexed);
        e->has_embed = tarn__schema_get(v.text, "embedding_fields", &e->embed);
    }
    if (!tarn__schema_get(source, "x-tarn", &v))
        return TARN_OK;
    if (v.kind != TARN__JSON_OBJECT)
        return tarn__schema_refuse(c, v.text.ptr, "is no object");
    const struct {
        const char *name;
        tarn__json_scan_value *to;
        bool *has;
    } all[] = {{"key", &e->key, &e->has_key},
        {"indexed", &e->indexed, &e->has_indexed},
        {"embed", &e->embed, &e->has_embed},
        {"metric", &e->metric, &e->has_metric}};
    tarn__json_scan s = tarn__json_scan_of(v.text);
    tarn__json_scan_value name;
    int state = 0;
    while (tarn__json_scan_member(&s, &state, &name, &v) &&
        name.text.ptr != NULL) {
        size_t i = 0;
        while (i < 4 && !tarn__slice_is(name.text, all[i].name))
            i++;
        if (i == 4)
            return tarn__schema_refuse(
                c, v.text.ptr, "is not known (key, indexed, embed or metric)");
        *all[i].to = v;
        *all[i].has = true;
    }
    return TARN_OK;
}

static tarn_status use_key(
    tarn__schema_compiler *c, const tarn__json_scan_value *v)
{
    tarn__json_schema *schema = c->schema;
    tarn_slice text;
    tarn_status st = text_of(c, v, &text);
    if (st != TARN_OK)
        return st;
    const tarn__schema_objects *o = schema->root->objects;
    const tarn__schema_node *node = NULL;
    if (o != NULL) {
        size_t at = tarn__schema_find(o, text, tarn__schema_hash(text));
        node = at < o->count ? o->members[at].node : NULL;
    }
    if (text.len > TARN__ROW_MAX_NAME_BYTES)
        return too_long(c, v->text.ptr);
    if (text.len == 0 || (node == NULL && !schema->free_form))
        return tarn__schema_refuse(
            c, v->text.ptr, "'%.60s' is no property of the schema", text.ptr);
    if (node != NULL &&
        (node->possible &
            (TARN__KIND_STRING | TARN__KIND_NUMBER | TARN__KIND_BOOLEAN)) == 0)
        return tarn__schema_refuse(c, v->text.ptr,
            "'%.60s' can be no key: it is never a string, a number or a "
            "boolean",
            text.ptr);
    schema->key = text.ptr;
    return TARN_OK;
}

static tarn_status add_indexed(
    tarn__schema_compiler *c, const tarn__json_scan_value *v)
{
    tarn__json_schema *schema = c->schema;
    tarn__json_schema_field field;
    tarn_status st = resolve(c, v, &field);
    if (st != TARN_OK)
        return st;
    field.indexed = true;
    if (!field.property) /* what doc->>'path' shows is not of one type */
        set_type(&field, NULL);
    for (size_t i = 0; i < schema->field_count; i++)
        if (strcmp(schema->fields[i].name, field.name) == 0) {
            schema->fields[i].indexed = true;
            return TARN_OK;
        }
    schema->fields[schema->field_count++] = field;
    return TARN_OK;
}

static tarn_status add_embed(
    tarn__schema_compiler *c, const tarn__json_scan_value *v)
{
    tarn__json_schema_field *f = &c->schema->embed[c->schema->embed_count];
    tarn_status st = resolve(c, v, f);
    if (st != TARN_OK)
        return st;
    if (f->type != TARN__ROW_VARCHAR && f->type != 0)
        return tarn__schema_refuse(c, v->text.ptr,
            "'%.60s' is no text that could be embedded", f->name);
    c->schema->embed_count++;
    return TARN_OK;
}

/* A list of names, or one name. */
static tarn_status each(tarn__schema_compiler *c,
    const tarn__json_scan_value *v,
    tarn_status (*fn)(tarn__schema_compiler *, const tarn__json_scan_value *))
{
    if (v->kind == TARN__JSON_STRING)
        return fn(c, v);
    if (v->kind != TARN__JSON_ARRAY)
        return tarn__schema_refuse(c, v->text.ptr, "is no list of names");
    tarn__schema_parts p = tarn__schema_parts_of(v);
    tarn_status st = TARN_OK;
    while (st == TARN_OK && tarn__schema_next(&p))
        st = fn(c, &p.value);
    return st;
}

static tarn_status use_metric(
    tarn__schema_compiler *c, const tarn__json_scan_value *v)
{
    static const char *const metrics[] = {"cosine", "ip", "l2"};
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        if (v->kind == TARN__JSON_STRING &&
            tarn__slice_is(v->text, metrics[i])) {
            c->schema->metric = metrics[i];
            return TARN_OK;
        }
    return tarn__schema_refuse(
        c, v->text.ptr, "is no metric (cosine, ip or l2)");
}

tarn_status tarn__schema_table(tarn__schema_compiler *c)
{
    tarn__json_schema *schema = c->schema;
    const tarn__schema_objects *o = schema->root->objects;
    tarn__json_scan_value v;
    extras e;
    schema->metric = "cosine";
    schema->free_form = !tarn__schema_get(schema->source, "properties", &v);
    if ((schema->root->possible & TARN__KIND_OBJECT) == 0)
        return tarn__schema_refuse(
            c, schema->source.ptr, "admits no object, as every record is one");
    tarn_status st = name_and_version(c);
    if (st == TARN_OK)
        st = read_extras(c, &e);
    if (st != TARN_OK)
        return st;
    size_t room = o != NULL ? o->property_count : 0;
    room += tarn__schema_count_parts(&e.indexed) + 1;
    st = tarn__schema_alloc(c, room, sizeof *schema->fields, &schema->fields);
    if (st == TARN_OK)
        st = properties(c);
    if (st == TARN_OK && e.has_key)
        st = use_key(c, &e.key);
    if (st == TARN_OK && e.has_indexed)
        st = each(c, &e.indexed, add_indexed);
    if (st == TARN_OK && e.has_embed)
        st = tarn__schema_alloc(c, tarn__schema_count_parts(&e.embed) + 1,
            sizeof *schema->embed, &schema->embed);
    if (st == TARN_OK && e.has_embed)
        st = each(c, &e.embed, add_embed);
    return st == TARN_OK && e.has_metric ? use_metric(c, &e.metric) : st;
}

/* The types of a result's columns as a tree, and views of a chunk's vectors.
 *
 * The tree is made once a result, because asking DuckDB for a type allocates;
 * a chunk then only moves the pointers of its nodes. */
#include <string.h>

#include "base/error.h"
#include "duck/duck_internal.h"

/* Takes over `type`. */
static tarn_status init_child(tarn__vnode *node, duckdb_logical_type type,
    tarn__arena *arena, tarn_error *err)
{
    if (type == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__vnode_init(node, type, arena, err);
    duckdb_destroy_logical_type(&type);
    return st;
}

/* Takes over `name`, which duckdb_free() frees. */
static tarn_status keep_name(
    tarn_slice *out, char *name, tarn__arena *arena, tarn_error *err)
{
    if (name == NULL)
        return tarn__no_memory(err);
    *out = tarn__arena_copy(arena, tarn_str(name));
    duckdb_free(name);
    return out->ptr == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status make_children(
    tarn__vnode *node, size_t count, tarn__arena *arena, tarn_error *err)
{
    node->children = tarn__arena_alloc(arena, count * sizeof(tarn__vnode));
    if (node->children == NULL)
        return tarn__no_memory(err);
    memset(node->children, 0, count * sizeof(tarn__vnode));
    node->child_count = count;
    return TARN_OK;
}

static tarn_status make_names(
    tarn__vnode *node, size_t count, tarn__arena *arena, tarn_error *err)
{
    node->names = tarn__arena_alloc(arena, count * sizeof(tarn_slice));
    if (node->names == NULL)
        return tarn__no_memory(err);
    node->name_count = count;
    return TARN_OK;
}

static tarn_status init_enum(tarn__vnode *node, duckdb_logical_type type,
    tarn__arena *arena, tarn_error *err)
{
    node->storage = duckdb_enum_internal_type(type);
    uint32_t count = duckdb_enum_dictionary_size(type);
    tarn_status st = make_names(node, count, arena, err);
    for (uint32_t i = 0; st == TARN_OK && i < count; i++)
        st = keep_name(
            &node->names[i], duckdb_enum_dictionary_value(type, i), arena, err);
    return st;
}

static tarn_status init_struct(tarn__vnode *node, duckdb_logical_type type,
    tarn__arena *arena, tarn_error *err)
{
    size_t count = duckdb_struct_type_child_count(type);
    tarn_status st = make_children(node, count, arena, err);
    if (st == TARN_OK)
        st = make_names(node, count, arena, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        st = keep_name(&node->names[i], duckdb_struct_type_child_name(type, i),
            arena, err);
        if (st == TARN_OK)
            st = init_child(&node->children[i],
                duckdb_struct_type_child_type(type, i), arena, err);
    }
    return st;
}

/* Child 0 is the tag; names[i] is that of child i, names[0] is empty. */
static tarn_status init_union(tarn__vnode *node, duckdb_logical_type type,
    tarn__arena *arena, tarn_error *err)
{
    size_t count = duckdb_union_type_member_count(type) + 1;
    tarn_status st = make_children(node, count, arena, err);
    if (st == TARN_OK)
        st = make_names(node, count, arena, err);
    if (st != TARN_OK)
        return st;
    node->children[0].id = DUCKDB_TYPE_UTINYINT;
    node->names[0] = tarn_str("");
    for (size_t i = 1; st == TARN_OK && i < count; i++) {
        st = keep_name(&node->names[i],
            duckdb_union_type_member_name(type, i - 1), arena, err);
        if (st == TARN_OK)
            st = init_child(&node->children[i],
                duckdb_union_type_member_type(type, i - 1), arena, err);
    }
    return st;
}

static tarn_status init_map(tarn__vnode *node, duckdb_logical_type type,
    tarn__arena *arena, tarn_error *err)
{
    tarn_status st = make_children(node, 1, arena, err);
    if (st != TARN_OK)
        return st;
    tarn__vnode *entry = &node->children[0];
    entry->id = DUCKDB_TYPE_STRUCT;
    st = make_children(entry, 2, arena, err);
    if (st == TARN_OK)
        st = init_child(
            &entry->children[0], duckdb_map_type_key_type(type), arena, err);
    if (st == TARN_OK)
        st = init_child(
            &entry->children[1], duckdb_map_type_value_type(type), arena, err);
    return st;
}

static bool is_json(duckdb_logical_type type)
{
    char *alias = duckdb_logical_type_get_alias(type);
    bool json = alias != NULL && strcmp(alias, "JSON") == 0;
    duckdb_free(alias);
    return json;
}

tarn_status tarn__vnode_init(tarn__vnode *node, duckdb_logical_type type,
    tarn__arena *arena, tarn_error *err)
{
    memset(node, 0, sizeof(*node));
    node->id = duckdb_get_type_id(type);
    tarn_status st = TARN_OK;
    switch ((int)node->id) {
    case DUCKDB_TYPE_VARCHAR:
        node->json = is_json(type);
        return TARN_OK;
    case DUCKDB_TYPE_DECIMAL:
        node->storage = duckdb_decimal_internal_type(type);
        node->width = duckdb_decimal_width(type);
        node->scale = duckdb_decimal_scale(type);
        return TARN_OK;
    case DUCKDB_TYPE_ENUM:
        return init_enum(node, type, arena, err);
    case DUCKDB_TYPE_STRUCT:
        return init_struct(node, type, arena, err);
    case DUCKDB_TYPE_UNION:
        return init_union(node, type, arena, err);
    case DUCKDB_TYPE_MAP:
        return init_map(node, type, arena, err);
    case DUCKDB_TYPE_LIST:
        st = make_children(node, 1, arena, err);
        return st != TARN_OK
            ? st
            : init_child(&node->children[0], duckdb_list_type_child_type(type),
                  arena, err);
    case DUCKDB_TYPE_ARRAY:
        node->array_size = duckdb_array_type_array_size(type);
        st = make_children(node, 1, arena, err);
        return st != TARN_OK
            ? st
            : init_child(&node->children[0], duckdb_array_type_child_type(type),
                  arena, err);
    default:
        return TARN_OK;
    }
}

bool tarn__vnode_readable(const tarn__vnode *node)
{
    switch (node->id) {
    case DUCKDB_TYPE_INVALID:
    case DUCKDB_TYPE_ANY:
    case DUCKDB_TYPE_STRING_LITERAL:
    case DUCKDB_TYPE_INTEGER_LITERAL:
        return false;
    default:
        break;
    }
    if ((int)node->id > (int)DUCKDB_TYPE_TIME_NS)
        return false; /* newer than the header: GEOMETRY, VARIANT */
    for (size_t i = 0; i < node->child_count; i++)
        if (!tarn__vnode_readable(&node->children[i]))
            return false;
    return true;
}

void tarn__vnode_view(tarn__vnode *node, duckdb_vector vector)
{
    node->data = duckdb_vector_get_data(vector);
    node->validity = duckdb_vector_get_validity(vector);
    switch (node->id) {
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_MAP:
        tarn__vnode_view(
            &node->children[0], duckdb_list_vector_get_child(vector));
        break;
    case DUCKDB_TYPE_ARRAY:
        tarn__vnode_view(
            &node->children[0], duckdb_array_vector_get_child(vector));
        break;
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_UNION:
        for (size_t i = 0; i < node->child_count; i++)
            tarn__vnode_view(
                &node->children[i], duckdb_struct_vector_get_child(vector, i));
        break;
    default:
        break;
    }
}

bool tarn__vnode_valid(const tarn__vnode *node, idx_t row)
{
    return node->validity == NULL ||
        (node->validity[row / 64] >> (row % 64) & 1) != 0;
}

bool tarn__vnode_number(const tarn__vnode *node)
{
    switch (node->id) {
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_BIGNUM:
        return true;
    default:
        return false;
    }
}

tarn_type tarn__scalar_type(duckdb_type id)
{
    switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
        return TARN_BOOL;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
        return TARN_INT64;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
        return TARN_DOUBLE;
    case DUCKDB_TYPE_BLOB:
        return TARN_BLOB;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
        return TARN_TIME;
    default:
        return TARN_TEXT;
    }
}

tarn_type tarn__vnode_type(const tarn__vnode *node)
{
    switch (node->id) {
    case DUCKDB_TYPE_SQLNULL:
        return TARN_NULL;
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_UNION:
        return TARN_JSON;
    case DUCKDB_TYPE_VARCHAR:
        return node->json ? TARN_JSON : TARN_TEXT;
    default:
        return tarn__scalar_type(node->id);
    }
}

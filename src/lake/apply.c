/* One operation -> what it does to the key view (tarn__op_apply). */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "lake/apply.h"
#include "lake/values.h"

typedef struct place {
    tarn__id parent;
    tarn_slice name; /* borrowed from the JSON */
} place;

tarn_status tarn__bad_op(const tarn__op *op, const char *why, tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "log version %lld, operation %d: %s (restore the log from a remote)",
        (long long)op->version, (int)op->seq, why);
}

static bool place_of(const json_t *object, place *out)
{
    json_t *name = json_object_get(object, "name");
    const char *parent = tarn__json_text(object, "parent");

    if (!json_is_string(name) || parent == NULL)
        return false;
    out->name.ptr = json_string_value(name);
    out->name.len = json_string_length(name);
    return tarn__id_parse(tarn_str(parent), &out->parent);
}

static tarn_status emit_entry(const place *at, const tarn__id *child,
    tarn__kind kind, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    tarn_buf key = TARN_BUF_INIT;
    char payload[17];
    tarn_slice value = {NULL, 0};

    tarn_status st = tarn__entry_key(&key, &at->parent, at->name, err);
    if (st == TARN_OK && child != NULL) {
        memcpy(payload, child->bytes, 16);
        payload[16] = (char)kind;
        value = (tarn_slice){payload, sizeof payload};
    }
    if (st == TARN_OK)
        st = emit(arg, TARN__FAMILY_ENTRY, tarn__buf_slice(&key), value, err);
    tarn_buf_reset(&key);
    return st;
}

static tarn_status emit_node(const tarn__op *op, const json_t *meta,
    const place *at, tarn__node *node, tarn__emit_fn emit, void *arg,
    tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn_buf attrs = TARN_BUF_INIT;
    tarn_slice key = {(const char *)node->id.bytes, 16};
    json_t *object = json_object_get(meta, "attrs");
    tarn_status st = TARN_OK;

    node->parent = at->parent;
    node->name = at->name;
    node->modified_us = op->time_us;
    if (!tarn__json_i64(meta, "created_at", &node->created_us))
        node->created_us = op->time_us;
    if (object != NULL)
        st = tarn__json_dump(object, &attrs, err);
    node->attrs = tarn__buf_slice(&attrs);
    if (st == TARN_OK)
        st = tarn__node_encode(&payload, node, err);
    if (st == TARN_OK)
        st = emit(arg, TARN__FAMILY_NODE, key, tarn__buf_slice(&payload), err);
    tarn_buf_reset(&payload);
    tarn_buf_reset(&attrs);
    return st;
}

static uint64_t meta_count(
    const json_t *meta, const char *name, uint64_t otherwise)
{
    int64_t v;
    return tarn__json_i64(meta, name, &v) && v >= 0 ? (uint64_t)v : otherwise;
}

static bool fill_item(
    const tarn__op *op, const json_t *meta, tarn__kind kind, tarn__item *item)
{
    const char *roll = tarn__json_text(meta, "roll");

    memset(item, 0, sizeof *item);
    item->reset = op->type == TARN__OP_PUT;
    item->time_us = op->time_us;
    item->size_bytes =
        op->size_bytes >= 0 ? (uint64_t)op->size_bytes : op->content.len;
    item->parquet = kind == TARN__KIND_TABLE || kind == TARN__KIND_SERIES;
    item->has_bounds = op->has_bounds;
    item->min_time_us = op->min_time_us;
    item->max_time_us = op->max_time_us;
    item->rows = (int64_t)meta_count(meta, "rows", UINT64_MAX);
    item->total_bytes = meta_count(meta, "total_bytes", item->size_bytes);
    item->total_items = meta_count(meta, "total_items", 1);
    item->total_rows = (int64_t)meta_count(meta, "total_rows", UINT64_MAX);
    if (roll != NULL) {
        uint8_t bytes[8];
        if (strlen(roll) != 16 || !tarn__unhex(roll, 16, bytes))
            return false;
        item->roll.hash = tarn__be64(bytes);
    }
    if (op->object.ptr == NULL) {
        item->content = op->content;
        return item->content.len == item->size_bytes;
    }
    item->is_object = true;
    return op->object.len == 2 * TARN__SHA256_BYTES &&
        tarn__unhex(op->object.ptr, op->object.len, item->sha256);
}

static tarn_status emit_item(const tarn__op *op, const json_t *meta,
    const tarn__node *node, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn__item item;
    char key[28];

    if (!fill_item(op, meta, node->kind, &item))
        return tarn__bad_op(op, "its content does not match its columns", err);
    tarn__item_key(&node->id, op->version, op->seq, key);
    tarn_status st = tarn__item_encode(&payload, &item, err);
    if (st == TARN_OK)
        st = emit(arg, TARN__FAMILY_VERSION, (tarn_slice){key, sizeof key},
            tarn__buf_slice(&payload), err);
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status put_node(const tarn__op *op, const json_t *meta,
    tarn__node *node, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    const json_t *from = json_object_get(meta, "from");
    place at, before;
    tarn_status st = TARN_OK;

    if (!place_of(meta, &at))
        return tarn__bad_op(op, "meta lacks name or parent", err);
    if (from != NULL) {
        if (!place_of(from, &before))
            return tarn__bad_op(op, "meta.from lacks name or parent", err);
        st = emit_entry(&before, NULL, node->kind, emit, arg, err);
    }
    if (st == TARN_OK && !tarn__id_eq(&node->id, &tarn__root_id))
        st = emit_entry(&at, &node->id, node->kind, emit, arg, err);
    if (st == TARN_OK)
        st = emit_node(op, meta, &at, node, emit, arg, err);
    if (st == TARN_OK && (op->content.ptr != NULL || op->object.ptr != NULL))
        st = emit_item(op, meta, node, emit, arg, err);
    return st;
}

static tarn_status delete_node(const tarn__op *op, const json_t *meta,
    const tarn__node *node, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    tarn_slice key = {(const char *)node->id.bytes, 16};
    tarn_slice none = {NULL, 0};
    place at;

    if (!place_of(meta, &at))
        return tarn__bad_op(op, "meta lacks name or parent", err);
    tarn_status st = emit_entry(&at, NULL, node->kind, emit, arg, err);
    if (st == TARN_OK)
        st = emit(arg, TARN__FAMILY_NODE, key, none, err);
    return st;
}

static tarn_status apply_tree(
    const tarn__op *op, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    json_t *meta = NULL;
    tarn__node node;
    tarn_status st;

    memset(&node, 0, sizeof node);
    if (!tarn__id_parse(op->key, &node.id))
        return tarn__bad_op(op, "key is no node id", err);
    if (!tarn__kind_parse(op->kind, &node.kind))
        return tarn__bad_op(op, "unknown kind of node", err);
    if (op->meta.ptr == NULL)
        return tarn__bad_op(op, "meta is missing", err);
    st = tarn__json_parse(op->meta, "meta", &meta, err);
    if (st == TARN_BAD_INPUT)
        return tarn__bad_op(op, "meta is no JSON", err);
    if (st != TARN_OK)
        return st;
    if (op->type == TARN__OP_DELETE)
        st = delete_node(op, meta, &node, emit, arg, err);
    else
        st = put_node(op, meta, &node, emit, arg, err);
    json_decref(meta);
    return st;
}

static tarn_status apply_state(
    const tarn__op *op, tarn__emit_fn emit, void *arg, tarn_error *err)
{
    tarn_buf key = TARN_BUF_INIT;
    tarn_slice value = {NULL, 0};

    if (op->type == TARN__OP_PUT) {
        if (op->content.ptr == NULL)
            return tarn__bad_op(op, "a state without content", err);
        value = op->content;
    }
    tarn_status st = tarn__state_key(&key, op->tenant, op->kind, op->key, err);
    if (st == TARN_OK)
        st = emit(arg, TARN__FAMILY_STATE, tarn__buf_slice(&key), value, err);
    tarn_buf_reset(&key);
    return st;
}

tarn_status tarn__apply_memory_create(
    tarn__apply_memory **out, uint32_t families, tarn_error *err)
{
    tarn__apply_memory *m = tarn__calloc(1, sizeof *m);

    *out = m;
    if (m == NULL)
        return tarn__no_memory(err);
    m->families = families;
    m->meta = (tarn__record_meta)TARN__RECORD_META_INIT;
    m->layout_text = m->key = m->row = (tarn_buf)TARN_BUF_INIT;
    return TARN_OK;
}

void tarn__apply_memory_free(tarn__apply_memory *m)
{
    if (m == NULL)
        return;
    tarn__row_layout_free(m->layout);
    tarn__record_meta_reset(&m->meta);
    tarn_buf_reset(&m->layout_text);
    tarn_buf_reset(&m->key);
    tarn_buf_reset(&m->row);
    tarn__free(m);
}

/* With memory of its own when none is given. */
static tarn_status apply_with(
    tarn_status (*apply)(const tarn__op *op, tarn__apply_memory *memory,
        tarn__emit_fn emit, void *arg, tarn_error *err),
    const tarn__op *op, tarn__apply_memory *memory, tarn__emit_fn emit,
    void *arg, tarn_error *err)
{
    tarn__apply_memory *own = NULL;

    if (memory != NULL)
        return apply(op, memory, emit, arg, err);
    tarn_status st = tarn__apply_memory_create(&own, TARN__FAMILIES_ALL, err);
    if (st == TARN_OK)
        st = apply(op, own, emit, arg, err);
    tarn__apply_memory_free(own);
    return st;
}

/* Does an operation of its space touch one of the families? */
static bool wanted(const tarn__op *op, uint32_t families)
{
    const uint32_t record = 1u << TARN__FAMILY_RECORD | 1u << TARN__FAMILY_KEY;
    bool is_record = strcmp(op->space, "record") == 0;

    return (families & (is_record ? record : ~record)) != 0;
}

tarn_status tarn__op_apply(const tarn__op *op, tarn__apply_memory *memory,
    tarn__emit_fn emit, void *arg, tarn_error *err)
{
    if (memory != NULL && !wanted(op, memory->families))
        return TARN_OK;
    if (strcmp(op->space, "record") == 0)
        return apply_with(tarn__apply_record, op, memory, emit, arg, err);
    if (strcmp(op->space, "edge") == 0)
        return apply_with(tarn__apply_edge, op, memory, emit, arg, err);
    if (strcmp(op->space, "tree") == 0)
        return apply_tree(op, emit, arg, err);
    if (strcmp(op->space, "state") == 0)
        return apply_state(op, emit, arg, err);
    return tarn__bad_op(
        op, "a space that this version of Tarn does not know", err);
}

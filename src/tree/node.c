/* From node to what is known of it. */
#include "tree/node.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"

const char *tarn_kind_name(tarn_kind kind)
{
    return kind == TARN_KIND_ANY ? "any" : tarn__kind_name((tarn__kind)kind);
}

bool tarn__kind_has_content(tarn__kind kind)
{
    return kind == TARN__KIND_FILE || kind == TARN__KIND_STREAM ||
        tarn__kind_is_rows(kind);
}

bool tarn__kind_is_rows(tarn__kind kind)
{
    return kind == TARN__KIND_TABLE || kind == TARN__KIND_SERIES;
}

bool tarn__kind_grows(tarn__kind kind)
{
    return kind == TARN__KIND_STREAM || kind == TARN__KIND_SERIES;
}

bool tarn__item_rolled(const tarn__item *item)
{
    return item->roll.hash != 0 || item->total_bytes == 0;
}

static tarn_status corrupt(const tarn__id *id, const char *why, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];
    return tarn__fail(err, TARN_CORRUPT,
        "node %s in the key view: %s (tarn rebuild key)",
        tarn__id_format(id, text), why);
}

tarn_status tarn__node_find(tarn_snapshot *snap, const tarn__id *id,
    tarn__node *out, tarn_buf *payload, bool *found, tarn_error *err)
{
    tarn_slice key = {(const char *)id->bytes, sizeof(id->bytes)};
    int64_t version = 0;
    memset(out, 0, sizeof(*out));
    tarn_status st = tarn__read_get(
        snap, TARN__FAMILY_NODE, key, payload, found, &version, err);
    if (st != TARN_OK)
        return st;
    if (*found)
        return tarn__node_decode(id, tarn__buf_slice(payload), version, out)
            ? TARN_OK
            : corrupt(id, "does not parse", err);
    if (tarn__id_eq(id, &tarn__root_id)) {
        out->id = *id;
        out->kind = TARN__KIND_DIR;
        *found = true;
    }
    return TARN_OK;
}

tarn_status tarn__node_load(tarn_snapshot *snap, const tarn__id *id,
    tarn__node *out, tarn_buf *payload, tarn_error *err)
{
    bool found = false;
    tarn_status st = tarn__node_find(snap, id, out, payload, &found, err);
    if (st == TARN_OK && !found)
        st = corrupt(id, "has an entry and is not there", err);
    return st;
}

tarn_status tarn__node_attr(
    const tarn__node *node, const char *name, char **out, tarn_error *err)
{
    *out = NULL;
    if (node->attrs.len == 0)
        return TARN_OK;
    json_t *attrs = NULL;
    tarn_status st = tarn__json_parse(node->attrs, "attributes", &attrs, err);
    if (st == TARN_BAD_INPUT)
        return corrupt(&node->id, "its attributes are no JSON", err);
    if (st != TARN_OK)
        return st;
    const char *text = tarn__json_text(attrs, name);
    if (text != NULL) {
        *out = tarn__strdup(text);
        if (*out == NULL)
            st = tarn__no_memory(err);
    }
    json_decref(attrs);
    return st;
}

tarn_status tarn__item_newest(tarn_snapshot *snap, const tarn__id *id,
    tarn__item *out, tarn_buf *hold, bool *found, tarn_error *err)
{
    tarn_slice prefix = {(const char *)id->bytes, sizeof(id->bytes)};
    tarn_slice start = {NULL, 0};
    tarn_slice key;
    tarn_slice payload;
    tarn__scan *scan = NULL;
    memset(out, 0, sizeof(*out));
    *found = false;
    tarn__buf_clear(hold);
    tarn_status st =
        tarn__read_scan(snap, TARN__FAMILY_VERSION, prefix, start, &scan, err);
    if (st != TARN_OK)
        return st;
    st = tarn__scan_next(scan, &key, &payload, NULL, err);
    if (st == TARN_ROW) {
        *found = true;
        st = tarn__buf_append(hold, payload.ptr, payload.len, err);
        if (st == TARN_OK &&
            !tarn__item_decode(key, tarn__buf_slice(hold), out))
            st = corrupt(id, "an item of its content does not parse", err);
    }
    tarn__scan_free(scan);
    return st;
}

static tarn_status fill_content(
    tarn_snapshot *snap, const tarn__id *id, tarn_node *out, tarn_error *err)
{
    tarn_buf hold = TARN_BUF_INIT;
    tarn__item item;
    bool found;
    tarn_status st = tarn__item_newest(snap, id, &item, &hold, &found, err);
    if (st == TARN_OK && found) {
        out->size_bytes = (int64_t)item.total_bytes;
        out->item_count = (int64_t)item.total_items;
        out->row_count = item.total_rows;
    }
    tarn_buf_reset(&hold);
    return st;
}

tarn_status tarn__node_public(tarn_snapshot *snap, const tarn__node *node,
    tarn_slice path, tarn_node *out, tarn_error *err)
{
    tarn_node_reset(out);
    tarn_status st = TARN_OK;
    out->path = tarn__strndup(path.ptr, path.len);
    if (out->path == NULL)
        return tarn__no_memory(err);
    (void)tarn__id_format(&node->id, out->id);
    out->kind = (tarn_kind)node->kind;
    out->version = node->version;
    out->created_us = node->created_us;
    out->modified_us = node->modified_us;
    if (node->kind == TARN__KIND_LINK)
        st = tarn__node_attr(node, "target", &out->target, err);
    else if (tarn__kind_has_content(node->kind))
        st = fill_content(snap, &node->id, out, err);
    if (st != TARN_OK)
        tarn_node_reset(out);
    return st;
}

void tarn_node_reset(tarn_node *node)
{
    tarn__free(node->path);
    tarn__free(node->target);
    *node = (tarn_node)TARN_NODE_INIT;
}

tarn_status tarn__tree_resolve(tarn_snapshot *snap, const char *path,
    bool follow, tarn__node *node, tarn_buf *payload, tarn_error *err)
{
    tarn__place place;
    tarn_status st = tarn__place_find(
        snap, path, follow ? TARN__FIND_FOLLOW : TARN__FIND_NODE, &place, err);
    if (st != TARN_OK)
        return st;
    st = tarn__node_load(
        snap, &tarn__place_last(&place)->id, node, payload, err);
    tarn__place_reset(&place);
    return st;
}

tarn_status tarn_tree_stat(tarn_snapshot *snap, const char *path, bool follow,
    tarn_node *out, tarn_error *err)
{
    *out = (tarn_node)TARN_NODE_INIT;
    tarn__place place;
    tarn_status st = tarn__place_find(
        snap, path, follow ? TARN__FIND_FOLLOW : TARN__FIND_NODE, &place, err);
    if (st != TARN_OK)
        return st;
    tarn__node node;
    tarn_buf payload = TARN_BUF_INIT;
    st = tarn__node_load(
        snap, &tarn__place_last(&place)->id, &node, &payload, err);
    if (st == TARN_OK)
        st = tarn__node_public(
            snap, &node, tarn__buf_slice(&place.path), out, err);
    tarn_buf_reset(&payload);
    tarn__place_reset(&place);
    return st;
}

/* Names are gathered from the node upwards, then turned round. */
tarn_status tarn__node_path(tarn_snapshot *snap, const tarn__id *id,
    tarn_buf *out, bool *found, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn_buf upwards = TARN_BUF_INIT; /* name, length of the name, ... */
    tarn__id at = *id;
    tarn_status st = TARN_OK;
    *found = true;
    while (st == TARN_OK && *found && !tarn__id_eq(&at, &tarn__root_id)) {
        tarn__node node;
        st = tarn__node_find(snap, &at, &node, &payload, found, err);
        if (st != TARN_OK || !*found)
            break;
        st = tarn__buf_append(&upwards, node.name.ptr, node.name.len, err);
        if (st == TARN_OK)
            st = tarn__buf_char(&upwards, (char)node.name.len, err);
        at = node.parent;
    }
    size_t end = upwards.len;
    if (st == TARN_OK && *found && end == 0)
        st = tarn__buf_char(out, '/', err);
    while (st == TARN_OK && *found && end > 0) {
        size_t len = (unsigned char)upwards.ptr[end - 1];
        end -= 1 + len;
        st = tarn__buf_char(out, '/', err);
        if (st == TARN_OK)
            st = tarn__buf_append(out, upwards.ptr + end, len, err);
    }
    tarn_buf_reset(&payload);
    tarn_buf_reset(&upwards);
    return st;
}

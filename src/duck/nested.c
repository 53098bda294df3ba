/* One value as JSON, as DuckDB's to_json() gives it, but that times are ISO
 * 8601 and that NaN and the infinities are strings, as JSON has no such
 * numbers. */
#include <math.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "duck/duck_internal.h"

static tarn_status member_name(tarn_buf *out, tarn_slice name, tarn_error *err)
{
    tarn_status st = tarn__json_quote(out, name, err);
    return st == TARN_OK ? tarn__buf_char(out, ':', err) : st;
}

/* [first, first + count) of `child` as an array. */
static tarn_status array_json(const tarn__vnode *child, idx_t first,
    idx_t count, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, '[', err);
    for (idx_t i = 0; st == TARN_OK && i < count; i++) {
        if (i > 0)
            st = tarn__buf_char(out, ',', err);
        if (st == TARN_OK)
            st = tarn__vnode_json(child, first + i, out, err);
    }
    return st == TARN_OK ? tarn__buf_char(out, ']', err) : st;
}

static tarn_status struct_json(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, '{', err);
    for (size_t i = 0; st == TARN_OK && i < node->child_count; i++) {
        if (i > 0)
            st = tarn__buf_char(out, ',', err);
        if (st == TARN_OK)
            st = member_name(out, node->names[i], err);
        if (st == TARN_OK)
            st = tarn__vnode_json(&node->children[i], row, out, err);
    }
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}

/* Keys are never NULL and never equal; whatever their type, text here. */
static tarn_status map_json(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    const duckdb_list_entry e = ((const duckdb_list_entry *)node->data)[row];
    const tarn__vnode *keys = &node->children[0].children[0];
    const tarn__vnode *values = &node->children[0].children[1];
    tarn_buf key = TARN_BUF_INIT;
    tarn_status st = tarn__buf_char(out, '{', err);
    for (idx_t i = e.offset; st == TARN_OK && i < e.offset + e.length; i++) {
        tarn__buf_clear(&key);
        if (i > e.offset)
            st = tarn__buf_char(out, ',', err);
        if (st == TARN_OK)
            st = tarn__vnode_text(keys, i, &key, err);
        if (st == TARN_OK)
            st = member_name(out, tarn__buf_slice(&key), err);
        if (st == TARN_OK)
            st = tarn__vnode_json(values, i, out, err);
    }
    tarn_buf_reset(&key);
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}

static tarn_status union_json(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    size_t member = ((const uint8_t *)node->children[0].data)[row];
    if (++member >= node->child_count)
        return tarn__fail(err, TARN_CORRUPT,
            "UNION value: has the tag %zu of %zu", member - 1,
            node->child_count - 1);
    tarn_status st = tarn__buf_char(out, '{', err);
    if (st == TARN_OK)
        st = member_name(out, node->names[member], err);
    if (st == TARN_OK)
        st = tarn__vnode_json(&node->children[member], row, out, err);
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}

/* JSON text without the white space between its tokens, newlines above all. */
static tarn_status compact_json(tarn_buf *out, tarn_slice s, tarn_error *err)
{
    bool in_string = false;
    size_t start = 0;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '"') {
            in_string = !in_string;
        } else if (in_string && c == '\\') {
            i++;
        } else if (!in_string &&
            (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
            st = tarn__buf_append(out, s.ptr + start, i - start, err);
            start = i + 1;
        }
    }
    if (st != TARN_OK)
        return st;
    return tarn__buf_append(out, s.ptr + start, s.len - start, err);
}

/* As DuckDB casts BLOB to VARCHAR, inside a JSON string: its backslashes
 * doubled. */
static tarn_status blob_json(tarn_buf *out, tarn_slice s, tarn_error *err)
{
    static const char hex[] = "0123456789ABCDEF";
    tarn_status st = tarn__buf_char(out, '"', err);
    for (size_t i = 0; st == TARN_OK && i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c < 0x7F && c != '\\' && c != '\'' && c != '"') {
            st = tarn__buf_char(out, (char)c, err);
        } else {
            const char code[5] = {'\\', '\\', 'x', hex[c >> 4], hex[c & 15]};
            st = tarn__buf_append(out, code, sizeof(code), err);
        }
    }
    return st == TARN_OK ? tarn__buf_char(out, '"', err) : st;
}

static tarn_status double_json(tarn_buf *out, double v, tarn_error *err)
{
    if (isnan(v))
        return tarn__buf_str(out, "\"NaN\"", err);
    if (isinf(v))
        return tarn__buf_str(
            out, v > 0 ? "\"Infinity\"" : "\"-Infinity\"", err);
    return tarn__json_double(out, v, err);
}

/* Texts in which nothing needs an escape: dates, UUIDs, bits. */
static tarn_status plain_json(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, '"', err);
    if (st == TARN_OK)
        st = tarn__vnode_text(node, row, out, err);
    return st == TARN_OK ? tarn__buf_char(out, '"', err) : st;
}

static tarn_status leaf_json(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    switch (tarn__vnode_type(node)) {
    case TARN_BOOL:
    case TARN_INT64:
        return tarn__vnode_text(node, row, out, err);
    case TARN_DOUBLE:
        return double_json(out,
            node->id == DUCKDB_TYPE_FLOAT
                ? tarn__duck_widen(((const float *)node->data)[row])
                : ((const double *)node->data)[row],
            err);
    case TARN_BLOB:
        return blob_json(out, tarn__vnode_bytes(node, row), err);
    case TARN_JSON:
        return compact_json(out, tarn__vnode_bytes(node, row), err);
    default:
        break;
    }
    if (tarn__vnode_number(node))
        return tarn__vnode_text(node, row, out, err);
    if (node->id == DUCKDB_TYPE_VARCHAR || node->id == DUCKDB_TYPE_ENUM)
        return tarn__json_quote(out, tarn__vnode_bytes(node, row), err);
    return plain_json(node, row, out, err);
}

tarn_status tarn__vnode_json(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    if (node->id == DUCKDB_TYPE_SQLNULL || !tarn__vnode_valid(node, row))
        return tarn__buf_str(out, "null", err);
    switch (node->id) {
    case DUCKDB_TYPE_LIST: {
        const duckdb_list_entry *e = node->data;
        return array_json(
            &node->children[0], e[row].offset, e[row].length, out, err);
    }
    case DUCKDB_TYPE_ARRAY:
        return array_json(&node->children[0], row * node->array_size,
            node->array_size, out, err);
    case DUCKDB_TYPE_STRUCT:
        return struct_json(node, row, out, err);
    case DUCKDB_TYPE_MAP:
        return map_json(node, row, out, err);
    case DUCKDB_TYPE_UNION:
        return union_json(node, row, out, err);
    default:
        return leaf_json(node, row, out, err);
    }
}

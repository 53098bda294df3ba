/* A type as SQL spells it. */
#include "base/buf.h"
#include "base/error.h"
#include "duck/duck_internal.h"

static const char *simple_name(duckdb_type id)
{
    switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
        return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT:
        return "TINYINT";
    case DUCKDB_TYPE_SMALLINT:
        return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
        return "INTEGER";
    case DUCKDB_TYPE_BIGINT:
        return "BIGINT";
    case DUCKDB_TYPE_UTINYINT:
        return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT:
        return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER:
        return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT:
        return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT:
        return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT:
        return "UHUGEINT";
    case DUCKDB_TYPE_BIGNUM:
        return "BIGNUM";
    case DUCKDB_TYPE_FLOAT:
        return "FLOAT";
    case DUCKDB_TYPE_DOUBLE:
        return "DOUBLE";
    case DUCKDB_TYPE_BLOB:
        return "BLOB";
    case DUCKDB_TYPE_BIT:
        return "BIT";
    case DUCKDB_TYPE_UUID:
        return "UUID";
    case DUCKDB_TYPE_DATE:
        return "DATE";
    case DUCKDB_TYPE_TIME:
        return "TIME";
    case DUCKDB_TYPE_TIME_NS:
        return "TIME_NS";
    case DUCKDB_TYPE_TIME_TZ:
        return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP:
        return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S:
        return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS:
        return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS:
        return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
        return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_INTERVAL:
        return "INTERVAL";
    default:
        return "\"NULL\"";
    }
}

/* (name TYPE, name TYPE), from the child `first` on. */
static tarn_status members_sql(const tarn__vnode *node, const char *word,
    size_t first, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_printf(out, err, "%s(", word);
    for (size_t i = first; st == TARN_OK && i < node->child_count; i++) {
        if (i > first)
            st = tarn__buf_str(out, ", ", err);
        if (st == TARN_OK)
            st = tarn__duck_quote_name(out, node->names[i], err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, ' ', err);
        if (st == TARN_OK)
            st = tarn__vnode_sql(&node->children[i], out, err);
    }
    return st == TARN_OK ? tarn__buf_char(out, ')', err) : st;
}

static tarn_status enum_sql(
    const tarn__vnode *node, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_str(out, "ENUM(", err);
    for (size_t i = 0; st == TARN_OK && i < node->name_count; i++) {
        if (i > 0)
            st = tarn__buf_str(out, ", ", err);
        if (st == TARN_OK)
            st = tarn__duck_quote_text(out, node->names[i], err);
    }
    return st == TARN_OK ? tarn__buf_char(out, ')', err) : st;
}

static tarn_status map_sql(
    const tarn__vnode *node, tarn_buf *out, tarn_error *err)
{
    const tarn__vnode *entry = &node->children[0];
    tarn_status st = tarn__buf_str(out, "MAP(", err);
    if (st == TARN_OK)
        st = tarn__vnode_sql(&entry->children[0], out, err);
    if (st == TARN_OK)
        st = tarn__buf_str(out, ", ", err);
    if (st == TARN_OK)
        st = tarn__vnode_sql(&entry->children[1], out, err);
    return st == TARN_OK ? tarn__buf_char(out, ')', err) : st;
}

tarn_status tarn__vnode_sql(
    const tarn__vnode *node, tarn_buf *out, tarn_error *err)
{
    tarn_status st;
    switch (node->id) {
    case DUCKDB_TYPE_VARCHAR:
        return tarn__buf_str(out, node->json ? "JSON" : "VARCHAR", err);
    case DUCKDB_TYPE_DECIMAL:
        return tarn__buf_printf(
            out, err, "DECIMAL(%d,%d)", node->width, node->scale);
    case DUCKDB_TYPE_ENUM:
        return enum_sql(node, out, err);
    case DUCKDB_TYPE_STRUCT:
        return members_sql(node, "STRUCT", 0, out, err);
    case DUCKDB_TYPE_UNION:
        return members_sql(node, "UNION", 1, out, err);
    case DUCKDB_TYPE_MAP:
        return map_sql(node, out, err);
    case DUCKDB_TYPE_LIST:
        st = tarn__vnode_sql(&node->children[0], out, err);
        return st == TARN_OK ? tarn__buf_str(out, "[]", err) : st;
    case DUCKDB_TYPE_ARRAY:
        st = tarn__vnode_sql(&node->children[0], out, err);
        return st == TARN_OK ? tarn__buf_printf(out, err, "[%llu]",
                                   (unsigned long long)node->array_size)
                             : st;
    default:
        return tarn__buf_str(out, simple_name(node->id), err);
    }
}

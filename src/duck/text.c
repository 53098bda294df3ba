/* One value as text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "duck/duck_internal.h"

static tarn_slice string_at(const tarn__vnode *node, idx_t row)
{
    const duckdb_string_t *s = (const duckdb_string_t *)node->data + row;
    uint32_t len = s->value.inlined.length;
    if (len <= sizeof(s->value.inlined.inlined))
        return (tarn_slice){s->value.inlined.inlined, len};
    return (tarn_slice){s->value.pointer.ptr, len};
}

static uint64_t unsigned_at(duckdb_type type, const void *data, idx_t row)
{
    switch (type) {
    case DUCKDB_TYPE_UTINYINT:
        return ((const uint8_t *)data)[row];
    case DUCKDB_TYPE_USMALLINT:
        return ((const uint16_t *)data)[row];
    case DUCKDB_TYPE_UINTEGER:
        return ((const uint32_t *)data)[row];
    default:
        return ((const uint64_t *)data)[row];
    }
}

tarn_slice tarn__vnode_bytes(const tarn__vnode *node, idx_t row)
{
    if (node->id != DUCKDB_TYPE_ENUM)
        return string_at(node, row);
    uint64_t label = unsigned_at(node->storage, node->data, row);
    return label < node->name_count ? node->names[label] : tarn_str("");
}

int64_t tarn__vnode_i64(const tarn__vnode *node, idx_t row)
{
    const void *data = node->data;
    switch (node->id == DUCKDB_TYPE_DECIMAL ? node->storage : node->id) {
    case DUCKDB_TYPE_BOOLEAN:
        return ((const uint8_t *)data)[row] != 0;
    case DUCKDB_TYPE_TINYINT:
        return ((const int8_t *)data)[row];
    case DUCKDB_TYPE_SMALLINT:
        return ((const int16_t *)data)[row];
    case DUCKDB_TYPE_INTEGER:
        return ((const int32_t *)data)[row];
    case DUCKDB_TYPE_BIGINT:
        return ((const int64_t *)data)[row];
    default:
        return (int64_t)unsigned_at(node->id, data, row);
    }
}

double tarn__duck_widen(float f)
{
    double x = (double)f;
    if (!isfinite(x) || x == 0)
        return x;
    double unit = 1;
    /* The fewest decimals that read back: the quotient of two integers that
     * a double holds exactly is the double next to that decimal. */
    for (int decimals = 0; decimals < 10; decimals++, unit *= 10) {
        double n = nearbyint(x * unit);
        if (fabs(n) >= 9007199254740992.0 || fabs(x) >= 16777216.0)
            break; /* not exact, or digits that a float does not have */
        if ((float)(n / unit) == f)
            return n / unit;
    }
    char text[32];
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, x);
        if (strtof(text, NULL) == f)
            break;
    }
    return strtod(text, NULL);
}

static tarn_status decimal_text(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    duckdb_hugeint v;
    if (node->storage == DUCKDB_TYPE_HUGEINT) {
        v = ((const duckdb_hugeint *)node->data)[row];
    } else {
        int64_t n = tarn__vnode_i64(node, row);
        v = (duckdb_hugeint){(uint64_t)n, n < 0 ? -1 : 0};
    }
    return tarn__digits_int(out, v, node->scale, err);
}

static tarn_status double_text(tarn_buf *out, double v, tarn_error *err)
{
    char text[32];
    return tarn__buf_str(out, tarn__format_double(v, text), err);
}

static tarn_status uuid_text(
    tarn_buf *out, const duckdb_hugeint *v, tarn_error *err)
{
    /* The top bit is turned over, so that they sort as they read. */
    uint64_t top = (uint64_t)v->upper ^ (UINT64_C(1) << 63);
    char text[40];
    int n = snprintf(text, sizeof(text), "%08llx-%04llx-%04llx-%04llx-%012llx",
        (unsigned long long)(top >> 32),
        (unsigned long long)(top >> 16 & 0xFFFF),
        (unsigned long long)(top & 0xFFFF),
        (unsigned long long)(v->lower >> 48),
        (unsigned long long)(v->lower & 0xFFFFFFFFFFFF));
    return tarn__buf_append(out, text, (size_t)n, err);
}

/* The first byte counts the bits that only fill the second one. */
static tarn_status bit_text(tarn_buf *out, tarn_slice s, tarn_error *err)
{
    if (s.len == 0)
        return TARN_OK;
    size_t bits = (s.len - 1) * 8;
    tarn_status st = tarn__buf_reserve(out, bits, err);
    for (size_t i = (unsigned char)s.ptr[0]; st == TARN_OK && i < bits; i++) {
        unsigned char byte = (unsigned char)s.ptr[1 + i / 8];
        bool on = (byte >> (7 - i % 8) & 1) != 0;
        st = tarn__buf_char(out, on ? '1' : '0', err);
    }
    return st;
}

tarn_status tarn__vnode_text(
    const tarn__vnode *node, idx_t row, tarn_buf *out, tarn_error *err)
{
    switch (node->id) {
    case DUCKDB_TYPE_BOOLEAN:
        return tarn__buf_str(
            out, tarn__vnode_i64(node, row) != 0 ? "true" : "false", err);
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER: {
        int64_t v = tarn__vnode_i64(node, row);
        return tarn__digits_int(
            out, (duckdb_hugeint){(uint64_t)v, v < 0 ? -1 : 0}, 0, err);
    }
    case DUCKDB_TYPE_UBIGINT:
        return tarn__digits_uint(out,
            (duckdb_uhugeint){((const uint64_t *)node->data)[row], 0}, err);
    case DUCKDB_TYPE_HUGEINT:
        return tarn__digits_int(
            out, ((const duckdb_hugeint *)node->data)[row], 0, err);
    case DUCKDB_TYPE_UHUGEINT:
        return tarn__digits_uint(
            out, ((const duckdb_uhugeint *)node->data)[row], err);
    case DUCKDB_TYPE_DECIMAL:
        return decimal_text(node, row, out, err);
    case DUCKDB_TYPE_FLOAT:
        return double_text(
            out, tarn__duck_widen(((const float *)node->data)[row]), err);
    case DUCKDB_TYPE_DOUBLE:
        return double_text(out, ((const double *)node->data)[row], err);
    case DUCKDB_TYPE_BIGNUM:
        return tarn__digits_bignum(out, string_at(node, row), err);
    case DUCKDB_TYPE_UUID:
        return uuid_text(out, &((const duckdb_hugeint *)node->data)[row], err);
    case DUCKDB_TYPE_BIT:
        return bit_text(out, string_at(node, row), err);
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_ENUM: {
        tarn_slice s = tarn__vnode_bytes(node, row);
        return tarn__buf_append(out, s.ptr, s.len, err);
    }
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_UNION:
        return tarn__vnode_json(node, row, out, err);
    default:
        return tarn__calendar_text(node, row, out, err);
    }
}

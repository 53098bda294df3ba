/* https://github.com/apache/thrift/blob/master/doc/specs/
 * thrift-compact-protocol.md */
#include "delta/thrift.h"

#include <assert.h>

#include "base/buf.h"
#include "base/error.h"

enum wire {
    WIRE_TRUE = 1,
    WIRE_FALSE = 2,
    WIRE_BYTE = 3,
    WIRE_I16 = 4,
    WIRE_I32 = TARN__THRIFT_I32,
    WIRE_I64 = 6,
    WIRE_BINARY = TARN__THRIFT_BINARY,
    WIRE_LIST = 9,
    WIRE_STRUCT = TARN__THRIFT_STRUCT
};

static void put_byte(tarn__thrift *t, uint8_t v)
{
    if (t->status == TARN_OK)
        t->status = tarn__buf_char(t->out, (char)v, NULL);
}

static void put_varint(tarn__thrift *t, uint64_t v)
{
    if (t->status == TARN_OK)
        t->status = tarn__buf_varint(t->out, v, NULL);
}

static void put_zigzag(tarn__thrift *t, int64_t v)
{
    put_varint(t, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0));
}

static void put_bytes(tarn__thrift *t, tarn_slice v)
{
    put_varint(t, v.len);
    if (t->status == TARN_OK)
        t->status = tarn__buf_append(t->out, v.ptr, v.len, NULL);
}

static void put_field(tarn__thrift *t, int16_t field, enum wire wire)
{
    int16_t *last = &t->last[t->depth];
    int delta = field - *last;
    assert(delta > 0);
    if (delta <= 15) {
        put_byte(t, (uint8_t)((unsigned)delta << 4 | (unsigned)wire));
    } else {
        put_byte(t, (uint8_t)wire);
        put_zigzag(t, field);
    }
    *last = field;
}

static void push(tarn__thrift *t)
{
    assert(t->depth + 1 < TARN__THRIFT_DEPTH);
    t->last[++t->depth] = 0;
}

tarn__thrift tarn__thrift_on(tarn_buf *out)
{
    tarn__thrift t = {out, TARN_OK, 0, {0}};
    return t;
}

void tarn__thrift_bool(tarn__thrift *t, int16_t field, bool v)
{
    put_field(t, field, v ? WIRE_TRUE : WIRE_FALSE);
}

void tarn__thrift_byte(tarn__thrift *t, int16_t field, int8_t v)
{
    put_field(t, field, WIRE_BYTE);
    put_byte(t, (uint8_t)v);
}

void tarn__thrift_i16(tarn__thrift *t, int16_t field, int16_t v)
{
    put_field(t, field, WIRE_I16);
    put_zigzag(t, v);
}

void tarn__thrift_i32(tarn__thrift *t, int16_t field, int32_t v)
{
    put_field(t, field, WIRE_I32);
    put_zigzag(t, v);
}

void tarn__thrift_i64(tarn__thrift *t, int16_t field, int64_t v)
{
    put_field(t, field, WIRE_I64);
    put_zigzag(t, v);
}

void tarn__thrift_binary(tarn__thrift *t, int16_t field, tarn_slice v)
{
    put_field(t, field, WIRE_BINARY);
    put_bytes(t, v);
}

void tarn__thrift_list(
    tarn__thrift *t, int16_t field, tarn__thrift_type elem, size_t count)
{
    put_field(t, field, WIRE_LIST);
    if (count < 15) {
        put_byte(t, (uint8_t)(count << 4 | (unsigned)elem));
    } else {
        put_byte(t, (uint8_t)(0xf0u | (unsigned)elem));
        put_varint(t, count);
    }
}

void tarn__thrift_begin(tarn__thrift *t, int16_t field)
{
    put_field(t, field, WIRE_STRUCT);
    push(t);
}

void tarn__thrift_end(tarn__thrift *t)
{
    assert(t->depth > 0);
    put_byte(t, 0);
    t->depth--;
}

void tarn__thrift_empty(tarn__thrift *t, int16_t field)
{
    tarn__thrift_begin(t, field);
    tarn__thrift_end(t);
}

void tarn__thrift_elem_i32(tarn__thrift *t, int32_t v)
{
    put_zigzag(t, v);
}

void tarn__thrift_elem_binary(tarn__thrift *t, tarn_slice v)
{
    put_bytes(t, v);
}

void tarn__thrift_elem_begin(tarn__thrift *t)
{
    push(t);
}

void tarn__thrift_stop(tarn__thrift *t)
{
    assert(t->depth == 0);
    put_byte(t, 0);
}

tarn_status tarn__thrift_status(const tarn__thrift *t, tarn_error *err)
{
    if (t->status == TARN_NO_MEMORY)
        return tarn__no_memory(err);
    if (t->status != TARN_OK)
        return tarn__fail(err, t->status, "Parquet footer: too large");
    return TARN_OK;
}

/* Writing Thrift's compact protocol, as far as Parquet's metadata needs it.
 * The first failure sticks; ask tarn__thrift_status() once, at the end. */
#ifndef TARN_DELTA_THRIFT_H
#define TARN_DELTA_THRIFT_H

#include <tarn/base.h>

#define TARN__THRIFT_DEPTH 8

typedef enum tarn__thrift_type {
    TARN__THRIFT_I32 = 5,
    TARN__THRIFT_BINARY = 8,
    TARN__THRIFT_STRUCT = 12
} tarn__thrift_type;

typedef struct tarn__thrift {
    tarn_buf *out; /* borrowed */
    tarn_status status;
    int depth;
    int16_t last[TARN__THRIFT_DEPTH]; /* field id written last, a struct */
} tarn__thrift;

tarn__thrift tarn__thrift_on(tarn_buf *out);

/* Fields of the open struct; ids rise. */
void tarn__thrift_bool(tarn__thrift *t, int16_t field, bool v);
void tarn__thrift_byte(tarn__thrift *t, int16_t field, int8_t v);
void tarn__thrift_i16(tarn__thrift *t, int16_t field, int16_t v);
void tarn__thrift_i32(tarn__thrift *t, int16_t field, int32_t v);
void tarn__thrift_i64(tarn__thrift *t, int16_t field, int64_t v);
void tarn__thrift_binary(tarn__thrift *t, int16_t field, tarn_slice v);
void tarn__thrift_list(
    tarn__thrift *t, int16_t field, tarn__thrift_type elem, size_t count);
void tarn__thrift_begin(tarn__thrift *t, int16_t field); /* a struct */
void tarn__thrift_end(tarn__thrift *t);
/* A struct without fields: how Thrift's unions name a choice. */
void tarn__thrift_empty(tarn__thrift *t, int16_t field);

/* Elements of the list just begun; a struct element ends as others do. */
void tarn__thrift_elem_i32(tarn__thrift *t, int32_t v);
void tarn__thrift_elem_binary(tarn__thrift *t, tarn_slice v);
void tarn__thrift_elem_begin(tarn__thrift *t);

/* The end of the outermost struct. */
void tarn__thrift_stop(tarn__thrift *t);
TARN_MUST_CHECK tarn_status tarn__thrift_status(
    const tarn__thrift *t, tarn_error *err);

#endif

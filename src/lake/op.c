#include <string.h>

#include "lake/op.h"

const tarn__pq_column tarn__op_columns[TARN__OP_COLUMN_COUNT] = {
    {"version", TARN__PQ_INT64, true},
    {"seq", TARN__PQ_INT32, false},
    {"space", TARN__PQ_STRING, true},
    {"tenant", TARN__PQ_STRING, true},
    {"op", TARN__PQ_STRING, false},
    {"kind", TARN__PQ_STRING, true},
    {"key", TARN__PQ_STRING, true},
    {"time", TARN__PQ_TIMESTAMP, true},
    {"min_time", TARN__PQ_TIMESTAMP, true},
    {"max_time", TARN__PQ_TIMESTAMP, true},
    {"size", TARN__PQ_INT64, true},
    {"object", TARN__PQ_STRING, false},
    {"content", TARN__PQ_BINARY, false},
    {"meta", TARN__PQ_STRING, false},
};

static const char *const type_names[] = {"put", "append", "delete"};

const char *tarn__op_type_name(tarn__op_type type)
{
    return type_names[type];
}

bool tarn__op_type_parse(const char *name, size_t len, tarn__op_type *out)
{
    for (int i = 0; i < 3; i++) {
        if (strlen(type_names[i]) == len &&
            memcmp(type_names[i], name, len) == 0) {
            *out = (tarn__op_type)i;
            return true;
        }
    }
    return false;
}

static tarn__pq_cell text_cell(tarn_slice s)
{
    return (tarn__pq_cell){.null = s.ptr == NULL, .bytes = s};
}

static tarn__pq_cell int_cell(int64_t v)
{
    return (tarn__pq_cell){.i64 = v};
}

void tarn__op_cells(
    const tarn__op *op, tarn__pq_cell cells[TARN__OP_COLUMN_COUNT])
{
    cells[0] = int_cell(op->version);
    cells[1] = int_cell(op->seq);
    cells[2] = text_cell(tarn_str(op->space));
    cells[3] = text_cell(op->tenant);
    cells[4] = text_cell(tarn_str(type_names[op->type]));
    cells[5] = text_cell(op->kind);
    cells[6] = text_cell(op->key);
    cells[7] = int_cell(op->time_us);
    cells[8] = int_cell(op->min_time_us);
    cells[8].null = !op->has_bounds;
    cells[9] = int_cell(op->max_time_us);
    cells[9].null = !op->has_bounds;
    cells[10] = int_cell(op->size_bytes);
    cells[10].null = op->size_bytes < 0;
    cells[11] = text_cell(op->object);
    cells[12] = text_cell(op->content);
    cells[13] = text_cell(op->meta);
}

/* How many columns, two bytes of each that say its type, and then what a server
 * says by COPY, a piece at a time (its length in two bytes): bytes of cells lie
 * within what was said, or in their column's own place, and texts are UTF-8. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/postgres_rows.h"

#define MOST_COLUMNS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned types[] = {16, 17, 18, 19, 20, 21, 23, 25, 26, 114, 700,
    701, 1042, 1082, 1083, 1114, 1184, 1186, 1266, 1560, 1700, 2950, 3802, 1007,
    1231, 869};

static void check(const tarn__db_stream *stream, const tarn__pg_slot *slots,
    const tarn__cell *cells, tarn_slice piece)
{
    for (size_t i = 0; i < stream->column_count; i++) {
        const tarn__cell *c = &cells[i];
        const char *from = c->bytes.ptr;
        bool bytes = c->type == TARN_BLOB || c->type == TARN_TEXT ||
            c->type == TARN_JSON;
        if (!bytes || c->bytes.len == 0)
            continue;
        bool inside = from >= piece.ptr &&
            c->bytes.len <= (size_t)(piece.ptr + piece.len - from);
        bool own = from == slots[i].text && c->bytes.len < sizeof slots->text;
        if ((!inside && !own) ||
            (c->type != TARN_BLOB && !tarn__utf8_valid(c->bytes)))
            abort();
    }
}

/* A piece of its own, so that a byte too far is seen. */
static bool give(tarn__db_stream *stream, tarn__pg_slot *slots,
    tarn__pg_copy *copy, tarn_slice bytes)
{
    tarn__cell cells[MOST_COLUMNS];
    char *own = tarn__malloc(bytes.len + 1);
    if (own == NULL)
        abort();
    char *piece = own + 1;
    memcpy(piece, bytes.ptr, bytes.len);
    tarn_status st =
        tarn__pg_copy_give(copy, stream, (tarn_slice){piece, bytes.len}, NULL);
    if (st == TARN_OK)
        while ((st = tarn__pg_copy_next(copy, stream, slots, cells, NULL)) ==
            TARN_ROW)
            check(stream, slots, cells, (tarn_slice){piece, bytes.len});
    tarn__free(own);
    return st == TARN_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tarn__db db = {.where = "fuzz"};
    tarn__db_column columns[MOST_COLUMNS] = {{0}};
    tarn__pg_slot slots[MOST_COLUMNS];
    tarn__db_stream stream = {.db = &db, .columns = columns};
    tarn__pg_copy copy = {0};
    const char *at = (const char *)data;
    const char *end = at + size;
    size_t count = size == 0 ? 0 : data[0] % MOST_COLUMNS + 1;
    if (size < 1 + 2 * count)
        return 0;
    at++;
    for (; stream.column_count < count; stream.column_count++, at += 2) {
        size_t i = stream.column_count;
        unsigned oid =
            types[(unsigned char)at[0] % (sizeof types / sizeof *types)];
        int modifier = (int)((unsigned char)at[1] % 41) << 16 | at[1];
        if (tarn__pg_column(&slots[i], &columns[i], "c", oid, modifier, NULL) !=
            TARN_OK)
            abort();
    }
    bool more = count > 0;
    while (more && end - at >= 2) {
        size_t len =
            (size_t)(unsigned char)at[0] << 8 | (size_t)(unsigned char)at[1];
        at += 2;
        if (len > (size_t)(end - at))
            len = (size_t)(end - at);
        more = give(&stream, slots, &copy, (tarn_slice){at, len});
        at += len;
    }
    for (size_t i = 0; i < count; i++) {
        tarn__free(columns[i].name);
        tarn__free(columns[i].cast);
    }
    return 0;
}

/* Bytes that come from a view, a spool or a log: decoded, they are refused or
 * mean what they say.
 *
 * The first byte chooses the decoder, the rest is its input. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lake/lake_internal.h"
#include "lake/values.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void key_parts(tarn_slice in)
{
    tarn__cursor c = tarn__cursor_of(in);
    tarn_buf part = TARN_BUF_INIT, again = TARN_BUF_INIT;
    bool good = true;

    while (good && c.ptr < c.end) {
        const char *start = c.ptr;
        tarn__buf_clear(&part);
        tarn__buf_clear(&again);
        if (tarn__key_part_read(&c, &part, &good, NULL) != TARN_OK || !good)
            break;
        /* One encoding a value. */
        if (tarn__key_part(&again, tarn__buf_slice(&part), NULL) != TARN_OK)
            break;
        assert(again.len == (size_t)(c.ptr - start));
        assert(memcmp(again.ptr, start, again.len) == 0);
    }
    tarn_buf_reset(&part);
    tarn_buf_reset(&again);
}

static void node_value(tarn_slice in)
{
    tarn__node node, back;
    tarn_buf again = TARN_BUF_INIT;

    if (!tarn__node_decode(&tarn__root_id, in, 1, &node))
        return;
    if (tarn__node_encode(&again, &node, NULL) == TARN_OK) {
        assert(tarn__node_decode(
            &tarn__root_id, tarn__buf_slice(&again), 1, &back));
        assert(back.kind == node.kind && back.name.len == node.name.len &&
            back.attrs.len == node.attrs.len);
    }
    tarn_buf_reset(&again);
}

static void item_value(tarn_slice in)
{
    tarn__item item, back;
    tarn_buf again = TARN_BUF_INIT;

    if (in.len < 28)
        return;
    tarn_slice key = {in.ptr, 28};
    tarn_slice payload = {in.ptr + 28, in.len - 28};
    if (!tarn__item_decode(key, payload, &item))
        return;
    assert(item.is_object || item.content.len == item.size_bytes);
    if (tarn__item_encode(&again, &item, NULL) == TARN_OK) {
        assert(tarn__item_decode(key, tarn__buf_slice(&again), &back));
        assert(back.total_bytes == item.total_bytes && back.rows == item.rows &&
            back.total_rows == item.total_rows);
    }
    tarn_buf_reset(&again);
}

static tarn_status look(void *arg, tarn__family family, tarn_slice key,
    tarn_slice payload, tarn_error *err)
{
    size_t *sum = arg;

    (void)err;
    assert(family < TARN__FAMILY_COUNT);
    for (size_t i = 0; i < key.len; i++)
        *sum += (uint8_t)key.ptr[i];
    for (size_t i = 0; payload.ptr != NULL && i < payload.len; i++)
        *sum += (uint8_t)payload.ptr[i];
    return TARN_OK;
}

static void operation(tarn_slice in)
{
    tarn__op op, back;
    tarn_buf again = TARN_BUF_INIT;
    size_t sum = 0;

    if (!tarn__op_decode(in, &op))
        return;
    if (tarn__op_encode(&again, &op, NULL) == TARN_OK) {
        assert(tarn__op_decode(tarn__buf_slice(&again), &back));
        assert(back.key.len == op.key.len && back.type == op.type &&
            back.has_bounds == op.has_bounds &&
            (back.content.ptr == NULL) == (op.content.ptr == NULL));
    }
    /* Any answer but a crash. */
    (void)!tarn__op_apply(&op, NULL, look, &sum, NULL);
    tarn_buf_reset(&again);
}

/* Meta as another writer may have made it, in an operation that is else good. */
static void tree_meta(tarn_slice in)
{
    tarn__op op = TARN__OP_INIT;
    size_t sum = 0;

    op.space = "tree";
    op.kind = tarn_str("series");
    op.key = tarn_str("00000000-0000-7000-8000-000000000001");
    op.content = tarn_str("x");
    op.size_bytes = 1;
    op.meta = in;
    for (int type = TARN__OP_PUT; type <= TARN__OP_DELETE; type++) {
        op.type = (tarn__op_type)type;
        (void)!tarn__op_apply(&op, NULL, look, &sum, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static void (*const decoders[])(tarn_slice) = {
        key_parts, node_value, item_value, operation, tree_meta};

    if (len == 0)
        return 0;
    /* A copy of its own, so that reading beyond it is seen. */
    char *copy = malloc(len > 1 ? len - 1 : 1);
    if (copy == NULL)
        return 0;
    memcpy(copy, bytes + 1, len - 1);
    decoders[bytes[0] % 5]((tarn_slice){copy, len - 1});
    free(copy);
    return 0;
}

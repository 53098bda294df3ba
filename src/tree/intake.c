/* Bytes -> an inline piece or a staged object. */
#include <string.h>

#include "base/error.h"
#include "tree/stage.h"

void tarn__intake_init(
    tarn__intake *intake, tarn__stage *stage, tarn__kind kind)
{
    *intake =
        (tarn__intake){stage, kind, TARN_BUF_INIT, NULL, TARN__ROLL_INIT, 0};
}

void tarn__intake_reset(tarn__intake *intake)
{
    if (intake->stager != NULL)
        tarn__stager_abort(intake->stager);
    intake->stager = NULL;
    tarn_buf_reset(&intake->hold);
}

static tarn_status become_object(tarn__intake *in, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    tarn_status st = tarn__lake_scratch(in->stage->lake, &scratch, err);
    if (st == TARN_OK)
        st = tarn__stager_open(scratch, false, &in->stager, err);
    if (st == TARN_OK && in->hold.len > 0)
        st = tarn__stager_write(in->stager, in->hold.ptr, in->hold.len, err);
    tarn_buf_reset(&in->hold);
    return st;
}

tarn_status tarn__intake_write(
    tarn__intake *in, const void *ptr, size_t len, tarn_error *err)
{
    tarn_status st = TARN_OK;
    /* A stream's digest goes on over its appends; an object of a file has one
     * of its own, and a second would halve the speed. */
    if (in->kind == TARN__KIND_STREAM)
        tarn__roll_update(&in->roll, ptr, len);
    in->size_bytes += len;
    if (in->stager == NULL && !in->stage->memory &&
        in->size_bytes >= TARN__INLINE_MAX_BYTES)
        st = become_object(in, err);
    if (st == TARN_OK && in->stager != NULL)
        return tarn__stager_write(in->stager, ptr, len, err);
    return st == TARN_OK ? tarn__buf_append(&in->hold, ptr, len, err) : st;
}

static tarn_status finish_object(
    tarn__intake *in, tarn__cargo *out, tarn_error *err)
{
    tarn__staged staged;
    tarn_status st = tarn__stager_finish(in->stager, &staged, err);
    in->stager = NULL;
    if (st != TARN_OK)
        return st;
    out->piece.is_object = true;
    memcpy(out->piece.sha256, staged.id.sha256, TARN__SHA256_BYTES);
    st = tarn__txn_take_staged(in->stage->txn, &staged, err);
    if (st != TARN_OK)
        tarn__staged_reset(&staged);
    return st;
}

tarn_status tarn__intake_finish(
    tarn__intake *in, tarn__cargo *out, tarn_error *err)
{
    *out = (tarn__cargo)TARN__CARGO_INIT;
    tarn_status st = TARN_OK;
    out->kind = in->kind;
    out->piece.rows = -1;
    out->piece.size_bytes = in->size_bytes;
    out->piece.roll = in->roll;
    if (in->stager != NULL) {
        st = finish_object(in, out, err);
    } else {
        if (in->kind != TARN__KIND_STREAM && in->hold.len > 0)
            tarn__roll_update(&out->piece.roll, in->hold.ptr, in->hold.len);
        out->hold = in->hold;
        in->hold = (tarn_buf)TARN_BUF_INIT;
        out->piece.bytes = tarn__buf_slice(&out->hold);
    }
    tarn__intake_reset(in);
    return st;
}

void tarn__cargo_reset(tarn__cargo *cargo)
{
    tarn_buf_reset(&cargo->hold);
    tarn__free(cargo->time_column);
    tarn__free(cargo->source);
    *cargo = (tarn__cargo)TARN__CARGO_INIT;
}

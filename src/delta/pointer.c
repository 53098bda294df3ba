/* _last_checkpoint: advice where to begin.  What it says is believed only as
 * far as the checkpoint that it names is there. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"
#include "os/durable.h"
#include "os/file.h"

#define POINTER_BYTES ((size_t)4 << 20)

tarn_status tarn__pointer_parse(
    tarn_slice text, tarn__pointer *out, tarn_error *err)
{
    *out = (tarn__pointer){-1, 0};
    json_t *json = NULL;
    tarn_status st = tarn__json_parse(text, "_last_checkpoint", &json, err);
    if (st == TARN_NO_MEMORY)
        return st;
    if (st != TARN_OK)
        return TARN_OK;
    tarn__pointer p;
    const json_t *parts = json_object_get(json, "parts");
    bool usable = tarn__json_i64(json, "version", &p.version) &&
        p.version >= 0 && (parts == NULL || json_is_null(parts));
    if (!tarn__json_i64(json, "size", &p.action_count) || p.action_count < 0)
        p.action_count = 0;
    if (usable)
        *out = p;
    json_decref(json);
    return TARN_OK;
}

tarn_status tarn__pointer_read(
    const tarn__delta *delta, tarn__pointer *out, tarn_error *err)
{
    *out = (tarn__pointer){-1, 0};
    char *path = tarn__path_join(delta->log_dir, "_last_checkpoint");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_buf text = TARN_BUF_MAX(POINTER_BYTES);
    tarn_status st = tarn__file_slurp(path, POINTER_BYTES, &text, err);
    tarn__free(path);
    if (st == TARN_OK)
        st = tarn__pointer_parse(tarn__buf_slice(&text), out, err);
    else if (st == TARN_NOT_FOUND || st == TARN_BAD_INPUT)
        st = TARN_OK;
    tarn_buf_reset(&text);
    if (st != TARN_OK || out->version < 0)
        return st;
    bool there = false;
    st = tarn__delta_has(
        tarn__checkpoint_path(delta, out->version), &there, err);
    if (!there)
        *out = (tarn__pointer){-1, 0};
    return st;
}

tarn_status tarn__pointer_write(
    tarn__delta *delta, tarn__pointer pointer, tarn_error *err)
{
    char *path = tarn__path_join(delta->log_dir, "_last_checkpoint");
    char *text = tarn__sprintf("{\"version\":%" PRId64 ",\"size\":%" PRId64 "}",
        pointer.version, pointer.action_count);
    tarn_status st = path == NULL || text == NULL
        ? tarn__no_memory(err)
        : tarn__replace_durably(path, delta->tmp_dir, tarn_str(text), err);
    tarn__free(path);
    tarn__free(text);
    return st;
}

/* The text of a commit, from anyone: it is read or refused, and what is read
 * can be applied. */
#include "base/buf.h"
#include "delta/delta_internal.h"

static const tarn__pq_column columns[] = {
    {"version", TARN__PQ_INT64, true},
    {"seq", TARN__PQ_INT32, false},
    {"key", TARN__PQ_STRING, true},
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* ST1: no path is live and removed at once, and each is found. */
static void check_state(const tarn__delta_state *state)
{
    size_t at;
    if (state->file_map.count != state->file_count ||
        state->tomb_map.count != state->tomb_count)
        __builtin_trap();
    for (size_t i = 0; i < state->file_count; i++)
        if (!tarn__path_map_get(&state->file_map, state->files[i].path, &at) ||
            at != i ||
            tarn__path_map_get(&state->tomb_map, state->files[i].path, &at))
            __builtin_trap();
    for (size_t i = 0; i < state->tomb_count; i++)
        if (!tarn__path_map_get(&state->tomb_map, state->tombs[i].path, &at) ||
            at != i)
            __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const tarn__delta_options options = {
        .columns = columns, .column_count = 3, .tmp_dir = "/tmp"};
    tarn__delta_state state;
    tarn_error err = TARN_ERROR_INIT;
    tarn__state_init(&state);
    tarn_slice text = {(const char *)bytes, len};
    tarn_status st = tarn__actions_each(
        &options, text, "input", tarn__state_apply, &state, NULL, &err);
    if (st != TARN_OK && err.message[0] == '\0')
        __builtin_trap();
    check_state(&state);
    tarn__state_reset(&state);
    return 0;
}

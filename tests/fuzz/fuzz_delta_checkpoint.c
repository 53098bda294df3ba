/* A checkpoint and the pointer to it, from anyone.  The bytes up to the first
 * NUL are _last_checkpoint; what follows is the Parquet file of version 0, or,
 * when it does not begin with PAR1, its rows as JSON lines. */
#include <string.h>
#include <unistd.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "delta/delta_internal.h"
#include "os/file.h"

static const tarn__pq_column columns[] = {
    {"version", TARN__PQ_INT64, true},
    {"seq", TARN__PQ_INT32, false},
    {"key", TARN__PQ_STRING, true},
};

static char dir[64] = "/tmp/tarn-fuzz-XXXXXX";
static tarn__delta *delta;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void remove_dir(void)
{
    tarn__delta_close(delta);
    if (tarn__remove_tree(dir, NULL) != TARN_OK)
        (void)fputs("the folder stays\n", stderr);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    char path[128];
    if (mkdtemp(dir) == NULL)
        return 1;
    const tarn__delta_options options = {.columns = columns,
        .column_count = 3,
        .tmp_dir = dir,
        .memory_bytes = UINT64_C(256) << 20,
        .threads = 1};
    (void)snprintf(path, sizeof(path), "%s/_delta_log", dir);
    if (tarn__mkdir(path, NULL) != TARN_OK ||
        tarn__delta_open(dir, &options, &delta, NULL) != TARN_OK)
        abort();
    return atexit(remove_dir);
}

static void try_pointer(tarn_slice text)
{
    tarn__pointer pointer;
    if (tarn__pointer_parse(text, &pointer, NULL) == TARN_OK &&
        pointer.version < -1)
        __builtin_trap();
}

static void try_parquet(tarn_slice file)
{
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    char *path = tarn__checkpoint_path(delta, 0);
    if (path == NULL || tarn__file_spill(path, file, NULL) != TARN_OK)
        abort();
    tarn_status st = tarn__delta_files(delta, 0, &files, &count, &err);
    if (st != TARN_OK && err.message[0] == '\0')
        __builtin_trap();
    tarn__state_reset(&delta->state);
    tarn_free(path);
}

static void try_rows(tarn_slice lines)
{
    tarn__delta_state state;
    tarn_error err = TARN_ERROR_INIT;
    tarn__state_init(&state);
    tarn_status st = tarn__actions_each(
        &delta->options, lines, "input", tarn__state_apply, &state, NULL, &err);
    if (st != TARN_OK && err.message[0] == '\0')
        __builtin_trap();
    tarn__state_reset(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const void *nul = len > 0 ? memchr(bytes, 0, len) : NULL;
    const char *text = (const char *)bytes;
    size_t head = nul != NULL ? (size_t)((const char *)nul - text) : len;
    try_pointer((tarn_slice){text, head});
    if (nul == NULL)
        return 0;
    tarn_slice rest = {text + head + 1, len - head - 1};
    if (rest.len >= 4 && memcmp(rest.ptr, "PAR1", 4) == 0)
        try_parquet(rest);
    else
        try_rows(rest);
    return 0;
}

/* A byte for the format, then any bytes as rows: they become a Parquet file that
 * can be read, or bad input with a message. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "os/file.h"
#include "tree/parquet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static tarn__duck *duck;
static char in_path[64];
static char out_path[64];

static void remove_files(void)
{
    tarn__duck_close(duck);
    (void)remove(in_path);
    (void)remove(out_path);
}

static void start(void)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.threads = 1;
    (void)snprintf(
        in_path, sizeof(in_path), "/tmp/tarn-fuzz-%d.in", (int)getpid());
    (void)snprintf(
        out_path, sizeof(out_path), "/tmp/tarn-fuzz-%d.out", (int)getpid());
    if (tarn__duck_open(&options, &duck, NULL) != TARN_OK ||
        atexit(remove_files) != 0)
        abort();
}

/* What may come of bytes from outside. */
static void check(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK &&
        (st != TARN_BAD_INPUT || strstr(err->message, "input") == NULL))
        abort();
}

static tarn_status facts_of(const char *path, tarn_error *err)
{
    tarn__facts facts;
    tarn_status st = tarn__parquet_facts(
        duck, path, "input", NULL, true, false, false, &facts, err);
    if (st == TARN_OK && facts.has_bounds &&
        (facts.time_column == NULL || facts.min_time_us > facts.max_time_us))
        abort();
    tarn__free(facts.time_column);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tarn_error err = TARN_ERROR_INIT;
    if (size == 0)
        return 0;
    if (duck == NULL)
        start();
    const tarn__format format =
        (tarn__format)(TARN__FORMAT_CSV + (int)(data[0] % 5));
    const tarn_slice rows = {(const char *)data + 1, size - 1};
    if (tarn__file_spill(in_path, rows, NULL) != TARN_OK)
        abort();
    if (format == TARN__FORMAT_PARQUET) {
        check(facts_of(in_path, &err), &err);
        return 0;
    }
    tarn_status st =
        tarn__rows_to_parquet(duck, in_path, "input", format, out_path, &err);
    check(st, &err);
    if (st == TARN_OK && facts_of(out_path, &err) != TARN_OK)
        abort();
    return 0;
}

/* Calling a driver as a run does, and reading what it made. */
#ifndef TARN_TEST_FLOW_DRIVE_H
#define TARN_TEST_FLOW_DRIVE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/sandbox.h"

#include <tarn/driver.h>
#include <tarn/store.h>

#define DRIVE_TABLES 8

typedef struct drive {
    void **state;
    const char *out; /* file in the sandbox; NULL: a write step */
    tarn_driver_input inputs[4];
    size_t input_count;
    const char *names[DRIVE_TABLES]; /* told of */
    int64_t rows[DRIVE_TABLES];
    size_t table_count;
    double rows_read, rows_written, bytes;
    bool stop; /* cancelled from the start */
    tarn_error err;
} drive;

static inline tarn_status drive_table(
    void *ctx, const char *name, int64_t rows, tarn_error *err)
{
    (void)err;
    drive *d = ctx;
    assert_true(d->table_count < DRIVE_TABLES);
    char *copy = malloc(strlen(name) + 1);
    assert_non_null(copy);
    strcpy(copy, name);
    d->names[d->table_count] = copy;
    d->rows[d->table_count++] = rows;
    return TARN_OK;
}

static inline tarn_status drive_cursor(
    void *ctx, const char *value, tarn_error *err)
{
    (void)ctx;
    (void)value;
    (void)err;
    return TARN_OK;
}

static inline void drive_metric(void *ctx, const char *name, double value)
{
    drive *d = ctx;
    if (strcmp(name, "rows_read") == 0)
        d->rows_read += value;
    if (strcmp(name, "rows_written") == 0)
        d->rows_written += value;
    if (strcmp(name, "bytes") == 0)
        d->bytes += value;
}

static inline bool drive_cancelled(void *ctx)
{
    return ((drive *)ctx)->stop;
}

/* The result file is out.duckdb in the sandbox, made anew. */
static inline tarn_status drive_run(
    drive *d, const tarn_driver *driver, const char *config)
{
    for (size_t i = 0; i < d->table_count; i++)
        free((void *)(uintptr_t)d->names[i]);
    d->table_count = 0;
    d->rows_read = d->rows_written = d->bytes = 0;
    d->err = (tarn_error)TARN_ERROR_INIT;
    sandbox_mkdir(d->state, "temp");
    tarn_driver_call call = {.abi = TARN_DRIVER_ABI,
        .step_id = "step",
        .mode = d->out == NULL ? TARN_STEP_WRITE : TARN_STEP_TRANSFORM,
        .config = config,
        .inputs = d->inputs,
        .input_count = d->input_count,
        .base_dir = sandbox_dir(d->state),
        .temp_dir = sandbox_path(d->state, "temp"),
        .memory_bytes = 200000000,
        .threads = 1,
        .ctx = d,
        .metric = drive_metric,
        .cancelled = drive_cancelled};
    if (d->out != NULL) {
        call.output = sandbox_path(d->state, d->out);
        (void)remove(call.output);
    }
    const tarn_driver_result result = {d, drive_table, drive_cursor};
    return driver->run(&call, &result, &d->err);
}

static inline void drive_ok(
    drive *d, const tarn_driver *driver, const char *config)
{
    if (drive_run(d, driver, config) != TARN_OK)
        fail_msg("%s", d->err.message);
}

static inline void drive_end(drive *d)
{
    for (size_t i = 0; i < d->table_count; i++)
        free((void *)(uintptr_t)d->names[i]);
}

/* A DuckDB file made by SQL. */
static inline const char *drive_store(
    void **state, const char *name, const char *sql)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    tarn_store_options o = TARN_STORE_OPTIONS_INIT;
    o.threads = 1;
    o.temp_dir = sandbox_path(state, "temp");
    const char *path = sandbox_path(state, name);
    if (tarn_store_open(path, &o, &store, &err) != TARN_OK ||
        tarn_store_exec(store, sql, &err) != TARN_OK ||
        tarn_store_close(store, &err) != TARN_OK)
        fail_msg("%s", err.message);
    tarn_store_free(store);
    return path;
}

/* An input of a step called `id`, its table `main` made by a query. */
static inline void drive_input(
    drive *d, const char *id, const char *file, const char *query)
{
    static const char *const only[] = {"main"};
    char sql[2000];
    (void)snprintf(sql, sizeof(sql), "CREATE TABLE main AS %s", query);
    d->inputs[d->input_count++] =
        (tarn_driver_input){id, drive_store(d->state, file, sql), only, 1};
}

/* The first value of a statement over a DuckDB file; "" for NULL. */
static inline void assert_store(
    void **state, const char *file, const char *sql, const char *want)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf text = TARN_BUF_INIT;
    bool found;
    tarn_store_options o = TARN_STORE_OPTIONS_INIT;
    o.threads = 1;
    o.temp_dir = sandbox_path(state, "temp");
    if (tarn_store_open_existing(
            sandbox_path(state, file), true, &o, &store, &err) != TARN_OK ||
        tarn_store_scalar(store, sql, NULL, 0, &text, &found, &err) != TARN_OK)
        fail_msg("%s", err.message);
    assert_string_equal(text.ptr == NULL ? "" : text.ptr, want);
    tarn_buf_reset(&text);
    tarn_store_free(store);
}

#endif

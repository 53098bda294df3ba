/**
 * Flow drivers: what reads from a source, transforms, or writes to a target in
 * one step of a flow.  The built-in ones and those in shared objects obey the
 * same contract; docs/DRIVERS.md tells it with examples.
 *
 * Steps hand over DuckDB files.  A driver reads the tables of its inputs'
 * files, which are sealed, and writes its own tables into the file at `output`,
 * which is not there yet; it leaves no other file behind.  A driver that fails
 * leaves what it likes at `output`: the runner removes it.
 */
#ifndef TARN_DRIVER_H
#define TARN_DRIVER_H

#include <tarn/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Rises when a driver that was compiled against an older header would break. */
#define TARN_DRIVER_ABI 1

typedef enum tarn_step_mode {
    TARN_STEP_READ = 1,
    TARN_STEP_TRANSFORM = 2,
    TARN_STEP_WRITE = 4
} tarn_step_mode;

/** A needed step's result. */
typedef struct tarn_driver_input {
    const char *id;          /* of the step that made it */
    const char *duckdb_path; /* its file; open it read-only */
    const char *const *tables;
    size_t table_count;
} tarn_driver_input;

/** One step's call.  All of it is borrowed until run() returns. */
typedef struct tarn_driver_call {
    int abi; /* TARN_DRIVER_ABI of the caller */
    const char *step_id;
    tarn_step_mode mode;
    const char *config;     /* JSON object, params and secrets in place */
    const char *connection; /* JSON object, or NULL when the step names none */
    const tarn_driver_input *inputs;
    size_t input_count;
    const char *output;    /* the file to make; NULL in a write step */
    const char *base_dir;  /* relative paths in config are relative to it */
    const char *temp_dir;  /* for this call alone, removed afterwards */
    uint64_t memory_bytes; /* what the call may use */
    int threads;           /* at least 1 */
    /* Incremental extraction: only rows whose `cursor_column` is above `cursor`
     * (the value as text; NULL: from the start).  The runner has taken the lag
     * off already.  cursor_column NULL: all. */
    const char *cursor_column;
    const char *cursor;

    void *ctx; /* first argument of what follows; any thread may call them */
    void (*metric)(void *ctx, const char *name, double value);
    /* `fields` is a JSON object without secrets, or NULL. */
    void (*event)(void *ctx, const char *name, const char *fields);
    void (*progress)(void *ctx, int64_t rows);
    bool (*cancelled)(void *ctx); /* stop soon and return TARN_INTERRUPTED */
} tarn_driver_call;

/** What a call made; strings are copied by these functions' caller: add tables
 * through add_table(), and the new cursor through set_cursor(). */
typedef struct tarn_driver_result {
    void *ctx;
    tarn_status (*add_table)(
        void *ctx, const char *name, int64_t rows, tarn_error *err);
    tarn_status (*set_cursor)(void *ctx, const char *value, tarn_error *err);
} tarn_driver_result;

typedef struct tarn_driver {
    int abi;          /* TARN_DRIVER_ABI */
    const char *name; /* such as "csv.writer" */
    const char *version;
    unsigned modes; /* of tarn_step_mode, or-ed */
    /* JSON Schema of `config`: type, properties, required, enum, default; a
     * property with "x-secret": true is never shown; docs/DRIVERS.md lists the
     * other members.  NULL: anything goes. */
    const char *config_schema;
    tarn_status (*run)(const tarn_driver_call *call,
        const tarn_driver_result *result, tarn_error *err);
    /* Reach the other end of a connection (a JSON object, secrets in place) and
     * let go of it: `tarn flow connections --test`.  NULL: nothing to test. */
    tarn_status (*test)(
        const char *connection, const char *base_dir, tarn_error *err);
} tarn_driver;

/** The one entry point of a shared object: its driver, static. */
typedef const tarn_driver *(*tarn_driver_entry_fn)(void);
#define TARN_DRIVER_ENTRY "tarn_driver_entry"

#ifdef __cplusplus
}
#endif
#endif

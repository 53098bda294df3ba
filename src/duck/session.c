/* Sessions: a database and one connection to it. */
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "duck/duck_internal.h"

#define DEFAULT_MEMORY_BYTES 2000000000U

typedef struct setting {
    const char *name;
    const char *value; /* NULL: leave DuckDB's */
} setting;

static tarn_status apply(
    duckdb_config config, const setting *settings, size_t n, tarn_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (settings[i].value == NULL)
            continue;
        if (duckdb_set_config(config, settings[i].name, settings[i].value) !=
            DuckDBSuccess)
            return tarn__fail(err, TARN_INVALID,
                "DuckDB setting %s: not possible to set to '%s'",
                settings[i].name, settings[i].value);
    }
    return TARN_OK;
}

static tarn_status configure(
    duckdb_config config, const tarn__duck_options *o, tarn_error *err)
{
    char memory[32];
    char threads[16];
    uint64_t bytes =
        o->memory_bytes == 0 ? DEFAULT_MEMORY_BYTES : o->memory_bytes;
    snprintf(memory, sizeof(memory), "%lluB", (unsigned long long)bytes);
    snprintf(threads, sizeof(threads), "%d", o->threads);
    const setting settings[] = {
        {"access_mode", o->read_only ? "READ_ONLY" : NULL},
        {"memory_limit", memory},
        {"threads", o->threads > 0 ? threads : NULL},
        {"temp_directory", o->temp_dir == NULL ? "" : o->temp_dir},
        {"preserve_insertion_order", o->unordered ? "false" : NULL},
        {"enable_external_access", o->external_access ? NULL : "false"},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_unsigned_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"allow_persistent_secrets", "false"},
        /* Copies of file ranges, up to the memory limit and beyond a statement:
         * the machine caches them already. */
        {"enable_external_file_cache", "false"},
    };
    return apply(config, settings, sizeof(settings) / sizeof(settings[0]), err);
}

static tarn_status open_database(
    tarn__duck *duck, const tarn__duck_options *o, tarn_error *err)
{
    duckdb_config config = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess)
        return tarn__no_memory(err);
    tarn_status st = configure(config, o, err);
    if (st == TARN_OK) {
        char *message = NULL;
        if (duckdb_open_ext(o->path, &duck->db, config, &message) !=
            DuckDBSuccess)
            st = tarn__duck_fail(duck, message, err);
        duckdb_free(message);
    }
    duckdb_destroy_config(&config);
    return st;
}

tarn_status tarn__duck_open(
    const tarn__duck_options *options, tarn__duck **out, tarn_error *err)
{
    static const tarn__duck_options defaults = TARN__DUCK_OPTIONS_INIT;
    const tarn__duck_options *o = options == NULL ? &defaults : options;
    *out = NULL;
    tarn__duck *duck = tarn__calloc(1, sizeof(*duck));
    if (duck == NULL)
        return tarn__no_memory(err);
    tarn__mutex_init(&duck->source_lock);
    tarn_status st = open_database(duck, o, err);
    if (st == TARN_OK && duckdb_connect(duck->db, &duck->con) != DuckDBSuccess)
        st = tarn__no_memory(err);
    /* Not possible in the configuration: it is icu's setting. */
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, "SET TimeZone = 'UTC'", err);
    if (st != TARN_OK) {
        tarn__duck_close(duck);
        return st;
    }
    *out = duck;
    return TARN_OK;
}

void tarn__duck_close(tarn__duck *duck)
{
    if (duck == NULL)
        return;
    tarn__watch_end(duck->watch);
    if (duck->con != NULL)
        duckdb_disconnect(&duck->con);
    if (duck->db != NULL)
        duckdb_close(&duck->db);
    tarn__mutex_free(&duck->source_lock);
    tarn__free(duck->last_error);
    tarn__free(duck);
}

/* By a connection of its own: the other one waits for its statement. */
tarn_status tarn__duck_set_memory(
    tarn__duck *duck, uint64_t bytes, tarn_error *err)
{
    duckdb_connection con;
    char sql[64];
    (void)snprintf(sql, sizeof(sql), "SET memory_limit = '%lluB'",
        (unsigned long long)bytes);
    if (duckdb_connect(duck->db, &con) != DuckDBSuccess)
        return tarn__no_memory(err);
    duckdb_state done = duckdb_query(con, sql, NULL);
    duckdb_disconnect(&con);
    return done == DuckDBSuccess
        ? TARN_OK
        : tarn__fail(err, TARN_FAILED, "DuckDB: does not take %s", sql);
}

void tarn__duck_interrupt(tarn__duck *duck)
{
    atomic_store(&duck->interrupted, true);
    duckdb_interrupt(duck->con);
}

const char *tarn__duck_version(void)
{
    return duckdb_library_version();
}

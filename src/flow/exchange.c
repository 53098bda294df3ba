/* A call's DuckDB: what it has attached, and who stops it. */
#include "flow/exchange.h"

#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/exchange_internal.h"
#include "os/file.h"
#include "os/threads.h"

#define WATCH_US 20000
#define STREAMING_BYTES ((uint64_t)200000000)
#define LEAST_STREAMING_BYTES ((uint64_t)64000000)
#define OUTPUT TARN__EXCHANGE_OUTPUT
/* Bit packing alone: trying the other ways on each column costs as much as
 * making the table, which is read once or twice. */
#define PACKED_LIGHTLY                                                       \
    "SET disabled_compression_methods = 'dictionary,fsst,dict_fsst,zstd,rle" \
    ",alp,alprd,chimp,patas,roaring';"
/* Memory goes back to the system when a call ends, not after each of its tasks,
 * which would take it again. */
#define KEPT_MEMORY                          \
    "SET allocator_flush_threshold = '1TB';" \
    "SET allocator_bulk_deallocation_flush_threshold = '1TB';"
/* A log of what the checkpoint writes is for nobody: a file that has no name is
 * thrown away.  In it, long values would stand in memory once more. */
#define ATTACH_OUTPUT "ATTACH %t AS " OUTPUT " (RECOVERY_MODE no_wal_writes);"

/* A thread that asks whether the call is still wanted. */
typedef struct watch {
    pthread_t thread;
    tarn__mutex lock;
    tarn__cond changed;
    bool running;
    bool end; /* under the lock */
} watch;

struct tarn__exchange {
    const tarn_driver_call *call;
    tarn__duck *duck;
    char *spill;
    bool attached; /* the output */
    tarn__made_table *made;
    size_t made_count;
    size_t made_cap;
    watch watch;
    atomic_bool stopped;
};

/* --- stopping --- */

static void one_period(watch *w)
{
    while (!w->end && tarn__cond_wait_for(&w->changed, &w->lock, WATCH_US))
        continue;
}

static void *watch_run(void *arg)
{
    tarn__exchange *x = arg;
    watch *w = &x->watch;
    tarn__mutex_lock(&w->lock);
    for (one_period(w); !w->end; one_period(w)) {
        tarn__mutex_unlock(&w->lock);
        /* Again and again: it may fall between two calls of DuckDB. */
        if (tarn__call_cancelled(x->call))
            atomic_store(&x->stopped, true);
        if (atomic_load(&x->stopped))
            tarn__duck_interrupt(x->duck);
        tarn__mutex_lock(&w->lock);
    }
    tarn__mutex_unlock(&w->lock);
    return NULL;
}

static tarn_status watch_start(tarn__exchange *x, tarn_error *err)
{
    watch *w = &x->watch;
    if (x->call->cancelled == NULL)
        return TARN_OK;
    tarn__mutex_init(&w->lock);
    tarn__cond_init(&w->changed);
    int failed = pthread_create(&w->thread, NULL, watch_run, x);
    if (failed != 0) {
        tarn__cond_free(&w->changed);
        tarn__mutex_free(&w->lock);
        return tarn__fail_os(
            err, failed, "step %s: no thread to watch it", x->call->step_id);
    }
    w->running = true;
    return TARN_OK;
}

static void watch_end(watch *w)
{
    if (!w->running)
        return;
    tarn__mutex_lock(&w->lock);
    w->end = true;
    tarn__cond_broadcast(&w->changed);
    tarn__mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    tarn__cond_free(&w->changed);
    tarn__mutex_free(&w->lock);
    w->running = false;
}

/* What a failure is: of an interrupted call it says that. */
static tarn_status told(tarn__exchange *x, tarn_status st, tarn_error *err)
{
    if (st == TARN_OK || st == TARN_NO_MEMORY ||
        (!atomic_load(&x->stopped) && !tarn__call_cancelled(x->call)))
        return st;
    return tarn__fail(
        err, TARN_INTERRUPTED, "step %s: cancelled", x->call->step_id);
}

/* --- opening --- */

static tarn_status open_duck(tarn__exchange *x, tarn_error *err)
{
    const tarn_driver_call *call = x->call;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.memory_bytes = call->memory_bytes;
    options.threads = call->threads;
    if (call->temp_dir != NULL) {
        x->spill = tarn__path_join(call->temp_dir, "spill");
        if (x->spill == NULL)
            return tarn__no_memory(err);
        options.temp_dir = x->spill;
    }
    return tarn__duck_open(&options, &x->duck, err);
}

static tarn_status attach(tarn__exchange *x, tarn_error *err)
{
    const tarn_driver_call *call = x->call;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < call->input_count; i++) {
        st = tarn__sql_add(&sql, err, "ATTACH %t AS tarn_in_%d (READ_ONLY);",
            call->inputs[i].duckdb_path, (int64_t)i);
    }
    if (st == TARN_OK && call->output != NULL)
        st = tarn__sql_add(
            &sql, err, PACKED_LIGHTLY KEPT_MEMORY ATTACH_OUTPUT, call->output);
    if (st == TARN_OK && sql.len > 0)
        st = tarn__duck_exec(x->duck, sql.ptr, err);
    x->attached = st == TARN_OK && call->output != NULL;
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__exchange_open(
    const tarn_driver_call *call, tarn__exchange **out, tarn_error *err)
{
    *out = NULL;
    tarn__exchange *x = tarn__calloc(1, sizeof(*x));
    if (x == NULL)
        return tarn__no_memory(err);
    x->call = call;
    atomic_init(&x->stopped, false);
    tarn_status st = open_duck(x, err);
    if (st == TARN_OK)
        st = attach(x, err);
    if (st == TARN_OK)
        st = watch_start(x, err);
    if (st != TARN_OK) {
        tarn__exchange_free(x);
        return st;
    }
    *out = x;
    return TARN_OK;
}

void tarn__exchange_free(tarn__exchange *x)
{
    if (x == NULL)
        return;
    watch_end(&x->watch);
    tarn__duck_close(x->duck);
    for (size_t i = 0; i < x->made_count; i++)
        tarn__free(x->made[i].name);
    tarn__free(x->made);
    tarn__free(x->spill);
    tarn__free(x);
}

/* The tables that were made, counted once more in the file as it lies there. */
static tarn_status verify(tarn__exchange *x, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__sql_add(
        &sql, err, "ATTACH %t AS tarn_made (READ_ONLY)", x->call->output);
    if (st == TARN_OK)
        st = tarn__duck_exec(x->duck, sql.ptr, err);
    for (size_t i = 0; st == TARN_OK && i < x->made_count; i++)
        st = tarn__exchange_check(x->duck, "tarn_made", &x->made[i], err);
    if (st == TARN_OK)
        st = tarn__duck_exec(x->duck, "DETACH tarn_made", err);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__exchange_finish(tarn__exchange *x, tarn_error *err)
{
    if (tarn__call_cancelled(x->call))
        return tarn__fail(
            err, TARN_INTERRUPTED, "step %s: cancelled", x->call->step_id);
    if (!x->attached)
        return TARN_OK;
    x->attached = false;
    tarn_status st =
        tarn__duck_exec(x->duck, "CHECKPOINT " OUTPUT "; DETACH " OUTPUT, err);
    if (st == TARN_OK)
        st = verify(x, err);
    return told(x, st, err);
}

uint64_t tarn__exchange_streaming(const tarn_driver_call *call)
{
    uint64_t bytes = call->memory_bytes / 4;
    if (bytes < LEAST_STREAMING_BYTES)
        bytes = LEAST_STREAMING_BYTES;
    if (bytes > STREAMING_BYTES)
        bytes = STREAMING_BYTES;
    return bytes < call->memory_bytes ? bytes : call->memory_bytes;
}

tarn__duck *tarn__exchange_duck(tarn__exchange *x)
{
    return x->duck;
}

const tarn_driver_call *tarn__exchange_call(const tarn__exchange *x)
{
    return x->call;
}

tarn_status tarn__exchange_lock(tarn__exchange *x, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    if (x->spill != NULL)
        st = tarn__sql_add(
            &sql, err, "SET allowed_directories = [%t];", x->spill);
    /* To look at what was made. */
    if (st == TARN_OK && x->call->output != NULL)
        st = tarn__sql_add(
            &sql, err, "SET allowed_paths = [%t];", x->call->output);
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err,
            "SET enable_external_access = false;"
            "SET lock_configuration = true");
    if (st == TARN_OK)
        st = tarn__duck_exec(x->duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

/* --- statements --- */

tarn_status tarn__exchange_input(const tarn_driver_call *call, size_t input,
    size_t table, tarn_buf *sql, tarn_error *err)
{
    return tarn__sql_add(sql, err, "tarn_in_%d.main.%n", (int64_t)input,
        call->inputs[input].tables[table]);
}

tarn_status tarn__exchange_single(
    const tarn_driver_call *call, tarn_buf *sql, tarn_error *err)
{
    if (call->input_count != 1 || call->inputs[0].table_count != 1)
        return tarn__fail(err, TARN_BAD_INPUT,
            "step %s: takes one table, and needs %zu (name one step, or one of "
            "its tables as step.table)",
            call->step_id,
            call->input_count == 1 ? call->inputs[0].table_count
                                   : call->input_count);
    return tarn__exchange_input(call, 0, 0, sql, err);
}

tarn_status tarn__exchange_exec(tarn__exchange *x, const char *sql,
    const tarn__duck_value *values, size_t value_count, int64_t *changed,
    tarn_error *err)
{
    return told(x,
        tarn__duck_exec_values(x->duck, sql, values, value_count, changed, err),
        err);
}

static tarn_status count_rows(
    tarn__exchange *x, const char *table, int64_t *rows, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    bool found;
    tarn_status st = tarn__sql_add(
        &sql, err, "SELECT count(*) FROM " OUTPUT ".main.%n", table);
    if (st == TARN_OK)
        st = tarn__duck_int64(x->duck, sql.ptr, rows, &found, err);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status remember(
    tarn__exchange *x, const char *table, int64_t rows, tarn_error *err)
{
    tarn_status st = tarn__grow((void **)&x->made, &x->made_cap,
        x->made_count + 1, sizeof(*x->made), err);
    char *name = st == TARN_OK ? tarn__strdup(table) : NULL;
    if (st == TARN_OK && name == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        x->made[x->made_count++] = (tarn__made_table){name, rows};
    return st;
}

/* CREATE TABLE AS takes these only in FROM. */
static bool describes(const char *query)
{
    static const char *const words[] = {
        "DESCRIBE", "DESC", "SHOW", "SUMMARIZE"};
    query += strspn(query, " \t\r\n");
    size_t len = strcspn(query, " \t\r\n(\"");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == len && strncasecmp(query, words[i], len) == 0)
            return true;
    return false;
}

static tarn_status add_description(
    tarn_buf *sql, const char *query, tarn_error *err)
{
    size_t len = strlen(query);
    while (len > 0 && strchr(" \t\r\n;", query[len - 1]) != NULL)
        len--;
    tarn_status st = tarn__buf_str(sql, "FROM (", err);
    if (st == TARN_OK)
        st = tarn__buf_append(sql, query, len, err);
    /* The line may end in a comment. */
    return st == TARN_OK ? tarn__buf_str(sql, "\n)", err) : st;
}

tarn_status tarn__exchange_make(tarn__exchange *x,
    const tarn_driver_result *result, const char *table, const char *query,
    const tarn__duck_value *values, size_t value_count, int64_t *rows,
    tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    *rows = 0;
    tarn_status st =
        tarn__sql_add(&sql, err, "CREATE TABLE " OUTPUT ".main.%n AS ", table);
    if (st == TARN_OK)
        st = describes(query) ? add_description(&sql, query, err)
                              : tarn__buf_str(&sql, query, err);
    if (st == TARN_OK)
        st = tarn__exchange_exec(x, sql.ptr, values, value_count, NULL, err);
    tarn_buf_reset(&sql);
    if (st == TARN_OK)
        st = count_rows(x, table, rows, err);
    if (st == TARN_OK)
        st = remember(x, table, *rows, err);
    return st == TARN_OK ? result->add_table(result->ctx, table, *rows, err)
                         : st;
}

/* --- conveniences --- */

void tarn__call_metric(const tarn_driver_call *call, const char *name, double v)
{
    if (call->metric != NULL)
        call->metric(call->ctx, name, v);
}

bool tarn__call_cancelled(const tarn_driver_call *call)
{
    return call->cancelled != NULL && call->cancelled(call->ctx);
}

tarn_status tarn__call_path(
    const tarn_driver_call *call, const char *path, char **out, tarn_error *err)
{
    *out = *path == '/' ? tarn__strdup(path)
                        : tarn__path_join(call->base_dir, path);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

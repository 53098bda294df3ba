/* lake.extractor and lake.writer: the run's own lake, in the run's process. */
#include <stdio.h>
#include <string.h>
#include <tarn/record.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "duck/select_as.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/driver/write_file.h"
#include "flow/run_lake.h"
#include "query/into.h"

/* A run calls these with more than a call: see run_lake.h. */
static tarn__run_lake *lake_of(const tarn_driver_call *call)
{
    return ((const tarn__lake_call *)(const void *)call)->lake;
}

/* --- reading --- */

static tarn_status snapshot_at(const tarn_driver_call *call,
    const json_t *config, tarn_snapshot **out, tarn_snapshot **own,
    tarn_error *err)
{
    tarn__run_lake *lake = lake_of(call);
    const json_t *at = json_object_get(config, "at");
    char number[32];
    int64_t version;
    const char *text = json_string_value(at);
    *out = lake->snap;
    if (at == NULL || json_is_null(at))
        return TARN_OK;
    if (json_is_integer(at)) {
        (void)snprintf(
            number, sizeof(number), "%lld", (long long)json_integer_value(at));
        text = number;
    }
    if (text == NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "step %s: config.at is neither a version nor a time",
            call->step_id);
    tarn_status st = tarn_lake_resolve(lake->lake, text, &version, err);
    if (st == TARN_OK)
        st = tarn_snapshot_open(lake->lake, version, own, err);
    *out = *own;
    return st;
}

static tarn_status query_of(const tarn_driver_call *call, const json_t *config,
    tarn_buf *sql, tarn_error *err)
{
    const char *query = tarn__json_text(config, "query");
    const char *path;
    if (query != NULL)
        return tarn__buf_str(sql, query, err);
    tarn_status st = tarn__config_need(call, config, "path", &path, err);
    if (st == TARN_OK && *path != '/')
        st = tarn__fail(err, TARN_BAD_INPUT,
            "step %s: %s is no path of a lake (it begins with /)",
            call->step_id, path);
    return st == TARN_OK ? tarn__sql_add(sql, err, "FROM %n", path) : st;
}

/* Values of $1, $2 ... as the query room takes them: by name, as texts. */
static tarn_status params_of(const json_t *values, tarn_param **out,
    size_t *count, tarn__arena *arena, tarn_error *err)
{
    size_t i;
    json_t *value;
    *count = 0;
    *out =
        tarn__arena_alloc(arena, (json_array_size(values) + 1) * sizeof(**out));
    if (*out == NULL)
        return tarn__no_memory(err);
    json_array_foreach(values, i, value)
    {
        tarn_buf text = TARN_BUF_INIT;
        char name[32];
        (void)snprintf(name, sizeof(name), "%zu", i + 1);
        tarn_status st = json_is_string(value)
            ? tarn__buf_str(&text, json_string_value(value), err)
            : tarn__json_dump(value, &text, err);
        tarn_param *p = &(*out)[*count];
        p->name = tarn__arena_strdup(arena, name);
        p->value = st == TARN_OK ? tarn__arena_strdup(arena, text.ptr) : NULL;
        tarn_buf_reset(&text);
        if (p->name == NULL || p->value == NULL)
            return tarn__no_memory(err);
        ++*count;
    }
    return TARN_OK;
}

static tarn_status extract(const tarn_driver_call *call, const json_t *config,
    const tarn_driver_result *result, tarn_error *err)
{
    tarn_snapshot *snap = NULL;
    tarn_snapshot *own = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    tarn__arena arena = TARN__ARENA_INIT;
    tarn_param *params = NULL;
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    int64_t rows = 0;
    options.tenant = tarn__config_text(config, "tenant", lake_of(call)->tenant);
    tarn_status st = query_of(call, config, &sql, err);
    if (st == TARN_OK)
        st = params_of(json_object_get(config, "query_values"), &params,
            &options.param_count, &arena, err);
    options.params = params;
    if (st == TARN_OK)
        st = snapshot_at(call, config, &snap, &own, err);
    if (st == TARN_OK)
        st = tarn__query_into(
            snap, sql.ptr, &options, call->output, "main", &rows, err);
    if (st == TARN_OK)
        st = result->add_table(result->ctx, "main", rows, err);
    if (st == TARN_OK)
        tarn__call_metric(call, "rows_read", (double)rows);
    tarn_snapshot_free(own);
    tarn__arena_reset(&arena);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status run_extractor(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    json_t *config = NULL;
    tarn_status st = tarn__config_open(call, &config, err);
    if (st == TARN_OK)
        st = extract(call, config, result, err);
    json_decref(config);
    return st;
}

/* --- writing --- */

/* The input as Parquet; integers too wide for it as exact decimals. */
static tarn_status copy_parquet(const tarn_driver_call *call, const char *path,
    int64_t *rows, tarn_error *err)
{
    tarn__exchange *x = NULL;
    tarn_buf from = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__exchange_single(call, &from, err);
    if (st == TARN_OK)
        st = tarn__exchange_open(call, &x, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "COPY (", err);
    if (st == TARN_OK)
        st = tarn__duck_select_as(
            tarn__exchange_duck(x), from.ptr, tarn__duck_parquet_as, &sql, err);
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err,
            ") TO %t (FORMAT parquet, COMPRESSION "
            "zstd, USE_TMP_FILE false)",
            path);
    if (st == TARN_OK)
        st = tarn__exchange_exec(x, sql.ptr, NULL, 0, rows, err);
    if (st == TARN_OK)
        st = tarn__exchange_finish(x, err);
    tarn__exchange_free(x);
    tarn_buf_reset(&sql);
    tarn_buf_reset(&from);
    return st;
}

/* Rows pass through; but groups of long rows may need all memory there is. */
static tarn_status to_parquet(const tarn_driver_call *call, const char *path,
    int64_t *rows, tarn_error *err)
{
    tarn_driver_call little = *call;
    tarn_error first = TARN_ERROR_INIT;
    little.memory_bytes = tarn__exchange_streaming(call);
    tarn_status st = copy_parquet(&little, path, rows, &first);
    if (st == TARN_NO_MEMORY && little.memory_bytes < call->memory_bytes)
        return copy_parquet(call, path, rows, err);
    if (st != TARN_OK && err != NULL)
        *err = first;
    return st;
}

/* A series that is there already does not grow by nothing. */
static tarn_status put(const tarn_driver_call *call, const json_t *config,
    const char *path, const char *parquet, int64_t rows, tarn_error *err)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    tarn_txn *txn;
    bool series =
        strcmp(tarn__config_text(config, "as", "table"), "series") == 0;
    options.as = series ? TARN_KIND_SERIES : TARN_KIND_TABLE;
    options.time_column = tarn__json_text(config, "time_column");
    options.format = "parquet";
    tarn_status st = tarn__run_lake_txn(lake_of(call), &txn, err);
    if (st != TARN_OK)
        return st;
    tarn_node node = TARN_NODE_INIT;
    bool there = tarn_tree_stat(tarn_txn_snapshot(txn), path, true, &node,
                     NULL) == TARN_OK;
    if (there && node.kind == TARN_KIND_DIR)
        st = tarn__fail(err, TARN_EXISTS,
            "%s: is a folder (name a table in config.path)", path);
    bool grown = rows > 0 || !series || !there || node.kind != TARN_KIND_SERIES;
    tarn_node_reset(&node);
    if (st == TARN_OK && grown)
        st = tarn_tree_put_path(txn, path, parquet, &options, NULL, err);
    tarn__mutex_unlock(&lake_of(call)->lock);
    return st;
}

static tarn_status write_table(
    const tarn_driver_call *call, const json_t *config, tarn_error *err)
{
    const char *path;
    int64_t rows = 0;
    tarn_status st = tarn__config_need(call, config, "path", &path, err);
    if (st == TARN_OK && *path != '/')
        st = tarn__fail(err, TARN_BAD_INPUT,
            "step %s: %s is no path of a lake (it begins with /)",
            call->step_id, path);
    char *parquet = tarn__sprintf("%s/%s.parquet", call->temp_dir, "rows");
    if (st == TARN_OK && parquet == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = to_parquet(call, parquet, &rows, err);
    if (st == TARN_OK)
        st = put(call, config, path, parquet, rows, err);
    if (st == TARN_OK) {
        tarn__call_metric(call, "rows_read", (double)rows);
        tarn__call_metric(call, "rows_written", (double)rows);
    }
    tarn__free(parquet);
    return st;
}

/* --- records --- */

/* A JSON line at a time, as the record library reads them. */
typedef struct lines {
    tarn__duck_result *rows;
    tarn_buf line;
    size_t at;
    int64_t count;
} lines;

static tarn_status read_lines(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    lines *l = arg;
    *got = 0;
    if (l->at == l->line.len) {
        tarn__cell cell;
        tarn_status st = tarn__duck_next(l->rows, &cell, err);
        if (st != TARN_ROW)
            return st;
        tarn__buf_clear(&l->line);
        l->at = 0;
        st = tarn__buf_append(&l->line, cell.bytes.ptr, cell.bytes.len, err);
        if (st == TARN_OK)
            st = tarn__buf_char(&l->line, '\n', err);
        if (st != TARN_OK)
            return st;
        l->count++;
    }
    size_t some = l->line.len - l->at;
    some = some < len ? some : len;
    memcpy(ptr, l->line.ptr + l->at, some);
    l->at += some;
    *got = some;
    return TARN_OK;
}

static tarn_status record_as(
    const char *name, const char *type, tarn_buf *sql, tarn_error *err)
{
    return strncmp(type, "TIMESTAMP", 9) == 0 && strchr(type, '[') == NULL
        ? tarn__sql_add(sql, err,
              "strftime(%n::TIMESTAMP, '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ')", name)
        : TARN_OK;
}

/* A row as an object: NULL is a member that is not there, times are ISO. */
static tarn_status records_query(
    tarn__exchange *x, const char *from, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(
        sql, "SELECT json_merge_patch('{}', to_json(r))::VARCHAR FROM (", err);
    if (st == TARN_OK)
        st = tarn__duck_select_as(
            tarn__exchange_duck(x), from, record_as, sql, err);
    return st == TARN_OK ? tarn__buf_str(sql, ") r", err) : st;
}

static tarn_status put_records(const tarn_driver_call *call,
    const json_t *config, lines *l, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_txn *txn;
    options.tenant = tarn__config_text(config, "tenant", lake_of(call)->tenant);
    tarn_status st = tarn__run_lake_txn(lake_of(call), &txn, err);
    if (st != TARN_OK)
        return st;
    st = tarn_record_put_lines(txn, tarn__json_text(config, "records"),
        call->step_id, read_lines, l, &options, NULL, err);
    tarn__mutex_unlock(&lake_of(call)->lock);
    return st;
}

static tarn_status write_records(
    const tarn_driver_call *call, const json_t *config, tarn_error *err)
{
    lines l = {.line = TARN_BUF_INIT};
    tarn__exchange *x = NULL;
    tarn_buf from = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__exchange_single(call, &from, err);
    if (st == TARN_OK)
        st = tarn__exchange_open(call, &x, err);
    if (st == TARN_OK)
        st = records_query(x, from.ptr, &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_query(
            tarn__exchange_duck(x), sql.ptr, NULL, 0, &l.rows, err);
    if (st == TARN_OK)
        st = put_records(call, config, &l, err);
    tarn__duck_result_free(l.rows);
    if (st == TARN_OK)
        st = tarn__exchange_finish(x, err);
    if (st == TARN_OK) {
        tarn__call_metric(call, "rows_read", (double)l.count);
        tarn__call_metric(call, "rows_written", (double)l.count);
    }
    tarn__exchange_free(x);
    tarn_buf_reset(&l.line);
    tarn_buf_reset(&sql);
    tarn_buf_reset(&from);
    return st;
}

static tarn_status run_writer(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    (void)result;
    json_t *config = NULL;
    tarn_status st = tarn__config_open(call, &config, err);
    if (st == TARN_OK)
        st = tarn__json_text(config, "records") != NULL
            ? write_records(call, config, err)
            : write_table(call, config, err);
    json_decref(config);
    return st;
}

static const char extractor_schema[] =
    "{\"type\":\"object\",\"x-one-of\":[[\"path\",\"query\"]],"
    "\"properties\":{"
    "\"path\":{\"type\":\"string\"},"
    "\"query\":{\"type\":\"string\",\"x-sql\":\"duckdb\"},"
    "\"at\":{},\"tenant\":{\"type\":\"string\"}}}";

const tarn_driver tarn__driver_lake_extractor = {.abi = TARN_DRIVER_ABI,
    .name = "lake.extractor",
    .version = "1.0.0",
    .modes = TARN_STEP_READ,
    .config_schema = extractor_schema,
    .run = run_extractor};

static const char writer_schema[] =
    "{\"type\":\"object\",\"x-one-of\":[[\"path\",\"records\"]],"
    "\"properties\":{"
    "\"path\":{\"type\":\"string\"},"
    "\"as\":{\"enum\":[\"table\",\"series\"],\"default\":\"table\"},"
    "\"time_column\":{\"type\":\"string\"},"
    "\"records\":{\"type\":\"string\"},"
    "\"tenant\":{\"type\":\"string\"}}}";

const tarn_driver tarn__driver_lake_writer = {.abi = TARN_DRIVER_ABI,
    .name = "lake.writer",
    .version = "1.0.0",
    .modes = TARN_STEP_WRITE,
    .config_schema = writer_schema,
    .run = run_writer};

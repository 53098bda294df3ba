/* parquet.writer: one file, or a folder of Hive partitions. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/builtin.h"
#include "flow/driver/write_file.h"

tarn_status tarn__parquet_query(
    tarn__exchange *x, const char *from, tarn_buf *sql, tarn_error *err)
{
    tarn_buf ask = TARN_BUF_INIT;
    tarn__duck_result *r = NULL;
    const char *glue = " REPLACE (";
    tarn_status st = tarn__sql_add(&ask, err, "FROM %s LIMIT 0", from);
    if (st == TARN_OK)
        st =
            tarn__duck_query(tarn__exchange_duck(x), ask.ptr, NULL, 0, &r, err);
    tarn_buf_reset(&ask);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "SELECT *", err);
    for (size_t i = 0; st == TARN_OK && i < tarn__duck_columns(r); i++) {
        const char *name = tarn__duck_column_name(r, i);
        char *type = tarn__duck_column_sql_type(r, i);
        if (type == NULL)
            st = tarn__no_memory(err);
        else if (strcmp(type, "HUGEINT") == 0 ||
            strcmp(type, "UHUGEINT") == 0) {
            st = tarn__sql_add(sql, err, "%sCAST(%n AS DECIMAL(38, 0)) AS %n",
                glue, name, name);
            glue = ", ";
        }
        tarn__free(type);
    }
    tarn__duck_result_free(r);
    return st == TARN_OK
        ? tarn__sql_add(sql, err, "%s FROM %s", *glue == ',' ? ")" : "", from)
        : st;
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    (void)result;
    tarn__out_file out;
    tarn_buf query = TARN_BUF_INIT;
    tarn_buf options = TARN_BUF_INIT;
    tarn_status st = tarn__out_open(call, &out, err);
    const json_t *parts = json_object_get(out.config, "partition_by");
    bool folder = json_array_size(parts) > 0;
    if (st == TARN_OK)
        st = tarn__parquet_query(out.x, out.input.ptr, &query, err);
    if (st == TARN_OK)
        st = tarn__sql_add(&options, err, "FORMAT parquet, COMPRESSION %t",
            tarn__config_text(out.config, "compression", "snappy"));
    if (st == TARN_OK && folder) {
        st = tarn__buf_str(&options, ", PARTITION_BY (", err);
        if (st == TARN_OK)
            st = tarn__config_names_sql(&options, parts, err);
        if (st == TARN_OK)
            st = tarn__buf_char(&options, ')', err);
    }
    if (st == TARN_OK)
        st = tarn__out_copy(&out, query.ptr, options.ptr, folder, err);
    tarn_buf_reset(&query);
    tarn_buf_reset(&options);
    tarn__out_reset(&out);
    return st;
}

static const char schema[] =
    "{\"type\":\"object\",\"required\":[\"path\"],\"properties\":{"
    "\"path\":{\"type\":\"string\"},"
    "\"compression\":{\"enum\":[\"snappy\",\"zstd\",\"gzip\","
    "\"uncompressed\"],\"default\":\"snappy\"},"
    "\"partition_by\":{\"type\":\"array\"}}}";

const tarn_driver tarn__driver_parquet = {.abi = TARN_DRIVER_ABI,
    .name = "parquet.writer",
    .version = "1.0.0",
    .modes = TARN_STEP_WRITE,
    .config_schema = schema,
    .run = run};

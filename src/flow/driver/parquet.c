/* parquet.writer: one file, or a folder of Hive partitions. */
#include <string.h>

#include "base/buf.h"
#include "duck/select_as.h"
#include "flow/driver/builtin.h"
#include "flow/driver/write_file.h"

static tarn_status build(tarn__out_file *out, tarn_buf *query,
    tarn_buf *options, bool *folder, tarn_error *err)
{
    const json_t *parts = json_object_get(out->config, "partition_by");
    *folder = json_array_size(parts) > 0;
    tarn_status st = tarn__duck_select_as(tarn__exchange_duck(out->x),
        out->input.ptr, tarn__duck_parquet_as, query, err);
    if (st == TARN_OK)
        st = tarn__sql_add(options, err, "FORMAT parquet, COMPRESSION %t",
            tarn__config_text(out->config, "compression", "snappy"));
    if (st != TARN_OK || !*folder)
        return st;
    st = tarn__buf_str(options, ", PARTITION_BY (", err);
    if (st == TARN_OK)
        st = tarn__config_names_sql(options, parts, err);
    return st == TARN_OK ? tarn__buf_char(options, ')', err) : st;
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    (void)result;
    return tarn__out_write(call, build, err);
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

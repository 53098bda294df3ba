/* json.writer: JSON lines, or one array. */
#include <string.h>

#include "flow/driver/builtin.h"
#include "flow/driver/write_file.h"

static tarn_status build(tarn__out_file *out, tarn_buf *query,
    tarn_buf *options, bool *folder, tarn_error *err)
{
    bool array =
        strcmp(tarn__config_text(out->config, "format", "jsonl"), "json") == 0;
    *folder = false;
    tarn_status st = tarn__sql_add(query, err, "FROM %s", out->input.ptr);
    return st == TARN_OK
        ? tarn__sql_add(options, err, "FORMAT json, ARRAY %s, COMPRESSION %t",
              array ? "true" : "false", tarn__out_compression(out))
        : st;
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
    "\"format\":{\"enum\":[\"jsonl\",\"json\"],\"default\":\"jsonl\"}}}";

const tarn_driver tarn__driver_json = {.abi = TARN_DRIVER_ABI,
    .name = "json.writer",
    .version = "1.0.0",
    .modes = TARN_STEP_WRITE,
    .config_schema = schema,
    .run = run};

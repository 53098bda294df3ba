/* json.writer: JSON lines, or one array. */
#include <string.h>

#include "base/buf.h"
#include "flow/driver/builtin.h"
#include "flow/driver/write_file.h"

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    (void)result;
    tarn__out_file out;
    tarn_buf query = TARN_BUF_INIT;
    tarn_buf options = TARN_BUF_INIT;
    tarn_status st = tarn__out_open(call, &out, err);
    if (st == TARN_OK)
        st = tarn__sql_add(&query, err, "FROM %s", out.input.ptr);
    if (st == TARN_OK)
        st = tarn__sql_add(&options, err,
            "FORMAT json, ARRAY %s, COMPRESSION %t",
            strcmp(tarn__config_text(out.config, "format", "jsonl"), "json") ==
                    0
                ? "true"
                : "false",
            tarn__out_compression(&out));
    if (st == TARN_OK)
        st = tarn__out_copy(&out, query.ptr, options.ptr, false, err);
    tarn_buf_reset(&query);
    tarn_buf_reset(&options);
    tarn__out_reset(&out);
    return st;
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

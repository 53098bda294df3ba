/* csv.writer: columns in the query's order, nested values as JSON. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "flow/driver/builtin.h"
#include "flow/driver/write_file.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(((const tarn__out_column *)a)->name,
        ((const tarn__out_column *)b)->name);
}

static tarn_status query_of(
    const tarn__out_file *out, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql, "SELECT ", err);
    for (size_t i = 0; st == TARN_OK && i < out->column_count; i++) {
        const tarn__out_column *c = &out->columns[i];
        st = c->nested
            ? tarn__sql_add(sql, err, "%sto_json(%n)::VARCHAR AS %n",
                  i == 0 ? "" : ", ", c->name, c->name)
            : tarn__sql_add(sql, err, "%s%n", i == 0 ? "" : ", ", c->name);
    }
    return st == TARN_OK ? tarn__sql_add(sql, err, " FROM %s", out->input.ptr)
                         : st;
}

static tarn_status quoting(
    const tarn__out_file *out, tarn_buf *sql, tarn_error *err)
{
    const char *how = tarn__config_text(out->config, "quoting", "minimal");
    tarn_status st = TARN_OK;
    bool any = false;
    if (strcmp(how, "all") == 0)
        return tarn__buf_str(sql, ", FORCE_QUOTE *", err);
    if (strcmp(how, "nonnumeric") != 0)
        return TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < out->column_count; i++) {
        if (out->columns[i].number)
            continue;
        st = tarn__sql_add(sql, err, "%s%n", any ? ", " : ", FORCE_QUOTE (",
            out->columns[i].name);
        any = true;
    }
    return st == TARN_OK && any ? tarn__buf_char(sql, ')', err) : st;
}

static tarn_status options_of(
    const tarn__out_file *out, tarn_buf *sql, tarn_error *err)
{
    const json_t *config = out->config;
    bool crlf = strcmp(tarn__config_text(config, "newline", "lf"), "crlf") == 0;
    tarn_status st = tarn__sql_add(sql, err,
        "FORMAT csv, DELIMITER %t, HEADER %s, NULLSTR %t, NEW_LINE '%s', "
        "COMPRESSION %t",
        tarn__config_text(config, "delimiter", ","),
        tarn__config_bool(config, "header", true) ? "true" : "false",
        tarn__config_text(config, "null", ""), crlf ? "\\r\\n" : "\\n",
        tarn__out_compression(out));
    return st == TARN_OK ? quoting(out, sql, err) : st;
}

static tarn_status build(tarn__out_file *out, tarn_buf *query,
    tarn_buf *options, bool *folder, tarn_error *err)
{
    *folder = false;
    if (tarn__config_bool(out->config, "sort_columns", false))
        qsort(out->columns, out->column_count, sizeof(*out->columns), by_name);
    tarn_status st = query_of(out, query, err);
    return st == TARN_OK ? options_of(out, options, err) : st;
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
    "\"delimiter\":{\"type\":\"string\",\"default\":\",\"},"
    "\"header\":{\"type\":\"boolean\",\"default\":true},"
    "\"newline\":{\"enum\":[\"lf\",\"crlf\"],\"default\":\"lf\"},"
    "\"quoting\":{\"enum\":[\"minimal\",\"all\",\"nonnumeric\"],"
    "\"default\":\"minimal\"},"
    "\"null\":{\"type\":\"string\",\"default\":\"\"},"
    "\"sort_columns\":{\"type\":\"boolean\",\"default\":false}}}";

const tarn_driver tarn__driver_csv = {.abi = TARN_DRIVER_ABI,
    .name = "csv.writer",
    .version = "1.0.0",
    .modes = TARN_STEP_WRITE,
    .config_schema = schema,
    .run = run};

/* The one flat schema, in Delta's JSON. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "delta/delta_internal.h"

static const char *type_name(tarn__pq_type type)
{
    switch (type) {
    case TARN__PQ_INT64:
        return "long";
    case TARN__PQ_INT32:
        return "integer";
    case TARN__PQ_BINARY:
        return "binary";
    case TARN__PQ_TIMESTAMP:
        return "timestamp";
    case TARN__PQ_STRING:
        break;
    }
    return "string";
}

tarn_status tarn__schema_json(
    const tarn__delta_options *options, tarn_buf *out, tarn_error *err)
{
    tarn_status st =
        tarn__buf_str(out, "{\"type\":\"struct\",\"fields\":[", err);
    for (size_t i = 0; st == TARN_OK && i < options->column_count; i++)
        st = tarn__buf_printf(out, err,
            "%s{\"name\":\"%s\",\"type\":\"%s\",\"nullable\":true,"
            "\"metadata\":{}}",
            i == 0 ? "" : ",", options->columns[i].name,
            type_name(options->columns[i].type));
    return st == TARN_OK ? tarn__buf_str(out, "]}", err) : st;
}

static bool field_is(const json_t *field, const tarn__pq_column *column)
{
    const char *name = tarn__json_text(field, "name");
    const char *type = tarn__json_text(field, "type");
    const json_t *metadata = json_object_get(field, "metadata");
    return name != NULL && type != NULL && strcmp(name, column->name) == 0 &&
        strcmp(type, type_name(column->type)) == 0 &&
        json_object_size(metadata) == 0;
}

tarn_status tarn__schema_check(const tarn__delta_options *options,
    const char *schema_string, const char *where, tarn_error *err)
{
    json_t *schema = NULL;
    tarn_status st =
        tarn__json_parse(tarn_str(schema_string), where, &schema, err);
    if (st != TARN_OK)
        return tarn__as_corrupt(st, err);
    const json_t *fields = json_object_get(schema, "fields");
    bool same = json_array_size(fields) == options->column_count;
    for (size_t i = 0; same && i < options->column_count; i++)
        same = field_is(json_array_get(fields, i), &options->columns[i]);
    json_decref(schema);
    if (!same)
        return tarn__fail(err, TARN_FAILED,
            "%s: the table has another schema than this version of Tarn "
            "writes (use the version that made it)",
            where);
    return TARN_OK;
}

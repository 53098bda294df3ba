/* What a step of SQL asks for, wherever its queries run. */
#ifndef TARN_FLOW_DRIVER_SQL_H
#define TARN_FLOW_DRIVER_SQL_H

#include "base/json.h"
#include "flow/exchange.h"

/* Borrowed of the configuration. */
typedef struct tarn__sql_query {
    const char *name; /* of the table that it makes */
    const char *query;
    const json_t *values; /* of $1, $2 ...; NULL: none */
    const json_t *places; /* offsets of these, for an engine; NULL: none */
} tarn__sql_query;

/* tarn__free() *out in every case. */
TARN_MUST_CHECK tarn_status tarn__sql_queries(const tarn_driver_call *call,
    const json_t *config, tarn__sql_query **out, size_t *count,
    tarn_error *err);
/* The metric rows_read. */
TARN_MUST_CHECK tarn_status tarn__sql_count_inputs(
    tarn__exchange *x, const tarn_driver_call *call, tarn_error *err);
tarn__duck_value tarn__sql_value(const json_t *json);

#endif

/* A driver's configuration, read. */
#ifndef TARN_FLOW_DRIVER_CONFIG_H
#define TARN_FLOW_DRIVER_CONFIG_H

#include <tarn/driver.h>

#include "base/json.h"

/* call->config as an object; json_decref() it. */
TARN_MUST_CHECK tarn_status tarn__config_open(
    const tarn_driver_call *call, json_t **out, tarn_error *err);
/* TARN_BAD_INPUT when it is missing or no text. */
TARN_MUST_CHECK tarn_status tarn__config_need(const tarn_driver_call *call,
    const json_t *config, const char *name, const char **out, tarn_error *err);
/* `otherwise` when it is not there, or of another type. */
const char *tarn__config_text(
    const json_t *config, const char *name, const char *otherwise);
bool tarn__config_bool(const json_t *config, const char *name, bool otherwise);
/* Append [t, t] of a list of texts, or of one text. */
TARN_MUST_CHECK tarn_status tarn__config_texts_sql(
    tarn_buf *sql, const json_t *list, tarn_error *err);
/* Append n, n of a list of names, or of one name. */
TARN_MUST_CHECK tarn_status tarn__config_names_sql(
    tarn_buf *sql, const json_t *list, tarn_error *err);

#endif
